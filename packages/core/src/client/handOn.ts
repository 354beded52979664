/** Answers whose bytes are handed on, as a `Response` of the web. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type * as Operation from "../contract/Operation.ts"
import type { Common } from "../contract/RedivisError.ts"
import type { Attempt, Consume } from "./call/attempt.ts"
import { type Bytes, isHidden, perform } from "./call/execute.ts"
import { placeOf, transportError } from "./call/failure.ts"
import { type Executor, openBytes } from "./service.ts"

/**
 * How a `Response` is made of an answer.
 *
 * @category models
 * @since 0.1.0
 */
export interface ResponseOptions {
  /**
   * Whether the body is watched on its way, as that of a stream of bytes is:
   * `idleTimeout` holds, it counts among the answers that are being read, and a
   * file is gone on with where its connection breaks and held against its size
   * and hash. That costs CPU for every byte.
   *
   * @default false
   */
  readonly checked?: boolean | undefined
}

/** An answer, and its body for who takes it. */
export interface Handed extends Omit<Bytes, "pull"> {
  readonly body: ReadableStream<Uint8Array> | null
}

/** What is pulled as a stream of the web: no further ahead than somebody reads. `end` runs once, whatever ends it. */
const streamOf = <E>(
  pull: Effect.Effect<Uint8Array | undefined, E>,
  end: Effect.Effect<void>
): Effect.Effect<ReadableStream<Uint8Array>> =>
  Effect.contextWith((context) => {
    const run = Effect.runPromiseWith(context)
    const next = Effect.onExitPrimitive(
      pull,
      (exit) => Exit.isFailure(exit) || exit.value === undefined ? end : undefined
    )
    return Effect.succeed(
      new ReadableStream<Uint8Array>({
        pull: (controller) =>
          run(next).then((chunk) => chunk === undefined ? controller.close() : controller.enqueue(chunk)),
        cancel: () => run(end)
      }, { highWaterMark: 0 })
    )
  })

/** A visitor's own conditions, which the headers of a region hand on, may be answered by a 304. */
export const conditional = <Op extends Operation.Any>(operation: Op): Op => ({
  ...operation,
  statuses: [...operation.statuses, 304]
})

/** Statuses whose answers have no body, nor may a `Response` have one. */
const bodiless = [204, 205, 304]

/** What fails or is interrupted before it has given its value leaves nothing open. */
const orElseEnd = <A, E, R>(effect: Effect.Effect<A, E, R>, end: Effect.Effect<void>): Effect.Effect<A, E, R> =>
  Effect.onExitPrimitive(effect, (exit) => Exit.isFailure(exit) ? end : undefined)

/** The body as whoever opened it pulls it, in a scope that ends with the body. */
export const watched = <E, E2, E3>(
  open: Effect.Effect<Bytes<E2>, E, Scope.Scope>,
  make: (handed: Handed) => Effect.Effect<Response, E3>
): Effect.Effect<Response, E | E3> =>
  Effect.suspend(() => {
    const scope = Scope.makeUnsafe()
    const close = Scope.close(scope, Exit.void)
    return orElseEnd(
      Effect.flatMap(Scope.provide(open, scope), ({ pull, ...answer }) =>
        Effect.flatMap(
          bodiless.includes(answer.status) ? Effect.as(close, null) : streamOf(pull, close),
          (body) => make({ ...answer, body })
        )),
      close
    )
  })

/** The body as the runtime has it, which is left to who gets it; the request ends with it. */
export const untouched = <Op extends Operation.Any, E>(
  redivis: Executor,
  operation: Op,
  input: Operation.Input<Op>,
  make: (handed: Handed) => Effect.Effect<Response, E>
): Effect.Effect<Response, E | Common | Operation.Failure<Op>> => {
  const { opened, sending } = redivis
  // where there is no server, there is nothing but what is pulled
  if (opened !== undefined) return watched(openBytes(redivis, operation, input), make)
  return Effect.suspend(() => {
    let given: Attempt | undefined
    const abort = Effect.sync(() => given?.controller.abort())
    const consume: Consume<Handed> = (attempt, { body, headers, pull, status, url }) => {
      given = attempt
      const answer = {
        url: attempt.call.redact(placeOf(attempt.call, url).url),
        status,
        headers,
        hidesHeaders: sending.configuration.platform.hidesHeaders
      }
      return Effect.map(
        bodiless.includes(status)
          ? Effect.as(abort, null)
          : body !== undefined
          ? Effect.sync(body)
          : streamOf(
            Effect.mapError(pull, (failure) => transportError(attempt, "BodyBroken", { failure, status, url })),
            abort
          ),
        (body) => ({ ...answer, body })
      )
    }
    return orElseEnd(
      Effect.flatMap(
        // the executor holds every input and answer to the operation's own schemas and statuses
        perform(sending, conditional(operation), input, consume) as Effect.Effect<
          Handed,
          Common | Operation.Failure<Op>
        >,
        make
      ),
      abort
    )
  })
}

/** What of an answer's headers is handed on: nothing that is for this client alone, as cookies are. */
const kept = [
  "content-type",
  "content-disposition",
  "content-language",
  "x-content-type-options",
  "last-modified",
  "cache-control",
  "expires"
]

/** What is true of the bytes as they were sent, and of no others. */
const ofBytes = ["content-length", "content-range", "accept-ranges", "etag", "content-digest", "content-encoding"]

/** What runtimes decode; they leave the rest as it is. */
const decoded = /^(?:(?:x-)?gzip|deflate|br|zstd)\b/i

const sendable = /^[\t\x20-\x7e\x80-\xff]*$/

/** The headers that are handed on. Pages may not see whether a body was decoded. */
const headersOf = (handed: Handed): Record<string, string> => {
  const { headers } = handed
  const isOther = isHidden(handed) || decoded.test(headers["content-encoding"] ?? "")
  const found: Record<string, string> = {}
  for (const name of isOther ? kept : [...kept, ...ofBytes]) {
    const value = headers[name]
    if (value !== undefined && sendable.test(value)) found[name] = value
  }
  return found
}

/** The answer as a `Response`. */
export const toResponse = (handed: Handed): Effect.Effect<Response> =>
  Effect.sync(() => new Response(handed.body, { status: handed.status, headers: headersOf(handed) }))

/** Sends one operation and gives its answer as a `Response`, once its status and its headers are there. */
export const respond = <Op extends Operation.Any>(
  redivis: Executor,
  operation: Op,
  input: Operation.Input<Op>,
  options: ResponseOptions | undefined
): Effect.Effect<Response, Common | Operation.Failure<Op>> =>
  options?.checked === true
    ? watched(openBytes(redivis, conditional(operation), input), toResponse)
    : untouched(redivis, operation, input, toResponse)
