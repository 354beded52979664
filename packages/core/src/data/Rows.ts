/**
 * Rows of tables, uploads and queries: a read session, its streams, their
 * batches, and the rows in them as objects.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { bytes } from "../client/bytes.ts"
import { defined } from "../client/defined.ts"
import { respond, type ResponseOptions as HandedOn } from "../client/handOn.ts"
import { executor, type Redivis } from "../client/service.ts"
import { onTable, type Source } from "../client/resolve.ts"
import type * as Operation from "../contract/Operation.ts"
import type { Position, StreamDescriptor } from "../contract/position.ts"
import type { Common, InvalidInput } from "../contract/RedivisError.ts"
import type * as Reference from "../contract/Reference.ts"
import * as query from "../contract/query.ts"
import * as table from "../contract/table.ts"
import type { Batch } from "./Arrow.ts"
import * as Columns from "./Columns.ts"
import type { SizeOf } from "./estimate.ts"
import { arrangedBatches } from "./rows/batches.ts"
import { begin, beginningOf, checkShape, readOn } from "./rows/begin.ts"
import { batchesFrom, going, rowsFrom, rowsOf } from "./rows/read.ts"
import type { Reading, RowsError, Shape } from "./rows/reading.ts"
import { refused } from "./rows/select.ts"
import { fromServer, streamsOfServer } from "./rows/source.ts"
import type { Row, Values } from "./rowValues.ts"

export type { Source } from "../client/resolve.ts"
export type { Position, StreamDescriptor } from "../contract/position.ts"
export type { RowsError } from "./rows/reading.ts"
export type { Row, Value, Values } from "./rowValues.ts"
export type { EstimateError, Size, SizeOf } from "./estimate.ts"

/**
 * What is read, and how many streams at a time.
 *
 * @category models
 * @since 0.1.0
 */
export interface BatchesOptions {
  /** In the order that is wanted, whatever their letters' case; all where it is not given. */
  readonly variables?: ReadonlyArray<string> | undefined
  /** Rows at most. */
  readonly maxResults?: number | undefined
  /** Rows that there may be: where there are more, none is read and the call is refused (`InvalidInput`). */
  readonly maxRows?: number | undefined
  /**
   * Bytes that the rows may take in the service, all variables counted: where
   * they take more, none is read and the call is refused (`InvalidInput`). Costs
   * one request.
   */
  readonly maxBytes?: number | undefined
  /**
   * Whether rows come in the order of the streams, one after the other. In the
   * order in which they come, several streams are read at a time.
   *
   * @default true
   */
  readonly ordered?: boolean | undefined
  /**
   * Streams that the session is asked for, which may make fewer, or more where
   * a table has several uploads. So many are read at a time where the order does
   * not matter, but no more than the runtime has connections for.
   *
   * @default 1 in order; else up to 4, one for every 50,000 rows
   */
  readonly streams?: number | undefined
  /**
   * What to do when the session has expired before all was read: makes a new one
   * that gives the same rows in the same order, as `ReadSession.renew` does.
   *
   * @default the failure that the server answers
   */
  readonly onExpiry?: Renew | undefined
}

/**
 * Gives a position of another session from that of one that has expired: its
 * streams stand where those of the old one stood, in their order.
 *
 * @category models
 * @since 0.1.0
 */
export type Renew = (position: Position) => Effect.Effect<Position, RowsError, Redivis>

/**
 * How rows and their values are given.
 *
 * @category models
 * @since 0.1.0
 */
export interface ShapeOptions<V extends Values = {}, A = Row<V>> {
  /** How integers, dates and times are given. */
  readonly values?: V | undefined
  /**
   * Rows that are handed on together at most.
   *
   * @default 512
   */
  readonly batchSize?: number | undefined
  /** Decodes each row as `values` gives it, without waiting for anything; the rows are what it makes of them. */
  readonly schema?: Schema.Decoder<A> | undefined
}

/**
 * Which rows are read, and how they and their values are given.
 *
 * @category models
 * @since 0.1.0
 */
export interface RowsOptions<V extends Values = {}, A = Row<V>> extends BatchesOptions, ShapeOptions<V, A> {}

/** The rows of a source as objects. */
export const rows = <const V extends Values = {}, A = Row<V>>(
  source: Source,
  size: SizeOf,
  options?: RowsOptions<V, A>
): Stream.Stream<A, RowsError, Redivis> =>
  Stream.unwrap(Effect.map(fromServer(source), (from) => rowsFrom<V, A>(from, size, options)))

/** The rows of a source as batches of columns. */
export const batches = (
  source: Source,
  size: SizeOf,
  options?: BatchesOptions
): Stream.Stream<Batch, RowsError, Redivis> =>
  Stream.unwrap(Effect.map(fromServer(source), (from) => batchesFrom(from, size, options)))

/**
 * What is read, and which arrays it comes in.
 *
 * @category models
 * @since 0.1.0
 */
export interface ColumnsOptions<V extends Columns.Values = {}> extends BatchesOptions {
  /** Which arrays whole numbers come in. */
  readonly values?: V | undefined
}

