/**
 * Pages of listings. A page goes on behind the place of the last item before it:
 * nothing comes twice or is left out where something is removed meanwhile, and
 * what is added comes only if its place is a later one.
 */
import * as Effect from "effect/Effect"
import { BadRequest } from "../http/Refusal.ts"

export interface PageQuery {
  readonly maxResults?: number | undefined
  readonly pageToken?: string | number | undefined
}

export interface Page<A> {
  readonly kind: string
  readonly nextPageToken: string | number | null
  readonly results: ReadonlyArray<A>
}

/** The order of a listing, in which its page tokens are places. */
export interface Order<A, Place extends string | number> {
  readonly placeOf: (item: A) => Place
  /** The place that a token tells; nothing for what no page gave. */
  readonly read: (token: string) => Place | undefined
  readonly isDescending: boolean
}

/** By id, as the service lists; the token is the id of the page's last item. */
export const byId: Order<{ readonly id: string }, string> = {
  placeOf: ({ id }) => id,
  read: (token) => /^(\w+-[0-9a-z]{9}|[0-9a-f]{24})$/.test(token) ? token : undefined,
  isDescending: false
}

/** By the id of what the items are about. */
export const byIdOf = <A>(owner: (item: A) => { readonly id: string }): Order<A, string> => ({
  ...byId,
  placeOf: (item) => owner(item).id
})

/** By the name of a user, since members have no ids. */
export const byUser: Order<{ readonly user: { readonly name: string } }, string> = {
  placeOf: ({ user }) => `user-${user.name.toLowerCase()}`,
  read: (token) => /^user-\w+$/.test(token) ? token : undefined,
  isDescending: false
}

const readIndex = (token: string): number | undefined => /^\d{1,15}$/.test(token) ? Number(token) : undefined

/** In the order of the columns. */
export const byIndex: Order<{ readonly index: number }, number> = {
  placeOf: ({ index }) => index,
  read: readIndex,
  isDescending: false
}

/** The newest first. */
export const newestFirst: Order<{ readonly index: number }, number> = { ...byIndex, isDescending: true }

const defaultSize = 100

export const page = Effect.fnUntraced(function*<A, Place extends string | number>(
  kind: string,
  all: ReadonlyArray<A>,
  query: PageQuery | undefined,
  order: Order<A, Place>
): Effect.fn.Return<Page<A>, BadRequest> {
  const token = query?.pageToken === undefined || query.pageToken === "" ? undefined : String(query.pageToken)
  const from = token === undefined ? undefined : order.read(token)
  if (token !== undefined && from === undefined) {
    return yield* new BadRequest({ description: "\"pageToken\" is not one that a page gave" })
  }
  const isBehind = (place: Place, other: Place): boolean => order.isDescending ? place < other : place > other
  const rest = all
    .filter((item) => from === undefined || isBehind(order.placeOf(item), from))
    .toSorted((one, other) => isBehind(order.placeOf(one), order.placeOf(other)) ? 1 : -1)
  const results = rest.slice(0, query?.maxResults ?? defaultSize)
  const last = results.at(-1)
  return {
    kind,
    nextPageToken: last === undefined || results.length === rest.length ? null : order.placeOf(last),
    results
  }
})
