/** A server of one recorded table: what a client asks for on its way to the rows. */
import * as Fs from "node:fs"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import type { Description } from "./record.ts"

const folder = process.argv[2] ?? "."
const bytes = Fs.readFileSync(`${folder}/stream.arrow`)
const { numRows, variables } = JSON.parse(Fs.readFileSync(`${folder}/table.json`, "utf8")) as Description // written by rows.ts

const server = Http.createServer((request, response) => {
  const path = (request.url ?? "").split("?")[0] ?? ""
  const json = (value: unknown): void => {
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify(value))
  }
  // what is not asked for `eosSentinel` gets it too, and has no use for it
  if (path.includes("/readStreams/")) {
    response.setHeader("content-type", "application/vnd.apache.arrow.stream")
    response.end(bytes)
  } else if (path.endsWith("/variables")) {
    json({ results: variables, nextPageToken: null })
  } else if (path.endsWith("/readSessions")) {
    json({ id: "1", numRows, streams: [{ id: "1", estimatedRows: numRows }] })
  } else {
    json({ name: "table", uri: "/tables/owner.dataset.table", container: { kind: "dataset" }, numRows, numBytes: 1e9 })
  }
})
// a client may keep its connection through a long round
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () => {
  console.log((server.address() as AddressInfo).port) // it listens on a port
})
