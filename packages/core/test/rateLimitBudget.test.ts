import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import * as RateLimit from "../src/client/RateLimit.ts"
import * as Pacing from "../src/client/pacing.ts"
import * as RateLimitServer from "./rateLimitServer.ts"
import * as VirtualTime from "./virtualTime.ts"

const calls = 5000
const maxConcurrent = 32
const tenMinutes = 600_000

const headers = ["date", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]

/** Runs on the virtual clock, at a time that is not on a whole second, with draws that are the same each time. */
const simulated = <A, E>(seed: string, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.UTC(2026, 10, 24, 9, 30, 0, 347))
    const virtualTime = yield* VirtualTime.make
    return yield* virtualTime.run(effect)
  }).pipe(Random.withSeed(seed))

const refusedByWindow = (server: RateLimitServer.SimulatedServer): ReadonlyArray<number> => {
  const windows: Array<number> = []
  for (const { from, status, window } of server.seen) {
    windows[window - 1] = (windows[window - 1] ?? 0) + (from === "us" && status === 429 ? 1 : 0)
  }
  return windows
}

const drive = (server: RateLimitServer.Server, count = calls) =>
  RateLimitServer.drive(RateLimit.makeBudget({ maxConcurrent }), server, count)

describe("the budget of 5,000 calls at once", () => {
  const steady: ReadonlyArray<{
    readonly name: string
    readonly server: RateLimitServer.SimulatedOptions
    /** Requests a window, for the ideal. */
    readonly limit: (window: number) => number
  }> = [
    { name: "1000 a minute", server: { limit: () => 1000 }, limit: () => 1000 },
    { name: "1000 a minute, answered at once", server: { limit: () => 1000, latency: [0, 0] }, limit: () => 1000 },
    {
      name: "1000 a minute by a clock ten minutes ahead",
      server: { limit: () => 1000, clockOffset: tenMinutes },
      limit: () => 1000
    },
    {
      name: "1000 a minute by a clock ten minutes behind",
      server: { limit: () => 1000, clockOffset: -tenMinutes },
      limit: () => 1000
    },
    {
      name: "1000 a minute by a clock ten minutes behind that does not show itself",
      server: { limit: () => 1000, clockOffset: -tenMinutes, hidden: ["date"] },
      limit: () => 1000
    },
    {
      name: "1000 a minute without any header",
      server: { limit: () => 1000, hidden: headers },
      limit: () => 1000
    },
    { name: "137 a minute", server: { limit: () => 137 }, limit: () => 137 },
    {
      name: "1000 a minute that fall to 500 as the third window starts",
      server: { limit: (window) => window < 3 ? 1000 : 500 },
      limit: (window) => window < 3 ? 1000 : 500
    }
  ]
  for (const { limit, name, server: options } of steady) {
    it.effect(`takes at most 1.02 times the ideal time and no 429: ${name}`, () =>
      simulated(
        name,
        Effect.gen(function*() {
          const server = RateLimitServer.simulate(options)
          const figures = yield* drive(server)
          const ideal = RateLimitServer.idealMillis(calls, limit)
          assert.strictEqual(figures.refused, 0)
          assert.isAtMost(figures.millis / ideal, 1.02)
          assert.isAtLeast(figures.millis, ideal)
          assert.isAtMost(figures.together, maxConcurrent)
          assert.strictEqual(server.seen.length, calls)
        })
      ), 120_000)
  }

  it.effect("answers at most one 429 for each call in flight where the limit falls in mid-window", () =>
    simulated(
      "falls",
      Effect.gen(function*() {
        // at 2.5 s more than 500 of the 1000 are used
        const server = RateLimitServer.simulate({
          limit: (window, into) => window === 1 || (window === 2 && into < 2500) ? 1000 : 500
        })
        const figures = yield* drive(server)
        const refused = refusedByWindow(server)
        assert.isAbove(refused[1] ?? 0, 0)
        assert.isAtMost(refused[1] ?? 0, maxConcurrent)
        assert.strictEqual(figures.refused, refused[1])
      })
    ), 120_000)

  it.effect("answers at most one 429 a window where another client takes three of ten", () =>
    simulated(
      "of ten",
      Effect.gen(function*() {
        const server = RateLimitServer.simulate({ limit: () => 1000, othersInTen: 3 })
        const figures = yield* drive(server)
        for (const refused of refusedByWindow(server)) assert.isAtMost(refused, 1)
        assert.isAtMost(figures.millis / RateLimitServer.idealMillis(calls, () => 700), 1.02)
      })
    ), 120_000)

  for (const latency of [[10, 100], [400, 600]] as const) {
    it.effect(
      `answers at most one 429 a window where another client takes 300 a minute evenly, each way ${latency[1]} ms`,
      () =>
        simulated(
          `evenly ${latency[1]}`,
          Effect.gen(function*() {
            const server = RateLimitServer.simulate({ limit: () => 1000, latency })
            const others = yield* Effect.forkChild(
              Effect.forever(Effect.andThen(Effect.sleep(200), server.takeByOthers))
            )
            yield* drive(server)
            yield* Fiber.interrupt(others)
            for (const refused of refusedByWindow(server)) assert.isAtMost(refused, 1)
          })
        ),
      120_000
    )
  }
})

