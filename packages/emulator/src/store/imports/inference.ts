/**
 * Types of columns that come as text. A type holds for every value of the
 * column, or it is not the column's type: nothing is lost by it. So `007` and
 * integers beyond 64 bits are strings.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { DuckFault, Session } from "../Database.ts"
import * as Decode from "../decode.ts"
import { quoteText } from "../identifiers.ts"
import type { VariableType } from "../model.ts"

export interface TextColumn {
  /** SQL for the text of a value. */
  readonly text: string
  /** Types to try, the narrowest first. */
  readonly candidates: ReadonlyArray<VariableType>
}

export const allCandidates: ReadonlyArray<VariableType> = [
  "boolean",
  "integer",
  "float",
  "date",
  "dateTime",
  "time",
  "geography"
]

const date = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
const clock = "([01]?[0-9]|2[0-3]):[0-5]?[0-9]:[0-5]?[0-9](\\.[0-9]{1,6})?"
const wholeNumber = "(0|[1-9][0-9]*)"
const shape = "(POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)"

const matches = (text: string, pattern: string): string => `regexp_full_match(${text}, ${quoteText(pattern)})`

/** Characters that a value of a type other than geography has at most; longer text is not looked into, which would take long. */
const longestValue = 60

/** SQL for whether a text is a value of the type as it stands. */
const holds = (type: VariableType, text: string): string =>
  type === "geography"
    ? holdsAtAnyLength(type, text)
    : `CASE WHEN strlen(${text}) <= ${longestValue} THEN ${holdsAtAnyLength(type, text)} ELSE false END`

const holdsAtAnyLength = (type: VariableType, text: string): string => {
  switch (type) {
    case "boolean":
      return `lower(${text}) IN ('true', 'false')`
    case "integer":
      return `(${matches(text, `[+-]?${wholeNumber}`)} AND TRY_CAST(${text} AS BIGINT) IS NOT NULL)`
    case "float":
      // An integer among floats must be one that a float can hold.
      return `(lower(${text}) IN ('nan', 'inf', '-inf', 'infinity', '-infinity') OR (${
        matches(text, `[+-]?(${wholeNumber}(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?`)
      } AND isfinite(TRY_CAST(${text} AS DOUBLE)) AND (regexp_matches(${text}, '[.eE]') OR TRY_CAST(${text} AS BIGINT) BETWEEN -9007199254740992 AND 9007199254740992)))`
    case "date":
      return `(${matches(text, date)} AND TRY_CAST(${text} AS DATE) >= DATE '0001-01-01')`
    case "dateTime":
      return `(${
        matches(text, `${date}([ T]${clock})?`)
      } AND TRY_CAST(${text} AS TIMESTAMP) >= TIMESTAMP '0001-01-01 00:00:00')`
    case "time":
      return `(${matches(text, clock)} AND TRY_CAST(${text} AS TIME) IS NOT NULL)`
    case "geography":
      return matches(text, `(?is)\\s*${shape}\\s*(EMPTY|Z?M?\\s*\\([-+0-9eE., ()A-Z\\s]*\\))\\s*`)
    case "string":
      return "true"
  }
}

/** SQL that makes a value out of text of which `holds` is true. Empty text is a string, and no value of another type. */
export const valueOf = (type: VariableType, text: string): string => {
  switch (type) {
    case "string":
      return text
    case "geography":
      return `nullif(${text}, '')`
    case "integer":
      return `CAST(nullif(${text}, '') AS BIGINT)`
    case "float":
      return `CAST(nullif(${text}, '') AS DOUBLE)`
    case "boolean":
      return `CAST(nullif(${text}, '') AS BOOLEAN)`
    case "date":
      return `CAST(nullif(${text}, '') AS DATE)`
    case "dateTime":
      return `CAST(nullif(${text}, '') AS TIMESTAMP)`
    case "time":
      return `CAST(nullif(${text}, '') AS TIME)`
  }
}

/** Columns that one statement looks at: DuckDB holds all their values of some thousand rows at once. */
const columnsAtOnce = 500
/** Rows that rule out most types before all are read. */
const firstRows = 20_000

interface Finding {
  /** Candidates that no value speaks against. */
  readonly possible: ReadonlyArray<VariableType>
  readonly hasValue: boolean
  readonly hasDigit: boolean
}

interface Findings {
  readonly columns: ReadonlyArray<Finding>
  readonly numRows: number
}

/** Expressions cost DuckDB more to make than to run: there is one a type, over the values of all columns one under the other. */
const tests = allCandidates.map((type, bit) =>
  `bool_and(CASE WHEN value <> '' AND asked & ${1 << bit} <> 0 THEN coalesce(${holds(type, "value")}, false) END)` +
  ` AS is_${type}`
)

/** Which candidates a column has, a bit each. */
const bitsOf = (candidates: ReadonlyArray<VariableType>): number =>
  candidates.reduce((bits, type) => bits | 1 << allCandidates.indexOf(type), 0)

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
        `SELECT place, ${tests.join(", ")}, bool_or(value <> '') AS has_value,
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
          possible: columns[place]!.candidates.filter((type) => row[`is_${type}`] !== false),
          hasValue: row["has_value"] === true,
          hasDigit: row["has_digit"] === true
        }
        numRows = Decode.number(row, "num_rows")
      }
    }
    return { columns: findings, numRows }
  })

/** The type of each column: the first of its candidates that holds for all rows, else string. */
export const infer = (
  session: Session,
  /** What stands behind FROM. */
  source: string,
  columns: ReadonlyArray<TextColumn>
): Effect.Effect<ReadonlyArray<VariableType>, DuckFault> =>
  Effect.gen(function*() {
    if (columns.every(({ candidates }) => candidates.length === 0)) return columns.map(() => "string")
    // A column of which nothing has a digit is no column of numbers, whatever "NaN" may mean in it.
    const plausible = ({ possible, hasDigit }: Finding) => possible.filter((type) => type !== "float" || hasDigit)
    const first = yield* look(session, `(SELECT * FROM ${source} LIMIT ${firstRows})`, columns)
    if (first.numRows < firstRows) {
      return first.columns.map((finding) => finding.hasValue ? plausible(finding)[0] ?? "string" : "string")
    }
    // The rest is asked about the narrowest type alone, which mostly is the answer, and again where it is not.
    const types: Array<VariableType | undefined> = columns.map(() => undefined)
    let open = first.columns.map(({ possible }) => possible)
    while (open.some((possible) => possible.length > 0)) {
      const { columns: findings } = yield* look(
        session,
        source,
        columns.map(({ text }, index) => ({ text, candidates: open[index]!.slice(0, 1) }))
      )
      open = open.map((possible, index) => {
        const finding = findings[index]!
        const [type] = finding.hasValue ? plausible(finding) : []
        types[index] ??= type
        return type === undefined && finding.hasValue ? possible.slice(1) : []
      })
    }
    return types.map((type) => type ?? "string")
  })
