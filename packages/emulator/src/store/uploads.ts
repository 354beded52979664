/** Uploads: files and rows that become contents of a draft's table. */
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBType,
  TIME,
  TIMESTAMP,
  VARCHAR
} from "@duckdb/node-api"
import { Reference } from "@effect-redivis/core/Contract"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Contents from "./contents.ts"
import { type Database, DuckFault, type Row, type Session } from "./Database.ts"
import type { DatasetLookups } from "./datasets.ts"
import * as Decode from "./decode.ts"
import type { Files } from "./files.ts"
import { isTaken, makeId, normalName, quoteName } from "./identifiers.ts"
import { explain, failed } from "./imports/ImportPlan.ts"
import { schemaFor, toColumns } from "./imports/insertedRows.ts"
import * as Imports from "./imports/read.ts"
import type * as Model from "./model.ts"
import type { Relations } from "./relations.ts"
import type { TempUploads, Uploads } from "./Store.ts"
import { ImportFailed, StoreConflict, StoreInvalid, StoreNotFound } from "./StoreError.ts"
import { type TableWrites, versionIdOf } from "./tables.ts"
import { fileOf as tempFileOf } from "./tempUploads.ts"
import { castTo } from "./types.ts"
import type { VariableWrites } from "./variables.ts"

/** Name of the file with an upload's bytes, until they are rows. */
const fileOf = (uploadId: string): string => `upload-${uploadId}`

const toUpload = (row: Row): Model.Upload => ({
  id: Decode.text(row, "id"),
  tableId: Decode.text(row, "table_id"),
  versionId: Decode.text(row, "version_id"),
  name: Decode.text(row, "name"),
  type: Decode.text(row, "type"),
  status: Decode.word(row, "status"),
  errorMessage: Decode.textOrNull(row, "error_message"),
  options: Decode.json(row, "options"),
  hash: Decode.textOrNull(row, "hash"),
  size: Decode.numberOrNull(row, "size"),
  numRows: Decode.numberOrNull(row, "num_rows"),
  numBytes: Decode.numberOrNull(row, "num_bytes"),
  badRecordsCount: Decode.numberOrNull(row, "bad_records"),
  createdAt: Decode.number(row, "created_at"),
  updatedAt: Decode.number(row, "updated_at")
})

/** `rows.csv`, else `rows_1.csv`, else `rows_2.csv`, … */
const freeName = (wanted: string, taken: ReadonlyArray<{ readonly name: string }>): string => {
  const dot = wanted.lastIndexOf(".")
  const [stem, ending] = dot > 0 ? [wanted.slice(0, dot), wanted.slice(dot)] : [wanted, ""]
  let name = wanted
  for (let count = 1; isTaken(name, taken); count++) name = `${stem}_${count}${ending}`
  return name
}

/** Imports the rows of a file into a content that the catalogue does not know yet. */
export const importFile = (
  database: Database,
  path: string,
  type: string,
  options: Model.UploadOptions,
  /** What is asked of the variables, before rows are read. */
  check?: (columns: ReadonlyArray<Model.SchemaField>) => Effect.Effect<void, ImportFailed>
): Effect.Effect<{ readonly content: Contents.Content; readonly badRecords: number }, ImportFailed> =>
  Effect.scoped(Effect.gen(function*() {
    const reader = yield* database.fileSession
    const plan = yield* Imports.plan(reader, path, type, options)
    if (check !== undefined) yield* check(plan.columns)
    const content = yield* database.build((session) =>
      Effect.gen(function*() {
        const chunks = yield* reader.chunks(plan.select)
        const made = yield* Contents.fromChunks(session, plan.columns, chunks)
        if (made.numRows === plan.numRows) return made
        // without it a table with rows missing would look like a whole one
        return yield* failed(
          `The file has ${plan.numRows} rows, of which ${made.numRows} were read. Write it again, or convert it.`
        )
      })
    )
    return { content, badRecords: plan.badRecords }
  })).pipe(Effect.catchTag("DuckFault", (fault) => Effect.fail(explain(fault, path))))

/** The name of a variable that no table takes: a dot is what parts references. */
const unusable = (columns: ReadonlyArray<Model.SchemaField>): string | undefined =>
  columns.find(({ name }) => name.includes("."))?.name

