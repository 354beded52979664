/** A server of the rows of a recorded table, and of as many bytes of CSV as it is told. Prints its port. */
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Answers from "../rows/answers.ts"

const recording = Answers.read(process.argv[2] ?? ".")
const size = Number(process.argv[3])
const piece = Buffer.alloc(1 << 20, "some,text,with,numbers,1234567890\n")

/** Without them a client paces its requests by what the service is known to allow. */
const limits = { "x-ratelimit-limit": "1000000000", "x-ratelimit-remaining": "999999999", "x-ratelimit-reset": "60" }

const sendText = (response: Http.ServerResponse): void => {
  response.writeHead(200, { ...limits, "content-type": "text/csv", "content-length": size })
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
}

const server = Http.createServer((request, response) => {
  if (request.url?.includes("/rows?") === true) return sendText(response)
  const json = Answers.answer(recording, request.url ?? "")
  response.writeHead(200, {
    ...limits,
    "content-type": json === undefined ? "application/vnd.apache.arrow.stream" : "application/json"
  })
  response.end(json ?? recording.bytes)
})
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () => {
  console.log((server.address() as AddressInfo).port) // it listens on a port
})
