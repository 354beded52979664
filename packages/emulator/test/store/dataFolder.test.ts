/** The folder of the data: what is taken for one, what is left alone, and what is said where one cannot be read. */
import { DuckDBInstance } from "@duckdb/node-api"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Emulator from "../../src/Emulator.ts"

const withFolder = <A, E>(use: (folder: string) => Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.acquireUseRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "folder of data-"))),
    use,
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
  )

/** Starts on a folder and stops again. */
const run = <A>(data: string, use: (emulator: Emulator.Emulator["Service"]) => Effect.Effect<A, unknown>) =>
  Effect.scoped(Effect.flatMap(Emulator.makeInMemory({ data, token: "known" }), use))

const start = (data: string) => run(data, () => Effect.void)

/** What is said of a folder that is refused. */
const refusal = (data: string): Effect.Effect<string> =>
  Effect.match(start(data), {
    onFailure: (failure) => {
      const { _tag, message } = failure as { readonly _tag: string; readonly message: string } // all of its failures
      assert.strictEqual(_tag, "DataUnusable", message)
      return message
    },
    onSuccess: () => assert.fail("it started")
  })

/** Everything in a folder, with what is in the files. */
const contents = (folder: string): ReadonlyArray<string> =>
  Fs.readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = Path.join(entry.parentPath, entry.name)
    const what = entry.isSymbolicLink()
      ? `-> ${Fs.readlinkSync(path)}`
      : entry.isFile()
      ? Fs.readFileSync(path, "hex")
      : "folder"
    return `${Path.relative(folder, path)}: ${what}`
  }).toSorted()

const modeOf = (path: string): string => (Fs.lstatSync(path).mode & 0o777).toString(8)

const id = "0123456789abcdef01234567"

/** Starts, puts something into the catalogue, and is killed: the log stays. */
const killed = (folder: string) =>
  Effect.gen(function*() {
    yield* run(folder, (emulator) =>
      Effect.gen(function*() {
        for (let n = 0; n < 5; n++) yield* emulator.seed({ users: [{ name: `user${n}` }] })
        // as a process leaves them that is killed
        yield* Effect.sync(() => Fs.cpSync(folder, `${folder} killed`, { recursive: true }))
      }))
    Fs.rmSync(folder, { recursive: true })
    Fs.renameSync(`${folder} killed`, folder)
    assert.isAbove(Fs.statSync(Path.join(folder, "emulator.duckdb.wal")).size, 500)
  })

const warnings = (data: string) =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    yield* start(data).pipe(
      Effect.provide(Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))]))
    )
    return lines
  })

describe("a folder that is not the emulator's", () => {
  it.live("is refused, and nothing in it changes", () =>
    withFolder((parent) =>
      Effect.gen(function*() {
        const database = Path.join(parent, "another.duckdb")
        yield* Effect.promise(async () => {
          const instance = await DuckDBInstance.create(database)
          const connection = await instance.connect()
          await connection.run("CREATE TABLE mine (a INTEGER)")
          connection.closeSync()
          instance.closeSync()
        })
        const folders: Record<string, (at: (name: string) => string) => void> = {
          "a project": (at) => Fs.writeFileSync(at("package.json"), "{}"),
          "a folder called files": (at) => {
            Fs.mkdirSync(at("files"))
            Fs.writeFileSync(at("files/thesis.tex"), "years of work")
          },
          "files of our own names": (at) => {
            Fs.mkdirSync(at("files"))
            Fs.writeFileSync(at(`files/upload-${id}`), "x")
          },
          "a database that is none": (at) => {
            Fs.mkdirSync(at("files"))
            Fs.writeFileSync(at("emulator.duckdb"), "not a database at all")
          },
          "a database of another": (at) => {
            Fs.mkdirSync(at("files"))
            Fs.copyFileSync(database, at("emulator.duckdb"))
          },
          "a database and a thesis": (at) => {
            Fs.mkdirSync(at("files"))
            Fs.copyFileSync(database, at("emulator.duckdb"))
            Fs.writeFileSync(at("files/thesis.tex"), "years of work")
          },
          "a link in place of files": (at) => {
            Fs.writeFileSync(Path.join(parent, "thesis.tex"), "years of work")
            Fs.symlinkSync(parent, at("files"))
            Fs.copyFileSync(database, at("emulator.duckdb"))
          },
          "a note of another program": (at) => Fs.writeFileSync(at("layout.json"), "{\"program\":\"x\",\"layout\":1}"),
          "a note that is none": (at) => Fs.writeFileSync(at("layout.json"), "layout: 1"),
          "a link to a note": (at) => {
            Fs.writeFileSync(Path.join(parent, "note"), "{}")
            Fs.symlinkSync(Path.join(parent, "note"), at("layout.json"))
          },
          "a hidden file": (at) => Fs.writeFileSync(at(".env"), "SECRET=1")
        }
        for (const [name, fill] of Object.entries(folders)) {
          const folder = Path.join(parent, name)
          Fs.mkdirSync(folder)
          fill((inside) => Path.join(folder, inside))
          const before = contents(folder)
          const said = yield* refusal(folder)
          assert.include(said, "--data", name)
          assert.include(said, folder, name)
          assert.deepStrictEqual(contents(folder), before, name)
        }
        const file = Path.join(parent, "a file")
        Fs.writeFileSync(file, "x")
        assert.include(yield* refusal(file), "is no folder")
        assert.include(yield* refusal(Path.join(file, "below")), "is no folder")
      })
    ), 60_000)
})

