/**
 * Columns that are stored in another way than their variable's type is: tables
 * of datasets may have them. A value is taken only where nothing of it is lost.
 */
import type { VariableType } from "../../contract/variable.ts"
import { BoolColumn, type Column, NumberColumn, type Parts, TextColumn, type Value } from "../arrow/column.ts"
import type { DataType, PlainType, TimeUnit } from "../arrow/dataType.ts"
import { Texts } from "../arrow/text.ts"
import { copyFor, type Misfit, misfitOfType } from "../rowValues.ts"

type Stored = Exclude<Value, null>

/** The value as its variable's type stores it; `undefined` where it cannot be. */
type Read<A> = (value: Stored, stored: PlainType) => A | undefined

const int64 = (value: bigint): bigint | undefined => BigInt.asIntN(64, value) === value ? value : undefined

const isNumber = ({ _tag }: PlainType): boolean => _tag === "Int" || _tag === "Float"

const isText = ({ _tag }: PlainType): boolean => _tag === "Utf8" || _tag === "LargeUtf8"

const toInteger: Read<bigint> = (value) =>
  (typeof value === "string" ? /^[+-]?\d+$/.test(value) : Number.isInteger(value) || typeof value === "bigint")
    ? int64(BigInt(typeof value === "string" ? value.replace("+", "") : value))
    : undefined

