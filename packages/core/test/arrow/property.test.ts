import { assert, it } from "@effect/vitest"
import * as Apache from "apache-arrow"
import * as FastCheck from "fast-check"
import type { Value } from "../../src/data/Arrow.ts"
import { columnValues, exact, readAll } from "./reading.ts"
import { mixedByApache, mixedStream } from "./streams.ts"

const int64 = FastCheck.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const int32 = FastCheck.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const text = FastCheck.string({ unit: "grapheme", maxLength: 30 })

/** Apache-arrow's type, its values, and what is on the wire for one. */
const types: ReadonlyArray<readonly [() => Apache.DataType, FastCheck.Arbitrary<unknown>, (value: never) => Value]> = [
  [() => new Apache.Int64(), int64, (value) => value],
  [() => new Apache.Int32(), int32, (value) => value],
  [() => new Apache.Uint8(), FastCheck.integer({ min: 0, max: 255 }), (value) => value],
  [() => new Apache.Float64(), FastCheck.double(), (value) => value],
  [() => new Apache.Float32(), FastCheck.float(), (value) => value],
  [() => new Apache.Utf8(), text, (value) => value],
  [() => new Apache.LargeUtf8(), text, (value) => value],
  [() => new Apache.Bool(), FastCheck.boolean(), (value) => value],
  [
    () => new Apache.DateDay(),
    FastCheck.integer({ min: -1_000_000, max: 1_000_000 }).map((day) => new Date(day * 86_400_000)),
    (value: Date) => value.getTime() / 86_400_000
  ],
  [() => new Apache.TimeMicrosecond(), FastCheck.bigInt({ min: 0n, max: 86_399_999_999n }), (value) => value],
  [
    () => new Apache.TimestampMicrosecond(),
    FastCheck.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    (value: number) => BigInt(value) * 1000n
  ],
  [
    () => new Apache.Dictionary(new Apache.Utf8(), new Apache.Int16()),
    FastCheck.constantFrom("a", "é", "🎉", ""),
    (value) => value
  ]
]

const column = FastCheck.tuple(
  FastCheck.integer({ min: 0, max: types.length - 1 }),
  FastCheck.infiniteStream(FastCheck.nat(9))
)
  .chain(([index, gaps]) =>
    FastCheck.record({
      index: FastCheck.constant(index),
      values: FastCheck.array(types[index]![1], { minLength: 40, maxLength: 40 }).map((values) =>
        // one in ten is null
        values.map((value) => gaps.next().value === 0 ? null : value)
      )
    })
  )

it("random columns come back from apache-arrow's writer as they were", { timeout: 60_000 }, () => {
  FastCheck.assert(
    FastCheck.property(
      FastCheck.array(column, { minLength: 1, maxLength: 6 }),
      FastCheck.integer({ min: 0, max: 40 }),
      FastCheck.integer({ min: 1, max: 700 }),
      (columns, rows, size) => {
        const vectors = columns.map(({ index, values }) =>
          Apache.vectorFromArray(values.slice(0, rows), types[index]![0]())
        )
        const table = new Apache.Table(Object.fromEntries(vectors.map((vector, i) => [`c${i}`, vector])))
        const bytes = Apache.tableToIPC(table, "stream")
        const pieces: Array<Uint8Array> = []
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size))
        const { batches, failure } = readAll(pieces)
        assert.strictEqual(failure, undefined)
        columns.forEach(({ index, values }, i) => {
          const expected = values.slice(0, rows).map((value) =>
            value === null ? null : types[index]![2](value as never)
          )
          const actual = batches.flatMap((batch) => columnValues(batch, i))
          assert.deepStrictEqual(actual.map(exact), expected.map(exact))
          const out: Array<Value> = []
          batches.forEach((batch) => {
            const part: Array<Value> = []
            batch.columns[i]!.copyTo(part, 0, batch.numRows)
            out.push(...part)
          })
          assert.deepStrictEqual(out.map(exact), expected.map(exact))
        })
      }
    ),
    { numRuns: 300 }
  )
})

it("any number of random damages gives batches and then at most a refusal", { timeout: 60_000 }, () => {
  const streams = [mixedStream(), mixedByApache()]
  FastCheck.assert(
    FastCheck.property(
      FastCheck.nat(streams.length - 1),
      FastCheck.array(FastCheck.tuple(FastCheck.nat(), FastCheck.nat(255)), { minLength: 1, maxLength: 6 }),
      FastCheck.nat(),
      (stream, damages, cut) => {
        const bytes = streams[stream]!.slice()
        for (const [at, value] of damages) bytes[at % bytes.length] = value
        // throws what is no refusal, and so does each value that is read
        const { batches } = readAll([bytes.subarray(0, cut % 3 === 0 ? cut % bytes.length : bytes.length)], {
          maxRows: 100
        })
        for (const batch of batches) batch.columns.forEach((_, i) => columnValues(batch, i))
      }
    ),
    { numRuns: 5_000 }
  )
})
