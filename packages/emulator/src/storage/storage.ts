/**
 * The other origin: where the bytes of temporary uploads go, in one PUT or by
 * the resumable protocol of Google's storage. Nothing here asks for a token;
 * who knows a URL may write to it.
 */
import { harmless } from "@effect-redivis/core/Contract"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { counted, respond, unrecorded } from "../exchange.ts"
import * as Cors from "../http/cors.ts"
import { splitTarget } from "../http/input.ts"
import { type Answer, answer, type Exchange, type ServerRequest, textBody } from "../http/message.ts"
import { decodeSegment } from "../http/route.ts"
import { Server } from "../server.ts"
import { makeId } from "../store/identifiers.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"

interface Session {
  readonly tempUploadId: string
  received: number
}

/** Resumable sessions, which do not outlive the emulator. */
export class StorageSessions extends Context.Service<StorageSessions, Map<string, Session>>()(
  "@effect-redivis/emulator/StorageSessions"
) {
  static readonly layer = Layer.sync(StorageSessions, () => new Map<string, Session>())
}

type Environment = Store | Server | StorageSessions

/** Text inside of an element. */
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

/** Errors of the storage are XML, as its callers must be prepared for. */
const failed = (status: number, code: string, message: string): Answer =>
  answer(
    status,
    [["content-type", "application/xml; charset=utf-8"]],
    textBody(
      `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`
    )
  )

const noSuchUpload = failed(404, "NoSuchUpload", "The specified upload does not exist.")

const findTemp = Effect.fnUntraced(
  function*(id: string): Effect.fn.Return<Model.TempUpload | undefined, never, Environment> {
    const store = yield* Store
    const { clock } = yield* Server
    const temp = yield* Effect.option(store.tempUploads.get(id))
    return temp._tag === "Some" && temp.value.expiresAt > clock.nowUnsafe() ? temp.value : undefined
  }
)

interface Written {
  /** Bytes that are safely there, from the first on. */
  readonly received: number
  readonly failure: Answer | undefined
}

const write = Effect.fnUntraced(function*(
  temp: Model.TempUpload,
  at: number,
  request: ServerRequest
): Effect.fn.Return<Written, never, Environment> {
  const store = yield* Store
  let sent = 0
  const bytes = Stream.map(request.body, (chunk) => {
    sent += chunk.length
    return chunk
  })
  return yield* store.tempUploads.write(temp.id, at, bytes).pipe(
    Effect.map((after): Written => ({ received: Math.min(after.received, at + sent), failure: undefined })),
    Effect.catch((failure) =>
      Effect.gen(function*() {
        const after = yield* Effect.option(store.tempUploads.get(temp.id))
        const stored = after._tag === "Some" ? Math.min(after.value.received, at + sent) : 0
        return {
          received: stored,
          failure: failure._tag === "StoreConflict"
            ? failed(400, "InvalidArgument", failure.message)
            : failure._tag === "StoreNotFound"
            ? noSuchUpload
            : failed(400, "IncompleteBody", "The request's body broke off.")
        }
      })
    )
  )
})

const putWhole = Effect.fnUntraced(function*(id: string, request: ServerRequest) {
  const temp = yield* findTemp(id)
  if (temp === undefined) return noSuchUpload
  if (temp.isUsed) return failed(412, "PreconditionFailed", "The upload has been used already.")
  const length = request.headers["content-length"]
  if (length !== undefined && Number(length) !== temp.size) {
    return failed(400, "EntityTooSmall", `The upload has ${temp.size} bytes, and ${length} were announced.`)
  }
  const { failure, received } = yield* write(temp, 0, request)
  if (failure !== undefined) return failure
  return received === temp.size
    ? answer(200)
    : failed(400, "IncompleteBody", `The upload has ${temp.size} bytes, and ${received} came.`)
})

const start = Effect.fnUntraced(function*(id: string, request: ServerRequest) {
  const { urls } = yield* Server
  const sessions = yield* StorageSessions
  const temp = yield* findTemp(id)
  if (temp === undefined) return noSuchUpload
  if (request.headers["x-goog-resumable"]?.toLowerCase() !== "start") {
    return failed(400, "InvalidArgument", "A resumable upload begins with the header x-goog-resumable: start.")
  }
  if (!temp.resumable) return failed(403, "AccessDenied", "This upload is not resumable: PUT its bytes to this URL.")
  if (temp.isUsed) return failed(412, "PreconditionFailed", "The upload has been used already.")
  const announced = request.headers["x-upload-content-length"]
  if (announced !== undefined && Number(announced) !== temp.size) {
    return failed(400, "InvalidArgument", `The upload has ${temp.size} bytes, and ${announced} were announced.`)
  }
  const sessionId = makeId()
  sessions.set(sessionId, { tempUploadId: id, received: 0 })
  return answer(201, [["location", `${urls.storage}/resumable/${sessionId}`]])
})

const progress = (received: number): Answer => answer(308, received === 0 ? [] : [["range", `bytes=0-${received - 1}`]])

const rangePattern = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/

/** The session of an older client is the temporary upload itself, and begins with its first bytes. */
const findSession = Effect.fnUntraced(
  function*(id: string): Effect.fn.Return<Session | undefined, never, Environment> {
    const sessions = yield* StorageSessions
    const known = sessions.get(id)
    if (known !== undefined) return known
    const temp = yield* findTemp(id)
    if (temp === undefined || !temp.resumable || temp.isUsed) return undefined
    const begun: Session = { tempUploadId: id, received: 0 }
    sessions.set(id, begun)
    return begun
  }
)

