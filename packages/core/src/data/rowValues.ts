/** The values of rows: from what Arrow holds to what a caller asked for, one column at a time. */
import type { VariableType } from "../contract/variable.ts"
import type { Column } from "./arrow/column.ts"
import type { DataType } from "./arrow/dataType.ts"

/**
 * How values whose type JavaScript has no equal for are given. What is not
 * chosen is exact: an integer that does not fit a number is an error, times are
 * text with all their microseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Values {
  /**
   * @default "number"
   */
  readonly integer?: "number" | "bigint" | undefined
  /**
   * `text` as `2020-01-02`, `days` since 1970-01-01.
   *
   * @default "text"
   */
  readonly date?: "text" | "days" | undefined
  /**
   * `text` as `03:04:05.678901`, `micros` since midnight.
   *
   * @default "text"
   */
  readonly time?: "text" | "micros" | undefined
  /**
   * `text` as `2020-01-02T03:04:05.678901`, `micros` since 1970-01-01T00:00:00.
   *
   * @default "text"
   */
  readonly dateTime?: "text" | "micros" | undefined
}

type Chosen<V extends Values, Key extends keyof Values, Default extends string> = V[Key] extends string ? V[Key]
  : Default

/**
 * What a value of a row can be.
 *
 * @category models
 * @since 0.1.0
 */
export type Value<V extends Values = {}> =
  | null
  | boolean
  | number
  | string
  | (Chosen<V, "integer", "number"> extends "bigint" ? bigint : never)
  | (Chosen<V, "time", "text"> extends "micros" ? bigint : never)
  | (Chosen<V, "dateTime", "text"> extends "micros" ? bigint : never)

/**
 * One row: an ordinary object with its values by the names of the variables, in
 * their order (JavaScript puts names that are whole numbers first).
 *
 * @category models
 * @since 0.1.0
 */
export type Row<V extends Values = {}> = { readonly [name: string]: Value<V> }

/** A value that cannot be given as was asked for. */
export interface Misfit {
  /** Of the column, from 0. */
  readonly row: number
  readonly value: bigint | number
  readonly expected: string
}

/** Writes the values of rows `from` to (not with) `to` into `out`, from its index 0, unless one does not fit. */
export type Copy = (column: Column, from: number, to: number, out: Array<unknown>) => Misfit | undefined

const isNull = (column: Column, row: number): boolean =>
  column.validity !== undefined && (column.validity[row >> 3]! >> (row & 7) & 1) === 0

const exact: Copy = (column, from, to, out) => {
  column.copyTo(out as Array<never>, from, to) // the values of the column's type
  return undefined
}

/** Halves of 64-bit integers: a `BigInt64Array` makes an object of each value that it is asked for. */
const halves = (column: Column): Int32Array => {
  const { buffer, byteOffset, byteLength } = column.values
  return new Int32Array(buffer, byteOffset, byteLength >> 2)
}

const isLittleEndian = /*#__PURE__*/ new Uint8Array(/*#__PURE__*/ new Uint16Array([1]).buffer)[0] === 1
const low = isLittleEndian ? 0 : 1

const asNumber: Copy = (column, from, to, out) => {
  const words = halves(column)
  for (let row = from; row < to; row++) {
    if (isNull(column, row)) {
      out[row - from] = null
      continue
    }
    const high = words[2 * row + 1 - low]!
    const value = high * 4294967296 + (words[2 * row + low]! >>> 0)
    if (high < -2097152 || high >= 2097152 || value === -9007199254740992) {
      const integer = (column.values as BigInt64Array)[row]!
      return { row, value: integer, expected: "an integer within ±(2^53 - 1); ask for values: { integer: \"bigint\" }" }
    }
    out[row - from] = value
  }
  return undefined
}

const padded = (value: number, width: number): string => String(value).padStart(width, "0")

const twoDigits: ReadonlyArray<string> = /*#__PURE__*/ Array.from({ length: 100 }, (_, value) => padded(value, 2))

/** Years beyond four digits have a sign, as ISO 8601 wants it. */
const yearText = (year: number): string =>
  year >= 0 && year <= 9999 ? padded(year, 4) : `${year < 0 ? "-" : "+"}${padded(Math.abs(year), 6)}`

