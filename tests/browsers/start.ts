import { bundle } from "../runner/bundle.ts"
import type { Start } from "../runner/start.ts"
import { collect, patience } from "../runner/suite.ts"
import type { Engine } from "./engine.ts"

const html = "<!doctype html><title>Cases</title><link rel=\"icon\" href=\"data:,\">" +
  "<script type=\"module\" src=\"/cases.js\"></script>"

/** A page that runs the table and posts its lines needs nobody who steers it. */
export const startBrowser = ({ find, runtime }: Engine): Start => ({
  runtime,
  run: async (cases, assignment, pages) => {
    const open = await find()
    if (typeof open === "string") return open
    const script = await bundle("tests/browsers/main.ts", { platform: "browser", conditions: ["browser"] })
    const collector = collect(runtime, cases, assignment.only)
    const messages: Array<string> = []
    const finished = new Promise<void>((resolve) => {
      pages.serve({
        files: { "/": html, "/cases.js": script, "/assignment": JSON.stringify(assignment) },
        onLine: (line) => {
          if (!collector.take(line)) messages.push(line)
          if (collector.isFinished()) resolve()
        }
      })
    })
    const opened = await open(`${pages.origin}/`)
    const problem = await Promise.race([
      finished.then(() => undefined),
      opened.ended,
      new Promise<string>((resolve) =>
        setTimeout(() => resolve(`it did not finish in ${patience / 1000} s`), patience).unref()
      )
    ])
    await opened.close()
    return collector.close(
      problem === undefined ? undefined : [problem, ...messages.slice(-20), opened.log()].join("\n")
    )
  }
})
