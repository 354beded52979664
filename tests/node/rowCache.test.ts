/** Rows that are kept in files: by several processes at once, over kills, within a bound, and as the emulator's log tells. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as RowCache from "@effect-redivis/core/RowCache"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Version from "@effect-redivis/core/Version"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import type * as Seed from "@effect-redivis/emulator/Seed"
import * as NodeRowCache from "@effect-redivis/node/NodeRowCache"
import { afterAll, assert, beforeAll, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { start } from "../runner/program.ts"
import { environment, run, runDeno } from "./documents.ts"

const many = 60_000

const seed: Seed.Seed = {
  users: [{ name: "ada" }, { name: "grace" }],
  organizations: [{ name: "demo", members: [{ user: "researcher", isAdmin: true }] }],
  datasets: [
    {
      owner: "demo",
      name: "kept",
      publicAccessLevel: "data",
      tables: [
        { name: "few", rows: Array.from({ length: 500 }, (_, n) => ({ n, t: n % 3 === 0 ? null : `row ${n}` })) },
        { name: "many", rows: Array.from({ length: many }, (_, n) => ({ n, t: `row ${n} ${"x".repeat(20)}` })) }
      ]
    },
    { owner: "demo", name: "open", publicAccessLevel: "data", tables: [{ name: "t", rows: [{ n: 1 }, { n: 2 }] }] },
    {
      owner: "demo",
      name: "moving",
      publicAccessLevel: "data",
      versions: [
        { tables: [{ name: "t", rows: [{ n: 1 }] }] },
        { released: false, tables: [{ name: "t", rows: [{ n: 2 }] }] }
      ]
    }
  ]
}

const few = "demo.kept.few"

let root: string
let directories = 0

beforeAll(() => void (root = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-rows-"))))
afterAll(() => Fs.rmSync(root, { recursive: true }))

const place = (): string => Path.join(root, String(++directories))

const names = (directory: string): ReadonlyArray<string> => Fs.readdirSync(directory).toSorted()

const entries = (directory: string): ReadonlyArray<string> => names(directory).filter((name) => name.endsWith(".rows"))

const sizeOf = (directory: string): number =>
  entries(directory).reduce((sum, name) => sum + Fs.statSync(Path.join(directory, name)).size, 0)

const collect = (directory: string, table: string, options?: RowCache.RowsOptions & RowCache.Options) =>
  RowCache.rows(table, options).pipe(
    Stream.runCollect,
    // each time as a program that starts anew
    Effect.provide(NodeRowCache.layer({ directory, maxBytes: options?.maxBytes }))
  )

/** The value, and the operations that reached the emulator meanwhile. */
const during = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const before = (yield* emulator.requests).length
    const value = yield* effect
    const operations = (yield* emulator.requests).slice(before).map(({ operation }) => operation)
    return { value, operations }
  })

const as = (user: string) =>
  Layer.unwrap(Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const token = yield* emulator.makeToken({ user })
    return Redivis.layer({ endpoint: emulator.baseUrl, token: Redacted.make(token) })
  }))

const once = ["tables.get"]

const program = Path.join(import.meta.dirname, "rowCacheProcess.ts")

const sum = many * (many - 1) / 2

