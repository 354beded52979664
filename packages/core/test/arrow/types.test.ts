import { assert, describe, it } from "@effect/vitest"
import * as Flechette from "@uwdata/flechette"
import * as Apache from "apache-arrow"
import type { Value } from "../../src/data/Arrow.ts"
import { columnValues, exact, readAll } from "./reading.ts"
import {
  byApache,
  byFlechette,
  flatCases,
  handWritten,
  mixedByApache,
  mixedByFlechette,
  mixedStream
} from "./streams.ts"

const read = (bytes: Uint8Array) => {
  const { batches, failure } = readAll([bytes])
  assert.strictEqual(failure, undefined)
  assert.strictEqual(batches.length, 1)
  return batches[0]!
}

const assertValues = (actual: ReadonlyArray<Value>, expected: ReadonlyArray<Value>): void =>
  assert.deepStrictEqual(actual.map(exact), expected.map(exact))

describe("each flat type", () => {
  for (const flat of flatCases) {
    const writers = [
      ["by hand", handWritten(flat)],
      ["by apache-arrow", byApache(flat)],
      ["by flechette", byFlechette(flat)]
    ] as const
    for (const [writer, bytes] of writers) {
      if (bytes === undefined) continue
      it(`${flat.name}, written ${writer}, has its type, its memory and its exact values`, () => {
        const batch = read(bytes)
        const column = batch.columns[0]!
        const field = batch.schema.fields[0]!
        assert.strictEqual(column.name, "c")
        assert.strictEqual(field.name, "c")
        assert.deepStrictEqual(field.type, column.type)
        assert.deepInclude(column.type, flat.type)
        assert.strictEqual(batch.numRows, flat.values.length)
        assert.strictEqual(column.length, flat.values.length)
        assert.strictEqual(
          column.nullCount,
          flat.values.filter((value) => value === null).length - nullsInDictionary(flat)
        )
        assertValues(columnValues(batch, 0), flat.values)
        const out: Array<Value> = []
        column.copyTo(out, 1, flat.values.length)
        assertValues(out, flat.values.slice(1))
        flat.values.forEach((value, row) => {
          const isValid = column.validity === undefined || (column.validity[row >> 3]! >> (row & 7) & 1) === 1
          if (column.type._tag !== "Dictionary" && column.type._tag !== "Null") {
            assert.strictEqual(isValid, value !== null)
          }
        })
      })
    }
  }
})

const nullsInDictionary = (flat: (typeof flatCases)[number]): number =>
  flat.name.startsWith("dictionary of integers") ? 1 : 0

describe("the memory of a column", () => {
  const column = (name: string) => read(handWritten(flatCases.find((flat) => flat.name === name)!)).columns[0]!

  it("is the typed array of the wire", () => {
    assert.deepStrictEqual(column("int64").values, BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n, -1n, 0n))
    assert.deepStrictEqual(column("float64").values.constructor, Float64Array)
    assert.deepStrictEqual(column("boolean").values, Uint8Array.of(0b11001001, 0b10))
    assert.deepStrictEqual(column("boolean").validity, Uint8Array.of(0b11111011, 0b10))
    assert.deepStrictEqual(column("date in days").values, Int32Array.of(18262, 0, -719162, 2932896))
    assert.deepStrictEqual(column("float16").values.constructor, Uint16Array)
  })

  it("is bytes and offsets for text", () => {
    const utf8 = column("utf8")
    assert.deepStrictEqual(utf8.offsets?.slice(0, 4), Int32Array.of(0, 0, 0, 5))
    assert.strictEqual(new TextDecoder().decode((utf8.values as Uint8Array).subarray(0, 5)), "plain")
    assert.strictEqual(utf8.offsets?.length, utf8.length + 1)
    assert.deepStrictEqual(column("large utf8").offsets?.slice(0, 4), BigInt64Array.of(0n, 0n, 0n, 5n))
  })

  it("is indices and a dictionary for a dictionary", () => {
    const indices = column("dictionary of texts by signed indices of 8 bits")
    assert.deepStrictEqual(indices.values, Int8Array.of(1, 0, 0, 2))
    assert.deepStrictEqual(indices.dictionary?.values.constructor, Uint8Array)
    assert.strictEqual(indices.dictionary?.at(1), "två")
    assert.strictEqual(indices.dictionary?.length, 3)
  })

  it("is a copy that no other bytes share", () => {
    const bytes = handWritten(flatCases.find((flat) => flat.name === "utf8")!)
    const pool = new Uint8Array(bytes.length + 4096).fill(115)
    pool.set(bytes, 2048 + 3)
    const { values } = read(pool.subarray(2048 + 3, 2048 + 3 + bytes.length)).columns[0]!
    assert.notStrictEqual(values.buffer, pool.buffer)
    assert.isBelow(values.buffer.byteLength, bytes.length)
  })
})

it("a row outside the column is a defect, before and behind it", () => {
  const column = read(handWritten(flatCases[1]!)).columns[0]!
  for (const row of [-1, 10, 0.5, NaN, 2 ** 32]) assert.throws(() => column.at(row), RangeError)
  assert.throws(() => column.copyTo([], 0, 11), RangeError)
  assert.throws(() => column.copyTo([], -1, 3), RangeError)
})

describe("other readers", () => {
  const streams: ReadonlyArray<readonly [string, Uint8Array]> = [
    ["the mixed stream", mixedStream()],
    ["apache-arrow's", mixedByApache()],
    ["flechette's", mixedByFlechette()],
    ...flatCases.map((flat) => [flat.name, handWritten(flat)] as const)
  ]

  const comparable = (value: unknown): string => {
    if (value === null || value === undefined) return "null"
    // both lose a byte order mark at the beginning of a text
    if (typeof value === "string") return exact(value.replace(/^\uFEFF/, ""))
    if (typeof value === "object" && "getTime" in value && typeof value.getTime === "function") {
      return `${value.getTime()}`
    }
    return exact(value as Value)
  }

  for (const [name, bytes] of streams) {
    it(`flechette reads the same integers, floats, booleans and texts in ${name}`, () => {
      const table = Flechette.tableFromIPC(bytes, { useBigInt: true })
      const { batches } = readAll([bytes])
      assert.strictEqual(batches.reduce((rows, batch) => rows + batch.numRows, 0), table.numRows)
      batches[0]!.schema.fields.forEach(({ type }, i) => {
        const plain = type._tag === "Dictionary" ? type.values : type
        if (plain._tag === "Date" || plain._tag === "Timestamp" || plain._tag === "Time") return
        const ours = batches.flatMap((batch) => columnValues(batch, i))
        assert.deepStrictEqual(ours.map(comparable), Array.from(table.getChildAt(i), comparable))
      })
    })

    // it fails on indices of 64 bits
    if (name.endsWith("64 bits")) continue
    it(`apache-arrow reads the same in ${name}`, () => {
      const table = Apache.tableFromIPC(bytes)
      const { batches } = readAll([bytes])
      assert.strictEqual(batches.reduce((rows, batch) => rows + batch.numRows, 0), table.numRows)
      batches[0]!.schema.fields.forEach(({ type }, i) => {
        const plain = type._tag === "Dictionary" ? type.values : type
        // it gives these as milliseconds in doubles
        if (plain._tag === "Date" || plain._tag === "Timestamp") return
        const ours = batches.flatMap((batch) => columnValues(batch, i))
        assert.deepStrictEqual(ours.map(comparable), Array.from(table.getChildAt(i)!, comparable))
      })
    })
  }
})
