/**
 * The client in browsers: `fetch` as pages have it, which follows redirects
 * itself, forbids some headers, and hides those that a server does not expose.
 *
 * @since 0.1.0
 */
import { CurrentPlatform, defaultPlatform } from "@effect-redivis/core/Platform"
import * as Redivis from "@effect-redivis/core/Redivis"
import type { InvalidInput } from "@effect-redivis/core/RedivisError"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { smooth } from "./smooth.ts"

const platform = Layer.succeed(CurrentPlatform, { ...defaultPlatform, userAgent: false, hidesHeaders: true })

/** Without what the service does not let pages send. A single range needs no leave, as the standard of fetch has it. */
const sendable = (sent: RequestInit["headers"]): Headers => {
  const headers = new Headers(sent)
  headers.delete("if-modified-since")
  return headers
}

/** Requests to the API name the client; storage is told nothing. */
const isForStorage = (headers: Headers): boolean => !headers.has("x-redivis-client")

/**
 * Pages may not see where a redirect leads: what only reads follows it as fetch
 * does, and what the API is sent does not. Storage says 308 without a
 * `Location` where it wants the next slice, which fetch takes for an answer
 * only while it follows redirects; where one led elsewhere after all, what came
 * from there is no answer, and nothing goes on.
 */
const follow: NonNullable<Redivis.FetchOptions["fetch"]> = async (url, init) => {
  const isReading = init.method === "GET" || init.method === "HEAD"
  const headers = sendable(init.headers)
  const isFollowed = isReading || isForStorage(headers)
  const response = await globalThis.fetch(url, {
    ...init,
    headers,
    cache: "no-store",
    redirect: isFollowed ? "follow" : "error"
  })
  if (isReading || !response.redirected) return response
  // frees the connection; whether that succeeds is of no interest to anyone
  response.body?.cancel().catch(() => {})
  // its status is 0, as that of a redirect which was not followed
  return Response.error()
}

/**
 * A client, complete with HTTP.
 *
 * **Details**
 *
 * A browser sends a request again by itself, a `POST` too, where the server
 * closes a connection that was kept alive before it answers. What was to be
 * made may then be there already: `BadRequest` says so.
 *
 * The service hides from pages all headers that it does not expose, which are
 * those of its rate limit, its warnings, the errors of `HEAD`, and the names and
 * hashes of files; and it lets them send few. `If-Modified-Since` stays away, so
 * `RawFile.listIfModified` always lists.
 *
 * **Failures**
 *
 * - `InvalidInput`: an option cannot be meant so; it is named
 *
 * **Example** (Rows of a public table, without a token)
 *
 * ```ts
 * import { BrowserRedivis } from "@effect-redivis/browser"
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const csv = Table.csv("demo.penguins.birds", { maxResults: 10 }).pipe(
 *   Stream.decodeText(),
 *   Stream.mkString,
 *   Effect.provide(BrowserRedivis.layer({}))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Redivis.Options): Layer.Layer<Redivis.Redivis, InvalidInput> =>
  Layer.provide(Redivis.layerTransport(options, smooth(Redivis.fetchTransport(follow))), platform)

/**
 * A client that a `ConfigProvider` sets up, complete with HTTP. A page has no
 * environment: provide one, or use {@link layer}.
 *
 * **Failures**
 *
 * - `ConfigError`: a variable cannot be read
 * - `InvalidInput`: a variable cannot be meant so; it is named
 *
 * **Example** (From what the page was served with)
 *
 * ```ts
 * import { BrowserRedivis } from "@effect-redivis/browser"
 * import * as ConfigProvider from "effect/ConfigProvider"
 * import * as Layer from "effect/Layer"
 *
 * const live = BrowserRedivis.layerConfig.pipe(
 *   Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ REDIVIS_API_ENDPOINT: "https://example.org/api/v1" })))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<Redivis.Redivis, Config.ConfigError | InvalidInput> = Layer.unwrap(
  Effect.map(Redivis.options, layer)
)
