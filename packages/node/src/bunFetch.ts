/** Bun's `fetch`, which sends nothing twice by itself. */
import type * as Redivis from "@effect-redivis/core/Redivis"

/**
 * A connection that was kept alive may be closed by the server at any moment;
 * Bun then sends the request again without a word, so that a `DELETE` that has
 * succeeded is answered with a 404. On a new connection, which is what
 * `keepalive: false` means to Bun, it does not.
 */
export const bunFetch = (fetch: Redivis.Fetch | undefined): Redivis.Fetch => (url, init) =>
  (fetch ?? globalThis.fetch)(
    url,
    init.method === "GET" || init.method === "HEAD" || init.method === "PUT" ? init : { ...init, keepalive: false }
  )
