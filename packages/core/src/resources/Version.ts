/**
 * Versions of a dataset: the released ones, and `next`, which is being prepared.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { unlessOther } from "../client/given.ts"
import * as jobs from "../client/jobs.ts"
import * as pages from "../client/pages.ts"
import type { Executor, Redivis } from "../client/service.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import type * as Reference from "../contract/Reference.ts"
import * as contract from "../contract/version.ts"
import { defined } from "../client/defined.ts"
import { exists as answers } from "./exists.ts"
import { onDataset } from "../client/resolve.ts"

export type { JobError, WaitOptions } from "../client/jobs.ts"
export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"
export {
  type Change,
  diff,
  type DiffError,
  type DiffOptions,
  type TableChange,
  type ValueLabel,
  type VariableChange,
  type VariablesDiff,
  type VersionDiff
} from "./versionDiff.ts"

/**
 * A version whole. While it is being released it is the handle of that job.
 *
 * @category models
 * @since 0.1.0
 */
export interface Version extends contract.Version {}
/**
 * The handle as data: it travels as JSON to another process, which waits on.
 *
 * @category models
 * @since 0.1.0
 */
export const Version: Schema.Codec<Version> = contract.Version

/**
 * A version as it stands in a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface VersionListItem extends contract.VersionListItem {}

/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = RedivisError.Common | Operation.Failure<typeof contract.get>
/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = RedivisError.Common | Operation.Failure<typeof contract.list>
/**
 * @category errors
 * @since 0.1.0
 */
export type CreateError = RedivisError.Common | Operation.Failure<typeof contract.post>
/**
 * @category errors
 * @since 0.1.0
 */
export type ExistsError = Exclude<RedivisError.Common | Operation.Failure<typeof contract.head>, RedivisError.NotFound>
/**
 * @category errors
 * @since 0.1.0
 */
export type UpdateError = RedivisError.Common | Operation.Failure<typeof contract.patch>
/**
 * @category errors
 * @since 0.1.0
 */
export type UnreleaseError = RedivisError.Common | Operation.Failure<typeof contract.unrelease>
/**
 * @category errors
 * @since 0.1.0
 */
export type RemoveError = RedivisError.Common | Operation.Failure<typeof contract.delete>
/**
 * @category errors
 * @since 0.1.0
 */
export type UndeleteError = RedivisError.Common | Operation.Failure<typeof contract.undelete>
/**
 * @category errors
 * @since 0.1.0
 */
export type WaitError = GetError | jobs.JobError
/**
 * @category errors
 * @since 0.1.0
 */
export type ReleaseError = RedivisError.Common | Operation.Failure<typeof contract.release> | WaitError

/**
 * Reads one version of a dataset.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/versions/:tag`. `tag` is `v1.0`, `current` or `next`.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such version, the token may not see it, or the service gives another one
 *
 * **Example** (What is being prepared)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const draft = Version.get("demo.penguins", "next")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (dataset: Reference.DatasetInput, tag: string): Effect.Effect<Version, GetError, Redivis> =>
  onDataset(dataset, (redivis, dataset) => read(redivis, dataset, tag))

const sameTag = (tag: string): string => tag.toLowerCase().replace("_", ".")

/** The version of a tag, and no other one in its place. */
const read = (redivis: Executor, dataset: string, tag: string): Effect.Effect<Version, GetError> => {
  const params = { dataset, tag }
  return unlessOther(redivis.execute(contract.get, { params }), redivis, contract.get, params, (version) => {
    // a client that is lenient hands on what misses its schema
    const { tag: given } = Object(version) as { readonly tag?: unknown }
    return typeof given !== "string" || sameTag(tag) === "current" || sameTag(tag) === sameTag(given)
      ? undefined
      : `the version ${given}`
  })
}

