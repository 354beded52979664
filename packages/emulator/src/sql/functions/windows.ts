/**
 * Functions that look at rows around one.
 *
 * @since 0.1.0
 */
import { type Context, type Definition, of, window } from "../Function.ts"
import { refuse } from "../SqlError.ts"
import * as Types from "../types.ts"
import { constantInteger } from "../Value.ts"

const rank = (name: string): Definition =>
  window({ order: "needed", frame: false }, of(" -> INT64", (_, { over }) => over(`${name}()`)))

const share = (name: string): Definition =>
  window({ order: "needed", frame: false }, of(" -> FLOAT64", (_, { over }) => over(`${name}()`)))

const nulls = ({ node }: Context): string => node.nulls === "ignore" ? " IGNORE NULLS" : ""

const edge = (name: string): Definition =>
  window(
    { order: "needed", frame: true, takes: ["NULLS"] },
    of("T -> T", ([x], context) => context.over(`${name}(${x}${nulls(context)})`))
  )

const distance = (context: Context, index: number, least: number): number => {
  const node = context.node.arguments[index]!
  const offset = constantInteger(node)
  return offset === undefined || offset < least
    ? refuse(`${context.node.name} takes a number from ${least} on that is written out`, node.at)
    : offset
}

const neighbour = (name: "lag" | "lead"): Definition =>
  window(
    { order: "needed", frame: false },
    of("T -> T", ([x], { over }) => over(`${name}(${x})`)),
    of("T, raw -> T", ([x], context) => context.over(`${name}(${x}, ${distance(context, 1, 0)})`)),
    of("T, raw, T -> T", ([x, , otherwise], context) =>
      context.over(`${name}(${x}, ${distance(context, 1, 0)}, ${otherwise})`))
  )

const percentile =
  (name: "quantile_cont" | "quantile_disc") => ([x]: ReadonlyArray<string>, context: Context): string => {
    const node = context.node.arguments[1]!
    const share = node.kind === "literal" && (node.type === "FLOAT64" || node.type === "INT64")
      ? Number(node.value)
      : Number.NaN
    if (!(share >= 0 && share <= 1)) {
      refuse(`${context.node.name} takes a number from 0 to 1 that is written out`, node.at)
    }
    if (context.node.nulls === "respect") {
      refuse("RESPECT NULLS is not supported here", context.at, "RESPECT NULLS of a percentile")
    }
    const mayBeNaN = Types.isScalar(context.type, "FLOAT64") && context.values[0]!.isNumber !== true
    const found = context.over(`${name}(${x}, ${share})`)
    // NaN is no number to be between others
    return mayBeNaN
      ? `CASE WHEN ${
        context.over(`bool_or(isnan(${x}))`)
      } THEN CAST(error('${context.node.name} of NaN is not supported') AS DOUBLE) ELSE ${found} END`
      : found
  }

export const windows: Readonly<Record<string, Definition>> = {
  CUME_DIST: share("cume_dist"),
  DENSE_RANK: rank("dense_rank"),
  FIRST_VALUE: edge("first_value"),
  LAG: neighbour("lag"),
  LAST_VALUE: edge("last_value"),
  LEAD: neighbour("lead"),
  NTH_VALUE: window(
    { order: "needed", frame: true, takes: ["NULLS"] },
    of("T, raw -> T", ([x], context) => context.over(`nth_value(${x}, ${distance(context, 1, 1)}${nulls(context)})`))
  ),
  NTILE: window(
    { order: "needed", frame: false },
    of("raw -> INT64", (_, context) => context.over(`ntile(${distance(context, 0, 1)})`))
  ),
  PERCENT_RANK: share("percent_rank"),
  PERCENTILE_CONT: window(
    { order: "refused", frame: false, takes: ["NULLS"] },
    of("FLOAT64, raw -> FLOAT64", percentile("quantile_cont"))
  ),
  PERCENTILE_DISC: window(
    { order: "refused", frame: false, takes: ["NULLS"] },
    of("T, raw -> T", percentile("quantile_disc"))
  ),
  RANK: rank("rank"),
  ROW_NUMBER: window({ order: "optional", frame: false }, of(" -> INT64", (_, { over }) => over("row_number()")))
}
