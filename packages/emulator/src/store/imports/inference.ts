/**
 * Types of columns that come as text. A type holds for every value of the
 * column, or it is not the column's type: nothing is lost by it. So `007`,
 * `+49` and integers beyond 64 bits are strings, and so is a column with an
 * empty text in it, which is not null.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { DuckFault, Session } from "../Database.ts"
import * as Decode from "../decode.ts"
import { quoteText } from "../identifiers.ts"
import type { VariableType } from "../model.ts"

/** How the values of a column are written. Date-times are all with a zone, or all without. */
export type Kind = VariableType | "zonedDateTime"

export interface TextColumn {
  /** SQL for the text of a value. */
  readonly text: string
  /** Kinds to try, the narrowest first. */
  readonly candidates: ReadonlyArray<Kind>
}

export const allKinds: ReadonlyArray<Kind> = [
  "boolean",
  "integer",
  "float",
  "date",
  "dateTime",
  "zonedDateTime",
  "time",
  "geography"
]

export const typeOf = (kind: Kind): VariableType => kind === "zonedDateTime" ? "dateTime" : kind

const date = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
const clock = "([01]?[0-9]|2[0-3]):[0-5]?[0-9]:[0-5]?[0-9](\\.[0-9]{1,6})?"
const zone = "(Z|z|[+-](0[0-9]|1[0-8])(:?[0-5][0-9])?)"
const wholeNumber = "(0|[1-9][0-9]*)"
const shape = "(POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)"

const matches = (text: string, pattern: string): string => `regexp_full_match(${text}, ${quoteText(pattern)})`

/** Characters that a value of a type other than geography has at most; longer text is not looked into, which would take long. */
const longestValue = 60

/** SQL for whether a text is a value of the kind as it stands. */
const holds = (kind: Kind, text: string): string =>
  kind === "geography"
    ? holdsAtAnyLength(kind, text)
    : `CASE WHEN strlen(${text}) <= ${longestValue} THEN ${holdsAtAnyLength(kind, text)} ELSE false END`

/** Digits of a number from the first that is not 0 to the last that is not. */
const digitsOf = (text: string): string =>
  `trim(regexp_replace(regexp_replace(${text}, '[eE].*$', ''), '[^0-9]', '', 'g'), '0')`

/**
 * SQL for whether a float is the number that the text says: it is where both
 * have the same digits once the float is written with as many. Up to 15 digits
 * that is certain, but for the smallest floats, which have fewer.
 */
const isExact = (text: string): string => {
  const digits = digitsOf(text)
  const float = `TRY_CAST(${text} AS DOUBLE)`
  const written = `format('{:.' || (strlen(${digits}) - 1) || 'e}', ${float})`
  return `CASE WHEN strlen(${digits}) = 0 OR (strlen(${digits}) <= 15 AND abs(${float}) > 1e-300) THEN true ` +
    `WHEN ${float} = 0 THEN false ELSE ${digitsOf(written)} = ${digits} END`
}

const number = `[+-]?(${wholeNumber}(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?`

const holdsAtAnyLength = (kind: Kind, text: string): string => {
  switch (kind) {
    case "boolean":
      return `lower(${text}) IN ('true', 'false')`
    case "integer":
      // Neither a leading + nor the sign of -0 would come back.
      return `(${text} <> '-0' AND ${matches(text, `-?${wholeNumber}`)} AND TRY_CAST(${text} AS BIGINT) IS NOT NULL)`
    case "float":
      // An integer among floats must be one that a float can hold, and has no leading + either.
      return `CASE WHEN ${matches(text, `[+-]?${wholeNumber}`)} THEN ${text} NOT LIKE '+%' AND ` +
        `TRY_CAST(${text} AS BIGINT) BETWEEN -9007199254740992 AND 9007199254740992 ` +
        `WHEN ${matches(text, number)} THEN isfinite(TRY_CAST(${text} AS DOUBLE)) AND ${isExact(text)} ` +
        `ELSE lower(${text}) IN ('nan', 'inf', '-inf', 'infinity', '-infinity') END`
    case "date":
      return `(${matches(text, date)} AND TRY_CAST(${text} AS DATE) >= DATE '0001-01-01')`
    case "dateTime":
      return `(${
        matches(text, `${date}([ T]${clock})?`)
      } AND TRY_CAST(${text} AS TIMESTAMP) >= TIMESTAMP '0001-01-01 00:00:00')`
    case "zonedDateTime":
      return `(${matches(text, `${date}[ T]${clock} ?${zone}`)} AND ${
        zoned("TRY_CAST", text)
      } BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999')`
    case "time":
      return `(${matches(text, clock)} AND TRY_CAST(${text} AS TIME) IS NOT NULL)`
    case "geography":
      return matches(text, `(?is)\\s*${shape}\\s*(EMPTY|Z?M?\\s*\\([-+0-9eE., ()A-Z\\s]*\\))\\s*`)
    case "string":
      return "true"
  }
}

/** The moment that a text with a zone names, in UTC. */
const zoned = (cast: "CAST" | "TRY_CAST", text: string): string =>
  `(${cast}(replace(upper(${text}), 'Z', '+00') AS TIMESTAMPTZ) AT TIME ZONE 'UTC')`

