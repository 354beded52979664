/** A listing as a stream of its items. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { PageResume } from "../contract/RedivisError.ts"
import { DecodeError } from "../contract/RedivisError.ts"
import type { PageToken } from "../contract/schema.ts"

export type { PageToken } from "../contract/schema.ts"

/**
 * One page of a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Page<A> {
  readonly results: ReadonlyArray<A>
  /** What asks for the next page; `undefined` after the last. */
  readonly nextPageToken: PageToken | undefined
}

/**
 * What every page-wise form takes.
 *
 * @category models
 * @since 0.1.0
 */
export interface PageOptions {
  /**
   * Items a request, 1 to 1000; of variables up to 10,000.
   *
   * @default 100
   */
  readonly pageSize?: number | undefined
  /**
   * From the page before, or from the `resume` of a listing that broke. The
   * service lists by id and goes on behind the last id of a page: what is removed
   * meanwhile makes nothing come twice or be left out, and what is added
   * meanwhile comes only where its id is a later one.
   */
  readonly pageToken?: PageToken | null | undefined
}

/**
 * What every listing takes. Its pages are asked for one after the other, so what
 * is added to the service meanwhile may be missing: see `pageToken`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListOptions extends PageOptions {
  /**
   * How many pages are asked for before their items are wanted.
   *
   * @default 0
   */
  readonly prefetch?: number | undefined
}

/** The paging part of a query. */
export const pageQuery = (
  options: PageOptions | undefined
): { readonly maxResults: number; readonly pageToken?: PageToken } => ({
  maxResults: options?.pageSize ?? 100,
  ...(options?.pageToken === undefined || options.pageToken === null || options.pageToken === ""
    ? {}
    : { pageToken: options.pageToken })
})

/** An answer as a page: an absent list is an empty one, an empty token the end. */
export const pageOf = <A>(answer: {
  readonly results?: ReadonlyArray<A> | null
  readonly nextPageToken?: PageToken | null
}): Page<A> => ({
  results: answer.results ?? [],
  nextPageToken: answer.nextPageToken === null || answer.nextPageToken === "" ? undefined : answer.nextPageToken
})

/** Notes on an error where its listing goes on. */
const resumable = <E extends object>(error: E, pageToken: PageToken | null | undefined): E => {
  const resume: PageResume = { pageToken: pageToken ?? null }
  return Object.assign(error, { resume })
}

/** Pages that are asked for before they are wanted, `count` of them at most, however many a consumer takes at a time. */
const ahead = <A, E, R>(
  pagesBy: (before: Effect.Effect<unknown>) => Stream.Stream<A, E, R>,
  count: number
): Stream.Stream<A, E, R> =>
  Stream.suspend(() => {
    const permits = Semaphore.makeUnsafe(count + 1)
    let isFirst = true
    return pagesBy(permits.take(1)).pipe(
      Stream.buffer({ capacity: "unbounded" }),
      Stream.tap(() =>
        Effect.suspend(() => {
          if (!isFirst) return permits.release(1)
          isFirst = false
          return Effect.void
        })
      )
    )
  })

/** Pages without an item that may follow each other before a listing is taken for one that never ends. */
const mostEmptyPages = 100

/** Items that are kept at most of a listing that is a step of another call. */
const mostItems = 1_000_000

/**
 * Asks for the pages of one listing in turn. A listing that would never end
 * fails: one that names a page which it has given already, and one that goes on
 * and on without an item.
 */
const walk = <A, E, R>(
  operation: string,
  onePage: (options: PageOptions) => Effect.Effect<Page<A>, E, R>,
  pageSize: number | undefined
) => {
  const given = new Set<string>()
  let emptyPages = 0
  const endless = (expected: string) => Effect.fail(new DecodeError({ operation, path: "nextPageToken", expected }))
  return (pageToken: PageToken | null | undefined): Effect.Effect<Page<A>, E | DecodeError, R> =>
    Effect.flatMap(onePage({ pageSize, pageToken }), (page) => {
      given.add(String(pageToken))
      emptyPages = page.results.length === 0 ? emptyPages + 1 : 0
      return page.nextPageToken === undefined
        ? Effect.succeed(page)
        : given.has(String(page.nextPageToken))
        ? endless("another token than those of the pages before")
        : emptyPages >= mostEmptyPages
        ? endless(`an item within ${mostEmptyPages} pages`)
        : Effect.succeed(page)
    })
}

/**
 * All items, page after page; no request before its items are wanted. A failure
 * comes after everything before it and says in `resume` where to go on.
 */
export const all = <A, E extends object, R>(
  operation: string,
  options: ListOptions | undefined,
  onePage: (options: PageOptions) => Effect.Effect<Page<A>, E, R>
): Stream.Stream<A, E | DecodeError, R> => {
  const pagesBy = (before: Effect.Effect<unknown>) =>
    Stream.suspend(() => {
      const page = walk(operation, onePage, options?.pageSize)
      return Stream.paginate(options?.pageToken, (pageToken) =>
        Effect.andThen(before, page(pageToken)).pipe(
          Effect.mapError((error) => resumable(error, pageToken)),
          Effect.map(({ nextPageToken, results }) =>
            [
              [results],
              nextPageToken === undefined ? Option.none() : Option.some<PageToken | null | undefined>(nextPageToken)
            ] as const
          )
        ))
    })
  const prefetch = options?.prefetch ?? 0
  return Stream.flattenIterable(prefetch > 0 ? ahead(pagesBy, prefetch) : pagesBy(Effect.void))
}

/** All items at once, of a listing that is only a step of another call: whole, or it fails as the listing does. */
export const collect = <A, E, R>(
  operation: string,
  onePage: (options: PageOptions) => Effect.Effect<Page<A>, E, R>
): Effect.Effect<ReadonlyArray<A>, E | DecodeError, R> =>
  Effect.suspend(() => {
    const page = walk(operation, onePage, 1000)
    const items: Array<A> = []
    const from = (pageToken: PageToken | undefined): Effect.Effect<ReadonlyArray<A>, E | DecodeError, R> =>
      Effect.flatMap(page(pageToken), ({ nextPageToken, results }) => {
        for (const item of results) items.push(item)
        return nextPageToken === undefined
          ? Effect.succeed(items)
          : items.length >= mostItems
          ? Effect.fail(
            new DecodeError({ operation, path: "nextPageToken", expected: `the end within ${mostItems} items` })
          )
          : from(nextPageToken)
      })
    return from(undefined)
  })
