import { assert, describe, it } from "@effect/vitest"
import { failureOf, readAll } from "./reading.ts"
import { batch, type Case, dictionary, f, holds, indices, kind, schema } from "./sequences.ts"
import * as W from "./writing.ts"

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
    name: "a schema twice in a row",
    bytes: [schema, schema, batch(1), W.end],
    rows: [],
    failure: "message 2: one schema"
  },
  {
    name: "a schema of other columns in the middle",
    bytes: [schema, batch(1), W.schema([f.utf8("t")]), W.recordBatch(1, [W.columns.texts(["a"])]), W.end],
    rows: [1],
    values: [[1]],
    failure: "message 3: one schema"
  },
  {
    name: "a batch of other columns than the schema's",
    bytes: [schema, batch(1), W.recordBatch(1, [W.columns.texts(["a"])]), W.end],
    rows: [1],
    values: [[1]],
    failure: "message 3: buffers"
  },
  {
    name: "batches of zero rows at the beginning",
    bytes: [schema, batch(), batch(), batch(1), W.end],
    rows: [0, 0, 1],
    values: [[1]]
  },
  {
    name: "several batches of zero rows at the end, of which the last is the sentinel",
    bytes: [schema, batch(1), batch(), batch(), W.end],
    options: { sentinel: true },
    rows: [1, 0],
    values: [[1]]
  },
  { name: "two ends", bytes: [schema, batch(1), W.end, W.end], rows: [1], failure: "BytesAfterEnd" },
  { name: "a batch after the end", bytes: [schema, batch(1), W.end, batch(2)], rows: [1], failure: "BytesAfterEnd" },
  {
    name: "zeros after the end, as of a file that was allocated longer",
    bytes: [schema, batch(1), W.end, new Uint8Array(64)],
    rows: [1],
    failure: "BytesAfterEnd"
  },
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
    name: "a delta of a dictionary that has not come yet",
    bytes: [
      W.schema([kind]),
      W.dictionaryBatch(4, 1, W.columns.texts(["a"]), { isDelta: true }),
      indices(0),
      W.end
    ],
    rows: [],
    failure: "message 2: dictionary: whole dictionaries"
  },
  {
    name: "a dictionary that is replaced, with nothing but an empty batch between",
    bytes: [W.schema([kind]), dictionary("a"), indices(), dictionary("b", "c"), indices(1), W.end],
    rows: [0, 1],
    values: [["c"]]
  },
  {
    name: "a dictionary that is replaced by one without values, of which only nulls are left",
    bytes: [W.schema([kind]), dictionary("a"), indices(0), dictionary(), indices(null), W.end],
    rows: [1, 1],
    values: [["a", null]]
  },
  {
    name: "a dictionary after the last batch",
    bytes: [W.schema([kind]), dictionary("a"), indices(0), dictionary("b"), W.end],
    rows: [1],
    values: [["a"]]
  },
  {
    name: "a dictionary that two columns share, replaced for both",
    bytes: [
      W.schema([kind, { ...kind, name: "other" }]),
      dictionary("a"),
      W.recordBatch(1, [W.columns.numbers([0], Int8Array), W.columns.numbers([0], Int8Array)]),
      dictionary("b"),
      W.recordBatch(1, [W.columns.numbers([0], Int8Array), W.columns.numbers([0], Int8Array)]),
      W.end
    ],
    values: [["a", "b"], ["a", "b"]]
  },
  {
    name: "a dictionary with a null among its values",
    bytes: [
      W.schema([kind]),
      W.dictionaryBatch(4, 2, W.columns.texts(["a", null])),
      indices(0, 1, null),
      W.end
    ],
    values: [["a", null, null]]
  },
  {
    name: "a dictionary of lists",
    bytes: [W.schema([f.dictionary({ name: "x", type: 12, children: [f.int("item", 32)] }, 4)]), W.end],
    failure: "message 1: field 0: type"
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
  }
]

describe("a sequence of messages", () => holds(cases))

describe("after a failure", () => {
  it("the same failure comes again", () => {
    const bytes = W.concat(schema, batch(1), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
    const first = readAll([bytes, W.end, W.end])
    assert.deepStrictEqual(first.batches.map(({ numRows }) => numRows), [1])
    assert.strictEqual(failureOf(first), failureOf(readAll([bytes])))
  })
})
