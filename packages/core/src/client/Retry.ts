/**
 * Which failures are tried again, and when.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type * as Schedule from "effect/Schedule"
import type * as Operation from "../contract/Operation.ts"
import type { RedivisError } from "../contract/RedivisError.ts"
import { isTime } from "./call/time.ts"
import { defined } from "./defined.ts"
import type { Region } from "./Client.ts"
import { change, set } from "./regional.ts"

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
  /**
   * Takes the place of the growing pauses: it is stepped with the error after
   * each failed attempt, anew for each call, and no attempt follows its end.
   * `maxAttempts` and `maxElapsed` bound it all the same, and what the server
   * asks for is waited where it is longer. {@link RateLimit.schedule} is for
   * around a program, not for here.
   */
  readonly schedule?: Schedule.Schedule<unknown, RedivisError> | undefined
  /** Forbids attempts where it is false. What is not safe to repeat is not repeated for it. */
  readonly while?: ((error: RedivisError) => boolean) | undefined
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
 * Changes the policy of all calls in an effect or a stream; what is not given
 * stays as it is around it. Numbers that are none, negative times and fewer
 * attempts than one are refused by the calls (`InvalidInput`).
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
 * **Example** (Every second, and not where the server is down)
 *
 * ```ts
 * import * as Retry from "@effect-redivis/core/Retry"
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Schedule from "effect/Schedule"
 *
 * const rows = Table.rows("demo.penguins.birds").pipe(
 *   Retry.withPolicy({ schedule: Schedule.spaced("1 second"), while: (error) => error._tag !== "ServiceUnavailable" })
 * )
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withPolicy: {
  (policy: Partial<Policy>): <S extends Region>(self: S) => S
  <S extends Region>(self: S, policy: Partial<Policy>): S
} = dual(2, <S extends Region>(self: S, policy: Partial<Policy>): S => {
  const given = defined(policy)
  return set(change(self, CurrentPolicy, (outer) => ({ ...outer, ...given })), (outer) => outer, wrongIn(given))
})

/** What is wrong with a policy, by the names of its fields. */
const wrongIn = ({ maxAttempts, ...policy }: Partial<Policy>): Readonly<Record<string, string | undefined>> => {
  const wrong: Record<string, string | undefined> = {}
  if (maxAttempts !== undefined) {
    wrong["policy.maxAttempts"] = maxAttempts >= 1 ? undefined : "must be a number from 1 on"
  }
  for (const field of ["baseDelay", "maxDelay", "maxElapsed"] as const) {
    const time = policy[field]
    if (time !== undefined) {
      wrong[`policy.${field}`] = isTime(time) ? undefined : "must be a duration that is not negative"
    }
  }
  return wrong
}

/**
 * Runs an effect before each wait for a retry of the calls in an effect or a
 * stream.
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
  (f: (attempt: Attempt) => Effect.Effect<void>): <S extends Region>(self: S) => S
  <S extends Region>(self: S, f: (attempt: Attempt) => Effect.Effect<void>): S
} = dual(
  2,
  <S extends Region>(self: S, f: (attempt: Attempt) => Effect.Effect<void>): S => change(self, CurrentOnRetry, () => f)
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
