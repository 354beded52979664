/**
 * The figures of the budget again, through the whole client and the emulator's
 * own handler: one clock for both, which stands while a request is handled. The
 * emulator's request log tells what came.
 */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as User from "@effect-redivis/core/User"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as RateLimitServer from "../../packages/core/test/rateLimitServer.ts"
import * as VirtualTime from "../../packages/core/test/virtualTime.ts"

const maxConcurrent = 32
const tenMinutes = 600_000
/** What the two ways of a request take at most. */
const twoWays = 200
/** What a wait may take beyond what it must: the fraction of a second that `Date` leaves out, and the jitter. */
const slack = 1000 + 500

/** One request as the server saw it. */
interface Seen {
  readonly at: number
  readonly status: number | null
  readonly from: "us" | "others"
  /** The window that it fell into, from 1. */
  readonly window: number
  /** Milliseconds since that window began. */
  readonly into: number
}

interface World {
  readonly emulator: Emulator.Emulator["Service"]
  /** The clock stands meanwhile. */
  readonly work: VirtualTime.VirtualTime["work"]
  /** A client of the emulator's default user, or of another token, over ways that take virtual time. */
  readonly clientOf: (token?: string) => Layer.Layer<Redivis.Redivis>
  /** Runs as each request of ours arrives, before it is handled, with its window and the time since that began. */
  readonly onArrival: (f: (window: number, into: number) => Effect.Effect<void>) => void
  /** From now on every other answer tells points in time in milliseconds. */
  readonly otherForms: Effect.Effect<void>
  /** A request of somebody else with the same token, without latency. */
  readonly takeByOthers: Effect.Effect<void>
  /** What the request log holds. */
  readonly seen: Effect.Effect<ReadonlyArray<Seen>>
  /** Most requests of ours that were on their way together. */
  readonly together: () => number
}

/** Windows of requests in the order in which they came, as they start at the first request. */
const windows = () => {
  let window = 0
  let startedAt = -Infinity
  return (at: number) => {
    if (at >= startedAt + RateLimitServer.windowMillis) {
      startedAt = at
      window++
    }
    return { window, into: at - startedAt }
  }
}

const makeWorld = Effect.fnUntraced(function*(
  virtualTime: VirtualTime.VirtualTime,
  options: Emulator.Options
): Effect.fn.Return<World, never, Scope.Scope> {
  const emulator = yield* virtualTime.work(Effect.orDie(Emulator.makeInMemory(options)))
  let arrived: (window: number, into: number) => Effect.Effect<void> = () => Effect.void
  let inFlight = 0
  let together = 0
  const windowOf = windows()

  /** The clock stands until the answer is there with all its bytes. */
  const handle = (request: HttpClientRequest.HttpClientRequest) =>
    virtualTime.work(Effect.gen(function*() {
      const { arrayBuffer, headers, status } = yield* emulator.httpClient.execute(request)
      return HttpClientResponse.fromWeb(request, new Response(yield* arrayBuffer, { status, headers }))
    }))
  const way = Effect.flatMap(Random.nextIntBetween(10, twoWays / 2 + 1), (millis) => Effect.sleep(millis))
  const httpClient = HttpClient.make((request) =>
    Effect.gen(function*() {
      together = Math.max(together, ++inFlight)
      yield* way
      const { into, window } = windowOf(yield* emulator.clock.now)
      yield* arrived(window, into)
      const response = yield* handle(request)
      yield* way
      return response
    }).pipe(Effect.ensuring(Effect.sync(() => inFlight--)))
  )

  const others = HttpClientRequest.get(`${emulator.baseUrl}/users/me`).pipe(
    HttpClientRequest.bearerToken(emulator.token),
    HttpClientRequest.setHeader("x-from", "others")
  )
  return {
    emulator,
    work: virtualTime.work,
    clientOf: (token = emulator.token) =>
      Redivis.layer({ endpoint: emulator.baseUrl, token: Redacted.make(token), maxConcurrent }).pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, httpClient)),
        Layer.orDie,
        Layer.fresh
      ),
    onArrival: (f) => {
      arrived = f
    },
    otherForms: Effect.sync(() => {
      let arrivals = 0
      arrived = () =>
        ++arrivals % 2 === 0
          ? Effect.ignore(
            emulator.faults.add({ match: "users.me", times: 1, do: { rateLimitHeaders: "milliseconds" } })
          )
          : emulator.faults.clear
    }),
    takeByOthers: Effect.flatMap(emulator.clock.now, (at) => {
      windowOf(at)
      return Effect.orDie(Effect.asVoid(handle(others)))
    }),
    seen: Effect.map(emulator.requests, (records) => {
      const windowOf = windows()
      return records.map(({ headers, startedAt, status }) => ({
        at: startedAt,
        status,
        from: headers["x-from"] === undefined ? "us" as const : "others" as const,
        ...windowOf(startedAt)
      }))
    }),
    together: () => together
  }
})

