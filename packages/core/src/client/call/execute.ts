/** The executor of operations: attempts and retries under one span a call, whole answers and bodies in pieces. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import type * as Operation from "../../contract/Operation.ts"
import { type Common, InvalidInput, type RedivisError, type TransportError } from "../../contract/RedivisError.ts"
import { begin, type Call, type Consume, consumeWhole, type Refused, run, type Sending } from "./attempt.ts"
import { readBeginning } from "./bounds.ts"
import { placeOf, transportError } from "./failure.ts"
import { aside } from "./log.ts"
import { openBodies } from "./openBodies.ts"
import { parseText } from "./response.ts"
import { type AnyInput, prepare, type Prepared, type Write } from "./request.ts"
import { shownUrl } from "./shown.ts"
import { tracerOf, useSpan } from "./tracing.ts"
import type { Body, TransportResponse } from "./transport.ts"
import * as Presence from "../presence.ts"
import { CurrentSettings } from "../region.ts"
import * as Retry from "../Retry.ts"
import { again, type Steps } from "../retrying.ts"
import * as RateLimit from "../RateLimit.ts"
import * as Warnings from "../Warnings.ts"

/** How far a call has come. */
interface Progress {
  /** Counted from 1. */
  readonly number: number
  /** Where the policy's schedule stands. */
  readonly steps: Steps
  readonly startedAt: number
  readonly refused?: Refused | undefined
  /** Whether an attempt before may have taken effect. */
  readonly mayBeDone: boolean
}

/** Attempts until one succeeds or no other may follow. */
const attempts = <A, R>(
  call: Call,
  progress: Progress,
  consume: Consume<A, R>
): Effect.Effect<A, RedivisError, R> => {
  const { operation, prepared } = call
  const { number, refused, startedAt, steps } = progress
  const attempt = begin(call)
  return Effect.catch(run(attempt, consume, refused), (error): Effect.Effect<A, RedivisError, R> => {
    const { isDone, isSaidByApi, token } = attempt
    // the attempt before may have been the one that found it
    if (error._tag === "NotFound" && operation.method === "DELETE" && progress.mayBeDone) {
      return Effect.succeed(undefined as A) // a DELETE of the contract succeeds with nothing, or with the version that is gone
    }
    if (error._tag === "Unauthorized" && refused === undefined && token !== undefined && !isDone) {
      return attempts(call, { ...progress, refused: { token, error } }, consume)
    }
    return Effect.flatMap(
      again({
        operation: operation.name,
        error,
        attempt: number,
        steps,
        since: call.firstAnsweredAt ?? startedAt,
        // what a stream gave is gone, and what is done is not done again
        isRepeatable: prepared.body?.kind !== "stream" && (!isDone || operation.repeatable === "always") &&
          Retry.isRetryable(operation, error, isSaidByApi),
        isStorage: prepared.place !== undefined
      }),
      (isNext) => {
        if (!isNext) return Effect.fail(error)
        call.span?.attribute("redivis.retries", number)
        // what may be repeated although it must be done once, did nothing
        const didNothing = Retry.isRetryable({ ...operation, repeatable: "never" }, error, isSaidByApi)
        return attempts(
          call,
          { ...progress, number: number + 1, mayBeDone: progress.mayBeDone || !didNothing },
          consume
        )
      }
    )
  })
}

/** The bytes of an answer, as somebody pulls them. */
export interface Bytes<E = TransportError> {
  /** What the answer's URL was, without credentials. */
  readonly url: string
  readonly status: number
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether there may be others that cannot be seen. */
  readonly hidesHeaders?: boolean
  /** The next bytes; `undefined` after the last. */
  readonly pull: Effect.Effect<Uint8Array | undefined, E>
}

/** A page to which nothing is exposed sees neither the encoding nor which part it got. */
export const isHidden = ({ headers, hidesHeaders }: Omit<Bytes, "pull">): boolean =>
  hidesHeaders === true && headers["accept-ranges"] === undefined

