/** Tables in files, whole or not at all, by Node and by Deno. */
import { DuckDBInstance } from "@duckdb/node-api"
import * as Arrow from "@effect-redivis/core/Arrow"
import * as Parquet from "@effect-redivis/core/Parquet"
import * as Retry from "@effect-redivis/core/Retry"
import type * as TableFile from "@effect-redivis/core/TableFile"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import type * as Seed from "@effect-redivis/emulator/Seed"
import * as NodeFiles from "@effect-redivis/node/NodeFiles"
import { afterAll, assert, beforeAll, describe, layer } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { environment, run, runDeno } from "./documents.ts"

const numRows = 2000

const seed: Seed.Seed = {
  organizations: [{ name: "demo" }],
  datasets: [{
    owner: "demo",
    name: "penguins",
    publicAccessLevel: "data",
    tables: [
      {
        name: "few",
        variables: [
          { name: "n", type: "integer" },
          { name: "x", type: "float" },
          { name: "t", type: "string" },
          { name: "at", type: "dateTime" }
        ],
        rows: [{ n: 1, x: 0.5, t: "a \"b\", c", at: "2020-01-02T03:04:05.000006" }]
      },
      {
        name: "many",
        variables: [{ name: "n", type: "integer" }],
        rows: Array.from({ length: numRows }, (_, n) => ({ n }))
      }
    ]
  }]
}

let root: string
let folders = 0

