/** `fetch` that sends nothing twice by itself. */
import type * as Redivis from "@effect-redivis/core/Redivis"

type Fetch = NonNullable<Redivis.FetchOptions["fetch"]>

declare const Deno: {
  /** Not on every host that runs Deno. */
  readonly createHttpClient?: (options: { readonly poolMaxIdlePerHost: number }) => object
}

/** Keeps no connection. Made at its first use. */
let unpooled: { readonly client?: object } | undefined

/**
 * A connection that was kept alive may be closed by the server at any moment;
 * Deno then sends the request again without a word, whatever its method, so
 * that one `POST` makes two datasets. On a new connection it does not.
 */
export const fetchOnce: Fetch = (url, init) => {
  if (init.method === "GET" || init.method === "HEAD" || init.method === "PUT") return globalThis.fetch(url, init)
  unpooled ??= Deno.createHttpClient === undefined ? {} : { client: Deno.createHttpClient({ poolMaxIdlePerHost: 0 }) }
  return globalThis.fetch(url, { ...init, ...unpooled })
}
