/**
 * Tables that hold the rows of one upload or query, in the order in which they
 * came: the first row has the row id 0.
 *
 * @since 0.1.0
 */
import type { DuckDBAppender } from "@duckdb/node-api"
import * as Effect from "effect/Effect"
import { type Chunks, type Database, DuckFault, type Session } from "./Database.ts"
import * as Decode from "./decode.ts"
import { makeId, quoteName, unusedName, variableKey } from "./identifiers.ts"
import type { SchemaField, VariableType } from "./model.ts"
import { type ContentColumn, duckTypeOf } from "./types.ts"

/** Quoted name of the table. */
export const tableOf = (contentId: string): string => `content.${quoteName(`c_${contentId}`)}`

export interface Content {
  readonly id: string
  readonly numRows: number
  readonly numBytes: number
  readonly columns: ReadonlyArray<ContentColumn>
}

/** Bytes of a column in tables of Redivis: a string has its text and two more, a null nothing. */
const bytesOf = ({ name, type }: SchemaField): string => {
  switch (type) {
    case "string":
    case "geography":
      return `coalesce(sum(strlen(${quoteName(name)}) + 2), 0)`
    case "boolean":
      return `count(${quoteName(name)})`
    default:
      return `count(${quoteName(name)}) * 8`
  }
}

/** Counts what is in the table. Types that were declared hold for columns without values too. */
export const measure = (
  session: Session,
  id: string,
  columns: ReadonlyArray<SchemaField>,
  options: { readonly isDeclared: boolean } = { isDeclared: true }
): Effect.Effect<Content, DuckFault> =>
  Effect.gen(function*() {
    const integers = columns.flatMap(({ name, type }, index) => type === "integer" ? [{ name, index }] : [])
    const exact = integers.map(({ name, index }) =>
      `coalesce(bool_and(${quoteName(name)} BETWEEN -9007199254740992 AND 9007199254740992), true) AS e${index}`
    )
    const [row] = yield* session.rows(
      `SELECT ${
        [
          "count(*) AS num_rows",
          // a sum of more than a thousand terms would be too deep an expression
          `CAST(${
            columns.length === 0 ? "0" : `list_sum([${columns.map(bytesOf).join(", ")}])`
          } AS BIGINT) AS num_bytes`,
          ...exact,
          ...(options.isDeclared ? [] : columns.map(({ name }, index) => `count(${quoteName(name)}) = 0 AS v${index}`))
        ].join(", ")
      } FROM ${tableOf(id)}`
    )
    return {
      id,
      numRows: Decode.number(row!, "num_rows"),
      numBytes: Decode.number(row!, "num_bytes"),
      columns: columns.map(({ name, type }, index) => ({
        name,
        type,
        isExact: type !== "integer" || Decode.boolean(row!, `e${index}`),
        isVacant: !options.isDeclared && Decode.boolean(row!, `v${index}`)
      }))
    }
  })

/** SQL to read a content from, with the position of each row: a variable called `rowid` hides that of the database. */
export const positioned = (
  id: string,
  columns: ReadonlyArray<SchemaField>
): { readonly from: string; readonly position: string } => {
  if (!columns.some(({ name }) => variableKey(name) === "rowid")) return { from: tableOf(id), position: "rowid" }
  const position = unusedName(columns)
  return { from: `(SELECT *, row_number() OVER () - 1 AS ${position} FROM ${tableOf(id)})`, position }
}

export const createTable = (
  session: Session,
  id: string,
  columns: ReadonlyArray<SchemaField>
): Effect.Effect<void, DuckFault> =>
  Effect.asVoid(session.rows(
    // A table needs a column, also where a stream has none yet.
    `CREATE TABLE ${tableOf(id)} (${
      columns.length === 0
        ? "_ VARCHAR"
        : columns.map(({ name, type }) => `${quoteName(name)} ${duckTypeOf(type)}`).join(", ")
    })`
  ))

/** Runs the appender's own calls, which throw. */
const appending = <A>(run: () => A): Effect.Effect<A, DuckFault> =>
  Effect.try({
    try: run,
    catch: (cause) => new DuckFault({ message: String((cause as Error).message) })
  })

/** An appender that is flushed when the effect succeeds, and closed in any case. */
export const append = <A, E>(
  session: Session,
  id: string,
  f: (appender: DuckDBAppender) => Effect.Effect<A, E>
): Effect.Effect<A, E | DuckFault> =>
  Effect.acquireUseRelease(
    Effect.tryPromise({
      try: () => session.connection.createAppender(`c_${id}`, "content"),
      catch: (cause) => new DuckFault({ message: String((cause as Error).message) })
    }),
    (appender) => Effect.tap(f(appender), () => appending(() => appender.flushSync())),
    (appender) => Effect.ignore(appending(() => appender.closeSync()))
  )

/** Takes over the rows of a result that another instance of DuckDB reads. */
export const fromChunks = (
  session: Session,
  columns: ReadonlyArray<SchemaField>,
  chunks: Chunks
): Effect.Effect<Content, DuckFault> =>
  Effect.gen(function*() {
    const id = makeId()
    yield* createTable(session, id, columns)
    yield* append(session, id, (appender) =>
      Effect.gen(function*() {
        for (;;) {
          const chunk = yield* chunks.next
          if (chunk === undefined) return
          yield* appending(() => appender.appendDataChunk(chunk))
        }
      }))
    return yield* measure(session, id, columns, { isDeclared: false })
  })

export const fromSelect = (
  session: Session,
  columns: ReadonlyArray<SchemaField>,
  select: string
): Effect.Effect<Content, DuckFault> =>
  Effect.gen(function*() {
    const id = makeId()
    yield* session.rows(`CREATE TABLE ${tableOf(id)} AS ${select}`)
    return yield* measure(session, id, columns)
  })

/** Enters a content into the catalogue, or what changed about it. */
export const register = (
  database: Database,
  content: Content,
  /** Where the bytes count; `null` for results of queries and tables of workflows. */
  datasetId: string | null,
  /** Whether the catalogue may know it from before. */
  isKnown = false
): Effect.Effect<void> =>
  Effect.gen(function*() {
    const [known] = isKnown
      ? yield* database.rows("SELECT is_active FROM registry.contents WHERE id = $1", [content.id])
      : []
    if (known !== undefined) {
      yield* database.run("DELETE FROM registry.contents WHERE id = $1", [content.id])
      yield* database.run("DELETE FROM registry.content_columns WHERE content_id = $1", [content.id])
    }
    yield* database.run(
      "INSERT INTO registry.contents (id, dataset_id, num_rows, num_bytes, is_active) VALUES ($1, $2, $3, $4, $5)",
      [
        content.id,
        datasetId,
        content.numRows,
        content.numBytes,
        known !== undefined && Decode.boolean(known, "is_active")
      ]
    )
    yield* database.insert(
      "content_columns",
      content.columns.map(({ name, type, isExact, isVacant }, position) => ({
        content_id: content.id,
        position,
        name,
        type,
        is_exact: isExact,
        is_vacant: isVacant
      }))
    )
  })

export const columnsOf = (database: Database, contentId: string): Effect.Effect<ReadonlyArray<ContentColumn>> =>
  Effect.map(
    database.rows("SELECT * FROM registry.content_columns WHERE content_id = $1", [contentId]),
    (rows) =>
      Decode.inOrder(rows, "position").map((row) => ({
        name: Decode.text(row, "name"),
        type: Decode.word<VariableType>(row, "type"),
        isExact: Decode.boolean(row, "is_exact"),
        isVacant: row["is_vacant"] === true
      }))
  )
