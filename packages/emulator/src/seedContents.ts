/** Where the content of tables comes from in a seed, and how a seed is refused. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Seed from "./Seed.ts"
import type { Store } from "./store/Store.ts"

export const refuse = (path: string, reason: string): Seed.SeedRefused => new Seed.SeedRefused({ path, reason })

/** Where files of a seed are: beside it, or nowhere. */
export interface Place {
  readonly directory: string | undefined
}

export interface Content {
  readonly name: string
  readonly rows?: ReadonlyArray<Readonly<Record<string, unknown>>> | undefined
  readonly file?: string | undefined
  readonly text?: string | undefined
  readonly type?: string | null | undefined
}

export type Refused<A> = Effect.Effect<A, Seed.SeedRefused, Store>

/** Says where in the seed something failed. */
export const at = (path: string) =>
<A, E extends { readonly message: string }, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, Seed.SeedRefused, R> => Effect.mapError(effect, (failure) => refuse(path, failure.message))

export const bytesOf = (content: Content, place: Place): Stream.Stream<Uint8Array, Seed.SeedRefused> | undefined => {
  if (content.text !== undefined) return Stream.make(new TextEncoder().encode(content.text))
  if (content.file === undefined) return undefined
  const file = Path.resolve(place.directory ?? ".", content.file)
  return Stream.unwrap(Effect.sync(() =>
    Stream.fromAsyncIterable<Uint8Array, Seed.SeedRefused>(
      Fs.createReadStream(file),
      (cause) => refuse("", String(cause))
    )
  ))
}
