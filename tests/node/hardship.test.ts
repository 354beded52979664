/** What a server and a caller may do to a client, in numbers: nothing leaks, nothing is lost, nothing stays open. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as RawFile from "@effect-redivis/core/RawFile"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as RedivisError from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as FastCheck from "fast-check"
import type { AddressInfo } from "node:net"
import * as Net from "node:net"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { gzipSync } from "node:zlib"
import { clientOf, quickly, token } from "./scriptedClient.ts"
import { type Received, type Reply, type Scripted, serve } from "./scriptedServer.ts"
import { times } from "./times.ts"
import { exampleOf } from "./wireTable.ts"

const once = Retry.withPolicy({ maxAttempts: 1 })

type Client = (server: { readonly endpoint: string }) => Layer.Layer<Redivis.Redivis>

const transports: ReadonlyArray<readonly [name: string, client: Client]> = [
  ["fetch", (server) => clientOf(server)],
  [
    "undici",
    ({ endpoint }) =>
      // its options are right
      NodeRedivis.layer({ endpoint, token: Redacted.make(token) }) as Layer.Layer<Redivis.Redivis>
  ]
]

type Call = Effect.Effect<unknown, RedivisError.RedivisError, Redivis.Redivis>

const calls: Readonly<Record<string, Call>> = {
  json: User.me(),
  head: Dataset.exists("o.d"),
  bytes: Stream.runDrain(RawFile.bytes("f")),
  rows: Stream.runDrain(Table.csv("o.d.t")),
  post: Query.create("select 1"),
  patch: Dataset.update("o.d", { description: "x" }),
  delete: Dataset.remove("o.d")
}

/** An error of the library has a class there by its tag. */
const isTyped = ({ _tag }: RedivisError.RedivisError): boolean => Object.hasOwn(RedivisError, _tag)

/** The tag of what a call fails with, or its success; nothing else may come of it. */
const outcomeOf = (call: Call): Effect.Effect<string, never, Redivis.Redivis> =>
  Effect.map(Effect.exit(call), (exit) => {
    if (Exit.isSuccess(exit)) return "Success"
    const failures = exit.cause.reasons.map((reason) =>
      Cause.isFailReason(reason) && isTyped(reason.error) ? reason.error._tag : assert.fail(Cause.pretty(exit.cause))
    )
    return failures[0]!
  })

describe("another origin", () => {
  for (const [name, client] of transports) {
    it.live(`learns no token and no header of the caller's by any redirect (${name})`, () =>
      Effect.gen(function*() {
        const secret = "planted-by-the-caller"
        const reply = exampleOf("users.me").answer.body
        const other = yield* serve(() => ({ body: reply }))
        const { host } = new URL(other.origin)
        const places = [
          `${other.origin}/a`,
          `//${host}/a`,
          `HTTP://${host}/a`,
          `http:\\\\${host}\\a`,
          `/\\${host}/a`,
          `http://user:password@${host}/a`,
          `http://localhost:${new URL(other.origin).port}/api/v1/users/me`
        ]
        let turn = 0
        const server = yield* serve((request: Received) =>
          /^\/api\/v1\/|^\/b/.test(request.target)
            ? {
              status: [301, 302, 303, 307, 308][turn++ % 5]!,
              headers: { location: places[Math.floor(turn / 5) % places.length]!, "set-cookie": `a=${secret}` },
              body: "moved"
            }
            : { body: reply }
        )
        const asked = Object.values(calls).slice(0, 5 * times)
        yield* Effect.forEach(
          Array.from({ length: 5 * places.length }),
          () => Effect.forEach(asked, (call) => outcomeOf(Redivis.withHeaders(once(call), { "x-study": secret }))),
          { discard: true }
        ).pipe(Effect.provide(client(server)))
        assert.isAbove(other.received.length, 5 * places.length)
        for (const { headers, target } of other.received) {
          const all = JSON.stringify([target, headers])
          assert.notInclude(all, token)
          assert.notInclude(all, secret)
          assert.notProperty(headers, "authorization")
          assert.notProperty(headers, "cookie")
        }
        assert.isAbove(server.received.filter(({ headers }) => headers.authorization === `Bearer ${token}`).length, 30)
      }), 60_000)
  }
})

