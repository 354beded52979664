import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import type * as Model from "../../src/store/model.ts"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { bytesOf, csvOf, makeTable, read, reload, typesOf, upload } from "./fixtures.ts"

const datasetOf = (table: Model.Table): Model.Dataset => {
  if (table.container.kind !== "dataset") throw new Error("not a table of a dataset")
  return table.container.at.dataset
}

/** A table with two rows, released as v1.0. */
const released = Effect.gen(function*() {
  const store = yield* Store
  const table = yield* makeTable()
  yield* upload(table, "a,b\n1,x\n2,y\n", { name: "first.csv" })
  const version = yield* store.versions.release(datasetOf(table).id)
  assert.strictEqual(version.tag, "v1.0")
  return yield* reload(table)
})

/** The same with a draft. */
const drafted = Effect.gen(function*() {
  const store = yield* Store
  const table = yield* released
  yield* store.versions.createNext(datasetOf(table).id)
  return yield* reload(table, "next")
})

const reasonOf = (error: { readonly _tag: string }): string => "reason" in error ? String(error.reason) : error._tag

layer(StoreDuckDB.layer())("merging", (it) => {
  it.effect("a draft inherits the released rows, and lists no upload for them", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* drafted
      assert.strictEqual(table.numRows, 2)
      assert.deepStrictEqual(yield* store.uploads.list(table), [])
      assert.strictEqual(yield* csvOf(table, "next"), "a,b\n1,x\n2,y\n")
      assert.strictEqual(table.hash, (yield* reload(table, "v1.0")).hash)
      assert.deepStrictEqual((yield* store.uploads.list(yield* reload(table, "v1.0"))).map(({ name }) => name), [
        "first.csv"
      ])
    }))

  it.effect("append adds to the inherited rows, also for an upload that has the name of a released one", () =>
    Effect.gen(function*() {
      const table = yield* drafted
      const added = yield* upload(table, "a,b\n1,x\n2,y\n", { name: "first.csv" })
      assert.strictEqual(added.name, "first.csv")
      assert.strictEqual(yield* csvOf(table, "next"), "a,b\n1,x\n2,y\n1,x\n2,y\n")
      assert.strictEqual(yield* csvOf(table, "v1.0"), "a,b\n1,x\n2,y\n")
    }))

  it.effect("an upload that is replaced by one of the same name takes its own rows away, not the inherited ones", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* drafted
      const first = yield* upload(table, "a,b\n3,z\n", { name: "more.csv" })
      assert.strictEqual(yield* csvOf(table, "next"), "a,b\n1,x\n2,y\n3,z\n")
      yield* store.uploads.remove(first.id)
      yield* upload(table, "a,b\n4,w\n", { name: "more.csv" })
      assert.strictEqual(yield* csvOf(table, "next"), "a,b\n1,x\n2,y\n4,w\n")
    }))

  it.effect("replace empties what was inherited at once, and append brings it back", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* drafted
      const emptied = yield* store.tables.update(table, { uploadMergeStrategy: "replace" })
      assert.deepStrictEqual([emptied.numRows, emptied.variableCount], [0, 0])
      assert.notStrictEqual(emptied.hash, table.hash)
      yield* upload(table, "c\n9\n")
      assert.strictEqual(yield* csvOf(table, "next"), "c\n9\n")
      yield* store.tables.update(table, { uploadMergeStrategy: "append" })
      assert.strictEqual(yield* csvOf(table, "next"), "a,b,c\n1,x,\n2,y,\n,,9\n")
    }))

  it.effect("replace that an earlier version left empties nothing before there is something to replace it", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* drafted
      const { id } = datasetOf(table)
      yield* store.tables.update(table, { uploadMergeStrategy: "replace" })
      yield* upload(table, "a,b\n5,v\n")
      yield* store.versions.release(id)
      yield* store.versions.createNext(id)
      const next = yield* reload(table, "next")
      assert.deepStrictEqual([next.uploadMergeStrategy, next.numRows], ["replace", 1])
      assert.strictEqual(yield* csvOf(table, "next"), "a,b\n5,v\n")
      const added = yield* upload(next, "a,b\n6,u\n")
      assert.strictEqual(yield* csvOf(table, "next"), "a,b\n6,u\n")
      yield* store.uploads.remove(added.id)
      assert.strictEqual(yield* csvOf(table, "next"), "a,b\n5,v\n")
    }))

  it.effect("deleting and making the draft's table anew empties it, under another id", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* drafted
      yield* store.tables.remove(table)
      const { dataset, version } = table.container.kind === "dataset" ? table.container.at : assert.fail()
      const lookup = { owner: dataset.owner.name, id: dataset.referenceId, version: "next" }
      assert.strictEqual((yield* Effect.flip(store.tables.get({ container: lookup, name: "t" })))._tag, "StoreNotFound")
      const again = yield* store.tables.create(yield* store.datasets.get(lookup), { name: "t" })
      assert.notStrictEqual(again.id, table.id)
      assert.notStrictEqual(again.referenceId, table.referenceId)
      assert.strictEqual(again.numRows, 0)
      yield* upload(again, "a,b\n7,t\n")
      assert.strictEqual(yield* csvOf(again, "next"), "a,b\n7,t\n")
      assert.strictEqual(yield* csvOf(table, "v1.0"), "a,b\n1,x\n2,y\n")
      assert.strictEqual(version.tag, "next")
    }))

  it.effect("uploads stack by names, with nulls where one has no such column", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      yield* upload(table, "b,a\n1,x\n")
      yield* upload(table, "A,c\ny,true\n")
      const source = { kind: "table", table: yield* reload(table) } as const
      assert.deepStrictEqual(yield* typesOf(source), ["b: integer", "a: string", "c: boolean"])
      assert.strictEqual(yield* read(source, "csv"), "b,a,c\n1,x,\n,y,true\n")
      assert.strictEqual((yield* store.uploads.list(table)).length, 2)
    }))

  for (
    const [left, right, type, values] of [
      ["1", "2.5", "float", "1.0\n2.5"],
      ["9007199254740993", "2.5", "string", "9007199254740993\n2.5"],
      ["2020-01-01", "2020-01-02 03:04:05.5", "dateTime", "2020-01-01 00:00:00\n2020-01-02 03:04:05.500000"],
      ["true", "1", "string", "true\n1"],
      ["2020-01-01", "x", "string", "2020-01-01\nx"],
      ["01:02:03.5", "x", "string", "01:02:03.500000\nx"],
      ["POINT(1 2)", "x", "string", "POINT(1 2)\nx"]
    ] as const
  ) {
    it.effect(`uploads of ${left} and ${right} meet as ${type}`, () =>
      Effect.gen(function*() {
        const table = yield* makeTable()
        yield* upload(table, `v\n${left}\n`)
        yield* upload(table, `v\n${right}\n`)
        const source = { kind: "table", table: yield* reload(table) } as const
        assert.deepStrictEqual(yield* typesOf(source), [`v: ${type}`])
        assert.strictEqual(yield* read(source, "csv"), `v\n${values}\n`)
      }))
  }
})

