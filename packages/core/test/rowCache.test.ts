/** What is kept of tables: the same rows after one request, never stale, never another's, never damaged. */
import { assert, describe, it } from "@effect/vitest"
import * as WebCrypto from "effect/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import { createHash, createHmac } from "node:crypto"
import * as Retry from "../src/client/Retry.ts"
import type * as Rows from "../src/data/Rows.ts"
import * as RowCache from "../src/data/RowCache.ts"
import { makeMemory } from "../src/data/rowCache/memory.ts"
import * as ReadSession from "../src/resources/ReadSession.ts"
import { rowOf, rowsFrom, serve } from "./tableServer.ts"
import * as VirtualTime from "./virtualTime.ts"

const reference = "owner.dataset.table"

const look = "GET /tables/owner.dataset.table"

const patient = Retry.withPolicy({ maxAttempts: 1000, baseDelay: 0 })

/** A store, and a layer over it that outlives the clients of a test. */
const cacheOf = (store: RowCache.Store = makeMemory(10 ** 9)) =>
  Layer.succeed(RowCache.RowCache, RowCache.RowCache.of(store))

const collected = (options?: Rows.RowsOptions) => Stream.runCollect(RowCache.rows(reference, options)).pipe(patient)

type Server = ReturnType<typeof serve>

const reading = (server: Server, cache: ReturnType<typeof cacheOf>, options?: Rows.RowsOptions) =>
  Effect.provide(collected(options), Layer.merge(server.layer, cache))

/** A store of one entry, whose bytes a test changes. */
const oneEntry = () => {
  const state: { bytes: Uint8Array | undefined; removed: number } = { bytes: undefined, removed: 0 }
  const store: RowCache.Store = {
    maxBytes: 10 ** 9,
    open: () =>
      Effect.sync(() => {
        const { bytes } = state
        return bytes === undefined ? undefined : {
          size: bytes.length,
          read: (offset, length) => Effect.sync(() => bytes.slice(offset, offset + length))
        }
      }),
    create: () =>
      Effect.sync(() => {
        const parts: Array<Uint8Array> = []
        return {
          write: (bytes) => Effect.sync(() => void parts.push(bytes.slice())),
          commit: Effect.sync(() => void (state.bytes = Uint8Array.from(Buffer.concat(parts))))
        }
      }),
    remove: () =>
      Effect.sync(() => {
        state.bytes = undefined
        state.removed++
      }),
    clear: Effect.void
  }
  return { state, store }
}

/**
 * SHA-256 and HMAC at once, where thousands of readings would wait for threads
 * of the runtime at each of their blocks. All else is read with the runtime's own.
 */
const atOnce = Layer.succeed(WebCrypto.WebCrypto, {
  subtle: {
    digest: (_name: string, bytes: Uint8Array) => Promise.resolve(createHash("sha256").update(bytes).digest()),
    importKey: (_format: string, key: Uint8Array) => Promise.resolve(key),
    sign: (_name: string, key: Uint8Array, bytes: Uint8Array) =>
      Promise.resolve(createHmac("sha256", key).update(bytes).digest())
  }
} as unknown as Crypto) // the cache asks for no more

