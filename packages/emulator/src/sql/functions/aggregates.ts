/**
 * Functions that gather rows.
 *
 * @since 0.1.0
 */
import { aggregate, type Context, type Definition, of } from "../Function.ts"
import { inRange } from "../ranges.ts"
import { refuse } from "../SqlError.ts"
import { translateOrder } from "../translateWindow.ts"
import * as Types from "../types.ts"
import { constantInteger, isConstant, joined, type Value } from "../Value.ts"

const distinct = ({ node }: Context): string => node.isDistinct ? "DISTINCT " : ""

/**
 * ORDER BY inside the parentheses. Without one the values come as their rows do,
 * or in their own order where each comes once, so that every run gives the same.
 */
const order = (x: string, { env, node }: Context): string => {
  const keys = node.orderBy.length > 0
    ? translateOrder(node.orderBy, env)
    : node.isDistinct
    ? [`${x} ASC NULLS FIRST`]
    : env.positions
  return keys.length === 0 ? "" : ` ORDER BY ${keys.join(", ")}`
}

const comparable = ({ at, node, values }: Context): void => {
  const [first] = values
  if (first !== undefined && !Types.isGroupable(first.type)) {
    refuse(`${node.name} of ${Types.show(first.type)} is not possible`, at)
  }
}

/** The one of the row where another value is the greatest or the least. */
const byExtreme = (value: string, key: string, isMax: boolean, { over }: Context): string =>
  over(`arg_${isMax ? "max" : "min"}_null(${value}, ${key})`)

/** `HAVING MAX y`: of the rows where y is the greatest, any. */
const having = (sql: string, context: Context): string | undefined => {
  const { having } = context.node
  if (having === undefined) return undefined
  if (context.node.isDistinct) refuse("DISTINCT and HAVING in one call are not supported", context.at)
  const key = context.translate(having.expression)
  if (!Types.isGroupable(key.type)) {
    refuse(`HAVING MAX of ${Types.show(key.type)} is not possible`, having.expression.at)
  }
  refuseNaN(key, context)
  return byExtreme(sql, key.sql, having.isMax, context)
}

/** To DuckDB NaN is the greatest number; to GoogleSQL it is what any NaN among the rows makes of all. */
const extreme = (name: "min" | "max") => ([x]: ReadonlyArray<string>, context: Context): string => {
  comparable(context)
  const { over, type, values } = context
  const plain = over(`${name}(${x})`)
  return name === "max" || !Types.isScalar(type, "FLOAT64") || values[0]!.isNumber === true
    ? plain
    : `CASE WHEN ${over(`bool_or(isnan(${x}))`)} THEN CAST('nan' AS DOUBLE) ELSE ${plain} END`
}

const collect = ([x]: ReadonlyArray<string>, context: Context): string => {
  const { at, node, over, type } = context
  if (type.kind === "array" && type.element.kind === "array") {
    refuse("An array of arrays is not possible; put a struct between them", at)
  }
  const list = over(
    `list(${distinct(context)}${x}${order(x!, context)})`,
    node.nulls === "ignore" ? `${x} IS NOT NULL` : undefined
  )
  return limited(list, context)
}

const limited = (list: string, { node }: Context): string => {
  if (node.limit === undefined) return list
  const limit = constantInteger(node.limit)!
  // a slice from 1 to 0 is a whole array to DuckDB
  return limit === 0 ? refuse("LIMIT 0 in a call is not supported", node.limit.at) : `list_slice(${list}, 1, ${limit})`
}

const join = ([x]: ReadonlyArray<string>, context: Context, separator: string): string => {
  const list = limited(
    context.over(`list(${distinct(context)}${x}${order(x!, context)})`, `${x} IS NOT NULL`),
    context
  )
  return joined(list, separator)
}

/** Written once for all rows, and not NULL. */
const separator = (context: Context): string => {
  const { sql } = context.values[1]!
  const node = context.node.arguments[1]!
  if (node.kind === "literal" && node.type === "NULL") refuse("Illegal NULL separator in STRING_AGG", node.at)
  if (!isConstant(sql)) refuse("The separator of STRING_AGG has to be the same for all rows", node.at)
  return context.values[1]!.isPresent === true
    ? sql
    : `coalesce(${sql}, ${context.fail("Illegal NULL separator in STRING_AGG")})`
}

/**
 * NaN where any of the numbers is not finite, for which DuckDB fails or gives 0;
 * NULL of fewer rows than there have to be, whatever they hold.
 */
