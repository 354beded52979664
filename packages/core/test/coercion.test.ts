/** Columns that are stored as another type than their variable's: what is taken, and what is refused. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import * as W from "./arrow/writing.ts"
import { columns, read, tableOf, type Written } from "./rowsServer.ts"

const texts = (...values: ReadonlyArray<string | null>): Written => columns.string("c", values)

const largeTexts = (...values: ReadonlyArray<string>): Written => ({
  ...columns.string("c", values),
  field: W.fields.largeUtf8("c"),
  column: W.columns.texts(values, true)
})

const bigints = (field: W.FieldSpec, ...values: ReadonlyArray<bigint>): Written => ({
  ...columns.integer("c", values),
  field
})

const numbers = (
  field: W.FieldSpec,
  values: ReadonlyArray<number>,
  array?: Parameters<typeof W.columns.numbers>[1]
): Written => ({ ...columns.float("c", values), field, column: W.columns.numbers(values, array) })

const int32 = (...values: ReadonlyArray<number>) => numbers(W.fields.int("c", 32), values)
const uint64 = (...values: ReadonlyArray<bigint>) => bigints(W.fields.int("c", 64, false), ...values)
const int64 = (...values: ReadonlyArray<bigint>) => columns.integer("c", values)
const float32 = (...values: ReadonlyArray<number>) => numbers(W.fields.float("c", 1), values, Float32Array)
const float64 = (...values: ReadonlyArray<number>) => columns.float("c", values)
const booleans = (...values: ReadonlyArray<boolean>) => columns.boolean("c", values)
const timestamp = (unit: number, value: bigint, zone?: string) => bigints(W.fields.timestamp("c", unit, zone), value)
const second = 0
const milli = 1
const nano = 3

const day = 86_400n

type Row = readonly [type: string, stored: string, column: Written, value: unknown]

const values = { integer: "bigint" } as const

const taken: ReadonlyArray<Row> = [
  ["integer", "1 as text", texts("1"), 1n],
  ["integer", "-5 as text", texts("-5"), -5n],
  ["integer", "+5 as text", texts("+5"), 5n],
  ["integer", "the largest as text", texts("9223372036854775807"), 2n ** 63n - 1n],
  ["integer", "the least as large text", largeTexts("-9223372036854775808"), -(2n ** 63n)],
  ["integer", "2.0", float64(2), 2n],
  ["integer", "an int32", int32(-7), -7n],
  ["integer", "a uint64", uint64(7n), 7n],
  ["float", "1.5 as text", texts("1.5"), 1.5],
  ["float", "1e3 as text", texts("1e3"), 1000],
  ["float", ".5 as text", texts("-.5"), -0.5],
  ["float", "NaN as text", texts("NaN"), Number.NaN],
  ["float", "inf as text", texts("inf"), Number.POSITIVE_INFINITY],
  ["float", "-Infinity as text", texts("-Infinity"), Number.NEGATIVE_INFINITY],
  ["float", "2^53", int64(2n ** 53n), 2 ** 53],
  ["float", "an int32", int32(3), 3],
  ["float", "a float32", float32(0.5), 0.5],
  ["boolean", "true as text", texts("true"), true],
  ["boolean", "FALSE as text", texts("FALSE"), false],
  ["boolean", "1 as text", texts("1"), true],
  ["boolean", "0 as text", texts("0"), false],
  ["boolean", "1", int64(1n), true],
  ["date", "a date as text", texts("2020-01-02"), "2020-01-02"],
  ["date", "29 February of a leap year", texts("2020-02-29"), "2020-02-29"],
  ["date", "a year of the first century", texts("0001-01-01"), "0001-01-01"],
  ["date", "a timestamp at midnight", columns.dateTime("c", [18_263n * day * 1_000_000n]), "2020-01-02"],
  ["date", "a date in milliseconds", bigints(W.fields.date("c", 1), 18_263n * day * 1000n), "2020-01-02"],
  ["dateTime", "text with T", texts("2020-01-02T03:04:05.678901"), "2020-01-02T03:04:05.678901"],
  ["dateTime", "text with a space", texts("2020-01-02 03:04:05"), "2020-01-02T03:04:05"],
  ["dateTime", "a date alone", texts("2020-01-02"), "2020-01-02T00:00:00"],
  ["dateTime", "a short fraction", texts("1969-12-31T23:59:59.5"), "1969-12-31T23:59:59.500000"],
  ["dateTime", "nine digits that end in zeros", texts("2020-01-02T00:00:00.000001000"), "2020-01-02T00:00:00.000001"],
  ["dateTime", "nanoseconds", timestamp(nano, 1_000_000_001_000n), "1970-01-01T00:16:40.000001"],
  ["dateTime", "milliseconds", timestamp(milli, -1n), "1969-12-31T23:59:59.999000"],
  ["dateTime", "seconds", timestamp(second, 60n), "1970-01-01T00:01:00"],
  ["dateTime", "a zone", timestamp(2, 1_000_000n, "Europe/Zurich"), "1970-01-01T00:00:01"],
  ["dateTime", "a date32", columns.date("c", [1]), "1970-01-02T00:00:00"],
  ["time", "text", texts("01:02:03"), "01:02:03"],
  ["time", "text with a fraction", texts("23:59:59.000004"), "23:59:59.000004"],
  ["time", "a time32 in milliseconds", numbers(W.fields.time("c", milli, 32), [1500], Int32Array), "00:00:01.500000"],
  ["string", "an int64", int64(2n ** 60n), "1152921504606846976"],
  ["string", "a float64", float64(1.5), "1.5"],
  ["string", "a boolean", booleans(true), "true"],
  ["string", "a date", columns.date("c", [18_263]), "2020-01-02"],
  ["string", "a date in milliseconds", bigints(W.fields.date("c", 1), 18_263n * day * 1000n), "2020-01-02"],
  ["string", "a date with a time", columns.dateTime("c", [1n]), "1970-01-01T00:00:00.000001"],
  ["string", "seconds", timestamp(second, 60n), "1970-01-01T00:01:00"],
  ["string", "a time", columns.time("c", [11_045_678_901n]), "03:04:05.678901"],
  ["geography", "a time32 in seconds", numbers(W.fields.time("c", second, 32), [61], Int32Array), "00:01:01"],
  ["geography", "large text", largeTexts("POINT(1 2)"), "POINT(1 2)"]
]

const refused: ReadonlyArray<readonly [type: string, stored: string, column: Written]> = [
  ["integer", "1.0 as text", texts("1.0")],
  ["integer", "empty text", texts("")],
  ["integer", "a space", texts(" 1")],
  ["integer", "1.5", float64(1.5)],
  ["integer", "NaN", float64(Number.NaN)],
  ["integer", "2^63", float64(2 ** 63)],
  ["integer", "2^63 as text", texts("9223372036854775808")],
  ["integer", "2^63 unsigned", uint64(2n ** 63n)],
  ["integer", "a boolean", booleans(true)],
  ["integer", "a date", columns.date("c", [1])],
  ["float", "empty text", texts("")],
  ["float", "a letter", texts("1.5x")],
  ["float", "a hexadecimal number", texts("0x10")],
  ["float", "2^53 + 1", int64(2n ** 53n + 1n)],
  ["float", "a boolean", booleans(true)],
  ["boolean", "yes", texts("yes")],
  ["boolean", "2", int64(2n)],
  ["boolean", "empty text", texts("")],
  ["date", "digits left out", texts("2020-1-2")],
  ["date", "a time with it", texts("2020-01-02T00:00:00")],
  ["date", "30 February", texts("2020-02-30")],
  ["date", "29 February of another year", texts("2021-02-29")],
  ["date", "month 13", texts("2020-13-01")],
  ["date", "a timestamp in the day", columns.dateTime("c", [1n])],
  ["date", "an integer", int64(1n)],
  ["dateTime", "a zone in text", texts("2020-01-02T03:04:05Z")],
  ["dateTime", "an offset in text", texts("2020-01-02T03:04:05+01:00")],
  ["dateTime", "a space at the end", texts("2020-01-02 ")],
  ["dateTime", "hour 24", texts("2020-01-02T24:00:00")],
  ["dateTime", "second 60", texts("2020-01-02T00:00:60")],
  ["dateTime", "nanoseconds that are not whole microseconds", timestamp(nano, 1n)],
  ["dateTime", "nanoseconds in text", texts("2020-01-02T00:00:00.000000001")],
  ["dateTime", "milliseconds beyond 64 bits of microseconds", timestamp(milli, 2n ** 62n)],
  ["dateTime", "a time", texts("01:02:03")],
  ["time", "digits left out", texts("1:02:03")],
  ["time", "nanoseconds", bigints(W.fields.time("c", nano, 64), 1000n)],
  ["time", "a date", texts("2020-01-02")],
  ["time", "hour 24", texts("24:00:00")],
  ["string", "nanoseconds that are not whole microseconds", timestamp(nano, 1n)],
  ["string", "a time beyond the day", columns.time("c", [86_400_000_000n])]
]

describe("a value that is stored as another type", () => {
  it.effect.each(taken.map(([type, stored, column, value]) => ({ type, stored, column, value })))(
    "is given where nothing is lost: $type of $stored",
    ({ column, type, value }) =>
      Effect.gen(function*() {
        const { error, rows } = yield* read({ ...tableOf([column]), variables: [{ name: "c", type }] }, { values })
        assert.isUndefined(error)
        assert.deepStrictEqual(rows, [{ c: value }])
      })
  )

  it.effect.each(refused.map(([type, stored, column]) => ({ type, stored, column })))(
    "is refused where it does not fit: $type of $stored",
    ({ column, type }) =>
      Effect.gen(function*() {
        const { error, rows } = yield* read({ ...tableOf([column]), variables: [{ name: "c", type }] })
        assert.deepInclude(error, { _tag: "CoercionError", column: "c", row: 0 })
        assert.deepStrictEqual(rows, [])
      })
  )

  it.effect("says in which row it is, and keeps nulls and the rows before", () =>
    Effect.gen(function*() {
      const column = texts(
        ...Array.from({ length: 2000 }, (_, row) => row === 1777 ? "no" : row % 3 === 0 ? null : "1")
      )
      const { error, rows } = yield* read({
        ...tableOf([texts("7", null)], [column]),
        variables: [{ name: "c", type: "integer" }]
      })
      assert.deepInclude(error, { _tag: "CoercionError", column: "c", row: 1779, value: "no" })
      assert.deepStrictEqual(rows, [
        { c: 7 },
        { c: null },
        ...Array.from({ length: 1777 }, (_, row) => ({ c: row % 3 === 0 ? null : 1 }))
      ])
      // the position is that of the value which does not fit
      assert.strictEqual(error?.resume?.arrived, 1779)
    }))

  it.effect("is nothing to fail with behind the rows that are wanted", () =>
    Effect.gen(function*() {
      const served = { ...tableOf([texts("7", null, "1", "no")]), variables: [{ name: "c", type: "integer" }] }
      const { error, rows } = yield* read(served, { maxResults: 3 })
      assert.isUndefined(error)
      assert.deepStrictEqual(rows, [{ c: 7 }, { c: null }, { c: 1 }])
      assert.strictEqual((yield* read(served, { maxResults: 4 })).error?._tag, "CoercionError")
    }))

  it.effect("is taken out of a dictionary", () =>
    Effect.gen(function*() {
      const stream = W.concat(
        W.schema([W.fields.dictionary(W.fields.utf8("c"), 1)]),
        W.dictionaryBatch(1, 2, W.columns.texts(["10", "20"])),
        W.recordBatch(3, [W.columns.numbers([1, null, 0], Int8Array)]),
        W.recordBatch(0, [{ nulls: 0, buffers: [new Uint8Array(0), new Uint8Array(0)] }]),
        W.end
      )
      const { error, rows } = yield* read({
        variables: [{ name: "c", type: "integer" }],
        numRows: 3,
        streams: [stream]
      })
      assert.isUndefined(error)
      assert.deepStrictEqual(rows, [{ c: 20 }, { c: null }, { c: 10 }])
    }))

  it.effect("is the same through text and back, for every integer, date and time", () =>
    Effect.gen(function*() {
      const sample = <A>(arbitrary: fc.Arbitrary<A>) => fc.sample(arbitrary, { numRuns: 2000, seed: 5 })
      const integers = sample(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
      const moments = sample(fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }))
      const times = sample(fc.bigInt({ min: 0n, max: day * 1_000_000n - 1n }))
      for (
        const [type, column] of [
          ["integer", columns.integer("c", integers)],
          ["dateTime", columns.dateTime("c", moments)],
          ["time", columns.time("c", times)]
        ] as const
      ) {
        const there = yield* read({ ...tableOf([column]), variables: [{ name: "c", type }] }, { values })
        const back = yield* read({
          ...tableOf([texts(...there.rows.map(({ c }) => String(c)))]),
          variables: [{ name: "c", type }]
        }, { values })
        assert.isUndefined(back.error)
        assert.deepStrictEqual(back.rows, there.rows)
      }
    }))
})
