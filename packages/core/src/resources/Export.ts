/**
 * Exports: tables, uploads and results of queries as files.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { defined } from "../client/defined.ts"
import type { ResponseOptions as HandedOn } from "../client/handOn.ts"
import * as jobs from "../client/jobs.ts"
import { executor, openBytes, type Redivis, withExecutor } from "../client/service.ts"
import { idOf, onSource, type Source } from "../client/resolve.ts"
import * as contract from "../contract/export.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import { download as downloadBytes } from "../data/download.ts"
import { fileResponse } from "../data/fileResponse.ts"

export type { JobError, WaitOptions } from "../client/jobs.ts"
export type { Source } from "../client/resolve.ts"

/**
 * An export. Its `id` is all that another process needs to wait for it and to
 * download its files.
 *
 * @category models
 * @since 0.1.0
 */
export interface Export extends contract.Export {}
/**
 * The handle as data: it travels as JSON to another process, which waits on.
 *
 * @category models
 * @since 0.1.0
 */
export const Export: Schema.Codec<Export> = contract.Export

/**
 * @category errors
 * @since 0.1.0
 */
export type CreateError = RedivisError.Common | Operation.Failure<typeof contract.postByUpload>
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
 * @category errors
 * @since 0.1.0
 */
export type DownloadError =
  | RedivisError.Common
  | RedivisError.IntegrityError
  | Operation.Failure<typeof contract.download>

/**
 * What an export makes.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateOptions {
  readonly format: typeof contract.exportFormats[number]
}

/**
 * Starts an export and returns it at once.
 *
 * **Details**
 *
 * `POST /tables/:table/exports`, `POST /tables/:table/uploads/:upload/exports`
 * or `POST /queries/:query/exports`. Needs the scope `data.data`. It is not
 * sent again where its fate is unknown.
 *
 * **Failures**
 *
 * - `BadRequest`: the query or the upload has not completed
 * - `QuotaExceeded`: the account may not export as much
 * - `Forbidden`: the account may not read the rows
 * - `NotFound`: there is no such source, or the token may not see it
 *
 * **Example** (As Parquet)
 *
 * ```ts
 * import * as Export from "@effect-redivis/core/Export"
 *
 * const started = Export.create({ table: "demo.penguins.birds" }, { format: "parquet" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const create = (source: Source, options: CreateOptions): Effect.Effect<Export, CreateError, Redivis> => {
  const body = { format: options.format }
  return onSource<Export, CreateError>(source, {
    table: (redivis, params) => redivis.execute(contract.postByTable, { params, body }),
    upload: (redivis, params) => redivis.execute(contract.postByUpload, { params, body }),
    query: (redivis, params) => redivis.execute(contract.postByQuery, { params, body })
  })
}

/**
 * Reads an export as it stands.
 *
 * **Details**
 *
 * `GET /exports/:export`. Only its maker may read it. Needs the scope
 * `data.data`.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such export, or the token may not see it
 *
 * **Example** (How far it is)
 *
 * ```ts
 * import * as Export from "@effect-redivis/core/Export"
 * import * as Effect from "effect/Effect"
 *
 * const percent = Export.get("e123").pipe(Effect.map((state) => state.percentCompleted))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (exported: string | Export): Effect.Effect<Export, GetError, Redivis> =>
  withExecutor((redivis) => redivis.execute(contract.get, { params: { export: idOf(exported) } }))

/**
 * Waits until an export has ended. Interrupting the wait stops asking; the
 * export goes on.
 *
 * **Details**
 *
 * Asks `GET /exports/:export` with longer and longer pauses; `onProgress` gets
 * each answer, with its `percentCompleted`.
 *
 * **Failures**
 *
 * - `JobFailed`: the export failed, as one in a format that the server cannot write
 * - `JobCancelled`: somebody cancelled it
 * - `DeadlineExceeded`: it had not ended when the deadline passed
 * - `NotFound`: there is no such export, or the token may not see it
 *
 * **Example** (At most an hour, of an export that another process began)
 *
 * ```ts
 * import * as Export from "@effect-redivis/core/Export"
 * import * as Effect from "effect/Effect"
 *
 * const done = Export.wait("e123", {
 *   deadline: "1 hour",
 *   onProgress: (state) => Effect.log(`${state.percentCompleted ?? 0} %`)
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const wait = (
  exported: string | Export,
  options?: jobs.WaitOptions<Export>
): Effect.Effect<Export, WaitError, Redivis> =>
  withExecutor((redivis) => {
    const id = idOf(exported)
    return jobs.wait<Export, GetError, never>(
      { kind: "export", id, status: (state) => state.status, errorMessage: (state) => state.errorMessage },
      typeof exported === "string" ? undefined : exported,
      redivis.execute(contract.get, { params: { export: id } }),
      options
    )
  })

/**
 * What an export makes, and how it is waited for.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunOptions extends CreateOptions, jobs.WaitOptions<Export> {
  /**
   * `false` is the same as {@link create}.
   *
   * @default true
   */
  readonly wait?: boolean | undefined
}

