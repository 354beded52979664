/** Clients beside the case's own: with another token, other options, or nobody's. */
import type { Options, Redivis } from "@effect-redivis/core/Redivis"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as Redacted from "effect/Redacted"
import { Place } from "./Case.ts"
import { makeToken } from "./control.ts"

/** Runs an effect with a client of its own. */
export const within =
  (options: Options) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Redivis> | Place> =>
    Effect.flatMap(Place, ({ client }) => Effect.provide(self, client(options)))

export const withToken = (token: string) => within({ token: Redacted.make(token) })

/** Without credentials. */
export const anonymously = within({ token: undefined })

/** With a token that no other case uses: its rate limit and its budget are its own. */
export const apart = (options: Options = {}) =>
<A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E | HttpClientError, Exclude<R, Redivis> | Place | HttpClient.HttpClient> =>
  Effect.flatMap(makeToken({}), (token) => within({ ...options, token: Redacted.make(token) })(self))
