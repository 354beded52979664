/** Runs the benchmarks: all, or those that are named. `--json` prints the figures alone. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Outcome } from "./measure.ts"

const here = import.meta.dirname

const fileOf = (name: string): string => Path.join(here, name, `${name}.ts`)

/** A folder with a file of its own name is a benchmark, which exports a function of that name. */
const benchmarks = Fs.readdirSync(here).filter((name) => Fs.existsSync(fileOf(name)))

const run = async (name: string): Promise<Outcome> => {
  const module: Readonly<Record<string, () => Promise<Outcome>>> = await import(fileOf(name))
  const benchmark = module[name]
  if (benchmark === undefined) throw new Error(`${fileOf(name)} exports no ${name}`)
  return benchmark()
}

const parameters = process.argv.slice(2)
const json = parameters.includes("--json")
const named = parameters.filter((parameter) => !parameter.startsWith("-"))
const unknown = named.filter((name) => !benchmarks.includes(name))
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(", ")}: there are ${benchmarks.join(", ")}.`)
  process.exit(1)
}

const figures: Record<string, Outcome["figures"]> = {}
for (const name of named.length === 0 ? benchmarks : named) {
  const outcome = await run(name)
  figures[name] = outcome.figures
  if (!json) console.log(`\n${name}\n${outcome.text}`)
}
if (json) console.log(JSON.stringify(figures))
