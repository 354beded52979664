/**
 * Read sessions: rows in several streams of an Arrow IPC each.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Redivis } from "../client/Redivis.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import { Position as contractPosition } from "../contract/position.ts"
import * as contract from "../contract/readSession.ts"
import { bytes as bytesOf } from "../client/bytes.ts"
import { defined } from "../client/defined.ts"
import { idOf, onSource, type Source } from "../client/resolve.ts"
import * as Rows from "../data/Rows.ts"

export type { Source } from "../client/resolve.ts"

/**
 * A session: how many rows it has, and its streams. It lives for six hours.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReadSession extends contract.ReadSession {}

/**
 * @category errors
 * @since 0.1.0
 */
export type CreateError = RedivisError.Common | Operation.Failure<typeof contract.postByTable>
/**
 * @category errors
 * @since 0.1.0
 */
export type StreamError = RedivisError.Common | Operation.Failure<typeof contract.getStream>

/**
 * What a session reads.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateOptions {
  /**
   * @default "arrow"
   */
  readonly format?: "arrow" | "csv" | "jsonl" | undefined
  /** In the order of the columns that are wanted; all where it is not given. */
  readonly variables?: ReadonlyArray<string> | undefined
  /** Rows at most. */
  readonly maxResults?: number | undefined
  /**
   * Streams at most.
   *
   * @default 1
   */
  readonly streams?: number | undefined
  /**
   * Whether its streams may be read without credentials.
   *
   * @default false
   */
  readonly allowAnonymousAccess?: boolean | undefined
}

/**
 * Makes a session over the rows of a table, an upload or a completed query.
 *
 * **Details**
 *
 * `POST /tables/:table/readSessions`,
 * `POST /tables/:table/uploads/:upload/readSessions` or
 * `POST /queries/:query/readSessions`.
 * Needs the scope `data.data` unless the table is public.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative, `streams` is below 1, or a name is empty
 * - `BadRequest`: a variable is none of the table's, or the upload or the query has not ended
 * - `QuotaExceeded`: the account may not read as much
 * - `NotFound`: there is no such table or query, or the token may not see it
 *
 * **Example** (Four streams)
 *
 * ```ts
 * import * as ReadSession from "@effect-redivis/core/ReadSession"
 *
 * const session = ReadSession.create({ table: "demo.penguins.birds" }, { streams: 4 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const create = (
  source: Source,
  options?: CreateOptions
): Effect.Effect<ReadSession, CreateError, Redivis> => {
  const body = defined({
    format: options?.format ?? "arrow",
    selectedVariables: options?.variables,
    maxResults: options?.maxResults,
    requestedStreamCount: options?.streams ?? 1,
    allowAnonymousAccess: options?.allowAnonymousAccess
  })
  return onSource<ReadSession, CreateError>(source, {
    table: (redivis, params) => redivis.execute(contract.postByTable, { params, body }),
    upload: (redivis, params) => redivis.execute(contract.postByUpload, { params, body }),
    query: (redivis, params) => redivis.execute(contract.postByQuery, { params, body })
  })
}

/**
 * How a stream is read.
 *
 * @category models
 * @since 0.1.0
 */
export interface StreamOptions {
  /**
   * The row to begin at.
   *
   * @default 0
   */
  readonly offset?: number | undefined
  /**
   * Whether the server proves the end by a batch without rows.
   *
   * @default true
   */
  readonly sentinel?: boolean | undefined
}

/**
 * The bytes of one stream, in the session's format.
 *
 * **Details**
 *
 * `GET /readStreams/:stream`. Only the account that made the session may read
 * it, unless it was made with `allowAnonymousAccess`.
 *
 * **Failures**
 *
 * - `InvalidInput`: `offset` is negative
 * - `BadRequest`: the session has expired (it lives for 6 hours), or `offset` lies behind the last row
 * - `QuotaExceeded`: the account may not read as much
 * - `NotFound`: there is no such stream, or it is another account's
 *
 * **Example** (Read it with Arrow)
 *
 * ```ts
 * import * as Arrow from "@effect-redivis/core/Arrow"
 * import * as ReadSession from "@effect-redivis/core/ReadSession"
 *
 * const batches = Arrow.readStream(ReadSession.bytes("stream-id"), { sentinel: true })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const bytes = (
  stream: string | { readonly id: string },
  options?: StreamOptions
): Stream.Stream<Uint8Array, StreamError, Redivis> =>
  Stream.unwrap(Redivis.useSync((redivis) =>
    bytesOf(redivis, contract.getStream, {
      params: { stream: idOf(stream) },
      query: defined({ offset: options?.offset, eosSentinel: options?.sentinel ?? true })
    })
  ))

/**
 * Where reading rows stands, as data: it travels to another process, which goes
 * on with {@link resume}.
 *
 * @category models
 * @since 0.1.0
 */
export const Position: Schema.Codec<Rows.Position> = contractPosition
/**
 * @category models
 * @since 0.1.0
 */
export interface Position extends Rows.Position {}

/**
 * Goes on with the rows that `Table.rows`, `Query.rows` or `Upload.rows` had not
 * handed on when they failed.
 *
 * **Details**
 *
 * `GET /readStreams/:stream` from where each stream stands. The position is the
 * failure's `resume`; it holds no credentials, and only the account that began
 * may go on. Values are given as they were before. A session lives for 6 hours.
 *
 * **Failures**
 *
 * - `BadRequest`: the session has expired
 * - `NotFound`: the session is not there any more, or it is another account's
 * - `IntegrityError`: the rows that came are not all
 *
 * **Example** (Later)
 *
 * ```ts
 * import * as ReadSession from "@effect-redivis/core/ReadSession"
 * import * as Schema from "effect/Schema"
 *
 * const rest = (text: string) => ReadSession.resume(Schema.decodeUnknownSync(ReadSession.Position)(JSON.parse(text)))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const resume = (
  position: Position,
  options?: { readonly batchSize?: number | undefined }
): Stream.Stream<Rows.Row<Rows.Values>, Rows.RowsError, Redivis> => Rows.resume(position, options)
