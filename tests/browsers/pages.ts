/** A server of pages, whose origin is known before there is a page. */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"

/** What is served at a time. */
export interface Served {
  /** Files by their paths; those that end in `.js` are scripts. */
  readonly files: Readonly<Record<string, string>>
  /** Gets each body that a page posts to `/lines`. */
  readonly onLine?: ((line: string) => void) | undefined
}

export interface Pages {
  readonly origin: string
  readonly serve: (served: Served) => void
  readonly close: () => void
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Uint8Array> = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString("utf8")
}

export const openPages = async (): Promise<Pages> => {
  let served: Served = { files: {} }
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://page").pathname
    if (request.method === "POST" && path === "/lines") {
      readBody(request).then((line) => {
        served.onLine?.(line)
        response.writeHead(204).end()
      }, () => response.destroy())
      return
    }
    response.writeHead(Object.hasOwn(served.files, path) ? 200 : 404, {
      "content-type": path.endsWith(".js") ? "text/javascript" : "text/html"
    })
    response.end(served.files[path] ?? "")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    origin: `http://127.0.0.1:${port}`,
    serve: (next) => {
      served = next
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}
