/**
 * Members of organizations, for their administrators. Where a function takes an
 * organization, `undefined` is the client's default one.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { defined } from "../client/defined.ts"
import { withLabels, withoutLabels } from "../client/labels.ts"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/service.ts"
import { onOrganization } from "../client/resolve.ts"
import * as contract from "../contract/member.ts"
import type * as Operation from "../contract/Operation.ts"
import * as RedivisError from "../contract/RedivisError.ts"
import { exists as answers } from "./exists.ts"

export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"

/**
 * A member, or somebody who asked to be one, was refused, or has left.
 *
 * @category models
 * @since 0.1.0
 */
export interface Member extends contract.Member {}

/**
 * What a listing can be narrowed to.
 *
 * @category models
 * @since 0.1.0
 */
export type Status = typeof contract.MemberStatus.Type

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
export type UpdateError = RedivisError.Common | Operation.Failure<typeof contract.patch>
/**
 * @category errors
 * @since 0.1.0
 */
export type CommentError = RedivisError.Common | Operation.Failure<typeof contract.comment>
/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = RedivisError.Common | Operation.Failure<typeof contract.list>

/**
 * Reads one member, by the name of their account.
 *
 * **Details**
 *
 * `GET /organizations/:organization/members/:member`. Needs the scope
 * `organization.read`, of an administrator.
 *
 * **Failures**
 *
 * - `Forbidden`: the account does not administer the organization
 * - `NotFound`: there is no such organization, or no such member
 *
 * **Example** (Whether they were let in)
 *
 * ```ts
 * import * as Member from "@effect-redivis/core/Member"
 * import * as Effect from "effect/Effect"
 *
 * const isIn = Member.get("demo", "ada").pipe(Effect.map((member) => member.status === "approved"))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (organization: string | undefined, user: string): Effect.Effect<Member, GetError, Redivis> =>
  onOrganization(
    organization,
    (redivis, organization) => redivis.execute(contract.get, { params: { organization, member: user } })
  )

/**
 * Whether the organization knows the user as a member, of whatever status.
 *
 * **Details**
 *
 * `HEAD /organizations/:organization/members/:member`. Needs the scope
 * `organization.read`, of an administrator. Only a 404 is `false`.
 *
 * **Failures**
 *
 * - `Forbidden`: the account does not administer the organization
 *
 * **Example** (Who has asked)
 *
 * ```ts
 * import * as Member from "@effect-redivis/core/Member"
 *
 * const isKnown = Member.exists("demo", "ada")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (organization: string | undefined, user: string): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(
    onOrganization(
      organization,
      (redivis, organization) => redivis.execute(contract.head, { params: { organization, member: user } })
    )
  )

/**
 * What {@link update} changes; what is not given stays.
 *
 * @category models
 * @since 0.1.0
 */
export interface UpdateOptions {
  readonly status?: contract.MemberPatch["status"] | undefined
  /** All labels; those that are not among them are taken away. Without spaces, at most one colon each. */
  readonly labels?: ReadonlyArray<string> | undefined
}

