/** Your own code against the emulator: its SQL really runs, and each test brings its data. */
import { Emulator } from "@effect-redivis/emulator"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { heaviest } from "./heaviest.ts"

const birds = {
  organizations: [{ name: "demo" }],
  datasets: [{
    owner: "demo",
    name: "penguins",
    publicAccessLevel: "data" as const,
    tables: [{
      name: "birds",
      rows: [
        { species: "Adelie", body_mass_g: 3700 },
        { species: "Gentoo", body_mass_g: 5000 },
        { species: "Gentoo", body_mass_g: 5100 }
      ]
    }]
  }]
}

// without the test clock: waiting for a query takes time, which nobody here moves
layer(Emulator.layerTest, { excludeTestServices: true })("heaviest", (it) => {
  it.effect("names the species whose mean is the highest", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed(birds)
      assert.strictEqual(yield* heaviest("demo.penguins.birds"), "Gentoo")
      const sent = (yield* emulator.requests).map(({ operation }) => operation)
      assert.include(sent, "queries.post")
    }))

  it.effect("fails with NotFound where the table is not there", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(heaviest("demo.whales.sizes"))
      assert.strictEqual(error._tag, "NotFound")
    }))
})
