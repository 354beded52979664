/**
 * The ranges of GoogleSQL's types, which are narrower than DuckDB's: one place
 * for each type, through which goes what may leave them.
 *
 * @since 0.1.0
 */
import * as Types from "./types.ts"
import { ensure, fail, once, onceEach, type Value } from "./Value.ts"

/** DuckDB has the years before 1 and after 9999, and sums of NUMERIC with more than 29 digits before the point. */
const bounds: Partial<Readonly<Record<Types.ScalarName, readonly [least: string, most: string]>>> = {
  DATE: ["DATE '0001-01-01'", "DATE '9999-12-31'"],
  DATETIME: ["TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999999'"],
  TIMESTAMP: ["TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999999'"],
  TIME: ["TIME '00:00:00'", "TIME '23:59:59.999999'"],
  NUMERIC: [
    "CAST('-99999999999999999999999999999.999999999' AS DECIMAL(38, 9))",
    "CAST('99999999999999999999999999999.999999999' AS DECIMAL(38, 9))"
  ]
}

const messages: Partial<Readonly<Record<Types.ScalarName, string>>> = {
  DATE: "Date value out of range: it lies outside 0001-01-01 to 9999-12-31",
  DATETIME: "Datetime value out of range: it lies outside the years 1 to 9999",
  TIMESTAMP: "Timestamp value out of range: it lies outside the years 1 to 9999",
  TIME: "Time value out of range: a day has 24 hours",
  NUMERIC: "numeric overflow: the result has more than 29 digits before the point"
}

/** Fails where the value lies outside its type. */
export const inRange = (sql: string, type: Types.Type): string => {
  if (type.kind !== "scalar") return sql
  const range = bounds[type.name]
  if (range === undefined) return sql
  const [least, most] = range
  return once(
    sql,
    (bound) => ensure(`${bound} IS NULL OR ${bound} BETWEEN ${least} AND ${most}`, bound, messages[type.name]!)
  )
}

/** Whether a float may be an infinity or NaN. */
export const mayBeInfinite = (each: Value): boolean => Types.isScalar(each.type, "FLOAT64") && each.isNumber !== true

/**
 * The sum, product or the like of floats, which fails where it is not finite
 * although all that it was computed from is.
 */
export const finite = (
  operands: ReadonlyArray<Value>,
  build: (operands: ReadonlyArray<string>) => string,
  message: string
): string => {
  const infinite = operands.flatMap((each, index) => mayBeInfinite(each) ? [index] : [])
  // what is used once more to tell whether it is finite
  return onceEach(
    infinite.map((index) => operands[index]!.sql),
    (bound) =>
      once(build(operands.map((each, index) => bound[infinite.indexOf(index)] ?? each.sql)), (result) =>
        `CASE WHEN ${
          [
            `NOT isfinite(${result})`,
            ...bound.map((each) => `isfinite(${each})`)
          ].join(" AND ")
        } THEN ${fail(message)} ELSE ${result} END`)
  )
}