describe("a header of the caller's", () => {
  for (const [name, client] of transports) {
    it.live(`is one header with its value, or is refused before any request (${name})`, () =>
      Effect.gen(function*() {
        const server = yield* serve(() => ({ body: exampleOf("users.me").answer.body }))
        const pieces = [
          "a",
          "B-1",
          "\r\n",
          "\n",
          "\r",
          "\0",
          "x-b: 2",
          ": ",
          " ",
          "\u0085",
          "é",
          "\u2028",
          "鳥",
          "\t",
          ";",
          ","
        ]
        const text = FastCheck.array(FastCheck.constantFrom(...pieces), { maxLength: 4 }).map((all) => all.join(""))
        const drawn = FastCheck.sample(FastCheck.tuple(FastCheck.oneof(FastCheck.constant("x-a"), text), text), {
          numRuns: 120 * times,
          seed: 3
        })
        let refused = 0
        yield* Effect.forEach(drawn, ([key, value]) =>
          Effect.gen(function*() {
            const before = server.received.length
            const outcome = yield* outcomeOf(Redivis.withHeaders(once(User.me()), { [key]: value }))
            const sent = server.received.slice(before)
            if (outcome === "InvalidInput") {
              refused++
              assert.strictEqual(sent.length, 0)
              return
            }
            assert.strictEqual(outcome, "Success", JSON.stringify([key, value]))
            assert.strictEqual(sent.length, 1)
            const { headers } = sent[0]!
            assert.strictEqual(headers[key.toLowerCase()], value.trim())
            const own = key.toLowerCase()
            if (own !== "x-b") assert.notProperty(headers, "x-b")
            if (own !== "2") assert.notProperty(headers, "2")
            assert.strictEqual(headers.authorization, `Bearer ${token}`)
          }), { discard: true }).pipe(Effect.provide(client(server)))
        assert.isAbove(refused, 30)
        assert.isBelow(refused, drawn.length)
      }), 60_000)
  }
})

/** Statuses, known and not, with what bodies come beside them. */
const statuses = [
  200,
  201,
  202,
  203,
  204,
  205,
  206,
  226,
  299,
  300,
  304,
  305,
  306,
  399,
  400,
  401,
  402,
  403,
  404,
  405,
  406,
  409,
  410,
  413,
  416,
  418,
  422,
  431,
  451,
  499,
  500,
  501,
  502,
  503,
  504,
  511,
  599,
  429
]

const bodies: ReadonlyArray<unknown> = [
  "",
  "<html>down</html>",
  "null",
  { status: "400", error: 5, error_description: { a: 1 } },
  { status: 400, error: "invalid_request", error_description: "No" },
  [[]],
  "\u0000\ufffe",
  "{\"error\":\"" + "x".repeat(100_000)
]

describe("an answer of any status", () => {
  for (const [name, client] of transports) {
    it.live(`is a value or an error of its own, with any body (${name})`, () =>
      Effect.gen(function*() {
        let next: Reply = {}
        const server = yield* serve(() => next)
        const tags = new Set<string>()
        const some = Object.entries(calls).filter(([kind]) => times > 1 || ["json", "rows", "post"].includes(kind))
        yield* Effect.forEach(statuses, (status, place) =>
          Effect.forEach(some, ([kind, call], turn) =>
            Effect.gen(function*() {
              const body = bodies[(place + 3 * turn) % bodies.length]
              next = { status, ...(status === 204 || status === 304 || status === 205 ? undefined : { body }) }
              const tag = yield* outcomeOf(once(call))
              tags.add(tag)
              if (status >= 400 && kind !== "head") {
                assert.notStrictEqual(tag, "Success", `${status} ${kind}`)
              }
              if (status >= 500) {
                assert.notStrictEqual(tag, "DecodeError", `${status} ${kind}`)
              }
            })), { discard: true }).pipe(Effect.provide(client(server)))
        for (const tag of ["BadRequest", "Unauthorized", "NotFound", "TooManyRequests", "UnexpectedStatus"]) {
          assert.isTrue(tags.has(tag), tag)
        }
      }), 60_000)
  }
})

