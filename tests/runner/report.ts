/** What a person reads at the end: the table of cases, what failed and what was skipped. */
import { stripVTControlCharacters } from "node:util"
import type { Case, Runtime } from "../cases/Case.ts"
import type { Suite } from "./suite.ts"
import type { Counts, Timing, Unit } from "./unit.ts"

const marks = { passed: "✓", failed: "✗", skipped: "–" }

const pad = (text: string, width: number): string => text.padEnd(width)

const count = (suite: Suite): Counts => ({
  passed: suite.results.filter(({ outcome }) => outcome === "passed").length,
  failed: suite.results.filter(({ outcome }) => outcome === "failed").length,
  skipped: suite.results.filter(({ outcome }) => outcome === "skipped").length
})

const indent = (text: string): string => text.split("\n").map((line) => `    ${line}`).join("\n")

/** One row a case, one column a runtime. */
const grid = (suites: ReadonlyArray<Suite>, cases: ReadonlyArray<Case>): ReadonlyArray<string> => {
  const seen = new Set(suites.flatMap(({ results }) => results.map(({ name }) => name)))
  const names = [
    ...cases.map(({ name }) => name).filter((name) => seen.has(name)),
    ...[...seen].filter((name) => !cases.some((one) => one.name === name))
  ]
  const width = Math.max(...names.map(({ length }) => length), "milliseconds".length) + 2
  const cell = (suite: Suite, name: string): string => {
    const line = suite.results.find((result) => result.name === name)
    return line === undefined ? " " : marks[line.outcome]
  }
  const row = (title: string, cells: ReadonlyArray<string>): string =>
    (pad(title, width) + cells.map((text) => pad(text, 10)).join("")).trimEnd()
  const totals = suites.map(count)
  return [
    row("", suites.map(({ runtime }) => runtime)),
    ...names.map((name) => row(name, suites.map((suite) => cell(suite, name)))),
    row("passed", totals.map(({ passed }) => String(passed))),
    row("failed", totals.map(({ failed }) => String(failed))),
    row("skipped", totals.map(({ skipped }) => String(skipped))),
    row("milliseconds", suites.map(({ milliseconds }) => String(milliseconds)))
  ]
}

/** What a run that has become slow spends its time on, under a title. */
const slowest = (title: string, timings: ReadonlyArray<Timing>, count: number): string =>
  pad(title, 10) + timings
    .toSorted((one, other) => other.milliseconds - one.milliseconds)
    .slice(0, count)
    .map(({ milliseconds, name }) => `${String(Math.round(milliseconds)).padStart(6)} ms  ${name}`)
    .join(`\n${pad("", 10)}`)

/** Prints where the time of vitest's part went. */
export const reportSlowest = ({ cases, files }: Unit): void => {
  console.log("\nThe slowest of vitest\n")
  console.log(slowest("files", files, 10))
  console.log(slowest("cases", cases, 10))
}

/** The first lines of a message and the places in our own files, without the libraries between. */
const firstLines = (message: string): string =>
  stripVTControlCharacters(message)
    .trim()
    .split("\n")
    .filter((line) => !/^\s+at .*(node_modules|node:internal|<anonymous>|new Promise)/.test(line))
    .slice(0, 12)
    .join("\n")

/** Repeats what failed in vitest: whoever keeps the end of the output alone does not have what vitest printed. */
export const reportFailures = ({ failures }: Unit): void => {
  for (const { message, name } of failures) {
    console.log(`\n${marks.failed} vitest: ${name}\n${indent(firstLines(message))}`)
  }
}

/** Cases that a runtime which is not here would have run count as skipped. */
export const absent = (runtime: Runtime, cases: ReadonlyArray<Case>, reason: string): Suite => ({
  runtime,
  version: reason,
  skipped: reason,
  results: cases.map(({ name }) => ({ kind: "case", name, outcome: "skipped", message: reason, milliseconds: 0 })),
  milliseconds: 0
})

/** Prints the runtimes' part and gives its sum. */
export const reportSuites = (suites: ReadonlyArray<Suite>, cases: ReadonlyArray<Case>): Counts => {
  console.log("\nThe table of cases in each runtime\n")
  for (const { runtime, skipped, version } of suites) {
    console.log(`${pad(runtime, 10)}${skipped === undefined ? version : `did not run: ${skipped}`}`)
  }
  console.log("")
  for (const line of grid(suites, cases)) console.log(line)
  console.log("\nThe slowest of the table\n")
  for (const { results, runtime, skipped } of suites) {
    if (skipped === undefined) console.log(slowest(runtime, results, 3))
  }
  for (const outcome of ["skipped", "failed"] as const) {
    for (const { results, runtime, skipped } of suites) {
      if (skipped !== undefined) continue
      for (const line of results) {
        if (line.outcome !== outcome) continue
        console.log(`\n${marks[outcome]} ${runtime}: ${line.name}\n${indent(line.message ?? "")}`)
      }
    }
  }
  return suites.map(count).reduce(add, { passed: 0, failed: 0, skipped: 0 })
}

export const add = (one: Counts, other: Counts): Counts => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped
})
