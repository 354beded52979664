/** The table of cases in a page: start.ts loads it and calls `runTable`. */
import * as BrowserRedivis from "@effect-redivis/browser/BrowserRedivis"
import * as Effect from "effect/Effect"
import { cases } from "../cases/index.ts"
import { runErrandWith } from "../cases/errand.ts"
import { type Assignment, runCases } from "../cases/runCases.ts"

/** Put into the page by start.ts. */
declare const print: (line: string) => Promise<void>

const runTable = async (assignment: Assignment): Promise<void> => {
  const printed: Array<Promise<void>> = []
  await Effect.runPromise(runCases({
    cases,
    assignment,
    version: navigator.userAgent.match(/Chrome\/[\d.]+/)?.[0] ?? navigator.userAgent,
    clients: {
      layer: BrowserRedivis.layer,
      layerConfig: BrowserRedivis.layerConfig,
      runErrand: runErrandWith(BrowserRedivis.layer)
    },
    print: (line) => {
      printed.push(print(line))
    }
  }))
  await Promise.all(printed)
}

Object.assign(globalThis, { runTable })
