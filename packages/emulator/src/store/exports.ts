/** Exports: rows as files, which DuckDB writes. */
import { harmless } from "@effect-redivis/core/Contract"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { accountKey } from "./accounts.ts"
import * as Contents from "./contents.ts"
import { type Database, DuckFault, type Row, type Session } from "./Database.ts"
import * as Decode from "./decode.ts"
import type { Files } from "./files.ts"
import { makeId, quoteName, quoteText } from "./identifiers.ts"
import type * as Model from "./model.ts"
import { type Relation, type Relations, selectSegment } from "./relations.ts"
import type { Resolve } from "./sources.ts"
import type { Exports } from "./Store.ts"
import { StoreNotFound } from "./StoreError.ts"
import { duckTypeOf } from "./types.ts"

/** Name of the file with one part. */
export const fileOf = (exportId: string, part: number): string => `export-${exportId}-${part}`

const messageOf = (cause: unknown): string => Predicate.isError(cause) ? cause.message : String(cause)

/** An export that cannot be, in words for who wanted it. */
class NothingToWrite extends Data.TaggedError("NothingToWrite")<{ readonly message: string }> {}

/** What broke, as far as whoever wanted the export can do something about it; the rest is for the log. */
const sentenceOf = (message: string): string =>
  /no space left|disk quota|disk is full|max_temp_directory_size/i.test(message)
    ? "The disk is full: there is no room for the export's files. Make room, or export fewer rows or variables"
    : /memory|allocat/i.test(message)
    ? "The rows need more memory than the emulator has. Export fewer variables at a time"
    : /cannot open|permission denied|no such file|read-only/i.test(message)
    ? "The export's files could not be written. Look whether the emulator's folder is there and can be written to"
    : "The emulator could not write the rows, and its log tells why. Try it again, or read them in another format"

/** How DuckDB is told to write a format. */
const writers: Readonly<Record<string, string>> = {
  csv: "FORMAT csv, HEADER true",
  parquet: "FORMAT parquet",
  ndjson: "FORMAT json"
}

const toExport = (row: Row, parts: ReadonlyArray<Row>): Model.Export => {
  const isCompleted = Decode.text(row, "status") === "completed"
  const made = Decode.inOrder(parts, "part").map((part) => ({
    size: Decode.number(part, "size"),
    hash: Decode.text(part, "hash")
  }))
  return {
    id: Decode.text(row, "id"),
    owner: Decode.text(row, "owner"),
    format: Decode.text(row, "format"),
    name: Decode.text(row, "name"),
    table: Decode.textOrNull(row, "table_reference"),
    datasetId: Decode.textOrNull(row, "dataset_id"),
    status: Decode.word(row, "status"),
    errorMessage: Decode.textOrNull(row, "error_message"),
    percentCompleted: Decode.number(row, "percent_completed"),
    createdAt: Decode.number(row, "created_at"),
    parts: isCompleted ? made : []
  }
}

export interface ExportParts {
  readonly database: Database
  readonly files: Files
  readonly relations: Relations
  readonly resolve: Resolve
}

