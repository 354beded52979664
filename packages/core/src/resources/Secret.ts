/**
 * Secrets of users and organizations, such as keys that notebooks use. The API
 * only reads them.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { otherName, unlessOther } from "../client/given.ts"
import type { Redivis } from "../client/service.ts"
import { onOwner, type Owner } from "../client/resolve.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import * as contract from "../contract/secret.ts"

export type { Owner } from "../client/resolve.ts"

/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = RedivisError.Common | Operation.Failure<typeof contract.getByUser>

/**
 * Reads the value of a secret, which no log and no error shows.
 *
 * **Details**
 *
 * `GET /users/:user/secrets/:secret` or
 * `GET /organizations/:organization/secrets/:secret`. Without an owner it is the
 * client's default one. A user's secrets are their own; those of an organization
 * are its administrators'. Needs the scope `workflow.read`.
 *
 * **Failures**
 *
 * - `InvalidInput`: no owner is known, or the name is empty
 * - `NotFound`: there is no such secret, the token may not see it, or what is
 *   found has another name, which the message tells
 *
 * **Example** (A key)
 *
 * ```ts
 * import * as Secret from "@effect-redivis/core/Secret"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const headers = Secret.get({ user: "researcher" }, "weather_key").pipe(
 *   Effect.map((key) => ({ "x-api-key": Redacted.value(key) }))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (
  owner: Owner | undefined,
  name: string
): Effect.Effect<Redacted.Redacted<string>, GetError, Redivis> =>
  Effect.map(
    onOwner<contract.Secret, GetError>(owner, {
      user: (redivis, user) => {
        const params = { user, secret: name }
        const answer = redivis.execute(contract.getByUser, { params })
        return unlessOther(answer, redivis, contract.getByUser, params, (found) => otherName(name, found))
      },
      organization: (redivis, organization) => {
        const params = { organization, secret: name }
        const answer = redivis.execute(contract.getByOrganization, { params })
        return unlessOther(answer, redivis, contract.getByOrganization, params, (found) => otherName(name, found))
      }
    }),
    ({ value }) => Redacted.make(value)
  )
