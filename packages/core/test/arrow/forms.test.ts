/** What the format has and the reader refuses by name: types, byte orders, versions, compression. */
import { describe } from "@effect/vitest"
import { batch, type Case, f, holds, indices, kind, numbers, schema } from "./sequences.ts"
import * as W from "./writing.ts"

const oneColumn = (name: string, type: number, typeTable?: W.Node, children?: ReadonlyArray<W.FieldSpec>): Case => ({
  name: `a ${name} column`,
  bytes: [
    W.schema([{ name: "x", type, ...(typeTable && { typeTable }), ...(children && { children }) }]),
    W.end
  ],
  failure: "message 1: field 0: type"
})

const cases: ReadonlyArray<Case> = [
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
  {
    name: "a batch compressed with the other codec",
    bytes: [schema, batch(1), W.recordBatch(1, [numbers(1)], { compression: W.table(W.u8(1)) }), W.end],
    rows: [1],
    failure: "message 3: compression"
  },
  {
    name: "a batch compressed with the codec that is meant where none is named",
    bytes: [schema, W.recordBatch(1, [numbers(1)], { compression: W.table() }), W.end],
    rows: [],
    failure: "message 2: compression"
  },
  {
    name: "a compressed dictionary",
    bytes: [
      W.schema([kind]),
      W.dictionaryBatch(4, 1, W.columns.texts(["a"]), { compression: W.table(W.u8(1)) }),
      indices(0),
      W.end
    ],
    rows: [],
    failure: "message 2: compression"
  },
  {
    name: "a byte order that does not exist",
    bytes: [W.schema([f.int("n", 32)], { endianness: 2 }), W.end],
    failure: "message 1: endianness"
  },
  {
    name: "buffers of which a batch has any number",
    bytes: [schema, W.recordBatch(1, [numbers(1)], { variadic: 1 }), W.end],
    rows: [],
    failure: "message 2: buffers"
  },
  oneColumn("list", 12, undefined, [f.int("item", 32)]),
  oneColumn("struct", 13, undefined, [f.int("item", 32)]),
  oneColumn("decimal", 7, W.table(W.i32(38), W.i32(9))),
  oneColumn("binary", 4),
  oneColumn("map", 17, undefined, [
    { name: "entries", type: 13, children: [f.utf8("key"), f.int("value", 32)] }
  ]),
  oneColumn("list of lists", 12, undefined, [{ name: "item", type: 12, children: [f.utf8("item")] }]),
  oneColumn("union", 14, W.table(W.i16(0)), [f.utf8("text"), f.int("number", 32)]),
  oneColumn("list of fixed size", 16, W.table(W.i32(3)), [f.int("item", 32)]),
  oneColumn("large list", 21, undefined, [f.int("item", 32)]),
  oneColumn("view of lists", 25, undefined, [f.int("item", 32)]),
  oneColumn("large view of lists", 26, undefined, [f.int("item", 32)]),
  oneColumn("run-end encoded", 22, undefined, [f.int("run_ends", 32), f.utf8("values")]),
  oneColumn("interval", 11, W.table(W.i16(0))),
  oneColumn("binary of fixed size", 15, W.table(W.i32(16))),
  oneColumn("large binary", 19),
  oneColumn("binary view", 23),
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
  }
]

describe("a stream in another form", () => holds(cases))
