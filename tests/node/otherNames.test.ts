/** Every function whose name decides that something is given, kept, replaced, changed or deleted, where what is found has another name. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Parameter from "@effect-redivis/core/Parameter"
import * as Publish from "@effect-redivis/core/Publish"
import type { Redivis } from "@effect-redivis/core/Redivis"
import * as Secret from "@effect-redivis/core/Secret"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import type * as Seed from "@effect-redivis/emulator/Seed"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { against } from "./scriptedClient.ts"
import type { Received, Reply } from "./scriptedServer.ts"

const data = new TextEncoder().encode("a\n1\n")

const table = "demo.data:next.birds"

type Named = (name: string) => Effect.Effect<unknown, { readonly _tag: string }, Redivis>

interface Row {
  readonly title: string
  readonly call: Named
  /** What is sent beside GET where the very name is found, and where another one is: `create` goes on, nothing else does. */
  readonly exact: ReadonlyArray<string>
  readonly other: ReadonlyArray<string>
  /** A creation does not fail where nothing of its name is there. */
  readonly creates: boolean
}

const touching = (title: string, call: Named, verb?: string): Row => ({
  title,
  call,
  exact: verb === undefined ? [] : [verb],
  other: [],
  creates: false
})

const rows: ReadonlyArray<Row> = [
  touching("Upload.get", (name) => Upload.get(table, name)),
  touching("Upload.remove", (name) => Upload.remove(table, name), "DELETE"),
  touching("Upload.insertRows", (name) => Upload.insertRows(table, name, { rows: [{ a: 1 }] }), "POST"),
  touching("Variable.update", (name) => Variable.update({ table, upload: name }, "a", { label: "A" }), "PATCH"),
  touching("Parameter.get", (name) => Parameter.get("demo.work", name)),
  touching("Parameter.update", (name) => Parameter.update("demo.work", name, { values: [1] }), "PATCH"),
  touching("Parameter.remove", (name) => Parameter.remove("demo.work", name), "DELETE"),
  touching("Secret.get of a user", (name) => Effect.map(Secret.get({ user: "demo" }, name), Redacted.value)),
  touching("Secret.get of an organization", (name) => Secret.get({ organization: "demo" }, name)),
  {
    title: "Upload.create that keeps",
    call: (name) => Upload.create(table, { name, data, onConflict: "keep" }),
    exact: [],
    other: ["POST"],
    creates: true
  },
  {
    title: "Upload.create that replaces",
    call: (name) => Upload.create(table, { name, data, onConflict: "replace" }),
    exact: ["DELETE", "POST"],
    other: ["POST"],
    creates: true
  },
  {
    title: "Dataset.createIfNotExists",
    call: (name) => Dataset.createIfNotExists({ user: "demo" }, { name }),
    exact: [],
    other: ["POST"],
    creates: true
  }
]

/** A server that gives one thing by whatever name, or has nothing; it calls what is made `made`. */
const holding = (held: string | undefined, makes = true) => ({ method, target }: Received): Reply => {
  const name = method === "POST" && makes ? "made" : held
  const path = target.split("?")[0]!
  if (name === undefined) {
    return { status: 404, body: { status: 404, error: "not_found", error_description: "Not found" } }
  }
  if (method === "DELETE") return { body: "OK" }
  const uri = path.replace(/^.*\/api\/v1/, "")
  return {
    body: {
      name,
      uri: path.includes("/uploads") && !/\/uploads\/[^/]+$/.test(path) ? "/tables/demo.data.birds/uploads/made" : uri,
      qualifiedReference: "demo.data:ab12:next",
      scopedReference: "data:ab12:next",
      owner: { kind: "user", name: "demo" },
      status: "completed",
      type: "integer",
      value: "secret",
      values: [1]
    }
  }
}

/** What is asked for, and what a server may have tidied it to, or take for it. */
const others = [
  ["中国.csv", "日本.csv"],
  ["a b.csv", "a_b.csv"],
  ["A.csv", "a.csv"],
  ["birds.csv", "birds_csv"],
  ["birds!", "birds"],
  ["Größe", "Grosse"]
] as const

const sent = (received: ReadonlyArray<Received>): ReadonlyArray<string> =>
  received.map(({ method }) => method).filter((method) => method !== "GET")

