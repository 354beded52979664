/** Streams of each flat type, with the values that they hold, from three independent writers. */
import * as Flechette from "@uwdata/flechette"
import * as Apache from "apache-arrow"
import type { Value } from "../../src/data/Arrow.ts"
import * as W from "./writing.ts"

export interface FlatCase {
  readonly name: string
  readonly values: ReadonlyArray<Value>
  readonly field: W.FieldSpec
  readonly column: W.ColumnSpec
  /** The `_tag` and the rest of the type that is expected. */
  readonly type: Record<string, unknown>
  /** The same column by apache-arrow, from raw memory. */
  readonly apache?: (() => Apache.Vector) | undefined
  /** The same by flechette, from JavaScript values. */
  readonly flechette?: (() => readonly [type: unknown, values: ReadonlyArray<unknown>]) | undefined
}

const apacheFlat = (
  type: Apache.DataType,
  values: ReadonlyArray<Value>,
  data: ArrayBufferView
) =>
(): Apache.Vector => {
  const flags = values.map((value) => value !== null)
  const nullCount = flags.filter((flag) => !flag).length
  return new Apache.Vector([
    Apache.makeData({
      type: type as Apache.Int32, // makeData takes each type's own array; the cases pair them rightly
      length: values.length,
      nullCount,
      nullBitmap: nullCount === 0 ? null : W.bits(flags),
      data: data as Int32Array
    })
  ])
}

const numbers = (
  name: string,
  field: W.FieldSpec,
  type: Record<string, unknown>,
  values: ReadonlyArray<number | null>,
  array: new(values: Array<number>) => ArrayBufferView,
  apache: Apache.DataType | undefined,
  flechette?: FlatCase["flechette"]
): FlatCase => ({
  name,
  values,
  field,
  type,
  column: W.columns.numbers(values, array),
  apache: apache === undefined ? undefined : apacheFlat(apache, values, new array(values.map((value) => value ?? 0))),
  flechette
})

const bigints = (
  name: string,
  field: W.FieldSpec,
  type: Record<string, unknown>,
  values: ReadonlyArray<bigint | null>,
  apache: Apache.DataType | undefined,
  flechette?: FlatCase["flechette"],
  array: new(values: Array<bigint>) => ArrayBufferView = BigInt64Array
): FlatCase => ({
  name,
  values,
  field,
  type,
  column: W.columns.bigints(values, array),
  apache: apache === undefined ? undefined : apacheFlat(apache, values, new array(values.map((value) => value ?? 0n))),
  flechette
})

const f = W.fields
const min64 = -(2n ** 63n)
const max64 = 2n ** 63n - 1n
const texts = ["", null, "plain", "naïve", "日本語のテキスト", "🎉🦊", "a\u0000b", "\uFEFFmark", "é".repeat(40), "end"]
const flechetteTimestamps = (unit: number, perMillisecond: [number, number], timezone: string | null = null) =>
(): [
  unknown,
  Array<number | null>
] => [
  Flechette.timestamp(unit as 0, timezone),
  [0, null, 1, -1].map((value) => value === null ? null : value * perMillisecond[1] / perMillisecond[0])
]

const int = (bitWidth: number, signed: boolean): Record<string, unknown> => ({ _tag: "Int", bitWidth, signed })

const indexTypes: ReadonlyArray<
  readonly [
    W.Node,
    Record<string, unknown>,
    Uint8Array | Int8Array | Int16Array | Uint16Array | Int32Array | Uint32Array
  ]
> = [
  [W.int(8), int(8, true), Int8Array.of(1, 0, 0, 2)],
  [W.int(8, false), int(8, false), Uint8Array.of(1, 0, 0, 2)],
  [W.int(16), int(16, true), Int16Array.of(1, 0, 0, 2)],
  [W.int(16, false), int(16, false), Uint16Array.of(1, 0, 0, 2)],
  [W.int(32), int(32, true), Int32Array.of(1, 0, 0, 2)],
  [W.int(32, false), int(32, false), Uint32Array.of(1, 0, 0, 2)]
]

