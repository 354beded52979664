/** Proxies, authorities and client certificates, for the API and its storage, as people set them up in each runtime. */
import * as Dataset from "@effect-redivis/core/Dataset"
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as DenoRedivis from "@effect-redivis/deno/DenoRedivis"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import * as Path from "node:path"
import type * as Tls from "node:tls"
import { executable } from "../runner/places.ts"
import { run } from "./documents.ts"

const certificates = Path.join(import.meta.dirname, "certificate")
const read = (name: string): Buffer => Fs.readFileSync(Path.join(certificates, name))

const listening = (server: Net.Server): Effect.Effect<number, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(() =>
      new Promise<number>((resolve) =>
        server.listen(0, "127.0.0.1", () => resolve((server.address() as Net.AddressInfo).port)) // of a port
      )
    ),
    () =>
      Effect.promise(() =>
        new Promise((resolve) => {
          server.close(resolve)
          if ("closeAllConnections" in server) (server as Http.Server).closeAllConnections()
        })
      )
  )

/** What stands before the emulator: TLS under a certificate of our own, which asks for another. */
interface Front {
  readonly port: number
  /** Of each request, by whom it was made. */
  readonly seen: Array<string>
}

const serving = (isAsking: boolean, answer: (request: Http.IncomingMessage, body: Buffer) => Promise<Response>) =>
  Effect.gen(function*() {
    const seen: Array<string> = []
    const server = Https.createServer(
      {
        key: read("server-key.pem"),
        cert: read("server.pem"),
        ca: read("authority.pem"),
        requestCert: isAsking,
        rejectUnauthorized: isAsking
      },
      (request, response) => {
        const chunks: Array<Buffer> = []
        const who = (request.socket as Tls.TLSSocket).getPeerCertificate() // of a server of TLS
        request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
          seen.push(`${request.method} ${String(who.subject?.CN ?? "nobody")}`)
          void answer(request, Buffer.concat(chunks)).then(async (answered) => {
            const body = Buffer.from(await answered.arrayBuffer())
            response.writeHead(answered.status, {
              "content-type": answered.headers.get("content-type") ?? "",
              "content-length": body.length
            }).end(body)
          }, (reason: unknown) => response.destroy(reason instanceof Error ? reason : undefined))
        })
      }
    )
    return { port: yield* listening(server), seen }
  })

const forward = async (origin: string, request: Http.IncomingMessage, body: Buffer): Promise<Response> => {
  const { authorization, "content-type": type } = request.headers
  return await fetch(new URL(request.url ?? "", origin), {
    method: request.method ?? "",
    headers: { ...authorization && { authorization }, ...type && { "content-type": type } },
    body: body.length === 0 ? null : new Uint8Array(body)
  })
}

/** The API and its storage, each behind a front of its own, under a name. */
const fronts = (emulator: Emulator.Emulator["Service"], name: string, isAsking: boolean) =>
  Effect.gen(function*() {
    const api = new URL(emulator.baseUrl).origin
    let storage = ""
    const stored: Front = yield* serving(isAsking, (request, body) => forward(storage, request, body))
    const called: Front = yield* serving(isAsking, async (request, body) => {
      const answered = await forward(api, request, body)
      const text = (await answered.text()).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, (origin) => {
        if (origin !== api) storage = origin
        return `https://${name}:${stored.port}`
      })
      return new Response(text, answered)
    })
    return { called, stored, endpoint: `https://${name}:${called.port}/api/v1` }
  })

