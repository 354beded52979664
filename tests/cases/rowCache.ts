/** Rows that are kept, in every runtime's memory and in a browser's database. */
import * as BrowserRowCache from "@effect-redivis/browser/BrowserRowCache"
import * as Dataset from "@effect-redivis/core/Dataset"
import * as RowCache from "@effect-redivis/core/RowCache"
import * as Table from "@effect-redivis/core/Table"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { equal, isTrue } from "./assert.ts"
import { browsers, type Case, Place } from "./Case.ts"
import { during, makeToken } from "./control.ts"
import { organization, shared, stranger } from "./seeds.ts"

const count = 3000

const rowOf = (id: number) => ({ id, text: id % 10 === 0 ? null : `row ${id}`, half: id / 2 })

const everyRow = Array.from({ length: count }, (_, id) => rowOf(id))

const table = shared(Effect.map(
  organization("kept", [{ name: "Kept", publicAccessLevel: "data", tables: [{ name: "t", rows: everyRow }] }]),
  (owner) => `${owner}.kept.t`
))

/** The value, and the operations of the requests meanwhile. */
const asking = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(
    during(effect),
    ({ requests, value }) => ({ value, operations: requests.map(({ operation }) => operation) })
  )

const collect = (reference: string, options?: RowCache.RowsOptions) =>
  asking(Stream.runCollect(RowCache.rows(reference, options)))

/** Whether the rows come from what is kept, after one request. */
const isKept = (reference: string, options?: RowCache.RowsOptions) =>
  Effect.map(collect(reference, options), ({ operations, value }) => {
    equal(value, everyRow.slice(0, options?.maxResults))
    const sent = operations.includes("readSessions.getStream")
    if (!sent) equal(operations, ["tables.get"])
    return !sent
  })

const database = (subject: string) => Effect.map(Place, ({ run }) => `${run} ${subject}`)

const promised = <A>(request: IDBRequest<A>): Effect.Effect<A> =>
  Effect.callback((resume) => {
    request.onsuccess = () => resume(Effect.succeed(request.result))
    request.onerror = () => resume(Effect.die(request.error))
  })

/** What a database holds, as the page sees it, opened beside the cache. */
const inDatabase = <A>(name: string, use: (store: IDBObjectStore) => Effect.Effect<A>): Effect.Effect<A> =>
  Effect.acquireUseRelease(
    Effect.suspend(() => promised(indexedDB.open(name, 1))),
    (opened) => Effect.suspend(() => use(opened.transaction("entries", "readwrite").objectStore("entries"))),
    (opened) => Effect.sync(() => opened.close())
  )

/** How often a session was made while ten readings ran at once, each of which has to give all rows. */
const sessionsOf = <E, R>(reading: Effect.Effect<ReadonlyArray<unknown>, E, R>) =>
  Effect.map(
    asking(Effect.all(Array.from({ length: 10 }, () => reading), { concurrency: "unbounded" })),
    ({ operations, value }) => {
      for (const rows of value) equal(rows, everyRow)
      return operations.filter((operation) => operation === "readSessions.postByTable").length
    }
  )

/** Reads as a fiber that is lost: it holds what it has, and no timer wakes it any more. */
const lost = (reference: string, hasBegun: Deferred.Deferred<void>) =>
  Effect.flatMap(Clock.Clock, (clock: Clock.Clock) =>
    RowCache.rows(reference).pipe(
      Stream.runForEach(() => Effect.andThen(Deferred.succeed(hasBegun, undefined), Effect.never)),
      Effect.provideService(Clock.Clock, Object.assign(Object.create(clock), { sleep: () => Effect.never }))
    ))

