import { assert, describe, it as plainIt, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import type * as Faults from "../../src/Faults.ts"
import { call, callUrl, json, penguins, until } from "./harness.ts"

const add = (fault: Faults.Fault) => Effect.flatMap(Emulator.Emulator, (emulator) => emulator.faults.add(fault))

const once = (match: string, effects: Faults.Effects) => add({ match, times: 1, do: effects })

/** What fetch says where the body breaks off, and how much came until then. */
const readUntilItBreaks = (url: string, token: string) =>
  Effect.promise(async () => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    let bytes = 0
    try {
      for await (const chunk of response.body!) bytes += chunk.length
      return { bytes, isBroken: false }
    } catch {
      return { bytes, isBroken: true }
    }
  })

const isRefused = (path: string, options: object = {}) =>
  Effect.flatMap(
    Emulator.Emulator,
    (emulator) =>
      Effect.promise(() =>
        fetch(emulator.baseUrl + path, { ...options, headers: { authorization: `Bearer ${emulator.token}` } }).then(
          () => false,
          () => true
        )
      )
  )

layer(Emulator.layer({ seed: penguins(), rateLimit: 100_000, streamRows: 1, rowOrder: "stored" }), {
  excludeTestServices: true
})(
  "faults",
  (it) => {
    it.effect("answer another status, as often as they are told to, after as many as they are told to", () =>
      Effect.gen(function*() {
        yield* add({ match: "users.me", times: 2, after: 1, do: { status: 503 } })
        const statuses = yield* Effect.forEach(
          [1, 2, 3, 4],
          () => Effect.map(call("/users/me"), ({ status }) => status)
        )
        assert.deepStrictEqual(statuses, [200, 503, 503, 200])
      }))

    it.effect("have the usual error body, or another, or none, or a page", () =>
      Effect.gen(function*() {
        const answers = [
          [{ status: 500 }, 500, "application/json", /"error":"internal_error"/],
          [
            { status: 418, body: { error: { message: "old", status: 418 } } },
            418,
            "application/json",
            /^\{"error":\{"message":"old"/
          ],
          [{ status: 400, body: "plain" }, 400, "text/plain", /^plain$/],
          [{ status: 503, empty: true }, 503, null, /^$/],
          [{ html: true }, 502, "text/html", /^<!DOCTYPE html>/],
          [{ status: 504, html: "<p>gone</p>" }, 504, "text/html", /^<p>gone<\/p>$/],
          [{ empty: true }, 200, null, /^$/],
          [{ status: 200, body: "{" }, 200, "text/plain", /^\{$/]
        ] as const
        for (const [effects, status, type, body] of answers) {
          yield* once("users.me", effects)
          const reply = yield* call("/users/me")
          assert.strictEqual(reply.status, status, JSON.stringify(effects))
          assert.strictEqual(reply.headers.get("content-type")?.split(";")[0] ?? null, type)
          assert.match(reply.text, body)
          // limits are told even so
          assert.match(reply.headers.get("x-ratelimit-remaining")!, /^\d+$/)
        }
      }))

    it.effect("match operations, patterns of them, and paths", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const dataset = "/datasets/demo.penguins_"
        const cases = [
          ["datasets.get", dataset, 500],
          ["datasets.*", dataset, 500],
          ["tables.*", dataset, 200],
          ["*", dataset, 500],
          ["/datasets/*", dataset, 500],
          ["/datasets/*", `${dataset}/tables`, 200],
          ["/datasets/**", `${dataset}/tables`, 500],
          [dataset, dataset, 500]
        ] as const
        for (const [match, path, status] of cases) {
          yield* once(match, { status: 500 })
          assert.strictEqual((yield* call(path)).status, status, `${match} ${path}`)
          yield* emulator.faults.clear
        }
        const id = yield* add({ match: "users.me", do: { status: 500 } })
        assert.strictEqual((yield* call("/users/me")).status, 500)
        assert.deepStrictEqual((yield* emulator.faults.list).map(({ applied, seen }) => [applied, seen]), [[1, 1]])
        yield* emulator.faults.remove(id)
        assert.strictEqual((yield* call("/users/me")).status, 200)
      }))

    it.effect("leave undone what they answer in place of, unless it is to be handled first", () =>
      Effect.gen(function*() {
        const path = "/users/researcher/datasets"
        const create = (name: string) => call(path, { method: "POST", json: { name, publicAccessLevel: "none" } })
        yield* once("datasets.postByUser", { status: 503 })
        yield* create("Undone")
        yield* once("datasets.postByUser", { status: 503, handled: true })
        assert.strictEqual((yield* create("Done")).status, 503)
        yield* once("datasets.postByUser", { drop: "answer" })
        assert.isTrue(
          yield* isRefused(path, {
            method: "POST",
            body: JSON.stringify({ name: "Done too", publicAccessLevel: "none" })
          })
        )
        yield* once("datasets.postByUser", { drop: "request" })
        assert.isTrue(
          yield* isRefused(path, {
            method: "POST",
            body: JSON.stringify({ name: "Dropped", publicAccessLevel: "none" })
          })
        )
        const { results } = yield* json(path)
        assert.deepStrictEqual(results.map(({ name }: any) => name).toSorted(), ["Done", "Done too"])
      }))

    it.effect("say how long to wait with a 429", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* once("users.me", { status: 429, retryAfter: 5000 })
        const before = yield* emulator.clock.now
        const reply = yield* call("/users/me")
        const retryAt = Number(reply.headers.get("retry-after"))
        assert.isAtLeast(retryAt, before + 5000)
        assert.isAtMost(retryAt, (yield* emulator.clock.now) + 5000)
        yield* once("users.me", { status: 429 })
        const other = yield* call("/users/me")
        assert.strictEqual(other.headers.get("retry-after"), other.headers.get("x-ratelimit-reset"))
      }))

    it.effect("change headers, and repeat warnings", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* once("users.me", {
          warnings: ["first", "second, with a comma"],
          headers: { "x-ratelimit-limit": null, "X-RateLimit-Reset": "soon", "x-many": ["1", "2"] }
        })
        // fetch joins what is repeated, so this looks at the raw headers
        const { request } = yield* Effect.promise(() => import("node:http"))
        const raw = yield* Effect.promise(() =>
          new Promise<ReadonlyArray<string>>((resolve, reject) => {
            request(
              `${emulator.baseUrl}/users/me`,
              { headers: { authorization: `Bearer ${emulator.token}` } },
              (response) => {
                response.resume()
                resolve(response.rawHeaders)
              }
            ).on("error", reject).end()
          })
        )
        const values = (name: string) =>
          raw.flatMap((value, index) => index % 2 === 1 && raw[index - 1]!.toLowerCase() === name ? [value] : [])
        assert.deepStrictEqual(values("x-redivis-warning"), ["first", "second, with a comma"])
        assert.deepStrictEqual(values("x-ratelimit-limit"), [])
        assert.deepStrictEqual(values("x-ratelimit-reset"), ["soon"])
        assert.deepStrictEqual(values("x-many"), ["1", "2"])
      }))

    it.effect("redirect", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* once("users.me", { redirect: { location: `${emulator.storageUrl}/x` } })
        const reply = yield* call("/users/me")
        assert.deepStrictEqual([reply.status, reply.headers.get("location")], [307, `${emulator.storageUrl}/x`])
        yield* once("users.me", { redirect: { location: "/y", status: 303 } })
        assert.strictEqual((yield* call("/users/me")).status, 303)
      }))

    it.effect("leave properties of an answer out", () =>
      Effect.gen(function*() {
        yield* once("datasets.get", { omit: ["owner.fullName", "nextVersion", "links"] })
        const shown = yield* json("/datasets/demo.penguins_")
        assert.deepStrictEqual(shown.owner, { kind: "user", name: "demo" })
        assert.notProperty(shown, "nextVersion")
        assert.property(shown, "version")
        yield* once("datasets.listByUser", { omit: "results.*.description" })
        const list = yield* json("/users/demo/datasets")
        assert.notProperty(list.results[0], "description")
        yield* once("datasets.listByUser", { omit: "results" })
        assert.notProperty(yield* json("/users/demo/datasets"), "results")
      }))

    it.effect("cut a body after so many bytes and close the connection", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        for (const path of ["/users/me", "/tables/demo.penguins_.birds/rows?format=csv"]) {
          for (const cutAfter of [0, 7]) {
            yield* once("*", { cutAfter })
            const cut = yield* readUntilItBreaks(emulator.baseUrl + path, emulator.token)
            assert.deepStrictEqual(cut, { bytes: cutAfter, isBroken: true }, path)
            assert.strictEqual((yield* emulator.requests).at(-1)?.outcome, "aborted")
          }
          assert.isFalse((yield* readUntilItBreaks(emulator.baseUrl + path, emulator.token)).isBroken)
        }
      }))

    it.effect("send a part of a body, then nothing", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* once("*", { stallAfter: 5 })
        const controller = new AbortController()
        const reader = yield* Effect.promise(() =>
          fetch(`${emulator.baseUrl}/users/demo/datasets`, { signal: controller.signal }).then(({ body }) =>
            body!.getReader()
          )
        )
        assert.strictEqual((yield* Effect.promise(() => reader.read())).value?.length, 5)
        assert.strictEqual(yield* emulator.unfinishedResponses, 1)
        controller.abort()
        yield* until(emulator.unfinishedResponses, (count) => count === 0)
        assert.strictEqual((yield* emulator.requests).at(-1)?.outcome, "aborted")
      }))

    it.effect("flip the bits of one byte", () =>
      Effect.gen(function*() {
        for (const path of ["/users/me", "/tables/demo.penguins_.birds/rows?format=csv"]) {
          const whole = yield* call(path)
          yield* once("*", { corrupt: 10 })
          const damaged = yield* call(path)
          yield* once("*", { corrupt: { at: 11, xor: 1 } })
          const slightly = yield* call(path)
          const differing = (other: Uint8Array) =>
            [...whole.bytes.keys()].filter((index) => whole.bytes[index] !== other[index])
          assert.deepStrictEqual(differing(damaged.bytes), [10])
          assert.strictEqual(damaged.bytes[10], whole.bytes[10]! ^ 0xff)
          assert.deepStrictEqual(differing(slightly.bytes), [11])
        }
      }))

    it.effect("send more rows than were asked for, of a session in its last stream", () =>
      Effect.gen(function*() {
        const table = "/tables/demo.penguins_.birds"
        const linesOf = (text: string) => text.trimEnd().split("\n").length
        for (const [overrun, lines] of [[1, 2], [2, 3], [100, 3]] as const) {
          yield* once("tables.listRows", { overrun })
          assert.strictEqual(linesOf((yield* call(`${table}/rows?maxResults=1`)).text), lines)
        }
        assert.strictEqual(linesOf((yield* call(`${table}/rows?maxResults=1`)).text), 1)
        const session = yield* json(`${table}/readSessions`, {
          method: "POST",
          json: { format: "jsonl", maxResults: 2, requestedStreamCount: 2 }
        })
        assert.strictEqual(session.numRows, 2)
        const streams: ReadonlyArray<{ readonly id: string }> = session.streams
        yield* add({ match: "readSessions.getStream", times: 2, do: { overrun: 5 } })
        const texts = yield* Effect.forEach(
          streams,
          ({ id }) => Effect.map(call(`/readStreams/${id}`), ({ text }) => text)
        )
        assert.deepStrictEqual(texts.map(linesOf), [1, 2])
        assert.match(texts[1]!, /Gentoo.*\n.*Chinstrap/)
      }))

    it.effect("wait before they do anything", () =>
      Effect.gen(function*() {
        yield* once("users.me", { delay: 50 })
        const before = performance.now()
        assert.strictEqual((yield* call("/users/me")).status, 200)
        assert.isAtLeast(performance.now() - before, 49)
      }))

    it.effect("happen on the storage's origin too", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* once("storage.put", { status: 503 })
        const url = `${emulator.storageUrl}/temp/x`
        assert.strictEqual((yield* callUrl(url, { method: "PUT", body: "x" })).status, 503)
        assert.strictEqual((yield* callUrl(url, { method: "PUT", body: "x" })).status, 404)
        yield* once("storage.chunk", { headers: { range: "bytes=0-1" } })
        const reply = yield* callUrl(`${emulator.storageUrl}/resumable/x`, { method: "PUT", body: "x" })
        assert.strictEqual(reply.headers.get("range"), "bytes=0-1")
        const last = (yield* emulator.requests).at(-1)
        assert.deepStrictEqual([last?.origin, last?.operation, last?.path], [
          "storage",
          "storage.chunk",
          "/resumable/x"
        ])
      }))
  }
)

