/**
 * Uploads: files whose rows become those of a table. An upload that was created
 * is its own handle.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { formBody } from "../client/call/form.ts"
import { otherName, unlessOther, unlessOtherName } from "../client/given.ts"
import * as jobs from "../client/jobs.ts"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/service.ts"
import type * as Operation from "../contract/Operation.ts"
import { type Common, InvalidInput, type NotFound } from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import { createTempUploads } from "../contract/table.ts"
import * as contract from "../contract/upload.ts"
import type { Batch } from "../data/Arrow.ts"
import { ofUpload } from "../data/estimate.ts"
import * as Rows from "../data/Rows.ts"
import * as Transfer from "../data/Transfer.ts"
import { defined } from "../client/defined.ts"
import { exists as answers } from "./exists.ts"
import { onTable, onUpload, type UploadInput } from "../client/resolve.ts"

export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"
export type { JobError, WaitOptions } from "../client/jobs.ts"
export type { UploadInput } from "../client/resolve.ts"
export type { Source } from "../data/Transfer.ts"

export type { BatchesOptions, Row, RowsError, RowsOptions, Values } from "../data/Rows.ts"

/**
 * What became of rows that were inserted.
 *
 * @category models
 * @since 0.1.0
 */
export interface InsertedRows extends contract.InsertRowsResponse {}

/**
 * An upload and its handle.
 *
 * @category models
 * @since 0.1.0
 */
export interface Upload extends contract.Upload {}
/**
 * The handle as data: it travels as JSON to another process, which waits on.
 *
 * @category models
 * @since 0.1.0
 */
export const Upload: Schema.Codec<Upload> = contract.Upload

/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = Common | Operation.Failure<typeof contract.get>
/**
 * @category errors
 * @since 0.1.0
 */
export type ExistsError = Exclude<Common | Operation.Failure<typeof contract.head>, NotFound>
/**
 * @category errors
 * @since 0.1.0
 */
export type InsertRowsError = Common | Operation.Failure<typeof contract.insertRows>
/**
 * @category errors
 * @since 0.1.0
 */
export type WaitError = GetError | jobs.JobError
/**
 * @category errors
 * @since 0.1.0
 */
export type CreateError =
  | Common
  | Operation.Failure<typeof contract.post>
  | Operation.Failure<typeof createTempUploads>
  | Transfer.TransferError
  | WaitError

/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = Common | Operation.Failure<typeof contract.list>
/**
 * @category errors
 * @since 0.1.0
 */
export type RemoveError = Common | Operation.Failure<typeof contract.delete>

/**
 * Reads the state of an upload.
 *
 * **Details**
 *
 * `GET /tables/:table/uploads/:upload`. The service finds a name in any
 * spelling of its normal form, in which two names may be one, so what it gives
 * under another name is not taken for this one.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such upload or table, the token may not see it, or
 *   what is found has another name, which the message tells
 *
 * **Example** (How it stands)
 *
 * ```ts
 * import * as Upload from "@effect-redivis/core/Upload"
 *
 * const upload = Upload.get("demo.penguins:next.birds", "birds.csv")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (table: Reference.TableInput, upload: UploadInput): Effect.Effect<Upload, GetError, Redivis> =>
  onUpload(table, upload, (redivis, params): Effect.Effect<Upload, GetError> => {
    const answer = redivis.execute(contract.get, { params })
    return typeof upload === "string"
      ? unlessOther(answer, redivis, contract.get, params, (found) => otherName(upload, found))
      : answer
  })

/** Runs a call that touches an upload, unless it was named and what is found has another name. */
const touching = <Op extends typeof contract.delete | typeof contract.insertRows>(
  table: Reference.TableInput,
  upload: UploadInput,
  operation: Op,
  body?: Operation.Input<typeof contract.insertRows>["body"]
): Effect.Effect<Operation.Success<Op>, Common | Operation.Failure<Op> | GetError, Redivis> =>
  onUpload(table, upload, (redivis, params) => {
    // each of them has these parameters, and a body exactly where one is given
    const input = defined({ params, body }) as Operation.Input<Op>
    const call = redivis.execute(operation, input)
    return typeof upload === "string"
      ? Effect.andThen(
        unlessOtherName(redivis.execute(contract.get, { params }), redivis, operation, { params, body }, upload),
        call
      )
      : call
  })

