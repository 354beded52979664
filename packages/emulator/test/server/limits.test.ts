import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Emulator from "../../src/Emulator.ts"
import { call, failure, json, penguins } from "./harness.ts"

const limitOf = (headers: Headers | Readonly<Record<string, string | undefined>>) => {
  const get = (name: string) =>
    Number(
      "get" in headers && typeof headers.get === "function"
        ? headers.get(name)
        : (headers as Record<string, string>)[name]
    )
  return [get("x-ratelimit-limit"), get("x-ratelimit-remaining"), get("x-ratelimit-reset")]
}

describe("the rate limit", () => {
  it.live("is told with every answer, and a 429 says when to come again in milliseconds since the epoch", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const start = 1_800_000_000_500
      yield* emulator.clock.set(start)
      const first = yield* call("/users/me")
      const [limit, remaining, reset] = limitOf(first.headers)
      assert.deepStrictEqual([limit, remaining], [3, 2])
      assert.isAtLeast(reset!, start + 60_000)
      assert.isAtMost(reset!, (yield* emulator.clock.now) + 60_000)
      assert.strictEqual(first.headers.get("date"), new Date(Math.floor((reset! - 60_000) / 1000) * 1000).toUTCString())
      // errors count, and tell as well
      assert.deepStrictEqual(limitOf((yield* call("/nothing")).headers), [3, 1, reset])
      assert.deepStrictEqual(limitOf((yield* call("/users/me", { method: "HEAD" })).headers), [3, 0, reset])
      const refused = yield* call("/users/me")
      assert.deepStrictEqual({ ...failure(refused) }, {
        status: 429,
        error: "too_many_requests",
        description: "Too many requests, please try again later."
      })
      assert.strictEqual(Number(refused.headers.get("retry-after")), reset)
      assert.deepStrictEqual(limitOf(refused.headers), [3, 0, reset])
      // nothing was done
      assert.strictEqual((yield* emulator.requests).at(-1)?.status, 429)
      yield* emulator.clock.set(reset! - 1)
      yield* emulator.clock.set(reset!)
      const next = yield* call("/users/me")
      assert.strictEqual(next.status, 200)
      assert.isAtLeast(limitOf(next.headers)[2]!, reset! + 60_000)
    }).pipe(Effect.provide(Emulator.layer({ rateLimit: 3 }))))

  it.live("is each token's own, and one for all who have none", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const other = yield* emulator.makeToken()
      const left = (token: string | null | undefined) =>
        Effect.map(call("/users/researcher/datasets", { token }), ({ headers }) => limitOf(headers)[1])
      assert.deepStrictEqual(
        [yield* left(undefined), yield* left(other), yield* left(null), yield* left("unknown"), yield* left(undefined)],
        [9, 9, 9, 8, 8]
      )
    }).pipe(Effect.provide(Emulator.layer({ rateLimit: 10 }))))
})

describe("the rate limit's headers", () => {
  it.live("tell points in time in seconds where they are set to, rounded up as they were recorded", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.clock.set(1_800_000_000_500)
      const { headers } = yield* call("/users/me")
      assert.strictEqual(limitOf(headers)[2], 1_800_000_061)
      const refused = yield* call("/users/me")
      assert.strictEqual(refused.status, 429)
      assert.strictEqual(limitOf(refused.headers)[2], 1_800_000_061)
      assert.strictEqual(refused.headers.get("retry-after"), "60")
      // a fault tells them in the other form, of a window that is used up too
      yield* emulator.faults.add({ match: "users.me", do: { rateLimitHeaders: "milliseconds" } })
      const other = yield* call("/users/me")
      assert.strictEqual(other.status, 429)
      assert.isAtLeast(limitOf(other.headers)[2]!, 1_800_000_060_500)
      assert.strictEqual(Number(other.headers.get("retry-after")), limitOf(other.headers)[2])
    }).pipe(Effect.provide(Emulator.layer({ rateLimit: 1, rateLimitHeaders: "seconds" }))))

  it.live("tell them in seconds where a fault says so, beside its 429 too", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.clock.set(1_800_000_000_500)
      yield* emulator.faults.add({
        match: "users.me",
        times: 1,
        do: { status: 429, retryAfter: 1234, rateLimitHeaders: "seconds" }
      })
      const refused = yield* call("/users/me")
      assert.deepStrictEqual([refused.status, refused.headers.get("retry-after")], [429, "2"])
      assert.strictEqual(limitOf(refused.headers)[2], 1_800_000_061)
      assert.isAtLeast(limitOf((yield* call("/users/me")).headers)[2]!, 1_800_000_060_500)
    }).pipe(Effect.provide(Emulator.layer())))
})

