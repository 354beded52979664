import { assert, layer } from "@effect/vitest"
import { tableFromIPC } from "@uwdata/flechette"
import { RecordBatchReader } from "apache-arrow"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import type * as Model from "../../src/store/model.ts"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { bytesOf, imported, makeTable, read, reload, textOf, upload } from "./fixtures.ts"

const bytesFrom = (stream: Stream.Stream<Uint8Array>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Buffer.concat(chunks))

const readArrow = (source: Model.RowSource, selection?: Model.RowSelection, options?: Model.ReadOptions) =>
  Effect.gen(function*() {
    const store = yield* Store
    return yield* bytesFrom(yield* store.rows.read(source, "arrow", selection, options))
  })

/** Integers 0 to n - 1 in three uploads of different sizes, beside a text. */
const numbers = (n: number) =>
  Effect.gen(function*() {
    const table = yield* makeTable()
    const cuts = [0, Math.floor(n / 10), Math.floor(n / 2), n]
    for (let part = 0; part < 3; part++) {
      const rows = Array.from({ length: cuts[part + 1]! - cuts[part]! }, (_, index) => cuts[part]! + index)
      yield* upload(table, ["n,text", ...rows.map((row) => `${row},row number ${row}`)].join("\n"))
    }
    return { kind: "table", table: yield* reload(table) } as const
  })

const columnOf = (bytes: Uint8Array, name = "n"): Array<unknown> => Array.from(tableFromIPC(bytes).getChild(name)!)

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

layer(StoreDuckDB.layer())("rows", (it) => {
  it.effect("come in the order of the uploads, in batches of the size that is asked for", () =>
    Effect.gen(function*() {
      const source = yield* numbers(10_000)
      const bytes = yield* readArrow(source, undefined, { batchRows: 3000 })
      assert.deepStrictEqual(columnOf(bytes), range(0, 10_000))
      assert.deepStrictEqual([...RecordBatchReader.from(bytes)].map(({ numRows }) => numRows), [3000, 3000, 3000, 1000])
      assert.deepStrictEqual(columnOf(bytes, "text")[9_999], "row number 9999")
    }))

  it.effect("begin and end exactly where they are told to", () =>
    Effect.gen(function*() {
      const source = yield* numbers(1000)
      for (
        const [offset, limit] of [[0, 0], [0, 1], [99, 2], [100, 400], [499, 2], [998, 5], [1000, 5], [
          2000,
          5
        ]] as const
      ) {
        const bytes = yield* readArrow(source, { offset, limit })
        assert.deepStrictEqual(columnOf(bytes), range(Math.min(offset, 1000), Math.min(offset + limit, 1000)))
        const store = yield* Store
        assert.strictEqual(
          yield* store.rows.count(source, { offset, limit }),
          Math.min(offset + limit, 1000) - Math.min(offset, 1000)
        )
      }
    }))

  it.effect("have the columns that are asked for, in that order, whatever their case", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { source } = yield* imported("Alpha,beta,c\n1,2,3\n")
      assert.strictEqual(yield* read(source, "csv", { variables: ["C", "ALPHA", "c"] }), "c,Alpha\n3,1\n")
      assert.strictEqual(yield* read(source, "jsonl", { variables: ["BETA"] }), "{\"beta\":2}\n")
      assert.strictEqual(yield* read(source, "csv", { variables: [] }), "Alpha,beta,c\n1,2,3\n")
      const error = yield* Effect.flip(store.rows.read(source, "csv", { variables: ["alpha", "delta"] }))
      assert.deepStrictEqual([error._tag, "field" in error ? error.field : ""], ["StoreInvalid", "selectedVariables"])
      const negative = yield* Effect.flip(store.rows.read(source, "csv", { offset: -1 }))
      assert.strictEqual(negative._tag, "StoreInvalid")
    }))

  it.effect("keep every value apart in each format", () =>
    Effect.gen(function*() {
      const { source } = yield* imported(
        "s,f,i\n\"a,\"\"b\"\"\nc\",NaN,9007199254740993\n\"\",-inf,-1\n,0.1,\n\"é🦆\t\\\",1e300,0\n"
      )
      assert.strictEqual(
        yield* read(source, "csv"),
        "s,f,i\n\"a,\"\"b\"\"\nc\",NaN,9007199254740993\n\"\",-Infinity,-1\n,0.1,\né🦆\t\\,1e+300,0\n"
      )
      assert.strictEqual(
        yield* read(source, "ndjson"),
        [
          "[\"a,\\\"b\\\"\\nc\",\"NaN\",\"9007199254740993\"]",
          "[\"\",\"-Infinity\",\"-1\"]",
          "[null,\"0.1\",null]",
          "[\"é🦆\\t\\\\\",\"1e+300\",\"0\"]\n"
        ].join("\n")
      )
      assert.strictEqual(
        yield* read(source, "jsonl"),
        [
          "{\"s\":\"a,\\\"b\\\"\\nc\",\"f\":\"NaN\",\"i\":9007199254740993}",
          "{\"s\":\"\",\"f\":\"-Infinity\",\"i\":-1}",
          "{\"s\":null,\"f\":0.1,\"i\":null}",
          "{\"s\":\"é🦆\\t\\\\\",\"f\":1e+300,\"i\":0}\n"
        ].join("\n")
      )
    }))

  it.effect("of a table without uploads are an empty stream", () =>
    Effect.gen(function*() {
      const source = { kind: "table", table: yield* makeTable() } as const
      const bytes = yield* readArrow(source, undefined, { eosSentinel: true })
      assert.deepStrictEqual([...RecordBatchReader.from(bytes)].map(({ numRows }) => numRows), [0])
      for (const format of ["csv", "ndjson", "jsonl"] as const) assert.strictEqual(yield* read(source, format), "")
    }))

  it.effect("come as they are wanted: who stops early frees the connection", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const source = yield* numbers(50_000)
      for (let round = 0; round < 20; round++) {
        const stream = yield* store.rows.read(source, "arrow", undefined, { batchRows: 1000 })
        const parts = yield* stream.pipe(Stream.take(3), Stream.runCollect)
        assert.strictEqual(parts.length, 3)
      }
      const stream = yield* store.rows.read(source, "csv")
      const fiber = yield* Effect.forkChild(Stream.runForEach(stream, () => Effect.never))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(columnOf(yield* readArrow(source)).length, 50_000)
    }))

  it.effect("are those of the table when it was looked up, though its draft changes meanwhile", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      const first = yield* upload(table, `a\n${range(0, 5000).join("\n")}\n`)
      const source = { kind: "table", table: yield* reload(table) } as const
      const stream = yield* store.rows.read(source, "csv")
      const seen: Array<string> = []
      yield* Stream.runForEach(stream, (bytes) =>
        Effect.gen(function*() {
          if (seen.length === 1) yield* store.uploads.remove(first.id)
          seen.push(Buffer.from(bytes).toString())
        }))
      assert.strictEqual(seen.join(""), `a\n${range(0, 5000).join("\n")}\n`)
      assert.strictEqual((yield* reload(table)).numRows, 0)
    }))

  it.effect("are read by many at once", () =>
    Effect.gen(function*() {
      const source = yield* numbers(20_000)
      const all = yield* Effect.forEach(range(0, 24), () => readArrow(source, { variables: ["n"] }), {
        concurrency: "unbounded"
      })
      for (const bytes of all) assert.deepStrictEqual(columnOf(bytes), range(0, 20_000))
    }))
})

