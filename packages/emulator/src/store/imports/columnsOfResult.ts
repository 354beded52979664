/**
 * Columns of any DuckDB result as the eight types, and the SQL that makes them
 * so without loss: for parquet files, and for results of queries.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { DuckFault, Session } from "../Database.ts"
import * as Decode from "../decode.ts"
import { quoteName } from "../identifiers.ts"
import type { VariableType } from "../model.ts"

export interface Conversion {
  readonly type: VariableType
  /** SQL from the column's own value. */
  readonly convert: (value: string) => string
}

/** A column as `DESCRIBE` writes it. */
export interface ResultColumn {
  readonly name: string
  readonly duckType: string
}

const as = (type: VariableType, convert: (value: string) => string = (value) => value): Conversion => ({
  type,
  convert
})

const asText = as("string", (value) => `CAST(${value} AS VARCHAR)`)
const asInteger = as("integer", (value) => `CAST(${value} AS BIGINT)`)

/** What a column can be, and SQL for whether a value of it can; the first that all values can be is taken. */
interface Choice {
  readonly conversion: Conversion
  /** Absent where every value can. */
  readonly fits?: ((value: string) => string) | undefined
}

const certain = (conversion: Conversion): ReadonlyArray<Choice> => [{ conversion }]

/** Of an integer: those that are wider are compared as floats, or not at all. */
const fitsInteger = (value: string): string => `TRY_CAST(${value} AS BIGINT) IS NOT NULL`

/** By its text: to compare a decimal with an integer, DuckDB makes a decimal of that, which fails where it has no room. */
const isWhole = (value: string): string =>
  `TRY_CAST(${value} AS BIGINT) IS NOT NULL AND regexp_full_match(CAST(${value} AS VARCHAR), '-?[0-9]*([.]0*)?')`

/** Through text, which is exact both ways: a cast of a decimal divides, and rounds twice. */
const floatOf = (value: string): string => `CAST(CAST(${value} AS VARCHAR) AS DOUBLE)`

/** Digits that each float has. */
const certainDigits = 15

/**
 * A decimal is a float where it comes back the same, which it does up to 15
 * digits; else an integer where it is whole and fits, else text.
 */
const choicesOfDecimal = (duckType: string): ReadonlyArray<Choice> => {
  const [width = 38, scale = 0] = (/\((\d+),\s*(\d+)\)/.exec(duckType) ?? []).slice(1).map(Number)
  if (width <= certainDigits) return certain(as("float", (value) => `CAST(${value} AS DOUBLE)`))
  const integer: Choice = { conversion: asInteger, fits: isWhole }
  // with a digit before the point, without which DuckDB reads no exponents
  const read = `DECIMAL(${Math.min(width + 1, 38)}, ${scale})`
  const float: Choice = {
    conversion: as("float", floatOf),
    fits: (value) => `TRY_CAST(CAST(${floatOf(value)} AS VARCHAR) AS ${read}) = ${value}`
  }
  const text = as("string", (value) => `regexp_replace(CAST(${value} AS VARCHAR), '^(-?)[.]', '\\10.')`)
  return [...(scale === 0 ? [integer] : [float, integer]), { conversion: text }]
}

/** What JSON would round within a nested value becomes text in it. */
const exactWithin = (duckType: string): string =>
  duckType.replaceAll(/\b(DECIMAL\(\d+,\s*\d+\)|U?HUGEINT|BIGNUM|TIMESTAMP_NS|TIME_NS)(?=[[,)]|$)/g, "VARCHAR")