layer(StoreDuckDB.layer())("hash", (it) => {
  it.effect("is the same for the same rows, however they came", () =>
    Effect.gen(function*() {
      const one = yield* makeTable()
      yield* upload(one, "a,b\n1,x\n2,y\n3,z\n")
      const other = yield* makeTable()
      yield* upload(other, "a,b\n2,y\n")
      yield* upload(other, "[{\"a\":3,\"b\":\"z\"},{\"a\":1,\"b\":\"x\"}]", { name: "rest.json" })
      assert.strictEqual((yield* reload(one)).hash, (yield* reload(other)).hash)
    }))

  it.effect("changes with a value, a row, a name, a type, and a row that is there twice", () =>
    Effect.gen(function*() {
      const contents = [
        "a,b\n1,x\n2,y\n",
        "a,b\n1,x\n2,z\n",
        "a,b\n1,y\n2,x\n",
        "a,b\n1,x\n",
        "a,c\n1,x\n2,y\n",
        "a,b\n1,x\n2,\n",
        "a,b\n1,x\n2,\"\"\n",
        "a,b\n1.0,x\n2,y\n",
        "a,b\n1,x\n1,x\n2,y\n",
        "a,b\n1,x\n2,y\n2,y\n",
        "a,b\n1,x\n1,x\n2,y\n2,y\n",
        "a,b\n",
        "b,a\nx,1\ny,2\n"
      ]
      const hashes = yield* Effect.forEach(contents, (content) =>
        Effect.gen(function*() {
          const table = yield* makeTable()
          yield* upload(table, content)
          return (yield* reload(table)).hash
        }))
      assert.strictEqual(new Set(hashes).size, contents.length)
    }))

  it.effect("stays when names, descriptions, labels or strategies change", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      yield* upload(table, "a,b\n1,x\n")
      const before = yield* reload(table)
      const after = yield* store.tables.update(before, { name: "other", description: "new" })
      yield* store.variables.update(after, [{ name: "a", label: "A" }])
      assert.strictEqual((yield* reload(table)).hash, before.hash)
    }))
})

