/**
 * Workflows: what transforms, notebooks, parameters and data sources hang on.
 * Their tables are listed by `Table.list({ workflow })`.
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
import * as contract from "../contract/workflow.ts"
import { exists as answers } from "./exists.ts"
import { onOwner, onWorkflow, type Owner } from "../client/resolve.ts"

export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"
export type { Owner } from "../client/resolve.ts"

/**
 * A workflow whole.
 *
 * @category models
 * @since 0.1.0
 */
export interface Workflow extends contract.Workflow {}

/**
 * A workflow as it stands in a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkflowListItem extends contract.WorkflowListItem {}

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
export type ListError = RedivisError.Common | Operation.Failure<typeof contract.listByUser>

/**
 * Reads one workflow.
 *
 * **Details**
 *
 * `GET /workflows/:workflow`. Needs the scope `workflow.read` unless it is
 * public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such workflow, or the token may not see it
 *
 * **Example** (How many transforms)
 *
 * ```ts
 * import * as Workflow from "@effect-redivis/core/Workflow"
 * import * as Effect from "effect/Effect"
 *
 * const count = Workflow.get("demo.climate").pipe(Effect.map((workflow) => workflow.transformCount))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (reference: Reference.WorkflowInput): Effect.Effect<Workflow, GetError, Redivis> =>
  onWorkflow(reference, (redivis, workflow) => redivis.execute(contract.get, { params: { workflow } }))

/**
 * Whether the workflow is there and the token may see it.
 *
 * **Details**
 *
 * `HEAD /workflows/:workflow`. Only a 404 is `false`.
 *
 * **Failures**
 *
 * - `InsufficientScope`: the token has not the scope `workflow.read`
 *
 * **Example** (Look before reading)
 *
 * ```ts
 * import * as Workflow from "@effect-redivis/core/Workflow"
 *
 * const there = Workflow.exists("demo.climate")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (reference: Reference.WorkflowInput): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(onWorkflow(reference, (redivis, workflow) => redivis.execute(contract.head, { params: { workflow } })))

/**
 * One page of an owner's workflows.
 *
 * **Details**
 *
 * `GET /users/:user/workflows` or `GET /organizations/:organization/workflows`.
 * Workflows that the token may not see are left out.
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
 * import * as Workflow from "@effect-redivis/core/Workflow"
 *
 * const page = Workflow.listPage({ organization: "demo" }, { pageSize: 10 })
 * ```
 *
 * @see {@link list} for all of them as a stream
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  owner?: Owner,
  options?: pages.PageOptions
): Effect.Effect<pages.Page<WorkflowListItem>, ListError, Redivis> => {
  const query = pages.pageQuery(options)
  return Effect.map(
    onOwner<contract.WorkflowPage, ListError>(owner, {
      user: (redivis, user) => redivis.execute(contract.listByUser, { params: { user }, query }),
      organization: (redivis, organization) =>
        redivis.execute(contract.listByOrganization, { params: { organization }, query })
    }),
    (page) => pages.pageOf(page)
  )
}

/**
 * All workflows of an owner, page after page as they are wanted.
 *
 * **Details**
 *
 * See {@link listPage}.
 *
 * **Failures**
 *
 * - `InvalidInput`: no owner is known, or `pageSize` is not from 1 to 1000
 * - `NotFound`: there is no such owner
 *
 * **Example** (Their names)
 *
 * ```ts
 * import * as Workflow from "@effect-redivis/core/Workflow"
 * import * as Stream from "effect/Stream"
 *
 * const names = Workflow.list({ user: "researcher" }).pipe(
 *   Stream.map((workflow) => workflow.name),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  owner?: Owner,
  options?: pages.ListOptions
): Stream.Stream<WorkflowListItem, ListError, Redivis> =>
  pages.all("workflows.list", options, (page) => listPage(owner, page))
