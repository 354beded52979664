/** What a file index of a draft shows: the rows that it would have without files of its own, and a row for each of these. */
import * as Effect from "effect/Effect"
import * as Contents from "./contents.ts"
import type { Database, Row } from "./Database.ts"
import { quoteText, unusedName } from "./identifiers.ts"
import type { SchemaField } from "./model.ts"
import { type Relation, type Relations, viewOf } from "./relations.ts"

/** The variables of a file index. */
export const indexFields: ReadonlyArray<SchemaField> = [
  { name: "file_id", type: "string" },
  { name: "file_name", type: "string" },
  { name: "size", type: "integer" },
  { name: "md5_hash", type: "string" }
]

/** SQL for the values of these variables. */
export const indexValues = (file: string): ReadonlyArray<string> => [
  `${file}.id`,
  `${file}.name`,
  `${file}.size`,
  `${file}.md5_hash`
]

/** SQL for a table of files, which DuckDB does not know of. */
export const filesAsTable = (files: ReadonlyArray<Row>): string =>
  `(SELECT unnest(from_json(${quoteText(JSON.stringify(files))}, '${
    JSON.stringify([{
      id: "VARCHAR",
      dataset_id: "VARCHAR",
      name: "VARCHAR",
      size: "BIGINT",
      md5_hash: "VARCHAR",
      added_at: "BIGINT",
      position: "BIGINT"
    }])
  }'), recursive := true))`

/**
 * Adds the files of a draft's table; a row of the same name goes. An index
 * without rows has its variables all the same. Only inside of a `write`.
 */
export const withFiles = (
  database: Database,
  relations: Relations,
  table: { readonly datasetId: string; readonly versionId: string; readonly tableId: string },
  base: Relation
): Effect.Effect<Relation> =>
  Effect.gen(function*() {
    const files = yield* database.rows("SELECT * FROM registry.raw_files WHERE version_id = $1 AND table_id = $2", [
      table.versionId,
      table.tableId
    ])
    const own = `${filesAsTable(files)} AS f`
    const make = (fields: ReadonlyArray<SchemaField>, select: string) =>
      Effect.gen(function*() {
        const content = yield* Effect.orDie(database.build((session) => Contents.fromSelect(session, fields, select)))
        yield* Contents.register(database, content, table.datasetId)
        return { contentId: content.id, numRows: content.numRows }
      })
    const columns = yield* relations.columns(base.id)
    if (files.length === 0 && columns.length > 0) return base
    const position = unusedName(columns)
    const isReplaced = `coalesce(file_name IN (SELECT f.name FROM ${own}), false)`
    const replaced = columns.some(({ name }) => name.toLowerCase() === "file_name")
      ? (yield* database.rows(`SELECT 1 FROM ${viewOf(base.id)} WHERE ${isReplaced} LIMIT 1`)).length > 0
      : false
    const kept = replaced
      ? [
        yield* make(
          columns,
          `SELECT * EXCLUDE (${position}) FROM (SELECT *, row_number() OVER () AS ${position} FROM ${viewOf(base.id)})
           WHERE NOT ${isReplaced} ORDER BY ${position}`
        )
      ]
      : yield* relations.segments(base.id)
    const values = indexValues("f").map((value, index) => `${value} AS ${indexFields[index]!.name}`)
    const added = yield* make(indexFields, `SELECT ${values.join(", ")} FROM ${own} ORDER BY f.position`)
    return yield* relations.make([...kept, added], { isTable: true })
  })
