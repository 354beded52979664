/** Parts of references that nobody knows, and names that are nearly the same. */
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, json, until } from "./harness.ts"

const rows = (count: number) => Array.from({ length: count }, (_, a) => ({ a }))

const table = (name: string, count: number) => ({ name, rows: rows(count) })

const seed = {
  users: [{ name: "demo" }],
  datasets: [
    {
      owner: "demo",
      name: "Birds",
      referenceId: "bird",
      publicAccessLevel: "data",
      versions: [{ tables: [{ ...table("Wings", 1), referenceId: "wing" }] }, { tables: [table("Wings", 2)] }]
    },
    {
      owner: "demo",
      name: "Straße/№ 7",
      publicAccessLevel: "data",
      tables: [table("Größe (cm)", 1), table("日本", 2), table("中国", 3), table("हिन्दी", 4)]
    },
    { owner: "demo", name: "日本", publicAccessLevel: "data", tables: [table("t", 1)] },
    { owner: "demo", name: "中国", publicAccessLevel: "data", tables: [table("t", 2)] }
  ],
  workflows: [{
    owner: "demo",
    name: "Work",
    publicAccessLevel: "view",
    tables: [table("東京", 5), table("大阪", 6)],
    dataSources: [{ sourceDataset: "demo.Straße/№ 7" }]
  }]
} as const

const encoded = encodeURIComponent

const count = (sql: string, more: object = {}) =>
  Effect.gen(function*() {
    const { id } = yield* json("/queries", { method: "POST", json: { query: sql, ...more } })
    const done = yield* until(json(`/queries/${id}`), ({ status }) => status === "completed" || status === "failed")
    return done.status === "failed"
      ? done.errorMessage
      : (yield* call(`/queries/${id}/rows?format=csv`)).text.trim().split("\n")[1]
  })

/** What a mistyped version, or anything else that is none, may look like. */
const unknown = ["banana", "latest", "v1", "v99", "V1-0", "1_0", "nexst", "x", "v1_0x", "v1_0_0", "banana:apple", "a-b"]

layer(Emulator.layer({ seed, rateLimit: 100_000 }), { excludeTestServices: true })("a part of a reference", (it) => {
  it.effect("that is not known is ignored, and the name decides", () =>
    Effect.gen(function*() {
      for (const part of unknown) {
        const shown = yield* json(`/datasets/${encoded(`demo.birds:${part}`)}`)
        assert.deepStrictEqual([shown.referenceId, shown.version.tag], ["bird", "v1.1"], part)
        const head = yield* call(`/datasets/${encoded(`demo.birds:${part}`)}`, { method: "HEAD" })
        assert.strictEqual(head.status, 200, part)
        for (
          const reference of [`demo.birds:${part}.wings`, `demo.birds.wings:${part}`, `demo.birds:bird:${part}.wings`]
        ) {
          assert.strictEqual((yield* json(`/tables/${encoded(reference)}`)).numRows, 3, reference)
        }
        const tables = yield* json(`/datasets/${encoded(`demo.birds:${part}`)}/tables`)
        assert.deepStrictEqual(tables.results.map(({ numRows }: any) => numRows), [3], part)
      }
      assert.strictEqual(yield* count("select count(*) from `demo.birds:banana.wings`"), "3")
      assert.strictEqual(
        yield* count("select count(*) from wings", { defaultDataset: "demo.birds:banana" }),
        "3"
      )
      assert.strictEqual((yield* json(`/workflows/${encoded("demo.work:banana")}`)).name, "Work")
    }))

  it.effect("that is known decides beside one that is not", () =>
    Effect.gen(function*() {
      for (
        const reference of [
          "birds:banana:v1_0",
          "birds:v1.0:banana",
          "birds:bird:banana:v1_0",
          "other:banana:bird:v1_0"
        ]
      ) {
        const shown = yield* json(`/datasets/${encoded(`demo.${reference}`)}`)
        assert.deepStrictEqual([shown.name, shown.version.tag], ["Birds", "v1.0"], reference)
      }
      // what is like an id is one, of nothing here, and a version is one also where there is none
      for (const reference of ["birds:zzzz", "birds:0000", "birds:banana:zzzz", "birds:v9.0", "birds:v9_0:banana"]) {
        assert.strictEqual((yield* call(`/datasets/${encoded(`demo.${reference}`)}`)).status, 404, reference)
      }
      assert.strictEqual((yield* call(`/tables/${encoded("demo.birds.wings:zzzz")}`)).status, 404)
    }))

  it.effect("is refused where a request asks for strict references", () =>
    Effect.gen(function*() {
      for (const part of unknown) {
        const { status } = yield* call(`/datasets/${encoded(`demo.birds:${part}`)}?strictReferences`)
        assert.include([400, 404], status, part)
      }
    }))
})

