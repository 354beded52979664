/** The directory of a row cache, and its lock, by a clock that the test moves. */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as PlatformError from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as RowCache from "../src/data/RowCache.ts"
import type { Files, OpenFile } from "../src/data/rowCache/files.ts"
import { withLock } from "../src/data/rowCache/lock.ts"

interface Node {
  bytes: Uint8Array
  mtime: number
}

const failure = (tag: PlatformError.SystemErrorTag, method: string, path: string) =>
  PlatformError.systemError({ _tag: tag, module: "FileSystem", method, pathOrDescriptor: path })

/** The files, of which those of these names are another user's. */
const notRemoving = (files: Files, ...paths: ReadonlyArray<string>): Files => ({
  ...files,
  remove: (path, options) =>
    paths.includes(path) ? Effect.fail(failure("PermissionDenied", "remove", path)) : files.remove(path, options)
})

/** Files in memory: one that is open stays what it is when its name goes. */
const memoryFiles = () => {
  const nodes = new Map<string, Node>()
  const found = (method: string, path: string) =>
    Effect.suspend(() => {
      const node = nodes.get(path)
      return node === undefined ? Effect.fail(failure("NotFound", method, path)) : Effect.succeed(node)
    })
  const opened = (node: Node): OpenFile => ({
    stat: Effect.sync(() => ({ size: BigInt(node.bytes.length) })),
    read: (buffer, { position }) =>
      Effect.sync(() => {
        // a system may give less than was asked for
        const part = node.bytes.subarray(Number(position), Number(position) + Math.min(buffer.length, 3))
        buffer.set(part)
        return part.length
      }),
    writeAll: (bytes) =>
      Effect.sync(() => {
        node.bytes = Uint8Array.of(...node.bytes, ...bytes)
      })
  })
  const files: Files = {
    makeDirectory: () => Effect.void,
    open: (path, { flag }) =>
      flag === "r" ? Effect.map(found("open", path), opened) : Effect.flatMap(Clock.currentTimeMillis, (mtime) => {
        if (nodes.has(path)) return Effect.fail(failure("AlreadyExists", "open", path))
        const node = { bytes: new Uint8Array(0), mtime }
        nodes.set(path, node)
        return Effect.succeed(opened(node))
      }),
    readDirectory: (path) => Effect.sync(() => [...nodes.keys()].map((name) => name.slice(path.length + 1))),
    remove: (path) => Effect.sync(() => void nodes.delete(path)),
    rename: (from, to) =>
      Effect.map(found("rename", from), (node) => {
        nodes.delete(from)
        nodes.set(to, node)
      }),
    stat: (path) =>
      Effect.map(found("stat", path), ({ bytes, mtime }) => ({
        mtime: Option.some(new Date(mtime)),
        size: BigInt(bytes.length)
      })),
    utimes: (path, _, modified) =>
      Effect.map(found("utimes", path), (node) => {
        node.mtime = modified.getTime()
      })
  }
  return { files, nodes }
}

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(length)

const keep = (store: RowCache.Store, key: string, length: number) =>
  Effect.scoped(Effect.gen(function*() {
    const draft = yield* store.create(key)
    yield* draft.write(bytes(length))
    yield* draft.commit
  }))

