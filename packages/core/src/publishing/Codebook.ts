/**
 * Codebooks: what the variables of a dataset's tables mean, as a table to read.
 *
 * @since 0.1.0
 */
import type { Variable } from "../resources/Variable.ts"
import type { TableDescription } from "./description.ts"
import { momentOf } from "./moments.ts"

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
  /**
   * Whether columns follow with what is counted of each variable's values.
   *
   * @default true where a variable carries statistics
   */
  readonly statistics?: boolean | undefined
  /**
   * What becomes of cells of `csv` that programs for spreadsheets take for
   * formulas: those that begin with `=`, `+`, `-`, `@`, a tab or a line break.
   * `keep` writes them as they are, `quote` with an apostrophe before them,
   * after which the text is not the same any more.
   *
   * @default "keep"
   */
  readonly formulas?: "keep" | "quote" | undefined
}

const columns = ["table", "variable", "type", "label", "description", "values"] as const

const counted = ["count", "distinct", "min", "max", "mean", "median", "deviation"] as const

const hasStatistics = ({ variables }: TableDescription): boolean =>
  variables.some(({ statistics }) => statistics?.status === "completed")

const numbers = ["integer", "float"]
const moments = ["date", "dateTime", "time"]

/** Cells of {@link counted}; what is not counted, or has no meaning for the type, is empty. */
const statisticsOf = ({ statistics, type }: Variable): ReadonlyArray<string> => {
  if (statistics?.status !== "completed") return counted.map(() => "")
  // of text the service tells lengths, which nobody would look for under these heads
  const measured = (value: number | string | null | undefined): string =>
    value === undefined || value === null
      ? ""
      : moments.includes(type)
      ? momentOf(type, value)
      : numbers.includes(type)
      ? String(value)
      : ""
  const { approxMedian, count, max, mean, min, numDistinct, stdDev } = statistics
  return [
    String(count ?? ""),
    String(numDistinct ?? ""),
    measured(min),
    measured(max),
    measured(mean),
    measured(approxMedian),
    numbers.includes(type) ? String(stdDev ?? "") : ""
  ]
}

const rowsOf = (tables: ReadonlyArray<TableDescription>, isCounted: boolean): ReadonlyArray<ReadonlyArray<string>> =>
  tables.flatMap(({ table, variables }) =>
    variables.map((variable) => [
      table.name,
      variable.name,
      variable.type,
      variable.label ?? "",
      variable.description ?? "",
      (variable.valueLabels ?? []).map(({ label, value }) => `${value ?? ""} = ${label ?? ""}`).join("; "),
      ...(isCounted ? statisticsOf(variable) : [])
    ])
  )

const cellOfCsv = (text: string): string => /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text

/** Also behind white space, which some programs pass over, and in the wide forms that some take for the same. */
const beginsFormula = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/

const withoutFormula = (text: string): string => beginsFormula.test(text) ? `'${text}` : text

// what Markdown, or the HTML in it, would take for more than text
const cellOfMarkdown = (text: string): string =>
  text.trim().replaceAll(/[\\`*{}[\]<>|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\$&").replaceAll("&", "&amp;")
    .replaceAll(/\r\n|\r|\n/g, "<br>")

const lineOfMarkdown = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |\n`

/**
 * The codebook of tables: a line for each variable, with its table, name, type,
 * label, description and the labels of its values, and with what is counted of
 * its values where variables carry that.
 *
 * **Details**
 *
 * Sends nothing: `Metadata.read` reads what it takes. The text depends on the
 * metadata alone, so that it can be compared with the codebook of another
 * version. `min`, `max`, `mean` and `median` of dates and times are written as
 * rows have them; of text they are left empty.
 * Names and labels are whatever somebody wrote: where a `csv` of others'
 * data is opened by a program for spreadsheets, `formulas: "quote"` keeps it from
 * running what they say.
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
  const isCounted = options.statistics ?? tables.some(hasStatistics)
  const rows = rowsOf(tables, isCounted)
  const head: ReadonlyArray<string> = isCounted ? [...columns, ...counted] : columns
  return options.format === "csv"
    ? [head, ...options.formulas === "quote" ? rows.map((row) => row.map(withoutFormula)) : rows]
      .map((row) => `${row.map(cellOfCsv).join(",")}\r\n`).join("")
    : lineOfMarkdown(head) + lineOfMarkdown(head.map((name) => "-".repeat(name.length))) +
      rows.map((row) => lineOfMarkdown(row.map(cellOfMarkdown))).join("")
}