layer(Emulator.layer({ seed, rateLimit: 100_000, strictReferences: true }), { excludeTestServices: true })(
  "an emulator that takes references strictly",
  (it) => {
    it.effect("finds nothing by a part that is not known, or by an id of another name", () =>
      Effect.gen(function*() {
        for (const part of unknown) {
          const { status } = yield* call(`/datasets/${encoded(`demo.birds:${part}`)}`)
          assert.strictEqual(status, /[:-]/.test(part) ? 400 : 404, part)
          assert.include([400, 404], (yield* call(`/tables/${encoded(`demo.birds:${part}.wings`)}`)).status, part)
        }
        assert.strictEqual((yield* call(`/datasets/${encoded("demo.other:bird")}`)).status, 404)
        assert.strictEqual((yield* json(`/datasets/${encoded("demo.birds:bird:v1_0")}`)).version.tag, "v1.0")
      }))
  }
)

layer(Emulator.layer({ seed, rateLimit: 100_000 }), { excludeTestServices: true })("a name", (it) => {
  it.effect("is found in each normal form that clients make of it", () =>
    Effect.gen(function*() {
      for (const name of ["Straße/№ 7", "straße_7", "stra_e_7", "stra_e_7_", "STRAßE 7"]) {
        const shown = yield* json(`/datasets/${encoded(`demo.${name}`)}`)
        assert.strictEqual(shown.name, "Straße/№ 7", name)
        for (const inner of ["Größe (cm)", "größe_cm", "gr_e_cm", "gr_e_cm_", "Gro\u0308ße (cm)"]) {
          const found = yield* json(`/tables/${encoded(`demo.${name}.${inner}`)}`)
          assert.strictEqual(found.name, "Größe (cm)", inner)
        }
      }
    }))

  it.effect("is looked for as it is before its normal form", () =>
    Effect.gen(function*() {
      const container = "demo.Straße/№ 7"
      for (const [name, numRows] of [["日本", 2], ["中国", 3], ["हिन्दी", 4], ["ह_न_द", 4]] as const) {
        assert.strictEqual((yield* json(`/tables/${encoded(`${container}.${name}`)}`)).numRows, numRows, name)
      }
      assert.strictEqual(yield* count("select count(*) from `demo.Straße/№ 7.中国`"), "3")
      for (const [name, numRows] of [["日本", 1], ["中国", 2]] as const) {
        assert.strictEqual((yield* json(`/tables/${encoded(`demo.${name}.t`)}`)).numRows, numRows, name)
      }
      // nearer in a data source than in the workflow itself
      for (const [name, numRows] of [["東京", 5], ["大阪", 6], ["中国", 3], ["日本", 2]] as const) {
        assert.strictEqual((yield* json(`/tables/${encoded(`demo.work.${name}`)}`)).numRows, numRows, name)
      }
    }))

  it.effect("in another script stays one of its own, and one that is the same is taken", () =>
    Effect.gen(function*() {
      const make = (name: string) =>
        call("/users/researcher/datasets", { method: "POST", json: { name, publicAccessLevel: "none" } })
      for (const name of ["птицы", "гнёзда", "طيور", "鳥", "Ete", "Été"]) {
        assert.strictEqual((yield* make(name)).status, 200, name)
      }
      for (const name of ["ПТИЦЫ", "гне\u0308зда", "été!", "_ETE_"]) {
        assert.strictEqual((yield* make(name)).status, 400, name)
      }
      for (const name of ["!!", "№"]) {
        assert.strictEqual((yield* make(name)).status, 400, name)
      }
      const inner = (name: string) =>
        call(`/datasets/${encoded("researcher.птицы")}/tables`, { method: "POST", json: { name } })
      for (const name of ["один", "два"]) assert.strictEqual((yield* inner(name)).status, 200, name)
      assert.strictEqual((yield* inner("ОДИН")).status, 400)
      const upload = (name: string) =>
        json(`/tables/${encoded("researcher.птицы:next.один")}/uploads`, {
          method: "POST",
          json: { name, type: "stream", schema: [{ name: "a", type: "string" }] }
        })
      const names = ["日本.csv", "中国.csv", "日本.csv", "a.csv", "A.csv"]
      const made = yield* Effect.forEach(names, upload)
      assert.deepStrictEqual(made.map(({ name }) => name), ["日本.csv", "中国.csv", "日本_1.csv", "a.csv", "A_1.csv"])
      for (const name of ["日本.csv", "中国.csv", "中国_csv", "日本_1.csv", "a_csv"]) {
        const found = yield* json(`/tables/${encoded("researcher.птицы:next.один")}/uploads/${encoded(name)}`)
        assert.strictEqual(found.name, name.replace("_csv", ".csv"))
      }
    }))
})
