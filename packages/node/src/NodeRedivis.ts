/**
 * The client on Node: undici with connections that are kept alive. On Bun its
 * own `fetch`, which keeps them alive too.
 *
 * @since 0.1.0
 */
import { CurrentPlatform, defaultPlatform, type Platform } from "@effect-redivis/core/Platform"
import * as Redivis from "@effect-redivis/core/Redivis"
import type { InvalidInput } from "@effect-redivis/core/RedivisError"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as SchemaJITCompiler from "effect/schema/SchemaJITCompiler"
import { bunFetch } from "./bunFetch.ts"
import { adviceFor, failedBeforeSending } from "./failures.ts"
import { makeUndiciTransport } from "./undiciTransport.ts"

/** Over any client: whether one sends the length of a streamed body is its own affair, so that none is streamed. */
const platform: Platform = {
  ...defaultPlatform,
  bodies: 32,
  failedBeforeSending,
  adviceFor,
  compile: (ast) => {
    SchemaJITCompiler.enable(ast)
    return Schema.is(Schema.make(ast))
  }
}

/** Bun answers an import of undici with a stand-in that cannot send. */
const isBun = (): boolean => process.versions["bun"] !== undefined

const onBun = (options: Redivis.Options): Layer.Layer<Redivis.Redivis, InvalidInput> =>
  Layer.provide(Redivis.layerFetch({ ...options, fetch: bunFetch }), Layer.succeed(CurrentPlatform, platform))

const onNode = (options: Redivis.Options): Layer.Layer<Redivis.Redivis, InvalidInput> =>
  Layer.unwrap(Effect.map(
    Effect.acquireRelease(Effect.sync(makeUndiciTransport), ({ close }) => close),
    ({ transport }) => Redivis.layerTransport(options, transport)
  )).pipe(Layer.provide(Layer.succeed(CurrentPlatform, { ...platform, streamsBodies: true })))

/**
 * A client, complete with HTTP.
 *
 * **Details**
 *
 * undici is loaded with the first request. Connections are kept alive for half a
 * minute, and closed with the layer's scope; an answer that is being read holds
 * one of its own.
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
  Layer.suspend(() => isBun() ? onBun(options) : onNode(options))

/**
 * A client over the `HttpClient` that is provided, with what is known of Node and
 * Bun: for a proxy, certificates of your own, or connections that are shared.
 *
 * **Details**
 *
 * What the `HttpClient` does by itself is done, and its answers are read as any
 * others: one that refuses statuses (`HttpClient.filterStatusOk`) loses no error
 * of its own here. A body that is a stream is sent in pieces of known length.
 *
 * **Failures**
 *
 * - `InvalidInput`: an option cannot be meant so; it is named
 *
 * **Example** (Through the proxy of the environment)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
 * import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
 * import { EnvHttpProxyAgent } from "@effect/platform-node/Undici"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * const proxied = NodeHttpClient.layerUndiciNoDispatcher.pipe(
 *   Layer.provide(Layer.succeed(NodeHttpClient.Dispatcher, new EnvHttpProxyAgent()))
 * )
 *
 * const dataset = Dataset.get("demo.penguins").pipe(
 *   Effect.provide(Layer.provide(NodeRedivis.layerOver({ token: Redacted.make("a token") }), proxied))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerOver = (
  options: Redivis.Options
): Layer.Layer<Redivis.Redivis, InvalidInput, HttpClient.HttpClient> =>
  Layer.provide(Redivis.layer(options), Layer.succeed(CurrentPlatform, platform))

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
export const layerConfig: Layer.Layer<Redivis.Redivis, Config.ConfigError | InvalidInput> = Layer.unwrap(
  Effect.map(Redivis.options, layer)
)
