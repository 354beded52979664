/**
 * What handing bytes on, reading bytes, reading rows and a call cost each
 * runtime, beside what it does itself: CPU of a server in it, asked by this
 * process, by the clock of Linux. Ways take turns.
 */
import { build } from "esbuild"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { createInterface } from "node:readline"
import { type Outcome, rounded } from "../measure.ts"
import * as Answers from "../rows/answers.ts"
import { record } from "../rows/record.ts"

const here = import.meta.dirname
const root = Path.resolve(here, "../..")
const tests = Path.join(root, "tests/node_modules")
const size = 102_000_000
const numRows = 131_072
const rounds = 7
const warmUp = 2

const configuration = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["local"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "main.js", esModule = embed "main.js")],
  compatibilityDate = "2025-01-01"
);
`

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

const firstLine = async (child: ChildProcess, index: 1 | 3): Promise<string> => {
  // asked for as pipes
  const lines = createInterface({ input: child.stdio[index] as NodeJS.ReadableStream })
  const [line] = await once(lines, "line") as [string]
  return line
}

const startProgram = async (command: string, ...parameters: ReadonlyArray<string>): Promise<Running> => {
  const child = spawn(command, [...parameters, Path.join(here, "program.ts")], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"]
  })
  return { child, port: Number(await firstLine(child, 1)) }
}

const startWorkerd = async (command: string, folder: string): Promise<Running> => {
  await build({
    absWorkingDir: root,
    entryPoints: [Path.join(here, "worker.ts")],
    outfile: Path.join(folder, "main.js"),
    bundle: true,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser"],
    logLevel: "error"
  })
  Fs.writeFileSync(Path.join(folder, "config.capnp"), configuration)
  const child = spawn(command, ["serve", "--control-fd=3", Path.join(folder, "config.capnp")], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"]
  })
  return { child, port: (JSON.parse(await firstLine(child, 3)) as { readonly port: number }).port } // by workerd's own format
}

const installed: ReadonlyArray<
  readonly [name: string, file: string, start: (file: string, folder: string) => Promise<Running>]
> = [
  ["Node", process.execPath, (file) => startProgram(file)],
  [
    "Deno",
    Path.join(tests, "deno/deno"),
    (file) => startProgram(file, "run", "--no-lock", "--node-modules-dir=manual", "--allow-all")
  ],
  ["Bun", Path.join(tests, "bun/bin/bun.exe"), (file) => startProgram(file)],
  ["workerd", Path.join(tests, "workerd/bin/workerd"), startWorkerd]
]

/** CPU of a process's threads so far, in milliseconds. */
const cpuOf = (pid: number): number =>
  Fs.readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(Fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
    0
  ) / 1e6

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

const ways = ["own", "untouched", "checked", "stream", "loop", "csv", "rows", "calls"] as const

type Way = typeof ways[number]

/** What an answer has to be: bytes that are handed on, or a number of what was read. */
const expected: Readonly<Record<Way, number>> = {
  own: size,
  untouched: size,
  checked: size,
  stream: size,
  loop: size,
  csv: size,
  rows: numRows,
  calls: 200
}

const ask = async (way: Way, port: number, endpoint: string): Promise<void> => {
  const response = await fetch(`http://127.0.0.1:${port}/${way}?endpoint=${encodeURIComponent(endpoint)}`)
  let bytes = 0
  let text = ""
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes < 100) text += Buffer.from(chunk).toString()
  }
  const got = ["own", "untouched", "checked", "stream"].includes(way) ? bytes : Number(text)
  if (got !== expected[way]) throw new Error(`${way}: ${response.status}, ${got} in place of ${expected[way]}`)
}

const measure = async ({ child, port }: Running, endpoint: string): Promise<Readonly<Record<Way, number>>> => {
  const spent: Record<Way, Array<number>> = {
    own: [],
    untouched: [],
    checked: [],
    stream: [],
    loop: [],
    csv: [],
    rows: [],
    calls: []
  }
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const way of ways) {
      const before = cpuOf(child.pid!) // it runs
      await ask(way, port, endpoint)
      if (round >= warmUp) spent[way].push(cpuOf(child.pid!) - before)
    }
  }
  return Object.fromEntries(ways.map((way) => [way, Math.round(median(spent[way]))])) as Record<Way, number> // one entry for each
}

export const runtimes = async (): Promise<Outcome> => {
  if (process.platform !== "linux") return { figures: {}, text: "  measured on Linux alone" }
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "runtimes-"))
  const figures: Record<string, number> = {}
  const lines = [`  CPU of ${size / 1e6} MB handed on, in ms, and times what \`new Response(response.body)\` takes`]
  const [recorded] = await record(numRows, ["none"], [1000])
  Answers.write(Path.join(folder, "table"), recorded!) // one was asked for
  const server = spawn(process.execPath, [Path.join(here, "serve.ts"), Path.join(folder, "table"), String(size)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  try {
    const endpoint = `http://127.0.0.1:${await firstLine(server, 1)}/api/v1`
    for (const [name, file, start] of installed) {
      if (!Fs.existsSync(file)) {
        lines.push(`  ${name}: not installed`)
        continue
      }
      const running = await start(file, folder)
      try {
        const cpu = await measure(running, endpoint)
        const perSecond = Math.round(numRows / cpu.rows * 1000)
        Object.assign(figures, {
          [`${name}UntouchedTimesOwn`]: rounded(cpu.untouched / cpu.own),
          [`${name}CheckedTimesOwn`]: rounded(cpu.checked / cpu.own),
          [`${name}ReadTimesLoop`]: rounded(cpu.csv / cpu.loop),
          [`${name}RowsPerSecond`]: perSecond,
          [`${name}Call`]: cpu.calls / expected.calls
        })
        lines.push(
          `  ${name.padEnd(8)} own ${cpu.own}, untouched ${cpu.untouched} (${
            rounded(cpu.untouched / cpu.own)
          }), checked ${cpu.checked} (${
            rounded(cpu.checked / cpu.own)
          }), of a stream ${cpu.stream}; loop ${cpu.loop}, Table.csv ${cpu.csv} (${
            rounded(cpu.csv / cpu.loop)
          }); ${perSecond} rows a second; ${rounded(cpu.calls / expected.calls)} ms a call`
        )
      } finally {
        running.child.kill()
      }
    }
  } finally {
    server.kill()
    Fs.rmSync(folder, { recursive: true })
  }
  return { figures, text: lines.join("\n") }
}
