/** Queries: SQL that was translated, and results that are kept as contents. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { accountKey } from "./accounts.ts"
import { checkSql } from "./checkSql.ts"
import * as Contents from "./contents.ts"
import { explain } from "../sql/runtimeErrors.ts"
import { compute, withTimeout } from "./compute.ts"
import type { Database, Row } from "./Database.ts"
import * as Decode from "./decode.ts"
import { makeId } from "./identifiers.ts"
import type * as Model from "./model.ts"
import { activate, type Relations } from "./relations.ts"
import type { Queries } from "./Store.ts"
import { StoreNotFound } from "./StoreError.ts"
import { keepIf } from "./uploads.ts"

export const makeQueries = (database: Database, relations: Relations): Queries => {
  const get: Queries["get"] = (id) =>
    Effect.gen(function*() {
      const [row] = yield* database.rows(
        `SELECT q.*, r.num_rows, r.num_bytes FROM registry.queries q
         LEFT JOIN registry.relations r ON r.id = q.relation_id WHERE q.id = $1`,
        [id]
      )
      if (row === undefined) return yield* new StoreNotFound({ kind: "query", reference: id })
      const relationId = Decode.textOrNull(row, "relation_id")
      return toQuery(row, relationId === null ? null : yield* relations.columns(relationId))
    })

  const toQuery = (row: Row, outputSchema: ReadonlyArray<Model.SchemaField> | null): Model.Query => ({
    id: Decode.text(row, "id"),
    owner: Decode.text(row, "owner"),
    sql: Decode.text(row, "sql"),
    defaultDataset: Decode.textOrNull(row, "default_dataset"),
    defaultWorkflow: Decode.textOrNull(row, "default_workflow"),
    status: Decode.word(row, "status"),
    errorMessage: Decode.textOrNull(row, "error_message"),
    outputNumRows: Decode.numberOrNull(row, "num_rows"),
    outputNumBytes: Decode.numberOrNull(row, "num_bytes"),
    outputSchema,
    createdAt: Decode.number(row, "created_at"),
    finishedAt: Decode.numberOrNull(row, "finished_at")
  })

  const finish = (
    id: string,
    result: {
      readonly status: Model.JobStatus
      readonly errorMessage?: string | undefined
      readonly relationId?: string | undefined
    }
  ): Effect.Effect<void> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      database.write(database.run(
        "UPDATE registry.queries SET status = $2, error_message = $3, relation_id = $4, finished_at = $5 WHERE id = $1",
        [id, result.status, result.errorMessage ?? null, result.relationId ?? null, now]
      )))

  return {
    create: (query) =>
      Effect.gen(function*() {
        const id = makeId()
        yield* database.write(database.run(
          `INSERT INTO registry.queries (id, owner, sql, default_dataset, default_workflow, status, created_at)
           VALUES ($1, $2, $3, $4, $5, 'queued', $6)`,
          [
            id,
            accountKey(query.owner),
            query.sql,
            query.defaultDataset ?? null,
            query.defaultWorkflow ?? null,
            yield* Clock.currentTimeMillis
          ]
        ))
        return yield* Effect.orDie(get(id))
      }),
    get,
    execute: (id, translated, timeout) =>
      Effect.gen(function*() {
        yield* get(id)
        yield* database.write(database.run("UPDATE registry.queries SET status = 'running' WHERE id = $1", [id]))
        yield* checkSql(database, translated).pipe(
          Effect.andThen(database.buildAtLength((session) => compute(session, translated))),
          withTimeout(timeout),
          Effect.flatMap((content) =>
            keepIf(
              database,
              content,
              database.write(Effect.gen(function*() {
                yield* Contents.register(database, content, null)
                yield* activate(database, translated.relations)
                const relation = yield* relations.make([{ contentId: content.id, numRows: content.numRows }])
                yield* database.run("UPDATE registry.queries SET is_ordered = $2 WHERE id = $1", [
                  id,
                  translated.isOrdered === true
                ])
                yield* finish(id, { status: "completed", relationId: relation.id })
              }))
            )
          ),
          Effect.catchTags({
            QueryFailed: ({ message }) => finish(id, { status: "failed", errorMessage: message }),
            DuckFault: ({ message }) => finish(id, { status: "failed", errorMessage: explain(message) })
          }),
          Effect.onInterrupt(() => finish(id, { status: "cancelled" })),
          Effect.tapDefect((defect) => finish(id, { status: "failed", errorMessage: explain(String(defect)) }))
        )
        return yield* get(id)
      }),
    fail: (id, message) =>
      Effect.gen(function*() {
        yield* get(id)
        yield* finish(id, { status: "failed", errorMessage: message })
        return yield* get(id)
      }),
    remove: (id) =>
      database.write(Effect.gen(function*() {
        yield* database.run("DELETE FROM registry.queries WHERE id = $1", [id])
        yield* relations.collectAll
      })),
    check: (translated) => checkSql(database, translated)
  }
}
