/**
 * Files: what tables that are file indexes stand for.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { defined } from "../client/defined.ts"
import type { Bytes } from "../client/call/execute.ts"
import type { ResponseOptions as HandedOn } from "../client/handOn.ts"
import { type Executor, openBytes, type Redivis, withExecutor } from "../client/service.ts"
import { idOf, onTable, onTableOrQuery, type TableOrQuery as Source } from "../client/resolve.ts"
import type * as Operation from "../contract/Operation.ts"
import * as contract from "../contract/rawFile.ts"
import {
  type CoercionError,
  type Common,
  DecodeError,
  type IntegrityError,
  InvalidInput,
  type NotFound
} from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import { createTempUploads } from "../contract/table.ts"
import { pullBatches } from "../data/arrow/pullBatches.ts"
import { download, type Range } from "../data/download.ts"
import { fileResponse } from "../data/fileResponse.ts"
import { makeReadFiles, type RawFileListItem as Listed } from "../data/rawFiles.ts"
import * as Transfer from "../data/Transfer.ts"
import { exists as answers } from "./exists.ts"

export type { TableOrQuery as Source } from "../client/resolve.ts"

/**
 * A file, as {@link create} gives it.
 *
 * @category models
 * @since 0.1.0
 */
export interface RawFile extends contract.RawFile {}

/**
 * A file as it stands in a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface RawFileListItem extends Listed {}

/**
 * What is known of a file without its bytes. A browser may hide all of it but
 * the size, where the server does not expose its headers.
 *
 * @category models
 * @since 0.1.0
 */
export interface Metadata {
  readonly id: string
  readonly name?: string | undefined
  /** In bytes. */
  readonly size?: number | undefined
  /** The md5 of its bytes, in base64. */
  readonly md5Hash?: string | undefined
  readonly contentType?: string | undefined
}

/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = Common | Operation.Failure<typeof contract.listByTable> | CoercionError | IntegrityError
/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = Common | Operation.Failure<typeof contract.head>
/**
 * @category errors
 * @since 0.1.0
 */
export type ExistsError = Exclude<GetError, NotFound>
/**
 * @category errors
 * @since 0.1.0
 */
export type BytesError = Common | Operation.Failure<typeof contract.get> | IntegrityError
/**
 * @category errors
 * @since 0.1.0
 */
export type CreateError =
  | Common
  | Operation.Failure<typeof contract.post>
  | Operation.Failure<typeof createTempUploads>
  | Transfer.TransferError

/**
 * Which variables of a table or a query say what its files are.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListOptions {
  /**
   * The variable whose values are ids of files.
   *
   * @default "file_id"
   */
  readonly fileIdVariable?: string | undefined
  /**
   * The variable whose values are the names that are wanted.
   *
   * @default the files' own names
   */
  readonly fileNameVariable?: string | undefined
}

/** The listing as it was opened; the request ends with the scope. */
const open = (
  source: Source,
  options: ListOptions | undefined,
  ifModifiedSince?: string
): Effect.Effect<Bytes, ListError, Redivis | Scope.Scope> => {
  const query = defined({
    format: "arrow",
    fileIdVariable: options?.fileIdVariable,
    fileNameVariable: options?.fileNameVariable
  })
  const headers = defined({ "if-modified-since": ifModifiedSince })
  return Effect.flatMap(Effect.scope, (scope) =>
    onTableOrQuery<Bytes, ListError>(source, {
      table: (redivis, table) =>
        Scope.provide(openBytes(redivis, contract.listByTable, { params: { table }, query, headers }), scope),
      query: (redivis, query_) =>
        Scope.provide(openBytes(redivis, contract.listByQuery, { params: { query: query_ }, query, headers }), scope)
    }))
}

type Files = Pull.Pull<Arr.NonEmptyReadonlyArray<RawFileListItem>, ListError>

const operationOf = (source: Source): string => ("table" in source ? contract.listByTable : contract.listByQuery).name

/** The files of an answer, batch by batch. */
const filesOf = (source: Source, options: ListOptions | undefined, { pull, status, url }: Bytes): Files => {
  const located = { operation: operationOf(source), method: "GET", url, status }
  const read = makeReadFiles(located, options?.fileNameVariable ?? "file_name")
  const next: Files = Effect.flatMap(
    pullBatches(pull, located),
    (batch): Files =>
      batch === undefined
        ? Cause.done()
        : Effect.flatMap(
          read(batch),
          (files): Files => Arr.isReadonlyArrayNonEmpty(files) ? Effect.succeed(files) : next
        )
  )
  return next
}

