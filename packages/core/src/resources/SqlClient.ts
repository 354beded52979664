/**
 * Effect's `SqlClient` over the tables of Redivis, so that `SqlSchema`,
 * `SqlResolver` and statements work as with any database. It reads alone: what
 * would write fails before any request.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Duration from "effect/Duration"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Result from "effect/Result"
import * as Client from "effect/sql/SqlClient"
import type * as Connection from "effect/sql/SqlConnection"
import * as SqlError from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { executor, Redivis } from "../client/service.ts"
import { wordThatWrites } from "../client/sql/reader.ts"
import { makeCompiler, type Sent } from "../client/sql/statement.ts"
import { InvalidInput, type RedivisError } from "../contract/RedivisError.ts"
import type { Values } from "../data/Rows.ts"
import * as Query from "./Query.ts"

/**
 * How the statements of a client are run.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Query.CreateOptions {
  /** How integers, dates and times are given. `SqlClient.SafeIntegers` makes integers `bigint` too. */
  readonly values?: Values | undefined
  /**
   * How long a statement may take until its rows come; then it fails, with a `StatementTimeoutError` as its reason.
   *
   * @default no limit
   */
  readonly deadline?: Duration.Input | undefined
  /**
   * How long the server may hold back its first answer for a query that ends soon, at most a minute.
   *
   * @default nothing
   */
  readonly timeout?: Duration.Input | undefined
}

type Reason = SqlError.SqlErrorReason

/** Which of the reasons that all databases share an error is; the error itself is its cause. */
const reasonOf = (error: RedivisError, operation: string): Reason => {
  const fields = { cause: error, message: error.message, operation }
  switch (error._tag) {
    case "Unauthorized":
      return new SqlError.AuthenticationError(fields)
    case "Forbidden":
    case "InsufficientScope":
      return new SqlError.AuthorizationError(fields)
    case "TransportError":
    case "TooManyRequests":
    case "InternalServerError":
    case "ServiceUnavailable":
      return new SqlError.ConnectionError(fields)
    case "DeadlineExceeded":
      return new SqlError.StatementTimeoutError(fields)
    // as databases have it: a text with a mistake, and a table that is not there
    case "NotFound":
      return new SqlError.SqlSyntaxError(fields)
    case "JobFailed":
      return error.position === undefined ? new SqlError.UnknownError(fields) : new SqlError.SqlSyntaxError(fields)
    default:
      return new SqlError.UnknownError(fields)
  }
}

const toSqlError = (operation: string) => (error: RedivisError): SqlError.SqlError =>
  new SqlError.SqlError({ reason: reasonOf(error, operation) })

const refusal = (field: string, reason: string): InvalidInput => new InvalidInput({ field, reason })

const readOnly = (sent: Sent): Sent =>
  Result.flatMap(sent, (text) => {
    const word = wordThatWrites(text)
    return word === undefined
      ? Result.succeed(text)
      : Result.fail(refusal("sql", `has a statement that begins with ${word}, and this client only reads`))
  })

/** Values in the order of the result's columns, which objects do not keep for names that are whole numbers. */
const valuesOf = (query: Query.Query, rows: ReadonlyArray<Query.Row>): ReadonlyArray<ReadonlyArray<unknown>> => {
  const names = query.outputSchema?.map(({ name }) => name)
  return rows.map((row) => names === undefined ? Object.values(row) : names.map((name) => row[name]))
}

