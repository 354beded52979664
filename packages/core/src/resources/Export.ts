/**
 * Exports: tables, uploads and results of queries as files.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { defined } from "../client/defined.ts"
import * as jobs from "../client/jobs.ts"
import { executor, openBytes, type Redivis, withExecutor } from "../client/service.ts"
import { idOf, onSource, type Source } from "../client/resolve.ts"
import * as contract from "../contract/export.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import { download as downloadBytes } from "../data/download.ts"

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
