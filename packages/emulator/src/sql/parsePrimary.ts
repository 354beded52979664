/**
 * Reads what operators stand between: literals, names, calls, and what is
 * written in brackets of some kind.
 *
 * @since 0.1.0
 */
import type { Cursor } from "./Cursor.ts"
import { call, parseCall } from "./parseCall.ts"
import { longest, parseExpression, parseList, parsePostfix } from "./parseExpression.ts"
import { finishQuery, isQueryStart, parseQuery } from "./parseQuery.ts"
import { parseType } from "./parseType.ts"
import { refuse } from "./SqlError.ts"
import type { Expression, Name, Query } from "./syntax.ts"

const typedLiterals = new Set([
  "DATE",
  "DATETIME",
  "TIME",
  "TIMESTAMP",
  "NUMERIC",
  "BIGNUMERIC",
  "DECIMAL",
  "BIGDECIMAL",
  "JSON",
  "RANGE"
])

/** Functions whose names are keywords. */
const keywordFunctions = new Set(["IF", "LEFT", "RIGHT", "GROUPING", "COLLATE", "RANGE"])

/** Functions that may stand without parentheses. */
const bareFunctions = new Set(["CURRENT_DATE", "CURRENT_DATETIME", "CURRENT_TIME", "CURRENT_TIMESTAMP"])

export const parsePrimary = (cursor: Cursor): Expression => {
  const { kind, start: at, text, upper } = cursor.token
  switch (kind) {
    case "integer":
      cursor.take()
      return { kind: "literal", at, type: "INT64", value: text }
    case "float":
      cursor.take()
      return { kind: "literal", at, type: "FLOAT64", value: text }
    case "string":
      cursor.take()
      return { kind: "literal", at, type: "STRING", value: text }
    case "bytes":
      cursor.take()
      return { kind: "literal", at, type: "BYTES", value: text }
    case "parameter":
      // a name that no column can have
      if (cursor.parameters.has(text.slice(1).toLowerCase())) {
        cursor.take()
        return { kind: "path", at, names: [{ name: text, at }] }
      }
      return refuse(
        `The parameter ${text} has no value: this API takes none. Write the value itself, or DECLARE a variable`,
        at,
        `parameter ${text}`
      )
    case "quotedName":
      return parseName(cursor)
    case "symbol":
      if (text === "(") return parseParenthesized(cursor)
      if (text === "[") return parseArray(cursor, at, undefined)
      return cursor.unexpected("an expression")
    case "end":
      return cursor.unexpected("an expression")
    case "name":
      break
  }
  switch (upper) {
    case "NULL":
    case "TRUE":
    case "FALSE":
      cursor.take()
      return { kind: "literal", at, type: upper === "NULL" ? "NULL" : "BOOL", value: upper }
    case "CASE":
      return parseCase(cursor)
    case "CAST":
      return parseCast(cursor, false)
    case "EXTRACT":
      return parseExtract(cursor)
    case "EXISTS": {
      cursor.take()
      cursor.expectSymbol("(")
      const query = parseQuery(cursor)
      cursor.expectSymbol(")")
      return { kind: "subquery", at, as: "exists", query }
    }
    case "INTERVAL":
      return parseInterval(cursor)
    case "ARRAY": {
      cursor.take()
      if (cursor.symbol("(")) {
        const query = parseQuery(cursor)
        cursor.expectSymbol(")")
        return { kind: "subquery", at, as: "array", query }
      }
      if (cursor.isSymbol("[")) return parseArray(cursor, at, undefined)
      return parseArray(cursor, at, parseType(cursor, { name: "ARRAY", at }))
    }
    case "STRUCT":
      return parseStruct(cursor)
    case "NEW":
      return refuse("NEW is not supported", at, "expression NEW")
    case "WITH":
      return refuse("WITH as an expression is not supported", at, "expression WITH")
  }
  if (cursor.next.kind === "string" && typedLiterals.has(upper)) {
    cursor.take()
    return { kind: "typed", at, type: upper, value: cursor.take().text }
  }
  if (cursor.isNextSymbol("(")) {
    if (upper === "SAFE_CAST") return parseCast(cursor, true)
    if (cursor.isName || keywordFunctions.has(upper)) return parseCall(cursor, cursor.take().upper, at, false)
  }
  if (!cursor.isName) return cursor.unexpected("an expression")
  return parseName(cursor)
}

const parseName = (cursor: Cursor): Expression => {
  const first = cursor.token
  if (first.kind === "name" && bareFunctions.has(first.upper) && !cursor.isNextSymbol(".")) {
    cursor.take()
    return call(first.upper, first.start, false)
  }
  const names: Array<Name> = [cursor.name("a name")]
  if (first.kind === "quotedName" && cursor.isSymbol("(")) {
    return parseCall(cursor, first.text.toUpperCase(), first.start, false)
  }
  while (cursor.isSymbol(".") && !cursor.isNextSymbol("*")) {
    if (names.length > longest) refuse("Too many fields in a row", cursor.at)
    cursor.take()
    names.push(cursor.anyName("the name of a field"))
    if (cursor.isSymbol("(")) {
      const parts = names.map((part) => part.name.toUpperCase())
      const isSafe = parts.length > 1 && parts[0] === "SAFE"
      return parseCall(cursor, (isSafe ? parts.slice(1) : parts).join("."), first.start, isSafe)
    }
  }
  return { kind: "path", at: first.start, names }
}

