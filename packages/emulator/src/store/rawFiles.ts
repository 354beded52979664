/** Files of file indexes. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { randomBytes, randomInt } from "node:crypto"
import * as Contents from "./contents.ts"
import type { Database, Row } from "./Database.ts"
import type { DatasetLookups } from "./datasets.ts"
import * as Decode from "./decode.ts"
import { filesAsTable, indexFields, indexValues } from "./fileIndex.ts"
import type { Files } from "./files.ts"
import { quoteName, quoteText, unusedName, variableKey } from "./identifiers.ts"
import type * as Model from "./model.ts"
import { type Relations, selectSegment, viewOf } from "./relations.ts"
import { streamSelect } from "./rows.ts"
import type { Resolve } from "./sources.ts"
import type { RawFiles, TempUploads } from "./Store.ts"
import { StoreConflict, StoreInvalid, StoreNotFound } from "./StoreError.ts"
import { type TableWrites, versionIdOf } from "./tables.ts"
import { fileOf as tempFileOf } from "./tempUploads.ts"
import { duckTypeOf } from "./types.ts"

/** Name of the file with the bytes. */
export const fileOf = (id: string): string => `raw-${id}`

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

const letters = (length: number): string => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("")

/** As the service makes them: 14 characters, a dot, and what looks like a signature. */
const makeFileId = (): string => `${letters(4)}-${letters(9)}.${randomBytes(16).toString("base64url")}`

const toRawFile = (row: Row): Model.RawFile => ({
  id: Decode.text(row, "id"),
  datasetId: Decode.text(row, "dataset_id"),
  tableId: Decode.text(row, "table_id"),
  versionId: Decode.text(row, "version_id"),
  name: Decode.text(row, "name"),
  size: Decode.number(row, "size"),
  md5Hash: Decode.text(row, "md5_hash"),
  addedAt: Decode.number(row, "added_at")
})

export interface RawFileParts {
  readonly database: Database
  readonly files: Files
  readonly datasets: DatasetLookups
  readonly tables: TableWrites
  readonly tempUploads: TempUploads
  readonly relations: Relations
  readonly resolve: Resolve
  readonly batchRows: number
}