/** Runs on the virtual clock, at a time that is not on a whole second, with draws that are the same each time. */
const simulated = <A, E>(
  seed: string,
  options: Emulator.Options,
  use: (world: World) => Effect.Effect<A, E, Scope.Scope>
): Effect.Effect<A, E, Scope.Scope> =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.UTC(2026, 10, 24, 9, 30, 0, 347))
    const virtualTime = yield* VirtualTime.make
    return yield* virtualTime.run(Effect.flatMap(makeWorld(virtualTime, options), use))
  }).pipe(Random.withSeed(seed))

const callTogether = (count: number) =>
  Effect.all(Array.from({ length: count }, () => User.me()), { concurrency: "unbounded", discard: true })

interface Figures {
  /** Virtual time from the first call to the last answer. */
  readonly millis: number
  readonly seen: ReadonlyArray<Seen>
  /** Our requests that were answered 429, by windows. */
  readonly refused: ReadonlyArray<number>
}

/** Makes so many calls at once, all of which must succeed. */
const drive = (world: World, count: number): Effect.Effect<Figures> =>
  Effect.gen(function*() {
    const startedAt = yield* Clock.currentTimeMillis
    yield* Effect.orDie(Effect.provide(callTogether(count), world.clientOf()))
    const millis = (yield* Clock.currentTimeMillis) - startedAt
    const seen = yield* world.seen
    const refused: Array<number> = []
    for (const { from, status, window } of seen) {
      refused[window - 1] = (refused[window - 1] ?? 0) + (from === "us" && status === 429 ? 1 : 0)
    }
    const ours = seen.filter(({ from }) => from === "us")
    assert.strictEqual(ours.filter(({ status }) => status === 200).length, count)
    assert.strictEqual(ours.filter(({ status }) => status !== 200 && status !== 429).length, 0)
    assert.isAtMost(world.together(), maxConcurrent)
    return { millis, seen, refused }
  })

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, one) => total + one, 0)

/** Does something once, as soon as a request of this window comes, or one at this time into it. */
const onceIn = (world: World, wanted: number, from: number, effect: Effect.Effect<void>): void => {
  let isDone = false
  world.onArrival((window, into) =>
    Effect.suspend(() => {
      if (isDone || window < wanted || into < from) return Effect.void
      isDone = true
      return effect
    })
  )
}

