/** Calls beside bodies that are being read, and more of those than a platform may have connections. */
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { equal, isTrue, matches } from "./assert.ts"
import { browsers, type Case, type Runtime } from "./Case.ts"
import { apart } from "./clients.ts"
import { fault } from "./control.ts"
import { organization, shared } from "./seeds.ts"

const table = shared(Effect.map(
  organization("connections", [{
    name: "Read",
    tables: [{ name: "t", rows: Array.from({ length: 60 }, (_, id) => ({ id, text: `row ${id}` })) }]
  }]),
  (owner) => `${owner}.read.t`
))

/** Begins to read so many bodies, and leaves them where their first bytes have come. */
const standing = (
  reference: string,
  count: number
): Effect.Effect<void, never, Redivis.Redivis | Scope.Scope> =>
  Effect.gen(function*() {
    const allBegun = yield* Deferred.make<void>()
    let begun = 0
    const body = Stream.runForEach(Table.csv(reference), () => {
      if (++begun === count) Deferred.doneUnsafe(allBegun, Effect.void)
      return Effect.never
    })
    for (let index = 0; index < count; index++) yield* Effect.forkScoped(Effect.orDie(body))
    yield* Deferred.await(allBegun)
  })

/** A body that stands still holds its connection: what follows its first bytes never comes. */
const stalled = fault({ match: "tables.listRows", do: { stallAfter: 100 } })

const withoutBound: ReadonlyArray<Runtime> = ["node22", "node26", "deno", "bun"]

/** Calls go beside so many bodies that stand still. */
const beside = (count: number) =>
  Effect.gen(function*() {
    const reference = yield* table
    yield* stalled
    yield* apart({ timeout: "30 seconds" })(
      Effect.gen(function*() {
        yield* standing(reference, count)
        const users = yield* Effect.all(Array.from({ length: 5 }, () => User.me()), { concurrency: "unbounded" })
        equal(users.length, 5)
      }).pipe(Effect.scoped)
    )
  }).pipe(Effect.scoped)

export const connections: ReadonlyArray<Case> = [
  { name: "calls go beside 100 bodies that stand still", runtimes: withoutBound, run: beside(100) },
  { name: "calls go beside 12 bodies that stand still", runtimes: ["workerd"], run: beside(12) },
  {
    name: "200 readings at once go on with a call for each batch of theirs",
    runtimes: withoutBound,
    run: Effect.gen(function*() {
      const reference = yield* table
      const counts = yield* Effect.all(
        Array.from({ length: 200 }, () =>
          Table.rows(reference).pipe(
            Stream.mapArray((rows) => [rows.length] as const),
            Stream.mapEffect((count) => Effect.as(User.me(), count)),
            Stream.runFold(() => 0, (sum, count) => sum + count)
          )),
        { concurrency: "unbounded" }
      ).pipe(apart({ timeout: "60 seconds" }))
      isTrue(counts.every((count) => count === 60), "each reading has all rows")
    })
  },
  {
    name: "a call whose time is over says how many bodies hold the connections there are",
    runtimes: browsers,
    run: Effect.gen(function*() {
      const reference = yield* table
      yield* stalled
      const failure = yield* Effect.gen(function*() {
        // as many as a page has to one origin by HTTP/1.1
        yield* standing(reference, 6)
        return yield* Effect.flip(Retry.withPolicy(User.me(), { maxAttempts: 1 }))
      }).pipe(Effect.scoped, apart({ timeout: "2 seconds" }))
      isTrue(failure._tag === "TransportError", failure._tag)
      matches(failure, { reason: "Timeout", openBodies: 6 })
      isTrue(/\b6 answers\b/.test(failure.message), failure.message)
    }).pipe(Effect.scoped)
  }
]
