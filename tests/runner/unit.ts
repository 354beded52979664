/** The suites of vitest: those of the packages and those of `tests`, in one run. */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { spawn } from "node:child_process"
import { root } from "./places.ts"

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Something that took a while. */
export interface Timing {
  readonly name: string
  readonly milliseconds: number
}

export interface Unit {
  readonly counts: Counts
  /** Of each file, without what it imports. */
  readonly files: ReadonlyArray<Timing>
  readonly cases: ReadonlyArray<Timing>
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numFailedTestSuites: number
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly startTime: number
    readonly endTime: number
    readonly assertionResults: ReadonlyArray<{ readonly fullName: string; readonly duration?: number | null }>
  }>
}

/** vitest prints for itself; its counts come from a file. A run that broke without a failed test counts as one. */
export const runUnit = async (parameters: ReadonlyArray<string>): Promise<Unit> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-vitest-"))
  const file = Path.join(folder, "report.json")
  const vitest = Path.join(root, "node_modules", "vitest", "vitest.mjs")
  const child = spawn(
    process.execPath,
    [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...parameters],
    { cwd: root, stdio: ["ignore", "inherit", "inherit"] }
  )
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", () => resolve(null))
    child.on("exit", resolve)
  })
  const report: Report | undefined = Fs.existsSync(file) ? JSON.parse(Fs.readFileSync(file, "utf8")) : undefined
  Fs.rmSync(folder, { recursive: true, force: true })
  if (report === undefined) return { counts: { passed: 0, failed: 1, skipped: 0 }, files: [], cases: [] }
  return {
    counts: {
      passed: report.numPassedTests,
      failed: code === 0 ? report.numFailedTests : Math.max(report.numFailedTests, 1),
      skipped: report.numPendingTests + report.numTodoTests
    },
    files: report.testResults.map(({ endTime, name, startTime }) => ({
      name: Path.relative(root, name),
      milliseconds: endTime - startTime
    })),
    cases: report.testResults.flatMap(({ assertionResults, name }) =>
      assertionResults.map(({ duration, fullName }) => ({
        name: `${fullName} (${Path.basename(name)})`,
        milliseconds: duration ?? 0
      }))
    )
  }
}
