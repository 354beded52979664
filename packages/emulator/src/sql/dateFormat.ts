/**
 * Format elements such as `%Y`, for printing and for reading dates and times.
 * Each is spelled out: DuckDB's own differ, and read more than they should.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import type { DateTimeName } from "./intervals.ts"
import { refuse } from "./SqlError.ts"
import type { Expression } from "./syntax.ts"
import { constantText, fail, once, quoteText } from "./Value.ts"

/** Cuts a format into its elements and the texts between them. */
const elements = (
  format: Expression,
  name: string
): ReadonlyArray<{ readonly element: string } | { readonly text: string }> => {
  const text = constantText(format)
  if (text === undefined) {
    return refuse(`The format of ${name} has to be a text that is written out`, format.at, "computed format")
  }
  const parts: Array<{ readonly element: string } | { readonly text: string }> = []
  for (const [part] of text.matchAll(/%E(?:\*|\d)S|%E4Y|%E[^]|%[^]|%$|[^%]+/g)) {
    parts.push(part.startsWith("%") ? { element: part } : { text: part })
  }
  return parts
}

const two = (sql: string): string => `printf('%02d', ${sql})`
const spaced = (sql: string): string => `lpad(CAST(${sql} AS VARCHAR), 2, ' ')`
const twelve = (sql: string): string => `((hour(${sql}) + 11) % 12 + 1)`
const strftime = (element: string) => (sql: string): string => `strftime(${sql}, '${element}')`
/** Weeks of the year that begin with this day, from 0 on. */
const week = (first: number) => (sql: string): string =>
  two(`((dayofyear(${sql}) + 6 - (dayofweek(${sql}) - ${first} + 7) % 7) // 7)`)

type Print = (sql: string) => string

const ofDate: Readonly<Record<string, Print>> = {
  "%A": strftime("%A"),
  "%a": strftime("%a"),
  "%B": strftime("%B"),
  "%b": strftime("%b"),
  "%h": strftime("%b"),
  "%C": (sql) => two(`(year(${sql}) // 100)`),
  "%D": (sql) => `concat(${two(`month(${sql})`)}, '/', ${two(`day(${sql})`)}, '/', ${two(`(year(${sql}) % 100)`)})`,
  "%d": (sql) => two(`day(${sql})`),
  "%e": (sql) => spaced(`day(${sql})`),
  "%F": strftime("%Y-%m-%d"),
  "%G": (sql) => `CAST(isoyear(${sql}) AS VARCHAR)`,
  "%g": (sql) => two(`(isoyear(${sql}) % 100)`),
  "%j": strftime("%j"),
  "%m": (sql) => two(`month(${sql})`),
  "%Q": (sql) => `CAST(quarter(${sql}) AS VARCHAR)`,
  "%U": week(0),
  "%u": (sql) => `CAST(isodow(${sql}) AS VARCHAR)`,
  "%V": (sql) => two(`weekofyear(${sql})`),
  "%W": week(1),
  "%w": (sql) => `CAST(dayofweek(${sql}) AS VARCHAR)`,
  "%Y": (sql) => `CAST(year(${sql}) AS VARCHAR)`,
  "%y": (sql) => two(`(year(${sql}) % 100)`),
  "%x": (sql) => `concat(${two(`month(${sql})`)}, '/', ${two(`day(${sql})`)}, '/', ${two(`(year(${sql}) % 100)`)})`
}

const clock = (sql: string): string =>
  `concat(${two(`hour(${sql})`)}, ':', ${two(`minute(${sql})`)}, ':', ${two(`second(${sql})`)})`

const micros = (sql: string): string => `printf('%06d', microsecond(${sql}) % 1000000)`

