/**
 * Organizations: owners of datasets and workflows, with members.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { Redivis } from "../client/service.ts"
import { onOrganization } from "../client/resolve.ts"
import * as contract from "../contract/dataset.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import { exists as answers } from "./exists.ts"

/**
 * @category errors
 * @since 0.1.0
 */
export type ExistsError = Exclude<
  RedivisError.Common | Operation.Failure<typeof contract.headByOrganization>,
  RedivisError.NotFound
>

/**
 * Whether there is an organization of that name.
 *
 * **Details**
 *
 * `HEAD /organizations/:organization/datasets`, since the API shows nothing of
 * an organization itself. Without a name it is the client's default one. Only a
 * 404 is `false`.
 *
 * **Failures**
 *
 * - `InvalidInput`: no organization is known, or the name has other characters
 *   than letters, digits and `_`
 *
 * **Example** (Look before making)
 *
 * ```ts
 * import * as Organization from "@effect-redivis/core/Organization"
 *
 * const there = Organization.exists("demo")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (organization?: string): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(
    onOrganization(organization, (redivis, organization) =>
      redivis.execute(contract.headByOrganization, { params: { organization }, query: { maxResults: 1 } }))
  )