describe("a server that finds another name", () => {
  it.live.each(rows)("gives nothing that is touched: $title", ({ call, creates, other }) =>
    Effect.gen(function*() {
      for (const [name, held] of others) {
        const { received, result } = yield* against(holding(held), call(name))
        assert.deepStrictEqual(sent(received), other, name)
        if (creates) {
          if (Result.isFailure(result)) assert.fail(`${name}: ${result.failure._tag}`)
          assert.strictEqual((result.success as { readonly name: string }).name, "made")
        } else {
          if (Result.isSuccess(result)) assert.fail(name)
          const failure: any = result.failure
          assert.deepInclude(failure, { _tag: "NotFound", given: `the name ${JSON.stringify(held)}` })
          assert.include(failure.message, held)
        }
      }
    }).pipe(Effect.scoped))

  it.live.each(rows)("is believed where it is the very name: $title", ({ call, exact }) =>
    Effect.gen(function*() {
      for (const [name, held] of [["birds.csv", "birds.csv"], ["été.csv", "e\u0301te\u0301.csv"]] as const) {
        const { received, result } = yield* against(holding(held), call(name))
        assert.deepStrictEqual(sent(received), exact, name)
        assert.strictEqual(result._tag, "Success", name)
      }
    }).pipe(Effect.scoped))

  it.live.each(rows)(
    "is asked for nothing more where there is nothing: $title",
    ({ call, creates, other }) =>
      Effect.gen(function*() {
        const { received, result } = yield* against(holding(undefined, creates), call("birds.csv"))
        if (creates) assert.deepStrictEqual(sent(received), other)
        assert.strictEqual(
          result._tag === "Failure" ? result.failure._tag : "Success",
          creates ? "Success" : "NotFound"
        )
      }).pipe(Effect.scoped)
  )

  it.live("is asked by the uri of a listing for what has another name", () =>
    Effect.gen(function*() {
      const upload = { uri: "/tables/demo.data%3Anext.birds/uploads/8f2c" }
      const parameter = { uri: "/workflows/demo.work/parameters/8f2c" }
      const calls: ReadonlyArray<readonly [Effect.Effect<unknown, { readonly _tag: string }, Redivis>, string]> = [
        [Upload.get(table, upload), "GET"],
        [Upload.exists(table, upload), "HEAD"],
        [Upload.remove(table, upload), "DELETE"],
        [Upload.insertRows(table, upload, { rows: [] }), "POST"],
        [Variable.update({ table, upload }, "a", { label: "A" }), "PATCH"],
        [Parameter.get("demo.work", parameter), "GET"],
        [Parameter.exists("demo.work", parameter), "HEAD"],
        [Parameter.update("demo.work", parameter, { values: [1] }), "PATCH"],
        [Parameter.remove("demo.work", parameter), "DELETE"]
      ]
      for (const [call, verb] of calls) {
        const { received, result } = yield* against(holding("日本.csv"), call)
        assert.strictEqual(result._tag, "Success", verb)
        assert.deepStrictEqual(received.map(({ method }) => method), [verb])
        assert.include(received[0]!.target, "/8f2c")
      }
      for (const wrong of ["/tables/demo.data.birds", "https://elsewhere.example/tables/a/uploads/b", ""]) {
        const { received, result } = yield* against(holding("x"), Upload.remove(table, { uri: wrong }))
        assert.deepStrictEqual([result._tag, received.length], ["Failure", 0])
      }
    }).pipe(Effect.scoped))
})

const seed: Seed.Seed = {
  datasets: [{
    owner: "researcher",
    name: "Birds",
    publicAccessLevel: "none",
    tables: [{ name: "Wings", rows: [{ a: 1 }] }, { name: "日本", rows: [{ a: 2 }] }]
  }],
  workflows: [{ owner: "researcher", name: "work", parameters: [{ name: "wanted", values: [1] }] }]
}

