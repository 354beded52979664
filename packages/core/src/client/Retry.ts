/**
 * Which failures are tried again, and when.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type * as Operation from "../contract/Operation.ts"
import type { RedivisError } from "../contract/RedivisError.ts"

/**
 * How often and how long a call is tried again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Policy {
  /** Requests in all, the first among them. 1 switches retries off. */
  readonly maxAttempts: number
  /** The wait before the second attempt; each further one is twice as long. */
  readonly baseDelay: Duration.Input
  /** The longest single wait that is not the server's own. */
  readonly maxDelay: Duration.Input
  /** No attempt begins later than this after the first one began, or after something came that was asked for. */
  readonly maxElapsed: Duration.Input
}

/**
 * Five attempts, waits of 0.5 s doubling up to 30 s, five minutes in all.
 *
 * @category constructors
 * @since 0.1.0
 */
export const defaultPolicy: Policy = {
  maxAttempts: 5,
  baseDelay: 500,
  maxDelay: 30_000,
  maxElapsed: 300_000
}

/**
 * One attempt and no more.
 *
 * @category constructors
 * @since 0.1.0
 */
export const never: Policy = { ...defaultPolicy, maxAttempts: 1 }

/**
 * The policy of the calls below.
 *
 * @category services
 * @since 0.1.0
 */
export const CurrentPolicy = Context.Reference<Policy>("@effect-redivis/core/Retry/CurrentPolicy", {
  defaultValue: () => defaultPolicy
})

/**
 * What is told of a retry before its wait.
 *
 * @category models
 * @since 0.1.0
 */
export interface Attempt {
  readonly operation: string
  /** The attempt that failed, counted from 1. */
  readonly attempt: number
  readonly error: RedivisError
  /** The wait before the next attempt, in milliseconds, no shorter than what the server asks for. */
  readonly delay: number
}

/**
 * What is run before each wait.
 *
 * @category services
 * @since 0.1.0
 */
export const CurrentOnRetry = Context.Reference<((attempt: Attempt) => Effect.Effect<void>) | undefined>(
  "@effect-redivis/core/Retry/CurrentOnRetry",
  { defaultValue: () => undefined }
)

/**
 * Changes the policy of all calls in an effect; what is not given stays as it
 * is by default.
 *
 * **Example** (Fail at once)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Retry from "@effect-redivis/core/Retry"
 *
 * const dataset = Dataset.get("demo.penguins").pipe(Retry.withPolicy({ maxAttempts: 1 }))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withPolicy: {
  (policy: Partial<Policy>): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, policy: Partial<Policy>): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, policy: Partial<Policy>): Effect.Effect<A, E, R> =>
    Effect.provideService(self, CurrentPolicy, { ...defaultPolicy, ...policy })
)

/**
 * Runs an effect before each wait for a retry.
 *
 * **Example** (Say so)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Retry from "@effect-redivis/core/Retry"
 * import * as Effect from "effect/Effect"
 *
 * const dataset = Dataset.get("demo.penguins").pipe(
 *   Retry.onRetry(({ delay, error }) => Effect.log(`${error.message} Trying again in ${delay} ms.`))
 * )
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const onRetry: {
  (
    f: (attempt: Attempt) => Effect.Effect<void>
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, f: (attempt: Attempt) => Effect.Effect<void>): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, f: (attempt: Attempt) => Effect.Effect<void>): Effect.Effect<A, E, R> =>
    Effect.provideService(self, CurrentOnRetry, f)
)

/**
 * Whether the failure may be followed by another request of the same operation.
 * `answeredByApi`: the body was the API's own error, so the request was seen
 * and refused rather than lost behind a proxy.
 */
export const isRetryable = (
  operation: Operation.Any,
  error: RedivisError,
  answeredByApi = false
): boolean => {
  const repeatable = operation.repeatable === "always"
  switch (error._tag) {
    case "TooManyRequests":
      return true
    case "ServiceUnavailable":
      return repeatable || answeredByApi
    case "InternalServerError":
      return repeatable
    case "UnexpectedStatus":
      return repeatable && (error.status === 502 || error.status === 504)
    case "TransportError":
      return error.reason !== "Redirect" && error.reason !== "Misconfigured" && (repeatable || error.beforeSending)
    default:
      return false
  }
}
