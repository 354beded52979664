/** A service that gives another version, or another dataset, than the one that was asked for. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Lock from "@effect-redivis/core/Lock"
import * as Publish from "@effect-redivis/core/Publish"
import type { Redivis } from "@effect-redivis/core/Redivis"
import * as RowCache from "@effect-redivis/core/RowCache"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { during, seed } from "./publishingSeed.ts"
import { against, failureOf } from "./scriptedClient.ts"
import type { Received, Reply } from "./scriptedServer.ts"

interface Given {
  /** As `v1.0`; nothing where answers do not tell it. */
  readonly tag: string | undefined
  readonly id?: string | undefined
  readonly name?: string | undefined
}

/** A server that has one dataset with one table, which it gives whatever is asked for. */
const giving = ({ id = "ab12", name = "birds", tag }: Given) => ({ method, target }: Received): Reply => {
  const path = decodeURIComponent(target.split("?")[0]!)
  const at = tag === undefined ? "" : `:${tag.replace(".", "_")}`
  const dataset = {
    kind: "dataset",
    name: "data",
    qualifiedReference: `demo.data:${id}${at}`,
    scopedReference: `data:${id}${at}`,
    referenceId: id,
    uri: `/datasets/demo.data:${id}${at}`,
    owner: { kind: "user", name: "demo" },
    ...(tag === undefined ? {} : { version: { tag } })
  }
  const table = {
    kind: "table",
    name,
    qualifiedReference: `${dataset.qualifiedReference}.birds:cd34`,
    scopedReference: "birds:cd34",
    referenceId: "cd34",
    uri: `/tables/${dataset.qualifiedReference}.birds:cd34`,
    numRows: 1,
    numBytes: 1,
    container: { ...dataset, version: undefined }
  }
  if (method !== "GET") return { status: 500, body: {} }
  const variable = { name: "a", type: "integer", uri: `${table.uri}/variables/a` }
  if (path.endsWith("/variables")) return { body: { results: [variable], nextPageToken: null } }
  if (path.includes("/variables/")) return { body: variable }
  if (path.endsWith("/tables")) return { body: { results: [table], nextPageToken: null } }
  if (path.includes("/versions/")) return { body: { tag: tag ?? "v1.0" } }
  return { body: path.includes("/tables/") ? table : dataset }
}

const nowhere = (): Reply => ({
  status: 404,
  body: { status: 404, error: "not_found", error_description: "Not found" }
})

type Reading = (tag: string) => Effect.Effect<unknown, { readonly _tag: string }, Redivis>

const readings: ReadonlyArray<readonly [title: string, reading: Reading]> = [
  ["Dataset.get", (tag) => Dataset.get(`demo.data:${tag}`)],
  ["Dataset.get by an id", (tag) => Dataset.get(`demo.data:ab12:${tag}`)],
  ["Dataset.get by a uri", (tag) => Dataset.get({ uri: `/datasets/demo.data%3Aab12%3A${tag}` })],
  ["Table.get", (tag) => Table.get(`demo.data:${tag}.birds`)],
  ["Table.listPage", (tag) => Table.listPage(`demo.data:${tag}`)],
  ["Table.list", (tag) => Stream.runCollect(Table.list(`demo.data:${tag}`))],
  ["Table.rows", (tag) => Stream.runCollect(Table.rows(`demo.data:${tag}.birds`))],
  ["Table.estimate", (tag) => Table.estimate(`demo.data:${tag}.birds`)],
  ["Table.schemaSource", (tag) => Table.schemaSource(`demo.data:${tag}.birds`)],
  [
    "Table.rows with a cache",
    (tag) => Stream.runCollect(Table.rows(`demo.data:${tag}.birds`)).pipe(Effect.provide(RowCache.layerMemory()))
  ],
  ["Variable.listPage", (tag) => Variable.listPage({ table: `demo.data:${tag}.birds` })],
  ["Version.get", (tag) => Version.get("demo.data", tag)],
  ["Dataset.pin", (tag) => Dataset.pin(`demo.data:${tag}`)],
  ["Lock.make", (tag) => Lock.make([`demo.data:${tag}`])],
  ["Version.diff", (tag) => Version.diff("demo.data", tag, "v1.0")]
]

describe("a version that the service does not have", () => {
  it.live.each(readings)(
    "is not there where the service gives another one: %s",
    ([title, reading]) =>
      Effect.gen(function*() {
        for (const tag of ["v99.0", "V99_0", "v1.1", "v11.0"]) {
          const error: any = yield* failureOf(giving({ tag: "v1.0" }), reading(tag))
          assert.deepInclude(error, { _tag: "NotFound", given: "the version v1.0" }, `${title} ${tag}`)
          assert.include(error.message, "v1.0")
          assert.match(error.url, /^http.*(data|versions)/)
        }
      }).pipe(Effect.scoped)
  )

  it.live.each(readings)("is not there where the service says so: %s", ([, reading]) =>
    Effect.gen(function*() {
      const error: any = yield* failureOf(nowhere, reading("v99.0"))
      assert.strictEqual(error._tag, "NotFound")
      assert.isUndefined(error.given)
    }).pipe(Effect.scoped))
})

