/**
 * Limits of time. `Effect.timeout` runs what it limits in a fiber of its own,
 * which costs a call twice as much, and is heavier than both functions here.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Runs `expire` at the end of the time, unless the effect ends before. */
const unlessEnded = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  millis: number,
  expire: () => void
): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    Effect.forkChild(Effect.map(Effect.sleep(millis), expire)),
    (timer) =>
      Effect.onExitPrimitive(effect, () => {
        timer.interruptUnsafe()
        return undefined
      })
  )

/** Aborts the request when its time is over. It stays in the fiber of the call. */
export const withinTime = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  millis: number,
  controller: AbortController,
  late: () => E
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let isLate = false
    return unlessEnded(Effect.mapError(effect, (error) => isLate ? late() : error), millis, () => {
      isLate = true
      controller.abort()
    })
  })

/** Interrupts what no signal ends when its time is over, and goes on with `late`. */
export const orWhenLate = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  millis: number,
  late: () => Effect.Effect<A, E>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.forkChild(effect, { startImmediately: true }), (running) => {
    let expire = (): void => {}
    const ended = Effect.callback<A, E>((resume) => {
      running.addObserver(resume)
      expire = () => resume(late())
    })
    return Effect.onExitPrimitive(unlessEnded(ended, millis, () => expire()), () => {
      running.interruptUnsafe()
      return undefined
    })
  })

const isNotNumber = (value: unknown): boolean => typeof value === "number" && Number.isNaN(value)

/** Whether it is a duration that is not negative. Where NaN is in one, Effect takes it for 0. */
export const isTime = (input: Duration.Input): boolean =>
  !isNotNumber(input) && !(typeof input === "object" && Object.values(input).some(isNotNumber)) &&
  Option.exists(Duration.fromInput(input), (duration) => !Duration.isNegative(duration))
