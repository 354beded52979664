/** Failures of connections, as one table that holds in each runtime as far as the runtime tells them. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import * as Path from "node:path"
import { executable } from "../runner/places.ts"
import { run } from "./documents.ts"
import { inTurn, nobody, serve } from "./scriptedServer.ts"

const certificates = Path.join(import.meta.dirname, "certificate")
const read = (name: string): Buffer => Fs.readFileSync(Path.join(certificates, name))
const authority = Path.join(certificates, "authority.pem")
const own = { key: read("server-key.pem"), cert: read("server.pem") }

interface Listening {
  readonly port: number
  /** How many connections it was asked for. */
  readonly connections: () => number
}

/** A server of the machine's own, until the scope closes. */
const listening = (server: Net.Server) =>
  Effect.acquireRelease(
    Effect.promise(async (): Promise<Listening> => {
      let connections = 0
      server.on("connection", () => void connections++)
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const { port } = server.address() as Net.AddressInfo // of a port
      return { port, connections: () => connections }
    }),
    () => Effect.promise(() => new Promise((resolve) => server.close(resolve)))
  )

const answer: Http.RequestListener = (_, response) => void response.end("{}")

/** Does something to a connection as soon as the first bytes have come. */
const onFirstBytes = (act: (socket: Net.Socket) => void) => (): Net.Server =>
  Net.createServer((socket) => {
    socket.on("error", () => {}).once("data", () => act(socket))
  })

const asking = { ...own, requestCert: true, rejectUnauthorized: true, ca: read("authority.pem") }

/** What answers `CONNECT` so. */
const proxy = (status: number) => (): Net.Server =>
  Http.createServer().on("connect", (_, socket) => {
    socket.on("error", () => {}).end(`HTTP/1.1 ${status} No\r\n\r\n`)
  })

type Way =
  | "Node"
  | "Node 22"
  | "Node over fetch"
  | "Node over a client of Effect"
  | "Bun"
  | "Bun's fetch alone"
  | "Deno"

const ways: ReadonlyArray<Way> = [
  "Node",
  "Node 22",
  "Node over fetch",
  "Node over a client of Effect",
  "Bun",
  "Bun's fetch alone",
  "Deno"
]

/** What a failure is called, whether it is known to come before anything was sent, and what to do where it lasts. */
interface Expected {
  readonly reason: string
  readonly beforeSending: boolean
  readonly advice?: RegExp
}

const passing = (beforeSending: boolean, reason = "Connection"): Expected => ({ reason, beforeSending })
const lasting = (beforeSending: boolean, advice: RegExp): Expected => ({
  reason: "Misconfigured",
  beforeSending,
  advice
})

interface Row {
  readonly name: string
  readonly scheme: "http" | "https"
  /** What listens there; otherwise `host` says where nothing does. */
  readonly server?: () => Net.Server
  readonly host?: Effect.Effect<string>
  /** How long a call may last, in milliseconds, where it comes to that. */
  readonly limit?: number
  readonly expected: Expected
  /** What does not do what fails here. */
  readonly notOver?: Way
  /** Where a runtime tells less. */
  readonly otherwise?: { readonly [W in Way]?: Expected }
}

/** Where nothing shows that it comes before anything was sent. */
const untold = passing(false)

const agreesOnNoTls = /agrees on no TLS.*scheme.*port/

