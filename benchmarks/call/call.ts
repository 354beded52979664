/** The CPU of one call beside `fetch` and `JSON.parse`, all on the same fake fetch. */
import { spawnSync } from "node:child_process"
import * as Path from "node:path"
import { build } from "esbuild"
import * as Fs from "node:fs"
import * as Os from "node:os"
import { rounded } from "../measure.ts"
import type { Outcome } from "../run.ts"

const here = import.meta.dirname

/** What a bundle of `program.ts` prints. */
export interface Figures {
  /** Microseconds of CPU a call. */
  readonly fetch: number
  readonly off: number
  readonly on: number
}

/** Runs the program in a process of its own, with the question whether to trace answered by `traced`. */
const measure = async (folder: string, name: string, compiledOut: boolean): Promise<string> => {
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
            contents: "export const isTraced = () => false",
            loader: "ts"
          }))
      }]
      : []
  })
  return outfile
}

const runOnce = (program: string): Figures => {
  const result = spawnSync(process.execPath, ["--expose-gc", program], { encoding: "utf8" })
  if (result.status !== 0) throw new Error(result.stderr)
  return JSON.parse(result.stdout) as Figures // printed by program.ts
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** Processes of both builds take turns. */
export const call = async (): Promise<Outcome> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "call-"))
  try {
    const whole = await measure(folder, "whole", false)
    const without = await measure(folder, "without", true)
    const pairs = Array.from({ length: 5 }, () => ({ whole: runOnce(whole), without: runOnce(without) }))
    const figures = {
      fetchMicroseconds: rounded(median(pairs.map(({ whole }) => whole.fetch))),
      callMicroseconds: rounded(median(pairs.map(({ whole }) => whole.off))),
      off: rounded(median(pairs.map(({ whole }) => whole.off / whole.fetch))),
      on: rounded(median(pairs.map(({ whole }) => whole.on / whole.fetch))),
      compiledOut: rounded(median(pairs.map(({ without }) => without.off / without.fetch)))
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
