/** The columns of one stream, as the variables want them: in their order, each there, each of its type. */
import type { VariableType } from "../../contract/variable.ts"
import { type Batch, type Column, NullColumn } from "../arrow/column.ts"
import type { Schema } from "../arrow/schema.ts"
import { type Misfit, misfitOfType } from "../rowValues.ts"
import { coerce } from "./coerce.ts"

interface Wanted {
  readonly name: string
  readonly type: VariableType
}

/** A stream that has other columns than were asked for. */
export interface WrongColumn {
  readonly column: string
  readonly expected: string
}

/** A value that does not fit, and in which column. */
export interface MisfitInColumn extends Misfit {
  readonly column: string
}

interface Place extends Wanted {
  /** Of the column in the stream; `undefined` where it has none, so that all is null. */
  readonly index: number | undefined
  readonly isStoredSo: boolean
}

const placesOf = (variables: ReadonlyArray<Wanted>, schema: Schema): ReadonlyArray<Place> | WrongColumn => {
  const columns = new Map<string, number>()
  for (const [index, field] of schema.fields.entries()) {
    const name = field.name.toLowerCase()
    if (columns.has(name)) return { column: field.name, expected: "a column that is there once" }
    columns.set(name, index)
  }
  const places: Array<Place> = []
  const extra = new Set(columns.keys())
  for (const { name, type } of variables) {
    const index = columns.get(name.toLowerCase())
    extra.delete(name.toLowerCase())
    const stored = index === undefined ? undefined : schema.fields[index]!.type
    places.push({ name, type, index, isStoredSo: stored === undefined || misfitOfType(type, stored) === undefined })
  }
  for (const column of extra) return { column, expected: "one of the variables that were asked for" }
  return places
}

/** A column of nothing but null, stored as values of its type are. */
const nothing = ({ name, type }: Wanted, length: number): Column | Misfit =>
  coerce(
    new NullColumn({ name, type: { _tag: "Null" }, length, nullCount: length, validity: undefined }, none),
    type,
    length
  )

const none = new Uint8Array(0)

/** Under the variable's spelling of its name. */
const named = (column: Column, name: string): Column =>
  column.name === name ? column : {
    name,
    type: column.type,
    length: column.length,
    nullCount: column.nullCount,
    validity: column.validity,
    values: column.values,
    offsets: column.offsets,
    dictionary: column.dictionary,
    at: (row) => column.at(row),
    copyTo: (out, from, to) => column.copyTo(out, from, to)
  }

/** Arranges the first rows of the batches of one stream. */
export const makeArrange = (
  variables: ReadonlyArray<Wanted>,
  schema: Schema
): (batch: Batch, rows: number) => ReadonlyArray<Column> | MisfitInColumn | WrongColumn => {
  const places = placesOf(variables, schema)
  return (batch, rows) => {
    if ("expected" in places) return places
    const columns: Array<Column> = []
    for (const place of places) {
      const { index, isStoredSo, name, type } = place
      const stored = index === undefined ? undefined : batch.columns[index]!
      const column = stored === undefined
        ? nothing(place, batch.numRows)
        : isStoredSo
        ? stored
        : coerce(stored, type, rows)
      if ("row" in column) return { ...column, column: name }
      columns.push(named(column, name))
    }
    return columns
  }
}
