/** Another origin that records what it is asked, for what must not be sent there. */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"

export interface Elsewhere {
  readonly url: string
  readonly stop: () => Promise<void>
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Uint8Array> = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString("utf8")
}

export const startElsewhere = async (): Promise<Elsewhere> => {
  const seen: Array<unknown> = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://elsewhere")
    const headers = {
      "content-type": "application/json",
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "*, authorization",
      "access-control-allow-methods": "*"
    }
    if (url.pathname === "/_requests") {
      response.writeHead(200, headers).end(JSON.stringify(seen))
      return
    }
    void readBody(request).then((body) => {
      seen.push({ method: request.method, path: request.url, headers: request.headers, body })
      response.writeHead(200, headers).end(url.searchParams.get("answer") ?? "{}")
    }, () => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}
