/** The emulator that every runtime talks to, on a real socket. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

export interface Service {
  readonly endpoint: string
  readonly control: string
  readonly token: string
  readonly origins: ReadonlyArray<string>
  readonly stop: () => Promise<void>
}

export const startService = async (): Promise<Service> => {
  const server = createServer((request, response) => {
    response.writeHead(200, {
      "content-type": "application/json",
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "*, authorization"
    })
    response.end(JSON.stringify({ path: request.url }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    endpoint: `http://127.0.0.1:${port}/api/v1`,
    control: `http://127.0.0.1:${port}/_emulator`,
    token: "token",
    origins: [],
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}
