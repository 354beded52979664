/**
 * Translates expressions. What has no case here, or no row in `constructs/`,
 * fails the query.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { castFormat } from "./castFormat.ts"
import { castValue } from "./casts.ts"
import { coerce, coerceTo, unify } from "./coercion.ts"
import { deeper, type Env, type Rows } from "./Env.ts"
import { extract } from "./extract.ts"
import { type Interval, microseconds } from "./intervals.ts"
import { float, integer, literal, typed } from "./literals.ts"
import * as Operators from "./operators.ts"
import { fieldOf } from "./Scope.ts"
import { refuse } from "./SqlError.ts"
import { suggest } from "./suggest.ts"
import type { Expression } from "./syntax.ts"
import { translateCall } from "./translateCall.ts"
import { array, packed, struct } from "./translateCollections.ts"
import { between, is, isIn, like, logic } from "./translateTests.ts"
import * as Types from "./types.ts"
import { castTo, fail, once, onceEach, type Value, value } from "./Value.ts"

type Of<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>

export const translate = (node: Expression, env: Env): Value => {
  const key = env.key?.(node)
  if (key !== undefined) return { ...key, at: node.at }
  switch (node.kind) {
    case "literal":
      return literal(node)
    case "typed":
      return typed(node)
    case "path":
      return path(node, env)
    case "field":
      allow("field of STRUCT", node.at)
      return fieldOf(translate(node.of, env), node.field)
    case "index":
      return index(node, env)
    case "unary":
      return unary(node, env)
    case "binary":
      return binary(node, env)
    case "logic": {
      allow(`operator ${node.operator}`, node.at)
      return logic(node.operator, node.parts.map((part) => condition(part, env)), node.at)
    }
    case "is":
      return is(node, env)
    case "distinct":
      return Operators.isSame(translate(node.left, env), translate(node.right, env), node.isNot, node.at)
    case "between":
      return between(node, env)
    case "in":
      return isIn(node, env)
    case "like":
      return like(node, env)
    case "case":
      return cases(node, env)
    case "cast":
      return cast(node, env)
    case "extract":
      allow("function EXTRACT", node.at)
      return extract(node, translate(node.of, env))
    case "interval":
      return refuse(
        "An INTERVAL may only stand where a date or time is moved by it: DATE_ADD(d, INTERVAL 1 DAY), or t + INTERVAL 1 HOUR",
        node.at,
        "type INTERVAL"
      )
    case "array":
      return array(node, env)
    case "struct":
      return struct(node, env)
    case "subquery":
      return subquery(node, env)
    case "call":
      return translateCall(node, env)
  }
}

/** An expression that has to be true or false. */
export const condition = (node: Expression, env: Env): Value => {
  const found = translate(node, env)
  if (found.type.kind === "unknown") return coerce(found, Types.bool)
  return Types.isScalar(found.type, "BOOL")
    ? found
    : refuse(`Expected a BOOL in ${env.clause} but got ${Types.show(found.type)}`, node.at)
}

const path = (node: Of<"path">, env: Env): Value => {
  const found = env.scope.resolve(node.names)
  if (found === undefined) {
    const name = node.names[0]!.name
    return refuse(`Unrecognized name: ${name}${suggest(name, env.scope.names())}`, node.at)
  }
  if (node.names.length > 1 && found.sql.startsWith("struct_extract(")) allow("field of STRUCT", node.at)
  return { ...found, at: node.at, literal: found.literal }
}

const index = (node: Of<"index">, env: Env): Value => {
  const of = translate(node.of, env)
  if (of.type.kind !== "array") {
    return refuse(`Only arrays have elements; this is ${Types.show(of.type)}`, node.at, "operator [ ]")
  }
  const how = node.how ?? "OFFSET"
  allow(`operator [${how}]`, node.at)
  const position = coerceTo(translate(node.index, env), Types.int64, "A position in an array")
  const isSafe = how.startsWith("SAFE_")
  const first = how.endsWith("OFFSET") ? 0 : 1
  const { element } = of.type
  return value(
    onceEach([of.sql, position.sql], ([list, at]) => {
      const inside = `${at} >= ${first} AND ${at} < len(${list}) + ${first}`
      const found = `list_extract(${list}, ${first === 0 ? `${at} + 1` : at})`
      return isSafe
        ? `CASE WHEN ${inside} THEN ${found} END`
        : `CASE WHEN ${list} IS NULL OR ${at} IS NULL THEN NULL WHEN ${inside} THEN ${found} ELSE ${
          fail("Array index is out of bounds")
        } END`
    }),
    element,
    node.at
  )
}

const unary = (node: Of<"unary">, env: Env): Value => {
  const { at, of, operator } = node
  switch (operator) {
    case "NOT":
      allow("operator NOT", at)
      return value(`(NOT ${condition(of, env).sql})`, Types.bool, at)
    case "-":
      if (of.kind === "literal" && of.type === "INT64") {
        allow("literal INT64", at)
        return integer(of.value, true, at)
      }
      if (of.kind === "literal" && of.type === "FLOAT64") {
        allow("literal FLOAT64", at)
        return float(of.value, true, at)
      }
      return Operators.negate(translate(of, env), at)
    case "+": {
      allow("operator +", at)
      const found = translate(of, env)
      return found.type.kind === "unknown" || Types.isNumber(found.type)
        ? found
        : refuse(`No matching signature for the operator + for the type ${Types.show(found.type)}`, at)
    }
    case "~":
      allow("operator ~", at)
      return value(`(~ ${coerceTo(translate(of, env), Types.int64, "The operand of ~").sql})`, Types.int64, at)
  }
}

