/** Streams that are wrong, through the whole client: what came before is right, and nothing of what is wrong comes. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Retry from "../src/client/Retry.ts"
import type * as Arrow from "../src/data/Arrow.ts"
import * as Columns from "../src/data/Columns.ts"
import * as W from "./arrow/writing.ts"
import { columns, type Outcome, read, readBatches, type Served, streamOf, tableOf, type Written } from "./rowsServer.ts"

const once = Retry.withPolicy(Retry.never)

/** So many rows from a number on. */
const batchOf = (first: number, count: number): ReadonlyArray<Written> => {
  const numbers = Array.from({ length: count }, (_, index) => first + index)
  return [
    columns.integer("id", numbers.map((number) => BigInt(number))),
    columns.string("text", numbers.map((number) => `row ${number}`))
  ]
}

const rowsOf = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => ({ id: first + index, text: `row ${first + index}` }))

/** The rows of batches, which are looked at when all have come. */
const rowsOfBatches = ({ rows }: Outcome<Arrow.Batch>) =>
  rows.flatMap(({ columns: [id, text], numRows }) =>
    Array.from({ length: numRows }, (_, row) => ({ id: Number(id!.at(row)), text: text!.at(row) }))
  )

/** Messages of a stream of the two columns. */
const fields = batchOf(0, 0).map(({ field }) => field)
const schema = W.schema(fields)
const message = (batch: ReadonlyArray<Written>, options?: W.BatchOptions): Uint8Array =>
  W.recordBatch(batch[0]!.length, batch.map(({ column }) => column), options)
const sentinel = W.recordBatch(0, [W.columns.bigints([]), W.columns.texts([])])

const served = (numRows: number, ...streams: Served["streams"]): Served => ({
  ...tableOf(batchOf(0, 1)),
  numRows,
  streams
})

/** Ten right rows, then something else. */
const after = (...messages: ReadonlyArray<Uint8Array>): Uint8Array =>
  W.concat(schema, message(batchOf(0, 10)), ...messages, sentinel, W.end)

describe("a batch that is corrupt", () => {
  const texts = (offsets: ReadonlyArray<number>, bytes: ReadonlyArray<number>): ReadonlyArray<W.ColumnSpec> => [
    W.columns.bigints([10n, 11n]),
    { nulls: 0, buffers: [new Uint8Array(0), new Uint8Array(Int32Array.from(offsets).buffer), Uint8Array.from(bytes)] }
  ]
  const whole = message(batchOf(10, 2))
  const corrupt: ReadonlyArray<readonly [name: string, batch: Uint8Array, path: string]> = [
    ["in text that is no UTF-8", W.recordBatch(2, texts([0, 1, 2], [97, 0xff])), "column \"text\": values"],
    ["in offsets that descend", W.recordBatch(2, texts([0, 2, 1], [97, 98])), "column \"text\": row 1"],
    ["in offsets behind the text", W.recordBatch(2, texts([0, 1, 9], [97, 98])), "column \"text\": row 1"],
    ["in its count of nulls", message(batchOf(10, 2), { nodes: [[2, 0], [2, 1]] }), "column \"text\": validity"],
    [
      "in a buffer's place",
      message(batchOf(10, 2), { regions: [[0, 0], [0, 16], [16, 0], [16, 12], [800, 12]] }),
      "buffer 4"
    ],
    ["in its count of rows", message(batchOf(10, 2), { length: 3 }), "column \"id\": length"],
    ["in its metadata", whole.map((byte, at) => at >= 12 && at < 24 ? 0xff : byte), ""],
    ["in its compression", message(batchOf(10, 2), { compression: W.table(W.u8(1)) }), "compression"],
    ["in its columns", W.recordBatch(2, [W.columns.bigints([10n, 11n])]), "nodes"]
  ]
  for (const [name, batch, path] of corrupt) {
    it.effect(`${name} is a DecodeError after the rows before it, and none of its rows come`, () =>
      Effect.gen(function*() {
        const table = served(12, after(batch))
        for (const options of [{}, { batchSize: 1 }, { ordered: false, streams: 2 }]) {
          const { error, open, rows } = yield* read(table, options)
          assert.strictEqual(error?._tag, "DecodeError")
          assert.deepInclude(error, { operation: "readSessions.getStream", method: "GET", status: 200 })
          assert.include(error!.message, `message 3${path === "" ? "" : `: ${path}`}`)
          assert.deepStrictEqual(rows, rowsOf(10))
          assert.deepStrictEqual(error!.resume?.streams, [{ id: "0", offset: 10, done: false }])
          assert.strictEqual(open, 0)
        }
        const batches = yield* readBatches(table)
        assert.strictEqual(batches.error?._tag, "DecodeError")
        assert.deepStrictEqual(rowsOfBatches(batches), rowsOf(10))
      }))
  }

  it.effect("in one of several streams stops the others, whose rows are right", () =>
    Effect.gen(function*() {
      const streams = [streamOf(batchOf(100, 5)), after(corrupt[0]![1]), streamOf(batchOf(200, 5))]
      for (const ordered of [true, false]) {
        const { error, open, rows } = yield* read(served(22, ...streams), { ordered, streams: 3 })
        assert.strictEqual(error?._tag, "DecodeError")
        const right = [...rowsOf(5, 100), ...rowsOf(10), ...rowsOf(5, 200)]
        for (const row of rows) assert.deepInclude(right, row)
        assert.strictEqual(new Set(rows.map(({ id }) => id)).size, rows.length)
        assert.strictEqual(error!.resume?.arrived, rows.length)
        if (ordered) assert.deepStrictEqual(rows, right.slice(0, 15))
        assert.strictEqual(open, 0)
      }
    }))
})

