/** What is answered on a client's way to the rows of one recorded table. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Description } from "./record.ts"

export interface Recording extends Description {
  readonly bytes: Uint8Array
}

/** The names of what `rows.ts` writes. */
const streamFile = "stream.arrow"
const tableFile = "table.json"

export const write = (folder: string, { bytes, numRows, variables }: Recording): void => {
  Fs.mkdirSync(folder)
  Fs.writeFileSync(Path.join(folder, streamFile), bytes)
  Fs.writeFileSync(Path.join(folder, tableFile), JSON.stringify({ numRows, variables }))
}

export const read = (folder: string): Recording => ({
  ...JSON.parse(Fs.readFileSync(Path.join(folder, tableFile), "utf8")) as Description, // as `write` wrote it
  bytes: Fs.readFileSync(Path.join(folder, streamFile))
})

/** JSON, or the rows where it is `undefined`. */
export const answer = ({ numRows, variables }: Recording, url: string): string | undefined => {
  const path = url.split("?")[0] ?? ""
  // what is not asked for `eosSentinel` gets it too, and has no use for it
  if (path.includes("/readStreams/")) return undefined
  return JSON.stringify(
    path.endsWith("/variables")
      ? { results: variables, nextPageToken: null }
      : path.endsWith("/readSessions")
      ? { id: "1", numRows, streams: [{ id: "1", estimatedRows: numRows }] }
      : { name: "table", uri: "/tables/owner.dataset.table", container: { kind: "dataset" }, numRows, numBytes: 1e9 }
  )
}

/** As much as a socket gives at once. */
const chunkBytes = 65_536

/** Answers as the runtime's own `fetch` does, by a stream of bytes, but out of memory. */
export const fetchFrom = (recording: Recording) => (url: unknown): Promise<Response> => {
  const json = answer(recording, String(url))
  if (json !== undefined) {
    return Promise.resolve(new Response(json, { headers: { "content-type": "application/json" } }))
  }
  const { bytes } = recording
  let at = 0
  return Promise.resolve(
    new Response(
      new ReadableStream({
        type: "bytes",
        pull: (controller) => {
          if (at >= bytes.length) return controller.close()
          // a copy: what such a stream is given it takes away
          const chunk = new Uint8Array(Math.min(chunkBytes, bytes.length - at))
          chunk.set(bytes.subarray(at, at += chunk.length))
          controller.enqueue(chunk)
        }
      })
    )
  )
}