layer(StoreDuckDB.layer({ streamRows: 1 }))("read sessions", (it) => {
  it.effect("share out the rows, each once, and go on from any row", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const source = yield* numbers(1003)
      const session = yield* store.sessions.create(source, {
        creator: "someone",
        requestedStreamCount: 4,
        variables: ["N"]
      })
      assert.strictEqual(session.numRows, 1003)
      // a draft's uploads have streams of their own
      assert.deepStrictEqual(session.streams.map(({ numRows }) => numRows), [100, 200, 201, 251, 251])
      const parts = yield* Effect.forEach(session.streams, ({ id }) =>
        Effect.flatMap(store.sessions.read(id, { eosSentinel: true }), bytesFrom))
      assert.deepStrictEqual(
        parts.flatMap((bytes) =>
          columnOf(bytes)
        ),
        range(0, 1003)
      )
      assert.deepStrictEqual(tableFromIPC(parts[0]!).names, ["n"])
      assert.deepStrictEqual([...RecordBatchReader.from(parts[0]!)].map(({ numRows }) => numRows), [100, 0])
      for (const offset of [0, 1, 50, 99, 100]) {
        const bytes = yield* Effect.flatMap(store.sessions.read(session.streams[0]!.id, { offset }), bytesFrom)
        assert.deepStrictEqual(columnOf(bytes), range(offset, 100))
      }
      const beyond = yield* Effect.flip(store.sessions.read(session.streams[0]!.id, { offset: 101 }))
      assert.deepStrictEqual([beyond._tag, "field" in beyond ? beyond.field : ""], ["StoreInvalid", "offset"])
    }))

  it.effect("have no more streams than rows, and none for none", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { source } = yield* imported("a\n1\n2\n")
      const two = yield* store.sessions.create(source, { creator: null, requestedStreamCount: 8 })
      assert.deepStrictEqual(two.streams.map(({ numRows }) => numRows), [1, 1])
      const one = yield* store.sessions.create(source, { creator: null, maxResults: 1, format: "jsonl" })
      assert.deepStrictEqual([one.numRows, one.streams.length], [1, 1])
      assert.strictEqual(yield* Effect.flatMap(store.sessions.read(one.streams[0]!.id), textOf), "{\"a\":1}\n")
      const none = yield* store.sessions.create(source, { creator: null, maxResults: 0 })
      assert.deepStrictEqual([none.numRows, none.streams.length], [0, 0])
      assert.strictEqual(
        (yield* Effect.flip(store.sessions.create(source, { creator: null, requestedStreamCount: 0 })))._tag,
        "StoreInvalid"
      )
      assert.strictEqual(
        (yield* Effect.flip(store.sessions.create(source, { creator: null, variables: ["b"] })))._tag,
        "StoreInvalid"
      )
    }))

  it.effect("remember who made them, for what, and until when", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { source } = yield* imported("a\n1\n")
      yield* TestClock.adjust("1 hour")
      const { streams: [stream] } = yield* store.sessions.create(source, { creator: "me", allowAnonymousAccess: true })
      const found = yield* store.sessions.getStream(stream!.id)
      assert.deepStrictEqual(found, stream)
      assert.deepStrictEqual([found.creator, found.allowAnonymousAccess, found.expiresAt - found.createdAt], [
        "me",
        true,
        6 * 60 * 60 * 1000
      ])
      assert.isString(found.datasetId)
      assert.strictEqual((yield* Effect.flip(store.sessions.getStream("no")))._tag, "StoreNotFound")
    }))

  it.effect("still have their rows when the draft has others, until they expire", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      const first = yield* upload(table, "a\n1\n2\n")
      const source = { kind: "table", table: yield* reload(table) } as const
      const { streams: [stream] } = yield* store.sessions.create(source, { creator: "me", format: "csv" })
      yield* store.uploads.remove(first.id)
      yield* upload(table, "b\n3\n")
      assert.strictEqual(yield* Effect.flatMap(store.sessions.read(stream!.id), textOf), "a\n1\n2\n")
      yield* TestClock.adjust("7 hours")
      yield* store.tables.remove(yield* reload(table))
      assert.strictEqual((yield* Effect.flip(store.sessions.read(stream!.id)))._tag, "StoreNotFound")
    }))

  it.effect("of a stream's rows do not grow with it", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      const made = yield* store.uploads.create(table, {
        content: { kind: "stream", schema: [{ name: "a", type: "integer" }] }
      })
      yield* store.uploads.insertRows(made.id, [{ a: 1 }])
      const { streams: [stream] } = yield* store.sessions.create({ kind: "table", table: yield* reload(table) }, {
        creator: "me",
        format: "csv"
      })
      yield* store.uploads.insertRows(made.id, [{ a: 2 }])
      assert.strictEqual(yield* Effect.flatMap(store.sessions.read(stream!.id), textOf), "a\n1\n")
      assert.strictEqual(yield* read({ kind: "table", table: yield* reload(table) }, "csv"), "a\n1\n2\n")
    }))
})

