/** Bytes that are handed on, over sockets: by `fetch`, by undici, and by an `HttpClient`. */
import * as RawFile from "@effect-redivis/core/RawFile"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Zlib from "node:zlib"
import { clientOf, quickly } from "./scriptedClient.ts"
import { inTurn, type Reply, type Scripted, serve } from "./scriptedServer.ts"

type Client = (server: Scripted, options?: Redivis.Options) => Layer.Layer<Redivis.Redivis>

const clients: ReadonlyArray<readonly [name: string, client: Client]> = [
  ["fetch", clientOf],
  // their options are right
  ["undici", ({ endpoint }, options) => NodeRedivis.layer({ endpoint, ...options }) as Layer.Layer<Redivis.Redivis>],
  [
    "an HttpClient",
    ({ endpoint }, options) =>
      Layer.provide(Redivis.layer({ endpoint, ...options }), NodeHttpClient.layerNodeHttp) as Layer.Layer<
        Redivis.Redivis
      >
  ]
]

const ways = [undefined, { checked: true }] as const

const csv = "n,word\n1,one\n"

const reply = (more: Reply = {}): Reply => ({
  body: csv,
  ...more,
  headers: { "content-type": "text/csv", ...more.headers }
})

const textOf = (response: Response) => Effect.promise(() => response.text())

/** The bytes that come before the body stands still. */
const takeFirst = (response: Response) =>
  Effect.promise(async () => {
    const reader = response.body!.getReader() // the server sends one
    const { value } = await reader.read()
    return { reader, text: new TextDecoder().decode(value) }
  })

const within = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.timeout(effect, "5 seconds")

for (const [name, client] of clients) {
  describe(`a Response over ${name}`, () => {
    it.live("outlives the effect that gave it, and its layer", () =>
      Effect.gen(function*() {
        const server = yield* serve(inTurn({ body: "begin", drip: { pieces: ["-middle", "-end"], every: 30 } }))
        for (const way of ways) {
          const response = Table.response("o.d.t", way)
          const text = name === "an HttpClient"
            // whose connections are whoever's that made it
            ? yield* Effect.provide(Effect.flatMap(response, textOf), client(server))
            : yield* Effect.flatMap(Effect.provide(response, client(server)), textOf)
          assert.strictEqual(text, "begin-middle-end")
        }
      }))

    it.live("has the list's headers, and what is untrue of a decoded body is left out", () =>
      Effect.gen(function*() {
        const told = {
          "content-disposition": "attachment; filename=\"t.csv\"",
          "etag": "\"1\"",
          "last-modified": "Tue, 01 Dec 2026 00:00:00 GMT",
          "accept-ranges": "bytes"
        }
        const packed = Zlib.gzipSync(csv)
        const server = yield* serve((_, index) =>
          reply({
            ...(index % 2 === 0 ? {} : { body: packed }),
            headers: {
              ...told,
              "set-cookie": ["a=1", "b=2"],
              "server": "hidden",
              "x-ratelimit-limit": "1000",
              ...(index % 2 === 0
                ? { "content-length": String(csv.length) }
                : { "content-encoding": "gzip", "content-length": String(packed.length) })
            }
          })
        )
        for (const way of ways) {
          yield* Effect.gen(function*() {
            const plain = yield* Table.response("o.d.t", way)
            assert.deepStrictEqual(Object.fromEntries(plain.headers), {
              "content-type": "text/csv",
              "content-length": String(csv.length),
              ...told
            })
            assert.strictEqual(yield* textOf(plain), csv)
            const decoded = yield* Table.response("o.d.t", way)
            assert.deepStrictEqual(Object.fromEntries(decoded.headers), {
              "content-type": "text/csv",
              "content-disposition": told["content-disposition"],
              "last-modified": told["last-modified"]
            })
            // not every `HttpClient` decodes what it did not ask for
            if (name !== "an HttpClient") assert.strictEqual(yield* textOf(decoded), csv)
            else yield* Effect.promise(() => decoded.body?.cancel() ?? Promise.resolve())
          }).pipe(Effect.provide(client(server)))
        }
      }))

    it.live("leaves out what no header can carry, and says what encoding is left", () =>
      Effect.gen(function*() {
        const server = yield* serve(inTurn(reply({
          headers: { "etag": "\"caf\u00e9\"", "content-encoding": "utf-8" }
        })))
        for (const way of ways) {
          const response = yield* Effect.provide(Table.response("o.d.t", way), client(server))
          assert.strictEqual(response.headers.get("content-encoding"), "utf-8")
          assert.strictEqual(yield* textOf(response), csv)
        }
      }))

    it.live("is ended at the server by who cancels it, and by nobody before", () =>
      Effect.gen(function*() {
        const server = yield* serve(inTurn({ body: csv, after: "stall", headers: { "content-length": "10000000" } }))
        for (const [index, way] of ways.entries()) {
          yield* Effect.gen(function*() {
            const { reader, text } = yield* Effect.flatMap(Table.response("o.d.t", way), takeFirst)
            assert.strictEqual(text, csv)
            let isClosed = false
            void server.received[index]!.closed.then(() => isClosed = true)
            yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
            assert.isFalse(isClosed)
            yield* Effect.promise(() => reader.cancel())
            yield* within(Effect.promise(() => server.received[index]!.closed))
          }).pipe(Effect.provide(client(server)))
        }
      }))

    it.live("is read no further ahead than somebody wants it", () =>
      Effect.gen(function*() {
        const size = 200_000_000
        const server = yield* serve(inTurn({ body: Buffer.alloc(size), headers: { "content-length": String(size) } }))
        for (const way of ways) {
          const response = yield* Effect.provide(Table.response("o.d.t", way), client(server))
          const { reader } = yield* takeFirst(response)
          const before = process.memoryUsage().arrayBuffers
          // as long as the loop would take to send all of it were it read
          for (let turn = 0; turn < 200; turn++) {
            yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
          }
          assert.isBelow(process.memoryUsage().arrayBuffers - before, 20_000_000)
          yield* Effect.promise(() => reader.cancel())
        }
      }))

    it.live("that is never given because its fiber was interrupted leaves nothing open", () =>
      Effect.gen(function*() {
        const server = yield* serve(inTurn("silence"))
        for (const [index, way] of ways.entries()) {
          const fiber = yield* Effect.forkChild(Effect.provide(Table.response("o.d.t", way), client(server)))
          while (server.received.length === index) {
            yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
          }
          yield* Fiber.interrupt(fiber)
          yield* within(Effect.promise(() => server.received[index]!.closed))
        }
      }))

    it.live("takes a visitor's own conditions along", () =>
      Effect.gen(function*() {
        const server = yield* serve(({ headers }) =>
          headers["if-none-match"] === "\"1\"" ? { status: 304, headers: { etag: "\"1\"" } } : reply()
        )
        for (const way of ways) {
          const response = yield* Table.response("o.d.t", way).pipe(
            Redivis.withHeaders({ "if-none-match": "\"1\"" }),
            Effect.provide(client(server))
          )
          assert.deepStrictEqual([response.status, response.body, response.headers.get("etag")], [304, null, "\"1\""])
        }
      }))
  })
}