/**
 * The files of a file index, or those that the rows of another table or of a
 * query name by their ids.
 *
 * **Details**
 *
 * `GET /tables/:table/rawFiles` or `GET /queries/:query/rawFiles`: one request,
 * as an Arrow stream whose end is proved. Variables beside those of the index
 * are in `properties`, as values of rows. Needs the scope `data.data` unless the
 * table is public.
 *
 * **Failures**
 *
 * - `BadRequest`: there is no such variable, or none whose values are ids of files
 * - `QuotaExceeded`: the account may not read as much
 * - `Forbidden`: the account may not read the rows
 * - `NotFound`: there is no such table or query, or the token may not see it
 * - `IntegrityError`: the listing broke off
 * - `CoercionError`: a value of `properties` does not fit a number
 *
 * **Example** (The largest)
 *
 * ```ts
 * import * as RawFile from "@effect-redivis/core/RawFile"
 * import * as Stream from "effect/Stream"
 *
 * const largest = RawFile.list({ table: "demo.scans.images" }).pipe(
 *   Stream.runFold(() => 0, (most, file) => Math.max(most, file.size ?? 0))
 * )
 * ```
 *
 * @see {@link listIfModified} for a listing that is asked for again
 * @category operations
 * @since 0.1.0
 */
export const list = (source: Source, options?: ListOptions): Stream.Stream<RawFileListItem, ListError, Redivis> =>
  Stream.unwrap(Effect.map(
    open(source, options),
    (answer) => Stream.fromPull(Effect.succeed(filesOf(source, options, answer)))
  ))

/**
 * Since when a listing must have changed.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListIfModifiedOptions extends ListOptions {
  /**
   * Milliseconds since the epoch, by the server's clock: shortly before the
   * listing that is known was asked for. HTTP counts in seconds, so less than a
   * second is cut off.
   */
  readonly ifModifiedSince: number
}

/**
 * The files, unless nothing has changed since the listing that is known.
 *
 * **Details**
 *
 * As {@link list}, with the header `If-Modified-Since`: on a 304 the success is
 * `undefined`. The results of queries never change. Pages may not send the
 * header, and are given the whole listing each time.
 *
 * **Failures**
 *
 * - `InvalidInput`: `ifModifiedSince` is no point in time
 * - the rest as of {@link list}
 *
 * **Example** (Keep what is known)
 *
 * ```ts
 * import * as RawFile from "@effect-redivis/core/RawFile"
 * import * as Effect from "effect/Effect"
 *
 * const refresh = (known: ReadonlyArray<RawFile.RawFileListItem>, askedAt: number) =>
 *   RawFile.listIfModified({ table: "demo.scans.images" }, { ifModifiedSince: askedAt }).pipe(
 *     Effect.map((files) => files ?? known)
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listIfModified = (
  source: Source,
  options: ListIfModifiedOptions
): Effect.Effect<ReadonlyArray<RawFileListItem> | undefined, ListError, Redivis> => {
  const since = Result.try(() => new Date(options.ifModifiedSince).toISOString())
  return Result.isFailure(since)
    ? Effect.fail(
      new InvalidInput({
        operation: operationOf(source),
        field: "ifModifiedSince",
        reason: "is no point in time in milliseconds since the epoch"
      })
    )
    : Effect.scoped(
      Effect.flatMap(
        open(source, options, new Date(options.ifModifiedSince).toUTCString()),
        (answer) =>
          answer.status === 304
            ? Effect.succeed(undefined)
            : Stream.runCollect(Stream.fromPull(Effect.succeed(filesOf(source, options, answer))))
      )
    )
}

/**
 * From where a file is used, which access is judged by.
 *
 * @category models
 * @since 0.1.0
 */
export interface ContextOptions {
  readonly workflow?: Reference.WorkflowInput | undefined
  /** A table that lists the file. */
  readonly table?: Reference.TableInput | undefined
  /** A version of the file's dataset, as `v1.0`. */
  readonly version?: string | undefined
}