describe("a table that was read", () => {
  it.live("is read again after one request, which asks for the table", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [5, 0, 4] })
      const cache = cacheOf()
      assert.deepStrictEqual(yield* reading(server, cache), rowsFrom(0, 9))
      assert.deepStrictEqual(server.since(), [
        look,
        "GET /tables/owner.dataset:5k9t:v1_0.table:6fff/variables",
        "POST /tables/owner.dataset:5k9t:v1_0.table:6fff/readSessions",
        "GET /readStreams/0-0",
        "GET /readStreams/0-1",
        "GET /readStreams/0-2",
        "GET /tables/owner.dataset:5k9t:v1_0.table:6fff"
      ])
      for (const options of [{}, { ordered: false, streams: 3 }, { batchSize: 2 }]) {
        assert.deepStrictEqual(yield* reading(server, cache, options), rowsFrom(0, 9))
        assert.deepStrictEqual(server.since(), [look])
      }
    }))

  it.live("gives other values, rows of a schema and batches from what is kept", () =>
    Effect.gen(function*() {
      const server = serve()
      const layers = Layer.merge(server.layer, cacheOf())
      yield* Effect.provide(collected({ variables: ["TEXT", "id"] }), layers)
      server.since()
      const selection = { variables: ["text", "ID"] } as const
      const bigints = yield* RowCache.rows(reference, { ...selection, values: { integer: "bigint" } }).pipe(
        Stream.runCollect,
        Effect.provide(layers)
      )
      assert.deepStrictEqual(bigints, rowsFrom(0, 9).map(({ Text, id }) => ({ Text, id: BigInt(id) })))
      assert.deepStrictEqual(Object.keys(bigints[0]!), ["Text", "id"])
      const schema = Schema.Struct({ id: Schema.Number, Text: Schema.NullOr(Schema.String) })
      const decoded = yield* RowCache.rows(reference, { ...selection, schema }).pipe(
        Stream.runCollect,
        Effect.provide(layers)
      )
      assert.deepStrictEqual(decoded, rowsFrom(0, 9).map(({ Text, id }) => ({ id, Text })))
      const batches = yield* RowCache.batches(reference, selection).pipe(Stream.runCollect, Effect.provide(layers))
      assert.deepStrictEqual(batches.map(({ numRows }) => numRows), [4, 4, 1])
      assert.deepStrictEqual(batches[1]!.columns.map((column) => [column.name, column.at(0)]), [["Text", "row 4"], [
        "id",
        4n
      ]])
      assert.deepStrictEqual(server.since(), [look, look, look])
    }))

  it.live("is kept apart for each selection", () =>
    Effect.gen(function*() {
      const server = serve()
      const cache = cacheOf()
      yield* reading(server, cache)
      for (
        const [options, expected] of [
          [{ variables: ["id", "Text"] }, rowsFrom(0, 9).map(({ Text, id }) => ({ id, Text }))],
          [{ variables: ["Text", "id"] }, rowsFrom(0, 9).map(({ Text, id }) => ({ Text, id }))],
          [{ variables: ["id"] }, rowsFrom(0, 9).map(({ id }) => ({ id }))],
          [{ maxResults: 6 }, rowsFrom(0, 6)],
          [{ maxResults: 0 }, []]
        ] as const
      ) {
        server.since()
        assert.deepStrictEqual<unknown>(yield* reading(server, cache, options), expected)
        assert.isAbove(server.since().length, 1)
        const again = yield* reading(server, cache, options)
        assert.deepStrictEqual<unknown>(again, expected)
        assert.deepStrictEqual(again.map((row) => Object.keys(row)), expected.map((row) => Object.keys(row)))
        assert.deepStrictEqual(server.since(), [look])
      }
    }))

  it.live("is refused where it has more rows than may be, kept or not", () =>
    Effect.gen(function*() {
      const server = serve()
      const cache = cacheOf()
      for (const isKept of [false, true]) {
        const error = yield* Effect.flip(reading(server, cache, { maxRows: 8 }))
        assert.deepInclude(error, { _tag: "InvalidInput", field: "maxRows" })
        if (!isKept) yield* reading(server, cache)
      }
      assert.deepStrictEqual(yield* reading(server, cache, { maxRows: 9 }), rowsFrom(0, 9))
    }))

  it.live("says of a value that does not fit what it would have said from the server, without a place to go on", () =>
    Effect.gen(function*() {
      const server = serve()
      const layers = Layer.merge(server.layer, cacheOf())
      yield* Effect.provide(collected(), layers)
      const schema = Schema.Struct({ id: Schema.Number.check(Schema.isLessThan(6)) })
      const error = yield* RowCache.rows(reference, { schema }).pipe(
        Stream.runDrain,
        Effect.flip,
        Effect.provide(layers)
      )
      assert.deepInclude(error, { _tag: "CoercionError", row: 6, column: "id" })
      assert.isUndefined(error.resume)
      assert.deepStrictEqual(yield* Effect.provide(collected(), layers), rowsFrom(0, 9))
    }))
})