describe("the client under the emulator's rate limit", () => {
  const steady: ReadonlyArray<{
    readonly name: string
    readonly initial: number
    /** Requests a window, for the ideal. */
    readonly limit: (window: number) => number
    readonly clockOffset?: number
    readonly calls: number
    readonly forms?: "seconds" | "mixed"
  }> = [
    { name: "5,000 calls, 1000 a minute", initial: 1000, limit: () => 1000, calls: 5000 },
    { name: "5,000 calls, 137 a minute", initial: 137, limit: () => 137, calls: 5000 },
    {
      name: "5,000 calls, 1000 a minute that fall to 500 as the third window starts",
      initial: 1000,
      limit: (window) => window < 3 ? 1000 : 500,
      calls: 5000
    },
    {
      name: "1,200 calls, 250 a minute by a clock ten minutes ahead",
      initial: 250,
      limit: () => 250,
      clockOffset: tenMinutes,
      calls: 1200
    },
    {
      name: "1,200 calls, 250 a minute by a clock ten minutes behind",
      initial: 250,
      limit: () => 250,
      clockOffset: -tenMinutes,
      calls: 1200
    },
    ...([0, tenMinutes, -tenMinutes] as const).flatMap((clockOffset) =>
      (["seconds", "mixed"] as const).map((forms) => ({
        name: `600 calls, 137 a minute, points in time ${forms}, by a clock that is ${clockOffset} ms off`,
        initial: 137,
        limit: () => 137,
        clockOffset,
        calls: 600,
        forms
      }))
    )
  ]
  for (const { calls, clockOffset = 0, forms, initial, limit, name } of steady) {
    it.effect(
      `takes at most 1.02 times the ideal time and no 429: ${name}`,
      () =>
        simulated(
          name,
          { rateLimit: initial, rateLimitHeaders: forms && "seconds" },
          (world) =>
            Effect.gen(function*() {
              yield* world.emulator.clock.adjust(clockOffset)
              if (forms === "mixed") yield* world.otherForms
              if (limit(3) !== initial) onceIn(world, 2, 1, world.emulator.setRateLimit(limit(3), "nextWindow"))
              const { millis, refused, seen } = yield* drive(world, calls)
              const ideal = RateLimitServer.idealMillis(calls, limit)
              assert.strictEqual(sum(refused), 0)
              assert.strictEqual(seen.length, calls)
              assert.isAtMost(millis / ideal, 1.02)
              assert.isAtLeast(millis, ideal)
            })
        ),
      120_000
    )
  }

  it.effect(
    "is answered at most one 429 for each call in flight where the limit falls in mid-window: 5,000 calls",
    () =>
      simulated("falls", { rateLimit: 1000 }, (world) =>
        Effect.gen(function*() {
          // at 2.5 s more than 500 of the 1000 are used
          onceIn(world, 2, 2500, world.emulator.setRateLimit(500, "now"))
          const { refused } = yield* drive(world, 5000)
          assert.isAbove(refused[1] ?? 0, 0)
          assert.isAtMost(refused[1] ?? 0, maxConcurrent)
          assert.strictEqual(sum(refused), refused[1])
        })),
    120_000
  )

  it.effect(
    "is answered at most one 429 a window where another client takes three of ten: 5,000 calls",
    () =>
      simulated("of ten", { rateLimit: 1000 }, (world) =>
        Effect.gen(function*() {
          let turn = 0
          // evenly in each ten, not three at once
          world.onArrival(() =>
            Effect.gen(function*() {
              while (turn++ % 10 >= 7) yield* world.takeByOthers
            })
          )
          const { millis, refused, seen } = yield* drive(world, 5000)
          assert.isAtLeast(seen.filter(({ from }) => from === "others").length, 5000 * 3 / 7 - 3)
          for (const one of refused) assert.isAtMost(one, 1)
          assert.isAtMost(millis / RateLimitServer.idealMillis(5000, () => 700), 1.02)
        })),
    120_000
  )

  it.effect(
    "is answered at most one 429 a window where another client takes 300 a minute evenly: 5,000 calls",
    () =>
      simulated("evenly", { rateLimit: 1000 }, (world) =>
        Effect.gen(function*() {
          const others = yield* Effect.forkChild(Effect.forever(Effect.andThen(Effect.sleep(200), world.takeByOthers)))
          const { refused, seen } = yield* drive(world, 5000)
          yield* Fiber.interrupt(others)
          assert.isAbove(seen.filter(({ from }) => from === "others").length, 5 * 300)
          for (const one of refused) assert.isAtMost(one, 1)
        })),
    120_000
  )

  for (const clockOffset of [0, tenMinutes, -tenMinutes]) {
    it.effect(`waits once until Retry-After after a 429, with a clock that is ${clockOffset} ms off`, () =>
      simulated("once", {}, (world) =>
        Effect.gen(function*() {
          yield* world.emulator.clock.adjust(clockOffset)
          yield* world.emulator.faults.add({ match: "users.me", times: 1, do: { status: 429, retryAfter: 23_456 } })
          const { seen } = yield* drive(world, 1)
          assert.deepStrictEqual(seen.map(({ status }) => status), [429, 200])
          const waited = (seen[1]?.at ?? 0) - (seen[0]?.at ?? 0)
          assert.isAtLeast(waited, 23_456)
          assert.isBelow(waited, 23_456 + slack + twoWays)
        })))

    it.effect(`waits once in whichever form Retry-After comes, with a clock that is ${clockOffset} ms off`, () =>
      simulated("once in each form", { rateLimitHeaders: "seconds" }, (world) =>
        Effect.gen(function*() {
          yield* world.emulator.clock.adjust(clockOffset)
          const block = 23_456
          const forms: ReadonlyArray<((at: number) => string) | undefined> = [
            undefined, // the emulator's own
            (at) => String(Math.ceil(at / 1000)),
            (at) => String(Math.floor(at / 1000)),
            (at) => String(at),
            (at) => new Date(at).toUTCString()
          ]
          for (const form of forms) {
            yield* world.emulator.clearRequests
            // the request comes within the two ways, so that the wait is known to a tenth of a second
            const at = (yield* world.emulator.clock.now) + block
            const told = form === undefined ? {} : { headers: { "retry-after": form(at) } }
            yield* world.emulator.faults.add({
              match: "users.me",
              times: 1,
              do: { status: 429, retryAfter: block, ...told }
            })
            const { seen } = yield* drive(world, 1)
            assert.deepStrictEqual(seen.map(({ status }) => status), [429, 200])
            const waited = (seen[1]?.at ?? 0) - (seen[0]?.at ?? 0)
            assert.isAtLeast(waited, block - twoWays)
            // a second more for what was rounded up, and one for what may have been rounded down
            assert.isBelow(waited, block + slack + twoWays + 2000)
            assert.isAtLeast(seen[1]?.at ?? 0, at)
          }
        })))
  }

  it.effect("tells until when in the answer's own year, where the service answers as it was recorded", () =>
    simulated("recorded", { rateLimitHeaders: "seconds" }, (world) =>
      Effect.gen(function*() {
        yield* world.emulator.faults.add({ match: "users.me", do: { status: 429, retryAfter: 23_456 } })
        const error = yield* User.me().pipe(
          Retry.withPolicy({ maxAttempts: 1 }),
          Effect.provide(world.clientOf()),
          Effect.flip
        )
        assert.strictEqual(error._tag, "TooManyRequests")
        assert.match(error.message, / until 2026-11-24T09:30:2\d\.000Z/)
      })))

  it.effect("lets none of 100 that wait slip through a 429 that comes meanwhile", () =>
    simulated("queued", {}, (world) =>
      Effect.gen(function*() {
        const { clock, faults } = world.emulator
        const block = 20_000
        const until = yield* faults.add({
          match: "users.me",
          after: 39,
          do: { status: 429, retryAfter: block }
        })
        let retryAt = Infinity
        let arrivals = 0
        world.onArrival(() =>
          Effect.gen(function*() {
            const now = yield* clock.now
            if (++arrivals === 40) retryAt = now + block
            if (now >= retryAt) yield* faults.remove(until)
          })
        )
        const { refused, seen } = yield* drive(world, 140)
        const forced = seen.findIndex(({ status }) => status === 429)
        const forcedAt = seen[forced]?.at ?? 0
        assert.strictEqual(forced, 39)
        assert.isAtMost(sum(refused), maxConcurrent)
        assert.isAtLeast(140 - forced, 100)
        // those that were on their way when the answer was given, or until it arrived
        const during = seen.slice(forced).filter(({ at }) => at < forcedAt + block)
        assert.isAtMost(Math.max(...during.map(({ at }) => at)), forcedAt + twoWays)
        assert.isTrue(during.every(({ status }) => status === 429))
      })))

  it.effect("waits for Retry-After also where a call queued for longer than its retries may last", () =>
    simulated("a long queue", { rateLimit: 100 }, (world) =>
      Effect.gen(function*() {
        yield* world.emulator.faults.add({
          match: "users.me",
          after: 650,
          times: 1,
          do: { status: 429, retryAfter: 5000 }
        })
        const { seen } = yield* drive(world, 700)
        assert.strictEqual(seen.filter(({ status }) => status === 429).length, 1)
        assert.strictEqual(seen.filter(({ status }) => status === 200).length, 700)
      })))

  it.effect("has a budget of its own for each account", () =>
    simulated("two accounts", { rateLimit: 50 }, (world) =>
      Effect.gen(function*() {
        yield* world.work(Effect.orDie(world.emulator.seed({ users: [{ name: "other" }] })))
        const other = yield* world.work(Effect.orDie(world.emulator.makeToken({ user: "other" })))
        const startedAt = yield* Clock.currentTimeMillis
        yield* Effect.orDie(Effect.all([
          Effect.provide(callTogether(50), world.clientOf()),
          Effect.provide(callTogether(50), world.clientOf(other))
        ], { concurrency: "unbounded" }))
        assert.isBelow((yield* Clock.currentTimeMillis) - startedAt, RateLimitServer.windowMillis)
        const records = yield* world.emulator.requests
        assert.strictEqual(records.filter(({ status }) => status === 200).length, 100)
        assert.strictEqual(records.filter(({ user }) => user === "other").length, 50)
      })))

  it.effect("has one budget for two layers of one token", () =>
    simulated("two layers", { rateLimit: 50 }, (world) =>
      Effect.gen(function*() {
        const startedAt = yield* Clock.currentTimeMillis
        yield* Effect.orDie(Effect.all([
          Effect.provide(callTogether(50), world.clientOf()),
          Effect.provide(callTogether(50), world.clientOf())
        ], { concurrency: "unbounded" }))
        assert.isAtLeast((yield* Clock.currentTimeMillis) - startedAt, RateLimitServer.windowMillis)
        const seen = yield* world.seen
        assert.strictEqual(seen.length, 100)
        assert.isTrue(seen.every(({ status }) => status === 200))
        assert.isAtMost(world.together(), maxConcurrent)
      })))

  for (const limited of ["by its own setting", "by a fault"] as const) {
    it.live(`ends every call of a service that takes four at once ${limited}`, () =>
      Effect.gen(function*() {
        const byFault = limited === "by a fault"
        const emulator = yield* Emulator.make({ concurrencyLimit: byFault ? undefined : 4 })
        yield* emulator.faults.add({
          match: "users.me",
          do: { delay: 5, ...(byFault ? { concurrencyLimit: 4 } : {}) }
        })
        yield* Effect.provide(
          callTogether(150),
          NodeRedivis.layer({ endpoint: emulator.baseUrl, token: Redacted.make(emulator.token) })
        )
        const records = yield* emulator.requests
        assert.strictEqual(records.filter(({ status }) => status === 200).length, 150)
        // six of the ten that go before anything is known, then one for each halving and each trial of more
        const refused = records.filter(({ status }) => status === 429)
        assert.isAtLeast(refused.length, 1)
        assert.isAtMost(refused.length, 20)
        assert.strictEqual(records.length, 150 + refused.length)
      }).pipe(Effect.scoped))
  }

  it.live("makes 300 calls over sockets without a 429", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* Effect.provide(
        callTogether(300),
        NodeRedivis.layer({ endpoint: emulator.baseUrl, token: Redacted.make(emulator.token) })
      )
      const records = yield* emulator.requests
      assert.strictEqual(records.length, 300)
      assert.isTrue(records.every(({ status }) => status === 200))
    }).pipe(Effect.provide(Emulator.layerTest)))
})
