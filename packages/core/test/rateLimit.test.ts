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

  const counts: ReadonlyArray<readonly [string, RateLimit.Snapshot]> = [
    ["", {}],
    [" 42 ", { limit: 42, remaining: 42 }],
    ["42.9", { limit: 42, remaining: 42 }],
    ["0", { remaining: 0 }],
    ["-5", { remaining: 0 }],
    ["9007199254740993", {}],
    ["9".repeat(400), {}],
    ["8640000000000001", { limit: 8640000000000001, remaining: 8640000000000001 }],
    ["1e3", {}],
    ["0x10", {}],
    ["NaN", {}],
    ["Infinity", {}],
    ["12 requests", {}],
    ["5, 7", { limit: 5, remaining: 5 }],
    ["7,5", { limit: 5, remaining: 5 }],
    ["5, soon", {}],
    ["5,", {}],
    [date, {}]
  ]
  for (const [text, snapshot] of counts) {
    it(`reads ${JSON.stringify(text.slice(0, 40))} as a count as it is safe`, () => {
      assert.deepStrictEqual(
        RateLimit.fromHeaders({ "x-ratelimit-limit": text, "x-ratelimit-remaining": text }),
        snapshot
      )
    })
  }

  // of an answer of Tue, 24 Nov 2026 11:15:07 GMT, which is 1795518907 in seconds: the text, the window's end in
  // seconds since then, and when to come again
  const points: ReadonlyArray<readonly [string, number | undefined, number | undefined]> = [
    // milliseconds since the epoch
    ["1795518937123", 30.123, 30.123],
    [" 1795518937123 ", 30.123, 30.123],
    ["1795518937123.4", 30.124, 30.124],
    ["1795518907000", 0, 0],
    ["8640000000000000", 8638204481093, 8638204481093],
    // seconds since the epoch
    ["1795518937", 30, 30],
    ["1795518937.5", 30.5, 30.5],
    ["1795518907", 0, 0],
    ["99999999999", 98204481092, 98204481092],
    // seconds from the answer on, which the window's end has never been
    ["45", undefined, 45],
    ["0", undefined, 0],
    ["0.5", undefined, 0.5],
    ["999999999", undefined, 999999999],
    // dates as HTTP has them
    ["Tue, 24 Nov 2026 11:15:37 GMT", 30, 30],
    ["Tue, 24 Nov 2026 11:15:07 GMT", 0, 0],
    ["Tue, 24 Nov 2026 11:15:37", undefined, undefined],
    ["2026-11-24T11:15:37Z", undefined, undefined],
    // shortly before the answer: no answer sends its reader back in time
    ["1795518906999", 0, 0],
    ["1795518906", 0, 0],
    ["1795518860", 0, 0],
    ["Tue, 24 Nov 2026 11:15:00 GMT", 0, 0],
    // long before it
    ["1795518847", undefined, undefined],
    ["1795518846999", undefined, undefined],
    ["1000000000", undefined, undefined],
    ["100000000000", undefined, undefined],
    ["Wed, 24 Nov 2021 11:15:07 GMT", undefined, undefined],
    // several: the last, whichever forms they have
    ["1795518937, 1795518947123", 40.123, 40.123],
    ["1795518947123,1795518937", 40.123, 40.123],
    ["30, 45", undefined, 45],
    ["30, Tue, 24 Nov 2026 11:15:57 GMT", 50, 50],
    ["Tue, 24 Nov 2026 11:15:57 GMT, Tue, 24 Nov 2026 11:15:37 GMT", 50, 50],
    ["-1, 30", undefined, 30],
    ["1795518937, soon", undefined, undefined],
    ["1795518937,", undefined, undefined],
    // no point in time
    ["", undefined, undefined],
    ["-5", undefined, undefined],
    ["-1795518937", undefined, undefined],
    ["8640000000000001", undefined, undefined],
    ["9".repeat(400), undefined, undefined],
    ["1e12", undefined, undefined],
    ["0x10", undefined, undefined],
    ["NaN", undefined, undefined],
    ["soon", undefined, undefined]
  ]
  for (const [text, resets, retries] of points) {
    it(`reads ${JSON.stringify(text.slice(0, 60))} as a point in time by its magnitude`, () => {
      const moment = (seconds: number | undefined) =>
        seconds === undefined ? undefined : Math.round(dateMillis + seconds * 1000)
      const { resetAt, retryAt } = RateLimit.fromHeaders({ "x-ratelimit-reset": text, "retry-after": text, date })
      assert.deepStrictEqual([resetAt, retryAt], [moment(resets), moment(retries)])
    })
  }

  it("reads what was recorded", () => {
    assert.deepStrictEqual(
      RateLimit.fromHeaders({
        date: "Wed, 14 May 2025 11:11:06 GMT",
        "x-ratelimit-limit": "1000",
        "x-ratelimit-remaining": "999",
        "x-ratelimit-reset": "1747221127"
      }),
      { limit: 1000, remaining: 999, resetAt: 1747221127000, isRounded: true, date: 1747221066000 }
    )
  })

  it("counts seconds from the local clock where there is no Date, rounded up as a server would", () => {
    assert.deepStrictEqual(RateLimit.fromHeaders({ "retry-after": "30" }, dateMillis + 1), {
      retryAt: dateMillis + 31_000,
      isRounded: true
    })
    const before = Date.now()
    const { retryAt } = RateLimit.fromHeaders({ "retry-after": "30" })
    assert.isAtLeast(retryAt ?? 0, before + 30_000)
    assert.isAtMost(retryAt ?? 0, Date.now() + 31_000)
  })

  it("holds points of another clock against the local one where there is no Date", () => {
    const resetAt = (now?: number) => RateLimit.fromHeaders({ "x-ratelimit-reset": "1795518937" }, now).resetAt
    assert.strictEqual(resetAt(dateMillis), dateMillis + 30_000)
    assert.strictEqual(resetAt(dateMillis + 31_000), dateMillis + 31_000)
    assert.strictEqual(resetAt(dateMillis + 600_000), undefined)
    assert.strictEqual(resetAt(), dateMillis + 30_000)
  })

  it("names no time before the answer, whatever the headers are", () => {
    const text = fc.oneof(
      fc.integer({ min: -10, max: 2e9 }).map(String),
      fc.double({ min: 0, max: 1e16, noNaN: true }).map((value) => value.toFixed(1)),
      fc.integer({ min: 0, max: 4e9 }).map((second) => new Date(second * 1000).toUTCString())
    )
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 4e9 }), fc.boolean(), (reset, retry, second, isDated) => {
        const now = second * 1000
        const snapshot = RateLimit.fromHeaders({
          "x-ratelimit-reset": reset,
          "retry-after": retry,
          date: isDated ? new Date(now).toUTCString() : undefined
        }, now)
        for (const point of [snapshot.resetAt, snapshot.retryAt]) assert.isTrue(point === undefined || point >= now)
      })
    )
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
        const { isRounded: _, ...numbers } = snapshot
        for (const value of Object.values<number>(numbers)) assert.isTrue(Number.isSafeInteger(value) && value >= 0)
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

  it("takes the end of a window that has requests left for no word on when to come again", () => {
    assert.strictEqual(RateLimit.waitMillis({ remaining: 7, resetAt: 9000, date: 1000 }, 0), 0)
    assert.strictEqual(RateLimit.waitMillis({ remaining: 7, retryAt: 5000, resetAt: 9000, date: 1000 }, 0), 4000)
    assert.strictEqual(RateLimit.waitMillis({ remaining: 0, resetAt: 9000, date: 1000 }, 0), 8000)
  })

  it("is a second longer for what may have been rounded down", () => {
    const wait = (text: string) => RateLimit.waitMillis(RateLimit.fromHeaders({ "retry-after": text, date }), 0)
    assert.strictEqual(wait(String(dateMillis + 45_000)), 45_000)
    for (const text of ["1795518952", "45", "Tue, 24 Nov 2026 11:15:52 GMT", `45, ${dateMillis + 1000}`]) {
      assert.strictEqual(wait(text), 46_000, text)
    }
    assert.strictEqual(wait("1795518952.5"), 45_500)
  })

  it("is never shorter than the server's own where it tells whole seconds, however it rounds them", () => {
    fc.assert(fc.property(
      fc.integer({ min: 1.7e12, max: 1.8e12 }),
      fc.integer({ min: 0, max: 110_000 }),
      fc.constantFrom(Math.ceil, Math.floor, Math.round),
      fc.constantFrom("seconds", "wait", "date"),
      (serverNow, wait, round, form) => {
        const seconds = round((serverNow + wait) / 1000)
        const snapshot = RateLimit.fromHeaders({
          "retry-after": form === "seconds"
            ? String(seconds)
            : form === "wait"
            ? String(round(wait / 1000))
            : new Date(seconds * 1000).toUTCString(),
          date: new Date(serverNow).toUTCString()
        })
        const waited = RateLimit.waitMillis(snapshot, 0)
        assert.isTrue(waited >= wait && waited < wait + 3000)
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

  it.effect("backs off where the server takes no more at once and does not say until when", () =>
    Effect.gen(function*() {
      const failure = throttled({ remaining: 7, resetAt: dateMillis + 50_000, date: dateMillis })
      const all = (yield* waits([failure, failure])).waits
      assert.isTrue(all.every((wait, index) => wait >= 1000 * 2 ** index && wait <= 1000 * 2 ** index + 500))
      assert.include(failure.message, "too many requests go at once (429)")
    }))

  it("tells until when in messages that never throw", () => {
    assert.include(throttled({ retryAt: dateMillis }).message, "Wait until 2026-11-24T11:15:07.000Z,")
    for (const retryAt of [NaN, Infinity, 8.64e15 + 1]) assert.include(throttled({ retryAt }).message, "Wait, or")
  })

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
