/**
 * The client on Deno: its own `fetch`, and no permission but the network's.
 *
 * @since 0.1.0
 */
import { CurrentPlatform, defaultPlatform } from "@effect-redivis/core/Platform"
import * as Redivis from "@effect-redivis/core/Redivis"
import type { InvalidInput } from "@effect-redivis/core/RedivisError"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as SchemaJITCompiler from "effect/schema/SchemaJITCompiler"
import * as environment from "./environment.ts"
import { adviceFor, failedBeforeSending } from "./failures.ts"
import { fetchOnce } from "./fetchOnce.ts"

const platform = Layer.succeed(CurrentPlatform, {
  ...defaultPlatform,
  bodies: 32,
  failedBeforeSending,
  adviceFor,
  compile: (ast) => {
    SchemaJITCompiler.enable(ast)
    return Schema.is(Schema.make(ast))
  }
})

/**
 * A client, complete with HTTP. Needs `--allow-net` for the endpoint's host.
 *
 * **Details**
 *
 * What changes something goes over a connection of its own: over one that was
 * kept alive, Deno may send it twice.
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
export const layer = (options: Redivis.Options): Layer.Layer<Redivis.Redivis, InvalidInput> =>
  Layer.provide(Redivis.layerFetch({ ...options, fetch: fetchOnce }), platform)

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