const parseCase = (cursor: Cursor): Expression => {
  const at = cursor.expectWord("CASE").start
  const operand = cursor.isWord("WHEN") ? undefined : parseExpression(cursor)
  const whens: Array<{ readonly when: Expression; readonly then: Expression }> = []
  while (cursor.word("WHEN")) {
    const when = parseExpression(cursor)
    cursor.expectWord("THEN")
    whens.push({ when, then: parseExpression(cursor) })
  }
  if (whens.length === 0) cursor.unexpected("WHEN")
  const otherwise = cursor.word("ELSE") ? parseExpression(cursor) : undefined
  cursor.expectWord("END")
  return { kind: "case", at, operand, whens, otherwise }
}

const parseCast = (cursor: Cursor, isSafe: boolean): Expression => {
  const at = cursor.take().start
  cursor.expectSymbol("(")
  const of = parseExpression(cursor)
  cursor.expectWord("AS")
  const type = parseType(cursor)
  const format = cursor.word("FORMAT") ? parseExpression(cursor) : undefined
  let zone: Expression | undefined
  if (cursor.word("AT")) {
    cursor.expectWord("TIME")
    cursor.expectWord("ZONE")
    zone = parseExpression(cursor)
  }
  cursor.expectSymbol(")")
  return { kind: "cast", at, isSafe, of, type, format, zone }
}

const parseExtract = (cursor: Cursor): Expression => {
  const at = cursor.take().start
  cursor.expectSymbol("(")
  const part = parsePostfix(cursor, parsePrimary(cursor))
  cursor.expectWord("FROM")
  const of = parseExpression(cursor)
  let zone: Expression | undefined
  if (cursor.word("AT")) {
    cursor.expectWord("TIME")
    cursor.expectWord("ZONE")
    zone = parseExpression(cursor)
  }
  cursor.expectSymbol(")")
  return { kind: "extract", at, part, of, zone }
}

const parseInterval = (cursor: Cursor): Expression => {
  const at = cursor.take().start
  const value = parseExpression(cursor)
  if (cursor.token.kind !== "name") cursor.unexpected("a part such as DAY")
  const part = cursor.take().upper
  const to = cursor.word("TO") ? cursor.take().upper : undefined
  return { kind: "interval", at, value, part, to }
}

const parseArray = (
  cursor: Cursor,
  at: number,
  type: (Expression & { readonly kind: "array" })["type"]
): Expression => {
  cursor.expectSymbol("[")
  const elements: Array<Expression> = []
  if (!cursor.isSymbol("]")) elements.push(...parseList(cursor))
  cursor.expectSymbol("]")
  return { kind: "array", at, type, elements }
}

const parseStruct = (cursor: Cursor): Expression => {
  const at = cursor.take().start
  const type = cursor.isSymbol("<") ? parseType(cursor, { name: "STRUCT", at }) : undefined
  cursor.expectSymbol("(")
  const fields: Array<{ readonly name: string | undefined; readonly value: Expression }> = []
  if (!cursor.isSymbol(")")) {
    do {
      const value = parseExpression(cursor)
      fields.push({ name: cursor.word("AS") ? cursor.name("the name of a field").name : impliedName(value), value })
    } while (cursor.symbol(","))
  }
  cursor.expectSymbol(")")
  return { kind: "struct", at, type, fields }
}

/** The name that a column or a field takes from the expression behind it. */
export const impliedName = (expression: Expression): string | undefined =>
  expression.kind === "path"
    ? expression.names.at(-1)?.name
    : expression.kind === "field"
    ? expression.field.name
    : undefined

/** What stands in parentheses: a query, a struct, or an expression. */
const parseParenthesized = (cursor: Cursor): Expression => {
  const at = cursor.at
  const inside = parseInside(cursor)
  return "query" in inside ? { kind: "subquery", at, as: "value", query: inside.query } : inside.expression
}

const parseInside = (cursor: Cursor): { readonly query: Query } | { readonly expression: Expression } =>
  cursor.nested(() => {
    const at = cursor.expectSymbol("(").start
    if (isQueryStart(cursor)) {
      const query = parseQuery(cursor)
      cursor.expectSymbol(")")
      return { query }
    }
    let first: Expression | undefined
    if (cursor.isSymbol("(")) {
      const inner = cursor.at
      const inside = parseInside(cursor)
      if ("query" in inside) {
        if (cursor.symbol(")")) return inside
        const query = finishQuery(cursor, inside.query)
        if (query !== undefined) {
          cursor.expectSymbol(")")
          return { query }
        }
        first = parsePostfix(cursor, { kind: "subquery", at: inner, as: "value", query: inside.query })
      } else first = parsePostfix(cursor, inside.expression)
    }
    const expression = parseExpression(cursor, first)
    if (!cursor.isSymbol(",")) {
      cursor.expectSymbol(")")
      return { expression }
    }
    const values = [expression]
    while (cursor.symbol(",")) values.push(parseExpression(cursor))
    cursor.expectSymbol(")")
    // the fields of a struct that is written as (a, b) have no names
    const fields = values.map((value) => ({ name: undefined, value }))
    return { expression: { kind: "struct", at, type: undefined, fields } as const }
  })
