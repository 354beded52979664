/** What is answered without a token: what the service was seen to answer, and by a setting what older pages say. */
import { operations } from "@effect-redivis/core/Contract"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, callUrl, failure, json, penguins } from "./harness.ts"

const birds = "/tables/demo.penguins_.birds"

const none = { status: 401, error: "invalid_token", description: "No credentials were provided." }

/** What stands for each parameter, where there is such a thing. */
const things: Readonly<Record<string, string>> = {
  dataset: "demo.penguins_",
  table: "demo.penguins_.birds",
  workflow: "demo.work",
  transform: "demo.work.step",
  notebook: "demo.work.book",
  user: "demo",
  organization: "lab",
  variable: "species",
  tag: "current",
  parameter: "wanted"
}

const seed = {
  ...penguins(),
  organizations: [{ name: "lab" }],
  workflows: [{
    owner: "demo",
    name: "Work",
    publicAccessLevel: "view",
    parameters: [{ name: "wanted", type: "integer", values: ["1"] }],
    transforms: [{ name: "step", query: "select 1 as one" }],
    notebooks: [{ name: "book" }]
  }]
} as const

layer(Emulator.layer({ seed, rateLimit: 100_000, rowOrder: "stored" }), { excludeTestServices: true })(
  "without a token",
  (it) => {
    const others = operations.filter(({ name }) => name !== "tables.listRows")

    it.effect.each(others.map((operation) => ({ name: operation.name, operation })))(
      "$name is refused, of what is public too",
      ({ operation: { method, path } }) =>
        Effect.gen(function*() {
          const at = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(things[name] ?? "nothing"))
          const reply = yield* call(at, { method, token: null })
          const text = method === "HEAD"
            ? decodeURIComponent(reply.headers.get("x-redivis-error-payload") ?? "")
            : reply.text
          assert.deepStrictEqual(failure({ ...reply, text }), none)
        })
    )

    it.effect("rows of public tables come, in each format", () =>
      Effect.gen(function*() {
        for (const format of ["csv", "ndjson", "arrow"]) {
          const reply = yield* call(`${birds}/rows?format=${format}`, { token: null })
          assert.strictEqual(reply.status, 200, format)
          assert.deepStrictEqual(reply.bytes, (yield* call(`${birds}/rows?format=${format}`)).bytes, format)
        }
      }))

    it.effect("rows that are not public ask for an account, and those that are hidden are not there", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        for (const [level, expected] of [["overview", 401], ["metadata", 401], ["none", 404]] as const) {
          const tables = [{ name: "birds", rows: [{ species: "Adelie" }] }]
          yield* emulator.seed({ datasets: [{ owner: "demo", name: `Of ${level}`, publicAccessLevel: level, tables }] })
          const reply = failure(yield* call(`/tables/demo.of_${level}.birds/rows`, { token: null }))
          assert.strictEqual(reply.status, expected, level)
          if (expected === 401) {
            assert.deepStrictEqual([reply.error, reply.description], ["access_denied", "Must be logged in"])
          }
        }
      }))

    it.effect("the document of the API, the URL of a temporary upload and what steers tests stay open", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        assert.strictEqual((yield* call("/openAPI.yaml", { token: null })).status, 200)
        assert.strictEqual((yield* callUrl(`${new URL(emulator.baseUrl).origin}/_emulator/clock`)).status, 200)
        yield* json("/users/researcher/datasets", { method: "POST", json: { name: "Own", publicAccessLevel: "none" } })
        yield* json("/datasets/researcher.own/tables", { method: "POST", json: { name: "t" } })
        const { results } = yield* json("/tables/researcher.own.t/tempUploads", {
          method: "POST",
          json: { tempUploads: [{ name: "a.csv", size: 4, resumable: false }] }
        })
        assert.strictEqual((yield* callUrl(results[0].url, { method: "PUT", body: "a\n1\n" })).status, 200)
      }))

    it.effect("a stream is read whose session lets anyone", () =>
      Effect.gen(function*() {
        const open = yield* json(`${birds}/readSessions`, { method: "POST", json: { allowAnonymousAccess: true } })
        const closed = yield* json(`${birds}/readSessions`, { method: "POST" })
        assert.strictEqual((yield* call(`/readStreams/${open.streams[0].id}`, { token: null })).status, 200)
        assert.deepStrictEqual(failure(yield* call(`/readStreams/${closed.streams[0].id}`, { token: null })), none)
      }))
  }
)

describe("the limit of rows without a token", () => {
  const rows = (count: number) => Array.from({ length: count }, () => ({ n: 1 }))

  // an integer has 8 bytes
  const integers = {
    users: [{ name: "demo" }],
    datasets: [{
      owner: "demo",
      name: "d",
      publicAccessLevel: "data",
      tables: [{ name: "at", rows: rows(125) }, { name: "above", rows: rows(126) }, { name: "none", rows: rows(0) }]
    }]
  } as const

  it.live("counts the table's bytes exactly, and with maxResults the share of them", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* json("/tables/demo.d.at")).numBytes, 1000)
      for (
        const [table, query, expected] of [
          ["at", "", 200],
          ["above", "", 401],
          ["above", "?maxResults=126", 401],
          ["above", "?maxResults=1000000", 401],
          ["above", "?maxResults=125", 200],
          ["above", "?maxResults=0", 200],
          ["none", "", 200],
          ["none", "?maxResults=5", 200]
        ] as const
      ) {
        const path = `/tables/demo.d.${table}/rows${query}`
        assert.strictEqual((yield* call(path, { token: null })).status, expected, path)
        assert.strictEqual((yield* call(path)).status, 200, "with a token there is none")
      }
    }).pipe(Effect.provide(Emulator.layer({ seed: integers, anonymousBytes: 1000 }))))

  it.live("is 100 MB, and is told in the service's words", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const long = "x".repeat(10_000_000)
      const rows = Array.from({ length: 11 }, () => ({ text: long }))
      yield* emulator.seed({
        users: [{ name: "demo" }],
        datasets: [{ owner: "demo", name: "d", publicAccessLevel: "data", tables: [{ name: "t", rows }] }]
      })
      const read = (query: string) => call(`/tables/demo.d.t/rows?format=csv${query}`, { token: null })
      assert.deepStrictEqual(failure(yield* read("")), {
        status: 401,
        error: "invalid_token",
        description: "Results larger than 100MB are not supported for unauthenticated requests"
      })
      // a row has 10 MB, and what belongs to its length
      assert.strictEqual((yield* read("&maxResults=10")).status, 401)
      assert.strictEqual((yield* read("&maxResults=1")).status, 200)
    }).pipe(Effect.provide(Emulator.layer())), 60_000)
})
