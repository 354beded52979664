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

/** A server of pages, whose origin is known before there is a page. */
export interface Pages {
  readonly origin: string
  /** Files by their paths; those that end in `.js` are scripts. */
  files: Readonly<Record<string, string>>
  readonly close: () => void
}

export const openPages = async (): Promise<Pages> => {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://page").pathname
    response.writeHead(Object.hasOwn(pages.files, path) ? 200 : 404, {
      "content-type": path.endsWith(".js") ? "text/javascript" : "text/html"
    })
    response.end(pages.files[path] ?? "")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  const pages: Pages = {
    origin: `http://127.0.0.1:${port}`,
    files: {},
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
  return pages
}

/** Serves files, opens an empty page, and closes all after `use`. */
export const withPage = async <A>(
  found: Browser,
  files: Readonly<Record<string, string>>,
  use: (page: Page, origin: string) => Promise<A>,
  opened?: Pages
): Promise<A> => {
  const pages = opened ?? await openPages()
  pages.files = files
  try {
    const browser = await chromium.launch({
      executablePath: found.executable,
      env: found.env,
      chromiumSandbox: process.getuid?.() !== 0,
      args: [...quiet, ...found.parameters],
      timeout: 30_000
    })
    try {
      return await use(await browser.newPage(), pages.origin)
    } finally {
      await Promise.race([browser.close(), new Promise((resolve) => setTimeout(resolve, 5000).unref())])
    }
  } finally {
    pages.close()
    found.remove()
  }
}
