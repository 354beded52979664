/** A server of the rows of a recorded table, and of as many bytes of CSV as it is told. Prints its port. */
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Answers from "../rows/answers.ts"
import { limits, sendText } from "../sendText.ts"

const recording = Answers.read(process.argv[2] ?? ".")
const size = Number(process.argv[3])

const server = Http.createServer((request, response) => {
  if (request.url?.includes("/rows?") === true) return sendText(response, size)
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
