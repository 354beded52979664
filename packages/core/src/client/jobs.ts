/** Waiting for a job of the service: a query, an import, a release. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { DeadlineExceeded, JobCancelled, JobFailed } from "../contract/RedivisError.ts"

/**
 * How a job is waited for. Interrupting the wait stops asking; the job goes on.
 *
 * @category models
 * @since 0.1.0
 */
export interface WaitOptions<A> {
  /**
   * How long to wait at most; then `DeadlineExceeded`, and the job goes on.
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

const firstPause = 250
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

/** Asks, with longer and longer pauses, until the job has ended. */
export const wait = <A, E, R>(
  job: Job<A>,
  current: A | undefined,
  ask: Effect.Effect<A, E, R>,
  options: WaitOptions<A> | undefined
): Effect.Effect<A, E | JobError, R> =>
  Effect.gen(function*() {
    const { kind, id } = job
    const startedAt = yield* Clock.currentTimeMillis
    const deadline = options?.deadline === undefined
      ? Number.POSITIVE_INFINITY
      : startedAt + Duration.toMillis(options.deadline)
    let pause = firstPause
    let state = current ?? (yield* ask)
    for (;;) {
      if (options?.onProgress !== undefined) yield* options.onProgress(state)
      const status = job.status(state)
      if (status === "completed") return state
      if (status === "failed") return yield* failed(kind, id, job.errorMessage(state))
      if (status === "cancelled") return yield* new JobCancelled({ kind, id })
      const left = deadline - (yield* Clock.currentTimeMillis)
      if (left <= 0) return yield* new DeadlineExceeded({ kind, id, status: status ?? "unknown" })
      yield* Effect.sleep(Math.min(pause, left))
      pause = Math.min(pause * 1.5, longestPause)
      state = yield* ask
    }
  })