/** Prints what was exchanged, for who debugs. */
const print = (call: Call, startedAt: number, now: number): Effect.Effect<void> => {
  const made = call.attempts ?? []
  const last = made.at(-1)
  const { method, url } = placeOf(call)
  const outcome = `${last?.response?.status ?? "no answer"}${last?.error ? ` ${last.error._tag}` : ""}`
  return Effect.provideService(
    aside("Debug", `${method} ${url} ${outcome} in ${now - startedAt} ms, attempts: ${made.length}`),
    References.MinimumLogLevel,
    "Debug"
  )
}

const urls = /https?:\/\/[^\s"'<>\\]+/g

/** Runs a call, checked first, under its span. */
const runCall = <A, R>(
  sending: Sending,
  budget: RateLimit.Budget | undefined,
  operation: Operation.Any,
  prepared: Prepared,
  consume: Consume<A, R>
): Effect.Effect<A, RedivisError, R> =>
  Effect.withFiber((fiber) => {
    const { credentials, headers, recorder, timeout, wrong } = fiber.getRef(CurrentSettings)
    for (const field in wrong) {
      const reason = wrong[field]
      if (reason !== undefined) return Effect.fail(new InvalidInput({ operation: operation.name, field, reason }))
    }
    const { configuration } = sending
    const under = (span: Tracer.Span | undefined): Effect.Effect<A, RedivisError, R> => {
      const call: Call = {
        sending,
        budget,
        operation,
        prepared,
        credentials: credentials ?? configuration.credentials,
        headers,
        timeout: timeout ?? configuration.timeout + (prepared.place?.millis ?? 0),
        warnings: fiber.getRef(Warnings.CurrentWarnings),
        span,
        attempts: configuration.debug || recorder !== undefined ? [] : undefined,
        firstAnsweredAt: undefined,
        rateLimit: {},
        redact: (text) => text.replaceAll(urls, (url) => shownUrl(url, configuration.origin))
      }
      const clock = fiber.getRef(Clock.Clock)
      const startedAt = clock.currentTimeMillisUnsafe()
      const effect = attempts(call, { number: 1, startedAt, steps: {}, mayBeDone: false }, consume)
      return call.attempts === undefined ? effect : Effect.onExit(effect, () =>
        Effect.andThen(
          configuration.debug ? print(call, startedAt, clock.currentTimeMillisUnsafe()) : Effect.void,
          recorder?.(call) ?? Effect.void
        ))
    }
    const tracer = tracerOf(fiber)
    return tracer === undefined ? under(undefined) : useSpan(
      fiber,
      tracer,
      operation.name,
      {
        "redivis.operation": operation.name,
        "http.request.method": operation.method,
        ...(prepared.reference === undefined ? {} : { "redivis.reference": prepared.reference })
      },
      under
    )
  })

/** Leaves the body to whoever pulls it, until the scope closes. */
const consumeBytes: Consume<Bytes, Scope.Scope> = (attempt, response) =>
  Effect.gen(function*() {
    const { call, controller } = attempt
    const { headers, status, url } = response
    const { idleTimeout, platform } = call.sending.configuration
    const bodies = openBodies(url || call.prepared.url)
    const body = { heardAt: 0, lease: Presence.silenceMillis }
    Presence.hear(bodies, body, body)
    /** When the consumer began to wait, while it does. */
    let waitingSince: number | undefined
    let isLate = false
    // one watch a body: a timer for each of its pieces costs more than reading it
    const watch: Effect.Effect<void> = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      Presence.hear(bodies, body, body)
      const left = waitingSince === undefined ? idleTimeout : waitingSince + idleTimeout - now
      if (left > 0) {
        return Effect.andThen(
          Effect.sleep(Math.min(left, Presence.beatMillis)),
          Effect.suspend(() => watch)
        )
      }
      isLate = true
      controller.abort()
      return Effect.void
    })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        bodies.holders.delete(body)
        controller.abort()
      })
    )
    yield* Effect.forkScoped(watch)
    return {
      url: call.redact(placeOf(call, url).url),
      status,
      headers,
      hidesHeaders: platform.hidesHeaders,
      pull: Effect.withFiber((fiber) => {
        waitingSince = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
        return Effect.onExitPrimitive(
          Effect.mapError(response.pull, (failure) =>
            isLate
              ? transportError(attempt, "IdleTimeout", { status, url })
              : transportError(attempt, "BodyBroken", { failure, status, url })),
          () => {
            waitingSince = undefined
            return undefined
          }
        )
      })
    }
  })

