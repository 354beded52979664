/** Batches of columns as they are handed on: under the names of the variables, cut where no more rows are wanted. */
import type { Variable } from "../../contract/variable.ts"
import type { Batch, Column } from "../arrow/column.ts"
import type { Shape } from "./reading.ts"

const countNulls = ({ validity }: Column, rows: number): number => {
  let nulls = 0
  for (let row = 0; validity !== undefined && row < rows; row++) nulls += 1 - (validity[row >> 3]! >> (row & 7) & 1)
  return nulls
}

const isBitPacked = ({ type }: Column): boolean => type._tag === "Bool"

/** The first rows of a column. */
const head = (column: Column, rows: number): Column => ({
  name: column.name,
  type: column.type,
  length: rows,
  nullCount: column.type._tag === "Null" ? rows : countNulls(column, rows),
  validity: column.validity,
  values: column.offsets !== undefined || isBitPacked(column) || column.type._tag === "Null"
    ? column.values
    : column.values.subarray(0, rows),
  offsets: column.offsets?.subarray(0, rows + 1),
  dictionary: column.dictionary,
  at: (row) => {
    if (row >= rows) {
      throw new RangeError(`row ${row} is not among the ${rows} of column ${JSON.stringify(column.name)}`)
    }
    return column.at(row)
  },
  copyTo: (out, from, to) => {
    if (to > rows) throw new RangeError(`row ${to} is not among the ${rows} of column ${JSON.stringify(column.name)}`)
    column.copyTo(out, from, to)
  }
})

/** A batch is handed on whole, in memory of its own. */
export const arrangedBatches = (variables: ReadonlyArray<Pick<Variable, "name" | "type">>): Shape<Batch> => ({
  reusesMemory: false,
  rowsAtOnce: Number.MAX_SAFE_INTEGER,
  make: () => (columns, _, to) => {
    if (to === 0) return []
    const arranged = columns.map((column) => column.length === to ? column : head(column, to))
    return [{
      schema: {
        fields: variables.map(({ name }, index) => ({ name, nullable: true, type: arranged[index]!.type }))
      },
      numRows: to,
      columns: arranged
    }]
  }
})