/**
 * Whether the service finds an upload by this name and the token may see it.
 *
 * **Details**
 *
 * `HEAD /tables/:table/uploads/:upload`. Only a 404 is `false`. The answer has no
 * name: what is found may have another one of the same normal form, which
 * {@link get} tells.
 *
 * **Example** (Look before sending)
 *
 * ```ts
 * import * as Upload from "@effect-redivis/core/Upload"
 *
 * const there = Upload.exists("demo.penguins:next.birds", "birds.csv")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (
  table: Reference.TableInput,
  upload: UploadInput
): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(onUpload(table, upload, (redivis, params) => redivis.execute(contract.head, { params })))

/**
 * One page of the uploads of a table.
 *
 * **Details**
 *
 * `GET /tables/:table/uploads`. Those made in this version, in the order in
 * which they came; rows that it has from the version before have no upload
 * here. Needs the scope `data.overview`.
 *
 * **Failures**
 *
 * - `BadRequest`: the page token is not the server's
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (The first ten)
 *
 * ```ts
 * import * as Upload from "@effect-redivis/core/Upload"
 *
 * const page = Upload.listPage("demo.penguins:next.birds", { pageSize: 10 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  table: Reference.TableInput,
  options?: pages.PageOptions
): Effect.Effect<pages.Page<Upload>, ListError, Redivis> =>
  Effect.map(
    onTable(
      table,
      (redivis, table) => redivis.execute(contract.list, { params: { table }, query: pages.pageQuery(options) })
    ),
    (page) => pages.pageOf(page)
  )

/**
 * All uploads of a table, page after page as they are wanted.
 *
 * **Details**
 *
 * See {@link listPage}.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (Those that failed)
 *
 * ```ts
 * import * as Upload from "@effect-redivis/core/Upload"
 * import * as Stream from "effect/Stream"
 *
 * const failed = Upload.list("demo.penguins:next.birds").pipe(Stream.filter((upload) => upload.status === "failed"))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  table: Reference.TableInput,
  options?: pages.ListOptions
): Stream.Stream<Upload, ListError, Redivis> => pages.all("uploads.list", options, (page) => listPage(table, page))

/**
 * Deletes an upload from a version that is not released, and takes its rows out
 * of the table. Rows of the version before stay.
 *
 * **Details**
 *
 * `DELETE /tables/:table/uploads/:upload`, behind a `GET` where it is named: what
 * is found under another name stays. Needs the scope `data.edit`. A repeat that
 * finds nothing more is a success.
 *
 * **Failures**
 *
 * - `BadRequest`: the version is released
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such upload or table, the token may not see it, or
 *   what is found has another name, which the message tells
 *
 * **Example** (Without these rows)
 *
 * ```ts
 * import * as Upload from "@effect-redivis/core/Upload"
 *
 * const gone = Upload.remove("demo.penguins:next.birds", "birds.csv")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const remove = (
  table: Reference.TableInput,
  upload: UploadInput
): Effect.Effect<void, RemoveError, Redivis> => touching(table, upload, contract.delete)

/**
 * Waits until an upload is imported.
 *
 * **Details**
 *
 * `GET /tables/:table/uploads/:upload`, with longer and longer pauses.
 * Interrupting it stops asking; the import goes on.
 *
 * **Failures**
 *
 * - `JobFailed`: the import failed; its message says why and where in the file
 * - `DeadlineExceeded`: `deadline` came first
 * - `NotFound`: there is no such upload, or the token may not see it
 *
 * **Example** (In another process)
 *
 * ```ts
 * import * as Upload from "@effect-redivis/core/Upload"
 *
 * const done = Upload.wait({ uri: "/tables/demo.penguins:next.birds/uploads/birds_csv" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const wait = (
  upload: Upload | { readonly uri: string },
  options?: jobs.WaitOptions<Upload>
): Effect.Effect<Upload, WaitError, Redivis> =>
  Effect.flatMap(
    Effect.fromResult(Reference.fromUri("/tables/:table/uploads/:upload", upload.uri)),
    (params) =>
      onTable(params.table, (redivis) =>
        jobs.wait<Upload, GetError, never>(
          {
            kind: "upload",
            id: upload.uri,
            status: (state) => state.status,
            errorMessage: (state) => state.errorMessage
          },
          "status" in upload ? upload : undefined,
          redivis.execute(contract.get, { params }),
          options
        ))
  )

/**
 * What is uploaded, and how it is read.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateOptions<E = never, R = never> extends jobs.WaitOptions<Upload> {
  /** The file's name; its ending tells the type where `type` does not. */
  readonly name: string
  /** The bytes of the file, or a stream of them with their number. Only an upload of type `stream` has none. */
  readonly data?: Transfer.Source<E, R> | undefined
  readonly type?: typeof contract.uploadTypes[number] | undefined
  /** The variables of an upload of type `stream`, which {@link insertRows} gives rows. */
  readonly schema?: contract.UploadPost["schema"] | undefined
  /** Labels and descriptions by variable. */
  readonly metadata?: contract.UploadPost["metadata"] | undefined
  /**
   * @default true
   */
  readonly hasHeaderRow?: boolean | undefined
  /**
   * @default false
   */
  readonly skipBadRecords?: boolean | undefined
  readonly hasQuotedNewlines?: boolean | undefined
  /**
   * @default false
   */
  readonly allowJaggedRows?: boolean | undefined
  readonly quoteCharacter?: string | undefined
  readonly escapeCharacter?: string | undefined
  /** Texts that stand for null. */
  readonly nullMarkers?: ReadonlyArray<string> | undefined
  /** Found in the file where it is not given. */
  readonly delimiter?: string | undefined
  /**
   * What happens where the table has an upload of that name, which is looked up
   * before any byte is sent: the server gives the new one another name
   * (`rename`), nothing is sent and the old one is given (`keep`), or the old one
   * is deleted before the new one is registered (`replace`). What the server
   * finds under another name is neither given nor deleted. Rows that the version
   * inherited stay in any case.
   *
   * @default "rename", without looking
   */
  readonly onConflict?: "rename" | "keep" | "replace" | undefined
  /**
   * `false` returns as soon as the import has begun.
   *
   * @default true
   */
  readonly wait?: boolean | undefined
}