/** The ways in which points in time are told, by answers: those of one server, and those of several behind one address. */
const forms: ReadonlyArray<{ readonly name: string; readonly forms: (answer: number) => RateLimitServer.Forms }> = [
  ...(["milliseconds", "seconds"] as const).flatMap((reset) =>
    (["milliseconds", "seconds", "wait", "date"] as const).flatMap((retryAfter) =>
      (["ceil", "floor", "round"] as const).map((round) => ({
        name: `X-RateLimit-Reset in ${reset}, Retry-After as ${retryAfter}, by ${round}`,
        forms: () => ({ reset, retryAfter, round: Math[round] })
      }))
    )
  ),
  {
    name: "all of them, one after the other",
    forms: (answer) => ({
      reset: answer % 2 === 0 ? "milliseconds" : "seconds",
      retryAfter: (["wait", "milliseconds", "date", "seconds"] as const)[answer % 4] ?? "wait",
      round: answer % 3 === 0 ? Math.floor : Math.ceil
    })
  }
]

/** Those whose steady answers differ, which name no `Retry-After`. */
const steadyForms = forms.filter(({ name }) => !/as (milliseconds|seconds|date)/.test(name) || name.startsWith("all"))

describe("the budget, whichever form points in time have", () => {
  for (const { forms: told, name } of steadyForms) {
    it.effect(`takes at most 1.02 times the ideal time and no 429: ${name}`, () =>
      Effect.gen(function*() {
        for (const clockOffset of [0, tenMinutes, -tenMinutes]) {
          yield* simulated(
            `${name} ${clockOffset}`,
            Effect.gen(function*() {
              const server = RateLimitServer.simulate({ limit: () => 137, clockOffset, forms: told })
              const figures = yield* drive(server, 600)
              const ideal = RateLimitServer.idealMillis(600, () => 137)
              assert.strictEqual(figures.refused, 0)
              assert.isAtMost(figures.millis / ideal, 1.02)
              assert.isAtLeast(figures.millis, ideal)
            })
          )
        }
      }), 120_000)
  }

  it.effect(
    "takes at most 1.02 times the ideal time and no 429: 5,000 calls, 1000 a minute, in seconds",
    () =>
      simulated(
        "5,000 in seconds",
        Effect.gen(function*() {
          const server = RateLimitServer.simulate({
            limit: () => 1000,
            forms: () => ({ reset: "seconds", retryAfter: "wait", round: Math.ceil })
          })
          const figures = yield* drive(server)
          assert.strictEqual(figures.refused, 0)
          assert.isAtMost(figures.millis / RateLimitServer.idealMillis(calls, () => 1000), 1.02)
        })
      ),
    120_000
  )

  it.effect("answers at most one 429 a window where another client takes three of ten, in seconds", () =>
    simulated(
      "of ten in seconds",
      Effect.gen(function*() {
        const server = RateLimitServer.simulate({
          limit: () => 200,
          othersInTen: 3,
          forms: () => ({ reset: "seconds", retryAfter: "wait", round: Math.ceil })
        })
        const figures = yield* drive(server, 1000)
        for (const refused of refusedByWindow(server)) assert.isAtMost(refused, 1)
        assert.isAtMost(figures.millis / RateLimitServer.idealMillis(1000, () => 140), 1.02)
      })
    ), 120_000)

  for (const { forms: told, name } of forms) {
    it.effect(`waits once after a 429: ${name}`, () =>
      Effect.gen(function*() {
        for (const [clockOffset, millis] of [[0, 23_456], [tenMinutes, 45_001], [-tenMinutes, 700]] as const) {
          yield* simulated(
            `once ${name} ${clockOffset}`,
            Effect.gen(function*() {
              const server = RateLimitServer.simulate({
                limit: () => 1000,
                clockOffset,
                forced: { request: 1, millis },
                forms: told
              })
              yield* drive(server, 1)
              const [first, second] = server.seen
              assert.deepStrictEqual(server.seen.map(({ status }) => status), [429, 200])
              const waited = (second?.at ?? 0) - (first?.at ?? 0)
              assert.isAtLeast(waited, millis)
              // what Date leaves out, what was rounded up, the second for what may have been rounded down, jitter, ways
              assert.isBelow(waited, millis + 3000 + 300 + 200)
            })
          )
        }
      }))
  }

  it.effect("waits for a number of seconds also where the answer has no Date", () =>
    simulated(
      "no date",
      Effect.gen(function*() {
        const server = RateLimitServer.simulate({
          limit: () => 1000,
          clockOffset: tenMinutes,
          hidden: ["date"],
          forced: { request: 1, millis: 23_456 },
          forms: () => ({ reset: "seconds", retryAfter: "wait", round: Math.ceil })
        })
        yield* drive(server, 1)
        assert.deepStrictEqual(server.seen.map(({ status }) => status), [429, 200])
        assert.isAtLeast((server.seen[1]?.at ?? 0) - (server.seen[0]?.at ?? 0), 23_456)
      })
    ))

  for (const [name, past] of [["now", 0], ["a second ago", 1000], ["half a minute ago", 30_000]] as const) {
    it.effect(`does not hold calls for a minute where nothing remains of a window that ended ${name}`, () =>
      simulated(
        `over ${name}`,
        Effect.gen(function*() {
          const budget = RateLimit.makeBudget({ maxConcurrent })
          const startedAt = yield* Clock.currentTimeMillis
          const sent: Array<number> = []
          const once = (remaining: number, reset: (now: number) => number) =>
            budget.use((settle) =>
              Effect.map(Clock.currentTimeMillis, (now) => {
                sent.push(now - startedAt)
                settle(
                  RateLimit.fromHeaders({
                    "x-ratelimit-limit": "1000",
                    "x-ratelimit-remaining": String(remaining),
                    "x-ratelimit-reset": String(reset(now)),
                    date: new Date(now).toUTCString()
                  }, now),
                  200
                )
              })
            )
          yield* once(0, (now) => Math.floor(now / 1000) * 1000 - past)
          yield* Effect.all(Array.from({ length: 50 }, () => once(900, (now) => now + 59_000)), {
            concurrency: "unbounded"
          })
          assert.isAtLeast(sent[1] ?? 0, 1000)
          assert.isAtMost(Math.max(...sent), 5000)
        })
      ))
  }

  it.effect("goes on where one answer among others names a time that makes no sense", () =>
    Effect.gen(function*() {
      for (const nonsense of ["0", "-5", "9999999999999", "99999999999999999999", "1000000000", "30", "soon"]) {
        yield* simulated(
          nonsense,
          Effect.gen(function*() {
            const server = RateLimitServer.simulate({ limit: () => 100 })
            let answers = 0
            const odd: RateLimitServer.Server = {
              request: Effect.map(server.request, (answer) =>
                ++answers % 7 === 3
                  ? { ...answer, headers: { ...answer.headers, "x-ratelimit-reset": nonsense } }
                  : answer)
            }
            const figures = yield* drive(odd, 350)
            assert.strictEqual(figures.refused, 0, nonsense)
            assert.isAtMost(figures.millis / RateLimitServer.idealMillis(350, () => 100), 1.02, nonsense)
          })
        )
      }
    }), 120_000)
})

