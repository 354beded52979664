/** Texts: their offsets, their bytes, and blocks of many. */
import { assert, describe, it } from "@effect/vitest"
import type { Value } from "../../src/data/Arrow.ts"
import { readAll } from "./reading.ts"
import { type Case, f, holds } from "./sequences.ts"
import * as W from "./writing.ts"

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

describe("a column of texts", () => holds(textCases))

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
