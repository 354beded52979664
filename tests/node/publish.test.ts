/** Publishing safely: the draft holds exactly what was uploaded, or nothing is released. */
import * as Publish from "@effect-redivis/core/Publish"
import type { Redivis } from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { during, seed } from "./publishingSeed.ts"

const csv = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A file of so many birds. */
const birds = (count: number, name = "birds.csv") => ({
  name,
  data: csv(`species,mass\n${Array.from({ length: count }, (_, index) => `Gentoo,${index}\n`).join("")}`),
  numRows: count
})

const drafted = (name: string) => Effect.andThen(seed(name), Version.create(`researcher.${name}`))

const numRows = (reference: string) => Effect.map(Table.get(reference), ({ numRows }) => numRows)

const uploadNames = (table: string) => Upload.list(table).pipe(Stream.map(({ name }) => name), Stream.runCollect)

/** Whether nothing was released: the draft is there, and the current version is as seeded. */
const staysDraft = (name: string): Effect.Effect<void, unknown, Redivis> =>
  Effect.gen(function*() {
    assert.strictEqual((yield* Version.get(`researcher.${name}`, "next")).isReleased, false)
    assert.strictEqual((yield* Version.get(`researcher.${name}`, "current")).tag, "v2.0")
  })

layer(Emulator.layerTest, { excludeTestServices: true })("a table that is replaced", (it) => {
  it.effect("holds the uploaded rows and no others, where an upload alone doubles them", () =>
    Effect.gen(function*() {
      yield* drafted("replaced")
      const table = "researcher.replaced:next.birds"
      const before = yield* Table.get(table)
      yield* Upload.create(table, birds(3))
      assert.strictEqual(yield* numRows(table), 6)
      const filled = yield* Publish.replaceTable("researcher.replaced.birds", birds(3))
      assert.deepStrictEqual([filled.numRows, filled.table.numRows], [3, 3])
      assert.deepStrictEqual(filled.uploads.map(({ name, numRows }) => [name, numRows]), [["birds.csv", 3]])
      assert.deepStrictEqual(yield* uploadNames(table), ["birds.csv"])
      const after = yield* Table.get(table)
      assert.strictEqual(after.uploadMergeStrategy, "replace")
      assert.deepStrictEqual([after.referenceId, after.name, after.description], [
        before.referenceId,
        before.name,
        before.description
      ])
      assert.strictEqual(filled.hash, after.hash)
      assert.notStrictEqual(after.hash, before.hash)
      const [species] = yield* Stream.runCollect(Variable.list({ table }))
      assert.strictEqual(species?.label, "Species")
      // and once more, after a release and a new draft
      yield* Version.release("researcher.replaced")
      yield* Version.create("researcher.replaced")
      assert.strictEqual((yield* Publish.replaceTable(table, birds(2))).numRows, 2)
    }))

  it.effect("is made of several files, and has their columns alone", () =>
    Effect.gen(function*() {
      yield* drafted("several")
      const table = "researcher.several:next.birds"
      const filled = yield* Publish.replaceTable(table, [
        { name: "a.csv", data: csv("id,wing\n1,2\n") },
        { name: "b.csv", data: csv("id,beak\n1,2\n2,3\n") }
      ])
      assert.strictEqual(filled.numRows, 3)
      assert.deepStrictEqual(filled.variables.map(({ name }) => name), ["id", "wing", "beak"])
    }))

  it.effect("is refused before a request where it could not be right", () =>
    Effect.gen(function*() {
      yield* drafted("unsent")
      for (
        const [table, sources, field] of [
          ["researcher.unsent:v1_0.birds", birds(1), "table.container.version"],
          ["researcher.unsent:next.birds:sample", birds(1), "table.sample"],
          ["researcher.unsent:next.birds", [], "source"],
          ["researcher.unsent:next.birds", [birds(1, "a.csv"), birds(1, "A.csv")], "source"]
        ] as const
      ) {
        const { operations, value: error } = yield* during(Effect.flip(Publish.replaceTable(table, sources)))
        assert.deepInclude(error, { _tag: "InvalidInput", field })
        assert.deepStrictEqual(operations, [])
      }
      const missing = yield* Effect.flip(Publish.replaceTable("researcher.unsent:next.fish", birds(1)))
      assert.strictEqual(missing._tag, "NotFound")
    }))

  it.effect("is not what was published where somebody uploads in between", () =>
    Effect.gen(function*() {
      yield* drafted("crowded")
      const table = "researcher.crowded:next.birds"
      const data = Stream.fromEffect(
        Effect.as(Upload.create(table, birds(1, "other.csv")), birds(2).data)
      )
      const error = yield* Effect.flip(Publish.replaceTable(table, {
        name: "birds.csv",
        data: { stream: data, size: birds(2).data.byteLength }
      }))
      assert.deepInclude(error, { _tag: "VerificationFailed", reason: "OtherUploads" })
      assert.include(error.message, "other.csv")
      assert.strictEqual(yield* numRows(table), 3)
    }))

  it.effect("is not what was published where its strategy was set back: the doubled table is refused", () =>
    Effect.gen(function*() {
      yield* drafted("doubled")
      const table = "researcher.doubled:next.birds"
      const bytes = birds(3).data
      const data = Stream.fromEffect(Effect.as(Table.update(table, { uploadMergeStrategy: "append" }), bytes))
      const error = yield* Effect.flip(
        Publish.replaceTable(table, { name: "birds.csv", data: { stream: data, size: bytes.byteLength } })
      )
      assert.deepInclude(error, { _tag: "VerificationFailed", reason: "RowCount" })
      assert.include(error.message, "3 were imported, and it holds 6")
    }))

  it.effect("is not what was published where a column is left of the version before", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed({
        datasets: [{
          owner: "researcher",
          name: "headed",
          tables: [{ name: "birds", text: "old\n", type: "delimited" }]
        }]
      })
      yield* Version.create("researcher.headed")
      const table = "researcher.headed:next.birds"
      const bytes = birds(2).data
      const data = Stream.fromEffect(Effect.as(Table.update(table, { uploadMergeStrategy: "append" }), bytes))
      const error = yield* Effect.flip(
        Publish.replaceTable(table, { name: "birds.csv", data: { stream: data, size: bytes.byteLength } })
      )
      assert.deepInclude(error, { _tag: "VerificationFailed", reason: "Variables" })
      assert.include(error.message, "old")
    }))

  it.effect("keeps what is said of it, or is not what was published", () =>
    Effect.gen(function*() {
      yield* drafted("described")
      const table = "researcher.described:next.birds"
      const bytes = birds(2).data
      const data = Stream.fromEffect(Effect.as(Table.update(table, { description: "Other" }), bytes))
      const error = yield* Effect.flip(
        Publish.replaceTable(table, { name: "birds.csv", data: { stream: data, size: bytes.byteLength } })
      )
      assert.deepInclude(error, { _tag: "VerificationFailed", reason: "Identity" })
    }))

  it.effect("is held to the number of rows that its source has", () =>
    Effect.gen(function*() {
      yield* drafted("counted")
      const error = yield* Effect.flip(
        Publish.replaceTable("researcher.counted:next.birds", { ...birds(3), numRows: 4 })
      )
      assert.deepInclude(error, { _tag: "VerificationFailed", reason: "SourceRowCount" })
    }))

  it.effect("is found where the answer to its upload was lost, and uploaded once", () =>
    Effect.gen(function*() {
      yield* drafted("lost")
      const emulator = yield* Emulator.Emulator
      for (const match of ["uploads.post", "queries.post"]) {
        yield* emulator.faults.add({ match, times: 1, do: { drop: "answer" } })
      }
      const { operations, value } = yield* during(Publish.replaceTable("researcher.lost:next.birds", birds(2)))
      assert.strictEqual(value.numRows, 2)
      // to count changes nothing, and is done again
      assert.strictEqual(operations.filter((name) => name === "queries.post").length, 2)
      assert.strictEqual(operations.filter((name) => name === "uploads.post").length, 1)
    }))

  it.effect("fails as the request did where nothing came of it, and is not uploaded again", () =>
    Effect.gen(function*() {
      yield* drafted("dropped")
      const emulator = yield* Emulator.Emulator
      yield* emulator.faults.add({ match: "uploads.post", times: 1, do: { drop: "request" } })
      const { operations, value: error } = yield* during(
        Effect.flip(Publish.replaceTable("researcher.dropped:next.birds", birds(2)))
      )
      assert.strictEqual(error._tag, "TransportError")
      assert.strictEqual(operations.filter((name) => name === "uploads.post").length, 1)
      // it is done by being asked for anew
      assert.strictEqual((yield* Publish.replaceTable("researcher.dropped:next.birds", birds(2))).numRows, 2)
    }))
})