/** Seconds with as many digits behind the point as they have, or with so many. */
const fraction = (digits: "*" | number) => (sql: string): string =>
  digits === "*"
    ? `concat(${two(`second(${sql})`)}, CASE WHEN microsecond(${sql}) % 1000000 = 0 THEN '' ELSE concat('.', rtrim(${
      micros(sql)
    }, '0')) END)`
    : digits === 0
    ? two(`second(${sql})`)
    : `concat(${two(`second(${sql})`)}, '.', ${
      digits > 6 ? `rpad(${micros(sql)}, ${digits}, '0')` : `left(${micros(sql)}, ${digits})`
    })`

const ofTime: Readonly<Record<string, Print>> = {
  "%H": (sql) => two(`hour(${sql})`),
  "%I": (sql) => two(twelve(sql)),
  "%k": (sql) => spaced(`hour(${sql})`),
  "%l": (sql) => spaced(twelve(sql)),
  "%M": (sql) => two(`minute(${sql})`),
  "%P": (sql) => `CASE WHEN hour(${sql}) < 12 THEN 'am' ELSE 'pm' END`,
  "%p": (sql) => `CASE WHEN hour(${sql}) < 12 THEN 'AM' ELSE 'PM' END`,
  "%R": (sql) => `concat(${two(`hour(${sql})`)}, ':', ${two(`minute(${sql})`)})`,
  "%S": (sql) => two(`second(${sql})`),
  "%T": clock,
  "%X": clock
}

const ofBoth: Readonly<Record<string, Print>> = {
  "%c": (sql) =>
    `concat(${strftime("%a %b ")(sql)}, ${spaced(`day(${sql})`)}, ' ', ${
      clock(sql)
    }, ' ', CAST(year(${sql}) AS VARCHAR))`
}

const plain: Readonly<Record<string, string>> = { "%%": "%", "%n": "\n", "%t": "\t" }

const printer = (element: string, type: DateTimeName): Print | undefined => {
  const seconds = /^%E(\*|\d)S$/.exec(element)
  if (seconds !== null && type !== "DATE") return fraction(seconds[1] === "*" ? "*" : Number(seconds[1]))
  if (type === "TIMESTAMP" && element === "%Z") return () => "'UTC'"
  if (type === "TIMESTAMP" && element === "%z") return () => "'+0000'"
  if (element === "%E4Y" && type !== "TIME") return (sql) => `printf('%04d', year(${sql}))`
  const date = type === "TIME" ? undefined : ofDate[element]
  const time = type === "DATE" ? undefined : ofTime[element]
  return date ?? time ?? (type === "DATETIME" || type === "TIMESTAMP" ? ofBoth[element] : undefined)
}

/** Prints a date or time by a format. */
export const print = (sql: string, type: DateTimeName, format: Expression, name: string): string => {
  const parts = elements(format, name)
  return once(sql, (bound) => {
    const printed = parts.map((part) => {
      if ("text" in part) return quoteText(part.text)
      const literal = plain[part.element]
      if (literal !== undefined) return quoteText(literal)
      const print = printer(part.element, type)
      if (print === undefined) {
        return refuse(
          `${name} with the format element ${part.element} is not supported for a ${type}`,
          format.at,
          `format ${part.element}`
        )
      }
      allow(`format ${part.element}`, format.at)
      return print(bound)
    })
    return `CASE WHEN ${bound} IS NOT NULL THEN concat(${["''", ...printed].join(", ")}) END`
  })
}

// ---------------------------------------------------------------------------------------------------------------------

type Unit =
  | "year"
  | "shortYear"
  | "month"
  | "monthName"
  | "day"
  | "hour"
  | "hour12"
  | "minute"
  | "second"
  | "fraction"
  | "half"
  | "offset"

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
const monthNames = "january|february|march|april|may|june|july|august|september|october|november|december"

/** Stands for the name of a month, which is read as far as it goes: where the text has the long one, that. */
const monthGroup = "(?i:(MONTH))"

