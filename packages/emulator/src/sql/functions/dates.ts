/**
 * Functions of dates and times.
 *
 * @since 0.1.0
 */
import { castValue } from "../casts.ts"
import { parse, print } from "../dateFormat.ts"
import { plain } from "../Env.ts"
import {
  differenceOfClocks,
  differenceOfDates,
  fromZone,
  toZone,
  truncateDate,
  truncateDatetime,
  truncateTimestamp
} from "../extract.ts"
import { type Context, type Definition, native, scalar, total } from "../Function.ts"
import { addInterval, type DateTimeName, microseconds, readPart } from "../intervals.ts"
import { refuse } from "../SqlError.ts"
import { interval } from "../translateExpression.ts"
import * as Types from "../types.ts"
import { once, value } from "../Value.ts"

const argument = (context: Context, index: number) => context.node.arguments[index]!

const moved = (type: DateTimeName, isBack: boolean) => ([sql]: ReadonlyArray<string>, context: Context): string =>
  addInterval(sql!, type, interval(argument(context, 1), plain(context.env, "an interval")), isBack)

const move = (isBack: boolean, ...types: ReadonlyArray<DateTimeName>): Definition =>
  scalar(...types.map((type) => native(`${type}, raw -> ${type}`, moved(type, isBack))))

/** Whole lengths of the part, rounded towards zero. */
const elapsed = ([later, earlier]: ReadonlyArray<string>, context: Context): string => {
  const part = readPart(argument(context, 2))
  const length = microseconds[part.name]
  if (length === undefined) {
    return refuse(
      `The difference of two TIMESTAMPs cannot be counted in ${part.name}`,
      part.at,
      `part ${part.name} of TIMESTAMP`
    )
  }
  return `((epoch_us(${later}) - epoch_us(${earlier})) // CAST(${length} AS BIGINT))`
}

/** Microseconds since midnight. */
const ofDay = (sql: string): string =>
  once(sql, (bound) => `((hour(${bound}) * 60 + minute(${bound})) * CAST(60000000 AS BIGINT) + microsecond(${bound}))`)

/** Every type by its own rule, whichever of the functions is called; the one it is named for comes first. */
const difference = (first: "DATE" | "DATETIME" | "TIMESTAMP"): Definition => {
  const signatures = {
    DATE: native(
      "DATE, DATE, raw -> INT64",
      ([later, earlier], context) => differenceOfDates(later!, earlier!, readPart(argument(context, 2)))
    ),
    DATETIME: native(
      "DATETIME, DATETIME, raw -> INT64",
      ([later, earlier], context) => differenceOfClocks(later!, earlier!, readPart(argument(context, 2)))
    ),
    TIMESTAMP: native("TIMESTAMP, TIMESTAMP, raw -> INT64", elapsed)
  }
  const rest = (["DATETIME", "TIMESTAMP"] as const).filter((name) => name !== first)
  return scalar(signatures[first], ...rest.map((name) => signatures[name]))
}

const clockPart = (context: Context, index: number): bigint => {
  const part = readPart(argument(context, index))
  const length = microseconds[part.name]
  return length === undefined || part.name === "DAY"
    ? refuse(`A TIME has no ${part.name}`, part.at, `part ${part.name} of TIME`)
    : length
}

const now = ({ env }: Context): string => `make_timestamp(CAST(${env.shared.now} AS BIGINT))`

/** Rounded down, also before 1970. */
const floorDivide = (sql: string, by: number): string =>
  once(sql, (bound) => `((${bound} - (${bound} % ${by} + ${by}) % ${by}) // ${by})`)

const stamp = (scale: number) => ([sql]: ReadonlyArray<string>): string =>
  `make_timestamp(${scale === 1 ? sql : `(${sql} * CAST(${scale} AS BIGINT))`})`

const formatted = (type: DateTimeName) => ([, sql]: ReadonlyArray<string>, context: Context): string =>
  print(sql!, type, argument(context, 0), context.node.name)

const parsed = (type: DateTimeName) => ([, sql]: ReadonlyArray<string>, context: Context): string =>
  parse(sql!, type, argument(context, 0), context.node.name, context.fail)

const asText =
  (type: "DATE" | "DATETIME" | "TIME" | "TIMESTAMP") => ([sql]: ReadonlyArray<string>, { at }: Context): string =>
    castValue(value(sql!, Types.scalarNamed(type), at), Types.string, { isSafe: false, at }).sql

