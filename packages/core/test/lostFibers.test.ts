/** Who holds a place and is gone, who is silent and lives, and who is only late since the program computes. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import * as RateLimit from "../src/client/RateLimit.ts"
import * as Pacing from "../src/client/pacing.ts"
import * as VirtualTime from "./virtualTime.ts"

/** What a request says that is heard as often as the client's own: 1250 ms of silence is the end. */
const lease = 1250

const beatMillis = 400

const soon = 2000

const newTurn = (): Pacing.Turn => ({ ticket: 0, request: 0 })

/** Calls that are asked for by hand, on a clock of their own. */
const account = (maxConcurrent: number) => {
  const state = Pacing.make()
  let now = 0
  const ask = (turn: Pacing.Turn = newTurn()): number => state.ask(turn, now, maxConcurrent, 0.5, lease)
  const send = (count: number): Array<Pacing.Turn> =>
    Array.from({ length: count }, () => {
      const turn = newTurn()
      ask(turn)
      return turn
    })
  return {
    state,
    ask,
    send,
    now: () => now,
    pass: (millis: number) => {
      now += millis
    },
    answer: ({ request }: Pacing.Turn, snapshot: RateLimit.Snapshot, status = 200) =>
      state.settle(request, { date: now, ...snapshot }, status, now, now),
    /** Milliseconds until it goes, at most so many. */
    until: (turn: Pacing.Turn, most = 600_000): number => {
      const begin = now
      for (let wait = ask(turn); wait > 0 && now - begin < most; wait = ask(turn)) now += wait
      return now - begin
    }
  }
}

/** Runs on the virtual clock with draws that are the same each time. */
const simulated = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.UTC(2026, 10, 24, 9, 30, 0, 347))
    const virtualTime = yield* VirtualTime.make
    return yield* virtualTime.run(effect)
  }).pipe(Random.withSeed("lost"))

describe("requests whose fibers are gone", () => {
  it("give their places back, and stay counted once each", () => {
    const { answer, ask, now, send, state, until } = account(2)
    const [first] = send(1)
    answer(first!, { limit: 5, remaining: 4, resetAt: 60_000 })
    send(2)
    assert.isBelow(until(newTurn()), soon)
    const next = newTurn()
    assert.isBelow(until(next), soon)
    // two are lost, two are on their way: four of four may have been counted
    assert.strictEqual(state.flights.holders.size, 2)
    const last = newTurn()
    assert.isAbove(ask(last), 0)
    until(last)
    assert.isAtLeast(now(), 60_000)
  })

  it("hold nobody up who comes after hundreds that waited with them, with answers that took half a minute", () => {
    for (const remaining of [900, 100, 40]) {
      const { answer, pass, send, until } = account(32)
      const turns = send(10)
      pass(30_000)
      // as slow as that the service is from now on
      for (const turn of turns) {
        for (let times = 0; times < 40; times++) {
          answer(turn, { limit: 1000, remaining, resetAt: 90_000 })
        }
      }
      send(200)
      // they are lost with their request, whose timers had gone on for a while
      pass(10)
      assert.isBelow(until(newTurn()), soon, `${remaining} remain`)
    }
  })

  it("hold nobody up after a 429 either, which they waited for", () => {
    const { answer, now, pass, send, until } = account(32)
    const [first, ...others] = send(10)
    pass(30_000)
    answer(first!, { limit: 1000, remaining: 0, retryAt: 50_000 }, 429)
    assert.strictEqual(others.length, 9)
    send(300)
    pass(100)
    until(newTurn())
    assert.isAtLeast(now(), 50_000)
    assert.isBelow(now(), 50_000 + soon)
  })

  it("are taken back where they were only silent, and counted once", () => {
    const { answer, pass, send, state, until } = account(2)
    const [first] = send(1)
    answer(first!, { limit: 1000, remaining: 999, resetAt: 600_000 })
    const [one, other] = send(2)
    const third = newTurn()
    assert.isBelow(until(third), soon)
    assert.strictEqual(state.counts()[0], 3)
    for (const turn of [one!, other!]) state.hear(turn)
    assert.strictEqual(state.flights.holders.size, 3)
    pass(1)
    for (const [index, turn] of [one!, other!, third].entries()) {
      answer(turn, { limit: 1000, remaining: 998 - index, resetAt: 600_000 })
    }
    // none of another client, then
    assert.deepStrictEqual(state.counts(), [4, 0])
    assert.isTrue(state.isIdle())
  })
})

