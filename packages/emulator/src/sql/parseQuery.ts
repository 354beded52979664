/**
 * Reads queries: `WITH`, set operations, `SELECT` and its clauses.
 *
 * @since 0.1.0
 */
import type { Cursor } from "./Cursor.ts"
import { parseExpression } from "./parseExpression.ts"
import { parseFrom } from "./parseFrom.ts"
import { refuse } from "./SqlError.ts"
import type {
  Body,
  Bound,
  Expression,
  GroupItem,
  Name,
  OrderItem,
  Query,
  Select,
  SelectItem,
  SetOperation,
  Window
} from "./syntax.ts"

/** Queries that one set operation joins, at most. */
const mostBodies = 300

export const isQueryStart = (cursor: Cursor): boolean =>
  cursor.isWord("SELECT", "FROM") || (cursor.isWord("WITH") && !cursor.isNextSymbol("("))

export const parseQuery = (cursor: Cursor): Query =>
  cursor.nested(() => {
    const at = cursor.at
    const tables: Array<{ readonly name: Name; readonly query: Query }> = []
    if (cursor.word("WITH")) {
      if (cursor.isWord("RECURSIVE")) {
        refuse("WITH RECURSIVE is not supported", cursor.at, "clause WITH RECURSIVE")
      }
      do {
        const name = cursor.name("the name of a table expression")
        if (cursor.isSymbol("(")) {
          refuse("Syntax error: name the columns of a table expression with AS inside it", cursor.at)
        }
        cursor.expectWord("AS")
        cursor.expectSymbol("(")
        const query = parseQuery(cursor)
        cursor.expectSymbol(")")
        tables.push({ name, query })
      } while (cursor.symbol(","))
    }
    const body = parseSet(cursor, parseOperand(cursor))
    return parseTail(cursor, { at, with: tables, body, orderBy: [], limit: undefined, offset: undefined })
  })

/** Goes on behind a query in parentheses, if what follows makes it part of a longer one. */
export const finishQuery = (cursor: Cursor, inner: Query): Query | undefined => {
  if (!cursor.isWord("UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT", "FULL", "LEFT", "INNER")) return undefined
  const body = parseSet(cursor, { kind: "query", at: inner.at, query: inner })
  return parseTail(cursor, { at: inner.at, with: [], body, orderBy: [], limit: undefined, offset: undefined })
}

const parseTail = (cursor: Cursor, query: Query): Query => {
  const orderBy = cursor.isWord("ORDER") ? parseOrderBy(cursor) : []
  let limit: Expression | undefined
  let offset: Expression | undefined
  if (cursor.word("LIMIT")) {
    limit = parseExpression(cursor)
    if (cursor.isSymbol(",")) refuse("Syntax error: write LIMIT n OFFSET m", cursor.at)
    if (cursor.word("OFFSET")) offset = parseExpression(cursor)
  }
  if (cursor.isSymbol("|>")) refuse("Pipe syntax is not supported", cursor.at, "pipe syntax")
  if (cursor.isWord("FETCH")) refuse("Syntax error: write LIMIT instead of FETCH", cursor.at)
  if (cursor.isWord("FOR")) refuse("FOR UPDATE is not supported: a query only reads", cursor.at, "clause FOR UPDATE")
  return { ...query, orderBy, limit, offset }
}

const parseOperand = (cursor: Cursor): Body => {
  if (cursor.isWord("FROM")) {
    refuse("A query that begins with FROM is not supported; begin with SELECT", cursor.at, "pipe syntax")
  }
  if (cursor.isWord("SELECT")) return parseSelect(cursor)
  if (!cursor.isSymbol("(")) {
    if (cursor.isWord("VALUES", "TABLE")) {
      refuse(
        `${cursor.token.upper} is not supported as a query; begin with SELECT`,
        cursor.at,
        `clause ${cursor.token.upper}`
      )
    }
    return cursor.unexpected("SELECT")
  }
  const at = cursor.take().start
  const query = parseQuery(cursor)
  cursor.expectSymbol(")")
  return { kind: "query", at, query }
}

const parseOperator = (cursor: Cursor): SetOperation["operator"] | undefined => {
  const at = cursor.at
  if (cursor.isWord("FULL", "LEFT", "INNER") && cursor.isNextWord("UNION", "INTERSECT", "EXCEPT", "OUTER")) {
    refuse("Set operations that match columns by name are not supported", at, "set operation BY NAME")
  }
  if (!cursor.isWord("UNION", "INTERSECT", "EXCEPT")) return undefined
  const operator = cursor.take().upper
  if (!cursor.isWord("ALL", "DISTINCT")) {
    return cursor.unexpected(operator === "UNION" ? "ALL or DISTINCT behind UNION" : `DISTINCT behind ${operator}`)
  }
  const written = `${operator} ${cursor.take().upper}`
  if (cursor.isWord("BY", "STRICT", "CORRESPONDING")) {
    refuse("Set operations that match columns by name are not supported", cursor.at, "set operation BY NAME")
  }
  if (
    written === "UNION ALL" || written === "UNION DISTINCT" || written === "INTERSECT DISTINCT" ||
    written === "EXCEPT DISTINCT"
  ) return written
  return refuse(
    `${written} is not supported; GoogleSQL of BigQuery has ${operator} DISTINCT alone`,
    at,
    `set operation ${written}`
  )
}

