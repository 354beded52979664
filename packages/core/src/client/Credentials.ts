/**
 * Where a client's token comes from.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { InvalidInput, type TransportError, type Unauthorized } from "../contract/RedivisError.ts"

/**
 * An effect that gives the token, or `undefined` for a call without
 * credentials. It runs for each request, so that a token can change; after a
 * 401 it runs once more, and a token that differs is tried.
 *
 * **Details**
 *
 * It runs in the fiber of the call and sees that fiber's references, so that one
 * source can give each caller of a server their own token. A call waits for it
 * no longer than its own time limit, so it never waits for a person: it gives
 * what is there, refreshes what has expired, or fails with `Unauthorized`.
 *
 * Requests are counted by the account that {@link of} names, else by the token.
 * A token that comes in place of one that was answered 401 goes on with its
 * budget.
 *
 * **Example** (Each caller's own token)
 *
 * ```ts
 * import type * as Credentials from "@effect-redivis/core/Credentials"
 * import * as Context from "effect/Context"
 * import * as Effect from "effect/Effect"
 * import type * as Redacted from "effect/Redacted"
 *
 * const Caller = Context.Reference<Redacted.Redacted<string> | undefined>("Caller", { defaultValue: () => undefined })
 *
 * const ofCaller: Credentials.Source = Effect.flatMap(Caller, Effect.succeed)
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export type Source = Effect.Effect<
  Redacted.Redacted<string> | undefined,
  InvalidInput | Unauthorized | TransportError
>

/**
 * One token that stays. An empty one means no credentials.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromToken = (token: Redacted.Redacted<string>): Source =>
  Effect.succeed(Redacted.value(token) === "" ? undefined : token)

/**
 * No credentials. The service then gives rows of public tables of up to 100 MB
 * (`Table.csv`, `Table.ndjson`, `Table.arrow`), and answers anything else
 * `Unauthorized`, public or not.
 *
 * @category constructors
 * @since 0.1.0
 */
export const anonymous: Source = /*#__PURE__*/ Effect.succeed(undefined)

const accounts = /*#__PURE__*/ new WeakMap<Source, string>()

/**
 * A source that names its account, by which its requests are counted whatever
 * its tokens are: for tokens that are refreshed. What is made of the effect, as
 * by `Effect.tap`, names none.
 *
 * **Example** (A token that changes)
 *
 * ```ts
 * import * as Credentials from "@effect-redivis/core/Credentials"
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const current = { token: Redacted.make("a token") }
 * const source = Credentials.of({ account: "researcher", token: Effect.sync(() => current.token) })
 *
 * const dataset = Dataset.get("demo.penguins").pipe(Redivis.withCredentials(source))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (
  { account, token }: { readonly account: string; readonly token: Redacted.Redacted<string> | Source }
): Source => {
  const source = Redacted.isRedacted(token) ? fromToken(token) : Effect.suspend(() => token)
  accounts.set(source, account)
  return source
}

/** The account that a source names. */
export const accountOf = (source: Source): string | undefined => accounts.get(source)

/** A token is sent in a header: printable ASCII without spaces, or the request would be refused or split. */
const sendable = /^[\x21-\x7e]+$/

const scheme = "Bearer "

/**
 * The value of the `Authorization` header, nothing where there are no
 * credentials, or what is wrong with the token; the refusal never shows a part
 * of it.
 */
export const authorization = (token: Redacted.Redacted<string> | undefined): string | undefined | InvalidInput => {
  const text = token === undefined ? "" : Redacted.value(token)
  if (text === "") return undefined
  return sendable.test(text) ? scheme + text : new InvalidInput({
    field: "token",
    reason: /[\r\n]/.test(text)
      ? "contains a line break: take away what surrounds it"
      : "contains characters that no header can carry: it must be printable ASCII without spaces"
  })
}

/** The token in the value of the `Authorization` header. */
export const tokenOf = (authorization: string | undefined): string | undefined => authorization?.slice(scheme.length)
