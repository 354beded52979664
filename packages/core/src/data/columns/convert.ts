/** Columns of batches as arrays of one form, each in memory of its own. */
import type { Column, Value } from "../arrow/column.ts"
import type { DataType, PlainType, TimeUnit } from "../arrow/dataType.ts"

/** What a column holds, whatever the widths and units that it is stored in. */
export type Kind = "integer" | "float" | "boolean" | "date" | "time" | "dateTime" | "string"

export type Form = "number" | "int32" | "bigint"

export type Filled = Float64Array | Int32Array | BigInt64Array | Uint8Array | Array<string | null>

/** A value that has no place in the array that was asked for. */
export interface Misfit {
  /** In the batch, from 0. */
  readonly row: number
  readonly value: bigint | number
  readonly expected: string
}

/** The first rows of a column; null ones hold NaN, or 0 where the array has none. */
export type Convert = (column: Column, rows: number) => Filled | Misfit

export const isMisfit = (converted: Filled | Misfit): converted is Misfit => "expected" in converted

const plain = (type: DataType): PlainType => type._tag === "Dictionary" ? type.values : type

/** What columns of a type hold; `undefined` where all of it is null. */
export const kindOf = (type: DataType): Kind | undefined => {
  switch (plain(type)._tag) {
    case "Null":
      return undefined
    case "Bool":
      return "boolean"
    case "Int":
      return "integer"
    case "Float":
      return "float"
    case "Date":
      return "date"
    case "Time":
      return "time"
    case "Timestamp":
      return "dateTime"
    default:
      return "string"
  }
}

type Count = bigint | number

interface Target {
  readonly make: (length: number) => Float64Array | Int32Array | BigInt64Array
  readonly blank: Count
  /** The value as the array has it, if it has. */
  readonly fit: (value: Count) => Count | undefined
  readonly expected: string
}

const targets: Record<Form, Target> = {
  number: {
    make: (length) => new Float64Array(length),
    blank: Number.NaN,
    fit: (value) => Number.isSafeInteger(Number(value)) ? Number(value) : undefined,
    expected: "within ±(2^53 - 1)"
  },
  int32: {
    make: (length) => new Int32Array(length),
    blank: 0,
    fit: (value) => value >= -2147483648 && value <= 2147483647 ? Number(value) : undefined,
    expected: "an integer of at most 32 bits"
  },
  bigint: {
    make: (length) => new BigInt64Array(length),
    blank: 0n,
    fit: (value) => BigInt.asIntN(64, BigInt(value)) === BigInt(value) ? BigInt(value) : undefined,
    expected: "an integer of at most 64 bits"
  }
}

export const isNull = ({ validity }: Column, row: number): boolean =>
  validity !== undefined && (validity[row >> 3]! >> (row & 7) & 1) === 0

/** Writes a blank where the row is null. */
const blankNulls = <A extends Float64Array | Int32Array | BigInt64Array>(
  array: A,
  column: Column,
  blank: A[number]
): A => {
  for (let row = 0; column.validity !== undefined && row < array.length; row++) {
    if (isNull(column, row)) array[row] = blank
  }
  return array
}

/** The values of a column one by one; null too where it is. */
const cellsOf = (column: Column, rows: number): Array<Value> => {
  const cells: Array<Value> = []
  column.copyTo(cells, 0, rows)
  return cells
}

/** The count in the unit that is wanted, where that holds it. */
type Scale = (value: Count, type: PlainType) => Count | undefined

const asStored: Scale = (value) => value

const divided = (value: bigint, by: bigint): bigint | undefined => value % by === 0n ? value / by : undefined

const inDays: Scale = (value, type) =>
  type._tag === "Date" && type.unit === "millisecond" ? divided(BigInt(value), 86_400_000n) : value

const microsIn: Record<TimeUnit, bigint> = { second: 1_000_000n, millisecond: 1000n, microsecond: 1n, nanosecond: 1n }

const inMicros: Scale = (value, type) => {
  if (!("unit" in type) || type._tag === "Date" || type.unit === "microsecond") return value
  return type.unit === "nanosecond" ? divided(BigInt(value), 1000n) : BigInt(value) * microsIn[type.unit]
}

