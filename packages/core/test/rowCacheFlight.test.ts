/** Several that want the same rows of a table at once: one reading for all, whatever becomes of who reads. */
import { assert, describe, it } from "@effect/vitest"
import * as WebCrypto from "effect/crypto/WebCrypto"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { createHash, createHmac } from "node:crypto"
import * as Retry from "../src/client/Retry.ts"
import * as RowCache from "../src/data/RowCache.ts"
import { makeMemory } from "../src/data/rowCache/memory.ts"
import { rowsFrom, serve } from "./tableServer.ts"
import * as VirtualTime from "./virtualTime.ts"

const reference = "owner.dataset.table"

/** SHA-256 and HMAC at once, so that the virtual clock stands meanwhile. */
const atOnce = Layer.succeed(WebCrypto.WebCrypto, {
  subtle: {
    digest: (_name: string, bytes: Uint8Array) => Promise.resolve(createHash("sha256").update(bytes).digest()),
    importKey: (_format: string, key: Uint8Array) => Promise.resolve(key),
    sign: (_name: string, key: Uint8Array, bytes: Uint8Array) =>
      Promise.resolve(createHmac("sha256", key).update(bytes).digest())
  }
} as unknown as Crypto) // the cache asks for no more

type Server = ReturnType<typeof serve>

const sessions = (server: Server): number =>
  server.requests.filter((request) => request.endsWith("/readSessions")).length

/** Whoever reads from one store of this server, on a clock that moves when nothing else can. */
const over = <A, E>(
  server: Server,
  store: RowCache.Store,
  effect: (
    elapsed: Effect.Effect<number>
  ) => Effect.Effect<A, E, Layer.Success<typeof server.layer> | RowCache.RowCache>
) =>
  Effect.gen(function*() {
    const time = yield* VirtualTime.make
    return yield* time.run(
      Effect.gen(function*() {
        const begun = yield* Clock.currentTimeMillis
        return yield* effect(Effect.map(Clock.currentTimeMillis, (now) => now - begun))
      }).pipe(Effect.provide([server.layer, Layer.succeed(RowCache.RowCache, RowCache.RowCache.of(store)), atOnce]))
    )
  })

const collected = Stream.runCollect(RowCache.rows(reference))

const readers = 10

const together = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.all(Array.from({ length: readers }, () => effect), { concurrency: "unbounded" })

/** A reader that has a row and does not ask for the next one. */
const stuck = (hasBegun: Deferred.Deferred<void>) =>
  Stream.runForEach(
    RowCache.rows(reference, { batchSize: 1 }),
    () => Effect.andThen(Deferred.succeed(hasBegun, undefined), Effect.never)
  )

describe("ten readings of a table at once", () => {
  it.effect("are one session, and the same rows", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [50, 0, 50], chunk: 50 })
      const all = yield* over(server, makeMemory(10 ** 9), () => together(collected))
      for (const rows of all) assert.deepStrictEqual(rows, rowsFrom(0, 100))
      assert.strictEqual(sessions(server), 1)
    }))

  it.effect("are one session where what was kept is damaged", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [100] })
      const memory = makeMemory(10 ** 9)
      let isDamaged = false
      const store: RowCache.Store = {
        ...memory,
        remove: (key) => {
          isDamaged = false
          return memory.remove(key)
        },
        open: (key) =>
          Effect.map(memory.open(key), (entry) =>
            entry === undefined || !isDamaged ? entry : {
              size: entry.size,
              read: (offset, length) =>
                Effect.map(entry.read(offset, length), (bytes) => offset === 0 ? bytes.map((byte) => byte ^ 1) : bytes)
            })
      }
      yield* over(server, store, () => collected)
      isDamaged = true
      const all = yield* over(server, store, () => together(collected))
      for (const rows of all) assert.deepStrictEqual(rows, rowsFrom(0, 100))
      assert.strictEqual(sessions(server), 2)
    }))

  it.effect("are one session whose streams are cut", () =>
    Effect.gen(function*() {
      const trouble = [{ after: 900, ends: false }, undefined, { after: 400, ends: true }, { after: 2000, ends: false }]
      const server = serve({ streams: [60, 60], chunk: 100, trouble })
      const all = yield* over(
        server,
        makeMemory(10 ** 9),
        () => together(Retry.withPolicy(collected, { maxAttempts: 9 }))
      )
      for (const rows of all) assert.deepStrictEqual(rows, rowsFrom(0, 120))
      assert.strictEqual(sessions(server), 1)
      assert.deepStrictEqual(server.served.trouble, [])
    }))

  it.effect("of other rows each are a session each", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [100] })
      const store = makeMemory(10 ** 9)
      yield* over(
        server,
        store,
        () =>
          Effect.forEach([1, 2, 3], (maxResults) => Stream.runCollect(RowCache.rows(reference, { maxResults })), {
            concurrency: 3
          })
      )
      assert.strictEqual(sessions(server), 3)
    }))

  it.effect("are read by each where the table is larger than the cache, and waited for by nobody the next time", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [600], batchRows: 100 })
      const store = makeMemory(2000)
      const all = yield* over(server, store, () => together(collected))
      for (const rows of all) assert.deepStrictEqual(rows, rowsFrom(0, 600))
      assert.strictEqual(sessions(server), readers)
      const elapsed = yield* over(server, store, (elapsed) =>
        Effect.gen(function*() {
          const hasBegun = yield* Deferred.make<void>()
          const other = yield* Effect.forkChild(stuck(hasBegun))
          yield* Deferred.await(hasBegun)
          yield* collected
          yield* Fiber.interrupt(other)
          return yield* elapsed
        }))
      assert.strictEqual(elapsed, 0)
    }))

  it.effect("fail soon, and not one after the other, where the server fails", () =>
    Effect.gen(function*() {
      const server = serve({ expired: 100 })
      const all = yield* over(server, makeMemory(10 ** 9), () => together(Effect.flip(collected)))
      for (const error of all) assert.strictEqual(error._tag, "BadRequest")
    }))
})

