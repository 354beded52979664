/**
 * SQL queries. A query that was created is its own handle: it serialises, and
 * its id serves to wait for it and to read its rows in another process.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import * as jobs from "../client/jobs.ts"
import type { Sql } from "../client/sql/template.ts"
import { type Redivis, withExecutor } from "../client/service.ts"
import type * as Operation from "../contract/Operation.ts"
import * as RedivisError from "../contract/RedivisError.ts"
import * as contract from "../contract/query.ts"
import type * as Reference from "../contract/Reference.ts"
import type { Batch } from "../data/Arrow.ts"
import type * as Columns from "../data/Columns.ts"
import { ofQuery } from "../data/estimate.ts"
import * as Rows from "../data/Rows.ts"
import { idOf, onScope } from "../client/resolve.ts"

export type { JobError, WaitOptions } from "../client/jobs.ts"
export { type Identifier, identifier, type Scalar, type Temporal } from "../client/sql/literal.ts"
export { type Sql, sql, toText, type Value } from "../client/sql/template.ts"
export type {
  BatchesOptions,
  BytesOptions,
  ColumnsOptions,
  QueryBytesError as BytesError,
  Row,
  RowsError,
  RowsOptions,
  Values
} from "../data/Rows.ts"

/**
 * A query and its handle.
 *
 * @category models
 * @since 0.1.0
 */
export interface Query extends contract.Query {}
/**
 * The handle as data: it travels as JSON to another process, which waits on.
 *
 * @category models
 * @since 0.1.0
 */
export const Query: Schema.Codec<Query> = contract.Query

/**
 * @category errors
 * @since 0.1.0
 */
export type CreateError = RedivisError.Common | Operation.Failure<typeof contract.post>
/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = RedivisError.Common | Operation.Failure<typeof contract.get>
/**
 * @category errors
 * @since 0.1.0
 */
export type WaitError = GetError | jobs.JobError
/**
 * @category errors
 * @since 0.1.0
 */
export type RunError = CreateError | WaitError

/**
 * Where unqualified names of a query are looked for. Without one, the client's
 * default dataset or workflow is used.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateOptions {
  /** Not beside `defaultWorkflow`. */
  readonly defaultDataset?: Reference.DatasetInput | undefined
  readonly defaultWorkflow?: Reference.WorkflowInput | undefined
}

const start = (
  sql: string | Sql,
  options: CreateOptions | undefined,
  timeoutMs: number
): Effect.Effect<Query, CreateError, Redivis> => {
  const text = typeof sql === "string" ? Result.succeed(sql) : sql.text
  return Result.isFailure(text)
    ? Effect.fail(text.failure)
    : onScope(
      options,
      (redivis, scope) => redivis.execute(contract.post, { body: { query: text.success, timeoutMs, ...scope } })
    )
}

/**
 * Starts a query and returns at once.
 *
 * **Details**
 *
 * `POST /queries`. The text is GoogleSQL with table references in backticks;
 * values are put into it by {@link sql}. How long it may be the server decides,
 * whose documentation says 256k characters. Needs the scope `data.data` for every
 * table. A request whose answer was lost is not repeated, since it may have
 * started.
 *
 * **Failures**
 *
 * - `InvalidInput`: the text is empty or too long, a value in it cannot be
 *   quoted, or both defaults are given
 * - `QuotaExceeded`: the account's compute is used up
 * - `NotFound`: a table does not exist, or the token may not see it
 *
 * **Example** (Start now, read later)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 *
 * const handle = Query.create("select species, count(*) as n from `demo.penguins.birds` group by species")
 * ```
 *
 * @see {@link run} to wait for its end
 * @category operations
 * @since 0.1.0
 */
export const create = (sql: string | Sql, options?: CreateOptions): Effect.Effect<Query, CreateError, Redivis> =>
  start(sql, options, 0)