describe("a version that the service has", () => {
  it.live("is read in every spelling of its tag", () =>
    Effect.gen(function*() {
      const silent = ["Table.rows", "Table.rows with a cache"]
      for (const [title, reading] of readings) {
        if (silent.includes(title)) continue
        for (const tag of ["v1.0", "V1_0"]) {
          const { result } = yield* against(giving({ tag: "v1.0" }), reading(tag))
          assert.strictEqual(result._tag, "Success", `${title} ${tag}`)
        }
      }
      for (const reference of ["demo.data", "demo.data:current", "demo.data:next", "demo.data:ab12"]) {
        const { result } = yield* against(giving({ tag: "v1.0" }), Dataset.get(reference))
        assert.strictEqual(result._tag, "Success", reference)
      }
    }).pipe(Effect.scoped))

  it.live("need not be told to who only reads, and must be to who keeps a reference", () =>
    Effect.gen(function*() {
      const quiet = giving({ tag: undefined })
      assert.strictEqual((yield* against(quiet, Dataset.get("demo.data:v1_0"))).result._tag, "Success")
      assert.strictEqual((yield* against(quiet, Table.get("demo.data:v1_0.birds"))).result._tag, "Success")
      assert.strictEqual((yield* failureOf(quiet, Dataset.pin("demo.data:v1_0")))._tag, "DecodeError")
      assert.strictEqual((yield* failureOf(quiet, Lock.make(["demo.data:v1_0"])))._tag, "DecodeError")
    }).pipe(Effect.scoped))
})

describe("a lock", () => {
  const locked = {
    lockVersion: 1,
    datasets: [{
      reference: "demo.data:ab12:v1_0",
      tag: "v1.0",
      doi: null,
      tables: [{
        name: "birds",
        reference: "demo.data:ab12:v1_0.birds:cd34",
        referenceId: "cd34",
        hash: null,
        numRows: 1
      }]
    }]
  } as const

  it.live("holds only where the tables are those of its dataset and version", () =>
    Effect.gen(function*() {
      const kindsOf = (given: Given) =>
        Effect.map(
          against(giving(given), Lock.verify(locked)),
          ({ result }) => result._tag === "Success" ? result.success.map(({ kind }) => kind) : result.failure._tag
        )
      assert.deepStrictEqual(yield* kindsOf({ tag: "v1.0" }), [])
      assert.deepStrictEqual(yield* kindsOf({ tag: "v2.0" }), ["datasetMissing"])
      assert.deepStrictEqual(yield* kindsOf({ tag: "v1.0", id: "zz99" }), ["datasetMissing"])
      assert.strictEqual(yield* kindsOf({ tag: undefined }), "DecodeError")
    }).pipe(Effect.scoped))
})

layer(Emulator.layerTest, { excludeTestServices: true })("a version that is mistyped", (it) => {
  it.effect("is the current one to who reads, as on the service, and nothing to who keeps or publishes", () =>
    Effect.gen(function*() {
      yield* seed("mistyped")
      const reference = "researcher.mistyped:banana"
      assert.strictEqual((yield* Dataset.get(reference)).version?.tag, "v2.0")
      const source = { name: "b.csv", data: new TextEncoder().encode("species,mass\nx,4\n") }
      const calls: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }, Redivis>> = [
        Dataset.pin(reference),
        Dataset.pin(`${reference}:v1_0`),
        Lock.make([reference]),
        Publish.plan(reference, [{ replace: "birds", source }]),
        Publish.apply(
          { ...(yield* Publish.plan("researcher.mistyped", [{ replace: "birds", source }])), dataset: reference },
          [{ replace: "birds", source }]
        )
      ]
      for (const call of calls) {
        const { operations, value: error } = yield* during(Effect.flip(call))
        assert.deepInclude(error, { _tag: "NotFound" })
        assert.match((error as any).given, /^the id \w{4}$/)
        assert.deepStrictEqual(operations, ["datasets.get"])
      }
      yield* Version.create("researcher.mistyped")
      for (const table of ["researcher.mistyped:banana.birds", "researcher.mistyped:next.birds:banana"]) {
        const { operations, value: error } = yield* during(Effect.flip(Publish.replaceTable(table, source)))
        assert.deepInclude(error, { _tag: "NotFound" })
        assert.deepStrictEqual(operations, ["tables.get"])
      }
      assert.deepStrictEqual(yield* Stream.runCollect(Upload.list("researcher.mistyped:next.birds")), [])
    }))
})
