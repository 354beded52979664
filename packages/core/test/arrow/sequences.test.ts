import { assert, describe, it } from "@effect/vitest"
import * as Apache from "apache-arrow"
import type { ReaderOptions } from "../../src/data/arrow/streamReader.ts"
import type { Value } from "../../src/data/Arrow.ts"
import { exact, failureOf, readAll, valuesOf } from "./reading.ts"
import * as W from "./writing.ts"

const f = W.fields
const numbers = (...values: ReadonlyArray<number>): W.ColumnSpec => W.columns.numbers(values)
const batch = (...values: ReadonlyArray<number>): Uint8Array => W.recordBatch(values.length, [numbers(...values)])
const schema = W.schema([f.int("n", 32)])
const kind = f.dictionary(f.utf8("kind"), 4)
const indices = (...values: ReadonlyArray<number | null>): Uint8Array =>
  W.recordBatch(values.length, [W.columns.numbers(values, Int8Array)])
const dictionary = (...texts: ReadonlyArray<string>): Uint8Array =>
  W.dictionaryBatch(4, texts.length, W.columns.texts(texts))

interface Case {
  readonly name: string
  readonly bytes: ReadonlyArray<Uint8Array>
  readonly options?: ReaderOptions
  /** The values of each column; for a refusal, those before it. */
  readonly values?: ReadonlyArray<ReadonlyArray<Value>>
  readonly rows?: ReadonlyArray<number>
  /** A part of what the failure says. */
  readonly failure?: string
}

const oneColumn = (name: string, type: number, typeTable?: W.Node, children?: ReadonlyArray<W.FieldSpec>): Case => ({
  name: `a ${name} column`,
  bytes: [
    W.schema([{ name: "x", type, ...(typeTable && { typeTable }), ...(children && { children }) }]),
    W.end
  ],
  failure: "message 1: field 0: type"
})

