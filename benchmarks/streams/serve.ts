/**
 * A server of a table in several streams: one recorded batch, again and again.
 * It may give each connection only so many bytes a second, as a distant service
 * does.
 */
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as wait } from "node:timers/promises"
import { parseArgs } from "node:util"
import * as Fs from "node:fs"

/** What `streams.ts` recorded. */
export interface Recorded {
  readonly variables: ReadonlyArray<{ readonly name: string; readonly type: string }>
  readonly rowsOfBatch: number
}

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: "." },
    batches: { type: "string", default: "1" },
    bytesASecond: { type: "string", default: "Infinity" }
  }
})
const read = (name: string): Buffer => Fs.readFileSync(`${values.folder}/${name}`)
const recorded = JSON.parse(read("table.json").toString()) as Recorded // as streams.ts wrote it
const head = read("head")
const batch = read("batch")
const tail = read("tail")
const batches = Number(values.batches)
const bytesASecond = Number(values.bytesASecond)
const numRows = batches * recorded.rowsOfBatch

/** Sends bytes when the socket takes them, and no faster than is allowed. */
const send = async (response: Http.ServerResponse, bytes: Buffer): Promise<void> => {
  const step = Number.isFinite(bytesASecond) ? Math.ceil(bytesASecond / 50) : bytes.length
  for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
    const begun = performance.now()
    if (!response.write(bytes.subarray(at, at + step))) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          response.off("drain", go)
          response.off("close", go)
          resolve()
        }
        response.on("drain", go)
        response.on("close", go)
      })
    }
    if (Number.isFinite(bytesASecond)) await wait(Math.max(0, 20 - (performance.now() - begun)))
  }
}

/** The first batch of a stream and the one after its last. */
const shareOf = (stream: number, streams: number): readonly [number, number] => [
  Math.floor(batches * stream / streams),
  Math.floor(batches * (stream + 1) / streams)
]

const bodyOf = async (request: Http.IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return text
}

const answer = async (request: Http.IncomingMessage, response: Http.ServerResponse): Promise<void> => {
  // pages read too
  for (const what of ["origin", "methods", "headers"]) response.setHeader(`access-control-allow-${what}`, "*")
  if (request.method === "OPTIONS") {
    response.end()
    return
  }
  const path = (request.url ?? "").split("?")[0] ?? ""
  const found = /\/readStreams\/(\d+)-(\d+)$/.exec(path)
  if (found !== null) {
    const [from, to] = shareOf(Number(found[1]), Number(found[2]))
    response.setHeader("content-type", "application/vnd.apache.arrow.stream")
    await send(response, head)
    for (let index = from; index < to; index++) await send(response, batch)
    response.end(tail)
    return
  }
  response.setHeader("content-type", "application/json")
  if (path.endsWith("/variables")) {
    response.end(JSON.stringify({ results: recorded.variables }))
    return
  }
  const { requestedStreamCount: count } = JSON.parse(await bodyOf(request)) as { requestedStreamCount: number } // as the client sends it
  const streams = Array.from({ length: count }, (_, index) => ({ id: `${index}-${count}`, estimatedRows: 0 }))
  response.end(JSON.stringify({ numRows, streams }))
}

const server = Http.createServer((request, response) => void answer(request, response))
server.listen(0, "127.0.0.1", () => {
  console.log((server.address() as AddressInfo).port) // it listens on a port
})
