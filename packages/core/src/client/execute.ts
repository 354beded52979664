/** The executor of operations: attempts and retries under one span a call, whole answers and streams of bytes. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as References from "effect/References"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import type * as Operation from "../contract/Operation.ts"
import { InvalidInput, type RedivisError, type TransportError, type Unauthorized } from "../contract/RedivisError.ts"
import { attempt, type Call, consumeHeaders, consumeWhole, type Failed, type Refused } from "./attempt.ts"
import type { Configuration } from "./configuration.ts"
import * as Credentials from "./Credentials.ts"
import * as RateLimit from "./RateLimit.ts"
import { CurrentHeaders, CurrentRecorder, CurrentTimeout } from "./region.ts"
import { type AnyInput, prepare, type Prepared } from "./request.ts"
import { readErrorText, redactUrl } from "./response.ts"
import * as Retry from "./Retry.ts"
import { headers, send, transportError } from "./send.ts"
import { isTraced } from "./tracing.ts"
import * as Warnings from "./Warnings.ts"

/**
 * A request to a URL that the API handed out.
 *
 * @category models
 * @since 0.1.0
 */
export interface StorageRequest {
  readonly method: "PUT" | "POST"
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body: HttpBody.HttpBody
}

/**
 * What storage answers, whatever its status.
 *
 * @category models
 * @since 0.1.0
 */
export interface StorageAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** How far a call has come. */
interface Progress {
  /** Counted from 1. */
  readonly number: number
  readonly startedAt: number
  readonly refused?: Refused | undefined
}

const notForCallers: ReadonlyArray<string> = ["authorization", "cookie"]

const refusedHeader = (operation: string, set: Readonly<Record<string, string>>): InvalidInput | undefined => {
  for (const name in set) {
    if (notForCallers.includes(name.toLowerCase())) {
      return new InvalidInput({
        operation,
        field: `headers.${name}`,
        reason: "is not for a caller to set: credentials come from the layer"
      })
    }
  }
  return undefined
}

const always = (): boolean => true

/** The call opens the one span; the HTTP client's own would say the same again. */
const withoutInnerSpan = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, HttpClient.TracerDisabledWhen, always)

/** What is waited, in milliseconds, before the next attempt: what the budget waits is not counted here. */
const nextAttempt = (
  call: Call,
  failure: Failed,
  progress: Progress
): Effect.Effect<Progress | undefined> =>
  Effect.gen(function*() {
    const { error } = failure
    if (error._tag === "Unauthorized" && progress.refused === undefined && failure.authorization !== undefined) {
      return { ...progress, refused: { authorization: failure.authorization, error } }
    }
    const { operation, policy } = call
    if (progress.number >= policy.maxAttempts || !Retry.isRetryable(operation, error, failure.answeredByApi)) {
      return undefined
    }
    const now = yield* Clock.currentTimeMillis
    // the budget makes all requests wait until then, this one too
    const budgeted = error._tag === "TooManyRequests" && error.rateLimit !== undefined && error.retryAt !== undefined
      ? RateLimit.waitMillis(error.rateLimit, now)
      : undefined
    const delay = budgeted === undefined ? Retry.delayAfter(policy, progress.number, yield* Random.next) : 0
    if (now - progress.startedAt + (budgeted ?? delay) > Retry.maxElapsedMillis(policy)) {
      return undefined
    }
    const onRetry = yield* Retry.CurrentOnRetry
    if (onRetry !== undefined) {
      yield* onRetry({ operation: operation.name, attempt: progress.number, error, delay: budgeted ?? delay })
    }
    if (delay > 0) yield* Effect.sleep(delay)
    return { number: progress.number + 1, startedAt: progress.startedAt, refused: progress.refused }
  })

/** Attempts until one succeeds or no other may follow. */
const attempts = <A, R>(
  call: Call,
  progress: Progress,
  once: (refused: Refused | undefined) => Effect.Effect<A, Failed, R>
): Effect.Effect<A, RedivisError, R> =>
  Effect.catch(once(progress.refused), (failure) => {
    // the attempt before may have been the one that found it
    if (failure.error._tag === "NotFound" && call.operation.method === "DELETE" && progress.number > 1) {
      return Effect.succeed(undefined as A) // a DELETE of the contract succeeds with nothing, or with the version that is gone
    }
    return Effect.flatMap(nextAttempt(call, failure, progress), (next) => {
      if (next === undefined) return Effect.fail(failure.error)
      call.span?.attribute("redivis.retries", next.number - 1)
      return attempts(call, next, once)
    })
  })

