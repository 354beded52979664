/** A client over an `HttpClient` of somebody's: what that does by itself, and fails with. */
import * as Query from "@effect-redivis/core/Query"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as User from "@effect-redivis/core/User"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { token } from "./scriptedClient.ts"
import { inTurn, type Scripted, serve } from "./scriptedServer.ts"
import { exampleOf } from "./wireTable.ts"

const once = Retry.withPolicy({ maxAttempts: 1 })

const me = { body: exampleOf("users.me").answer.body }

const over = ({ endpoint }: Scripted, client: Layer.Layer<HttpClient.HttpClient>) =>
  Layer.provide(NodeRedivis.layerOver({ endpoint, token: Redacted.make(token) }), client)

const transformed = (transform: (client: HttpClient.HttpClient) => HttpClient.HttpClient) =>
  Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, transform)).pipe(
    Layer.provide(NodeHttpClient.layerUndici)
  )

describe("a redirect over fetch", () => {
  it.live.each([301, 302, 307, 308])("to another origin takes no body there: %d", (status) =>
    Effect.gen(function*() {
      const other = yield* serve(inTurn({ body: exampleOf("queries.post").answer.body }))
      const server = yield* serve(inTurn({ status, headers: { location: `${other.origin}/taken` } }))
      const failure = yield* Query.create("select 'confidential'").pipe(
        once,
        Redivis.withHeaders({ "x-caller": "mine" }),
        Effect.provide(over(server, FetchHttpClient.layer)),
        Effect.flip
      )
      assert.deepInclude(failure, { _tag: "TransportError", reason: "Redirect", status })
      assert.strictEqual(server.received.length, 1)
      assert.strictEqual(other.received.length, 0)
    }))

  it.live("to another origin is followed without the token and what the caller added", () =>
    Effect.gen(function*() {
      const other = yield* serve(inTurn(me))
      const server = yield* serve(inTurn({ status: 302, headers: { location: `${other.origin}/elsewhere` } }))
      const user = yield* Redivis.withHeaders(User.me(), { "x-caller": "mine" }).pipe(
        Effect.provide(over(server, FetchHttpClient.layer))
      )
      assert.deepStrictEqual<unknown>(user, me.body)
      assert.strictEqual(other.received.length, 1)
      for (const header of ["authorization", "x-caller", "x-redivis-client"]) {
        assert.notProperty(other.received[0]!.headers, header)
      }
    }))

  it.live("leaves the rest of a RequestInit of the region's as it is", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn({ status: 307, headers: { location: "/elsewhere" } }, me))
      yield* User.me().pipe(
        Effect.provide(over(server, FetchHttpClient.layer)),
        Effect.provideService(FetchHttpClient.RequestInit, { headers: { "x-init": "kept" }, redirect: "error" })
      )
      assert.deepStrictEqual(server.received.map(({ headers }) => headers["x-init"]), ["kept", "kept"])
    }))

  it.live("that a browser hides is told as one that cannot be followed", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(me))
      const hiding: typeof globalThis.fetch = () =>
        Promise.resolve(Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" }))
      const failure = yield* once(User.me()).pipe(
        Effect.provide(over(server, FetchHttpClient.layer)),
        Effect.provideService(FetchHttpClient.Fetch, hiding),
        Effect.flip
      )
      assert.deepInclude(failure, { _tag: "TransportError", reason: "Redirect" })
    }))
})

describe("a client that was transformed", () => {
  // its type says that it fails with errors of HTTP alone
  const failing = (error: unknown) =>
    transformed(HttpClient.transformResponse(() => Effect.fail(error) as Effect.Effect<never, HttpClientError>))

  it.live.each<readonly [string, unknown]>([
    ["an error of its own", new Error("the proxy is away")],
    ["a text", "the proxy is away"],
    ["nothing", undefined]
  ])("and fails with %s is a connection that failed", ([, error]) =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(me))
      const failure = yield* once(User.me()).pipe(Effect.provide(over(server, failing(error))), Effect.flip)
      assert.deepInclude(failure, { _tag: "TransportError", reason: "Connection" })
      // a copy, without what an error of somebody else's may hold of the request
      const { cause } = failure
      assert.strictEqual(
        cause instanceof Error ? cause.message : cause,
        error instanceof Error ? error.message : undefined
      )
      if (error instanceof Error) assert.include(failure.message, error.message)
    }))

  it.live("and has a limit of time of its own says so", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn("silence"))
      const limited = transformed(HttpClient.transformResponse((send) => Effect.timeout(send, 50) as typeof send // as above
      ))
      const failure = yield* once(User.me()).pipe(Effect.provide(over(server, limited)), Effect.flip)
      assert.deepInclude(failure, { _tag: "TransportError", reason: "Connection" })
      assert.match(failure.message, /timed out/)
    }))

  it.live("and holds something while an answer is read has it back after each", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(me, { ...me, headers: { "content-encoding": "identity" } }, { status: 404 }))
      let held = 0
      let most = 0
      const holding = transformed(HttpClient.transformResponse((send) =>
        Effect.andThen(
          Effect.acquireRelease(
            Effect.sync(() => void (most = Math.max(most, ++held))),
            () => Effect.sync(() => void held--)
          ),
          send
        ) as typeof send // the scope is the one that each request has
      ))
      yield* Effect.gen(function*() {
        for (let index = 0; index < 3; index++) {
          yield* Effect.exit(once(User.me()))
          assert.strictEqual(held, 0)
        }
      }).pipe(Effect.provide(over(server, holding)))
      assert.strictEqual(most, 1)
    }))
})
