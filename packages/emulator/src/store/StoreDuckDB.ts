/**
 * The store on DuckDB: in memory, or in a directory that it survives in.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { join } from "node:path"
import { makeAccounts, makeGrants, makeMembers, makeSecrets, makeTokens } from "./accounts.ts"
import * as Database from "./Database.ts"
import { makeDatasets } from "./datasets.ts"
import { makeDataSources } from "./dataSources.ts"
import * as DataFolder from "./dataFolder.ts"
import * as Decode from "./decode.ts"
import { makeExports } from "./exports.ts"
import * as Files from "./files.ts"
import { quoteName } from "./identifiers.ts"
import { makeNodes } from "./nodes.ts"
import { makeParameters } from "./parameters.ts"
import { makeQueries } from "./queries.ts"
import { makeRawFiles } from "./rawFiles.ts"
import * as Relations from "./relations.ts"
import { makeRowReader, makeRows } from "./rows.ts"
import * as CatalogueSchema from "./schema.ts"
import { defaultStreamRows, makeSessions } from "./sessions.ts"
import { makeResolve } from "./sources.ts"
import { type Options, Store } from "./Store.ts"
import { makeTables } from "./tables.ts"
import { makeTempUploads } from "./tempUploads.ts"
import { makeUploads } from "./uploads.ts"
import { makeVariables } from "./variables.ts"
import { makeVersions } from "./versions.ts"
import { makeWorkflows } from "./workflows.ts"
import { makePutTable } from "./workflowTables.ts"

const defaultBatchRows = 10_240

/** How often the import of a file is begun where the process dies of it. */
const mostAttempts = 2

/** Puts right what a process that was killed left behind. */
const recover = (database: Database.Database, files: Files.Files): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    yield* database.write(Effect.gen(function*() {
      // A file that the process died of twice would be the end of each later start.
      yield* database.run(
        `UPDATE registry.uploads SET status = 'failed',
           error_message = 'The emulator stopped twice while it read this file: convert it, or divide it'
         WHERE status = 'running' AND attempts >= ${mostAttempts}`
      )
      yield* database.run("UPDATE registry.uploads SET status = 'queued' WHERE status = 'running'")
      yield* database.run(
        `UPDATE registry.queries SET status = 'failed', error_message = 'The emulator was stopped while the query ran'
         WHERE status IN ('queued', 'running')`
      )
      yield* database.run(
        `UPDATE registry.exports SET status = 'failed', error_message = 'The emulator was stopped while the export ran'
         WHERE status IN ('queued', 'running')`
      )
      const stopped = "status = 'failed', error_message = 'The emulator was stopped while the transform ran'"
      yield* database.run(
        `UPDATE registry.node_jobs SET ${stopped} WHERE kind = 'transform' AND status IN ('queued', 'running')`
      )
      yield* database.run(
        `UPDATE registry.nodes SET last_job_id = current_job_id, current_job_id = NULL
         WHERE kind = 'transform' AND current_job_id IS NOT NULL`
      )
      const contents = yield* database.rows("SELECT id FROM registry.contents")
      const known = new Set(contents.map((row) => `c_${Decode.text(row, "id")}`))
      const found = yield* database.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'content'")
      for (const name of found.map((row) => Decode.text(row, "table_name"))) {
        if (!known.has(name)) yield* database.run(`DROP TABLE content.${quoteName(name)}`)
      }
    }))
    const names = yield* Effect.forEach([
      "SELECT 'upload-' || id AS name FROM registry.uploads WHERE status = 'queued'",
      "SELECT 'temp-' || id AS name FROM registry.temp_uploads WHERE NOT is_used",
      "SELECT 'raw-' || id AS name FROM registry.raw_files",
      "SELECT 'export-' || export_id || '-' || part AS name FROM registry.export_parts"
    ], (sql) => database.rows(sql))
    return yield* files.sweep(new Set(names.flat().map((row) => Decode.text(row, "name"))))
  })

const hasCatalogue = (database: Database.Database): Effect.Effect<boolean> =>
  Effect.map(
    database.rows("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'registry' AND table_name = 'contents'"),
    (rows) => rows.length > 0
  )

/** The database and the files of a folder, or of memory. */
const openPlace = (options: Options) =>
  Effect.gen(function*() {
    const directory = options.directory ?? (yield* Files.temporaryDirectory)
    const found = options.directory === undefined ? undefined : yield* DataFolder.prepare(directory)
    const database = yield* Database.open({
      path: found === undefined ? ":memory:" : join(directory, DataFolder.databaseName),
      spillDirectory: join(directory, DataFolder.spillName),
      threads: options.threads ?? 1,
      first: found === undefined ? Relations.first() : [],
      columns: CatalogueSchema.columns()
    })
    if (found !== undefined) yield* DataFolder.checkCatalogue(directory, found, yield* hasCatalogue(database))
    const files = yield* Files.make(join(directory, DataFolder.filesName))
    yield* CatalogueSchema.create(database)
    if (found !== undefined) {
      const missing = yield* recover(database, files)
      yield* DataFolder.warn(directory, found, missing)
      yield* DataFolder.complete(directory)
    }
    return { database, files }
  })

/**
 * Opens the store, which closes with the scope.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<Store["Service"], never, Scope.Scope> =>
  Effect.gen(function*() {
    const { database, files } = yield* options.directory === undefined
      ? openPlace(options)
      : DataFolder.explaining(options.directory)(openPlace(options))
    const relations = Relations.make(database)
    yield* relations.prepare

    const accounts = makeAccounts(database)
    const datasets = makeDatasets(database, accounts, relations)
    const workflows = makeWorkflows(database, accounts, relations)
    const tables = makeTables(database, datasets, workflows, relations, { isLate: options.draftRows === "late" })
    const resolve = makeResolve(database, relations)
    const variables = makeVariables(database, datasets, tables, relations, resolve)
    const tempUploads = makeTempUploads(database, files)
    const batchRows = options.batchRows ?? defaultBatchRows
    const reader = makeRowReader(database, relations, { batchRows })

    return Store.of({
      accounts,
      members: makeMembers(database, accounts),
      tokens: makeTokens(database, accounts),
      grants: makeGrants(database, accounts),
      datasets,
      versions: makeVersions(database, datasets, relations),
      tables,
      variables,
      uploads: makeUploads({ database, files, datasets, tables, variables, tempUploads, relations }),
      tempUploads,
      rawFiles: makeRawFiles({ database, files, datasets, tables, tempUploads, relations, resolve, batchRows }),
      exports: makeExports({ database, files, relations, resolve }),
      queries: makeQueries(database, relations),
      rows: makeRows(relations, resolve, reader),
      sessions: makeSessions(database, relations, resolve, reader, options.streamRows ?? defaultStreamRows),
      secrets: makeSecrets(database, accounts),
      workflows: { ...workflows, putTable: makePutTable(database, files, tables, workflows, relations) },
      parameters: makeParameters(database),
      dataSources: makeDataSources(database, datasets, tables),
      nodes: makeNodes(database, workflows, { files, tables, tempUploads, relations }),
      atomically: datasets.together
    })
  })

/**
 * The store as a layer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<Store> => Layer.effect(Store, make(options))
