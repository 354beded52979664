/**
 * Bytes to storage: whole, or in slices of a resumable session.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { defined } from "../client/defined.ts"
import { urlIn } from "../client/call/bounds.ts"
import { executeAt, type StorageAnswer, type StorageRequest } from "../client/call/execute.ts"
import type { Body } from "../client/call/transport.ts"
import { type Executor, executor, type Redivis } from "../client/service.ts"
import { type Common, DecodeError, IntegrityError, InvalidInput } from "../contract/RedivisError.ts"
import * as storage from "../contract/storage.ts"

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
export type TransferError = Common | IntegrityError

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

/** The failure where the server names fewer places than it was asked for. */
export const missingPlace = (operation: string, index: number): DecodeError =>
  new DecodeError({ operation, path: `results[${index}]`, expected: "a place in storage for all that was asked for" })

/** From this size on a resumable session is asked for, in bytes. */
export const resumableFrom = 32 * 1024 * 1024

/** A multiple of 256 KiB, as storage wants all slices but the last to be. */
const sliceSize = 8 * 1024 * 1024

/** Bytes, also those of another realm, as `Buffer` is to what runs in one of its own. */
export const isBytes = (source: unknown): source is Uint8Array =>
  Object.prototype.toString.call(source) === "[object Uint8Array]"

/** The size of a source in bytes. */
export const sizeOf = <E, R>(source: Source<E, R>): number => isBytes(source) ? source.byteLength : source.size

/** What a value that is no source is called. */
const kindOf = (value: unknown): string =>
  typeof value === "object" ? Object.prototype.toString.call(value).slice("[object ".length, -1) : typeof value

/** What is wrong with a source, which types alone do not hold: a program may be in JavaScript. */
export const refusedSource = (source: unknown, field = "data", operation?: string): InvalidInput | undefined => {
  if (isBytes(source)) return undefined
  const { size, stream } = Object(source) as { readonly size?: unknown; readonly stream?: unknown } // nothing is expected of them
  const isStream = Stream.isStream(stream)
  if (isStream && Number.isSafeInteger(size) && Number(size) >= 0) return undefined
  return new InvalidInput(defined({
    operation,
    field: isStream ? `${field}.size` : field,
    reason: isStream
      ? "must be the number of bytes of the stream"
      : `must be a Uint8Array, or { stream, size } with a Stream of Effect, and is ${
        kindOf(source) === "Object" ? `an object with ${kindOf(stream)} as stream` : kindOf(source)
      }`
  }))
}

const wrongSize = (expected: number, got: string): IntegrityError =>
  new IntegrityError({
    operation: storage.put.name,
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

const binary = "application/octet-stream"

const bytesBody = (bytes: Uint8Array): Body => ({ kind: "bytes", bytes, contentType: binary })

/** Bytes put whole. */
const putWhole = <E, R>(
  { sending }: Executor,
  url: URL,
  source: Source<E, R>
): Effect.Effect<void, E | TransferError, R> => {
  const send = (body: Body): Effect.Effect<void, TransferError> =>
    Effect.asVoid(executeAt(sending, storage.put, { url, isStrayed: false, body }))
  if (isBytes(source)) return send(bytesBody(source))
  if (!sending.configuration.platform.streamsBodies) {
    return Effect.flatMap(
      gather(exactly(source.stream, source.size), source.size),
      (bytes) => send(bytesBody(bytes))
    )
  }
  return Effect.contextWith((context: Context.Context<R>) => {
    // the body is read inside the HTTP client, which reports what the source ends with as a failure of its own
    let ended: Cause.Cause<E | IntegrityError> | undefined
    const stream = exactly(source.stream, source.size).pipe(
      Stream.provideContext(context),
      Stream.tapCause((cause) =>
        Effect.sync(() => {
          ended = cause
        })
      )
    )
    return Effect.catch(
      send({ kind: "stream", stream, size: source.size, contentType: binary }),
      (error): Effect.Effect<never, E | TransferError> =>
        ended === undefined ? Effect.fail(error) : Effect.failCause(ended)
    )
  })
}

/** Slices of equal length, the last one shorter; each one is a copy, so that it can be sent again. */
const slices = <E, R>(source: Source<E, R>): Stream.Stream<Uint8Array, E | IntegrityError, R> => {
  if (isBytes(source)) {
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
  { sending }: Executor,
  url: URL,
  source: Source<E, R>
): Effect.Effect<void, E | TransferError, R> =>
  Effect.gen(function*() {
    const total = sizeOf(source)
    const started = yield* executeAt(sending, storage.start, {
      url,
      isStrayed: false,
      headers: { "x-upload-content-length": String(total), "x-goog-resumable": "start" }
    })
    const session = urlIn(started.headers.location, url.href)
    if (session === undefined) {
      return yield* new DecodeError({
        operation: storage.start.name,
        method: "POST",
        url: `${url.origin}${url.pathname}`,
        status: started.status,
        path: "Location",
        expected: "a URL to send the bytes to"
      })
    }
    const put = (request: Omit<StorageRequest, "url" | "isStrayed">) =>
      // what another origin names gets no token
      executeAt(sending, storage.putSlice, { ...request, url: session, isStrayed: session.origin !== url.origin })
    let at = 0
    yield* Stream.runForEach(slices(source), (slice) =>
      Effect.gen(function*() {
        const end = at + slice.byteLength
        const range = slice.byteLength === 0 ? `bytes */${total}` : `bytes ${at}-${end - 1}/${total}`
        const answer = yield* put({ body: bytesBody(slice), headers: { "content-range": range } })
        const isLast = end === total
        if (isLast !== (answer.status !== 308) || (!isLast && acknowledged(answer) !== end - 1)) {
          return yield* new IntegrityError({
            operation: storage.putSlice.name,
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
 * - `InvalidInput`: the source is neither bytes nor a stream with its size
 * - `DecodeError`: the server names no URL that bytes may be sent to
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
    const refused = refusedSource(source, "source")
    if (refused !== undefined) return yield* refused
    const redivis = yield* executor
    const url = urlIn(target.url, redivis.endpoint)
    if (url === undefined) {
      return yield* new DecodeError({
        operation: storage.put.name,
        path: "url",
        expected: "a URL to send the bytes to, by https where the API's is"
      })
    }
    return yield* (target.resumable ? putSlices : putWhole)(redivis, url, source)
  })

/** Whether a source should be sent in slices: it is large, or a stream that the runtime cannot send. */
export const wantsResumable = <E, R>(source: Source<E, R>): boolean => sizeOf(source) >= resumableFrom