/**
 * One page of a dataset's versions, the newest first.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/versions`. The version `next` is shown to those who
 * may edit.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such dataset, or the token may not see it
 * - `BadRequest`: the page token is not the server's
 *
 * **Example** (The last five)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const page = Version.listPage("demo.penguins", { pageSize: 5 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  dataset: Reference.DatasetInput,
  options?: pages.PageOptions
): Effect.Effect<pages.Page<VersionListItem>, ListError, Redivis> =>
  Effect.map(
    onDataset(
      dataset,
      (redivis, dataset) => redivis.execute(contract.list, { params: { dataset }, query: pages.pageQuery(options) })
    ),
    (page) => pages.pageOf(page)
  )

/**
 * All versions of a dataset, page after page as they are wanted.
 *
 * **Details**
 *
 * See {@link listPage}.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such dataset, or the token may not see it
 *
 * **Example** (Their tags)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 * import * as Stream from "effect/Stream"
 *
 * const tags = Version.list("demo.penguins").pipe(Stream.map((version) => version.tag), Stream.runCollect)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  dataset: Reference.DatasetInput,
  options?: pages.ListOptions
): Stream.Stream<VersionListItem, ListError, Redivis> =>
  pages.all("versions.list", options, (page) => listPage(dataset, page))

/**
 * Whether the dataset has such a version and the token may see it.
 *
 * **Details**
 *
 * `HEAD /datasets/:dataset/versions/:tag`. Only a 404 is `false`.
 *
 * **Failures**
 *
 * - `InsufficientScope`: the token has not the scope `data.overview`, or `data.edit` for `next`
 *
 * **Example** (Whether something is being prepared)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const isBegun = Version.exists("demo.penguins", "next")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (dataset: Reference.DatasetInput, tag: string): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(onDataset(dataset, (redivis, dataset) => redivis.execute(contract.head, { params: { dataset, tag } })))

const neighbour = (
  dataset: Reference.DatasetInput,
  tag: string,
  tagOf: (version: contract.Version) => string | undefined
): Effect.Effect<Version | undefined, GetError, Redivis> =>
  onDataset(dataset, (redivis, dataset): Effect.Effect<Version | undefined, GetError> =>
    Effect.flatMap(
      read(redivis, dataset, tag),
      (version): Effect.Effect<Version | undefined, GetError> => {
        const wanted = tagOf(version)
        return wanted === undefined
          ? Effect.succeed(undefined)
          : read(redivis, dataset, wanted)
      }
    ))

/**
 * The version before another one; `undefined` before the first.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/versions/:tag`, for the version and for the one before
 * it.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such version, or the token may not see it
 *
 * **Example** (What a release followed)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const before = Version.previous("demo.penguins", "current")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const previous = (
  dataset: Reference.DatasetInput,
  tag: string
): Effect.Effect<Version | undefined, GetError, Redivis> =>
  neighbour(dataset, tag, (version) => version.previousVersion?.tag)

/**
 * The version after another one; `undefined` after the last that the token may
 * see.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/versions/:tag`, for the version and for the one after
 * it. The version `next` is shown to those who may edit.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such version, or the token may not see it
 *
 * **Example** (Whether there is something newer)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const newer = Version.next("demo.penguins", "v1.0")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const next = (
  dataset: Reference.DatasetInput,
  tag: string
): Effect.Effect<Version | undefined, GetError, Redivis> =>
  neighbour(dataset, tag, (version) => version.nextVersion?.tag)

/**
 * How a next version is started.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateOptions {
  /**
   * Gives the next version that is there already, in place of failing.
   *
   * @default false
   */
  readonly ifNotExists?: boolean | undefined
}

/**
 * Starts the next version of a dataset, which inherits the tables and rows of
 * the current one.
 *
 * **Details**
 *
 * `POST /datasets/:dataset/versions`. Needs the scope `data.edit`. With
 * `ifNotExists` it looks first, and again when somebody else was quicker.
 *
 * **Failures**
 *
 * - `BadRequest`: a next version is there already
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such dataset, or the token may not see it
 *
 * **Example** (Prepare a release, or go on preparing it)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const next = Version.create("demo.penguins", { ifNotExists: true })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const create = (
  dataset: Reference.DatasetInput,
  options?: CreateOptions
): Effect.Effect<Version, CreateError, Redivis> =>
  onDataset(dataset, (redivis, dataset): Effect.Effect<Version, CreateError> => {
    const post = redivis.execute(contract.post, { params: { dataset } })
    if (options?.ifNotExists !== true) return post
    const look = read(redivis, dataset, "next")
    return Effect.catchTag(look, "NotFound", () =>
      Effect.catchTag(
        post,
        "BadRequest",
        (refused) => Effect.catchTag(look, "NotFound", () => Effect.fail(refused))
      ))
  })

/**
 * What {@link update} changes; what is not given stays.
 *
 * @category models
 * @since 0.1.0
 */
export interface UpdateOptions {
  /** Null takes it away. */
  readonly label?: string | null | undefined
  /** Null takes them away. */
  readonly releaseNotes?: string | null | undefined
}

