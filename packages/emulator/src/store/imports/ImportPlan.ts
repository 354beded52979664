/**
 * What the import of a file comes down to: columns, and the SQL that reads them
 * in the instance that may open files.
 *
 * @since 0.1.0
 */
import type { DuckFault } from "../Database.ts"
import { quoteText } from "../identifiers.ts"
import type { SchemaField } from "../model.ts"
import { ImportFailed } from "../StoreError.ts"
import { longestName, mostColumns } from "./limits.ts"

export interface ImportPlan {
  readonly columns: ReadonlyArray<SchemaField>
  readonly select: string
  /** Rows that the file has: what is imported is held against it. */
  readonly numRows: number
  /** Records that were left out. */
  readonly badRecords: number
}

export const failed = (message: string, line: number | null = null): ImportFailed => new ImportFailed({ message, line })

/** A path as a literal that DuckDB does not take for a pattern. */
export const pathLiteral = (path: string): string => quoteText(path.replaceAll(/[*?[]/g, "[$&]"))

/** What DuckDB says, without its advice to people who write SQL and without paths of this machine. */
export const explain = (fault: DuckFault, path: string): ImportFailed => {
  const [first = ""] = fault.message
    .replace(/^[A-Za-z ]*Error: /, "")
    .replaceAll(path, "the file")
    .replaceAll(/(?:file )?["']the file["']/g, "the file")
    .split("\n")
  return failed(first.trim())
}

/** Whether a column of this name can be read: no statement holds NUL, and what is endless is no name. */
export const checkName = (name: string, index: number): ImportFailed | undefined => {
  if (index >= mostColumns) {
    return failed(
      `The file has more than ${mostColumns} columns, which is the most that are read. Check its delimiter.`
    )
  }
  if (name.includes("\0")) return failed(`The name of column ${index + 1} has a NUL character. Rename the column.`)
  if (name.length > longestName) {
    return failed(
      `The name of column ${index + 1} has ${name.length} characters, and at most ${longestName} are read. ` +
        "Check that the file begins with its names, and its delimiter and quotes."
    )
  }
  return undefined
}

export const checkNames = (names: ReadonlyArray<string>): ImportFailed | undefined => {
  for (const [index, name] of names.entries()) {
    const refused = checkName(name, index)
    if (refused !== undefined) return refused
  }
  return undefined
}
