/**
 * Reads what stands behind `FROM`: tables by their references, subqueries,
 * `UNNEST`, joins, pivots.
 *
 * @since 0.1.0
 */
import type { Cursor } from "./Cursor.ts"
import { parseExpression } from "./parseExpression.ts"
import { finishQuery, isQueryStart, parseQuery } from "./parseQuery.ts"
import { refuse } from "./SqlError.ts"
import type { Call, Expression, From, Name, Query } from "./syntax.ts"

/** Tables that are joined in a row, at most. */
const mostJoins = 150

export const parseFrom = (cursor: Cursor): From => parseJoins(cursor, parseItem(cursor), true)

const parseJoins = (cursor: Cursor, first: From, takesComma: boolean): From => {
  let left = first
  let sawComma = false
  for (let count = 0;; count++) {
    if (count > mostJoins) refuse(`More than ${mostJoins} joins in a row`, cursor.at)
    const at = cursor.at
    if (takesComma && cursor.symbol(",")) {
      left = { kind: "join", at, join: "COMMA", left, right: parseItem(cursor), on: undefined, using: [] }
      sawComma = true
      continue
    }
    const join = parseJoinKind(cursor)
    if (join === undefined) return left
    if (sawComma && (join === "RIGHT" || join === "FULL")) {
      refuse(`Syntax error: ${join} JOIN behind a comma needs parentheses`, at)
    }
    const right = parseItem(cursor)
    let on: Expression | undefined
    const using: Array<Name> = []
    if (cursor.word("ON")) on = parseExpression(cursor)
    else if (cursor.word("USING")) {
      cursor.expectSymbol("(")
      do using.push(cursor.name("the name of a column"))
      while (cursor.symbol(","))
      cursor.expectSymbol(")")
    }
    const isOpen = on === undefined && using.length === 0
    if (join === "CROSS") {
      if (!isOpen) refuse("Syntax error: CROSS JOIN takes neither ON nor USING", at)
    } else if (isOpen && right.kind !== "unnest" && !(right.kind === "table" && right.names.length > 1)) {
      cursor.unexpected(`ON or USING for this ${join} JOIN`)
    }
    left = { kind: "join", at, join, left, right, on, using }
  }
}

const parseJoinKind = (cursor: Cursor): "CROSS" | "INNER" | "LEFT" | "RIGHT" | "FULL" | undefined => {
  const { start: at, upper } = cursor.token
  if (cursor.isWord("NATURAL")) {
    refuse("NATURAL JOIN is not supported; name the columns with USING", at, "clause NATURAL JOIN")
  }
  if (cursor.word("JOIN")) return hint(cursor, "INNER")
  if (!cursor.isWord("CROSS", "INNER", "LEFT", "RIGHT", "FULL")) return undefined
  if (cursor.isNextWord("UNION", "INTERSECT", "EXCEPT")) return undefined
  cursor.take()
  if (upper !== "CROSS" && upper !== "INNER") cursor.word("OUTER")
  if (cursor.isWord("UNION", "INTERSECT", "EXCEPT")) {
    refuse("Set operations that match columns by name are not supported", at, "set operation BY NAME")
  }
  cursor.expectWord("JOIN")
  return hint(cursor, upper as "CROSS" | "INNER" | "LEFT" | "RIGHT" | "FULL")
}

const hint = <A>(cursor: Cursor, join: A): A =>
  cursor.isSymbol("@") ? refuse("Hints are not supported", cursor.at, "hint") : join

const parseItem = (cursor: Cursor): From => parsePivots(cursor, parseSource(cursor))

const parseSource = (cursor: Cursor): From => {
  const at = cursor.at
  if (cursor.isWord("UNNEST")) {
    cursor.take()
    cursor.expectSymbol("(")
    const array = parseExpression(cursor)
    if (cursor.isSymbol(",")) {
      refuse("UNNEST of several arrays is not supported", cursor.at, "clause UNNEST of several arrays")
    }
    cursor.expectSymbol(")")
    const alias = parseAlias(cursor)
    return { kind: "unnest", at, array, alias, offset: parseOffset(cursor) }
  }
  if (cursor.isWord("LATERAL")) refuse("LATERAL is not supported", at, "clause LATERAL")
  if (cursor.isSymbol("(")) {
    const inside = parseInside(cursor)
    return "query" in inside
      ? { kind: "query", at, query: inside.query, alias: parseAlias(cursor) }
      : inside.from
  }
  if (cursor.token.kind === "string") {
    refuse("Syntax error: a table's name goes between backticks (`owner.dataset.table`), not between quotes", at)
  }
  if (!cursor.isName) {
    // for the message about keywords
    cursor.name("the name of a table")
  }
  return parseTable(cursor)
}

