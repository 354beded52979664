/** The client beside the emulator, for tests: the one place where the two meet. */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Emulator, layer, layerInMemory, type Options } from "./service.ts"

const clientOf = Layer.unwrap(
  Effect.map(
    Emulator,
    (emulator) => Redivis.layer({ endpoint: emulator.baseUrl, token: Redacted.make(emulator.token) })
  )
)

/**
 * An emulator with a client that is signed in to it as its default user, over
 * sockets. What went over the wire is in `emulator.requests`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTestWith = (
  options?: Options
): Layer.Layer<Emulator | HttpClient.HttpClient | Redivis.Redivis> =>
  clientOf.pipe(
    Layer.provideMerge(Layer.mergeAll(layer(options), NodeHttpClient.layerUndici)),
    Layer.orDie,
    Layer.fresh
  )

/**
 * {@link layerTestWith} with default options.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTest: Layer.Layer<Emulator | HttpClient.HttpClient | Redivis.Redivis> = layerTestWith()

/**
 * The same without sockets: a test clock governs client and emulator alike.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTestInMemory = (
  options?: Options
): Layer.Layer<Emulator | HttpClient.HttpClient | Redivis.Redivis> =>
  clientOf.pipe(Layer.provideMerge(layerInMemory(options)), Layer.orDie, Layer.fresh)
