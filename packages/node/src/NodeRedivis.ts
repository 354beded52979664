/**
 * The client on Node: undici with a pool of connections that are kept alive. On
 * Bun its own `fetch`, which keeps them alive too.
 *
 * @since 0.1.0
 */
import { CurrentPlatform, defaultPlatform, type Platform } from "@effect-redivis/core/Platform"
import * as Redivis from "@effect-redivis/core/Redivis"
import type { InvalidInput } from "@effect-redivis/core/RedivisError"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as SchemaJITCompiler from "effect/schema/SchemaJITCompiler"
import { bunFetch } from "./bunFetch.ts"

/** What undici and Node's own modules say before a connection stands. */
const beforeSending: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT"
])

const codeOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined

/** TLS fails before a request is written: a certificate that does not verify, or a handshake that breaks. */
const isTls = (code: string): boolean => code.startsWith("ERR_TLS_") || code.startsWith("ERR_SSL_") || /CERT/.test(code)

const platform: Platform = {
  ...defaultPlatform,
  bodies: 32,
  failedBeforeSending: (cause) => {
    const code = codeOf(cause)
    return code !== undefined && (beforeSending.has(code) || isTls(code))
  },
  streamsBodies: true,
  compile: SchemaJITCompiler.enable
}

const http = (options: Redivis.Options): Layer.Layer<HttpClient.HttpClient> =>
  NodeHttpClient.layerUndiciOptions({
    connections: options.maxConcurrent ?? 32,
    keepAliveTimeout: 30_000
  })

/** Bun answers an import of undici with a stand-in that cannot send. */
const isBun = (): boolean => process.versions["bun"] !== undefined

const onBun = (options: Redivis.Options): Layer.Layer<Redivis.Redivis, InvalidInput> =>
  Layer.provide(
    Redivis.layerFetch({ ...options, fetch: bunFetch }),
    Layer.succeed(CurrentPlatform, { ...defaultPlatform, bodies: 32, compile: SchemaJITCompiler.enable })
  )

/**
 * A client, complete with HTTP.
 *
 * **Details**
 *
 * Connections are kept alive, at most `maxConcurrent` of them (32), and closed
 * with the layer's scope.
 *
 * **Failures**
 *
 * - `InvalidInput`: an option cannot be meant so; it is named
 *
 * **Example** (With a token)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import { NodeRedivis } from "@effect-redivis/node"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const dataset = Dataset.get("demo.penguins").pipe(
 *   Effect.provide(NodeRedivis.layer({ token: Redacted.make("a token") }))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Redivis.Options): Layer.Layer<Redivis.Redivis, InvalidInput> =>
  isBun()
    ? onBun(options)
    : Redivis.layer(options).pipe(
      Layer.provide(Layer.merge(http(options), Layer.succeed(CurrentPlatform, platform)))
    )

/**
 * A client that the environment sets up, complete with HTTP.
 *
 * **Details**
 *
 * Reads `REDIVIS_API_TOKEN`, `REDIVIS_API_ENDPOINT` and the further variables of
 * `Redivis.options`; without a token, calls are anonymous, which the service
 * answers with rows of public tables alone.
 *
 * **Failures**
 *
 * - `ConfigError`: a variable cannot be read
 * - `InvalidInput`: a variable cannot be meant so; it is named
 *
 * **Example** (As a script)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import { NodeRedivis } from "@effect-redivis/node"
 * import * as Effect from "effect/Effect"
 *
 * const dataset = Dataset.get("demo.penguins").pipe(Effect.provide(NodeRedivis.layerConfig))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<Redivis.Redivis, Config.ConfigError | InvalidInput> = Layer.suspend(() =>
  isBun()
    ? Layer.unwrap(Effect.map(Redivis.options, onBun))
    : Redivis.layerConfig.pipe(
      Layer.provide(Layer.merge(http({}), Layer.succeed(CurrentPlatform, platform)))
    )
)
