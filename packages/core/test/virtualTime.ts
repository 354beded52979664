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

const nanosOf = (millis: number): bigint => {
  const whole = Math.floor(millis)
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((millis - whole) * 1_000_000))
}

/** Looks at which nothing could run before the clock moves: promises that are settled have their turn before. */
const quietLooks = 2

/** Begins at the time of the `TestClock` of `it.effect`, and leaves it at the end. */
export const make: Effect.Effect<VirtualTime> = TestClock.testClockWith((testClock) =>
  Effect.sync(() => {
    const sleeps = makeSleeps()
    let begun = 0
    let now = testClock.currentTimeMillisUnsafe()
    let nanos = nanosOf(now)
    /** What really takes time. */
    let working = 0
    /** Runs the tasks of fibers that can run. */
    let runTasks: (() => void) | undefined
    /** Moves the clock; absent while nothing is driven. */
    let move: (() => void) | undefined
    let isLooking = false
    let quiet = 0

    const look = (): void => {
      isLooking = false
      quiet++
      while (runTasks !== undefined) {
        quiet = 0
        const run = runTasks
        runTasks = undefined
        run()
      }
      // who works looks again when it is done
      if (working > 0) return
      if (quiet >= quietLooks) move?.()
      if (move !== undefined) lookSoon()
    }
    const lookSoon = (): void => {
      if (isLooking) return
      isLooking = true
      setImmediate(look)
    }

    /** One for all fibers, so that those of one moment run in one turn. */
    const dispatcher = new Scheduler.MixedScheduler("async", (run) => {
      runTasks = run
      lookSoon()
      return () => {
        runTasks = undefined
      }
    }).makeDispatcher()
    const scheduler: Scheduler.Scheduler = {
      executionMode: "async",
      shouldYield: (fiber) => fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield,
      makeDispatcher: () => dispatcher
    }

    const clock: Clock.Clock = {
      currentTimeMillisUnsafe: () => now,
      currentTimeMillis: Effect.sync(() => now),
      currentTimeNanosUnsafe: () => nanos,
      currentTimeNanos: Effect.sync(() => nanos),
      monotonicTimeNanosUnsafe: () => nanos,
      monotonicTimeNanos: Effect.sync(() => nanos),
      sleep: (duration) =>
        Effect.callback<void>((resume) => {
          const millis = Duration.toMillis(duration)
          if (millis <= 0) return resume(Effect.void)
          const sleep: Sleep = { at: now + millis, order: begun++, wake: () => resume(Effect.void) }
          if (Number.isFinite(millis)) sleeps.push(sleep)
          return Effect.sync(() => {
            sleep.wake = undefined
          })
        })
    }

    /** The first sleep that nobody has interrupted. */
    const nextSleep = (): Sleep | undefined => {
      let next = sleeps.first()
      while (next !== undefined && next.wake === undefined) {
        sleeps.pop()
        next = sleeps.first()
      }
      return next
    }

    const drive = <A, E>(fiber: Fiber.Fiber<A, E>): Effect.Effect<A, E> =>
      Effect.callback<A, E>((resume) => {
        const end = (effect: Effect.Effect<A, E>): void => {
          move = undefined
          resume(effect)
        }
        move = () => {
          if (fiber.pollUnsafe() !== undefined) return end(Fiber.join(fiber))
          const next = nextSleep()
          if (next === undefined) return end(Effect.die("Nothing can run and nothing sleeps"))
          now = next.at
          nanos = nanosOf(now)
          for (let due = sleeps.first(); due !== undefined && due.at <= now; due = sleeps.first()) {
            sleeps.pop()
            due.wake?.()
          }
        }
        lookSoon()
        return Effect.sync(() => {
          move = undefined
        })
      })

    return {
      run: (effect) =>
        Effect.forkChild(effect).pipe(
          Effect.provideService(Clock.Clock, clock),
          Effect.provideService(Scheduler.Scheduler, scheduler),
          Effect.flatMap(drive),
          Effect.ensuring(Effect.suspend(() => testClock.setTime(now)))
        ),
      work: (effect) =>
        Effect.acquireUseRelease(
          Effect.sync(() => working++),
          () => effect,
          () =>
            Effect.sync(() => {
              working--
              lookSoon()
            })
        )
    }
  })
)
