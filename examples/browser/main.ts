/** A page that shows the first rows of a public table: see index.html. */
import * as BrowserRedivis from "@effect-redivis/browser/BrowserRedivis"
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const parameters = new URLSearchParams(location.search)
const reference = parameters.get("table") ?? "demo.penguins.birds"
// `&endpoint=` is for an emulator
const redivis = BrowserRedivis.layer({ endpoint: parameters.get("endpoint") ?? undefined })

const table = document.querySelector("table")!

const show = (cells: ReadonlyArray<string | number | boolean | null>): Effect.Effect<void> =>
  Effect.sync(() => {
    const line = table.insertRow()
    for (const cell of cells) line.insertCell().textContent = `${cell ?? ""}`
  })

const load = Effect.gen(function*() {
  table.replaceChildren()
  let isFirst = true
  yield* Stream.runForEach(Table.rows(reference, { maxResults: 20 }), (row) => {
    const header = isFirst ? show(Object.keys(row)) : Effect.void
    isFirst = false
    return Effect.andThen(header, show(Object.values(row)))
  })
  return `${table.rows.length} lines`
}).pipe(
  Effect.catch((error) => Effect.succeed(error.message)),
  Effect.map((text) => {
    document.querySelector("p")!.textContent = text
  })
)

document.querySelector("h1")!.textContent = reference
document.querySelector("button")!.addEventListener("click", () => {
  void Effect.runPromise(Effect.provide(load, redivis))
})
