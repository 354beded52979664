/** What errors say: the service's own words where they are known. */
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, failure, json, penguins } from "./harness.ts"

const seed = {
  ...penguins("none"),
  workflows: [{
    owner: "researcher",
    name: "Work",
    transforms: [{ name: "step", query: "select 1 as one" }],
    notebooks: [{ name: "book" }]
  }]
} as const

layer(Emulator.layer({ seed }), { excludeTestServices: true })("an error", (it) => {
  const said = (path: string, options: Parameters<typeof call>[1] = {}) =>
    Effect.map(call(path, options), (reply) => {
      const { description, error, status } = failure(reply)
      return `${status} ${String(error)}: ${description}`
    })

  it.effect("of a path that is none", () =>
    Effect.gen(function*() {
      for (const path of ["/nothing", "/users/me/x/y", "/Users/me"]) {
        assert.strictEqual(yield* said(path), "404 not_found: Invalid API endpoint")
      }
      assert.strictEqual(yield* said("/users/me", { method: "DELETE" }), "404 not_found: Invalid API endpoint")
    }))

  it.effect("of a reference without an owner", () =>
    Effect.gen(function*() {
      const form = "Must be of the form owner.workflow|dataset.table."
      for (const path of ["/tables/birds", "/tables/penguins.birds", "/tables/birds/rows", "/tables/birds/variables"]) {
        assert.strictEqual(yield* said(path), `400 invalid_request: Cannot look up unqualified table. ${form}`)
      }
      for (
        const [kind, path] of [["dataset", "/datasets/x"], ["workflow", "/workflows/x"], ["notebook", "/notebooks/x"]]
      ) {
        assert.match(
          yield* said(path!),
          new RegExp(`^400 invalid_request: Cannot look up unqualified ${kind}\\. Must be`)
        )
      }
    }))

  it.effect("of what is not there names it without its owner", () =>
    Effect.gen(function*() {
      yield* json("/users/researcher/datasets", { method: "POST", json: { name: "Ready", publicAccessLevel: "none" } })
      yield* json("/datasets/researcher.ready/tables", { method: "POST", json: { name: "t" } })
      yield* json("/datasets/researcher.ready/versions/next/release", { method: "POST" }).pipe(Effect.ignoreCause)
      assert.strictEqual(yield* said("/datasets/researcher.absent:next"), "404 not_found: Not found: absent:next")
      // of one that is hidden it says the same
      assert.strictEqual(yield* said("/datasets/demo.penguins_:next"), "404 not_found: Not found: penguins_:next")
      assert.strictEqual(yield* said("/tables/demo.penguins_.birds"), "404 not_found: Not found: penguins_.birds")
      assert.strictEqual(yield* said("/queries/nothing"), "404 not_found: Not found: nothing")
    }))

  it.effect("of a scope that is missing names it", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const token = yield* emulator.makeToken({ user: "demo", scopes: ["data.data"] })
      const expected =
        "403 insufficient_scope: You have access to the underlying resource, but your current credentials are missing the required scope(s): data.edit"
      assert.strictEqual(yield* said("/datasets/demo.penguins_", { method: "PATCH", json: {}, token }), expected)
    }))

  it.effect("of a run that is under way says that it is already running", () =>
    Effect.gen(function*() {
      yield* json("/notebooks/researcher.work.book/run", { method: "POST" })
      assert.match(
        yield* said("/notebooks/researcher.work.book/run", { method: "POST" }),
        /^400 invalid_request: .*already running/
      )
    }))

  it.effect("of a quota that is used up tells the limit and what was used", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.setUsage({ user: "demo", readBytes: 204_900_000_000 })
      const token = yield* emulator.makeToken({ user: "demo" })
      assert.match(
        yield* said("/tables/demo.penguins_.birds/rows", { token }),
        /^400 invalid_request: Cannot export more than 200GB within a 30 day period.*You have exported 204GB in the past 30 days/
      )
    }))
})

layer(Emulator.layer({ seed: penguins() }), { excludeTestServices: true })("a name that is not what it was", (it) => {
  it.effect("a table that was made again has another id, and its old one is 404, the name right or not", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const token = yield* emulator.makeToken({ user: "demo" })
      const ask = (method: string, path: string, body?: unknown) =>
        json(path, { method, token, ...(body === undefined ? {} : { json: body }) })
      yield* ask("POST", "/datasets/demo.penguins_/versions")
      const before = yield* ask("GET", "/tables/demo.penguins_:next.birds")
      yield* call("/tables/demo.penguins_:next.birds", { method: "DELETE", token })
      const after = yield* ask("POST", "/datasets/demo.penguins_:next/tables", { name: "Birds" })
      assert.notStrictEqual(after.referenceId, before.referenceId)
      const status = (table: string) =>
        Effect.map(call(`/tables/demo.penguins_:next.${table}`, { token }), (reply) => reply.status)
      assert.strictEqual(yield* status(`birds:${after.referenceId}`), 200)
      assert.strictEqual(yield* status(`birds:${before.referenceId}`), 404)
      assert.strictEqual(yield* status("birds"), 200)
    }))

  it.effect("the version of a query's default dataset does not reach names in full", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed({
        datasets: [{
          owner: "demo",
          name: "Grown",
          publicAccessLevel: "data",
          versions: [{ tables: [{ name: "t", rows: [{ a: 1 }] }] }, { tables: [{ name: "t", rows: [{ a: 2 }] }] }]
        }]
      })
      const count = Effect.fnUntraced(function*(table: string, defaultDataset?: string) {
        const query = yield* json("/queries", {
          method: "POST",
          json: {
            query: `select count(*) as n from ${table}`,
            ...(defaultDataset === undefined ? {} : { defaultDataset })
          }
        })
        assert.strictEqual(query.status, "completed", query.errorMessage)
        return (yield* call(`/queries/${query.id}/rows?format=csv`)).text.trim().split("\n").at(-1)
      })
      const first = yield* count("`demo.grown:v1_0.t`")
      const current = yield* count("`demo.grown.t`")
      assert.notStrictEqual(first, current)
      assert.strictEqual(yield* count("t", "demo.grown:v1_0"), first)
      assert.strictEqual(yield* count("`demo.grown.t`", "demo.grown:v1_0"), current)
    }))
})
