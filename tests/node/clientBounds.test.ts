/** What an answer may not decide: where bodies and tokens go, how much is read, what is shown. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as Redivis from "@effect-redivis/core/Redivis"
import { CoercionError, DecodeError } from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as Transfer from "@effect-redivis/core/Transfer"
import * as Upload from "@effect-redivis/core/Upload"
import * as User from "@effect-redivis/core/User"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { gzipSync } from "node:zlib"
import { urlIn } from "../../packages/core/src/client/call/bounds.ts"
import { against, clientOf, failureOf, quickly, token } from "./scriptedClient.ts"
import { type Answer, inTurn, type Reply, type Scripted, serve } from "./scriptedServer.ts"
import { exampleOf } from "./wireTable.ts"

const once = Retry.withPolicy({ maxAttempts: 1 })

const me: Reply = { body: exampleOf("users.me").answer.body }

const transports: ReadonlyArray<
  readonly [string, (server: Scripted, options?: Redivis.Options) => Layer.Layer<Redivis.Redivis>]
> = [
  ["fetch", clientOf],
  [
    "undici",
    (server, options) =>
      // its options are right
      NodeRedivis.layer({ endpoint: server.endpoint, token: Redacted.make(token), ...options }) as Layer.Layer<
        Redivis.Redivis
      >
  ],
  [
    "layerOver fetch",
    (server, options) =>
      Layer.provide(
        NodeRedivis.layerOver({ endpoint: server.endpoint, token: Redacted.make(token), ...options }),
        FetchHttpClient.layer
      ) as Layer.Layer<Redivis.Redivis>
  ]
]

const shown = (value: unknown): string => inspect(value, { depth: 20, maxStringLength: Infinity, showHidden: true })

describe("a redirect of a call with a body", () => {
  for (const [name, layer] of transports) {
    it.live.each([301, 302, 307, 308])(
      `to another origin is not followed: %d (${name})`,
      (status) =>
        Effect.gen(function*() {
          const other = yield* serve(() => me)
          const server = yield* serve(() => ({ status, headers: { location: `${other.origin}/taken` } }))
          const failure = yield* Query.create("select 1").pipe(once, Effect.provide(layer(server)), Effect.flip)
          assert.deepInclude(failure, { _tag: "TransportError", reason: "Redirect", status })
          assert.deepStrictEqual(other.received, [])
        })
    )

    it.live(`that says where the answer is, 303, leads to it by GET, without the body (${name})`, () =>
      Effect.gen(function*() {
        const answer = { body: exampleOf("queries.post").answer.body }
        const server = yield* serve(inTurn({ status: 303, headers: { location: "/api/v1/queries/q1" } }, answer))
        yield* Query.create("select 1").pipe(Effect.provide(layer(server)))
        assert.deepStrictEqual(
          server.received.map(({ body, headers, method, target }) => [
            method,
            target,
            body.length > 0,
            headers["content-type"]
          ]),
          [
            ["POST", "/api/v1/queries", true, "application/json"],
            ["GET", "/api/v1/queries/q1", false, undefined]
          ]
        )
      }))
  }

  it.live.each<readonly [string, Reply]>([
    ["503 of the API", { status: 503, body: { error: "unavailable" } }],
    ["429", { status: 429 }],
    ["401", { status: 401, body: { error: "unauthorized" } }],
    ["a break", { body: "{", after: "cut" }]
  ])(
    "that was answered by where the answer is took effect, and is sent once whatever is there: %s",
    ([, reply]) =>
      Effect.gen(function*() {
        const { received, result } = yield* against(
          ({ method }) => method === "POST" ? { status: 303, headers: { location: "/api/v1/queries/q1" } } : reply,
          quickly(Query.create("select 1"))
        )
        assert.strictEqual(result._tag, "Failure")
        assert.deepStrictEqual(received.map(({ method }) => method), ["POST", "GET"])
      })
  )

  it.live("that has no body and was answered by where the answer is, is sent once too", () =>
    Effect.gen(function*() {
      const { received, result } = yield* against(
        ({ method }) =>
          method === "POST"
            ? { status: 303, headers: { location: "/api/v1/x" } }
            : { status: 503, body: { error: "unavailable" } },
        quickly(Redivis.request("/x", { method: "POST" }))
      )
      assert.strictEqual(result._tag, "Failure")
      assert.deepStrictEqual(received.map(({ body, method }) => [method, body.length]), [["POST", 0], ["GET", 0]])
    }))

  it.live("whose failure is its own cause is told all the same", () =>
    Effect.gen(function*() {
      const circular = new Error("goes round")
      circular.cause = circular
      const failure = yield* once(User.me()).pipe(
        Effect.provide(Redivis.layerFetch({ fetch: () => Promise.reject(circular) })),
        Effect.flip
      )
      assert.deepInclude(failure, { _tag: "TransportError", reason: "Connection" })
      assert.include(failure.message, "goes round")
    }))

  it.live("that never ends is not followed, and its connection closed", () =>
    Effect.gen(function*() {
      const server = yield* serve(() => ({
        status: 302,
        headers: { location: "/api/v1/users/me" },
        body: "x".repeat(2_000_000)
      }))
      const failure = yield* User.me().pipe(once, Effect.provide(clientOf(server)), Effect.flip)
      assert.deepInclude(failure, { _tag: "TransportError", reason: "Redirect" })
      yield* Effect.promise(() => server.received[0]!.closed)
    }))

  it.live("to another origin makes nobody wait for what that one says of limits, nor warns of it", () =>
    Effect.gen(function*() {
      const warned: Array<unknown> = []
      const other = yield* serve(() => ({
        ...me,
        headers: {
          "x-ratelimit-limit": "10",
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": String(Date.now() + 50_000),
          "x-redivis-warning": "from elsewhere"
        }
      }))
      const server = yield* serve((_, index) =>
        index === 0 ? { status: 302, headers: { location: `${other.origin}/there` } } : me
      )
      yield* Effect.andThen(User.me(), User.me()).pipe(
        Effect.provide(clientOf(server)),
        Effect.provide(Logger.layer([Logger.make((options) => void warned.push(options.message))])),
        Effect.timeout("10 seconds")
      )
      assert.strictEqual(other.received.length, 1)
      assert.strictEqual(server.received.length, 2)
      assert.deepStrictEqual(warned, [])
    }))

  it("leads nowhere in the clear from what came by https, nor to other protocols, nor with credentials", () => {
    for (
      const [text, from, expected] of [
        ["https://b.example/x", "https://a.example/", "https://b.example/x"],
        ["http://a.example/x", "https://a.example/", undefined],
        ["//b.example/x", "https://a.example/", "https://b.example/x"],
        ["http://b.example/x", "http://a.example/", "http://b.example/x"],
        ["/x", "https://a.example/y", "https://a.example/x"],
        ["ftp://a.example/x", "http://a.example/", undefined],
        ["javascript:alert(1)", "http://a.example/", undefined],
        ["file:///etc/passwd", "http://a.example/", undefined],
        ["http://user:word@a.example/", "http://a.example/", undefined],
        ["http://[", "http://a.example/", undefined],
        [undefined, "http://a.example/", undefined],
        [5, "http://a.example/", undefined],
        [{}, "http://a.example/", undefined]
      ] as const
    ) {
      assert.strictEqual(urlIn(text, from)?.href, expected, JSON.stringify(text))
    }
  })
})

describe("a place in storage", () => {
  const large = new Uint8Array(1_200_000)
  const createUpload = (url: unknown, storage: (index: number) => Answer = () => ({ status: 500 })) =>
    Effect.gen(function*() {
      const places = yield* serve((_, index) => storage(index))
      const outcome = yield* against(
        (received) =>
          received.target.endsWith("/tempUploads")
            ? {
              body: { results: [{ id: "t1", url: url === undefined ? `${places.origin}/put` : url, resumable: false }] }
            }
            : { body: exampleOf("uploads.post").answer.body },
        quickly(Upload.create("o.d.t", { name: "a.csv", data: large, wait: false })),
        {
          decoding: "lenient"
        }
      )
      return { ...outcome, places }
    })

  it.live.each(["nope:", "ftp://x.example/", "http://u:p@x.example/", "http://[", "javascript:1", 5, null, {}])(
    "that is none is the server's fault, and nothing is sent: %s",
    (url) =>
      Effect.gen(function*() {
        const { received, result } = yield* createUpload(url)
        assert.strictEqual(result._tag, "Failure")
        assert.strictEqual(result._tag === "Failure" ? result.failure._tag : "", "DecodeError")
        assert.strictEqual(received.length, 1)
      })
  )

  it.live("that storage names at the API's origin gets no token", () =>
    Effect.gen(function*() {
      const api = yield* serve(() => ({ status: 200 }))
      const storage = yield* serve(() => ({ status: 201, headers: { location: `${api.origin}/session` } }))
      yield* Transfer.upload<never, never>({ url: `${storage.origin}/start`, resumable: true }, new Uint8Array(9)).pipe(
        Effect.provide(clientOf(api))
      )
      assert.deepStrictEqual(
        [...storage.received, ...api.received].map(({ headers, method }) => [method, headers.authorization]),
        [["POST", undefined], ["PUT", undefined]]
      )
    }))

  it.live("at the API's origin, and at one that is trusted, has the token in its session too", () =>
    Effect.gen(function*() {
      for (const isTrusted of [false, true]) {
        const storage: Scripted = yield* serve((received) =>
          received.method === "POST"
            ? { status: 201, headers: { location: `http://${received.headers.host}/session` } }
            : { status: 200 }
        )
        const api = isTrusted ? yield* serve(() => me) : storage
        yield* Transfer.upload<never, never>(
          { url: `${storage.origin}/start`, resumable: true },
          new Uint8Array(9)
        ).pipe(Effect.provide(clientOf(api, { trustedStorageOrigins: isTrusted ? [storage.origin] : [] })))
        assert.deepStrictEqual(storage.received.map(({ headers }) => headers.authorization), [
          `Bearer ${token}`,
          `Bearer ${token}`
        ])
      }
    }))

  it.live("that says that the answer is elsewhere has taken nothing", () =>
    Effect.gen(function*() {
      const storage = yield* serve(({ method }) =>
        method === "PUT" ? { status: 303, headers: { location: "/sign-in" } } : { body: "<html>" }
      )
      const api = yield* serve(() => me)
      const failure = yield* Transfer.upload<never, never>(
        { url: `${storage.origin}/put`, resumable: false },
        new Uint8Array(9)
      ).pipe(quickly, Effect.provide(clientOf(api)), Effect.flip)
      assert.deepInclude(failure, { _tag: "TransportError", reason: "Redirect", status: 303 })
      assert.deepStrictEqual(storage.received.map(({ method }) => method), ["PUT"])
    }))

  it.live("is counted by no minute: 1,100 small ones, whatever limits storage names", () =>
    Effect.gen(function*() {
      const storage = yield* serve(() => ({
        status: 200,
        headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Date.now() + 50_000) }
      }))
      const api = yield* serve(() => me)
      yield* Effect.forEach(
        Array.from({ length: 1100 }),
        () => Transfer.upload<never, never>({ url: `${storage.origin}/put`, resumable: false }, new Uint8Array(9)),
        { concurrency: 50, discard: true }
      ).pipe(Effect.provide(clientOf(api)), Effect.timeout("50 seconds"))
      assert.strictEqual(storage.received.length, 1100)
    }), 60_000)

  it.live("without the token does not wait for one", () =>
    Effect.gen(function*() {
      const storage = yield* serve(() => ({ status: 200 }))
      const api = yield* serve(() => me)
      yield* Transfer.upload<never, never>(
        { url: `${storage.origin}/put`, resumable: false },
        new Uint8Array(9)
      ).pipe(Effect.provide(clientOf(api, { token: undefined, credentials: Effect.never })))
      assert.strictEqual(storage.received.length, 1)
    }))

  it.live("is asked as all is asked: under a span, tried again by the policy, told to who listens and recorded", () =>
    Effect.gen(function*() {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const retried: Array<string> = []
      const storage = yield* serve((_, index) => ({ status: index < 2 ? 503 : 200 }))
      const api = yield* serve(() => me)
      const { responses } = yield* Transfer.upload<never, never>(
        { url: `${storage.origin}/put?X-Signature=planted`, resumable: false },
        new Uint8Array(9)
      ).pipe(
        quickly,
        Retry.onRetry(({ attempt, operation }) => Effect.sync(() => void retried.push(`${operation} ${attempt}`))),
        Redivis.withResponse,
        Effect.provide(clientOf(api)),
        Effect.provideService(Tracer.Tracer, tracer)
      )
      assert.deepStrictEqual(retried, ["storage.put 1", "storage.put 2"])
      assert.deepStrictEqual(
        responses.map(({ attempts, operation, status, url }) => [operation, status, attempts.length, url]),
        [["storage.put", 200, 3, `${storage.origin}/put`]]
      )
      assert.deepStrictEqual(
        spans.map(({ attributes, name }) => [
          name,
          attributes.get("redivis.retries"),
          attributes.get("http.response.status_code")
        ]),
        [["storage.put", 2, 200]]
      )
    }))

  it.live("is not tried again beyond the time that all attempts may take", () =>
    Effect.gen(function*() {
      const storage = yield* serve(() => ({ status: 503 }))
      const api = yield* serve(() => me)
      const failure = yield* Transfer.upload<never, never>(
        { url: `${storage.origin}/put`, resumable: false },
        new Uint8Array(9)
      ).pipe(
        Retry.withPolicy({ baseDelay: "1 minute", maxElapsed: "1 second" }),
        Effect.provide(clientOf(api)),
        Effect.flip
      )
      assert.strictEqual(failure._tag, "ServiceUnavailable")
      assert.strictEqual(storage.received.length, 1)
    }))

  it.live("is waited for as long as it asks", () =>
    Effect.gen(function*() {
      const storage = yield* serve((_, index) =>
        index === 0 ? { status: 503, headers: { "retry-after": "1" } } : { status: 200 }
      )
      const api = yield* serve(() => me)
      const began = performance.now()
      yield* Transfer.upload<never, never>({ url: `${storage.origin}/put`, resumable: false }, new Uint8Array(9)).pipe(
        quickly,
        Effect.provide(clientOf(api))
      )
      assert.isAtLeast(performance.now() - began, 950)
      assert.strictEqual(storage.received.length, 2)
    }))

  it.live("shows its signature nowhere, however the request ends", () =>
    Effect.gen(function*() {
      const signature = "X-Goog-Signature"
      const secret = "5f1dsigned0c55"
      const endings: ReadonlyArray<Answer> = [
        { status: 403, body: `<Code>AccessDenied</Code>https://x.example/y?${signature}=${secret} and ${secret}` },
        {
          status: 201,
          headers: { location: `/session?upload_id=${secret}`, link: `<https://x.example/?a=${secret}>` }
        },
        { status: 503 },
        "hangup",
        { status: 307, headers: { location: `/other?${signature}=${secret}` } },
        { status: 200 }
      ]
      for (const ending of endings) {
        const heard: Array<unknown> = []
        const lines: Array<unknown> = []
        const spans: Array<Tracer.NativeSpan> = []
        const tracer = Tracer.make({
          span: (options) => {
            const span = new Tracer.NativeSpan(options)
            spans.push(span)
            return span
          }
        })
        const storage = yield* serve(() => ending)
        const api = yield* serve(() => me)
        const result = yield* Transfer.upload<never, never>(
          { url: `${storage.origin}/put?${signature}=${secret}&x=1`, resumable: false },
          new Uint8Array(9)
        ).pipe(
          quickly,
          Retry.onRetry((attempt) => Effect.sync(() => void heard.push(attempt))),
          Redivis.withResponse,
          Effect.tap(({ responses }) => Effect.sync(() => void heard.push(responses))),
          Effect.provide(clientOf(api, { log: "debug" })),
          Effect.provideService(Tracer.Tracer, tracer),
          Effect.provide(Logger.layer([Logger.make((options) => void lines.push(options.message))])),
          Effect.result
        )
        // the request really had it
        assert.include(storage.received[0]?.target ?? "", secret)
        assert.isAbove(spans.length + lines.length, 1)
        const failure = result._tag === "Failure" ? result.failure : undefined
        const attributes = spans.map((span) => [span.name, [...span.attributes], span.status])
        for (const text of [failure, failure?.message, JSON.stringify(failure), heard, lines, attributes].map(shown)) {
          assert.notInclude(text, secret)
        }
      }
    }))
})

describe("a token that a server says again", () => {
  // with what JSON, URLs and base64 write otherwise
  const planted = "rdvs/5f1d+0c55=e2~a97b"
  const unicode = [...planted].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")
  const percent = [...planted].map((one) => `%${one.charCodeAt(0).toString(16)}`).join("")
  const spellings: ReadonlyArray<readonly [string, string]> = [
    ["as it is", planted],
    ["with escaped slashes", planted.replaceAll("/", "\\/")],
    ["in escapes of JSON", unicode],
    ["percent-encoded", encodeURIComponent(planted)],
    ["percent-encoded in each character", percent],
    ["percent-encoded twice", encodeURIComponent(encodeURIComponent(planted))],
    ...["", "a", "ab"].map((before) =>
      [
        `in base64 behind ${before.length} bytes`,
        Buffer.from(`${before}${planted}:rest`).toString("base64")
      ] as const
    ),
    ["in base64 of URLs", Buffer.from(`Bearer ${planted}`).toString("base64url")]
  ]
  /** Longer than anything that would be there by chance. */
  const parts = [
    planted,
    ...["", "a", "ab"].map((before) =>
      Buffer.from(before + planted).toString("base64url").slice(before.length + 2, before.length + 22)
    )
  ]
  const decoded = (text: string): string => {
    let last = ""
    let now = text
    while (now !== last) {
      last = now
      now = now.replace(/\\+u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
        .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
        .replace(/\\+\//g, "/")
    }
    return now.replaceAll("-", "+").replaceAll("_", "/")
  }

  it.live("is taken out too where a later attempt had another", () =>
    Effect.gen(function*() {
      const tokens = [planted, "another-token-1234"]
      const failure = yield* failureOf(
        [{ status: 401, body: "{}" }, {
          status: 403,
          body: { error: "forbidden", error_description: `not ${planted}` }
        }],
        once(Dataset.get("o.d")),
        { token: undefined, credentials: Effect.sync(() => Redacted.make(tokens.shift() ?? "")) }
      )
      assert.notInclude(shown(failure), planted)
      assert.include(failure.message, "not <token>")
    }))

  it.live.each([...spellings])("is taken out of all that is shown: %s", ([, spelt]) =>
    Effect.gen(function*() {
      const error = (text: string): Reply => ({
        status: 404,
        body: `{"error":"not_found","error_description":"it is ${text}."}`
      })
      const answers: ReadonlyArray<Reply> = [
        error(spelt),
        { status: 403, body: `{"error":"insufficient_scope","scope":"${spelt}","error_description":"no"}` },
        { status: 200, body: `{"name":["${spelt}"]}` },
        { status: 200, body: `not json ${spelt}` },
        { status: 500, body: "{}", headers: { "x-redivis-warning": `seen ${spelt.replaceAll("\\", "")}` } },
        { status: 307, headers: { location: `http://127.0.0.1:1/${spelt.replaceAll("\\", "")}` } }
      ]
      for (const answer of answers) {
        const warned: Array<unknown> = []
        const heard: Array<unknown> = []
        const failure = yield* Dataset.get("o.d").pipe(
          once,
          Stream.fromEffect,
          Redivis.tapResponses((exchange, body) => Effect.sync(() => void heard.push(exchange, body))),
          Stream.runDrain,
          (call) => failureOf([answer], call, { token: Redacted.make(planted) }),
          Effect.provide(Logger.layer([Logger.make((options) => void warned.push(options.message))]))
        )
        assert.strictEqual(heard.length, 2)
        for (const text of [failure.message, JSON.stringify(failure), shown(failure), shown(heard), shown(warned)]) {
          for (const part of parts) assert.notInclude(decoded(text), part.replaceAll("-", "+").replaceAll("_", "/"))
        }
      }
    }))
})