layer(StoreDuckDB.layer())("versions", (it) => {
  it.effect("there is one draft at most, and a dataset begins with it", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      const { id } = datasetOf(table)
      assert.deepStrictEqual((yield* store.versions.list(id)).map(({ tag }) => tag), ["next"])
      assert.strictEqual(reasonOf(yield* Effect.flip(store.versions.createNext(id))), "nextExists")
      yield* store.versions.release(id)
      assert.strictEqual(reasonOf(yield* Effect.flip(store.versions.release(id))), "noNext")
      yield* store.versions.createNext(id)
      assert.strictEqual(reasonOf(yield* Effect.flip(store.versions.createNext(id))), "nextExists")
      const [next, first] = yield* store.versions.list(id)
      assert.deepStrictEqual([next!.tag, next!.index, next!.previousVersionTag, next!.nextVersionTag], [
        "next",
        1,
        "v1.0",
        null
      ])
      assert.deepStrictEqual([first!.tag, first!.index, first!.previousVersionTag, first!.nextVersionTag], [
        "v1.0",
        0,
        null,
        "next"
      ])
    }))

  it.effect("additions make a minor version, removals and new types a major one", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* drafted
      const { id } = datasetOf(table)
      yield* upload(table, "a,b,c\n3,z,1\n")
      assert.strictEqual((yield* store.versions.release(id)).tag, "v1.1")
      yield* store.versions.createNext(id)
      yield* upload(yield* reload(table, "next"), "a\nx\n")
      assert.strictEqual((yield* store.versions.release(id)).tag, "v2.0")
      yield* store.versions.createNext(id)
      const next = yield* reload(table, "next")
      yield* store.tables.update(next, { uploadMergeStrategy: "replace" })
      yield* upload(next, "a\ny\n")
      assert.strictEqual((yield* store.versions.release(id)).tag, "v3.0")
      yield* store.versions.createNext(id)
      yield* store.tables.remove(yield* reload(table, "next"))
      assert.strictEqual((yield* store.versions.release(id)).tag, "v4.0")
      assert.strictEqual(yield* csvOf(table, "v1_0"), "a,b\n1,x\n2,y\n")
      assert.strictEqual(yield* csvOf(table, "V1.1"), "a,b,c\n1,x,\n2,y,\n3,z,1\n")
      assert.strictEqual(yield* csvOf(table, "v3.0"), "a\ny\n")
    }))

  it.effect("a release fixes its tables: no upload, no row, no other strategy", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* released
      const upload = { content: { kind: "bytes", bytes: bytesOf("a\n1\n") } } as const
      const [existing] = yield* store.uploads.list(table)
      const errors = yield* Effect.forEach([
        store.uploads.create(table, upload),
        store.uploads.remove(existing!.id),
        store.tables.update(table, { uploadMergeStrategy: "replace" }),
        store.tables.remove(table),
        store.tables.create(table.container.kind === "dataset" ? table.container.at : assert.fail(), { name: "u" })
      ], (effect) => Effect.flip(effect as Effect.Effect<unknown, { readonly _tag: string }>))
      assert.deepStrictEqual(errors.map(reasonOf), ["released", "released", "released", "released", "released"])
      const described = yield* store.tables.update(table, { description: "may change" })
      assert.strictEqual(described.description, "may change")
    }))

  it.effect("cannot be released without a change, or with uploads that failed or wait", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* drafted
      const { id, nextVersion } = (yield* store.datasets.getById(datasetOf(table).id)).dataset
      assert.isFalse(yield* store.versions.canRelease(nextVersion!.id))
      assert.strictEqual(reasonOf(yield* Effect.flip(store.versions.release(id))), "nothingToRelease")
      const waiting = yield* store.uploads.create(table, { content: { kind: "bytes", bytes: bytesOf("a,b\n1\n") } })
      assert.isFalse(yield* store.versions.canRelease(nextVersion!.id))
      assert.strictEqual(reasonOf(yield* Effect.flip(store.versions.release(id))), "uploadsUnfinished")
      assert.strictEqual((yield* store.uploads.run(waiting.id)).status, "failed")
      assert.strictEqual(reasonOf(yield* Effect.flip(store.versions.release(id))), "uploadsUnfinished")
      yield* store.uploads.remove(waiting.id)
      yield* store.variables.update(yield* reload(table, "next"), [{ name: "A", label: "new" }])
      assert.isTrue(yield* store.versions.canRelease(nextVersion!.id))
      const version = yield* store.versions.release(id, { releaseNotes: "labels" })
      assert.deepStrictEqual([version.tag, version.releaseNotes, version.status], ["v1.1", "labels", "completed"])
    }))

  it.effect("current is the newest release, and the draft before there is one", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      const { id } = datasetOf(table)
      assert.strictEqual((yield* store.versions.get(id, "current")).tag, "next")
      assert.strictEqual((yield* store.datasets.getById(id)).version.tag, "next")
      yield* store.versions.release(id)
      assert.strictEqual((yield* Effect.flip(store.versions.get(id, "next")))._tag, "StoreNotFound")
      yield* store.versions.createNext(id)
      assert.strictEqual((yield* store.versions.get(id, "Current")).tag, "v1.0")
      assert.strictEqual((yield* store.datasets.getById(id)).version.tag, "v1.0")
      assert.strictEqual((yield* Effect.flip(store.versions.get(id, "v1.1")))._tag, "StoreNotFound")
    }))

  it.effect("a draft can be thrown away, a historic version be marked and come back, the current one neither", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* drafted
      const { id } = datasetOf(table)
      yield* upload(table, "a,b\n3,z\n")
      assert.isUndefined(yield* store.versions.remove(id, "next"))
      assert.deepStrictEqual((yield* store.versions.list(id)).map(({ tag }) => tag), ["v1.0"])
      assert.strictEqual(reasonOf(yield* Effect.flip(store.versions.remove(id, "v1.0"))), "currentVersion")
      yield* store.versions.createNext(id)
      assert.strictEqual((yield* reload(table, "next")).numRows, 2)
      yield* upload(yield* reload(table, "next"), "a,b\n3,z\n")
      yield* store.versions.release(id)
      const deleted = yield* store.versions.remove(id, "v1_0")
      assert.deepStrictEqual([deleted?.tag, deleted?.isDeleted], ["v1.0", true])
      assert.strictEqual((yield* Effect.flip(reload(table, "v1.0")))._tag, "StoreNotFound")
      assert.isFalse((yield* store.versions.undelete(id, "v1.0")).isDeleted)
      assert.strictEqual(yield* csvOf(table, "v1.0"), "a,b\n1,x\n2,y\n")
      assert.strictEqual((yield* Effect.flip(store.versions.remove(id, "v9.9")))._tag, "StoreNotFound")
    }))

  it.effect("the only version of a dataset stays", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { id } = datasetOf(yield* makeTable())
      assert.strictEqual(reasonOf(yield* Effect.flip(store.versions.remove(id, "next"))), "currentVersion")
    }))

  it.effect("a release can be taken back within seven days, and its uploads are the draft's again", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* released
      const { id } = datasetOf(table)
      yield* TestClock.adjust("6 days")
      const draft = yield* store.versions.unrelease(id)
      assert.deepStrictEqual([draft.tag, draft.isReleased, draft.releasedAt], ["next", false, null])
      const [first] = yield* store.uploads.list(yield* reload(table, "next"))
      yield* store.uploads.remove(first!.id)
      assert.strictEqual((yield* reload(table, "next")).numRows, 0)
      assert.strictEqual((yield* store.versions.release(id)).tag, "v1.0")
      yield* TestClock.adjust("8 days")
      assert.strictEqual(reasonOf(yield* Effect.flip(store.versions.unrelease(id))), "unreleaseWindow")
      yield* store.versions.createNext(id)
      assert.strictEqual(reasonOf(yield* Effect.flip(store.versions.unrelease(id))), "nextExists")
    }))

  it.effect("labels and notes are the version's own", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { currentVersion } = datasetOf(yield* released)
      const changed = yield* store.versions.update(currentVersion!.id, { label: "first", releaseNotes: "hello" })
      assert.deepStrictEqual([changed.label, changed.releaseNotes], ["first", "hello"])
      const unset = yield* store.versions.update(currentVersion!.id, { label: null })
      assert.deepStrictEqual([unset.label, unset.releaseNotes], [null, "hello"])
    }))

  it.effect("rows are held once for all versions that show them", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* drafted
      const before = yield* store.datasets.getById(datasetOf(table).id)
      assert.strictEqual(before.dataset.totalNumBytes, 2 * 8 + 2 * 3)
      assert.strictEqual(before.numBytes, before.dataset.totalNumBytes)
      yield* upload(table, "a,b\n3,z\n")
      const after = yield* store.datasets.getById(datasetOf(table).id)
      assert.strictEqual(after.dataset.totalNumBytes, 3 * 8 + 3 * 3)
      assert.strictEqual(after.numBytes, 2 * 8 + 2 * 3)
      yield* store.versions.remove(datasetOf(table).id, "next")
      assert.strictEqual((yield* store.datasets.getById(datasetOf(table).id)).dataset.totalNumBytes, 2 * 8 + 2 * 3)
    }))

  it.effect("notes on variables go with the draft, and stay as they were in what is released", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* released
      yield* store.variables.update(table, [{
        name: "a",
        label: "before",
        valueLabels: [{ value: "1", label: "one" }]
      }])
      yield* store.versions.createNext(datasetOf(table).id)
      const next = yield* reload(table, "next")
      yield* store.variables.update(next, [{ name: "A", label: "after", description: "text" }])
      yield* store.variables.update(next, [{ name: "a", valueLabels: null }])
      const [old, now] = yield* Effect.forEach(
        ["v1.0", "next"],
        (tag) => Effect.flatMap(reload(table, tag), (table) => store.variables.get({ kind: "table", table }, "A"))
      )
      assert.deepStrictEqual([old!.label, old!.description, old!.valueLabels.length], ["before", null, 1])
      assert.deepStrictEqual([now!.label, now!.description, now!.valueLabels.length], ["after", "text", 0])
      const error = yield* Effect.flip(store.variables.update(next, [{ name: "a", label: "x" }, { name: "no" }]))
      assert.strictEqual(error._tag, "StoreNotFound")
      assert.strictEqual((yield* store.variables.get({ kind: "table", table: next }, "a")).label, "after")
    }))

  it.effect("a sample has a part of the rows, always the same, and says so", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      yield* upload(table, ["a", ...Array.from({ length: 1000 }, (_, index) => index)].join("\n"))
      const dataset = datasetOf(table)
      const lookup = { container: { owner: dataset.owner.name, name: dataset.name }, name: "t", sample: true }
      const sample = yield* store.tables.get(lookup)
      assert.deepStrictEqual([sample.isSample, sample.numRows], [true, 10])
      assert.strictEqual((yield* read({ kind: "table", table: sample }, "csv")).split("\n")[2], "100")
      assert.strictEqual((yield* store.tables.get(lookup)).hash, sample.hash)
      const [listed] = yield* store.tables.list(
        yield* store.datasets.get({ owner: dataset.owner.name, name: dataset.name, sample: true })
      )
      assert.deepStrictEqual([listed!.isSample, listed!.numRows], [true, 10])
      yield* store.datasets.update(dataset.id, {
        documentation: { sampleConfiguration: { variableName: "a", targetRatio: 0.5 } }
      })
      const half = yield* store.tables.get(lookup)
      assert.isAbove(half.numRows, 350)
      assert.isBelow(half.numRows, 650)
    }))

  it.effect("variables are called as they like, also as the store calls positions of rows", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      const header = "n,rowid,position of the row,_"
      const rows = Array.from({ length: 300 }, (_, index) => `x,${300 - index},y${index},z`)
      yield* upload(table, [header, ...rows].join("\n"))
      const reloaded = yield* reload(table)
      assert.strictEqual(yield* read({ kind: "table", table: reloaded }, "csv"), `${[header, ...rows].join("\n")}\n`)
      const dataset = datasetOf(table)
      const lookup = { container: { owner: dataset.owner.name, name: dataset.name }, name: "t", sample: true }
      const sample = yield* store.tables.get(lookup)
      assert.strictEqual(
        yield* read({ kind: "table", table: sample }, "csv"),
        `${[header, rows[0], rows[100], rows[200]].join("\n")}\n`
      )
    }))
})