const moments = (call: string, numbers: ReadonlyArray<string>, least: 1 | 2, context: Context): string => {
  const mayBeInfinite = context.values.some((each) => Types.isScalar(each.type, "FLOAT64") && each.isNumber !== true)
  const all = numbers.map((each) => `isfinite(${each})`).join(" AND ")
  const found = context.over(call, mayBeInfinite ? all : undefined)
  const infinite = mayBeInfinite
    ? ` WHEN ${context.over("count(*)", `NOT (${all})`)} > 0 THEN CAST('nan' AS DOUBLE)`
    : ""
  const few = least === 1
    ? ""
    : ` WHEN ${context.over(`count(${distinct(context)}${numbers.join(" + ")})`)} < 2 THEN NULL`
  return `CASE${few}${infinite} WHEN isinf(${found}) THEN ${
    context.fail(`Floating point error in function: ${context.node.name}`)
  } ELSE ${found} END`
}

const numeric = (name: string, least: 1 | 2): Definition =>
  aggregate(
    ["DISTINCT"],
    of("FLOAT64 -> FLOAT64", ([x], context) => moments(`${name}(${distinct(context)}${x})`, [x!], least, context))
  )

const pair = (name: string, least: 1 | 2): Definition =>
  aggregate(
    [],
    of("FLOAT64, FLOAT64 -> FLOAT64", ([y, x], context) => moments(`${name}(${y}, ${x})`, [y!, x!], least, context))
  )

const choosing = (isMax: boolean): Definition =>
  aggregate(
    [],
    ...["INT64", "STRING", "DATE", "DATETIME", "TIMESTAMP", "TIME", "BOOL", "NUMERIC", "FLOAT64"].map((key) =>
      of(`T, ${key} -> T`, ([x, y], context) => {
        refuseNaN(context.values[1]!, context)
        return byExtreme(x!, y!, isMax, context)
      })
    )
  )

const refuseNaN = (key: Value, { at, node }: Context): void => {
  if (Types.isScalar(key.type, "FLOAT64") && key.isNumber !== true) {
    refuse(`${node.name} by a float that may be NaN is not supported; use ROW_NUMBER`, at, `${node.name} by FLOAT64`)
  }
}

const bits = (name: string): Definition => aggregate([], of("INT64 -> INT64", ([x], { over }) => over(`${name}(${x})`)))

/** So many times smaller, which costs no digit, no sum of floats is beyond the range. */
const scale = "1152921504606846976"

/** Of floats: fails where the sum is beyond the range and no number was, not where it only was so on the way. */
const sumOfFloats = ([x]: ReadonlyArray<string>, context: Context): string => {
  const sum = context.over(`sum(${distinct(context)}${x})`)
  const small = `${context.over(`sum(${distinct(context)}${x} / ${scale})`)} * ${scale}`
  return `CASE WHEN isfinite(${sum}) OR NOT ${
    context.over(`bool_and(isfinite(${x}))`)
  } THEN ${sum} WHEN isfinite(${small}) THEN ${small} WHEN ${sum} IS NOT NULL THEN ${
    context.fail("double overflow: the result of SUM does not fit FLOAT64")
  } END`
}

/** DuckDB's sum of 128 bits starts anew beyond them, so that the size is asked of a float. */
const sumOfNumerics = ([x]: ReadonlyArray<string>, context: Context): string => {
  const sum = context.over(`sum(${distinct(context)}${x})`)
  const size = context.over(`sum(${distinct(context)}CAST(${x} AS DOUBLE))`)
  return inRange(
    `CASE WHEN abs(${size}) > 1.5e29 THEN ${context.fail("numeric overflow: SUM")} ELSE ${sum} END`,
    Types.numeric
  )
}

/** A mean lies between its numbers, so that it fits where their sum does not. */
const mean = ([x]: ReadonlyArray<string>, context: Context): string => {
  const plain = context.over(`avg(${distinct(context)}${x})`)
  const small = context.over(`avg(${distinct(context)}${x} / ${scale})`)
  return `CASE WHEN NOT isfinite(${plain}) AND ${
    context.over(`bool_and(isfinite(${x}))`)
  } THEN ${small} * ${scale} ELSE ${plain} END`
}

const collecting = (definition: Definition): Definition => ({ ...definition, collects: true })

