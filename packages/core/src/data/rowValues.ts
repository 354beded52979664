/** The values of rows: from what Arrow holds to what a caller asked for, one column at a time. */
import * as DateTime from "effect/DateTime"
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
   * `text` as `2020-01-02`, `days` since 1970-01-01, `temporal` as a
   * `Temporal.PlainDate` where the runtime has it.
   *
   * @default "text"
   */
  readonly date?: "text" | "days" | "temporal" | undefined
  /**
   * `text` as `03:04:05.678901`, `micros` since midnight, `temporal` as a
   * `Temporal.PlainTime` where the runtime has it.
   *
   * @default "text"
   */
  readonly time?: "text" | "micros" | "temporal" | undefined
  /**
   * `text` as `2020-01-02T03:04:05.678901`, `micros` since 1970-01-01T00:00:00,
   * `dateTime` as a `DateTime.Utc`, which holds whole milliseconds (others are
   * an error), `temporal` as a `Temporal.PlainDateTime` where the runtime has it.
   *
   * @default "text"
   */
  readonly dateTime?: "text" | "micros" | "dateTime" | "temporal" | undefined
}

/** A class of `Temporal`, if the program's types have it; else what each of them has. */
type TemporalClass<Name extends string> = typeof globalThis extends
  { readonly Temporal: { readonly [_ in Name]: { readonly prototype: infer A } } } ? A
  : { readonly [Symbol.toStringTag]: string; toString(): string; toJSON(): string }

interface Forms {
  readonly integer: { readonly bigint: bigint }
  readonly date: { readonly temporal: TemporalClass<"PlainDate"> }
  readonly time: { readonly micros: bigint; readonly temporal: TemporalClass<"PlainTime"> }
  readonly dateTime: {
    readonly micros: bigint
    readonly dateTime: DateTime.Utc
    readonly temporal: TemporalClass<"PlainDateTime">
  }
}

/** What the choices that are made, or may be, give besides numbers and text. */
type Chosen<V extends Values, Key extends keyof Values & keyof V> = {
  [Choice in keyof Forms[Key]]: Choice extends V[Key] ? Forms[Key][Choice] : never
}[keyof Forms[Key]]

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
  | { [Key in keyof Values & keyof V]-?: Chosen<V, Key> }[keyof Values & keyof V]

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
  readonly value: bigint | number | string | boolean
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

/** Writes the last digits of a whole number and gives where they end. */
const writeDigits = (bytes: Uint8Array, at: number, value: number, digits: number): number => {
  let rest = value
  for (let place = at + digits - 1; place >= at; place--) {
    const tens = (rest / 10) | 0
    bytes[place] = 48 + rest - tens * 10
    rest = tens
  }
  return at + digits
}

/** Writes a character and two digits. */
const writePair = (bytes: Uint8Array, at: number, character: number, value: number): number => {
  bytes[at] = character
  return writeDigits(bytes, at + 1, value, 2)
}

const plus = 0x2b
const minus = 0x2d
const point = 0x2e
const colon = 0x3a
const letterT = 0x54

/** The Gregorian date of a day counted from 1970-01-01, by whole eras of 400 years that begin in March. */
const writeDate = (bytes: Uint8Array, start: number, days: number): number => {
  const era = Math.floor((days + 719468) / 146097)
  const dayOfEra = (days + 719468 - era * 146097) | 0
  const leapDays = ((dayOfEra / 1460) | 0) - ((dayOfEra / 36524) | 0) + ((dayOfEra / 146096) | 0)
  const yearOfEra = ((dayOfEra - leapDays) / 365) | 0
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0))
  const monthFromMarch = ((5 * dayOfYear + 2) / 153) | 0
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const day = dayOfYear - (((153 * monthFromMarch + 2) / 5) | 0) + 1
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  let at = start
  if (year < 0 || year > 9999) {
    // beyond four digits a year has a sign, as ISO 8601 wants it
    bytes[at] = year < 0 ? minus : plus
    at = writeDigits(bytes, at + 1, Math.abs(year), Math.abs(year) > 999_999 ? 7 : 6)
  } else {
    at = writeDigits(bytes, at, year, 4)
  }
  return writePair(bytes, writePair(bytes, at, minus, month), minus, day)
}

/** A time of day in microseconds; its fraction is left out where it is 0, else has six digits. */
const writeTime = (bytes: Uint8Array, start: number, micros: number): number => {
  const seconds = (micros / 1_000_000) | 0
  const fraction = micros - seconds * 1_000_000
  const minutes = (seconds / 60) | 0
  const hours = (minutes / 60) | 0
  let at = writeDigits(bytes, start, hours, 2)
  at = writePair(bytes, at, colon, minutes - hours * 60)
  at = writePair(bytes, at, colon, seconds - minutes * 60)
  if (fraction === 0) return at
  bytes[at] = point
  return writeDigits(bytes, at + 1, fraction, 6)
}

/** No date with a time is longer: the years of 32-bit days have up to seven digits. */
const longestWritten = 32

