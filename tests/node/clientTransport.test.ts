/** What sockets do: breaks, limits of time, redirects, interruption. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Redivis from "@effect-redivis/core/Redivis"
import type { RedivisError } from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { against, clientOf, failureOf, onTestClock, successOf, token } from "./scriptedClient.ts"
import { type Answer, inTurn, nobody, type Received, type Reply, type Scripted, serve } from "./scriptedServer.ts"
import { exampleOf } from "./wireTable.ts"

const once = Retry.withPolicy({ maxAttempts: 1 })

const me: Reply = { body: exampleOf("users.me").answer.body }

const text = (stream: Stream.Stream<Uint8Array, RedivisError, Redivis.Redivis>) =>
  Stream.runFold(stream, () => "", (all, chunk) => all + Buffer.from(chunk).toString("utf8"))

/** Every runtime's way to send, as far as Node has it. */
const transports: ReadonlyArray<readonly [name: string, layer: (server: Scripted) => Layer.Layer<Redivis.Redivis>]> = [
  ["fetch", (server) => clientOf(server)],
  [
    "undici",
    (server) =>
      // its options are right
      NodeRedivis.layer({ endpoint: server.endpoint, token: Redacted.make(token) }) as Layer.Layer<Redivis.Redivis>
  ]
]

describe("a body that breaks off", () => {
  const cuts: ReadonlyArray<readonly [string, Reply]> = [
    ["before the length it promised", { body: "{\"kind\":\"user\",\"name\":\"resea", after: "cut" }],
    ["before its last chunk", { headers: { "transfer-encoding": "chunked" }, body: "{\"name\":\"a\"}", after: "cut" }],
    ["at its first byte", { body: "", after: "cut" }]
  ]

  for (const [name, layer] of transports) {
    it.live.each([...cuts])(
      `is a TransportError and never a short result, %s (${name})`,
      ([, reply]) =>
        Effect.gen(function*() {
          const server = yield* serve(inTurn(reply))
          const failure = yield* Effect.flip(Effect.provide(once(User.me()), layer(server)))
          assert.deepInclude(failure, {
            _tag: "TransportError",
            reason: "BodyBroken",
            status: 200,
            operation: "users.me"
          })
          assert.match(failure.message, /broke off.*try again/i)
        })
    )

    it.live.each([...cuts])(
      `fails a stream after all that came before, %s (${name})`,
      ([, reply]) =>
        Effect.gen(function*() {
          const server = yield* serve(inTurn(reply))
          let got = ""
          const failure = yield* Table.csv("o.d.t").pipe(
            Stream.runForEach((chunk) => Effect.sync(() => void (got += Buffer.from(chunk).toString("utf8")))),
            Effect.provide(layer(server)),
            Effect.flip
          )
          assert.deepInclude(failure, { _tag: "TransportError", reason: "BodyBroken", status: 200 })
          assert.strictEqual(got, reply.body)
          assert.strictEqual(server.received.length, 1)
        })
    )
  }

  it.live("says nothing about an answer without a result: the status was read", () =>
    Effect.gen(function*() {
      const failure = yield* failureOf([{ body: "O", after: "cut" }], once(Dataset.remove("o.d")))
      assert.deepInclude(failure, { _tag: "TransportError", reason: "BodyBroken" })
    }))
})