describe("an answer that is longer than the client takes", () => {
  const most = 1_000_000
  const text = (length: number) => JSON.stringify({ ...Object(me.body), more: "a".repeat(length) })
  const within = JSON.stringify({ ...Object(me.body), more: "" }).length
  /** Which `fetch` asks for. */
  const inflated = "that is inflated"
  const forms: ReadonlyArray<readonly [string, (body: string) => Reply]> = [
    ["with its length", (body) => ({ headers: { "content-type": "application/json" }, body })],
    [
      "in chunks",
      (body) => ({ headers: { "content-type": "application/json", "transfer-encoding": "chunked" }, body })
    ],
    [
      inflated,
      (body) => ({
        headers: { "content-type": "application/json", "content-encoding": "gzip" },
        body: gzipSync(body)
      })
    ]
  ]
  for (const [name, layer] of transports) {
    it.live.each(forms.filter(([form]) => form !== inflated || name !== "undici"))(
      `is refused at the first byte too many, and its connection closed: %s (${name})`,
      ([, form]) =>
        Effect.gen(function*() {
          const fits = yield* serve(() => form(text(most - within)))
          yield* Effect.provide(User.me(), layer(fits, { maxAnswerBytes: most }))
          const server = yield* serve(() => form(text(most - within + 1)))
          const failure = yield* User.me().pipe(Effect.provide(layer(server, { maxAnswerBytes: most })), Effect.flip)
          assert.deepInclude(failure, { _tag: "DecodeError", path: "", status: 200 })
          assert.include(failure.message, "1000000 bytes")
          assert.strictEqual(server.received.length, 1)
        })
    )

    it.live(`is not read on: 300 MB out of 300 kB, and what never ends (${name})`, () =>
      Effect.gen(function*() {
        const bomb = gzipSync(Buffer.alloc(300_000_000, 32))
        assert.isBelow(bomb.length, 400_000)
        const endless: Reply = {
          headers: { "transfer-encoding": "chunked" },
          body: " ".repeat(most),
          drip: { pieces: Array.from({ length: 10_000 }, () => " ".repeat(10_000)), every: 1 }
        }
        for (const reply of [{ headers: { "content-encoding": "gzip" }, body: bomb }, endless]) {
          const server = yield* serve(() => reply)
          const failure = yield* User.me().pipe(Effect.provide(layer(server, { maxAnswerBytes: most })), Effect.flip)
          assert.deepInclude(failure, { _tag: "DecodeError", path: "" })
          yield* Effect.promise(() => server.received[0]!.closed)
        }
      }))
  }

  it.live("is refused where it is longer than it says, in the runtime's own reading too", () =>
    Effect.gen(function*() {
      // both lengths at once: who reads by chunks reads on
      const server = yield* serve(() => ({
        headers: { "content-type": "application/json", "transfer-encoding": "chunked", "x-told": "10" },
        body: text(most)
      }))
      const lying: Redivis.Fetch = async (url, init) => {
        const response = await globalThis.fetch(url, init)
        const headers = new Headers(response.headers)
        headers.set("content-length", "10")
        return new Response(response.body, { status: response.status, headers })
      }
      const failure = yield* User.me().pipe(
        Effect.provide(Redivis.layerFetch({ endpoint: server.endpoint, fetch: lying, maxAnswerBytes: most })),
        Effect.flip
      )
      assert.deepInclude(failure, { _tag: "DecodeError", path: "" })
    }))

  it.live("says nothing of a body where there is none: of a HEAD it is the resource's", () =>
    Effect.gen(function*() {
      const server = yield* serve(() => ({ headers: { "content-length": "100000000" } }))
      for (const [, layer] of transports) {
        assert.isUndefined(yield* Redivis.request("/x", { method: "HEAD" }).pipe(Effect.provide(layer(server))))
      }
    }))

  it.live.each<readonly [string, unknown]>([
    ["objects without a text", { uri: { toString: 1, valueOf: 1 }, version: { tag: { toString: null } } }],
    ["lists in lists", { qualifiedReference: JSON.parse("[".repeat(20_000) + "]".repeat(20_000)) as unknown }],
    ["a first item that is none", { results: [{ uri: [[]], version: 5 }] }]
  ])("is a typed error whatever stands where texts belong: %s", ([, body]) =>
    Effect.gen(function*() {
      const calls: ReadonlyArray<Effect.Effect<unknown, User.MeError | Dataset.GetError, Redivis.Redivis>> = [
        User.me(),
        Dataset.get("o.d"),
        Dataset.get("o.d:v1.0")
      ]
      for (const call of calls) {
        const failure = yield* failureOf([{ body: JSON.stringify(body) }], once(call))
        assert.strictEqual(failure._tag, "DecodeError")
      }
    }))

  it.live("is 64 MiB by default, and nested as deep as it likes it is told in forty characters", () =>
    Effect.gen(function*() {
      const deep = "[".repeat(3_000_000) + "]".repeat(3_000_000)
      const failure = yield* failureOf([{ body: deep }], User.me())
      assert.strictEqual(failure._tag, "DecodeError")
      const wide = JSON.stringify(Array.from({ length: 500_000 }, (_, index) => ({ index })))
      const other = yield* failureOf([{ body: `{"name":${wide}}` }], User.me())
      assert.deepInclude(other, { _tag: "DecodeError", path: "name" })
      assert.isAtMost(other._tag === "DecodeError" ? other.value?.length ?? 99 : 99, 40)
    }))
})