describe("who reads a table that another one reads", () => {
  it.effect("reads it when the other one is interrupted, or stops early, and does not disturb it", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [100], batchRows: 5, chunk: 100 })
      const rows = yield* over(server, makeMemory(10 ** 9), () =>
        Effect.gen(function*() {
          const hasBegun = yield* Deferred.make<void>()
          const first = yield* Effect.forkChild(stuck(hasBegun))
          yield* Deferred.await(hasBegun)
          const some = yield* Effect.forkChild(Stream.runCollect(Stream.take(RowCache.rows(reference), 3)))
          const left = yield* Effect.forkChild(collected)
          const all = yield* Effect.forkChild(collected)
          yield* Effect.sleep(50)
          yield* Fiber.interrupt(left)
          yield* Fiber.interrupt(first)
          assert.deepStrictEqual(yield* Fiber.join(some), rowsFrom(0, 3))
          return yield* Fiber.join(all)
        }))
      assert.deepStrictEqual(rows, rowsFrom(0, 100))
      assert.isAtMost(sessions(server), 3)
    }))

  it.effect("reads it within two seconds where the other one is lost without a word", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [100], lastLook: "hangs" })
      const elapsed = yield* over(server, makeMemory(10 ** 9), (elapsed) =>
        Effect.gen(function*() {
          const clock = yield* Clock.Clock
          // what it waits for never comes, and no timer wakes it any more
          const lost = yield* collected.pipe(
            Effect.provideService(Clock.Clock, { ...clock, sleep: () => Effect.never }),
            Effect.forkChild
          )
          yield* Effect.sleep(1)
          assert.match(server.requests.at(-1)!, /^GET \/tables\//)
          server.served.lastLook = undefined
          assert.deepStrictEqual(yield* collected, rowsFrom(0, 100))
          const found = yield* elapsed
          yield* Fiber.interrupt(lost)
          return found
        }))
      assert.isAtLeast(elapsed, 1000)
      assert.isAtMost(elapsed, 2000)
      assert.strictEqual(sessions(server), 2)
    }))

  it.effect("does not wait for a program that takes its time with each row", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [1000], batchRows: 5, chunk: 200 })
      const elapsed = yield* over(server, makeMemory(10 ** 9), (elapsed) =>
        Effect.gen(function*() {
          const hasBegun = yield* Deferred.make<void>()
          const slow = yield* Effect.forkChild(Stream.runForEach(
            RowCache.rows(reference, { batchSize: 1 }),
            () => Effect.andThen(Deferred.succeed(hasBegun, undefined), Effect.sleep(1000))
          ))
          yield* Deferred.await(hasBegun)
          assert.deepStrictEqual(yield* collected, rowsFrom(0, 1000))
          const found = yield* elapsed
          yield* Fiber.interrupt(slow)
          return found
        }))
      assert.isAtMost(elapsed, 40_000)
    }))

  it.effect("gets them within the reading of the other one too, which waits for it", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [3] })
      const [rows, elapsed] = yield* over(server, makeMemory(10 ** 9), (elapsed) =>
        Effect.all([
          Stream.runCollect(Stream.mapEffect(RowCache.rows(reference, { batchSize: 1 }), () => collected)),
          elapsed
        ]))
      assert.deepStrictEqual(rows, [rowsFrom(0, 3), rowsFrom(0, 3), rowsFrom(0, 3)])
      assert.isAtMost(elapsed, 2000)
    }))

  it.effect("waits as long as the server takes, and asks it nothing meanwhile", () =>
    Effect.gen(function*() {
      const trouble = Array.from({ length: 3 }, () => ({ after: 500, ends: false }))
      const server = serve({ streams: [100], trouble })
      const [all, elapsed] = yield* over(server, makeMemory(10 ** 9), (elapsed) =>
        Effect.all([
          // it is asked again after half a minute each time
          together(Retry.withPolicy(collected, { maxAttempts: 9, baseDelay: 30_000, maxDelay: 30_000 })),
          elapsed
        ]))
      for (const rows of all) assert.deepStrictEqual(rows, rowsFrom(0, 100))
      assert.isAtLeast(elapsed, 30_000)
      assert.strictEqual(sessions(server), 1)
    }))

  it.effect("is the one who has the first rows before the last ones are sent", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [100], batchRows: 5, chunk: 100 })
      let seen = 0
      yield* over(server, makeMemory(10 ** 9), () =>
        Stream.runForEach(Stream.take(RowCache.rows(reference, { batchSize: 1 }), 1), () =>
          Effect.sync(() =>
            void seen++
          )))
      assert.strictEqual(seen, 1)
      // who stops early has not asked for the table again, which comes after the last row
      assert.lengthOf(
        server.requests.filter((request) =>
          /^GET \/tables\/[^/]+$/.test(request)
        ),
        1
      )
    }))
})