const resume = Effect.fnUntraced(function*(sessionId: string, request: ServerRequest) {
  const session = yield* findSession(sessionId)
  const temp = session === undefined ? undefined : yield* findTemp(session.tempUploadId)
  if (session === undefined || temp === undefined) return noSuchUpload
  const header = request.headers["content-range"]
  const range = header === undefined ? undefined : rangePattern.exec(header)
  if (range === null) return failed(400, "InvalidArgument", "Content-Range is malformed.")
  const total = range?.[3]
  if (total !== undefined && total !== "*" && Number(total) !== temp.size) {
    return failed(400, "InvalidArgument", `The upload has ${temp.size} bytes, and the total is said to be ${total}.`)
  }
  const first = range?.[1]
  if (range !== undefined && first === undefined) {
    return session.received === temp.size ? answer(200) : progress(session.received)
  }
  const at = first === undefined ? 0 : Number(first)
  const last = range?.[2] === undefined ? undefined : Number(range[2])
  if (last !== undefined && (last < at || last >= temp.size)) {
    return failed(416, "InvalidRange", "Content-Range is outside of the upload.")
  }
  if (at > session.received) {
    return failed(400, "InvalidArgument", `The bytes from ${session.received} on are missing.`)
  }
  const length = request.headers["content-length"]
  if (last !== undefined && length !== undefined && Number(length) !== last - at + 1) {
    return failed(400, "InvalidArgument", "Content-Length does not fit Content-Range.")
  }
  if (session.received === temp.size) return answer(200)
  const written = yield* write(temp, at, request)
  session.received = Math.max(session.received, written.received)
  if (written.failure !== undefined) return written.failure
  return session.received === temp.size ? answer(200) : progress(session.received)
})

/** What requests to the storage are called in the log, and by faults. */
export const operations = ["storage.put", "storage.start", "storage.status", "storage.chunk", "storage.cancel"] as const

interface Route {
  readonly operation: typeof operations[number]
  readonly handle: Effect.Effect<Answer, never, Environment>
}

const cancel = Effect.fnUntraced(function*(sessionId: string) {
  return (yield* StorageSessions).delete(sessionId) ? answer(204) : noSuchUpload
})

/** Where storage answers. */
export const paths: ReadonlyArray<string> = ["/temp/:upload", "/resumable/:session"]

const routeOf = (request: ServerRequest, path: string): Route | undefined => {
  const [, place, segment, ...rest] = path.split("/")
  const id = segment === undefined || segment === "" ? undefined : decodeSegment(segment)
  if (id === undefined || rest.length > 0) return undefined
  if (place === "temp" && request.method === "PUT") {
    return { operation: "storage.put", handle: putWhole(id, request) }
  }
  if (place === "temp" && request.method === "POST") {
    return { operation: "storage.start", handle: start(id, request) }
  }
  if (place === "resumable" && request.method === "PUT") {
    const isProbe = request.headers["content-range"]?.startsWith("bytes */") === true
    return { operation: isProbe ? "storage.status" : "storage.chunk", handle: resume(id, request) }
  }
  if (place === "resumable" && request.method === "DELETE") return { operation: "storage.cancel", handle: cancel(id) }
  return undefined
}

const answerTo = Effect.fnUntraced(function*(request: ServerRequest) {
  const server = yield* Server
  const { path, query } = splitTarget(request.target)
  const arrivedAt = server.clock.nowUnsafe()
  const caller = yield* Effect.option(server.callers.resolve(request.headers["authorization"], arrivedAt))
  const user = caller._tag === "Some" && caller.value.kind === "user" ? caller.value.user.name : undefined
  const headers = request.headers["authorization"] === undefined
    ? request.headers
    : { ...request.headers, authorization: `Bearer <${user ?? "unknown"}>` }
  const record = server.log.open({
    origin: "storage",
    method: request.method,
    path,
    query,
    headers,
    startedAt: arrivedAt
  })
  record.authenticated(user ?? null, undefined)
  const route = routeOf(counted(request, record), path)
  record.described(route?.operation)
  const handle = route === undefined
    ? Effect.succeed(failed(404, "NoSuchKey", "There is nothing here."))
    : route.handle.pipe(
      Effect.catchDefect((defect) =>
        Effect.as(
          Effect.logError(harmless(`storage: ${request.method} ${path} failed`), defect),
          failed(500, "InternalError", "Internal error.")
        )
      )
    )
  return yield* respond({
    request,
    record,
    faults: server.faults.take({ operation: route?.operation, path }),
    handle,
    headers: Cors.headersOfStorage,
    windowEnd: arrivedAt
  }).pipe(Effect.onInterrupt(() => Effect.sync(() => record.ended("aborted"))))
})

export const serve = (request: ServerRequest): Effect.Effect<Exchange, never, Environment> =>
  Effect.flatMap(Server, ({ door }) => {
    const unserved = door.refuseHost(request)
    if (unserved !== undefined) return Effect.succeed(unrecorded(failed(403, "AccessDenied", unserved)))
    return Cors.isPreflight(request.method)
      ? Effect.succeed(unrecorded(Cors.preflight(request.headers)))
      : answerTo(request)
  })
