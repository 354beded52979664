/** Operation × fault × outcome: which requests are sent again, and when. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as Redivis from "@effect-redivis/core/Redivis"
import type { RedivisError } from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { against, clientOf, onTestClock, quickly, token } from "./scriptedClient.ts"
import { type Answer, inTurn, nobody, type Reply, serve } from "./scriptedServer.ts"
import { exampleOf, pathOf, replyTo, type Row, run, wire } from "./wireTable.ts"

const all = [...new Set(wire.rows.map((row) => row.operation))]

const ofVerb = (verb: string) => [...new Set(wire.rows.filter((row) => row.verb === verb).map((row) => row.operation))]

/** A session that is made twice costs nothing. */
const sessions = ["readSessions.postByTable", "readSessions.postByUpload", "readSessions.postByQuery"]

/** The requests that may have done something, so that they are not repeated blindly. Rows may be appended by a PUT. */
const never = [...ofVerb("POST").filter((name) => !sessions.includes(name)), "notebookJobs.putOutputTable"]

const heads = ofVerb("HEAD")
const deletes = ofVerb("DELETE")
const streams = [
  "tables.listRows",
  "queries.listRows",
  "readSessions.getStream",
  "exports.download",
  "rawFiles.get",
  "rawFiles.listByTable",
  "rawFiles.listByQuery"
]

const not = (left: ReadonlyArray<string>, right: ReadonlyArray<string>) => left.filter((name) => !right.includes(name))

const always = not(all, never)

/** A row whose function begins with this operation. */
const rowOf = (operation: string): Row =>
  wire.rows.find((row) => row.operation === operation && row.multipart !== undefined) ?? exampleOf(operation)

const refusal = (status: number, error = "an_error"): Reply => ({
  status,
  body: { status, error, error_description: "Said by the API" }
})

const page = "<html><body>a proxy</body></html>"

const limited: Reply = {
  ...refusal(429),
  headers: { "date": "Thu, 01 Jan 2026 00:00:00 GMT", "retry-after": "1767225600000" }
}

interface Fault {
  readonly name: string
  readonly fault: Answer
  /** The operations that are sent a second time after it. */
  readonly repeats: ReadonlyArray<string>
  /** Operations to which this cannot happen. */
  readonly except?: ReadonlyArray<string>
  readonly timeout?: number
}

const faults: ReadonlyArray<Fault> = [
  { name: "503 of the API", fault: refusal(503), repeats: all },
  // what a HEAD is answered has no body that could show the API
  { name: "503 of a proxy", fault: { status: 503, body: page }, repeats: always },
  { name: "500", fault: refusal(500), repeats: always },
  { name: "500 with a page", fault: { status: 500, body: page }, repeats: always },
  { name: "502", fault: { status: 502, body: page }, repeats: always },
  { name: "504", fault: { status: 504, body: page }, repeats: always },
  { name: "429", fault: limited, repeats: all },
  { name: "a connection that closes before an answer", fault: "hangup", repeats: always },
  {
    name: "an answer that breaks off",
    fault: { status: 200, body: "{\"name\":", after: "cut" },
    // the bytes of streams have been handed on
    repeats: not(always, streams),
    except: heads
  },
  { name: "no answer in time", fault: "silence", repeats: always, timeout: 3000 },
  { name: "400", fault: refusal(400), repeats: [] },
  { name: "401", fault: refusal(401), repeats: [] },
  { name: "403", fault: refusal(403), repeats: [] },
  { name: "404", fault: refusal(404), repeats: [] },
  { name: "409", fault: refusal(409), repeats: [] },
  { name: "501", fault: refusal(501), repeats: [] },
  {
    name: "an answer that does not fit",
    fault: { body: "<html>" },
    repeats: [],
    except: [...heads, ...streams, ...deletes]
  }
]

/** How often an operation is sent where its first answer is a fault and every other one is right. */
const timesSent = (operation: string, { fault, timeout }: Fault) =>
  Effect.scoped(Effect.gen(function*() {
    const row = rowOf(operation)
    const isOwn = (request: { readonly method: string; readonly target: string }) =>
      request.method === row.verb && pathOf(request.target) === wire.base + row.path
    let own = 0
    const server = yield* serve((request) =>
      isOwn(request) && own++ === 0 ? fault : replyTo(request, [row, ...wire.rows])
    )
    const result = yield* run(row).pipe(
      quickly,
      timeout === undefined ? (self) => self : Redivis.withTimeout(timeout),
      Effect.provide(clientOf(server)),
      Effect.result
    )
    // a head that is told of nothing is a success
    if (own === 2) assert.strictEqual(result._tag, "Success", `${operation} after its second request`)
    return own
  }))

