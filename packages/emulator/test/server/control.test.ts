import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, type CallOptions, callUrl, json, penguins } from "./harness.ts"

/** A request to the controls, and its JSON. */
const control = (path: string, options: CallOptions = {}): Effect.Effect<any, never, Emulator.Emulator> =>
  Effect.flatMap(
    Emulator.Emulator,
    (emulator) =>
      Effect.map(
        callUrl(`${new URL(emulator.baseUrl).origin}/_emulator${path}`, {
          ...options,
          headers: { "content-type": "application/json", ...options.headers }
        }),
        (reply) => {
          assert.isNull(reply.headers.get("access-control-allow-origin"))
          return { status: reply.status, ...JSON.parse(reply.text) }
        }
      )
  )

layer(Emulator.layer({ rateLimit: 20 }), { excludeTestServices: true })("the controls over HTTP", (it) => {
  it.effect("say where everything is", () =>
    Effect.gen(function*() {
      const { baseUrl, storageUrl, token } = yield* Emulator.Emulator
      assert.deepStrictEqual(yield* control(""), { status: 200, baseUrl, storageUrl, token })
      assert.strictEqual((yield* control("/nothing")).status, 404)
      assert.strictEqual((yield* control("/seed")).status, 404)
    }))

  it.effect("seed, and say where a seed does not fit", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* control("/seed", { method: "POST", json: penguins() })).status, 200)
      assert.strictEqual((yield* json("/tables/demo.penguins_.birds")).numRows, 3)
      const refused = yield* control("/seed", {
        method: "POST",
        json: { users: [{ name: "fine" }, { name: "not fine" }] }
      })
      assert.deepStrictEqual([refused.status, refused.path], [400, "users[1].name"])
      assert.strictEqual((yield* call("/users/fine/datasets")).status, 404)
      // no file of the machine is read for whoever asks
      const files = yield* control("/seed", {
        method: "POST",
        json: { datasets: [{ owner: "demo", name: "f", tables: [{ name: "t", file: "/etc/passwd" }] }] }
      })
      assert.deepStrictEqual([files.status, files.path], [400, "datasets[0].tables[0].file"])
      assert.strictEqual((yield* control("/seed", { method: "POST", body: "{" })).status, 400)
    }))

  it.effect("make tokens", () =>
    Effect.gen(function*() {
      const { token } = yield* control("/tokens", { method: "POST", json: { user: "demo", scopes: ["public"] } })
      assert.strictEqual((yield* json("/users/me", { token })).name, "demo")
      const known = yield* control("/tokens", { method: "POST", json: { text: "wanted" } })
      assert.strictEqual(known.token, "wanted")
      assert.strictEqual((yield* json("/users/me", { token: "wanted" })).name, "researcher")
      assert.strictEqual((yield* control("/tokens", { method: "POST", json: { user: "nobody" } })).status, 400)
    }))

  it.effect("list what was asked for, and are not listed or counted themselves", () =>
    Effect.gen(function*() {
      yield* control("/requests", { method: "DELETE" })
      const before = (yield* call("/users/me")).headers.get("x-ratelimit-remaining")
      const list = yield* Effect.flatMap(Emulator.Emulator, (emulator) =>
        callUrl(`${new URL(emulator.baseUrl).origin}/_emulator/requests`))
      assert.deepStrictEqual(
        JSON.parse(list.text).map(({ operation }: any) =>
          operation
        ),
        ["users.me"]
      )
      assert.isNull(list.headers.get("x-ratelimit-remaining"))
      const after = (yield* call("/users/me")).headers.get("x-ratelimit-remaining")
      assert.strictEqual(Number(after), Number(before) - 1)
    }))

  it.effect("set faults, list and remove them", () =>
    Effect.gen(function*() {
      const { id } = yield* control("/faults", { method: "POST", json: { match: "users.me", do: { status: 500 } } })
      assert.strictEqual((yield* call("/users/me")).status, 500)
      assert.strictEqual((yield* control("/faults"))[0].applied, 1)
      yield* control(`/faults/${id}`, { method: "DELETE" })
      assert.strictEqual((yield* call("/users/me")).status, 200)
      yield* control("/faults", { method: "POST", json: { match: "users.me", do: { status: 500 } } })
      yield* control("/faults", { method: "DELETE" })
      assert.strictEqual((yield* call("/users/me")).status, 200)
      for (const wrong of [{ match: "x" }, { match: "x", do: { statuss: 1 } }, { match: "x", times: 0, do: {} }]) {
        assert.strictEqual((yield* control("/faults", { method: "POST", json: wrong })).status, 400)
      }
    }))

  it.effect("move the clock and the limit, count what is open, and begin anew", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { now } = yield* control("/clock", { method: "POST", json: { set: 1000 } })
      assert.isAtLeast(now, 1000)
      assert.isBelow(now, 60_000)
      assert.isAtLeast((yield* control("/clock", { method: "POST", json: { adjust: 100_000 } })).now, 101_000)
      assert.isBelow((yield* control("/clock")).now, 200_000)
      const counts = yield* control("/sockets")
      assert.deepStrictEqual(Object.keys(counts), ["status", "api", "storage", "openStreams", "unfinishedResponses"])
      assert.isAtLeast(counts.api, 1)
      yield* control("/rateLimit", { method: "POST", json: { limit: 7 } })
      assert.strictEqual((yield* call("/users/me")).headers.get("x-ratelimit-limit"), "7")
      const { token } = yield* control("/reset", { method: "POST" })
      assert.strictEqual(token, emulator.token)
      assert.isAbove((yield* control("/clock")).now, 1_000_000)
      assert.strictEqual((yield* call("/users/me")).headers.get("x-ratelimit-limit"), "20")
      assert.strictEqual((yield* call("/users/demo/datasets")).status, 404)
    }))
})
