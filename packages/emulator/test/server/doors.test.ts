/** Who is let in to a service that asks for no credentials: what pages send, and names that are not its own. */
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import * as Net from "node:net"
import * as Emulator from "../../src/Emulator.ts"
import { penguins } from "./harness.ts"

interface Raw {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly text: string
}

/** A request with whatever headers, `host` and `origin` among them, which `fetch` does not let one set. */
const raw = (
  url: string,
  options: {
    readonly method?: string
    readonly headers?: Record<string, string>
    /** Sent as it is drawn, and no further once there is an answer. */
    readonly body?: Iterable<Uint8Array | string>
  } = {}
): Effect.Effect<Raw> =>
  Effect.callback((resume) => {
    const request = Http.request(url, { method: options.method ?? "GET", headers: options.headers ?? {}, agent: false })
    let isAnswered = false
    request.on("response", (response) => {
      isAnswered = true
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () => {
        resume(Effect.succeed({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString("utf8")
        }))
        request.destroy()
      })
    })
    request.on("error", (error) => isAnswered || resume(Effect.die(error)))
    const rest = (options.body ?? [])[Symbol.iterator]()
    const write = (): void => {
      const { done, value } = rest.next()
      if (done === true) request.end()
      else if (!isAnswered) request.write(value, write)
    }
    write()
  })

const origins = Effect.map(Emulator.Emulator, ({ baseUrl, storageUrl }) => ({
  api: new URL(baseUrl).origin,
  storage: storageUrl,
  port: new URL(baseUrl).port
}))

/** Everything that the control interface does, and what asks for the token, rows, or changes something. */
const controls: ReadonlyArray<readonly [method: string, path: string]> = [
  ["GET", ""],
  ["GET", "/"],
  ["GET", "/requests"],
  ["DELETE", "/requests"],
  ["GET", "/faults"],
  ["POST", "/faults"],
  ["DELETE", "/faults"],
  ["DELETE", "/faults/1"],
  ["GET", "/clock"],
  ["POST", "/clock"],
  ["GET", "/sockets"],
  ["GET", "/comments"],
  ["POST", "/tokens"],
  ["POST", "/rateLimit"],
  ["POST", "/usage"],
  ["POST", "/seed"],
  ["POST", "/reset"],
  ["GET", "/nothing"],
  ["HEAD", ""],
  ["PUT", "/seed"]
]

const isCors = (name: string): boolean => name.startsWith("access-control-")

layer(Emulator.layer({ seed: penguins() }), { excludeTestServices: true })("an emulator without options", (it) => {
  it.effect("lets no page steer it, nor learn anything of it", () =>
    Effect.gen(function*() {
      const { api } = yield* origins
      const foreign: ReadonlyArray<Record<string, string>> = [
        { origin: "https://evil.example" },
        { origin: "null" },
        { origin: "" },
        { origin: "http://localhost:1" },
        { origin: `${api}.evil.example` },
        { origin: api.replace("http:", "https:") },
        { origin: `https://evil.example, ${api}` },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" }
      ]
      for (const headers of foreign) {
        for (const [method, path] of controls) {
          const reply = yield* raw(`${api}/_emulator${path}`, {
            method,
            headers: { ...headers, "content-type": "application/json" }
          })
          const told = `${method} ${path} ${JSON.stringify(headers)}`
          assert.strictEqual(reply.status, 403, told)
          assert.deepStrictEqual(Object.keys(reply.headers).filter(isCors), [], told)
          if (method !== "HEAD") assert.include(reply.text, "--control-origin", told)
        }
      }
      const { token } = yield* Emulator.Emulator
      const kept = yield* raw(`${api}/api/v1/tables/demo.penguins_.birds`, {
        headers: { authorization: `Bearer ${token}` }
      })
      assert.strictEqual(kept.status, 200)
    }))

  it.effect("answers a page's preflight for its controls with a refusal, for the API as ever", () =>
    Effect.gen(function*() {
      const { api, storage } = yield* origins
      const headers = {
        origin: "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
        "access-control-request-private-network": "true"
      }
      const refused = yield* raw(`${api}/_emulator/reset`, { method: "OPTIONS", headers })
      assert.strictEqual(refused.status, 403)
      assert.deepStrictEqual(Object.keys(refused.headers).filter(isCors), [])
      for (const url of [`${api}/api/v1/users/me`, `${storage}/temp/x`]) {
        const reply = yield* raw(url, { method: "OPTIONS", headers })
        assert.deepStrictEqual([reply.status, reply.headers["access-control-allow-origin"]], [204, "*"], url)
      }
    }))

  it.effect("changes nothing for what a form can send", () =>
    Effect.gen(function*() {
      const { api } = yield* origins
      const types = [undefined, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
      for (const type of types) {
        for (const [method, path] of controls.filter(([method]) => method === "POST" || method === "DELETE")) {
          const reply = yield* raw(`${api}/_emulator${path}`, {
            method,
            headers: type === undefined ? {} : { "content-type": type },
            body: [JSON.stringify({ adjust: 1, limit: 1, text: "stolen" })]
          })
          assert.strictEqual(reply.status, 415, `${method} ${path} ${type}`)
          assert.include(reply.text, "application/json")
        }
      }
      const typed = yield* raw(`${api}/_emulator/usage`, {
        method: "POST",
        headers: { "content-type": "Application/JSON; charset=utf-8" },
        body: ["{}"]
      })
      assert.strictEqual(typed.status, 200)
    }))

  it.effect("answers to the names of this machine on both origins, and to no other", () =>
    Effect.gen(function*() {
      const { api, port, storage } = yield* origins
      const places = [
        { url: `${api}/api/v1/users/me`, known: 401 },
        { url: `${api}/_emulator`, known: 200 },
        { url: `${api}/api/v1/openAPI.json`, known: 200 },
        { url: `${storage}/nothing`, known: 404 }
      ]
      const own = [`127.0.0.1:${port}`, "127.0.0.1", "127.9.8.7:1", "localhost", `LocalHost:${port}`, "[::1]:80"]
      const others = [
        "evil.example",
        `evil.example:${port}`,
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "notlocalhost",
        "127.0.0.256",
        "127.1",
        "0.0.0.0",
        "10.0.0.1",
        "[::2]",
        "localhost@evil.example",
        "evil.example#localhost",
        "localhost:x",
        "local host"
      ]
      for (const { known, url } of places) {
        for (const host of own) {
          const reply = yield* raw(url, { headers: { host } })
          assert.strictEqual(reply.status, known, `${url} as ${host}`)
        }
        for (const host of others) {
          for (const method of ["GET", "OPTIONS", "PUT"]) {
            const reply = yield* raw(url, { method, headers: { host } })
            assert.strictEqual(reply.status, 403, `${method} ${url} as ${host}`)
            assert.deepStrictEqual(Object.keys(reply.headers).filter(isCors), [])
            assert.include(reply.text, "--allow-host")
          }
        }
      }
    }))

  it.effect("reads no more of a body than it may", () =>
    Effect.gen(function*() {
      const { api } = yield* origins
      let drawn = 0
      const endless = function*() {
        const chunk = new Uint8Array(4_000_000).fill(32)
        // ten times what is read
        for (; drawn < 250; drawn++) yield chunk
      }
      const reply = yield* raw(`${api}/_emulator/seed`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: endless()
      })
      assert.strictEqual(reply.status, 413)
      assert.isBelow(drawn, 250)
    }), 60_000)

  it.effect("is heard where it refuses a body, also by who sends all of it first, over a connection that closes", () =>
    Effect.gen(function*() {
      const { api } = yield* origins
      const { hostname, port } = new URL(api)
      const length = 110_000_000
      const answer = yield* Effect.callback<string>((resume) => {
        const socket = Net.connect({ host: hostname, port: Number(port) })
        const parts: Array<Buffer> = []
        socket.on("error", (error) => resume(Effect.die(error)))
        socket.on("end", () => resume(Effect.succeed(Buffer.concat(parts).toString("utf8"))))
        socket.write(
          `POST /_emulator/seed HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: close\r\n` +
            `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`
        )
        socket.write(new Uint8Array(length).fill(32), () => socket.on("data", (chunk: Buffer) => parts.push(chunk)))
      })
      assert.match(answer, /^HTTP\/1\.1 413 /)
    }))
})