export const flatCases: ReadonlyArray<FlatCase> = [
  {
    name: "null",
    values: [null, null, null],
    field: f.null("c"),
    column: W.columns.null(3),
    type: { _tag: "Null" },
    apache: () => Apache.vectorFromArray([null, null, null], new Apache.Null()),
    flechette: () => [Flechette.nullType(), [null, null, null]]
  },
  {
    name: "boolean",
    values: [true, false, null, true, false, false, true, true, null, true],
    field: f.bool("c"),
    column: W.columns.bool([true, false, null, true, false, false, true, true, null, true]),
    type: { _tag: "Bool" },
    apache: () =>
      Apache.vectorFromArray([true, false, null, true, false, false, true, true, null, true], new Apache.Bool()),
    flechette: () => [Flechette.bool(), [true, false, null, true, false, false, true, true, null, true]]
  },
  numbers("int8", f.int("c", 8), int(8, true), [-128, null, 127, 0], Int8Array, new Apache.Int8(), () => [
    Flechette.int8(),
    [-128, null, 127, 0]
  ]),
  numbers("uint8", f.int("c", 8, false), int(8, false), [255, null, 0], Uint8Array, new Apache.Uint8(), () => [
    Flechette.uint8(),
    [255, null, 0]
  ]),
  numbers("int16", f.int("c", 16), int(16, true), [-32768, null, 32767], Int16Array, new Apache.Int16(), () => [
    Flechette.int16(),
    [-32768, null, 32767]
  ]),
  numbers("uint16", f.int("c", 16, false), int(16, false), [65535, null], Uint16Array, new Apache.Uint16(), () => [
    Flechette.uint16(),
    [65535, null]
  ]),
  numbers(
    "int32",
    f.int("c", 32),
    int(32, true),
    [-(2 ** 31), null, 2 ** 31 - 1],
    Int32Array,
    new Apache.Int32(),
    () => [Flechette.int32(), [-(2 ** 31), null, 2 ** 31 - 1]]
  ),
  numbers(
    "uint32",
    f.int("c", 32, false),
    int(32, false),
    [2 ** 32 - 1, null],
    Uint32Array,
    new Apache.Uint32(),
    () => [
      Flechette.uint32(),
      [2 ** 32 - 1, null]
    ]
  ),
  bigints("int64", f.int("c", 64), int(64, true), [min64, null, max64, -1n, 0n], new Apache.Int64(), () => [
    Flechette.int64(),
    [min64, null, max64, -1n, 0n]
  ]),
  bigints(
    "uint64",
    f.int("c", 64, false),
    int(64, false),
    [2n ** 64n - 1n, null, 0n],
    new Apache.Uint64(),
    () => [Flechette.uint64(), [2n ** 64n - 1n, null, 0n]],
    BigUint64Array
  ),
  {
    ...numbers(
      "float16",
      f.float("c", 0),
      { _tag: "Float", bitWidth: 16 },
      [0x3c00, 0xc000, null, 0x7bff, 0x0001, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0x0400],
      Uint16Array,
      new Apache.Float16(),
      () => [Flechette.float16(), [1, -2, null, 65504, 2 ** -24, -0, Infinity, -Infinity, NaN, 2 ** -14]]
    ),
    values: [1, -2, null, 65504, 2 ** -24, -0, Infinity, -Infinity, NaN, 2 ** -14]
  },
  numbers(
    "float32",
    f.float("c", 1),
    { _tag: "Float", bitWidth: 32 },
    [1.5, null, NaN, -0, Infinity, 2 ** -149],
    Float32Array,
    new Apache.Float32(),
    () => [Flechette.float32(), [1.5, null, NaN, -0, Infinity, 2 ** -149]]
  ),
  numbers(
    "float64",
    f.float("c", 2),
    { _tag: "Float", bitWidth: 64 },
    [Math.PI, null, NaN, -0, -Infinity, 5e-324],
    Float64Array,
    new Apache.Float64(),
    () => [Flechette.float64(), [Math.PI, null, NaN, -0, -Infinity, 5e-324]]
  ),
  {
    name: "utf8",
    values: texts,
    field: f.utf8("c"),
    column: W.columns.texts(texts),
    type: { _tag: "Utf8" },
    apache: () => Apache.vectorFromArray(texts, new Apache.Utf8()),
    flechette: () => [Flechette.utf8(), texts]
  },
  {
    name: "large utf8",
    values: texts,
    field: f.largeUtf8("c"),
    column: W.columns.texts(texts, true),
    type: { _tag: "LargeUtf8" },
    apache: () => Apache.vectorFromArray(texts, new Apache.LargeUtf8()),
    flechette: () => [Flechette.largeUtf8(), texts]
  },
  numbers(
    "date in days",
    f.date("c", 0),
    { _tag: "Date", unit: "day" },
    [18262, null, -719162, 2932896],
    Int32Array,
    new Apache.DateDay(),
    () => [
      Flechette.dateDay(),
      [18262, null, -719162, 2932896].map((day) => day === null ? null : new Date(day * 86400000))
    ]
  ),
  bigints(
    "date in milliseconds",
    f.date("c", 1),
    { _tag: "Date", unit: "millisecond" },
    [86400000n, null, -86400000n],
    new Apache.DateMillisecond(),
    () => [Flechette.dateMillisecond(), [new Date(86400000), null, new Date(-86400000)]]
  ),
  numbers(
    "time in seconds",
    f.time("c", 0, 32),
    { _tag: "Time", unit: "second", bitWidth: 32 },
    [0, null, 86399],
    Int32Array,
    new Apache.TimeSecond(),
    () => [Flechette.timeSecond(), [0, null, 86399]]
  ),
  numbers(
    "time in milliseconds",
    f.time("c", 1, 32),
    { _tag: "Time", unit: "millisecond", bitWidth: 32 },
    [0, null, 86399999],
    Int32Array,
    new Apache.TimeMillisecond(),
    () => [Flechette.timeMillisecond(), [0, null, 86399999]]
  ),
  bigints(
    "time in microseconds",
    f.time("c", 2, 64),
    { _tag: "Time", unit: "microsecond", bitWidth: 64 },
    [0n, null, 86399999999n],
    new Apache.TimeMicrosecond(),
    () => [Flechette.timeMicrosecond(), [0n, null, 86399999999n]]
  ),
  bigints(
    "time in nanoseconds",
    f.time("c", 3, 64),
    { _tag: "Time", unit: "nanosecond", bitWidth: 64 },
    [1n, null, 86399999999999n],
    new Apache.TimeNanosecond(),
    () => [Flechette.timeNanosecond(), [1n, null, 86399999999999n]]
  ),
  bigints(
    "timestamp in seconds",
    f.timestamp("c", 0),
    { _tag: "Timestamp", unit: "second", timezone: undefined },
    [0n, null, 1n, -1n],
    new Apache.TimestampSecond(),
    flechetteTimestamps(0, [1, 1000])
  ),
  bigints(
    "timestamp in milliseconds",
    f.timestamp("c", 1),
    { _tag: "Timestamp", unit: "millisecond", timezone: undefined },
    [0n, null, 1n, -1n],
    new Apache.TimestampMillisecond(),
    flechetteTimestamps(1, [1, 1])
  ),
  bigints(
    "timestamp in microseconds",
    f.timestamp("c", 2),
    { _tag: "Timestamp", unit: "microsecond", timezone: undefined },
    [1577934245678901n, null, -1n, 253402300799999999n],
    new Apache.TimestampMicrosecond()
  ),
  bigints(
    "timestamp in nanoseconds with a zone",
    f.timestamp("c", 3, "Europe/Berlin"),
    { _tag: "Timestamp", unit: "nanosecond", timezone: "Europe/Berlin" },
    [max64, null, min64],
    new Apache.TimestampNanosecond("Europe/Berlin")
  ),
  ...indexTypes.map(([index, indices, data], i): FlatCase => ({
    name: `dictionary of texts by ${indices["signed"] === true ? "" : "un"}signed indices of ${
      String(indices["bitWidth"])
    } bits`,
    values: ["två", "one", null, "three"],
    field: f.dictionary(f.utf8("c"), 7, index),
    column: {
      nulls: 1,
      buffers: [W.bits([true, true, false, true]), new Uint8Array(data.buffer)]
    },
    type: { _tag: "Dictionary", id: 7n, indices, values: { _tag: "Utf8" }, ordered: false },
    apache: i % 2 === 1 ? undefined : () =>
      Apache.vectorFromArray(
        ["två", "one", null, "three"],
        new Apache.Dictionary(new Apache.Utf8(), [new Apache.Int8(), new Apache.Int16(), new Apache.Int32()][i / 2]!, 7)
      )
  })),
  {
    name: "dictionary of integers by indices of 64 bits",
    values: [-7n, 5n, null, null],
    field: f.dictionary(f.int("c", 64), 7, W.int(64)),
    column: {
      nulls: 1,
      buffers: [W.bits([true, true, false, true]), new Uint8Array(BigInt64Array.of(1n, 0n, 99n, 2n).buffer)]
    },
    type: { _tag: "Dictionary", id: 7n, indices: int(64, true), values: int(64, true), ordered: false }
  }
]

