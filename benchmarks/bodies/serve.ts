/** A server of a body of so many bytes, and of a small answer for everything else. Prints its port. */
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { limits, sendText } from "../sendText.ts"

const size = Number(process.argv[2] ?? 2 ** 30)
const me = JSON.stringify({ kind: "user", name: "researcher" })

const server = Http.createServer((request, response) => {
  if (!request.url?.includes("/rows")) {
    response.writeHead(200, { ...limits, "content-type": "application/json" }).end(me)
    return
  }
  sendText(response, size)
})
server.listen(0, "127.0.0.1", () => {
  console.log((server.address() as AddressInfo).port) // it listens on a port
})
