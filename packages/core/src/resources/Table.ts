/**
 * Tables of datasets and workflows, and their rows.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/service.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import type * as Reference from "../contract/Reference.ts"
import * as contract from "../contract/table.ts"
import type { Batch } from "../data/Arrow.ts"
import type * as Columns from "../data/Columns.ts"
import { type Estimate, estimate as estimateOf, type EstimateError, ofTable } from "../data/estimate.ts"
import * as Rows from "../data/Rows.ts"
import { defined } from "../client/defined.ts"
import { exists as answers } from "./exists.ts"
import { onDataset, onTable, onWorkflow } from "../client/resolve.ts"

export type { Estimate, EstimateError } from "../data/estimate.ts"
export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"
export { ofTable as schemaSource, type SchemaSourceError, type SchemaSourceOptions } from "./schemaSource.ts"
export type {
  BatchesOptions,
  BytesError,
  BytesOptions,
  ColumnsOptions,
  Row,
  RowsError,
  RowsOptions,
  Values
} from "../data/Rows.ts"

/**
 * A table whole.
 *
 * @category models
 * @since 0.1.0
 */
export interface Table extends contract.Table {}

/**
 * A table as it stands in a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface TableListItem extends contract.TableListItem {}

/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = RedivisError.Common | Operation.Failure<typeof contract.get>
/**
 * @category errors
 * @since 0.1.0
 */
export type ExistsError = Exclude<RedivisError.Common | Operation.Failure<typeof contract.head>, RedivisError.NotFound>
/**
 * @category errors
 * @since 0.1.0
 */
export type CreateError = RedivisError.Common | Operation.Failure<typeof contract.post>
/**
 * @category errors
 * @since 0.1.0
 */
export type UpdateError = RedivisError.Common | Operation.Failure<typeof contract.patch>
/**
 * @category errors
 * @since 0.1.0
 */
export type RemoveError = RedivisError.Common | Operation.Failure<typeof contract.delete>
/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = RedivisError.Common | Operation.Failure<typeof contract.listByDataset>

/**
 * Reads one table.
 *
 * **Details**
 *
 * `GET /tables/:table`. Needs the scope `data.overview` unless it is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (How many rows)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Effect from "effect/Effect"
 *
 * const rows = Table.get("demo.penguins.birds").pipe(Effect.map((table) => table.numRows))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (reference: Reference.TableInput): Effect.Effect<Table, GetError, Redivis> =>
  onTable(reference, (redivis, table) => redivis.execute(contract.get, { params: { table } }))

/**
 * Whether the table is there and the token may see it.
 *
 * **Details**
 *
 * `HEAD /tables/:table`. Only a 404 is `false`.
 *
 * **Example** (Look before making)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 *
 * const there = Table.exists("demo.penguins.birds")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (reference: Reference.TableInput): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(onTable(reference, (redivis, table) => redivis.execute(contract.head, { params: { table } })))

/**
 * What a new table is given.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateOptions {
  /** Unique in its dataset; characters that are no word characters do not tell names apart. */
  readonly name: string
  /**
   * What uploads of later versions do: add to the rows of the version before,
   * or stand in their place.
   *
   * @default "append"
   */
  readonly uploadMergeStrategy?: "append" | "replace" | undefined
  /**
   * Whether its rows stand for files.
   *
   * @default false
   */
  readonly isFileIndex?: boolean | undefined
  /** How long it may be, the server says: 2,000 characters when last told. */
  readonly description?: string | null | undefined
}

