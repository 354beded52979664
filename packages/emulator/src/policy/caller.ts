/** Who makes a request, and what their token allows. */
import * as Effect from "effect/Effect"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { InsufficientScope, Unauthorized } from "../http/Refusal.ts"
import { noCredentials } from "./anonymous.ts"

export type Caller =
  | { readonly kind: "anonymous" }
  | {
    readonly kind: "user"
    readonly user: Model.User
    readonly tokenId: string
    readonly scopes: ReadonlyArray<string>
  }

export const anonymous: Caller = { kind: "anonymous" }

/** Each scope includes those before it in its group. */
const groups: ReadonlyArray<ReadonlyArray<string>> = [
  ["data.overview", "data.metadata", "data.data", "data.edit"],
  ["organization.read", "organization.write"],
  ["workflow.read", "workflow.write"]
]

/** Every scope that a token can have. */
export const allScopes: ReadonlyArray<string> = ["public", ...groups.flat()]

/** A token with these may do all that its user may. */
export const fullScopes: ReadonlyArray<string> = ["data.edit", "organization.write", "workflow.write"]

export const hasScope = (scopes: ReadonlyArray<string>, needed: string): boolean => {
  const group = groups.find((members) => members.includes(needed))
  if (group === undefined) return scopes.includes(needed)
  return group.slice(group.indexOf(needed)).some((scope) => scopes.includes(scope))
}

export const requireUser = (
  caller: Caller
): Effect.Effect<Extract<Caller, { readonly kind: "user" }>, Unauthorized> =>
  caller.kind === "user"
    ? Effect.succeed(caller)
    : Effect.fail(noCredentials)

export const requireScope = (
  caller: Caller,
  needed: string
): Effect.Effect<Extract<Caller, { readonly kind: "user" }>, Unauthorized | InsufficientScope> =>
  Effect.flatMap(
    requireUser(caller),
    (user) =>
      hasScope(user.scopes, needed) ? Effect.succeed(user) : Effect.fail(new InsufficientScope({ scopes: [needed] }))
  )

interface Known {
  readonly token: Model.Token
  readonly user: Model.User
}

export interface Callers {
  /** From an `Authorization` header. */
  readonly resolve: (authorization: string | undefined, now: number) => Effect.Effect<Caller, Unauthorized, Store>
  /** What was learnt of tokens is looked up again. */
  readonly forget: () => void
}

const refused = new Unauthorized({ description: "The token is unknown or malformed" })

export const make = (): Callers => {
  // so that a call does not cost two queries for what does not change, and many calls at once do not either
  const known = new Map<string, Effect.Effect<Known, Unauthorized, Store>>()
  const lookUp = (text: string): Effect.Effect<Known, Unauthorized, Store> =>
    Effect.gen(function*() {
      const store = yield* Store
      const token = yield* store.tokens.find(text)
      return { token, user: yield* store.accounts.getUser(token.user) }
    }).pipe(
      Effect.mapError(() => refused),
      // what is not known yet may be made at any time
      Effect.onError(() => Effect.sync(() => known.delete(text)))
    )
  const find = (text: string): Effect.Effect<Known, Unauthorized, Store> =>
    Effect.suspend(() => {
      const made = known.get(text)
      if (made !== undefined) return made
      return Effect.flatMap(Effect.cached(lookUp(text)), (cached) => {
        known.set(text, cached)
        return cached
      })
    })
  return {
    resolve: Effect.fnUntraced(function*(authorization, now) {
      if (authorization === undefined) return anonymous
      const text = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
      if (text === undefined) return yield* refused
      const { token, user } = yield* find(text)
      if (token.expiresAt !== null && token.expiresAt <= now) {
        return yield* new Unauthorized({ description: "The token has expired" })
      }
      return { kind: "user", user, tokenId: token.id, scopes: token.scopes } as const
    }),
    forget: () => known.clear()
  }
}
