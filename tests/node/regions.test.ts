/** What `Redivis.with…` and `Retry.…` change: for effects and streams, inside of what is set around them. */
import * as Credentials from "@effect-redivis/core/Credentials"
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as RedivisError from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as User from "@effect-redivis/core/User"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { against, clientOf, onTestClock } from "./scriptedClient.ts"
import { type Answer, inTurn, type Received, type Reply, serve } from "./scriptedServer.ts"

const refusal = (status: number): Reply => ({ status, body: { status, error: "an_error" } })

const me: Reply = { body: { kind: "user", name: "ada" } }

const page: Reply = { body: { results: [], nextPageToken: null } }

const listed = Dataset.list({ user: "u" })

const drained = <A, E, R>(stream: Stream.Stream<A, E, R>) => Stream.runDrain(stream)

const tokenOf = ({ headers }: Received): string | undefined => headers.authorization?.replace("Bearer ", "")

const source = (text: string): Credentials.Source => Credentials.fromToken(Redacted.make(text))

describe("a stream has a region", () => {
  it.live("of headers, which stand beside those around it", () =>
    Effect.gen(function*() {
      const { received } = yield* against(
        [page],
        drained(listed.pipe(Redivis.withHeaders({ "x-inner": "1", "X-Both": "inner" }))).pipe(
          Redivis.withHeaders({ "x-outer": "2", "x-both": "outer" })
        )
      )
      const { headers } = received[0]!
      assert.deepStrictEqual([headers["x-inner"], headers["x-outer"], headers["x-both"]], ["1", "2", "inner"])
    }))

  it.live("of a time limit", () =>
    Effect.gen(function*() {
      const { result } = yield* against(
        ["silence"],
        Effect.flip(drained(listed.pipe(Retry.withPolicy(Retry.never), Redivis.withTimeout("30 millis"))))
      )
      assert.strictEqual(result._tag === "Success" && result.success._tag, "TransportError")
    }))

  it.live("of a policy and of what is told of retries", () =>
    Effect.gen(function*() {
      const told: Array<number> = []
      const { received } = yield* against(
        [refusal(503)],
        Effect.flip(drained(listed.pipe(
          Retry.withPolicy({ maxAttempts: 3, baseDelay: 1, maxDelay: 1 }),
          Retry.onRetry(({ attempt }) => Effect.sync(() => void told.push(attempt)))
        )))
      )
      assert.strictEqual(received.length, 3)
      assert.deepStrictEqual(told, [1, 2])
    }))

  it.live("of a recorder, which effects have too", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const note = (exchange: Redivis.Exchange) =>
        Effect.sync(() => void seen.push(`${exchange.operation} ${exchange.status}`))
      yield* against(
        ({ target }) => target.includes("/users/me") ? me : refusal(404),
        Effect.gen(function*() {
          yield* Redivis.tapResponses(User.me(), note)
          yield* Effect.flip(Redivis.tapResponses(Dataset.get("o.d"), note))
          yield* Effect.flip(drained(Redivis.tapResponses(listed, note)))
        })
      )
      assert.deepStrictEqual(seen, ["users.me 200", "datasets.get 404", "datasets.listByUser 404"])
    }))

  it.live("of credentials", () =>
    Effect.gen(function*() {
      const { received } = yield* against(
        [page],
        Effect.gen(function*() {
          yield* drained(listed)
          yield* drained(listed.pipe(Redivis.withCredentials(source("another"))))
          yield* drained(listed.pipe(Redivis.withCredentials(Credentials.anonymous)))
        }),
        { token: Redacted.make("own") }
      )
      assert.deepStrictEqual(received.map(tokenOf), ["own", "another", undefined])
    }))
})

describe("withResponse", () => {
  it.live("tells what was exchanged for a failure, where it is given the result", () =>
    Effect.gen(function*() {
      const { result } = yield* against([refusal(404)], Redivis.withResponse(Effect.result(Dataset.get("o.d"))))
      assert(result._tag === "Success")
      assert.strictEqual(result.success.value._tag, "Failure")
      assert.deepStrictEqual(result.success.responses.map(({ status }) => status), [404])
    }))
})