/**
 * Makes the client.
 *
 * **Details**
 *
 * A client of its own for each set of options; {@link layer} is what programs
 * take.
 *
 * **Example** (Two clients at once)
 *
 * ```ts
 * import * as SqlClient from "@effect-redivis/core/SqlClient"
 * import * as Effect from "effect/Effect"
 *
 * const both = Effect.gen(function*() {
 *   const penguins = yield* SqlClient.make({ defaultDataset: "demo.penguins" })
 *   const weather = yield* SqlClient.make({ defaultDataset: "demo.ghcn_daily_weather_data" })
 *   return yield* Effect.all([penguins`select count(*) as n from birds`, weather`select count(*) as n from stations`])
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: Options = {}
): Effect.Effect<Client.SqlClient, never, Redivis | Reactivity.Reactivity> =>
  Effect.gen(function*() {
    const redivis = yield* executor
    const { compiler, sentFor } = makeCompiler()
    const { defaultDataset, defaultWorkflow, deadline, timeout } = options

    const run = (operation: string, sql: string, params: ReadonlyArray<unknown>) => {
      const text = readOnly(sentFor(sql, params))
      return Result.isFailure(text)
        ? Effect.fail(toSqlError(operation)(text.failure))
        : Query.run(text.success, { defaultDataset, defaultWorkflow, deadline, timeout }).pipe(
          Effect.provideService(Redivis, redivis),
          Effect.mapError(toSqlError(operation))
        )
    }

    const rowsOf = (operation: string, query: Query.Query): Stream.Stream<Query.Row<Values>, SqlError.SqlError> =>
      Stream.unwrap(Effect.map(Client.SafeIntegers, (isSafe) =>
        Query.rows<Values>(query, { values: isSafe ? { ...options.values, integer: "bigint" } : options.values })))
        .pipe(
          Stream.provideService(Redivis, redivis),
          Stream.mapError(toSqlError(operation))
        )

    type TransformRows = Parameters<Connection.Connection["execute"]>[2]

    const execute = (sql: string, params: ReadonlyArray<unknown>, transformRows: TransformRows) =>
      Effect.flatMap(run("execute", sql, params), (query) =>
        Effect.map(
          Stream.runCollect(rowsOf("execute", query)),
          (rows) =>
            transformRows === undefined ? rows : transformRows(rows)
        ))

    const executeValues = (sql: string, params: ReadonlyArray<unknown>) =>
      Effect.flatMap(
        run("executeValues", sql, params),
        (query) => Effect.map(Stream.runCollect(rowsOf("executeValues", query)), (rows) => valuesOf(query, rows))
      )

    const connection: Connection.Connection = {
      execute,
      executeUnprepared: execute,
      executeRaw: (sql, params) => run("executeRaw", sql, params),
      executeStream: (sql, params, transformRows) =>
        Stream.unwrap(Effect.map(run("executeStream", sql, params), (query) => {
          const rows = rowsOf("executeStream", query)
          return transformRows === undefined ? rows : Stream.mapArray(rows, transformRows as <A>(rows: A) => A)
        })),
      executeValues,
      executeValuesUnprepared: executeValues
    }

    const client = yield* Client.make({
      acquirer: Effect.succeed(connection),
      compiler,
      driver: "redivis",
      spanAttributes: [["db.system.name", "redivis"]]
    })
    return Object.assign(client, {
      withTransaction: () =>
        Effect.fail(
          toSqlError("withTransaction")(
            refusal("withTransaction", "has nothing to do: the service has no transactions, and this client only reads")
          )
        )
    })
  })

/**
 * Effect's `SqlClient` over the account of the `Redivis` layer, to read with.
 *
 * **Details**
 *
 * A statement is `POST /queries`, `GET /queries/:query` until it is completed,
 * and the reading of its rows. Each is a query of its own: put together in SQL
 * what belongs together. `stream` hands on rows as they come; `raw` gives the
 * completed `Query` itself, whose rows are read when and where they are wanted.
 *
 * The values in a template are quoted as by `Query.sql`, and what that takes is
 * taken here too: references, arrays (`in unnest(${ids})`), parts. Names
 * (`sql("demo.penguins.birds")`) are written in backticks, whole. Spans have
 * the text with `?` in place of the values.
 *
 * `onDialect` takes the branch of `mysql`, the nearest that Effect knows.
 *
 * **Failures**
 *
 * Statements fail with `SqlError`, whose reason has the error of this library as
 * its cause. Before any request fail: a value that cannot be quoted, `unsafe`
 * with parameters, whatever does more than read, and `withTransaction`.
 *
 * **Example** (Rows of a schema)
 *
 * ```ts
 * import * as SqlClient from "@effect-redivis/core/SqlClient"
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 * import * as Schema from "effect/Schema"
 * import * as Sql from "effect/sql/SqlClient"
 * import * as SqlSchema from "effect/sql/SqlSchema"
 *
 * const heavier = Effect.fnUntraced(function*(mass: number) {
 *   const sql = yield* Sql.SqlClient
 *   const find = SqlSchema.findAll({
 *     Request: Schema.Number,
 *     Result: Schema.Struct({ species: Schema.String, mean: Schema.Number }),
 *     execute: (mass) => sql`
 *       select species, avg(body_mass_g) as mean from ${sql("demo.penguins.birds")}
 *       where body_mass_g > ${mass} group by species`
 *   })
 *   return yield* find(mass)
 * })
 *
 * const redivis = Redivis.layerFetch({ token: Redacted.make("a token") })
 *
 * const program = heavier(4000).pipe(Effect.provide(SqlClient.layer().pipe(Layer.provide(redivis))))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<Client.SqlClient, never, Redivis> =>
  Layer.effect(Client.SqlClient, make(options)).pipe(Layer.provide(Reactivity.layer))
