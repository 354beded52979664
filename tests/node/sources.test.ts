/** What is given as data and is none, as a program in JavaScript may do; and bodies that a runtime holds by itself. */
import * as Notebook from "@effect-redivis/core/Notebook"
import * as Publish from "@effect-redivis/core/Publish"
import * as RawFile from "@effect-redivis/core/RawFile"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Transfer from "@effect-redivis/core/Transfer"
import * as Upload from "@effect-redivis/core/Upload"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { runInNewContext } from "node:vm"
import { executeAt } from "../../packages/core/src/client/call/execute.ts"
import { httpClientTransport } from "../../packages/core/src/client/call/httpClient.ts"
import { executor } from "../../packages/core/src/client/service.ts"
import * as storage from "../../packages/core/src/contract/storage.ts"
import { clientOf, quickly } from "./scriptedClient.ts"
import { inTurn, type Scripted, serve } from "./scriptedServer.ts"

const bytes = new TextEncoder().encode("a,b\n1,2\n")

const web = (): ReadableStream<Uint8Array> => new Blob([bytes]).stream()

/** Each with the field that it is refused by and what the message names. */
const wrong: ReadonlyArray<readonly [what: string, data: () => unknown, field: "" | ".size", named: string]> = [
  ["a text", () => "a,b\n1,2\n", "", "string"],
  ["a number", () => 7, "", "number"],
  ["null", () => null, "", "Null"],
  ["a list of numbers", () => [1, 2], "", "Array"],
  ["an ArrayBuffer", () => bytes.buffer, "", "ArrayBuffer"],
  ["a DataView", () => new DataView(bytes.buffer), "", "DataView"],
  ["numbers of two bytes", () => new Uint16Array(2), "", "Uint16Array"],
  ["a Blob", () => new Blob([bytes]), "", "Blob"],
  ["a File", () => new File([bytes], "t.csv"), "", "File"],
  ["a stream of the web", web, "", "ReadableStream"],
  ["a promise", () => Promise.resolve(bytes), "", "Promise"],
  ["a Stream without its size", () => Stream.make(bytes), "", "object"],
  ["a stream of the web with a size", () => ({ stream: web(), size: 8 }), "", "ReadableStream"],
  ["a generator with a size", () => ({ stream: [bytes].values(), size: 8 }), "", "stream"],
  ["no stream with a size", () => ({ size: 8 }), "", "undefined as stream"],
  ["a Stream with half a size", () => ({ stream: Stream.make(bytes), size: 1.5 }), ".size", "number of bytes"],
  ["a Stream with a text as size", () => ({ stream: Stream.make(bytes), size: "8" }), ".size", "number of bytes"],
  ["a Stream with no size", () => ({ stream: Stream.make(bytes) }), ".size", "number of bytes"]
]

type Data = Transfer.Source

const calls: ReadonlyArray<
  readonly [
    name: string,
    field: string,
    call: (
      data: Data
    ) => Effect.Effect<
      unknown,
      { readonly _tag: string; readonly field?: string; readonly reason?: string },
      Redivis.Redivis
    >
  ]
> = [
  ["Upload.create", "data", (data) => Upload.create("o.d:next.t", { name: "t.csv", data })],
  ["RawFile.create", "data", (data) => RawFile.create("o.d:next.t", { name: "t.csv", data })],
  [
    "RawFile.createAll",
    "data",
    (data) => RawFile.createAll("o.d:next.t", [{ name: "ok", data: bytes }, { name: "t", data }])
  ],
  ["Notebook.createOutputTable", "data", (data) => Notebook.createOutputTable("job", { data })],
  [
    "Publish.replaceTable",
    "source.data",
    (data) => Publish.replaceTable("o.d.t", { name: "t.csv", data })
  ],
  [
    "Publish.plan",
    "changes[0].source.data",
    (data) => Publish.plan("o.d", [{ create: "t", source: { name: "t.csv", data } }])
  ],
  [
    "Transfer.upload",
    "source",
    (data) => Transfer.upload<never, never>({ url: "https://storage.example/x", resumable: false }, data)
  ]
]