const choicesOf = (duckType: string): ReadonlyArray<Choice> => {
  if (duckType.endsWith("]") || /^(STRUCT|MAP|UNION)\b/.test(duckType)) {
    const exact = exactWithin(duckType)
    return certain(
      as("string", (value) => `CAST(to_json(${exact === duckType ? value : `CAST(${value} AS ${exact})`}) AS VARCHAR)`)
    )
  }
  if (duckType.startsWith("DECIMAL")) return choicesOfDecimal(duckType)
  if (duckType.startsWith("GEOMETRY")) return certain(as("geography", asText.convert))
  switch (duckType) {
    case "VARCHAR":
      return certain(as("string"))
    case "BIGINT":
      return certain(as("integer"))
    case "TINYINT":
    case "SMALLINT":
    case "INTEGER":
    case "UTINYINT":
    case "USMALLINT":
    case "UINTEGER":
      return certain(asInteger)
    case "UBIGINT":
    case "HUGEINT":
    case "UHUGEINT":
      return [{ conversion: asInteger, fits: fitsInteger }, { conversion: asText }]
    case "BIGNUM":
      // its own cast fails for what does not fit, and gives no NULL
      return [
        {
          conversion: as("integer", (value) => `CAST(CAST(${value} AS VARCHAR) AS BIGINT)`),
          fits: (value) => `TRY_CAST(CAST(${value} AS VARCHAR) AS BIGINT) IS NOT NULL`
        },
        { conversion: asText }
      ]
    case "DOUBLE":
      return certain(as("float"))
    case "FLOAT":
      return certain(as("float", (value) => `CAST(${value} AS DOUBLE)`))
    case "BOOLEAN":
      return certain(as("boolean"))
    case "DATE":
      return certain(as("date"))
    case "TIMESTAMP":
      return certain(as("dateTime"))
    case "TIMESTAMP_S":
    case "TIMESTAMP_MS":
      return certain(as("dateTime", (value) => `CAST(${value} AS TIMESTAMP)`))
    case "TIMESTAMP_NS":
      return [
        {
          conversion: as("dateTime", (value) => `CAST(${value} AS TIMESTAMP)`),
          fits: (value) => `epoch_ns(${value}) % 1000 = 0`
        },
        // Nanoseconds have no place in a date-time: they come as the integer that they are.
        { conversion: as("integer", (value) => `epoch_ns(${value})`) }
      ]
    case "TIMESTAMP WITH TIME ZONE":
      return certain(as("dateTime", (value) => `(${value} AT TIME ZONE 'UTC')`))
    case "TIME":
      return certain(as("time"))
    case "TIME_NS":
      return [
        {
          conversion: as("time", (value) => `CAST(${value} AS TIME)`),
          fits: (value) => `nanosecond(${value}) % 1000 = 0`
        },
        { conversion: asText }
      ]
    case "BLOB":
      return certain(as("string", (value) => `to_base64(${value})`))
    default:
      return certain(asText)
  }
}

/** Bytes in a file: frames of geometries are sent as well-known binary, and some writers send text so. */
const bytesInFile: ReadonlyArray<Choice> = [
  {
    conversion: as("geography", (value) => `CAST(ST_GeomFromWKB(${value}) AS VARCHAR)`),
    fits: (value) => `TRY(ST_GeomFromWKB(${value})) IS NOT NULL`
  },
  { conversion: as("string", (value) => `decode(${value})`), fits: (value) => `TRY(decode(${value})) IS NOT NULL` },
  { conversion: as("string", (value) => `to_base64(${value})`) }
]

/** Whether what the column becomes depends on its values. */
export const isUncertain = ({ duckType }: ResultColumn): boolean => choicesOf(duckType).length > 1

/** What each column becomes, once all its values were looked at where that matters. */
export const conversionsOf = (
  session: Session,
  /** What stands behind FROM. */
  from: string,
  columns: ReadonlyArray<ResultColumn>,
  options: { readonly isFile: boolean }
): Effect.Effect<ReadonlyArray<Conversion>, DuckFault> =>
  Effect.gen(function*() {
    const choices = columns.map(({ duckType }) =>
      options.isFile && duckType === "BLOB" ? bytesInFile : choicesOf(duckType)
    )
    const tests = choices.flatMap((all, column) =>
      all.flatMap(({ fits }, choice) =>
        fits === undefined
          ? []
          : [{ name: `f${column}_${choice}`, test: fits(quoteName(columns[column]!.name)), column }]
      )
    )
    const [row] = tests.length === 0 ? [] : yield* session.rows(
      `SELECT ${
        tests.map(({ column, name, test }) => {
          const value = quoteName(columns[column]!.name)
          // without a value there is nothing that speaks for a geometry
          const otherwise = columns[column]!.duckType !== "BLOB"
          return `coalesce(bool_and(CASE WHEN ${value} IS NOT NULL THEN coalesce(${test}, false) END), ${otherwise}) AS ${name}`
        }).join(", ")
      } FROM ${from}`
    )
    return choices.map((all, column) => {
      const taken = all.find(({ fits }, choice) => fits === undefined || Decode.boolean(row!, `f${column}_${choice}`))
      return (taken ?? all.at(-1)!).conversion
    })
  })
