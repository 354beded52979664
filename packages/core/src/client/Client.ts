/**
 * The service that every function of the library asks for. `Redivis` has its
 * layers and gives it under the same name; it stands in a module of its own so
 * that the types of any program can name it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"

/**
 * Completes references that name less than all: with a default owner,
 * `penguins` is a dataset; with a default dataset, `birds` is a table.
 *
 * @category configuration
 * @since 0.1.0
 */
export interface Defaults {
  readonly user?: string | undefined
  readonly organization?: string | undefined
  readonly dataset?: string | undefined
  readonly workflow?: string | undefined
}

/**
 * What a program sees of its client.
 *
 * @category models
 * @since 0.1.0
 */
export interface Client {
  /** The base URL, without a slash at its end. */
  readonly endpoint: string
  /** What completes scoped references. */
  readonly defaults: Defaults
}

/**
 * What has calls in it: an effect or a stream. What changes a region gives back
 * the very type that came in.
 *
 * @category models
 * @since 0.1.0
 */
export type Region = Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>

/**
 * The client that every function of the library asks for. Programs provide it
 * by a layer and do not call it themselves.
 *
 * @category services
 * @since 0.1.0
 */
export class Redivis extends Context.Service<Redivis, Client>()("@effect-redivis/core/Redivis") {}
