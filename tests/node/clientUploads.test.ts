/** Bytes on their way to storage: along with the request, whole, or in slices of a session. */
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Transfer from "@effect-redivis/core/Transfer"
import * as Upload from "@effect-redivis/core/Upload"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { clientOf, quickly, token } from "./scriptedClient.ts"
import { type Answer, type Received, type Reply, type Scripted, serve } from "./scriptedServer.ts"
import { exampleOf } from "./wireTable.ts"

const transports: ReadonlyArray<readonly [name: string, layer: (server: Scripted) => Layer.Layer<Redivis.Redivis>]> = [
  ["fetch", (server) => clientOf(server)],
  [
    "undici",
    (server) =>
      // its options are right
      NodeRedivis.layer({ endpoint: server.endpoint, token: Redacted.make(token) }) as Layer.Layer<Redivis.Redivis>
  ]
]

const megabyte = 1024 * 1024

/** Bytes that are not the same everywhere: the place of each block of 251 stands in it. */
const bytesOf = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 251) {
    bytes[at] = at & 255
    bytes[at + 1] = (at >> 8) & 255
    bytes[at + 2] = (at >> 16) & 255
  }
  return bytes
}

const streamOf = (bytes: Uint8Array, chunk: number): Stream.Stream<Uint8Array> =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) =>
      bytes.subarray(index * chunk, (index + 1) * chunk))
  )

const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex")

interface World {
  readonly api: Scripted
  readonly storage: Scripted
  readonly result: Result.Result<unknown, { readonly _tag: string }>
  /** What was registered with the API in the end. */
  readonly registered: ReadonlyArray<unknown>
}

/** Uploads to a table whose API hands out a place in a storage that answers as a test says. */
const uploading = <E>(
  source: Transfer.Source<E>,
  options: {
    readonly resumable?: boolean
    readonly storage: (received: Received, index: number, origin: () => string) => Answer
    readonly layer?: (server: Scripted) => Layer.Layer<Redivis.Redivis>
    readonly results?: ReadonlyArray<unknown>
  }
) =>
  Effect.gen(function*() {
    const storage: Scripted = yield* serve((request, index) => options.storage(request, index, () => storage.origin))
    const registered: Array<unknown> = []
    const api = yield* serve((request): Reply => {
      if (request.target.endsWith("/tempUploads")) {
        return {
          body: {
            results: options.results ??
              [{ id: "temp-1", url: `${storage.origin}/temp/1`, resumable: options.resumable ?? false }]
          }
        }
      }
      registered.push(JSON.parse(request.body.toString()))
      return { body: { ...exampleOf("uploads.get").answer.body as object, status: "completed" } }
    })
    const result: Result.Result<unknown, { readonly _tag: string }> = yield* Upload.create("o.d:next.t", {
      name: "large.csv",
      data: source
    }).pipe(
      quickly,
      Effect.provide((options.layer ?? clientOf)(api)),
      // a source's own failure has a tag too, in these tests
      Effect.mapError((error) => error as { readonly _tag: string }),
      Effect.result
    )
    const world: World = { api, storage, result, registered }
    return world
  })

const taken: Reply = { status: 200 }

const assertFailed = ({ registered, result }: World, fields: Readonly<Record<string, unknown>>): void => {
  assert.strictEqual(result._tag, "Failure")
  if (result._tag === "Failure") assert.deepInclude(result.failure, fields)
  assert.deepStrictEqual(registered, [], "what is not whole is not registered")
}