describe("a directory", () => {
  const begun = (maxBytes: number) => {
    const { files, nodes } = memoryFiles()
    return Effect.map(RowCache.makeFiles(files, { directory: "rows/", maxBytes }), (store) => ({ files, nodes, store }))
  }

  it.effect("shows an entry when it is committed, and nothing of one that was given up", () =>
    Effect.gen(function*() {
      const { nodes, store } = yield* begun(100)
      const scope = yield* Scope.make()
      const draft = yield* Scope.provide(store.create("a"), scope)
      yield* draft.write(bytes(5))
      assert.isUndefined(yield* Effect.scoped(store.open("a")))
      assert.strictEqual(nodes.size, 1)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(nodes.size, 0)
      yield* keep(store, "a", 5)
      assert.deepStrictEqual([...nodes.keys()], ["rows/a.rows"])
      yield* Effect.scoped(Effect.gen(function*() {
        const entry = yield* store.open("a")
        assert.strictEqual(entry?.size, 5)
        yield* store.remove("a")
        assert.deepStrictEqual(yield* entry!.read(0, 5), bytes(5))
        assert.deepStrictEqual(yield* entry!.read(1, 4), bytes(5).subarray(1))
      }))
      assert.strictEqual(nodes.size, 0)
    }))

  it.effect("removes what was used least recently until the new entry fits, and no file that is not its own", () =>
    Effect.gen(function*() {
      const { nodes, store } = yield* begun(100)
      nodes.set("rows/README.txt", { bytes: bytes(1000), mtime: 0 })
      for (const key of ["a", "b", "c"]) {
        yield* keep(store, key, 30)
        yield* TestClock.adjust(1000)
      }
      yield* Effect.scoped(store.open("a"))
      yield* TestClock.adjust(1000)
      yield* keep(store, "d", 60)
      assert.deepStrictEqual([...nodes.keys()].toSorted(), ["rows/README.txt", "rows/a.rows", "rows/d.rows"])
      // one that takes the place of another of its key counts once
      yield* keep(store, "d", 70)
      yield* keep(store, "e", 101)
      assert.deepStrictEqual([...nodes.keys()].toSorted(), ["rows/README.txt", "rows/a.rows", "rows/d.rows"])
      yield* store.clear
      assert.deepStrictEqual([...nodes.keys()], ["rows/README.txt"])
    }))

  it.effect("keeps the draft of who reads slowly, and removes that of a process that was killed", () =>
    Effect.gen(function*() {
      const { files, nodes, store } = yield* begun(100)
      nodes.set("rows/dead.abc.part", { bytes: bytes(9), mtime: 0 })
      yield* Effect.scoped(Effect.gen(function*() {
        const draft = yield* store.create("slow")
        yield* draft.write(bytes(5))
        // nothing is written for an hour
        for (let minute = 0; minute < 60; minute++) yield* TestClock.adjust("1 minute")
        yield* keep(store, "quick", 5)
        assert.isFalse(nodes.has("rows/dead.abc.part"))
        yield* draft.commit
      }))
      assert.deepStrictEqual([...nodes.keys()].toSorted(), ["rows/quick.rows", "rows/slow.rows"])
      nodes.set("rows/dead.def.part", { bytes: bytes(9), mtime: 0 })
      yield* RowCache.makeFiles(files, { directory: "rows" })
      assert.isFalse(nodes.has("rows/dead.def.part"))
    }))

  it.effect("is opened, and keeps entries, although a draft that was left in it cannot be looked at or removed", () =>
    Effect.gen(function*() {
      const { files, nodes } = memoryFiles()
      const mine = "rows/dead.zzz.part"
      const others = ["rows/dead.abc.part", "rows/dead.def.part"]
      for (const path of [...others, mine]) nodes.set(path, { bytes: bytes(9), mtime: -1_000_000 })
      const store = yield* RowCache.makeFiles(
        {
          ...notRemoving(files, ...others),
          stat: (path) => path === others[1] ? Effect.fail(failure("PermissionDenied", "stat", path)) : files.stat(path)
        },
        { directory: "rows" }
      )
      assert.isFalse(nodes.has(mine))
      yield* keep(store, "a", 5)
      assert.deepStrictEqual([...nodes.keys()].toSorted(), ["rows/a.rows", ...others])
    }))

  it.effect("passes over an entry that cannot be removed, as long as what is new fits all the same", () =>
    Effect.gen(function*() {
      const { files, nodes } = memoryFiles()
      nodes.set("rows/theirs.rows", { bytes: bytes(40), mtime: -1000 })
      const store = yield* RowCache.makeFiles(notRemoving(files, "rows/theirs.rows"), {
        directory: "rows",
        maxBytes: 100
      })
      yield* keep(store, "a", 50)
      yield* keep(store, "b", 60)
      assert.deepStrictEqual([...nodes.keys()].toSorted(), ["rows/b.rows", "rows/theirs.rows"])
      const refused = yield* Effect.flip(keep(store, "c", 61))
      assert.strictEqual(refused._tag, "RowCacheError")
      assert.deepStrictEqual([...nodes.keys()], ["rows/theirs.rows"])
    }))

  it.effect("is cleared of what killed processes left, and not of what is being written", () =>
    Effect.gen(function*() {
      const { nodes, store } = yield* begun(100)
      yield* Effect.scoped(Effect.gen(function*() {
        const draft = yield* store.create("a")
        yield* draft.write(bytes(5))
        nodes.set("rows/dead.abc.part", { bytes: bytes(9), mtime: -1_000_000 })
        yield* store.clear
        assert.isFalse(nodes.has("rows/dead.abc.part"))
        yield* draft.commit
      }))
      assert.deepStrictEqual([...nodes.keys()], ["rows/a.rows"])
    }))

  it.effect("is brought down to its bound when it is opened", () =>
    Effect.gen(function*() {
      const { files, nodes, store } = yield* begun(100)
      for (const key of ["a", "b", "c"]) {
        yield* keep(store, key, 30)
        yield* TestClock.adjust(1000)
      }
      yield* RowCache.makeFiles(files, { directory: "rows", maxBytes: 60 })
      assert.deepStrictEqual([...nodes.keys()].toSorted(), ["rows/b.rows", "rows/c.rows"])
      // where nothing may be removed it can be read all the same
      yield* RowCache.makeFiles(notRemoving(files, ...nodes.keys()), { directory: "rows", maxBytes: 30 })
      assert.deepStrictEqual([...nodes.keys()].toSorted(), ["rows/b.rows", "rows/c.rows"])
    }))

  it.effect("is looked at many files at once, and not at all of them", () =>
    Effect.gen(function*() {
      const { files, nodes } = memoryFiles()
      for (let n = 0; n < 100; n++) nodes.set(`rows/${n}.rows`, { bytes: bytes(1), mtime: n })
      let running = 0
      let most = 0
      const stat: Files["stat"] = (path) =>
        Effect.gen(function*() {
          most = Math.max(most, ++running)
          yield* Effect.yieldNow
          running--
          return yield* files.stat(path)
        })
      const store = yield* RowCache.makeFiles({ ...files, stat }, { directory: "rows", maxBytes: 100 })
      yield* keep(store, "a", 50)
      assert.strictEqual(nodes.size, 51)
      assert.strictEqual(most, 16)
    }))

  it.effect("takes the drafts of readings under one seed, each under a name of its own", () =>
    Effect.gen(function*() {
      const { nodes, store } = yield* begun(100)
      const create = (key: string) => Random.withSeed(store.create(key), "the same")
      yield* Effect.scoped(Effect.gen(function*() {
        const drafts = yield* Effect.all([create("a"), create("a"), create("a")])
        assert.strictEqual(nodes.size, 3)
        for (const [index, draft] of drafts.entries()) {
          yield* draft.write(bytes(index + 1))
          yield* draft.commit
        }
      }))
      assert.deepStrictEqual(nodes.get("rows/a.rows")?.bytes, bytes(3))
    }))

  it.effect("leaves the draft of another alone where no name is free", () =>
    Effect.gen(function*() {
      const { files, nodes } = memoryFiles()
      let isTaken = false
      const open: Files["open"] = (path, options) => {
        if (!isTaken) return files.open(path, options)
        nodes.set(path, { bytes: bytes(1), mtime: 0 })
        return Effect.fail(failure("AlreadyExists", "open", path))
      }
      const store = yield* RowCache.makeFiles({ ...files, open }, { directory: "rows" })
      isTaken = true
      const refused = yield* Effect.flip(Effect.scoped(store.create("a")))
      assert.strictEqual(refused._tag, "RowCacheError")
      assert.isAbove(nodes.size, 1)
    }))

  it.effect("that is removed is made again", () =>
    Effect.gen(function*() {
      const { files, nodes } = memoryFiles()
      let isThere = false
      const store = yield* RowCache.makeFiles(
        {
          ...files,
          makeDirectory: () => Effect.sync(() => void (isThere = true)),
          open: (path, options) =>
            Effect.suspend(() => isThere ? files.open(path, options) : Effect.fail(failure("NotFound", "open", path)))
        },
        { directory: "rows" }
      )
      isThere = false
      yield* keep(store, "a", 5)
      assert.deepStrictEqual([...nodes.keys()], ["rows/a.rows"])
      isThere = false
      yield* store.clear
      assert.strictEqual(nodes.size, 0)
    }))
})

