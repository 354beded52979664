import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { makeTable, reload, upload } from "./fixtures.ts"

it.live("an export that cannot be written says so in a sentence, and the log says why", () =>
  Effect.acquireUseRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "exports-"))),
    (directory) =>
      Effect.gen(function*() {
        const store = yield* Store
        const made = yield* makeTable()
        yield* upload(made, "a\n1\n")
        const table = yield* reload(made)
        const logged: Array<string> = []
        const logger = Logger.make(({ message }) => void logged.push(String(message)))
        for (const format of ["csv", "parquet", "ndjson"]) {
          const { id } = yield* store.exports.create({ kind: "table", table }, {
            owner: "someone",
            format,
            name: "t",
            table: null
          })
          // what stands where its file has to
          yield* Effect.promise(() => mkdir(join(directory, "files", `export-${id}-0`)))
          const done = yield* store.exports.run(id, 1_000_000).pipe(Effect.provide(Logger.layer([logger])))
          assert.strictEqual(done.status, "failed")
          assert.match(done.errorMessage!, /^[A-Z][^:{}]+\. [A-Z][^:{}]+$/)
          assert.notMatch(done.errorMessage!, /Error|IO |undefined|\[object|\/|export-/)
          assert.match(logged.pop()!, /^The export \w+ failed: .*export-/)
        }
      }).pipe(Effect.provide(StoreDuckDB.layer({ directory: join(directory) }))),
    (directory) => Effect.promise(() => rm(directory, { recursive: true }))
  ), 60_000)