/** The Gregorian date of a day counted from 1970-01-01, by whole eras of 400 years that begin in March. */
const dateText = (days: number): string => {
  const shifted = days + 719468
  const era = Math.floor(shifted / 146097)
  const dayOfEra = shifted - era * 146097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${yearText(year)}-${twoDigits[month]}-${twoDigits[day]}`
}

const microsPerDay = 86_400_000_000

/** A time of day in microseconds; its fraction is left out where it is 0, else has six digits. */
const timeText = (micros: number): string => {
  const seconds = Math.floor(micros / 1_000_000)
  const fraction = micros - seconds * 1_000_000
  const minutes = Math.floor(seconds / 60)
  const whole = `${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}`
  return fraction === 0 ? whole : `${whole}.${padded(fraction, 6)}`
}

const asDate: Copy = (column, from, to, out) => {
  const days = column.values as Int32Array // date32, as `fits` has seen
  for (let row = from; row < to; row++) {
    out[row - from] = isNull(column, row) ? null : dateText(days[row]!)
  }
  return undefined
}

const asTime: Copy = (column, from, to, out) => {
  const words = halves(column)
  for (let row = from; row < to; row++) {
    if (isNull(column, row)) {
      out[row - from] = null
      continue
    }
    const micros = words[2 * row + 1 - low]! * 4294967296 + (words[2 * row + low]! >>> 0)
    if (micros < 0 || micros >= microsPerDay) {
      return { row, value: (column.values as BigInt64Array)[row]!, expected: "a time of day" }
    }
    out[row - from] = timeText(micros)
  }
  return undefined
}

const asDateTime: Copy = (column, from, to, out) => {
  const words = halves(column)
  for (let row = from; row < to; row++) {
    if (isNull(column, row)) {
      out[row - from] = null
      continue
    }
    const high = words[2 * row + 1 - low]!
    let days: number
    let micros: number
    if (high >= -2097152 && high < 2097152) {
      const value = high * 4294967296 + (words[2 * row + low]! >>> 0)
      days = Math.floor(value / microsPerDay)
      micros = value - days * microsPerDay
    } else {
      // beyond about the years 1685 and 2255 a number would round
      const value = (column.values as BigInt64Array)[row]!
      const rest = ((value % 86_400_000_000n) + 86_400_000_000n) % 86_400_000_000n
      micros = Number(rest)
      days = Number((value - rest) / 86_400_000_000n)
    }
    out[row - from] = `${dateText(days)}T${timeText(micros)}`
  }
  return undefined
}

/** How the values of a variable are copied out of its column. */
export const copyFor = (type: VariableType, values: Values): Copy => {
  switch (type) {
    case "integer":
      return values.integer === "bigint" ? exact : asNumber
    case "date":
      return values.date === "days" ? exact : asDate
    case "time":
      return values.time === "micros" ? exact : asTime
    case "dateTime":
      return values.dateTime === "micros" ? exact : asDateTime
    default:
      return exact
  }
}

const isText = (type: DataType): boolean =>
  type._tag === "Utf8" || type._tag === "LargeUtf8" || (type._tag === "Dictionary" && isText(type.values))

/** What a variable's column is stored as, in words; `undefined` where the column is stored so. */
export const misfitOfType = (type: VariableType, stored: DataType): string | undefined => {
  switch (type) {
    case "integer":
      return stored._tag === "Int" && stored.bitWidth === 64 && stored.signed ? undefined : "stored as int64"
    case "float":
      return stored._tag === "Float" && stored.bitWidth === 64 ? undefined : "stored as float64"
    case "boolean":
      return stored._tag === "Bool" ? undefined : "stored as bool"
    case "date":
      return stored._tag === "Date" && stored.unit === "day" ? undefined : "stored as date32"
    case "dateTime":
      return stored._tag === "Timestamp" && stored.unit === "microsecond" && stored.timezone === undefined
        ? undefined
        : "stored as timestamp in microseconds without a zone"
    case "time":
      return stored._tag === "Time" && stored.unit === "microsecond" ? undefined : "stored as time64 in microseconds"
    case "string":
    case "geography":
      return isText(stored) ? undefined : "stored as text"
    default:
      // a type that this version does not know is handed on as it is stored
      return undefined
  }
}
