import { bundle } from "../runner/bundle.ts"
import { collect, patience } from "../runner/suite.ts"
import type { Start } from "../runner/start.ts"
import { findBrowser } from "./find.ts"
import { withPage } from "./page.ts"

const html = "<!doctype html><title>Cases</title><link rel=\"icon\" href=\"data:,\">" +
  "<script type=\"module\" src=\"/cases.js\"></script>"

export const startChromium: Start = {
  runtime: "chromium",
  run: async (cases, assignment, pages) => {
    const found = await findBrowser()
    if (typeof found === "string") return found
    const collector = collect("chromium", cases, assignment.only)
    const script = await bundle("tests/chromium/main.ts", { platform: "browser", conditions: ["browser"] })
    const messages: Array<string> = []
    const problem = await withPage(found, { "/": html, "/cases.js": script }, async (page, origin) => {
      page.on("console", (message) => messages.push(message.text()))
      page.on("pageerror", (error) => messages.push(String(error)))
      await page.exposeFunction("print", (line: string) => {
        collector.take(line)
      })
      await page.goto(`${origin}/`, { waitUntil: "load" })
      const table = page.evaluate(
        (assigned) => (globalThis as unknown as { runTable: (a: unknown) => Promise<void> }).runTable(assigned), // main.ts put it there
        assignment
      )
      table.catch(() => {}) // seen by the race below, as long as that is still on
      return Promise.race([
        table.then(() => undefined),
        new Promise<string>((resolve) =>
          setTimeout(() => resolve(`it did not finish in ${patience / 1000} s`), patience).unref()
        )
      ])
    }, pages).catch((reason: unknown) => String(reason))
    return collector.close(problem === undefined ? undefined : `${problem}\n${messages.slice(-20).join("\n")}`)
  }
}
