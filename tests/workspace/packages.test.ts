import { assert, beforeAll, describe, it } from "@effect/vitest"
import { execFileSync, spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { outdated, publicModules } from "../../scripts/exports.ts"
import { folderOf, type Manifest, published, readManifest, root } from "../../scripts/packages.ts"
import { pnpm } from "../../scripts/pnpm.ts"
import { installPublished, makeConsumer } from "./consumer.ts"

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
    installPublished(folder, ["core"], ["effect"])
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
})
