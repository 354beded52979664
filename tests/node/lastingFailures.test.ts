/** Failures of a connection that no repeat mends, in each runtime that tells them. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import * as Path from "node:path"
import { executable } from "../runner/places.ts"
import { run } from "./documents.ts"
import { lastingFailure } from "./lastingFailure.ts"
import { inTurn, serve } from "./scriptedServer.ts"

const read = (name: string): Buffer => Fs.readFileSync(Path.join(import.meta.dirname, "certificate", name))

/** A server of the machine's own, until the scope closes, and how many connections it was asked for. */
const listening = (server: Net.Server) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      let connections = 0
      server.on("connection", () => void connections++)
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const { port } = server.address() as Net.AddressInfo // of a port
      return { port, connections: () => connections }
    }),
    () => Effect.promise(() => new Promise((resolve) => server.close(resolve)))
  )

const answer: Http.RequestListener = (_, response) => void response.end("{}")

const servers: ReadonlyArray<
  readonly [what: string, scheme: string, server: () => Net.Server, advice: RegExp]
> = [
  [
    "a certificate that nobody signed",
    "https",
    () => Https.createServer({ key: read("key.pem"), cert: read("certificate.pem") }, answer),
    /certificate does not verify/
  ],
  ["a port that speaks no TLS", "https", () => Http.createServer(answer), /scheme.*port/],
  [
    "a port that speaks no HTTP",
    "http",
    () =>
      Net.createServer((socket) => {
        socket.on("error", () => {}).on("data", () => socket.end("SSH-2.0-OpenSSH_9.9\r\n"))
      }),
    /scheme.*port/
  ]
]

type Ran = Effect.Success<ReturnType<typeof lastingFailure>>

const elsewhere = (name: "bun" | "deno", ...parameters: ReadonlyArray<string>) => (endpoint: string) => {
  const command = name === "deno" ? executable("deno", "deno", "deno.exe") : executable("bun", "bin/bun.exe")
  if (command === undefined) return Effect.die(new Error(`the package ${name} is not installed`))
  return Effect.map(
    run(command, [...parameters, "tests/node/lastingFailure.ts", name, endpoint]),
    ({ log, out }): Ran => {
      const line = out.find((line) => line.startsWith("{"))
      if (line === undefined) throw new Error(log)
      return JSON.parse(line) as Ran // printed by the program
    }
  )
}

const denoRun = ["run", "--no-prompt", "--no-lock", "--node-modules-dir=manual"]

const over = (client: Layer.Layer<HttpClient.HttpClient>) => (endpoint: string) =>
  lastingFailure(Layer.provide(NodeRedivis.layerOver({ endpoint }), client))

const runtimes: ReadonlyArray<readonly [name: string, fail: (endpoint: string) => Effect.Effect<Ran, unknown>]> = [
  ["Node", (endpoint) => lastingFailure(NodeRedivis.layer({ endpoint }))],
  ["Node over a client of Effect", over(NodeHttpClient.layerUndici)],
  ["Node over fetch", over(FetchHttpClient.layer)],
  ["Bun", elsewhere("bun")],
  ["Deno", elsewhere("deno", ...denoRun, "--allow-net=127.0.0.1")]
]

describe("a connection that cannot be made as things are set up", () => {
  for (const [what, scheme, server, advice] of servers) {
    it.live.each([...runtimes])(
      `is told with what to do, and not tried again: ${what}, on %s`,
      ([, fail]) =>
        Effect.gen(function*() {
          const { connections, port } = yield* listening(server())
          const { failures, retries } = yield* fail(`${scheme}://127.0.0.1:${port}/api/v1`)
          assert.strictEqual(failures.length, 2)
          for (const failure of failures) {
            assert.deepInclude(failure, { tag: "TransportError", reason: "Misconfigured" })
            assert.match(String(Reflect.get(failure, "advice")), advice)
            assert.include(String(Reflect.get(failure, "message")), String(Reflect.get(failure, "advice")))
            // what speaks no HTTP was sent the request
            assert.strictEqual(Reflect.get(failure, "beforeSending"), scheme === "https")
          }
          assert.strictEqual(retries, 0)
          assert.strictEqual(connections(), 2)
        }).pipe(Effect.scoped),
      60_000
    )
  }

  it.live("is what Deno's permissions do not allow", () =>
    Effect.gen(function*() {
      const { failures, retries } = yield* elsewhere("deno", ...denoRun)("http://127.0.0.1:8100/api/v1")
      for (const failure of failures) assert.deepInclude(failure, { reason: "Misconfigured", beforeSending: true })
      assert.strictEqual(retries, 0)
    }), 60_000)
})

describe("NodeRedivis.layerOver", () => {
  const clients: ReadonlyArray<readonly [string, (client: HttpClient.HttpClient) => HttpClient.HttpClient]> = [
    ["that refuses statuses", HttpClient.filterStatusOk],
    ["that repeats by itself", HttpClient.retryTransient({ times: 1 })],
    ["that does both", (client) => HttpClient.retry(HttpClient.filterStatusOk(client), { times: 1 })]
  ]
  it.live.each([...clients])("reads a 404 rightly over a client %s", ([, transform]) =>
    Effect.gen(function*() {
      const body = { status: 404, error: "not_found", error_description: "There is no such dataset" }
      const server = yield* serve(inTurn({ status: 404, body: JSON.stringify(body) }))
      const client = Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, transform)).pipe(
        Layer.provide(NodeHttpClient.layerUndici)
      )
      const failure = yield* Effect.flip(Dataset.get("o.d")).pipe(
        Effect.provide(Layer.provide(NodeRedivis.layerOver({ endpoint: server.endpoint }), client))
      )
      assert.deepInclude(failure, { _tag: "NotFound", status: 404 })
      assert.include(failure.message, "There is no such dataset")
    }))
})