/** Writes the text of a row and gives where it ends; -1 where the value is no time of day. */
type Write = (row: number, bytes: Uint8Array, at: number) => number

const decoder = /*#__PURE__*/ new TextDecoder()

/**
 * Text of many rows at once: one string is made, from which the rows' are cut.
 * What is put together row by row leaves many small strings behind.
 */
const written = (writeFrom: (column: Column) => Write): Copy => {
  let bytes = new Uint8Array(0)
  return (column, from, to, out) => {
    if (bytes.length < (to - from) * longestWritten) bytes = new Uint8Array((to - from) * longestWritten)
    const write = writeFrom(column)
    let at = 0
    for (let row = from; row < to; row++) {
      if (!isNull(column, row)) {
        at = write(row, bytes, at)
        if (at < 0) return { row, value: (column.values as BigInt64Array)[row]!, expected: "a time of day" }
      }
      out[row - from] = at
    }
    const text = decoder.decode(bytes.subarray(0, at))
    let start = 0
    for (let row = 0; row < to - from; row++) {
      const end = out[row] as number // was written above
      out[row] = start === end ? null : text.slice(start, end)
      start = end
    }
    return undefined
  }
}

const dates = (column: Column): Write => {
  const days = column.values as Int32Array // date32, as `misfitOfType` has seen
  return (row, bytes, at) => writeDate(bytes, at, days[row]!)
}

const microsPerDay = 86_400_000_000

const times = (column: Column): Write => {
  const words = halves(column)
  return (row, bytes, at) => {
    const micros = words[2 * row + 1 - low]! * 4294967296 + (words[2 * row + low]! >>> 0)
    return micros < 0 || micros >= microsPerDay ? -1 : writeTime(bytes, at, micros)
  }
}

const dateTimes = (column: Column): Write => {
  const words = halves(column)
  return (row, bytes, at) => {
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
    const end = writeDate(bytes, at, days)
    bytes[end] = letterT
    return writeTime(bytes, end + 1, micros)
  }
}

/** Makes values of others; what `make` gives `undefined` for does not fit. */
const mapped =
  <A>(copy: Copy, expected: string, make: (value: A, stored: number | bigint) => unknown): Copy =>
  (column, from, to, out) => {
    const misfit = copy(column, from, to, out)
    for (let row = from; misfit === undefined && row < to; row++) {
      const value = out[row - from] as A | null // what `copy` gives of the column's type
      if (value === null) continue
      const stored = column.values[row]!
      const made = make(value, stored)
      if (made === undefined) return { row, value: stored, expected: `${expected}; ask for it as text or micros` }
      out[row - from] = made
    }
    return misfit
  }

const asDateTime = /*#__PURE__*/ mapped(
  exact,
  "a time in whole milliseconds, at most 275,000 years away",
  (micros: bigint) => {
    const millis = Number(micros / 1000n)
    return micros % 1000n === 0n && Math.abs(millis) <= 8.64e15 ? DateTime.fromDateUnsafe(new Date(millis)) : undefined
  }
)

type TemporalName = "PlainDate" | "PlainTime" | "PlainDateTime"

/** What the runtime has of it. */
const temporalOf = (): { readonly [_ in TemporalName]: { readonly from: (text: string) => unknown } } | undefined =>
  Reflect.get(globalThis, "Temporal") as ReturnType<typeof temporalOf> // as its specification says

/** Whether what is chosen is there in this runtime. */
export const isThere = (values: Values): boolean =>
  !Object.values(values).includes("temporal") || temporalOf() !== undefined

/** `Temporal` reaches so many days from 1970-01-01 on, and one less behind it where it has a time of day. */
const farthestDays = 100_000_001n

const asTemporal = (copy: Copy, name: TemporalName, perDay: bigint): Copy => {
  const type = temporalOf()![name]
  const first = -farthestDays * perDay - (perDay === 1n ? 1n : 0n)
  return mapped(
    copy,
    "a date at most 273,000 years away",
    (text: string, stored) => stored > first && stored < farthestDays * perDay ? type.from(text) : undefined
  )
}

/** How the values of a variable are copied out of its column. */
export const copyFor = (type: VariableType, values: Values): Copy => {
  switch (type) {
    case "integer":
      return values.integer === "bigint" ? exact : asNumber
    case "date":
      return values.date === "days"
        ? exact
        : values.date === "temporal"
        ? asTemporal(written(dates), "PlainDate", 1n)
        : written(dates)
    case "time":
      return values.time === "micros"
        ? exact
        : values.time === "temporal"
        ? asTemporal(written(times), "PlainTime", BigInt(microsPerDay))
        : written(times)
    case "dateTime":
      return values.dateTime === "micros"
        ? exact
        : values.dateTime === "dateTime"
        ? asDateTime
        : values.dateTime === "temporal"
        ? asTemporal(written(dateTimes), "PlainDateTime", BigInt(microsPerDay))
        : written(dateTimes)
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