const parseSet = (cursor: Cursor, first: Body): Body => {
  const at = cursor.at
  const operator = parseOperator(cursor)
  if (operator === undefined) return first
  const bodies = [first, parseOperand(cursor)]
  for (;;) {
    const again = cursor.at
    const other = parseOperator(cursor)
    if (other === undefined) return { kind: "set", at, operator, bodies }
    if (other !== operator) {
      refuse(`Syntax error: ${operator} and ${other} need parentheses to say which comes first`, again)
    }
    if (bodies.push(parseOperand(cursor)) > mostBodies) {
      refuse(`More than ${mostBodies} queries in one ${operator}`, again)
    }
  }
}

const parseSelect = (cursor: Cursor): Select => {
  const at = cursor.expectWord("SELECT").start
  if (cursor.isWord("WITH")) {
    const clause = `SELECT WITH ${cursor.next.upper}`
    refuse(`${clause} is not supported`, cursor.at, `clause ${clause}`)
  }
  let isDistinct = cursor.word("DISTINCT")
  if (!isDistinct) cursor.word("ALL")
  if (isDistinct && cursor.isWord("ON") && cursor.isNextSymbol("(")) {
    refuse("DISTINCT ON is not GoogleSQL; use QUALIFY ROW_NUMBER() OVER (...) = 1", cursor.at, "clause DISTINCT ON")
  }
  let as: Select["as"]
  if (cursor.isWord("AS")) {
    cursor.take()
    if (!cursor.isWord("STRUCT", "VALUE")) cursor.unexpected("STRUCT or VALUE")
    as = cursor.take().upper as "STRUCT" | "VALUE"
    isDistinct ||= false
  }
  const items = [parseItem(cursor)]
  while (cursor.symbol(",")) {
    // a comma may stand behind the last item
    if (cursor.isWord("FROM") || cursor.token.kind === "end" || cursor.isSymbol(")", ";")) break
    items.push(parseItem(cursor))
  }
  if (cursor.isWord("INTO")) refuse("SELECT INTO is not supported: a query only reads", cursor.at, "clause INTO")
  const from = cursor.word("FROM") ? parseFrom(cursor) : undefined
  const where = cursor.word("WHERE") ? parseExpression(cursor) : undefined
  const groupBy = cursor.isWord("GROUP") ? parseGroupBy(cursor) : undefined
  const having = cursor.word("HAVING") ? parseExpression(cursor) : undefined
  // both orders of the two are taken
  let qualify = cursor.word("QUALIFY") ? parseExpression(cursor) : undefined
  const windows: Array<{ readonly name: Name; readonly window: Window }> = []
  if (cursor.word("WINDOW")) {
    do {
      const name = cursor.name("the name of a window")
      cursor.expectWord("AS")
      windows.push({ name, window: parseWindow(cursor) })
    } while (cursor.symbol(","))
  }
  if (qualify === undefined && cursor.word("QUALIFY")) qualify = parseExpression(cursor)
  return { kind: "select", at, isDistinct, as, items, from, where, groupBy, having, qualify, windows }
}

const parseItem = (cursor: Cursor): SelectItem => {
  const at = cursor.at
  if (cursor.symbol("*")) return parseStar(cursor, at, undefined)
  const expression = parseExpression(cursor)
  if (cursor.isSymbol(".") && cursor.isNextSymbol("*")) {
    cursor.take()
    cursor.take()
    return parseStar(cursor, at, expression)
  }
  if (cursor.word("AS")) return { kind: "item", at, expression, alias: cursor.name("the name of the column") }
  return { kind: "item", at, expression, alias: cursor.isName ? cursor.name("the name of the column") : undefined }
}

const parseStar = (cursor: Cursor, at: number, of: Expression | undefined): SelectItem => {
  const except: Array<Name> = []
  const replace: Array<{ readonly expression: Expression; readonly as: Name }> = []
  if (cursor.isWord("EXCEPT") && cursor.isNextSymbol("(")) {
    cursor.take()
    cursor.take()
    do except.push(cursor.name("the name of a column"))
    while (cursor.symbol(","))
    cursor.expectSymbol(")")
  }
  if (cursor.word("REPLACE")) {
    cursor.expectSymbol("(")
    do {
      const expression = parseExpression(cursor)
      cursor.expectWord("AS")
      replace.push({ expression, as: cursor.name("the name of a column") })
    } while (cursor.symbol(","))
    cursor.expectSymbol(")")
  }
  return { kind: "star", at, of, except, replace }
}

const parseGroupBy = (cursor: Cursor): Select["groupBy"] => {
  const at = cursor.expectWord("GROUP").start
  cursor.expectWord("BY")
  if (cursor.word("ALL")) return { at, isAll: true, items: [] }
  const items: Array<GroupItem> = []
  do items.push(parseGroupItem(cursor))
  while (cursor.symbol(","))
  return { at, isAll: false, items }
}

