/** Whether and when another attempt follows a failed one: the one place where that is decided. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { RedivisError } from "../contract/RedivisError.ts"
import * as RateLimit from "./RateLimit.ts"
import * as Retry from "./Retry.ts"

/** Where a policy's schedule stands, for one loop of attempts. */
export interface Steps {
  step?: (now: number, error: RedivisError) => Pull.Pull<[unknown, Duration.Duration], never, unknown>
}

/** An attempt that failed. */
export interface FailedAttempt {
  readonly operation: string
  readonly error: RedivisError
  /** Counted from 1, since something came. */
  readonly attempt: number
  readonly steps: Steps
  /** When the first of them began, in milliseconds of the clock. */
  readonly since: number
  /** Whether what was asked for may be asked for again after this failure. */
  readonly isRepeatable: boolean
  /** Whether it is for storage, which no budget holds back for as long as the server asks for. */
  readonly isStorage?: boolean
}

/** The wait before attempt `attempt + 1`, in milliseconds: exponential, with the upper half drawn by `random` (0 to 1). */
const delayAfter = (policy: Retry.Policy, attempt: number, random: number): number => {
  const longest = Math.min(
    Duration.toMillis(policy.baseDelay) * 2 ** (attempt - 1),
    Duration.toMillis(policy.maxDelay)
  )
  return Math.round(longest / 2 + (longest / 2) * random)
}

/** The milliseconds that the server asks for; `undefined` where it asks for none. */
const askedFor = (error: RedivisError, now: number): number | undefined => {
  // the end of a window is a word on when to come again only to who was refused for it
  const rateLimit = "rateLimit" in error ? error.rateLimit : undefined
  const isTold = error._tag === "TooManyRequests" ? error.retryAt : rateLimit?.retryAt
  return rateLimit === undefined || isTold === undefined ? undefined : RateLimit.waitMillis(rateLimit, now)
}

/**
 * Waits until the next attempt, after telling who wants to know, and succeeds
 * with whether there is to be one: by the region's policy, and no earlier than
 * the server asks for.
 */
export const again = Effect.fnUntraced(function*(
  { attempt, error, isStorage, isRepeatable, operation, since, steps }: FailedAttempt
): Effect.fn.Return<boolean> {
  const policy = yield* Retry.CurrentPolicy
  const { maxAttempts, maxElapsed, schedule } = policy
  if (!isRepeatable || !(attempt < maxAttempts) || policy.while?.(error) === false) return false
  const now = (yield* Clock.Clock).currentTimeMillisUnsafe()
  const asked = askedFor(error, now)
  let pause: number
  if (schedule) {
    // after something came the schedule begins anew
    if (attempt === 1) delete steps.step
    steps.step ??= yield* Schedule.toStep(schedule)
    const next = yield* Effect.catch(steps.step(now, error), () => Effect.succeed(undefined))
    if (!next) return false
    pause = Duration.toMillis(next[1])
  } else {
    pause = delayAfter(policy, attempt, (yield* Random.Random).nextDoubleUnsafe())
  }
  // the budget makes all requests wait until then, this one too
  const isHeld = !isStorage && error._tag === "TooManyRequests" && asked !== undefined && !(schedule && pause > asked)
  const delay = isHeld ? asked : Math.max(asked ?? 0, pause)
  if (now - since + delay > Duration.toMillis(maxElapsed)) return false
  const onRetry = yield* Retry.CurrentOnRetry
  if (onRetry !== undefined) yield* onRetry({ operation, attempt, error, delay })
  if (!isHeld && delay > 0) yield* Effect.sleep(delay)
  return true
})
