/**
 * The public paths of each package: every module named in PascalCase, those of
 * the core in its five rooms, those of the others at the top of `src`.
 *
 * `node scripts/exports.ts` fails where a manifest (package.json, jsr.json)
 * lists anything else; with `--write` it writes the lists.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { folderOf, type Manifest, type Published, published, readManifest, root } from "./packages.ts"

const namespace = /^[A-Z][A-Za-z0-9]*\.ts$/

const rooms: Record<Published, ReadonlyArray<string>> = {
  core: ["contract", "client", "data", "resources", "publishing"],
  node: ["."],
  deno: ["."],
  browser: ["."],
  emulator: ["."]
}

/** From public path to source file, both as package.json writes them. */
export const publicModules = (name: Published): Record<string, string> => {
  const source = Path.join(folderOf(name), "src")
  const entries: Array<[string, string]> = []
  for (const room of rooms[name]) {
    const folder = Path.join(source, room)
    if (!Fs.existsSync(folder)) continue
    for (const file of Fs.readdirSync(folder)) {
      if (namespace.test(file)) {
        entries.push([`./${file.slice(0, -".ts".length)}`, `./${Path.posix.join("src", room, file)}`])
      }
    }
  }
  if (name === "core") entries.push(["./Contract", "./src/contract/index.ts"])
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  const paths = entries.map(([path]) => path)
  const twice = paths.find((path, index) => paths.indexOf(path) !== index)
  if (twice !== undefined) throw new Error(`${name}: two modules would be ${twice}`)
  return { ".": "./src/index.ts", ...Object.fromEntries(entries), "./package.json": "./package.json" }
}

/** Where the build puts what is at `source`. */
export const built = (source: string): { readonly types: string; readonly default: string } => {
  const file = source.replace("./src/", "./dist/").replace(/\.ts$/, "")
  return { types: `${file}.d.ts`, default: `${file}.js` }
}

const expectedManifest = (name: Published): Manifest => {
  const manifest = readManifest(folderOf(name))
  const modules = publicModules(name)
  return {
    ...manifest,
    exports: modules,
    publishConfig: {
      ...manifest.publishConfig,
      exports: Object.fromEntries(
        Object.entries(modules).map(([path, source]) => [path, source.endsWith(".ts") ? built(source) : source])
      )
    }
  }
}

/** What JSR publishes are the sources; their libraries come from npm. */
const expectedJsr = (name: "core" | "deno"): object => {
  const manifest = readManifest(folderOf(name))
  const { "./package.json": _, ...modules } = publicModules(name)
  const effect = manifest.peerDependencies?.["effect"] ?? "^4.1.0"
  const core = name === "deno" ? { "@effect-redivis/core": `jsr:@effect-redivis/core@^${manifest.version}` } : {}
  const optional = Object.fromEntries(
    Object.keys(manifest.peerDependenciesMeta ?? {}).map((
      peer
    ) => [peer, `npm:${peer}@${manifest.peerDependencies?.[peer]}`])
  )
  return {
    name: manifest.name,
    version: manifest.version,
    license: "MIT",
    exports: modules,
    imports: { ...core, effect: `npm:effect@${effect}`, ...optional },
    publish: { include: ["src", "README.md", "LICENSE"] }
  }
}

export interface Finding {
  readonly file: string
  readonly text: string
}

/** The files whose lists are not what the modules say, with what they should be. */
export const outdated = (): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const compare = (file: string, expected: object): void => {
    const text = `${JSON.stringify(expected, undefined, 2)}\n`
    const found = Fs.existsSync(file) ? JSON.stringify(JSON.parse(Fs.readFileSync(file, "utf8"))) : undefined
    if (found !== JSON.stringify(expected)) findings.push({ file: Path.relative(root, file), text })
  }
  for (const name of published) {
    compare(Path.join(folderOf(name), "package.json"), expectedManifest(name))
    if (name === "core" || name === "deno") compare(Path.join(folderOf(name), "jsr.json"), expectedJsr(name))
  }
  return findings
}

if (import.meta.main) {
  const write = process.argv.includes("--write")
  const findings = outdated()
  for (const { file, text } of findings) {
    if (write) Fs.writeFileSync(Path.join(root, file), text)
    console.log(`${write ? "wrote" : "outdated"}: ${file}`)
  }
  if (!write && findings.length > 0) {
    console.log("Run: node scripts/exports.ts --write")
    process.exitCode = 1
  }
}