/** Runs an effect in a scope that is closed where it fails or is interrupted. */
const closedOnFailure = <A, E>(
  scope: Scope.Closeable,
  effect: Effect.Effect<A, E, Scope.Scope>
): Effect.Effect<A, E> =>
  Effect.onExit(
    Scope.provide(effect, scope),
    (exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void
  )

/** The client's functions over an `HttpClient`. */
export const makeExecutor = (configuration: Configuration, unscoped: HttpClient.HttpClient) => {
  const client = HttpClient.withScope(unscoped)
  const budget = RateLimit.budgetFor(configuration.endpoint, configuration.account, {
    maxConcurrent: configuration.maxConcurrent
  })
  const whole = consumeWhole(configuration)

  const report = (call: Call, startedAt: number): Effect.Effect<void> =>
    Effect.gen(function*() {
      const made = call.attempts ?? []
      const last = made.at(-1)
      const now = yield* Clock.currentTimeMillis
      if (configuration.debug) {
        const outcome = last?.status ?? last?.error?._tag ?? "no answer"
        yield* Effect.provideService(
          Effect.logDebug(
            `${call.operation.method} ${redactUrl(call.url)} ${outcome} in ${now - startedAt} ms, attempts: ${made.length}`
          ),
          References.MinimumLogLevel,
          "Debug"
        )
      }
      const recorder = yield* CurrentRecorder
      if (recorder !== undefined) {
        const answered = last?.headers ?? {}
        yield* recorder({
          operation: call.operation.name,
          method: call.operation.method,
          url: redactUrl(call.url),
          status: last?.status,
          rateLimit: RateLimit.fromHeaders(answered),
          warnings: Warnings.fromHeaders(answered),
          attempts: made
        })
      }
    })

  const callOf = (
    fiber: Fiber.Fiber<unknown, unknown>,
    operation: Operation.Any,
    prepared: Prepared,
    span: Tracer.Span | undefined
  ): Call => ({
    operation,
    prepared,
    url: configuration.endpoint + prepared.path,
    platform: configuration.platform,
    headers: fiber.getRef(CurrentHeaders),
    timeout: fiber.getRef(CurrentTimeout) ?? configuration.timeout,
    policy: fiber.getRef(Retry.CurrentPolicy),
    warnings: fiber.getRef(Warnings.CurrentWarnings),
    span,
    attempts: configuration.debug || fiber.getRef(CurrentRecorder) !== undefined ? [] : undefined
  })

  /** Runs a call, checked first, under its span. */
  const perform = <A, R>(
    operation: Operation.Any,
    input: AnyInput,
    once: (call: Call, refused: Refused | undefined) => Effect.Effect<A, Failed, R>
  ): Effect.Effect<A, RedivisError, R> =>
    Effect.withFiber((fiber) => {
      const wrongHeader = refusedHeader(operation.name, fiber.getRef(CurrentHeaders))
      if (wrongHeader !== undefined) return Effect.fail(wrongHeader)
      const prepared = prepare(operation, input, configuration.platform.compile)
      if (Result.isFailure(prepared)) return Effect.fail(prepared.failure)
      const run = (span: Tracer.Span | undefined): Effect.Effect<A, RedivisError, R> => {
        const call = callOf(fiber, operation, prepared.success, span)
        const startedAt = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
        const effect = withoutInnerSpan(attempts(call, { number: 1, startedAt }, (refused) => once(call, refused)))
        return call.attempts === undefined ? effect : Effect.ensuring(effect, report(call, startedAt))
      }
      return isTraced(fiber)
        ? Effect.useSpan(operation.name, {
          kind: "client",
          attributes: {
            "redivis.operation": operation.name,
            "http.request.method": operation.method,
            ...(prepared.success.reference === undefined ? {} : { "redivis.reference": prepared.success.reference })
          }
        }, run)
        : run(undefined)
    })

  const execute = (operation: Operation.Any, input: AnyInput): Effect.Effect<unknown, RedivisError> =>
    perform(
      operation,
      input,
      (call, refused) =>
        Effect.suspend(() =>
          // the scope holds nothing but the abortion of the request, which costs much where the answer was read whole
          closedOnFailure(Scope.makeUnsafe(), attempt(configuration, client, budget, call, whole, refused))
        )
    )

  /** An attempt whose scope ends with it where it fails, and lives on with the outer one where it succeeds. */
  const open = (call: Call, refused: Refused | undefined) =>
    Effect.flatMap(Effect.scope, (outer) =>
      Effect.flatMap(
        Scope.fork(outer),
        (inner) => closedOnFailure(inner, attempt(configuration, client, budget, call, consumeHeaders, refused))
      ))

  const bytesOf = (
    operation: Operation.Any,
    response: HttpClientResponse.HttpClientResponse
  ): Stream.Stream<Uint8Array, TransportError> => {
    const at = {
      operation: operation.name,
      method: operation.method,
      url: response.url,
      platform: configuration.platform
    }
    return response.stream.pipe(
      Stream.mapError((failure) => transportError(at, "BodyBroken", failure, response.status)),
      Stream.timeoutOrElse({
        duration: configuration.idleTimeout,
        orElse: () => Stream.suspend(() => Stream.fail(transportError(at, "IdleTimeout", undefined, response.status)))
      })
    )
  }

  const stream = (operation: Operation.Any, input: AnyInput): Stream.Stream<Uint8Array, RedivisError> =>
    Stream.unwrap(Effect.map(perform(operation, input, open), (response) => bytesOf(operation, response)))

  /** The token goes along only where the caller trusts the origin, or it is the API's own. */
  const storage = (request: StorageRequest): Effect.Effect<StorageAnswer, InvalidInput | Unauthorized | TransportError> =>
    Effect.gen(function*() {
      const timeout = yield* CurrentTimeout
      const token = yield* configuration.credentials
      const authorization = token === undefined ? undefined : Credentials.authorization(token)
      if (typeof authorization === "object") return yield* authorization
      const at = { operation: "storage", method: request.method, url: request.url, platform: configuration.platform }
      const exchange = Effect.scoped(Effect.flatMap(
        send(client, {
          ...at,
          body: request.body,
          headersFor: (url) => {
            const pairs: Record<string, string> = { ...request.headers }
            const { origin } = new URL(url)
            const trusted = origin === configuration.origin || configuration.trustedStorageOrigins.includes(origin)
            if (trusted && authorization !== undefined) pairs.authorization = authorization
            return headers(pairs)
          }
        }),
        (response) =>
          Effect.map(
            readErrorText(response),
            (text) => ({ status: response.status, headers: { ...response.headers }, text })
          )
      ))
      return yield* withoutInnerSpan(
        timeout === undefined ? exchange : Effect.timeoutOrElse(exchange, {
          duration: timeout,
          orElse: () => Effect.fail(transportError(at, "Timeout"))
        })
      )
    })

  return { execute, stream, storage }
}
