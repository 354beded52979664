/** Where the content of tables comes from in a seed, and how a seed is refused. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Seed from "./Seed.ts"
import type * as Model from "./store/model.ts"
import { Store } from "./store/Store.ts"

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

/** Makes files of an index, each with a row. */
export const addFiles = Effect.fnUntraced(function*(
  lookup: Model.TableLookup,
  files: ReadonlyArray<Seed.RawFile>,
  path: string,
  place: Place
): Effect.fn.Return<void, Seed.SeedRefused, Store> {
  const store = yield* Store
  const table = yield* store.tables.get(lookup).pipe(at(path))
  const sent = yield* Effect.forEach(files, (file) =>
    Effect.gen(function*() {
      const bytes = file.text === undefined
        ? new Uint8Array(Fs.readFileSync(Path.resolve(place.directory ?? ".", file.file ?? "")))
        : new TextEncoder().encode(file.text)
      const temp = yield* store.tempUploads.create(table, { size: bytes.length })
      yield* store.tempUploads.write(temp.id, 0, Stream.make(bytes)).pipe(at(path))
      return { name: file.name, tempUploadId: temp.id }
    }))
  yield* store.rawFiles.add(table, sent).pipe(at(`${path}.files`))
})

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