describe("options that cannot be meant so", () => {
  it.live("are refused before a request", () =>
    Effect.gen(function*() {
      const server = serve()
      const cache = cacheOf()
      for (const field of ["maxResults", "maxRows", "streams", "batchSize"]) {
        const error = yield* Effect.flip(reading(server, cache, { [field]: -1 }))
        assert.deepInclude(error, { _tag: "InvalidInput", field })
      }
      assert.deepStrictEqual(server.requests, [])
      const unknown = yield* Effect.flip(reading(server, cache, { variables: ["idd"] }))
      assert.deepInclude(unknown, { _tag: "InvalidInput", field: "variables" })
      for (const maxBytes of [-1, 0.5, Number.NaN]) {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(RowCache.layerMemory({ maxBytes }))))
        assert.deepInclude(error, { _tag: "InvalidInput", field: "maxBytes" })
      }
    }))
})

describe("what is kept", () => {
  /** Reads twice, with a change between, and expects the second to come from the server. */
  const misses = (change: (server: Server) => void, options?: Rows.RowsOptions) =>
    Effect.gen(function*() {
      const server = serve()
      const cache = cacheOf()
      yield* reading(server, cache, options)
      change(server)
      server.served.first = 100
      server.since()
      assert.deepStrictEqual(yield* reading(server, cache, options), rowsFrom(100, 9))
      assert.isTrue(server.since().some((request) => request.startsWith("POST")))
    })

  it.live("is not given for another content, table or sample", () =>
    Effect.gen(function*() {
      yield* misses(({ served }) => void (served.table["hash"] = "hash two"))
      yield* misses(({ served }) => void (served.table["id"] = "t2"))
      yield* misses(({ served }) => void (served.table["isSample"] = true))
    }))

  it.live("is not given where a tag was withdrawn and released again with other rows", () =>
    misses(({ served }) => {
      // the reference with its tag stays the same
      served.table["hash"] = "hash of the rows that were released again"
    }))

  it.live("is not given to another account, nor at another endpoint", () =>
    Effect.gen(function*() {
      const server = serve()
      const cache = cacheOf()
      yield* reading(server, cache)
      for (const client of [server.client({ token: "token-of-another" }), server.client()]) {
        server.since()
        yield* Effect.provide(collected(), Layer.merge(client, cache))
        assert.isTrue(server.since().some((request) => request.startsWith("POST")))
      }
      const other = serve({ first: 100 })
      assert.deepStrictEqual(yield* reading(other, cache), rowsFrom(100, 9))
    }))

  it.live("is not given where access was withdrawn, wholly or to the rows", () =>
    Effect.gen(function*() {
      const server = serve()
      const cache = cacheOf()
      yield* reading(server, cache)
      for (const [status, tag] of [[404, "NotFound"], [403, "UnexpectedStatus"], [401, "Unauthorized"]] as const) {
        server.served.status = status
        server.since()
        const error = yield* Effect.flip(reading(server, cache))
        assert.deepInclude(error, { _tag: tag, status })
        assert.isTrue(server.since().every((request) => request === look))
      }
      server.served.status = 200
      for (const table of [{ accessLevel: "metadata" }, { accessLevel: null }, { scopedAccessLevel: "overview" }]) {
        server.served.table = table
        server.since()
        yield* reading(server, cache)
        assert.isTrue(server.since().some((request) => request.startsWith("POST")), "the server decides")
      }
    }))

  it.live("is nothing of a table without a hash, of a draft, or of a workflow", () =>
    Effect.gen(function*() {
      for (
        const table of [
          { hash: null },
          { hash: undefined },
          { qualifiedReference: "owner.dataset:5k9t:next.table:6fff" },
          { qualifiedReference: "owner.dataset.table" },
          { qualifiedReference: "owner.workflow:5k9t.table", container: { kind: "workflow" } }
        ]
      ) {
        const store = makeMemory(10 ** 9)
        let isAsked = false
        const watched: RowCache.Store = {
          ...store,
          open: (key) => {
            isAsked = true
            return store.open(key)
          },
          create: (key) => {
            isAsked = true
            return store.create(key)
          }
        }
        const server = serve({ table })
        const cache = cacheOf(watched)
        for (let time = 0; time < 2; time++) {
          assert.deepStrictEqual(yield* reading(server, cache), rowsFrom(0, 9))
          assert.deepStrictEqual(server.since(), [
            look,
            `${look}/variables`,
            `POST /tables/${reference}/readSessions`,
            `GET /readStreams/${time}-0`
          ])
        }
        assert.isFalse(isAsked)
      }
    }))

  it.live("is nothing where the table changed while it was read", () =>
    Effect.gen(function*() {
      for (
        const change of [
          (server: Server) => void (server.served.table["hash"] = "hash two"),
          (server: Server) => void (server.served.status = 404),
          (server: Server) => void (server.served.table["accessLevel"] = "overview")
        ]
      ) {
        const server = serve()
        const cache = cacheOf()
        server.afterRequest((request) => {
          if (request === "GET /readStreams/0-0") change(server)
        })
        assert.deepStrictEqual(yield* reading(server, cache), rowsFrom(0, 9))
        server.afterRequest(() => {})
        server.served.table = {}
        server.served.status = 200
        server.served.first = 100
        assert.deepStrictEqual(yield* reading(server, cache), rowsFrom(100, 9))
      }
    }))

  it.live("is nothing where a session has other rows than the table", () =>
    Effect.gen(function*() {
      const server = serve({ table: { numRows: 8 } })
      const cache = cacheOf()
      yield* reading(server, cache)
      server.since()
      yield* reading(server, cache)
      assert.isAbove(server.since().length, 1)
    }))

  it.live("is nothing where a session has fewer rows than are wanted", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [3], table: { numRows: 9 } })
      const cache = cacheOf()
      for (let reads = 0; reads < 2; reads++) {
        assert.deepStrictEqual(yield* reading(server, cache, { maxResults: 5 }), rowsFrom(0, 3))
        assert.isAbove(server.since().length, 1)
      }
    }))

  it.live("is nothing of a table of which a lenient client is told too little", () =>
    Effect.gen(function*() {
      for (const table of [{ container: null }, { qualifiedReference: 7 }, { hash: 5 }]) {
        const server = serve({ table })
        const cache = cacheOf()
        const lenient = server.client({ token: "token-of-one", decoding: "lenient" })
        for (let reads = 0; reads < 2; reads++) {
          const rows = yield* Effect.provide(collected(), Layer.merge(lenient, cache))
          assert.deepStrictEqual(rows, rowsFrom(0, 9))
          assert.isAbove(server.since().length, 1)
        }
      }
    }))

  it.live("is nothing where another account's token was sent in between", () =>
    Effect.gen(function*() {
      const server = serve()
      const cache = cacheOf()
      let token = "token-of-one"
      const changing = server.client({ credentials: Effect.sync(() => Redacted.make(token)) })
      server.afterRequest((request) => {
        if (request.endsWith("/variables")) token = "token-of-two"
        if (request.startsWith("GET /readStreams/")) token = "token-of-one"
      })
      assert.deepStrictEqual(yield* Effect.provide(collected(), Layer.merge(changing, cache)), rowsFrom(0, 9))
      server.since()
      yield* reading(server, cache)
      assert.isAbove(server.since().length, 1)
    }))

  it.effect(
    "is nothing where the server does not say in time that all is as it was, and the rows end",
    () =>
      Effect.gen(function*() {
        for (const trouble of ["hangs", "fails"] as const) {
          const server = serve()
          const cache = Layer.merge(cacheOf(), atOnce)
          const virtualTime = yield* VirtualTime.make
          server.served.lastLook = trouble
          const rows = yield* virtualTime.run(reading(server, cache).pipe(Effect.timeout("8 seconds")))
          assert.deepStrictEqual(rows, rowsFrom(0, 9))
          assert.strictEqual(server.since().filter((request) => request.startsWith("GET /tables/")).length, 3)
          server.served.lastLook = undefined
          yield* virtualTime.run(reading(server, cache))
          assert.isAbove(server.since().length, 1)
        }
      }),
    120_000
  )

  it.live("is nothing where the session expired meanwhile, and the rows are whole", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [40], trouble: [{ after: 2000, ends: false }] })
      const cache = cacheOf()
      server.afterRequest((request) => {
        if (request === "GET /readStreams/0-0") server.served.expired = 1
      })
      const options = { onExpiry: ReadSession.renew }
      assert.deepStrictEqual(yield* reading(server, cache, options), rowsFrom(0, 40))
      assert.strictEqual(server.since().filter((request) => request.startsWith("POST")).length, 2)
      for (const isKept of [false, true]) {
        assert.deepStrictEqual(yield* reading(server, cache, options), rowsFrom(0, 40))
        assert.strictEqual(server.since().length === 1, isKept)
      }
    }))

  it.live("is no more rows than are wanted, although the server sent more", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [9, 9], overrun: 3 })
      const cache = cacheOf()
      for (const isKept of [false, true]) {
        assert.deepStrictEqual(yield* reading(server, cache, { maxResults: 5 }), rowsFrom(0, 5))
        assert.strictEqual(server.since().length === 1, isKept)
      }
    }))

  it.live("is refused where it takes more bytes than may be, after one request", () =>
    Effect.gen(function*() {
      const server = serve()
      const cache = cacheOf()
      yield* reading(server, cache)
      server.since()
      const error = yield* Effect.flip(reading(server, cache, { maxBytes: 89 }))
      assert.deepInclude(error, { _tag: "InvalidInput", field: "maxBytes" })
      assert.strictEqual((yield* reading(server, cache, { maxBytes: 90 })).length, 9)
      assert.deepStrictEqual(server.since(), [look, look])
    }))

  it.live("is nothing while the token changes", () =>
    Effect.gen(function*() {
      const server = serve()
      const cache = cacheOf()
      let tokens = 0
      const client = server.client({ credentials: Effect.sync(() => Redacted.make(`token-${++tokens}`)) })
      for (let time = 0; time < 2; time++) {
        server.since()
        assert.deepStrictEqual(yield* Effect.provide(collected(), Layer.merge(client, cache)), rowsFrom(0, 9))
        assert.isTrue(server.since().some((request) => request.startsWith("POST")))
      }
    }))

  it.live("holds nothing of a token", () =>
    Effect.gen(function*() {
      const stored: Array<string> = []
      const store = makeMemory(10 ** 9)
      const watched: RowCache.Store = {
        ...store,
        create: (key) => {
          stored.push(key)
          return Effect.map(store.create(key), (draft) => ({
            ...draft,
            write: (bytes) => {
              stored.push(new TextDecoder().decode(bytes))
              return draft.write(bytes)
            }
          }))
        }
      }
      const server = serve()
      yield* reading(server, cacheOf(watched))
      assert.isAbove(stored.length, 1)
      assert.isTrue(server.tokens.every((token) => token === "Bearer token-of-one"))
      assert.isTrue(stored.every((text) => !text.includes("token-of-one")))
    }))
})

