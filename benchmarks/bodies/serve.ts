/** A server of a body of so many bytes, and of a small answer for everything else. Prints its port. */
import * as Http from "node:http"
import type { AddressInfo } from "node:net"

const size = Number(process.argv[2] ?? 2 ** 30)
const piece = Buffer.alloc(1 << 20, "some,text,with,numbers,1234567890\n")
const me = JSON.stringify({ kind: "user", name: "researcher" })

/** Without them a client paces its requests by what the service is known to allow. */
const limits = { "x-ratelimit-limit": "1000000000", "x-ratelimit-remaining": "999999999", "x-ratelimit-reset": "60" }

const server = Http.createServer((request, response) => {
  if (!request.url?.includes("/rows")) {
    response.writeHead(200, { ...limits, "content-type": "application/json" }).end(me)
    return
  }
  response.setHeader("content-length", size)
  let left = size
  const write = (): void => {
    while (left > 0 && !response.destroyed) {
      const bytes = left < piece.length ? piece.subarray(0, left) : piece
      left -= bytes.length
      if (!response.write(bytes)) {
        response.once("drain", write)
        return
      }
    }
    response.end()
  }
  write()
})
server.listen(0, "127.0.0.1", () => {
  console.log((server.address() as AddressInfo).port) // it listens on a port
})
