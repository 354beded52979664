/**
 * Drives the `TestClock` from outside: the clock moves to the next sleep only
 * when nothing else can run, so that a program of many fibers takes the virtual
 * time that it would really take, and none of the real one.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import * as TestClock from "effect/testing/TestClock"

export interface VirtualTime {
  /**
   * Runs an effect to its end on the virtual clock. Fails as a defect where
   * nothing can run and nothing sleeps.
   */
  readonly run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /**
   * Marks what really takes time inside of `run` (a database, a socket): the
   * clock stands meanwhile.
   */
  readonly work: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface Sleep {
  readonly at: number
  /** Sleeps to the same moment wake in the order in which they began. */
  readonly order: number
  /** Absent once it is over. */
  wake: (() => void) | undefined
}

const isBefore = (one: Sleep, other: Sleep): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

/** The earliest of many sleeps, by a binary heap. */
const makeSleeps = () => {
  const items: Array<Sleep> = []
  const get = (index: number): Sleep => items[index] as Sleep // the callers stay below the length
  return {
    first: (): Sleep | undefined => items[0],
    push: (item: Sleep): void => {
      let index = items.push(item) - 1
      while (index > 0) {
        const parent = (index - 1) >> 1
        if (!isBefore(item, get(parent))) break
        items[index] = get(parent)
        index = parent
      }
      items[index] = item
    },
    pop: (): void => {
      const item = items.pop()
      if (item === undefined || items.length === 0) return
      let index = 0
      for (;;) {
        let child = 2 * index + 1
        if (child >= items.length) break
        if (child + 1 < items.length && isBefore(get(child + 1), get(child))) child++
        if (!isBefore(get(child), item)) break
        items[index] = get(child)
        index = child
      }
      items[index] = item
    }
  }
}

/** Needs the `TestClock` of `it.effect`. */
export const make: Effect.Effect<VirtualTime> = TestClock.testClockWith((testClock) =>
  Effect.map(Scheduler.Scheduler, (parent) => {
    const sleeps = makeSleeps()
    let begun = 0
    /** Tasks of fibers that can run, and what really takes time. */
    let busy = 0

    const clock: Clock.Clock = {
      ...testClock,
      sleep: (duration) =>
        Effect.callback<void>((resume) => {
          const millis = Duration.toMillis(duration)
          if (millis <= 0) return resume(Effect.void)
          const sleep: Sleep = {
            at: testClock.currentTimeMillisUnsafe() + millis,
            order: begun++,
            wake: () => resume(Effect.void)
          }
          if (Number.isFinite(millis)) sleeps.push(sleep)
          return Effect.sync(() => {
            sleep.wake = undefined
          })
        })
    }

    const scheduler: Scheduler.Scheduler = {
      executionMode: parent.executionMode,
      shouldYield: (fiber) => parent.shouldYield(fiber),
      makeDispatcher: () => {
        const dispatcher = parent.makeDispatcher()
        return {
          scheduleTask: (task, priority) => {
            busy++
            dispatcher.scheduleTask(() => {
              busy--
              task()
            }, priority)
          },
          flush: () => dispatcher.flush()
        }
      }
    }

    /** Ends when nothing can run: promises that are settled have their turn before it looks. */
    const suspended = Effect.callback<void>((resume) => {
      let quiet = 0
      const look = (): void => {
        quiet = busy === 0 ? quiet + 1 : 0
        if (quiet > 1) resume(Effect.void)
        else setImmediate(look)
      }
      look()
    })

    const drive = <A, E>(fiber: Fiber.Fiber<A, E>): Effect.Effect<A, E> =>
      Effect.gen(function*() {
        for (;;) {
          yield* suspended
          if (fiber.pollUnsafe() !== undefined) return yield* Fiber.join(fiber)
          let next = sleeps.first()
          while (next !== undefined && next.wake === undefined) {
            sleeps.pop()
            next = sleeps.first()
          }
          if (next === undefined) return yield* Effect.die("Nothing can run and nothing sleeps")
          const { at } = next
          yield* testClock.setTime(at)
          for (let due = sleeps.first(); due !== undefined && due.at <= at; due = sleeps.first()) {
            sleeps.pop()
            due.wake?.()
          }
        }
      })

    return {
      run: (effect) =>
        Effect.flatMap(
          Effect.forkChild(effect).pipe(
            Effect.provideService(Clock.Clock, clock),
            Effect.provideService(Scheduler.Scheduler, scheduler)
          ),
          drive
        ),
      work: (effect) =>
        Effect.acquireUseRelease(
          Effect.sync(() => busy++),
          () => effect,
          () => Effect.sync(() => busy--)
        )
    }
  })
)
