/**
 * Limits of time. `Effect.timeout` runs what it limits in a fiber of its own,
 * which costs a call twice as much, and is heavier than both functions here.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Presence from "../presence.ts"

/** Runs a timer beside the effect, until it ends. */
const beside = <A, E, R>(effect: Effect.Effect<A, E, R>, timer: Effect.Effect<void>): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    Effect.forkDetach(timer),
    (running) =>
      Effect.onExitPrimitive(effect, () => {
        running.interruptUnsafe()
        return undefined
      })
  )

/** What is done now and then: with the milliseconds that are left, and the time. */
export type Beat = (left: number, now: number) => Effect.Effect<void>

/** Ends after the time, with a beat now and then. */
const beating = (millis: number, beat: Beat): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const clock = fiber.getRef(Clock.Clock)
    const now = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
    const step = (left: number): Effect.Effect<void> => Effect.sleep(Math.min(left, Presence.beatMillis))
    let endsAt: number | undefined
    const next: Effect.Effect<void> = Effect.suspend(() => {
      const at = now()
      endsAt ??= at + millis - Presence.beatMillis
      const left = endsAt - at
      return left > 0 ? Effect.andThen(beat(left, at), Effect.flatMap(step(left), () => next)) : Effect.void
    })
    return Effect.flatMap(step(millis), () => next)
  })

/** Aborts the request when its time is over. It stays in the fiber of the call. */
export const withinTime = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  millis: number,
  controller: AbortController,
  late: () => E,
  beat: Beat
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let isLate = false
    return beside(
      Effect.mapError(effect, (error) => isLate ? late() : error),
      Effect.map(beating(millis, beat), () => {
        isLate = true
        controller.abort()
      })
    )
  })

/** Interrupts what no signal ends when its time is over, and goes on with `late`. */
export const orWhenLate = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  millis: number,
  late: () => Effect.Effect<A, E>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.forkDetach(effect, { startImmediately: true }), (running) => {
    let expire = (): void => {}
    const ended = Effect.callback<A, E>((resume) => {
      running.addObserver(resume)
      expire = () => resume(late())
    })
    return Effect.onExitPrimitive(beside(ended, Effect.map(Effect.sleep(millis), () => expire())), () => {
      running.interruptUnsafe()
      return undefined
    })
  })

const isNotNumber = (value: unknown): boolean => typeof value === "number" && Number.isNaN(value)

/** Whether it is a duration that is not negative. Where NaN is in one, Effect takes it for 0. */
export const isTime = (input: Duration.Input): boolean =>
  !isNotNumber(input) && !(typeof input === "object" && Object.values(input).some(isNotNumber)) &&
  Option.exists(Duration.fromInput(input), (duration) => !Duration.isNegative(duration))
