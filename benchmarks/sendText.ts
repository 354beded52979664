/** What the servers of benchmarks answer with: as much text as is asked for, and headers that hold no client back. */
import type * as Http from "node:http"

/** Without them a client paces its requests by what the service is known to allow. */
export const limits = {
  "x-ratelimit-limit": "1000000000",
  "x-ratelimit-remaining": "999999999",
  "x-ratelimit-reset": "60"
}

const piece = Buffer.alloc(1 << 20, "some,text,with,numbers,1234567890\n")

/** Answers with so many bytes, as fast as they are taken. */
export const sendText = (response: Http.ServerResponse, size: number): void => {
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
