/** The emulator's own clock: Effect's, moved by as much as a test wants. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * The clock that all times of the emulator come from.
 *
 * @category models
 * @since 0.1.0
 */
export interface EmulatorClock {
  /** In milliseconds since the epoch. */
  readonly now: Effect.Effect<number>
  /** Moves it so that it is that time now; it runs on from there. */
  readonly set: (time: number) => Effect.Effect<void>
  /** Moves it on. A negative number of milliseconds moves it back. */
  readonly adjust: (by: Duration.Input) => Effect.Effect<void>
}

export interface MovableClock extends EmulatorClock {
  readonly nowUnsafe: () => number
  /** The same as a clock for effects. Sleeping takes the time of the clock below. */
  readonly clock: Clock.Clock
  readonly reset: Effect.Effect<void>
}

const millisOf = (by: Duration.Input): number => typeof by === "number" ? by : Duration.toMillis(by)

export const make: Effect.Effect<MovableClock> = Clock.clockWith((base) =>
  Effect.sync(() => {
    let offset = 0
    const nowUnsafe = (): number => Math.floor(base.currentTimeMillisUnsafe() + offset)
    const nanosUnsafe = (): bigint => base.currentTimeNanosUnsafe() + BigInt(Math.round(offset)) * 1_000_000n
    const clock: Clock.Clock = {
      currentTimeMillisUnsafe: nowUnsafe,
      currentTimeMillis: Effect.sync(nowUnsafe),
      currentTimeNanosUnsafe: nanosUnsafe,
      currentTimeNanos: Effect.sync(nanosUnsafe),
      monotonicTimeNanosUnsafe: () => base.monotonicTimeNanosUnsafe(),
      monotonicTimeNanos: base.monotonicTimeNanos,
      sleep: (duration) => base.sleep(duration)
    }
    return {
      now: clock.currentTimeMillis,
      set: (time) =>
        Effect.sync(() => {
          offset = time - base.currentTimeMillisUnsafe()
        }),
      adjust: (by) =>
        Effect.sync(() => {
          offset += millisOf(by)
        }),
      reset: Effect.sync(() => {
        offset = 0
      }),
      nowUnsafe,
      clock
    }
  })
)
