/** `fetch` that sends nothing twice by itself. */
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Effect from "effect/Effect"

interface Client {
  readonly close: () => void
}

declare const Deno: {
  /** Not on every host that runs Deno. */
  readonly createHttpClient?: (options: { readonly poolMaxIdlePerHost: number }) => Client
}

/** A `fetch`, and what closes what it has opened. */
export interface FetchOnce {
  readonly fetch: Redivis.Fetch
  readonly close: Effect.Effect<void>
}

/**
 * A connection that was kept alive may be closed by the server at any moment;
 * Deno then sends the request again without a word, whatever its method, so
 * that one `POST` makes two datasets. On a new connection it does not. Over a
 * client that somebody else has made and closes, all is sent as that one does.
 */
export const makeFetchOnce = (given: Client | undefined): FetchOnce => {
  let unpooled: Client | undefined
  let isClosed = false
  const clientFor = (method: string | undefined): Client | undefined => {
    if (given !== undefined) return given
    if (method === "GET" || method === "HEAD" || method === "PUT") return undefined
    if (isClosed) throw new TypeError("the layer of this client is closed")
    return unpooled ??= Deno.createHttpClient?.({ poolMaxIdlePerHost: 0 })
  }
  return {
    fetch: async (url, init) => {
      const client = clientFor(init.method)
      // Deno's own property, which no other `fetch` has
      const taken = client === undefined ? init : { ...init, client }
      return globalThis.fetch(url, taken)
    },
    close: Effect.sync(() => {
      isClosed = true
      unpooled?.close()
    })
  }
}
