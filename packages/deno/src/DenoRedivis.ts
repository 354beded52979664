/**
 * The client on Deno: its own `fetch`, and no permission but the network's.
 *
 * @since 0.1.0
 */
import * as ConnectionFailure from "@effect-redivis/core/ConnectionFailure"
import { CurrentPlatform, defaultPlatform } from "@effect-redivis/core/Platform"
import * as Redivis from "@effect-redivis/core/Redivis"
import { InvalidInput } from "@effect-redivis/core/RedivisError"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as SchemaJITCompiler from "effect/schema/SchemaJITCompiler"
import * as environment from "./environment.ts"
import { makeFetchOnce } from "./fetchOnce.ts"

const platform = Layer.sync(CurrentPlatform, () => ({
  ...defaultPlatform,
  ...ConnectionFailure.platform({
    trust: "DENO_CERT (DENO_TLS_CA_STORE=system takes those of the system)",
    identify: "DenoRedivis.layer({ client: Deno.createHttpClient({ cert, key }) })",
    permit: "--allow-net"
  }),
  bodies: 32,
  compile: (ast) => {
    SchemaJITCompiler.enable(ast)
    return Schema.is(Schema.make(ast))
  }
}))

/**
 * How a client on Deno is set up.
 *
 * @category configuration
 * @since 0.1.0
 */
export interface Options extends Redivis.Options {
  /**
   * A `Deno.HttpClient`, for a proxy, authorities or a client certificate of your
   * own: everything goes over it, to the API and to its storage. Who made it
   * closes it. Make it with `poolMaxIdlePerHost: 0`: over a connection that was
   * kept alive Deno may send a `POST` twice.
   *
   * @default Deno's own, and one of the layer for what changes something
   */
  readonly client?: { readonly close: () => void } | undefined
}

/**
 * A client, complete with HTTP. Needs `--allow-net` for the endpoint's host.
 *
 * **Details**
 *
 * What changes something goes over a connection of its own: over one that was
 * kept alive, Deno may send it twice. Nothing stays open once the layer's scope
 * is closed.
 *
 * Proxies of the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`) and
 * authorities of your own (`DENO_CERT`, `DENO_TLS_CA_STORE=system`) are Deno's to
 * know. Anything else of a connection is said by `client`.
 *
 * **Failures**
 *
 * - `InvalidInput`: an option cannot be meant so; it is named
 *
 * **Example** (With a token)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import { DenoRedivis } from "@effect-redivis/deno"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const dataset = Dataset.get("demo.penguins").pipe(
 *   Effect.provide(DenoRedivis.layer({ token: Redacted.make("a token") }))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = ({ client, ...options }: Options): Layer.Layer<Redivis.Redivis, InvalidInput> =>
  client !== undefined && typeof client.close !== "function"
    ? Layer.effectContext(
      Effect.fail(new InvalidInput({ field: "client", reason: "is no client that Deno.createHttpClient made" }))
    )
    : Layer.unwrap(Effect.map(
      Effect.acquireRelease(Effect.sync(() => makeFetchOnce(client)), ({ close }) => close),
      ({ fetch }) => Redivis.layerFetch({ ...options, fetch })
    )).pipe(Layer.provide(platform))

/**
 * A client that the environment sets up, complete with HTTP.
 *
 * **Details**
 *
 * Needs `--allow-net` for the endpoint's host and
 * `--allow-env=REDIVIS_API_TOKEN,REDIVIS_API_ENDPOINT`. The further variables of
 * `Redivis.options` are read where they are permitted, and unset where not. A
 * `ConfigProvider` of your own is asked in place of the environment.
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
 * import { DenoRedivis } from "@effect-redivis/deno"
 * import * as Effect from "effect/Effect"
 *
 * const dataset = Dataset.get("demo.penguins").pipe(Effect.provide(DenoRedivis.layerConfig))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<Redivis.Redivis, Config.ConfigError | InvalidInput> = Layer.provide(
  Layer.unwrap(Effect.map(Redivis.options, layer)),
  environment.layer
)