describe("a limit of time", () => {
  it.live.each<readonly [string, Answer]>([
    ["no answer at all", "silence"],
    ["an answer that stops", { body: "{\"name\":", headers: { "content-length": "100" }, after: "stall" }]
  ])("ends a call with %s", ([, reply]) =>
    Effect.gen(function*() {
      const failure = yield* failureOf([reply], once(User.me()), { timeout: "60 millis" })
      assert.deepInclude(failure, { _tag: "TransportError", reason: "Timeout", operation: "users.me", method: "GET" })
      assert.match(failure.message, /in time.*try again/i)
    }))

  it.live("is changed for a region, by both forms, and the innermost one holds", () =>
    Effect.gen(function*() {
      const started = performance.now()
      const last = User.me().pipe(Redivis.withTimeout(30))
      const first = Redivis.withTimeout(User.me(), "30 millis")
      const nested = User.me().pipe(Redivis.withTimeout(30), Redivis.withTimeout("1 hour"))
      for (const call of [last, first, nested]) {
        const failure = yield* failureOf(["silence"], once(call), { timeout: "1 hour" })
        assert.deepInclude(failure, { _tag: "TransportError", reason: "Timeout" })
      }
      assert.isBelow(performance.now() - started, 5000)
    }))

  it.live("of a stream ends with its headers", () =>
    Effect.gen(function*() {
      const failure = yield* failureOf(["silence"], once(text(Table.csv("o.d.t"))), { timeout: "60 millis" })
      assert.deepInclude(failure, { _tag: "TransportError", reason: "Timeout", operation: "tables.listRows" })
      const drip = { pieces: ["b", "c", "d", "e", "f"], every: 100 }
      const got = yield* successOf([{ body: "a", drip }], once(text(Table.csv("o.d.t"))), { timeout: "400 millis" })
      assert.strictEqual(got, "abcdef")
    }))

  it.live.each(["a", ""])(
    "between the bytes of a stream ends it where nothing comes: after %j",
    (body) =>
      Effect.gen(function*() {
        const failure = yield* failureOf(
          [{ body, headers: { "content-length": "100" }, after: "stall" }],
          once(text(ReadSession.bytes("1"))),
          { idleTimeout: "60 millis" }
        )
        assert.deepInclude(failure, {
          _tag: "TransportError",
          reason: "IdleTimeout",
          status: 200,
          operation: "readSessions.getStream"
        })
      })
  )

  it.live("is not spent by a consumer that takes its time", () =>
    Effect.gen(function*() {
      const drip = { pieces: ["b", "c"], every: 5 }
      const got = yield* successOf(
        [{ body: "a", drip }],
        once(text(Table.csv("o.d.t").pipe(Stream.tap(() => Effect.sleep(450))))),
        { timeout: "400 millis", idleTimeout: "400 millis" }
      )
      assert.strictEqual(got, "abc")
    }))

  it.effect("of an error's body leaves the status its own error", () =>
    Effect.gen(function*() {
      const server = yield* serve(
        inTurn({ status: 404, body: "{\"error\":", headers: { "content-length": "100" }, after: "stall" })
      )
      const failure = yield* onTestClock(
        once(Dataset.get("o.d")).pipe(Effect.provide(clientOf(server, { timeout: "20 seconds" })), Effect.flip)
      )
      assert.strictEqual(failure._tag, "NotFound")
    }))
})

describe("no connection", () => {
  for (const [name, layer] of transports) {
    it.live(`is a TransportError that says so (${name})`, () =>
      Effect.gen(function*() {
        const origin = yield* nobody
        const failure = yield* Effect.flip(
          Effect.provide(
            once(User.me()),
            layer({ origin, endpoint: `${origin}/api/v1`, received: [], openSockets: () => 0 })
          )
        )
        assert.deepInclude(failure, { _tag: "TransportError", reason: "Connection", url: `${origin}/api/v1/users/me` })
        assert.match(failure.message, /ECONNREFUSED|refused/i)
      }))
  }
})

// ---------------------------------------------------------------------------------------------------------------------

const withHeader = Redivis.withHeaders({ "X-Caller": "mine" })

