/**
 * Reads calls of functions, with all that may stand in and behind their
 * parentheses.
 *
 * @since 0.1.0
 */
import type { Cursor } from "./Cursor.ts"
import { parseExpression } from "./parseExpression.ts"
import { isQueryStart, parseOrderBy, parseWindow } from "./parseQuery.ts"
import { refuse } from "./SqlError.ts"
import type { Call, Expression } from "./syntax.ts"

const mostArguments = 1000

export const call = (name: string, at: number, isSafe: boolean): Call => ({
  kind: "call",
  at,
  name,
  isSafe,
  arguments: [],
  isStar: false,
  isDistinct: false,
  nulls: undefined,
  having: undefined,
  orderBy: [],
  limit: undefined,
  over: undefined
})

export const parseCall = (cursor: Cursor, name: string, at: number, isSafe: boolean): Expression => {
  const shell = call(name, at, isSafe)
  cursor.expectSymbol("(")
  if (cursor.symbol(")")) return parseOver(cursor, shell)
  let isStar = false
  const values: Array<Expression> = []
  const isDistinct = cursor.word("DISTINCT")
  if (!isDistinct) cursor.word("ALL")
  if (cursor.isSymbol("*")) {
    cursor.take()
    isStar = true
  } else {
    for (;;) {
      if (cursor.isWord("TABLE", "MODEL", "CONNECTION", "DESCRIPTOR") && cursor.next.kind === "name") {
        refuse(`${cursor.token.upper} as an argument is not supported`, cursor.at, `argument ${cursor.token.upper}`)
      }
      if (cursor.isNextSymbol("=>")) refuse("Named arguments are not supported", cursor.at, "named argument")
      // DATE_TRUNC(x, YEAR) and the like take keywords and plain names alike, but a query without parentheses never
      if (isQueryStart(cursor)) refuse("Syntax error: a query as an argument goes in parentheses of its own", cursor.at)
      values.push(parseExpression(cursor))
      if (cursor.isSymbol("->")) refuse("Lambda functions are not supported", cursor.at, "lambda")
      if (values.length > mostArguments) refuse(`${name} has more than ${mostArguments} arguments`, at)
      if (!cursor.symbol(",")) break
    }
  }
  const nulls = cursor.isWord("IGNORE", "RESPECT")
    ? cursor.take().upper === "IGNORE" ? "ignore" : "respect"
    : undefined
  if (nulls !== undefined) cursor.expectWord("NULLS")
  let having: Call["having"]
  if (cursor.word("HAVING")) {
    if (!cursor.isWord("MAX", "MIN")) cursor.unexpected("MAX or MIN")
    having = { isMax: cursor.take().upper === "MAX", expression: parseExpression(cursor) }
  }
  if (cursor.isWord("WHERE", "GROUP", "CLAMPED", "WITH")) {
    refuse(`${cursor.token.upper} in a call is not supported`, cursor.at, `clause ${cursor.token.upper} in a call`)
  }
  const orderBy = cursor.isWord("ORDER") ? parseOrderBy(cursor) : []
  const limit = cursor.word("LIMIT") ? parseExpression(cursor) : undefined
  cursor.expectSymbol(")")
  return parseOver(cursor, { ...shell, arguments: values, isStar, isDistinct, nulls, having, orderBy, limit })
}

const parseOver = (cursor: Cursor, parsed: Call): Expression => {
  if (cursor.isWord("WITHIN")) refuse("WITHIN GROUP is not supported", cursor.at, "clause WITHIN GROUP")
  // outside the parentheses they stand in GoogleSQL's grammar only where OVER follows
  const nulls = cursor.isWord("IGNORE", "RESPECT") && cursor.isNextWord("NULLS")
    ? cursor.take().upper === "IGNORE" ? "ignore" as const : "respect" as const
    : undefined
  if (nulls !== undefined) cursor.expectWord("NULLS")
  if (!cursor.word("OVER")) return nulls === undefined ? parsed : cursor.unexpected("OVER")
  return { ...parsed, nulls: nulls ?? parsed.nulls, over: parseWindow(cursor) }
}