/**
 * Reads the state of a query.
 *
 * **Details**
 *
 * `GET /queries/:query`.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such query, or it is another account's
 *
 * **Example** (How it stands)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 *
 * const query = Query.get("1234")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (query: string | Query): Effect.Effect<Query, GetError, Redivis> =>
  withExecutor((redivis) => redivis.execute(contract.get, { params: { query: idOf(query) } }))

/**
 * Waits until a query is completed.
 *
 * **Details**
 *
 * `GET /queries/:query`, with longer and longer pauses. Interrupting it stops
 * asking; the query goes on.
 *
 * **Failures**
 *
 * - `JobFailed`: the query failed; its message says why, and its `position`
 *   where, if the server says it
 * - `JobCancelled`: it was cancelled
 * - `DeadlineExceeded`: `deadline` came first
 * - `NotFound`: there is no such query, or it is another account's
 *
 * **Example** (In another process)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 *
 * const done = Query.wait("1234", { deadline: "5 minutes" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const wait = (
  query: string | Query,
  options?: jobs.WaitOptions<Query>
): Effect.Effect<Query, WaitError, Redivis> =>
  withExecutor((redivis) => {
    const id = idOf(query)
    return jobs.wait(
      {
        kind: "query",
        id,
        status: (state: Query) => state.status,
        errorMessage: (state: Query) => state.errorMessage
      },
      typeof query === "string" ? undefined : query,
      redivis.execute(contract.get, { params: { query: id } }),
      options
    )
  })

/**
 * How a query is run.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunOptions extends CreateOptions, jobs.WaitOptions<Query> {
  /**
   * `false` is the same as {@link create}.
   *
   * @default true
   */
  readonly wait?: boolean | undefined
  /**
   * How long the server may hold back its first answer for a query that ends
   * soon, at most a minute. A query that takes longer is asked for as ever. What
   * it costs: where the connection breaks meanwhile, the query's id is lost.
   *
   * @default nothing
   */
  readonly timeout?: Duration.Input | undefined
}

const longestTimeout = 60_000

/** The deadline counts from here, what the server holds back its answer included. */
const startWithin = (
  sql: string | Sql,
  { deadline, timeout, ...options }: RunOptions
): Effect.Effect<jobs.First<Query>, CreateError | RedivisError.DeadlineExceeded, Redivis> =>
  Effect.gen(function*() {
    yield* jobs.checkTime("deadline", deadline)
    yield* jobs.checkTime("timeout", timeout)
    const asked = timeout === undefined ? 0 : Math.ceil(Duration.toMillis(timeout))
    if (asked > longestTimeout) {
      return yield* new RedivisError.InvalidInput({
        field: "timeout",
        reason: "is more than the minute that the server waits; give a deadline to wait longer"
      })
    }
    // an answer that is held back longer would come too late to tell the query's id
    const most = deadline === undefined ? asked : Math.floor(jobs.lastQuestion(Duration.toMillis(deadline)))
    return yield* jobs.first(
      start(sql, options, Math.min(asked, most)),
      deadline,
      () => new RedivisError.DeadlineExceeded({ kind: "query", status: "unknown" })
    )
  })