const cases: ReadonlyArray<Case> = [
  { name: "no bytes", bytes: [], failure: "MissingEnd" },
  { name: "only an end", bytes: [W.end], failure: "message 1: a schema" },
  { name: "a schema and an end", bytes: [schema, W.end], rows: [0], values: [[]] },
  {
    name: "a schema and an end, sentinel asked for",
    bytes: [schema, W.end],
    options: { sentinel: true },
    failure: "MissingSentinel"
  },
  { name: "only a sentinel", bytes: [schema, batch(), W.end], options: { sentinel: true }, rows: [0], values: [[]] },
  { name: "batches", bytes: [schema, batch(1, 2), batch(3), W.end], rows: [2, 1], values: [[1, 2, 3]] },
  { name: "no end", bytes: [schema, batch(1, 2)], rows: [2], values: [[1, 2]], failure: "MissingEnd" },
  {
    name: "a sentinel, but no end",
    bytes: [schema, batch(1), batch()],
    options: { sentinel: true },
    rows: [1],
    failure: "MissingEnd"
  },
  {
    name: "batches and a sentinel",
    bytes: [schema, batch(1), batch(2), batch(), W.end],
    options: { sentinel: true },
    rows: [1, 1],
    values: [[1, 2]]
  },
  { name: "a sentinel that was not asked for", bytes: [schema, batch(1), batch(), W.end], rows: [1], values: [[1]] },
  {
    name: "a sentinel that is missing",
    bytes: [schema, batch(1), W.end],
    options: { sentinel: true },
    rows: [1],
    values: [[1]],
    failure: "MissingSentinel"
  },
  {
    name: "a batch of zero rows in the middle",
    bytes: [schema, batch(1), batch(), batch(2), W.end],
    rows: [1, 0, 1],
    values: [[1, 2]]
  },
  {
    name: "a batch of zero rows in the middle is no sentinel",
    bytes: [schema, batch(1), batch(), batch(2), W.end],
    options: { sentinel: true },
    rows: [1, 0, 1],
    failure: "MissingSentinel"
  },
  { name: "a batch before the schema", bytes: [batch(1), schema, W.end], rows: [], failure: "message 1: a schema" },
  { name: "a dictionary before the schema", bytes: [dictionary("a"), W.end], rows: [], failure: "message 1: a schema" },
  { name: "a schema twice", bytes: [schema, batch(1), schema, W.end], rows: [1], failure: "message 3: one schema" },
  {
    name: "bytes after the end",
    bytes: [schema, batch(1), W.end, Uint8Array.of(0)],
    rows: [1],
    failure: "BytesAfterEnd"
  },
  {
    name: "a stream after the end",
    bytes: [schema, batch(1), W.end, schema, W.end],
    rows: [1],
    failure: "BytesAfterEnd"
  },
  {
    name: "a dictionary that is replaced",
    bytes: [W.schema([kind]), dictionary("a", "b"), indices(0, 1), dictionary("c"), indices(0, null), W.end],
    rows: [2, 2],
    values: [["a", "b", "c", null]]
  },
  {
    name: "a dictionary that is replaced by a shorter one, with old indices",
    bytes: [W.schema([kind]), dictionary("a", "b"), indices(0, 1), dictionary("c"), indices(1), W.end],
    rows: [2],
    values: [["a", "b"]],
    failure: "message 5: column \"kind\": row 0: an index of the dictionary's 1 values"
  },
  {
    name: "a dictionary that a delta extends",
    bytes: [
      W.schema([kind]),
      dictionary("a"),
      indices(0),
      W.dictionaryBatch(4, 1, W.columns.texts(["b"]), { isDelta: true }),
      indices(1),
      W.end
    ],
    rows: [1],
    failure: "message 4: dictionary: whole dictionaries"
  },
  {
    name: "a dictionary that two columns share",
    bytes: [
      W.schema([kind, { ...kind, name: "other" }]),
      dictionary("a", "b"),
      W.recordBatch(2, [W.columns.numbers([0, 1], Int8Array), W.columns.numbers([1, null], Int8Array)]),
      W.end
    ],
    values: [["a", "b"], ["b", null]]
  },
  {
    name: "a dictionary of two types",
    bytes: [W.schema([kind, f.dictionary(f.int("other", 32), 4)]), W.end],
    failure: "message 1: column \"other\": the type of the other columns of dictionary 4"
  },
  {
    name: "a dictionary that no column has",
    bytes: [schema, dictionary("a"), W.end],
    failure: "message 2: dictionary: a dictionary that the schema has"
  },
  {
    name: "a dictionary that comes too late",
    bytes: [W.schema([kind]), indices(0), dictionary("a"), W.end],
    failure: "message 2: column \"kind\": row 0: an index of the dictionary's 0 values"
  },
  {
    name: "a dictionary that comes late, after nothing but nulls",
    bytes: [W.schema([kind]), indices(null, null), dictionary("a"), indices(0), W.end],
    values: [[null, null, "a"]]
  },
  { name: "a dictionary without batches", bytes: [W.schema([kind]), dictionary("a"), W.end], rows: [0], values: [[]] },
  { name: "a dictionary that never comes", bytes: [W.schema([kind]), W.end], rows: [0], values: [[]] },
  {
    name: "indices below zero",
    bytes: [W.schema([kind]), dictionary("a"), indices(-1), W.end],
    failure: "message 3: column \"kind\": row 0: an index"
  },
  {
    name: "a dictionary without an index type has indices of 32 bits",
    bytes: [
      W.schema([{ ...f.utf8("kind"), dictionary: W.table(W.i64(4)) }]),
      dictionary("a", "b"),
      W.recordBatch(2, [W.columns.numbers([1, 0], Int32Array)]),
      W.end
    ],
    values: [["b", "a"]]
  },
  {
    name: "a dictionary of another kind",
    bytes: [W.schema([f.dictionary(f.utf8("kind"), 4, W.int(8), 1)]), W.end],
    failure: "message 1: field 0: dictionary: a dense dictionary"
  },
  {
    name: "a big-endian schema",
    bytes: [W.schema([f.int("n", 32)], { endianness: 1 }), W.end],
    failure: "message 1: endianness"
  },
  {
    name: "a compressed batch",
    bytes: [schema, W.recordBatch(1, [numbers(1)], { compression: W.table(W.u8(0), W.u8(0)) }), W.end],
    rows: [],
    failure: "message 2: compression"
  },
  oneColumn("list", 12, undefined, [f.int("item", 32)]),
  oneColumn("struct", 13, undefined, [f.int("item", 32)]),
  oneColumn("decimal", 7, W.table(W.i32(38), W.i32(9))),
  oneColumn("binary", 4),
  oneColumn("map", 17),
  oneColumn("duration", 18),
  oneColumn("utf8 view", 24),
  oneColumn("type from the future", 77),
  oneColumn("type without a number", 0),
  oneColumn("5-bit integer", 2, W.int(5)),
  oneColumn("quadruple precision", 3, W.table(W.i16(3))),
  oneColumn("time in seconds of 64 bits", 9, W.table(W.i16(0), W.i32(64))),
  oneColumn("time in microseconds of 32 bits", 9, W.table(W.i16(2), W.i32(32))),
  {
    name: "a flat column with columns inside",
    bytes: [W.schema([{ ...f.utf8("x"), children: [f.int("item", 32)] }]), W.end],
    failure: "message 1: field 0: children"
  },
  {
    name: "the framing of old versions",
    bytes: [W.concat(schema.slice(4)), W.end],
    failure: "message 1: the beginning of a message"
  },
  {
    name: "a page of a proxy",
    bytes: [new TextEncoder().encode("<html><body>502 Bad Gateway</body></html>")],
    failure: "message 1: the beginning of a message"
  },
  {
    name: "version 3 of the format",
    bytes: [W.schema([f.int("n", 32)], { version: 2 }), W.end],
    failure: "message 1: version"
  },
  {
    name: "version 4 of the format",
    bytes: [W.schema([f.int("n", 32)], { version: 3 }), batch(1), W.end],
    values: [[1]]
  },
  {
    name: "a schema with a body",
    bytes: [W.schema([f.int("n", 32)], { bodyLength: 8 }), new Uint8Array(8), W.end],
    failure: "message 1: body"
  },
  { name: "a tensor", bytes: [schema, W.message(4, W.table()), W.end], rows: [], failure: "message 2: header" },
  {
    name: "metadata of schema, fields and messages",
    bytes: [
      W.schema([{ ...f.int("n", 32), customMetadata: [["k", "v"]] }], {
        pairs: [["pandas", "{}".repeat(50)], ["", ""]],
        customMetadata: [["a", "b"]]
      }),
      W.recordBatch(1, [numbers(1)], { customMetadata: [["batch", "1"]] }),
      W.end
    ],
    values: [[1]]
  },
  {
    name: "more columns than the schema",
    bytes: [schema, W.recordBatch(1, [numbers(1), numbers(2)]), W.end],
    rows: [],
    failure: "message 2: nodes"
  },
  {
    name: "fewer buffers than the schema",
    bytes: [schema, W.recordBatch(1, [{ nulls: 0, buffers: [new Uint8Array(4)] }]), W.end],
    rows: [],
    failure: "message 2: buffers"
  },
  {
    name: "columns of different lengths",
    bytes: [
      W.schema([f.int("a", 32), f.int("b", 32)]),
      W.recordBatch(2, [numbers(1, 2), numbers(1, 2)], { nodes: [[2, 0], [1, 0]] }),
      W.end
    ],
    rows: [],
    failure: "message 2: column \"b\": length"
  },
  {
    name: "nulls that are not there",
    bytes: [schema, W.recordBatch(2, [numbers(1, 2)], { nodes: [[2, 1]] }), W.end],
    rows: [],
    failure: "message 2: column \"n\": validity"
  },
  {
    name: "nulls that are not counted",
    bytes: [schema, W.recordBatch(2, [W.columns.numbers([1, null])], { nodes: [[2, 0]] }), W.end],
    rows: [],
    failure: "message 2: column \"n\": validity: 0 nulls"
  },
  {
    name: "a validity map that says that nothing is null",
    bytes: [
      schema,
      W.recordBatch(2, [{ nulls: 0, buffers: [Uint8Array.of(255), new Uint8Array(Int32Array.of(5, 6).buffer)] }]),
      W.end
    ],
    values: [[5, 6]]
  },
  {
    name: "buffers that overlap",
    bytes: [
      schema,
      W.recordBatch(2, [W.columns.numbers([1, null])], { regions: [[0, 8], [0, 8]] }),
      W.end
    ],
    rows: [],
    failure: "message 2: buffer 1: an aligned beginning behind byte 8"
  },
  {
    name: "a buffer outside the body",
    bytes: [schema, W.recordBatch(2, [numbers(1, 2)], { regions: [[0, 0], [8, 8]] }), W.end],
    rows: [],
    failure: "message 2: buffer 1: an end inside the 8 bytes of the body"
  },
  {
    name: "a buffer that does not begin aligned",
    bytes: [schema, W.recordBatch(1, [numbers(1)], { regions: [[0, 0], [4, 4]] }), W.end],
    rows: [],
    failure: "message 2: buffer 1"
  },
  {
    name: "a buffer that is too short",
    bytes: [schema, W.recordBatch(3, [numbers(1, 2)], { nodes: [[3, 0]] }), W.end],
    rows: [],
    failure: "message 2: column \"n\": values: at least 12 bytes"
  },
  {
    name: "a body that is longer than its buffers",
    bytes: [schema, W.recordBatch(2, [numbers(1, 2)], { bodyLength: 128 }), new Uint8Array(120), W.end],
    rows: [],
    failure: "message 2: body: a length of 8 bytes and padding"
  },
  {
    name: "a gap between buffers that no alignment makes",
    bytes: [
      schema,
      W.recordBatch(2, [{ nulls: 0, buffers: [new Uint8Array(0), new Uint8Array(136)] }], {
        regions: [[0, 0], [128, 8]]
      }),
      W.end
    ],
    rows: [],
    failure: "message 2: buffer 1: an aligned beginning behind byte 0"
  },
  {
    name: "a body whose length 8 does not divide",
    bytes: [schema, W.recordBatch(3, [numbers(1, 2, 3)], { bodyLength: 12 }), W.end],
    rows: [],
    failure: "message 2: body: a length that 8 divides"
  },
  {
    name: "a length of metadata that swallows a whole batch",
    bytes: [
      W.schema([f.int("n", 32)], { metadataLength: schema.length - 8 + batch(1, 2, 3).length }),
      batch(1, 2, 3),
      batch(4),
      W.end
    ],
    rows: [],
    failure: "message 1: length"
  },
  {
    name: "a length of metadata that swallows zeros of the body, so that all values move",
    bytes: [
      W.schema([f.int("n", 64)]),
      W.recordBatch(3, [W.columns.bigints([0n, 1n, 2n])], {
        metadataLength: W.recordBatch(3, [W.columns.bigints([0n, 1n, 2n])]).length - 24
      }),
      W.recordBatch(1, [W.columns.bigints([3n])]),
      W.end
    ],
    rows: [],
    failure: "message 3: the beginning of a message"
  },
  {
    name: "more rows than a column can have",
    bytes: [W.schema([f.null("n")]), W.recordBatch(0, [W.columns.null(0)], { length: 2n ** 31n }), W.end],
    rows: [],
    failure: "message 2: length: at most 2147483647 rows"
  },
  {
    name: "a batch without bytes that claims as many rows as are left",
    bytes: [
      W.schema([f.null("n")]),
      W.recordBatch(5, [W.columns.null(5)]),
      W.recordBatch(5, [W.columns.null(5)]),
      W.end
    ],
    options: { maxRows: 10 },
    rows: [5, 5]
  },
  {
    name: "a batch without bytes that claims more rows than are left",
    bytes: [
      W.schema([f.null("n")]),
      W.recordBatch(5, [W.columns.null(5)]),
      W.recordBatch(6, [W.columns.null(6)]),
      W.end
    ],
    options: { maxRows: 10 },
    rows: [5],
    failure: "RowCount"
  },
  {
    name: "a batch without columns that claims more rows than are left",
    bytes: [W.schema([]), W.recordBatch(11, []), W.end],
    options: { maxRows: 10 },
    rows: [],
    failure: "RowCount"
  },
  { name: "a batch without columns", bytes: [W.schema([]), W.recordBatch(3, []), W.end], rows: [3], values: [] },
  {
    name: "a batch with bytes and more rows than are left, which is for the caller to see",
    bytes: [schema, batch(1, 2), W.end],
    options: { maxRows: 1 },
    rows: [2]
  },
  {
    name: "columns of one name",
    bytes: [W.schema([f.int("a", 32), f.int("a", 32)]), W.recordBatch(1, [numbers(1), numbers(2)]), W.end],
    values: [[1], [2]]
  }
]

