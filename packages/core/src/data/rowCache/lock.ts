/** One process after the other, by a file that is made anew or not at all. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import type { Files } from "./files.ts"

/** What is locked takes milliseconds: a lock that is older than this was left by a process that was killed. */
const abandonedAfter = 10_000

const lookEvery = 20

/** How often there may be no file where none could be made: now and then one goes meanwhile, behind a link to nothing always. */
const mostMissing = 100

/**
 * Runs an effect while no other process runs one with this lock.
 *
 * Two that find the same abandoned lock at the same time may both go on. What
 * is locked here has to stay right even then, and only less exact.
 */
export const withLock = <A, E, R>(
  files: Pick<Files, "open" | "remove" | "stat">,
  path: string,
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E | PlatformError, R> => {
  const unlock = files.remove(path, { force: true })
  const pause = Effect.interruptible(Effect.sleep(lookEvery))
  const breakAbandoned: Effect.Effect<void, PlatformError> = Effect.gen(function*() {
    const info = yield* files.stat(path)
    const madeAt = Option.match(info.mtime, { onNone: () => 0, onSome: (moment) => moment.getTime() })
    // neither does a lock from the future hold forever, which a clock that was set back leaves
    if (Math.abs((yield* Clock.currentTimeMillis) - madeAt) > abandonedAfter) yield* unlock
    else yield* pause
  })
  const lock = (missing: number): Effect.Effect<void, PlatformError> =>
    Effect.scoped(files.open(path, { flag: "wx", mode: 0o600 })).pipe(
      Effect.asVoid,
      Effect.catch((taken) => {
        if (taken.reason._tag !== "AlreadyExists") return Effect.fail(taken)
        return Effect.matchEffect(breakAbandoned, {
          onSuccess: () => lock(missing),
          onFailure: (error) => {
            if (error.reason._tag !== "NotFound") return Effect.fail(error)
            return missing < mostMissing ? Effect.andThen(pause, lock(missing + 1)) : Effect.fail(taken)
          }
        })
      })
    )
  return Effect.acquireUseRelease(lock(0), () => self, () => Effect.ignore(unlock))
}
