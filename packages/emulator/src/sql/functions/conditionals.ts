/**
 * Functions that choose between values.
 *
 * @since 0.1.0
 */
import { type Definition, looking, of, scalar } from "../Function.ts"
import { compare } from "../operators.ts"
import { refuse } from "../SqlError.ts"
import * as Types from "../types.ts"
import { failWith, onceEach } from "../Value.ts"

/** NaN where any is. */
const extreme = (name: "greatest" | "least"): Definition =>
  scalar(of("T, T... -> T", (values, { at, type, values: typed }) => {
    if (!Types.isGroupable(type)) refuse(`Values of type ${Types.show(type)} have no order`, at)
    const mayBeNaN = name === "least" && Types.isScalar(type, "FLOAT64") && typed.some((each) => each.isNumber !== true)
    if (!mayBeNaN) return `${name}(${values.join(", ")})`
    return onceEach(
      values,
      (bound) =>
        `CASE WHEN ${bound.map((each) => `isnan(${each})`).join(" OR ")} THEN CAST('nan' AS DOUBLE) ELSE ${name}(${
          bound.join(", ")
        }) END`
    )
  }))

export const conditionals: Readonly<Record<string, Definition>> = {
  COALESCE: scalar(looking("T, T... -> T", (values) => `coalesce(${values.join(", ")})`)),
  IF: scalar(looking("BOOL, T, T -> T", ([test, yes, no]) => `CASE WHEN ${test} THEN ${yes} ELSE ${no} END`)),
  IFNULL: scalar(looking("T, T -> T", ([value, otherwise]) => `coalesce(${value}, ${otherwise})`)),
  NULLIF: scalar(
    looking(
      "T, T -> T",
      (values, { at, values: [value, unwanted] }) =>
        onceEach(
          values,
          ([x, y]) =>
            `CASE WHEN ${
              compare("=", { ...value!, sql: x! }, { ...unwanted!, sql: y! }, at).sql
            } THEN NULL ELSE ${x} END`
        )
    )
  ),
  GREATEST: extreme("greatest"),
  LEAST: extreme("least"),
  ERROR: scalar(
    looking("STRING -> INT64", ([message]) => `CAST(${failWith(`coalesce(${message}, 'NULL')`)} AS BIGINT)`)
  )
}