const parseInside = (cursor: Cursor): { readonly query: Query } | { readonly from: From } =>
  cursor.nested(() => {
    cursor.expectSymbol("(")
    if (isQueryStart(cursor)) {
      const query = parseQuery(cursor)
      cursor.expectSymbol(")")
      return { query }
    }
    let first: From
    if (cursor.isSymbol("(")) {
      const at = cursor.at
      const inside = parseInside(cursor)
      if ("query" in inside) {
        const query = finishQueryUnlessJoin(cursor, inside.query)
        if (query !== undefined) {
          cursor.expectSymbol(")")
          return { query }
        }
        if (cursor.symbol(")")) return inside
        first = parsePivots(cursor, { kind: "query", at, query: inside.query, alias: parseAlias(cursor) })
      } else first = parsePivots(cursor, inside.from)
    } else first = parseItem(cursor)
    const from = parseJoins(cursor, first, true)
    cursor.expectSymbol(")")
    return { from }
  })

const finishQueryUnlessJoin = (cursor: Cursor, query: Query): Query | undefined =>
  cursor.isWord("UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT") ? finishQuery(cursor, query) : undefined

const segment = "(?:[\\p{L}\\p{N}_]+(?:-[\\p{L}\\p{N}_]+)*)"
// oxlint-disable-next-line laws/linear-regular-expressions -- of constant parts; a test proves the whole
export const plainPath: RegExp = new RegExp(`${segment}(?:[.:]${segment})*`, "uy")

/**
 * A table's reference: between backticks as a whole or in parts, or plain, where
 * dashes and colons belong to it (`demo.fires:5k9t:v1_1.perimeters:9r58`).
 */
const parseTable = (cursor: Cursor): From => {
  const at = cursor.at
  const names: Array<Name> = []
  let text = ""
  let end = at
  for (;;) {
    const start = cursor.at
    if (cursor.token.kind === "quotedName") {
      const token = cursor.take()
      names.push({ name: token.text, at: start })
      text += token.text
      end = token.end
    } else {
      plainPath.lastIndex = start
      const written = plainPath.exec(cursor.source)?.[0]
      if (written === undefined) return cursor.unexpected("the name of a table")
      let offset = start
      for (const part of written.split(".")) {
        names.push({ name: part, at: offset })
        offset += part.length + 1
      }
      text += written
      end = start + written.length
      cursor.moveTo(end)
    }
    const link = cursor.isSymbol(".", ":") && cursor.at === end ? cursor.token.text : undefined
    if (link === undefined) break
    const isStar = cursor.isNextSymbol("*")
    if (isStar) refuse("Wildcard tables are not supported", at, "wildcard table")
    cursor.take()
    text += link
  }
  if (cursor.isSymbol("*") && cursor.at === end) refuse("Wildcard tables are not supported", at, "wildcard table")
  if (cursor.isSymbol("(")) {
    const name = text.toUpperCase()
    refuse(`Table function ${name} is not supported`, at, `table function ${name}`)
  }
  if (cursor.isWord("FOR") && cursor.isNextWord("SYSTEM_TIME", "SYSTEM")) {
    refuse("FOR SYSTEM_TIME AS OF is not supported; name a version of the dataset", cursor.at, "clause FOR SYSTEM_TIME")
  }
  const alias = parseAlias(cursor)
  if (cursor.isWord("FOR") && cursor.isNextWord("SYSTEM_TIME", "SYSTEM")) {
    refuse("FOR SYSTEM_TIME AS OF is not supported; name a version of the dataset", cursor.at, "clause FOR SYSTEM_TIME")
  }
  if (cursor.isSymbol("@")) refuse("Hints are not supported", cursor.at, "hint")
  return { kind: "table", at, end, text, names, alias, offset: parseOffset(cursor) }
}

const clauses = ["PIVOT", "UNPIVOT"]

const parseAlias = (cursor: Cursor): Name | undefined => {
  const isExplicit = cursor.word("AS")
  // PIVOT and UNPIVOT are not reserved: they are an alias unless a parenthesis follows
  if (
    !isExplicit && cursor.isWord(...clauses) && (cursor.isNextSymbol("(") || cursor.isNextWord("INCLUDE", "EXCLUDE"))
  ) {
    return undefined
  }
  if (!isExplicit && !cursor.isName) return undefined
  const alias = cursor.name("the name of the table in this query")
  if (cursor.isSymbol("(")) {
    refuse("Syntax error: a table's columns cannot be renamed here; use AS inside a subquery", cursor.at)
  }
  return alias
}