/** The most common column: 64 bits in the unit that is wanted, as numbers, without a `bigint` for each. */
const wordsToNumbers = (column: Column, rows: number): Float64Array | undefined => {
  const { buffer, byteOffset, byteLength } = column.values
  const view = new DataView(buffer, byteOffset, byteLength)
  const array = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    if (isNull(column, row)) {
      array[row] = Number.NaN
      continue
    }
    const high = view.getInt32(8 * row + 4, true)
    const value = high * 4294967296 + view.getUint32(8 * row, true)
    if (high < -2097152 || high >= 2097152 || value === -9007199254740992) return undefined
    array[row] = value
  }
  return array
}

const isInt64 = (type: DataType): boolean =>
  type._tag === "Timestamp" || (type._tag === "Time" && type.bitWidth === 64) ||
  (type._tag === "Int" && type.bitWidth === 64 && type.signed)

const isAsWanted = (type: DataType, scale: Scale): boolean =>
  scale === asStored || (scale === inMicros && "unit" in type && type.unit === "microsecond")

const counts = (form: Form, scale: Scale, what: string): Convert => {
  const { blank, expected, fit, make } = targets[form]
  return (column, rows) => {
    if (isInt64(column.type) && isAsWanted(column.type, scale)) {
      const values = column.values as BigInt64Array // as the type says
      if (form === "bigint") return blankNulls(values.slice(0, rows), column, 0n)
      const numbers = form === "number" ? wordsToNumbers(column, rows) : undefined
      if (numbers !== undefined) return numbers
    }
    if (form === "int32" && column.type._tag === "Date" && column.type.unit === "day") {
      return blankNulls((column.values as Int32Array).slice(0, rows), column, 0) // as the type says
    }
    const type = plain(column.type)
    const array = make(rows)
    const cells = cellsOf(column, rows) as Array<Count | null> // of a type that counts
    for (let row = 0; row < rows; row++) {
      const cell = cells[row]!
      const scaled = cell === null ? blank : scale(cell, type)
      const fitted = cell === null ? blank : scaled === undefined ? undefined : fit(scaled)
      if (fitted === undefined) return { row, value: cell!, expected: `${what} ${expected}` }
      array[row] = fitted
    }
    return array
  }
}

const floats: Convert = (column, rows) => {
  const { type, values } = column
  if (type._tag === "Float" && type.bitWidth !== 16) {
    return blankNulls(new Float64Array((values as Float64Array).subarray(0, rows)), column, Number.NaN) // as it says
  }
  return Float64Array.from(cellsOf(column, rows) as Array<number | null>, (cell) => cell ?? Number.NaN)
}

const booleans: Convert = (column, rows) => {
  const array = new Uint8Array(rows)
  if (column.type._tag === "Bool") {
    const { validity, values } = column
    for (let row = 0; row < rows; row++) {
      const bits = validity === undefined ? values[row >> 3]! : Number(values[row >> 3]) & validity[row >> 3]!
      array[row] = (Number(bits) >> (row & 7)) & 1
    }
    return array
  }
  const cells = cellsOf(column, rows)
  for (let row = 0; row < rows; row++) array[row] = cells[row] === true ? 1 : 0
  return array
}

const texts: Convert = (column, rows) => cellsOf(column, rows) as Array<string | null> // of a type of text

export interface Forms {
  readonly integer: Form
  readonly time: Form
  readonly dateTime: Form
}

/** How the columns of a kind are converted. */
export const converterOf = (kind: Kind, forms: Forms): Convert => {
  switch (kind) {
    case "integer":
      return counts(forms.integer, asStored, "an integer,")
    case "date":
      return counts("int32", inDays, "whole days,")
    case "time":
      return counts(forms.time, inMicros, "whole microseconds,")
    case "dateTime":
      return counts(forms.dateTime, inMicros, "whole microseconds,")
    case "float":
      return floats
    case "boolean":
      return booleans
    case "string":
      return texts
  }
}

/** The array of a kind that has no rows yet. */
export const emptyOf = (kind: Kind, forms: Forms, length: number): Filled => {
  switch (kind) {
    case "float":
      return new Float64Array(length).fill(Number.NaN)
    case "boolean":
      return new Uint8Array(length)
    case "string":
      return new Array<string | null>(length).fill(null)
    case "date":
      return new Int32Array(length)
    default: {
      const array = targets[forms[kind]].make(length)
      if (forms[kind] === "number") array.fill(Number.NaN as never) // an array of numbers
      return array
    }
  }
}