describe("a schema that changes", () => {
  it.effect("in the middle of a stream is a DecodeError after the rows before it", () =>
    Effect.gen(function*() {
      for (const second of [schema, W.schema([...fields].reverse()), W.schema([W.fields.utf8("other")])]) {
        const table = served(20, after(second, message(batchOf(10, 10))))
        const { error, rows } = yield* read(table)
        assert.strictEqual(error?._tag, "DecodeError")
        assert.include(error!.message, "one schema in a stream")
        assert.deepStrictEqual(rows, rowsOf(10))
        assert.deepStrictEqual(rowsOfBatches(yield* readBatches(table)), rowsOf(10))
      }
    }))

  it.live("between two answers of one stream is read as each has it", () =>
    Effect.gen(function*() {
      const rest = [
        columns.string("TEXT", Array.from({ length: 10 }, (_, index) => `row ${10 + index}`)),
        {
          ...columns.integer("Id", []),
          field: W.fields.int("Id", 16),
          column: W.columns.numbers(Array.from({ length: 10 }, (_, index) => 10 + index), Int16Array),
          length: 10
        }
      ]
      const table = served(
        20,
        (offset) => offset === 0 ? [W.concat(schema, message(batchOf(0, 10)))] : [streamOf(rest)]
      )
      const { asked, error, rows } = yield* read(table).pipe(Retry.withPolicy({ baseDelay: 0 }))
      assert.isUndefined(error)
      assert.deepStrictEqual(rows, rowsOf(20))
      assert.deepStrictEqual(asked, [[0, 0], [0, 10]])
      const batches = yield* readBatches(table).pipe(Retry.withPolicy({ baseDelay: 0 }))
      assert.deepStrictEqual(rowsOfBatches(batches), rowsOf(20))
    }))
})

describe("more rows than the session has", () => {
  /** A stream that goes on as long as it is read. */
  const endless = () => {
    let batches = 0
    const bytes = function*(): Iterable<Uint8Array> {
      yield schema
      for (;;) yield message(batchOf(10 * batches++, 10))
    }
    return { bytes, batches: () => batches }
  }

  it.effect("in a batch are not handed on, and are an error", () =>
    Effect.gen(function*() {
      const table = served(3, streamOf(batchOf(0, 10)))
      const { error, rows } = yield* read(table)
      assert.deepInclude(error, { _tag: "IntegrityError", reason: "RowCount" })
      assert.deepStrictEqual(rows, rowsOf(3))
      const batches = yield* readBatches(table)
      assert.deepInclude(batches.error, { _tag: "IntegrityError", reason: "RowCount" })
      assert.deepStrictEqual(rowsOfBatches(batches), rowsOf(3))
    }))

  for (const ordered of [true, false]) {
    it.effect(`that never end are read no further than the first batch too many, ${ordered ? "in order" : "as they come"}`, () =>
      Effect.gen(function*() {
        for (const maxResults of [undefined, 20]) {
          const [one, other] = [endless(), endless()]
          const { error, open, rows } = yield* read(served(20, one.bytes, other.bytes), {
            ordered,
            streams: 2,
            maxResults
          })
          if (maxResults === undefined) assert.deepInclude(error, { _tag: "IntegrityError", reason: "RowCount" })
          else assert.isUndefined(error)
          assert.strictEqual(rows.length, 20)
          assert.isBelow(one.batches() + other.batches(), 12)
          assert.strictEqual(open, 0)
        }
      }))
  }

  it.effect("than are wanted are cut over several streams, and where the connection broke behind the last", () =>
    Effect.gen(function*() {
      // the last stream was asked for 10 and sends 14, without an end
      const open = (offset: number): Iterable<Uint8Array> =>
        offset > 10
          ? assert.fail(`row ${offset} was asked for`)
          : [W.concat(schema, message(batchOf(20 + offset, 14 - offset)))]
      const table = served(30, streamOf(batchOf(0, 20)), open)
      for (const ordered of [true, false]) {
        const { asked, error, rows } = yield* read(table, { ordered, streams: 2, maxResults: 30 })
        assert.isUndefined(error)
        assert.deepStrictEqual(rows.toSorted((one, next) => Number(one["id"]) - Number(next["id"])), rowsOf(30))
        assert.deepStrictEqual(asked, [[0, 0], [1, 0]])
      }
      const batches = yield* readBatches(table, { maxResults: 30 })
      assert.isUndefined(batches.error)
      assert.deepStrictEqual(rowsOfBatches(batches), rowsOf(30))
    }))

  it.effect("are no request where none is wanted", () =>
    Effect.gen(function*() {
      const { asked, error, rows } = yield* read(served(10, streamOf(batchOf(0, 10))), { maxResults: 0 })
      assert.isUndefined(error)
      assert.deepStrictEqual([rows, asked], [[], []])
    }))
})