describe("a reading that did not come to its end", () => {
  it.live("leaves nothing: it was left early, it failed, or its end was not proved", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [40], chunk: 100 })
      const cache = cacheOf()
      const some = yield* RowCache.rows(reference, { batchSize: 3 }).pipe(
        Stream.take(5),
        Stream.runCollect,
        Effect.provide(Layer.merge(server.layer, cache))
      )
      assert.deepStrictEqual(some, rowsFrom(0, 5))
      for (const ends of [false, true]) {
        server.served.trouble = [{ after: 2000, ends }]
        const error = yield* Stream.runDrain(RowCache.rows(reference)).pipe(
          Retry.withPolicy(Retry.never),
          Effect.flip,
          Effect.provide(Layer.merge(server.layer, cache))
        )
        assert.isTrue(["TransportError", "IntegrityError"].includes(error._tag))
        // as `Table.rows` says where to go on
        assert.isDefined(error.resume)
      }
      server.since()
      assert.deepStrictEqual(yield* reading(server, cache), rowsFrom(0, 40))
      assert.isAbove(server.since().length, 1)
    }))

  it.live(
    "over breaks is kept as the rows that were handed on, whatever broke wherever",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(
            fc.record({
              streams: fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 4 }),
              batchRows: fc.integer({ min: 1, max: 12 }),
              chunk: fc.integer({ min: 1, max: 2000 }),
              trouble: fc.array(
                fc.option(fc.record({ after: fc.nat({ max: 4000 }), ends: fc.boolean() }), { nil: undefined }),
                { maxLength: 10 }
              )
            }),
            fc.boolean(),
            async (table, ordered) => {
              const server = serve({ ...table, trouble: [...table.trouble] })
              const cache = Layer.merge(cacheOf(), atOnce)
              const count = table.streams.reduce((sum, rows) => sum + rows, 0)
              const options = { ordered, streams: 3, batchSize: 5 }
              const rows = await Effect.runPromise(reading(server, cache, options))
              assert.deepStrictEqual(
                rows.toSorted((one, other) => Number(one["id"]) - Number(other["id"])),
                rowsFrom(0, count)
              )
              server.since()
              assert.deepStrictEqual(await Effect.runPromise(reading(server, cache)), rowsFrom(0, count))
              assert.deepStrictEqual(server.since(), [look])
            }
          ),
          { numRuns: 200, seed: 20_261_124 }
        )
      ),
    300_000
  )

  it.live("breaks at every byte of a stream, and is kept whole", () =>
    Effect.gen(function*() {
      for (const ends of [false, true]) {
        for (let after = 0; after < 1700; after += 5) {
          const server = serve({ trouble: [{ after, ends }] })
          const cache = Layer.merge(cacheOf(), atOnce)
          yield* reading(server, cache)
          server.since()
          assert.deepStrictEqual(yield* reading(server, cache), rowsFrom(0, 9), `after ${after} bytes`)
          assert.deepStrictEqual(server.since(), [look], `after ${after} bytes`)
        }
      }
    }), 300_000)
})

