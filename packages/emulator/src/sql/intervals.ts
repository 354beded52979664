/**
 * Intervals, which stand only where a date or time is moved by one, and the
 * parts that dates and times consist of.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { refuse } from "./SqlError.ts"
import type { Expression } from "./syntax.ts"

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

/** What `DATE_ADD` and the like do; whether it is a day that GoogleSQL has, `inRange` sees. */
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
    return `CAST(${sql} + to_months(CAST(${scaled(monthly[part])} AS INTEGER)) AS ${held})`
  }
  if (type === "DATE") return `(${sql} + CAST(${scaled(daily[part]!)} AS INTEGER))`
  if (daily[part] !== undefined) return `(${sql} + to_days(CAST(${scaled(daily[part])} AS INTEGER)))`
  const length = microseconds[part]!
  // a day's clock starts anew at midnight, in both
  if (type === "TIME") return `(${sql} + to_microseconds(${scaled(length)} % CAST(86400000000 AS BIGINT)))`
  return `(${sql} + to_microseconds(${scaled(length)}))`
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
