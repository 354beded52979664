/**
 * Datasets: what tables, versions and documentation hang on.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { otherName, unlessOther } from "../client/given.ts"
import * as pages from "../client/pages.ts"
import type { Executor, Redivis } from "../client/service.ts"
import * as contract from "../contract/dataset.ts"
import type * as Operation from "../contract/Operation.ts"
import * as RedivisError from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import { defined } from "../client/defined.ts"
import { withLabels, withoutLabels } from "../client/labels.ts"
import { exists as answers } from "./exists.ts"
import { onDataset, onOwner, type Owner } from "../client/resolve.ts"

export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"
export type { Owner } from "../client/resolve.ts"
export { pin, type PinError, type Pinned } from "./pin.ts"
export { ofDataset as schemaSource, type SchemaSourceError, type SchemaSourceOptions } from "./schemaSource.ts"

/**
 * A dataset whole.
 *
 * @category models
 * @since 0.1.0
 */
export interface Dataset extends contract.Dataset {}

/**
 * A dataset as it stands in a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface DatasetListItem extends contract.DatasetListItem {}

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
export type CreateError = RedivisError.Common | Operation.Failure<typeof contract.postByUser>
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
export type ListError = RedivisError.Common | Operation.Failure<typeof contract.listByUser>

/**
 * Reads one dataset.
 *
 * **Details**
 *
 * `GET /datasets/:dataset`. Without a version in the reference the server
 * chooses one, which is the current version unless it is being prepared. Needs
 * the scope `data.overview` unless the dataset is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such dataset, or the token may not see it
 *
 * **Example** (A dataset that may not exist)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Effect from "effect/Effect"
 *
 * const title = Dataset.get("demo.penguins").pipe(
 *   Effect.map((dataset) => dataset.name),
 *   Effect.catchTag("NotFound", () => Effect.succeed("no such dataset"))
 * )
 * ```
 *
 * @see {@link list} for all datasets of an organization
 * @category operations
 * @since 0.1.0
 */
export const get = (reference: Reference.DatasetInput): Effect.Effect<Dataset, GetError, Redivis> =>
  onDataset(reference, (redivis, dataset) => redivis.execute(contract.get, { params: { dataset } }))

/**
 * Whether the dataset is there and the token may see it.
 *
 * **Details**
 *
 * `HEAD /datasets/:dataset`. Only a 404 is `false`; every other failure stays
 * one.
 *
 * **Example** (Look before making)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 *
 * const there = Dataset.exists("demo.penguins")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (reference: Reference.DatasetInput): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(onDataset(reference, (redivis, dataset) => redivis.execute(contract.head, { params: { dataset } })))

/**
 * What a new dataset is given.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateOptions {
  /** Unique in its owner; characters that are no word characters do not tell names apart. */
  readonly name: string
  /**
   * @default "none"
   */
  readonly publicAccessLevel?: contract.DatasetPost["publicAccessLevel"] | undefined
  /** The abstract. How long it may be, the server says. */
  readonly description?: string | null | undefined
}