/**
 * Makes an empty table in a version that is not released.
 *
 * **Details**
 *
 * `POST /datasets/:dataset/tables`. After a first release the reference ends in
 * `:next`. Needs the scope `data.edit`.
 *
 * **Failures**
 *
 * - `InvalidInput`: the name is empty or the description too long
 * - `BadRequest`: the version is released, or has a table of that name
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such dataset, or the token may not see it
 *
 * **Example** (For birds)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 *
 * const table = Table.create("demo.penguins:next", { name: "birds" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const create = (
  dataset: Reference.DatasetInput,
  options: CreateOptions
): Effect.Effect<Table, CreateError, Redivis> =>
  onDataset(dataset, (redivis, dataset) =>
    redivis.execute(contract.post, {
      params: { dataset },
      body: defined({
        name: options.name,
        uploadMergeStrategy: options.uploadMergeStrategy,
        isFileIndex: options.isFileIndex,
        description: options.description
      })
    }))

/**
 * What is changed of a table; what is left out stays as it is.
 *
 * @category models
 * @since 0.1.0
 */
export interface UpdateOptions {
  readonly name?: string | undefined
  /**
   * Only in a version that is not released. `replace` takes away the rows that
   * it has from the version before, at once; `append` brings them back.
   */
  readonly uploadMergeStrategy?: "append" | "replace" | undefined
  /** As long as the server lets it be, 2,000 characters when last told; null takes it away. */
  readonly description?: string | null | undefined
}

/**
 * Changes a table: its name, its description, and what its uploads do to the
 * rows of the version before.
 *
 * **Details**
 *
 * `PATCH /tables/:table`. Name and description may change in released versions
 * too. Needs the scope `data.edit`.
 *
 * **Failures**
 *
 * - `InvalidInput`: the name is empty or the description too long
 * - `BadRequest`: the name is another table's, or the strategy of a released version's table should change
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (Begin anew)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 *
 * const emptied = Table.update("demo.penguins:next.birds", { uploadMergeStrategy: "replace" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const update = (
  reference: Reference.TableInput,
  options: UpdateOptions
): Effect.Effect<Table, UpdateError, Redivis> =>
  onTable(reference, (redivis, table) =>
    redivis.execute(contract.patch, {
      params: { table },
      body: defined({
        name: options.name,
        uploadMergeStrategy: options.uploadMergeStrategy,
        description: options.description
      })
    }))

/**
 * Deletes a table from a version that is not released, with its rows and
 * uploads. Released versions keep theirs.
 *
 * **Details**
 *
 * `DELETE /tables/:table`. Needs the scope `data.edit`. A repeat that finds
 * nothing more is a success.
 *
 * **Failures**
 *
 * - `BadRequest`: the version is released
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (Take it away)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 *
 * const gone = Table.remove("demo.penguins:next.birds")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const remove = (reference: Reference.TableInput): Effect.Effect<void, RemoveError, Redivis> =>
  onTable(reference, (redivis, table) => redivis.execute(contract.delete, { params: { table } }))

/**
 * What holds tables: a dataset, or a workflow where it is said to be one.
 *
 * @category models
 * @since 0.1.0
 */
export type Container = Reference.DatasetInput | { readonly workflow: Reference.WorkflowInput }

