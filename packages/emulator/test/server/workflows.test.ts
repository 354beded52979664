import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import type * as Seed from "../../src/Seed.ts"
import { call, callUrl, failure, json, penguins, until } from "./harness.ts"
import { parquetOf } from "../parquetFile.ts"

const seed: Seed.Seed = {
  ...penguins("none"),
  datasets: [
    ...penguins("none").datasets,
    { owner: "other", name: "Shore", publicAccessLevel: "data", tables: [{ name: "Crabs", rows: [{ legs: 8 }] }] }
  ],
  tokens: [{ text: "demo-token", user: "demo" }, { text: "other-token", user: "other" }],
  workflows: [
    {
      owner: "demo",
      name: "Work",
      publicAccessLevel: "view",
      parameters: [
        { name: "Kinds", values: ["Adelie", "O'Gentoo"] },
        { name: "Least", values: [3000.5] },
        { name: "Days", type: "date", values: ["2020-01-02"] },
        { name: "None", values: [] }
      ],
      dataSources: [{ sourceDataset: "demo.penguins_:peng" }, { sourceDataset: "other.shore" }],
      transforms: [{ name: "Pick", query: "select 1 as one" }],
      notebooks: [{ name: "Book" }]
    },
    {
      owner: "demo",
      name: "Above",
      tables: [{ name: "Birds", rows: [{ own: 1 }] }],
      dataSources: [{ sourceDataset: "demo.penguins_:peng" }, { sourceWorkflow: "demo.work" }],
      transforms: [{ name: "Counted", query: "select count(*) as n from birds" }]
    }
  ]
}

const token = "demo-token"

const post = (path: string, body?: unknown) => json(path, { method: "POST", token, json: body })

const patch = (path: string, body: unknown, as = token) => call(path, { method: "PATCH", token: as, json: body })

/** The rows of the output table of a transform that runs a query. */
const output = (query: string, more: object = {}) =>
  Effect.gen(function*() {
    yield* patch("/transforms/demo.work.pick", { query, ...more })
    yield* post("/transforms/demo.work.pick/run")
    const done = yield* until(json("/transforms/demo.work.pick", { token }), ({ currentJob }) => currentJob === null)
    if (done.lastRunJob.status !== "completed") return String(done.lastRunJob.errorMessage)
    const { text } = yield* call(
      `/tables/${encodeURIComponent(done.outputTable.qualifiedReference)}/rows?format=ndjson`,
      { token }
    )
    return text.trim().split("\n").map((line) => JSON.parse(line) as unknown)
  })

/** Puts a file into storage for a job, and what the output table becomes of it. */
const putOutput = (job: string, file: Uint8Array<ArrayBuffer>, body: object) =>
  Effect.gen(function*() {
    const { results } = yield* post(`/notebookJobs/${job}/tempUploads`, {
      tempUploads: [{ size: file.byteLength, resumable: false }]
    })
    yield* callUrl(results[0].url, { method: "PUT", body: file })
    return yield* call(`/notebookJobs/${job}/outputTable`, {
      method: "PUT",
      token,
      json: { tempUploadId: results[0].id, ...body }
    })
  })

