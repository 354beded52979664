/** Your own code without a server: a handler an operation. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Redivis from "@effect-redivis/core/Redivis"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"

const title = (reference: string) => Effect.map(Dataset.get(reference), (dataset) => `“${dataset.name}”`)

const mock = Redivis.layerMock({
  "datasets.get": () => Effect.succeed({ name: "Penguins" })
})

it.effect("title puts the name in quotes", () =>
  Effect.gen(function*() {
    assert.strictEqual(yield* title("demo.penguins"), "“Penguins”")
  }).pipe(Effect.provide(mock)))
