import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFileSync, spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { outdated, publicModules } from "../../scripts/exports.ts"
import { folderOf, type Manifest, published, readManifest, root } from "../../scripts/packages.ts"
import { pnpm } from "../../scripts/pnpm.ts"
import { environment, layer as penguins, run } from "../node/documents.ts"
import { installPublished, link, makeConsumer } from "./consumer.ts"
import { packageOf, programsOf, type Told } from "./readmes.ts"

const workspace: ReadonlyMap<string, Manifest> = new Map(
  [...published.map(folderOf), ...["tests", "examples", "benchmarks"].map((name) => Path.join(root, name))]
    .map(readManifest)
    .map((manifest) => [manifest.name, manifest])
)

const neighbours = (manifest: Manifest): ReadonlyArray<string> =>
  ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
    .flatMap((kind) => Object.keys(manifest[kind] ?? {}))
    .filter((name) => workspace.has(name))

/** The names on a circle, first and last the same, if there is one. */
const circle = (name: string, path: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
  if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
  return neighbours(workspace.get(name)!) // names of the workspace alone
    .map((next) => circle(next, [...path, name]))
    .find((found) => found !== undefined)
}

const temporary = (): string => Fs.realpathSync(Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-packages-")))

const readmes = ["README.md", ...published.map((name) => `packages/${name}/README.md`)]

/** What a program loads only while it runs. */
const neededBy = ({ code, imports }: Told): ReadonlyArray<string> => [
  ...imports.map(packageOf),
  ...(/\bNode(Files|RowCache)\b/.test(code) ? ["@effect/platform-node"] : [])
]

describe("the programs of READMEs", () => {
  it.each(readmes)("need nothing but what %s says to install", (file) => {
    const missing = programsOf(file).flatMap((told) =>
      neededBy(told).filter((name) => !told.installed.has(name)).map((name) => `${file}:${told.line} needs ${name}`)
    )
    assert.deepStrictEqual(missing, [])
  })

  it.each([...readmes, "docs/recording.md"])("import no module that loads all the others, in %s", (file) => {
    const barrels = programsOf(file).flatMap(({ imports }) =>
      imports.filter((path) => /^(effect|@effect-redivis\/\w+|@effect\/platform-node)$/.test(path))
    )
    assert.deepStrictEqual(barrels, [])
  })
})

describe("the packages", () => {
  it("depend on each other without a circle", () => {
    for (const name of workspace.keys()) assert.deepStrictEqual(circle(name, []), undefined)
  })

  it("leave the core with no dependency but effect", () => {
    const core = readManifest(folderOf("core"))
    assert.deepStrictEqual(core.dependencies, undefined)
    const optional = Object.keys(core["peerDependenciesMeta"] ?? {})
    assert.deepStrictEqual(Object.keys(core.peerDependencies ?? {}).filter((name) => !optional.includes(name)), [
      "effect"
    ])
  })

  it("keep the emulator out of what users install", () => {
    for (const name of ["core", "node", "deno", "browser"] as const) {
      const { dependencies, peerDependencies } = readManifest(folderOf(name))
      assert.notProperty({ ...dependencies, ...peerDependencies }, "@effect-redivis/emulator")
    }
  })

  it("list every public module, in package.json and in jsr.json, and nothing else", () => {
    assert.deepStrictEqual(outdated().map(({ file }) => file), [])
  })

  it("take each peer in a range", () => {
    for (const name of published) {
      for (const range of Object.values(readManifest(folderOf(name)).peerDependencies ?? {})) {
        assert.match(range, /^(\^|>=)\d/, name)
      }
    }
  })

  it("have what JSR is told to publish", () => {
    for (const name of ["core", "deno"] as const) {
      const { publish } = JSON.parse(Fs.readFileSync(Path.join(folderOf(name), "jsr.json"), "utf8"))
      for (const path of publish.include) assert.isTrue(Fs.existsSync(Path.join(folderOf(name), path)), path)
    }
    const license = Fs.readFileSync(Path.join(root, "LICENSE"), "utf8")
    for (const name of published) {
      assert.strictEqual(Fs.readFileSync(Path.join(folderOf(name), "LICENSE"), "utf8"), license)
    }
  })

  it("have one version, and a changeset that keeps it so", () => {
    const manifests = published.map((name) => readManifest(folderOf(name)))
    assert.strictEqual(new Set(manifests.map(({ version }) => version)).size, 1)
    const { fixed } = JSON.parse(Fs.readFileSync(Path.join(root, ".changeset/config.json"), "utf8"))
    assert.deepStrictEqual(fixed, [manifests.map(({ name }) => name)])
  })
})

describe("what is published", () => {
  beforeAll(() => void pnpm(root, "run", "build"), 120_000)

  it.each(published)("%s: every public path leads to a file in dist, and no source of a test is packed", (name) => {
    const output = pnpm(folderOf(name), "pack", "--dry-run", "--json")
    const packed: { readonly files: ReadonlyArray<{ readonly path: string }> } = JSON.parse(output)
    const paths = packed.files.map(({ path }) => path)
    const odd = paths.filter((path) =>
      !/^(dist\/.+\.(js|d\.ts)(\.map)?|src\/.+\.ts|package\.json|seed\.schema\.json|LICENSE|README\.md|CHANGELOG\.md)$/
        .test(path)
    )
    assert.deepStrictEqual(odd, [])
    assert.include(paths, "LICENSE")
    const exported = readManifest(folderOf(name)).publishConfig?.exports ?? {}
    assert.deepStrictEqual(Object.keys(exported), Object.keys(publicModules(name)))
    for (const target of Object.values(exported)) {
      const files = typeof target === "string" ? [target] : Object.values(target)
      for (const file of files) assert.include(paths, file.slice("./".length))
    }
  })

  it("has types that programs of others can export: of every value, its calls, what those give, and every type", () => {
    const folder = temporary()
    const { problemsOf, programs } = makeConsumer(folder)
    assert.isAbove(programs.reduce((count, { shows }) => count + shows.size, 0), 3000)
    assert.deepStrictEqual(programs.flatMap(problemsOf), [])
    // what the compiler of this repository finds it prints itself
    const compiler = Path.join(root, "node_modules/typescript/bin/tsc")
    const ran = spawnSync(process.execPath, [compiler, "-p", ".", "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8"
    })
    assert.strictEqual(ran.stdout, "")
    assert.strictEqual(ran.status, 0, ran.stderr)
    Fs.rmSync(folder, { recursive: true })
  }, 300_000)

  it("the core's modules need no library but effect, except those that each serve one", () => {
    const folder = temporary()
    installPublished(folder, ["core"])
    link("effect", folderOf("core"), folder)
    const names = Object.keys(publicModules("core")).filter((name) => name !== "./package.json")
    const program = `
      const found = {}
      for (const name of ${JSON.stringify(names)}) {
        found[name] = await import("@effect-redivis/core" + name.slice(1)).then(() => "imported", (error) => error.message)
      }
      console.log(JSON.stringify(found))
    `
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder })
    Fs.rmSync(folder, { recursive: true })
    const missing = Object.entries<string>(JSON.parse(output.toString()))
      .filter(([, result]) => result !== "imported")
      .map(([name, error]) => [name, /Cannot find package '([^']+)'/.exec(error)?.[1] ?? error])
    assert.deepStrictEqual(missing, [
      ["./ArrowTable", "@uwdata/flechette"],
      ["./Parquet", "hyparquet-writer"]
    ])
  })

  it.live("the programs of READMEs for Node run with exactly what they say to install", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const elsewhere = /^@effect-redivis\/(deno|browser)|vitest/
      const programs = readmes.flatMap(programsOf).filter(({ imports }) =>
        !imports.some((path) => elsewhere.test(path))
      )
      const groups = Map.groupBy(programs, ({ installed }) => [...installed].sort().join(" "))
      assert.isAbove(groups.size, 2)
      for (const [names, group] of groups) {
        const folder = temporary()
        const installed = names.split(" ")
        const ours = published.filter((name) => installed.includes(`@effect-redivis/${name}`))
        installPublished(folder, ours)
        for (const name of installed.filter((name) => !/^@effect-redivis\/|vitest/.test(name))) {
          link(name, Path.join(root, "tests"), folder)
        }
        Fs.writeFileSync(Path.join(folder, "package.json"), JSON.stringify({ type: "module" }))
        const files = group.map(({ code }, index) => {
          Fs.writeFileSync(Path.join(folder, `program${index}.ts`), code)
          return `await import("./program${index}.ts")\n`
        })
        Fs.writeFileSync(Path.join(folder, "all.ts"), files.join(""))
        const { code, log } = yield* run(process.execPath, ["all.ts"], { cwd: folder, env: environment(emulator) })
        assert.strictEqual(code, 0, `${names}\n${log}`)
        Fs.rmSync(folder, { recursive: true })
      }
    }).pipe(Effect.provide(penguins)), 120_000)

  /** The lowest version that a range allows, which has to be the one that is installed for it. */
  const lowest = (peer: string, alias: string): void => {
    const range = readManifest(folderOf("core")).peerDependencies?.[peer] ?? ""
    const { version } = readManifest(Path.join(root, "tests/node_modules", alias))
    assert.strictEqual(/\d+\.\d+\.\d+/.exec(range)?.[0], version, peer)
  }

  it("the core's optional peers do their work in their lowest version", () => {
    lowest("@uwdata/flechette", "flechette-lowest")
    lowest("hyparquet-writer", "hyparquet-writer-lowest")
    const folder = temporary()
    installPublished(folder, ["core"])
    for (const name of ["effect", "hyparquet", "apache-arrow"]) link(name, folderOf("core"), folder)
    const tests = Path.join(root, "tests")
    link("flechette-lowest", tests, folder, "@uwdata/flechette")
    link("hyparquet-writer-lowest", tests, folder, "hyparquet-writer")
    const program = `
      import * as Arrow from "@effect-redivis/core/Arrow"
      import * as ArrowTable from "@effect-redivis/core/ArrowTable"
      import * as Parquet from "@effect-redivis/core/Parquet"
      import * as Apache from "apache-arrow"
      import * as Effect from "effect/Effect"
      import * as Stream from "effect/Stream"
      import { parquetMetadata, parquetRead } from "hyparquet"
      const show = (rows) => console.log(JSON.stringify(rows, (_, value) => typeof value === "bigint" ? value + "n" : value))
      const values = {
        whole: Apache.vectorFromArray([9007199254740993n, null], new Apache.Int64()),
        text: Apache.vectorFromArray(["é", null], new Apache.Utf8()),
        level: Apache.vectorFromArray(["x", "x"]),
        day: Apache.vectorFromArray([new Date(86400000), null], new Apache.DateDay()),
        moment: Apache.vectorFromArray([1, null], new Apache.TimestampMicrosecond())
      }
      const bytes = Stream.make(Apache.tableToIPC(new Apache.Table(values), "stream"))
      const table = await Effect.runPromise(ArrowTable.fromBatches(Arrow.readStream(bytes)))
      show(table.toArray())
      const row = { whole: 9007199254740993n, text: "é", float: 0.5, flag: true, day: "1970-01-02", moment: "1970-01-01T00:00:00.001001" }
      const types = { whole: "integer", text: "string", float: "float", flag: "boolean", day: "date", moment: "dateTime" }
      const variables = Object.entries(types).map(([name, type]) => ({ name, type }))
      const nothing = Object.fromEntries(variables.map(({ name }) => [name, null]))
      const parts = await Effect.runPromise(Stream.runCollect(Parquet.fromRows(Stream.make(row, nothing), { variables })))
      const { buffer } = new Uint8Array(Buffer.concat(parts))
      const parsers = { dateFromDays: (count) => count, timestampFromMicroseconds: (count) => count }
      await parquetRead({ file: buffer, metadata: parquetMetadata(buffer), rowFormat: "array", parsers, onComplete: show })
    `
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder })
    assert.deepStrictEqual(output.toString().trim().split("\n").map((line) => JSON.parse(line)), [
      [
        { whole: "9007199254740993n", text: "é", level: "x", day: 86400000, moment: "1000n" },
        { whole: null, text: null, level: "x", day: null, moment: null }
      ],
      [["9007199254740993n", "é", 0.5, true, 1, "1001n"], [null, null, null, null, null, null]]
    ])
    Fs.rmSync(folder, { recursive: true })
  })

  it("the package for Node is imported without the library for files, which says what to install where it is missing", () => {
    const folder = temporary()
    installPublished(folder, ["core", "node"])
    link("effect", folderOf("core"), folder)
    const program = `
      import { NodeFiles, NodeRedivis, NodeRowCache } from "@effect-redivis/node"
      import * as Effect from "effect/Effect"
      import * as Layer from "effect/Layer"
      const files = NodeFiles.toFile("a.b.c", "c.csv", { format: "csv" })
      for (const program of [Effect.provide(files, NodeRedivis.layer({})), Layer.build(NodeRowCache.layer({ directory: "d" }))]) {
        await Effect.runPromise(Effect.scoped(program)).catch((error) => console.log(error.message))
      }
    `
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder })
    const messages = output.toString().trim().split("\n")
    assert.strictEqual(messages.length, 2)
    for (const message of messages) assert.match(message, /npm install @effect\/platform-node/)
    Fs.rmSync(folder, { recursive: true })
  })
})
