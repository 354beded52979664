/**
 * Rows of tables that are kept in a browser's database.
 *
 * @since 0.1.0
 */
import { InvalidInput } from "@effect-redivis/core/RedivisError"
import * as RowCache from "@effect-redivis/core/RowCache"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"

/**
 * Where rows are kept, and how much of them.
 *
 * @category configuration
 * @since 0.1.0
 */
export interface Options {
  /**
   * The name of an IndexedDB database of the cache's own.
   *
   * @default "effect-redivis rows"
   */
  readonly database?: string | undefined
  /**
   * The most that all entries together take, in bytes. Those that were used
   * least recently go, and what is larger by itself is not kept.
   *
   * @default 1 GiB
   */
  readonly maxBytes?: number | undefined
}

const entries = "entries"
const uses = "uses"

/** When an entry was used last, apart from its bytes so that it costs little to write. */
interface Use {
  readonly key: string
  readonly size: number
  /** In milliseconds since the epoch. */
  readonly usedAt: number
}

/** A blob is whole or absent, is read in parts, and stays readable for who has it while it is removed. */
interface Kept {
  readonly key: string
  readonly bytes: Blob
}

const failing = (method: string) => (cause: unknown): RowCache.RowCacheError =>
  new RowCache.RowCacheError({ method, cause })

/** Whether the browser has no room for what was written. */
const isQuota = ({ cause }: RowCache.RowCacheError): boolean =>
  typeof cause === "object" && cause !== null && "name" in cause && cause.name === "QuotaExceededError"

const openDatabase = (
  name: string,
  /** Is told of the connection, and when there is none any more. */
  hold: (database: IDBDatabase | undefined) => void
): Effect.Effect<IDBDatabase, RowCache.RowCacheError> =>
  Effect.callback((resume) => {
    let isAwaited = true
    const fail = (cause: unknown): void => {
      isAwaited = false
      resume(Effect.fail(failing("open its database")(cause)))
    }
    try {
      const request = indexedDB.open(name, 1)
      request.onupgradeneeded = () => {
        request.result.createObjectStore(entries, { keyPath: "key" })
        request.result.createObjectStore(uses, { keyPath: "key" })
      }
      request.onerror = () => fail(request.error)
      request.onblocked = () => fail("another page has an older one open")
      request.onsuccess = () => {
        const database = request.result
        if (!isAwaited) return database.close()
        // whoever wants to delete it or to change it may
        database.onversionchange = () => {
          database.close()
          hold(undefined)
        }
        database.onclose = () => hold(undefined)
        hold(database)
        resume(Effect.succeed(database))
      }
    } catch (cause) {
      fail(cause)
    }
    return Effect.sync(() => {
      isAwaited = false
    })
  })

interface Stores {
  readonly entries: IDBObjectStore
  readonly uses: IDBObjectStore
}

/** Runs one transaction: `use` asks, and what it hands on is given once all of it is done for good. */
const transact = <A>(
  database: IDBDatabase,
  method: string,
  mode: IDBTransactionMode,
  use: (stores: Stores, give: (value: A) => void) => void
): Effect.Effect<A | undefined, RowCache.RowCacheError> =>
  Effect.callback((resume) => {
    const fail = (cause: unknown): void => resume(Effect.fail(failing(method)(cause)))
    try {
      const transaction = database.transaction([entries, uses], mode)
      let given: A | undefined
      transaction.oncomplete = () => resume(Effect.succeed(given))
      transaction.onabort = () => fail(transaction.error)
      use({ entries: transaction.objectStore(entries), uses: transaction.objectStore(uses) }, (value) => {
        given = value
      })
    } catch (cause) {
      fail(cause)
    }
  })

/** What a request found, typed as what the store has. */
const found = <A>(request: IDBRequest, use: (value: A | undefined) => void): void => {
  request.onsuccess = () => use(request.result as A | undefined) // only this module writes
}

interface Beat {
  readonly key: string
  readonly holder: number
  readonly beat: number
}