const dateTrunc = scalar(
  native("DATE, raw -> DATE", ([sql], context) => truncateDate(sql!, readPart(argument(context, 1)))),
  native("DATETIME, raw -> DATETIME", ([sql], context) => truncateDatetime(sql!, readPart(argument(context, 1)))),
  native(
    "TIMESTAMP, raw -> TIMESTAMP",
    ([sql], context) => truncateTimestamp(sql!, readPart(argument(context, 1)), undefined)
  ),
  native(
    "TIMESTAMP, raw, raw -> TIMESTAMP",
    ([sql], context) => truncateTimestamp(sql!, readPart(argument(context, 1)), argument(context, 2))
  )
)
/** The same signatures, with the function's own type first: a text takes that one. */
const preferring = (definition: Definition, type: string): Definition => ({
  ...definition,
  signatures: [...definition.signatures].sort((left, right) => Number(takes(right, type)) - Number(takes(left, type)))
})
const takes = (signature: Definition["signatures"][number], type: string): boolean => {
  const [first] = signature.parameters
  return first?.kind === "of" && Types.show(first.type) === type
}

export const dates: Readonly<Record<string, Definition>> = {
  CURRENT_DATE: scalar(
    native(" -> DATE", (_, context) => `CAST(${now(context)} AS DATE)`),
    native("raw -> DATE", (_, context) => `CAST(${toZone(now(context), argument(context, 0))} AS DATE)`)
  ),
  CURRENT_DATETIME: scalar(
    native(" -> DATETIME", (_, context) => now(context)),
    native("raw -> DATETIME", (_, context) => toZone(now(context), argument(context, 0)))
  ),
  CURRENT_TIME: scalar(
    native(" -> TIME", (_, context) => `CAST(${now(context)} AS TIME)`),
    native("raw -> TIME", (_, context) => `CAST(${toZone(now(context), argument(context, 0))} AS TIME)`)
  ),
  CURRENT_TIMESTAMP: scalar(native(" -> TIMESTAMP", (_, context) => now(context))),

  DATE: scalar(
    native("INT64, INT64, INT64 -> DATE", ([year, month, day]) => `make_date(${year}, ${month}, ${day})`),
    native("TIMESTAMP -> DATE", ([sql]) => `CAST(${sql} AS DATE)`),
    native("TIMESTAMP, raw -> DATE", ([sql], context) => `CAST(${toZone(sql!, argument(context, 1))} AS DATE)`),
    native("DATETIME -> DATE", ([sql]) => `CAST(${sql} AS DATE)`),
    native("DATE -> DATE", ([sql]) => sql!)
  ),
  DATE_ADD: move(false, "DATE", "DATETIME", "TIMESTAMP"),
  DATE_SUB: move(true, "DATE", "DATETIME", "TIMESTAMP"),
  DATE_DIFF: difference("DATE"),
  DATE_TRUNC: dateTrunc,
  DATE_FROM_UNIX_DATE: scalar(
    native("INT64 -> DATE", ([days]) => `(DATE '1970-01-01' + CAST(${days} AS INTEGER))`)
  ),
  UNIX_DATE: total(native("DATE -> INT64", ([sql]) => `date_diff('day', DATE '1970-01-01', ${sql})`)),
  LAST_DAY: scalar(
    native("DATE -> DATE", ([sql]) => `last_day(${sql})`),
    native("DATETIME -> DATE", ([sql]) => `last_day(${sql})`),
    native("DATE, raw -> DATE", ([sql], context) => {
      const part = readPart(argument(context, 1))
      const first = truncateDate(sql!, part)
      switch (part.name) {
        case "WEEK":
        case "ISOWEEK":
          return `(${first} + CAST(6 AS INTEGER))`
        case "MONTH":
          return `last_day(${sql})`
        case "QUARTER":
        case "YEAR":
          return `(CAST(${first} + to_months(CAST(${
            part.name === "YEAR" ? 12 : 3
          } AS INTEGER)) AS DATE) - CAST(1 AS INTEGER))`
        default:
          return refuse(`LAST_DAY of ${part.name} is not supported`, part.at, `part ${part.name} of LAST_DAY`)
      }
    })
  ),
  FORMAT_DATE: scalar(native("STRING, DATE -> STRING", formatted("DATE"))),
  PARSE_DATE: scalar(native("STRING, STRING -> DATE", parsed("DATE"))),

  DATETIME: scalar(
    native(
      "INT64, INT64, INT64, INT64, INT64, INT64 -> DATETIME",
      ([year, month, day, hour, minute, second]) =>
        `make_timestamp(${year}, ${month}, ${day}, ${hour}, ${minute}, CAST(${second} AS DOUBLE))`
    ),
    native("TIMESTAMP -> DATETIME", ([sql]) => sql!),
    native("TIMESTAMP, raw -> DATETIME", ([sql], context) => toZone(sql!, argument(context, 1))),
    native("DATETIME -> DATETIME", ([sql]) => sql!),
    native("DATE, TIME -> DATETIME", ([date, time]) => `(${date} + ${time})`)
  ),
  DATETIME_ADD: move(false, "DATETIME"),
  DATETIME_SUB: move(true, "DATETIME"),
  DATETIME_DIFF: difference("DATETIME"),
  DATETIME_TRUNC: preferring(dateTrunc, "DATETIME"),
  FORMAT_DATETIME: scalar(native("STRING, DATETIME -> STRING", formatted("DATETIME"))),
  PARSE_DATETIME: scalar(native("STRING, STRING -> DATETIME", parsed("DATETIME"))),

  TIME: scalar(
    native(
      "INT64, INT64, INT64 -> TIME",
      ([hour, minute, second]) => `make_time(${hour}, ${minute}, CAST(${second} AS DOUBLE))`
    ),
    native("TIMESTAMP -> TIME", ([sql]) => `CAST(${sql} AS TIME)`),
    native("TIMESTAMP, raw -> TIME", ([sql], context) => `CAST(${toZone(sql!, argument(context, 1))} AS TIME)`),
    native("DATETIME -> TIME", ([sql]) => `CAST(${sql} AS TIME)`)
  ),
  TIME_ADD: move(false, "TIME"),
  TIME_SUB: move(true, "TIME"),
  TIME_DIFF: scalar(native("TIME, TIME, raw -> INT64", ([later, earlier], context) => {
    const length = clockPart(context, 2)
    return `(${ofDay(later!)} // CAST(${length} AS BIGINT) - ${ofDay(earlier!)} // CAST(${length} AS BIGINT))`
  })),
  TIME_TRUNC: scalar(native("TIME, raw -> TIME", ([sql], context) => {
    const length = clockPart(context, 1)
    return `(TIME '00:00:00' + to_microseconds((${
      ofDay(sql!)
    } // CAST(${length} AS BIGINT)) * CAST(${length} AS BIGINT)))`
  })),
  FORMAT_TIME: scalar(native("STRING, TIME -> STRING", formatted("TIME"))),
  PARSE_TIME: scalar(native("STRING, STRING -> TIME", parsed("TIME"))),

  TIMESTAMP: scalar(
    native("TIMESTAMP -> TIMESTAMP", ([sql]) => sql!),
    native(
      "STRING -> TIMESTAMP",
      ([sql], { at }) => castValue(value(sql!, Types.string, at), Types.timestamp, { isSafe: false, at }).sql
    ),
    native("DATE -> TIMESTAMP", ([sql]) => `CAST(${sql} AS TIMESTAMP)`),
    native("DATETIME -> TIMESTAMP", ([sql]) => sql!),
    native(
      "STRING, raw -> TIMESTAMP",
      ([sql], context) =>
        fromZone(
          castValue(value(sql!, Types.string, context.at), Types.datetime, { isSafe: false, at: context.at }).sql,
          argument(context, 1)
        )
    ),
    native("DATE, raw -> TIMESTAMP", ([sql], context) => fromZone(`CAST(${sql} AS TIMESTAMP)`, argument(context, 1))),
    native("DATETIME, raw -> TIMESTAMP", ([sql], context) => fromZone(sql!, argument(context, 1)))
  ),
  TIMESTAMP_ADD: move(false, "TIMESTAMP"),
  TIMESTAMP_SUB: move(true, "TIMESTAMP"),
  TIMESTAMP_DIFF: difference("TIMESTAMP"),
  TIMESTAMP_TRUNC: preferring(dateTrunc, "TIMESTAMP"),
  TIMESTAMP_SECONDS: scalar(native("INT64 -> TIMESTAMP", stamp(1_000_000))),
  TIMESTAMP_MILLIS: scalar(native("INT64 -> TIMESTAMP", stamp(1_000))),
  TIMESTAMP_MICROS: scalar(native("INT64 -> TIMESTAMP", stamp(1))),
  UNIX_SECONDS: total(native("TIMESTAMP -> INT64", ([sql]) => floorDivide(`epoch_us(${sql})`, 1_000_000))),
  UNIX_MILLIS: total(native("TIMESTAMP -> INT64", ([sql]) => floorDivide(`epoch_us(${sql})`, 1_000))),
  UNIX_MICROS: total(native("TIMESTAMP -> INT64", ([sql]) => `epoch_us(${sql})`)),
  FORMAT_TIMESTAMP: scalar(
    native("STRING, TIMESTAMP -> STRING", formatted("TIMESTAMP")),
    native(
      "STRING, TIMESTAMP, raw -> STRING",
      ([, sql], context) =>
        print(toZone(sql!, argument(context, 2)), "DATETIME", argument(context, 0), context.node.name)
    )
  ),
  PARSE_TIMESTAMP: scalar(
    native("STRING, STRING -> TIMESTAMP", parsed("TIMESTAMP")),
    native(
      "STRING, STRING, raw -> TIMESTAMP",
      ([, sql], context) =>
        fromZone(parse(sql!, "DATETIME", argument(context, 0), context.node.name, context.fail), argument(context, 2))
    )
  ),

  STRING: scalar(
    native("DATE -> STRING", asText("DATE")),
    native("DATETIME -> STRING", asText("DATETIME")),
    native("TIME -> STRING", asText("TIME")),
    native("TIMESTAMP -> STRING", asText("TIMESTAMP"))
  )
}
