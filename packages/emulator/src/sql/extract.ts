/**
 * `EXTRACT`, and the cutting of dates and times at a part.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { type DateTimeName, type Part, readPart } from "./intervals.ts"
import { inRange } from "./ranges.ts"
import { refuse } from "./SqlError.ts"
import type { Expression } from "./syntax.ts"
import * as Types from "./types.ts"
import { constantText, once, quoteText, type Value, value } from "./Value.ts"

export const nameOf = (type: Types.Type): DateTimeName | undefined =>
  type.kind === "scalar" &&
    (type.name === "DATE" || type.name === "DATETIME" || type.name === "TIMESTAMP" || type.name === "TIME")
    ? type.name
    : undefined

/** Minutes of `+05:30`, or nothing for a name. */
const offsetMinutes = (zone: string): number | undefined => {
  const parts = /^([+-])(\d{1,2})(?::(\d{2}))?$/.exec(zone)
  return parts === null ? undefined : (parts[1] === "-" ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3] ?? 0))
}

const zoneText = (zone: Expression): string => {
  const text = constantText(zone)
  if (text === undefined) {
    return refuse(
      "A time zone has to be a text that is written out, such as 'America/New_York'",
      zone.at,
      "computed time zone"
    )
  }
  if (offsetMinutes(text) === undefined && !/^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/.test(text)) {
    return refuse(
      `${
        JSON.stringify(text)
      } is not a time zone; write a name such as 'America/New_York' or an offset such as '+05:30'`,
      zone.at
    )
  }
  return text
}

const isUtc = (text: string): boolean => /^(utc|etc\/utc|[+-]0?0(:00)?)$/i.test(text)

/** The clock in the zone, of a point in time. */
export const toZone = (sql: string, zone: Expression | undefined): string => {
  if (zone === undefined) return sql
  allow("time zone", zone.at)
  const text = zoneText(zone)
  if (isUtc(text)) return sql
  const minutes = offsetMinutes(text)
  return minutes === undefined
    ? `timezone(${quoteText(text)}, timezone('UTC', ${sql}))`
    : `(${sql} + to_minutes(CAST(${minutes} AS BIGINT)))`
}

/** The point in time when the zone's clock shows this. */
export const fromZone = (sql: string, zone: Expression | undefined): string => {
  if (zone === undefined) return sql
  allow("time zone", zone.at)
  const text = zoneText(zone)
  if (isUtc(text)) return sql
  const minutes = offsetMinutes(text)
  return minutes === undefined
    ? `timezone('UTC', timezone(${quoteText(text)}, ${sql}))`
    : `(${sql} - to_minutes(CAST(${minutes} AS BIGINT)))`
}

const dateParts: Readonly<Record<string, (sql: string, part: Part) => string>> = {
  YEAR: (sql) => `year(${sql})`,
  ISOYEAR: (sql) => `isoyear(${sql})`,
  QUARTER: (sql) => `quarter(${sql})`,
  MONTH: (sql) => `month(${sql})`,
  // days before the first of these weekdays in a year are in week 0
  WEEK: (sql, part) =>
    once(sql, (day) => `((dayofyear(${day}) + 6 - (dayofweek(${day}) - ${part.weekday} + 7) % 7) // 7)`),
  ISOWEEK: (sql) => `weekofyear(${sql})`,
  DAY: (sql) => `day(${sql})`,
  DAYOFWEEK: (sql) => `(dayofweek(${sql}) + 1)`,
  DAYOFYEAR: (sql) => `dayofyear(${sql})`
}

const timeParts: Readonly<Record<string, (sql: string) => string>> = {
  HOUR: (sql) => `hour(${sql})`,
  MINUTE: (sql) => `minute(${sql})`,
  SECOND: (sql) => `second(${sql})`,
  MILLISECOND: (sql) => `((microsecond(${sql}) % 1000000) // 1000)`,
  MICROSECOND: (sql) => `(microsecond(${sql}) % 1000000)`
}