/**
 * Makes a dataset with an empty version `next`.
 *
 * **Details**
 *
 * `POST /users/:user/datasets` or `POST /organizations/:organization/datasets`.
 * Without an owner it is the client's default one. Needs the scope `data.edit`.
 * A request whose answer was lost is not repeated.
 *
 * **Failures**
 *
 * - `InvalidInput`: no owner is known, the name is empty, the description too long
 * - `BadRequest`: the owner has a dataset of that name
 * - `Forbidden`: the account may not make datasets there
 * - `NotFound`: there is no such owner
 *
 * **Example** (In an organization)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 *
 * const dataset = Dataset.create({ organization: "demo" }, { name: "Penguins", publicAccessLevel: "data" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const create = (
  owner: Owner | undefined,
  options: CreateOptions
): Effect.Effect<Dataset, CreateError, Redivis> => {
  const body = defined({
    name: options.name,
    publicAccessLevel: options.publicAccessLevel ?? "none",
    description: options.description
  })
  return onOwner<Dataset, CreateError>(owner, {
    user: (redivis, user) => redivis.execute(contract.postByUser, { params: { user }, body }),
    organization: (redivis, organization) =>
      redivis.execute(contract.postByOrganization, { params: { organization }, body })
  })
}

/**
 * Makes a dataset, or gives the one that its owner has of that name.
 *
 * **Details**
 *
 * `GET /datasets/:dataset`, then {@link create} where it is not there. A dataset
 * that is there already is given as it is: what `options` say of it beside the
 * name is not compared. A dataset that the token may not see cannot be given, and
 * one that the service finds under another name is not: whether there can be a
 * second one, it says itself.
 *
 * **Failures**
 *
 * - `InvalidInput`: no owner is known, the name is empty, the description too long
 * - `BadRequest`: the owner has a dataset of that name that the token may not see, or one whose name the service
 *   takes for the same
 * - `Forbidden`: the account may not make datasets there
 * - `NotFound`: there is no such owner
 *
 * **Example** (The same, however often it runs)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 *
 * const dataset = Dataset.createIfNotExists({ organization: "demo" }, { name: "Penguins" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const createIfNotExists = (
  owner: Owner | undefined,
  options: CreateOptions
): Effect.Effect<Dataset, CreateError, Redivis> => {
  const look = onOwner<Dataset, GetError>(owner, {
    user: (redivis, user) => named(redivis, user, options.name),
    organization: (redivis, organization) => named(redivis, organization, options.name)
  })
  return Effect.catchTag(look, "NotFound", () =>
    Effect.catchTag(
      create(owner, options),
      "BadRequest",
      // somebody else may have been quicker
      (refused) => Effect.catchTag(look, "NotFound", () => Effect.fail(refused))
    ))
}

const named = (redivis: Executor, owner: string, name: string): Effect.Effect<Dataset, GetError> =>
  Effect.flatMap(
    Effect.fromResult(Reference.dataset({ owner, name })),
    (reference) => {
      const params = { dataset: Reference.format(reference) }
      const answer = redivis.execute(contract.get, { params })
      return unlessOther(answer, redivis, contract.get, params, (found) => otherName(name, found))
    }
  )

/**
 * What {@link update} changes; what is not given stays.
 *
 * @category models
 * @since 0.1.0
 */
export interface UpdateOptions {
  readonly name?: string | undefined
  readonly publicAccessLevel?: contract.DatasetPost["publicAccessLevel"] | undefined
  /** The abstract, as long as the server lets it be; null takes it away. */
  readonly description?: string | null | undefined
  /** All labels; those that are not among them are taken away. Without spaces, at most one colon each. */
  readonly labels?: ReadonlyArray<string> | undefined
}

/**
 * Changes a dataset.
 *
 * **Details**
 *
 * `PATCH /datasets/:dataset`. Needs the scope `data.edit`.
 *
 * **Failures**
 *
 * - `InvalidInput`: an option is outside what the API takes
 * - `BadRequest`: the new name is another dataset's
 * - `Forbidden`: the account may not edit it
 * - `NotFound`: there is no such dataset, or the token may not see it
 *
 * **Example** (Open it to the public)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 *
 * const opened = Dataset.update("demo.penguins", { publicAccessLevel: "data" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const update = (
  reference: Reference.DatasetInput,
  options: UpdateOptions
): Effect.Effect<Dataset, UpdateError, Redivis> =>
  onDataset(reference, (redivis, dataset) =>
    redivis.execute(contract.patch, {
      params: { dataset },
      body: defined({
        name: options.name,
        publicAccessLevel: options.publicAccessLevel,
        description: options.description,
        labels: options.labels
      })
    }))

/** What the labels are, as far as the answer tells: only administrators are shown them. */
const labelsOf = (dataset: Dataset): ReadonlyArray<string> | undefined =>
  dataset.labels !== undefined
    ? dataset.labels ?? []
    // the server refuses the change of one who may not edit
    : dataset.accessLevel === undefined || dataset.accessLevel === "edit"
    ? undefined
    : []

const relabelled = (
  reference: Reference.DatasetInput,
  change: (known: ReadonlyArray<string>) => ReadonlyArray<string> | undefined
): Effect.Effect<Dataset, UpdateError, Redivis> =>
  onDataset(reference, (redivis, dataset): Effect.Effect<Dataset, UpdateError> =>
    Effect.flatMap(
      redivis.execute(contract.get, { params: { dataset } }),
      (found): Effect.Effect<Dataset, UpdateError> => {
        const known = labelsOf(found)
        if (known === undefined) {
          return Effect.fail(
            new RedivisError.DecodeError({ operation: contract.get.name, path: "labels", expected: "the labels" })
          )
        }
        const labels = change(known)
        return labels === undefined
          ? Effect.succeed(found)
          : redivis.execute(contract.patch, { params: { dataset }, body: { labels } })
      }
    ))

