/** `…/readSessions` and `/readStreams`. */
import { readSession } from "@effect-redivis/core/Contract"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { BadRequest } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { noCredentials } from "../policy/anonymous.ts"
import { requireScope, requireUser } from "../policy/caller.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { findQuery } from "./queries.ts"
import { findTable } from "./reference.ts"
import { findUpload } from "./uploads.ts"
import { requireReading, requireRows, rowAnswer } from "./rowAnswer.ts"

const post = Effect.fnUntraced(function*(
  source: Model.RowSource,
  body: readSession.ReadSessionPost | undefined,
  call: Call
) {
  const store = yield* Store
  const session = yield* store.sessions.create(source, {
    creator: call.caller.kind === "user" ? call.caller.user.name : null,
    allowAnonymousAccess: body?.allowAnonymousAccess,
    format: body?.format,
    variables: body?.selectedVariables,
    maxResults: body?.maxResults,
    requestedStreamCount: body?.requestedStreamCount
  })
  return {
    kind: "readSession",
    id: session.id,
    numRows: session.numRows,
    streams: session.streams.map((stream) => ({ kind: "readStream", id: stream.id, estimatedRows: stream.numRows }))
  }
})

export const postByTable: Handler<typeof readSession.postByTable> = handler(
  readSession.postByTable,
  Effect.fnUntraced(function*(input, call) {
    const found = yield* findTable(input.params.table, call, "data")
    yield* requireRows(found.table, input.body?.maxResults, call)
    return yield* post({ kind: "table", table: found.table }, input.body, call)
  })
)

export const postByUpload: Handler<typeof readSession.postByUpload> = handler(
  readSession.postByUpload,
  Effect.fnUntraced(function*(input, call) {
    const found = yield* findUpload(input.params, call, "data")
    yield* requireReading(call)
    return yield* post({ kind: "upload", uploadId: found.upload.id }, input.body, call)
  })
)

export const postByQuery: Handler<typeof readSession.postByQuery> = handler(
  readSession.postByQuery,
  Effect.fnUntraced(function*(input, call) {
    const query = yield* findQuery(input.params.query, call)
    yield* requireReading(call)
    return yield* post({ kind: "query", queryId: query.id }, input.body, call)
  })
)

/**
 * Who made the session reads it, while their access lasts. Sessions that were
 * made without credentials are open while the data is public, others only where
 * that was asked for.
 */
const requireReader = Effect.fnUntraced(function*(stream: Model.ReadStream, call: Call) {
  if (stream.allowAnonymousAccess) return
  const store = yield* Store
  const data = stream.datasetId === null
    ? undefined
    : (yield* store.datasets.getById(stream.datasetId).pipe(
      Effect.catch(() => Effect.fail(Access.hidden("read stream", stream.id)))
    )).dataset
  const isPublic = data !== undefined && Access.reaches(data.publicAccessLevel, "data")
  if (stream.creator === null && isPublic) return
  const caller = yield* requireUser(call.caller)
  const keeps = data === undefined || Access.reaches(yield* Access.levelOf(data, caller), "sample")
  if (stream.creator === null || caller.user.name.toLowerCase() !== stream.creator.toLowerCase() || !keeps) {
    return yield* Access.hidden("read stream", stream.id)
  }
  if (data !== undefined && !isPublic) yield* requireScope(caller, "data.data")
})

export const getStream: Handler<typeof readSession.getStream> = handler(
  readSession.getStream,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const stream = yield* store.sessions.getStream(input.params.stream).pipe(
      // who sends no credentials learns nothing of streams that are not open
      Effect.mapError((absent) => call.caller.kind === "anonymous" ? noCredentials : absent)
    )
    yield* requireReader(stream, call)
    yield* requireReading(call)
    if (stream.expiresAt <= (yield* Clock.currentTimeMillis)) {
      return yield* new BadRequest({ description: "The read session has expired: sessions live for 6 hours" })
    }
    const rows = yield* store.sessions.read(stream.id, {
      offset: input.query?.offset,
      eosSentinel: input.query?.eosSentinel,
      overrun: call.overrun
    })
    return yield* rowAnswer(rows, stream.format, call)
  })
)
