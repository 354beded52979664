/** The runtime's own `fetch`. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Body, Transport, TransportFailure, TransportResponse } from "./transport.ts"

/** What is wanted of a `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

const failed = (cause: unknown): TransportFailure => ({ cause })

const bodyOf = (body: Body | undefined): BodyInit | null => {
  switch (body?.kind) {
    case "text":
      return body.text
    case "bytes":
      return body.bytes as Uint8Array<ArrayBuffer> // what `fetch` sends is copied
    case "form":
      return body.form
    case "blob":
      return body.blob
    // `Platform.streamsBodies` is false here, so no stream comes
    default:
      return null
  }
}

/** Bytes that are asked for at a time: workerd gives 4 KiB where nothing is said. */
const pieceSize = 524_288

/** Reads a body piece by piece, each in memory of its own. */
const readerOf = (body: ReadableStream<Uint8Array>): () => Promise<Uint8Array | undefined> => {
  const byPieces = Result.try(() => body.getReader({ mode: "byob" }))
  if (Result.isFailure(byPieces)) {
    const reader = body.getReader()
    return () => reader.read().then(({ value }) => value)
  }
  let piece = new Uint8Array(pieceSize)
  return () =>
    byPieces.success.read(piece).then(({ done, value }) => {
      if (done) return undefined
      // what fills its memory keeps it, and what does not would hold all of it
      if (value.length > pieceSize / 2) {
        piece = new Uint8Array(pieceSize)
        return value
      }
      piece = new Uint8Array(value.buffer)
      return value.slice()
    })
}

const responseOf = (response: Response): TransportResponse => {
  let read: (() => Promise<Uint8Array | undefined>) | undefined
  /** What is being read: whoever waits for it may give up, and the next one is given it. */
  let pending: Promise<Uint8Array | undefined> | undefined
  const headers: Record<string, string> = {}
  response.headers.forEach((value, name) => {
    headers[name] = value
  })
  return {
    url: response.url,
    status: response.status,
    headers,
    text: Effect.tryPromise({ try: () => response.text(), catch: failed }),
    pull: Effect.map(
      Effect.tryPromise({
        try: () => {
          read ??= response.body === null ? () => Promise.resolve(undefined) : readerOf(response.body)
          return pending ??= read()
        },
        catch: failed
      }),
      (chunk) => {
        pending = undefined
        return chunk
      }
    ),
    body: () => response.body
  }
}

/** Sends by `fetch`; redirects are left to the client, where the runtime shows them. */
export const fetchTransport = (fetch: Fetch): Transport => ({
  send: (request, signal) =>
    Effect.map(
      Effect.tryPromise({
        try: () =>
          fetch(request.url, {
            method: request.method,
            headers: request.body === undefined || request.body.kind === "form"
              ? request.headers
              : { ...request.headers, "content-type": request.body.contentType },
            body: bodyOf(request.body),
            redirect: "manual",
            signal
          }),
        catch: failed
      }),
      responseOf
    )
})
