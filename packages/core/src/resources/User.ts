/**
 * Users.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import { type Redivis, withExecutor } from "../client/service.ts"
import type * as owner from "../contract/owner.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import * as contract from "../contract/user.ts"

/**
 * A user.
 *
 * @category models
 * @since 0.1.0
 */
export interface User extends owner.User {}

/**
 * What {@link me} fails with: what every call can fail with, and nothing else.
 *
 * @category errors
 * @since 0.1.0
 */
export type MeError = RedivisError.Common

/**
 * Reads the account that the token belongs to.
 *
 * **Details**
 *
 * `GET /users/me`.
 *
 * **Failures**
 *
 * - `Unauthorized`: there is no token, or it is not accepted
 *
 * **Example** (Who am I)
 *
 * ```ts
 * import * as User from "@effect-redivis/core/User"
 * import * as Effect from "effect/Effect"
 *
 * const name = User.me().pipe(Effect.map((user) => user.name))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const me = (): Effect.Effect<User, MeError, Redivis> =>
  withExecutor((redivis) => redivis.execute(contract.me, {}))
