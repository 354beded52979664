/**
 * How an entry is laid out: blocks of the streams' bytes, then what there is to
 * know of them, then where that begins. Every block has its digest, and what
 * holds the digests a seal by a key that only the credentials give: what was
 * damaged, cut, or made by somebody else is found before any of it is used.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Digest } from "./digest.ts"
import type { Entry, RowCacheError } from "./store.ts"

const Block = Schema.Struct({ offset: Schema.Number, length: Schema.Number, digest: Schema.String })
export interface Block extends Schema.Schema.Type<typeof Block> {}

const Manifest = Schema.Struct({
  /** The entry's own key: one that was moved to another is none. */
  key: Schema.String,
  variables: Schema.Array(Schema.Struct({ name: Schema.String, type: Schema.String })),
  /** Rows that the session had. */
  numRows: Schema.Number,
  /** The session's streams that were read, in their order, each an Arrow IPC stream with its sentinel. */
  streams: Schema.Array(Schema.Array(Block))
})
export interface Manifest extends Schema.Schema.Type<typeof Manifest> {}

const json = /*#__PURE__*/ Schema.fromJsonString(Manifest)

const encoder = /*#__PURE__*/ new TextEncoder()

/** The length of the manifest, its seal, and these letters. */
const mark = "redivis rows\n"
const lengthDigits = 12
const sealDigits = 64
const footerLength = /*#__PURE__*/ (() => lengthDigits + sealDigits + mark.length)()

/** What stands after the blocks. */
export const encodeManifest = (manifest: Manifest, seal: Digest): Effect.Effect<Uint8Array> => {
  const body = encoder.encode(JSON.stringify(manifest))
  return Effect.map(seal(body), (text) => {
    const footer = encoder.encode(String(body.length).padStart(lengthDigits, "0") + text + mark)
    const bytes = new Uint8Array(body.length + footer.length)
    bytes.set(body)
    bytes.set(footer, body.length)
    return bytes
  })
}

const decoder = /*#__PURE__*/ new TextDecoder()

/** What an entry says of itself; nothing where it is damaged, of another key, or sealed by others. */
export const readManifest = (
  entry: Entry,
  key: string,
  seal: Digest
): Effect.Effect<Manifest | undefined, RowCacheError> =>
  Effect.gen(function*() {
    const end = entry.size - footerLength
    if (end < 0) return undefined
    const footer = decoder.decode(yield* entry.read(end, footerLength))
    const length = footer.slice(0, lengthDigits)
    if (!footer.endsWith(mark) || !/^\d+$/.test(length) || Number(length) > end) return undefined
    const body = yield* entry.read(end - Number(length), Number(length))
    if ((yield* seal(body)) !== footer.slice(lengthDigits, lengthDigits + sealDigits)) return undefined
    const manifest = Schema.decodeUnknownResult(json)(decoder.decode(body))
    return Result.isSuccess(manifest) && manifest.success.key === key ? manifest.success : undefined
  })

/** The bytes of a block; nothing where they are others than were written. */
export const readBlock = (
  entry: Entry,
  block: Block,
  digest: Digest
): Effect.Effect<Uint8Array | undefined, RowCacheError> =>
  block.offset + block.length > entry.size
    ? Effect.succeed(undefined)
    : Effect.flatMap(
      entry.read(block.offset, block.length),
      (bytes) => Effect.map(digest(bytes), (found) => found === block.digest ? bytes : undefined)
    )