export const rowCache: ReadonlyArray<Case> = [
  {
    name: "rows that ten readings want at once are one session, and one that is lost keeps nobody waiting",
    run: Effect.gen(function*() {
      const reference = yield* table
      equal(yield* sessionsOf(Stream.runCollect(RowCache.rows(reference))), 1)
      yield* RowCache.clear
      const hasBegun = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(lost(reference, hasBegun))
      yield* Deferred.await(hasBegun)
      equal(yield* Effect.timeout(sessionsOf(Stream.runCollect(RowCache.rows(reference))), 10_000), 1)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(RowCache.layerMemory()))
  },
  {
    name: "rows that ten connections to a browser's database want at once are one session, and one that is lost " +
      "keeps nobody waiting",
    runtimes: ["chromium"],
    run: Effect.gen(function*() {
      const reference = yield* table
      const name = yield* database("at once")
      // each with a connection of its own, as tabs have them
      const connected = <A, E, R>(self: Effect.Effect<A, E, R | RowCache.RowCache>) =>
        Effect.provide(self, Layer.fresh(BrowserRowCache.layer({ database: name })))
      const reading = connected(Stream.runCollect(RowCache.rows(reference)))
      equal(yield* sessionsOf(reading), 1)
      yield* connected(RowCache.clear)
      const hasBegun = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(connected(lost(reference, hasBegun)))
      yield* Deferred.await(hasBegun)
      equal(yield* Effect.timeout(sessionsOf(reading), 10_000), 1)
      yield* Fiber.interrupt(fiber)
      // the browser gives locks back on its own time
      yield* Effect.promise(() => navigator.locks.query()).pipe(
        Effect.repeat({ until: ({ held = [] }) => !held.some(({ name: lock = "" }) => lock.includes(name)) }),
        Effect.timeout(10_000)
      )
    })
  },
  {
    name: "rows that are kept in memory are read again after one GET, until access is withdrawn",
    run: Effect.gen(function*() {
      const place = yield* Place
      const { name, token: owner } = yield* stranger("keeper", [{
        name: "Kept",
        publicAccessLevel: "data",
        tables: [{ name: "t", rows: everyRow }]
      }])
      const reference = `${name}.kept.t`
      isTrue(!(yield* isKept(reference)), "the first reading is from the server")
      isTrue(yield* isKept(reference, { streams: 2, ordered: false }), "the second is not")
      equal(
        yield* Stream.runCollect(RowCache.batches(reference, { variables: ["half"] })).pipe(
          Effect.map((batches) => batches.reduce((sum, { numRows }) => sum + numRows, 0))
        ),
        count
      )
      yield* Dataset.update(`${name}.kept`, { publicAccessLevel: "none" }).pipe(
        Effect.provide(place.client({ token: Redacted.make(owner) }))
      )
      const gone = yield* asking(Effect.flip(Stream.runDrain(RowCache.rows(reference))))
      equal([gone.value._tag, ...gone.operations], ["NotFound", "tables.get"])
    }).pipe(Effect.provide(RowCache.layerMemory()))
  },
  {
    name: "rows that are kept in a browser's database are there for the next page, and nobody else",
    runtimes: browsers,
    run: Effect.gen(function*() {
      const place = yield* Place
      const reference = yield* table
      const layer = BrowserRowCache.layer({ database: yield* database("next") })
      const pages = yield* Effect.forEach([1, 2, 3], () => Effect.provide(isKept(reference), layer))
      equal(pages, [false, true, true])
      const other = place.client({ token: Redacted.make(yield* makeToken({})) })
      equal(yield* Effect.provide(isKept(reference), Layer.merge(layer, other)), false)
      equal(
        yield* Stream.runCollect(RowCache.rows(reference)).pipe(Effect.provide(layer)),
        yield* Stream.runCollect(Table.rows(reference))
      )
      yield* Effect.provide(RowCache.clear, layer)
      equal(yield* Effect.provide(isKept(reference), layer), false)
    })
  },
  {
    name: "rows in a browser's database are whole or absent, and never those that were damaged",
    runtimes: browsers,
    run: Effect.gen(function*() {
      const reference = yield* table
      const name = yield* database("whole")
      const layer = BrowserRowCache.layer({ database: name })
      const some = yield* RowCache.rows(reference).pipe(Stream.take(700), Stream.runCollect, Effect.provide(layer))
      equal(some.length, 700)
      const size = inDatabase(name, (store) => promised(store.count()))
      equal(yield* size, 0)
      yield* Effect.provide(isKept(reference), layer)
      equal(yield* size, 1)
      for (const at of [1000, 40_000]) {
        const [kept] = yield* inDatabase(name, (store) => promised(store.getAll()))
        const bytes = new Uint8Array(yield* Effect.promise(() => (kept.bytes as Blob).arrayBuffer()))
        bytes[at]! ^= 1
        yield* inDatabase(name, (store) => promised(store.put({ ...kept, bytes: new Blob([bytes]) })))
        equal(yield* Effect.provide(isKept(reference), layer), false)
        equal(yield* Effect.provide(isKept(reference), layer), true)
      }
      let isCleared = false
      const rows = yield* RowCache.rows(reference).pipe(
        Stream.tap(() => {
          const clear = isCleared ? Effect.void : RowCache.clear
          isCleared = true
          return clear
        }),
        Stream.runCollect,
        Effect.provide(layer)
      )
      equal(rows, everyRow)
      equal(yield* size, 0)
    })
  },
  {
    name: "rows in a browser's database hold to their bound, and those that were used least recently go",
    runtimes: browsers,
    run: Effect.gen(function*() {
      const reference = yield* table
      const name = yield* database("bound")
      yield* Effect.provide(isKept(reference), BrowserRowCache.layer({ database: name }))
      const [kept] = yield* inDatabase(name, (store) => promised(store.getAll()))
      const layer = BrowserRowCache.layer({ database: name, maxBytes: Math.floor(kept.bytes.size * 2.5) })
      const read = (maxResults: number) => Effect.provide(isKept(reference, { maxResults }), layer)
      const all = Effect.provide(isKept(reference), layer)
      const results = [yield* read(2999), yield* all, yield* read(2998), yield* all, yield* read(2999)]
      equal(results, [false, true, false, true, false])
      const small = BrowserRowCache.layer({ database: `${name} small`, maxBytes: kept.bytes.size - 1 })
      equal([yield* Effect.provide(isKept(reference), small), yield* Effect.provide(isKept(reference), small)], [
        false,
        false
      ])
    })
  },
  {
    name: "rows are kept again where a browser's database was deleted meanwhile, or could not be opened at first",
    runtimes: browsers,
    run: Effect.gen(function*() {
      const reference = yield* table
      const name = yield* database("again")
      const remove = Effect.suspend(() => promised(indexedDB.deleteDatabase(name)))
      // a newer one, which nobody opens as an older one
      const newer = yield* promised(indexedDB.open(name, 2))
      newer.close()
      const results = yield* Effect.provide(
        Effect.gen(function*() {
          const first = [yield* isKept(reference), yield* isKept(reference)]
          yield* remove
          const second = [yield* isKept(reference), yield* isKept(reference)]
          yield* remove
          return [first, second, [yield* isKept(reference), yield* isKept(reference)]]
        }),
        BrowserRowCache.layer({ database: name })
      )
      equal(results, [[false, false], [false, true], [false, true]])
    })
  },
  {
    name: "rows take the place of those that were used least recently where the browser has no room for more",
    runtimes: browsers,
    run: Effect.gen(function*() {
      const reference = yield* table
      const layer = BrowserRowCache.layer({ database: yield* database("quota") })
      const read = (maxResults: number) => Effect.provide(isKept(reference, { maxResults }), layer)
      equal([yield* read(2999), yield* read(2998), yield* read(2999)], [false, false, true])
      const put = IDBObjectStore.prototype.put
      // the next entry is refused once, as by a browser whose disk is full
      IDBObjectStore.prototype.put = function(value, key) {
        const { name, transaction } = this
        if (name === "entries") {
          IDBObjectStore.prototype.put = put
          queueMicrotask(() => {
            Object.defineProperty(transaction, "error", { value: new DOMException("full", "QuotaExceededError") })
            transaction.abort()
          })
        }
        return put.call(this, value, key)
      }
      const results = yield* Effect.forEach([2997, 2997, 2999], read).pipe(
        Effect.ensuring(Effect.sync(() => {
          IDBObjectStore.prototype.put = put
        }))
      )
      equal(results, [false, true, true])
      equal(yield* read(2998), false)
    })
  },
  {
    name: "a browser's database that is opened for nobody any more is closed, and opened for who comes next",
    runtimes: browsers,
    run: Effect.gen(function*() {
      const name = yield* database("left")
      const { close } = IDBDatabase.prototype
      let closed = 0
      IDBDatabase.prototype.close = function() {
        closed++
        close.call(this)
      }
      yield* Effect.gen(function*() {
        const left = yield* Effect.forkChild(RowCache.clear, { startImmediately: true })
        yield* Fiber.interrupt(left)
        // what is opened later comes later
        yield* inDatabase(name, (store) =>
          Effect.andThen(
            promised(store.count()),
            Effect.sync(() => equal(closed, 1))
          ))
        yield* RowCache.clear
      }).pipe(
        Effect.provide(BrowserRowCache.layer({ database: name })),
        Effect.ensuring(Effect.sync(() => {
          IDBDatabase.prototype.close = close
        }))
      )
      equal(closed, 3)
    })
  }
]
