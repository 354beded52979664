/**
 * Bytes to storage: whole, or in slices of a resumable session.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { storage, type StorageAnswer, type StorageRequest } from "../client/storage.ts"
import { Redivis } from "../client/Redivis.ts"
import { redactUrl } from "../client/call/redactUrl.ts"
import type { Body } from "../client/call/transport.ts"
import * as Retry from "../client/Retry.ts"
import type { InvalidInput, TransportError } from "../contract/RedivisError.ts"
import { DecodeError, IntegrityError, type Unauthorized, UnexpectedStatus } from "../contract/RedivisError.ts"

/**
 * Bytes to send: all at once, or as a stream whose size is known.
 *
 * @category models
 * @since 0.1.0
 */
export type Source<E = never, R = never> = Uint8Array | {
  readonly stream: Stream.Stream<Uint8Array, E, R>
  /** In bytes. A stream that gives more or fewer fails. */
  readonly size: number
}

/**
 * What a transfer fails with, beside what its source does.
 *
 * @category errors
 * @since 0.1.0
 */
export type TransferError =
  | TransportError
  | UnexpectedStatus
  | IntegrityError
  | InvalidInput
  | Unauthorized
  | DecodeError

/**
 * Where storage takes bytes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Target {
  readonly url: string
  /** The server's choice: whether a session is opened at the URL, or the bytes are put there. */
  readonly resumable: boolean
}

/** From this size on a resumable session is asked for, in bytes. */
export const resumableFrom = 32 * 1024 * 1024

/** A multiple of 256 KiB, as storage wants all slices but the last to be. */
const sliceSize = 8 * 1024 * 1024

/** The size of a source in bytes. */
export const sizeOf = <E, R>(source: Source<E, R>): number =>
  source instanceof Uint8Array ? source.byteLength : source.size

const isSuccess = (status: number): boolean => status >= 200 && status < 300

const refused = (request: StorageRequest, answer: StorageAnswer): UnexpectedStatus =>
  new UnexpectedStatus({
    operation: "storage",
    method: request.method,
    url: redactUrl(request.url),
    status: answer.status,
    warnings: [],
    ...(answer.text === "" ? {} : { errorDescription: answer.text.slice(0, 300) })
  })

const wrongSize = (expected: number, got: string): IntegrityError =>
  new IntegrityError({
    operation: "storage",
    reason: "Size",
    detail: `the source was to give ${expected} bytes and gave ${got}`
  })

/** The source's bytes, which fail where they are more or fewer than was said. */
const exactly = <E, R>(stream: Stream.Stream<Uint8Array, E, R>, size: number) =>
  Stream.suspend(() => {
    let given = 0
    return stream.pipe(
      Stream.mapEffect((chunk): Effect.Effect<Uint8Array, IntegrityError> => {
        given += chunk.byteLength
        return given > size ? Effect.fail(wrongSize(size, "more")) : Effect.succeed(chunk)
      }),
      Stream.concat(Stream.suspend(() => given < size ? Stream.fail(wrongSize(size, `${given}`)) : Stream.empty))
    )
  })

const gather = <E, R>(stream: Stream.Stream<Uint8Array, E, R>, size: number): Effect.Effect<Uint8Array, E, R> =>
  Effect.suspend(() => {
    const bytes = new Uint8Array(size)
    let at = 0
    return Effect.as(
      Stream.runForEach(stream, (chunk) =>
        Effect.sync(() => {
          bytes.set(chunk, at)
          at += chunk.byteLength
        })),
      bytes
    )
  })

const isTransient = (error: { readonly _tag: string; readonly status?: number }): boolean =>
  error._tag === "TransportError" ||
  (error._tag === "UnexpectedStatus" && (error.status === 429 || (error.status !== undefined && error.status >= 500)))

/** A request whose body can be sent again, under the policy of the region. */
const repeat = <A, E extends { readonly _tag: string; readonly status?: number }, R>(
  once: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Retry.CurrentPolicy, (policy) => {
    const from = (attempt: number): Effect.Effect<A, E, R> =>
      Effect.catch(once, (error) =>
        attempt >= policy.maxAttempts || !isTransient(error)
          ? Effect.fail(error)
          : Effect.andThen(Retry.pause(policy, attempt), Effect.suspend(() => from(attempt + 1))))
    return from(1)
  })

const put = (
  redivis: Redivis["Service"],
  url: string,
  body: Body,
  headers?: Readonly<Record<string, string>>
): Effect.Effect<StorageAnswer, TransferError> => {
  const request: StorageRequest = { method: "PUT", url, body, headers }
  return Effect.flatMap(
    storage(redivis, request),
    (answer) =>
      isSuccess(answer.status) || answer.status === 308 ? Effect.succeed(answer) : Effect.fail(refused(request, answer))
  )
}

const binary = "application/octet-stream"

const bytesBody = (bytes: Uint8Array): Body => ({ kind: "bytes", bytes, contentType: binary })