describe("a fault", () => {
  it.live.each([...faults])(
    "makes those operations be sent again that bear it: $name",
    (row) =>
      Effect.gen(function*() {
        const operations = not(all, row.except ?? [])
        const sent = yield* Effect.forEach(
          operations,
          (operation) => Effect.map(timesSent(operation, row), (times) => [operation, times] as const),
          { concurrency: row.timeout === undefined ? 14 : "unbounded" }
        )
        assert.deepStrictEqual(
          Object.fromEntries(sent),
          Object.fromEntries(operations.map((operation) => [operation, row.repeats.includes(operation) ? 2 : 1]))
        )
      })
  )

  const attempts = (call: Effect.Effect<unknown, RedivisError, Redivis.Redivis>) =>
    Effect.gen(function*() {
      let retries = 0
      const failure = yield* call.pipe(
        Retry.onRetry(() => Effect.sync(() => void retries++)),
        quickly,
        Effect.flip
      )
      return { attempts: retries + 1, failure }
    })

  it.live("before the connection stands is one of a repeatable request on fetch, of any on undici, which can tell", () =>
    Effect.gen(function*() {
      const endpoint = `${yield* nobody}/api/v1`
      const fetch = Redivis.layerFetch({ endpoint })
      const undici = NodeRedivis.layer({ endpoint })
      for (
        const [layer, call, expected, known] of [
          [fetch, User.me(), 5, false],
          [fetch, Query.create("select 1"), 1, false],
          [undici, User.me(), 5, true],
          [undici, Query.create("select 1"), 5, true]
        ] as const
      ) {
        const { attempts: made, failure } = yield* attempts(call).pipe(Effect.provide(layer))
        assert.deepInclude(failure, { _tag: "TransportError", reason: "Connection", beforeSending: known })
        assert.strictEqual(made, expected)
      }
    }))

  it.live("after sending is not taken for one before it on undici", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn("hangup"))
      const { attempts: made, failure } = yield* attempts(Query.create("select 1")).pipe(
        Effect.provide(NodeRedivis.layer({ endpoint: server.endpoint, token: Redacted.make(token) }))
      )
      assert.deepInclude(failure, { _tag: "TransportError", reason: "Connection", beforeSending: false })
      assert.strictEqual(made, 1)
    }))
})