/** Texts by hand: offsets and bytes as they are given. */
const texts = (
  offsets: ReadonlyArray<number>,
  bytes: ReadonlyArray<number>,
  validity: ReadonlyArray<boolean> = []
): Case["bytes"] => [
  W.schema([f.utf8("t")]),
  W.recordBatch(offsets.length - 1, [{
    nulls: validity.filter((flag) => !flag).length,
    buffers: [W.bits(validity), new Uint8Array(new Int32Array(offsets).buffer), Uint8Array.from(bytes)]
  }]),
  W.end
]

const é = [0xc3, 0xa9]
const textFailure = "message 2: column \"t\": values: valid UTF-8 text"

const textCases: ReadonlyArray<Case> = [
  { name: "offsets that do not begin at zero", bytes: texts([1, 2, 3], [120, 97, 98, 120]), values: [["a", "b"]] },
  {
    name: "offsets that descend",
    bytes: texts([0, 2, 1], [97, 98]),
    failure: "message 2: column \"t\": row 1: text that begins"
  },
  {
    name: "an offset below zero",
    bytes: texts([-1, 2], [97, 98]),
    failure: "message 2: column \"t\": row 0: text that begins"
  },
  {
    name: "an offset behind the bytes",
    bytes: texts([0, 3], [97, 98]),
    failure: "message 2: column \"t\": row 0: text inside"
  },
  { name: "an offset inside a character", bytes: texts([0, 1, 2], é), failure: textFailure },
  { name: "an end inside a character", bytes: texts([0, 1], é), failure: textFailure },
  { name: "a beginning inside a character", bytes: texts([1, 2], é), failure: textFailure },
  { name: "a byte that is no UTF-8", bytes: texts([0, 2], [97, 0xff]), failure: textFailure },
  { name: "an overlong character", bytes: texts([0, 2], [0xc0, 0x80]), failure: textFailure },
  { name: "half of a surrogate pair", bytes: texts([0, 3], [0xed, 0xa0, 0x80]), failure: textFailure },
  {
    name: "bytes under a null that are no UTF-8, which mean nothing",
    bytes: texts([0, 1, 3, 5], [97, 0xff, 0xc3, ...é], [true, false, true]),
    values: [["a", null, "é"]]
  },
  {
    name: "a null that splits a character with its neighbour",
    bytes: texts([0, 1, 2], é, [true, false]),
    failure: textFailure
  },
  { name: "texts without offsets in a batch without rows", bytes: texts([0], []), rows: [0] },
  {
    name: "texts whose empty list of offsets is left out",
    bytes: [
      W.schema([f.utf8("t"), f.largeUtf8("l")]),
      W.recordBatch(
        0,
        Array.from({ length: 2 }, () => ({ nulls: 0, buffers: Array.from({ length: 3 }, () => new Uint8Array(0)) }))
      ),
      W.end
    ],
    rows: [0],
    values: [[], []]
  },
  {
    name: "an offset of large texts beyond 32 bits",
    bytes: [
      W.schema([f.largeUtf8("t")]),
      W.recordBatch(1, [{
        nulls: 0,
        buffers: [new Uint8Array(0), new Uint8Array(BigInt64Array.of(0n, 2n ** 32n + 1n).buffer), Uint8Array.of(97)]
      }]),
      W.end
    ],
    failure: "message 2: column \"t\": row 0: text that begins"
  }
]