describe("the budget where a server takes so many requests at once", () => {
  const limit = () => 1000
  const refusals = (server: RateLimitServer.SimulatedServer): ReadonlyArray<number> =>
    server.seen.filter(({ status }) => status === 429).map(({ at }) => at)
  /** Halvings and trials: the refusals of one round trip have one cause. */
  const causes = (at: ReadonlyArray<number>): number =>
    at.filter((moment, index) => index === 0 || moment - (at[index - 1] ?? 0) > 300).length

  for (const most of [1, 4, 12]) {
    it.effect(
      `ends every call, and is refused once for each halving and each trial of more: ${most} at once`,
      () =>
        simulated(
          `at once ${most}`,
          Effect.gen(function*() {
            const server = RateLimitServer.simulate({ limit, atOnce: () => most })
            yield* drive(server, 400)
            assert.strictEqual(server.seen.filter(({ status }) => status === 200).length, 400)
            const refused = refusals(server)
            const startedAt = server.seen[0]?.at ?? 0
            // the burst before anything is known, and what was on its way when its first refusal arrived
            const burst = refused.filter((at) => at - startedAt < 600)
            assert.isAtMost(burst.length, 20)
            const later = refused.slice(burst.length)
            // two may come in one round trip where the server took more before than it takes
            assert.isAtMost(later.length, causes(later) + 2)
            assert.isAtMost(causes(later), 10)
          })
        ),
      120_000
    )
  }

  it.effect("uses what the server takes: 4 at once of 50 ms each, with ways of up to 100 ms", () =>
    simulated(
      "uses",
      Effect.gen(function*() {
        const server = RateLimitServer.simulate({ limit, atOnce: () => 4 })
        const figures = yield* drive(server, 400)
        // four on their way, each 160 ms on the average, are 25 a second; a third is for finding that out
        assert.isAtMost(figures.millis, (400 / 25) * 1000 * 1.5)
      })
    ), 120_000)

  it.effect("takes more again when the server does", () =>
    simulated(
      "again",
      Effect.gen(function*() {
        let most = 0
        const now = yield* Clock.currentTimeMillis
        const server = RateLimitServer.simulate({ limit, atOnce: (at) => at < now + 5000 ? 4 : 1000 })
        let inFlight = 0
        const counted: RateLimitServer.Server = {
          request: Effect.ensuring(
            Effect.suspend(() => {
              inFlight++
              // what was on its way before anything was known does not count
              if (server.seen.length > 100) most = Math.max(most, inFlight)
              return server.request
            }),
            Effect.sync(() => inFlight--)
          )
        }
        yield* drive(counted, 1500)
        assert.isAtLeast(most, 20)
      })
    ), 120_000)

  it.effect("waits as refusals of too many at once ask for, and ends every call", () =>
    simulated(
      "asks",
      Effect.gen(function*() {
        const server = RateLimitServer.simulate({ limit, atOnce: () => 4, atOnceAfter: 3000 })
        yield* drive(server, 300)
        assert.strictEqual(server.seen.filter(({ status }) => status === 200).length, 300)
        const refused = refusals(server)
        assert.isAtMost(refused.length, 30)
        for (const at of refused) {
          // what was on its way then, and nothing from its arrival until the wait is over
          const early = server.seen.filter((one) => one.at > at + 200 && one.at < at + 3000)
          assert.deepStrictEqual(early, [])
        }
      })
    ), 120_000)

  it.effect("ends every call where the headers are hidden", () =>
    simulated(
      "hidden at once",
      Effect.gen(function*() {
        const server = RateLimitServer.simulate({ limit, atOnce: () => 4, hidden: headers })
        yield* drive(server, 300)
        assert.strictEqual(server.seen.filter(({ status }) => status === 200).length, 300)
        assert.isAtMost(refusals(server).length, 30)
      })
    ), 120_000)

  it("halves once for all that were on their way together, however late their refusals come", () => {
    const state = Pacing.make()
    const now = Date.UTC(2026, 10, 24)
    const told: RateLimit.Snapshot = { limit: 1000, remaining: 900, resetAt: now + 60_000, date: now }
    /** Sends as many as may go. */
    const send = (at: number): Array<number> => {
      const sent: Array<number> = []
      for (;;) {
        const turn = { ticket: 0, request: 0 }
        if (state.ask(turn, at, maxConcurrent, 0.5) !== 0) {
          state.leave(turn)
          return sent
        }
        sent.push(turn.request)
      }
    }
    const settle = (request: number, status: number, at: number): void =>
      state.settle(request, told, status, at, now + at)
    let at = 0
    let burst = send(at)
    while (burst.length < maxConcurrent) {
      for (const request of burst) settle(request, 200, at)
      burst = send(++at)
    }
    // 4 are taken and 28 refused, of which the last are heard of when others have gone
    const [first, ...others] = burst.slice(4)
    settle(first ?? 0, 429, ++at)
    for (const request of burst.slice(0, 4)) settle(request, 200, at)
    for (const request of others.slice(0, 20)) settle(request, 429, at)
    const next = send(++at)
    assert.strictEqual(next.length, 16 - others.slice(20).length)
    for (const request of others.slice(20)) settle(request, 429, ++at)
    assert.strictEqual(next.length + send(++at).length, 16)
  })

  it.effect("goes on as before where the window alone was used up", () =>
    simulated(
      "window alone",
      Effect.gen(function*() {
        const server = RateLimitServer.simulate({
          limit: (window, into) => window === 1 && into < 500 ? 1000 : 60
        })
        const budget = RateLimit.makeBudget({ maxConcurrent })
        assert.isAbove((yield* RateLimitServer.drive(budget, server, 200)).refused, 1)
        let inFlight = 0
        const fiber = yield* Effect.forkChild(Effect.all(
          Array.from({ length: 100 }, () =>
            budget.use(() => Effect.andThen(Effect.sync(() => inFlight++), Effect.never))),
          { concurrency: "unbounded" }
        ))
        yield* Effect.sleep(70_000)
        yield* Fiber.interrupt(fiber)
        assert.isAtLeast(inFlight, 30)
      })
    ))
})