layer(Emulator.layerTest, { excludeTestServices: true })("the emulator", (it) => {
  it.effect("keeps what has another name, whatever is done by a name that finds it", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed(seed)
      const draft = "researcher.birds:next"
      yield* Version.create("researcher.birds")
      const at = `${draft}.Wings`
      const names = Upload.list(at).pipe(
        Stream.map(({ name }) => name),
        Stream.runCollect,
        // in which order they are listed says nothing here
        Effect.map((names) => names.toSorted())
      )
      yield* Upload.create(at, { name: "日本.csv", data })
      const failsFor = (call: Effect.Effect<unknown, { readonly _tag: string }, Redivis>, given: string) =>
        Effect.map(Effect.flip(call), (error: object) => {
          assert.deepInclude<Record<string, unknown>>({ ...error }, {
            _tag: "NotFound",
            given: `the name ${JSON.stringify(given)}`
          })
        })
      // a name of its own finds none, what the service would write for that one does
      for (const call of [Upload.get(at, "中国.csv"), Upload.remove(at, "中国.csv")]) {
        const error = yield* Effect.flip(call)
        assert.strictEqual(error._tag, "NotFound")
        assert.notProperty(error, "given")
      }
      yield* failsFor(Upload.get(at, "csv"), "日本.csv")
      yield* failsFor(Upload.remove(at, "_csv"), "日本.csv")
      const made = yield* Upload.create(at, { name: "中国.csv", data, onConflict: "replace" })
      assert.strictEqual(made.name, "中国.csv")
      assert.deepStrictEqual(yield* names, ["中国.csv", "日本.csv"])
      const kept = yield* Upload.create(at, { name: "中国.csv", data, onConflict: "keep" })
      assert.strictEqual(kept.uri, made.uri)
      yield* Upload.create(at, { name: "中国.CSV", data, onConflict: "replace" })
      assert.deepStrictEqual(yield* names, ["中国.csv", "中国_1.CSV", "日本.csv"])
      yield* Upload.remove(at, "日本.csv")
      assert.deepStrictEqual(yield* names, ["中国.csv", "中国_1.CSV"])
      yield* failsFor(Parameter.get("researcher.work", "Wanted"), "wanted")
      yield* failsFor(Parameter.update("researcher.work", "WANTED", { values: [2] }), "wanted")
      yield* failsFor(Parameter.remove("researcher.work", "Wanted"), "wanted")
      assert.deepStrictEqual((yield* Parameter.get("researcher.work", "wanted")).values, [1])
      const refused = yield* Effect.flip(Dataset.createIfNotExists({ user: "researcher" }, { name: "birds" }))
      assert.strictEqual(refused._tag, "BadRequest")
      assert.strictEqual(
        (yield* Dataset.createIfNotExists({ user: "researcher" }, { name: "Birds" })).name,
        "Birds"
      )
    }), 60_000)

  it.effect("has its tables replaced by their own names and references alone", () =>
    Effect.gen(function*() {
      const source = { name: "a.csv", data }
      for (const [name, given] of [["WINGS", "Wings"], ["wings!", "Wings"]] as const) {
        const error = yield* Effect.flip(Publish.replaceTable(`researcher.birds:next.${name}`, source))
        assert.deepInclude(error, { _tag: "NotFound", given: `the name ${JSON.stringify(given)}` })
      }
      const missing = yield* Effect.flip(Publish.replaceTable("researcher.birds:next.中国", source))
      assert.strictEqual(missing._tag, "NotFound")
      assert.notProperty(missing, "given")
      const wings = yield* Table.get("researcher.birds:next.wings")
      for (
        const reference of ["researcher.birds:next.Wings", "researcher.birds.wings", wings.qualifiedReference, wings]
      ) {
        assert.strictEqual((yield* Publish.replaceTable(reference, source)).numRows, 1)
      }
      assert.strictEqual((yield* Table.get("researcher.birds:next.日本")).numRows, 1)
    }), 60_000)

  it.effect(
    "gets two tables in Chinese from one plan, and what is planned by references",
    () =>
      Effect.gen(function*() {
        const source = (count: number) => ({
          name: "東京.csv",
          data: new TextEncoder().encode(`a\n${"1\n".repeat(count)}`),
          numRows: count
        })
        const changes = [
          { create: "東京", source: source(2) },
          { create: "大阪", source: [source(3), { ...source(1), name: "大阪.csv" }] },
          { replace: "wings", source: source(1) }
        ]
        const plan = yield* Publish.plan("researcher.birds", changes)
        const planned = Object.fromEntries(plan.tables.map(({ action, name }) => [name, action]))
        assert.deepStrictEqual(planned, { 東京: "created", 大阪: "created", Wings: "replaced", 日本: "untouched" })
        const report = yield* Publish.apply(plan, changes)
        const rowsAfter = Object.fromEntries(report.tables.map(({ name, rowsAfter }) => [name, rowsAfter]))
        assert.deepStrictEqual(rowsAfter, { 東京: 2, 大阪: 4, Wings: 1, 日本: 1 })
        const again = [{ remove: "大阪" }]
        const removed = yield* Publish.apply(yield* Publish.plan("researcher.birds", again), again)
        const left = Object.fromEntries(removed.tables.map(({ action, name }) => [name, action]))
        assert.deepStrictEqual(left, { 大阪: "removed", Wings: "untouched", 日本: "untouched", 東京: "untouched" })
      }),
    120_000
  )
})
