/** Waiting for a job of the service: a query, an import, a release. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { DeadlineExceeded, InvalidInput, JobCancelled, JobFailed } from "../contract/RedivisError.ts"
import { isTime } from "./call/time.ts"

/**
 * How a job is waited for. Interrupting the wait stops asking; the job goes on.
 *
 * @category models
 * @since 0.1.0
 */
export interface WaitOptions<A> {
  /**
   * How long to wait at most, the requests that ask how it stands included; then
   * `DeadlineExceeded`, and the job goes on. It counts from when the job has been
   * started, for a query from the request that starts it.
   *
   * @default no limit
   */
  readonly deadline?: Duration.Input | undefined
  /** Run with each state that was asked for, the last one included. */
  readonly onProgress?: ((job: A) => Effect.Effect<void>) | undefined
}

/**
 * What a wait can end in beside the job's completion.
 *
 * @category models
 * @since 0.1.0
 */
export type JobError = JobFailed | JobCancelled | DeadlineExceeded

/** What a wait needs to know of a job. */
export interface Job<A> {
  readonly kind: string
  readonly id: string
  readonly status: (job: A) => string | null | undefined
  readonly errorMessage: (job: A) => string | null | undefined
}

const firstPause = 50
const longestPause = 5_000

/** Where a message says that it went wrong, as in `Unrecognized name: x at [1:8]`. What it quotes stands before. */
const positionIn = (message: string): JobFailed["position"] => {
  const [, line, column] = [...message.matchAll(/ at \[(\d{1,9}):(\d{1,9})\]/g)].at(-1) ?? []
  return line === undefined ? undefined : { line: Number(line), column: Number(column) }
}

const failed = (kind: string, id: string, errorMessage: string | null | undefined): JobFailed => {
  if (errorMessage === null || errorMessage === undefined) return new JobFailed({ kind, id })
  const position = positionIn(errorMessage)
  return new JobFailed({ kind, id, errorMessage, ...(position === undefined ? {} : { position }) })
}

/** Refuses what is no time to wait, before any request. */
export const checkTime = (
  field: "deadline" | "timeout",
  input: Duration.Input | undefined
): Effect.Effect<void, InvalidInput> =>
  input === undefined || isTime(input)
    ? Effect.void
    : Effect.fail(new InvalidInput({ field, reason: "must be a duration that is not negative" }))

/** Ends with the deadline, and interrupts what is under way then. */
export const within = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  deadline: Duration.Input | undefined,
  late: () => DeadlineExceeded
): Effect.Effect<A, E | DeadlineExceeded, R> =>
  deadline === undefined
    ? effect
    : Effect.timeoutOrElse(effect, { duration: deadline, orElse: () => Effect.fail(late()) })

/** What was answered, and how much of the deadline it left. */
export interface First<A> {
  readonly answer: A
  readonly deadline: Duration.Input | undefined
}

/** Sends a request that takes its time from the deadline of the wait that follows. */
export const first = <A, E, R>(
  request: Effect.Effect<A, E, R>,
  deadline: Duration.Input | undefined,
  late: () => DeadlineExceeded
): Effect.Effect<First<A>, E | DeadlineExceeded, R> =>
  Effect.gen(function*() {
    const startedAt = yield* Clock.currentTimeMillis
    const answer = yield* within(request, deadline, late)
    if (deadline === undefined) return { answer, deadline }
    const took = (yield* Clock.currentTimeMillis) - startedAt
    return { answer, deadline: Math.max(0, Duration.toMillis(deadline) - took) }
  })

const timeToAnswer = 500

/** When the last question is asked, whose answer is to come within what is left. */
export const lastQuestion = (left: number): number => Math.max(left - timeToAnswer, left / 2)

/** Asks, with longer and longer pauses, until the job has ended. */
export const wait = <A, E, R>(
  job: Job<A>,
  current: A | undefined,
  ask: Effect.Effect<A, E, R>,
  options: WaitOptions<A> | undefined
): Effect.Effect<A, E | InvalidInput | JobError, R> =>
  Effect.suspend(() => {
    const { id, kind } = job
    let status: string | null | undefined
    const asking = Effect.gen(function*() {
      const startedAt = yield* Clock.currentTimeMillis
      const deadline = options?.deadline === undefined
        ? Number.POSITIVE_INFINITY
        : startedAt + Duration.toMillis(options.deadline)
      let pause = firstPause
      let isLast = false
      let state = current ?? (yield* ask)
      for (;;) {
        status = job.status(state)
        if (options?.onProgress !== undefined) yield* options.onProgress(state)
        if (status === "completed") return state
        if (status === "failed") return yield* failed(kind, id, job.errorMessage(state))
        if (status === "cancelled") return yield* new JobCancelled({ kind, id })
        const left = deadline - (yield* Clock.currentTimeMillis)
        // the deadline itself comes meanwhile
        if (isLast) return yield* Effect.never
        isLast = pause >= lastQuestion(left)
        yield* Effect.sleep(isLast ? lastQuestion(left) : pause)
        pause = Math.min(pause * 1.5, longestPause)
        state = yield* ask
      }
    })
    return Effect.andThen(
      checkTime("deadline", options?.deadline),
      within(asking, options?.deadline, () => new DeadlineExceeded({ kind, id, status: status ?? "unknown" }))
    )
  })
