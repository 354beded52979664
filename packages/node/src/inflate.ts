/** Answers that are encoded although nobody asked for it; loaded with the first of them. */
import * as Effect from "effect/Effect"
import { addAbortSignal, pipeline, Readable, type Transform } from "node:stream"
import * as Zlib from "node:zlib"

type Pull<E> = Effect.Effect<Uint8Array | undefined, E>

interface Failure {
  readonly cause: unknown
}

const deflated = 0x08

/** `deflate` stands for two formats: the one that is meant begins with its method. */
const decoderOf = (coding: string, first: Uint8Array): Transform | undefined => {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return Zlib.createGunzip()
    case "deflate":
      return ((first[0] ?? 0) & 0x0f) === deflated ? Zlib.createInflate() : Zlib.createInflateRaw()
    case "br":
      return Zlib.createBrotliDecompress()
    default:
      return undefined
  }
}

/** In the order in which they are undone, as far as they are known: the others are left, as `fetch` leaves them. */
const decodersOf = (encoding: string, first: Uint8Array): ReadonlyArray<Transform> => {
  const decoders: Array<Transform> = []
  for (const coding of encoding.toLowerCase().split(",").reverse()) {
    const decoder = decoderOf(coding.trim(), first)
    if (decoder === undefined) return decoders
    decoders.push(decoder)
  }
  return decoders
}

/** The chunks of an answer as who iterates wants them. */
async function* chunksOf(first: Uint8Array, pull: Pull<Failure>): AsyncGenerator<Uint8Array> {
  const next = Effect.mapError(
    pull,
    ({ cause }) => cause instanceof Error ? cause : new Error("the answer broke off", { cause })
  )
  let chunk: Uint8Array | undefined = first
  while (chunk !== undefined) {
    yield chunk
    chunk = await Effect.runPromise(next)
  }
}

/** What the decoders make of an answer that begins so; no further ahead than their buffers. */
export const inflate = (
  encoding: string,
  first: Uint8Array,
  pull: Pull<Failure>,
  signal: AbortSignal
): Pull<Failure> => {
  const decoders = decodersOf(encoding, first)
  const last = decoders.at(-1)
  if (last === undefined) {
    let isFirst = true
    return Effect.suspend(() => {
      if (!isFirst) return pull
      isFirst = false
      return Effect.succeed(first)
    })
  }
  pipeline([Readable.from(chunksOf(first, pull)), ...decoders], () => {}) // who iterates is told
  addAbortSignal(signal, last)
  const chunks: AsyncIterator<Uint8Array, undefined> = last[Symbol.asyncIterator]()
  return Effect.map(
    Effect.tryPromise({ try: () => chunks.next(), catch: (cause): Failure => ({ cause }) }),
    ({ value }) => value
  )
}
