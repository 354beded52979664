/** What a runtime's run of the table of cases came to. */
import type { Case, Runtime } from "../cases/Case.ts"
import type { Assignment, Line } from "../cases/runCases.ts"
import { start } from "./program.ts"

export type CaseLine = Extract<Line, { readonly kind: "case" }>

export interface Suite {
  readonly runtime: Runtime
  /** As the runtime names itself, else the reason why it did not start. */
  readonly version: string
  /** Undefined: it ran. */
  readonly skipped?: string | undefined
  readonly results: ReadonlyArray<CaseLine>
  readonly milliseconds: number
}

/** Gathers the lines that a runtime prints. */
export interface Collector {
  /** False for what is not one of our lines. */
  readonly take: (line: string) => boolean
  readonly isFinished: () => boolean
  /** Cases without a result have failed, and so has a run that had something to say at its end. */
  readonly close: (problem: string | undefined) => Suite
}

export const collect = (runtime: Runtime, cases: ReadonlyArray<Case>, only: string | undefined): Collector => {
  const begin = performance.now()
  const results: Array<CaseLine> = []
  let version: string = runtime
  let finished = false
  return {
    isFinished: () => finished,
    take: (text) => {
      if (!text.startsWith("{\"kind\":")) return false
      const line = JSON.parse(text) as Line // printed by runCases
      switch (line.kind) {
        case "started":
          version = line.version
          break
        case "case":
          results.push(line)
          break
        case "finished":
          finished = true
          break
      }
      return true
    },
    close: (problem) => {
      const seen = new Set(results.map(({ name }) => name))
      const missing = cases.filter(({ name }) => !seen.has(name) && (only === undefined || name.includes(only)))
      const failures = missing.map(({ name }): CaseLine => ({
        kind: "case",
        name,
        outcome: "failed",
        message: `${runtime} gave no result for it`,
        milliseconds: 0
      }))
      const end: ReadonlyArray<CaseLine> = problem === undefined && (finished || missing.length === 0)
        ? []
        : [{
          kind: "case",
          name: `${runtime} runs to its end`,
          outcome: "failed",
          message: problem ?? "it ended before it was finished",
          milliseconds: 0
        }]
      return {
        runtime,
        version,
        results: [...results, ...failures, ...end],
        milliseconds: Math.round(performance.now() - begin)
      }
    }
  }
}

/** Longer than any runtime needs for the whole table. */
export const patience = 600_000

/** How long a process may take to exit once its table is finished: longer means that it holds a socket. */
const grace = 10_000

/** Runs the table in a process that prints its lines and exits. */
export const runProcess = async (options: {
  readonly runtime: Runtime
  readonly cases: ReadonlyArray<Case>
  readonly assignment: Assignment
  readonly command: string
  readonly parameters: ReadonlyArray<string>
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
}): Promise<Suite> => {
  const collector = collect(options.runtime, options.cases, options.assignment.only)
  let atEnd = (): void => {}
  const finished = new Promise<void>((resolve) => {
    atEnd = resolve
  })
  const program = start(options.command, [...options.parameters, JSON.stringify(options.assignment)], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    onLine: (line) => {
      const taken = collector.take(line)
      if (collector.isFinished()) atEnd()
      return taken
    }
  })
  const problem = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(`it did not finish in ${patience / 1000} s\n${program.log()}`), patience)
    void finished.then(() =>
      setTimeout(() => resolve(`it did not exit within ${grace / 1000} s after its last case`), grace).unref()
    )
    void program.exited.then((code) => {
      clearTimeout(timer)
      resolve(code === 0 ? undefined : `it exited with ${code ?? "a signal"}\n${program.log()}`)
    })
  })
  await program.stop()
  return collector.close(problem)
}