export const makeRawFiles = (parts: RawFileParts): RawFiles => {
  const { batchRows, database, datasets, files, relations, resolve, tables, tempUploads } = parts

  const ready = (
    table: Model.Table,
    file: { readonly name: string; readonly tempUploadId: string }
  ): Effect.Effect<
    Omit<Model.RawFile, "datasetId" | "versionId" | "addedAt"> & { readonly temp: string },
    StoreInvalid
  > =>
    Effect.gen(function*() {
      const wrong = (message: string) => new StoreInvalid({ field: "files", message })
      const temp = yield* tempUploads.get(file.tempUploadId).pipe(
        Effect.mapError(() => wrong(`there is no temporary upload ${JSON.stringify(file.tempUploadId)}`))
      )
      if (temp.tableId !== table.id) return yield* wrong(`the bytes of ${file.name} were sent for another table`)
      if (temp.isUsed) return yield* wrong(`the bytes of ${file.name} are a file or an upload already`)
      if (!temp.isComplete) {
        return yield* wrong(`of ${file.name} ${temp.received} of ${temp.size} bytes were received`)
      }
      // what is empty was never written
      if (temp.size === 0) yield* files.create(tempFileOf(temp.id), Stream.empty)
      const hash = yield* files.hash(tempFileOf(temp.id))
      return {
        id: makeFileId(),
        tableId: table.id,
        name: file.name,
        size: temp.size,
        md5Hash: Buffer.from(hash, "hex").toString("base64"),
        temp: temp.id
      }
    })

  const get: RawFiles["get"] = (id) =>
    Effect.flatMap(database.rows("SELECT * FROM registry.raw_files WHERE id = $1", [id]), ([row]) =>
      row === undefined
        ? Effect.fail(new StoreNotFound({ kind: "file", reference: id }))
        : Effect.succeed(toRawFile(row)))

  const add: RawFiles["add"] = (table, wanted) =>
    Effect.gen(function*() {
      if (!table.isFileIndex) {
        return yield* new StoreInvalid({ field: "files", message: `the table ${table.name} is no file index` })
      }
      yield* tables.requireDraft(table)
      if (new Set(wanted.map(({ name }) => name)).size !== wanted.length) {
        return yield* new StoreInvalid({ field: "files", message: "each needs a name of its own" })
      }
      const unwritable = wanted.find(({ name }) => name.includes("\0") || !name.isWellFormed())
      if (unwritable !== undefined) {
        return yield* new StoreInvalid({
          field: "files",
          message: `the name ${JSON.stringify(unwritable.name)} has a character that no text holds: rename the file`
        })
      }
      const made = yield* Effect.forEach(wanted, (file) => ready(table, file))
      const replaced = yield* database.write(Effect.gen(function*() {
        const draft = yield* tables.requireDraft(table)
        const now = yield* Clock.currentTimeMillis
        for (const { temp } of made) {
          const used = yield* database.rows(
            "UPDATE registry.temp_uploads SET is_used = true WHERE id = $1 AND NOT is_used RETURNING id",
            [temp]
          )
          if (used.length === 0) {
            return yield* new StoreConflict({ reason: "tempUpload", message: "These bytes are a file already" })
          }
        }
        const names = made.map(({ name }) => quoteText(name)).join(", ") || "NULL"
        const gone = yield* database.rows(
          `DELETE FROM registry.raw_files WHERE version_id = $1 AND table_id = $2 AND name IN (${names}) RETURNING id`,
          [draft.version.id, table.id]
        )
        yield* database.insert(
          "raw_files",
          made.map(({ id, md5Hash, name, size }) => ({
            id,
            dataset_id: draft.dataset.id,
            table_id: table.id,
            version_id: draft.version.id,
            name,
            size,
            md5_hash: md5Hash,
            added_at: now
          }))
        )
        yield* tables.refresh(draft.version.id, table.id)
        yield* datasets.touch(draft.dataset.id, draft.version.id)
        yield* Effect.forEach(made, ({ id, temp }) => files.rename(tempFileOf(temp), fileOf(id)))
        return gone.map((row) => Decode.text(row, "id"))
      }))
      yield* Effect.forEach(replaced, (id) => files.remove(fileOf(id)))
      return yield* Effect.orDie(Effect.forEach(made, ({ id }) => get(id)))
    })

  /** The rows of a source, and which of its columns names files. */
  const indexed = (source: Model.RowSource, fileIdVariable: string | undefined) =>
    Effect.gen(function*() {
      const { relation } = yield* resolve(source)
      const columns = yield* relations.columns(relation.id)
      const find = (name: string) => columns.find((column) => variableKey(column.name) === variableKey(name))
      const ids = find(fileIdVariable ?? "file_id")
      if (ids?.type !== "string") {
        return yield* new StoreInvalid({
          field: "fileIdVariable",
          message: fileIdVariable === undefined
            ? "there is no variable file_id: name the one whose values are ids of files"
            : `there is no variable ${JSON.stringify(fileIdVariable)} of text`
        })
      }
      const segments = yield* relations.segments(relation.id)
      const selects = yield* Effect.forEach(segments, (segment) =>
        Effect.map(Contents.columnsOf(database, segment.contentId), (own) =>
          selectSegment(segment, own, columns, { from: 0, to: segment.numRows })))
      const nothing = columns.map(({ name, type }) =>
        `CAST(NULL AS ${duckTypeOf(type)}) AS ${quoteName(name)}`
      )
      const rows = selects.length === 0
        ? `SELECT ${nothing.join(", ")} WHERE false`
        : selects.join(" UNION ALL ")
      return { columns, find, ids, rows }
    })

  return {
    add,
    get,
    isIn: (table, id) =>
      Effect.gen(function*() {
        const columns = yield* relations.columns(table.relationId)
        if (!columns.some(({ name, type }) => variableKey(name) === "file_id" && type === "string")) return false
        const found = yield* database.rows(`SELECT 1 FROM ${viewOf(table.relationId)} WHERE file_id = $1 LIMIT 1`, [id])
        return found.length > 0
      }),
    datasetsOf: (source, selection) =>
      Effect.gen(function*() {
        const { ids, rows } = yield* indexed(source, selection.fileIdVariable)
        const files = yield* database.rows("SELECT * FROM registry.raw_files")
        const found = yield* database.rows(
          `SELECT DISTINCT f.dataset_id FROM (${rows}) AS r JOIN ${filesAsTable(files)} AS f ON f.id = r.${
            quoteName(ids.name)
          }`
        )
        return found.map((row) => Decode.text(row, "dataset_id"))
      }),
    list: (source, selection) =>
      Effect.gen(function*() {
        const { columns, find, ids, rows } = yield* indexed(source, selection.fileIdVariable)
        const names = selection.fileNameVariable === undefined ? undefined : find(selection.fileNameVariable)
        if (selection.fileNameVariable !== undefined && names?.type !== "string") {
          return yield* new StoreInvalid({
            field: "fileNameVariable",
            message: `there is no variable ${JSON.stringify(selection.fileNameVariable)} of text`
          })
        }
        const values = [...indexValues("f"), "epoch_ms(f.added_at)"]
        const fields = [...indexFields, { name: "added_at", type: "dateTime" as const }]
        if (names !== undefined) {
          values[1] = `r.${quoteName(names.name)}`
          fields[1] = names
        }
        const taken = new Set([...fields, ids].map(({ name }) => variableKey(name)))
        for (const column of columns) {
          if (taken.has(variableKey(column.name))) continue
          fields.push(column)
          values.push(`r.${quoteName(column.name)}`)
        }
        const listed = values.map((value, index) => `${value} AS ${quoteName(fields[index]!.name)}`).join(", ")
        const order = unusedName(columns)
        const files = yield* database.rows(
          `SELECT * FROM registry.raw_files WHERE dataset_id IN (${
            selection.datasets.map(quoteText).join(", ") || "NULL"
          })`
        )
        return streamSelect(
          database,
          fields,
          `SELECT ${listed} FROM (SELECT *, row_number() OVER () AS ${order} FROM (${rows})) AS r
           JOIN ${filesAsTable(files)} AS f ON f.id = r.${quoteName(ids.name)}${
            names === undefined ? "" : ` WHERE r.${quoteName(names.name)} IS NOT NULL`
          }
           ORDER BY r.${order}`,
          batchRows
        )
      }),
    bytes: (file, range) => files.read(fileOf(file.id), range),
    modifiedAt: (source) =>
      Effect.gen(function*() {
        if (source.kind === "table") {
          const [row] = yield* database.rows(
            "SELECT updated_at FROM registry.tables WHERE version_id = $1 AND table_id = $2",
            [versionIdOf(source.table), source.table.id]
          )
          return row === undefined ? source.table.updatedAt : Decode.number(row, "updated_at")
        }
        if (source.kind === "upload") return null
        const [row] = yield* database.rows("SELECT finished_at FROM registry.queries WHERE id = $1", [source.queryId])
        return row === undefined ? null : Decode.numberOrNull(row, "finished_at")
      })
  }
}
