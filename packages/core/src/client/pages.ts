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
   * Items a request, 1 to 1000.
   *
   * @default 100
   */
  readonly pageSize?: number | undefined
  /** From the page before, or from the `resume` of a listing that broke. */
  readonly pageToken?: PageToken | null | undefined
}

/**
 * What every listing takes.
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
    Stream.paginate(
      options?.pageToken,
      (pageToken) =>
        Effect.matchEffect(Effect.andThen(before, onePage({ pageSize: options?.pageSize, pageToken })), {
          onFailure: (error): Effect.Effect<never, E | DecodeError> => Effect.fail(resumable(error, pageToken)),
          onSuccess: ({ nextPageToken, results }) =>
            nextPageToken !== undefined && nextPageToken === pageToken
              ? Effect.fail(resumable(
                new DecodeError({ operation, path: "nextPageToken", expected: "another token than that of this page" }),
                pageToken
              ))
              : Effect.succeed(
                [
                  [results],
                  nextPageToken === undefined ? Option.none() : Option.some<PageToken | null | undefined>(nextPageToken)
                ] as const
              )
        })
    )
  const prefetch = options?.prefetch ?? 0
  return Stream.flattenIterable(prefetch > 0 ? ahead(pagesBy, prefetch) : pagesBy(Effect.void))
}

/** All items at once, of a listing that is only a step of another call. */
export const collect = <A, E, R>(
  onePage: (options: PageOptions) => Effect.Effect<Page<A>, E, R>
): Effect.Effect<ReadonlyArray<A>, E, R> => {
  const from = (before: ReadonlyArray<A>, pageToken: PageToken | undefined): Effect.Effect<ReadonlyArray<A>, E, R> =>
    Effect.flatMap(onePage({ pageSize: 1000, pageToken }), ({ nextPageToken, results }) => {
      const items = [...before, ...results]
      return nextPageToken === undefined || nextPageToken === pageToken
        ? Effect.succeed(items)
        : from(items, nextPageToken)
    })
  return from([], undefined)
}