/** Sends one operation and does with its answer what `consume` does. */
export const perform = <A, R>(
  sending: Sending,
  operation: Operation.Any,
  input: AnyInput,
  consume: Consume<A, R>,
  write?: Write
): Effect.Effect<A, RedivisError, R> =>
  Effect.suspend(() => {
    const ready = prepare(operation, input, sending.configuration, write)
    return Result.isFailure(ready)
      ? Effect.fail(ready.failure)
      : runCall(sending, undefined, operation, ready.success, consume)
  })

/** Sends one operation and gives its decoded answer. */
export const execute = (
  sending: Sending,
  operation: Operation.Any,
  input: AnyInput,
  write?: Write
): Effect.Effect<unknown, RedivisError> => perform(sending, operation, input, consumeWhole, write)

/** Sends one operation and gives its answer's bytes to be pulled, until the scope closes. */
export const open = (
  sending: Sending,
  operation: Operation.Any,
  input: AnyInput
): Effect.Effect<Bytes, RedivisError, Scope.Scope> => perform(sending, operation, input, consumeBytes)

/** What storage answers. */
export interface StorageAnswer {
  readonly status: number
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** What is sent to a place of storage. */
export interface StorageRequest {
  readonly url: URL
  /** Whether another origin than its own named the URL. */
  readonly isStrayed: boolean
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Body | undefined
}

/** Reads what there is, which frees the socket, or closes it where there is more than anybody would say. */
const consumeStorage: Consume<StorageAnswer> = ({ controller }, response: TransportResponse) =>
  Effect.map(readBeginning(response), ({ isWhole }) => {
    if (!isWhole) controller.abort()
    return { status: response.status, headers: response.headers }
  })

/** How many requests to storage one client has on their way at once. */
const widths = /*#__PURE__*/ new WeakMap<Sending, RateLimit.Budget>()

const widthOf = (sending: Sending): RateLimit.Budget => {
  const known = widths.get(sending)
  if (known !== undefined) return known
  const made = RateLimit.makeWidth(sending.configuration.platform.bodies)
  widths.set(sending, made)
  return made
}

/** A link that is slower than this, in bytes a millisecond, has to be given more time by `Redivis.withTimeout`. */
const slowestBytesPerMilli = 20

const sizeOf = (body: Body | undefined): number =>
  body?.kind === "bytes"
    ? body.bytes.byteLength
    : body?.kind === "blob"
    ? body.blob.size
    : body?.kind === "stream"
    ? body.size
    : 0

/** What storage says of a request may have its signature in it. */
const withoutValuesOf = ({ search, searchParams }: URL, text: string): string =>
  [...search.slice(1).split("&").map((pair) => pair.slice(pair.indexOf("=") + 1)), ...searchParams.values()]
    .filter(({ length }) => length >= 8)
    .reduce((shown, value) => shown.replaceAll(value, "<signature>"), text)

/** Sends an operation to a place of storage, as all others are sent. */
export const executeAt = (
  sending: Sending,
  operation: Operation.Any,
  { body, headers, isStrayed, url }: StorageRequest
): Effect.Effect<StorageAnswer, Common> =>
  Effect.suspend(() =>
    runCall(sending, widthOf(sending), operation, {
      url: url.href,
      body,
      headers,
      reference: undefined,
      asked: undefined,
      place: {
        isStrayed,
        getsToken: !isStrayed &&
          [sending.configuration.origin, ...sending.configuration.trustedStorageOrigins].includes(url.origin),
        millis: sizeOf(body) / slowestBytesPerMilli,
        read: (text, redact) => parseText(withoutValuesOf(url, text), redact)
      }
    }, consumeStorage) as Effect.Effect<StorageAnswer, Common> // storage's operations have no failures of their own
  )