layer(
  Emulator.layer({ allowHosts: ["emulator", "Proxy.example:8443"], controlOrigins: ["http://localhost:5173"] }),
  { excludeTestServices: true }
)("an emulator with named hosts and origins", (it) => {
  it.effect("answers to the hosts that are named, with the port that is named with them", () =>
    Effect.gen(function*() {
      const { api, storage } = yield* origins
      const expected = {
        emulator: 200,
        "emulator:81": 200,
        "EMULATOR:81": 200,
        "proxy.example:8443": 200,
        localhost: 200,
        "proxy.example": 403,
        "proxy.example:1": 403,
        "x.emulator": 403
      }
      for (const [host, status] of Object.entries(expected)) {
        assert.strictEqual((yield* raw(`${api}/_emulator`, { headers: { host } })).status, status, host)
        const stored = yield* raw(`${storage}/nothing`, { headers: { host } })
        assert.strictEqual(stored.status, status === 200 ? 404 : 403, host)
      }
    }))

  it.effect("lets pages of the origins that are named steer it, and no other", () =>
    Effect.gen(function*() {
      const { api } = yield* origins
      const origin = "http://localhost:5173"
      const preflight = yield* raw(`${api}/_emulator/reset`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" }
      })
      assert.deepStrictEqual(
        [preflight.status, preflight.headers["access-control-allow-origin"], preflight.headers["vary"]],
        [204, origin, "origin"]
      )
      assert.strictEqual(preflight.headers["access-control-allow-headers"], "content-type")
      const reply = yield* raw(`${api}/_emulator/reset`, {
        method: "POST",
        headers: { origin, "content-type": "application/json" }
      })
      assert.deepStrictEqual([reply.status, reply.headers["access-control-allow-origin"]], [200, origin])
      for (const other of ["http://localhost:5174", "https://localhost:5173", "http://localhost"]) {
        const refused = yield* raw(`${api}/_emulator`, { headers: { origin: other } })
        assert.strictEqual(refused.status, 403, other)
      }
    }))
})

describe("options of who is let in", () => {
  it.effect("are refused where they are no hosts and no origins", () =>
    Effect.gen(function*() {
      const wrong = [
        { allowHosts: ["http://emulator"] },
        { allowHosts: ["emulator", ""] },
        { allowHosts: ["*"] },
        { controlOrigins: ["localhost:5173"] },
        { controlOrigins: ["http://localhost:5173/"] },
        { controlOrigins: ["*"] },
        { controlOrigins: ["null"] }
      ]
      for (const options of wrong) {
        const failure = yield* Effect.flip(Effect.scoped(Emulator.makeInMemory(options)))
        assert.strictEqual(failure._tag, "DoorRefused", JSON.stringify(options))
        assert.match(failure.message, /is no (host|origin): give /)
      }
    }))
})
