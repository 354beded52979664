/** Lock files: what a paper's data was, and whether it still is. */
import * as Lock from "@effect-redivis/core/Lock"
import * as Upload from "@effect-redivis/core/Upload"
import * as Version from "@effect-redivis/core/Version"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { NodeFileSystem } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { during, seed } from "./publishingSeed.ts"

const csv = (text: string): Uint8Array => new TextEncoder().encode(text)

layer(Emulator.layerTest, { excludeTestServices: true })("a lock", (it) => {
  it.effect("is written, read in another place, and verified with a listing for each dataset", () =>
    Effect.gen(function*() {
      yield* seed("locked")
      const fileSystem = yield* FileSystem.FileSystem
      const path = `${yield* fileSystem.makeTempDirectoryScoped()}/redivis.lock`
      const made = yield* during(Lock.make(["researcher.locked", "researcher.locked:v1_0"]))
      assert.deepStrictEqual(made.operations, [
        "datasets.get",
        "datasets.get",
        "tables.listByDataset",
        "tables.listByDataset"
      ])
      yield* Lock.write(made.value, path)
      assert.deepStrictEqual(yield* fileSystem.readDirectory(path.slice(0, path.lastIndexOf("/"))), ["redivis.lock"])
      const lock = yield* Lock.read(path)
      assert.deepStrictEqual(lock, made.value)
      assert.deepStrictEqual(
        lock.datasets.map(({ tables, tag }) => [tag, tables.map(({ name, numRows }) => [name, numRows])]),
        [
          ["v1.0", [["birds", 2], ["old", 1], ["same", 1], ["still", 1]]],
          ["v2.0", [["birds", 3], ["fresh", 2], ["same", 1], ["still", 1]]]
        ]
      )
      assert.isTrue(lock.datasets.every(({ tables }) => tables.every(({ hash }) => hash !== null)))
      // another release moves nothing
      yield* Version.create("researcher.locked")
      yield* Upload.create("researcher.locked:next.birds", { name: "b.csv", data: csv("species,mass\nx,4\n") })
      yield* Version.release("researcher.locked")
      const verified = yield* during(Lock.verify(lock))
      assert.deepStrictEqual(verified.value, [])
      assert.deepStrictEqual(verified.operations, ["tables.listByDataset", "tables.listByDataset"])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))

  it.effect("says what moved: a version that is gone, tables that are others", () =>
    Effect.gen(function*() {
      yield* seed("moved")
      const lock = yield* Lock.make(["researcher.moved:v1_0", "researcher.moved:v2_0"])
      const emulator = yield* Emulator.Emulator
      const [first, second] = lock.datasets
      const tables = second!.tables.map((table) => table.name === "birds" ? { ...table, hash: "0", numRows: 9 } : table)
      yield* emulator.faults.add({ match: "tables.listByDataset", times: 1, do: { status: 404 } })
      const moved = yield* Lock.verify({
        ...lock,
        datasets: [{ ...first!, tables: [] }, { ...second!, tables }]
      })
      assert.deepStrictEqual(
        moved.map((one) => [one.kind, one.kind === "tableChanged" ? one.fields : []]),
        [["datasetMissing", []], ["tableChanged", ["hash", "numRows"]]]
      )
    }))

  it.effect("that is not there is a PlatformError, and one that is damaged a DecodeError", () =>
    Effect.gen(function*() {
      const fileSystem = yield* FileSystem.FileSystem
      const path = `${yield* fileSystem.makeTempDirectoryScoped()}/redivis.lock`
      assert.strictEqual((yield* Effect.flip(Lock.read(path)))._tag, "PlatformError")
      yield* fileSystem.writeFileString(path, "{\"lockVersion\": 1")
      assert.strictEqual((yield* Effect.flip(Lock.read(path)))._tag, "DecodeError")
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))
})