/** Claims as locks of the origin, which end with their page or worker. What they tell stands in names of more locks. */
const claimsByLocks = (locks: LockManager, database: string): NonNullable<RowCache.Store["claim"]> => {
  const prefix = `effect-redivis ${JSON.stringify(database)} `

  /** Holds a lock until the scope closes; whether there was one to be had. */
  const hold = (name: string, options: LockOptions) =>
    Effect.callback<(() => void) | undefined, RowCache.RowCacheError>((resume) => {
      let isAwaited = true
      const fail = (cause: unknown): void => resume(Effect.fail(failing("claim an entry")(cause)))
      try {
        locks.request(name, options, (lock) => {
          if (lock === null || !isAwaited) return resume(Effect.succeed(undefined))
          return new Promise<void>((release) => resume(Effect.succeed(release)))
        }).catch(fail) // one that was taken away later is told to nobody
      } catch (cause) {
        fail(cause)
      }
      return Effect.sync(() => {
        isAwaited = false
      })
    })

  const nameOf = ({ beat, holder, key }: Beat): string => `${prefix}${key} ${holder} ${beat}`

  /** The last beat of who claimed a key last. */
  const lastBeat = (key: string): Effect.Effect<Beat & { readonly isGivenUp: boolean }, RowCache.RowCacheError> =>
    Effect.tryPromise({
      try: async () => {
        const { held = [] } = await locks.query()
        const beats = held.flatMap(({ name = "" }) => {
          if (!name.startsWith(`${prefix}${key} `)) return []
          const [holder = 0, beat = 0] = name.slice(prefix.length + key.length + 1).split(" ").map(Number)
          return [{ holder, beat }]
        })
        const holder = Math.max(0, ...beats.map((one) => one.holder))
        const own = beats.filter((one) => one.holder === holder).map((one) => one.beat)
        return { key, holder, beat: Math.max(0, ...own.filter(Number.isFinite)), isGivenUp: own.includes(Infinity) }
      },
      catch: failing("claim an entry")
    })

  return (key, lost) =>
    Effect.gen(function*() {
      const last = yield* lastBeat(key)
      const isLost = lost !== undefined && lost.holder === String(last.holder) && lost.sign === String(last.beat)
      const release = yield* hold(`${prefix}${key}`, isLost ? { steal: true } : { ifAvailable: true })
      if (release === undefined) {
        return {
          isMine: false,
          holder: last.holder === 0 ? "" : String(last.holder),
          sign: String(last.beat),
          isGivenUp: last.isGivenUp
        }
      }
      yield* Effect.addFinalizer(() => Effect.sync(release))
      // one that is lost may hold its own names still
      const holder = last.holder + 1
      let beat = 0
      let end = (): void => {}
      let forget = (): void => {}
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          end()
          forget()
        })
      )
      const next = Effect.map(Effect.suspend(() => hold(nameOf({ key, holder, beat: ++beat }), {})), (shown) => {
        end()
        end = shown ?? end
      })
      const giveUp = Effect.map(hold(nameOf({ key, holder, beat: Infinity }), { ifAvailable: true }), (shown) => {
        forget = shown ?? forget
      })
      yield* next
      return { isMine: true, beat: next, giveUp }
    })
}

