/**
 * Reads Arrow IPC streams, the form in which Redivis sends rows: from bytes to
 * batches of columns whose typed arrays and exact values are both at hand.
 *
 * The reader is strict. Every length, offset, region, validity map, dictionary
 * index and text is checked against what was received before it is used, so
 * that a stream that broke off or was damaged is an error and never a shorter
 * or another result.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import type { DecodeError, IntegrityError } from "../contract/RedivisError.ts"
import type { Batch } from "./arrow/column.ts"
import { pullBatches } from "./arrow/pullBatches.ts"

export type { Batch, Column, Value, Values } from "./arrow/column.ts"
export type { DataType, DictionaryType, Int, PlainType, TimeUnit } from "./arrow/dataType.ts"
export type { Field, Schema } from "./arrow/schema.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface ReadOptions {
  /**
   * Whether the stream must end in a batch of zero rows, as the server sends
   * one when it is asked for `eosSentinel`. Its absence is an
   * `IntegrityError` with the reason `MissingSentinel`.
   *
   * @default false
   */
  readonly sentinel?: boolean | undefined
  /**
   * How many rows are to come. A batch without any bytes (null columns, no
   * columns) that claims more is an `IntegrityError` with the reason
   * `RowCount`.
   */
  readonly maxRows?: number | undefined
  /** What errors say of the request that the bytes answer. */
  readonly operation?: string | undefined
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly status?: number | undefined
}

/**
 * Reads an Arrow IPC stream batch by batch, as its bytes come.
 *
 * **Details**
 *
 * There is at least one batch, of zero rows if the stream has none; a batch of
 * zero rows at the end is a sentinel and is not handed on after others. Columns
 * may be null, boolean, integer, float, text, date, time, timestamp, or
 * dictionaries of those; other types, compressed bodies, big-endian streams and
 * delta dictionaries are refused by name. The bytes of a chunk must not change
 * after it was emitted. The stream's memory is that of one batch: at most a few
 * times its bytes, and nothing is allocated for a length that is only claimed.
 *
 * **Failures**
 *
 * - `DecodeError`: the bytes are no Arrow stream that can be read; `path` says
 *   in which message and column
 * - `IntegrityError`: the bytes break off (`MissingEnd`), go on after the end
 *   (`BytesAfterEnd`), or miss what the options ask for (`MissingSentinel`,
 *   `RowCount`); the batches before are right
 *
 * **Example** (Sum a column)
 *
 * ```ts
 * import * as Arrow from "@effect-redivis/core/Arrow"
 * import * as Stream from "effect/Stream"
 *
 * const total = (bytes: Stream.Stream<Uint8Array>) =>
 *   Arrow.readStream(bytes).pipe(
 *     Stream.runFold(() => 0, (sum, { columns, numRows }) => {
 *       for (let row = 0; row < numRows; row++) {
 *         sum += Number(columns[0]?.at(row) ?? 0)
 *       }
 *       return sum
 *     })
 *   )
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const readStream = <E, R>(
  stream: Stream.Stream<Uint8Array, E, R>,
  options: ReadOptions = {}
): Stream.Stream<Batch, E | DecodeError | IntegrityError, R> =>
  Stream.transformPull(stream, (pull) =>
    Effect.sync(() => {
      const chunks = Pull.catchDone(pull, () => Effect.succeed(undefined))
      return Effect.flatMap(
        pullBatches(chunks, options),
        (batch) => batch === undefined ? Cause.done() : Effect.succeed([batch] as const)
      )
    }))
