/** The suites of vitest: those of the packages and those of `tests`, in one run. */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { spawn } from "node:child_process"
import { root } from "./places.ts"
import { type Unhandled, variable } from "./unhandled.ts"

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

/** A test that failed, or a file that could not be read. */
export interface Failure {
  readonly name: string
  readonly message: string
}

export interface Unit {
  readonly counts: Counts
  readonly failures: ReadonlyArray<Failure>
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
    readonly status: string
    /** Of the file itself: what kept it from being collected. */
    readonly message: string
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string
      readonly status: string
      readonly duration?: number | null
      readonly failureMessages: ReadonlyArray<string>
    }>
  }>
}

/** What failed, with the file that it is in, and what broke outside of any test. */
const failuresOf = (
  report: Report,
  unhandled: ReadonlyArray<Unhandled>,
  code: number | null
): ReadonlyArray<Failure> => {
  const inTests = report.testResults.flatMap(({ assertionResults, message, name, status }) => {
    const file = Path.relative(root, name)
    const tests = assertionResults
      .filter((test) => test.status === "failed")
      .map(({ failureMessages, fullName }) => ({ name: `${fullName} (${file})`, message: failureMessages.join("\n") }))
    return status === "failed" && tests.length === 0 ? [{ name: file, message }] : tests
  })
  const failures = [
    ...inTests,
    ...unhandled.map(({ message, stack }) => ({ name: "an error that no test took", message: stack ?? message }))
  ]
  return failures.length > 0 || code === 0 ? failures : [{
    name: "vitest",
    message: `Ended with ${code === null ? "a signal" : `code ${code}`} though no test failed: see what it printed.`
  }]
}

/** vitest prints for itself; its counts come from a file. A run that broke without a failed test counts as one. */
export const runUnit = async (parameters: ReadonlyArray<string>): Promise<Unit> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-vitest-"))
  const file = Path.join(folder, "report.json")
  const unhandledFile = Path.join(folder, "unhandled.json")
  const vitest = Path.join(root, "node_modules", "vitest", "vitest.mjs")
  const reporters = ["default", "json", "./tests/runner/unhandled.ts"].map((reporter) => `--reporter=${reporter}`)
  const child = spawn(
    process.execPath,
    [vitest, "run", ...reporters, `--outputFile.json=${file}`, ...parameters],
    { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, [variable]: unhandledFile } }
  )
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", () => resolve(null))
    child.on("exit", resolve)
  })
  const read = <A>(path: string): A | undefined =>
    Fs.existsSync(path) ? JSON.parse(Fs.readFileSync(path, "utf8")) : undefined
  const report = read<Report>(file)
  const unhandled = read<ReadonlyArray<Unhandled>>(unhandledFile) ?? []
  Fs.rmSync(folder, { recursive: true, force: true })
  if (report === undefined) {
    const failures = [{ name: "vitest", message: "Ended without a report: see what it printed." }]
    return { counts: { passed: 0, failed: 1, skipped: 0 }, failures, files: [], cases: [] }
  }
  return {
    counts: {
      passed: report.numPassedTests,
      failed: code === 0 ? report.numFailedTests : Math.max(report.numFailedTests, 1),
      skipped: report.numPendingTests + report.numTodoTests
    },
    failures: failuresOf(report, unhandled, code),
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