/** Runs a call with the context as the query has it. */
const within = <A, E, R>(
  options: ContextOptions | undefined,
  call: (
    redivis: Executor,
    query: { readonly workflow?: string; readonly table?: string; readonly version?: string }
  ) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | InvalidInput, R | Redivis> =>
  withExecutor((redivis): Effect.Effect<A, E | InvalidInput, R> => {
    const workflow = options?.workflow === undefined
      ? undefined
      : Reference.resolveWorkflow(options.workflow, redivis.defaults)
    if (workflow !== undefined && Result.isFailure(workflow)) return Effect.fail(workflow.failure)
    const table = options?.table === undefined ? undefined : Reference.resolveTable(options.table, redivis.defaults)
    if (table !== undefined && Result.isFailure(table)) return Effect.fail(table.failure)
    return call(
      redivis,
      defined({ workflow: workflow?.success, table: table?.success, version: options?.version })
    )
  })

const nameIn = (headers: Bytes["headers"]): string | undefined => {
  const encoded = headers["x-redivis-filename"]
  return encoded === undefined
    ? /\bfilename="((?:[^"\\]|\\.)*)"/.exec(headers["content-disposition"] ?? "")?.[1]?.replaceAll(/\\(.)/g, "$1")
    : Result.getOrElse(Result.try(() => decodeURIComponent(encoded)), () => encoded)
}

const md5In = (headers: Bytes["headers"]): string | undefined =>
  /\bmd5=:?([\w+/]+=*)/i.exec(headers["digest"] ?? headers["content-digest"] ?? "")?.[1]

/**
 * What is known of a file, without its bytes.
 *
 * **Details**
 *
 * `HEAD /rawFiles/:file`: name, size and md5 are in the headers of the answer.
 * Needs the scope `data.metadata` unless the dataset is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such file, or the token may not see it
 * - `Forbidden`: the account may see the dataset but not its metadata
 *
 * **Example** (How large)
 *
 * ```ts
 * import * as RawFile from "@effect-redivis/core/RawFile"
 * import * as Effect from "effect/Effect"
 *
 * const size = RawFile.get("93qh-6wdzwrz84.bc574P4o8ypzp8yKCnrgIw").pipe(Effect.map((file) => file.size))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (
  file: string | { readonly id: string },
  options?: ContextOptions
): Effect.Effect<Metadata, GetError, Redivis> =>
  Effect.scoped(within(options, (redivis, query) => {
    const id = idOf(file)
    return Effect.map(openBytes(redivis, contract.head, { params: { file: id }, query }), ({ headers }): Metadata => {
      const size = headers["content-length"]
      return defined({
        id,
        name: nameIn(headers),
        size: size === undefined ? undefined : Number(size),
        md5Hash: md5In(headers),
        contentType: headers["content-type"]
      })
    })
  }))

/**
 * Whether the file is there and the token may see it.
 *
 * **Details**
 *
 * `HEAD /rawFiles/:file`. Only a 404 is `false`.
 *
 * **Failures**
 *
 * - `Forbidden`: the account may see the dataset but not its metadata
 *
 * **Example** (Look first)
 *
 * ```ts
 * import * as RawFile from "@effect-redivis/core/RawFile"
 *
 * const there = RawFile.exists("93qh-6wdzwrz84.bc574P4o8ypzp8yKCnrgIw")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (
  file: string | { readonly id: string },
  options?: ContextOptions
): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(within(options, (redivis, query) => redivis.execute(contract.head, { params: { file: idOf(file) }, query })))

/**
 * Which bytes of a file are wanted, and from where it is used.
 *
 * @category models
 * @since 0.1.0
 */
export interface BytesOptions extends ContextOptions, Range {}

/**
 * The bytes of a file, or a part of them, as they come.
 *
 * **Details**
 *
 * `GET /rawFiles/:file`, with the header `Range` for a part. Where the
 * connection breaks, the download goes on from there as far as the server takes
 * ranges, and only on an answer that says that it begins there. At its end the
 * size, and for a whole file the md5, are held against what the server told.
 * Pages are told neither, so there a break ends the download, and the browser
 * alone holds its length against what was announced. A
 * part that reaches beyond the end of the file is shorter than was asked for.
 * Needs the scope `data.data` unless the dataset is public.
 *
 * **Failures**
 *
 * - `InvalidInput`: `offset` or `length` is no number of bytes
 * - `BadRequest`: the part begins beyond the end of the file
 * - `QuotaExceeded`: the account may not read as much
 * - `IntegrityError`: what came is not the file, or not the part
 * - `Forbidden`: the account may not read the data
 * - `NotFound`: there is no such file, or the token may not see it
 *
 * **Example** (The first kilobyte as text)
 *
 * ```ts
 * import * as RawFile from "@effect-redivis/core/RawFile"
 * import * as Stream from "effect/Stream"
 *
 * const beginning = RawFile.bytes("93qh-6wdzwrz84.bc574P4o8ypzp8yKCnrgIw", { length: 1024 }).pipe(
 *   Stream.decodeText(),
 *   Stream.mkString
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const bytes = (
  file: string | { readonly id: string },
  options?: BytesOptions
): Stream.Stream<Uint8Array, BytesError, Redivis> =>
  Stream.unwrap(within(options, (redivis, query) =>
    Effect.succeed(
      download<Common | Operation.Failure<typeof contract.get>>(
        contract.get.name,
        (range) =>
          openBytes(redivis, contract.get, { params: { file: idOf(file) }, query, headers: defined({ range }) }),
        options
      )
    )))

/**
 * Which bytes of a file a `Response` has, and whether its body is watched.
 *
 * @category models
 * @since 0.1.0
 */