const parseOffset = (cursor: Cursor): Name | true | undefined => {
  if (!cursor.isWord("WITH") || !cursor.isNextWord("OFFSET")) return undefined
  cursor.take()
  cursor.take()
  if (cursor.word("AS")) return cursor.name("the name of the offset")
  return cursor.isName ? cursor.name("the name of the offset") : true
}

const parsePivots = (cursor: Cursor, source: From): From => {
  let of = source
  for (let count = 0;; count++) {
    if (count > 10) refuse("More than 10 pivots in a row", cursor.at)
    if (cursor.isWord("TABLESAMPLE")) {
      refuse(
        "TABLESAMPLE is not supported; name the sample of the table (`owner.dataset.table:sample`), or use WHERE RAND() < 0.1",
        cursor.at,
        "clause TABLESAMPLE"
      )
    }
    if (cursor.isWord("MATCH_RECOGNIZE") && cursor.isNextSymbol("(")) {
      refuse("MATCH_RECOGNIZE is not supported", cursor.at, "clause MATCH_RECOGNIZE")
    }
    if (cursor.isWord("PIVOT") && cursor.isNextSymbol("(")) of = parsePivot(cursor, of)
    else if (cursor.isWord("UNPIVOT") && (cursor.isNextSymbol("(") || cursor.isNextWord("INCLUDE", "EXCLUDE"))) {
      of = parseUnpivot(cursor, of)
    } else return of
  }
}

const parsePivot = (cursor: Cursor, of: From): From => {
  const at = cursor.take().start
  cursor.expectSymbol("(")
  const aggregates: Array<{ readonly call: Call; readonly alias: Name | undefined }> = []
  do {
    const start = cursor.at
    const call = parseExpression(cursor)
    if (call.kind !== "call") return refuse("PIVOT takes calls of aggregate functions", start)
    const alias = cursor.word("AS") || cursor.isName ? cursor.name("the name of the column") : undefined
    aggregates.push({ call, alias })
  } while (cursor.symbol(","))
  cursor.expectWord("FOR")
  const column = parsePivotColumn(cursor)
  cursor.expectWord("IN")
  cursor.expectSymbol("(")
  if (isQueryStart(cursor)) refuse("PIVOT takes values, not a query", cursor.at, "clause PIVOT of a query")
  const values: Array<{ readonly value: Expression; readonly alias: Name | undefined }> = []
  do {
    const value = parseExpression(cursor)
    values.push({
      value,
      alias: cursor.word("AS") || cursor.isName ? cursor.name("the name of the column") : undefined
    })
  } while (cursor.symbol(","))
  cursor.expectSymbol(")")
  cursor.expectSymbol(")")
  return { kind: "pivot", at, of, aggregates, column, values, alias: parseAlias(cursor) }
}

/** A column by its path: a whole expression would take the IN for its own. */
const parsePivotColumn = (cursor: Cursor): Expression => {
  const at = cursor.at
  const names = [cursor.name("the column to pivot by")]
  while (cursor.symbol(".")) names.push(cursor.anyName("the name of a field"))
  return { kind: "path", at, names }
}

const parseUnpivot = (cursor: Cursor, of: From): From => {
  const at = cursor.take().start
  let withNulls = false
  if (cursor.isWord("INCLUDE", "EXCLUDE")) {
    withNulls = cursor.take().upper === "INCLUDE"
    cursor.expectWord("NULLS")
  }
  cursor.expectSymbol("(")
  if (cursor.isSymbol("(")) {
    refuse("UNPIVOT into several columns is not supported", cursor.at, "clause UNPIVOT into several columns")
  }
  const value = cursor.name("the column for the values")
  cursor.expectWord("FOR")
  const name = cursor.name("the column for the names")
  cursor.expectWord("IN")
  cursor.expectSymbol("(")
  const columns: Array<{ readonly column: Name; readonly label: Expression | undefined }> = []
  do {
    if (cursor.isSymbol("(")) {
      refuse("UNPIVOT of several columns at once is not supported", cursor.at, "clause UNPIVOT into several columns")
    }
    const column = cursor.name("the name of a column")
    const hasLabel = cursor.word("AS") || cursor.token.kind === "string" || cursor.token.kind === "integer"
    columns.push({ column, label: hasLabel ? parseExpression(cursor) : undefined })
  } while (cursor.symbol(","))
  cursor.expectSymbol(")")
  cursor.expectSymbol(")")
  return { kind: "unpivot", at, of, withNulls, value, name, columns, alias: parseAlias(cursor) }
}