/** What stands for an element in a text, and the unit that it says. */
const readers: Readonly<Record<string, ReadonlyArray<readonly [string, Unit | undefined]>>> = {
  "%Y": [["([0-9]{4})", "year"]],
  "%E4Y": [["([0-9]{4})", "year"]],
  "%y": [["([0-9]{2})", "shortYear"]],
  "%m": [["([0-9]{1,2})", "month"]],
  "%B": [[monthGroup, "monthName"]],
  "%b": [[monthGroup, "monthName"]],
  "%h": [[monthGroup, "monthName"]],
  "%d": [[" ?([0-9]{1,2})", "day"]],
  "%e": [[" ?([0-9]{1,2})", "day"]],
  "%H": [["([0-9]{1,2})", "hour"]],
  "%k": [[" ?([0-9]{1,2})", "hour"]],
  "%I": [["([0-9]{1,2})", "hour12"]],
  "%l": [[" ?([0-9]{1,2})", "hour12"]],
  "%M": [["([0-9]{1,2})", "minute"]],
  "%S": [["([0-9]{1,2})", "second"]],
  "%E*S": [["([0-9]{1,2})", "second"], ["(\\.[0-9]{1,6})?", "fraction"]],
  "%p": [["(?i:(am|pm))", "half"]],
  "%P": [["(?i:(am|pm))", "half"]],
  "%F": [["([0-9]{4})", "year"], ["-([0-9]{1,2})", "month"], ["-([0-9]{1,2})", "day"]],
  "%D": [["([0-9]{1,2})", "month"], ["/([0-9]{1,2})", "day"], ["/([0-9]{2})", "shortYear"]],
  "%x": [["([0-9]{1,2})", "month"], ["/([0-9]{1,2})", "day"], ["/([0-9]{2})", "shortYear"]],
  "%T": [["([0-9]{1,2})", "hour"], [":([0-9]{1,2})", "minute"], [":([0-9]{1,2})", "second"]],
  "%X": [["([0-9]{1,2})", "hour"], [":([0-9]{1,2})", "minute"], [":([0-9]{1,2})", "second"]],
  "%R": [["([0-9]{1,2})", "hour"], [":([0-9]{1,2})", "minute"]],
  "%z": [["([+-][0-9]{2}:?[0-9]{2})", "offset"]]
}

const digitsOnly = /^( \?)?\(\[0-9\]\{1,2\}\)$/
const units: Readonly<Record<DateTimeName, ReadonlyArray<Unit>>> = {
  DATE: ["year", "shortYear", "month", "monthName", "day"],
  TIME: ["hour", "hour12", "minute", "second", "fraction", "half"],
  DATETIME: [
    "year",
    "shortYear",
    "month",
    "monthName",
    "day",
    "hour",
    "hour12",
    "minute",
    "second",
    "fraction",
    "half"
  ],
  TIMESTAMP: [
    "year",
    "shortYear",
    "month",
    "monthName",
    "day",
    "hour",
    "hour12",
    "minute",
    "second",
    "fraction",
    "half",
    "offset"
  ]
}

