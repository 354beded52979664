/**
 * Intervals, which stand only where a date or time is moved by one, and the
 * parts that dates and times consist of.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { refuse } from "./SqlError.ts"
import type { Expression } from "./syntax.ts"
import { ensure, once } from "./Value.ts"

export interface Interval {
  /** `DAY`, `MONTH`, … */
  readonly part: string
  /** SQL of a whole number of them. */
  readonly amount: string
  readonly at: number
}

export type DateTimeName = "DATE" | "DATETIME" | "TIMESTAMP" | "TIME"

const monthly: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 }
const daily: Readonly<Record<string, number>> = { DAY: 1, WEEK: 7 }

/** Microseconds in each part that has a fixed length. */
export const microseconds: Readonly<Record<string, bigint>> = {
  MICROSECOND: 1n,
  MILLISECOND: 1_000n,
  SECOND: 1_000_000n,
  MINUTE: 60_000_000n,
  HOUR: 3_600_000_000n,
  DAY: 86_400_000_000n
}

const takes: Readonly<Record<DateTimeName, ReadonlyArray<string>>> = {
  DATE: ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"],
  DATETIME: ["MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"],
  TIMESTAMP: ["MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY"],
  TIME: ["MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR"]
}

const bounds: Readonly<Record<"DATE" | "TIMESTAMP", readonly [string, string]>> = {
  DATE: ["DATE '0001-01-01'", "DATE '9999-12-31'"],
  TIMESTAMP: ["TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999999'"]
}

/** Fails outside the years 1 to 9999, which DuckDB leaves. */
export const inRange = (sql: string, type: "DATE" | "TIMESTAMP"): string => {
  const [least, most] = bounds[type]
  return once(
    sql,
    (bound) => ensure(`${bound} IS NULL OR ${bound} BETWEEN ${least} AND ${most}`, bound, `${type} is out of range`)
  )
}

/** What `DATE_ADD` and the like do. */
export const addInterval = (sql: string, type: DateTimeName, interval: Interval, isBack: boolean): string => {
  const { amount, at, part } = interval
  if (!takes[type].includes(part)) {
    refuse(`An interval of the part ${part} cannot be added to a ${type}`, at, `part ${part} of ${type}`)
  }
  allow(`interval ${part}`, at)
  const signed = isBack ? `(- ${amount})` : amount
  const held = type === "DATE" ? "DATE" : "TIMESTAMP"
  const scaled = (by: bigint | number): string => BigInt(by) === 1n ? signed : `(${signed} * CAST(${by} AS BIGINT))`
  if (monthly[part] !== undefined) {
    return inRange(`CAST(${sql} + to_months(CAST(${scaled(monthly[part])} AS INTEGER)) AS ${held})`, held)
  }
  if (type === "DATE") return inRange(`(${sql} + CAST(${scaled(daily[part]!)} AS INTEGER))`, held)
  if (daily[part] !== undefined) {
    return inRange(`(${sql} + to_days(CAST(${scaled(daily[part])} AS INTEGER)))`, held)
  }
  const length = microseconds[part]!
  // a day's clock starts anew at midnight, in both
  if (type === "TIME") return `(${sql} + to_microseconds(${scaled(length)} % CAST(86400000000 AS BIGINT)))`
  return inRange(`(${sql} + to_microseconds(${scaled(length)}))`, held)
}

const weekdays: ReadonlyArray<string> = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"]

/** A part as it stands in a call: its name, and the day that its weeks begin with. */
export interface Part {
  readonly name: string
  readonly weekday: number
  readonly at: number
}

/** Reads `MONTH`, `WEEK(MONDAY)`, … */
export const readPart = (expression: Expression): Part => {
  const { at } = expression
  if (expression.kind === "path" && expression.names.length === 1) {
    const name = expression.names[0]!.name.toUpperCase()
    return { name, weekday: name === "ISOWEEK" ? 1 : 0, at }
  }
  if (expression.kind === "call" && expression.name === "WEEK" && expression.arguments.length === 1) {
    const day = expression.arguments[0]!
    const weekday = day.kind === "path" && day.names.length === 1
      ? weekdays.indexOf(day.names[0]!.name.toUpperCase())
      : -1
    if (weekday < 0) refuse("WEEK takes the name of a day, such as WEEK(MONDAY)", day.at)
    return { name: "WEEK", weekday, at }
  }
  if (
    expression.kind === "call" && (expression.name === "DATE" || expression.name === "TIME") &&
    expression.arguments.length === 0
  ) {
    return { name: expression.name, weekday: 0, at }
  }
  return refuse("Expected a part such as DAY, WEEK(MONDAY) or MONTH here", at)
}