describe("a policy in a region", () => {
  it.live("changes the one around it", () =>
    Effect.gen(function*() {
      const { received } = yield* against(
        [refusal(503)],
        Effect.flip(User.me()).pipe(Retry.withPolicy({ baseDelay: 1 }), Retry.withPolicy({ maxAttempts: 2 }))
      )
      assert.strictEqual(received.length, 2)
    }))

  it.live.each<readonly [string, Partial<Retry.Policy>]>([
    ["policy.maxAttempts", { maxAttempts: Number.NaN }],
    ["policy.maxAttempts", { maxAttempts: 0 }],
    ["policy.baseDelay", { baseDelay: Number.NaN }],
    ["policy.maxDelay", { maxDelay: -1 }],
    ["policy.maxElapsed", { maxElapsed: { seconds: Number.NaN } }]
  ])("is refused for %s, and nothing is sent", ([field, policy]) =>
    Effect.gen(function*() {
      const { received, result } = yield* against([me], Effect.flip(User.me().pipe(Retry.withPolicy(policy))))
      assert(result._tag === "Success" && result.success._tag === "InvalidInput")
      assert.strictEqual(result.success.field, field)
      assert.deepStrictEqual(received, [])
      // what is right inside of it takes its place
      const mended = yield* against(
        [me],
        User.me().pipe(Retry.withPolicy(Retry.defaultPolicy), Retry.withPolicy(policy))
      )
      assert.strictEqual(mended.result._tag, "Success")
    }))

  it.live("of no number that a program provides by itself makes no attempt more", () =>
    Effect.gen(function*() {
      const { received } = yield* against(
        [refusal(503)],
        Effect.flip(User.me()).pipe(
          Effect.provideService(Retry.CurrentPolicy, { ...Retry.defaultPolicy, baseDelay: 1, maxAttempts: Number.NaN })
        )
      )
      assert.strictEqual(received.length, 1)
    }))
})

/** The milliseconds that were waited before each attempt, on a virtual clock. */
const waitsOf = (
  answers: ReadonlyArray<Answer>,
  policy: Partial<Retry.Policy>,
  call: Effect.Effect<unknown, unknown, Redivis.Redivis> = User.me()
) =>
  Effect.gen(function*() {
    const waits: Array<number> = []
    const server = yield* serve(inTurn(...answers))
    yield* onTestClock(
      Effect.ignore(call).pipe(
        Retry.onRetry(({ delay }) => Effect.sync(() => void waits.push(delay))),
        Retry.withPolicy(policy),
        Effect.provide(clientOf(server))
      )
    )
    return { waits, sent: server.received.length }
  })

describe("a policy's schedule", () => {
  it.effect("takes the place of the growing pauses, and no attempt follows its end", () =>
    Effect.gen(function*() {
      const schedule = Schedule.spaced("7 seconds").pipe(Schedule.upTo({ times: 2 }))
      assert.deepStrictEqual(yield* waitsOf([refusal(503)], { schedule }), { waits: [7000, 7000], sent: 3 })
    }))

  it.effect("is bounded by the attempts and the time", () =>
    Effect.gen(function*() {
      const schedule = Schedule.spaced("7 seconds")
      assert.deepStrictEqual(yield* waitsOf([refusal(503)], { schedule, maxAttempts: 3 }), {
        waits: [7000, 7000],
        sent: 3
      })
      assert.deepStrictEqual(yield* waitsOf([refusal(503)], { schedule, maxElapsed: "15 seconds" }), {
        waits: [7000, 7000],
        sent: 3
      })
    }))

  it.effect("is stepped anew for each call, with its errors", () =>
    Effect.gen(function*() {
      const inputs: Array<string> = []
      const schedule = Schedule.exponential("1 second").pipe(
        Schedule.setInputType<RedivisError.RedivisError>(),
        Schedule.tap(({ input }) => Effect.sync(() => void inputs.push(input._tag)))
      )
      const { waits } = yield* waitsOf(
        [refusal(503), refusal(500), me],
        { schedule },
        Effect.andThen(User.me(), Effect.ignore(User.me()))
      )
      assert.deepStrictEqual(waits, [1000, 2000])
      assert.deepStrictEqual(inputs, ["ServiceUnavailable", "InternalServerError"])
      const twice = yield* waitsOf(
        [refusal(503), me, refusal(503), me],
        { schedule: Schedule.exponential("1 second") },
        Effect.andThen(User.me(), User.me())
      )
      assert.deepStrictEqual(twice.waits, [1000, 1000])
    }))

  it.effect("gives way to a longer wait that the server asks for", () =>
    Effect.gen(function*() {
      const held: Reply = {
        ...refusal(503),
        headers: { "date": "Thu, 01 Jan 2026 00:00:00 GMT", "retry-after": "1767225630000" }
      }
      const { waits } = yield* waitsOf([held, me], { schedule: Schedule.spaced("2 seconds") })
      assert.deepStrictEqual(waits, [30_000])
    }))
})

describe("a policy's while", () => {
  it.effect("forbids a repeat", () =>
    Effect.gen(function*() {
      const policy = { while: (error: RedivisError.RedivisError) => error._tag !== "InternalServerError" }
      assert.strictEqual((yield* waitsOf([refusal(503), refusal(500), me], policy)).sent, 2)
    }))

  it.effect("allows none that is not safe", () =>
    Effect.gen(function*() {
      const { sent } = yield* waitsOf(
        [refusal(500)],
        { while: () => true },
        Dataset.create({ user: "u" }, { name: "d" })
      )
      assert.strictEqual(sent, 1)
    }))
})

/** An answer by the token that asks: the first request of a throttled one is held for a minute. */
const throttling = (throttled: string) => {
  let isHeld = false
  return (received: Received): Answer => {
    if (tokenOf(received) !== throttled || isHeld) return me
    isHeld = true
    return {
      ...refusal(429),
      headers: { "date": "Thu, 01 Jan 2026 00:00:00 GMT", "retry-after": "1767225660000" }
    }
  }
}