layer(StoreDuckDB.layer({ streamRows: 100 }))("read sessions of few rows", (it) => {
  it.effect("have several streams only where each is worth it", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { source } = yield* imported(`a\n${Array.from({ length: 450 }, (_, index) => `${index}\n`).join("")}`)
      for (const [requested, sizes] of new Map([[1, [450]], [2, [225, 225]], [8, [112, 113, 112, 113]]])) {
        const { streams } = yield* store.sessions.create(source, { creator: null, requestedStreamCount: requested })
        assert.deepStrictEqual(streams.map(({ numRows }) => numRows), sizes)
      }
      const few = yield* store.sessions.create(source, { creator: null, requestedStreamCount: 8, maxResults: 199 })
      assert.deepStrictEqual(few.streams.map(({ numRows }) => numRows), [199])
    }))
})

layer(StoreDuckDB.layer({ batchRows: 100 }))("options", (it) => {
  it.effect("batchRows is what a batch has where nothing else is asked for", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      const made = yield* store.uploads.create(table, {
        content: { kind: "bytes", bytes: bytesOf(`a\n${range(0, 250).join("\n")}\n`) }
      })
      yield* store.uploads.run(made.id)
      const bytes = yield* readArrow({ kind: "upload", uploadId: made.id })
      assert.deepStrictEqual([...RecordBatchReader.from(bytes)].map(({ numRows }) => numRows), [100, 100, 50])
    }))
})
