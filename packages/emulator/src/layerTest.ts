/** The client beside the emulator, for tests: the one place where the two meet. */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Emulator, layer, layerInMemory, type Options } from "./service.ts"

declare const Deno: object | undefined

type Make = (options: Redivis.Options) => Layer.Layer<Redivis.Redivis, unknown, HttpClient.HttpClient>

interface Way {
  readonly client: Make
  readonly http: Layer.Layer<HttpClient.HttpClient>
}

/** On Bun and Deno the client of their own package, over their own `fetch`: undici sends there nothing, or leaves a timer. */
const wayHere: Effect.Effect<Way> = Effect.promise(async () => {
  if (typeof Deno !== "undefined") {
    return { client: (await import("@effect-redivis/deno/DenoRedivis")).layer, http: FetchHttpClient.layer }
  }
  if (process.versions["bun"] !== undefined) {
    return { client: (await import("@effect-redivis/node/NodeRedivis")).layer, http: FetchHttpClient.layer }
  }
  return { client: Redivis.layer, http: (await import("@effect/platform-node/NodeHttpClient")).layerUndici }
})

const clientOf = (client: Make) =>
  Layer.unwrap(
    Effect.map(
      Emulator,
      (emulator) => client({ endpoint: emulator.baseUrl, token: Redacted.make(emulator.token) })
    )
  )

/**
 * An emulator with a client that is signed in to it as its default user, over
 * sockets, in tests of Node, Bun (`bun test`) and Deno (`deno test`, with its
 * sanitizers on). What went over the wire is in `emulator.requests`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTestWith = (
  options?: Options
): Layer.Layer<Emulator | HttpClient.HttpClient | Redivis.Redivis> =>
  Layer.unwrap(
    Effect.map(
      wayHere,
      ({ client, http }) => Layer.provideMerge(clientOf(client), Layer.mergeAll(layer(options), http))
    )
  ).pipe(
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
  clientOf(Redivis.layer).pipe(Layer.provideMerge(layerInMemory(options)), Layer.orDie, Layer.fresh)
