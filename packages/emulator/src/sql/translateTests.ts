/**
 * Translates what is true or false: `AND`, `IS`, `BETWEEN`, `IN`, `LIKE`.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { coerce, coerceTo, unify } from "./coercion.ts"
import { deeper, type Env } from "./Env.ts"
import * as Operators from "./operators.ts"
import { refuse } from "./SqlError.ts"
import type { Expression } from "./syntax.ts"
import { condition, only, translate } from "./translateExpression.ts"
import * as Types from "./types.ts"
import { fail, onceEach, quoteText, type Value, value } from "./Value.ts"

type Of<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>

/** As a balanced tree, since DuckDB counts levels. */
export const logic = (operator: string, parts: ReadonlyArray<Value>, at: number): Value => {
  if (parts.length === 1) return parts[0]!
  const middle = parts.length >> 1
  const left = logic(operator, parts.slice(0, middle), at)
  const right = logic(operator, parts.slice(middle), at)
  return value(`(${left.sql} ${operator} ${right.sql})`, Types.bool, at)
}

const not = (of: Value, isNot: boolean): Value => isNot ? value(`(NOT ${of.sql})`, Types.bool, of.at) : of

export const is = (node: Of<"is">, env: Env): Value => {
  allow(`operator IS ${node.what}`, node.at)
  const of = node.what === "NULL" ? translate(node.of, env) : condition(node.of, env)
  return value(`(${of.sql} IS ${node.isNot ? "NOT " : ""}${node.what})`, Types.bool, node.at, { isTotal: of.isTotal })
}

export const between = (node: Of<"between">, env: Env): Value => {
  const { at } = node
  allow("operator BETWEEN", at)
  const of = translate(node.of, env)
  const low = translate(node.low, env)
  const high = translate(node.high, env)
  const [type] = unify([of, low, high], "BETWEEN", at)
  const typedOf = type.kind === "unknown" ? of : coerce(of, type)
  const sql = onceEach([typedOf, low, high].map((each) => each.sql), ([bound, least, most]) => {
    const again = { ...typedOf, sql: bound! }
    return `(${Operators.compare(">=", again, { ...low, sql: least! }, at).sql} AND ${
      Operators.compare("<=", again, { ...high, sql: most! }, at).sql
    })`
  })
  return not(value(sql, Types.bool, at), node.isNot)
}

export const isIn = (node: Of<"in">, env: Env): Value => {
  const { at } = node
  const of = translate(node.of, env)
  if (node.list !== undefined) {
    allow("operator IN", at)
    const list = node.list.map((each) => translate(each, env))
    const [type, values] = unify([of, ...list], "IN", at)
    if (!Types.isGroupable(type)) refuse(`Values of type ${Types.show(type)} cannot be compared`, at)
    const [wanted, ...candidates] = values
    const sql = candidates.some((each) => Types.isScalar(each.type, "FLOAT64") && each.isNumber !== true)
      ? onceEach(values.map((each) => each.sql), ([bound, ...others]) => {
        const left = { ...wanted!, sql: bound! }
        const tests = candidates.map((each, index) =>
          Operators.compare("=", left, { ...each, sql: others[index]! }, at)
        )
        return logic("OR", tests, at).sql
      })
      : `(${wanted!.sql} IN (${candidates.map((each) => each.sql).join(", ")}))`
    return not(value(sql, Types.bool, at), node.isNot)
  }
  if (node.query !== undefined) {
    allow("operator IN of a query", at)
    const rows = env.shared.query(node.query, deeper(env, at))
    const column = only(rows, "A query behind IN", at)
    const [type, [wanted, candidate]] = unify([of, column], "IN", at)
    if (!Types.isGroupable(type)) refuse(`Values of type ${Types.show(type)} cannot be compared`, at)
    if (Types.isScalar(type, "FLOAT64")) {
      const compared = Operators.compare("=", wanted!, candidate!, at)
      // two rows of each kind would not tell more than one
      const some = (test: string): string => `EXISTS (SELECT 1 FROM (${rows.sql}) WHERE ${test})`
      const sql = `CASE WHEN ${some(compared.sql)} THEN TRUE WHEN ${
        some(`${compared.sql} IS NULL`)
      } THEN NULL ELSE FALSE END`
      return not(value(`(${sql})`, Types.bool, at), node.isNot)
    }
    return not(value(`(${wanted!.sql} IN (SELECT ${candidate!.sql} FROM (${rows.sql})))`, Types.bool, at), node.isNot)
  }
  allow("operator IN UNNEST", at)
  const array = translate(node.array!, env)
  if (array.type.kind !== "array") return refuse(`UNNEST takes an array, not ${Types.show(array.type)}`, node.array!.at)
  // an array of nothing takes the type of what is looked for in it
  const found = array.type.element.kind === "unknown" && of.type.kind !== "array"
    ? { ...coerce(array, Types.arrayOf(of.type)), type: { ...array.type, element: of.type } }
    : { ...array, type: array.type }
  const element = value("element", found.type.element, at)
  const [type, [wanted]] = unify([of, element], "IN UNNEST", at)
  if (!Types.isGroupable(type) || !Types.isSame(type, found.type.element)) {
    refuse(`A value of type ${Types.show(of.type)} cannot be looked for in ${Types.show(found.type)}; use CAST`, at)
  }
  const sql = onceEach(
    [wanted!.sql, found.sql],
    ([x, list]) =>
      `CASE WHEN ${list} IS NULL OR len(${list}) = 0 THEN FALSE WHEN ${x} IS NULL THEN NULL` +
      ` WHEN ${Types.isScalar(type, "FLOAT64") ? `NOT isnan(${x}) AND ` : ""}list_contains(${list}, ${x}) THEN TRUE` +
      ` WHEN len(list_filter(${list}, lambda element: element IS NULL)) > 0 THEN NULL ELSE FALSE END`
  )
  return not(value(sql, Types.bool, at), node.isNot)
}

/** A pattern that ends in the sign of an escape, with nothing behind it. */
const unfinished = /^(?:[^\\]|\\[^])*\\$/

const liked = (text: string, pattern: string, { literal }: Value): string => {
  const sql = `(${text} LIKE ${pattern} ESCAPE '\\')`
  return literal?.type === "STRING" && !unfinished.test(literal.text)
    ? sql
    : `CASE WHEN ${text} IS NOT NULL AND regexp_full_match(${pattern}, ${
      quoteText("(?s)(?:[^\\\\]|\\\\.)*\\\\")
    }) THEN ${fail("LIKE pattern ends with a backslash")} ELSE ${sql} END`
}

export const like = (node: Of<"like">, env: Env): Value => {
  const { at, quantifier } = node
  allow(quantifier === undefined ? "operator LIKE" : `operator LIKE ${quantifier}`, at)
  const of = coerceTo(translate(node.of, env), Types.string, "The left side of LIKE")
  const patterns = node.patterns.map((each) => coerceTo(translate(each, env), Types.string, "A pattern"))
  const sql = onceEach([of, ...patterns].map((each) => each.sql), ([text, ...bound]) => {
    const tests = bound.map((pattern, index) => value(liked(text!, pattern, patterns[index]!), Types.bool, at))
    return logic(quantifier === "ALL" ? "AND" : "OR", tests, at).sql
  })
  return not(value(sql, Types.bool, at), node.isNot)
}
