/**
 * How fast a body of 1 GiB comes through the client of a runtime, beside what
 * the runtime itself does with it, what a call costs, and what is installed for
 * it. The server is a process of its own, and ways take turns.
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { createInterface } from "node:readline"
import { type Outcome, rounded } from "../measure.ts"

const here = import.meta.dirname
const root = Path.resolve(here, "../..")
const size = 2 ** 30
const rounds = 5

const tests = Path.join(root, "tests/node_modules")

const runtimes: Readonly<Record<string, ReadonlyArray<string>>> = {
  Node: [process.execPath],
  Deno: [Path.join(tests, "deno/deno"), "run", "--no-lock", "--node-modules-dir=manual", "--allow-all"],
  Bun: [Path.join(tests, "bun/bin/bun.exe")]
}

interface Measured {
  readonly bytes: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peak: number
}

const measure = (runtime: string, way: string, what: "body" | "call", endpoint: string): Measured => {
  const [command = "", ...parameters] = runtimes[runtime] ?? []
  const ran = spawnSync(command, [...parameters, Path.join(here, "read.ts"), way, what, endpoint], {
    cwd: root,
    encoding: "utf8"
  })
  const line = ran.stdout?.split("\n").find((text) => text.startsWith("{"))
  if (line === undefined) throw new Error(`${runtime}, ${way}: ${ran.stderr}${ran.error?.message ?? ""}`)
  const measured = JSON.parse(line) as Measured // printed by read.ts
  if (what === "body" && measured.bytes !== size) throw new Error(`${runtime}, ${way}: ${measured.bytes} bytes came`)
  return measured
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** Bytes of a package, and of all that is installed for it and not for Effect. */
const installedSize = (name: string, from: string, seen: Set<string>): number => {
  const link = Path.join(from, "node_modules", name)
  // pnpm puts a package's dependencies beside it
  const folder = Fs.existsSync(link) ? Fs.realpathSync(link) : undefined
  if (folder === undefined || seen.has(folder) || name === "effect") return 0
  seen.add(folder)
  const manifest: {
    readonly dependencies?: Record<string, string>
    readonly peerDependencies?: Record<string, string>
    readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>
  } = JSON.parse(Fs.readFileSync(Path.join(folder, "package.json"), "utf8"))
  const beside = folder.slice(0, folder.lastIndexOf("/node_modules/"))
  let bytes = 0
  for (const entry of Fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += Fs.statSync(Path.join(entry.parentPath, entry.name)).size
  }
  const needed = [
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}).filter((peer) => !manifest.peerDependenciesMeta?.[peer]?.optional)
  ]
  return needed.reduce((sum, next) => sum + installedSize(next, beside, seen), bytes)
}

/** The way of the runtime itself first. */
const compared: Readonly<Record<string, ReadonlyArray<readonly [way: string, what: string]>>> = {
  Node: [["undici", "undici, on data"], ["node", "NodeRedivis.layer"], ["effect", "layerOver, Effect's undici"]],
  Deno: [["fetch", "fetch"], ["deno", "DenoRedivis.layer"]],
  Bun: [["fetch", "fetch"], ["node", "NodeRedivis.layer"]]
}

export const bodies = async (): Promise<Outcome> => {
  const server = spawn(process.execPath, [Path.join(here, "serve.ts"), String(size)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const [port] = await once(createInterface({ input: server.stdout }), "line") as [string]
  const endpoint = `http://127.0.0.1:${port}/api/v1`
  const figures: Record<string, number> = {}
  const lines: Array<string> = []
  try {
    for (const [runtime, ways] of Object.entries(compared)) {
      const found = new Map<string, { readonly bodies: Array<Measured>; readonly calls: Array<Measured> }>(
        ways.map(([way]) => [way, { bodies: [], calls: [] }])
      )
      for (let round = 0; round < rounds; round++) {
        for (const [way] of ways) {
          found.get(way)!.bodies.push(measure(runtime, way, "body", endpoint))
          found.get(way)!.calls.push(measure(runtime, way, "call", endpoint))
        }
      }
      const own = median([...found.values()][0]!.bodies.map(({ seconds }) => seconds))
      for (const [way, what] of ways) {
        const { bodies, calls } = found.get(way)!
        const seconds = median(bodies.map((body) => body.seconds))
        const cpu = median(bodies.map((body) => body.cpuSeconds))
        const call = median(calls.map((call) => call.cpuSeconds / call.bytes)) * 1e6
        const peak = median(bodies.map((body) => body.peak)) / 1e6
        const name = `${runtime}, ${what}`
        figures[`${name}: speed`] = rounded(own / seconds)
        figures[`${name}: CPU of a call, µs`] = Math.round(call)
        lines.push(
          `  ${name.padEnd(34)} ${(size / 1e6 / seconds).toFixed(0).padStart(5)} MB/s  ${(own / seconds).toFixed(2)}  ${
            cpu.toFixed(2)
          } s of CPU  ${peak.toFixed(0)} MB above the start  ${call.toFixed(0)} µs of CPU a call`
        )
      }
    }
  } finally {
    server.kill()
  }
  const node = Path.join(root, "packages/node")
  for (const name of ["undici", "@effect/platform-node"]) {
    const bytes = installedSize(name, node, new Set())
    figures[`${name}: MB installed`] = rounded(bytes / 1e6)
    lines.push(`  installed for ${name} and what it needs: ${(bytes / 1e6).toFixed(1)} MB`)
  }
  return { figures, text: lines.join("\n") }
}