describe("a table without rows", () => {
  const tables: ReadonlyArray<readonly [name: string, table: Served]> = [
    ["no stream", served(0)],
    ["a stream of nothing but a sentinel", served(0, streamOf(batchOf(0, 0)))],
    ["several such streams", served(0, streamOf(batchOf(0, 0)), streamOf(batchOf(0, 0)))]
  ]
  for (const [name, table] of tables) {
    it.effect(`has neither rows nor batches nor an error, of ${name}, and its columns are known`, () =>
      Effect.gen(function*() {
        for (const ordered of [true, false]) {
          const { error, rows } = yield* read(table, { ordered, streams: 2 })
          assert.deepStrictEqual([rows, error], [[], undefined])
          const batches = yield* readBatches(table, { ordered, streams: 2 })
          assert.deepStrictEqual([batches.rows, batches.error], [[], undefined])
          const { columns, names, numRows } = yield* Columns.fromBatches(Stream.fromIterable(batches.rows), {
            variables: table.variables
          })
          assert.deepStrictEqual([numRows, names], [0, ["id", "text"]])
          assert.deepStrictEqual(columns["id"]?.values, new Float64Array(0))
        }
      }))
  }

  it.effect("has a stream whose end is missing all the same", () =>
    Effect.gen(function*() {
      for (const [bytes, reason] of [[schema, "MissingEnd"], [W.concat(schema, W.end), "MissingSentinel"]] as const) {
        const { error } = yield* once(read(served(0, bytes)))
        assert.deepInclude(error, { _tag: "IntegrityError", reason })
      }
    }))
})

describe("a table without columns", () => {
  const rows = (count: number) => W.recordBatch(count, [])
  const table = (numRows: number, ...messages: ReadonlyArray<Uint8Array>): Served => ({
    variables: [],
    numRows,
    streams: [W.concat(W.schema([]), ...messages, rows(0), W.end)]
  })

  it.effect("has rows without values, as many as it says", () =>
    Effect.gen(function*() {
      for (const maxResults of [undefined, 4]) {
        const { error, rows: came } = yield* read(table(5, rows(3), rows(2)), { maxResults })
        assert.isUndefined(error)
        assert.deepStrictEqual(came, Array.from({ length: maxResults ?? 5 }, () => ({})))
        const batches = yield* readBatches(table(5, rows(3), rows(2)), { maxResults })
        assert.isUndefined(batches.error)
        assert.deepStrictEqual(batches.rows.map(({ columns, numRows }) => [columns.length, numRows]), [
          [0, 3],
          [0, (maxResults ?? 5) - 3]
        ])
      }
      const none = yield* read(table(0))
      assert.deepStrictEqual([none.rows, none.error], [[], undefined])
    }))

  it.effect("may not claim more rows than it has, which no bytes vouch for", () =>
    Effect.gen(function*() {
      const { error, rows: came } = yield* read(table(5, rows(3), rows(2_000_000_000)))
      assert.deepInclude(error, { _tag: "IntegrityError", reason: "RowCount" })
      assert.strictEqual(came.length, 3)
    }))

  it.effect("is not what an empty selection gives: that is refused before a session is made", () =>
    Effect.gen(function*() {
      for (const reading of [read, readBatches]) {
        const { asked, error, sent } = yield* reading(served(10, streamOf(batchOf(0, 10))), { variables: [] })
        assert.deepInclude(error, { _tag: "InvalidInput", field: "variables" })
        assert.deepStrictEqual([sent, asked], [[], []])
      }
    }))
})

