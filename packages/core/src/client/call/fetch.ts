/** The runtime's own `fetch`. */
import * as Effect from "effect/Effect"
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
    // `Platform.streamsBodies` is false here, so no stream comes
    default:
      return null
  }
}

const responseOf = (response: Response): TransportResponse => {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  return {
    url: response.url,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: Effect.tryPromise({ try: () => response.text(), catch: failed }),
    pull: Effect.suspend((): Effect.Effect<Uint8Array | undefined, TransportFailure> => {
      if (response.body === null) return Effect.succeed(undefined)
      const from = reader ??= response.body.getReader()
      return Effect.map(Effect.tryPromise({ try: () => from.read(), catch: failed }), ({ value }) => value)
    })
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