/** The rows of a source column by column. */
export const columns = <const V extends Columns.Values = {}>(
  source: Source,
  size: SizeOf,
  options?: ColumnsOptions<V>
): Effect.Effect<Columns.Columns<V>, RowsError, Redivis> =>
  Effect.gen(function*() {
    const { values, ...which } = options ?? {}
    const from = yield* fromServer(source)
    const position = yield* begin(from, size, which)
    const { variables } = position
    const batches = yield* readOn(
      from,
      position,
      (variables) => ({ ...arrangedBatches(variables), reusesMemory: true }),
      going(position, which)
    )
    return yield* Columns.fromBatches<RowsError, never, V>(batches, { values, variables })
  }).pipe(Effect.scoped)

/** Goes on at the server from where a reading stands. */
const readOnAtServer = <A>(
  position: Position,
  shapeOf: (variables: Reading["variables"]) => Shape<A>,
  options?: Pick<BatchesOptions, "onExpiry">
) => Effect.flatMap(streamsOfServer, (streams) => readOn(streams, position, shapeOf, options))

/** How a reading goes on. */
export type ResumeOptions<A> = Pick<BatchesOptions, "onExpiry"> & Omit<ShapeOptions<Values, A>, "values">

/** Goes on from where a reading broke; the values are converted as the position says. */
export const resume = <A = Row<Values>>(
  position: Position,
  options?: ResumeOptions<A>
): Stream.Stream<A, RowsError, Redivis> => {
  const shape: ShapeOptions<Values, A> = { ...options, values: position.values }
  return Stream.unwrap(Effect.andThen(checkShape(shape), readOnAtServer(position, rowsOf<A>(shape), options)))
}

const checkFormat = ({ format }: StreamDescriptor): Effect.Effect<void, InvalidInput> =>
  format === undefined ? Effect.void : refused("stream", `is ${format}: only Arrow is read as rows, the rest as bytes`)

/** The rows of one stream of a session as objects. */
export const streamRows = <const V extends Values = {}, A = Row<V>>(
  stream: StreamDescriptor,
  options?: ShapeOptions<V, A>
): Stream.Stream<A, RowsError, Redivis> =>
  checkFormat(stream).pipe(
    Effect.andThen(checkShape(options)),
    Effect.andThen(readOnAtServer(beginningOf(stream, options?.values), rowsOf<A>(options))),
    Stream.unwrap
  )

/** The rows of one stream of a session as batches of columns. */
export const streamBatches = (stream: StreamDescriptor): Stream.Stream<Batch, RowsError, Redivis> =>
  Stream.unwrap(
    Effect.andThen(checkFormat(stream), readOnAtServer(beginningOf(stream, undefined), arrangedBatches))
  )

/**
 * What {@link tableBytes} fails with.
 *
 * @category errors
 * @since 0.1.0
 */
export type BytesError = Common | Operation.Failure<typeof table.listRows>

/**
 * What {@link queryBytes} fails with.
 *
 * @category errors
 * @since 0.1.0
 */
export type QueryBytesError = Common | Operation.Failure<typeof query.listRows>

/**
 * Which rows are read as bytes.
 *
 * @category models
 * @since 0.1.0
 */
export interface BytesOptions {
  /** In the order that is wanted; all where it is not given. */
  readonly variables?: ReadonlyArray<string> | undefined
  /** Rows at most. */
  readonly maxResults?: number | undefined
}

/**
 * A format of rows as bytes.
 *
 * @category models
 * @since 0.1.0
 */
export type Format = "csv" | "jsonl" | "arrow"

/** What is asked for. */
const asked = (format: Format, options: BytesOptions | undefined) =>
  defined({ format, selectedVariables: options?.variables, maxResults: options?.maxResults })

/** The rows of a query's result in one answer, as bytes of a format. */
export const queryBytes = (
  id: string,
  format: Format,
  options?: BytesOptions
): Stream.Stream<Uint8Array, QueryBytesError, Redivis> =>
  Stream.unwrap(
    Effect.map(executor, (redivis) =>
      bytes(redivis, query.listRows, { params: { query: id }, query: asked(format, options) }))
  )

/** The rows of a table in one answer, as bytes of a format. */
export const tableBytes = (
  reference: Reference.TableInput,
  format: Format,
  options?: BytesOptions
): Stream.Stream<Uint8Array, BytesError, Redivis> =>
  Stream.unwrap(
    onTable<Stream.Stream<Uint8Array, BytesError>, never>(reference, (redivis, reference) =>
      Effect.succeed(bytes(redivis, table.listRows, {
        params: { table: reference },
        query: asked(format, options)
      })))
  )

/**
 * Which rows a `Response` has, in which format, and whether its body is watched.
 *
 * @category models
 * @since 0.1.0
 */
export interface ResponseOptions extends BytesOptions, HandedOn {
  /**
   * @default "csv"
   */
  readonly format?: Format | undefined
}

/** The rows of a query's result in one answer, as a `Response`. */
export const queryResponse = (
  id: string,
  options?: ResponseOptions
): Effect.Effect<Response, QueryBytesError, Redivis> =>
  Effect.flatMap(executor, (redivis) =>
    respond(
      redivis,
      query.listRows,
      { params: { query: id }, query: asked(options?.format ?? "csv", options) },
      options
    ))

/** The rows of a table in one answer, as a `Response`. */
export const tableResponse = (
  reference: Reference.TableInput,
  options?: ResponseOptions
): Effect.Effect<Response, BytesError, Redivis> =>
  onTable<Response, BytesError>(reference, (redivis, reference) =>
    respond(
      redivis,
      table.listRows,
      { params: { table: reference }, query: asked(options?.format ?? "csv", options) },
      options
    ))
