/**
 * Columns of any DuckDB result as the eight types, and the SQL that makes them
 * so: for parquet files, and for results of queries.
 *
 * @since 0.1.0
 */
import type { VariableType } from "../model.ts"

export interface Conversion {
  readonly type: VariableType
  /** SQL from the column's own value. */
  readonly convert: (value: string) => string
}

const as = (type: VariableType, convert: (value: string) => string = (value) => value): Conversion => ({
  type,
  convert
})

/** `duckType` as `DESCRIBE` writes it. */
export const conversionOf = (duckType: string): Conversion => {
  if (duckType.endsWith("]") || /^(STRUCT|MAP|UNION)\b/.test(duckType)) {
    return as("string", (value) => `CAST(to_json(${value}) AS VARCHAR)`)
  }
  if (duckType.startsWith("DECIMAL")) return as("float", (value) => `CAST(${value} AS DOUBLE)`)
  if (duckType.startsWith("ENUM")) return as("string", (value) => `CAST(${value} AS VARCHAR)`)
  if (duckType.startsWith("GEOMETRY")) return as("geography", (value) => `CAST(${value} AS VARCHAR)`)
  switch (duckType) {
    case "VARCHAR":
      return as("string")
    case "BIGINT":
      return as("integer")
    case "TINYINT":
    case "SMALLINT":
    case "INTEGER":
    case "UTINYINT":
    case "USMALLINT":
    case "UINTEGER":
    case "UBIGINT":
    case "HUGEINT":
    case "UHUGEINT":
    case "BIGNUM":
      return as("integer", (value) => `CAST(${value} AS BIGINT)`)
    case "DOUBLE":
      return as("float")
    case "FLOAT":
      return as("float", (value) => `CAST(${value} AS DOUBLE)`)
    case "BOOLEAN":
      return as("boolean")
    case "DATE":
      return as("date")
    case "TIMESTAMP":
      return as("dateTime")
    case "TIMESTAMP_S":
    case "TIMESTAMP_MS":
    case "TIMESTAMP_NS":
      return as("dateTime", (value) => `CAST(${value} AS TIMESTAMP)`)
    case "TIMESTAMP WITH TIME ZONE":
      return as("dateTime", (value) => `(${value} AT TIME ZONE 'UTC')`)
    case "TIME":
      return as("time")
    case "TIME_NS":
      return as("time", (value) => `CAST(${value} AS TIME)`)
    case "BLOB":
      return as("string", (value) => `to_base64(${value})`)
    default:
      return as("string", (value) => `CAST(${value} AS VARCHAR)`)
  }
}