/** SQL that makes a value out of text of which `holds` is true. */
export const valueOf = (kind: Kind, text: string): string => {
  switch (kind) {
    case "string":
    case "geography":
      return text
    case "integer":
      return `CAST(${text} AS BIGINT)`
    case "float":
      return `CAST(${text} AS DOUBLE)`
    case "boolean":
      return `CAST(${text} AS BOOLEAN)`
    case "date":
      return `CAST(${text} AS DATE)`
    case "dateTime":
      return `CAST(${text} AS TIMESTAMP)`
    case "zonedDateTime":
      return zoned("CAST", text)
    case "time":
      return `CAST(${text} AS TIME)`
  }
}

/** Columns that one statement looks at: DuckDB holds all their values of some thousand rows at once. */
const columnsAtOnce = 500
/** Rows that rule out most types before all are read. */
const firstRows = 20_000

interface Finding {
  /** Candidates that no value speaks against. */
  readonly possible: ReadonlyArray<Kind>
  readonly hasValue: boolean
  readonly hasDigit: boolean
}

interface Findings {
  readonly columns: ReadonlyArray<Finding>
  readonly numRows: number
}

/** Expressions cost DuckDB more to make than to run: there is one a type, over the values of all columns one under the other. */
const tests = allKinds.map((kind, bit) =>
  `bool_and(CASE WHEN value IS NOT NULL AND asked & ${1 << bit} <> 0 THEN coalesce(${
    holds(kind, "value")
  }, false) END)` +
  ` AS is_${kind}`
)

/** Which candidates a column has, a bit each. */
const bitsOf = (candidates: ReadonlyArray<Kind>): number =>
  candidates.reduce((bits, kind) => bits | 1 << allKinds.indexOf(kind), 0)

const look = (
  session: Session,
  source: string,
  columns: ReadonlyArray<TextColumn>
): Effect.Effect<Findings, DuckFault> =>
  Effect.gen(function*() {
    const findings = columns.map(({ candidates }): Finding => ({
      possible: candidates,
      hasValue: false,
      hasDigit: false
    }))
    let numRows = 0
    const asked = columns.flatMap(({ candidates, text }, place) =>
      candidates.length === 0 ? [] : [{ candidates, place, text }]
    )
    for (let start = 0; start < asked.length; start += columnsAtOnce) {
      const part = asked.slice(start, start + columnsAtOnce)
      const rows = yield* session.rows(
        `SELECT place, ${tests.join(", ")}, count(value) > 0 AS has_value,
           bool_or(regexp_matches(value, '[0-9]')) AS has_digit, count(*) AS num_rows
         FROM (
           SELECT unnest([${part.map(({ text }) => text).join(", ")}]) AS value,
             unnest([${part.map(({ place }) => place).join(", ")}]) AS place,
             unnest([${part.map(({ candidates }) => bitsOf(candidates)).join(", ")}]) AS asked
           FROM ${source}
         ) GROUP BY place`
      )
      for (const row of rows) {
        const place = Decode.number(row, "place")
        findings[place] = {
          possible: columns[place]!.candidates.filter((kind) => row[`is_${kind}`] !== false),
          hasValue: row["has_value"] === true,
          hasDigit: row["has_digit"] === true
        }
        numRows = Decode.number(row, "num_rows")
      }
    }
    return { columns: findings, numRows }
  })

/** The kind of each column: the first of its candidates that holds for all rows, else string. */
export const infer = (
  session: Session,
  /** What stands behind FROM. */
  source: string,
  columns: ReadonlyArray<TextColumn>
): Effect.Effect<ReadonlyArray<Kind>, DuckFault> =>
  Effect.gen(function*() {
    if (columns.every(({ candidates }) => candidates.length === 0)) return columns.map(() => "string")
    // A column of which nothing has a digit is no column of numbers, whatever "NaN" may mean in it.
    const plausible = ({ possible, hasDigit }: Finding) => possible.filter((kind) => kind !== "float" || hasDigit)
    const first = yield* look(session, `(SELECT * FROM ${source} LIMIT ${firstRows})`, columns)
    if (first.numRows < firstRows) {
      return first.columns.map((finding) => finding.hasValue ? plausible(finding)[0] ?? "string" : "string")
    }
    // The rest is asked about the narrowest kind alone, which mostly is the answer, and again where it is not.
    const kinds: Array<Kind | undefined> = columns.map(() => undefined)
    let open = first.columns.map(({ possible }) => possible)
    while (open.some((possible) => possible.length > 0)) {
      const { columns: findings } = yield* look(
        session,
        source,
        columns.map(({ text }, index) => ({ text, candidates: open[index]!.slice(0, 1) }))
      )
      open = open.map((possible, index) => {
        const finding = findings[index]!
        const [kind] = finding.hasValue ? plausible(finding) : []
        kinds[index] ??= kind
        return kind === undefined && finding.hasValue ? possible.slice(1) : []
      })
    }
    return kinds.map((kind) => kind ?? "string")
  })
