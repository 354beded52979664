/** What reading by a row cache gives, fails with and requires: what `Table` gives, and a cache. */
import type { Redivis } from "@effect-redivis/core/Redivis"
import type { InvalidInput } from "@effect-redivis/core/RedivisError"
import type * as RowCache from "@effect-redivis/core/RowCache"
import type * as Table from "@effect-redivis/core/Table"
import type * as Effect from "effect/Effect"
import type { FileSystem } from "effect/FileSystem"
import type * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { All, Equal, Fits } from "./equal.ts"

/** The same, with the one requirement more. */
type Cached<S> = S extends Stream.Stream<infer A, infer E, Redivis> ? Stream.Stream<A, E, Redivis | RowCache.RowCache>
  : never

type Bigints = { readonly integer: "bigint" }

export type Reading = All<[
  Equal<ReturnType<typeof RowCache.rows<{}>>, Cached<ReturnType<typeof Table.rows<{}>>>>,
  Equal<ReturnType<typeof RowCache.rows<Bigints>>, Cached<ReturnType<typeof Table.rows<Bigints>>>>,
  Equal<ReturnType<typeof RowCache.rows<{}, "decoded">>, Cached<ReturnType<typeof Table.rows<{}, "decoded">>>>,
  Equal<ReturnType<typeof RowCache.batches>, Cached<ReturnType<typeof Table.batches>>>,
  Equal<Parameters<typeof RowCache.rows<Bigints>>, Parameters<typeof Table.rows<Bigints>>>,
  Equal<Parameters<typeof RowCache.batches>, Parameters<typeof Table.batches>>
]>

export type Layers = All<[
  Equal<ReturnType<typeof RowCache.layerMemory>, Layer.Layer<RowCache.RowCache, InvalidInput>>,
  Equal<
    ReturnType<typeof RowCache.layerFiles>,
    Layer.Layer<RowCache.RowCache, InvalidInput | RowCache.RowCacheError, FileSystem>
  >,
  Equal<
    ReturnType<typeof RowCache.makeFiles>,
    Effect.Effect<RowCache.Store, InvalidInput | RowCache.RowCacheError>
  >,
  Equal<typeof RowCache.clear, Effect.Effect<void, RowCache.RowCacheError, RowCache.RowCache>>,
  Equal<RowCache.RowCache["Service"], RowCache.Store>,
  Fits<FileSystem, RowCache.Files>
]>

declare const decoder: Schema.Decoder<{ readonly n: number }>

/** A schema's rows are typed by it. */
export type Decoded = Equal<
  ReturnType<typeof RowCache.rows<{}, (typeof decoder)["Type"]>>,
  Stream.Stream<{ readonly n: number }, Table.RowsError, Redivis | RowCache.RowCache>
>
