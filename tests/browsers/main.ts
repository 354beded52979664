/** The table of cases in a page: start.ts serves it, and gets the lines that it posts. */
import * as BrowserRedivis from "@effect-redivis/browser/BrowserRedivis"
import * as Effect from "effect/Effect"
import { cases } from "../cases/index.ts"
import { runErrandWith } from "../cases/errand.ts"
import { type Assignment, runCases } from "../cases/runCases.ts"

let posted = Promise.resolve()

/** One after the other, so that they come in their order. */
const post = (line: string): void => {
  posted = posted.then(async () => {
    await fetch("/lines", { method: "POST", body: line })
  })
}

addEventListener("error", ({ message }) => post(message))
addEventListener("unhandledrejection", ({ reason }) => post(String(reason)))

const assignment: Assignment = await (await fetch("/assignment")).json()

await Effect.runPromise(runCases({
  cases,
  assignment,
  version: navigator.userAgent.match(/(Chrome|Firefox)\/[\d.]+|AppleWebKit\/.*(Version\/[\d.]+)/)?.[0] ??
    navigator.userAgent,
  clients: {
    layer: BrowserRedivis.layer,
    layerConfig: BrowserRedivis.layerConfig,
    runErrand: runErrandWith(BrowserRedivis.layer)
  },
  print: post
}))
