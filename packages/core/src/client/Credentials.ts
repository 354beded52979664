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
