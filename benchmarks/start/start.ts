/**
 * What it costs to start: the CPU of processes that only import, and the time
 * to a first answer. The packages are installed as users have them.
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { createInterface } from "node:readline"
import { type Outcome, rounded } from "../measure.ts"

const here = import.meta.dirname
const root = Path.resolve(here, "../..")
const rounds = 9

const importing = (...modules: ReadonlyArray<string>): string =>
  modules.map((module) => `import ${JSON.stringify(module)}\n`).join("")

const programs = {
  "bare Node": "",
  "of Effect: Effect, Stream, Schema, Layer, Config, HttpClient": importing(
    ...["Effect", "Stream", "Schema", "Layer", "Config", "http/HttpClient"].map((module) => `effect/${module}`)
  ),
  "Dataset, Table, Redivis, NodeRedivis": importing(
    ...["Dataset", "Table", "Redivis"].map((module) => `@effect-redivis/core/${module}`),
    "@effect-redivis/node/NodeRedivis"
  ),
  "the same through the indexes, and effect's": importing("effect", "@effect-redivis/core", "@effect-redivis/node"),
  "official client": importing("redivis"),
  "first answer": `
    import * as User from "@effect-redivis/core/User"
    import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
    import * as Effect from "effect/Effect"
    await Effect.runPromise(Effect.provide(User.me(), NodeRedivis.layer({ endpoint: process.argv[2] })))
    process.exit(0)
  `
}

type Name = keyof typeof programs

/** The CPU that a child of a process took, and how long it ran, in milliseconds. */
interface Spent {
  readonly cpu: number
  readonly wall: number
}

/** Writes what it took of the processor when it ends, so that loading is counted and no other process. */
const counted = `process.on("exit", () => {
  const { system, user } = process.cpuUsage()
  process.stderr.write(\`\${(user + system) / 1000}\`)
})\n`

const run = (folder: string, name: Name, endpoint: string): Spent => {
  const begun = performance.now()
  const file = Path.join(folder, `${Object.keys(programs).indexOf(name)}.mjs`)
  const counter = Path.join(folder, "counted.cjs")
  const ran = spawnSync(process.execPath, ["--require", counter, file, endpoint], { encoding: "utf8", env: {} })
  if (ran.status !== 0) throw new Error(`${name}: ${ran.stderr}`)
  return { cpu: Number(ran.stderr), wall: performance.now() - begun }
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** As they are published and built, with what each needs beside it. */
const install = (folder: string): void => {
  const link = (from: string, name: string, place: string): void => {
    const linked = Path.join(place, "node_modules", name)
    Fs.mkdirSync(Path.dirname(linked), { recursive: true })
    Fs.symlinkSync(Fs.realpathSync(Path.join(root, from, "node_modules", name)), linked)
  }
  for (const name of ["core", "node"]) {
    const from = Path.join(root, "packages", name)
    const built = spawnSync(process.execPath, [Path.join(root, "scripts/build.ts")], { cwd: from, encoding: "utf8" })
    if (built.status !== 0) throw new Error(`${built.stdout}${built.stderr}`)
    const { publishConfig, ...manifest } = JSON.parse(Fs.readFileSync(Path.join(from, "package.json"), "utf8"))
    const place = Path.join(folder, "node_modules", manifest.name)
    Fs.cpSync(Path.join(from, "dist"), Path.join(place, "dist"), { recursive: true })
    Fs.writeFileSync(Path.join(place, "package.json"), JSON.stringify({ ...manifest, ...publishConfig }))
  }
  link("packages/node", "undici", Path.join(folder, "node_modules/@effect-redivis/node"))
  link("packages/node", "@effect/platform-node", folder)
  link("packages/core", "effect", folder)
  for (const peer of ["@uwdata/flechette", "hyparquet-writer"]) link("packages/core", peer, folder)
  link("benchmarks", "redivis", folder)
  Fs.writeFileSync(Path.join(folder, "counted.cjs"), counted)
  for (const [index, program] of Object.values(programs).entries()) {
    Fs.writeFileSync(Path.join(folder, `${index}.mjs`), program)
  }
}

export const start = async (): Promise<Outcome> => {
  const folder = Fs.realpathSync(Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-start-")))
  const server = spawn(process.execPath, [Path.join(root, "benchmarks/bodies/serve.ts"), "0"], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  try {
    const [port] = await once(createInterface({ input: server.stdout }), "line") as [string]
    install(folder)
    const names = Object.keys(programs) as ReadonlyArray<Name> // its own keys
    const spent = new Map<Name, Array<Spent>>(names.map((name) => [name, []]))
    for (let round = 0; round <= rounds; round++) {
      for (const name of names) {
        const found = run(folder, name, `http://127.0.0.1:${port}/api/v1`)
        // the first round reads the files from the disk
        if (round > 0) spent.get(name)!.push(found)
      }
    }
    const cpu = (name: Name): number => median(spent.get(name)!.map(({ cpu }) => cpu))
    const ratio = rounded(
      cpu("Dataset, Table, Redivis, NodeRedivis") / cpu("of Effect: Effect, Stream, Schema, Layer, Config, HttpClient")
    )
    const figures = Object.fromEntries(names.map((name) => [`${name}: ms of CPU`, Math.round(cpu(name))]))
    const lines = names.map((name) => {
      const wall = median(spent.get(name)!.map(({ wall }) => wall))
      return `  ${name.padEnd(62)} ${cpu(name).toFixed(0).padStart(4)} ms of CPU  ${wall.toFixed(0).padStart(4)} ms`
    })
    return {
      figures: { ...figures, "ours over Effect's": ratio },
      text: [...lines, `  ours over Effect's: ${ratio}`].join("\n")
    }
  } finally {
    server.kill()
    Fs.rmSync(folder, { recursive: true })
  }
}