layer(Emulator.layerTest, { excludeTestServices: true })("a plan", (it) => {
  const changes: ReadonlyArray<Publish.Change> = [
    { replace: "birds", source: birds(5) },
    { append: "fresh", source: { name: "f.csv", data: csv("a\n3\n"), numRows: 1 } },
    { create: "nests", source: { name: "n.csv", data: csv("b\n1\n") }, description: "Where they breed" },
    { remove: "still" }
  ]

  it.effect("says what will be, changes nothing, and is applied after it was kept as text", () =>
    Effect.gen(function*() {
      yield* seed("planned")
      const { operations, value: plan } = yield* during(Publish.plan("researcher.planned", changes))
      assert.deepStrictEqual(operations, ["tables.listByDataset", "versions.get", "versions.get"])
      assert.deepStrictEqual(
        plan.tables.map(({ action, name, rowsAfter, rowsBefore }) => [name, action, rowsBefore, rowsAfter]),
        [
          ["birds", "replaced", 3, 5],
          ["fresh", "appended", 2, 3],
          ["nests", "created", null, null],
          ["still", "removed", 1, 0],
          ["same", "untouched", 1, 1]
        ]
      )
      const codec = Schema.toCodecJson(Publish.Plan)
      const text = JSON.stringify(yield* Schema.encodeEffect(codec)(plan))
      const kept = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(text))
      const report = yield* Publish.apply(kept, changes, { releaseNotes: "All" })
      assert.strictEqual(report.tag, "v3.0")
      assert.deepStrictEqual(report.tables.map(({ name, rowsAfter }) => [name, rowsAfter]), [
        ["birds", 5],
        ["fresh", 3],
        ["nests", 1],
        ["still", 0],
        ["same", 1]
      ])
      const tables = yield* Stream.runCollect(Table.list("researcher.planned:current"))
      assert.deepStrictEqual(
        tables.map(({ hash, name, numRows }) => [name, numRows, hash ?? null]).toSorted(([a], [b]) => a! < b! ? -1 : 1),
        report.tables.filter(({ action }) => action !== "removed")
          .map(({ hashAfter, name, rowsAfter }) => [name, rowsAfter, hashAfter])
          .toSorted(([a], [b]) => a! < b! ? -1 : 1)
      )
      assert.strictEqual((yield* Table.get("researcher.planned.nests")).description, "Where they breed")
      assert.strictEqual((yield* Version.get("researcher.planned", "current")).releaseNotes, "All")
    }))

  it.effect("is for tables that are there, or that are not where one is created", () =>
    Effect.gen(function*() {
      yield* seed("refused")
      for (
        const [change, field] of [
          [[], "changes"],
          [[{ replace: "fish", source: birds(1) }], "changes[0]"],
          [[{ remove: "same" }, { create: "Birds", source: birds(1) }], "changes[1]"],
          [[{ remove: "birds" }, { append: "BIRDS", source: birds(1) }], "changes[1]"],
          [[{ append: "birds", source: [] }], "changes[0].source"]
        ] as ReadonlyArray<readonly [ReadonlyArray<Publish.Change>, string]>
      ) {
        const error = yield* Effect.flip(Publish.plan("researcher.refused", change))
        assert.deepInclude(error, { _tag: "InvalidInput", field })
      }
      const error = yield* Effect.flip(Publish.plan("researcher.refused:v1_0", changes))
      assert.deepInclude(error, { _tag: "InvalidInput", field: "dataset.version" })
    }))

  it.effect("is applied with the changes that it was made from", () =>
    Effect.gen(function*() {
      yield* seed("exchanged")
      const plan = yield* Publish.plan("researcher.exchanged", changes)
      const { operations, value: error } = yield* during(
        Effect.flip(Publish.apply(plan, [{ replace: "birds", source: birds(6) }, ...changes.slice(1)]))
      )
      assert.deepInclude(error, { _tag: "InvalidInput", field: "changes" })
      assert.deepStrictEqual(operations, [])
    }))

  it.effect("is outdated after an append in between, and nothing is touched", () =>
    Effect.gen(function*() {
      yield* drafted("appended")
      const plan = yield* Publish.plan("researcher.appended", changes)
      assert.isTrue(plan.hasDraft)
      yield* Upload.create("researcher.appended:next.same", { name: "s.csv", data: csv("a\n2\n") })
      const error = yield* Effect.flip(Publish.apply(plan, changes))
      assert.deepInclude(error, { _tag: "PlanOutdated", tables: ["same"] })
      assert.deepStrictEqual(error.progress, {
        done: [],
        notDone: ["birds", "fresh", "nests", "still"],
        isReleased: false
      })
      assert.strictEqual(yield* numRows("researcher.appended:next.birds"), 3)
      yield* staysDraft("appended")
    }))

  it.effect("is outdated too where a table moves while it is applied: nothing is released", () =>
    Effect.gen(function*() {
      yield* drafted("meanwhile")
      const bytes = birds(5).data
      const stream = Stream.fromEffect(
        Effect.as(Upload.create("researcher.meanwhile:next.same", { name: "s.csv", data: csv("a\n2\n") }), bytes)
      )
      const slow = [{ replace: "birds", source: { name: "b.csv", data: { stream, size: bytes.byteLength } } }]
      const plan = yield* Publish.plan("researcher.meanwhile", slow)
      const error = yield* Effect.flip(Publish.apply(plan, slow))
      assert.deepInclude(error, { _tag: "PlanOutdated", tables: ["same"] })
      assert.match(error.message, /Done: birds\. Not done: nothing\. Nothing is released\./)
      yield* staysDraft("meanwhile")
    }))

  it.effect("that fails in the middle says what is done and what is not, and leaves the draft", () =>
    Effect.gen(function*() {
      yield* seed("broken")
      const broken: ReadonlyArray<Publish.Change> = [
        changes[0]!,
        { append: "fresh", source: { name: "f.csv", data: csv("a\n3\n"), numRows: 7 } },
        changes[3]!
      ]
      const error = yield* Effect.flip(Publish.apply(yield* Publish.plan("researcher.broken", broken), broken))
      assert.deepInclude(error, { _tag: "VerificationFailed", reason: "SourceRowCount" })
      assert.deepStrictEqual(error.progress, { done: ["birds"], notDone: ["fresh", "still"], isReleased: false })
      assert.strictEqual(yield* numRows("researcher.broken:next.birds"), 5)
      assert.isTrue(yield* Table.exists("researcher.broken:next.still"))
      yield* staysDraft("broken")
      // any other failure says so too
      const emulator = yield* Emulator.Emulator
      yield* emulator.faults.add({ match: "tables.patch", times: 1, do: { status: 403 } })
      const [first] = changes
      const plan = yield* Publish.plan("researcher.broken", [first!])
      const refused = yield* Effect.flip(Publish.apply(plan, [first!]))
      assert.strictEqual(refused._tag, "Forbidden")
      assert.deepStrictEqual(refused.progress, { done: [], notDone: ["birds"], isReleased: false })
    }))

  it.effect("is applied once although the answer to everything that it makes is lost", () =>
    Effect.gen(function*() {
      yield* seed("deaf")
      const emulator = yield* Emulator.Emulator
      const making = ["versions.post", "tables.post", "uploads.post", "versions.release"]
      for (const match of making) yield* emulator.faults.add({ match, times: 1, do: { drop: "answer" } })
      const plan = yield* Publish.plan("researcher.deaf", changes)
      const { operations, value } = yield* during(Publish.apply(plan, changes))
      assert.strictEqual(value.tag, "v3.0")
      for (const name of making) {
        assert.strictEqual(operations.filter((other) => other === name).length, name === "uploads.post" ? 3 : 1, name)
      }
      assert.strictEqual(yield* numRows("researcher.deaf.birds"), 5)
      assert.strictEqual(yield* numRows("researcher.deaf.fresh"), 3)
    }))

  it.effect("whose release never reached the service is not released, and says so", () =>
    Effect.gen(function*() {
      yield* seed("unheard")
      const emulator = yield* Emulator.Emulator
      yield* emulator.faults.add({ match: "versions.release", times: 1, do: { drop: "request" } })
      const plan = yield* Publish.plan("researcher.unheard", changes)
      const error = yield* Effect.flip(Publish.apply(plan, changes))
      assert.strictEqual(error._tag, "TransportError")
      assert.deepStrictEqual(error.progress, {
        done: ["birds", "fresh", "nests", "still"],
        notDone: [],
        isReleased: false
      })
      yield* staysDraft("unheard")
    }))

  it.effect("is prepared and not released where that is asked for", () =>
    Effect.gen(function*() {
      yield* seed("prepared")
      const plan = yield* Publish.plan("researcher.prepared", changes)
      const report = yield* Publish.apply(plan, changes, { release: false })
      assert.strictEqual(report.tag, null)
      assert.strictEqual(yield* numRows("researcher.prepared:next.birds"), 5)
      yield* staysDraft("prepared")
    }))

  it.effect("counts what is appended although the table replaces by itself", () =>
    Effect.gen(function*() {
      yield* drafted("turned")
      yield* Publish.replaceTable("researcher.turned:next.birds", birds(2))
      yield* Version.release("researcher.turned")
      const more = [{ append: "birds", source: birds(3) }]
      const report = yield* Publish.apply(yield* Publish.plan("researcher.turned", more), more)
      assert.strictEqual(report.tables[0]?.rowsAfter, 5)
      // in a draft whose rows were replaced, appending would bring the earlier ones back
      yield* Version.create("researcher.turned")
      yield* Publish.replaceTable("researcher.turned:next.birds", birds(1))
      const again = yield* Publish.plan("researcher.turned", more)
      const error = yield* Effect.flip(Publish.apply(again, more))
      assert.deepInclude(error, { _tag: "VerificationFailed", reason: "RowCount" })
    }))
})

layer(Emulator.layerTestWith({ draftRows: "late" }), { excludeTestServices: true })(
  "a draft whose tables tell fewer rows than they have",
  (it) => {
    it.effect("is published into by what is counted, whatever the tables say", () =>
      Effect.gen(function*() {
        yield* drafted("late")
        const table = "researcher.late:next.birds"
        yield* Upload.create(table, birds(3, "first.csv"))
        assert.strictEqual(yield* numRows(table), 3)
        const changes = [{ append: "birds", source: birds(2, "second.csv") }] as const
        const report = yield* Publish.apply(yield* Publish.plan("researcher.late", changes), changes)
        const [reported] = report.tables
        // three of the version before, three that were there, two of this publication
        assert.strictEqual(reported?.rowsAfter, 8)
        assert.strictEqual(yield* numRows(`researcher.late:${report.tag?.replace(".", "_")}.birds`), 8)
      }))
  }
)
