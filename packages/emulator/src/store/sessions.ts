/** Read sessions: ranges of a relation's rows, each a stream of its own. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Contents from "./contents.ts"
import type { Database, Row } from "./Database.ts"
import * as Decode from "./decode.ts"
import { makeId, variableKey } from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { Relations, Segment } from "./relations.ts"
import { rangeOf, type RowReader, selectColumns } from "./rows.ts"
import type { Resolve } from "./sources.ts"
import type { Sessions } from "./Store.ts"
import { StoreInvalid, StoreNotFound } from "./StoreError.ts"

const lifetime = 6 * 60 * 60 * 1000

const largestStreamCount = 1000

/**
 * Rows that a stream has at least where a session has several. Clients read
 * streams beside each other, and some join them as they come: the service gives
 * several only of what is large, and so the rows of small results come in order.
 */
export const defaultStreamRows = 50_000

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

interface Range {
  readonly from: number
  /** Not among them. */
  readonly to: number
}

/** Rows in so many parts of about the same size, fewer where they would be small; in none where there are no rows. */
const split = (from: number, to: number, requested: number, streamRows: number): ReadonlyArray<Range> => {
  const count = Math.min(requested, to - from, Math.max(1, Math.floor((to - from) / streamRows)), largestStreamCount)
  const first = (index: number): number => from + Math.floor((to - from) * index / count)
  return Array.from({ length: count }, (_, index) => ({ from: first(index), to: first(index + 1) }))
}

/** Each segment in parts of its own. */
const partsOf = (
  segments: ReadonlyArray<Segment>,
  numRows: number,
  requested: number,
  streamRows: number
): ReadonlyArray<Range> => {
  const ranges: Array<Range> = []
  let from = 0
  for (const segment of segments) {
    const to = Math.min(numRows, from + segment.numRows)
    if (to > from) {
      ranges.push(...split(from, to, Math.max(1, Math.round(requested * (to - from) / numRows)), streamRows))
    }
    from = to
  }
  return ranges
}

export const makeSessions = (
  database: Database,
  relations: Relations,
  resolve: Resolve,
  reader: RowReader,
  streamRows: number
): Sessions => {
  const find = (streamId: string): Effect.Effect<Row, StoreNotFound> =>
    Effect.flatMap(
      database.rows("SELECT * FROM registry.streams WHERE id = $1", [streamId]),
      ([row]) =>
        row === undefined
          ? Effect.fail(new StoreNotFound({ kind: "readStream", reference: streamId }))
          : Effect.succeed(row)
    )

  /** Those of the columns that the upload has in which a row is, as it has them: a draft's are not made one yet. */
  const storedColumns = (
    relationId: string,
    row: number,
    wanted: ReadonlyArray<Model.SchemaField>
  ): Effect.Effect<ReadonlyArray<Model.SchemaField>> =>
    Effect.gen(function*() {
      let from = 0
      const segment = (yield* relations.segments(relationId)).find(({ numRows }) => row < (from += numRows))
      if (segment === undefined) return wanted
      const own = new Map(
        (yield* Contents.columnsOf(database, segment.contentId)).map((column) => [variableKey(column.name), column])
      )
      const stored = wanted.flatMap(({ name }) => own.get(variableKey(name)) ?? [])
      return stored.length === 0 ? wanted : stored
    })

  /** The first row of the relation that the session has not. */
  const endOf = (sessionId: string): Effect.Effect<number> =>
    Effect.map(
      database.rows("SELECT max(first_row + num_rows) AS after FROM registry.streams WHERE session_id = $1", [
        sessionId
      ]),
      ([row]) => Decode.number(row!, "after") // the session has streams
    )

  return {
    create: (source, request) =>
      database.write(Effect.gen(function*() {
        const { datasetId, isOrdered, relation } = yield* resolve(source)
        yield* selectColumns(yield* relations.columns(relation.id), request.variables)
        const { to: numRows } = yield* rangeOf(relation.numRows, { limit: request.maxResults })
        const wanted = request.requestedStreamCount ?? 1
        // what a query has put in order is read in order by whom streams are joined as they come
        const requested = isOrdered ? 1 : wanted
        if (!Number.isSafeInteger(wanted) || wanted < 1) {
          return yield* new StoreInvalid({ field: "requestedStreamCount", message: "must be a whole number above 0" })
        }
        const isDraft = source.kind === "table" && source.table.container.kind === "dataset" &&
          !source.table.container.at.version.isReleased
        const asStored = isDraft && (request.format ?? "arrow") === "arrow"
        const ranges = asStored
          ? partsOf(yield* relations.segments(relation.id), numRows, requested, streamRows)
          : split(0, numRows, requested, streamRows)
        const sessionId = makeId()
        const createdAt = yield* Clock.currentTimeMillis
        const format = request.format ?? "arrow"
        const streams = ranges.map(({ from, to }): Model.ReadStream => ({
          id: makeId(),
          sessionId,
          creator: request.creator,
          allowAnonymousAccess: request.allowAnonymousAccess ?? false,
          format,
          numRows: to - from,
          createdAt,
          expiresAt: createdAt + lifetime,
          datasetId
        }))
        yield* database.insert(
          "streams",
          streams.map((stream, index) => ({
            id: stream.id,
            session_id: sessionId,
            creator: stream.creator,
            allow_anonymous: stream.allowAnonymousAccess,
            format,
            relation_id: relation.id,
            dataset_id: datasetId,
            variables: JSON.stringify(request.variables ?? null),
            first_row: ranges[index]!.from,
            num_rows: stream.numRows,
            created_at: createdAt,
            expires_at: stream.expiresAt,
            as_stored: asStored
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
        const wanted = yield* selectColumns(
          yield* relations.columns(relation.id),
          Decode.json<ReadonlyArray<string> | null>(row, "variables") ?? undefined
        )
        const first = Decode.number(row, "first_row")
        const end = first + stream.numRows
        const overrun = options?.overrun ?? 0
        const to = overrun > 0 && end === (yield* endOf(stream.sessionId))
          ? Math.min(end + overrun, relation.numRows)
          : end
        const columns = Decode.boolean(row, "as_stored") ? yield* storedColumns(relation.id, first, wanted) : wanted
        return reader.stream(
          relation,
          columns,
          [{ from: first + offset, to }],
          stream.format,
          options
        )
      })
  }
}
