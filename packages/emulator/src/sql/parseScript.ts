/**
 * Reads a whole text: one query, or `DECLARE` and `SET` before one.
 *
 * @since 0.1.0
 */
import { Cursor } from "./Cursor.ts"
import { parseExpression } from "./parseExpression.ts"
import { isQueryStart, parseQuery } from "./parseQuery.ts"
import { parseType } from "./parseType.ts"
import { refuse } from "./SqlError.ts"
import type { Name, Query, Script, Statement } from "./syntax.ts"

/** Statements that exist in GoogleSQL and that no query of this API may be. */
const writers = new Set(
  `ALTER ANALYZE ASSERT BATCH CALL CLONE CREATE DEFINE DELETE DROP EXPORT GRANT IMPORT INSERT LOAD MERGE RENAME
   REPLACE REVOKE TRUNCATE UNDROP UPDATE COPY ATTACH DETACH INSTALL PRAGMA USE CHECKPOINT VACUUM`.split(/\s+/)
)
const procedural = new Set(
  `BEGIN COMMIT ROLLBACK IF LOOP WHILE REPEAT FOR CASE BREAK LEAVE CONTINUE ITERATE RETURN RAISE EXECUTE START RUN
   EXPLAIN DESCRIBE SHOW`.split(/\s+/)
)

/** Variables of a script, at most. */
const mostStatements = 200

export const parseScript = (source: string, parameters?: ReadonlySet<string>): Script => {
  const cursor = new Cursor(source, parameters)
  const before: Array<Statement> = []
  let query: Query | undefined
  for (;;) {
    while (cursor.symbol(";")) {
      // an empty statement is none
    }
    if (cursor.token.kind === "end") break
    if (query !== undefined) {
      return refuse(
        "Only one query, and it comes last: what stands before it may be DECLARE and SET",
        query.at
      )
    }
    if (cursor.isWord("DECLARE")) before.push(parseDeclare(cursor, before))
    else if (cursor.isWord("SET")) before.push(parseSet(cursor))
    else if (isQueryStart(cursor) || cursor.isSymbol("(") || cursor.isWord("VALUES", "TABLE")) {
      query = parseQuery(cursor)
    } else return refuseStatement(cursor)
    if (before.length > mostStatements) refuse(`More than ${mostStatements} statements before the query`, cursor.at)
    const behind: string = cursor.token.kind
    if (behind !== "end" && !cursor.isSymbol(";")) cursor.unexpected("the end of the statement")
  }
  return query === undefined
    ? refuse(
      before.length === 0 ? "There is no query in this text" : "There is no query behind DECLARE and SET",
      cursor.at
    )
    : { before, query }
}

const refuseStatement = (cursor: Cursor): never => {
  const { kind, start: at, upper } = cursor.token
  if (kind === "name" && writers.has(upper)) {
    return refuse(`${upper} is not allowed: a query only reads. Begin with SELECT or WITH`, at, `statement ${upper}`)
  }
  if (kind === "name" && procedural.has(upper)) {
    return refuse(
      `The statement ${upper} is not supported: a script may hold DECLARE and SET, and ends in one query`,
      at,
      `statement ${upper}`
    )
  }
  return cursor.unexpected("SELECT or WITH")
}

const parseNames = (cursor: Cursor): Array<Name> => {
  const names = [cursor.name("the name of a variable")]
  while (cursor.symbol(",")) names.push(cursor.name("the name of a variable"))
  return names
}

const parseDeclare = (cursor: Cursor, before: ReadonlyArray<Statement>): Statement => {
  const at = cursor.take().start
  if (before.some((statement) => statement.kind === "set")) {
    refuse("Syntax error: DECLARE comes before everything else in a script", at)
  }
  const names = parseNames(cursor)
  const type = cursor.isWord("DEFAULT") || cursor.isSymbol(";") ? undefined : parseType(cursor)
  const value = cursor.word("DEFAULT") ? parseExpression(cursor) : undefined
  if (type === undefined && value === undefined) cursor.unexpected("a type or DEFAULT")
  return { kind: "declare", at, names, type, value }
}

const parseSet = (cursor: Cursor): Statement => {
  const at = cursor.take().start
  if (cursor.token.kind === "parameter") {
    refuse(`Settings such as ${cursor.token.text} cannot be set`, cursor.at, "statement SET of a setting")
  }
  let names: Array<Name>
  if (cursor.symbol("(")) {
    names = parseNames(cursor)
    cursor.expectSymbol(")")
  } else names = [cursor.name("the name of a variable")]
  cursor.expectSymbol("=")
  return { kind: "set", at, names, value: parseExpression(cursor) }
}
