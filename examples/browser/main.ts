/** A page that shows the first rows of a public table: see index.html. */
import * as BrowserRedivis from "@effect-redivis/browser/BrowserRedivis"
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const form = document.querySelector("form")!
const reference = document.querySelector("input")!
const status = document.querySelector("p")!
const table = document.querySelector("table")!

const show = (cells: ReadonlyArray<string | number | boolean | null>): Effect.Effect<void> =>
  Effect.sync(() => {
    const line = table.insertRow()
    for (const cell of cells) line.insertCell().textContent = `${cell ?? ""}`
  })

const load = (reference: string) =>
  Effect.gen(function*() {
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
      status.textContent = text
    })
  )

// `?endpoint=` is for an emulator
const endpoint = new URLSearchParams(location.search).get("endpoint") ?? undefined
const redivis = BrowserRedivis.layer({ endpoint })

form.addEventListener("submit", (event) => {
  event.preventDefault()
  void Effect.runPromise(Effect.provide(load(reference.value), redivis))
})
