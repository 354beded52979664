/**
 * Read sessions: rows in several streams of an Arrow IPC each.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { executor, type Redivis } from "../client/service.ts"
import type * as Operation from "../contract/Operation.ts"
import * as RedivisError from "../contract/RedivisError.ts"
import * as position from "../contract/position.ts"
import * as contract from "../contract/readSession.ts"
import type { Variable } from "../contract/variable.ts"
import { bytes as bytesOf } from "../client/bytes.ts"
import { defined } from "../client/defined.ts"
import { idOf, type Source } from "../client/resolve.ts"
import { strictly } from "../client/region.ts"
import type { Batch } from "../data/Arrow.ts"
import { checkNames } from "../data/rows/select.ts"
import { fromServer, type SessionError } from "../data/rows/source.ts"
import * as Rows from "../data/Rows.ts"

export type { Source } from "../client/resolve.ts"
export type { SessionError as CreateError } from "../data/rows/source.ts"

/**
 * One stream of a session, as data: another process with credentials of the same
 * account reads it with {@link readStream}.
 *
 * @category models
 * @since 0.1.0
 */
export const StreamDescriptor: Schema.Codec<StreamDescriptor> = position.StreamDescriptor
/**
 * @category models
 * @since 0.1.0
 */
export interface StreamDescriptor extends position.StreamDescriptor {}

/**
 * A session: how many rows it has, and its streams. It lives for six hours.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReadSession extends Omit<contract.ReadSession, "streams"> {
  readonly streams: ReadonlyArray<StreamDescriptor>
}

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

/** The variables that the server has taken, by the table's own spelling. */
const inOrder = (
  known: ReadonlyArray<Variable>,
  wanted: ReadonlyArray<string> | undefined
): ReadonlyArray<Variable> => {
  const byName = new Map(known.map((variable) => [variable.name.toLowerCase(), variable]))
  return wanted?.flatMap((name) => byName.get(name.toLowerCase()) ?? []) ?? known
}

/**
 * Makes a session over the rows of a table, an upload or a completed query. Its
 * streams can be read by this program or by others, one or many at a time.
 *
 * **Details**
 *
 * `POST /tables/:table/readSessions`,
 * `POST /tables/:table/uploads/:upload/readSessions` or
 * `POST /queries/:query/readSessions`, then the variables, which the streams'
 * descriptors hold. Needs the scope `data.data` unless the table is public.
 * Only the account that made a session may read its streams, or anyone where
 * `allowAnonymousAccess` says so.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative, `streams` is below 1, or a name is
 *   empty or there twice
 * - `BadRequest`: a variable is none of the table's, or the upload or the query has not ended
 * - `QuotaExceeded`: the account may not read as much
 * - `Forbidden`: the account may see the table, but not read its rows
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
): Effect.Effect<ReadSession, SessionError, Redivis> => {
  return Effect.gen(function*() {
    yield* checkNames(options?.variables)
    const maxResults = options?.maxResults
    const format = options?.format ?? "arrow"
    const from = yield* fromServer(source)
    const { at, session } = yield* from.session(defined({
      format,
      selectedVariables: options?.variables,
      maxResults,
      requestedStreamCount: options?.streams ?? 1,
      allowAnonymousAccess: options?.allowAnonymousAccess
    }))
    const createdAt = yield* Clock.currentTimeMillis
    const known = yield* from.variables
    const variables = inOrder(known, options?.variables).map(({ name, type }) => ({ name, type }))
    const { numRows } = session
    return {
      ...session,
      streams: session.streams.map(({ estimatedRows, id }): StreamDescriptor =>
        defined({
          id,
          format: format === "arrow" ? undefined : format,
          estimatedRows: estimatedRows ?? undefined,
          source: at,
          variables,
          numRows,
          maxResults,
          createdAt
        })
      )
    }
  }).pipe(strictly)
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
  Stream.unwrap(Effect.map(executor, (redivis) =>
    bytesOf(redivis, contract.getStream, {
      params: { stream: idOf(stream) },
      query: defined({ offset: options?.offset, eosSentinel: options?.sentinel ?? true })
    })))

/**
 * The rows of one stream of a session, wherever it was made.
 *
 * **Details**
 *
 * `GET /readStreams/:stream`. Reads as `Table.rows` does: it goes on over breaks
 * from the first row that was not handed on, and its end is proved. How many
 * rows a stream has is known only of all streams of a session together, as
 * `numRows`: who must know that none is missing adds them up.
 *
 * **Failures**
 *
 * - `InvalidInput`: the stream is CSV or lines of JSON, which {@link bytes} reads
 * - `BadRequest`: the session has expired (it lives for 6 hours)
 * - `CoercionError`: a value does not fit its variable's type or `values`
 * - `IntegrityError`: the end of the stream is missing
 * - `NotFound`: there is no such stream, or it is another account's
 *
 * **Example** (In another process)
 *
 * ```ts
 * import * as ReadSession from "@effect-redivis/core/ReadSession"
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 * import * as Stream from "effect/Stream"
 *
 * const texts = ReadSession.create({ table: "demo.penguins.birds" }, { streams: 8 }).pipe(
 *   Effect.map(({ streams }) => streams.map((stream) => JSON.stringify(stream)))
 * )
 * const rowsOf = (text: string) =>
 *   Schema.decodeUnknownEffect(ReadSession.StreamDescriptor)(JSON.parse(text)).pipe(
 *     Effect.map((stream) => ReadSession.readStream(stream)),
 *     Stream.unwrap
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const readStream = <const V extends Rows.Values = {}, A = Rows.Row<V>>(
  stream: StreamDescriptor,
  options?: Rows.ShapeOptions<V, A>
): Stream.Stream<A, Rows.RowsError, Redivis> => Rows.streamRows(stream, options)

/**
 * The rows of one stream as batches of columns.
 *
 * **Details**
 *
 * Reads as {@link readStream} does.
 *
 * **Failures**
 *
 * - `InvalidInput`: the stream is CSV or lines of JSON, which {@link bytes} reads
 * - `BadRequest`: the session has expired (it lives for 6 hours)
 * - `CoercionError`: a value does not fit its variable's type
 * - `IntegrityError`: the end of the stream is missing
 * - `NotFound`: there is no such stream, or it is another account's
 *
 * **Example** (Rows of a stream)
 *
 * ```ts
 * import * as ReadSession from "@effect-redivis/core/ReadSession"
 * import * as Stream from "effect/Stream"
 *
 * const count = (stream: ReadSession.StreamDescriptor) =>
 *   ReadSession.streamBatches(stream).pipe(Stream.runFold(() => 0, (sum, { numRows }) => sum + numRows))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const streamBatches = (stream: StreamDescriptor): Stream.Stream<Batch, Rows.RowsError, Redivis> =>
  Rows.streamBatches(stream)

/**
 * Where reading rows stands, as data: it travels to another process, which goes
 * on with {@link resume}.
 *
 * @category models
 * @since 0.1.0
 */
