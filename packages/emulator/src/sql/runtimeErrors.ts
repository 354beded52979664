/**
 * What went wrong while a query ran, in words for the person who wrote it. The
 * translation begins its own messages with a mark; whatever else DuckDB says
 * comes from functions that the person did not name, and is put in words of
 * GoogleSQL's, or left out.
 *
 * @since 0.1.0
 */
import { spoken } from "./Value.ts"

/** RE2 reads the patterns of both. */
const patternFaults =
  /^(?:no argument for repetition operator|invalid escape sequence|invalid character class(?: range)?|missing [\])]|unexpected \)|trailing \\(?: at end of regexp)?|invalid repetition size|bad repetition operator|invalid (?:perl operator|named capture group|UTF-8)|pattern too large)/

const operators: Readonly<Record<string, string>> = {
  addition: "+",
  subtraction: "-",
  multiplication: "*",
  division: "/"
}

/** From the message without the kind of its error, and whole; the first that fits. */
const meanings: ReadonlyArray<readonly [RegExp, (match: RegExpExecArray) => string]> = [
  [
    /^Overflow in (\w+) of INT64 \((-?\d+) \S+ (-?\d+)\)/,
    ([, name, left, right]) => `int64 overflow: ${left} ${operators[name!] ?? name} ${right}`
  ],
  [/^Overflow in division of (-?\d+) \/ (-?\d+)/, ([, left, right]) => `int64 overflow: ${left} / ${right}`],
  [/^Overflow on abs\((-?\d+)\)/, ([, value]) => `int64 overflow: ABS(${value})`],
  [/^Overflow in negation/, () => "int64 overflow: the negative of -9223372036854775808"],
  [/^Overflow in HUGEINT/, () => "numeric overflow: the result has more than 29 digits before the point"],
  [
    /DECIMAL\(38(?:, ?9)?\)/,
    () => "numeric overflow: the value has more than 29 digits before the point, or is no number"
  ],
  [
    /^Type \w+ with value (\S+) can't be cast .* destination type INT(?:64|32)/,
    ([, value]) => `int64 out of range: ${value}`
  ],
  [/^Could not convert string ["'](.*)["'] to INT64/s, ([, value]) => `Bad int64 value: ${value}`],
  [/^Could not convert string ["'](.*)["'] to DOUBLE/s, ([, value]) => `Bad double value: ${value}`],
  [
    /^Date out of range(?:: (\S+))?/,
    ([, value]) => `Date value out of range${value === undefined ? "" : `: ${value}`}`
  ],
  [/^[Tt]ime (?:field value )?out of range: "?([^"]*)/, ([, value]) => `Invalid TIME value: ${value}`],
  [/^(?:date|timestamp) field value out of range: "([^"]*)"/, ([, value]) => `Invalid date or time: ${value}`],
  [/^invalid (?:date|timestamp) field format: "([^"]*)"/, ([, value]) => `Invalid date or time: ${value}`],
  [
    /^Could not convert string ["'](.*)["'] to (?:DATE|TIMESTAMP|TIME)\b/s,
    ([, value]) => `Invalid date or time: ${value}`
  ],
  [
    /timestamp range|^Timestamp microseconds out of range|^Overflow exception in date/i,
    () => "Timestamp value out of range: it lies outside the years 1 to 9999"
  ],
  [/^(?:Not implemented Error: )?Unknown TimeZone '(.*?)'/, ([, zone]) => `Invalid time zone: ${zone}`],
  [/^cannot take logarithm/, () => "Floating point error in function: LN or LOG of a number that is not above 0"],
  [/^cannot take square root/, () => "Floating point error in function: SQRT of a number below 0"],
  [
    /^(ACOS|ASIN|ATANH) is undefined/,
    ([, name]) => `Floating point error in function: ${name} of a number outside -1 to 1`
  ],
  [
    /is out of range!|out of range for numeric function/,
    () => "Floating point error in function: the result does not fit FLOAT64"
  ],
  [/^More than one row returned by a subquery/, () => "Scalar subquery produced more than one element"],
  [/^Could not decode string .* as base64/s, () => "Failed to decode invalid base64 string"],
  [/^Invalid input for hex digit/, () => "Failed to decode invalid hexadecimal string"],
  [/invalid UTF8 characters|invalid UTF-?8/i, () => "Invalid UTF-8: these bytes are no text"],
  [/^Invalid UTF8 Codepoint (-?\d+)/, ([, value]) => `Invalid codepoint ${value}`],
  [/^Referenced column "(.*?)" (?:not found|was not found)/s, ([, name]) => `Unrecognized name: ${name}`],
  [
    /allocate|memory|longer than 0x|spill|temp directory/i,
    () =>
      "Resources exceeded during query execution: the query needs more memory than the emulator has. Read fewer rows or columns at a time"
  ],
  [patternFaults, ({ input }) => `Cannot parse regular expression: ${input.split("\n")[0]}`]
]

const unknown =
  "The query could not be computed: a value or a combination of functions is beyond what the emulator handles. Take parts of it out into WITH, or leave unusual values out"

/**
 * The message of a query that failed while it ran.
 *
 * @category errors
 * @since 0.1.0
 */
export const explain = (message: string): string => {
  const bare = message.replace(/^[A-Za-z ]*Error: /, "")
  if (bare.startsWith(spoken)) return bare.slice(spoken.length).trim()
  const said = bare.split(/\n\s*\n|\nLINE \d/)[0]!.trim()
  for (const [pattern, meaning] of meanings) {
    const match = pattern.exec(said)
    if (match !== null) return meaning(match)
  }
  return unknown
}