/** What the dictionary of a case is, if it has one. */
const dictionaryOf = (flat: FlatCase): ReadonlyArray<Uint8Array> =>
  flat.type["_tag"] !== "Dictionary" ? [] : [
    flat.values.includes("one")
      ? W.dictionaryBatch(7, 3, W.columns.texts(["one", "två", "three"]))
      : W.dictionaryBatch(7, 3, W.columns.bigints([5n, -7n, null]))
  ]

export const handWritten = (flat: FlatCase): Uint8Array =>
  W.concat(
    W.schema([flat.field]),
    ...dictionaryOf(flat),
    W.recordBatch(flat.values.length, [flat.column]),
    W.end
  )

export const byApache = (flat: FlatCase): Uint8Array | undefined =>
  flat.apache === undefined ? undefined : Apache.tableToIPC(new Apache.Table({ c: flat.apache() }), "stream")

export const byFlechette = (flat: FlatCase): Uint8Array | undefined => {
  if (flat.flechette === undefined) return undefined
  const [type, values] = flat.flechette()
  const column = Flechette.columnFromArray(values as Array<unknown>, type as Flechette.DataType)
  return Flechette.tableToIPC(Flechette.tableFromColumns({ c: column }), { format: "stream" }) ?? undefined
}

/** A stream of many columns and several batches with a sentinel, by hand. */
export const mixedStream = (options: W.BatchOptions = {}): Uint8Array => {
  const batch = (rows: number, from: number): Uint8Array => {
    const at = Array.from({ length: rows }, (_, i) => from + i)
    return W.recordBatch(rows, [
      W.columns.bigints(at.map((i) => i % 3 === 1 ? null : BigInt(i) * 3n)),
      W.columns.numbers(at.map((i) => i / 4), Float64Array),
      W.columns.texts(at.map((i) => i % 4 === 2 ? null : `row ${i} ${i % 2 === 0 ? "é" : "x"}`)),
      W.columns.bool(at.map((i) => i % 5 === 0 ? null : i % 2 === 0)),
      W.columns.numbers(at.map((i) => i), Int32Array),
      W.columns.null(rows),
      W.columns.numbers(at.map((i) => i % 3), Int8Array),
      W.columns.texts(at.map((i) => "ab".repeat(i % 3)), true)
    ], options)
  }
  return W.concat(
    W.schema([
      f.int("id", 64),
      f.float("weight", 2),
      f.utf8("__proto__"),
      f.bool("seen"),
      f.date("on", 0),
      f.null("nothing"),
      f.dictionary(f.utf8("kind"), 0),
      f.largeUtf8("long")
    ], options),
    W.dictionaryBatch(0, 3, W.columns.texts(["red", "grün", "blue"]), options),
    batch(3, 0),
    batch(4, 3),
    W.recordBatch(0, [
      W.columns.bigints([]),
      W.columns.numbers([]),
      W.columns.texts([]),
      W.columns.bool([]),
      W.columns.numbers([]),
      W.columns.null(0),
      W.columns.numbers([]),
      W.columns.texts([], true)
    ], options),
    W.end
  )
}

/** Streams of several columns and batches from the two libraries. */
export const mixedByApache = (): Uint8Array => {
  const part = (from: number): Apache.RecordBatch =>
    new Apache.Table({
      id: Apache.vectorFromArray([BigInt(from), null, 9007199254740993n], new Apache.Int64()),
      name: Apache.vectorFromArray(["Ada", "Grüße", null], new Apache.Utf8()),
      ok: Apache.vectorFromArray([true, null, false], new Apache.Bool()),
      on: Apache.vectorFromArray([from * 86400000, 86400000, null], new Apache.DateDay()),
      kind: Apache.vectorFromArray(["a", "b", "a"], new Apache.Dictionary(new Apache.Utf8(), new Apache.Int32(), 1))
    }).batches[0]!
  return Apache.tableToIPC(new Apache.Table([part(0), part(1)]), "stream")
}

export const mixedByFlechette = (): Uint8Array => {
  const table = Flechette.tableFromArrays({
    id: [1, 2, 3],
    name: ["x", null, "ü"],
    at: [new Date(0), new Date(1e12), null],
    ok: [true, null, false]
  }, { types: { name: Flechette.utf8() } })
  return Flechette.tableToIPC(table, { format: "stream" })!
}
