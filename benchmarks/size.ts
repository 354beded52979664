/**
 * What a worker weighs: `pnpm size`, with `--json` for programs, with `--parts`
 * for what each room of the core and each module of Effect takes of it.
 *
 * The core is built, packed, and installed into an empty folder, and the
 * workers in `size/` are bundled from there as a user's would be. A worker above
 * its budget fails, and so does anything unused that stays in a bundle. 1 kB is
 * 1,000 bytes, gzip is at level 9.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { gzipSync } from "node:zlib"
import { type Bundle, bundle, installed } from "./installed.ts"

const here = import.meta.dirname

interface Worker {
  readonly name: string
  readonly entry: string
  /** In bytes of gzip. */
  readonly budget?: number
}

const ours: ReadonlyArray<Worker> = [
  { name: "Dataset.get", entry: "get.ts", budget: 47_650 },
  { name: "Table.rows", entry: "rows.ts", budget: 66_150 },
  { name: "Dataset.get, barrel", entry: "barrel.ts" }
]

const theirs: ReadonlyArray<Worker> = [
  { name: "redivis 0.3.10", entry: "official.ts" },
  { name: "stripe 23.1.0", entry: "stripe.ts" },
  { name: "@octokit/rest 22.0.1", entry: "octokit.ts" }
]

/** A part of the published build, and what must not be in its bundle. */
const shaken: ReadonlyArray<
  { readonly keeps: string; readonly source: string; readonly drops: ReadonlyArray<string> }
> = [
  {
    keeps: "@effect-redivis/core/InvalidInput",
    source: `export { InvalidInput } from "@effect-redivis/core/RedivisError"`,
    drops: ["core/NotFound", "core/JobFailed", "core/TransportError", "core/IntegrityError"]
  },
  {
    keeps: "datasets.get",
    source: `export { get } from "@effect-redivis/core/Dataset"`,
    drops: [
      "datasets.patch",
      "datasets.delete",
      "queries.post",
      "tables.",
      "readSessions.",
      "core/JobFailed",
      "core/PlanOutdated"
    ]
  }
]

interface Row {
  readonly name: string
  readonly gzip: number
  readonly minified: number
  readonly budget: number | undefined
  readonly parts: ReadonlyArray<Part>
}

/** A room of the core, or a module of Effect. */
interface Part {
  readonly name: string
  readonly minified: number
}

const partOf = (path: string): string => {
  const [, room = path] = /@effect-redivis\/core\/dist\/([\w/]+)\/\w+\.js$/.exec(path) ??
    /\/(effect\/)dist\//.exec(path) ?? []
  return room === "effect/" ? `effect/${Path.basename(path, ".js")}` : room.startsWith("/") ? Path.basename(room) : room
}

const partsOf = (files: Bundle["files"]): ReadonlyArray<Part> => {
  const parts = new Map<string, number>()
  for (const { bytes, path } of files) {
    if (bytes > 0) parts.set(partOf(path), (parts.get(partOf(path)) ?? 0) + bytes)
  }
  return [...parts].map(([name, minified]) => ({ name, minified })).toSorted((one, other) =>
    other.minified - one.minified
  )
}

const weigh = async (worker: Worker, folder: string): Promise<Row> => {
  const { code, files } = await bundle({ entry: Path.join(folder, worker.entry), minify: true })
  return {
    name: worker.name,
    gzip: gzipSync(code, { level: 9 }).length,
    minified: code.length,
    budget: worker.budget,
    parts: partsOf(files)
  }
}

const kilobytes = (bytes: number | undefined): string => (bytes === undefined ? "" : (bytes / 1000).toFixed(1))

const measure = async (
  folder: string
): Promise<{ readonly rows: ReadonlyArray<Row>; readonly left: ReadonlyArray<string> }> => {
  for (const { entry } of ours) Fs.copyFileSync(Path.join(here, "size", entry), Path.join(folder, entry))
  const rows: Array<Row> = []
  for (const worker of ours) rows.push(await weigh(worker, folder))
  for (const worker of theirs) rows.push(await weigh(worker, Path.join(here, "size")))
  const left: Array<string> = []
  for (const { drops, keeps, source } of shaken) {
    const text = new TextDecoder().decode((await bundle({ source, folder })).code)
    if (!text.includes(keeps)) left.push(`${keeps} is missing from the bundle of: ${source}`)
    left.push(...drops.filter((name) => text.includes(name)).map((name) => `${name} stays in the bundle of: ${source}`))
  }
  return { rows, left }
}

const { left, rows } = await installed(measure)
const above = rows.filter(({ budget, gzip }) => budget !== undefined && gzip > budget)

if (process.argv.includes("--json")) {
  const figures = rows.flatMap(({ budget, gzip, name }) => budget === undefined ? [] : [[name, { gzip, budget }]])
  console.log(JSON.stringify(Object.fromEntries(figures), undefined, 2))
} else {
  const line = (cells: ReadonlyArray<string>): string =>
    cells.map((cell, index) => index === 0 ? cell.padEnd(24) : cell.padStart(13)).join("")
  console.log("Workers with one call each, minified by esbuild (kB of 1,000 bytes)\n")
  console.log(line(["worker", "gzip", "budget", "minified"]))
  for (const { budget, gzip, minified, name } of rows) {
    console.log(line([name, kilobytes(gzip), kilobytes(budget), kilobytes(minified)]))
  }
  for (const { budget, gzip, minified, name, parts } of process.argv.includes("--parts") ? rows : []) {
    if (budget === undefined) continue
    console.log(`\n${name}: what is in it, and its share of the gzip (kB)\n`)
    for (const part of parts) {
      console.log(line([part.name, kilobytes((part.minified / minified) * gzip), "", kilobytes(part.minified)]))
    }
  }
  console.log(left.length === 0 ? "\nUnused operations and unused errors vanish from a bundle." : "")
}
for (const { budget, gzip, name } of above) console.error(`${name}: ${gzip} bytes are above its budget of ${budget}`)
for (const problem of left) console.error(problem)
process.exitCode = above.length === 0 && left.length === 0 ? 0 : 1
