import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import * as fc from "fast-check"
import * as RateLimit from "../src/client/RateLimit.ts"
import { NotFound, TooManyRequests } from "../src/contract/RedivisError.ts"
import * as VirtualTime from "./virtualTime.ts"

const date = "Tue, 24 Nov 2026 11:15:07 GMT"
const dateMillis = Date.UTC(2026, 10, 24, 11, 15, 7)

describe("fromHeaders", () => {
  it("reads points in time in milliseconds and the date in whole seconds", () => {
    assert.deepStrictEqual(
      RateLimit.fromHeaders({
        "x-ratelimit-limit": "1000",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(dateMillis + 30_123),
        "retry-after": String(dateMillis + 30_456),
        date
      }),
      { limit: 1000, remaining: 0, resetAt: dateMillis + 30_123, retryAt: dateMillis + 30_456, date: dateMillis }
    )
  })

  const texts: ReadonlyArray<readonly [string, RateLimit.Snapshot]> = [
    ["", {}],
    [" 42 ", { limit: 42, remaining: 42, resetAt: 42, retryAt: 42 }],
    ["42.9", { limit: 42, remaining: 42, resetAt: 42, retryAt: 42 }],
    ["0", { remaining: 0, resetAt: 0, retryAt: 0 }],
    ["-5", { remaining: 0 }],
    ["9007199254740993", {}],
    ["9".repeat(400), {}],
    ["8640000000000001", { limit: 8640000000000001, remaining: 8640000000000001 }],
    ["1e3", {}],
    ["0x10", {}],
    ["NaN", {}],
    ["Infinity", {}],
    ["12 requests", {}],
    ["5, 7", { limit: 5, remaining: 5, resetAt: 7, retryAt: 7 }],
    ["7,5", { limit: 5, remaining: 5, resetAt: 7, retryAt: 7 }],
    ["5, soon", {}],
    ["5,", {}],
    // a proxy's own, as HTTP has it
    [date, { resetAt: dateMillis, retryAt: dateMillis }]
  ]
  for (const [text, snapshot] of texts) {
    it(`reads ${JSON.stringify(text.slice(0, 40))} in every header as it is safe`, () => {
      assert.deepStrictEqual(
        RateLimit.fromHeaders({
          "x-ratelimit-limit": text,
          "x-ratelimit-remaining": text,
          "x-ratelimit-reset": text,
          "retry-after": text
        }),
        snapshot
      )
    })
  }

  it("takes no number of seconds for a time to come", () => {
    const snapshot = RateLimit.fromHeaders({ "retry-after": "30", date })
    assert.strictEqual(RateLimit.waitMillis(snapshot, dateMillis), 0)
  })

  for (
    const wrong of [
      "2026-11-24T11:15:07Z",
      "Tue, 24 Nov 2026 11:15:07",
      "Tue, 24 Nov 2026 11:15:07 PST",
      "Tue, 31 Feb 2026 11:15:07 GMT",
      "Tue, 24 Nov 2026 24:15:07 GMT",
      "Tue, 24 Nov 2026 11:60:07 GMT",
      "Tue, 24 November 2026 11:15:07 GMT",
      "Tuesday, 24-Nov-26 11:15:07 GMT",
      `${date}, ${date}`
    ]
  ) {
    it(`leaves out a Date of ${JSON.stringify(wrong)}`, () => {
      assert.deepStrictEqual(RateLimit.fromHeaders({ date: wrong }), {})
    })
  }

  it("reads the Date of every second", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 4e9 }), (second) => {
      assert.deepStrictEqual(RateLimit.fromHeaders({ date: new Date(second * 1000).toUTCString() }), {
        date: second * 1000
      })
    }))
  })

  it("gives numbers that can be shown as they are, or none, for any text", () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[-+0-9.,eE ]{0,30}$/),
      fc.bigInt().map(String),
      fc.double().map(String)
    )
    fc.assert(
      fc.property(text, text, text, text, text, (limit, remaining, reset, retry, at) => {
        const snapshot = RateLimit.fromHeaders({
          "x-ratelimit-limit": limit,
          "x-ratelimit-remaining": remaining,
          "x-ratelimit-reset": reset,
          "retry-after": retry,
          date: at
        })
        for (const value of Object.values<number>(snapshot)) assert.isTrue(Number.isSafeInteger(value) && value >= 0)
        if (snapshot.retryAt !== undefined) new Date(snapshot.retryAt).toISOString()
        const wait = RateLimit.waitMillis(snapshot, dateMillis)
        assert.isTrue(wait >= 0 && wait <= 120_000)
      }),
      { numRuns: 500 }
    )
  })
})

