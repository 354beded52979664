/** Tables of datasets and workflows, and what a draft makes of uploads and inherited rows. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Database, Parameter, Row } from "./Database.ts"
import { listSources } from "./dataSources.ts"
import { checkName, type DatasetLookups, describe, namedRow, nearestFirst, pickNamed } from "./datasets.ts"
import * as Decode from "./decode.ts"
import { withFiles } from "./fileIndex.ts"
import { isReferenceId, isTaken, makeReferenceId, makeResourceId, normalName } from "./identifiers.ts"
import type * as Model from "./model.ts"
import { type Relation, type Relations, viewOf } from "./relations.ts"
import type { Tables, Workflows } from "./Store.ts"
import { StoreConflict, StoreInvalid, StoreNotFound } from "./StoreError.ts"

export interface TableWrites extends Tables {
  /** A table of a data source. */
  readonly inSource: (
    source: Model.DataSource,
    lookup: { readonly name?: string | undefined; readonly id?: string | undefined },
    options: Model.LookupOptions | undefined
  ) => Effect.Effect<Model.Table, StoreNotFound>
  /** Works out what a table of a draft shows, after its uploads or its strategy changed. Only inside of a `write`. */
  readonly refresh: (
    versionId: string,
    tableId: string,
    /** Relations that may be of no use afterwards, beside the one that the table had. */
    alsoUnused?: ReadonlyArray<string>
  ) => Effect.Effect<void>
  /** The draft that the table belongs to, unless it was released meanwhile. */
  readonly requireDraft: (table: Model.Table) => Effect.Effect<Model.DatasetAtVersion, StoreNotFound | StoreConflict>
  readonly insert: (containerId: string, versionId: string, table: {
    readonly name: string
    readonly description: string | null
    readonly isFileIndex: boolean
    readonly strategy: Model.MergeStrategy | null
    readonly referenceId: string | undefined
    readonly relation: Relation
  }) => Effect.Effect<string, StoreConflict | StoreInvalid>
}

/** Version of a dataset's table; tables of workflows have the workflow in its place. */
export const versionIdOf = (table: Model.Table): string =>
  table.container.kind === "dataset" ? table.container.at.version.id : table.container.workflow.id

const readTable = (row: Row, container: Model.Table["container"], isLate: boolean): Model.Table => ({
  id: Decode.text(row, "table_id"),
  referenceId: Decode.text(row, "reference_id"),
  name: Decode.text(row, "name"),
  description: Decode.textOrNull(row, "description"),
  isFileIndex: Decode.boolean(row, "is_file_index"),
  uploadMergeStrategy: Decode.wordOrNull(row, "strategy"),
  container,
  isSample: false,
  numRows: Decode.number(
    row,
    isLate && container.kind === "dataset" && !container.at.version.isReleased ? "first_rows" : "num_rows"
  ),
  numBytes: Decode.number(row, "num_bytes"),
  variableCount: Decode.number(row, "variable_count"),
  hash: Decode.text(row, "hash"),
  createdAt: Decode.number(row, "created_at"),
  updatedAt: Decode.number(row, "updated_at"),
  relationId: Decode.text(row, "relation_id"),
  relation: viewOf(Decode.text(row, "relation_id"))
})

/** Rows that a sample has of a hundred, where the dataset says nothing of it. */
const defaultSample = { variableName: null, targetRatio: 0.01 }

/** The tables of a version or a workflow, as far as their names go. */
export const namesIn = (
  database: Database,
  versionId: string,
  except: string | null
): Effect.Effect<ReadonlyArray<{ readonly id: string; readonly name: string }>> =>
  Effect.map(
    database.rows(
      "SELECT table_id, name FROM registry.tables WHERE version_id = $1 AND table_id IS DISTINCT FROM $2",
      [versionId, except]
    ),
    (rows) => rows.map((row) => ({ id: Decode.text(row, "table_id"), name: Decode.text(row, "name") }))
  )