/**
 * Lets a member in or refuses them, and sets their labels.
 *
 * **Details**
 *
 * `PATCH /organizations/:organization/members/:member`. Needs the scope
 * `organization.write`, of an administrator.
 *
 * **Failures**
 *
 * - `InvalidInput`: an option is outside what the API takes
 * - `Forbidden`: the account does not administer the organization
 * - `NotFound`: there is no such organization, or no such member
 *
 * **Example** (Welcome)
 *
 * ```ts
 * import * as Member from "@effect-redivis/core/Member"
 *
 * const member = Member.update("demo", "ada", { status: "approved", labels: ["cohort:2026"] })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const update = (
  organization: string | undefined,
  user: string,
  options: UpdateOptions
): Effect.Effect<Member, UpdateError, Redivis> =>
  onOrganization(organization, (redivis, organization) =>
    redivis.execute(contract.patch, {
      params: { organization, member: user },
      body: defined({ status: options.status, labels: options.labels })
    }))

const relabelled = (
  organization: string | undefined,
  user: string,
  change: (known: ReadonlyArray<string>) => ReadonlyArray<string> | undefined
): Effect.Effect<Member, UpdateError, Redivis> =>
  onOrganization(organization, (redivis, organization): Effect.Effect<Member, UpdateError> => {
    const params = { organization, member: user }
    return Effect.flatMap(
      redivis.execute(contract.get, { params }),
      (found): Effect.Effect<Member, UpdateError> => {
        if (found.labels === undefined) {
          return Effect.fail(
            new RedivisError.DecodeError({ operation: contract.get.name, path: "labels", expected: "the labels" })
          )
        }
        const labels = change(found.labels ?? [])
        return labels === undefined
          ? Effect.succeed(found)
          : redivis.execute(contract.patch, { params, body: { labels } })
      }
    )
  })

/**
 * Adds labels to a member, in lower case, beside those that they have.
 *
 * **Details**
 *
 * `GET /organizations/:organization/members/:member`, then
 * `PATCH /organizations/:organization/members/:member` with all labels, unless
 * they have them already. A change that is made between the two is lost.
 *
 * **Failures**
 *
 * - `InvalidInput`: a label has a space, or more than one colon
 * - `Forbidden`: the account does not administer the organization
 * - `NotFound`: there is no such organization, or no such member
 *
 * **Example** (Put them in a group)
 *
 * ```ts
 * import * as Member from "@effect-redivis/core/Member"
 *
 * const member = Member.addLabels("demo", "ada", ["group:climate"])
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const addLabels = (
  organization: string | undefined,
  user: string,
  labels: ReadonlyArray<string>
): Effect.Effect<Member, UpdateError, Redivis> => relabelled(organization, user, (known) => withLabels(known, labels))

/**
 * Takes labels of a member away, whatever their case.
 *
 * **Details**
 *
 * `GET /organizations/:organization/members/:member`, then
 * `PATCH /organizations/:organization/members/:member` with the labels that are
 * left, unless they have none of them. A change that is made between the two is
 * lost.
 *
 * **Failures**
 *
 * - `Forbidden`: the account does not administer the organization
 * - `NotFound`: there is no such organization, or no such member
 *
 * **Example** (Out of a group)
 *
 * ```ts
 * import * as Member from "@effect-redivis/core/Member"
 *
 * const member = Member.removeLabels("demo", "ada", ["group:climate"])
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const removeLabels = (
  organization: string | undefined,
  user: string,
  labels: ReadonlyArray<string>
): Effect.Effect<Member, UpdateError, Redivis> =>
  relabelled(organization, user, (known) => withoutLabels(known, labels))

/**
 * Writes a comment on a member, for the other administrators. The API shows
 * none of them.
 *
 * **Details**
 *
 * `POST /organizations/:organization/members/:member/comments`. Needs the scope
 * `organization.write`, of an administrator. A request whose answer was lost is
 * not repeated.
 *
 * **Failures**
 *
 * - `InvalidInput`: the text is empty
 * - `Forbidden`: the account does not administer the organization
 * - `NotFound`: there is no such organization, or no such member
 *
 * **Example** (Why they are in)
 *
 * ```ts
 * import * as Member from "@effect-redivis/core/Member"
 *
 * const noted = Member.addComment("demo", "ada", "Signed the agreement on paper.")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const addComment = (
  organization: string | undefined,
  user: string,
  text: string
): Effect.Effect<void, CommentError, Redivis> =>
  onOrganization(
    organization,
    (redivis, organization) =>
      redivis.execute(contract.comment, { params: { organization, member: user }, body: { text } })
  )

/**
 * Which members are listed.
 *
 * @category models
 * @since 0.1.0
 */
export interface FilterOptions {
  /** Only members with one of these labels; `cohort` also stands for `cohort:2026`. */
  readonly labels?: ReadonlyArray<string> | undefined
  /** Only members of one of these. */
  readonly statuses?: ReadonlyArray<Status> | undefined
}

/**
 * One page of an organization's members.
 *
 * **Details**
 *
 * `GET /organizations/:organization/members`. Needs the scope
 * `organization.read`, of an administrator.
 *
 * **Failures**
 *
 * - `InvalidInput`: `pageSize` is not from 1 to 1000, or an option is outside what the API takes
 * - `Forbidden`: the account does not administer the organization
 * - `NotFound`: there is no such organization
 * - `BadRequest`: the page token is not the server's
 *
 * **Example** (Who waits to be let in)
 *
 * ```ts
 * import * as Member from "@effect-redivis/core/Member"
 *
 * const page = Member.listPage("demo", { statuses: ["pending"], pageSize: 10 })
 * ```
 *
 * @see {@link list} for all of them as a stream
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  organization?: string,
  options?: pages.PageOptions & FilterOptions
): Effect.Effect<pages.Page<Member>, ListError, Redivis> =>
  Effect.map(
    onOrganization(organization, (redivis, organization) =>
      redivis.execute(contract.list, {
        params: { organization },
        query: defined({ ...pages.pageQuery(options), labels: options?.labels, statuses: options?.statuses })
      })),
    (page) => pages.pageOf(page)
  )

/**
 * All members of an organization, page after page as they are wanted.
 *
 * **Details**
 *
 * See {@link listPage}. A failure comes after all items before it, and its
 * `resume.pageToken` is where `listPage` and `list` go on.
 *
 * **Failures**
 *
 * - `Forbidden`: the account does not administer the organization
 * - `NotFound`: there is no such organization
 *
 * **Example** (Their accounts)
 *
 * ```ts
 * import * as Member from "@effect-redivis/core/Member"
 * import * as Stream from "effect/Stream"
 *
 * const names = Member.list("demo", { labels: ["cohort"] }).pipe(
 *   Stream.map((member) => member.user.name),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  organization?: string,
  options?: pages.ListOptions & FilterOptions
): Stream.Stream<Member, ListError, Redivis> =>
  pages.all("members.list", options, (page) => listPage(organization, { ...options, ...page }))