describe("the request log", () => {
  plainIt.live("tells what came, whose it was and how it ended, and no token", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* call("/users/researcher/datasets?maxResults=1&labels=a&labels=b", { headers: { "x-custom": "1" } })
      yield* call("/users/researcher/datasets", { method: "POST", json: { name: "Logged", publicAccessLevel: "none" } })
      yield* call("/users/me", { token: "wrong-token-text" })
      yield* call("/nothing", { token: null })
      const [list, post, wrong, nothing] = yield* emulator.requests
      assert.deepStrictEqual(
        [list?.index, list?.operation, list?.query, list?.user, list?.status, list?.outcome, list?.headers["x-custom"]],
        [1, "datasets.listByUser", { maxResults: ["1"], labels: ["a", "b"] }, "researcher", 200, "finished", "1"]
      )
      assert.strictEqual(list?.headers["authorization"], "Bearer <researcher>")
      assert.deepStrictEqual(post?.body, { bytes: 44, json: { name: "Logged", publicAccessLevel: "none" } })
      assert.deepStrictEqual([wrong?.user, wrong?.status, wrong?.headers["authorization"]], [
        null,
        401,
        "Bearer <unknown>"
      ])
      assert.deepStrictEqual([nothing?.operation, nothing?.status, nothing?.headers["authorization"]], [
        undefined,
        404,
        undefined
      ])
      const all = JSON.stringify(yield* emulator.requests)
      assert.notInclude(all, emulator.token)
      assert.notInclude(all, "wrong-token-text")
      yield* emulator.clearRequests
      assert.deepStrictEqual(yield* emulator.requests, [])
    }).pipe(Effect.provide(Emulator.layer())))

  plainIt.live("counts sockets, and those of a closed emulator are closed", () =>
    Effect.gen(function*() {
      const { Agent, request } = yield* Effect.promise(() => import("node:http"))
      const agent = new Agent({ keepAlive: true })
      let closed = 0
      yield* Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        assert.strictEqual(yield* emulator.openSockets, 0)
        yield* Effect.promise(() =>
          new Promise<void>((resolve) => {
            const sent = request(`${emulator.baseUrl}/users/me`, { agent }, (response) => {
              response.resume()
              response.on("end", resolve)
            })
            sent.on("socket", (socket) => socket.on("close", () => closed++))
            sent.end()
          })
        )
        assert.deepStrictEqual(yield* emulator.sockets, { api: 1, storage: 0 })
        assert.strictEqual(yield* emulator.openSockets, 1)
      }).pipe(Effect.provide(Emulator.layer()))
      yield* until(Effect.sync(() => closed), (count) => count === 1)
    }))
})