/** Runs the second effect while the first one waits, on the real clock; tells whether the first still does. */
const besides = <A, E, R, A2, E2, R2>(waits: Effect.Effect<A, E, R>, effect: Effect.Effect<A2, E2, R2>) =>
  Effect.gen(function*() {
    const held = yield* Deferred.make<void>()
    const waiting = yield* Effect.forkChild(
      Retry.onRetry(waits, () => Effect.asVoid(Deferred.succeed(held, undefined)))
    )
    yield* Effect.raceFirst(Deferred.await(held), Fiber.join(waiting))
    const exit = yield* Effect.exit(Effect.timeout(effect, "5 seconds"))
    const isWaiting = waiting.pollUnsafe() === undefined
    yield* Fiber.interrupt(waiting)
    return { isDone: exit._tag === "Success", isWaiting }
  })

describe("the budget of an account", () => {
  const Caller = Context.Reference("Caller", { defaultValue: () => "nobody" })

  it.live("is each caller's own, where one source gives each its token", () =>
    Effect.gen(function*() {
      const server = yield* serve(throttling("busy-caller"))
      const client = Redivis.layerFetch({
        endpoint: server.endpoint,
        credentials: Effect.map(Caller, Redacted.make)
      })
      const as = (name: string) => Effect.provideService(User.me(), Caller, name)
      assert.deepStrictEqual(
        yield* Effect.provide(besides(as("busy-caller"), as("idle-caller")), client),
        { isDone: true, isWaiting: true }
      )
      // the same caller is held back
      assert.deepStrictEqual(
        yield* Effect.provide(
          Effect.exit(Effect.timeout(as("busy-caller"), "200 millis")),
          client
        ).pipe(Effect.map((exit) => exit._tag)),
        "Failure"
      )
    }))

  it.live("is its own in a region of other credentials", () =>
    Effect.gen(function*() {
      const server = yield* serve(throttling("held-account"))
      assert.deepStrictEqual(
        yield* besides(
          Redivis.withCredentials(User.me(), source("held-account")),
          Redivis.withCredentials(User.me(), source("free-account"))
        ).pipe(Effect.provide(clientOf(server))),
        { isDone: true, isWaiting: true }
      )
    }))

  it.live("is one for all tokens of an account that a source names", () =>
    Effect.gen(function*() {
      const server = yield* serve(throttling("its-first-token"))
      const named = (token: string) => Credentials.of({ account: "one of two tokens", token: Redacted.make(token) })
      const { isDone } = yield* besides(
        Redivis.withCredentials(User.me(), named("its-first-token")),
        Effect.timeout(Redivis.withCredentials(User.me(), named("its-second-token")), "200 millis")
      ).pipe(Effect.provide(clientOf(server)))
      assert.isFalse(isDone)
    }))

  it.live("goes on with the token that comes in the place of one that was refused", () =>
    Effect.gen(function*() {
      const tokens = ["an-expired-token", "a-fresh-token"].map((text) => Redacted.make(text))
      let asked = 0
      const source: Credentials.Source = Effect.sync(() => tokens[Math.min(asked++, 1)])
      const held = throttling("a-fresh-token")
      let isRefused = false
      const server = yield* serve((received) => {
        if (isRefused || tokenOf(received) !== "an-expired-token") return held(received)
        isRefused = true
        return refusal(401)
      })
      const { isDone } = yield* besides(
        Redivis.withCredentials(User.me(), source),
        Effect.timeout(Redivis.withCredentials(User.me(), Credentials.fromToken(tokens[0]!)), "200 millis")
      ).pipe(Effect.provide(clientOf(server)))
      assert.isFalse(isDone)
    }))
})

describe("a refinement of a category", () => {
  it.live("catches in a stream and in an effect", () =>
    Effect.gen(function*() {
      const { result } = yield* against(
        [refusal(404)],
        Effect.gen(function*() {
          const ofStream = yield* Stream.runCollect(
            Stream.catchIf(listed, RedivisError.isMissing, ({ status }) => Stream.make(status))
          )
          const ofEffect = yield* Effect.catchIf(Dataset.get("o.d"), RedivisError.isMissing, (error) =>
            Effect.succeed(error.status))
          const other = yield* Effect.flip(Effect.catchIf(Dataset.get("o.d"), RedivisError.isAuth, () =>
            Effect.void))
          return [...ofStream, ofEffect, other._tag]
        })
      )
      assert.deepStrictEqual(result._tag === "Success" ? result.success : result.failure, [404, 404, "NotFound"])
    }))

  it("tells a status of the server from one of the input", () => {
    const of = (status: number) =>
      new RedivisError.UnexpectedStatus({ operation: "o", method: "GET", url: "u", status, warnings: [] })
    assert.deepStrictEqual([502, 418].map((status) => RedivisError.isServer(of(status))), [true, false])
    assert.deepStrictEqual([502, 418].map((status) => RedivisError.isInput(of(status))), [false, true])
  })
})