describe("waitMillis", () => {
  it("is never shorter than the server's own, and less than a second longer, whatever the local clock", () => {
    fc.assert(fc.property(
      fc.integer({ min: 1.7e12, max: 1.8e12 }),
      fc.integer({ min: 0, max: 119_000 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      (serverNow, wait, offset) => {
        const snapshot = RateLimit.fromHeaders({
          "retry-after": String(serverNow + wait),
          date: new Date(serverNow).toUTCString()
        })
        const waited = RateLimit.waitMillis(snapshot, serverNow + offset)
        assert.isTrue(waited >= wait && waited < wait + 1000)
      }
    ))
  })

  it("prefers Retry-After to X-RateLimit-Reset", () => {
    assert.strictEqual(RateLimit.waitMillis({ retryAt: 5000, resetAt: 9000, date: 1000 }, 0), 4000)
    assert.strictEqual(RateLimit.waitMillis({ resetAt: 9000, date: 1000 }, 0), 8000)
  })

  it("measures by the local clock where there is no Date", () => {
    assert.strictEqual(RateLimit.waitMillis({ retryAt: 5000 }, 2000), 3000)
  })

  it("lies between nothing and two windows", () => {
    assert.strictEqual(RateLimit.waitMillis({ retryAt: 5000, date: 6000 }, 0), 0)
    assert.strictEqual(RateLimit.waitMillis({ retryAt: 8.64e15, date: 6000 }, 0), 120_000)
    assert.strictEqual(RateLimit.waitMillis({}, 0), 0)
  })
})

describe("schedule", () => {
  const answered = {
    operation: "datasets.get",
    method: "GET",
    url: "https://a.example/api/v1/datasets/a.b",
    warnings: []
  }
  const throttled = (rateLimit: RateLimit.Snapshot): TooManyRequests =>
    new TooManyRequests({
      ...answered,
      status: 429,
      rateLimit,
      ...(rateLimit.retryAt === undefined ? {} : { retryAt: rateLimit.retryAt })
    })

  /** Fails as given, one after the other, then succeeds; gives the waits between. */
  const waits = (
    failures: ReadonlyArray<TooManyRequests | NotFound>,
    schedule: Schedule.Schedule<unknown, unknown> = RateLimit.schedule
  ) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(dateMillis)
      const virtualTime = yield* VirtualTime.make
      const attempts: Array<number> = []
      const attempt = Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const failure = failures[attempts.push(now) - 1]
        return failure === undefined ? Effect.void : Effect.fail(failure)
      })
      const exit = yield* Effect.exit(virtualTime.run(Effect.retry(attempt, schedule)))
      return { exit, waits: attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0)) }
    }).pipe(Random.withSeed("schedule"))

  for (const offset of [0, 600_000, -600_000]) {
    it.effect(`waits until Retry-After and not much longer, by a clock that is ${offset} ms off`, () =>
      Effect.gen(function*() {
        const serverNow = dateMillis + offset
        const failure = throttled({ retryAt: serverNow + 45_678, resetAt: serverNow + 50_000, date: serverNow })
        const { exit, waits: [wait, ...others] } = yield* waits([failure])
        assert.strictEqual(exit._tag, "Success")
        assert.isAtLeast(wait ?? 0, 45_678)
        assert.isAtMost(wait ?? 0, 45_678 + 500)
        assert.deepStrictEqual(others, [])
      }))
  }

  it.effect("waits until X-RateLimit-Reset where there is no Retry-After", () =>
    Effect.gen(function*() {
      const { waits: [wait] } = yield* waits([throttled({ resetAt: dateMillis + 20_000, date: dateMillis })])
      assert.isAtLeast(wait ?? 0, 20_000)
      assert.isAtMost(wait ?? 0, 20_500)
    }))

  it.effect("waits after, never before, and not always the same", () =>
    Effect.gen(function*() {
      const failures = Array.from({ length: 50 }, () => throttled({ retryAt: dateMillis + 1000, date: dateMillis }))
      const all = (yield* waits(failures)).waits
      assert.strictEqual(all.length, 50)
      for (const wait of all) assert.isTrue(wait >= 1000 && wait <= 1500)
      assert.isAbove(new Set(all).size, 10)
    }))

  it.effect("backs off up to a minute where no time to come is named", () =>
    Effect.gen(function*() {
      const all = (yield* waits(Array.from({ length: 8 }, () => throttled({ retryAt: 30, date: dateMillis })))).waits
      const least = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]
      for (const [index, wait] of all.entries()) {
        assert.isAtLeast(wait, least[index] ?? 0)
        assert.isAtMost(wait, (least[index] ?? 0) + 500)
      }
    }))

  it.effect("stops at any other failure", () =>
    Effect.gen(function*() {
      const { exit, waits: all } = yield* waits([
        throttled({ retryAt: dateMillis + 1000, date: dateMillis }),
        new NotFound({ ...answered, status: 404 })
      ])
      assert.strictEqual(exit._tag, "Failure")
      assert.strictEqual(all.length, 1)
    }))

  it.effect("is bounded as any schedule", () =>
    Effect.gen(function*() {
      const failures = Array.from({ length: 9 }, () => throttled({}))
      const { exit, waits: all } = yield* waits(failures, Schedule.upTo(RateLimit.schedule, { times: 3 }))
      assert.strictEqual(exit._tag, "Failure")
      assert.strictEqual(all.length, 3)
    }))
})