/** What it gives may be NaN although no argument is. */
const mayGiveNaN = (definition: Definition): Definition => ({ ...definition, keepsNumbers: false })

export const aggregates: Readonly<Record<string, Definition>> = {
  ANY_VALUE: aggregate(
    ["HAVING"],
    of("T -> T", ([x], context) => having(x!, context) ?? context.over(`any_value(${x})`))
  ),
  APPROX_COUNT_DISTINCT: aggregate(
    [],
    of("T -> INT64", ([x], context) => {
      comparable(context)
      return context.over(`count(DISTINCT ${x})`)
    })
  ),
  APPROX_QUANTILES: aggregate(
    [],
    of("T, INT64 -> T[]", ([x], context) => {
      comparable(context)
      const count = constantInteger(context.node.arguments[1]!)
      if (count === undefined || count < 1 || count > 10_000) {
        return refuse(
          "APPROX_QUANTILES takes a positive number of quantiles that is written out",
          context.node.arguments[1]!.at
        )
      }
      if (Types.isScalar(context.values[0]!.type, "FLOAT64") && context.values[0]!.isNumber !== true) {
        return context.over(`quantile_disc(${x}, [${steps(count)}])`, `NOT isnan(${x})`)
      }
      return context.over(`quantile_disc(${x}, [${steps(count)}])`)
    })
  ),
  ARRAY_AGG: collecting(aggregate(["DISTINCT", "NULLS", "ORDER BY", "LIMIT"], of("T -> T[]", collect))),
  AVG: aggregate(
    ["DISTINCT"],
    of("FLOAT64 -> FLOAT64", mean)
  ),
  BIT_AND: bits("bit_and"),
  BIT_OR: bits("bit_or"),
  BIT_XOR: bits("bit_xor"),
  CORR: mayGiveNaN(
    aggregate(
      [],
      of("FLOAT64, FLOAT64 -> FLOAT64", ([y, x], context) => moments(`corr(${y}, ${x})`, [y!, x!], 2, context))
    )
  ),
  COUNT: aggregate(
    ["DISTINCT"],
    of(
      " -> INT64",
      (_, { at, node, over }) => node.isStar ? over("count(*)") : refuse("COUNT takes an argument, or *", at)
    ),
    of("T -> INT64", ([x], context) => {
      if (context.node.isDistinct) comparable(context)
      return context.over(`count(${distinct(context)}${x})`)
    })
  ),
  COUNTIF: aggregate([], of("BOOL -> INT64", ([x], { over }) => over("count(*)", x))),
  COVAR_POP: mayGiveNaN(pair("covar_pop", 1)),
  COVAR_SAMP: mayGiveNaN(pair("covar_samp", 2)),
  LOGICAL_AND: aggregate([], of("BOOL -> BOOL", ([x], { over }) => over(`bool_and(${x})`))),
  LOGICAL_OR: aggregate([], of("BOOL -> BOOL", ([x], { over }) => over(`bool_or(${x})`))),
  MAX: aggregate([], of("T -> T", (values, context) => extreme("max")(values, context))),
  MAX_BY: choosing(true),
  MIN: aggregate([], of("T -> T", (values, context) => extreme("min")(values, context))),
  MIN_BY: choosing(false),
  STDDEV_POP: mayGiveNaN(numeric("stddev_pop", 1)),
  STDDEV_SAMP: mayGiveNaN(numeric("stddev_samp", 2)),
  STRING_AGG: collecting(aggregate(
    ["DISTINCT", "ORDER BY", "LIMIT"],
    of("STRING -> STRING", (values, context) => join(values, context, "','")),
    of("STRING, STRING -> STRING", (values, context) => join(values, context, separator(context)))
  )),
  SUM: aggregate(
    ["DISTINCT"],
    // built in 128 bits; what does not fit 64 fails
    of("INT64 -> INT64", ([x], context) => `CAST(${context.over(`sum(${distinct(context)}${x})`)} AS BIGINT)`),
    of("NUMERIC -> NUMERIC", sumOfNumerics),
    of("FLOAT64 -> FLOAT64", sumOfFloats)
  ),
  VAR_POP: mayGiveNaN(numeric("var_pop", 1)),
  VAR_SAMP: mayGiveNaN(numeric("var_samp", 2))
}

const steps = (count: number): string =>
  Array.from({ length: count + 1 }, (_, index) => `CAST(${index} AS DOUBLE) / ${count}`).join(", ")