/**
 * While bytes are sent a name may come to find something else: the upload that
 * was found is addressed by its own `uri`, where that is one.
 */
const addressOf = (upload: Upload): UploadInput =>
  Result.isSuccess(Reference.fromUri("/tables/:table/uploads/:upload", upload.uri)) ? { uri: upload.uri } : upload.name

/** Up to here the bytes go along with the request itself. */
const mostBytesAlong = 1024 * 1024

/**
 * Uploads a file into a table of a version that is not released, and waits
 * until its rows are imported.
 *
 * **Details**
 *
 * Up to 1 MiB of bytes in one `POST /tables/:table/uploads`; else
 * `POST /tables/:table/tempUploads`, the bytes to storage, and the same `POST`
 * with the temporary upload's id. Needs the scope `data.edit`. A request whose
 * answer was lost is not repeated: look with {@link get}.
 *
 * **Failures**
 *
 * - `InvalidInput`: the name is empty, or the size of a stream is no whole number
 * - `Forbidden`: the account may not edit the dataset
 * - `BadRequest`: the version is released, or an option does not fit the type
 * - `JobFailed`: the import failed; its message says why and where in the file
 * - `IntegrityError`: a stream gave another number of bytes than it said
 * - `DeadlineExceeded`: `deadline` came first
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (From memory)
 *
 * ```ts
 * import * as Upload from "@effect-redivis/core/Upload"
 *
 * const upload = Upload.create("demo.penguins:next.birds", {
 *   name: "birds.csv",
 *   data: new TextEncoder().encode("species,body_mass_g\nAdelie,3750\n")
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const create = <E = never, R = never>(
  table: Reference.TableInput,
  options: CreateOptions<E, R>
): Effect.Effect<Upload, CreateError | E, Redivis | R> => {
  const { data, name } = options
  const metadata = defined({
    name,
    type: options.type,
    schema: options.schema,
    metadata: options.metadata,
    hasHeaderRow: options.hasHeaderRow,
    skipBadRecords: options.skipBadRecords,
    hasQuotedNewlines: options.hasQuotedNewlines,
    allowJaggedRows: options.allowJaggedRows,
    quoteCharacter: options.quoteCharacter,
    escapeCharacter: options.escapeCharacter,
    nullMarkers: options.nullMarkers,
    delimiter: options.delimiter
  })
  if (data === undefined && options.type !== "stream") {
    return Effect.fail(
      new InvalidInput({ field: "data", reason: "is missing: only an upload of type stream has none" })
    )
  }
  const register = (
    body: Operation.Input<typeof contract.post>["body"],
    replaced: Upload | undefined
  ): Effect.Effect<Upload, CreateError, Redivis> =>
    Effect.andThen(
      replaced === undefined
        ? Effect.void
        : Effect.catchTag(remove(table, addressOf(replaced)), "NotFound", () => Effect.void),
      onTable(table, (redivis, table) => redivis.execute(contract.post, { params: { table }, body }, formBody))
    )
  const refused = data === undefined ? undefined : Transfer.refusedSource(data)
  if (refused !== undefined) return Effect.fail(refused)
  const size = data === undefined ? 0 : Transfer.sizeOf(data)
  const throughStorage = Effect.fnUntraced(function*(data: Transfer.Source<E, R>, replaced: Upload | undefined) {
    const request = { name, size, resumable: Transfer.wantsResumable(data) }
    const made = yield* onTable(
      table,
      (redivis, table) => redivis.execute(createTempUploads, { params: { table }, body: { tempUploads: [request] } })
    )
    const place = made.results[0]
    if (place === undefined) {
      return yield* Transfer.missingPlace(createTempUploads.name, 0)
    }
    yield* Transfer.upload(place, data)
    return yield* register({ metadata: { ...metadata, tempUploadId: place.id } }, replaced)
  })
  const send = (replaced: Upload | undefined): Effect.Effect<Upload, CreateError | E, Redivis | R> =>
    data === undefined
      ? register({ metadata }, replaced)
      : data instanceof Uint8Array && size <= mostBytesAlong
      ? register({ metadata, data }, replaced)
      : throughStorage(data, replaced)
  const done = (upload: Upload): Effect.Effect<Upload, WaitError, Redivis> =>
    options.wait === false || data === undefined ? Effect.succeed(upload) : wait(upload, options)
  const looked = options.onConflict === undefined || options.onConflict === "rename"
    ? Effect.flatMap(send(undefined), done)
    : Effect.flatMap(
      Effect.catchTag(get(table, name), "NotFound", () => Effect.succeed(undefined)),
      (found) =>
        found !== undefined && options.onConflict === "keep"
          ? done(found)
          : Effect.flatMap(send(found), done)
    )
  return Effect.andThen(jobs.checkTime("deadline", options.deadline), looked)
}

/**
 * The rows of an upload, as they come, before they are merged into its table.
 *
 * **Details**
 *
 * `GET /tables/:table/uploads/:upload/variables`,
 * `POST /tables/:table/uploads/:upload/readSessions`, then
 * `GET /readStreams/:stream`. Nothing is lost: a stream that ends without its
 * proof is an error. Needs the scope `data.data`.
 *
 * **Failures**
 *
 * - `BadRequest`: the upload is not imported yet, or its import failed
 * - `CoercionError`: a value does not fit, as an integer beyond 2^53 read as a number
 * - `IntegrityError`: the rows that came are not all
 * - `Forbidden`: the account may see the table, but not read its rows
 * - `NotFound`: there is no such upload, or the token may not see it
 *
 * **Example** (What a file brought)
 *
 * ```ts
 * import * as Upload from "@effect-redivis/core/Upload"
 * import * as Stream from "effect/Stream"
 *
 * const rows = Upload.rows("demo.penguins:next.birds", "birds.csv").pipe(Stream.runCollect)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const rows = <const V extends Rows.Values = {}, A = Rows.Row<V>>(
  table: Reference.TableInput,
  upload: UploadInput,
  options?: Rows.RowsOptions<V, A>
): Stream.Stream<A, Rows.RowsError, Redivis> => Rows.rows({ table, upload }, ofUpload(table, upload), options)

/**
 * The rows of an upload as batches of columns, with the typed arrays and the
 * exact values of each.
 *
 * **Details**
 *
 * Reads as {@link rows} does. The columns are those of the variables, in their
 * order; their memory is their own.
 *
 * **Failures**
 *
 * - `BadRequest`: the upload is not imported yet, or its import failed
 * - `CoercionError`: a value does not fit its variable's type
 * - `IntegrityError`: the rows that came are not all
 * - `NotFound`: there is no such upload, or the token may not see it
 *
 * **Example** (How many rows a batch has)
 *
 * ```ts
 * import * as Upload from "@effect-redivis/core/Upload"
 * import * as Stream from "effect/Stream"
 *
 * const sizes = Upload.batches("demo.penguins:next.birds", "birds.csv").pipe(
 *   Stream.map((batch) => batch.numRows),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const batches = (
  table: Reference.TableInput,
  upload: UploadInput,
  options?: Rows.BatchesOptions
): Stream.Stream<Batch, Rows.RowsError, Redivis> => Rows.batches({ table, upload }, ofUpload(table, upload), options)

/**
 * Rows for an upload of type `stream`.
 *
 * @category models
 * @since 0.1.0
 */
