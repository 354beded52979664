import { assert, layer } from "@effect/vitest"
import { query } from "@effect-redivis/core/Contract"
import { tableFromIPC } from "@uwdata/flechette"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Emulator from "../../src/Emulator.ts"
import { call, failure, json, penguins, until } from "./harness.ts"

const ask = (sql: string, more: object = {}, token?: string) =>
  call("/queries", { method: "POST", json: { query: sql, ...more }, token })

const run = (sql: string, more: object = {}) => json("/queries", { method: "POST", json: { query: sql, ...more } })

const rows = (id: string) =>
  Effect.gen(function*() {
    const session = yield* json(`/queries/${id}/readSessions`, { method: "POST", json: { format: "arrow" } })
    const read: Array<unknown> = []
    for (const stream of session.streams) {
      const { bytes } = yield* call(`/readStreams/${stream.id}`)
      read.push(...(tableFromIPC(bytes, { useBigInt: false }).toArray() as ReadonlyArray<unknown>))
    }
    return read
  })

const workflow = {
  workflows: [{ owner: "demo", name: "Work", publicAccessLevel: "view", tables: [{ name: "Out", rows: [{ a: 1 }] }] }]
} as const

layer(Emulator.layer({ seed: { ...penguins(), ...workflow }, rateLimit: 100_000 }), { excludeTestServices: true })(
  "queries",
  (it) => {
    it.effect("run, and their rows are read like those of a table", () =>
      Effect.gen(function*() {
        const done = yield* run(
          "select species, body_mass_g + 1 as heavier from `demo.penguins_:peng:v1_0.birds` where body_mass_g > 4000 -- `no.such.table`"
        )
        assert.isTrue(Schema.is(query.Query)(done))
        assert.deepStrictEqual({ ...done, id: "", uri: "", finishedAt: 0, outputNumBytes: 0 }, {
          kind: "query",
          id: "",
          uri: "",
          status: "completed",
          errorMessage: null,
          outputNumRows: 1,
          outputNumBytes: 0,
          outputSchema: [{ name: "species", type: "string" }, { name: "heavier", type: "integer" }],
          finishedAt: 0
        })
        assert.strictEqual(done.uri, `/queries/${done.id}`)
        assert.deepStrictEqual(yield* json(done.uri), done)
        assert.deepStrictEqual(yield* rows(done.id), [{ species: "Gentoo", heavier: 5001 }])
        const { kind, results } = yield* json(`/queries/${done.id}/variables`)
        assert.strictEqual(kind, "variableList")
        assert.deepStrictEqual(results.map(({ name, type, uri }: any) => [name, type, uri]), [
          ["species", "string", `/queries/${done.id}/variables/species`],
          ["heavier", "integer", `/queries/${done.id}/variables/heavier`]
        ])
      }))

    it.effect("find tables by a default, and those of workflows", () =>
      Effect.gen(function*() {
        const count = (sql: string, more: object = {}) =>
          Effect.flatMap(run(sql, more), (done) => {
            assert.strictEqual(done.status, "completed", done.errorMessage)
            return rows(done.id)
          })
        assert.deepStrictEqual(yield* count("select count(*) as n from birds", { defaultDataset: "demo.penguins_" }), [{
          n: 3
        }])
        assert.deepStrictEqual(
          yield* count("select count(*) as n from `Birds`", { defaultDataset: "demo.penguins_:v1.0" }),
          [{ n: 3 }]
        )
        assert.deepStrictEqual(yield* count("select a from Out", { defaultWorkflow: "demo.work" }), [{ a: 1 }])
        assert.deepStrictEqual(yield* count("select a from `demo.work.out`"), [{ a: 1 }])
        const both = { defaultDataset: "demo.penguins_", defaultWorkflow: "demo.work" }
        assert.deepStrictEqual(yield* count("select a from out", both), [{ a: 1 }])
        assert.deepStrictEqual(yield* count("select 1 as one"), [{ one: 1 }])
      }))

    it.effect("fail with a message and a place where their text is wrong", () =>
      Effect.gen(function*() {
        const wrong = [
          ["selec 1", /1:1/],
          ["select 1\nfrom birds", /default dataset.*\[2:6\]/],
          ["select nothing from `demo.penguins_.birds`", /nothing.*\[1:8\]/],
          ["drop table `demo.penguins_.birds`", /1:1/],
          ["select 1 from `a.b.c.d.e`", /no reference of a table.*\[1:15\]/]
        ] as const
        for (const [sql, message] of wrong) {
          const failed = yield* run(sql)
          assert.strictEqual(failed.status, "failed", sql)
          assert.match(failed.errorMessage, message, sql)
          assert.isNull(failed.outputSchema)
          assert.strictEqual((yield* json(failed.uri)).status, "failed")
          // what has no rows is not read
          assert.strictEqual((yield* call(`/queries/${failed.id}/variables`)).status, 400)
          assert.strictEqual((yield* call(`/queries/${failed.id}/readSessions`, { method: "POST" })).status, 400)
        }
      }))

    it.effect("fail while they run with a message", () =>
      Effect.gen(function*() {
        const failed = yield* run("select cast(species as int64) as n from `demo.penguins_.birds`")
        assert.strictEqual(failed.status, "failed")
        assert.include(failed.errorMessage, "Adelie")
      }))

    it.effect("are refused where a request is malformed", () =>
      Effect.gen(function*() {
        for (
          const [body, field] of [
            [{}, "query"],
            [{ query: "" }, "query"],
            [{ query: "x".repeat(1_000_001) }, "query"],
            [{ query: "select 1", timeoutMs: 60_001 }, "timeoutMs"],
            [{ query: "select 1", defaultDataset: "no.good.dataset" }, "defaultDataset"],
            [{ query: "select 1", defaultWorkflow: "x" }, "defaultWorkflow"]
          ] as const
        ) {
          const { description, status } = failure(yield* call("/queries", { method: "POST", json: body }))
          assert.strictEqual(status, 400)
          assert.include(description, field)
        }
      }))

    it.effect("need data access to every table that they name", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const [dataset] = penguins().datasets
        yield* emulator.seed({
          datasets: [
            { ...dataset, name: "Hidden", referenceId: "hidn", publicAccessLevel: "none" },
            { ...dataset, name: "Seen", referenceId: "seen", publicAccessLevel: "metadata" }
          ]
        })
        const other = yield* emulator.makeToken({ user: "other" })
        const demo = yield* emulator.makeToken({ user: "demo" })
        const small = yield* emulator.makeToken({ user: "demo", scopes: ["data.metadata"] })
        const status = (sql: string, token: string) =>
          Effect.map(ask(sql, {}, token), (reply) => [reply.status, JSON.parse(reply.text).error ?? "-"])
        const both = "select 1 as a from `demo.penguins_.birds` cross join (select 1 from `demo.hidden.birds`)"
        assert.deepStrictEqual(yield* status(both, other), [404, "not_found"])
        assert.deepStrictEqual(yield* status(both, demo), [200, "-"])
        assert.deepStrictEqual(yield* status(both, small), [403, "insufficient_scope"])
        assert.deepStrictEqual(yield* status("select 1 from `demo.seen.birds`", other), [403, "forbidden"])
        const absent = failure(yield* ask("select 1 from `demo.absent.birds`", {}, other))
        const hidden = failure(yield* ask("select 1 from `demo.hidden.birds`", {}, other))
        assert.strictEqual(hidden.description.replace("hidden", "absent"), absent.description)
        assert.deepStrictEqual(yield* status("select 1 from `demo.penguins_.birds`", small), [200, "-"])
        assert.strictEqual(
          (yield* call("/queries", { method: "POST", json: { query: "select 1" }, token: null })).status,
          401
        )
      }))

    it.effect("are their maker's alone", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const other = yield* emulator.makeToken({ user: "other" })
        const { id } = yield* run("select 1 as a")
        assert.strictEqual((yield* call(`/queries/${id}`, { token: other })).status, 404)
        assert.strictEqual((yield* call(`/queries/${id}/variables`, { token: other })).status, 404)
        assert.strictEqual((yield* call(`/queries/${id}/readSessions`, { method: "POST", token: other })).status, 404)
        assert.strictEqual((yield* call(`/queries/${id}`, { token: null })).status, 401)
        assert.strictEqual((yield* call("/queries/unknown")).status, 404)
        const session = yield* json(`/queries/${id}/readSessions`, { method: "POST" })
        assert.strictEqual((yield* call(`/readStreams/${session.streams[0].id}`, { token: other })).status, 404)
        assert.strictEqual((yield* call(`/readStreams/${session.streams[0].id}`, { token: null })).status, 401)
      }))

    it.effect("are answered before they are done where the time is up", () =>
      Effect.gen(function*() {
        const started = yield* run("select count(*) as n from `demo.penguins_.birds`", { timeoutMs: 0 })
        assert.include(["queued", "running", "completed"], started.status)
        const done = yield* until(json(started.uri), ({ status }) => status === "completed")
        assert.strictEqual(done.outputNumRows, 1)
      }))
  }
)