describe("requests that live", () => {
  it("keep their places however long they take", () => {
    const { ask, pass, send, state } = account(2)
    const living = send(2)
    const turn = newTurn()
    let wait = ask(turn)
    for (let at = 0; at < 30_000; at += 50) {
      if (at % beatMillis === 0) { for (const one of living) state.hear(one) }
      pass(50)
      if ((wait -= 50) > 0) continue
      wait = ask(turn)
      assert.isAbove(wait, 0, `after ${at} ms`)
    }
  })

  it("keep their places through a program that computes for seconds, whoever wakes first and whoever comes", () => {
    const { ask, pass, send, state } = account(2)
    const living = send(2)
    const waiting = send(20)
    for (let times = 0; times < 100; times++) {
      pass(5000)
      for (const turn of [newTurn(), ...waiting, newTurn()]) assert.isAbove(ask(turn), 0)
      for (const one of living) state.hear(one)
      for (const turn of waiting) assert.isAbove(ask(turn), 0)
    }
  })

  it("keep their places on a clock that goes back", () => {
    const { ask, pass, send, state } = account(2)
    const living = send(2)
    const [turn] = send(1)
    for (const step of [-3_600_000, 200, -10_000, 200, 200, 3_600_000, 200]) {
      pass(step)
      assert.isAbove(ask(turn!), 0)
      for (const one of living) state.hear(one)
    }
  })
})

describe("the budget", () => {
  /** A request that says that it is there until it ends, or is silent. */
  const sent = (budget: RateLimit.Budget, silence: "none" | "all") =>
    budget.use((_, alive) =>
      silence === "all"
        ? Effect.never
        : Effect.forever(Effect.andThen(Effect.sync(() => alive?.()), Effect.sleep(beatMillis))), lease)

  const kinds: Readonly<Record<string, () => RateLimit.Budget>> = {
    "of an account": () => RateLimit.makeBudget({ maxConcurrent: 2 }),
    "of storage": () => RateLimit.makeWidth(2)
  }
  for (const [kind, make] of Object.entries(kinds)) {
    it.effect(`${kind} gives the places of silent requests to the next, and none of others`, () =>
      simulated(Effect.gen(function*() {
        const budget = make()
        const heard = yield* Effect.forkChild(sent(budget, "none"))
        const silent = yield* Effect.forkChild(sent(budget, "all"))
        yield* Effect.sleep(60_000)
        const first = yield* Effect.forkChild(Effect.timeoutOption(sent(budget, "none"), 30_000))
        yield* Effect.sleep(soon)
        // it has taken the silent one's place
        const second = yield* Effect.timeoutOption(budget.use(() => Effect.void, lease), 20_000)
        assert.strictEqual(second._tag, "None")
        yield* Fiber.join(first)
        yield* budget.use(() => Effect.void, lease)
        yield* Fiber.interrupt(heard)
        yield* Fiber.interrupt(silent)
      })))
  }

  it.effect("of accounts that were all left with something on its way are not kept for ever", () =>
    simulated(Effect.gen(function*() {
      const options = { maxConcurrent: 1 }
      const account = (index: number) => RateLimit.budgetFor("https://lost.example", Redacted.make(`${index}`), options)
      const holder = yield* Effect.forkChild(account(0).use(() => Effect.never))
      for (let index = 1; index < 1100; index++) yield* Effect.forkChild(account(index).use(() => Effect.never))
      yield* Effect.sleep(1)
      // the oldest begins anew
      yield* Effect.timeout(account(0).use(() => Effect.void), 100)
      yield* Fiber.interrupt(holder)
    })))
})