export const makeTables = (
  database: Database,
  datasets: DatasetLookups,
  workflows: Pick<Workflows, "get" | "getById">,
  relations: Relations,
  /** Tables of drafts tell the rows that they had before their uploads. */
  options: { readonly isLate: boolean }
): TableWrites => {
  const toTable = (row: Row, container: Model.Table["container"]): Model.Table =>
    readTable(row, container, options.isLate)

  const rowsOf = (versionId: string, filter = "", parameters: ReadonlyArray<Parameter> = []) =>
    Effect.map(
      database.rows(`SELECT * FROM registry.tables WHERE version_id = $1 ${filter}`, [versionId, ...parameters]),
      (rows) => Decode.inOrder(rows, "position")
    )

  const sampleOf = (table: Model.Table, at: Model.DatasetAtVersion): Effect.Effect<Model.Table> =>
    Effect.map(
      relations.sample(table.relationId, at.dataset.id, at.dataset.sampleConfiguration ?? defaultSample),
      (sample) => ({
        ...table,
        isSample: true,
        numRows: sample.numRows,
        numBytes: sample.numBytes,
        hash: sample.hash,
        relationId: sample.id,
        relation: viewOf(sample.id)
      })
    )

  const pick = (
    rows: ReadonlyArray<Row>,
    container: Model.Table["container"],
    lookup: Model.TableLookup,
    options: Model.LookupOptions | undefined
  ): Effect.Effect<Model.Table, StoreNotFound> => {
    const found = pickNamed(rows, lookup, options, namedRow)
    return found === undefined
      ? Effect.fail(
        new StoreNotFound({
          kind: "table",
          reference: `${describe(lookup.container ?? {})}.${[lookup.name, lookup.id].filter(Boolean).join(":")}`
        })
      )
      : Effect.succeed(toTable(found, container))
  }

  const inContainer = (
    container: Model.Table["container"],
    lookup: Model.TableLookup,
    options: Model.LookupOptions | undefined
  ): Effect.Effect<Model.Table, StoreNotFound> =>
    Effect.gen(function*() {
      const versionId = container.kind === "dataset" ? container.at.version.id : container.workflow.id
      const likely = yield* rowsOf(versionId, "AND (reference_id = $2 OR name_key = $3)", [
        lookup.id ?? null,
        lookup.name === undefined ? null : normalName(lookup.name)
      ])
      return yield* Effect.catch(
        pick(likely, container, lookup, { ...options, nearest: true }),
        () => Effect.flatMap(rowsOf(versionId), (rows) => pick(rows, container, lookup, options))
      )
    })

  const atVersion = (
    at: Model.DatasetAtVersion,
    lookup: Model.TableLookup,
    options: Model.LookupOptions | undefined
  ): Effect.Effect<Model.Table, StoreNotFound> =>
    Effect.gen(function*() {
      if (at.version.isDeleted) {
        return yield* new StoreNotFound({ kind: "version", reference: describe(lookup.container ?? {}) })
      }
      const table = yield* inContainer({ kind: "dataset", at }, lookup, options)
      return lookup.sample === true || at.sample ? yield* sampleOf(table, at) : table
    })

  const inSource: TableWrites["inSource"] = (source, lookup, options) =>
    Effect.gen(function*() {
      const { mappedTables, origin } = source
      const mapped = pickNamed(mappedTables, lookup, { nearest: options?.nearest }, ({ from }) => ({
        referenceId: from.id ?? "",
        name: from.name
      }))
      const wanted = mapped?.to ?? lookup
      if (origin.kind === "workflow") {
        const workflow = yield* workflows.getById(origin.workflowId)
        return yield* inContainer({ kind: "workflow", workflow }, wanted, options)
      }
      const at = yield* datasets.at(origin.datasetId, origin.versionId)
      return yield* atVersion({ ...at, sample: origin.sample }, wanted, options)
    })

  /** A table of the workflow's own, else of the first of its data sources that has one of that name. */
  const inWorkflow = (
    workflow: Model.Workflow,
    lookup: Model.TableLookup,
    options: Model.LookupOptions | undefined
  ): Effect.Effect<Model.Table, StoreNotFound> =>
    Effect.catch(inContainer({ kind: "workflow", workflow }, lookup, options), (missing) =>
      Effect.gen(function*() {
        for (const source of yield* listSources(database, workflow.id)) {
          const found = yield* Effect.option(inSource(source, lookup, options))
          if (found._tag === "Some") return found.value
        }
        return yield* missing
      }))

  const get: Tables["get"] = (lookup, options) => nearestFirst(options, (options) => look(lookup, options))

  const look: Tables["get"] = (lookup, options) =>
    Effect.gen(function*() {
      if (lookup.container === undefined) {
        return yield* new StoreInvalid({ field: "reference", message: "must name the dataset or the workflow" })
      }
      const at = yield* datasets.get(lookup.container, options).pipe(
        Effect.catchTag("StoreNotFound", (error) => {
          const { version, sample } = lookup.container!
          return error.kind === "dataset" && version === undefined && sample !== true && lookup.sample !== true
            ? Effect.succeed(undefined)
            : Effect.fail(error)
        })
      )
      if (at === undefined) {
        const workflow = yield* workflows.get(lookup.container, options)
        return yield* inWorkflow(workflow, lookup, options)
      }
      return yield* atVersion(at, lookup, options)
    })

  const requireDraft: TableWrites["requireDraft"] = (table) =>
    Effect.gen(function*() {
      const container = table.container
      if (container.kind === "workflow") {
        return yield* new StoreConflict({ reason: "released", message: "Tables of workflows take no uploads" })
      }
      const at = yield* datasets.at(container.at.dataset.id, container.at.version.id)
      if (at.version.isReleased) {
        return yield* new StoreConflict({
          reason: "released",
          message: `Version ${at.version.tag} is released: create a next version, and refer to the table in it`
        })
      }
      const [row] = yield* rowsOf(at.version.id, "AND table_id = $2", [table.id])
      if (row === undefined) return yield* new StoreNotFound({ kind: "table", reference: table.name })
      return at
    })

  const checkNameIsFree = (
    versionId: string,
    name: string,
    except: string | null
  ): Effect.Effect<void, StoreConflict | StoreInvalid> =>
    Effect.gen(function*() {
      yield* checkName(name)
      const others = yield* namesIn(database, versionId, except)
      const taken = others.find((other) => isTaken(name, [other]))
      if (taken !== undefined) {
        return yield* new StoreConflict({
          reason: "nameTaken",
          message: `There is a table named ${taken.name} already`
        })
      }
    })

  const insert: TableWrites["insert"] = (containerId, versionId, table) =>
    Effect.gen(function*() {
      yield* checkNameIsFree(versionId, table.name, null)
      const rows = yield* database.rows("SELECT reference_id FROM registry.tables WHERE container_id = $1", [
        containerId
      ])
      const taken = new Set(rows.map((row) => Decode.text(row, "reference_id")))
      if (table.referenceId !== undefined && (!isReferenceId(table.referenceId) || taken.has(table.referenceId))) {
        return yield* new StoreInvalid({ field: "referenceId", message: `${table.referenceId} is taken, or no id` })
      }
      const referenceId = table.referenceId ?? makeReferenceId((candidate) => taken.has(candidate))
      const id = makeResourceId(referenceId)
      yield* database.run(
        `INSERT INTO registry.tables (version_id, container_id, table_id, reference_id, name, name_key, description,
           is_file_index, strategy, is_emptied, relation_id, num_rows, num_bytes, hash, variable_count, created_at,
           updated_at, position)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, false, $10, $11, $12, $13, $14, $15, $15,
           nextval('registry.position'))`,
        [
          versionId,
          containerId,
          id,
          referenceId,
          table.name,
          normalName(table.name),
          table.description,
          table.isFileIndex,
          table.strategy,
          table.relation.id,
          table.relation.numRows,
          table.relation.numBytes,
          table.relation.hash,
          table.relation.variableCount,
          yield* Clock.currentTimeMillis
        ]
      )
      return id
    })

  const refresh: TableWrites["refresh"] = (versionId, tableId, alsoUnused = []) =>
    Effect.gen(function*() {
      const [table] = yield* database.rows("SELECT * FROM registry.tables WHERE version_id = $1 AND table_id = $2", [
        versionId,
        tableId
      ])
      if (table === undefined) return
      const uploads = yield* database.rows(
        `SELECT position, relation_id FROM registry.uploads
         WHERE version_id = $1 AND table_id = $2 AND (status = 'failed' OR status = 'completed' AND relation_id IS NOT NULL)`,
        [versionId, tableId]
      )
      // `replace` that was set in an earlier version acts when an upload comes to replace, also one that then fails; set in
      // this draft, at once.
      const replaces = Decode.textOrNull(table, "strategy") === "replace" &&
        (Decode.boolean(table, "is_emptied") || uploads.length > 0)
      const inherited = Decode.textOrNull(table, "inherited_id")
      const parts = [
        ...(inherited === null || replaces ? [] : [inherited]),
        ...Decode.inOrder(uploads, "position").flatMap((row) => Decode.textOrNull(row, "relation_id") ?? [])
      ]
      const base = parts.length === 1
        ? (yield* relations.get(parts[0]!))!
        : yield* relations.make((yield* Effect.forEach(parts, relations.segments)).flat(), { isTable: true })
      const datasetId = Decode.text(table, "container_id")
      const relation = Decode.boolean(table, "is_file_index")
        ? yield* withFiles(database, relations, { datasetId, versionId, tableId }, base)
        : base
      const now = yield* Clock.currentTimeMillis
      yield* database.run(
        `UPDATE registry.tables
         SET relation_id = $3, num_rows = $4, num_bytes = $5, hash = $6, variable_count = $7, updated_at = $8
         WHERE version_id = $1 AND table_id = $2`,
        [
          versionId,
          tableId,
          relation.id,
          relation.numRows,
          relation.numBytes,
          relation.hash,
          relation.variableCount,
          now
        ]
      )
      yield* database.run("UPDATE registry.versions SET updated_at = $2 WHERE id = $1", [versionId, now])
      yield* relations.collect([Decode.text(table, "relation_id"), base.id, ...alsoUnused])
    })

  const reload = (table: Model.Table): Effect.Effect<Model.Table, StoreNotFound> =>
    Effect.gen(function*() {
      const container: Model.Table["container"] = table.container.kind === "workflow"
        ? table.container
        : { kind: "dataset", at: yield* datasets.at(table.container.at.dataset.id, table.container.at.version.id) }
      const [row] = yield* rowsOf(versionIdOf(table), "AND table_id = $2", [table.id])
      if (row === undefined) return yield* new StoreNotFound({ kind: "table", reference: table.name })
      return toTable(row, container)
    })

  return {
    create: (at, table) =>
      database.write(Effect.gen(function*() {
        const draft = yield* datasets.at(at.dataset.id, at.version.id)
        if (draft.version.isReleased) {
          return yield* new StoreConflict({
            reason: "released",
            message: `Version ${draft.version.tag} is released: create a next version, and refer to it`
          })
        }
        if (table.mostTables !== undefined && draft.tableCount >= table.mostTables) {
          return yield* new StoreConflict({
            reason: "tooManyTables",
            message: `A dataset has at most ${table.mostTables.toLocaleString("en")} tables`
          })
        }
        const empty = yield* relations.make([])
        const id = yield* insert(draft.dataset.id, draft.version.id, {
          name: table.name,
          description: table.description ?? null,
          isFileIndex: table.isFileIndex ?? false,
          strategy: table.uploadMergeStrategy ?? "append",
          referenceId: table.referenceId,
          relation: empty
        })
        if (table.isFileIndex === true) yield* refresh(draft.version.id, id)
        yield* datasets.touch(draft.dataset.id, draft.version.id)
        const [row] = yield* rowsOf(draft.version.id, "AND table_id = $2", [id])
        return toTable(row!, { kind: "dataset", at: yield* datasets.at(draft.dataset.id, draft.version.id) })
      })),
    get,
    inSource,
    list: (at) =>
      Effect.flatMap(at.version.isDeleted ? Effect.succeed([]) : rowsOf(at.version.id), (rows) => {
        const tables = rows.map((row) => toTable(row, { kind: "dataset", at }))
        return at.sample ? Effect.forEach(tables, (table) => sampleOf(table, at)) : Effect.succeed(tables)
      }),
    listOfWorkflow: (workflowId) =>
      Effect.gen(function*() {
        const workflow = yield* workflows.getById(workflowId)
        return (yield* rowsOf(workflowId)).map((row) => toTable(row, { kind: "workflow", workflow }))
      }),
    update: (table, change) =>
      database.write(Effect.gen(function*() {
        const current = yield* reload(table)
        const versionId = versionIdOf(current)
        if (change.name !== undefined) yield* checkNameIsFree(versionId, change.name, current.id)
        const strategy = change.uploadMergeStrategy
        const isFileIndex = change.isFileIndex ?? current.isFileIndex
        const isOther = strategy !== undefined || isFileIndex !== current.isFileIndex
        if (isOther) yield* requireDraft(current)
        const name = change.name ?? current.name
        const now = yield* Clock.currentTimeMillis
        yield* database.run(
          `UPDATE registry.tables SET name = $3, name_key = $4, description = $5, is_file_index = $6, updated_at = $7
           WHERE version_id = $1 AND table_id = $2`,
          [
            versionId,
            current.id,
            name,
            normalName(name),
            change.description === undefined ? current.description : change.description,
            isFileIndex,
            now
          ]
        )
        if (strategy !== undefined) {
          yield* database.run(
            "UPDATE registry.tables SET strategy = $3, is_emptied = $4 WHERE version_id = $1 AND table_id = $2",
            [versionId, current.id, strategy, strategy === "replace"]
          )
        }
        if (isOther) yield* refresh(versionId, current.id)
        if (current.container.kind === "dataset") yield* datasets.touch(current.container.at.dataset.id, versionId)
        return yield* reload(current)
      })),
    remove: (table) =>
      database.write(Effect.gen(function*() {
        const draft = yield* requireDraft(table)
        for (const name of ["tables", "notes", "uploads", "raw_files"]) {
          yield* database.run(`DELETE FROM registry.${name} WHERE version_id = $1 AND table_id = $2`, [
            draft.version.id,
            table.id
          ])
        }
        yield* relations.collectAll
        yield* datasets.touch(draft.dataset.id, draft.version.id)
      })),
    refresh,
    requireDraft,
    insert
  }
}
