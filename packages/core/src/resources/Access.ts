/**
 * Who may do what with datasets. The documentation calls these methods a beta:
 * they may change.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { defined } from "../client/defined.ts"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/service.ts"
import { onDataset, onOrganization } from "../client/resolve.ts"
import * as contract from "../contract/access.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import type * as Reference from "../contract/Reference.ts"

export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"

/**
 * What one user may do with one dataset.
 *
 * @category models
 * @since 0.1.0
 */
export interface Access extends contract.Access {}

/**
 * From nothing to everything, each with those before it.
 *
 * @category models
 * @since 0.1.0
 */
export type Level = NonNullable<contract.AccessQuery["minAccessLevel"]>

/**
 * Whose access, or the access to what: all who have to do with a dataset, or
 * all datasets of the organization of a member.
 *
 * @category models
 * @since 0.1.0
 */
export type Of =
  | { readonly dataset: Reference.DatasetInput }
  | { readonly organization?: string | undefined; readonly member: string }

/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = RedivisError.Common | Operation.Failure<typeof contract.get>
/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = RedivisError.Common | Operation.Failure<typeof contract.listByDataset>

/**
 * Reads what one user may do with a dataset. Beta: it may change.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/access/:user`. Needs the scope `organization.read`, of
 * one who may edit the dataset.
 *
 * **Failures**
 *
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such dataset, the token may not see it, or the user has nothing to do with it
 *
 * **Example** (Whether they may read rows)
 *
 * ```ts
 * import * as Access from "@effect-redivis/core/Access"
 * import * as Effect from "effect/Effect"
 *
 * const level = Access.get("demo.penguins", "ada").pipe(Effect.map((access) => access.accessLevel))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (dataset: Reference.DatasetInput, user: string): Effect.Effect<Access, GetError, Redivis> =>
  onDataset(dataset, (redivis, dataset) => redivis.execute(contract.get, { params: { dataset, user } }))

/**
 * What is listed.
 *
 * @category models
 * @since 0.1.0
 */
export interface FilterOptions {
  /** Only those who may do this or more. */
  readonly minAccessLevel?: Level | undefined
}

/**
 * One page of the access to a dataset, or of a member. Beta: it may change.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/access`: the members of the organization that owns it,
 * or its owner and all whom it is shared with.
 * `GET /organizations/:organization/members/:member/access`: each dataset of the
 * organization. Needs the scope `organization.read`, of one who may edit the
 * dataset, or of an administrator.
 *
 * **Failures**
 *
 * - `InvalidInput`: `pageSize` is not from 1 to 1000, or an option is outside what the API takes
 * - `Forbidden`: the account may not edit the dataset, or does not administer the organization
 * - `NotFound`: there is no such dataset or member, or the token may not see it
 * - `BadRequest`: the page token is not the server's
 *
 * **Example** (What a member may edit)
 *
 * ```ts
 * import * as Access from "@effect-redivis/core/Access"
 *
 * const page = Access.listPage({ organization: "demo", member: "ada" }, { minAccessLevel: "edit" })
 * ```
 *
 * @see {@link list} for all of it as a stream
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  of: Of,
  options?: pages.PageOptions & FilterOptions
): Effect.Effect<pages.Page<Access>, ListError, Redivis> => {
  const query = defined({ ...pages.pageQuery(options), minAccessLevel: options?.minAccessLevel })
  const page: Effect.Effect<contract.AccessPage, ListError, Redivis> = "dataset" in of
    ? onDataset(
      of.dataset,
      (redivis, dataset) => redivis.execute(contract.listByDataset, { params: { dataset }, query })
    )
    : onOrganization(
      of.organization,
      (redivis, organization) =>
        redivis.execute(contract.listByMember, { params: { organization, member: of.member }, query })
    )
  return Effect.map(page, (page) => pages.pageOf(page))
}

/**
 * All of the access to a dataset, or of a member, page after page as it is
 * wanted. Beta: it may change.
 *
 * **Details**
 *
 * See {@link listPage}. A failure comes after all items before it, and its
 * `resume.pageToken` is where `listPage` and `list` go on.
 *
 * **Failures**
 *
 * - `Forbidden`: the account may not edit the dataset, or does not administer the organization
 * - `NotFound`: there is no such dataset or member, or the token may not see it
 *
 * **Example** (Who may read rows)
 *
 * ```ts
 * import * as Access from "@effect-redivis/core/Access"
 * import * as Stream from "effect/Stream"
 *
 * const readers = Access.list({ dataset: "demo.penguins" }, { minAccessLevel: "data" }).pipe(
 *   Stream.map((access) => access.user?.name),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  of: Of,
  options?: pages.ListOptions & FilterOptions
): Stream.Stream<Access, ListError, Redivis> =>
  pages.all("access.list", options, (page) => listPage(of, { ...options, ...page }))
