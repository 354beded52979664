/** The table of cases in a page: start.ts loads it and calls `runTable`. */
import * as BrowserRedivis from "@effect-redivis/browser/BrowserRedivis"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { cases } from "../cases/index.ts"
import { type Assignment, runCases } from "../cases/runCases.ts"

/** Put into the page by start.ts. */
declare const print: (line: string) => Promise<void>

const runTable = async (assignment: Assignment): Promise<void> => {
  const printed: Array<Promise<void>> = []
  await Effect.runPromise(runCases({
    cases,
    assignment,
    version: navigator.userAgent.match(/Chrome\/[\d.]+/)?.[0] ?? navigator.userAgent,
    layer: BrowserRedivis.layer({ endpoint: assignment.endpoint, token: Redacted.make(assignment.token) }),
    print: (line) => {
      printed.push(print(line))
    }
  }))
  await Promise.all(printed)
}

Object.assign(globalThis, { runTable })