/** Reads a date or time from a text by a format. */
export const parse = (
  sql: string,
  type: DateTimeName,
  format: Expression,
  name: string,
  failure: (message: string) => string = fail
): string => {
  const parts = elements(format, name)
  const found = new Map<Unit, number>()
  let pattern = "^\\s*"
  let groups = 0
  for (const [index, part] of parts.entries()) {
    if ("text" in part || plain[part.element] !== undefined) {
      const text = "text" in part ? part.text : plain[part.element]!
      // white space in a format stands for any, also none
      pattern += text.replace(
        /\s+|[^\s\w]/g,
        (unit) => /\s/.test(unit) ? "\\s*" : unit.charCodeAt(0) < 128 ? `\\${unit}` : unit
      )
      continue
    }
    const reader = readers[part.element]
    const isKnown = reader?.every(([, unit]) => unit === undefined || units[type].includes(unit))
    if (reader === undefined || isKnown !== true) {
      return refuse(
        `${name} with the format element ${part.element} is not supported for a ${type}`,
        format.at,
        `format ${part.element} in reading`
      )
    }
    allow(`format ${part.element} in reading`, format.at)
    const following = parts[index + 1]
    const isTight = following !== undefined &&
      ("element" in following ? /\[0-9\]/.test(readers[following.element]?.[0]?.[0] ?? "") : /^\d/.test(following.text))
    for (const [text, unit] of reader) {
      if (unit !== undefined) {
        if (found.has(unit)) refuse(`The format of ${name} says the ${unit} twice`, format.at)
        found.set(unit, ++groups)
      }
      // digits that follow each other have to be told apart
      pattern += isTight && digitsOnly.test(text) ? "([0-9]{2})" : text
    }
  }
  pattern += "\\s*$"
  if (groups === 0) return refuse(`The format of ${name} says nothing of a ${type}`, format.at)
  if (found.has("hour12") !== found.has("half")) refuse(`The format of ${name} needs %I and %p together`, format.at)
  if (groups > 9) refuse(`The format of ${name} has too many elements`, format.at)
  const read = (bound: string, pattern: string): string => {
    const text = (unit: Unit): string => `regexp_extract(${bound}, ${quoteText(pattern)}, ${found.get(unit)})`
    const number = (unit: Unit, otherwise: number): string =>
      found.has(unit) ? `CAST(${text(unit)} AS BIGINT)` : `CAST(${otherwise} AS BIGINT)`
    const year = found.has("shortYear")
      ? `(${number("shortYear", 0)} + CASE WHEN ${number("shortYear", 0)} < 69 THEN 2000 ELSE 1900 END)`
      : number("year", 1970)
    const month = found.has("monthName")
      ? `CAST(list_position([${months.map(quoteText).join(", ")}], lower(left(${text("monthName")}, 3))) AS BIGINT)`
      : number("month", 1)
    const hour = found.has("hour12")
      ? `(CASE WHEN ${number("hour12", 0)} BETWEEN 1 AND 12 THEN ${number("hour12", 0)} % 12 + CASE WHEN lower(${
        text("half")
      }) = 'pm' THEN 12 ELSE 0 END ELSE CAST(99 AS BIGINT) END)`
      : number("hour", 0)
    const second = found.has("fraction")
      ? `CAST(concat(${text("second")}, ${text("fraction")}) AS DOUBLE)`
      : `CAST(${number("second", 0)} AS DOUBLE)`
    const date = `make_date(${year}, ${month}, ${number("day", 1)})`
    const made = type === "DATE"
      ? date
      : type === "TIME"
      ? `make_time(${hour}, ${number("minute", 0)}, ${second})`
      : `make_timestamp(${year}, ${month}, ${number("day", 1)}, ${hour}, ${number("minute", 0)}, ${second})`
    const offset = found.has("offset")
      ? ` - to_minutes(CAST(concat(left(${text("offset")}, 1), '1') AS BIGINT) * (CAST(substring(${
        text("offset")
      }, 2, 2) AS BIGINT) * 60 + CAST(right(${text("offset")}, 2) AS BIGINT)))`
      : ""
    return `CASE WHEN regexp_matches(${bound}, ${
      quoteText(pattern)
    }) THEN ${made}${offset} WHEN ${bound} IS NOT NULL THEN ${failure(`${name}: the text does not fit the format`)} END`
  }
  return once(sql, (bound) => {
    if (!found.has("monthName")) return read(bound, pattern)
    const long = pattern.replace(monthGroup, `(?i:(${monthNames}))`)
    const short = pattern.replace(monthGroup, `(?i:(${months.join("|")}))`)
    const upToLong = `${pattern.slice(0, pattern.indexOf(monthGroup))}(?i:${monthNames})`
    return `CASE WHEN regexp_matches(${bound}, ${quoteText(upToLong)}) THEN ${read(bound, long)} ELSE ${
      read(bound, short)
    } END`
  })
}
