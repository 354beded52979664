/** How the values of a variable stand in a Parquet file: the column's type, and each value as it is stored. */
import * as DateTime from "effect/DateTime"
import type { SchemaElement } from "hyparquet-writer"
import { type variableTypes } from "../../contract/variable.ts"
import { daysOf, epochMicrosOf, microsOf } from "./calendar.ts"

type VariableType = typeof variableTypes[number]

export interface Stored {
  readonly element: Omit<SchemaElement, "name">
  /** What a value must be, in words. */
  readonly expected: string
  /** The value as it is stored; `undefined` where it cannot be. */
  readonly store: (value: unknown) => boolean | number | bigint | string | undefined
}

const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value

const microsPerDay = 86_400_000_000n

/** The ISO text of a value that is text, or one of `Temporal`'s plain types, which give theirs. */
const textOf = (value: unknown, plain: string): string | undefined => {
  if (typeof value === "string") return value
  return Object.prototype.toString.call(value) === `[object Temporal.${plain}]` ? String(value) : undefined
}

const isDay = (days: number | undefined): days is number =>
  days !== undefined && Number.isInteger(days) && days >= -2147483648 && days <= 2147483647

const optional = { repetition_type: "OPTIONAL" } as const

const text: Stored = {
  element: { ...optional, type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  expected: "text in which no half of a surrogate pair stands alone",
  // what is not well formed would be written as another text
  store: (value) => typeof value === "string" && !/\p{Surrogate}/u.test(value) ? value : undefined
}

const columns: Record<VariableType, Stored> = {
  string: text,
  geography: text,
  integer: {
    element: { ...optional, type: "INT64" },
    expected: "a bigint of at most 64 bits, or a number within ±(2^53 - 1) without a fraction",
    store: (value) =>
      typeof value === "bigint"
        ? (isInt64(value) ? value : undefined)
        : Number.isSafeInteger(value)
        ? BigInt(value as number) // a safe integer is a number
        : undefined
  },
  float: {
    element: { ...optional, type: "DOUBLE" },
    expected: "a number",
    store: (value) => typeof value === "number" ? value : undefined
  },
  boolean: {
    element: { ...optional, type: "BOOLEAN" },
    expected: "a boolean",
    store: (value) => typeof value === "boolean" ? value : undefined
  },
  date: {
    element: { ...optional, type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } },
    expected: "a date as 2020-01-02, or the days since 1970-01-01 as a number",
    store: (value) => {
      const written = textOf(value, "PlainDate")
      const days = written !== undefined ? daysOf(written) : typeof value === "number" ? value : undefined
      return isDay(days) ? days : undefined
    }
  },
  time: {
    element: { ...optional, type: "INT64", logical_type: { type: "TIME", isAdjustedToUTC: false, unit: "MICROS" } },
    expected: "a time as 03:04:05.678901, or the microseconds since midnight as a bigint",
    store: (value) => {
      if (typeof value === "bigint") return value >= 0n && value < microsPerDay ? value : undefined
      const written = textOf(value, "PlainTime")
      const micros = written === undefined ? undefined : microsOf(written)
      return micros === undefined ? undefined : BigInt(micros)
    }
  },
  dateTime: {
    element: {
      ...optional,
      type: "INT64",
      logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "MICROS" }
    },
    expected: "a date with a time as 2020-01-02T03:04:05.678901, or the microseconds since 1970 as a bigint",
    store: (value) => {
      const written = textOf(value, "PlainDateTime")
      const micros = typeof value === "bigint"
        ? value
        : written !== undefined
        ? epochMicrosOf(written)
        : DateTime.isDateTime(value)
        ? BigInt(value.epochMilliseconds) * 1000n
        : undefined
      return micros !== undefined && isInt64(micros) ? micros : undefined
    }
  }
}

/** How a variable is stored; `undefined` where its type is none of the API's. */
export const storedAs = (type: string): Stored | undefined =>
  Object.hasOwn(columns, type) ? columns[type as VariableType] : undefined // its keys are the types
