/** The CPU of one call beside `fetch` and `JSON.parse`, all on the same fake fetch. */
import { spawnSync } from "node:child_process"
import * as Path from "node:path"
import { build } from "esbuild"
import * as Fs from "node:fs"
import * as Os from "node:os"
import { type Outcome, rounded } from "../measure.ts"

const here = import.meta.dirname

/** Bundles the program, with tracing left out where it is asked for. */
const bundle = async (folder: string, name: string, compiledOut: boolean): Promise<string> => {
  const outfile = Path.join(folder, `${name}.mjs`)
  await build({
    entryPoints: [Path.join(here, "program.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    logLevel: "error",
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: compiledOut
      ? [{
        name: "no-tracing",
        setup: (build) =>
          build.onLoad({ filter: /client[/\\]tracing\.ts$/ }, () => ({
            contents: "export const tracerOf = () => undefined; export const useSpan = () => { throw new Error() }",
            loader: "ts"
          }))
      }]
      : []
  })
  return outfile
}

/** Microseconds of CPU a call, in a process of its own. */
const runOnce = (program: string, contender: string): number => {
  const result = spawnSync(process.execPath, ["--expose-gc", program, contender], { encoding: "utf8" })
  if (result.status !== 0) throw new Error(result.stderr)
  return Number(result.stdout)
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** Processes of both builds take turns. */
export const call = async (): Promise<Outcome> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "call-"))
  try {
    const whole = await bundle(folder, "whole", false)
    const without = await bundle(folder, "without", true)
    const rounds = Array.from({ length: 5 }, () => ({
      fetch: runOnce(whole, "fetch"),
      off: runOnce(whole, "off"),
      on: runOnce(whole, "on"),
      out: runOnce(without, "off")
    }))
    const of = (contender: keyof typeof rounds[number]): number => median(rounds.map((round) => round[contender]))
    const ratio = (contender: keyof typeof rounds[number]): number =>
      rounded(median(rounds.map((round) => round[contender] / round.fetch)))
    const figures = {
      fetchMicroseconds: rounded(of("fetch")),
      callMicroseconds: rounded(of("off")),
      off: ratio("off"),
      on: ratio("on"),
      compiledOut: ratio("out")
    }
    return {
      figures: { ...figures, offOverOut: rounded(figures.off / figures.compiledOut) },
      text: [
        `fetch and JSON.parse            1     (${figures.fetchMicroseconds} µs of CPU)`,
        `Dataset.get, tracing off        ${figures.off}  (${figures.callMicroseconds} µs)`,
        `Dataset.get, tracing on         ${figures.on}`,
        `Dataset.get, tracing compiled out ${figures.compiledOut}`
      ].join("\n")
    }
  } finally {
    Fs.rmSync(folder, { recursive: true })
  }
}