export interface ResponseOptions extends BytesOptions, HandedOn {}
/**
 * The bytes of a file, or a part of them, in a `Response`, once its status and its
 * headers are known: what is wrong before that is a typed failure.
 *
 * **Details**
 *
 * `GET /rawFiles/:file`. A part is a 206, unless the server takes no ranges.
 * The body is the runtime's own, which nobody here looks at: it costs what
 * `new Response(response.body)` costs. So `idleTimeout` does not hold on it, a
 * break is not gone on from but breaks it, its bytes are not counted among the
 * answers that are being read, and the span of the call ends with the headers.
 * With `checked: true` it is watched as the stream of {@link bytes} is, and
 * breaks where what came is not the file.
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
 * - `InvalidInput`: `offset` or `length` is no number of bytes, or `length` is 0
 * - `BadRequest`: the part begins beyond the end of the file
 * - `QuotaExceeded`: the account may not read as much
 * - `IntegrityError`: the part that came is not the one that was asked for
 * - `Forbidden`: the account may not read the data
 * - `NotFound`: there is no such file, or the token may not see it
 *
 * **Example** (At the edge)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as RawFile from "@effect-redivis/core/RawFile"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const answer = (request: Request, token: string) =>
 *   RawFile.response("93qh-6wdzwrz84.bc574P4o8ypzp8yKCnrgIw").pipe(
 *     Effect.catchTag("NotFound", () => Effect.succeed(new Response("no such file", { status: 404 }))),
 *     Effect.provide(Redivis.layerFetch({ token: Redacted.make(token) })),
 *     (effect) => Effect.runPromise(effect, { signal: request.signal })
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const response = (
  file: string | { readonly id: string },
  options?: ResponseOptions
): Effect.Effect<Response, BytesError, Redivis> =>
  within(options, (redivis, query) =>
    fileResponse(
      redivis,
      contract.get,
      (headers) => ({ params: { file: idOf(file) }, query, headers }),
      options
    ))

/**
 * @category errors
 * @since 0.1.0
 */
export type RegisterError = Common | Operation.Failure<typeof contract.post>

/**
 * Makes files of bytes that are in temporary storage already.
 *
 * **Details**
 *
 * `POST /tables/:table/rawFiles`. {@link create} and {@link createAll} send the
 * bytes too. Needs the scope `data.edit`. It is not sent again where its fate is
 * unknown.
 *
 * **Failures**
 *
 * - `InvalidInput`: a name or an id is empty
 * - `BadRequest`: the table is no file index, its version is released, or there
 *   is no such temporary upload
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (One that another process sent)
 *
 * ```ts
 * import * as RawFile from "@effect-redivis/core/RawFile"
 *
 * const files = RawFile.register("demo.scans:next.images", [{ name: "a.png", tempUploadId: "t123" }])
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const register = (
  table: Reference.TableInput,
  files: ReadonlyArray<{ readonly name: string; readonly tempUploadId: string }>
): Effect.Effect<ReadonlyArray<RawFile>, RegisterError, Redivis> =>
  Effect.map(
    onTable(table, (redivis, table) => redivis.execute(contract.post, { params: { table }, body: { files } })),
    (made) => made.results ?? []
  )

/**
 * A new file.
 *
 * @category models
 * @since 0.1.0
 */
export interface NewFile<E = never, R = never> {
  /** With the folders that it is in, as `scans/2020/left.png`. A file of that name in the draft is replaced. */
  readonly name: string
  /** Its bytes, or a stream of them with their number. */
  readonly data: Transfer.Source<E, R>
}

/** From this size on a resumable session is asked for, in bytes. */
const resumableFrom = 50_000_000