export interface InsertRowsOptions {
  /**
   * Objects by the names of variables; dates, times and geographies as text. An
   * integer beyond 2^53 is a bigint, and all its digits are sent. A text with a
   * zone, as of `Date.toJSON`, is a date-time in UTC.
   */
  readonly rows: contract.InsertRowsPost["rows"]
  /**
   * Whether rows may bring new variables, and values that widen a type.
   *
   * @default false
   */
  readonly updateVariables?: boolean | undefined
}

/**
 * Adds rows to an upload of type `stream`, all or none.
 *
 * **Details**
 *
 * `POST /tables/:table/uploads/:upload/rows`, behind a `GET` where the upload is
 * named: what is found under another name gets no rows. What {@link create} gave
 * in place of the name saves that request. Needs the scope `data.edit`. A request
 * whose answer was lost is not repeated, since its rows may be there.
 *
 * **Failures**
 *
 * - `InvalidInput`: a value is no text, finite number, bigint, boolean or null
 * - `BadRequest`: a value does not fit its variable, the upload is no stream, or the version is released
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such upload, the token may not see it, or what is
 *   found has another name, which the message tells
 *
 * **Example** (One row)
 *
 * ```ts
 * import * as Upload from "@effect-redivis/core/Upload"
 *
 * const inserted = Upload.insertRows("demo.penguins:next.birds", "sightings", {
 *   rows: [{ species: "Adelie", seen: "2020-01-02" }]
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const insertRows = (
  table: Reference.TableInput,
  upload: UploadInput,
  options: InsertRowsOptions
): Effect.Effect<InsertedRows, InsertRowsError, Redivis> =>
  touching(
    table,
    upload,
    contract.insertRows,
    defined({ rows: options.rows, updateVariables: options.updateVariables })
  )
