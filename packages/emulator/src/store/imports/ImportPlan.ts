/**
 * What the import of a file comes down to: columns, and the SQL that reads them
 * in the instance that may open files.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { DuckFault } from "../Database.ts"
import { quoteText } from "../identifiers.ts"
import type { SchemaField } from "../model.ts"
import { ImportFailed } from "../StoreError.ts"

export interface ImportPlan {
  readonly columns: ReadonlyArray<SchemaField>
  readonly select: string
  /** Records that were left out, once the statement has run. */
  readonly badRecords: Effect.Effect<number, DuckFault>
}

export const failed = (message: string, line: number | null = null): ImportFailed => new ImportFailed({ message, line })

/** A path as a literal that DuckDB does not take for a pattern. */
export const pathLiteral = (path: string): string => quoteText(path.replaceAll(/[*?[]/g, "[$&]"))

/** What DuckDB says, without its advice to people who write SQL and without paths of this machine. */
export const explain = (fault: DuckFault, path: string): ImportFailed => {
  const [first = "", ...rest] = fault.message
    .replace(/^[A-Za-z ]*Error: /, "")
    .replaceAll(path, "the file")
    .replaceAll(/"the file"/g, "the file")
    .split("\n")
  const csv = /^CSV Error on Line: (\d+)/.exec(first)
  if (csv !== null) return explainLine(Number(csv[1]), rest.join("\n"))
  const json = /at byte \d+ in line (\d+): (.*?)\.?\s*$/.exec(first)
  if (json !== null) {
    // DuckDB counts one too many.
    const line = Number(json[1]) - 1
    return failed(`Line ${line} is not JSON: ${json[2]}`, line)
  }
  return failed(first.trim())
}

const explainLine = (line: number, text: string): ImportFailed => {
  const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text)
  if (counts !== null) {
    const [, expected, found] = counts
    return failed(
      `Line ${line} has ${found} ${found === "1" ? "value" : "values"}, and ${expected} are expected. ` +
        "Check the delimiter and the quotes, allow jagged rows, or skip bad records.",
      line
    )
  }
  if (/unicode|utf-8/i.test(text)) {
    return failed(`Line ${line} is not valid UTF-8. Save the file as UTF-8, or skip bad records.`, line)
  }
  if (/unterminated quote/i.test(text)) {
    return failed(`Line ${line} has a quote that is never closed, or text beside a quoted value.`, line)
  }
  if (/maximum line size/i.test(text)) return failed(`Line ${line} is too long.`, line)
  const reason = text.split("\n").find((part) => part.trim() !== "" && !part.startsWith("Original Line"))
  return failed(`Line ${line}: ${reason?.trim() ?? "it cannot be read"}`, line)
}

export const isTooLong = (fault: DuckFault): boolean => /maximum line size|maximum_object_size/i.test(fault.message)
