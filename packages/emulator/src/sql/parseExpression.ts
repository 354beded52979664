/**
 * Reads expressions, by the operators' order of precedence.
 *
 * @since 0.1.0
 */
import type { Cursor } from "./Cursor.ts"
import { parsePrimary } from "./parsePrimary.ts"
import { isQueryStart, parseQuery } from "./parseQuery.ts"
import { refuse } from "./SqlError.ts"
import type { Expression } from "./syntax.ts"

/** Operators on two values, from those that bind loosest. Comparisons lie below the first. */
const levels: ReadonlyArray<ReadonlyArray<string>> = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "||"]]

/** A chain of operators is a tree of that depth, and DuckDB's time grows with its square. */
export const longest = 300

export const parseExpression = (cursor: Cursor, first?: Expression): Expression =>
  cursor.nested(() => {
    const at = cursor.at
    const parts = [parseAnd(cursor, first)]
    while (cursor.word("OR")) parts.push(parseAnd(cursor))
    return parts.length === 1 ? parts[0]! : { kind: "logic", at, operator: "OR", parts }
  })

const parseAnd = (cursor: Cursor, first?: Expression): Expression => {
  const at = cursor.at
  const parts = [parseNot(cursor, first)]
  while (cursor.word("AND")) parts.push(parseNot(cursor))
  return parts.length === 1 ? parts[0]! : { kind: "logic", at, operator: "AND", parts }
}

const parseNot = (cursor: Cursor, first?: Expression): Expression => {
  if (first !== undefined || !cursor.isWord("NOT")) return parseComparison(cursor, first)
  const at = cursor.take().start
  return { kind: "unary", at, operator: "NOT", of: cursor.nested(() => parseNot(cursor)) }
}

const comparisons: ReadonlyArray<string> = ["=", "<", ">", "<=", ">=", "!=", "<>"]

/** Comparisons do not chain: `a = b = c` is an error in GoogleSQL. */
const parseComparison = (cursor: Cursor, first?: Expression): Expression => {
  const left = parseBinary(cursor, 0, first)
  const compared = parseComparisonTail(cursor, left)
  if (compared === undefined) return left
  if (isComparisonStart(cursor)) {
    refuse("Syntax error: comparisons do not chain; put one of them in parentheses", cursor.at)
  }
  return compared
}

const isComparisonStart = (cursor: Cursor): boolean =>
  cursor.isSymbol(...comparisons) || cursor.isWord("IS", "IN", "LIKE", "BETWEEN") ||
  (cursor.isWord("NOT") && cursor.isNextWord("IN", "LIKE", "BETWEEN"))

const parseComparisonTail = (cursor: Cursor, left: Expression): Expression | undefined => {
  const at = cursor.at
  if (cursor.isSymbol(...comparisons)) {
    const written = cursor.take().text
    const operator = written === "!=" ? "<>" : written
    return { kind: "binary", at, operator, left, right: parseBinary(cursor, 0) }
  }
  if (cursor.word("IS")) {
    const isNot = cursor.word("NOT")
    if (cursor.isWord("NULL", "TRUE", "FALSE")) {
      return { kind: "is", at, isNot, what: cursor.take().upper as "NULL" | "TRUE" | "FALSE", of: left }
    }
    if (cursor.word("DISTINCT")) {
      cursor.expectWord("FROM")
      return { kind: "distinct", at, isNot, left, right: parseBinary(cursor, 0) }
    }
    if (cursor.isWord("UNKNOWN")) refuse("IS UNKNOWN is not supported; write IS NULL", at, "operator IS UNKNOWN")
    cursor.unexpected("NULL, TRUE, FALSE or DISTINCT FROM")
  }
  const isNot = cursor.isWord("NOT") && cursor.isNextWord("IN", "LIKE", "BETWEEN")
  if (isNot) cursor.take()
  if (cursor.word("BETWEEN")) {
    const low = parseBinary(cursor, 0)
    cursor.expectWord("AND")
    return { kind: "between", at, isNot, of: left, low, high: parseBinary(cursor, 0) }
  }
  if (cursor.word("LIKE")) {
    if (!cursor.isWord("ANY", "ALL", "SOME")) {
      return { kind: "like", at, isNot, of: left, patterns: [parseBinary(cursor, 0)], quantifier: undefined }
    }
    const quantifier = cursor.take().upper === "ALL" ? "ALL" : "ANY"
    if (isNot) {
      refuse(`NOT LIKE ${quantifier} is not supported; put NOT before the whole`, at, `operator NOT LIKE ${quantifier}`)
    }
    if (cursor.isWord("UNNEST")) {
      refuse(`LIKE ${quantifier} UNNEST is not supported`, at, `operator LIKE ${quantifier} UNNEST`)
    }
    cursor.expectSymbol("(")
    if (isQueryStart(cursor)) {
      refuse(`LIKE ${quantifier} of a query is not supported`, at, `operator LIKE ${quantifier} of a query`)
    }
    const patterns = parseList(cursor)
    cursor.expectSymbol(")")
    return { kind: "like", at, isNot, of: left, patterns, quantifier }
  }
  if (cursor.word("IN")) {
    const empty = { list: undefined, query: undefined, array: undefined }
    if (cursor.word("UNNEST")) {
      cursor.expectSymbol("(")
      const array = parseExpression(cursor)
      cursor.expectSymbol(")")
      return { kind: "in", at, isNot, of: left, ...empty, array }
    }
    if (!cursor.isSymbol("(")) cursor.unexpected("\"(\" or UNNEST")
    cursor.take()
    if (isQueryStart(cursor)) {
      const query = parseQuery(cursor)
      cursor.expectSymbol(")")
      return { kind: "in", at, isNot, of: left, ...empty, query }
    }
    const list = parseList(cursor)
    cursor.expectSymbol(")")
    return { kind: "in", at, isNot, of: left, ...empty, list }
  }
  return undefined
}

