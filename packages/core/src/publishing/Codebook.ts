/**
 * Codebooks: what the variables of a dataset's tables mean, as a table to read.
 *
 * @since 0.1.0
 */
import type { TableDescription } from "./description.ts"

export type { TableDescription } from "./description.ts"

/**
 * How a codebook is written.
 *
 * @category models
 * @since 0.1.0
 */
export interface TableOptions {
  /** `csv` as RFC 4180 has it, with a header and `\r\n`. */
  readonly format: "markdown" | "csv"
}

const columns = ["table", "variable", "type", "label", "description", "values"] as const

const rowsOf = (tables: ReadonlyArray<TableDescription>): ReadonlyArray<ReadonlyArray<string>> =>
  tables.flatMap(({ table, variables }) =>
    variables.map((variable) => [
      table.name,
      variable.name,
      variable.type,
      variable.label ?? "",
      variable.description ?? "",
      (variable.valueLabels ?? []).map(({ label, value }) => `${value ?? ""} = ${label ?? ""}`).join("; ")
    ])
  )

const cellOfCsv = (text: string): string => /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text

// what Markdown, or the HTML in it, would take for more than text
const cellOfMarkdown = (text: string): string =>
  text.trim().replaceAll(/[\\`*{}[\]<>|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\$&").replaceAll("&", "&amp;")
    .replaceAll(/\r\n|\r|\n/g, "<br>")

const lineOfMarkdown = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |\n`

/**
 * The codebook of tables: a line for each variable, with its table, name, type,
 * label, description and the labels of its values.
 *
 * **Details**
 *
 * Sends nothing: `Metadata.read` reads what it takes. The text depends on the
 * metadata alone, so that it can be compared with the codebook of another
 * version.
 *
 * **Example** (Beside the data)
 *
 * ```ts
 * import * as Codebook from "@effect-redivis/core/Codebook"
 * import * as Metadata from "@effect-redivis/core/Metadata"
 * import * as Effect from "effect/Effect"
 *
 * const markdown = Metadata.read("demo.penguins").pipe(
 *   Effect.map(({ tables }) => Codebook.table(tables, { format: "markdown" }))
 * )
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const table = (tables: ReadonlyArray<TableDescription>, options: TableOptions): string => {
  const rows = rowsOf(tables)
  return options.format === "csv"
    ? [columns, ...rows].map((row) => `${row.map(cellOfCsv).join(",")}\r\n`).join("")
    : lineOfMarkdown(columns) + lineOfMarkdown(columns.map((name) => "-".repeat(name.length))) +
      rows.map((row) => lineOfMarkdown(row.map(cellOfMarkdown))).join("")
}
