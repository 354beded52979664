/** Variables: the columns of a relation, and what people note about them. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Database } from "./Database.ts"
import type { DatasetLookups } from "./datasets.ts"
import * as Decode from "./decode.ts"
import { variableKey } from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { Relations } from "./relations.ts"
import type { Resolve } from "./sources.ts"
import type { Variables } from "./Store.ts"
import { StoreNotFound } from "./StoreError.ts"
import { makeStatistics } from "./statistics.ts"
import { type TableWrites, versionIdOf } from "./tables.ts"

interface Note {
  readonly label: string | null
  readonly description: string | null
  readonly valueLabels: ReadonlyArray<Model.ValueLabel>
}

/** Stands for the version where notes are of an upload or of a result. */
const noVersion = ""

const noNote: Note = { label: null, description: null, valueLabels: [] }

const changed = (note: Note, change: Model.VariableChange): Note => ({
  label: change.label === undefined ? note.label : change.label,
  description: change.description === undefined ? note.description : change.description,
  valueLabels: change.valueLabels === undefined ? note.valueLabels : change.valueLabels ?? []
})

export interface VariableWrites extends Variables {
  /** Notes what an upload says of its variables, where the table has them. Only inside of a `write`. */
  readonly write: (
    versionId: string,
    tableId: string,
    changes: ReadonlyArray<Model.VariableChange>
  ) => Effect.Effect<void>
}

export const makeVariables = (
  database: Database,
  datasets: DatasetLookups,
  tables: TableWrites,
  relations: Relations,
  resolve: Resolve
): VariableWrites => {
  const notesOf = (versionId: string, tableId: string): Effect.Effect<ReadonlyMap<string, Note>> =>
    Effect.map(
      database.rows("SELECT * FROM registry.notes WHERE version_id = $1 AND table_id = $2", [versionId, tableId]),
      (rows) =>
        new Map(rows.map((row) => [Decode.text(row, "variable_key"), {
          label: Decode.textOrNull(row, "label"),
          description: Decode.textOrNull(row, "description"),
          valueLabels: Decode.json<ReadonlyArray<Model.ValueLabel>>(row, "value_labels")
        }]))
    )

  const notes = (source: Model.RowSource): Effect.Effect<ReadonlyMap<string, Note>> =>
    Effect.gen(function*() {
      if (source.kind === "table") return yield* notesOf(versionIdOf(source.table), source.table.id)
      const later = yield* notesOf(noVersion, source.kind === "query" ? source.queryId : source.uploadId)
      if (source.kind === "query") return later
      const [row] = yield* database.rows("SELECT metadata FROM registry.uploads WHERE id = $1", [source.uploadId])
      const metadata = row === undefined ? [] : Decode.json<ReadonlyArray<Model.VariableChange>>(row, "metadata")
      return new Map([
        ...metadata.map((change) => [variableKey(change.name), changed(noNote, change)] as const),
        ...later
      ])
    })

  const list: Variables["list"] = (source) =>
    Effect.gen(function*() {
      const { relation } = yield* resolve(source)
      const columns = yield* relations.columns(relation.id)
      const known = yield* notes(source)
      const isFileIndex = source.kind === "table" && source.table.isFileIndex
      return columns.map(({ name, type }, index) => ({
        name,
        type,
        index,
        ...known.get(variableKey(name)) ?? noNote,
        isFileId: isFileIndex && variableKey(name) === "file_id"
      }))
    })

  const write: VariableWrites["write"] = (versionId, tableId, changes) =>
    Effect.gen(function*() {
      if (changes.length === 0) return
      const known = new Map(yield* notesOf(versionId, tableId))
      for (const change of changes) {
        const key = variableKey(change.name)
        known.set(key, changed(known.get(key) ?? noNote, change))
      }
      yield* database.run("DELETE FROM registry.notes WHERE version_id = $1 AND table_id = $2", [versionId, tableId])
      yield* database.insert(
        "notes",
        [...known].map(([key, { label, description, valueLabels }]) => ({
          version_id: versionId,
          table_id: tableId,
          variable_key: key,
          label,
          description,
          value_labels: JSON.stringify(valueLabels)
        }))
      )
      const now = yield* Clock.currentTimeMillis
      yield* database.run("UPDATE registry.tables SET updated_at = $3 WHERE version_id = $1 AND table_id = $2", [
        versionId,
        tableId,
        now
      ])
    })

  const get: Variables["get"] = (source, name) =>
    Effect.flatMap(list(source), (variables) => {
      const key = variableKey(name)
      const found = variables.find((variable) => variableKey(variable.name) === key)
      return found === undefined
        ? Effect.fail(new StoreNotFound({ kind: "variable", reference: name }))
        : Effect.succeed(found)
    })

  const writeWhereFitting = (
    table: Model.Table,
    changes: ReadonlyArray<Model.VariableChange>
  ): Effect.Effect<void> =>
    Effect.flatMap(relations.columns(table.relationId), (columns) => {
      const keys = new Set(columns.map(({ name }) => variableKey(name)))
      return write(versionIdOf(table), table.id, changes.filter(({ name }) => keys.has(variableKey(name))))
    })

  const statistics = makeStatistics(database, relations)

  return {
    list,
    get,
    note: (source, change) =>
      database.write(Effect.gen(function*() {
        const { description, label, valueLabels } = yield* get(source, change.name)
        const id = source.kind === "query" ? source.queryId : source.uploadId
        yield* write(noVersion, id, [{ label, description, valueLabels, ...change }])
      })),
    statistics: (source, name) =>
      Effect.gen(function*() {
        const column = yield* get(source, name)
        const { relation } = yield* resolve(source)
        return yield* statistics(relation, column)
      }),
    update: (table, changes) =>
      database.write(Effect.gen(function*() {
        const columns = yield* relations.columns(table.relationId)
        const keys = new Set(columns.map(({ name }) => variableKey(name)))
        const unknown = changes.find(({ name }) => !keys.has(variableKey(name)))
        if (unknown !== undefined) return yield* new StoreNotFound({ kind: "variable", reference: unknown.name })
        yield* write(versionIdOf(table), table.id, changes)
        if (table.container.kind === "dataset") yield* datasets.touch(table.container.at.dataset.id, null)
      })),
    updateAll: (at, changes) =>
      database.write(Effect.gen(function*() {
        for (const table of yield* tables.list({ ...at, sample: false })) {
          yield* writeWhereFitting(table, changes)
        }
        yield* datasets.touch(at.dataset.id, null)
      })),
    updateAllOfWorkflow: (workflowId, changes) =>
      database.write(
        Effect.flatMap(tables.listOfWorkflow(workflowId), (own) =>
          Effect.forEach(own, (table) => writeWhereFitting(table, changes), { discard: true }))
      ),
    write
  }
}