describe("a lock", () => {
  it.effect("lets one in after the other, and is gone in the end", () =>
    Effect.gen(function*() {
      const { files, nodes } = memoryFiles()
      const first = yield* Deferred.make<void>()
      let inside = 0
      const work = (until: Effect.Effect<void>) =>
        withLock(
          files,
          "lock",
          Effect.gen(function*() {
            assert.strictEqual(++inside, 1)
            yield* until
            inside--
          })
        )
      const one = yield* Effect.forkChild(work(Deferred.await(first)))
      const others = yield* Effect.forkChild(
        Effect.all([work(Effect.void), work(Effect.void)], { concurrency: 2 })
      )
      yield* TestClock.adjust(1000)
      assert.strictEqual(inside, 1)
      assert.isTrue(nodes.has("lock"))
      yield* Deferred.succeed(first, undefined)
      yield* Fiber.join(one)
      yield* TestClock.adjust(1000)
      yield* Fiber.join(others)
      assert.strictEqual(nodes.size, 0)
    }))

  it.effect("goes with who fails, and whoever stops waiting leaves it to its owner", () =>
    Effect.gen(function*() {
      const { files, nodes } = memoryFiles()
      assert.strictEqual(yield* Effect.flip(withLock(files, "lock", Effect.fail("no"))), "no")
      assert.strictEqual(nodes.size, 0)
      const owner = yield* Effect.forkChild(withLock(files, "lock", Effect.never))
      yield* TestClock.adjust(10)
      const waiting = yield* Effect.forkChild(withLock(files, "lock", Effect.void))
      yield* TestClock.adjust(1000)
      yield* Fiber.interrupt(waiting)
      assert.isTrue(nodes.has("lock"))
      yield* Fiber.interrupt(owner)
      assert.strictEqual(nodes.size, 0)
    }))

  it.effect("that a killed process left is broken after ten seconds, and not before", () =>
    Effect.gen(function*() {
      const { files, nodes } = memoryFiles()
      nodes.set("lock", { bytes: bytes(0), mtime: yield* Clock.currentTimeMillis })
      let isIn = false
      const waiting = yield* Effect.forkChild(withLock(files, "lock", Effect.sync(() => void (isIn = true))))
      yield* TestClock.adjust(9900)
      assert.isFalse(isIn)
      yield* TestClock.adjust(200)
      yield* Fiber.join(waiting)
      assert.isTrue(isIn)
      assert.strictEqual(nodes.size, 0)
    }))

  it.effect("behind a link to nothing is waited for a while, which can be interrupted, and is then a failure", () =>
    Effect.gen(function*() {
      const files = {
        open: (path: string) => Effect.fail(failure("AlreadyExists", "open", path)),
        remove: () => Effect.void,
        stat: (path: string) => Effect.fail(failure("NotFound", "stat", path))
      }
      const left = yield* Effect.forkChild(withLock(files, "lock", Effect.void))
      yield* TestClock.adjust(100)
      yield* Fiber.interrupt(left)
      const waiting = yield* Effect.forkChild(Effect.flip(withLock(files, "lock", Effect.void)))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(waiting)).reason._tag, "AlreadyExists")
    }))
})