const parseGroupItem = (cursor: Cursor): GroupItem => {
  const at = cursor.at
  if (cursor.isWord("ROLLUP", "CUBE")) {
    const kind = cursor.take().upper as "ROLLUP" | "CUBE"
    cursor.expectSymbol("(")
    const sets: Array<ReadonlyArray<Expression>> = []
    do sets.push(parseSetOfKeys(cursor))
    while (cursor.symbol(","))
    cursor.expectSymbol(")")
    return { kind, at, sets }
  }
  if (cursor.isWord("GROUPING") && cursor.isNextWord("SETS")) {
    cursor.take()
    cursor.take()
    cursor.expectSymbol("(")
    const sets: Array<ReadonlyArray<Expression>> = []
    do {
      if (cursor.isWord("ROLLUP", "CUBE")) {
        refuse(`${cursor.token.upper} inside GROUPING SETS is not supported`, cursor.at, "clause GROUPING SETS")
      }
      sets.push(parseSetOfKeys(cursor))
    } while (cursor.symbol(","))
    cursor.expectSymbol(")")
    return { kind: "GROUPING SETS", at, sets }
  }
  if (cursor.isSymbol("(") && cursor.isNextSymbol(")")) {
    cursor.take()
    cursor.take()
    return { kind: "plain", at, expressions: [] }
  }
  return { kind: "plain", at, expressions: [parseExpression(cursor)] }
}

/** `a`, `(a, b)` or `()`. */
const parseSetOfKeys = (cursor: Cursor): ReadonlyArray<Expression> => {
  if (cursor.isSymbol("(") && cursor.isNextSymbol(")")) {
    cursor.take()
    cursor.take()
    return []
  }
  const expression = parseExpression(cursor)
  // (a, b) reads as a struct, and means two keys here
  return expression.kind === "struct" && expression.type === undefined &&
      cursor.source[expression.at] === "("
    ? expression.fields.map((field) => field.value)
    : [expression]
}

export const parseOrderBy = (cursor: Cursor): Array<OrderItem> => {
  cursor.expectWord("ORDER")
  cursor.expectWord("BY")
  const items: Array<OrderItem> = []
  do {
    const expression = parseExpression(cursor)
    if (cursor.isWord("COLLATE")) refuse("COLLATE is not supported", cursor.at, "clause COLLATE")
    const isDescending = cursor.word("DESC")
    if (!isDescending) cursor.word("ASC")
    let nulls: OrderItem["nulls"]
    if (cursor.word("NULLS")) {
      if (!cursor.isWord("FIRST", "LAST")) cursor.unexpected("FIRST or LAST")
      nulls = cursor.take().upper === "FIRST" ? "first" : "last"
    }
    items.push({ expression, isDescending, nulls })
  } while (cursor.symbol(","))
  return items
}

/** A window's name, or its specification in parentheses. */
export const parseWindow = (cursor: Cursor): Window => {
  const at = cursor.at
  const empty = { at, partitionBy: [], orderBy: [], frame: undefined }
  if (cursor.isName) return { ...empty, base: cursor.name("the name of a window") }
  cursor.expectSymbol("(")
  const base = cursor.isName ? cursor.name("the name of a window") : undefined
  const partitionBy: Array<Expression> = []
  if (cursor.word("PARTITION")) {
    cursor.expectWord("BY")
    do partitionBy.push(parseExpression(cursor))
    while (cursor.symbol(","))
  }
  const orderBy = cursor.isWord("ORDER") ? parseOrderBy(cursor) : []
  let frame: Window["frame"]
  if (cursor.isWord("ROWS", "RANGE", "GROUPS")) {
    const from = cursor.at
    const unit = cursor.take().upper
    if (unit === "GROUPS") refuse("Frames in GROUPS are not supported", from, "clause GROUPS")
    if (cursor.word("BETWEEN")) {
      const start = parseBound(cursor)
      cursor.expectWord("AND")
      frame = { unit: unit as "ROWS" | "RANGE", start, end: parseBound(cursor), at: from }
    } else frame = { unit: unit as "ROWS" | "RANGE", start: parseBound(cursor), end: undefined, at: from }
    if (cursor.isWord("EXCLUDE")) refuse("EXCLUDE is not supported", cursor.at, "clause EXCLUDE")
  }
  cursor.expectSymbol(")")
  return { at, base, partitionBy, orderBy, frame }
}

const parseBound = (cursor: Cursor): Bound => {
  if (cursor.word("CURRENT")) {
    cursor.expectWord("ROW")
    return { kind: "current" }
  }
  const isUnbounded = cursor.word("UNBOUNDED")
  const value = isUnbounded ? undefined : parseExpression(cursor)
  if (!cursor.isWord("PRECEDING", "FOLLOWING")) cursor.unexpected("PRECEDING or FOLLOWING")
  const side = cursor.take().upper as "PRECEDING" | "FOLLOWING"
  return value === undefined ? { kind: "unbounded", side } : { kind: "offset", side, value }
}
