/** A page in Chromium, with the files that are served to it. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { chromium, type Page } from "playwright-core"
import type { Browser } from "./find.ts"

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

/** Serves files by their paths, those that end in `.js` as scripts, opens an empty page, and closes all after `use`. */
export const withPage = async <A>(
  found: Browser,
  files: Readonly<Record<string, string>>,
  use: (page: Page, origin: string) => Promise<A>
): Promise<A> => {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://page").pathname
    response.writeHead(Object.hasOwn(files, path) ? 200 : 404, {
      "content-type": path.endsWith(".js") ? "text/javascript" : "text/html"
    })
    response.end(files[path] ?? "")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  try {
    const browser = await chromium.launch({
      executablePath: found.executable,
      env: found.env,
      chromiumSandbox: process.getuid?.() !== 0,
      args: [...quiet, ...found.parameters],
      timeout: 30_000
    })
    try {
      return await use(await browser.newPage(), `http://127.0.0.1:${port}`)
    } finally {
      await Promise.race([browser.close(), new Promise((resolve) => setTimeout(resolve, 5000).unref())])
    }
  } finally {
    server.closeAllConnections()
    server.close()
    found.remove()
  }
}