describe("a DELETE", () => {
  it.live.each<readonly [string, Answer]>([
    ["an error of the server", refusal(500)],
    ["a connection that closed", "hangup"],
    ["an answer that broke off", { body: "O", after: "cut" }]
  ])("that finds nothing after %s has done it before", ([, fault]) =>
    Effect.gen(function*() {
      const { received, result } = yield* against([fault, refusal(404)], quickly(Dataset.remove("o.d")))
      assert.deepInclude(result, { _tag: "Success", success: undefined })
      assert.strictEqual(received.length, 2)
    }))

  it.live("that finds nothing at once fails", () =>
    Effect.gen(function*() {
      const { result } = yield* against([refusal(404)], quickly(Dataset.remove("o.d")))
      assert.isTrue(result._tag === "Failure" && result.failure._tag === "NotFound")
    }))

  it.live("is the only one: a GET that finds nothing after a fault fails", () =>
    Effect.gen(function*() {
      const { result } = yield* against([refusal(500), refusal(404)], quickly(Dataset.get("o.d")))
      assert.isTrue(result._tag === "Failure" && result.failure._tag === "NotFound")
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

describe("a policy", () => {
  const get = Dataset.get("o.d")

  it.live.each([1, 2, 3, 7])("bounds the attempts: %d", (maxAttempts) =>
    Effect.gen(function*() {
      const { received } = yield* against(
        [refusal(503)],
        get.pipe(Retry.withPolicy({ maxAttempts, baseDelay: 1, maxDelay: 1 }))
      )
      assert.strictEqual(received.length, maxAttempts)
    }))

  it.live("of one attempt is never", () =>
    Effect.gen(function*() {
      const { received } = yield* against([refusal(503)], Retry.withPolicy(get, Retry.never))
      assert.strictEqual(received.length, 1)
    }))

  it.live("bounds the time", () =>
    Effect.gen(function*() {
      const { received } = yield* against(
        [refusal(503)],
        get.pipe(Retry.withPolicy({ maxAttempts: 100, baseDelay: 10, maxDelay: 10, maxElapsed: 50 }))
      )
      assert.isAbove(received.length, 1)
      assert.isBelow(received.length, 12)
    }))

  it.live("holds for the calls that it encloses, streams among them, and the innermost one holds", () =>
    Effect.gen(function*() {
      const twice = Retry.withPolicy({ maxAttempts: 2, baseDelay: 1 })
      const { received } = yield* against(
        [refusal(503)],
        Effect.gen(function*() {
          yield* Effect.flip(Stream.runDrain(Dataset.list({ user: "u" })))
          yield* Effect.flip(get.pipe(Retry.withPolicy({ maxAttempts: 1 })))
          yield* Effect.flip(Stream.runDrain(Table.csv("o.d.t")))
        }).pipe(twice)
      )
      assert.strictEqual(received.length, 5)
    }))

  it.effect("by default waits longer and longer, five attempts in all", () =>
    Effect.gen(function*() {
      const told: Array<Retry.Attempt> = []
      const server = yield* serve(inTurn(refusal(503)))
      const failure = yield* onTestClock(
        get.pipe(
          Retry.onRetry((attempt) => Effect.sync(() => void told.push(attempt))),
          Effect.provide(clientOf(server)),
          Effect.flip
        )
      )
      assert.strictEqual(failure._tag, "ServiceUnavailable")
      assert.strictEqual(server.received.length, 5)
      assert.deepStrictEqual(told.map(({ attempt, operation }) => [operation, attempt]), [
        ["datasets.get", 1],
        ["datasets.get", 2],
        ["datasets.get", 3],
        ["datasets.get", 4]
      ])
      told.forEach(({ delay, error }, index) => {
        const longest = 500 * 2 ** index
        assert.isAtLeast(delay, longest / 2)
        assert.isAtMost(delay, longest)
        assert.strictEqual(error._tag, "ServiceUnavailable")
      })
      assert.isAtLeast(yield* Clock.currentTimeMillis, told.reduce((sum, { delay }) => sum + delay, 0))
    }))
})

describe("a 429", () => {
  it.effect.each<readonly [string, Readonly<Record<string, string>>, number]>([
    ["Retry-After", { "retry-after": "1767225630000", "x-ratelimit-reset": "1767225650000" }, 30_000],
    ["the window's end", { "x-ratelimit-reset": "1767225620000" }, 20_000]
  ])(
    "waits once, until %s on the server's clock, however far the local one is off",
    ([, headers, wait]) =>
      Effect.gen(function*() {
        const at: Array<number> = []
        const clock = yield* Clock.Clock
        const server = yield* serve((_, index) => {
          at.push(clock.currentTimeMillisUnsafe())
          return index === 0
            ? { ...refusal(429), headers: { date: "Thu, 01 Jan 2026 00:00:00 GMT", ...headers } }
            : { body: exampleOf("datasets.get").answer.body }
        })
        let retries = 0
        yield* onTestClock(
          Dataset.get("o.d").pipe(
            Retry.onRetry(({ delay, error }) =>
              Effect.sync(() => {
                retries++
                assert.strictEqual(error._tag, "TooManyRequests")
                assert.strictEqual(delay, wait)
              })
            ),
            Effect.provide(clientOf(server))
          )
        )
        assert.strictEqual(retries, 1)
        assert.strictEqual(at.length, 2)
        const waited = at[1]! - at[0]!
        assert.isAtLeast(waited, wait)
        assert.isAtMost(waited, wait + 1000)
      })
  )

  it.effect("ends the call where the wait is longer than the policy's time", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn({
        ...refusal(429),
        headers: { "date": "Thu, 01 Jan 2026 00:00:00 GMT", "retry-after": "1767225630000" }
      }))
      const failure = yield* onTestClock(
        Dataset.get("o.d").pipe(
          Retry.withPolicy({ maxElapsed: "10 seconds" }),
          Effect.provide(clientOf(server)),
          Effect.flip
        )
      )
      assert.strictEqual(failure._tag, "TooManyRequests")
      assert.strictEqual(server.received.length, 1)
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

describe("a 401", () => {
  const isFresh = (request: { readonly headers: { readonly authorization?: string | undefined } }) =>
    request.headers.authorization === "Bearer second"

  const changing = (tokens: ReadonlyArray<string>) => {
    let asked = 0
    return Effect.sync(() => Redacted.make(tokens[Math.min(asked++, tokens.length - 1)] ?? ""))
  }

  it.live.each([
    ["a call", User.me()],
    ["a call that is not repeatable", Query.create("select 1")],
    ["a stream", Stream.runDrain(Table.csv("o.d.t"))]
  ])("is followed by the source's next token once: %s", ([, call]) =>
    Effect.gen(function*() {
      const { received, result } = yield* against(
        (request) => isFresh(request) ? replyOfAny(request.method) : refusal(401),
        call as Effect.Effect<unknown, RedivisError, Redivis.Redivis>,
        { token: undefined, credentials: changing(["first", "second"]) }
      )
      assert.strictEqual(result._tag, "Success")
      assert.deepStrictEqual(received.map(({ headers }) => headers.authorization), ["Bearer first", "Bearer second"])
    }))

  const replyOfAny = (method: string): Reply =>
    method === "POST" ? { body: exampleOf("queries.post").answer.body } : { body: exampleOf("users.me").answer.body }

  it.live("is final where the next token is refused too", () =>
    Effect.gen(function*() {
      const { received, result } = yield* against([refusal(401)], User.me(), {
        token: undefined,
        credentials: changing(["first", "second", "third"])
      })
      assert.isTrue(result._tag === "Failure" && result.failure._tag === "Unauthorized")
      assert.strictEqual(received.length, 2)
    }))

  it.live("is final at once where the source has no other token", () =>
    Effect.gen(function*() {
      let asked = 0
      const { received, result } = yield* against([refusal(401)], User.me(), {
        token: undefined,
        credentials: Effect.sync(() => {
          asked++
          return Redacted.make("constant")
        })
      })
      assert.isTrue(result._tag === "Failure" && result.failure._tag === "Unauthorized")
      assert.strictEqual(received.length, 1)
      assert.strictEqual(asked, 2)
    }))

  it.live.each<readonly [string, Redivis.Options]>([["a token that stays", {}], ["nobody", { token: undefined }]])(
    "is final at once for %s",
    ([, options]) =>
      Effect.gen(function*() {
        const { received, result } = yield* against([refusal(401)], User.me(), options)
        assert.isTrue(result._tag === "Failure" && result.failure._tag === "Unauthorized")
        assert.strictEqual(received.length, 1)
      })
  )

  it.live("leaves the retries of other failures as they are", () =>
    Effect.gen(function*() {
      const { received, result } = yield* against(
        (request, index) => index === 0 ? refusal(503) : isFresh(request) ? replyOfAny("GET") : refusal(401),
        quickly(User.me()),
        { token: undefined, credentials: changing(["first", "first", "second"]) }
      )
      assert.strictEqual(result._tag, "Success")
      assert.strictEqual(received.length, 3)
    }))
})

describe("credentials", () => {
  it.live.each<readonly [string, Redivis.Options]>([
    ["no source", { token: undefined }],
    ["an empty token", { token: Redacted.make("") }],
    ["a source of nothing", { token: undefined, credentials: Effect.succeed(undefined) }],
    ["a source of an empty token", { token: undefined, credentials: Effect.succeed(Redacted.make("")) }]
  ])("that are none are not sent: %s", ([, options]) =>
    Effect.gen(function*() {
      const { received, result } = yield* against([{ body: exampleOf("users.me").answer.body }], User.me(), options)
      assert.strictEqual(result._tag, "Success")
      assert.strictEqual(received.length, 1)
      assert.notProperty(received[0]!.headers, "authorization")
    }))

  it.live("are asked for each request", () =>
    Effect.gen(function*() {
      let asked = 0
      const { received } = yield* against(
        [{ body: exampleOf("users.me").answer.body }],
        Effect.all([User.me(), User.me(), User.me()]),
        { token: undefined, credentials: Effect.sync(() => Redacted.make(`token-${++asked}`)) }
      )
      assert.deepStrictEqual(received.map(({ headers }) => headers.authorization), [
        "Bearer token-1",
        "Bearer token-2",
        "Bearer token-3"
      ])
    }))
})
