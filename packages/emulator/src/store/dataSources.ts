/** Data sources of workflows: versions of datasets, and other workflows. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Database, Row } from "./Database.ts"
import type { DatasetLookups } from "./datasets.ts"
import * as Decode from "./decode.ts"
import { makeId } from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { DataSources } from "./Store.ts"
import { StoreConflict, StoreNotFound } from "./StoreError.ts"
import type { TableWrites } from "./tables.ts"

const originOf = (row: Row): Model.Origin => {
  const workflowId = Decode.textOrNull(row, "source_workflow_id")
  return workflowId === null
    ? {
      kind: "dataset",
      datasetId: Decode.text(row, "dataset_id"),
      versionId: Decode.text(row, "version_id"),
      sample: Decode.boolean(row, "is_sample")
    }
    : { kind: "workflow", workflowId }
}

const toDataSource = (row: Row): Model.DataSource => ({
  id: Decode.text(row, "id"),
  workflowId: Decode.text(row, "workflow_id"),
  origin: originOf(row),
  mappedTables: Decode.json(row, "mapped_tables"),
  createdAt: Decode.number(row, "created_at"),
  updatedAt: Decode.number(row, "updated_at")
})

/** In the order in which they were added. */
export const listSources = (
  database: Database,
  workflowId: string
): Effect.Effect<ReadonlyArray<Model.DataSource>> =>
  Effect.map(
    database.rows("SELECT * FROM registry.data_sources WHERE workflow_id = $1", [workflowId]),
    (rows) => Decode.inOrder(rows, "position").map(toDataSource)
  )

const isSame = (one: Model.Origin, other: Model.Origin): boolean =>
  one.kind === "dataset"
    ? other.kind === "dataset" && one.datasetId === other.datasetId
    : other.kind === "workflow" && one.workflowId === other.workflowId

/** The columns of an origin, in the order of the statements. */
const columnsOf = (origin: Model.Origin): readonly [string | null, string | null, boolean, string | null] =>
  origin.kind === "dataset"
    ? [origin.datasetId, origin.versionId, origin.sample, null]
    : [null, null, false, origin.workflowId]

export const makeDataSources = (
  database: Database,
  datasets: Pick<DatasetLookups, "at">,
  tables: Pick<TableWrites, "inSource">
): DataSources => {
  const getById = (id: string): Effect.Effect<Model.DataSource, StoreNotFound> =>
    Effect.flatMap(
      database.rows("SELECT * FROM registry.data_sources WHERE id = $1", [id]),
      ([row]) =>
        row === undefined
          ? Effect.fail(new StoreNotFound({ kind: "data source", reference: id }))
          : Effect.succeed(toDataSource(row))
    )

  const requireNew = Effect.fnUntraced(function*(
    workflowId: string,
    origin: Model.Origin,
    except: string | undefined
  ) {
    if (origin.kind === "workflow" && origin.workflowId === workflowId) {
      return yield* new StoreConflict({ reason: "references", message: "A workflow cannot be its own data source" })
    }
    const known = yield* listSources(database, workflowId)
    if (known.some((source) => source.id !== except && isSame(source.origin, origin))) {
      return yield* new StoreConflict({
        reason: "nameTaken",
        message: `This ${origin.kind} is a data source of the workflow already`
      })
    }
  })

  return {
    list: (workflowId) => listSources(database, workflowId),
    create: (workflowId, origin) =>
      database.write(Effect.gen(function*() {
        yield* requireNew(workflowId, origin, undefined)
        const id = makeId()
        yield* database.run(
          `INSERT INTO registry.data_sources (id, workflow_id, dataset_id, version_id, is_sample, source_workflow_id,
             mapped_tables, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, '[]', $7, $7)`,
          [id, workflowId, ...columnsOf(origin), yield* Clock.currentTimeMillis]
        )
        return yield* getById(id)
      })),
    update: (id, origin, mappedTables) =>
      database.write(Effect.gen(function*() {
        const known = yield* getById(id)
        yield* requireNew(known.workflowId, origin, id)
        yield* database.run(
          `UPDATE registry.data_sources SET dataset_id = $2, version_id = $3, is_sample = $4, source_workflow_id = $5,
             mapped_tables = $6, updated_at = $7 WHERE id = $1`,
          [id, ...columnsOf(origin), JSON.stringify(mappedTables), yield* Clock.currentTimeMillis]
        )
        return yield* getById(id)
      })),
    dataset: (origin) =>
      Effect.map(datasets.at(origin.datasetId, origin.versionId), (at) => ({ ...at, sample: origin.sample })),
    table: (source, lookup) => tables.inSource(source, lookup, undefined)
  }
}