/**
 * One page of the tables of a dataset or a workflow.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/tables` or `GET /workflows/:workflow/tables`. The
 * tables of a workflow are those that it made, not those of its data sources;
 * they need the scope `workflow.read` unless it is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such dataset or workflow, or the token may not see it
 * - `BadRequest`: the page token is not the server's
 *
 * **Example** (The first ten of each)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 *
 * const ofDataset = Table.listPage("demo.penguins", { pageSize: 10 })
 * const ofWorkflow = Table.listPage({ workflow: "demo.climate" }, { pageSize: 10 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  container: Container,
  options?: pages.PageOptions
): Effect.Effect<pages.Page<TableListItem>, ListError, Redivis> => {
  const query = pages.pageQuery(options)
  return Effect.map(
    typeof container === "object" && "workflow" in container
      ? onWorkflow(
        container.workflow,
        (redivis, workflow) => redivis.execute(contract.listByWorkflow, { params: { workflow }, query })
      )
      : onDataset(
        container,
        (redivis, dataset) => redivis.execute(contract.listByDataset, { params: { dataset }, query })
      ),
    (page) => pages.pageOf(page)
  )
}

/**
 * All tables of a dataset or a workflow, page after page as they are wanted.
 *
 * **Details**
 *
 * See {@link listPage}.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such dataset or workflow, or the token may not see it
 *
 * **Example** (Their names)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Stream from "effect/Stream"
 *
 * const names = Table.list("demo.penguins").pipe(Stream.map((table) => table.name), Stream.runCollect)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  container: Container,
  options?: pages.ListOptions
): Stream.Stream<TableListItem, ListError, Redivis> =>
  pages.all("tables.list", options, (page) => listPage(container, page))

/**
 * The rows of a table, as they come.
 *
 * **Details**
 *
 * `GET /tables/:table/variables`, `POST /tables/:table/readSessions`, then
 * `GET /readStreams/:stream`. Nothing is lost: a stream that ends without its
 * proof is an error. Needs the scope `data.data` unless the table is public.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative, a variable is none of the table's,
 *   or there is more than `maxRows` or `maxBytes`
 * - `BadRequest`: the session expired before all was read (it lives for 6 hours)
 * - `CoercionError`: a value does not fit, as an integer beyond 2^53 read as a
 *   number, or a column is not stored as its variable's type
 * - `IntegrityError`: the rows that came are not all
 * - `QuotaExceeded`: the account may not read as much
 * - `Forbidden`: the account may see the table, but not read its rows
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (Heavy birds)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Stream from "effect/Stream"
 *
 * const heavy = Table.rows("demo.penguins.birds", { variables: ["species", "body_mass_g"] }).pipe(
 *   Stream.filter((row) => Number(row.body_mass_g) > 5000),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const rows = <const V extends Rows.Values = {}, A = Rows.Row<V>>(
  reference: Reference.TableInput,
  options?: Rows.RowsOptions<V, A>
): Stream.Stream<A, Rows.RowsError, Redivis> => Rows.rows({ table: reference }, ofTable(reference), options)

/**
 * The rows of a table as batches of columns, with the typed arrays and the
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
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (How many rows a batch has)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Stream from "effect/Stream"
 *
 * const sizes = Table.batches("demo.penguins.birds").pipe(Stream.map((batch) => batch.numRows), Stream.runCollect)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const batches = (
  reference: Reference.TableInput,
  options?: Rows.BatchesOptions
): Stream.Stream<Batch, Rows.RowsError, Redivis> => Rows.batches({ table: reference }, ofTable(reference), options)

/**
 * The rows of a table in one typed array a column, for numeric work and plots.
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
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (The largest)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Effect from "effect/Effect"
 *
 * const heaviest = Table.columns("demo.penguins.birds", { variables: ["body_mass_g"] }).pipe(
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
  reference: Reference.TableInput,
  options?: Rows.ColumnsOptions<V>
): Effect.Effect<Columns.Columns<V>, Rows.RowsError, Redivis> =>
  Rows.columns({ table: reference }, ofTable(reference), options)

/**
 * What reading the rows would cost, before it begins.
 *
 * **Details**
 *
 * `GET /tables/:table`.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative, or no whole number
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (Only what is not too much)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Effect from "effect/Effect"
 *
 * const isSmall = Table.estimate("demo.penguins.birds").pipe(Effect.map(({ bytes }) => bytes < 1e9))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const estimate = (
  reference: Reference.TableInput,
  options?: { readonly maxResults?: number | undefined }
): Effect.Effect<Estimate, EstimateError, Redivis> => estimateOf(ofTable(reference), options)

/**
 * The rows as CSV with a header, as bytes.
 *
 * **Details**
 *
 * `GET /tables/:table/rows` with `format=csv`. The text has no proof of its end but
 * the connection's: for data that must be whole, use {@link rows}. A public table
 * of up to 100 MB, or so much of a larger one as `maxResults` has, needs no token.
 * The rows come in no promised order, and in another one the next time.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative or a variable's name empty
 * - `BadRequest`: a variable is none of the table's
 * - `QuotaExceeded`: the account may not read as much
 * - `Forbidden`: the account may see the table, but not read its rows
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (As text)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Stream from "effect/Stream"
 *
 * const text = Table.csv("demo.penguins.birds", { maxResults: 10 }).pipe(Stream.decodeText(), Stream.mkString)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const csv = (
  reference: Reference.TableInput,
  options?: Rows.BytesOptions
): Stream.Stream<Uint8Array, Rows.BytesError, Redivis> => Rows.tableBytes(reference, "csv", options)

/**
 * The rows as newline-delimited JSON, one object a row by the names of the
 * variables, as bytes.
 *
 * **Details**
 *
 * `GET /tables/:table/rows` with `format=jsonl`. Numbers are numbers with all
 * their digits: `JSON.parse` rounds integers beyond 2^53. The text has no proof of
 * its end but the connection's: for data that must be whole, use {@link rows}. A
 * public table of up to 100 MB, or so much of a larger one as `maxResults` has,
 * needs no token. The rows come in no promised order, and in another one the
 * next time.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative or a variable's name empty
 * - `BadRequest`: a variable is none of the table's
 * - `QuotaExceeded`: the account may not read as much
 * - `Forbidden`: the account may see the table, but not read its rows
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (Line by line)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Stream from "effect/Stream"
 *
 * const lines = Table.ndjson("demo.penguins.birds").pipe(Stream.decodeText(), Stream.splitLines)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const ndjson = (
  reference: Reference.TableInput,
  options?: Rows.BytesOptions
): Stream.Stream<Uint8Array, Rows.BytesError, Redivis> => Rows.tableBytes(reference, "jsonl", options)

/**
 * The rows as an Arrow IPC stream, as raw bytes.
 *
 * **Details**
 *
 * `GET /tables/:table/rows` with `format=arrow`. `Arrow.readStream` reads it and proves
 * its end. A public table of up to 100 MB, or so much of a larger one as
 * `maxResults` has, needs no token. The rows come in no promised order, and in
 * another one the next time.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxResults` is negative or a variable's name empty
 * - `BadRequest`: a variable is none of the table's
 * - `QuotaExceeded`: the account may not read as much
 * - `Forbidden`: the account may see the table, but not read its rows
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (By columns)
 *
 * ```ts
 * import * as Arrow from "@effect-redivis/core/Arrow"
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Stream from "effect/Stream"
 *
 * const rows = Arrow.readStream(Table.arrow("demo.penguins.birds")).pipe(
 *   Stream.runFold(() => 0, (sum, batch) => sum + batch.numRows)
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const arrow = (
  reference: Reference.TableInput,
  options?: Rows.BytesOptions
): Stream.Stream<Uint8Array, Rows.BytesError, Redivis> => Rows.tableBytes(reference, "arrow", options)

/**
 * The rows as bytes in a `Response`, once its status and its headers are known: what
 * is wrong before that is a typed failure, for which nothing was sent yet.
 *
 * **Details**
 *
 * `GET /tables/:table/rows`, as of {@link csv}, {@link ndjson} and {@link arrow}.
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
 * - `BadRequest`: a variable is none of the table's
 * - `QuotaExceeded`: the account may not read as much
 * - `Forbidden`: the account may see the table, but not read its rows
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (At the edge)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const answer = (request: Request, token: string) =>
 *   Table.response("demo.penguins.birds").pipe(
 *     Effect.catchTag("NotFound", () => Effect.succeed(new Response("no such table", { status: 404 }))),
 *     Effect.provide(Redivis.layerFetch({ token: Redacted.make(token) })),
 *     (effect) => Effect.runPromise(effect, { signal: request.signal })
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const response = (
  reference: Reference.TableInput,
  options?: Rows.ResponseOptions
): Effect.Effect<Response, Rows.BytesError, Redivis> => Rows.tableResponse(reference, options)