/** Listens until its scope closes, and says what is given to whoever asks. */
const saying = (bytes: () => Buffer): Effect.Effect<{ readonly endpoint: string }, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<Net.Server>((resume) => {
        const server = Net.createServer((socket) => {
          socket.on("error", () => socket.destroy())
          socket.once("data", () => socket.end(bytes()))
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    ),
    // it listens on a port
    (server) => ({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1` })
  )

const json = "content-type: application/json\r\n"

const malformed: Readonly<Record<string, string | Buffer>> = {
  nothing: "",
  "no HTTP": "SSH-2.0-OpenSSH_9.6\r\n",
  "half of a status line": "HTTP/1.",
  "a status that is none": "HTTP/1.1 abc OK\r\n\r\n",
  "a status of 0": "HTTP/1.1 000 None\r\n\r\n",
  "a status of 999": "HTTP/1.1 999 Odd\r\ncontent-length: 2\r\n\r\n{}",
  "headers that do not end": `HTTP/1.1 200 OK\r\n${json}`,
  "a header without a colon": "HTTP/1.1 200 OK\r\nodd\r\n\r\n",
  "a header with a zero": `HTTP/1.1 200 OK\r\nx-a: \0\r\ncontent-length: 2\r\n\r\n{}`,
  "headers without end": `HTTP/1.1 200 OK\r\n${`x-a: ${"x".repeat(1000)}\r\n`.repeat(100)}\r\n`,
  "a length that is none": `HTTP/1.1 200 OK\r\n${json}content-length: many\r\n\r\n{}`,
  "a length below zero": `HTTP/1.1 200 OK\r\n${json}content-length: -1\r\n\r\n{}`,
  "a length beyond what comes": `HTTP/1.1 200 OK\r\n${json}content-length: 100\r\n\r\n{}`,
  "two lengths": `HTTP/1.1 200 OK\r\n${json}content-length: 2\r\ncontent-length: 3\r\n\r\n{} `,
  "a length and chunks":
    `HTTP/1.1 200 OK\r\n${json}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  "a chunk that is none": `HTTP/1.1 200 OK\r\n${json}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n`,
  "chunks that do not end": `HTTP/1.1 200 OK\r\n${json}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`,
  "no gzip": `HTTP/1.1 200 OK\r\n${json}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}`,
  "half a gzip": Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${json}content-encoding: gzip\r\nconnection: close\r\n\r\n`),
    gzipSync("{\"name\":\"x\"}").subarray(0, 15)
  ]),
  "an encoding that nobody knows": `HTTP/1.1 200 OK\r\n${json}content-encoding: zzz\r\ncontent-length: 2\r\n\r\n{}`,
  "bytes that are no text": Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${json}content-length: 4\r\n\r\n`),
    Buffer.from([0xff, 0xfe, 0x00, 0x80])
  ]),
  "an answer within an answer": `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n`,
  "another protocol": "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n{}",
  "a redirect to nowhere": "HTTP/1.1 302 Found\r\nlocation: http://[::1\r\ncontent-length: 0\r\n\r\n"
}

describe("an answer that is no HTTP, or none of JSON", () => {
  for (const [name, client] of transports) {
    it.live(`is an error of its own (${name})`, () =>
      Effect.gen(function*() {
        let bytes = Buffer.alloc(0)
        const server = yield* saying(() => bytes)
        yield* Effect.forEach(Object.entries(malformed), ([what, answer]) =>
          Effect.forEach([calls["json"]!, calls["rows"]!, calls["post"]!], (call, turn) =>
            Effect.gen(function*() {
              bytes = Buffer.from(answer)
              const tag = yield* outcomeOf(once(Redivis.withTimeout(call, "3 seconds")))
              // what is no JSON may be bytes
              if (turn !== 1) {
                assert.include(["TransportError", "DecodeError", "UnexpectedStatus"], tag, what)
              }
            })), { discard: true }).pipe(Effect.provide(client(server)))
      }), 60_000)
  }
})

const collect = (): void => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
}