/**
 * Makes an export and waits until it is completed.
 *
 * **Details**
 *
 * {@link create}, then {@link wait}.
 *
 * **Failures**
 *
 * - `JobFailed`: the export failed
 * - `QuotaExceeded`: the account may not export as much
 * - `BadRequest`, `Forbidden`, `NotFound`: as of {@link create}
 *
 * **Example** (How many files it has)
 *
 * ```ts
 * import * as Export from "@effect-redivis/core/Export"
 * import * as Effect from "effect/Effect"
 *
 * const files = Export.run({ table: "demo.penguins.birds" }, { format: "csv" }).pipe(
 *   Effect.map((exported) => exported.fileCount)
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const run = (source: Source, options: RunOptions): Effect.Effect<Export, RunError, Redivis> =>
  Effect.flatMap(
    Effect.andThen(jobs.checkTime("deadline", options.deadline), create(source, options)),
    (exported): Effect.Effect<Export, WaitError, Redivis> =>
      options.wait === false ? Effect.succeed(exported) : wait(exported, options)
  )

/**
 * Which file of an export is downloaded.
 *
 * @category models
 * @since 0.1.0
 */
export interface DownloadOptions {
  /**
   * Counted from 0, up to `fileCount`, which is more than 1 for large exports.
   *
   * @default 0
   */
  readonly part?: number | undefined
}

/**
 * The bytes of one file of an export, as they come.
 *
 * **Details**
 *
 * `GET /exports/:export/download`. Where the connection breaks, the download
 * goes on from there as far as the server takes ranges. At its end the size and
 * the md5 are held against what the server told.
 *
 * **Failures**
 *
 * - `InvalidInput`: `part` is negative
 * - `BadRequest`: the export has not completed, or has no such file
 * - `IntegrityError`: what came is not the file
 * - `QuotaExceeded`: the account may not read as much
 * - `NotFound`: there is no such export, or the token may not see it
 *
 * **Example** (All files, one after the other)
 *
 * ```ts
 * import * as Export from "@effect-redivis/core/Export"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const bytes = Stream.unwrap(Effect.map(
 *   Export.run({ table: "demo.penguins.birds" }, { format: "csv" }),
 *   (exported) =>
 *     Stream.range(0, (exported.fileCount ?? 1) - 1).pipe(
 *       Stream.flatMap((part) => Export.download(exported, { part }))
 *     )
 * ))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const download = (
  exported: string | { readonly id: string },
  options?: DownloadOptions
): Stream.Stream<Uint8Array, DownloadError, Redivis> =>
  Stream.unwrap(
    Effect.map(executor, (redivis) =>
      downloadBytes<RedivisError.Common | Operation.Failure<typeof contract.download>>(
        contract.download.name,
        (range) =>
          openBytes(redivis, contract.download, {
            params: { export: idOf(exported) },
            query: { filePart: options?.part ?? 0 },
            headers: defined({ range })
          })
      ))
  )

/**
 * Which file of an export a `Response` has, and whether its body is watched.
 *
 * @category models
 * @since 0.1.0
 */
export interface ResponseOptions extends DownloadOptions, HandedOn {}

/**
 * The bytes of one file of an export in a `Response`, once its status and its
 * headers are known: what is wrong before that is a typed failure.
 *
 * **Details**
 *
 * `GET /exports/:export/download`.
 * The body is the runtime's own, which nobody here looks at: it costs what
 * `new Response(response.body)` costs. So `idleTimeout` does not hold on it, a
 * break is not gone on from but breaks it, its bytes are not counted among the
 * answers that are being read, and the span of the call ends with the headers.
 * With `checked: true` it is watched as the stream of {@link download} is,
 * and breaks where what came is not the file.
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
 * - `InvalidInput`: `part` is negative
 * - `BadRequest`: the export has not completed, or has no such file
 * - `IntegrityError`: what came is not the file
 * - `QuotaExceeded`: the account may not read as much
 * - `NotFound`: there is no such export, or the token may not see it
 *
 * **Example** (At the edge)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Export from "@effect-redivis/core/Export"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const answer = (request: Request, token: string) =>
 *   Export.response("e123").pipe(
 *     Effect.catchTag("NotFound", () => Effect.succeed(new Response("no such export", { status: 404 }))),
 *     Effect.provide(Redivis.layerFetch({ token: Redacted.make(token) })),
 *     (effect) => Effect.runPromise(effect, { signal: request.signal })
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const response = (
  exported: string | { readonly id: string },
  options?: ResponseOptions
): Effect.Effect<Response, DownloadError, Redivis> =>
  withExecutor((redivis) =>
    fileResponse(
      redivis,
      contract.download,
      (headers) => ({ params: { export: idOf(exported) }, query: { filePart: options?.part ?? 0 }, headers }),
      // of a part of the file nobody asks
      { checked: options?.checked }
    )
  )