layer(Emulator.layer({ seed, rateLimit: 100_000 }), { excludeTestServices: true })("workflows", (it) => {
  it.effect("are seen by who may, edited by who may, and hidden from the rest", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* json("/workflows/demo.work", { token: "other-token" })).accessLevel, "view")
      assert.strictEqual((yield* call("/workflows/demo.work", { token: null })).status, 401)
      assert.strictEqual((yield* call("/workflows/demo.above", { token: "other-token" })).status, 404)
      const body = { name: "mine", values: [1] }
      const parameters = "/workflows/demo.work/parameters"
      assert.strictEqual((yield* call(parameters, { method: "POST", token: null, json: body })).status, 401)
      assert.strictEqual((yield* call(parameters, { method: "POST", token: "other-token", json: body })).status, 403)
      const emulator = yield* Emulator.Emulator
      const reader = yield* emulator.makeToken({ user: "demo", scopes: ["workflow.read"] })
      assert.strictEqual((yield* json("/workflows/demo.above", { token: reader })).name, "Above")
      const refused = yield* call(parameters, { method: "POST", token: reader, json: body })
      assert.deepStrictEqual(
        { ...JSON.parse(refused.text), error_description: "" },
        {
          status: 403,
          error: "insufficient_scope",
          error_description: "",
          scope: "workflow.write",
          amr_values: []
        }
      )
    }))

  it.effect("give away neither sources nor rows that the account may not see", () =>
    Effect.gen(function*() {
      const listed = yield* json("/workflows/demo.work/dataSources", { token: "other-token" })
      assert.sameMembers(
        listed.results.map(({ sourceDataset }: any) => sourceDataset?.name ?? null),
        [null, "Shore"]
      )
      assert.strictEqual((yield* call("/tables/demo.work.birds", { token: "other-token" })).status, 404)
      assert.strictEqual((yield* json("/tables/demo.work.birds", { token })).name, "Birds")
      assert.strictEqual((yield* json("/tables/demo.work.crabs", { token: "other-token" })).numRows, 1)
      yield* patch("/transforms/demo.work.pick", { query: "select 1 from birds, crabs" })
      const names = (as: string) =>
        Effect.map(
          json("/transforms/demo.work.pick", { token: as }),
          ({ referencedTables }) => referencedTables.map(({ name }: any) => name)
        )
      assert.deepStrictEqual([yield* names(token), yield* names("other-token")], [["Birds", "Crabs"], ["Crabs"]])
    }))

  it.effect("put their own tables before those of their sources", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* json("/tables/demo.above.birds", { token })).container.name, "Above")
      const { results } = yield* json("/workflows/demo.above/tables", { token })
      assert.deepStrictEqual(results.map(({ name }: any) => name), ["Birds"])
    }))

  it.effect("lend their parameters to the queries of transforms, as lists of their type", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* output("select species from birds where species in unnest(@kinds) and body_mass_g > @LEAST[offset(0)]"),
        [["Adelie"]]
      )
      assert.deepStrictEqual(
        yield* output(
          "select array_length(@kinds) as k, @kinds[offset(1)] as v, @days[offset(0)] as d, array_length(@none) as n"
        ),
        [["2", "O'Gentoo", "2020-01-02", "0"]]
      )
      assert.include(String(yield* output("select @absent")), "The parameter @absent has no value")
      assert.include(String(yield* output("select 'a' in unnest(@least)")), "FLOAT64")
      // a query that is none of a workflow has none
      const { errorMessage } = yield* post("/queries", { query: "select @kinds", defaultWorkflow: "demo.work" })
      assert.include(errorMessage, "The parameter @kinds has no value")
    }))

  it.effect("let a transform read its source table by a name of its own", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* output("select legs from _source_", { sourceTable: "other.shore.crabs" }), [["8"]])
      const stranger = yield* patch("/transforms/demo.work.pick", { sourceTable: "demo.above.birds" })
      assert.deepStrictEqual(failure(stranger), {
        status: 400,
        error: "invalid_request",
        description: "\"sourceTable\": demo.above.birds is a table neither of the workflow nor of its data sources"
      })
      const absent = yield* patch("/transforms/demo.work.pick", { sourceTable: "demo.above.nothing" })
      assert.strictEqual(absent.status, 404)
      assert.strictEqual((yield* patch("/transforms/demo.work.pick", { sourceTable: "a.b.c.d" })).status, 400)
      yield* patch("/transforms/demo.above.counted", { query: "select * from _source_" })
      yield* post("/transforms/demo.above.counted/run")
      const done = yield* until(
        json("/transforms/demo.above.counted", { token }),
        ({ currentJob }) => currentJob === null
      )
      assert.include(done.lastRunJob.errorMessage, "the transform has no source table")
      assert.isNull(done.outputTable)
    }))

  it.effect("take what the R client sends: one value for a list, TRUE as text, an empty list for no body", () =>
    Effect.gen(function*() {
      const made = yield* post("/workflows/demo.above/parameters", { name: "one", values: "a" })
      assert.deepStrictEqual([made.type, made.values], ["string", ["a"]])
      assert.strictEqual((yield* patch(made.uri, [])).status, 200)
      const { currentJob } = yield* post("/notebooks/demo.work.book/run")
      const first = yield* parquetOf("SELECT 'POINT(1 2)' AS place, 'POINT(3 4)' AS text, 9007199254740993 AS big")
      const put = yield* putOutput(currentJob.id, first, { append: "FALSE", geographyVariables: "place" })
      assert.strictEqual(put.status, 200, put.text)
      const types = (yield* json("/tables/demo.work.book_output/variables", { token })).results
      assert.deepStrictEqual(types.map(({ name, type }: any) => [name, type]), [
        ["place", "geography"],
        ["text", "string"],
        ["big", "integer"]
      ])
      const appended = yield* putOutput(currentJob.id, first, { append: "TRUE", name: "Places" })
      assert.deepStrictEqual(
        [JSON.parse(appended.text).name, JSON.parse(appended.text).numRows, JSON.parse(appended.text).id],
        ["Places", 2, JSON.parse(put.text).id]
      )
      const { text } = yield* call("/tables/demo.work.places/rows?format=ndjson", { token })
      assert.strictEqual(
        text.trim().split("\n")[1],
        JSON.stringify(["POINT(1 2)", "POINT(3 4)", "9007199254740993"])
      )
    }))

  it.effect("refuse outputs of a run that is over, and of bytes that are another's", () =>
    Effect.gen(function*() {
      const { currentJob } = yield* post("/notebooks/demo.work.book/run")
      const file = new TextEncoder().encode("a\n1\n")
      const { results } = yield* post(`/notebookJobs/${currentJob.id}/tempUploads`, { tempUploads: [{ size: 4 }] })
      const put = (tempUploadId: string, job = currentJob.id) =>
        call(`/notebookJobs/${job}/outputTable`, { method: "PUT", token, json: { tempUploadId } })
      assert.include(failure(yield* put(results[0].id)).description, "0 of 4 bytes were received")
      assert.include(failure(yield* put("nothing")).description, "tempUploadId")
      yield* callUrl(results[0].url, { method: "PUT", body: file })
      assert.strictEqual((yield* put(results[0].id)).status, 200)
      assert.include(failure(yield* put(results[0].id)).description, "used already")
      const next = yield* post("/notebooks/demo.work.book/run")
      assert.include(failure(yield* put(results[0].id)).description, "has ended")
      assert.include(failure(yield* put(results[0].id, next.currentJob.id)).description, "another table or job")
      const arrow = new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0])
      assert.include(
        failure(yield* putOutput(next.currentJob.id, arrow, {})).description,
        "Files of type arrow are not read by the emulator"
      )
      yield* post("/notebooks/demo.work.book/stop")
      assert.strictEqual((yield* put(results[0].id, next.currentJob.id)).status, 400)
      // a transform's job is none of a notebook
      const { lastRunJob } = yield* json("/transforms/demo.work.pick", { token })
      assert.strictEqual((yield* put(results[0].id, lastRunJob.id)).status, 404)
    }))

  it.effect("keep old names of tables through one source after another", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const dataset = (name: string, table: string, n: number) => ({
        owner: "demo",
        name,
        tables: [{ name: table, rows: [{ n }] }]
      })
      yield* emulator.seed({
        datasets: [dataset("one", "first", 1), dataset("two", "second", 2), dataset("three", "third", 3)],
        workflows: [{
          owner: "demo",
          name: "Chain",
          dataSources: [{ sourceDataset: "demo.one" }],
          transforms: [{ name: "Read", query: "select n from first", sourceTable: "first" }]
        }]
      })
      const change = (source: string, body: object) => patch(`/workflows/demo.chain/dataSources/${source}`, body)
      const read = Effect.map(
        call("/tables/demo.chain.first/rows?format=ndjson", { token }),
        ({ text }) => JSON.parse(text) as unknown
      )
      // as the Python client: with nulls
      const second = { sourceDataset: "demo.two", sourceWorkflow: null, mappedTables: { first: "second" } }
      assert.strictEqual((yield* change("demo.one", second)).status, 200)
      assert.deepStrictEqual(yield* read, ["2"])
      const unmatched = yield* change("demo.two", { sourceDataset: "demo.three" })
      assert.include(failure(unmatched).description, "The transform Read uses the table second")
      const third = { sourceDataset: "demo.three", mappedTables: { second: "third" } }
      assert.strictEqual((yield* change("demo.two", third)).status, 200)
      assert.deepStrictEqual(yield* read, ["3"])
      assert.strictEqual((yield* json("/transforms/demo.chain.read", { token })).sourceTable.name, "third")
      const neither = yield* change("demo.three", { mappedTables: { third: "third" } })
      assert.include(failure(neither).description, "exactly one of sourceDataset and sourceWorkflow")
    }))
})
