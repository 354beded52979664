/** A server of one recorded table. */
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Answers from "./answers.ts"

const recording = Answers.read(process.argv[2] ?? ".")

const server = Http.createServer((request, response) => {
  const json = Answers.answer(recording, request.url ?? "")
  response.setHeader("content-type", json === undefined ? "application/vnd.apache.arrow.stream" : "application/json")
  response.end(json ?? recording.bytes)
})
// a client may keep its connection through a long round
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () => {
  console.log((server.address() as AddressInfo).port) // it listens on a port
})