describe("an entry that is damaged", () => {
  it.live(
    "at any byte, or cut anywhere, never gives other rows: it is removed and the table read anew",
    () =>
      Effect.gen(function*() {
        const server = serve({ streams: [2, 1] })
        const { state, store } = oneEntry()
        const cache = cacheOf(store)
        // what the runtime's own digests and seals wrote
        yield* reading(server, cache)
        const layers = Layer.mergeAll(server.layer, cache, atOnce)
        const whole = state.bytes!
        const damaged = function*(): Generator<Uint8Array> {
          for (let at = 0; at < whole.length; at++) {
            const bytes = whole.slice()
            bytes[at]! ^= 1 << at % 8
            yield bytes
          }
          for (let length = 0; length < whole.length; length += 7) yield whole.slice(0, length)
          yield Uint8Array.of(...whole, 0)
        }
        for (const bytes of damaged()) {
          state.bytes = bytes
          const rows: Array<unknown> = []
          const error = yield* Stream.runForEach(
            RowCache.rows(reference),
            (row) => Effect.sync(() => void rows.push(row))
          ).pipe(
            Effect.match({ onFailure: (error) => error, onSuccess: () => undefined }),
            Effect.provide(layers)
          )
          assert.deepStrictEqual(rows, rowsFrom(0, rows.length))
          if (error === undefined) {
            assert.strictEqual(rows.length, 3)
          } else {
            assert.deepInclude(error, { _tag: "IntegrityError", reason: "Hash" })
            assert.isUndefined(error.resume)
            assert.isUndefined(state.bytes, "it is removed")
            // a block of the second stream: rows of the first were handed on, and perhaps its own before its end
            assert.include([2, 3], rows.length)
          }
        }
        assert.isAbove(state.removed, whole.length)
      }),
    300_000
  )

  it.live("or was moved from another key is none", () =>
    Effect.gen(function*() {
      const server = serve()
      const { state, store } = oneEntry()
      yield* reading(server, cacheOf(store))
      server.served.table["hash"] = "hash two"
      server.served.first = 100
      assert.deepStrictEqual(yield* reading(server, cacheOf(store)), rowsFrom(100, 9))
      assert.strictEqual(state.removed, 1)
    }))
})