/**
 * Changes what is said of a version, of one that is released too.
 *
 * **Details**
 *
 * `PATCH /datasets/:dataset/versions/:tag`. Needs the scope `data.edit`.
 *
 * **Failures**
 *
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such version, or the token may not see it
 *
 * **Example** (Name a version)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const named = Version.update("demo.penguins", "v1.0", { label: "As published" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const update = (
  dataset: Reference.DatasetInput,
  tag: string,
  options: UpdateOptions
): Effect.Effect<Version, UpdateError, Redivis> =>
  onDataset(dataset, (redivis, dataset) =>
    redivis.execute(contract.patch, {
      params: { dataset, tag },
      body: defined({ label: options.label, releaseNotes: options.releaseNotes })
    }))

/**
 * Deletes the version `next`, or a released one that is not the current one.
 *
 * **Details**
 *
 * `DELETE /datasets/:dataset/versions/:tag`. Needs the scope `data.edit`. The
 * version `next` is gone at once, and gives `undefined`; a released one is marked
 * `isDeleted` and given, and {@link undelete} brings it back. A repeat that
 * finds nothing more is a success.
 *
 * **Failures**
 *
 * - `BadRequest`: it is the current version
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such version, or the token may not see it
 *
 * **Example** (Give up what was prepared)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const gone = Version.remove("demo.penguins", "next")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const remove = (
  dataset: Reference.DatasetInput,
  tag: string
): Effect.Effect<Version | undefined, RemoveError, Redivis> =>
  onDataset(dataset, (redivis, dataset) => redivis.execute(contract.delete, { params: { dataset, tag } }))

/**
 * Brings a deleted version back.
 *
 * **Details**
 *
 * `POST /datasets/:dataset/versions/:tag/undelete`. Needs the scope `data.edit`.
 *
 * **Failures**
 *
 * - `BadRequest`: the version was never released, so that nothing of it was kept
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such version, or the token may not see it
 *
 * **Example** (After all)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const back = Version.undelete("demo.penguins", "v1.0")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const undelete = (
  dataset: Reference.DatasetInput,
  tag: string
): Effect.Effect<Version, UndeleteError, Redivis> =>
  onDataset(dataset, (redivis, dataset) => redivis.execute(contract.undelete, { params: { dataset, tag } }))

/**
 * Takes the release of the current version back: it is the version `next`
 * again, and the one before it is current.
 *
 * **Details**
 *
 * `POST /datasets/:dataset/versions/current/unrelease`. Needs the scope
 * `data.edit`. A request whose answer was lost is not repeated: the version
 * before would be unreleased too.
 *
 * **Failures**
 *
 * - `BadRequest`: nothing is released, the release is older than seven days, or
 *   there is a version `next`
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such dataset, or the token may not see it
 *
 * **Example** (Too early)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const draft = Version.unrelease("demo.penguins")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const unrelease = (dataset: Reference.DatasetInput): Effect.Effect<Version, UnreleaseError, Redivis> =>
  onDataset(dataset, (redivis, dataset) => redivis.execute(contract.unrelease, { params: { dataset } }))

const job = (dataset: string): jobs.Job<Version> => ({
  kind: "release",
  id: dataset,
  status: (version) => version.isReleased === true ? "completed" : version.status ?? "running",
  errorMessage: (version) => version.releaseErrorMessage
})

/**
 * Waits until the version `next` that a release was asked for is released, and
 * gives the released version.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/versions/:tag`, with longer and longer pauses.
 * Interrupting it stops asking; the release goes on.
 *
 * **Failures**
 *
 * - `JobFailed`: the release failed; its message says why
 * - `DeadlineExceeded`: `deadline` came first
 * - `NotFound`: there is no such dataset, or the token may not see it
 *
 * **Example** (Go on in another process)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const released = Version.wait("demo.penguins", { deadline: "10 minutes" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const wait = (
  dataset: Reference.DatasetInput,
  options?: jobs.WaitOptions<Version>
): Effect.Effect<Version, WaitError, Redivis> =>
  onDataset(dataset, (redivis, dataset) => waitFrom(redivis, dataset, undefined, options))

const waitFrom = (
  redivis: Executor,
  dataset: string,
  started: Version | undefined,
  options: jobs.WaitOptions<Version> | undefined
): Effect.Effect<Version, WaitError> => {
  const read = (tag: string) => redivis.execute(contract.get, { params: { dataset, tag } })
  // once it is released, there is no next version any more
  const ask = Effect.catchTag(read("next"), "NotFound", () => read("current"))
  return jobs.wait(job(dataset), started, ask, options)
}

/**
 * How a version is released.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReleaseOptions extends jobs.WaitOptions<Version> {
  readonly releaseNotes?: string | null | undefined
  /**
   * `false` returns as soon as the release has begun.
   *
   * @default true
   */
  readonly wait?: boolean | undefined
}

/**
 * Releases the version `next` and waits until it is the current one.
 *
 * **Details**
 *
 * `POST /datasets/:dataset/versions/next/release`, then {@link wait}. Needs the
 * scope `data.edit`. A request whose answer was lost is not repeated: look with
 * `Version.get(dataset, "current")`.
 *
 * **Failures**
 *
 * - `BadRequest`: nothing changed, or an upload is running or failed
 * - `Forbidden`: the account may not edit the dataset
 * - `JobFailed`: the release failed; its message says why
 * - `DeadlineExceeded`: `deadline` came first
 * - `NotFound`: there is no next version, or the token may not see it
 *
 * **Example** (With notes)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 *
 * const released = Version.release("demo.penguins", { releaseNotes: "The birds of 2009." })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const release = (
  dataset: Reference.DatasetInput,
  options?: ReleaseOptions
): Effect.Effect<Version, ReleaseError, Redivis> =>
  onDataset(dataset, (redivis, dataset): Effect.Effect<Version, ReleaseError> =>
    Effect.flatMap(
      Effect.andThen(
        jobs.checkTime("deadline", options?.deadline),
        redivis.execute(contract.release, {
          params: { dataset },
          body: defined({ releaseNotes: options?.releaseNotes })
        })
      ),
      (version): Effect.Effect<Version, WaitError> =>
        options?.wait === false ? Effect.succeed(version) : waitFrom(redivis, dataset, version, options)
    ))
