/**
 * A page that shows the first rows of a public table, as CSV, which needs no
 * token: see index.html.
 */
import * as BrowserRedivis from "@effect-redivis/browser/BrowserRedivis"
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const parameters = new URLSearchParams(location.search)
const reference = parameters.get("table") ?? "demo.penguins.birds"
// `&endpoint=` is for an emulator
const redivis = BrowserRedivis.layer({ endpoint: parameters.get("endpoint") ?? undefined })

/** The cells of each line: in quotes where they hold commas or quotes, which are then doubled. */
const linesOf = (csv: string): ReadonlyArray<ReadonlyArray<string>> => {
  const lines: Array<Array<string>> = [[]]
  for (const [, quoted, plain, end] of csv.trimEnd().matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    lines.at(-1)?.push(quoted?.replaceAll("\"\"", "\"") ?? plain ?? "")
    if (end === "") break
    if (end !== ",") lines.push([])
  }
  return lines
}

const load = Table.csv(reference, { maxResults: 20 }).pipe(
  Stream.decodeText(),
  Stream.mkString,
  Effect.map((csv) => {
    const table = document.querySelector("table")!
    table.replaceChildren()
    for (const cells of linesOf(csv)) {
      const line = table.insertRow()
      for (const cell of cells) line.insertCell().textContent = cell
    }
    return `${table.rows.length} lines`
  }),
  Effect.catch((error) => Effect.succeed(error.message)),
  Effect.map((text) => {
    document.querySelector("p")!.textContent = text
  })
)

document.querySelector("h1")!.textContent = reference
document.querySelector("button")!.addEventListener("click", () => {
  void Effect.runPromise(Effect.provide(load, redivis))
})