export const extract = (node: Extract<Expression, { readonly kind: "extract" }>, of: Value): Value => {
  const { at } = node
  const name = nameOf(of.type)
  if (name === undefined) return refuse(`EXTRACT takes a date or time, not ${Types.show(of.type)}`, at)
  const part = readPart(node.part)
  if (node.zone !== undefined && name !== "TIMESTAMP") {
    refuse(`AT TIME ZONE needs a TIMESTAMP, not a ${name}`, node.zone.at)
  }
  allow(`part ${part.name}`, part.at)
  const sql = toZone(of.sql, node.zone)
  if (name === "DATETIME" || name === "TIMESTAMP") {
    if (part.name === "DATE") return value(inRange(`CAST(${sql} AS DATE)`, Types.date), Types.date, at)
    if (part.name === "TIME") return value(`CAST(${sql} AS TIME)`, Types.time, at)
    if (part.name === "DATETIME" && name === "TIMESTAMP") return value(inRange(sql, Types.datetime), Types.datetime, at)
  }
  const found = name === "TIME" ? undefined : dateParts[part.name]
  if (found !== undefined) return value(`CAST(${found(sql, part)} AS BIGINT)`, Types.int64, at)
  const clock = name === "DATE" ? undefined : timeParts[part.name]
  if (clock !== undefined) return value(`CAST(${clock(sql)} AS BIGINT)`, Types.int64, at)
  return refuse(`EXTRACT of ${part.name} from a ${name} is not possible`, part.at, `part ${part.name}`)
}

/** The first day of the part that a day lies in, as a DATE. */
export const truncateDate = (sql: string, part: Part): string => {
  switch (part.name) {
    case "DAY":
      return sql
    case "WEEK":
    case "ISOWEEK":
      return once(sql, (day) => `(${day} - CAST((dayofweek(${day}) - ${part.weekday} + 7) % 7 AS INTEGER))`)
    case "MONTH":
    case "QUARTER":
    case "YEAR":
      return `CAST(date_trunc('${part.name.toLowerCase()}', ${sql}) AS DATE)`
    case "ISOYEAR":
      // the fourth of January lies in the first ISO week
      return `CAST(date_trunc('week', make_date(isoyear(${sql}), CAST(1 AS BIGINT), CAST(4 AS BIGINT))) AS DATE)`
    default:
      return refuse(`A DATE cannot be cut at ${part.name}`, part.at, `part ${part.name}`)
  }
}

const clockParts = new Set(["HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"])

/** The same for a DATETIME or a TIME. */
export const truncateClock = (sql: string, part: Part): string | undefined =>
  clockParts.has(part.name) ? `date_trunc('${part.name.toLowerCase()}', ${sql})` : undefined

export const truncateDatetime = (sql: string, part: Part): string =>
  truncateClock(sql, part) ?? `CAST(${truncateDate(`CAST(${sql} AS DATE)`, part)} AS TIMESTAMP)`

export const truncateTimestamp = (sql: string, part: Part, zone: Expression | undefined): string => {
  if (zone === undefined) return truncateDatetime(sql, part)
  const local = toZone(sql, zone)
  // by the length of what is cut off: an hour that the clock shows twice stays the one it was
  return clockParts.has(part.name)
    ? once(local, (bound) => `(${sql} - (${bound} - ${truncateDatetime(bound, part)}))`)
    : fromZone(truncateDatetime(local, part), zone)
}

/** Boundaries of the part between two dates. */
export const differenceOfDates = (later: string, earlier: string, part: Part): string => {
  switch (part.name) {
    case "DAY":
    case "MONTH":
    case "QUARTER":
    case "YEAR":
      return `date_diff('${part.name.toLowerCase()}', ${earlier}, ${later})`
    case "WEEK":
    case "ISOWEEK":
      return `(date_diff('day', ${truncateDate(earlier, part)}, ${truncateDate(later, part)}) // 7)`
    case "ISOYEAR":
      return `(isoyear(${later}) - isoyear(${earlier}))`
    default:
      return refuse(`The difference of two DATEs cannot be counted in ${part.name}`, part.at, `part ${part.name}`)
  }
}

/** Boundaries of the part between two DATETIMEs or TIMEs. */
export const differenceOfClocks = (later: string, earlier: string, part: Part): string =>
  clockParts.has(part.name)
    ? `date_diff('${part.name.toLowerCase()}', ${earlier}, ${later})`
    : differenceOfDates(`CAST(${later} AS DATE)`, `CAST(${earlier} AS DATE)`, part)