export const parseList = (cursor: Cursor): Array<Expression> => {
  const list = [parseExpression(cursor)]
  while (cursor.symbol(",")) list.push(parseExpression(cursor))
  return list
}

/** `>>` is two tokens, since `ARRAY<ARRAY<INT64>>` ends in two. */
const operatorAt = (cursor: Cursor, level: ReadonlyArray<string>): string | undefined => {
  if (cursor.token.kind !== "symbol") return undefined
  if (
    cursor.token.text === ">" && level.includes(">>") && cursor.isNextSymbol(">") &&
    cursor.next.start === cursor.token.end
  ) return ">>"
  return level.includes(cursor.token.text) ? cursor.token.text : undefined
}

const parseBinary = (cursor: Cursor, level: number, first?: Expression): Expression => {
  const operators = levels[level]
  if (operators === undefined) return first ?? parseUnary(cursor)
  let left = parseBinary(cursor, level + 1, first)
  for (let length = 0;; length++) {
    const at = cursor.at
    const operator = operatorAt(cursor, operators)
    if (operator === undefined) return left
    if (length > longest) refuse(`More than ${longest} operators in a row; put parts of them in parentheses`, at)
    cursor.take()
    if (operator === ">>") cursor.take()
    left = { kind: "binary", at, operator, left, right: parseBinary(cursor, level + 1) }
  }
}

const parseUnary = (cursor: Cursor): Expression => {
  if (!cursor.isSymbol("-", "+", "~")) return parsePostfix(cursor, parsePrimary(cursor))
  const { start: at, text: operator } = cursor.take()
  return { kind: "unary", at, operator: operator as "-" | "+" | "~", of: cursor.nested(() => parseUnary(cursor)) }
}

const subscripts = ["OFFSET", "ORDINAL", "SAFE_OFFSET", "SAFE_ORDINAL"] as const

export const parsePostfix = (cursor: Cursor, primary: Expression): Expression => {
  let of = primary
  for (let length = 0;; length++) {
    if (length > longest) refuse("Too many fields and subscripts in a row", cursor.at)
    if (cursor.isSymbol(".") && !cursor.isNextSymbol("*")) {
      const at = cursor.take().start
      if (cursor.isSymbol("(")) refuse("Extension fields are not supported", at, "operator .( )")
      const field = cursor.anyName("the name of a field")
      of = of.kind === "path" ? { ...of, names: [...of.names, field] } : { kind: "field", at, of, field }
      if (cursor.isSymbol("(")) {
        const shown = of.kind === "path"
          ? of.names.map((part) => part.name).join(".").toUpperCase()
          : field.name.toUpperCase()
        refuse(`Function ${shown} is not supported`, of.at, `function ${shown}`)
      }
    } else if (cursor.isSymbol("[")) {
      const at = cursor.take().start
      const upper = cursor.token.upper
      const how = cursor.isNextSymbol("(") ? subscripts.find((subscript) => subscript === upper) : undefined
      if (how === undefined) {
        const index = parseExpression(cursor)
        cursor.expectSymbol("]")
        of = { kind: "index", at, of, how, index }
      } else {
        cursor.take()
        cursor.expectSymbol("(")
        const index = parseExpression(cursor)
        cursor.expectSymbol(")")
        cursor.expectSymbol("]")
        of = { kind: "index", at, of, how, index }
      }
    } else return of
  }
}