describe("what a caller sets", () => {
  it.live.each([
    "Host",
    "Connection",
    "Keep-Alive",
    "Content-Length",
    "Transfer-Encoding",
    "TE",
    "Trailer",
    "Upgrade",
    "Expect",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Authorization",
    "Cookie",
    "Content-Type",
    "Content-Encoding",
    "Accept-Encoding",
    "Range"
  ])("is no header that belongs to the connection: %s", (name) =>
    Effect.gen(function*() {
      const { received, result } = yield* against([me], Redivis.withHeaders(User.me(), { [name]: "x" }))
      assert.strictEqual(result._tag, "Failure")
      if (result._tag === "Failure") {
        assert.deepInclude(result.failure, { _tag: "InvalidInput", field: `headers.${name}` })
      }
      assert.deepStrictEqual(received, [])
    }))

  it.live("as credentials has the call's time, and no more", () =>
    Effect.gen(function*() {
      const { received, result } = yield* against(
        [me],
        once(Redivis.withTimeout(User.me(), "30 millis")),
        { token: undefined, credentials: Effect.never }
      )
      assert.strictEqual(result._tag, "Failure")
      if (result._tag === "Failure") {
        assert.deepInclude(result.failure, { _tag: "TransportError", reason: "Timeout", operation: "users.me" })
        assert.match(result.failure.message, /token/)
      }
      assert.deepStrictEqual(received, [])
    }))
})