describe("a store", () => {
  /** What is written to a draft, and what becomes of it. */
  const watched = (maxBytes: number, mayWrite: (total: number) => boolean = () => true) => {
    const seen = { written: 0, isDropped: false, isCommitted: false }
    const store: RowCache.Store = {
      maxBytes,
      open: () => Effect.succeed(undefined),
      create: () =>
        Effect.as(
          Effect.addFinalizer(() => Effect.sync(() => void (seen.isDropped = true))),
          {
            write: (bytes) =>
              Effect.suspend(() => {
                seen.written += bytes.length
                return mayWrite(seen.written)
                  ? Effect.void
                  : Effect.fail(new RowCache.RowCacheError({ method: "write", cause: "the disk is full" }))
              }),
            commit: Effect.sync(() => void (seen.isCommitted = true))
          }
        ),
      remove: () => Effect.void,
      clear: Effect.void
    }
    return { seen, store }
  }

  const inMiddle = (server: Server, store: RowCache.Store, look: (row: number) => void) =>
    Stream.runForEach(RowCache.rows(reference, { batchSize: 1 }), ({ id }) => Effect.sync(() => look(Number(id)))).pipe(
      Effect.provide(Layer.merge(server.layer, cacheOf(store)))
    )

  it.live("is given each stream when it has ended, however small it is", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [9, 9, 9] })
      const { seen, store } = watched(10 ** 9)
      const writtenAt: Array<number> = []
      yield* inMiddle(server, store, (row) => {
        if (row % 9 === 0) writtenAt.push(seen.written)
      })
      assert.strictEqual(writtenAt[0], 0)
      assert.isTrue(writtenAt[1]! > 0 && writtenAt[2]! > writtenAt[1]!, writtenAt.join(", "))
      assert.isTrue(seen.isCommitted)
    }))

  for (
    const [why, { seen, store }] of [
      ["more came than may be", watched(1000)],
      ["it failed", watched(10 ** 9, () => false)]
    ] as const
  ) {
    it.live(`gets back what a draft takes once nothing can come of it, since ${why}, while the rows go on`, () =>
      Effect.gen(function*() {
        const server = serve({ streams: [9, 9, 9, 9] })
        let droppedAt = Number.NaN
        yield* inMiddle(server, store, (row) => {
          if (seen.isDropped && Number.isNaN(droppedAt)) droppedAt = row
        })
        assert.isBelow(droppedAt, 30)
        assert.isFalse(seen.isCommitted)
      }))
  }

  const failure = new RowCache.RowCacheError({ method: "do anything", cause: new Error("the disk is full") })

  it.live("that fails disturbs no reading", () =>
    Effect.gen(function*() {
      const memory = makeMemory(10 ** 9)
      const failing = Effect.fail(failure)
      const broken: ReadonlyArray<Partial<RowCache.Store>> = [
        { open: () => failing },
        { create: () => failing },
        { create: () => Effect.succeed({ write: () => failing, commit: Effect.void }) },
        { create: () => Effect.succeed({ write: () => Effect.void, commit: failing }) },
        { open: () => Effect.succeed({ size: 1000, read: () => failing }) },
        { open: () => Effect.succeed({ size: 10, read: () => failing }), remove: () => failing }
      ]
      for (const part of broken) {
        const server = serve()
        assert.deepStrictEqual(yield* reading(server, cacheOf({ ...memory, ...part })), rowsFrom(0, 9))
      }
      const error = yield* Effect.flip(Effect.provide(RowCache.clear, cacheOf({ ...memory, clear: failing })))
      assert.include(error.message, "the disk is full")
    }))

  it.live("in memory holds to its bound: what was used least recently goes, and what is larger is not kept", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [100], batchRows: 50 })
      const isKept = (cache: ReturnType<typeof cacheOf>, maxResults: number) =>
        Effect.gen(function*() {
          server.since()
          assert.deepStrictEqual(yield* reading(server, cache, { maxResults }), rowsFrom(0, maxResults))
          return server.since().length === 1
        })
      const { state, store } = oneEntry()
      yield* isKept(cacheOf(store), 50)
      const size = state.bytes!.length
      const cache = cacheOf(makeMemory(Math.floor(2.5 * size)))
      for (const maxResults of [50, 49]) assert.isFalse(yield* isKept(cache, maxResults))
      assert.isTrue(yield* isKept(cache, 50))
      assert.isFalse(yield* isKept(cache, 48))
      // 49 went, which was used before 50
      assert.isTrue(yield* isKept(cache, 50))
      assert.isTrue(yield* isKept(cache, 48))
      assert.isFalse(yield* isKept(cache, 49))
      yield* Effect.provide(RowCache.clear, cache)
      assert.isFalse(yield* isKept(cache, 49))
      const small = cacheOf(makeMemory(size - 1))
      for (let time = 0; time < 2; time++) assert.isFalse(yield* isKept(small, 50))
    }))

  it.live("is shared by readings at the same time", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [60], chunk: 50 })
      const cache = cacheOf()
      const all = yield* Effect.all(Array.from({ length: 5 }, () => reading(server, cache)), { concurrency: 5 })
      for (const rows of all) assert.deepStrictEqual(rows, rowsFrom(0, 60))
      server.since()
      assert.deepStrictEqual((yield* reading(server, cache))[59], rowOf(59))
      assert.deepStrictEqual(server.since(), [look])
    }))
})