describe("a sequence of messages", () => {
  for (const { bytes, failure, name, options, rows, values } of [...cases, ...textCases]) {
    it(`${name}: ${failure === undefined ? "the right values" : "refused"}`, () => {
      const whole = W.concat(...bytes)
      for (const chunks of [[whole], Array.from(whole, (byte) => Uint8Array.of(byte))]) {
        const outcome = readAll(chunks, options)
        if (failure === undefined) assert.strictEqual(failureOf(outcome), "none")
        else assert.isTrue(failureOf(outcome).startsWith(failure), failureOf(outcome))
        if (rows !== undefined) assert.deepStrictEqual(outcome.batches.map(({ numRows }) => numRows), [...rows])
        if (values !== undefined) {
          assert.deepStrictEqual(
            valuesOf(outcome.batches).map((column) => column.map(exact)),
            values.map((column) => column.map(exact))
          )
        }
      }
    })
  }
})

describe("after a failure", () => {
  it("the same failure comes again", () => {
    const bytes = W.concat(schema, batch(1), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
    const first = readAll([bytes, W.end, W.end])
    assert.deepStrictEqual(first.batches.map(({ numRows }) => numRows), [1])
    assert.strictEqual(failureOf(first), failureOf(readAll([bytes])))
  })
})

describe("texts in many blocks", () => {
  const kinds: ReadonlyArray<readonly [string, (i: number) => string]> = [
    ["short ASCII", (i) => `row ${i}`],
    ["200 ASCII characters", (i) => `${i}`.padEnd(200, "abc ")],
    ["ASCII with some other characters", (i) => i % 1000 === 0 ? `ü${i}` : `row ${i}`],
    ["characters of one to four bytes", (i) => ["a", "é", "日", "🎉", "", "x\u0000y"][i % 6]!.repeat(i % 29)],
    ["empty but for one", (i) => i === 12_345 ? "🎉".repeat(50_000) : ""]
  ]
  for (const [name, text] of kinds) {
    for (const isLarge of [false, true]) {
      it(
        `${name}${isLarge ? ", with offsets of 64 bits" : ""}: each is exact, by row and in bulk`,
        { timeout: 60_000 },
        () => {
          const values = Array.from({ length: 20_000 }, (_, i) => i % 7 === 3 ? null : text(i))
          const bytes = W.concat(
            W.schema([isLarge ? f.largeUtf8("t") : f.utf8("t")]),
            W.recordBatch(values.length, [W.columns.texts(values, isLarge)]),
            W.end
          )
          const { batches } = readAll([bytes])
          const column = batches[0]!.columns[0]!
          assert.strictEqual(values.findIndex((value, row) => column.at(row) !== value), -1)
          for (const [from, to] of [[0, 20_000], [1, 2], [9_999, 15_001], [20_000, 20_000]] as const) {
            const out: Array<Value> = []
            column.copyTo(out, from, to)
            assert.strictEqual(out.length, to - from)
            assert.strictEqual(out.findIndex((value, i) => value !== values[from + i]), -1)
          }
        }
      )
    }
  }
})

it("10,000 columns are read", { timeout: 60_000 }, () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `column_${i}`)
  const bytes = W.concat(
    W.schema(names.map((name) => f.int(name, 32))),
    W.recordBatch(1, names.map((_, i) => numbers(i))),
    W.end
  )
  const { batches } = readAll([bytes])
  assert.strictEqual(batches[0]!.columns.length, 10_000)
  assert.strictEqual(batches[0]!.columns[9_999]!.at(0), 9_999)
  const apache = Apache.tableFromIPC(bytes)
  assert.deepStrictEqual(batches[0]!.columns.map(({ name }) => name), apache.schema.fields.map(({ name }) => name))
})