describe("the limit of requests at once", () => {
  const send = (path: string, token?: string) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const request = HttpClientRequest.get(emulator.baseUrl + path).pipe(
        HttpClientRequest.bearerToken(token ?? emulator.token)
      )
      return yield* HttpClient.execute(request)
    })
  /** A token that was seen before is not looked up, which takes real time. */
  const known = (token: string | undefined) => Effect.flatMap(send("/users/me", token), ({ text }) => text)
  const together = (paths: ReadonlyArray<string>, token?: string) =>
    Effect.gen(function*() {
      const fibers = yield* Effect.forEach(paths, (path) => Effect.forkChild(send(path, token)))
      yield* TestClock.adjust("1 second")
      return yield* Effect.forEach(fibers, Fiber.join)
    })
  const statuses = (responses: ReadonlyArray<{ readonly status: number }>) =>
    responses.map(({ status }) => status).sort((one, other) => one - other)

  it.effect("refuses one more, without a word on when to come again, and each token has its own", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const other = yield* emulator.makeToken()
      yield* known(undefined)
      yield* known(other)
      yield* emulator.faults.add({ match: "*", do: { delay: 1000 } })
      const paths = ["/users/me", "/users/me", "/users/researcher/datasets"]
      const fibers = yield* Effect.forkChild(together(["/users/me", "/users/me"], other))
      const responses = yield* together(paths)
      assert.deepStrictEqual(statuses(yield* Fiber.join(fibers)), [200, 200])
      assert.deepStrictEqual(statuses(responses), [200, 200, 429])
      const refused = responses.find(({ status }) => status === 429)
      assert.isUndefined(refused?.headers["retry-after"])
      assert.isAbove(Number(refused?.headers["x-ratelimit-remaining"]), 900)
      // whoever is answered leaves
      assert.deepStrictEqual(statuses(yield* together(["/users/me", "/users/me"])), [200, 200])
    }).pipe(Effect.provide(Emulator.layerInMemory({ concurrencyLimit: 2 }))))

  it.effect("is one of certain requests where a fault sets it, and whoever goes away leaves", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* known(undefined)
      yield* emulator.faults.add({ match: "users.me", do: { delay: 1000, concurrencyLimit: 1 } })
      const left = yield* Effect.forkChild(send("/users/me"))
      yield* TestClock.adjust("10 millis")
      yield* Fiber.interrupt(left)
      const responses = yield* together(["/users/me", "/users/researcher/datasets", "/users/me"])
      assert.deepStrictEqual(statuses(responses), [200, 200, 429])
    }).pipe(Effect.provide(Emulator.layerInMemory())))
})