const dotted = (name: string): string =>
  `the variable name ${JSON.stringify(name)} has a dot, which no name may have: rename the variable`

const requireNames = (columns: ReadonlyArray<Model.SchemaField>): Effect.Effect<void, ImportFailed> => {
  const name = unusable(columns)
  return name === undefined ? Effect.void : Effect.fail(new ImportFailed({ message: dotted(name), line: null }))
}

/** Runs an effect that a content was made for: without its success the content goes again. */
export const keepIf = <A, E, R>(
  database: Database,
  content: Contents.Content,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.onError(effect, () => database.write(database.run(`DROP TABLE IF EXISTS ${Contents.tableOf(content.id)}`)))

const duckTypes: { readonly [Type in Model.VariableType]: DuckDBType } = {
  string: VARCHAR,
  geography: VARCHAR,
  integer: BIGINT,
  float: DOUBLE,
  boolean: BOOLEAN,
  date: DATE,
  dateTime: TIMESTAMP,
  time: TIME
}

const chunkRows = 2048

const appendColumns = (
  session: Session,
  contentId: string,
  schema: ReadonlyArray<Model.SchemaField>,
  columns: Effect.Success<ReturnType<typeof toColumns>>,
  rows: number
): Effect.Effect<void, DuckFault> =>
  Contents.append(session, contentId, (appender) =>
    Effect.try({
      try: () => {
        for (let start = 0; start < rows; start += chunkRows) {
          const chunk = DuckDBDataChunk.create(schema.map(({ type }) => duckTypes[type]))
          chunk.setColumns(columns.map((column) => column.slice(start, start + chunkRows)))
          appender.appendDataChunk(chunk)
        }
      },
      catch: (cause) => new DuckFault({ message: String((cause as Error).message) })
    }))

export interface UploadParts {
  readonly database: Database
  readonly files: Files
  readonly datasets: DatasetLookups
  readonly tables: TableWrites
  readonly variables: VariableWrites
  readonly tempUploads: TempUploads
  readonly relations: Relations
}

export const makeUploads = (parts: UploadParts): Uploads => {
  const { database, files, datasets, tables, variables, tempUploads, relations } = parts

  const getById: Uploads["getById"] = (id) =>
    Effect.flatMap(database.rows("SELECT * FROM registry.uploads WHERE id = $1", [id]), ([row]) =>
      row === undefined
        ? Effect.fail(new StoreNotFound({ kind: "upload", reference: id }))
        : Effect.succeed(toUpload(row)))

  const list: Uploads["list"] = (table) =>
    Effect.map(
      database.rows("SELECT * FROM registry.uploads WHERE version_id = $1 AND table_id = $2", [
        versionIdOf(table),
        table.id
      ]),
      (rows) => Decode.inOrder(rows, "position").map(toUpload)
    )

  const metadataOf = (id: string): Effect.Effect<ReadonlyArray<Model.VariableChange>> =>
    Effect.map(
      database.rows("SELECT metadata FROM registry.uploads WHERE id = $1", [id]),
      ([row]) => row === undefined ? [] : Decode.json(row, "metadata")
    )

  const datasetOf = (upload: Model.Upload): Effect.Effect<Model.DatasetAtVersion, StoreNotFound> =>
    Effect.gen(function*() {
      const [row] = yield* database.rows("SELECT dataset_id FROM registry.versions WHERE id = $1", [upload.versionId])
      if (row === undefined) return yield* new StoreNotFound({ kind: "upload", reference: upload.id })
      return yield* datasets.at(Decode.text(row, "dataset_id"), upload.versionId)
    })

  const requireDraftOf = (upload: Model.Upload): Effect.Effect<Model.DatasetAtVersion, StoreNotFound | StoreConflict> =>
    Effect.flatMap(datasetOf(upload), (at) =>
      at.version.isReleased
        ? Effect.fail(
          new StoreConflict({
            reason: "released",
            message: `Upload ${upload.name} belongs to version ${at.version.tag}, which is released`
          })
        )
        : Effect.succeed(at))

  const setStatus = (
    id: string,
    change: { readonly status: Model.JobStatus; readonly errorMessage?: string | undefined }
  ): Effect.Effect<void> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      database.write(database.run(
        "UPDATE registry.uploads SET status = $2, error_message = $3, updated_at = $4 WHERE id = $1",
        [id, change.status, change.errorMessage ?? null, now]
      )))

  const relationsOf = (id: string): Effect.Effect<ReadonlyArray<string>> =>
    Effect.map(
      database.rows("SELECT relation_id FROM registry.uploads WHERE id = $1 AND relation_id IS NOT NULL", [id]),
      (rows) => rows.map((row) => Decode.text(row, "relation_id"))
    )

  /** Lets the table of a draft show what the upload now has. Only inside of a `write`. */
  const show = (
    upload: Pick<Model.Upload, "id" | "tableId" | "versionId">,
    datasetId: string,
    content: Contents.Content,
    options: {
      /** Whether the upload showed rows before. */
      readonly isAgain: boolean
      /** Read where it is not at hand. */
      readonly metadata?: ReadonlyArray<Model.VariableChange> | undefined
    }
  ): Effect.Effect<void> =>
    Effect.gen(function*() {
      yield* Contents.register(database, content, datasetId, options.isAgain)
      const earlier = options.isAgain ? yield* relationsOf(upload.id) : []
      // Often it is all that the table has, which then shows the same relation.
      const relation = yield* relations.make([{ contentId: content.id, numRows: content.numRows }], {
        isTable: true,
        content
      })
      yield* database.run(
        `UPDATE registry.uploads SET relation_id = $2, num_rows = $3, num_bytes = $4, status = 'completed',
           error_message = NULL, updated_at = $5 WHERE id = $1`,
        [upload.id, relation.id, relation.numRows, relation.numBytes, yield* Clock.currentTimeMillis]
      )
      yield* tables.refresh(upload.versionId, upload.tableId, earlier)
      yield* datasets.touch(datasetId, upload.versionId)
      yield* variables.write(upload.versionId, upload.tableId, options.metadata ?? (yield* metadataOf(upload.id)))
    })

  /** Makes a content of rows in a transaction; of no rows where they come later. */
  const contentOf = (
    schema: ReadonlyArray<Model.SchemaField>,
    rows: ReadonlyArray<Readonly<Record<string, unknown>>>
  ): Effect.Effect<Contents.Content, ImportFailed> =>
    Effect.flatMap(
      toColumns(schema, rows, { isWidened: false }),
      (columns) =>
        Effect.orDie(database.build((session) =>
          Effect.gen(function*() {
            const id = makeId()
            yield* Contents.createTable(session, id, schema)
            if (rows.length > 0 && schema.length > 0) {
              yield* appendColumns(session, id, schema, columns, rows.length)
            }
            return yield* Contents.measure(session, id, schema)
          })
        ))
    )

  const createWithRows: Uploads["createWithRows"] = (table, request, rows) =>
    Effect.gen(function*() {
      yield* tables.requireDraft(table)
      const { content } = request
      const id = makeId()
      const temporary = content.kind === "tempUpload" ? yield* tempUploads.get(content.id) : undefined
      if (temporary !== undefined && (temporary.isUsed || !temporary.isComplete)) {
        return yield* new StoreConflict({
          reason: "tempUpload",
          message: temporary.isUsed
            ? "These bytes are an upload already"
            : `${temporary.received} of ${temporary.size} bytes were received`
        })
      }
      const given = request.name ?? temporary?.name ?? undefined
      const type = content.kind === "stream" ? "stream" : request.type ?? Imports.typeOfName(given ?? "")
      if (type === "stream" && content.kind !== "stream") {
        return yield* new StoreInvalid({ field: "type", message: "an upload of type stream takes rows, not a file" })
      }
      if (given?.includes("\0") === true || given?.isWellFormed() === false) {
        return yield* new StoreInvalid({
          field: "name",
          message: "has a character that no text holds: rename the file"
        })
      }
      const refused = content.kind === "stream" ? unusable(content.schema ?? []) : undefined
      if (refused !== undefined) return yield* new StoreInvalid({ field: "schema", message: dotted(refused) })
      if (given?.trim() === "") return yield* new StoreInvalid({ field: "name", message: "must not be empty" })
      const wanted = given ?? `untitled_upload.${type}`
      const file = content.kind === "bytes"
        ? yield* files.create(fileOf(id), content.bytes)
        : temporary === undefined
        ? undefined
        : { size: temporary.size, hash: yield* files.hash(tempFileOf(temporary.id)) }

      return yield* database.write(Effect.gen(function*() {
        const draft = yield* tables.requireDraft(table)
        const others = yield* list(table)
        const now = yield* Clock.currentTimeMillis
        const name = freeName(wanted, others)
        yield* database.run(
          `INSERT INTO registry.uploads (id, table_id, version_id, name, name_key, type, status, options, metadata,
             hash, size, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $9, $10, $11, $11)`,
          [
            id,
            table.id,
            draft.version.id,
            name,
            normalName(name),
            type,
            JSON.stringify(request.options ?? {}),
            JSON.stringify(request.metadata ?? []),
            file?.hash ?? null,
            file?.size ?? null,
            now
          ]
        )
        if (temporary !== undefined) {
          const used = yield* database.rows(
            "UPDATE registry.temp_uploads SET is_used = true WHERE id = $1 AND NOT is_used RETURNING id",
            [temporary.id]
          )
          if (used.length === 0) {
            return yield* new StoreConflict({ reason: "tempUpload", message: "These bytes are an upload already" })
          }
          yield* files.rename(tempFileOf(temporary.id), fileOf(id))
        }
        if (content.kind === "stream") {
          const upload = { id, tableId: table.id, versionId: draft.version.id }
          const made = yield* contentOf(content.schema ?? [], rows)
          yield* show(upload, draft.dataset.id, made, { isAgain: false, metadata: request.metadata ?? [] })
        }
        yield* database.run("UPDATE registry.versions SET created_at = $2 WHERE id = $1", [draft.version.id, now])
        yield* datasets.touch(draft.dataset.id, null)
        return yield* getById(id)
      })).pipe(Effect.onError(() => files.remove(fileOf(id))))
    })

  const run: Uploads["run"] = (id) =>
    Effect.gen(function*() {
      const upload = yield* getById(id)
      const started = yield* database.write(database.rows(
        `UPDATE registry.uploads SET status = 'running', attempts = attempts + 1
         WHERE id = $1 AND status = 'queued' RETURNING id`,
        [id]
      ))
      if (started.length === 0) return upload
      yield* importFile(database, files.pathOf(fileOf(id)), upload.type, upload.options, requireNames).pipe(
        Effect.flatMap(({ content, badRecords }) =>
          keepIf(
            database,
            content,
            database.write(Effect.gen(function*() {
              const current = yield* getById(id)
              yield* database.run("UPDATE registry.uploads SET bad_records = $2 WHERE id = $1", [id, badRecords])
              yield* show(current, (yield* datasetOf(current)).dataset.id, content, { isAgain: false })
            }))
          )
        ),
        Effect.catchTag("ImportFailed", ({ message }) =>
          database.write(Effect.gen(function*() {
            yield* setStatus(id, { status: "failed", errorMessage: message })
            // what was to be replaced is gone all the same
            yield* tables.refresh(upload.versionId, upload.tableId)
            yield* datasets.touch((yield* datasetOf(upload)).dataset.id, upload.versionId)
          }))),
        // who stops it in good order has not died of it
        Effect.onInterrupt(() =>
          database.write(
            database.run("UPDATE registry.uploads SET status = 'queued', attempts = 0 WHERE id = $1", [id])
          )
        ),
        // a defect may name places of this machine
        Effect.tapDefect((defect) =>
          Effect.andThen(
            Effect.logError(`The import of the upload ${id} failed`, defect),
            setStatus(id, { status: "failed", errorMessage: "The emulator failed while it read the file: see its log" })
          )
        )
      )
      yield* files.remove(fileOf(id))
      return yield* getById(id)
    })

  const insertRows: Uploads["insertRows"] = (id, rows, options) =>
    database.write(Effect.gen(function*() {
      const upload = yield* getById(id)
      const draft = yield* requireDraftOf(upload)
      if (upload.type !== "stream") {
        return yield* new StoreConflict({ reason: "notStream", message: `Upload ${upload.name} is not of type stream` })
      }
      const [row] = yield* database.rows(
        `SELECT s.content_id FROM registry.uploads u
         JOIN registry.relation_segments s ON s.relation_id = u.relation_id WHERE u.id = $1`,
        [id]
      )
      const contentId = Decode.text(row!, "content_id")
      const before = yield* Contents.columnsOf(database, contentId)
      const change = options?.updateVariables === true
        ? schemaFor(before, rows)
        : { schema: before, addedVariables: [], updatedVariables: [] }
      const refused = unusable(change.addedVariables)
      if (refused !== undefined) return yield* new ImportFailed({ message: dotted(refused), line: null })
      const columns = yield* toColumns(change.schema, rows, { isWidened: options?.updateVariables === true })
      const isSame = change.addedVariables.length === 0 && change.updatedVariables.length === 0
      const content = yield* Effect.orDie(database.build((session) =>
        Effect.gen(function*() {
          const target = isSame ? contentId : (yield* rewrite(session, contentId, before, change.schema)).id
          if (rows.length > 0 && change.schema.length > 0) {
            yield* appendColumns(session, target, change.schema, columns, rows.length)
          }
          return yield* Contents.measure(session, target, change.schema)
        })
      ))
      yield* show(upload, draft.dataset.id, content, { isAgain: true })
      return {
        rowsAdded: rows.length,
        rowsSkipped: 0,
        addedVariables: change.addedVariables,
        updatedVariables: change.updatedVariables
      }
    }))

  /** A stream's rows with a wider schema: in a table of their own, since relations may show the old one. */
  const rewrite = (
    session: Session,
    contentId: string,
    before: ReadonlyArray<Model.SchemaField>,
    after: ReadonlyArray<Model.SchemaField>
  ): Effect.Effect<{ readonly id: string }, DuckFault> =>
    Effect.gen(function*() {
      const id = makeId()
      yield* Contents.createTable(session, id, after)
      if (before.length === 0) return { id }
      const values = before.map(({ name, type }) =>
        castTo(type, after.find((field) => field.name === name)!.type, quoteName(name))
      )
      const { from, position } = Contents.positioned(contentId, before)
      yield* session.rows(
        `INSERT INTO ${Contents.tableOf(id)} (${before.map(({ name }) => quoteName(name)).join(", ")})
         SELECT ${values.join(", ")} FROM ${from} ORDER BY ${position}`
      )
      return { id }
    })

  return {
    // of no rows none can be wrong
    create: (table, request) => Effect.catchTag(createWithRows(table, request, []), "ImportFailed", Effect.die),
    createWithRows,
    run,
    pending: Effect.map(
      database.rows("SELECT id FROM registry.uploads WHERE status = 'queued' ORDER BY position"),
      (rows) => rows.map((row) => Decode.text(row, "id"))
    ),
    get: (table, name) =>
      Effect.flatMap(list(table), (uploads) => {
        const found = uploads.find((upload) => upload.id === name) ??
          Reference.findNamed(name, uploads, (upload) => upload.name)
        return found === undefined
          ? Effect.fail(new StoreNotFound({ kind: "upload", reference: name }))
          : Effect.succeed(found)
      }),
    getById,
    tableOf: (upload) =>
      Effect.gen(function*() {
        const all = yield* tables.list(yield* datasetOf(upload))
        const found = all.find(({ id }) => id === upload.tableId)
        return found ?? (yield* new StoreNotFound({ kind: "upload", reference: upload.id }))
      }),
    list,
    remove: (id) =>
      database.write(Effect.gen(function*() {
        const upload = yield* getById(id)
        const draft = yield* requireDraftOf(upload)
        const earlier = yield* relationsOf(id)
        yield* database.run("DELETE FROM registry.uploads WHERE id = $1", [id])
        yield* files.remove(fileOf(id))
        yield* tables.refresh(upload.versionId, upload.tableId, earlier)
        yield* datasets.touch(draft.dataset.id, upload.versionId)
      })),
    insertRows
  }
}