const toFloat: Read<number> = (value) => {
  if (typeof value === "bigint") return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : undefined
  if (typeof value === "number") return value
  const text = String(value).toLowerCase()
  const [special, sign, nan] = /^([+-]?)(?:(nan)|inf(?:inity)?)$/.exec(text) ?? []
  if (special !== undefined) return nan === undefined ? Number(`${sign}Infinity`) : Number.NaN
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

const toBoolean: Read<boolean> = (value) => {
  const text = String(value).toLowerCase()
  return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : undefined
}

const millisPerDay = 86_400_000
const microsPerDay = 86_400_000_000n

/** A date and a time of day, each of which may be missing. */
const pattern = /^(?:(\d{4}-\d\d-\d\d)(?:[T ](?=.)|$))?(?:(\d\d:[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?)?$/

/** The day of a date that the calendar has, counted from 1970-01-01. */
const dayOf = (date: string): bigint | undefined => {
  const millis = Date.parse(`${date}T00:00:00Z`)
  // an engine may take the 31st of a shorter month for the 1st of the next
  return new Date(millis || 0).toISOString().startsWith(date) ? BigInt(millis / millisPerDay) : undefined
}

/** Microseconds since midnight; a fraction of more than six digits must end in zeros. */
const microsOf = (time: string, fraction: string): bigint | undefined => {
  const millis = Date.parse(`1970-01-01T${time}Z`)
  const digits = fraction.padEnd(9, "0")
  return millis < millisPerDay && digits.endsWith("000")
    ? BigInt(millis) * 1000n + BigInt(digits.slice(0, 6))
    : undefined
}

/** What a text says of a day and of a time of day. */
const parse = (text: string): readonly [day: bigint | undefined, micros: bigint | undefined] => {
  const [, date, time, fraction] = pattern.exec(text) ?? []
  return [
    date === undefined ? undefined : dayOf(date),
    time === undefined ? undefined : microsOf(time, fraction ?? "")
  ]
}

/** In microseconds, where they hold it. */
const inMicros = (value: Stored, unit: TimeUnit): bigint | undefined => {
  const count = BigInt(value)
  const factor = { second: 1_000_000n, millisecond: 1000n, microsecond: 1n, nanosecond: undefined }[unit]
  return factor !== undefined ? int64(count * factor) : count % 1000n === 0n ? count / 1000n : undefined
}

/** Microseconds since 1970-01-01T00:00:00 of dates, timestamps and text. */
const toDateTime: Read<bigint> = (value, stored) => {
  if (stored._tag === "Timestamp") return inMicros(value, stored.unit)
  if (stored._tag === "Date") {
    return stored.unit === "day" ? BigInt(value) * microsPerDay : inMicros(value, "millisecond")
  }
  const text = String(value)
  const [day, micros = text.length === 10 ? 0n : undefined] = isText(stored) ? parse(text) : []
  return day === undefined || micros === undefined ? undefined : day * microsPerDay + micros
}

const toDate: Read<number> = (value, stored) => {
  const micros = isText(stored) && String(value).length !== 10 ? undefined : toDateTime(value, stored)
  return micros === undefined || micros % microsPerDay !== 0n ? undefined : Number(micros / microsPerDay)
}

const toTime: Read<bigint> = (value, stored) => {
  if (stored._tag === "Time") return stored.unit === "nanosecond" ? undefined : inMicros(value, stored.unit)
  const [day, micros] = isText(stored) ? parse(String(value)) : []
  return day === undefined ? micros : undefined
}

/** Numbers, text and truth values are taken for one another; days and times of day are not. */
const ofPlain = <A>(read: Read<A>): Read<A> => (value, stored) =>
  isNumber(stored) || isText(stored) || stored._tag === "Bool" ? read(value, stored) : undefined

const plain = (type: DataType): PlainType => type._tag === "Dictionary" ? type.values : type

/** Bits of which each is set by its row. */
const bits = (length: number): { readonly bytes: Uint8Array<ArrayBuffer>; readonly set: (row: number) => void } => {
  const bytes = new Uint8Array(Math.ceil(length / 8))
  return {
    bytes,
    set: (row) => {
      bytes[row >> 3]! |= 1 << (row & 7)
    }
  }
}

/** A column of another type: `set` takes the values one by one, and `build` makes it. */
const convert = <A>(
  column: Column,
  length: number,
  type: PlainType,
  expected: string,
  read: Read<A>,
  set: (row: number, value: A) => void,
  build: (parts: {
    readonly name: string
    readonly type: PlainType
    readonly length: number
    readonly nullCount: number
    readonly validity: Uint8Array<ArrayBuffer>
  }) => Column
): Column | Misfit => {
  const { name } = column
  const stored = plain(column.type)
  const valid = bits(length)
  let nullCount = length
  for (let row = 0; row < length; row++) {
    const value = column.at(row)
    if (value === null) continue
    const converted = read(value, stored)
    if (converted === undefined) return { row, value, expected }
    valid.set(row)
    nullCount--
    set(row, converted)
  }
  return build({ name, type, length, nullCount, validity: valid.bytes })
}

const numbers = <A extends number | bigint>(
  column: Column,
  length: number,
  type: PlainType,
  values: NumberColumn["values"] & { [row: number]: A },
  expected: string,
  read: Read<A>
): Column | Misfit =>
  convert(column, length, type, expected, read, (row, value) => {
    values[row] = value
  }, (parts) => new NumberColumn(parts, values))

/** The texts of rows are handed on whole, and so is what is read of days and times. */
const textsOf = (column: Column, length: number): ReadonlyArray<Stored | null> | Misfit => {
  const cells: Array<Stored | null> = []
  const stored = plain(column.type)._tag
  const type = stored === "Date" ? "date" : stored === "Timestamp" ? "dateTime" : stored === "Time" ? "time" : undefined
  if (type === undefined) {
    column.copyTo(cells, 0, length)
    return cells
  }
  const exact = misfitOfType(type, column.type) === undefined ? column : coerce(column, type, length)
  return "row" in exact ? exact : copyFor(type, {})(exact, 0, length, cells) ?? cells
}

const texts = (column: Column, length: number): Column | Misfit => {
  const cells = textsOf(column, length)
  if ("row" in cells) return cells
  const found: Array<string> = []
  const valid = bits(length)
  let nullCount = 0
  for (let row = 0; row < length; row++) {
    const cell = cells[row]!
    found.push(cell === null ? "" : String(cell))
    if (cell === null) nullCount++
    else valid.set(row)
  }
  let end = 0
  // of digits, letters and signs alone, each of which is one byte
  const starts = Int32Array.from([0, ...found.map((text) => end += text.length)])
  const bytes = new TextEncoder().encode(found.join(""))
  const parts: Parts = { name: column.name, type: { _tag: "Utf8" }, length, nullCount, validity: valid.bytes }
  return new TextColumn(parts, bytes, starts, Texts.prove(bytes, starts)!)
}

const booleans = (column: Column, length: number): Column | Misfit => {
  const values = bits(length)
  return convert(column, length, { _tag: "Bool" }, "true or false", ofPlain(toBoolean), (row, value) => {
    if (value) values.set(row)
  }, (parts) => new BoolColumn(parts, values.bytes))
}

/** The first rows of a column in the way in which values of the type are stored, or the first that is none of the type. */
export const coerce = (column: Column, type: VariableType, length: number): Column | Misfit => {
  const unit = "microsecond"
  switch (type) {
    case "integer":
      return numbers(
        column,
        length,
        { _tag: "Int", bitWidth: 64, signed: true },
        new BigInt64Array(length),
        "an integer of 64 bits",
        ofPlain(toInteger)
      )
    case "float":
      return numbers(
        column,
        length,
        { _tag: "Float", bitWidth: 64 },
        new Float64Array(length),
        "a double",
        ofPlain(toFloat)
      )
    case "date":
      return numbers(
        column,
        length,
        { _tag: "Date", unit: "day" },
        new Int32Array(length),
        "a date as 2020-01-02",
        toDate
      )
    case "dateTime":
      return numbers(
        column,
        length,
        { _tag: "Timestamp", unit, timezone: undefined },
        new BigInt64Array(length),
        "a date with a time as 2020-01-02T03:04:05",
        toDateTime
      )
    case "time":
      return numbers(
        column,
        length,
        { _tag: "Time", unit, bitWidth: 64 },
        new BigInt64Array(length),
        "a time of day as 03:04:05",
        toTime
      )
    case "boolean":
      return booleans(column, length)
    default:
      return texts(column, length)
  }
}