it.effect("10,000 columns are rows of as many keys, and batches of as many columns", () =>
  Effect.gen(function*() {
    const names = Array.from({ length: 10_000 }, (_, index) => `column_${index}`)
    const table = tableOf(
      ...[0, 1].map((first) => names.map((name, index) => columns.integer(name, [BigInt(first), null, BigInt(index)])))
    )
    const { error, rows } = yield* read(table)
    assert.isUndefined(error)
    assert.strictEqual(rows.length, 6)
    for (const [number, row] of rows.entries()) {
      assert.deepStrictEqual(Object.keys(row), names)
      const expected = (index: number) => [number < 3 ? 0 : 1, null, index][number % 3]
      assert.isTrue(Object.values(row).every((value, index) => value === expected(index)))
    }
    const wanted = [names[9_999]!, names[17]!.toUpperCase(), names[0]!]
    const some = yield* read({
      ...table,
      streams: [streamOf(...[0, 1].map((first) =>
        [9_999, 17, 0].map((index) =>
          columns.integer(names[index]!, [BigInt(first), null, BigInt(index)])
        )
      ))]
    }, {
      variables: wanted
    })
    assert.deepStrictEqual(some.rows[2], { column_9999: 9_999, column_17: 17, column_0: 0 })
    const batches = yield* readBatches(table)
    assert.deepStrictEqual(batches.rows.map(({ columns, numRows }) => [columns.length, numRows]), [[10_000, 3], [
      10_000,
      3
    ]])
  }), 120_000)

it.effect("a cell of 100 MB of text is one value of its row, among others", () =>
  Effect.gen(function*() {
    const size = 100_000_000
    const none = new Uint8Array(0)
    // the text itself comes in pieces, as it would over a wire
    const pieces = function*(): Iterable<Uint8Array> {
      yield schema
      yield message(batchOf(0, 2))
      yield W.recordBatch(2, [W.columns.bigints([2n, 3n]), { nulls: 0, buffers: [none, none, none] }], {
        bodyLength: 32 + size,
        regions: [[0, 0], [0, 16], [16, 0], [16, 12], [32, size]]
      })
      yield W.padded(new Uint8Array(Int32Array.of(0, size - 5, size).buffer))
      for (let at = 0; at < size; at += 1_000_000) yield new Uint8Array(1_000_000).fill(0x78)
      yield sentinel
      yield W.end
    }
    const { error, rows } = yield* read(served(4, pieces))
    assert.isUndefined(error)
    assert.deepStrictEqual(rows.map(({ id }) => id), [0, 1, 2, 3])
    const text = String(rows[2]?.["text"])
    assert.strictEqual(text.length, size - 5)
    assert.isTrue(/^x+$/.test(text))
    assert.strictEqual(rows[3]?.["text"], "xxxxx")
    const batches = yield* readBatches(served(4, pieces))
    assert.isUndefined(batches.error)
    assert.strictEqual(batches.rows[1]?.columns[1]?.at(0), text)
  }), 120_000)

describe("a length that claims more than came", () => {
  const huge = 2n ** 40n
  const claims: ReadonlyArray<readonly [name: string, claim: Uint8Array]> = [
    ["metadata", W.message(3, W.table(), undefined, { metadataLength: 2 ** 31 - 8 })],
    [
      "a body",
      message(batchOf(10, 2), {
        bodyLength: huge,
        regions: [[0, 0], [0, 16], [16, 0], [16, 12], [32, huge - 32n]]
      })
    ]
  ]
  for (const [name, claim] of claims) {
    it.effect(`of ${name} is a stream that broke off, and nothing is allocated for it`, () =>
      Effect.gen(function*() {
        const table = served(12, () => [W.concat(schema, message(batchOf(0, 10)), claim)])
        const before = process.memoryUsage()
        const { error, rows } = yield* once(read(table))
        const now = process.memoryUsage()
        assert.deepInclude(error, { _tag: "IntegrityError", reason: "MissingEnd" })
        assert.deepStrictEqual(rows, rowsOf(10))
        assert.isBelow(now.arrayBuffers - before.arrayBuffers, 16 * 2 ** 20)
        assert.isBelow(now.rss - before.rss, 256 * 2 ** 20)
      }))
  }
})