describe("a Response of a part of a file", () => {
  const file = "0123456789"

  it.live("is the part, also where the server takes no ranges and the body is watched", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn({ body: file, headers: { "content-length": "10" } }))
      const part = { offset: 3, length: 4 }
      const whole = yield* Effect.provide(RawFile.response("f", part), clientOf(server))
      assert.deepStrictEqual([whole.status, yield* textOf(whole)], [200, file])
      const watched = yield* Effect.provide(RawFile.response("f", { ...part, checked: true }), clientOf(server))
      assert.deepStrictEqual(
        [watched.status, watched.headers.get("content-range"), watched.headers.get("content-length")],
        [206, "bytes 3-6/10", "4"]
      )
      assert.strictEqual(yield* textOf(watched), "3456")
    }))

  it.live("is refused before it is handed on where it is another part", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn({
        status: 206,
        body: "0123",
        after: "stall",
        headers: { "content-range": "bytes 0-3/10", "content-length": "4000000" }
      }))
      for (const [index, way] of ways.entries()) {
        const failure = yield* quickly(RawFile.response("f", { ...way, offset: 3, length: 4 })).pipe(
          Effect.flip,
          Effect.provide(clientOf(server))
        )
        assert.deepInclude(failure, { _tag: "IntegrityError", reason: "Size" })
        yield* within(Effect.promise(() => server.received[index]!.closed))
      }
    }))
})

describe("a Response of a client without a server", () => {
  it.effect("has what the handler gives", () =>
    Effect.gen(function*() {
      for (const way of ways) {
        const response = yield* Table.response("o.d.t", way)
        assert.strictEqual(yield* textOf(response), csv)
      }
    }).pipe(
      Effect.provide(Redivis.layerMock({ "tables.listRows": () => Stream.make(new TextEncoder().encode(csv)) }))
    ))
})

describe("bytes that are read", () => {
  it.live("are as they were sent, each piece in memory of its own, however they came", () =>
    Effect.gen(function*() {
      const body = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, index) => index * 7 % 251))
      const server = yield* serve(inTurn({ body }, { body: "a", drip: { pieces: ["bc", "d"], every: 20 } }))
      const chunks = yield* Effect.provide(Stream.runCollect(Table.csv("o.d.t")), clientOf(server))
      assert.isTrue(Buffer.concat(chunks).equals(body))
      assert.strictEqual(new Set(chunks.map(({ buffer }) => buffer)).size, chunks.length)
      const held = chunks.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
      assert.isAtMost(held, 2 * body.length)
      // what trickles is handed on as it comes
      const pieces = yield* Effect.provide(Stream.runCollect(Table.csv("o.d.t")), clientOf(server))
      assert.deepStrictEqual(pieces.map((piece) => new TextDecoder().decode(piece)), ["a", "bc", "d"])
    }))

  it.live("are not lost to who stopped waiting for them and asks again", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn({ body: "a", drip: { pieces: ["b", "c"], every: 60 } }))
      for (const [, client] of clients.slice(0, 2)) {
        const text = yield* Effect.gen(function*() {
          const pull = yield* Stream.toPull(Table.csv("o.d.t"))
          let text = ""
          for (let isOver = false; !isOver;) {
            const next = yield* pull.pipe(
              Effect.timeoutOption(10),
              Effect.matchEffect({
                onFailure: () => Effect.succeed("over" as const), // its end
                onSuccess: Effect.succeed
              })
            )
            if (next === "over") isOver = true
            else if (next._tag === "Some") text += next.value.map((piece) => new TextDecoder().decode(piece)).join("")
          }
          return text
        }).pipe(Effect.scoped, Effect.provide(client(server)))
        assert.strictEqual(text, "abc")
      }
    }))
})
