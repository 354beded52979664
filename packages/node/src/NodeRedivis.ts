/**
 * The client on Node: undici with connections that are kept alive. On Bun its
 * own `fetch`, which keeps them alive too.
 *
 * @since 0.1.0
 */
import * as ConnectionFailure from "@effect-redivis/core/ConnectionFailure"
import { CurrentPlatform, defaultPlatform, type Platform } from "@effect-redivis/core/Platform"
import * as Redivis from "@effect-redivis/core/Redivis"
import { InvalidInput } from "@effect-redivis/core/RedivisError"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as SchemaJITCompiler from "effect/schema/SchemaJITCompiler"
import { bunFetch } from "./bunFetch.ts"
import { type Dispatcher, isOfConnecting, makeUndiciTransport } from "./undiciTransport.ts"

/**
 * What of a dispatcher of undici is used.
 *
 * @category configuration
 * @since 0.1.0
 */
export type { Dispatcher }

/**
 * How a client on Node or Bun is set up.
 *
 * @category configuration
 * @since 0.1.0
 */
export interface Options extends Redivis.Options {
  /**
   * What sends, to the API and to its storage: an `Agent`, `ProxyAgent` or the
   * like of undici 7 or newer, for a proxy, certificates or connections of your
   * own. Who made it closes it. On Bun, where undici cannot send, and beside
   * `fetch` it is an `InvalidInput`.
   *
   * @default an agent of the layer's own
   */
  readonly dispatcher?: Dispatcher | undefined
  /**
   * Another `fetch` than Bun's own, on Node in place of undici: as one that adds
   * Bun's `proxy` or `tls` to what it is given.
   */
  readonly fetch?: Redivis.Fetch | undefined
}

/** Bun answers an import of undici with a stand-in that cannot send. */
const isBun = (): boolean => process.versions["bun"] !== undefined

/** Over any client: whether one sends the length of a streamed body is its own affair, so that none is streamed. */
const platform = (): Platform => ({
  ...defaultPlatform,
  ...ConnectionFailure.platform({
    trust: "NODE_EXTRA_CA_CERTS (--use-system-ca takes those of the system)",
    identify: isBun()
      ? "the `tls` of Bun's fetch, NodeRedivis.layer({ fetch })"
      : "undici's Agent, NodeRedivis.layer({ dispatcher: new Agent({ connect: { cert, key } }) })",
    permit: "--allow-net"
  }, isOfConnecting),
  bodies: 32,
  compile: (ast) => {
    SchemaJITCompiler.enable(ast)
    return Schema.is(Schema.make(ast))
  }
})

/** What sends on Bun, and as a program says. */
const overFetch = (options: Redivis.FetchOptions): Layer.Layer<Redivis.Redivis, InvalidInput> =>
  Layer.provide(Redivis.layerFetch(options), Layer.sync(CurrentPlatform, platform))

const overUndici = (options: Options): Layer.Layer<Redivis.Redivis, InvalidInput> =>
  Layer.unwrap(Effect.map(
    Effect.acquireRelease(Effect.sync(() => makeUndiciTransport(options.dispatcher)), ({ close }) => close),
    ({ transport }) => Redivis.layerTransport(options, transport)
  )).pipe(Layer.provide(Layer.succeed(CurrentPlatform, { ...platform(), streamsBodies: true })))

/** What is wrong with what is to send. */
const wayProblem = ({ dispatcher, fetch }: Options): InvalidInput | undefined => {
  if (fetch !== undefined && typeof fetch !== "function") {
    return new InvalidInput({ field: "fetch", reason: "is no function, as globalThis.fetch is" })
  }
  if (dispatcher === undefined) return undefined
  const reason = typeof dispatcher.dispatch !== "function"
    ? "is no dispatcher of undici, as new Agent() gives one"
    : fetch !== undefined
    ? "stands beside fetch; give one of the two"
    : isBun()
    ? "is of undici, which cannot send on Bun; give fetch, which adds Bun's own proxy and tls"
    : undefined
  return reason === undefined ? undefined : new InvalidInput({ field: "dispatcher", reason })
}

/**
 * A client, complete with HTTP.
 *
 * **Details**
 *
 * undici is loaded with the first request. Connections are kept alive for half a
 * minute, and closed with the layer's scope; an answer that is being read holds
 * one of its own.
 *
 * Authorities of your own are Node's and Bun's to know (`NODE_EXTRA_CA_CERTS`,
 * `--use-system-ca`). Proxies of the environment are taken as the runtime's own
 * `fetch` takes them: on Bun always, on Node with `NODE_USE_ENV_PROXY=1` or
 * `--use-env-proxy`. Anything else of a connection is said by `dispatcher`, on
 * Bun by `fetch`.
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
 * **Example** (With a client certificate, on Node)
 *
 * ```ts
 * import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
 * import { Agent } from "@effect/platform-node/Undici"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Fs from "node:fs"
 *
 * const live = Layer.unwrap(Effect.map(
 *   Effect.acquireRelease(
 *     Effect.sync(() => new Agent({ connect: { cert: Fs.readFileSync("me.pem"), key: Fs.readFileSync("me-key.pem") } })),
 *     (agent) => Effect.promise(() => agent.close())
 *   ),
 *   (dispatcher) => NodeRedivis.layer({ dispatcher })
 * ))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Redivis.Redivis, InvalidInput> =>
  Layer.suspend(() => {
    const problem = wayProblem(options)
    if (problem !== undefined) return Layer.effectContext(Effect.fail(problem))
    const { dispatcher: _, fetch, ...others } = options
    return isBun()
      ? overFetch({ ...others, fetch: bunFetch(fetch) })
      : fetch === undefined
      ? overUndici(options)
      : overFetch({ ...others, fetch })
  })

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
  Layer.provide(Redivis.layer(options), Layer.sync(CurrentPlatform, platform))

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