describe("a folder of the emulator", () => {
  it.live("says its layout, and is seen by its owner alone", () =>
    withFolder((parent) =>
      Effect.gen(function*() {
        const folder = Path.join(parent, "new", "kept")
        yield* run(folder, (emulator) => emulator.seed({ users: [{ name: "u" }] }))
        assert.deepInclude(JSON.parse(Fs.readFileSync(Path.join(folder, "layout.json"), "utf8")), {
          program: "effect-redivis-emulator",
          layout: 1
        })
        if (process.platform === "win32") return
        for (const name of ["", "files", "spill"]) assert.strictEqual(modeOf(Path.join(folder, name)), "700", name)
        for (const name of ["layout.json", "emulator.duckdb"]) {
          assert.strictEqual(modeOf(Path.join(folder, name)), "600", name)
        }
        Fs.chmodSync(folder, 0o755)
        Fs.chmodSync(Path.join(folder, "emulator.duckdb"), 0o644)
        Fs.writeFileSync(Path.join(folder, "files", "thesis.tex"), "x", { mode: 0o644 })
        yield* start(folder)
        assert.strictEqual(modeOf(folder), "700")
        assert.strictEqual(modeOf(Path.join(folder, "emulator.duckdb")), "600")
        assert.strictEqual(modeOf(Path.join(folder, "files", "thesis.tex")), "644")
      })
    ))

  it.live(
    "loses none but files of the emulator's own names, and nothing through a link",
    () =>
      withFolder((parent) =>
        Effect.gen(function*() {
          const folder = Path.join(parent, "kept")
          yield* start(folder)
          const files = Path.join(folder, "files")
          const outside = Path.join(parent, "outside")
          Fs.writeFileSync(outside, "another's")
          const file = "abcd-012345678.abcdefghijklmnopqrst_-"
          const own = [
            `upload-${id}`,
            `upload-${id}.rows`,
            `temp-${id}`,
            `raw-${file}`,
            `export-${id}-0`,
            `export-${id}-12`
          ]
          const others = [
            "thesis.tex",
            "upload-thesis",
            `upload-${id}.bak`,
            `upload-${id}0`,
            `upload-${id.toUpperCase()}`,
            `Upload-${id}`,
            `export-${id}`,
            `export-${id}-`,
            `raw-${id}`,
            `raw-${file}-1`,
            `old-upload-${id}`,
            ` temp-${id}`
          ]
          for (const name of [...own, ...others]) Fs.writeFileSync(Path.join(files, name), name)
          const links = [`upload-${id.replace("0", "1")}`, `raw-${file.replace("0", "1")}`]
          for (const name of links) Fs.symlinkSync(outside, Path.join(files, name))
          Fs.mkdirSync(Path.join(files, `temp-${id.replace("0", "1")}`))
          yield* start(folder)
          assert.deepStrictEqual(
            Fs.readdirSync(files).toSorted(),
            [...others, ...links, `temp-${id.replace("0", "1")}`].toSorted()
          )
          assert.strictEqual(Fs.readFileSync(outside, "utf8"), "another's")
          // nor where the folder itself is a link now
          Fs.renameSync(files, Path.join(parent, "elsewhere"))
          Fs.writeFileSync(Path.join(parent, "elsewhere", `upload-${id}`), "another's")
          Fs.symlinkSync(Path.join(parent, "elsewhere"), files)
          assert.include(yield* refusal(folder), "is a link, which is not followed")
          assert.isTrue(Fs.existsSync(Path.join(parent, "elsewhere", `upload-${id}`)))
        })
      ),
    30_000
  )

  it.live("that an earlier version made without a note is adopted, with what it holds", () =>
    withFolder((folder) =>
      Effect.gen(function*() {
        yield* run(folder, (emulator) => emulator.seed({ users: [{ name: "kept" }] }))
        Fs.rmSync(Path.join(folder, "layout.json"))
        Fs.writeFileSync(Path.join(folder, "files", `upload-${id}`), "x")
        const token = yield* run(folder, (emulator) => emulator.makeToken({ user: "kept" }))
        assert.isNotEmpty(token)
        assert.strictEqual(JSON.parse(Fs.readFileSync(Path.join(folder, "layout.json"), "utf8")).layout, 1)
        assert.deepStrictEqual(Fs.readdirSync(Path.join(folder, "files")), [])
      })
    ))

  it.live("of another layout is refused, and nothing in it changes", () =>
    withFolder((folder) =>
      Effect.gen(function*() {
        yield* start(folder)
        const note = Path.join(folder, "layout.json")
        for (const layout of [0, 2, 1.5, "1", null]) {
          Fs.writeFileSync(note, JSON.stringify({ program: "effect-redivis-emulator", layout }))
          const before = contents(folder)
          const said = yield* refusal(folder)
          assert.match(said, /layout/)
          assert.include(said, "--data")
          assert.deepStrictEqual(contents(folder), before)
        }
      })
    ))

  it.live(
    "says at its start what is missing or damaged, and what to do",
    () =>
      withFolder((folder) =>
        Effect.gen(function*() {
          yield* killed(folder)
          const at = (name: string): string => Path.join(folder, name)
          const log = at("emulator.duckdb.wal")
          const whole = Fs.readFileSync(log)
          const damages: Record<string, () => void> = {
            "files are gone": () => Fs.rmSync(at("files"), { recursive: true }),
            "the catalogue is gone": () => Fs.rmSync(at("emulator.duckdb")),
            "the catalogue is empty": () => Fs.truncateSync(at("emulator.duckdb")),
            "the catalogue is another file": () => Fs.writeFileSync(at("emulator.duckdb"), "x".repeat(20_000)),
            "the catalogue is overwritten": () => {
              const bytes = Fs.readFileSync(at("emulator.duckdb"))
              Fs.writeFileSync(at("emulator.duckdb"), bytes.fill(0x5a, 4096))
            },
            "the log is gone": () => Fs.rmSync(log),
            "the log is another file": () => Fs.writeFileSync(log, "x".repeat(whole.length)),
            "the log is zeros": () => Fs.writeFileSync(log, Buffer.alloc(whole.length)),
            "a bit of the log is another": () => {
              const bytes = Buffer.from(whole)
              bytes[whole.length >> 1]! ^= 1
              Fs.writeFileSync(log, bytes)
            },
            "the log is a folder": () => {
              Fs.rmSync(log)
              Fs.mkdirSync(log)
            },
            "the note is empty": () => Fs.truncateSync(at("layout.json"))
          }
          for (const [name, damage] of Object.entries(damages)) {
            Fs.cpSync(folder, `${folder} whole`, { recursive: true })
            damage()
            const said = yield* refusal(folder)
            assert.include(said, "put back a copy of the whole folder", name)
            Fs.rmSync(folder, { recursive: true })
            Fs.renameSync(`${folder} whole`, folder)
          }
          // cut off in the middle of an entry, as a killed process leaves it too
          Fs.writeFileSync(log, whole.subarray(0, whole.length - 7))
          assert.match((yield* warnings(folder)).join(), /log of the data .* ended in the middle of an entry/)
        })
      ),
    60_000
  )

  it.live("starts without a word where nothing is wrong, though it was killed", () =>
    withFolder((folder) =>
      Effect.gen(function*() {
        yield* killed(folder)
        assert.deepStrictEqual(yield* warnings(folder), [])
        assert.isNotEmpty(yield* run(folder, (emulator) => emulator.makeToken({ user: "user4" })))
      })
    ))
})