/** `INTERVAL 1 DAY` as a number of parts. */
export const interval = (node: Expression, env: Env): Interval => {
  if (node.kind !== "interval") {
    return refuse("Expected an interval that is written out, such as INTERVAL 1 DAY", node.at, "type INTERVAL")
  }
  if (node.to !== undefined) {
    refuse(
      `INTERVAL ... ${node.part} TO ${node.to} is not supported; use one part`,
      node.at,
      `interval ${node.part} TO ${node.to}`
    )
  }
  if (microseconds[node.part] === undefined && !["WEEK", "MONTH", "QUARTER", "YEAR"].includes(node.part)) {
    refuse(`${node.part} is not a part of an interval`, node.at, `interval ${node.part}`)
  }
  // in front of a part a text is read as a number
  const amount =
    node.value.kind === "literal" && node.value.type === "STRING" && /^\s*[+-]?\d{1,18}\s*$/.test(node.value.value)
      ? integer(node.value.value.replace(/[\s+-]/g, ""), node.value.value.includes("-"), node.value.at)
      : coerceTo(translate(node.value, env), Types.int64, "The number of an interval")
  return { part: node.part, amount: amount.sql, at: node.at }
}

const binary = (node: Of<"binary">, env: Env): Value => {
  const { at, left, operator, right } = node
  if (
    (operator === "+" || operator === "-") &&
    (right.kind === "interval" || (operator === "+" && left.kind === "interval"))
  ) {
    const [of, by] = right.kind === "interval" ? [left, right] : [right, left]
    return Operators.shift(translate(of, env), interval(by, env), operator === "-", at)
  }
  if (operator === "||") return chain(node, env)
  return Operators.binary(operator, translate(left, env), translate(right, env), at)
}

/** `a || b || c` as one, unless the parts are of several types. */
const chain = (node: Of<"binary">, env: Env): Value => {
  const parts: Array<Value> = []
  let left: Expression = node
  while (left.kind === "binary" && left.operator === "||") {
    const key: Value | undefined = left === node ? undefined : env.key?.(left)
    if (key !== undefined) break
    parts.unshift(translate(left.right, env))
    left = left.left
  }
  parts.unshift(translate(left, env))
  allow("operator ||", node.at)
  return Operators.concatenate(parts, node.at)
}

const cases = (node: Of<"case">, env: Env): Value => {
  const { at } = node
  allow(node.operand === undefined ? "expression CASE" : "expression CASE of a value", at)
  const results = node.whens.map((each) => translate(each.then, env))
  results.push(
    node.otherwise === undefined ? value("NULL", Types.unknown, at, { isNumber: true }) : translate(node.otherwise, env)
  )
  const [type, thens] = unify(results, "the results of CASE", at)
  const otherwise = thens.at(-1)!
  const build = (whens: ReadonlyArray<string>): string =>
    `CASE ${whens.map((when, index) => `WHEN ${when} THEN ${thens[index]!.sql}`).join(" ")} ELSE ${otherwise.sql} END`
  const operand = node.operand === undefined ? undefined : translate(node.operand, env)
  const sql = operand === undefined
    ? build(node.whens.map((each) => condition(each.when, env).sql))
    : once(
      operand.sql,
      (bound) =>
        build(
          node.whens.map((each) =>
            Operators.compare("=", { ...operand, sql: bound }, translate(each.when, env), at).sql
          )
        )
    )
  return value(`(${sql})`, type, at, { isNumber: thens.every((then) => then.isNumber === true) })
}

const cast = (node: Of<"cast">, env: Env): Value => {
  const type = Types.resolveType(node.type)
  const of = translate(node.of, env)
  if (node.format !== undefined) return castFormat(of, type, node)
  if (node.isSafe) allow("function SAFE_CAST", node.at)
  return castValue(of, type, { isSafe: node.isSafe, at: node.at })
}

/** The one column of a query that stands for a value; of `SELECT AS STRUCT`, the struct. */
export const only = (rows: Rows, what: string, at: number): Value => {
  if (rows.isStruct) return packed(rows.columns, at)
  if (rows.columns.length !== 1) {
    return refuse(
      `${what} has to give one column, but gives ${rows.columns.length}; use SELECT AS STRUCT for several`,
      at
    )
  }
  return rows.columns[0]!.value
}

const subquery = (node: Of<"subquery">, env: Env): Value => {
  const { at } = node
  // what an inner query sees of the grouped rows is what the outer one does
  const rows = env.shared.query(node.query, deeper(env, at), node.as === "array")
  switch (node.as) {
    case "exists":
      allow("expression EXISTS", at)
      return value(`EXISTS (${rows.sql})`, Types.bool, at)
    case "array": {
      allow("expression ARRAY of a query", at)
      const column = only(rows, "ARRAY(...)", at)
      if (column.type.kind === "array") refuse("An array of arrays is not possible; put a struct between them", at)
      const type = Types.arrayOf(column.type)
      const order = rows.position === undefined ? "" : ` ORDER BY ${rows.position}`
      return value(
        `coalesce((SELECT list(${column.sql}${order}) FROM (${rows.sql})), ${castTo("[]", type)})`,
        type,
        at
      )
    }
    case "value": {
      allow("expression of a query", at)
      const column = only(rows, "A query in parentheses", at)
      return value(`(SELECT ${column.sql} FROM (${rows.sql}))`, column.type, at, { isNumber: column.isNumber })
    }
  }
}
