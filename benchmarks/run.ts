/** Runs the benchmarks: all, or those that are named. `--json` prints the figures alone. */
import { call } from "./call/call.ts"
import { rows } from "./rows/rows.ts"

/** The figures of a benchmark by name, and what a person reads of it. */
export interface Outcome {
  readonly figures: Readonly<Record<string, number>>
  readonly text: string
}

const benchmarks: Readonly<Record<string, () => Promise<Outcome>>> = { call, rows }

const parameters = process.argv.slice(2)
const json = parameters.includes("--json")
const named = parameters.filter((parameter) => !parameter.startsWith("-"))
const unknown = named.filter((name) => !Object.hasOwn(benchmarks, name))
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(", ")}: there are ${Object.keys(benchmarks).join(", ")}.`)
  process.exit(1)
}

const figures: Record<string, Outcome["figures"]> = {}
for (const name of named.length === 0 ? Object.keys(benchmarks) : named) {
  const outcome = await benchmarks[name]!()
  figures[name] = outcome.figures
  if (!json) console.log(`\n${name}\n${outcome.text}`)
}
if (json) console.log(JSON.stringify(figures))
