import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { bytesOf, csvOf, makeDataset, upload } from "./fixtures.ts"

const withDirectory = <A, E>(f: (directory: string) => Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "files-"))),
    f,
    (directory) => Effect.promise(() => rm(directory, { recursive: true }))
  )

const open = <A, E>(directory: string, effect: Effect.Effect<A, E, Store>) =>
  Effect.provide(effect, StoreDuckDB.layer({ directory }), { local: true })

const filesIn = (directory: string) => Effect.promise(() => readdir(join(directory, "files")))

/** A file index with one file, and an export of it. */
const fill = Effect.gen(function*() {
  const store = yield* Store
  const at = yield* makeDataset
  const table = yield* store.tables.create(at, { name: "files", isFileIndex: true })
  const temp = yield* store.tempUploads.create(table, { size: 5 })
  yield* store.tempUploads.write(temp.id, 0, bytesOf("whole"))
  const [file] = yield* store.rawFiles.add(table, [{ name: "a.txt", tempUploadId: temp.id }])
  const reloaded = yield* store.tables.get({
    container: { owner: at.dataset.owner.name, id: at.dataset.referenceId },
    id: table.referenceId
  })
  const made = yield* store.exports.create(
    { kind: "table", table: reloaded },
    { owner: at.dataset.owner.name, format: "csv", name: "files", table: null }
  )
  yield* store.exports.run(made.id, 1e9)
  return { datasetId: at.dataset.id, exportId: made.id, fileId: file!.id }
})

describe("files and exports", () => {
  it.effect("a file takes the place of the row of its name, whatever else the rows have", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* store.tables.create(yield* makeDataset, { name: "files", isFileIndex: true })
      yield* upload(table, "file_name,n\na.txt,7\nb.txt,8\nc.txt,6\n")
      const temp = yield* store.tempUploads.create(table, { size: 5 })
      yield* store.tempUploads.write(temp.id, 0, bytesOf("whole"))
      yield* store.rawFiles.add(table, [{ name: "a.txt", tempUploadId: temp.id }])
      const lines = (yield* csvOf(table)).split("\n")
      assert.deepStrictEqual(lines.slice(1, 3), ["b.txt,8,,,", "c.txt,6,,,"])
      assert.strictEqual(lines[3]!.split(",")[0], "a.txt")
      assert.strictEqual(lines.length, 5)
    }).pipe(Effect.provide(StoreDuckDB.layer())))

  it.live("are there after a restart", () =>
    withDirectory((directory) =>
      Effect.gen(function*() {
        const { exportId, fileId } = yield* open(directory, fill)
        yield* open(
          directory,
          Effect.gen(function*() {
            const store = yield* Store
            const file = yield* store.rawFiles.get(fileId)
            assert.strictEqual(yield* Stream.mkString(Stream.decodeText(store.rawFiles.bytes(file))), "whole")
            assert.strictEqual((yield* store.exports.get(exportId)).status, "completed")
            assert.include(yield* Stream.mkString(Stream.decodeText(store.exports.bytes(exportId, 0))), fileId)
          })
        )
      })
    ))

  it.live("leave nothing behind once their dataset is gone", () =>
    withDirectory((directory) =>
      Effect.gen(function*() {
        yield* open(
          directory,
          Effect.gen(function*() {
            const { datasetId } = yield* fill
            const store = yield* Store
            yield* store.datasets.remove(datasetId)
          })
        )
        yield* open(directory, Effect.void)
        assert.deepStrictEqual(yield* filesIn(directory), [])
      })
    ))

  it.live("that were broken off fail", () =>
    withDirectory((directory) =>
      Effect.gen(function*() {
        const id = yield* open(
          directory,
          Effect.gen(function*() {
            const store = yield* Store
            const at = yield* makeDataset
            const table = yield* store.tables.create(at, { name: "t" })
            const request = { owner: at.dataset.owner.name, format: "csv", name: "t", table: null }
            return (yield* store.exports.create({ kind: "table", table }, request)).id
          })
        )
        const { errorMessage, status } = yield* open(
          directory,
          Effect.flatMap(Store, (store) => store.exports.get(id))
        )
        assert.deepStrictEqual([status, errorMessage], ["failed", "The emulator was stopped while the export ran"])
      })
    ))
})
