/** References that no release moves, and what two versions differ in. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Version from "@effect-redivis/core/Version"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { during, seed } from "./publishingSeed.ts"

const csv = (text: string): Uint8Array => new TextEncoder().encode(text)

layer(Emulator.layerTest, { excludeTestServices: true })("a dataset that is pinned", (it) => {
  it.effect("is the same after another release, while a reference without a version moves", () =>
    Effect.gen(function*() {
      yield* seed("pinned")
      const { operations, value: pinned } = yield* during(Dataset.pin("researcher.pinned"))
      assert.deepStrictEqual(operations, ["datasets.get"])
      assert.match(pinned.text, /^researcher\.pinned:\w{4}:v2_0$/)
      assert.strictEqual(pinned.tag, "v2.0")
      yield* Version.create("researcher.pinned")
      yield* Upload.create("researcher.pinned:next.birds", { name: "b.csv", data: csv("species,mass\nx,4\n") })
      yield* Version.release("researcher.pinned")
      const counts = yield* Effect.forEach(
        [pinned.table("birds"), "researcher.pinned.birds"],
        (reference) => Effect.map(Table.get(reference), ({ numRows }) => numRows)
      )
      assert.deepStrictEqual(counts, [3, 4])
      const again = yield* Dataset.pin(pinned.reference)
      assert.strictEqual(again.text, pinned.text)
      const old = yield* Dataset.pin("researcher.pinned:v1_0")
      assert.strictEqual((yield* Table.get(old.table("birds"))).numRows, 2)
    }))

  it.effect("is at its current version although a draft is there, and never at the draft", () =>
    Effect.gen(function*() {
      yield* seed("drafted")
      yield* Version.create("researcher.drafted")
      assert.strictEqual((yield* Dataset.pin("researcher.drafted")).tag, "v2.0")
      const whole = yield* Dataset.get("researcher.drafted:v1_0")
      assert.strictEqual((yield* Dataset.pin(whole)).tag, "v1.0")
      const { operations, value: error } = yield* during(Effect.flip(Dataset.pin("researcher.drafted:next")))
      assert.deepInclude(error, { _tag: "InvalidInput", field: "dataset.version" })
      assert.deepStrictEqual(operations, [])
    }))

  it.effect("has a version that was released", () =>
    Effect.gen(function*() {
      yield* Dataset.create({ user: "researcher" }, { name: "unreleased" })
      const error = yield* Effect.flip(Dataset.pin("researcher.unreleased"))
      assert.deepInclude(error, { _tag: "InvalidInput", field: "dataset.version" })
      assert.strictEqual((yield* Effect.flip(Dataset.pin("researcher.nothing")))._tag, "NotFound")
    }))
})

layer(Emulator.layerTest, { excludeTestServices: true })("a comparison of versions", (it) => {
  it.effect("tells tables and variables apart with a listing each, and no request for single ones", () =>
    Effect.gen(function*() {
      yield* seed("compared")
      const { operations, value: diff } = yield* during(Version.diff("researcher.compared", "v1.0", "v2.0"))
      assert.deepStrictEqual([diff.from, diff.to, diff.unchanged], ["v1.0", "v2.0", 2])
      assert.deepStrictEqual([diff.added, diff.removed].map((tables) => tables.map(({ name }) => name)), [
        ["fresh"],
        ["old"]
      ])
      assert.deepStrictEqual(diff.changed.map(({ name, numRows }) => [name, numRows]), [["birds", { from: 2, to: 3 }]])
      const [birds] = diff.changed
      assert.isDefined(birds?.hash)
      assert.notStrictEqual(birds?.hash?.from, birds?.hash?.to)
      assert.isUndefined(birds?.variables)
      // two lists of tables, and two of variables for each of the three tables that both have
      assert.deepStrictEqual(operations, [
        ...Array.from({ length: 2 }, () => "tables.listByDataset"),
        ...Array.from({ length: 6 }, () => "variables.listByTable")
      ])
    }))

  it.effect("asks for the variables of tables whose content moved, or for none, where that suffices", () =>
    Effect.gen(function*() {
      yield* seed("sparing")
      const byHash = yield* during(Version.diff("researcher.sparing", "v1.0", "current", { variables: "hash" }))
      assert.strictEqual(byHash.value.to, "v2.0")
      assert.strictEqual(byHash.operations.filter((name) => name === "variables.listByTable").length, 2)
      assert.strictEqual(byHash.operations.filter((name) => name === "datasets.get").length, 1)
      const none = yield* during(Version.diff("researcher.sparing", "v1.0", "v2.0", { variables: "none" }))
      assert.deepStrictEqual(none.operations, ["tables.listByDataset", "tables.listByDataset"])
    }))

  it.effect("shows what a draft will change: a variable's label, type and place", () =>
    Effect.gen(function*() {
      yield* seed("prepared")
      yield* Version.create("researcher.prepared")
      yield* Upload.create("researcher.prepared:next.birds", {
        name: "b.csv",
        data: csv("species,mass,wing\nx,0.5,2\n"),
        metadata: { species: { label: "Kind", description: "As seen" } }
      })
      const listed = yield* Version.diff("researcher.prepared", "current", "next")
      assert.deepStrictEqual(listed.changed[0]?.variables?.changed[0], {
        name: "species",
        label: { from: "Species", to: "Kind" }
      })
      const diff = yield* Version.diff("researcher.prepared", "current", "next", { descriptions: true })
      assert.deepStrictEqual([diff.from, diff.to], ["v2.0", "next"])
      const [birds] = diff.changed
      assert.deepStrictEqual(birds?.variables?.added.map(({ name }) => name), ["wing"])
      assert.deepStrictEqual(birds?.variables?.changed, [
        {
          name: "species",
          label: { from: "Species", to: "Kind" },
          description: { from: "In Latin", to: "As seen" }
        },
        { name: "mass", type: { from: "integer", to: "float" } }
      ])
    }))

  it.effect("refuses what is no tag before a request, and says of a version that is not there that it is not", () =>
    Effect.gen(function*() {
      yield* seed("refused")
      const { operations, value: error } = yield* during(
        Effect.flip(
          Version.diff("researcher.refused", "1", "v2.0")
        )
      )
      assert.deepInclude(error, { _tag: "InvalidInput", field: "from" })
      assert.deepStrictEqual(operations, [])
      const missing = yield* Effect.flip(Version.diff("researcher.refused", "v1.0", "v7.0"))
      assert.strictEqual(missing._tag, "NotFound")
    }))
})
