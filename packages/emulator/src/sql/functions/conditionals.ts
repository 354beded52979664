/**
 * Functions that choose between values.
 *
 * @since 0.1.0
 */
import { type Definition, of, scalar } from "../Function.ts"
import { compare } from "../operators.ts"
import { refuse } from "../SqlError.ts"
import * as Types from "../types.ts"
import { once } from "../Value.ts"

/** NULL where any is, and NaN where any is. */
const extreme = (name: "greatest" | "least"): Definition =>
  scalar(of("T, T... -> T", (values, { at, type, values: typed }) => {
    if (!Types.isGroupable(type)) refuse(`Values of type ${Types.show(type)} have no order`, at)
    const mayBeNaN = Types.isScalar(type, "FLOAT64") && typed.some((each) => each.isNumber !== true)
    // one at a time, so that each is computed once
    const step = (done: ReadonlyArray<string>, [next, ...rest]: ReadonlyArray<string>): string => {
      if (next !== undefined) return once(next, (bound) => step([...done, bound], rest))
      const nan = name === "least" && mayBeNaN
        ? ` WHEN ${done.map((each) => `isnan(${each})`).join(" OR ")} THEN CAST('nan' AS DOUBLE)`
        : ""
      return `CASE WHEN ${done.map((each) => `${each} IS NULL`).join(" OR ")} THEN NULL${nan} ELSE ${name}(${
        done.join(", ")
      }) END`
    }
    return step([], values)
  }))

export const conditionals: Readonly<Record<string, Definition>> = {
  COALESCE: scalar(of("T, T... -> T", (values) => `coalesce(${values.join(", ")})`)),
  IF: scalar(of("BOOL, T, T -> T", ([test, yes, no]) => `CASE WHEN ${test} THEN ${yes} ELSE ${no} END`)),
  IFNULL: scalar(of("T, T -> T", ([value, otherwise]) => `coalesce(${value}, ${otherwise})`)),
  NULLIF: scalar(
    of(
      "T, T -> T",
      (_, { at, values: [value, unwanted] }) =>
        once(
          value!.sql,
          (bound) =>
            `CASE WHEN ${compare("=", { ...value!, sql: bound }, unwanted!, at).sql} THEN NULL ELSE ${bound} END`
        )
    )
  ),
  GREATEST: extreme("greatest"),
  LEAST: extreme("least"),
  ERROR: scalar(of("STRING -> INT64", ([message]) => `CAST(error(${message}) AS BIGINT)`))
}
