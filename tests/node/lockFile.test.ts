/** A lock file beside what others put there. */
import * as Lock from "@effect-redivis/core/Lock"
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as PlatformError from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

const lock: Lock.Lock = { lockVersion: 1, datasets: [] }

const text = "{\n  \"lockVersion\": 1,\n  \"datasets\": []\n}\n"

const withFolder = <A, E>(use: (folder: string) => Effect.Effect<A, E, FileSystem.FileSystem>): Effect.Effect<A, E> =>
  Effect.acquireUseRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "lock-"))),
    use,
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
  ).pipe(Effect.provide(NodeFileSystem.layer))

describe("a lock file", () => {
  it.effect("is written through no link, neither at its path nor beside it", () =>
    withFolder((folder) =>
      Effect.gen(function*() {
        const outside = Path.join(folder, "outside")
        Fs.writeFileSync(outside, "another's", { mode: 0o644 })
        const path = Path.join(folder, "redivis.lock")
        for (const name of ["redivis.lock", "redivis.lock.part"]) Fs.symlinkSync(outside, Path.join(folder, name))
        yield* Lock.write(lock, path)
        assert.isTrue(Fs.lstatSync(path).isFile())
        assert.strictEqual(Fs.readFileSync(path, "utf8"), text)
        assert.strictEqual(Fs.readFileSync(outside, "utf8"), "another's")
        assert.deepStrictEqual(Fs.readdirSync(folder).toSorted(), ["outside", "redivis.lock", "redivis.lock.part"])
      })
    ))

  it.effect("has the mode of the one that it replaces", () =>
    withFolder((folder) =>
      Effect.gen(function*() {
        if (process.platform === "win32") return
        const path = Path.join(folder, "redivis.lock")
        for (const mode of [0o600, 0o640, 0o664, 0o444]) {
          Fs.writeFileSync(path, "before", { flag: "w" })
          Fs.chmodSync(path, mode)
          yield* Lock.write(lock, path)
          assert.strictEqual((Fs.statSync(path).mode & 0o777).toString(8), mode.toString(8))
          assert.strictEqual(Fs.readFileSync(path, "utf8"), text)
          Fs.rmSync(path)
        }
      })
    ))

  it.effect("takes another name where one is taken, and leaves nothing behind where it cannot be moved", () =>
    withFolder((folder) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const path = Path.join(folder, "redivis.lock")
        const tried: Array<string> = []
        const watching = FileSystem.FileSystem.of({
          ...files,
          writeFileString: (path, data, options) => {
            tried.push(path)
            if (tried.length === 1) Fs.writeFileSync(path, "another's")
            return files.writeFileString(path, data, options)
          }
        })
        yield* Random.withSeed(Lock.write(lock, path), "one seed").pipe(
          Effect.provideService(FileSystem.FileSystem, watching)
        )
        assert.strictEqual(tried.length, 2)
        assert.strictEqual(Fs.readFileSync(tried[0]!, "utf8"), "another's")
        assert.strictEqual(Fs.readFileSync(path, "utf8"), text)
        Fs.rmSync(tried[0]!)
        const failing = FileSystem.FileSystem.of({
          ...files,
          rename: (from) =>
            Effect.fail(PlatformError.systemError({
              _tag: "PermissionDenied",
              module: "FileSystem",
              method: "rename",
              pathOrDescriptor: from
            }))
        })
        const failure = yield* Effect.flip(Lock.write(lock, path)).pipe(
          Effect.provideService(FileSystem.FileSystem, failing)
        )
        assert.strictEqual(failure.reason._tag, "PermissionDenied")
        assert.deepStrictEqual(Fs.readdirSync(folder), ["redivis.lock"])
      })
    ))
})