describe("the budget", () => {
  it.effect(
    "answers no 429 whatever the limit and the ways, also where answers overtake each other and get lost",
    () =>
      Effect.gen(function*() {
        for (let seed = 0; seed < 12; seed++) {
          const limit = 10 + (seed * 7) % 90
          const latency = [0, [5, 50, 500, 3000][seed % 4] ?? 0] as const
          yield* simulated(
            `any ${seed}`,
            Effect.gen(function*() {
              const server = RateLimitServer.simulate({ limit: () => limit, latency, clockOffset: seed * 777 })
              const budget = RateLimit.makeBudget({ maxConcurrent })
              // an answer that comes later than the caller waits is lost
              const impatient = Effect.asVoid(Effect.timeoutOption(budget.use(() => server.request), 30))
              const patient = Effect.asVoid(RateLimitServer.call(budget, server))
              const lossy = Effect.flatMap(Random.next, (random) => random < 0.1 ? impatient : patient)
              yield* Effect.all(Array.from({ length: limit * 4 }, () => lossy), { concurrency: "unbounded" })
              assert.deepStrictEqual(refusedByWindow(server).filter((refused) => refused > 0), [])
            })
          )
        }
      }),
    120_000
  )

  for (const clockOffset of [0, tenMinutes, -tenMinutes]) {
    it.effect(`waits once until Retry-After after a 429, with a clock that is ${clockOffset} ms off`, () =>
      simulated(
        "once",
        Effect.gen(function*() {
          const server = RateLimitServer.simulate({
            limit: () => 1000,
            clockOffset,
            forced: { request: 1, millis: 23_456 }
          })
          const figures = yield* drive(server, 1)
          assert.strictEqual(figures.refused, 1)
          const [first, second] = server.seen
          assert.strictEqual(server.seen.length, 2)
          const waited = (second?.at ?? 0) - (first?.at ?? 0)
          assert.isAtLeast(waited, 23_456)
          // what Date leaves out, the jitter and the two ways
          assert.isBelow(waited, 23_456 + 1000 + 300 + 200)
        })
      ))
  }

  it.effect("lets none of 100 that wait slip through a 429 that comes meanwhile", () =>
    simulated(
      "queued",
      Effect.gen(function*() {
        const server = RateLimitServer.simulate({ limit: () => 1000, forced: { request: 40, millis: 20_000 } })
        const figures = yield* drive(server, 140)
        const forced = server.seen.findIndex(({ status }) => status === 429)
        const retryAt = (server.seen[forced]?.at ?? 0) + 20_000
        const refused = server.seen.filter(({ status }) => status === 429).length
        assert.isAtMost(refused, maxConcurrent)
        assert.strictEqual(figures.refused, refused)
        // those that were on their way when the answer was given, or until it arrived
        const during = server.seen.slice(forced).filter(({ at }) => at < retryAt)
        assert.isAtMost(Math.max(...during.map(({ at }) => at)), (server.seen[forced]?.at ?? 0) + 200)
        assert.strictEqual(server.seen.filter(({ status }) => status === 200).length, 140)
      })
    ))

  it.effect("goes on as the window allows after a block that is shorter", () =>
    simulated(
      "shorter",
      Effect.gen(function*() {
        const server = RateLimitServer.simulate({ limit: () => 100, forced: { request: 50, millis: 5000 } })
        yield* drive(server, 150)
        const later = server.seen.filter(({ status, window }) => status === 429 && window > 1)
        assert.strictEqual(later.length, 0)
        const afterBlock = server.seen.filter(({ into, status, window }) =>
          window === 1 && into > 6500 && status === 429
        )
        assert.strictEqual(afterBlock.length, 0)
        assert.strictEqual(server.seen.filter(({ status, window }) => window === 1 && status === 200).length, 100)
      })
    ))

  it.effect("backs off where 429s come without headers", () =>
    simulated(
      "hidden",
      Effect.gen(function*() {
        const server = RateLimitServer.simulate({ limit: () => 200, hidden: headers })
        const figures = yield* drive(server, 500)
        // what was on its way, and one try after 1, 2, 4, 8, 16 and 32 seconds, in each of two windows
        assert.isAtMost(figures.refused, 2 * (maxConcurrent + 6))
        assert.isAtMost(figures.millis, 200_000)
      })
    ))

  it.effect("lets 10 go before the first answer", () =>
    simulated(
      "first",
      Effect.gen(function*() {
        const budget = RateLimit.makeBudget({ maxConcurrent })
        let sent = 0
        const fiber = yield* Effect.forkChild(Effect.all(
          Array.from({ length: 100 }, () => budget.use(() => Effect.andThen(Effect.sync(() => sent++), Effect.never))),
          { concurrency: "unbounded" }
        ))
        yield* Effect.sleep(60_000)
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(sent, 10)
      })
    ))

  it.effect("goes on trying where nothing is ever answered", () =>
    simulated(
      "dead",
      Effect.gen(function*() {
        const budget = RateLimit.makeBudget({ maxConcurrent })
        let sent = 0
        const startedAt = yield* Clock.currentTimeMillis
        yield* Effect.all(
          Array.from({ length: 200 }, () =>
            budget.use(() => Effect.andThen(Effect.sync(() => sent++), Effect.sleep(10)))),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(sent, 200)
        assert.isBelow((yield* Clock.currentTimeMillis) - startedAt, 5000)
      })
    ))

  it.effect("gives the place of an interrupted request and of an interrupted waiter back", () =>
    simulated(
      "interrupted",
      Effect.gen(function*() {
        const budget = RateLimit.makeBudget({ maxConcurrent: 1 })
        const sending = yield* Effect.forkChild(budget.use(() => Effect.never))
        yield* Effect.sleep(1)
        let sent = false
        const waiting = yield* Effect.forkChild(budget.use(() => Effect.sync(() => sent = true)))
        yield* Effect.sleep(1000)
        yield* Fiber.interrupt(waiting)
        assert.isFalse(sent)
        yield* Fiber.interrupt(sending)
        const startedAt = yield* Clock.currentTimeMillis
        yield* budget.use(() => Effect.void)
        assert.strictEqual((yield* Clock.currentTimeMillis) - startedAt, 0)
      })
    ))

  it.effect("does not wait interruptibly where its caller must not be interrupted", () =>
    simulated(
      "cleaning",
      Effect.gen(function*() {
        const budget = RateLimit.makeBudget({ maxConcurrent: 1 })
        const holder = yield* Effect.forkChild(budget.use(() => Effect.sleep(5000)))
        yield* Effect.sleep(1)
        let isCleaned = false
        const fiber = yield* Effect.forkChild(
          Effect.onInterrupt(Effect.never, () =>
            budget.use(() =>
              Effect.sync(() => {
                isCleaned = true
              })
            ))
        )
        yield* Effect.sleep(1)
        yield* Fiber.interrupt(fiber)
        assert.isTrue(isCleaned)
        yield* Fiber.join(holder)
      })
    ))

  it.effect("counts one answer once, and a failure as no answer", () =>
    simulated(
      "twice",
      Effect.gen(function*() {
        const budget = RateLimit.makeBudget({ maxConcurrent: 2 })
        const now = yield* Clock.currentTimeMillis
        const answer = (remaining: number): RateLimit.Snapshot => ({
          limit: 10,
          remaining,
          resetAt: now + 60_000,
          date: now
        })
        yield* budget.use((settle) =>
          Effect.sync(() => {
            settle(answer(2), 200)
            settle(answer(0), 429)
          })
        )
        yield* Effect.exit(budget.use(() => Effect.fail("broken")))
        yield* budget.use(() => Effect.void)
        assert.strictEqual((yield* Clock.currentTimeMillis) - now, 0)
        // two of two may have been counted
        yield* budget.use(() => Effect.void)
        assert.isAtLeast((yield* Clock.currentTimeMillis) - now, 60_000)
      })
    ))

  it("forgets requests and waiters whose fibers vanished without a finalizer", () => {
    const state = Pacing.make()
    const ask = (now: number, turn: Pacing.Turn = { ticket: 0, request: 0 }): number => state.ask(turn, now, 2, 0.5)
    assert.strictEqual(ask(0), 0)
    assert.strictEqual(ask(0), 0)
    for (let vanished = 0; vanished < 100; vanished++) assert.isAbove(ask(0), 0)
    const turn = { ticket: 0, request: 0 }
    let now = 0
    for (let wait = ask(0, turn); wait > 0; wait = ask(now, turn)) now += wait
    assert.isAtLeast(now, 150_000)
    assert.isAtMost(now, 155_000)
  })

  it("never loses a place among waiters that come and give up", () => {
    const state = Pacing.make()
    const turns = Array.from({ length: 1000 }, () => ({ ticket: 0, request: 0 }))
    for (const turn of turns) state.ask(turn, 0, 4, 0.5)
    for (const turn of turns) if (turn.request === 0) state.leave(turn)
    for (const turn of turns) if (turn.request !== 0) state.settle(turn.request, undefined, undefined, 1, 1)
    assert.strictEqual(state.waiting.size, 0)
    assert.isTrue(state.isIdle())
    assert.strictEqual(state.ask({ ticket: 0, request: 0 }, 1, 4, 0.5), 0)
  })
})

describe("budgetFor", () => {
  /** Whether what holds one budget's only place holds the other back. */
  const isShared = (one: RateLimit.Budget, other: RateLimit.Budget) =>
    simulated(
      "shared",
      Effect.gen(function*() {
        const holder = yield* Effect.forkChild(one.use(() => Effect.never))
        yield* Effect.sleep(1)
        const went = yield* Effect.timeoutOption(other.use(() => Effect.void), 5000)
        yield* Fiber.interrupt(holder)
        return went._tag === "None"
      })
    )
  const options = { maxConcurrent: 1 }

  it.effect("is one for one endpoint and token, however often the token was read", () =>
    Effect.gen(function*() {
      const one = RateLimit.budgetFor("https://a.example", Redacted.make("same token"), options)
      const other = RateLimit.budgetFor("https://a.example", Redacted.make("same token"), options)
      assert.isTrue(yield* isShared(one, other))
    }))

  it.effect("is one for one account, and for all without credentials", () =>
    Effect.gen(function*() {
      for (const account of ["researcher", undefined]) {
        const one = RateLimit.budgetFor("https://b.example", account, options)
        const other = RateLimit.budgetFor("https://b.example", account, options)
        assert.isTrue(yield* isShared(one, other))
      }
    }))

  it.effect("goes on for the token that comes in the place of another", () =>
    Effect.gen(function*() {
      const refused = Redacted.make("refused")
      const one = RateLimit.budgetFor("https://f.example", refused, options)
      const next = RateLimit.budgetFor("https://f.example", Redacted.make("next"), options, refused)
      assert.isTrue(yield* isShared(one, next))
      assert.isFalse(yield* isShared(one, RateLimit.budgetFor("https://f.example", Redacted.make("a third"), options)))
    }))

  it.effect("is another for another token, account or endpoint", () =>
    Effect.gen(function*() {
      const one = RateLimit.budgetFor("https://c.example", Redacted.make("one"), options)
      for (const account of [Redacted.make("other"), "one", undefined]) {
        assert.isFalse(yield* isShared(one, RateLimit.budgetFor("https://c.example", account, options)))
      }
      assert.isFalse(yield* isShared(one, RateLimit.budgetFor("https://d.example", Redacted.make("one"), options)))
    }))

  it.effect("keeps what is in use when it forgets idle accounts", () =>
    Effect.gen(function*() {
      const account = (index: number) => RateLimit.budgetFor("https://e.example", `account ${index}`, options)
      yield* simulated(
        "many",
        Effect.gen(function*() {
          const holder = yield* Effect.forkChild(account(0).use(() => Effect.never))
          yield* Effect.sleep(1)
          for (let index = 1; index < 2000; index++) account(index)
          const went = yield* Effect.timeoutOption(account(0).use(() => Effect.void), 1000)
          assert.strictEqual(went._tag, "None")
          yield* Fiber.interrupt(holder)
        })
      )
    }))
})
