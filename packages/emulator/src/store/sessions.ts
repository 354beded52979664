/** Read sessions: ranges of a relation's rows, each a stream of its own. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Database, Row } from "./Database.ts"
import * as Decode from "./decode.ts"
import { makeId } from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { Relations } from "./relations.ts"
import { rangeOf, type RowReader, selectColumns } from "./rows.ts"
import type { Resolve } from "./sources.ts"
import type { Sessions } from "./Store.ts"
import { StoreInvalid, StoreNotFound } from "./StoreError.ts"

const lifetime = 6 * 60 * 60 * 1000

const largestStreamCount = 1000

const toStream = (row: Row): Model.ReadStream => ({
  id: Decode.text(row, "id"),
  sessionId: Decode.text(row, "session_id"),
  creator: Decode.textOrNull(row, "creator"),
  allowAnonymousAccess: Decode.boolean(row, "allow_anonymous"),
  format: Decode.word(row, "format"),
  numRows: Decode.number(row, "num_rows"),
  createdAt: Decode.number(row, "created_at"),
  expiresAt: Decode.number(row, "expires_at"),
  datasetId: Decode.textOrNull(row, "dataset_id")
})

export const makeSessions = (
  database: Database,
  relations: Relations,
  resolve: Resolve,
  reader: RowReader
): Sessions => {
  const find = (streamId: string): Effect.Effect<Row, StoreNotFound> =>
    Effect.flatMap(
      database.rows("SELECT * FROM registry.streams WHERE id = $1", [streamId]),
      ([row]) =>
        row === undefined
          ? Effect.fail(new StoreNotFound({ kind: "readStream", reference: streamId }))
          : Effect.succeed(row)
    )

  return {
    create: (source, request) =>
      database.write(Effect.gen(function*() {
        const { relation, datasetId } = yield* resolve(source)
        yield* selectColumns(yield* relations.columns(relation.id), request.variables)
        const { to: numRows } = yield* rangeOf(relation.numRows, { limit: request.maxResults })
        const requested = request.requestedStreamCount ?? 1
        if (!Number.isSafeInteger(requested) || requested < 1) {
          return yield* new StoreInvalid({ field: "requestedStreamCount", message: "must be a whole number above 0" })
        }
        const count = Math.min(requested, numRows, largestStreamCount)
        const sessionId = makeId()
        const createdAt = yield* Clock.currentTimeMillis
        const format = request.format ?? "arrow"
        const firstRow = (index: number): number => Math.floor(numRows * index / count)
        const streams = Array.from({ length: count }, (_, index): Model.ReadStream => ({
          id: makeId(),
          sessionId,
          creator: request.creator,
          allowAnonymousAccess: request.allowAnonymousAccess ?? false,
          format,
          numRows: firstRow(index + 1) - firstRow(index),
          createdAt,
          expiresAt: createdAt + lifetime,
          datasetId
        }))
        yield* database.insert(
          "registry.streams",
          {
            id: "VARCHAR",
            session_id: "VARCHAR",
            creator: "VARCHAR",
            allow_anonymous: "BOOLEAN",
            format: "VARCHAR",
            relation_id: "VARCHAR",
            dataset_id: "VARCHAR",
            variables: "VARCHAR",
            first_row: "BIGINT",
            num_rows: "BIGINT",
            created_at: "BIGINT",
            expires_at: "BIGINT"
          },
          streams.map((stream, index) => ({
            id: stream.id,
            session_id: sessionId,
            creator: stream.creator,
            allow_anonymous: stream.allowAnonymousAccess,
            format,
            relation_id: relation.id,
            dataset_id: datasetId,
            variables: JSON.stringify(request.variables ?? null),
            first_row: firstRow(index),
            num_rows: stream.numRows,
            created_at: createdAt,
            expires_at: stream.expiresAt
          }))
        )
        return { id: sessionId, numRows, format, streams }
      })),
    getStream: (streamId) => Effect.map(find(streamId), toStream),
    read: (streamId, options) =>
      Effect.gen(function*() {
        const row = yield* find(streamId)
        const stream = toStream(row)
        const offset = options?.offset ?? 0
        if (!Number.isSafeInteger(offset) || offset < 0 || offset > stream.numRows) {
          return yield* new StoreInvalid({
            field: "offset",
            message: `must be a whole number from 0 to ${stream.numRows}, the rows of the stream`
          })
        }
        const relation = yield* relations.get(Decode.text(row, "relation_id"))
        if (relation === undefined) return yield* new StoreNotFound({ kind: "readStream", reference: streamId })
        const columns = yield* selectColumns(
          yield* relations.columns(relation.id),
          Decode.json<ReadonlyArray<string> | null>(row, "variables") ?? undefined
        )
        const first = Decode.number(row, "first_row")
        return reader.stream(
          relation,
          columns,
          { from: first + offset, to: first + stream.numRows },
          stream.format,
          options
        )
      })
  }
}
