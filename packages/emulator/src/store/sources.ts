/** Where rows come from, as the relation that holds them. */
import * as Effect from "effect/Effect"
import type { Database } from "./Database.ts"
import * as Decode from "./decode.ts"
import type * as Model from "./model.ts"
import type { Relation, Relations } from "./relations.ts"
import { StoreConflict, StoreNotFound } from "./StoreError.ts"

export interface Source {
  readonly relation: Relation
  /** Dataset, where the rows are of one. */
  readonly datasetId: string | null
  /** Whether a query has put the rows in order. */
  readonly isOrdered: boolean
}

export type Resolve = (source: Model.RowSource) => Effect.Effect<Source, StoreNotFound | StoreConflict>

export const makeResolve = (database: Database, relations: Relations): Resolve => (source) =>
  Effect.gen(function*() {
    const require = (relationId: string, kind: string, reference: string) =>
      Effect.flatMap(relations.get(relationId), (relation) =>
        relation === undefined
          ? Effect.fail(new StoreNotFound({ kind, reference }))
          : Effect.succeed(relation))
    switch (source.kind) {
      case "table": {
        const { container, relationId, name } = source.table
        const relation = yield* require(relationId, "table", name)
        return { relation, datasetId: container.kind === "dataset" ? container.at.dataset.id : null, isOrdered: false }
      }
      case "upload": {
        const [row] = yield* database.rows(
          `SELECT u.status, u.name, u.relation_id, v.dataset_id FROM registry.uploads u
           JOIN registry.versions v ON v.id = u.version_id WHERE u.id = $1`,
          [source.uploadId]
        )
        if (row === undefined) return yield* new StoreNotFound({ kind: "upload", reference: source.uploadId })
        const relationId = Decode.textOrNull(row, "relation_id")
        if (relationId === null) {
          return yield* new StoreConflict({
            reason: "notCompleted",
            message: `Upload ${Decode.text(row, "name")} is ${Decode.text(row, "status")}: it has no rows yet`
          })
        }
        return {
          relation: yield* require(relationId, "upload", source.uploadId),
          datasetId: Decode.text(row, "dataset_id"),
          isOrdered: false
        }
      }
      case "query": {
        const [row] = yield* database.rows(
          "SELECT status, relation_id, is_ordered FROM registry.queries WHERE id = $1",
          [
            source.queryId
          ]
        )
        if (row === undefined) return yield* new StoreNotFound({ kind: "query", reference: source.queryId })
        const relationId = Decode.textOrNull(row, "relation_id")
        if (relationId === null) {
          return yield* new StoreConflict({
            reason: "notCompleted",
            message: `Query ${source.queryId} is ${Decode.text(row, "status")}: it has no result`
          })
        }
        return {
          relation: yield* require(relationId, "query", source.queryId),
          datasetId: null,
          isOrdered: row["is_ordered"] === true
        }
      }
    }
  })
