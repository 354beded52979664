/** Answers in an encoding that nobody asked for. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as RawFile from "@effect-redivis/core/RawFile"
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as User from "@effect-redivis/core/User"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { createHash, randomBytes } from "node:crypto"
import * as Zlib from "node:zlib"
import { clientOf } from "./scriptedClient.ts"
import { inTurn, type Reply, type Scripted, serve } from "./scriptedServer.ts"
import { exampleOf } from "./wireTable.ts"

const encodings: ReadonlyArray<readonly [string, (bytes: Uint8Array) => Uint8Array]> = [
  ["gzip", Zlib.gzipSync],
  ["x-gzip", Zlib.gzipSync],
  ["GZIP", Zlib.gzipSync],
  ["deflate", Zlib.deflateSync],
  // without the header of zlib, as some servers send it
  ["Deflate", Zlib.deflateRawSync],
  ["br", Zlib.brotliCompressSync],
  ["gzip, br", (bytes) => Zlib.brotliCompressSync(Zlib.gzipSync(bytes))]
]

const transports: ReadonlyArray<readonly [name: string, layer: (server: Scripted) => Layer.Layer<Redivis.Redivis>]> = [
  ["fetch", (server) => clientOf(server)],
  // its options are right
  ["undici", ({ endpoint }) => NodeRedivis.layer({ endpoint }) as Layer.Layer<Redivis.Redivis>]
]

const undici = transports[1]![1]

const once = Retry.withPolicy({ maxAttempts: 1 })

const encoded = (encoding: string, bytes: Uint8Array, reply: Reply = {}): Reply => ({
  ...reply,
  headers: { ...reply.headers, "content-encoding": encoding, "content-length": String(bytes.length) },
  body: bytes
})

const jsonOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

const gather = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Buffer.concat(chunks))

for (const [name, layer] of transports) {
  describe(`an answer in an encoding that nobody asked for (${name})`, () => {
    it.live.each([...encodings])("is read as what it is: %s", ([encoding, encode]) =>
      Effect.gen(function*() {
        const user = exampleOf("users.me").answer.body
        const problem = { status: 404, error: "not_found", error_description: "There is no such dataset" }
        const server = yield* serve(inTurn(
          encoded(encoding, encode(jsonOf(user))),
          encoded(encoding, encode(jsonOf(problem)), { status: 404 })
        ))
        yield* Effect.gen(function*() {
          assert.deepStrictEqual<unknown>(yield* User.me(), user)
          const failure = yield* Effect.flip(Dataset.get("o.d"))
          assert.deepInclude(failure, { _tag: "NotFound", error: "not_found" })
        }).pipe(Effect.provide(layer(server)))
      }))

    it.live.each([...encodings])("is downloaded as what it is: %s", ([encoding, encode]) =>
      Effect.gen(function*() {
        const file = randomBytes(300_000)
        const bytes = encode(file)
        const server = yield* serve(inTurn(encoded(encoding, bytes, {
          headers: { "content-digest": `md5=:${createHash("md5").update(bytes).digest("base64")}:` }
        })))
        const got = yield* Effect.provide(gather(RawFile.bytes("abcd-1234")), layer(server))
        assert.isTrue(got.equals(file))
      }))
  })
}

describe("an encoded answer over undici", () => {
  it.live("that is cut short is no short result, whatever its length said", () =>
    Effect.gen(function*() {
      for (const [encoding, encode] of encodings) {
        const bytes = encode(randomBytes(50_000))
        const server = yield* serve(inTurn(encoded(encoding, bytes.subarray(0, 20_000))))
        const failure = yield* Effect.flip(once(gather(RawFile.bytes("abcd-1234")))).pipe(
          Effect.provide(undici(server))
        )
        assert.deepInclude(failure, { _tag: "TransportError", reason: "BodyBroken" }, encoding)
      }
    }))

  it.live("that breaks off is told with what the connection said", () =>
    Effect.gen(function*() {
      const bytes = Zlib.gzipSync(randomBytes(50_000))
      const server = yield* serve(inTurn({
        headers: { "content-encoding": "gzip" },
        body: bytes.subarray(0, 20_000),
        after: "cut"
      }))
      const failure = yield* Effect.flip(once(gather(RawFile.bytes("abcd-1234")))).pipe(Effect.provide(undici(server)))
      assert.deepInclude(failure, { _tag: "TransportError", reason: "BodyBroken" })
      assert.match(failure.message, /other side closed/)
    }))

  it.live("that is large unpacked is held to the client's bound", () =>
    Effect.gen(function*() {
      const bytes = Zlib.gzipSync(Buffer.alloc(8_000_000, " "))
      const server = yield* serve(inTurn(encoded("gzip", bytes)))
      const layer = NodeRedivis.layer({ endpoint: server.endpoint, maxAnswerBytes: 100_000 })
      const failure = yield* Effect.flip(once(User.me())).pipe(Effect.provide(layer))
      assert.strictEqual(failure._tag, "DecodeError")
      assert.match(failure.message, /maxAnswerBytes/)
    }))

  it.live("of which somebody has enough closes the connection", () =>
    Effect.gen(function*() {
      const bytes = Zlib.gzipSync(randomBytes(100_000))
      const server = yield* serve(inTurn({
        headers: { "content-encoding": "gzip", "content-length": "10000000" },
        body: bytes.subarray(0, 50_000),
        after: "stall"
      }))
      yield* Effect.gen(function*() {
        yield* RawFile.bytes("abcd-1234").pipe(Stream.take(1), Stream.runDrain)
        yield* Effect.timeout(Effect.promise(() => server.received[0]!.closed), "5 seconds")
      }).pipe(Effect.provide(undici(server)))
    }))

  it.live("without a body, or in an encoding that is not known, is left as it is", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(
        { headers: { "content-encoding": "gzip", "content-length": "0" } },
        encoded("utf-8", Buffer.from("as it is"))
      ))
      yield* Effect.gen(function*() {
        assert.strictEqual(String(yield* gather(RawFile.bytes("abcd-1234"))), "")
        assert.strictEqual(String(yield* gather(RawFile.bytes("abcd-1234"))), "as it is")
      }).pipe(Effect.provide(undici(server)))
    }))
})