const turns = (ready: () => boolean, seconds: number): Effect.Effect<void> =>
  Effect.gen(function*() {
    const startedAt = performance.now()
    while (!ready()) {
      assert.isBelow(performance.now() - startedAt, seconds * 1000)
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
  })

describe("layers that come and go", () => {
  for (const [name, client] of transports) {
    it.live(`200 leave neither sockets nor memory behind (${name})`, () =>
      Effect.gen(function*() {
        const server: Scripted = yield* serve(() => ({ body: exampleOf("users.me").answer.body }))
        const use = (count: number) =>
          Effect.forEach(
            Array.from({ length: count }),
            () => User.me().pipe(Effect.provide(Layer.fresh(client(server)), { local: true })),
            { concurrency: 8, discard: true }
          )
        yield* use(100)
        collect()
        const before = process.memoryUsage().heapUsed
        yield* use(200 * times)
        collect()
        const grown = process.memoryUsage().heapUsed - before
        assert.strictEqual(server.received.length, 100 + 200 * times)
        // fetch keeps its few sockets itself
        if (name === "undici") yield* turns(() => server.openSockets() === 0, 5)
        else assert.isAtMost(server.openSockets(), 16)
        assert.isBelow(grown, 200 * times * 40_000)
      }), 60_000 * times)
  }
})

layer(
  Emulator.layerTestWith({
    seed: {
      users: [{ name: "demo" }],
      datasets: [{
        owner: "demo",
        name: "d",
        publicAccessLevel: "data",
        tables: [{
          name: "t",
          variables: [{ name: "n", type: "integer" }],
          rows: Array.from({ length: 3000 }, (_, n) => ({ n }))
        }]
      }]
    },
    rateLimit: 1_000_000,
    batchRows: 100
  }),
  { excludeTestServices: true }
)("over sockets", (it) => {
  it.effect("100 interrupted streams of rows leave none open", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const count = 100 * times
      let interrupted = 0
      yield* Effect.forEach(
        Array.from({ length: count }, (_, index) => index),
        (index) =>
          Effect.gen(function*() {
            const options = { streams: 1 + index % 3, ordered: index % 2 === 0 }
            let read = 0
            const fiber = yield* Effect.forkChild(
              Stream.runForEach(Table.rows("demo.d.t", options), () => {
                read++
                return read > index * 7 % 900 ? Effect.never : Effect.void
              })
            )
            // some are interrupted before their session is there, some amid their rows, some as they wait
            let left = index % 10 * 20
            while (left-- > 0 && fiber.pollUnsafe() === undefined) {
              yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
            }
            yield* Fiber.interrupt(fiber)
            interrupted++
          }),
        { concurrency: 10, discard: true }
      )
      assert.strictEqual(interrupted, count)
      const startedAt = performance.now()
      while ((yield* emulator.openStreams) > 0) {
        assert.isBelow(performance.now() - startedAt, 5000)
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      }
      // and the next one is read to its end
      assert.strictEqual(yield* Stream.runCount(Table.rows("demo.d.t")), 3000)
    }), 60_000 * times)

  it.effect(
    "1,100 calls, of which one in fifty meets a fault, end each with its own answer",
    () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const count = 1100 * times
        const faults = [
          { status: 503 },
          { status: 429, retryAfter: 5 },
          { drop: "request" as const },
          { drop: "answer" as const },
          { cutAfter: 10 },
          { delay: 30 },
          { status: 502, html: true },
          { concurrencyLimit: 1 }
        ]
        let met = 0
        const asked = Array.from({ length: count }, (_, index) => index)
        const answers = yield* Effect.forEach(asked, (index) =>
          Effect.gen(function*() {
            if (index % 50 === 0) {
              met++
              yield* emulator.faults.add({ match: "users.me", times: 1, do: faults[met % faults.length]! })
            }
            // some are given up, and their places go to others
            if (index % 40 === 7) {
              const fiber = yield* Effect.forkChild(User.me())
              yield* Effect.yieldNow
              yield* Fiber.interrupt(fiber)
            }
            return (yield* quickly(User.me())).name
          }), { concurrency: 64 })
        assert.strictEqual(answers.filter((answer) => answer === "researcher").length, count)
        assert.isAtLeast(met, 22 * times)
        yield* emulator.faults.clear
      }),
    60_000 * times
  )
})