describe("data that is none", () => {
  it.live.each([...calls])(
    "is refused by %s, which names it and sends nothing",
    ([, field, call]) =>
      Effect.gen(function*() {
        const server = yield* serve(inTurn({ status: 500 }))
        for (const [what, data, more, named] of wrong) {
          const failure = yield* quickly(Effect.flip(call(data() as Data))).pipe( // as JavaScript lets it through
            Effect.provide(clientOf(server))
          )
          assert.deepInclude(failure, { _tag: "InvalidInput", field: field + more }, what)
          assert.include(failure.reason ?? "", named, what)
        }
        assert.deepStrictEqual(server.received, [])
      })
  )

  it.live("are no bytes of another realm: those are sent", () =>
    Effect.gen(function*() {
      const foreign: Uint8Array = runInNewContext("new Uint8Array([97, 98])")
      const server = yield* serve(inTurn({}))
      yield* Effect.provide(
        Transfer.upload<never, never>({ url: `${server.origin}/place`, resumable: false }, foreign),
        clientOf(server)
      )
      assert.deepStrictEqual(server.received.map(({ body }) => String(body)), ["ab"])
    }))
})

/** Puts a body to a place of storage, as uploads do. */
const put = (server: Scripted, blob: Blob) =>
  Effect.flatMap(executor, ({ sending }) =>
    executeAt(sending, storage.put, {
      url: new URL(`${server.origin}/place`),
      isStrayed: false,
      body: { kind: "blob", blob, contentType: "application/octet-stream" }
    }))

const clients: ReadonlyArray<readonly [name: string, client: (server: Scripted) => Layer.Layer<Redivis.Redivis>]> = [
  ["fetch", (server) => clientOf(server)],
  ["undici", ({ endpoint }) => NodeRedivis.layer({ endpoint }) as Layer.Layer<Redivis.Redivis>], // its options are right
  [
    "an HttpClient of Node",
    ({ endpoint }) =>
      Layer.provide(Redivis.layer({ endpoint }), NodeHttpClient.layerUndici) as Layer.Layer<Redivis.Redivis>
  ],
  [
    "an HttpClient of fetch",
    ({ endpoint }) => Layer.provide(Redivis.layer({ endpoint }), FetchHttpClient.layer) as Layer.Layer<Redivis.Redivis>
  ]
]

describe("a blob as a body", () => {
  const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => index * 11 % 253))

  it.live.each([...clients])(
    "arrives with its length and its bytes, again and again, over %s",
    ([, client]) =>
      Effect.gen(function*() {
        const server = yield* serve(inTurn({ status: 503 }, { status: 503 }, {}))
        const file = new File([content], "scan.png", { type: "image/png" })
        yield* quickly(put(server, file.slice(1000, 201_000))).pipe(Effect.provide(client(server)))
        assert.strictEqual(server.received.length, 3)
        for (const { body, headers, method } of server.received) {
          assert.deepStrictEqual(
            [method, headers["content-length"], headers["content-type"], headers["transfer-encoding"]],
            ["PUT", "200000", "application/octet-stream", undefined]
          )
          assert.isTrue(body.equals(content.subarray(1000, 201_000)))
        }
      })
  )

  it.live("goes to fetch as it is", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn({}))
      const sent: Array<unknown> = []
      const blob = new Blob([content])
      yield* put(server, blob).pipe(
        Effect.provide(
          Redivis.layerFetch({
            endpoint: server.endpoint,
            fetch: (url, init) => {
              sent.push(init.body)
              return fetch(url, init)
            }
          }) as Layer.Layer<Redivis.Redivis> // its options are right
        )
      )
      assert.deepStrictEqual([sent.length, sent[0] === blob], [1, true])
    }))

  it.live("that is too large to be gathered comes to an HttpClient as a stream with its length", () =>
    Effect.gen(function*() {
      const size = 33 * 1024 * 1024
      const large = new Blob([new Uint8Array(size)])
      const server = yield* serve(inTurn({}))
      const client = yield* HttpClient.HttpClient
      const response = yield* httpClientTransport(client).send({
        method: "PUT",
        url: server.origin,
        headers: {},
        body: { kind: "blob", blob: large, contentType: "application/octet-stream" }
      }, new AbortController().signal)
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(
        [server.received[0]?.body.length, server.received[0]?.headers["content-length"]],
        [size, String(size)]
      )
    }).pipe(Effect.provide(NodeHttpClient.layerUndici)))
})