export const makeExports = ({ database, files, relations, resolve }: ExportParts): Exports => {
  const get: Exports["get"] = (id) =>
    Effect.gen(function*() {
      const [row] = yield* database.rows("SELECT * FROM registry.exports WHERE id = $1", [id])
      if (row === undefined) return yield* new StoreNotFound({ kind: "export", reference: id })
      const parts = yield* database.rows("SELECT part, size, hash FROM registry.export_parts WHERE export_id = $1", [
        id
      ])
      return toExport(row, parts)
    })

  const change = (id: string, sql: string, ...values: ReadonlyArray<string | number | null>): Effect.Effect<void> =>
    database.write(database.run(`UPDATE registry.exports SET ${sql} WHERE id = $1`, [id, ...values]))

  /** Rows `from` to (not with) `to` as one file. `onRows` learns how many came. */
  const writePart = (
    reader: Session,
    writer: Session,
    target: { readonly path: string; readonly format: string },
    rows: {
      readonly relation: Relation
      readonly columns: ReadonlyArray<Model.SchemaField>
      readonly from: number
      readonly to: number
    },
    onRows: (count: number) => Effect.Effect<void>
  ): Effect.Effect<void, DuckFault> =>
    Effect.gen(function*() {
      const { columns, from, relation, to } = rows
      const types = columns.map(({ name, type }) => `${quoteName(name)} ${duckTypeOf(type)}`)
      yield* writer.rows(`CREATE OR REPLACE TEMP TABLE part (${types.join(", ")})`)
      yield* Effect.acquireUseRelease(
        Effect.tryPromise({
          try: () => writer.connection.createAppender("part", "main", "temp"),
          catch: (cause) => new DuckFault({ message: messageOf(cause) })
        }),
        (appender) =>
          Effect.gen(function*() {
            let position = 0
            for (const segment of yield* relations.segments(relation.id)) {
              const range = { from: Math.max(from - position, 0), to: Math.min(to - position, segment.numRows) }
              position += segment.numRows
              if (range.from >= range.to) continue
              const own = yield* Contents.columnsOf(database, segment.contentId)
              const chunks = yield* reader.chunks(selectSegment(segment, own, columns, range))
              for (;;) {
                const chunk = yield* chunks.next
                if (chunk === undefined) break
                appender.appendDataChunk(chunk)
                yield* onRows(chunk.rowCount)
              }
            }
            appender.flushSync()
          }),
        (appender) => Effect.sync(() => appender.closeSync())
      )
      // what JSON has no number for would be no JSON
      const values = columns.map(({ name, type }) =>
        target.format === "ndjson" && type === "float"
          ? `CASE WHEN isfinite(${quoteName(name)}) THEN ${quoteName(name)} END AS ${quoteName(name)}`
          : quoteName(name)
      )
      yield* writer.rows(
        `COPY (SELECT ${values.join(", ")} FROM temp.part) TO ${quoteText(target.path)} (${writers[target.format]})`
      )
      yield* writer.rows("DROP TABLE temp.part")
    })

  const write = (
    id: string,
    format: string,
    relation: Relation,
    partBytes: number
  ): Effect.Effect<void, DuckFault | NothingToWrite> =>
    Effect.scoped(Effect.gen(function*() {
      const columns = yield* relations.columns(relation.id)
      if (columns.length === 0) {
        return yield* new NothingToWrite({ message: "There is nothing to export: no variables" })
      }
      // One transaction: what is dropped meanwhile is still there for it.
      const reader = yield* database.session
      const writer = yield* database.fileSession
      const perPart = relation.numBytes <= partBytes
        ? Math.max(relation.numRows, 1)
        : Math.max(1, Math.floor(relation.numRows * partBytes / relation.numBytes))
      let written = 0
      let told = 0
      const onRows = (count: number): Effect.Effect<void> => {
        written += count
        const percent = Math.floor(100 * written / relation.numRows)
        if (percent < told + 10 || percent >= 100) return Effect.void
        told = percent
        return change(id, "percent_completed = $2", percent)
      }
      const made: Array<{ readonly part: number; readonly size: number; readonly hash: string }> = []
      for (let from = 0, part = 0; part === 0 || from < relation.numRows; from += perPart, part++) {
        const file = fileOf(id, part)
        const rows = { relation, columns, from, to: from + perPart }
        yield* writePart(reader, writer, { path: files.pathOf(file), format }, rows, onRows)
        made.push({ part, size: yield* files.size(file), hash: yield* files.hash(file) })
      }
      yield* database.write(Effect.gen(function*() {
        yield* database.insert(
          "export_parts",
          made.map((part) => ({ export_id: id, ...part }))
        )
        yield* change(id, "status = 'completed', percent_completed = 100")
      }))
    }))

  return {
    create: (source, request) =>
      Effect.gen(function*() {
        const { datasetId, relation } = yield* resolve(source)
        const id = makeId()
        yield* database.write(database.run(
          `INSERT INTO registry.exports (id, owner, format, name, table_reference, relation_id, dataset_id, status,
             percent_completed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', 0, $8)`,
          [
            id,
            accountKey(request.owner),
            request.format,
            request.name,
            request.table,
            relation.id,
            datasetId,
            yield* Clock.currentTimeMillis
          ]
        ))
        return yield* Effect.orDie(get(id))
      }),
    get,
    run: (id, partBytes) =>
      Effect.gen(function*() {
        const { format } = yield* get(id)
        const [row] = yield* database.rows("SELECT relation_id FROM registry.exports WHERE id = $1", [id])
        const relation = yield* relations.get(Decode.text(row!, "relation_id"))
        yield* change(id, "status = 'running'")
        const fail = (message: string) => change(id, "status = 'failed', error_message = $2", message)
        yield* (writers[format] === undefined
          ? fail(`The emulator cannot write ${format} files, only ${Object.keys(writers).join(", ")}`)
          : relation === undefined
          ? fail("The rows were removed before they were exported")
          : write(id, format, relation, partBytes)).pipe(
            Effect.catchTags({
              NothingToWrite: ({ message }) => fail(message),
              DuckFault: ({ message }) =>
                Effect.andThen(
                  Effect.logError(harmless(`The export ${id} failed: ${message}`)),
                  fail(sentenceOf(message))
                )
            }),
            Effect.onInterrupt(() => change(id, "status = 'cancelled'")),
            // who runs it logs it
            Effect.tapDefect((defect) => fail(sentenceOf(messageOf(defect))))
          )
        return yield* get(id)
      }),
    bytes: (id, part, range) => files.read(fileOf(id, part), range)
  }
}
