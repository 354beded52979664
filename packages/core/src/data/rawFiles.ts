/** The listing of files, which comes as an Arrow stream: a row each, and what else the index says of it. */
import * as Effect from "effect/Effect"
import { CoercionError, DecodeError } from "../contract/RedivisError.ts"
import type { VariableType } from "../contract/variable.ts"
import type { Batch, Column } from "./arrow/column.ts"
import type { DataType } from "./arrow/dataType.ts"
import { makeRows } from "./rowObjects.ts"
import type { Value } from "./Rows.ts"
import { misfitOfType } from "./rowValues.ts"
import { isMisfit } from "./rows/reading.ts"

/**
 * A file as it stands in a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface RawFileListItem {
  readonly id: string
  readonly name: string
  /** In bytes. */
  readonly size: number | null
  /** The md5 of its bytes, in base64. */
  readonly md5Hash: string | null
  /** Milliseconds since the epoch. */
  readonly addedAt: number | null
  /** What else the table or query has of it, by the names of its variables. */
  readonly properties: { readonly [name: string]: Value }
}

/** The variable whose values a column of an answer holds; what rows have no other form for is given as it is stored. */
const typeOf = (stored: DataType): VariableType =>
  (["integer", "date", "time", "dateTime"] as const).find((type) => misfitOfType(type, stored) === undefined) ??
    "string"

interface Located {
  readonly operation: string
  readonly method: string
  readonly url: string
  readonly status: number
}

const perMilli = { second: 0.001, millisecond: 1, microsecond: 1_000, nanosecond: 1_000_000 }

/** Reads the batches of one listing, where `nameColumn` holds the names. */
export const makeReadFiles = (
  located: Located,
  nameColumn: string
): (batch: Batch) => Effect.Effect<ReadonlyArray<RawFileListItem>, DecodeError | CoercionError> => {
  const wrong = (column: string, expected: string) =>
    Effect.fail(new DecodeError({ ...located, path: column, expected }))

  return ({ columns, numRows }) => {
    const find = (name: string): Column | undefined =>
      columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
    const ids = find("file_id")
    const names = find(nameColumn)
    const sizes = find("size")
    const hashes = find("md5_hash")
    const added = find("added_at")
    if (ids === undefined) return wrong("file_id", "a column")
    if (names === undefined) return wrong(nameColumn, "a column")
    const known = [ids, names, sizes, hashes, added]
    const others = columns.filter((column) => !known.includes(column))
    const made = makeRows(others.map(({ name, type }) => ({ name, type: typeOf(type) })), {})(others, 0, numRows)
    if (isMisfit(made)) {
      const { column, expected, row, value } = made
      return Effect.fail(new CoercionError({ ...located, row, column, value: String(value).slice(0, 40), expected }))
    }
    const unit = added?.type._tag === "Timestamp" ? perMilli[added.type.unit] : 1
    const files: Array<RawFileListItem> = []
    for (let row = 0; row < numRows; row++) {
      const id = ids.at(row)
      const name = names.at(row)
      if (typeof id !== "string" || typeof name !== "string") {
        return wrong(typeof id === "string" ? nameColumn : "file_id", "text in each row")
      }
      const size = sizes?.at(row) ?? null
      const md5Hash = hashes?.at(row) ?? null
      const addedAt = added?.at(row) ?? null
      files.push({
        id,
        name,
        size: size === null ? null : Number(size),
        md5Hash: md5Hash === null ? null : String(md5Hash),
        addedAt: addedAt === null ? null : Math.floor(Number(addedAt) / unit),
        properties: made[row] as RawFileListItem["properties"] // as `copyFor` makes them
      })
    }
    return Effect.succeed(files)
  }
}