const rows: ReadonlyArray<Row> = [
  {
    name: "a port that nothing listens on",
    scheme: "http",
    host: Effect.map(nobody, (origin) => new URL(origin).host),
    expected: passing(true)
  },
  {
    name: "a name that does not exist",
    scheme: "http",
    host: Effect.succeed("nobody.invalid"),
    expected: passing(true)
  },
  ...process.platform === "linux"
    ? [{
      name: "a network that is not reached",
      scheme: "http" as const,
      host: Effect.succeed("255.255.255.255:81"),
      expected: passing(true)
    }]
    : [],
  {
    name: "a certificate that nobody signed",
    scheme: "https",
    server: () => Https.createServer({ key: read("key.pem"), cert: read("certificate.pem") }, answer),
    expected: lasting(true, /certificate does not verify: name the authority that signed it in (NODE_EXTRA|DENO)_/)
  },
  {
    name: "a server that asks for a client certificate",
    scheme: "https",
    server: () => Https.createServer(asking, answer),
    expected: lasting(true, /asks for a client certificate.*set one by .*layer\(\{ (dispatcher|client)/),
    otherwise: {
      // keeps the close of the connection alone
      "Node over fetch": untold,
      "Node over a client of Effect": untold,
      // has one word for every handshake
      Bun: lasting(true, agreesOnNoTls)
    }
  },
  {
    name: "a server that asks for a client certificate in TLS 1.2",
    scheme: "https",
    server: () => Https.createServer({ ...asking, maxVersion: "TLSv1.2" }, answer),
    expected: lasting(true, /agrees on no TLS.*client certificate/)
  },
  {
    name: "a port that speaks no TLS",
    scheme: "https",
    server: () => Http.createServer(answer),
    expected: lasting(true, agreesOnNoTls)
  },
  {
    name: "a server of TLS 1.1",
    scheme: "https",
    server: () =>
      Https.createServer({ ...own, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }, answer),
    expected: lasting(true, agreesOnNoTls)
  },
  {
    name: "a port that speaks no HTTP",
    scheme: "http",
    server: onFirstBytes((socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n")),
    expected: lasting(false, /speak HTTP.*scheme.*port/)
  },
  {
    name: "a connection that closes within the handshake",
    scheme: "https",
    server: onFirstBytes((socket) => socket.destroy()),
    expected: passing(true),
    otherwise: { Bun: untold }
  },
  {
    name: "a connection that is reset within the handshake",
    scheme: "https",
    server: onFirstBytes((socket) => socket.resetAndDestroy()),
    expected: passing(true),
    otherwise: { "Node over fetch": untold, "Node over a client of Effect": untold, Bun: untold }
  },
  {
    name: "a connection that closes once the request is sent",
    scheme: "http",
    server: onFirstBytes((socket) => socket.destroy()),
    expected: passing(false)
  },
  {
    name: "a connection that is reset once the request is sent",
    scheme: "http",
    server: onFirstBytes((socket) => socket.resetAndDestroy()),
    expected: passing(false)
  },
  {
    name: "an answer that breaks off",
    scheme: "http",
    server: onFirstBytes((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a")),
    expected: passing(false, "BodyBroken")
  },
  {
    name: "an answer that cannot be inflated",
    scheme: "http",
    server: onFirstBytes((socket) =>
      socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc")
    ),
    // it inflates nothing
    notOver: "Node over a client of Effect",
    expected: passing(false, "BodyBroken")
  },
  {
    name: "a server that is silent",
    scheme: "http",
    server: onFirstBytes(() => {}),
    limit: 100,
    expected: passing(false, "Timeout")
  }
]

interface Told {
  readonly tag: string
  readonly reason?: string
  readonly beforeSending?: boolean
  readonly advice?: string
  readonly message: string
  readonly retries: number
}

const program = "tests/node/lastingFailure.ts"
const denoRun = ["run", "--no-prompt", "--no-lock", "--node-modules-dir=manual"]

const ran = (
  command: string | undefined,
  parameters: ReadonlyArray<string>,
  env: Record<string, string> = {}
): Effect.Effect<ReadonlyArray<ReadonlyArray<Told>>> =>
  command === undefined ? Effect.die(new Error("a runtime is not installed")) : Effect.map(
    run(command, parameters, { env: { NODE_EXTRA_CA_CERTS: authority, DENO_CERT: authority, ...env } }),
    ({ code, log, out }) => {
      assert.strictEqual(code, 0, log)
      return out.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line).failures) // printed by the program
    }
  )

/** Runs the program in a runtime, at endpoints in turn. */
const failIn = (way: Way, endpoints: ReadonlyArray<string>, env?: Record<string, string>) => {
  const bun = executable("bun", "bin/bun.exe", "bin/bun")
  switch (way) {
    case "Node":
      return ran(process.execPath, [program, "node", ...endpoints], env)
    case "Node 22":
      return ran(
        executable(`node-22-${process.platform}-${process.arch}`, "bin/node") ?? process.execPath,
        [program, "node", ...endpoints],
        env
      )
    case "Node over fetch":
      return ran(process.execPath, [program, "fetch", ...endpoints], env)
    case "Node over a client of Effect":
      return ran(process.execPath, [program, "over", ...endpoints], env)
    case "Bun":
      return ran(bun, [program, "node", ...endpoints], env)
    case "Bun's fetch alone":
      return ran(bun, [program, "core", ...endpoints], env)
    case "Deno":
      return ran(
        executable("deno", "deno", "deno.exe"),
        [...denoRun, "--allow-net", "--allow-env", program, "deno", ...endpoints],
        env
      )
  }
}

/** How often each is sent again: a call that may be repeated, and a query, which may only where nothing was sent. */
const retriesOf = ({ advice, beforeSending }: Expected): ReadonlyArray<number> =>
  advice !== undefined ? [0, 0] : [4, beforeSending ? 4 : 0]

const shown = ({ beforeSending, reason, retries }: Told) => ({ reason, beforeSending, retries })

const holds = (what: string, failures: ReadonlyArray<Told> | undefined, expected: Expected): void => {
  assert.deepStrictEqual(
    failures?.map(shown),
    retriesOf(expected).map((retries) => ({
      reason: expected.reason,
      beforeSending: expected.beforeSending,
      retries
    })),
    what
  )
  for (const failure of failures ?? []) {
    if (expected.advice === undefined) continue
    assert.match(String(failure.advice), expected.advice, what)
    assert.include(failure.message, String(failure.advice))
    assert.notInclude(failure.message, "Check the network")
  }
}

describe("a connection that fails", () => {
  // what has no table of failures takes none of them for certain
  it.live.each([...ways].filter((way) => way !== "Bun's fetch alone"))(
    "is called the same in each runtime, and repeated only where that helps and is safe: %s",
    (way) =>
      Effect.gen(function*() {
        const servers: Array<Listening | undefined> = []
        const endpoints: Array<string> = []
        const here = rows.filter(({ notOver }) => notOver !== way)
        for (const { host, limit, scheme, server } of here) {
          const one = server === undefined ? undefined : yield* listening(server())
          servers.push(one)
          const place = one === undefined ? yield* host! : `127.0.0.1:${one.port}` // one of the two
          endpoints.push(`${scheme}://${place}${limit === undefined ? "" : `#${limit}`}`)
        }
        const told = yield* failIn(way, endpoints)
        assert.strictEqual(told.length, here.length)
        for (const [index, { expected: inMost, name, otherwise }] of here.entries()) {
          const expected = otherwise?.[way] ?? inMost
          holds(name, told[index], expected)
          if (expected.advice !== undefined) assert.strictEqual(servers[index]?.connections(), 2, name)
        }
      }).pipe(Effect.scoped),
    120_000
  )

  it.live.each([...ways])("is no failure of a network where a program throws: %s", (way) =>
    Effect.gen(function*() {
      const [mistake] = yield* failIn(way, ["mistake:"])
      holds("a mistake", mistake, lasting(false, /program/))
      assert.match(mistake![0]!.message, /pipe is not a function/)
    }), 60_000)

  it.live.each(
    [
      ["Deno", executable("deno", "deno", "deno.exe"), [...denoRun, program, "deno"], "--allow-net"],
      [
        "Node",
        process.execPath,
        ["--permission", "--allow-fs-read=*", program, "node"],
        "--allow-net"
      ]
    ] as const
  )(
    "is what the permissions of %s do not allow, a name or an address",
    ([, command, parameters, permission]) =>
      Effect.gen(function*() {
        const told = yield* ran(command, [...parameters, "http://127.0.0.1:8100", "http://nobody.invalid"])
        assert.strictEqual(told.length, 2)
        for (const failures of told) holds("not permitted", failures, lasting(true, new RegExp(permission)))
      }),
    60_000
  )

  it.live.each(["Node", "Bun", "Deno"] as const)("is what a proxy refuses: %s", (way) =>
    Effect.gen(function*() {
      for (
        const [status, expected] of [
          [407, lasting(true, /proxy asks.*user and a password/)],
          [502, passing(true)]
        ] as const
      ) {
        const { port } = yield* listening(proxy(status)())
        const [failures] = yield* failIn(way, ["https://redivis.test"], {
          NODE_USE_ENV_PROXY: "1",
          HTTPS_PROXY: `http://127.0.0.1:${port}`
        })
        holds(`a proxy that answers ${status}`, failures, expected)
      }
    }).pipe(Effect.scoped), 60_000)
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