describe("a redirect", () => {
  const to = (location: string, status = 307): Reply => ({ status, headers: { location }, body: "moved" })

  for (const [name, layer] of transports) {
    it.live.each([301, 302, 307, 308])(
      `within the origin keeps method, body, token and headers: %d (${name})`,
      (status) =>
        Effect.gen(function*() {
          const server = yield* serve(
            inTurn(to("../v2/queries?x=1", status), { body: exampleOf("queries.post").answer.body })
          )
          yield* withHeader(Query.create("select 1")).pipe(Effect.provide(layer(server)))
          const [first, second] = server.received
          assert.strictEqual(second?.method, "POST")
          assert.strictEqual(second.target, "/api/v2/queries?x=1")
          assert.strictEqual(second.body.toString(), first?.body.toString())
          for (const header of ["authorization", "x-caller", "x-redivis-client", "content-type", "user-agent"]) {
            assert.isString(second.headers[header], header)
            assert.strictEqual(second.headers[header], first?.headers[header])
          }
        })
    )

    it.live(`to another origin drops the token and what the caller added (${name})`, () =>
      Effect.gen(function*() {
        const other = yield* serve(inTurn(me))
        const server = yield* serve(inTurn(to(`${other.origin}/elsewhere`)))
        const user = yield* withHeader(User.me()).pipe(Effect.provide(layer(server)))
        assert.deepStrictEqual<unknown>(user, me.body)
        const [request] = other.received
        assert.strictEqual(request?.target, "/elsewhere")
        assert.strictEqual(request.method, "GET")
        for (const header of ["authorization", "cookie", "x-caller", "x-redivis-client"]) {
          assert.notProperty(request.headers, header)
        }
        assert.notInclude(JSON.stringify(request.headers), token)
      }))

    it.live(`to another origin and back does not bring the token along (${name})`, () =>
      Effect.gen(function*() {
        // whoever is asked in between would choose what is done with the token
        const server: Scripted = yield* serve((request: Received) =>
          request.target === "/api/v1/users/me" ? to(`${other.origin}/elsewhere`) : me
        )
        const other: Scripted = yield* serve(() => to(`${server.origin}/api/v1/datasets/chosen.by_another`))
        yield* User.me().pipe(Effect.provide(layer(server)))
        assert.strictEqual(server.received.length, 2)
        assert.isString(server.received[0]?.headers.authorization)
        assert.notProperty(server.received[1]?.headers, "authorization")
      }))
  }

  it.live("is followed five times and not six, and is not tried again", () =>
    Effect.gen(function*() {
      const chain = (length: number) => (_: Received, index: number): Answer =>
        index < length ? to(`/hop/${index}`) : me
      const { result: five } = yield* against(chain(5), User.me())
      assert.strictEqual(five._tag, "Success")
      const { received, result: six } = yield* against(chain(6), User.me())
      assert.strictEqual(received.length, 6)
      assert.isTrue(
        six._tag === "Failure" && six.failure._tag === "TransportError" && six.failure.reason === "Redirect"
      )
    }))

  it.live("to itself ends", () =>
    Effect.gen(function*() {
      const { received, result } = yield* against([to("/api/v1/users/me")], User.me())
      assert.strictEqual(received.length, 6)
      assert.isTrue(
        result._tag === "Failure" && result.failure._tag === "TransportError" && result.failure.reason === "Redirect"
      )
    }))

  it.live.each([
    "file:///etc/passwd",
    "ftp://127.0.0.1/x",
    "javascript:alert(1)",
    "data:,x",
    "http://user:password@127.0.0.1/",
    "http://["
  ])(
    "to %s is not followed",
    (location) =>
      Effect.gen(function*() {
        const { received, result } = yield* against([to(location)], User.me())
        assert.strictEqual(received.length, 1)
        assert.strictEqual(result._tag, "Failure")
        if (result._tag !== "Failure") return
        assert.deepInclude(result.failure, { _tag: "TransportError", reason: "Redirect", status: 307 })
        assert.match(result.failure.message, /redirect cannot be followed/)
      })
  )

  it.live("of a stream is followed too", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* successOf([to("/rows"), { body: "a\n1\n" }], text(Table.csv("o.d.t"))), "a\n1\n")
    }))

  it.live("is one request of the call: the attempts do not grow", () =>
    Effect.gen(function*() {
      const { responses } = yield* successOf([to("/x"), me], Redivis.withResponse(User.me()))
      assert.strictEqual(responses.length, 1)
      assert.strictEqual(responses[0]?.attempts.length, 1)
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

const within = (promise: Promise<void>, millis: number) =>
  Effect.promise(() => promise).pipe(Effect.timeoutOrElse({
    duration: millis,
    orElse: () => Effect.die(new Error(`it took longer than ${millis} ms`))
  }))

const arrived = (server: Scripted) =>
  Effect.gen(function*() {
    while (server.received.length === 0) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    return server.received[0]!
  })

describe("an interruption", () => {
  const stalled: Reply = { body: "{\"name\":", headers: { "content-length": "100" }, after: "stall" }

  const interrupted: ReadonlyArray<readonly [string, Answer, Effect.Effect<unknown, RedivisError, Redivis.Redivis>]> = [
    ["waiting for an answer", "silence", User.me()],
    ["inside an answer", stalled, User.me()],
    ["inside the body of an error", { ...stalled, status: 404 }, User.me()],
    ["waiting for a stream", "silence", text(Table.csv("o.d.t"))],
    ["inside a stream", stalled, text(Table.csv("o.d.t"))]
  ]

  for (const [name, layer] of transports) {
    it.live.each([...interrupted])(
      `closes the socket at once, %s (${name})`,
      ([, reply, call]) =>
        Effect.gen(function*() {
          const server = yield* serve(inTurn(reply))
          const fiber = yield* Effect.forkChild(Effect.provide(call, layer(server)))
          const request = yield* arrived(server)
          // an answer that has begun is on its way
          yield* Effect.sleep(20)
          yield* Fiber.interrupt(fiber)
          yield* within(request.closed, 3000)
        })
    )

    it.live(`is not needed where a consumer has enough of a stream (${name})`, () =>
      Effect.gen(function*() {
        const server = yield* serve(inTurn({ body: "a", headers: { "content-length": "100" }, after: "stall" }))
        yield* Effect.gen(function*() {
          yield* Table.csv("o.d.t").pipe(Stream.take(1), Stream.runDrain)
          yield* within(server.received[0]!.closed, 3000)
        }).pipe(Effect.provide(layer(server)))
      }))

    it.live(`by the time limit closes the socket (${name})`, () =>
      Effect.gen(function*() {
        const server = yield* serve(inTurn("silence"))
        yield* Effect.gen(function*() {
          yield* User.me().pipe(once, Redivis.withTimeout(40), Effect.flip)
          yield* within(server.received[0]!.closed, 3000)
        }).pipe(Effect.provide(layer(server)))
      }))
  }
})

describe("sockets", () => {
  it.live(
    "stay few through a thousand errors whose bodies nobody reads, and close with the layer",
    () =>
      Effect.gen(function*() {
        const page = "x".repeat(100_000)
        const server = yield* serve(() => ({
          status: 404,
          headers: { "x-ratelimit-limit": "100000", "x-ratelimit-remaining": "99999", "x-ratelimit-reset": "0" },
          body: page
        }))
        yield* Effect.gen(function*() {
          yield* Effect.forEach(
            Array.from({ length: 1000 }),
            () => Effect.flip(Dataset.get("o.d")),
            { concurrency: 64, discard: true }
          )
          assert.strictEqual(server.received.length, 1000)
          // as many as wait for an answer, and as many more whose bodies are being read away
          assert.isAtMost(server.openSockets(), 2 * 32)
        }).pipe(Effect.provide(NodeRedivis.layer({ endpoint: server.endpoint })))
        const closedAt = performance.now()
        while (server.openSockets() > 0) {
          assert.isBelow(performance.now() - closedAt, 1000)
          yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        }
      }),
    20_000
  )
})