const makeStore = (
  opened: Effect.Effect<IDBDatabase, RowCache.RowCacheError>,
  maxBytes: number,
  claim: RowCache.Store["claim"]
): RowCache.Store => {
  const change = (method: string, use: Parameters<typeof transact<void>>[3]) =>
    Effect.asVoid(
      Effect.flatMap(opened, (database) => transact<void>(database, method, "readwrite", use))
    )

  const open = (key: string): Effect.Effect<RowCache.Entry | undefined, RowCache.RowCacheError> =>
    Effect.gen(function*() {
      const database = yield* opened
      const usedAt = yield* Clock.currentTimeMillis
      const kept = yield* transact<Kept>(database, "open an entry", "readwrite", (stores, give) => {
        found<Kept>(stores.entries.get(key), (kept) => {
          if (kept === undefined) return
          give(kept)
          stores.uses.put({ key, size: kept.bytes.size, usedAt } satisfies Use)
        })
      })
      return kept && {
        size: kept.bytes.size,
        read: (offset, length) =>
          Effect.tryPromise({
            try: async () => new Uint8Array(await kept.bytes.slice(offset, offset + length).arrayBuffer()),
            catch: failing("read an entry")
          })
      }
    })

  /** Removes the least recently used of others until all that is left of them takes so many bytes at most. */
  const evict = (stores: Stores, key: string, most: (total: number) => number, then: () => void): void =>
    found<ReadonlyArray<Use>>(stores.uses.getAll(), (all = []) => {
      const others = all.filter((use) => use.key !== key)
      let total = others.reduce((sum, { size }) => sum + size, 0)
      const bound = most(total)
      for (const oldest of others.sort((one, other) => one.usedAt - other.usedAt)) {
        if (total <= bound) break
        stores.entries.delete(oldest.key)
        stores.uses.delete(oldest.key)
        total -= oldest.size
      }
      then()
    })

  const keep = (key: string, bytes: Blob, usedAt: number) => {
    const put = change("keep an entry", (stores) =>
      evict(stores, key, () => maxBytes - bytes.size, () => {
        stores.entries.put({ key, bytes } satisfies Kept)
        stores.uses.put({ key, size: bytes.size, usedAt } satisfies Use)
      }))
    // in a transaction before it: what one removes makes no room for what it writes
    const makeRoom = change("make room", (stores) => evict(stores, key, (total) => total - bytes.size, () => {}))
    return Effect.catch(put, (error) => isQuota(error) ? Effect.andThen(makeRoom, put) : Effect.fail(error))
  }

  return {
    maxBytes,
    claim,
    open,
    create: (key) =>
      // what the database cannot keep need not be gathered
      Effect.flatMap(opened, () => {
        let parts: Array<Blob> = []
        // who holds the draft holds nothing more
        const drop = Effect.sync(() => {
          parts = []
        })
        const draft: RowCache.Draft = {
          write: (bytes) =>
            // the browser holds blobs outside of the page's memory; the bytes are never shared memory
            Effect.sync(() => void parts.push(new Blob([bytes as Uint8Array<ArrayBuffer>]))),
          commit: Effect.flatMap(Clock.currentTimeMillis, (now) => {
            const whole = new Blob(parts)
            return whole.size > maxBytes ? Effect.void : keep(key, whole, now)
          })
        }
        return Effect.as(Effect.addFinalizer(() => drop), draft)
      }),
    remove: (key) =>
      change("remove an entry", (stores) => {
        stores.entries.delete(key)
        stores.uses.delete(key)
      }),
    clear: change("clear", (stores) => {
      stores.entries.clear()
      stores.uses.clear()
    })
  }
}

const make = (options: Options | undefined): Effect.Effect<RowCache.Store, InvalidInput, Scope.Scope> =>
  Effect.gen(function*() {
    const maxBytes = yield* RowCache.checkedBound(options?.maxBytes, 2 ** 30)
    const name = options?.database ?? "effect-redivis rows"
    if (name === "") return yield* new InvalidInput({ field: "database", reason: "must be the name of a database" })
    // a browser that gives no database to a page gives its rows all the same
    let database: IDBDatabase | undefined
    const one = yield* Semaphore.make(1)
    // what failed, or was closed for who deletes it, is opened anew
    const opened = one.withPermit(Effect.suspend(() =>
      database === undefined
        ? openDatabase(name, (current) => {
          database = current
        })
        : Effect.succeed(database)
    ))
    yield* Effect.addFinalizer(() => Effect.sync(() => database?.close()))
    // older browsers have none, and neither has a page that was served without TLS
    const locks = "locks" in navigator ? navigator.locks : undefined
    return makeStore(opened, maxBytes, locks && claimsByLocks(locks, name))
  })

/**
 * Keeps the rows that `RowCache.rows` and `RowCache.batches` read in an
 * IndexedDB database, which the pages and workers of an origin share.
 *
 * **Details**
 *
 * An entry is written in one transaction, and so is whole or absent. Pages and
 * workers that want the same rows at once read them once, by Web Locks. Where the
 * browser gives the page no database, or the page no cryptography since it was
 * served without TLS, rows are read and not kept.
 *
 * **Failures**
 *
 * - `InvalidInput`: the database has no name, or `maxBytes` is no number of bytes
 *
 * **Example** (A table that is sent once)
 *
 * ```ts
 * import { BrowserRedivis, BrowserRowCache } from "@effect-redivis/browser"
 * import * as RowCache from "@effect-redivis/core/RowCache"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 * import * as Stream from "effect/Stream"
 *
 * const birdsOf = (token: string) =>
 *   RowCache.rows("demo.penguins.birds").pipe(
 *     Stream.runCollect,
 *     Effect.provide([
 *       BrowserRedivis.layer({ token: Redacted.make(token) }),
 *       BrowserRowCache.layer({ maxBytes: 500_000_000 })
 *     ])
 *   )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<RowCache.RowCache, InvalidInput> =>
  Layer.effect(RowCache.RowCache, Effect.map(make(options), RowCache.RowCache.of))