beforeAll(() => void (root = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-files-"))))
afterAll(() => Fs.rmSync(root, { recursive: true }))

/** A folder of its own, and a path in it. */
const place = (name: string): readonly [folder: string, path: string] => {
  const folder = Path.join(root, String(++folders))
  Fs.mkdirSync(folder)
  return [folder, Path.join(folder, name)]
}

const optionsOf: Record<string, TableFile.Options> = {
  arrow: { format: "arrow" },
  csv: { format: "csv" },
  jsonl: { format: "jsonl" },
  parquet: { format: "parquet", encode: Parquet.fromRows }
}

const rowsOfParquet = async (path: string): Promise<ReadonlyArray<unknown>> => {
  const duckdb = await DuckDBInstance.create(":memory:")
  const connection = await duckdb.connect()
  const rows = await connection.runAndReadAll(`select * from read_parquet('${path}')`)
  const objects = rows.getRowObjectsJson()
  connection.closeSync()
  duckdb.closeSync()
  return objects
}

describe("a table in a file", () => {
  layer(Emulator.layerTestWith({ seed }), { excludeTestServices: true })("by NodeFiles.toFile", (it) => {
    it.effect("is CSV and lines of JSON with exact values", () =>
      Effect.gen(function*() {
        const [folder, csv] = place("few.csv")
        const jsonl = Path.join(folder, "few.jsonl")
        yield* NodeFiles.toFile("demo.penguins.few", csv, { format: "csv" })
        yield* NodeFiles.toFile("demo.penguins.few", jsonl, { format: "jsonl", variables: ["T", "n"] })
        assert.strictEqual(
          Fs.readFileSync(csv, "utf8"),
          "n,x,t,at\n1,0.5,\"a \"\"b\"\", c\",2020-01-02T03:04:05.000006\n"
        )
        assert.strictEqual(Fs.readFileSync(jsonl, "utf8"), "{\"t\":\"a \\\"b\\\", c\",\"n\":1}\n")
        assert.deepStrictEqual(Fs.readdirSync(folder).toSorted(), ["few.csv", "few.jsonl"])
      }))

    it.effect("is Arrow that reads as the table, and Parquet that DuckDB reads", () =>
      Effect.gen(function*() {
        const [, arrow] = place("many.arrow")
        yield* NodeFiles.toFile("demo.penguins.many", arrow, { format: "arrow" })
        const batches = yield* Stream.runCollect(Arrow.readStream(Stream.make(new Uint8Array(Fs.readFileSync(arrow)))))
        const values = batches.flatMap(({ columns, numRows }) =>
          Array.from({ length: numRows }, (_, row) => columns[0]!.at(row))
        )
        assert.sameMembers(values, Array.from({ length: numRows }, (_, n) => BigInt(n)))
        const [, parquet] = place("few.parquet")
        yield* NodeFiles.toFile("demo.penguins.few", parquet, { format: "parquet", encode: Parquet.fromRows })
        assert.deepStrictEqual(yield* Effect.promise(() => rowsOfParquet(parquet)), [
          { n: "1", x: 0.5, t: "a \"b\", c", at: "2020-01-02 03:04:05.000006" }
        ])
      }))

    it.effect("has no more rows than are wanted, and tells how far it is", () =>
      Effect.gen(function*() {
        for (const [name, options] of Object.entries(optionsOf)) {
          const [, path] = place(name)
          const told: Array<TableFile.Progress> = []
          yield* NodeFiles.toFile("demo.penguins.many", path, {
            ...options,
            maxResults: 600,
            onProgress: (progress) => Effect.sync(() => void told.push(progress))
          })
          assert.deepStrictEqual(
            told.at(-1),
            { rows: 600, totalRows: 600, bytes: Fs.statSync(path).size },
            name
          )
          assert.deepStrictEqual(
            told.map(({ bytes }) => bytes),
            told.map(({ bytes }) => bytes).toSorted((a, b) => a - b)
          )
        }
      }))

    it.effect("leaves nothing, and the file before as it was, when reading fails", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        for (const [name, options] of Object.entries(optionsOf)) {
          const [folder, path] = place(`${name}.file`)
          Fs.writeFileSync(path, "before")
          const match = name === "arrow" ? "tables.listRows" : "readSessions.getStream"
          yield* emulator.faults.add({ match, do: { cutAfter: 3000 } })
          const error = yield* NodeFiles.toFile("demo.penguins.many", path, options).pipe(
            Retry.withPolicy({ maxAttempts: 1 }),
            Effect.flip
          )
          yield* emulator.faults.clear
          assert.include(["TransportError", "IntegrityError"], error._tag, name)
          assert.deepStrictEqual(Fs.readdirSync(folder), [`${name}.file`])
          assert.strictEqual(Fs.readFileSync(path, "utf8"), "before")
        }
      }), 90_000)

    it.effect("leaves nothing when it is interrupted", () =>
      Effect.gen(function*() {
        const [folder, path] = place("many.csv")
        const begun = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(NodeFiles.toFile("demo.penguins.many", path, {
          format: "csv",
          onProgress: () => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
        }))
        yield* Deferred.await(begun)
        assert.lengthOf(Fs.readdirSync(folder), 1)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(Fs.readdirSync(folder), [])
      }))

    it.effect("takes the place of a file, and of no folder", () =>
      Effect.gen(function*() {
        const [folder, path] = place("few.csv")
        Fs.writeFileSync(path, "before")
        yield* NodeFiles.toFile("demo.penguins.few", path, { format: "csv" })
        assert.notStrictEqual(Fs.readFileSync(path, "utf8"), "before")
        const within = Path.join(folder, "a folder")
        Fs.mkdirSync(within)
        const taken = yield* Effect.flip(NodeFiles.toFile("demo.penguins.few", within, { format: "csv" }))
        assert.strictEqual(taken._tag, "PlatformError")
        const nowhere = yield* Effect.flip(
          NodeFiles.toFile("demo.penguins.few", Path.join(folder, "none", "few.csv"), { format: "csv" })
        )
        assert.strictEqual(nowhere._tag, "PlatformError")
        assert.deepStrictEqual(Fs.readdirSync(folder).toSorted(), ["a folder", "few.csv"])
      }))

    it.effect("is refused before a request where path or format cannot be meant", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const before = (yield* emulator.requests).length
        const [folder, path] = place("few.csv")
        for (const wrong of ["", `${folder}/`, `${folder}/..`, ".", `${path}\0`]) {
          const error = yield* Effect.flip(NodeFiles.toFile("demo.penguins.few", wrong, { format: "csv" }))
          assert.deepInclude({ ...error }, { _tag: "InvalidInput", field: "path" })
        }
        const formats: ReadonlyArray<readonly [unknown, string]> = [
          [{ format: "sas" }, "format"],
          [{ format: "toString" }, "format"],
          [{ format: "parquet" }, "encode"]
        ]
        for (const [options, field] of formats) {
          // what JavaScript lets a caller write
          const error = yield* Effect.flip(NodeFiles.toFile("demo.penguins.few", path, options as TableFile.Options))
          assert.deepInclude({ ...error }, { _tag: "InvalidInput", field })
        }
        const missing = yield* Effect.flip(NodeFiles.toFile("demo.penguins.none", path, { format: "csv" }))
        assert.strictEqual(missing._tag, "NotFound")
        assert.deepStrictEqual(Fs.readdirSync(folder), [])
        const after = yield* emulator.requests
        assert.lengthOf(after.slice(before).filter(({ operation }) => operation !== "tables.get"), 0)
      }))
  })

  layer(Emulator.layerTestWith({ seed }), { excludeTestServices: true })("by a Node with permissions", (it) => {
    it.effect(
      "is written with the folder's, and fails before the first request without one of them",
      () =>
        Effect.gen(function*() {
          const emulator = yield* Emulator.Emulator
          const [folder, path] = place("few.csv")
          const read = `--allow-fs-read=${folder}/*`
          const write = `--allow-fs-write=${folder}/*`
          const program = Path.join(import.meta.dirname, "toFile.ts")
          const toFile = (permissions: ReadonlyArray<string>) =>
            run(process.execPath, [
              "--permission",
              "--allow-net",
              `--allow-fs-read=${Path.join(import.meta.dirname, "../..")}/*`,
              ...permissions,
              program,
              "demo.penguins.few",
              path,
              "csv"
            ], { env: environment(emulator) })
          for (const some of [[], [read], [write]]) {
            const refused = yield* toFile(some)
            assert.match(refused.out.join(), /^PlatformError/, refused.log)
          }
          assert.lengthOf(yield* emulator.requests, 0)
          const ran = yield* toFile([read, write])
          assert.deepStrictEqual(ran.out, ["written"], ran.log)
          assert.deepStrictEqual(Fs.readdirSync(folder), ["few.csv"])
        }),
      60_000
    )
  })

  layer(Emulator.layerTestWith({ seed }), { excludeTestServices: true })("by DenoFiles.toFile", (it) => {
    it.effect("is written with the folder's permissions, and not at all without", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const [folder, path] = place("many.csv")
        const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`]
        const write = (path: string, permissions: ReadonlyArray<string>) =>
          runDeno(emulator, "tests/deno/toFile.ts", ["demo.penguins.many", path, "csv"], permissions)
        const ran = yield* write(path, permissions)
        assert.deepStrictEqual(ran.out, ["written"], ran.log)
        assert.lengthOf(Fs.readFileSync(path, "utf8").split("\n"), numRows + 2)
        const before = (yield* emulator.requests).length
        for (const some of [[], permissions.slice(0, 1), permissions.slice(1)]) {
          const refused = yield* write(Path.join(folder, "other.csv"), some)
          assert.deepStrictEqual(refused.out, ["PlatformError PermissionDenied"], refused.log)
        }
        const nowhere = yield* write(Path.join(folder, "none", "few.csv"), permissions)
        assert.deepStrictEqual(nowhere.out, ["PlatformError NotFound"], nowhere.log)
        const taken = yield* write(folder, [`--allow-read=${root}`, `--allow-write=${root}`])
        assert.deepStrictEqual(taken.out, ["PlatformError BadArgument"], taken.log)
        assert.strictEqual((yield* emulator.requests).length, before)
        yield* emulator.faults.add({ match: "readSessions.getStream", do: { status: 404 } })
        const failed = yield* write(path, permissions)
        assert.match(failed.out.join(), /^NotFound/, failed.log)
        assert.deepStrictEqual(Fs.readdirSync(folder), ["many.csv"])
        assert.lengthOf(Fs.readFileSync(path, "utf8").split("\n"), numRows + 2)
      }), 120_000)
  })
})
