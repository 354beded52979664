/** Batches one by one, from bytes that are pulled when they are needed. */
import * as Effect from "effect/Effect"
import { defined } from "../../client/defined.ts"
import { DecodeError, IntegrityError } from "../../contract/RedivisError.ts"
import type { Batch } from "./column.ts"
import { isRefusal, isShortfall } from "./refusal.ts"
import { type ReaderOptions, StreamReader } from "./streamReader.ts"

export interface PullOptions extends ReaderOptions {
  /** What errors say of the request that the bytes answer. */
  readonly operation?: string | undefined
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly status?: number | undefined
}

const failure = (error: unknown, options: PullOptions): Effect.Effect<never, DecodeError | IntegrityError> => {
  const { method, operation, status, url } = options
  const located = { method, operation, status, url }
  if (isRefusal(error)) {
    const { expected, path, value } = error
    return Effect.fail(new DecodeError(defined({ ...located, path, expected, value })))
  }
  return isShortfall(error)
    ? Effect.fail(new IntegrityError(defined({ ...located, reason: error.reason, detail: error.detail })))
    : Effect.die(error)
}

/** The next batch; `undefined` after the last, once the end is proved. */
export const pullBatches = <E, R>(
  chunks: Effect.Effect<Uint8Array | ReadonlyArray<Uint8Array> | undefined, E, R>,
  options: PullOptions
): Effect.Effect<Batch | undefined, E | DecodeError | IntegrityError, R> => {
  const reader = new StreamReader(options)
  const next: Effect.Effect<Batch | undefined, E | DecodeError | IntegrityError, R> = Effect.suspend(() => {
    try {
      const batch = reader.next()
      return batch === undefined ? Effect.flatMap(chunks, feed) : Effect.succeed(batch)
    } catch (error) {
      return failure(error, options)
    }
  })
  const feed = (received: Uint8Array | ReadonlyArray<Uint8Array> | undefined): typeof next => {
    if (received !== undefined) {
      if ("byteLength" in received) reader.feed(received)
      else received.forEach((bytes) => reader.feed(bytes))
      return next
    }
    try {
      reader.end()
      return Effect.succeed(undefined)
    } catch (error) {
      return failure(error, options)
    }
  }
  return next
}