describe("rows in files", () => {
  layer(Emulator.layerTestWith({ seed, streamRows: 1 }), { excludeTestServices: true })("of one process", (it) => {
    it.effect("are read again after one GET of the table, and are those of the table", () =>
      Effect.gen(function*() {
        const directory = place()
        const plain = yield* Stream.runCollect(Table.rows(few))
        const first = yield* during(collect(directory, few))
        assert.deepStrictEqual(first.value, plain)
        assert.include(first.operations, "readSessions.getStream")
        for (const options of [{}, { streams: 3, ordered: false }]) {
          const again = yield* during(collect(directory, few, options))
          assert.deepStrictEqual(again.value, plain)
          assert.deepStrictEqual(again.operations, once)
        }
        const batches = yield* during(
          Stream.runCollect(RowCache.batches(few)).pipe(Effect.provide(NodeRowCache.layer({ directory })))
        )
        assert.strictEqual(batches.value.reduce((sum, { numRows }) => sum + numRows, 0), 500)
        assert.deepStrictEqual(batches.operations, once)
        assert.strictEqual(names(directory).length, 1)
      }))

    it.effect("that ten want at once, each by a layer of its own, are one session", () =>
      Effect.gen(function*() {
        const directory = place()
        const { operations, value } = yield* during(
          Effect.all(Array.from({ length: 10 }, () => collect(directory, few)), { concurrency: "unbounded" })
        )
        for (const rows of value) assert.strictEqual(rows.length, 500)
        assert.lengthOf(operations.filter((operation) => operation === "readSessions.postByTable"), 1)
        assert.deepStrictEqual(names(directory), entries(directory))
      }))

    it.effect("may be read by nobody but the owner of the process", () =>
      Effect.gen(function*() {
        const directory = place()
        yield* collect(directory, few)
        const modes = [directory, ...names(directory).map((name) => Path.join(directory, name))]
          .map((path) => Fs.statSync(path).mode & 0o777)
        if (process.platform !== "win32") assert.deepStrictEqual(modes, [0o700, 0o600])
      }))

    it.effect("hold nothing of a token", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const directory = place()
        yield* collect(directory, few)
        for (const name of names(directory)) {
          assert.notInclude(name, emulator.token)
          assert.notInclude(Fs.readFileSync(Path.join(directory, name), "latin1"), emulator.token)
        }
      }))

    it.effect("are another account's only where it has read them itself", () =>
      Effect.gen(function*() {
        const directory = place()
        yield* collect(directory, few)
        const ada = yield* Layer.build(as("ada"))
        for (const isKept of [false, true]) {
          const { operations } = yield* during(Effect.provide(collect(directory, few), ada))
          assert.strictEqual(operations.includes("readSessions.getStream"), !isKept)
          if (isKept) assert.deepStrictEqual(operations, once)
        }
        assert.strictEqual(names(directory).length, 2)
      }).pipe(Effect.scoped))

    it.effect("are none where access was withdrawn, to the table or to its rows", () =>
      Effect.gen(function*() {
        const directory = place()
        // one token all the time
        const context = yield* Layer.build(as("grace"))
        const read = Effect.provide(collect(directory, "demo.open.t"), context)
        assert.strictEqual((yield* read).length, 2)
        assert.deepStrictEqual((yield* during(read)).operations, once)
        yield* Dataset.update("demo.open", { publicAccessLevel: "overview" })
        const hidden = yield* Effect.flip(read)
        assert.include(["Forbidden", "NotFound", "UnexpectedStatus"], hidden._tag)
        yield* Dataset.update("demo.open", { publicAccessLevel: "none" })
        const gone = yield* during(Effect.flip(read))
        assert.strictEqual(gone.value._tag, "NotFound")
        assert.deepStrictEqual(gone.operations, once)
        yield* Dataset.update("demo.open", { publicAccessLevel: "data" })
        const back = yield* during(read)
        assert.strictEqual(back.value.length, 2)
        assert.deepStrictEqual(back.operations, once)
      }).pipe(Effect.scoped))

    it.effect("are not those of the release before, nor of a tag that was withdrawn and released again", () =>
      Effect.gen(function*() {
        const directory = place()
        const read = collect(directory, "demo.moving.t")
        assert.deepStrictEqual(yield* read, [{ n: 1 }])
        assert.deepStrictEqual((yield* during(read)).operations, once)
        for (let time = 0; time < 2; time++) {
          const draft = yield* during(collect(directory, "demo.moving:next.t"))
          assert.deepStrictEqual(draft.value, [{ n: 1 }, { n: 2 }])
          assert.include(draft.operations, "readSessions.getStream")
        }
        assert.strictEqual(names(directory).length, 1)
        const { tag } = yield* Version.release("demo.moving")
        assert.deepStrictEqual(yield* read, [{ n: 1 }, { n: 2 }])
        assert.deepStrictEqual((yield* during(read)).operations, once)
        yield* Version.unrelease("demo.moving")
        assert.deepStrictEqual(yield* read, [{ n: 1 }])
        yield* Upload.create("demo.moving:next.t", { name: "more.csv", data: new TextEncoder().encode("n\n3\n") })
        assert.strictEqual((yield* Version.release("demo.moving")).tag, tag)
        assert.deepStrictEqual(
          (yield* read).map(({ n }) => n).toSorted((one, other) => Number(one) - Number(other)),
          [1, 2, 3]
        )
      }))

    it.effect("that are damaged are removed, and read from the server", () =>
      Effect.gen(function*() {
        const directory = place()
        const rows = yield* collect(directory, few)
        const path = Path.join(directory, names(directory)[0]!)
        const whole = Fs.readFileSync(path)
        for (const at of [0, 1000, whole.length - 300, whole.length - 1]) {
          const bytes = Buffer.from(whole)
          bytes[at]! ^= 1
          Fs.writeFileSync(path, bytes)
          const read = yield* during(collect(directory, few))
          assert.deepStrictEqual(read.value, rows)
          assert.include(read.operations, "readSessions.getStream")
          assert.deepStrictEqual((yield* during(collect(directory, few))).operations, once)
        }
        Fs.truncateSync(path, 900)
        assert.deepStrictEqual(yield* collect(directory, few), rows)
      }))

    it.effect("hold to their bound: what was used least recently goes, and what is larger is not kept", () =>
      Effect.gen(function*() {
        const directory = place()
        const read = (maxResults: number, maxBytes?: number) =>
          Effect.map(
            during(collect(directory, few, { maxResults, maxBytes })),
            ({ operations }) => operations.length === 1
          )
        assert.isFalse(yield* read(500))
        const size = sizeOf(directory)
        const maxBytes = Math.floor(size * 2.5)
        const age = (name: string, seconds: number) => {
          const moment = new Date(Date.now() - seconds * 1000)
          Fs.utimesSync(Path.join(directory, name), moment, moment)
        }
        const first = names(directory)[0]!
        age(first, 100)
        assert.isFalse(yield* read(499, maxBytes))
        age(names(directory).find((name) => name !== first)!, 50)
        // used now, so that the other one is the oldest
        assert.isTrue(yield* read(500, maxBytes))
        assert.isFalse(yield* read(498, maxBytes))
        assert.isTrue(yield* read(500, maxBytes))
        assert.isFalse(yield* read(499, maxBytes))
        assert.isAtMost(sizeOf(directory), maxBytes)
        const small = place()
        const larger = yield* during(collect(small, few, { maxBytes: size - 1 }))
        assert.strictEqual(larger.value.length, 500)
        assert.deepStrictEqual(names(small), [])
      }))

    it.effect("stay readable for who reads them while they are removed", () =>
      Effect.gen(function*() {
        const directory = place()
        const cache = NodeRowCache.layer({ directory })
        yield* collect(directory, "demo.kept.many")
        let isCleared = false
        const rows = yield* RowCache.rows("demo.kept.many").pipe(
          Stream.tap(() => {
            if (isCleared) return Effect.void
            isCleared = true
            return RowCache.clear
          }),
          Stream.runFold(() => 0, (sum, row) => sum + Number(row["n"])),
          Effect.provide(cache)
        )
        assert.strictEqual(rows, sum)
        assert.deepStrictEqual(names(directory), [])
      }))

    it.effect("leave nothing where the reading was interrupted or left early", () =>
      Effect.gen(function*() {
        const directory = place()
        const cache = NodeRowCache.layer({ directory })
        let seen = 0
        const some = RowCache.rows("demo.kept.many").pipe(
          Stream.tap(() => Effect.sync(() => void seen++)),
          Stream.take(40_000),
          Stream.runDrain,
          Effect.provide(cache)
        )
        yield* some
        assert.strictEqual(seen, 40_000)
        assert.deepStrictEqual(names(directory), [])
        const early = RowCache.rows("demo.kept.many").pipe(
          Stream.runForEach((row) => row["n"] === 40_000 ? Effect.interrupt : Effect.void),
          Effect.provide(cache),
          Effect.exit
        )
        yield* early
        assert.deepStrictEqual(names(directory), [])
      }))

    it.effect("are not kept, with a warning, where the directory cannot be written any more", () =>
      Effect.gen(function*() {
        const directory = place()
        const context = yield* Layer.build(NodeRowCache.layer({ directory }))
        Fs.rmSync(directory, { recursive: true })
        Fs.writeFileSync(directory, "a file where the directory was")
        const rows = yield* Effect.provide(Stream.runCollect(RowCache.rows(few)), context)
        assert.strictEqual(rows.length, 500)
        const refused = yield* Effect.flip(collect(directory, few))
        assert.strictEqual(refused._tag, "RowCacheError")
        const nameless = yield* Effect.flip(collect("", few))
        assert.deepInclude(nameless, { _tag: "InvalidInput", field: "directory" })
      }).pipe(Effect.scoped))

    it.effect("are kept again where the directory was removed, and cleared where it is not there", () =>
      Effect.gen(function*() {
        const directory = place()
        const context = yield* Layer.build(NodeRowCache.layer({ directory }))
        Fs.rmSync(directory, { recursive: true })
        const read = during(Effect.provide(Stream.runCollect(RowCache.rows(few)), context))
        assert.include((yield* read).operations, "readSessions.getStream")
        assert.deepStrictEqual((yield* read).operations, once)
        if (process.platform !== "win32") assert.strictEqual(Fs.statSync(directory).mode & 0o777, 0o700)
        Fs.rmSync(directory, { recursive: true })
        yield* Effect.provide(RowCache.clear, context)
        assert.deepStrictEqual(names(directory), [])
      }).pipe(Effect.scoped))

    it.effect("are kept beside what cannot be removed: directories by the names of a draft and of an entry", () =>
      Effect.gen(function*() {
        const directory = place()
        const moment = new Date(Date.now() - 200_000)
        for (const name of ["dead.abc.part", "0.rows"]) {
          Fs.mkdirSync(Path.join(directory, name, "within"), { recursive: true })
          Fs.utimesSync(Path.join(directory, name), moment, moment)
        }
        Fs.symlinkSync("loop.abc.part", Path.join(directory, "loop.abc.part"))
        yield* collect(directory, few)
        assert.deepStrictEqual((yield* during(collect(directory, few))).operations, once)
        const size = sizeOf(directory) - Fs.statSync(Path.join(directory, "0.rows")).size
        const maxBytes = Math.floor(sizeOf(directory) + size / 2)
        yield* collect(directory, few, { maxResults: 499, maxBytes })
        const read = yield* during(collect(directory, few, { maxResults: 499, maxBytes }))
        assert.deepStrictEqual(read.operations, once)
        assert.strictEqual(entries(directory).length, 2)
      }))
  })

  layer(Emulator.layerTestWith({ seed, streamRows: 1 }), { excludeTestServices: true })(
    "of several processes",
    (it) => {
      it.effect(
        "are where a relative directory was when the layer was built, wherever the process goes",
        () =>
          Effect.gen(function*() {
            const emulator = yield* Emulator.Emulator
            const cwd = place()
            Fs.mkdirSync(cwd)
            const { code, log, out } = yield* run(
              process.execPath,
              [program, "rows", "demo.kept.many", "move"],
              { cwd, env: environment(emulator) }
            )
            assert.deepStrictEqual(out, [`${many} rows ${sum}`], log)
            assert.strictEqual(code, 0)
            assert.notInclude(log, "not kept")
            assert.strictEqual(names(Path.join(cwd, "rows")).length, 1)
          }),
        60_000
      )

      it.effect(
        "are whole for each of them, which fill and read one directory at once",
        () =>
          Effect.gen(function*() {
            const emulator = yield* Emulator.Emulator
            const directory = place()
            const before = (yield* emulator.requests).length
            for (let round = 0; round < 2; round++) {
              const processes = yield* Effect.all(
                Array.from(
                  { length: 3 },
                  () => run(process.execPath, [program, directory, "demo.kept.many"], { env: environment(emulator) })
                ),
                { concurrency: 3 }
              )
              for (const { code, log, out } of processes) {
                assert.deepStrictEqual(out, [`${many} rows ${sum}`], log)
                assert.strictEqual(code, 0)
              }
              assert.strictEqual(names(directory).length, 1, names(directory).join(", "))
            }
            const sent = (yield* emulator.requests).slice(before)
            assert.lengthOf(sent.filter(({ operation }) => operation === "readSessions.postByTable"), 1)
            const here = yield* during(collect(directory, "demo.kept.many"))
            assert.strictEqual(here.value.length, many)
            assert.deepStrictEqual(here.operations, once)
          }),
        60_000
      )

      it.effect(
        "hold to their bound, and none is taken from who reads it, while several write, read and evict",
        () =>
          Effect.gen(function*() {
            const emulator = yield* Emulator.Emulator
            const alone = place()
            yield* collect(alone, few, { maxResults: 409 })
            const directory = place()
            const maxBytes = Math.floor(sizeOf(alone) * 3.5)
            const parameters = [program, directory, few, "churn", String(maxBytes)]
            const processes = yield* Effect.all(
              [1, 2].map(() => run(process.execPath, parameters, { env: environment(emulator) })),
              { concurrency: 2 }
            )
            for (const { log, out } of processes) {
              assert.deepStrictEqual(out, ["40 of 40"], log)
              assert.notInclude(log, "not kept")
            }
            assert.deepStrictEqual(names(directory), entries(directory))
            assert.isAtMost(sizeOf(directory), maxBytes)
            assert.strictEqual(entries(directory).length, 3)
          }),
        60_000
      )

      it.effect(
        "are absent after a kill in the middle of writing, and the next one keeps them",
        () =>
          Effect.gen(function*() {
            const emulator = yield* Emulator.Emulator
            const directory = place()
            yield* Effect.promise(async () => {
              const stalled = Promise.withResolvers<void>()
              const child = start(process.execPath, [program, directory, "demo.kept.many", "stall"], {
                env: { ...process.env, ...environment(emulator) },
                onLine: (line) => {
                  if (line === "stalled") stalled.resolve()
                  return true
                }
              })
              await Promise.race([stalled.promise, child.exited.then(() => stalled.reject(new Error(child.log())))])
              assert.isAbove(Fs.statSync(Path.join(directory, names(directory)[0]!)).size, 500_000)
              await child.stop() // by SIGKILL
            })
            const [left = "", ...others] = names(directory)
            assert.isTrue(left.endsWith(".part"))
            assert.deepStrictEqual(others, [])
            const first = yield* during(collect(directory, "demo.kept.many"))
            assert.strictEqual(first.value.length, many)
            assert.include(first.operations, "readSessions.getStream")
            assert.deepStrictEqual((yield* during(collect(directory, "demo.kept.many"))).operations, once)
            // the draft was silent for long, as that of a process that is no more
            const moment = new Date(Date.now() - 200_000)
            Fs.utimesSync(Path.join(directory, left), moment, moment)
            yield* collect(directory, "demo.kept.many")
            assert.deepStrictEqual(names(directory), entries(directory))
            assert.strictEqual(entries(directory).length, 1)
          }),
        60_000
      )

      it.effect(
        "are kept by Deno with access to the directory alone",
        () =>
          Effect.gen(function*() {
            const emulator = yield* Emulator.Emulator
            const directory = place()
            const permissions = [`--allow-read=${directory}`, `--allow-write=${directory}`]
            const read = (permissions: ReadonlyArray<string>) =>
              during(runDeno(emulator, "tests/deno/rowCache.ts", [directory, "demo.kept.many"], permissions))
            for (const isKept of [false, true]) {
              const { operations, value } = yield* read(permissions)
              assert.deepStrictEqual(value.out, [String(sum)], value.log)
              assert.strictEqual(operations.includes("readSessions.getStream"), !isKept)
              if (isKept) assert.deepStrictEqual(operations, once)
              assert.deepStrictEqual(names(directory), entries(directory))
            }
            // what Deno kept is what Node finds
            assert.deepStrictEqual((yield* during(collect(directory, "demo.kept.many"))).operations, once)
            const entry = Path.join(directory, names(directory)[0]!)
            const bytes = Fs.readFileSync(entry)
            bytes[5000]! ^= 1
            Fs.writeFileSync(entry, bytes)
            const mended = yield* read(permissions)
            assert.deepStrictEqual(mended.value.out, [String(sum)], mended.value.log)
            assert.include(mended.operations, "readSessions.getStream")
            assert.deepStrictEqual((yield* read([])).value.out, ["RowCacheError"])
          }),
        60_000
      )

      it.effect("are kept although a process was killed while it held the lock", () =>
        Effect.gen(function*() {
          const directory = place()
          Fs.mkdirSync(directory)
          const lock = Path.join(directory, "lock")
          Fs.writeFileSync(lock, "")
          const moment = new Date(Date.now() - 60_000)
          Fs.utimesSync(lock, moment, moment)
          yield* collect(directory, few)
          assert.deepStrictEqual(names(directory), entries(directory))
          assert.deepStrictEqual((yield* during(collect(directory, few))).operations, once)
        }))

      it.effect("are read, and not kept, where the lock is a link to nothing", () =>
        Effect.gen(function*() {
          const directory = place()
          Fs.mkdirSync(directory)
          Fs.symlinkSync("nothing", Path.join(directory, "lock"))
          assert.strictEqual((yield* collect(directory, few)).length, 500)
          assert.deepStrictEqual(names(directory), ["lock"])
        }))
    }
  )
})