describe("an upload through storage", () => {
  const large = bytesOf(megabyte + 1)

  for (const [name, layer] of transports) {
    it.live.each<readonly [string, Transfer.Source]>([
      ["bytes of more than 1 MiB", large],
      ["a stream", { stream: streamOf(large, 65_521), size: large.length }],
      ["a stream of few bytes", { stream: streamOf(bytesOf(10), 3), size: 10 }],
      ["a stream of nothing", { stream: Stream.empty, size: 0 }]
    ])(`puts the bytes whole and registers them: %s (${name})`, ([, source]) =>
      Effect.gen(function*() {
        const { api, registered, result, storage } = yield* uploading(source, { layer, storage: () => taken })
        assert.strictEqual(result._tag, "Success")
        assert.strictEqual(storage.received.length, 1)
        const [request] = storage.received
        const size = Transfer.sizeOf(source)
        assert.strictEqual(request?.method, "PUT")
        assert.strictEqual(request.headers["content-length"], String(size))
        assert.notProperty(request.headers, "transfer-encoding")
        assert.strictEqual(md5(request.body), md5(bytesOf(size)))
        assert.deepStrictEqual(JSON.parse(api.received[0]!.body.toString()), {
          tempUploads: [{ name: "large.csv", size, resumable: false }]
        })
        assert.deepStrictEqual(registered, [{ name: "large.csv", tempUploadId: "temp-1" }])
      }))

    it.live.each<readonly [string, number, string]>([["fewer", 4, "4"], ["more", 15, "more"]])(
      `fails where a stream gives %s bytes than it said (${name})`,
      ([, given, said]) =>
        Effect.gen(function*() {
          const world = yield* uploading({ stream: streamOf(bytesOf(given), 2), size: 10 }, {
            layer,
            storage: () => taken
          })
          assertFailed(world, {
            _tag: "IntegrityError",
            reason: "Size",
            detail: `the source was to give 10 bytes and gave ${said}`
          })
        })
    )

    it.live(`fails with the source's own failure (${name})`, () =>
      Effect.gen(function*() {
        const stream = Stream.concat(streamOf(bytesOf(4), 2), Stream.fail({ _tag: "TheDiskIsGone" }))
        assertFailed(yield* uploading({ stream, size: 10 }, { layer, storage: () => taken }), { _tag: "TheDiskIsGone" })
      }))
  }

  it.live("asks for a session from 32 MiB on", () =>
    Effect.gen(function*() {
      for (const [size, resumable] of [[32 * megabyte - 1, false], [32 * megabyte, true]] as const) {
        assert.strictEqual(Transfer.wantsResumable({ stream: Stream.empty, size }), resumable)
      }
    }))

  it.live.each<readonly [string, Answer]>([["a fault of storage", { status: 503 }], [
    "a connection that closes",
    "hangup"
  ]])(
    "sends bytes again after %s",
    ([, fault]) =>
      Effect.gen(function*() {
        const { result, storage } = yield* uploading(large, { storage: (_, index) => index < 2 ? fault : taken })
        assert.strictEqual(result._tag, "Success")
        assert.strictEqual(storage.received.length, 3)
        for (const { body } of storage.received) assert.strictEqual(md5(body), md5(large))
      })
  )

  it.live("does not send a stream twice", () =>
    Effect.gen(function*() {
      const world = yield* uploading({ stream: streamOf(large, 65_536), size: large.length }, {
        layer: transports[1]![1],
        storage: () => "hangup"
      })
      assertFailed(world, { _tag: "TransportError", operation: "storage.put" })
      assert.strictEqual(world.storage.received.length, 1)
    }))

  it.live.each([400, 403, 404, 308])(
    "fails where storage answers %d, and tells what it says",
    (status) =>
      Effect.gen(function*() {
        const world = yield* uploading(large, { storage: () => ({ status, body: "<Code>ExpiredToken</Code>" }) })
        assertFailed(world, {
          _tag: "UnexpectedStatus",
          operation: "storage.put",
          status,
          errorDescription: "<Code>ExpiredToken</Code>"
        })
        assert.strictEqual(world.storage.received.length, 1)
      })
  )

  it.live("fails where the server names no place", () =>
    Effect.gen(function*() {
      assertFailed(yield* uploading(large, { storage: () => taken, results: [] }), {
        _tag: "DecodeError",
        operation: "tables.createTempUploads",
        path: "results[0]"
      })
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

const slice = 8 * megabyte

/** A session that keeps what it is sent, as storage does. */
const session = (total: number) => {
  const kept = new Uint8Array(total)
  let end = 0
  const take = (request: Received): Reply => {
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(request.headers["content-range"] ?? "")
    if (range === null) return { status: total === 0 ? 200 : 400 }
    const [from, to] = [Number(range[1]), Number(range[2])]
    kept.set(request.body, from)
    end = to + 1
    return end === total ? { status: 200 } : { status: 308, headers: { range: `bytes=0-${to}` } }
  }
  return { kept, take }
}

describe("a session of storage", () => {
  const size = 2 * slice + 5
  const bytes = bytesOf(size)

  const start = (origin: () => string): Reply => ({
    status: 201,
    headers: { location: `${origin()}/session/1?upload_id=x` }
  })

  it.live.each<readonly [string, Transfer.Source]>([
    ["bytes", bytes],
    ["a stream", { stream: streamOf(bytes, 3_000_000), size }]
  ])("takes slices, one after the other, where the server chose so: %s", ([, source]) =>
    Effect.gen(function*() {
      const { kept, take } = session(size)
      const { registered, result, storage } = yield* uploading(source, {
        resumable: true,
        storage: (request, _, origin) => request.method === "POST" ? start(origin) : take(request)
      })
      assert.strictEqual(result._tag, "Success", result._tag === "Failure" ? result.failure._tag : "")
      const [first, ...slices] = storage.received
      assert.deepInclude(first, { method: "POST", target: "/temp/1" })
      assert.strictEqual(first?.headers["x-goog-resumable"], "start")
      assert.strictEqual(first?.headers["x-upload-content-length"], String(size))
      assert.strictEqual(first?.body.length, 0)
      assert.deepStrictEqual(
        slices.map(({ headers, method, target }) => [method, target, headers["content-range"]]),
        [
          ["PUT", "/session/1?upload_id=x", `bytes 0-${slice - 1}/${size}`],
          ["PUT", "/session/1?upload_id=x", `bytes ${slice}-${2 * slice - 1}/${size}`],
          ["PUT", "/session/1?upload_id=x", `bytes ${2 * slice}-${size - 1}/${size}`]
        ]
      )
      assert.strictEqual(md5(kept), md5(bytes))
      assert.strictEqual(registered.length, 1)
      for (const { headers } of storage.received) assert.notProperty(headers, "authorization")
    }))

  it.live.each<readonly [string, Transfer.Source]>([
    ["bytes", new Uint8Array(0)],
    ["a stream", { stream: Stream.empty, size: 0 }]
  ])("is completed with nothing, too: %s", ([, source]) =>
    Effect.gen(function*() {
      const { storage } = yield* serveEmpty(source)
      assert.deepStrictEqual(storage.received.map(({ headers, method }) => [method, headers["content-range"]]), [
        ["POST", undefined],
        ["PUT", "bytes */0"]
      ])
    }))

  const serveEmpty = (source: Transfer.Source) =>
    Effect.gen(function*() {
      const storage: Scripted = yield* serve((request) =>
        request.method === "POST" ? start(() => storage.origin) : taken
      )
      yield* Transfer.upload({ url: `${storage.origin}/temp/1`, resumable: true }, source).pipe(
        Effect.provide(clientOf({ endpoint: "http://127.0.0.1:1/api/v1" }))
      )
      return { storage }
    })

  it.live("sends a slice again after a fault", () =>
    Effect.gen(function*() {
      const { kept, take } = session(size)
      const { result, storage } = yield* uploading(bytes, {
        resumable: true,
        storage: (request, index, origin) => index === 0 ? start(origin) : index === 2 ? { status: 503 } : take(request)
      })
      assert.strictEqual(result._tag, "Success")
      assert.strictEqual(storage.received.length, 5)
      assert.strictEqual(md5(kept), md5(bytes))
    }))

  it.live.each<readonly [string, Reply]>([
    ["less than it was sent", { status: 308, headers: { range: "bytes=0-100" } }],
    ["more than it was sent", { status: 308, headers: { range: `bytes=0-${slice}` } }],
    ["nothing", { status: 308 }],
    ["something that is no range", { status: 308, headers: { range: "items=0-5" } }],
    ["that it is complete", { status: 200 }]
  ])("fails where storage acknowledges %s", ([, reply]) =>
    Effect.gen(function*() {
      const world = yield* uploading(bytes, {
        resumable: true,
        storage: (request, _, origin) => request.method === "POST" ? start(origin) : reply
      })
      assertFailed(world, { _tag: "IntegrityError", reason: "Size" })
      assert.strictEqual(world.storage.received.length, 2)
    }))

  it.live("fails where storage wants more after the last byte", () =>
    Effect.gen(function*() {
      const world = yield* uploading(bytes, {
        resumable: true,
        storage: (request, _, origin) =>
          request.method === "POST"
            ? start(origin)
            : {
              status: 308,
              headers: { range: `bytes=0-${/-(\d+)\//.exec(request.headers["content-range"] ?? "")?.[1]}` }
            }
      })
      assertFailed(world, { _tag: "IntegrityError", reason: "Size" })
    }))

  it.live.each<readonly [string, Reply, string]>([
    ["without a place", { status: 201 }, "DecodeError"],
    ["at a place that is none", { status: 201, headers: { location: "http://[" } }, "DecodeError"],
    ["refused", { status: 403, body: "no" }, "UnexpectedStatus"]
  ])("that is begun %s fails", ([, reply, _tag]) =>
    Effect.gen(function*() {
      const world = yield* uploading(bytes, { resumable: true, storage: () => reply })
      assertFailed(world, { _tag, operation: "storage.start", status: reply.status })
      assert.strictEqual(world.storage.received.length, 1)
    }))
})
