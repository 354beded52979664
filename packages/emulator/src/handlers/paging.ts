/** Pages of listings: tokens that mean something to the emulator alone. */
import * as Effect from "effect/Effect"
import { BadRequest } from "../http/Refusal.ts"

export interface PageQuery {
  readonly maxResults?: number | undefined
  readonly pageToken?: string | number | undefined
}

export interface Page<A> {
  readonly kind: string
  readonly results: ReadonlyArray<A>
  readonly nextPageToken: string | number | null
}

const defaultSize = 100

const encode = (offset: number): string => Buffer.from(`page:${offset}`).toString("base64url")

const decode = (token: string | number | undefined): number | undefined => {
  if (token === undefined) return 0
  const text = /^\d+$/.test(String(token)) ? `page:${token}` : Buffer.from(String(token), "base64url").toString()
  const offset = /^page:(\d{1,15})$/.exec(text)?.[1]
  return offset === undefined ? undefined : Number(offset)
}

export const page = Effect.fnUntraced(function*<A>(
  kind: string,
  all: ReadonlyArray<A>,
  query: PageQuery | undefined,
  /** Tokens are numbers where the documentation prints one. */
  tokens: "text" | "number" = "text"
): Effect.fn.Return<Page<A>, BadRequest> {
  const offset = decode(query?.pageToken)
  if (offset === undefined) return yield* new BadRequest({ description: "\"pageToken\" is not one that a page gave" })
  const next = offset + (query?.maxResults ?? defaultSize)
  return {
    kind,
    results: all.slice(offset, next),
    nextPageToken: next >= all.length ? null : tokens === "number" ? next : encode(next)
  }
})
