/**
 * Translates calls of functions, by the table of them in `functions/`.
 *
 * @since 0.1.0
 */
import { allow, allowedFunctions, note } from "./allow.ts"
import { type Env, refuseAggregate } from "./Env.ts"
import { choose, type Context, type Definition, isRaw } from "./Function.ts"
import { functions } from "./functions/index.ts"
import { refuse } from "./SqlError.ts"
import { suggest } from "./suggest.ts"
import type { Call, Expression } from "./syntax.ts"
import { translate } from "./translateExpression.ts"
import { translateFrame, translateOrder } from "./translateWindow.ts"
import * as Types from "./types.ts"
import { inRange } from "./ranges.ts"
import { constantInteger, fail, nullOf, onceEach, type Value, value, withoutFailing } from "./Value.ts"

export const definitionOf = (name: string): Definition | undefined =>
  Object.hasOwn(functions, name) ? functions[name] : undefined

/** What gives something else each time; it cannot be tried. */
const volatile = new Set(["ERROR", "RAND", "GENERATE_UUID"])

/** Whether a call gives the rows that it gathers, in whatever order they come. */
export const isCollecting = (node: Expression): boolean =>
  node.kind === "call" && definitionOf(node.name)?.collects === true && node.orderBy.length === 0 && !node.isDistinct

/** Whether a call gathers rows, rather than being computed for each one. */
export const isAggregate = (node: Expression): boolean =>
  node.kind === "call" && node.over === undefined && definitionOf(node.name)?.kind === "aggregate"

export const translateCall = (node: Call, env: Env): Value => {
  const { at, name } = node
  const definition = definitionOf(name)
  if (definition === undefined) {
    return refuse(`Function ${name} is not supported${suggest(name, allowedFunctions())}`, at, `function ${name}`)
  }
  allow(`function ${name}`, at)
  if (node.isSafe) {
    if (definition.kind !== "scalar") {
      refuse(`SAFE. cannot stand before ${name}, only before functions of single values`, at, "SAFE. of an aggregate")
    }
    if (volatile.has(name)) refuse(`SAFE. cannot stand before ${name}`, at, `SAFE. of ${name}`)
    allow("prefix SAFE.", at)
  }
  if (node.over !== undefined) return translateWindowCall(node, definition, env)
  switch (definition.kind) {
    case "window":
      return refuse(`The window function ${name} needs OVER (...)`, at)
    case "aggregate":
      if (env.aggregate === undefined) return refuseAggregate(name, env, at)
      return env.aggregate(node)
    case "scalar":
      refuseModifiers(node, [])
      return emit(node, definition, env)
  }
}

const refuseModifiers = (node: Call, takes: Definition["takes"]): void => {
  const given = [
    ["DISTINCT", node.isDistinct],
    ["ORDER BY", node.orderBy.length > 0],
    ["LIMIT", node.limit !== undefined],
    ["NULLS", node.nulls !== undefined],
    ["HAVING", node.having !== undefined]
  ] as const
  for (const [modifier, isGiven] of given) {
    if (!isGiven) continue
    const shown = modifier === "NULLS" ? `${node.nulls?.toUpperCase()} NULLS` : modifier
    if (!takes.includes(modifier)) {
      refuse(`${shown} is not supported in a call of ${node.name}`, node.at, `${shown} in ${node.name}`)
    }
    allow(`clause ${shown} in a call`, node.at)
  }
  if (node.isStar && node.name !== "COUNT") refuse(`* is an argument of COUNT alone, not of ${node.name}`, node.at)
}

const isWrittenNull = ({ sql, type }: Value): boolean => type.kind !== "unknown" && sql === nullOf(type)

/** The call's SQL, with its arguments taken from `env`. */
const emit = (node: Call, definition: Definition, env: Env, over?: Context["over"]): Value => {
  const { at, name } = node
  const given = node.arguments.map((argument, index) =>
    isRaw(definition, index, node.arguments.length)
      ? value("", Types.unknown, argument.at, { isNumber: true, isTotal: true })
      : translate(argument, env)
  )
  const { parameters, signature, type, values } = choose(name, definition, given, at)
  if (node.isSafe && !values.every((each) => each.isTotal === true)) {
    refuse(
      `SAFE.${name} is supported for columns and literals as arguments; compute the others in a subquery, or use SAFE_CAST`,
      at,
      "SAFE. of an expression"
    )
  }
  const write = (operands: ReadonlyArray<Value>): string =>
    signature.emit(operands.map((each) => each.sql), {
      node,
      env,
      at,
      type,
      values: operands,
      fail,
      translate: (expression) => translate(expression, env),
      over: over ?? ((core) => core)
    })
  const compute = (): string => {
    if (definition.kind !== "scalar") return write(values)
    // of a NULL that is written there, DuckDB makes one without a type
    const isNull = signature.nulls !== "own" && type.kind !== "unknown" &&
      values.some((each, index) => parameters[index]!.kind !== "raw" && isWrittenNull(each))
    if (isNull) return nullOf(type)
    if (signature.nulls !== "guarded") return checked(write(values))
    return given.some((each, index) => parameters[index]!.kind !== "raw" && each.type.kind === "unknown")
      ? nullOf(type)
      : checked(guarded(values, parameters, write))
  }
  // what only chooses between its arguments has been checked
  const checked = (sql: string): string => signature.result === "T" ? sql : inRange(sql, type)
  return value(node.isSafe ? `TRY(${withoutFailing(compute)})` : compute(), type, at, {
    isNumber: definition.keepsNumbers &&
      values.every((each) => !Types.isScalar(each.type, "FLOAT64") || each.isNumber === true),
    isTotal: definition.isTotal && values.every((each) => each.isTotal === true)
  })
}