/** Files that are registered together at most, and after how many bytes no other joins them. */
const mostTogether = 1_000
const enoughBytes = 100_000_000

/** Groups of files that are registered together. */
const groups = <E, R>(files: ReadonlyArray<NewFile<E, R>>): ReadonlyArray<ReadonlyArray<NewFile<E, R>>> => {
  const made: Array<Array<NewFile<E, R>>> = []
  let bytes = 0
  for (const file of files) {
    const last = made.at(-1)
    if (last === undefined || last.length === mostTogether || bytes >= enoughBytes) {
      made.push([file])
      bytes = 0
    } else last.push(file)
    bytes += Transfer.sizeOf(file.data)
  }
  return made
}

/** Sends the bytes of some files, several at a time, and registers them. */
const addTogether = <E, R>(
  table: Reference.TableInput,
  files: ReadonlyArray<NewFile<E, R>>,
  concurrency: number
): Effect.Effect<ReadonlyArray<RawFile>, CreateError | E, Redivis | R> =>
  Effect.gen(function*() {
    const tempUploads = files.map(({ data, name }) => {
      const size = Transfer.sizeOf(data)
      return { name, size, resumable: size > resumableFrom }
    })
    const { results: places } = yield* onTable(
      table,
      (redivis, table) => redivis.execute(createTempUploads, { params: { table }, body: { tempUploads } })
    )
    const placed = yield* Effect.forEach(files, (file, index) => {
      const place = places[index]
      return place === undefined
        ? Effect.fail(
          Transfer.missingPlace(createTempUploads.name, index)
        )
        : Effect.as(Transfer.upload(place, file.data), { name: file.name, tempUploadId: place.id })
    }, { concurrency })
    return yield* register(table, placed)
  })

/**
 * Adds one file to a file index.
 *
 * **Details**
 *
 * `POST /tables/:table/tempUploads`, the bytes to where that answer says, then
 * `POST /tables/:table/rawFiles`. Needs the scope `data.edit`.
 *
 * **Failures**
 *
 * - `InvalidInput`: the name is empty, or the size of a stream is none
 * - `BadRequest`: the table is no file index, or its version is released
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such table, or the token may not see it
 * - `IntegrityError`, `UnexpectedStatus`: the bytes did not reach storage
 *
 * **Example** (A small one)
 *
 * ```ts
 * import * as RawFile from "@effect-redivis/core/RawFile"
 *
 * const file = RawFile.create("demo.scans:next.images", {
 *   name: "notes/readme.txt",
 *   data: new TextEncoder().encode("What the scans show")
 * })
 * ```
 *
 * @see {@link createAll} for many
 * @category operations
 * @since 0.1.0
 */
export const create = <E = never, R = never>(
  table: Reference.TableInput,
  file: NewFile<E, R>
): Effect.Effect<RawFile, CreateError | E, Redivis | R> =>
  Effect.flatMap(createAll(table, [file]), ([made]) =>
    made === undefined
      ? Effect.fail(
        new DecodeError({ operation: contract.post.name, path: "results[0]", expected: "the file that was made" })
      )
      : Effect.succeed(made))

/**
 * How many files are sent at a time.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateAllOptions {
  /**
   * Files whose bytes are on their way at the same time.
   *
   * @default 8
   */
  readonly concurrency?: number | undefined
}

/**
 * Adds many files to a file index, up to a thousand with each registration.
 *
 * **Details**
 *
 * As {@link create}. What a failure finds registered stays; to add all again is
 * safe, since files of the same name are replaced.
 *
 * **Failures**
 *
 * - as of {@link create}
 *
 * **Example** (Two files)
 *
 * ```ts
 * import * as RawFile from "@effect-redivis/core/RawFile"
 *
 * const files = RawFile.createAll("demo.scans:next.images", [
 *   { name: "a.txt", data: new TextEncoder().encode("a") },
 *   { name: "b.txt", data: new TextEncoder().encode("b") }
 * ])
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const createAll = <E = never, R = never>(
  table: Reference.TableInput,
  files: ReadonlyArray<NewFile<E, R>>,
  options?: CreateAllOptions
): Effect.Effect<ReadonlyArray<RawFile>, CreateError | E, Redivis | R> => {
  for (const file of files) {
    const refused = Transfer.refusedSource(file.data, "data", contract.post.name)
    if (refused !== undefined) return Effect.fail(refused)
  }
  return Effect.map(
    Effect.forEach(groups(files), (group) => addTogether(table, group, options?.concurrency ?? 8)),
    (made) => made.flat()
  )
}
