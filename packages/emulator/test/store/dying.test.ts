/** Imports that the process died of. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { cp, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"

const program = join(import.meta.dirname, "dyingProgram.ts")

const die = (directory: string, mode: "upload" | "restart"): void => {
  const { signal, stderr } = spawnSync(process.execPath, [program, directory, mode], { encoding: "utf8" })
  assert.strictEqual(signal, "SIGKILL", stderr)
}

const open = <A, E>(directory: string, effect: Effect.Effect<A, E, Store>) =>
  Effect.provide(effect, StoreDuckDB.layer({ directory }), { local: true })

/** The one upload that there is. */
const only = Effect.gen(function*() {
  const store = yield* Store
  const [account] = yield* store.accounts.list
  const [dataset] = yield* store.datasets.list(account!.name)
  const at = yield* store.datasets.get({ owner: account!.name, id: dataset!.dataset.referenceId, version: "next" })
  const [table] = yield* store.tables.list(at)
  return (yield* store.uploads.list(table!))[0]!
})

describe("an import that was running when the process died", () => {
  it.live("is tried once more at the next start, and then fails", () =>
    Effect.acquireUseRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "dying-"))),
      (root) =>
        Effect.gen(function*() {
          const [once, twice] = [join(root, "once"), join(root, "twice")]
          die(once, "upload")
          yield* Effect.promise(() => cp(once, twice, { recursive: true }))

          const done = yield* open(
            once,
            Effect.gen(function*() {
              const store = yield* Store
              const [id] = yield* store.uploads.pending
              return yield* store.uploads.run(id!)
            })
          )
          assert.deepStrictEqual([done.status, done.numRows], ["completed", 200_000])

          die(twice, "restart")
          const upload = yield* open(
            twice,
            Effect.gen(function*() {
              const store = yield* Store
              assert.deepStrictEqual(yield* store.uploads.pending, [])
              return yield* only
            })
          )
          assert.strictEqual(upload.status, "failed")
          assert.match(upload.errorMessage!, /^The emulator stopped twice while it read this file/)
          assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(twice, "files"))), [])
        }),
      (root) => Effect.promise(() => rm(root, { recursive: true }))
    ), 180_000)
})
