/**
 * Rows of tables that are kept in files, on Node and Bun. Needs
 * `@effect/platform-node`.
 *
 * @since 0.1.0
 */
import type { InvalidInput } from "@effect-redivis/core/RedivisError"
import * as RowCache from "@effect-redivis/core/RowCache"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import * as platformFiles from "./platformFiles.ts"

/**
 * Keeps the rows that `RowCache.rows` and `RowCache.batches` read in files of
 * one directory, which any number of processes share.
 *
 * **Details**
 *
 * See `RowCache.layerFiles`, of which this is the one with Node's files. A
 * relative `directory` counts from where the process is when the layer is
 * built.
 *
 * **Failures**
 *
 * - `InvalidInput`: the directory has no name, or `maxBytes` is no number of bytes
 * - `RowCacheError`: the directory cannot be made or read
 *
 * **Example** (A table that is sent once)
 *
 * ```ts
 * import * as RowCache from "@effect-redivis/core/RowCache"
 * import { NodeRedivis, NodeRowCache } from "@effect-redivis/node"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const program = RowCache.rows("demo.penguins.birds").pipe(
 *   Stream.runCollect,
 *   Effect.provide([NodeRedivis.layerConfig, NodeRowCache.layer({ directory: ".redivis-rows" })])
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: RowCache.FilesOptions
): Layer.Layer<RowCache.RowCache, InvalidInput | RowCache.RowCacheError> =>
  Layer.unwrap(Effect.sync(() => {
    // what names no directory is refused, and is not where the process is
    const directory = options.directory === "" ? "" : Path.resolve(options.directory)
    return Layer.provide(RowCache.layerFiles({ ...options, directory }), platformFiles.layer)
  }))
