/** What metadata says of a body, and does not hold. */
import { assert, describe, it } from "@effect/vitest"
import * as Apache from "apache-arrow"
import { readAll } from "./reading.ts"
import { batch, type Case, f, holds, numbers, schema } from "./sequences.ts"
import * as W from "./writing.ts"

const cases: ReadonlyArray<Case> = [
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

describe("a batch whose metadata lies, or may", () => holds(cases))

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