describe("in memory", () => {
  const me = Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const request = HttpClientRequest.get(`${emulator.baseUrl}/users/me`).pipe(
      HttpClientRequest.bearerToken(emulator.token)
    )
    const response = yield* HttpClient.execute(request)
    yield* response.text
    return response
  })

  it.effect("5,000 calls go by no socket, and time stands still until the test moves it", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* TestClock.adjust("1 hour")
      const responses = yield* Effect.all(Array.from({ length: 5000 }, () => me), { concurrency: "unbounded" })
      const now = yield* Clock.currentTimeMillis
      assert.strictEqual(now, 3_600_000)
      assert.strictEqual(responses.filter(({ status }) => status === 200).length, 1000)
      assert.strictEqual(responses.filter(({ status }) => status === 429).length, 4000)
      for (const { headers } of responses) {
        assert.strictEqual(headers["date"], new Date(now).toUTCString())
        assert.strictEqual(headers["x-ratelimit-reset"], String(now + 60_000))
      }
      assert.strictEqual(yield* emulator.unfinishedResponses, 0)
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual((yield* me).status, 429)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* me).status, 200)
    }).pipe(Effect.provide(Emulator.layerInMemory())))

  it.effect("a limit changes at once, or with the next window", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const limit = Effect.map(me, ({ headers }) => limitOf(headers).slice(0, 2))
      assert.deepStrictEqual(yield* limit, [1000, 999])
      yield* emulator.setRateLimit(500, "nextWindow")
      assert.deepStrictEqual(yield* limit, [1000, 998])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* limit, [500, 499])
      yield* emulator.setRateLimit(2)
      assert.deepStrictEqual(yield* limit, [2, 0])
      assert.strictEqual((yield* me).status, 429)
    }).pipe(Effect.provide(Emulator.layerInMemory())))

  it.effect("faults reach as they do over sockets", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.faults.add({ match: "users.me", times: 1, do: { drop: true } })
      assert.strictEqual((yield* Effect.flip(me))._tag, "HttpClientError")
      yield* emulator.faults.add({ match: "users.me", times: 1, do: { cutAfter: 5 } })
      assert.isTrue(Exit.isFailure(yield* Effect.exit(me)))
      yield* emulator.faults.add({ match: "users.me", times: 1, do: { delay: 60_000 } })
      const waiting = yield* Effect.forkChild(me)
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(waiting)).status, 200)
      assert.deepStrictEqual((yield* emulator.requests).map(({ outcome }) => outcome), [
        "aborted",
        "aborted",
        "finished"
      ])
      assert.strictEqual(yield* emulator.unfinishedResponses, 0)
    }).pipe(Effect.provide(Emulator.layerInMemory())))

  it.effect("bodies of every kind arrive, and rows stream", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed(penguins())
      const execute = (request: HttpClientRequest.HttpClientRequest) =>
        HttpClient.execute(HttpClientRequest.bearerToken(request, emulator.token))
      const post = (path: string, body: HttpBody.HttpBody) =>
        execute(HttpClientRequest.post(emulator.baseUrl + path).pipe(HttpClientRequest.setBody(body)))
      const text = JSON.stringify({ name: "In memory", publicAccessLevel: "none" })
      const made = yield* post("/users/researcher/datasets", HttpBody.text(text, "application/json"))
      assert.strictEqual(made.status, 200)
      const taken = yield* post(
        "/users/researcher/datasets",
        HttpBody.stream(Stream.make(new TextEncoder().encode(text)))
      )
      assert.strictEqual(taken.status, 400)
      yield* post("/datasets/researcher.in_memory:next/tables", HttpBody.jsonUnsafe({ name: "t" }))
      const parts = new FormData()
      parts.append("metadata", JSON.stringify({ name: "a.csv" }))
      parts.append("data", new Blob(["a\n1\n"]), "a.csv")
      const uploaded = yield* post("/tables/researcher.in_memory:next.t/uploads", HttpBody.formData(parts))
      assert.strictEqual(uploaded.status, 200)
      const temp = yield* post(
        "/tables/researcher.in_memory:next.t/tempUploads",
        HttpBody.jsonUnsafe({ tempUploads: [{ name: "x", size: 3 }] })
      )
      const { results } = (yield* temp.json) as { results: ReadonlyArray<{ url: string }> }
      const put = yield* HttpClient.execute(
        HttpClientRequest.put(results[0]!.url).pipe(HttpClientRequest.setBody(HttpBody.uint8Array(new Uint8Array(3))))
      )
      assert.strictEqual(put.status, 200)
      const rows = yield* execute(
        HttpClientRequest.get(`${emulator.baseUrl}/tables/demo.penguins_.birds/rows?format=csv`)
      )
      assert.strictEqual(yield* emulator.openStreams, 1)
      assert.strictEqual((yield* rows.text).trim().split("\n").length, 4)
      assert.strictEqual(yield* emulator.openStreams, 0)
      const elsewhere = yield* Effect.flip(HttpClient.get("http://elsewhere.invalid/"))
      assert.strictEqual(elsewhere.reason._tag, "TransportError")
    }).pipe(Effect.provide(Emulator.layerInMemory())))

  it.effect("an answer that nobody reads is given up with its scope", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed(penguins())
      const client = HttpClient.withScope(yield* HttpClient.HttpClient)
      yield* Effect.scoped(Effect.gen(function*() {
        yield* client.get(`${emulator.baseUrl}/tables/demo.penguins_.birds/rows?format=csv`)
        assert.strictEqual(yield* emulator.unfinishedResponses, 1)
      }))
      assert.strictEqual(yield* emulator.unfinishedResponses, 0)
    }).pipe(Effect.provide(Emulator.layerInMemory())))

  it.live("two emulators share nothing", () =>
    Effect.gen(function*() {
      const [one, two] = yield* Effect.all([Emulator.make(), Emulator.make()])
      assert.notStrictEqual(one.token, two.token)
      assert.notStrictEqual(one.baseUrl, two.baseUrl)
      yield* one.seed({ users: [{ name: "only" }] })
      const status = (emulator: Emulator.Emulator["Service"]) =>
        Effect.map(call("/users/only/datasets"), ({ status }) => status).pipe(
          Effect.provideService(Emulator.Emulator, emulator)
        )
      assert.deepStrictEqual([yield* status(one), yield* status(two)], [200, 404])
      assert.strictEqual(
        (yield* Effect.provideService(call("/users/me", { token: two.token }), Emulator.Emulator, one)).status,
        401
      )
    }).pipe(Effect.scoped))

  it.live("reset begins anew, with the seed and the token that it began with", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* json("/users/researcher/datasets", { method: "POST", json: { name: "Gone", publicAccessLevel: "none" } })
      yield* emulator.faults.add({ match: "*", do: { status: 500 } })
      yield* emulator.clock.adjust("1 hour")
      yield* emulator.reset
      assert.deepStrictEqual((yield* json("/users/researcher/datasets")).results, [])
      assert.strictEqual((yield* json("/datasets/demo.penguins_")).referenceId, "peng")
      assert.strictEqual((yield* emulator.requests).length, 2)
      assert.isBelow(Math.abs((yield* emulator.clock.now) - Date.now()), 60_000)
    }).pipe(Effect.provide(Emulator.layer({ seed: penguins() }))))
})