/**
 * Runs a query to its end.
 *
 * **Details**
 *
 * `POST /queries`, then `GET /queries/:query` until it is completed, with longer
 * and longer pauses. Interrupting it stops asking; the query goes on. The rows
 * come from {@link rows}.
 *
 * **Failures**
 *
 * - `InvalidInput`: the text is empty or too long, a value in it cannot be
 *   quoted, or both defaults are given
 * - `JobFailed`: the query failed; its message says why, and its `position`
 *   where, if the server says it
 * - `JobCancelled`: it was cancelled
 * - `DeadlineExceeded`: `deadline` came first
 * - `QuotaExceeded`: the account's compute is used up
 * - `NotFound`: a table does not exist, or the token may not see it
 *
 * **Example** (Heavy birds)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const heavier = (mass: number) =>
 *   Query.run(Query.sql`select species from \`demo.penguins.birds\` where body_mass_g > ${mass}`).pipe(
 *     Effect.flatMap((query) => Stream.runCollect(Query.rows(query)))
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const run = (sql: string | Sql, options?: RunOptions): Effect.Effect<Query, RunError, Redivis> =>
  options?.wait === false
    ? create(sql, options)
    : Effect.flatMap(
      startWithin(sql, options ?? {}),
      ({ answer, deadline }) => wait(answer, { ...options, deadline })
    )

/**
 * The rows of a completed query, as they come.
 *
 * **Details**
 *
 * `POST /queries/:query/readSessions`, then `GET /readStreams/:stream`. Nothing
 * is lost: a stream that ends without its proof is an error.
 *
 * **Failures**
 *
 * - `BadRequest`: the query has not ended
 * - `CoercionError`: a value does not fit, as an integer beyond 2^53 read as a number
 * - `IntegrityError`: the rows that came are not all
 * - `NotFound`: there is no such query, or it is another account's
 *
 * **Example** (One by one)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const printed = Query.rows("1234").pipe(Stream.runForEach((row) => Effect.log(row)))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const rows = <const V extends Rows.Values = {}, A = Rows.Row<V>>(
  query: string | Query,
  options?: Rows.RowsOptions<V, A>
): Stream.Stream<A, Rows.RowsError, Redivis> => Rows.rows({ query }, ofQuery(query), options)

/**
 * The rows of a completed query as batches of columns, with the typed arrays and the
 * exact values of each.
 *
 * **Details**
 *
 * Reads as {@link rows} does. The columns are those of the variables, in their
 * order; their memory is their own.
 *
 * **Failures**
 *
 * - `CoercionError`: a value does not fit its variable's type
 * - `IntegrityError`: the rows that came are not all
 * - `NotFound`: there is no such query, or it is another account's
 *
 * **Example** (How many rows a batch has)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 * import * as Stream from "effect/Stream"
 *
 * const sizes = Query.batches("1234").pipe(Stream.map((batch) => batch.numRows), Stream.runCollect)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const batches = (
  query: string | Query,
  options?: Rows.BatchesOptions
): Stream.Stream<Batch, Rows.RowsError, Redivis> => Rows.batches({ query }, ofQuery(query), options)

/**
 * The rows of a completed query in one typed array a column, for numeric work and plots.
 *
 * **Details**
 *
 * Reads as {@link rows} does, and as `Columns.fromBatches` collects. Everything
 * is in memory at the end: `maxBytes` and `maxRows` refuse what is too much.
 *
 * **Failures**
 *
 * - `CoercionError`: a value has no place in the array that was chosen
 * - `IntegrityError`: the rows that came are not all
 * - `NotFound`: there is no such query, or it is another account's
 *
 * **Example** (The largest)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 * import * as Effect from "effect/Effect"
 *
 * const heaviest = Query.columns("1234", { variables: ["body_mass_g"] }).pipe(
 *   Effect.map(({ columns: { body_mass_g: mass } }) =>
 *     mass?.type === "integer" ? mass.values.reduce((most, value) => value > most ? value : most) : undefined
 *   )
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const columns = <const V extends Columns.Values = {}>(
  query: string | Query,
  options?: Rows.ColumnsOptions<V>
): Effect.Effect<Columns.Columns<V>, Rows.RowsError, Redivis> => Rows.columns({ query }, ofQuery(query), options)

/**
 * The rows of a completed query as CSV with a header, as bytes.
 *
 * **Details**
 *
 * `GET /queries/:query/rows` with `format=csv`. The text has no proof
 * of its end but the connection's: for data that must be whole, use {@link rows}.
 * The rows come in no promised order.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative or a variable's name empty
 * - `BadRequest`: the query has not ended, or a variable is none of its result's
 * - `QuotaExceeded`: the account may not read as much
 * - `NotFound`: there is no such query, or it is another account's
 *
 * **Example** (As text)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 * import * as Stream from "effect/Stream"
 *
 * const text = Query.csv("1234").pipe(Stream.decodeText(), Stream.mkString)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const csv = (
  query: string | Query,
  options?: Rows.BytesOptions
): Stream.Stream<Uint8Array, Rows.QueryBytesError, Redivis> => Rows.queryBytes(idOf(query), "csv", options)

/**
 * The rows of a completed query as newline-delimited JSON, one object a row by
 * the names of the variables, as bytes.
 *
 * **Details**
 *
 * `GET /queries/:query/rows` with `format=jsonl`. Numbers are numbers with all
 * their digits: `JSON.parse` rounds integers beyond 2^53. The text has no proof
 * of its end but the connection's: for data that must be whole, use {@link rows}.
 * The rows come in no promised order.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative or a variable's name empty
 * - `BadRequest`: the query has not ended, or a variable is none of its result's
 * - `QuotaExceeded`: the account may not read as much
 * - `NotFound`: there is no such query, or it is another account's
 *
 * **Example** (Line by line)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 * import * as Stream from "effect/Stream"
 *
 * const lines = Query.ndjson("1234").pipe(Stream.decodeText(), Stream.splitLines)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const ndjson = (
  query: string | Query,
  options?: Rows.BytesOptions
): Stream.Stream<Uint8Array, Rows.QueryBytesError, Redivis> => Rows.queryBytes(idOf(query), "jsonl", options)

/**
 * The rows of a completed query as an Arrow IPC stream, as raw bytes.
 *
 * **Details**
 *
 * `GET /queries/:query/rows` with `format=arrow`. `Arrow.readStream`
 * reads it and proves its end.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative or a variable's name empty
 * - `BadRequest`: the query has not ended, or a variable is none of its result's
 * - `QuotaExceeded`: the account may not read as much
 * - `NotFound`: there is no such query, or it is another account's
 *
 * **Example** (By columns)
 *
 * ```ts
 * import * as Arrow from "@effect-redivis/core/Arrow"
 * import * as Query from "@effect-redivis/core/Query"
 *
 * const batches = Arrow.readStream(Query.arrow("1234"))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const arrow = (
  query: string | Query,
  options?: Rows.BytesOptions
): Stream.Stream<Uint8Array, Rows.QueryBytesError, Redivis> => Rows.queryBytes(idOf(query), "arrow", options)

/**
 * The rows of a completed query as bytes in a `Response`, once its status and its
 * headers are known: what is wrong before that is a typed failure.
 *
 * **Details**
 *
 * `GET /queries/:query/rows`, as of {@link csv}, {@link ndjson} and {@link arrow}.
 * The body is the runtime's own, which nobody here looks at: it costs what
 * `new Response(response.body)` costs. So `idleTimeout` does not hold on it, a
 * break is not gone on from but breaks it, its bytes are not counted among the
 * answers that are being read, and the span of the call ends with the headers.
 * With `checked: true` it is watched as the stream of {@link csv} is.
 * Read it, give it away, or cancel it (`response.body?.cancel()`): a body that
 * nobody wants holds its connection. Whoever cancels it, as a server does when
 * its visitor leaves, ends the request; workerd sees that at its next byte.
 * It outlives the client's
 * layer, but not the connections of an `HttpClient` that the layer was given.
 *
 * The headers are those that tell of the bytes (`content-type`,
 * `content-length`, `content-disposition`, `content-range`, `accept-ranges`,
 * `etag`, `last-modified`, `cache-control` and the like), without those that are
 * untrue of a body that the runtime decoded; never cookies. A visitor's own
 * `if-none-match` goes along by `Redivis.withHeaders`; a 204 and a 304 have no body.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative or a variable's name empty
 * - `BadRequest`: the query has not ended, or a variable is none of its result's
 * - `QuotaExceeded`: the account may not read as much
 * - `NotFound`: there is no such query, or it is another account's
 *
 * **Example** (At the edge)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Query from "@effect-redivis/core/Query"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const answer = (request: Request, token: string) =>
 *   Query.response("1234", { format: "jsonl" }).pipe(
 *     Effect.catchTag("NotFound", () => Effect.succeed(new Response("no such query", { status: 404 }))),
 *     Effect.provide(Redivis.layerFetch({ token: Redacted.make(token) })),
 *     (effect) => Effect.runPromise(effect, { signal: request.signal })
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const response = (
  query: string | Query,
  options?: Rows.ResponseOptions
): Effect.Effect<Response, Rows.QueryBytesError, Redivis> => Rows.queryResponse(idOf(query), options)
