import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { chromium } from "playwright-core"
import { bundle } from "../runner/bundle.ts"
import { collect, patience } from "../runner/suite.ts"
import type { Start } from "../runner/start.ts"
import { findBrowser } from "./find.ts"

/** The browser talks to nobody but this machine. */
const quiet = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-sync",
  "--no-first-run",
  "--no-pings"
]

export const startChromium: Start = {
  runtime: "chromium",
  run: async (cases, assignment) => {
    const found = await findBrowser()
    if (typeof found === "string") return found
    const collector = collect("chromium", cases, assignment.only)
    const script = await bundle("tests/chromium/main.ts", { platform: "browser", conditions: ["browser"] })
    const server = createServer((request, response) => {
      const isScript = request.url === "/cases.js"
      response.writeHead(isScript || request.url === "/" ? 200 : 404, {
        "content-type": isScript ? "text/javascript" : "text/html"
      })
      response.end(
        isScript
          ? script
          : "<!doctype html><title>Cases</title><link rel=\"icon\" href=\"data:,\"><script type=\"module\" src=\"/cases.js\"></script>"
      )
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo // it listens on a port
    const messages: Array<string> = []
    const inPage = async (): Promise<string | undefined> => {
      const browser = await chromium.launch({
        executablePath: found.executable,
        env: found.env,
        chromiumSandbox: process.getuid?.() !== 0,
        args: [...quiet, ...found.parameters],
        timeout: 30_000
      })
      try {
        const page = await browser.newPage()
        page.on("console", (message) => messages.push(message.text()))
        page.on("pageerror", (error) => messages.push(String(error)))
        await page.exposeFunction("print", (line: string) => {
          collector.take(line)
        })
        await page.goto(`http://127.0.0.1:${port}/`, { waitUntil: "load" })
        const table = page.evaluate(
          (assigned) => (globalThis as unknown as { runTable: (a: unknown) => Promise<void> }).runTable(assigned), // main.ts put it there
          assignment
        )
        table.catch(() => {}) // seen by the race below, as long as that is still on
        return await Promise.race([
          table.then(() => undefined),
          new Promise<string>((resolve) =>
            setTimeout(() => resolve(`it did not finish in ${patience / 1000} s`), patience).unref()
          )
        ])
      } finally {
        await Promise.race([browser.close(), new Promise((resolve) => setTimeout(resolve, 5000).unref())])
      }
    }
    const problem = await inPage().catch((reason: unknown) => String(reason))
    server.closeAllConnections()
    server.close()
    found.remove()
    return collector.close(problem === undefined ? undefined : `${problem}\n${messages.slice(-20).join("\n")}`)
  }
}
