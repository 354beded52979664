/** What the compiler spends on a user's program with 20 methods, beside one of Effect alone. */
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { installed } from "../installed.ts"
import { type Outcome, rounded } from "../measure.ts"

const here = import.meta.dirname

const tsc = Path.resolve(here, "../../node_modules/.bin/tsc")

const contenders = ["empty", "program"] as const

interface Spent {
  readonly seconds: number
  readonly instantiations: number
}

const compilerOptions = {
  target: "ES2024",
  lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
  module: "NodeNext",
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true
}

const compile = (folder: string, name: string): Spent => {
  const project = Path.join(folder, `tsconfig.${name}.json`)
  Fs.writeFileSync(project, JSON.stringify({ compilerOptions, files: [`${name}.ts`] }))
  const { status, stderr, stdout } = spawnSync(tsc, ["--project", project, "--extendedDiagnostics"], {
    encoding: "utf8"
  })
  if (status !== 0) throw new Error(stdout + stderr)
  const figure = (label: string): number => {
    const found = new RegExp(`^${label}: +([\\d.]+)`, "m").exec(stdout)
    if (found === null) throw new Error(`tsc --extendedDiagnostics prints no ${label}`)
    return Number(found[1])
  }
  return { seconds: figure("Total time"), instantiations: figure("Instantiations") }
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** Both in turn, several times; the first round fills the caches of the system. */
export const types = (): Promise<Outcome> =>
  installed((folder) => {
    for (const name of contenders) Fs.copyFileSync(Path.join(here, `${name}.ts`), Path.join(folder, `${name}.ts`))
    const rounds = Array.from({ length: 6 }, () => contenders.map((name) => compile(folder, name))).slice(1)
    const [empty, program] = contenders.map((_, index) => ({
      seconds: rounded(median(rounds.map((round) => round[index]!.seconds))),
      instantiations: median(rounds.map((round) => round[index]!.instantiations))
    }))
    if (empty === undefined || program === undefined) throw new Error("nothing was compiled")
    return Promise.resolve({
      figures: {
        emptySeconds: empty.seconds,
        programSeconds: program.seconds,
        emptyInstantiations: empty.instantiations,
        programInstantiations: program.instantiations
      },
      text: [
        `Effect alone          ${empty.seconds} s  ${empty.instantiations} instantiations`,
        `20 methods            ${program.seconds} s  ${program.instantiations} instantiations`
      ].join("\n")
    })
  })