/** Bytes put whole. A 308 would be progress and is no success. */
const putWhole = <E, R>(
  redivis: Redivis["Service"],
  url: string,
  source: Source<E, R>,
  streams: boolean
): Effect.Effect<void, E | TransferError, R> => {
  const send = (body: Body) =>
    Effect.flatMap(put(redivis, url, body), (answer) =>
      answer.status === 308
        ? Effect.fail(refused({ method: "PUT", url, body }, answer))
        : Effect.void)
  if (source instanceof Uint8Array) return repeat(send(bytesBody(source)))
  if (!streams) {
    return Effect.flatMap(
      gather(exactly(source.stream, source.size), source.size),
      (bytes) => repeat(send(bytesBody(bytes)))
    )
  }
  return Effect.contextWith((context: Context.Context<R>) => {
    // the body is read inside the HTTP client, which reports a failure of the source as its own
    let failure: Option.Option<E | IntegrityError> = Option.none()
    const stream = exactly(source.stream, source.size).pipe(
      Stream.provideContext(context),
      Stream.tapError((error) =>
        Effect.sync(() => {
          failure = Option.some(error)
        })
      )
    )
    return Effect.catch(
      send({ kind: "stream", stream, size: source.size, contentType: binary }),
      (error) => Effect.fail(Option.isSome(failure) ? failure.value : error)
    )
  })
}

/** Slices of equal length, the last one shorter; each one is a copy, so that it can be sent again. */
const slices = <E, R>(source: Source<E, R>): Stream.Stream<Uint8Array, E | IntegrityError, R> => {
  if (source instanceof Uint8Array) {
    const starts = Array.from(
      { length: Math.max(1, Math.ceil(source.byteLength / sliceSize)) },
      (_, index) => index * sliceSize
    )
    return Stream.map(Stream.fromIterable(starts), (start) => source.subarray(start, start + sliceSize))
  }
  return Stream.suspend(() => {
    let pending = new Uint8Array(sliceSize)
    let filled = 0
    return exactly(source.stream, source.size).pipe(
      Stream.flatMap((chunk) => {
        const whole: Array<Uint8Array> = []
        for (let at = 0; at < chunk.byteLength;) {
          const part = chunk.subarray(at, at + sliceSize - filled)
          pending.set(part, filled)
          filled += part.byteLength
          at += part.byteLength
          if (filled === sliceSize) {
            whole.push(pending)
            pending = new Uint8Array(sliceSize)
            filled = 0
          }
        }
        return Stream.fromIterable(whole)
      }),
      Stream.concat(Stream.suspend(() =>
        // a session of no bytes is completed by a slice of none
        filled > 0 || source.size === 0 ? Stream.succeed(pending.subarray(0, filled)) : Stream.empty
      ))
    )
  })
}

/** The last byte that storage has, of the `Range` of a 308; -1 where it has none. */
const acknowledged = (answer: StorageAnswer): number => {
  const range = /^bytes=0-(\d+)$/.exec(answer.headers.range ?? "")
  return range?.[1] === undefined ? -1 : Number(range[1])
}

const putSlices = <E, R>(
  redivis: Redivis["Service"],
  url: string,
  source: Source<E, R>
): Effect.Effect<void, E | TransferError, R> =>
  Effect.gen(function*() {
    const total = sizeOf(source)
    const request: StorageRequest = {
      method: "POST",
      url,
      headers: { "x-upload-content-length": String(total), "x-goog-resumable": "start" },
      body: undefined
    }
    const started = yield* repeat(Effect.flatMap(storage(redivis, request), (answer) =>
      isSuccess(answer.status) ? Effect.succeed(answer) : Effect.fail(refused(request, answer))))
    const location = started.headers.location
    const session = location !== undefined && URL.canParse(location, url) ? new URL(location, url).href : undefined
    if (session === undefined) {
      return yield* refused(request, { ...started, text: "the session has no Location" })
    }
    let at = 0
    yield* Stream.runForEach(slices(source), (slice) =>
      Effect.gen(function*() {
        const end = at + slice.byteLength
        const range = slice.byteLength === 0 ? `bytes */${total}` : `bytes ${at}-${end - 1}/${total}`
        const answer = yield* repeat(put(redivis, session, bytesBody(slice), { "content-range": range }))
        const isLast = end === total
        if (isLast !== (answer.status !== 308) || (!isLast && acknowledged(answer) !== end - 1)) {
          return yield* new IntegrityError({
            operation: "storage",
            reason: "Size",
            detail: `storage was sent ${end} of ${total} bytes and answers ${answer.status} with ${
              acknowledged(answer) + 1
            } received`
          })
        }
        at = end
      }))
  })

/**
 * Sends bytes to a place that the API handed out, by the protocol that the
 * server chose. Where the runtime cannot stream a body with its length, a
 * stream is gathered first.
 *
 * **Failures**
 *
 * - `UnexpectedStatus`: storage refuses
 * - `IntegrityError`: the source gives another number of bytes than it said, or storage has others than were sent
 * - `TransportError`: the connection failed and the retries are spent; a stream is not sent twice
 *
 * @category transfers
 * @since 0.1.0
 */
export const upload = <E, R>(
  target: Target,
  source: Source<E, R>
): Effect.Effect<void, E | TransferError, Redivis | R> =>
  Effect.gen(function*() {
    const redivis = yield* Redivis
    if (!/^https?:/.test(target.url) || !URL.canParse(target.url)) {
      return yield* new DecodeError({ operation: "storage", path: "url", expected: "an http URL to send the bytes to" })
    }
    return yield* target.resumable
      ? putSlices(redivis, target.url, source)
      : putWhole(redivis, target.url, source, redivis.sending.configuration.platform.streamsBodies)
  })

/** Whether a source should be sent in slices: it is large, or a stream that the runtime cannot send. */
export const wantsResumable = <E, R>(source: Source<E, R>): boolean => sizeOf(source) >= resumableFrom