/** NULL where an argument is. */
const guarded = (
  values: ReadonlyArray<Value>,
  parameters: ReadonlyArray<{ readonly kind: string }>,
  write: (values: ReadonlyArray<Value>) => string
): string => {
  const open = values.flatMap((each, index) =>
    parameters[index]!.kind === "raw" || each.isPresent === true ? [] : [index]
  )
  return onceEach(open.map((index) => values[index]!.sql), (bound) => {
    const operands = values.map((each, index) => {
      const place = open.indexOf(index)
      return place < 0 ? each : { ...each, sql: bound[place]! }
    })
    const core = write(operands)
    return bound.length === 0
      ? core
      : `CASE WHEN ${bound.map((each) => `${each} IS NULL`).join(" OR ")} THEN NULL ELSE ${core} END`
  })
}

/** An aggregate over the rows that `env` sees, with what stands in its parentheses. */
export const translateAggregate = (node: Call, env: Env, filter?: string | undefined): Value => {
  const definition = definitionOf(node.name)!
  refuseModifiers(node, definition.takes)
  checkModifiers(node)
  return emit(node, definition, env, (core, also) => {
    const filters = [filter, also].filter((each) => each !== undefined)
    return filters.length === 0 ? core : `${core} FILTER (WHERE ${filters.join(" AND ")})`
  })
}

const checkModifiers = (node: Call): void => {
  if (node.limit !== undefined && constantInteger(node.limit) === undefined) {
    refuse("LIMIT takes a number that is written out", node.limit.at)
  }
  if (node.isDistinct && node.orderBy.length > 0) {
    const [first] = node.arguments
    const isSame = node.orderBy.length === 1 && first !== undefined &&
      fingerprint(first) === fingerprint(node.orderBy[0]!.expression)
    if (!isSame) refuse("With DISTINCT, ORDER BY may only name the same expression", node.at)
  }
}

/** What an expression says, wherever it stands. */
export const fingerprint = (node: Expression): string =>
  JSON.stringify(
    node,
    (key, part: unknown) =>
      key === "at" ? undefined : key === "name" && typeof part === "string" ? part.toLowerCase() : part
  )

const translateWindowCall = (node: Call, definition: Definition, env: Env): Value => {
  const { at, name } = node
  if (definition.kind === "scalar") {
    return refuse(`OVER is not possible behind ${name}, which is not a window function`, at)
  }
  if (env.windows === undefined) return refuse(`The window function ${name} is not allowed in ${env.clause}`, at)
  note(`function ${name} with OVER`)
  refuseModifiers(
    node,
    definition.kind === "window" ? definition.takes : definition.takes.filter((each) => each === "DISTINCT")
  )
  const window = env.windows(node.over!)
  if (definition.order === "needed" && window.orderBy.length === 0) {
    refuse(`${name} needs ORDER BY in its OVER`, window.at)
  }
  if (definition.order === "refused" && window.orderBy.length > 0) {
    refuse(`${name} takes no ORDER BY in its OVER`, window.at)
  }
  if (!definition.frame && window.frame !== undefined) {
    refuse(`${name} takes no ${window.frame.unit} in its OVER`, window.frame.at)
  }
  if (node.isDistinct && window.orderBy.length > 0) refuse("With DISTINCT, OVER takes no ORDER BY", window.at)
  // arguments may hold aggregates of a grouped query, but no window functions
  const inner: Env = { ...env, windows: undefined, clause: "the arguments of a window function" }
  const partition = window.partitionBy.map((each) => {
    const found = translate(each, inner)
    if (!Types.isGroupable(found.type)) {
      refuse(`PARTITION BY values of type ${Types.show(found.type)} is not possible`, each.at)
    }
    return found.sql
  })
  const order = translateOrder(window.orderBy, inner, window.frame?.unit === "RANGE" && hasOffset(window.frame))
  const specification = [
    partition.length === 0 ? "" : `PARTITION BY ${partition.join(", ")}`,
    order.length === 0 ? "" : `ORDER BY ${order.join(", ")}`,
    window.frame === undefined ? "" : translateFrame(window.frame, window.orderBy, inner)
  ].filter((each) => each !== "").join(" ")
  return emit(
    node,
    definition,
    // with an order the rows come in it
    order.length === 0 ? inner : { ...inner, positions: [] },
    (core, filter) => `${core}${filter === undefined ? "" : ` FILTER (WHERE ${filter})`} OVER (${specification})`
  )
}

const hasOffset = (frame: NonNullable<NonNullable<Call["over"]>["frame"]>): boolean =>
  frame.start.kind === "offset" || frame.end?.kind === "offset"