/** A proxy for `CONNECT`, which alone knows where `redivis.test` is. */
const proxy = Effect.gen(function*() {
  const asked: Array<string> = []
  const server = Http.createServer((_, response) => void response.writeHead(502).end())
  const sockets = new Set<Net.Socket>()
  server.on("connect", (request: Http.IncomingMessage, socket: Net.Socket, head: Buffer) => {
    asked.push(request.url ?? "")
    const target = Net.connect(Number(request.url?.split(":").at(-1)), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    for (const one of [socket, target]) {
      sockets.add(one)
      one.on("error", () => {}).on("close", () => {
        socket.destroy()
        target.destroy()
      })
    }
  })
  yield* Effect.addFinalizer(() => Effect.sync(() => sockets.forEach((socket) => socket.destroy())))
  const port = yield* listening(server)
  return { url: `http://127.0.0.1:${port}`, asked }
})

const commands = {
  node: [process.execPath],
  bun: [executable("bun", "bin/bun.exe", "bin/bun")],
  deno: [
    executable("deno", "deno", "deno.exe"),
    "run",
    "--no-prompt",
    "--no-lock",
    "--node-modules-dir=manual",
    "--allow-net",
    "--allow-env=REDIVIS_API_TOKEN",
    "--allow-read"
  ]
} as const

type Runtime = keyof typeof commands

const runtimes: ReadonlyArray<Runtime> = ["node", "bun", "deno"]

const authority = Path.join(certificates, "authority.pem")
const trusting = { NODE_EXTRA_CA_CERTS: authority, DENO_CERT: authority }

interface Through {
  readonly runtime: Runtime
  readonly way: "environment" | "given"
  readonly endpoint: string
  readonly proxy?: string
  readonly env?: Record<string, string>
  readonly flags?: ReadonlyArray<string>
}

/** Runs the program, and gives what it printed. */
const through = Effect.fnUntraced(function*(
  { endpoint, env, flags = [], proxy: url = "", runtime, way }: Through
) {
  const emulator = yield* Emulator.Emulator
  const [command, ...parameters] = commands[runtime]
  if (command === undefined) return yield* Effect.die(new Error(`the package ${runtime} is not installed`))
  const { code, log, out } = yield* run(
    command,
    [...parameters, ...flags, "tests/node/throughConnection.ts", runtime, way, endpoint, "demo.held.t", url],
    { env: { ...env, REDIVIS_API_TOKEN: emulator.token } }
  )
  assert.strictEqual(code, 0, log)
  return out.map((line): unknown => JSON.parse(line)) // printed by the program
})

const done = { name: "researcher", rows: 12_000 }

const emulated = Layer.orDie(Emulator.layer({
  allowHosts: ["redivis.test"],
  seed: {
    organizations: [{ name: "demo", members: [{ user: "researcher", isAdmin: true }] }],
    datasets: [{ owner: "demo", name: "held", versions: [{ released: false, tables: [{ name: "t" }] }] }]
  }
}))

layer(emulated, { excludeTestServices: true })("a connection as it is set up", (it) => {
  it.effect.each(runtimes)(
    "goes through the proxy and trusts the authority of the environment: %s",
    (runtime) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const { called, endpoint, stored } = yield* fronts(emulator, "redivis.test", false)
        const { asked, url } = yield* proxy
        const env = { ...trusting, HTTPS_PROXY: url, NODE_USE_ENV_PROXY: "1" }
        assert.deepStrictEqual(yield* through({ runtime, way: "environment", endpoint, env }), [done])
        assert.include(asked, `redivis.test:${called.port}`)
        assert.include(asked, `redivis.test:${stored.port}`)
        assert.include(stored.seen, "PUT nobody")
      }).pipe(Effect.scoped),
    90_000
  )

  it.effect.each(runtimes)("goes past the proxy where NO_PROXY says so: %s", (runtime) =>
    Effect.gen(function*() {
      const { endpoint, stored } = yield* fronts(yield* Emulator.Emulator, "localhost", false)
      const { asked, url } = yield* proxy
      const env = { ...trusting, HTTPS_PROXY: url, NO_PROXY: "example.org,localhost", NODE_USE_ENV_PROXY: "1" }
      assert.deepStrictEqual(yield* through({ runtime, way: "environment", endpoint, env }), [done])
      assert.deepStrictEqual(asked, [])
      assert.include(stored.seen, "PUT nobody")
    }).pipe(Effect.scoped), 90_000)

  it.effect("goes through a proxy on Node where Node's own fetch does, and not else", () =>
    Effect.gen(function*() {
      const { endpoint } = yield* fronts(yield* Emulator.Emulator, "redivis.test", false)
      const { asked, url } = yield* proxy
      const env = { ...trusting, HTTPS_PROXY: url }
      const go = (changed: Pick<Through, "env" | "flags">) =>
        through({ runtime: "node", way: "environment", endpoint, ...changed })
      assert.match(JSON.stringify(yield* go({ env })), /redivis\.test/)
      assert.match(
        JSON.stringify(yield* go({ env: { ...env, NODE_USE_ENV_PROXY: "1" }, flags: ["--no-use-env-proxy"] })),
        /redivis\.test/
      )
      assert.deepStrictEqual(asked, [])
      assert.deepStrictEqual(yield* go({ env, flags: ["--use-env-proxy"] }), [done])
      assert.deepStrictEqual(yield* go({ env: { ...env, NODE_OPTIONS: "--use-env-proxy" } }), [done])
    }).pipe(Effect.scoped), 90_000)

  it.effect.each(runtimes)("shows the client certificate that a program gives, and is the program's to close: %s", (
    runtime
  ) =>
    Effect.gen(function*() {
      const { called, endpoint, stored } = yield* fronts(yield* Emulator.Emulator, "localhost", true)
      assert.deepStrictEqual(yield* through({ runtime, way: "given", endpoint }), [done, done])
      assert.deepStrictEqual([...new Set(stored.seen)], ["PUT client of the tests"])
      for (const one of called.seen) assert.match(one, /client of the tests$/)
      // without it: refused, and told what to do
      const [refused] = yield* through({ runtime, way: "environment", endpoint, env: trusting })
      assert.match(JSON.stringify(refused), /client certificate/)
    }).pipe(Effect.scoped), 90_000)

  it.effect.each(runtimes)(
    "goes through the proxy that a program gives, with its certificate: %s",
    (runtime) =>
      Effect.gen(function*() {
        const { called, endpoint, stored } = yield* fronts(yield* Emulator.Emulator, "redivis.test", true)
        const { asked, url } = yield* proxy
        assert.deepStrictEqual(yield* through({ runtime, way: "given", endpoint, proxy: url }), [done, done])
        assert.include(asked, `redivis.test:${called.port}`)
        assert.include(asked, `redivis.test:${stored.port}`)
        assert.include(stored.seen, "PUT client of the tests")
      }).pipe(Effect.scoped),
    90_000
  )
})

describe("what a program gives to send with", () => {
  const refused = <E>(client: Layer.Layer<Redivis.Redivis, E>) =>
    Effect.flip(Effect.provide(Dataset.get("o.d"), client))

  it.effect.each(
    [
      ["a dispatcher that is none", "dispatcher", NodeRedivis.layer({ dispatcher: {} as never })],
      [
        "a dispatcher beside a fetch",
        "dispatcher",
        NodeRedivis.layer({ dispatcher: { dispatch: () => true }, fetch: globalThis.fetch })
      ],
      ["a fetch that is none", "fetch", NodeRedivis.layer({ fetch: "fetch" as never })],
      ["a client that is none", "client", DenoRedivis.layer({ client: {} as never })]
    ] as const
  )("is refused where it cannot send: %s", ([, field, client]) =>
    Effect.gen(function*() {
      assert.deepInclude(yield* refused(client), { _tag: "InvalidInput", field })
    }))
})