/**
 * Adds labels to a dataset, in lower case, beside those that it has.
 *
 * **Details**
 *
 * `GET /datasets/:dataset`, then `PATCH /datasets/:dataset` with all labels,
 * unless it has them already. The API has no way to add one: a change that is
 * made between the two is lost.
 *
 * **Failures**
 *
 * - `InvalidInput`: a label has a space, or more than one colon
 * - `Forbidden`: the account may not edit it
 * - `NotFound`: there is no such dataset, or the token may not see it
 *
 * **Example** (File it under a topic)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 *
 * const filed = Dataset.addLabels("demo.penguins", ["topic:birds"])
 * ```
 *
 * @see {@link update} to set them all
 * @category operations
 * @since 0.1.0
 */
export const addLabels = (
  reference: Reference.DatasetInput,
  labels: ReadonlyArray<string>
): Effect.Effect<Dataset, UpdateError, Redivis> => relabelled(reference, (known) => withLabels(known, labels))

/**
 * Takes labels of a dataset away, whatever their case.
 *
 * **Details**
 *
 * `GET /datasets/:dataset`, then `PATCH /datasets/:dataset` with the labels that
 * are left, unless it has none of them. A change that is made between the two
 * is lost.
 *
 * **Failures**
 *
 * - `Forbidden`: the account may not edit it
 * - `NotFound`: there is no such dataset, or the token may not see it
 *
 * **Example** (No draft any more)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 *
 * const done = Dataset.removeLabels("demo.penguins", ["draft"])
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const removeLabels = (
  reference: Reference.DatasetInput,
  labels: ReadonlyArray<string>
): Effect.Effect<Dataset, UpdateError, Redivis> => relabelled(reference, (known) => withoutLabels(known, labels))

/**
 * Deletes a dataset with all its versions and data. There is no way back.
 *
 * **Details**
 *
 * `DELETE /datasets/:dataset`. Needs the scope `data.edit`. A repeat that finds
 * nothing more is a success.
 *
 * **Failures**
 *
 * - `Forbidden`: the account may not delete it
 * - `NotFound`: there is no such dataset, or the token may not see it
 *
 * **Example** (Take it away)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 *
 * const gone = Dataset.remove("demo.penguins")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const remove = (reference: Reference.DatasetInput): Effect.Effect<void, RemoveError, Redivis> =>
  onDataset(reference, (redivis, dataset) => redivis.execute(contract.delete, { params: { dataset } }))

/**
 * How datasets are listed.
 *
 * @category models
 * @since 0.1.0
 */
export interface FilterOptions {
  /** Only datasets with one of these labels; for administrators. */
  readonly labels?: ReadonlyArray<string> | undefined
}

/**
 * One page of an owner's datasets.
 *
 * **Details**
 *
 * `GET /users/:user/datasets` or `GET /organizations/:organization/datasets`.
 * Datasets that the token may not see are left out.
 *
 * **Failures**
 *
 * - `InvalidInput`: no owner is known, or `pageSize` is not from 1 to 1000
 * - `NotFound`: there is no such owner
 * - `BadRequest`: the page token is not the server's
 *
 * **Example** (The first ten)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 *
 * const page = Dataset.listPage({ organization: "demo" }, { pageSize: 10 })
 * ```
 *
 * @see {@link list} for all of them as a stream
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  owner?: Owner,
  options?: pages.PageOptions & FilterOptions
): Effect.Effect<pages.Page<DatasetListItem>, ListError, Redivis> => {
  const query = defined({ ...pages.pageQuery(options), labels: options?.labels })
  return Effect.map(
    onOwner<contract.DatasetPage, ListError>(owner, {
      user: (redivis, user) => redivis.execute(contract.listByUser, { params: { user }, query }),
      organization: (redivis, organization) =>
        redivis.execute(contract.listByOrganization, { params: { organization }, query })
    }),
    (page) => pages.pageOf(page)
  )
}

/**
 * All datasets of an owner, page after page as they are wanted.
 *
 * **Details**
 *
 * See {@link listPage}. A failure comes after all items before it, and its
 * `resume.pageToken` is where `listPage` and `list` go on.
 *
 * **Failures**
 *
 * - `InvalidInput`: no owner is known, or `pageSize` is not from 1 to 1000
 * - `NotFound`: there is no such owner
 * - `BadRequest`: the page token is not the server's
 *
 * **Example** (Their names)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Stream from "effect/Stream"
 *
 * const names = Dataset.list({ organization: "demo" }).pipe(
 *   Stream.map((dataset) => dataset.name),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  owner?: Owner,
  options?: pages.ListOptions & FilterOptions
): Stream.Stream<DatasetListItem, ListError, Redivis> =>
  pages.all("datasets.list", options, (page) => listPage(owner, { ...options, ...page }))