export const Position: Schema.Codec<Position> = position.Position
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
 * may go on. Values are given as they were before. A session lives for 6 hours;
 * with `onExpiry` a new one stands for it.
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
export const resume = <A = Rows.Row<Rows.Values>>(
  position: Position,
  options?: Rows.ResumeOptions<A>
): Stream.Stream<A, Rows.RowsError, Redivis> => Rows.resume(position, options)

/**
 * A new session in place of one that has expired, at the rows that were not
 * handed on yet.
 *
 * **Details**
 *
 * `POST …/readSessions` with the variables, the limit and the number of streams
 * of the old one. Given as the option `onExpiry` it makes a reading of more than
 * 6 hours go on by itself. It rests on the rows being the same in the same
 * order, as those of a released version are where the service gives them so;
 * streams that are of other sizes than before are refused. The rows of a draft
 * may have changed: read those anew.
 *
 * **Failures**
 *
 * - `IntegrityError`: the new session has other rows or streams than the old one
 * - `QuotaExceeded`: the account may not read as much
 * - `Forbidden`: the account may see the table, but not read its rows
 * - `NotFound`: there is no such table or query any more, or the token may not see it
 *
 * **Example** (As long as it takes)
 *
 * ```ts
 * import * as ReadSession from "@effect-redivis/core/ReadSession"
 * import * as Table from "@effect-redivis/core/Table"
 *
 * const rows = Table.rows("demo.penguins:v1.0.birds", { onExpiry: ReadSession.renew })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const renew = (position: Position): Effect.Effect<Position, Rows.RowsError, Redivis> =>
  Effect.gen(function*() {
    const { maxResults, numRows, source, streams, variables } = position
    if (position.partial === true) {
      return yield* Effect.fail(
        new RedivisError.InvalidInput({
          field: "position",
          reason: "is of one stream, whose rows are known by its session alone: make a new session, and read it whole"
        })
      )
    }
    const from = yield* fromServer(source)
    const { session } = yield* from.session(defined({
      format: "arrow",
      selectedVariables: variables.map(({ name }) => name),
      maxResults,
      requestedStreamCount: streams.length || 1
    }))
    const differs = (had: string, has: string) =>
      Effect.fail(
        new RedivisError.IntegrityError({
          operation: contract.postByTable.name,
          reason: "RowCount",
          detail: `the session that expired has ${had}, and the one in its place ${has}`
        })
      )
    if (session.numRows !== numRows) return yield* differs(`${numRows} rows`, `${session.numRows}`)
    if (session.streams.length !== streams.length) {
      return yield* differs(`${streams.length} streams`, `${session.streams.length}`)
    }
    const renewed: Array<Position["streams"][number]> = []
    for (const [index, stream] of streams.entries()) {
      const { estimatedRows, id } = session.streams[index]!
      if ((estimatedRows ?? undefined) !== stream.estimatedRows) {
        return yield* differs(
          `${stream.estimatedRows ?? "unknown"} rows in its stream ${index + 1}`,
          `${estimatedRows ?? "unknown"}`
        )
      }
      renewed.push({ ...stream, id })
    }
    return { ...position, createdAt: yield* Clock.currentTimeMillis, streams: renewed }
  })
