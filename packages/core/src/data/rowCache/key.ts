/** Under which key the rows of a table are kept, where they may be kept at all. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Credentials from "../../client/Credentials.ts"
import { CurrentSettings } from "../../client/region.ts"
import type { Executor } from "../../client/service.ts"
import * as Reference from "../../contract/Reference.ts"
import type { Table } from "../../contract/table.ts"
import type { Digest } from "./digest.ts"

/** Entries of another layout or of other rules are never found. */
const layout = "effect-redivis rows 2"

const encoder = /*#__PURE__*/ new TextEncoder()

/** What of a table tells its rows apart from all others. */
export type Identity = readonly [id: string, hash: string, numRows: number]

const released = /^v\d+[._]\d+$/i

const isReleased = ({ container, qualifiedReference }: Table): boolean => {
  // a client that is lenient hands on what misses its schema
  if (container?.kind !== "dataset" || typeof qualifiedReference !== "string") return false
  const reference = Reference.parseTable(qualifiedReference)
  const version = Result.isSuccess(reference) && reference.success.container !== undefined &&
      "version" in reference.success.container
    ? reference.success.container.version
    : undefined
  return version !== undefined && released.test(version)
}

const reading: ReadonlyArray<unknown> = ["data", "edit"]

/**
 * Who may only see that there is a table gets an answer too, so the level is
 * what says that its rows may still be read.
 */
const mayBeRead = ({ accessLevel, scopedAccessLevel }: Table): boolean =>
  reading.includes(accessLevel) &&
  (scopedAccessLevel === undefined || scopedAccessLevel === null || reading.includes(scopedAccessLevel))

/** Nothing where the rows may change, or may not be read, under what is known of the table. */
export const identityOf = (table: Table): Identity | undefined =>
  typeof table.hash !== "string" || table.hash === "" || !isReleased(table) || !mayBeRead(table)
    ? undefined
    // a sample has its table's id
    : [`${table.id ?? table.uri}${table.isSample === true ? ":sample" : ""}`, table.hash, table.numRows]

/** What a reading's digest gave last: before and after each request it is the same token, but for one that changes. */
const lastAccounts = /*#__PURE__*/ new WeakMap<
  Digest,
  { readonly sent: string | undefined; readonly account: string }
>()

/**
 * Stands for whose credentials are sent, and tells nothing of them. Nothing
 * where they cannot be had: the request itself says why. It is written nowhere,
 * since entries are sealed by it.
 */
export const accountOf = (redivis: Executor, digest: Digest): Effect.Effect<string | undefined> =>
  Effect.flatMap(CurrentSettings, ({ credentials = redivis.sending.configuration.credentials }) => credentials).pipe(
    Effect.flatMap((token) => {
      const sent = Credentials.authorization(token)
      if (typeof sent === "object") return Effect.succeed(undefined)
      const last = lastAccounts.get(digest)
      if (last !== undefined && last.sent === sent) return Effect.succeed(last.account)
      const text = sent === undefined ? `${layout}: anonymous` : `${layout}: token ${sent}`
      return Effect.map(digest(encoder.encode(text)), (account) => {
        lastAccounts.set(digest, { sent, account })
        return account
      })
    }),
    Effect.catch(() => Effect.succeed(undefined))
  )

export interface Selection {
  readonly variables?: ReadonlyArray<string> | undefined
  readonly maxResults?: number | undefined
}

export const keyOf = (
  digest: Digest,
  endpoint: string,
  account: string,
  identity: Identity,
  { maxResults, variables }: Selection
): Effect.Effect<string> =>
  digest(encoder.encode(JSON.stringify([
    layout,
    endpoint,
    account,
    ...identity,
    variables?.map((name) => name.toLowerCase()) ?? null,
    maxResults ?? null
  ])))