describe("a call whose time is over", () => {
  it.live("says how many answers were being read, and none where there were none", () =>
    Effect.gen(function*() {
      const stall: Reply = { body: "a,b\n", headers: { "content-length": "100" }, after: "stall" }
      const server = yield* serve(({ target }) => target.includes("/rows") ? stall : "silence")
      const call = Effect.flip(once(Redivis.withTimeout(User.me(), "50 millis")))
      const [beside, alone] = yield* Effect.gen(function*() {
        const allBegun = yield* Deferred.make<void>()
        let begun = 0
        const body = Stream.runForEach(Table.csv("o.d.t"), () => {
          if (++begun === 3) Deferred.doneUnsafe(allBegun, Effect.void)
          return Effect.never
        })
        const failure = yield* Effect.scoped(Effect.gen(function*() {
          for (let index = 0; index < 3; index++) yield* Effect.forkScoped(body)
          yield* Deferred.await(allBegun)
          return yield* call
        }))
        return [failure, yield* call] as const
      }).pipe(Effect.provide(clientOf(server)))
      assert.deepInclude(beside, { _tag: "TransportError", reason: "Timeout", openBodies: 3 })
      assert.include(beside.message, "3 answers being read")
      assert.deepInclude(alone, { _tag: "TransportError", reason: "Timeout" })
      assert.notInclude(alone.message, "being read")
    }))
})

describe("a value of a row", () => {
  const leavesNothing = <A extends { readonly message: string; readonly value?: string }, I>(
    schema: Schema.Codec<A, I>,
    error: A
  ) => {
    assert.strictEqual(error.value, "planted")
    const json = Schema.toCodecJson(schema)
    for (const written of [Schema.encodeSync(schema)(error), Schema.encodeSync(json)(error)]) {
      assert.notInclude(JSON.stringify(written), "planted")
      assert.include(JSON.stringify(written), "a number")
    }
    assert.strictEqual(Schema.decodeUnknownSync(json)(Schema.encodeSync(json)(error)).message, error.message)
  }

  it("leaves by the schema of no error", () => {
    const fields = { operation: "x", expected: "a number", value: "planted" }
    leavesNothing(CoercionError, new CoercionError({ ...fields, column: "a" }))
    leavesNothing(DecodeError, new DecodeError({ ...fields, path: "a" }))
  })
})
