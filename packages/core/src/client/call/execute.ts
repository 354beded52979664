/** The executor of operations: attempts and retries under one span a call, whole answers and bodies in pieces. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as References from "effect/References"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import type * as Operation from "../../contract/Operation.ts"
import { InvalidInput, type RedivisError, type TransportError } from "../../contract/RedivisError.ts"
import {
  attempt,
  type Call,
  consumeHeaders,
  consumeWhole,
  type Failed,
  type Refused,
  type Sending,
  withinTime
} from "./attempt.ts"
import type { Configuration } from "./configuration.ts"
import * as RateLimit from "../RateLimit.ts"
import { aside } from "./log.ts"
import { redactUrl } from "./redactUrl.ts"
import { CurrentHeaders, CurrentRecorder, CurrentTimeout } from "../region.ts"
import { type AnyInput, prepare, type Prepared } from "./request.ts"
import * as Retry from "../Retry.ts"
import { transportError } from "./send.ts"
import { tracerOf, useSpan } from "./tracing.ts"
import type { TransportResponse } from "./transport.ts"
import * as Warnings from "../Warnings.ts"

/** How far a call has come. */
interface Progress {
  /** Counted from 1. */
  readonly number: number
  readonly startedAt: number
  readonly refused?: Refused | undefined
}

const notForCallers: ReadonlyArray<string> = ["authorization", "cookie"]

const headerName = /^[\w!#$%&'*+\-.^`|~]+$/

const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/

/** What is wrong with a header; a runtime's own refusal would show its value. */
const headerProblem = (name: string, value: string): string | undefined =>
  notForCallers.includes(name.toLowerCase())
    ? "is not for a caller to set: credentials come from the layer"
    : !headerName.test(name)
    ? "is no name that a header can have"
    : !headerValue.test(value)
    ? "has a value that no header can carry, as one with a line break"
    : undefined

/** What is wrong with what the region sets. */
const refusedRegion = (
  operation: string,
  set: Readonly<Record<string, string>>,
  timeout: number | undefined
): InvalidInput | undefined => {
  for (const name in set) {
    const reason = headerProblem(name, set[name] ?? "")
    if (reason !== undefined) return new InvalidInput({ operation, field: `headers.${name}`, reason })
  }
  return timeout === undefined || timeout > 0
    ? undefined
    : new InvalidInput({ operation, field: "timeout", reason: "is not a duration longer than 0" })
}

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
    if (now - (call.firstAnsweredAt ?? progress.startedAt) + (budgeted ?? delay) > Retry.maxElapsedMillis(policy)) {
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

/** The bytes of an answer, as somebody pulls them. */
export interface Bytes {
  /** What the answer's URL was, without credentials. */
  readonly url: string
  readonly status: number
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether there may be others that cannot be seen. */
  readonly hidesHeaders?: boolean
  /** The next bytes; `undefined` after the last. */
  readonly pull: Effect.Effect<Uint8Array | undefined, TransportError>
}

const callOf = (
  configuration: Configuration,
  fiber: Fiber.Fiber<unknown, unknown>,
  operation: Operation.Any,
  prepared: Prepared,
  span: Tracer.Span | undefined
): Call => ({
  operation,
  prepared,
  url: configuration.endpoint + prepared.path,
  headers: fiber.getRef(CurrentHeaders),
  timeout: fiber.getRef(CurrentTimeout) ?? configuration.timeout,
  policy: fiber.getRef(Retry.CurrentPolicy),
  warnings: fiber.getRef(Warnings.CurrentWarnings),
  span,
  attempts: configuration.debug || fiber.getRef(CurrentRecorder) !== undefined ? [] : undefined,
  firstAnsweredAt: undefined,
  rateLimit: {}
})

/** Tells the log and the region's recorder what was exchanged. */
const report = (configuration: Configuration, call: Call, startedAt: number): Effect.Effect<void> =>
  Effect.gen(function*() {
    const made = call.attempts ?? []
    const last = made.at(-1)
    const now = yield* Clock.currentTimeMillis
    if (configuration.debug) {
      const outcome = [last?.status ?? "no answer", last?.error?._tag].filter((part) => part !== undefined).join(" ")
      yield* Effect.provideService(
        aside(
          "Debug",
          `${call.operation.method} ${redactUrl(call.url)} ${outcome} in ${
            now - startedAt
          } ms, attempts: ${made.length}`
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
        rateLimit: call.rateLimit,
        warnings: Warnings.fromHeaders(answered),
        attempts: made
      }, call.body)
    }
  })

/** Runs a call, checked first, under its span. */
const perform = <A, R>(
  configuration: Configuration,
  operation: Operation.Any,
  input: AnyInput,
  once: (call: Call, refused: Refused | undefined) => Effect.Effect<A, Failed, R>
): Effect.Effect<A, RedivisError, R> =>
  Effect.withFiber((fiber) => {
    const wrong = refusedRegion(operation.name, fiber.getRef(CurrentHeaders), fiber.getRef(CurrentTimeout))
    if (wrong !== undefined) return Effect.fail(wrong)
    const prepared = prepare(operation, input, configuration.platform.compile)
    if (Result.isFailure(prepared)) return Effect.fail(prepared.failure)
    const run = (span: Tracer.Span | undefined): Effect.Effect<A, RedivisError, R> => {
      const call = callOf(configuration, fiber, operation, prepared.success, span)
      const startedAt = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
      const effect = attempts(call, { number: 1, startedAt }, (refused) => once(call, refused))
      return call.attempts === undefined ? effect : Effect.ensuring(effect, report(configuration, call, startedAt))
    }
    const tracer = tracerOf(fiber)
    return tracer === undefined ? run(undefined) : useSpan(
      fiber,
      tracer,
      operation.name,
      {
        "redivis.operation": operation.name,
        "http.request.method": operation.method,
        ...(prepared.success.reference === undefined ? {} : { "redivis.reference": prepared.success.reference })
      },
      run
    )
  })

/** The client's functions. */
export const makeExecutor = (sending: Sending) => {
  const { configuration } = sending

  const execute = (operation: Operation.Any, input: AnyInput): Effect.Effect<unknown, RedivisError> =>
    perform(
      configuration,
      operation,
      input,
      (call, refused) => Effect.suspend(() => attempt(sending, call, consumeWhole, refused, new AbortController()))
    )

  const bytesOf = (operation: Operation.Any, response: TransportResponse, controller: AbortController): Bytes => {
    const at = {
      operation: operation.name,
      method: operation.method,
      url: response.url,
      platform: configuration.platform
    }
    const { headers, status } = response
    return {
      url: redactUrl(response.url),
      status,
      headers,
      hidesHeaders: configuration.platform.hidesHeaders,
      pull: withinTime(
        Effect.mapError(response.pull, (failure) => transportError(at, "BodyBroken", failure, status)),
        configuration.idleTimeout,
        controller,
        () => transportError(at, "IdleTimeout", undefined, status)
      )
    }
  }

  const open = (operation: Operation.Any, input: AnyInput): Effect.Effect<Bytes, RedivisError, Scope.Scope> =>
    perform(configuration, operation, input, (call, refused) =>
      Effect.suspend(() => {
        const controller = new AbortController()
        return Effect.flatMap(
          attempt(sending, call, consumeHeaders, refused, controller),
          (response) =>
            Effect.flatMap(Effect.scope, (scope) =>
              Effect.as(
                Scope.addFinalizer(scope, Effect.sync(() => controller.abort())),
                bytesOf(operation, response, controller)
              ))
        )
      }))

  return { execute, open }
}
