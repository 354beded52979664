/** Streams on their way to storage: what becomes of their source, whatever becomes of the exchange. */
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Transfer from "@effect-redivis/core/Transfer"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { clientOf, quickly } from "./scriptedClient.ts"

/** A storage that does something as soon as the first bytes of a body are there. */
const storage = (onBytes: (request: Http.IncomingMessage, response: Http.ServerResponse) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(() =>
        new Promise<Http.Server>((resolve) => {
          const server = Http.createServer((request, response) => {
            request.on("error", () => {}).once("data", () => onBytes(request, response))
          })
          server.listen(0, "127.0.0.1", () => resolve(server))
        })
      ),
      (server) =>
        Effect.promise(() =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          })
        )
    ),
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
  )

type Client = Layer.Layer<Redivis.Redivis>

const endpointOf = (origin: string) => ({ endpoint: `${origin}/api/v1` })

const clients: ReadonlyArray<readonly [name: string, layer: (origin: string) => Client]> = [
  ["fetch", (origin) => clientOf(endpointOf(origin))],
  ["undici", (origin) => NodeRedivis.layer(endpointOf(origin)) as Client], // its options are right
  [
    "an HttpClient",
    (origin) => Layer.provide(NodeRedivis.layerOver(endpointOf(origin)), NodeHttpClient.layerUndici) as Client
  ]
]

const size = 1024

/** A source that gives half of its bytes and then waits; and whether it was let go of. */
const waiting = Effect.map(Deferred.make<void>(), (released) => ({
  released: Effect.timeout(Deferred.await(released), "5 seconds"),
  source: {
    size,
    stream: Stream.concat(Stream.succeed(new Uint8Array(size / 2)), Stream.never).pipe(
      Stream.ensuring(Deferred.succeed(released, undefined))
    )
  }
}))

const put = <E>(origin: string, source: Transfer.Source<E>) =>
  quickly(Transfer.upload({ url: `${origin}/put`, resumable: false }, source))

describe("the source of a stream that waits is let go of", () => {
  const undici = clients[1]![1]

  it.live("where the upload is interrupted", () =>
    Effect.gen(function*() {
      const began = yield* Deferred.make<void>()
      const origin = yield* storage(() => Effect.runFork(Deferred.succeed(began, undefined)))
      const { released, source } = yield* waiting
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(put(origin, source))
        yield* Deferred.await(began)
        yield* Fiber.interrupt(fiber)
        yield* released
      }).pipe(Effect.provide(undici(origin)))
    }))

  it.live.each<
    readonly [string, (request: Http.IncomingMessage, response: Http.ServerResponse) => void, string]
  >([
    ["the connection closes", (request) => request.socket.destroy(), "TransportError"],
    ["storage refuses before it has all", (_, response) => response.writeHead(403).end("no"), "UnexpectedStatus"],
    ["storage has enough before it has all", (_, response) => response.writeHead(200).end(), "nothing"]
  ])("where %s", ([, onBytes, failure]) =>
    Effect.gen(function*() {
      const origin = yield* storage(onBytes)
      const { released, source } = yield* waiting
      yield* Effect.gen(function*() {
        const outcome = yield* Effect.result(put(origin, source))
        yield* released
        // that the source was let go of is no end of its own
        assert.strictEqual(outcome._tag === "Failure" ? outcome.failure._tag : "nothing", failure)
      }).pipe(Effect.provide(undici(origin)))
    }))
})

describe("what a source ends with is what the upload ends with", () => {
  const bug = new Error("a bug in the source")
  const ends: ReadonlyArray<readonly [string, Stream.Stream<never, string>, (cause: Cause.Cause<unknown>) => void]> = [
    [
      "a failure",
      Stream.fail("the disk is gone"),
      (cause) => assert.strictEqual(Cause.squash(cause), "the disk is gone")
    ],
    ["a defect", Stream.die(bug), (cause) => {
      assert.isTrue(Cause.hasDies(cause))
      assert.strictEqual(Cause.squash(cause), bug)
    }],
    [
      "an interruption of its own",
      Stream.fromEffect(Effect.interrupt),
      (cause) => assert.isTrue(Cause.hasInterruptsOnly(cause))
    ]
  ]
  for (const [name, layer] of clients) {
    it.live.each([...ends])(`%s (${name})`, ([, end, check]) =>
      Effect.gen(function*() {
        const origin = yield* storage(() => {})
        const stream = Stream.concat(Stream.succeed(new Uint8Array(size / 2)), end)
        // on a fiber of its own, as an interruption would be the test's
        const exit = yield* Effect.provide(put(origin, { size, stream }), layer(origin)).pipe(
          Effect.forkChild,
          Effect.flatMap(Fiber.await)
        )
        assert.isTrue(Exit.isFailure(exit))
        if (Exit.isFailure(exit)) check(exit.cause)
      }))
  }
})
