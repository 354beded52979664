import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { StreamReader } from "../src/data/arrow/streamReader.ts"
import { makeRows } from "../src/data/rowObjects.ts"
import { copyFor, type Values } from "../src/data/rowValues.ts"
import * as W from "./arrow/writing.ts"
import { columns, read, type Served, streamOf, tableOf, type Written } from "./rowsServer.ts"

const microsPerDay = 86_400_000_000n

/** By the engine's own calendar, whose years are moved to where it has one: 400 years have 146,097 days. */
const dateText = (days: number): string => {
  const cycles = Math.trunc(days / 146_097)
  const date = new Date((days - cycles * 146_097) * 86_400_000)
  const year = date.getUTCFullYear() + cycles * 400
  const monthAndDay = date.toISOString().slice(-20, -14)
  const digits = String(Math.abs(year)).padStart(year >= 0 && year <= 9999 ? 4 : 6, "0")
  return `${year < 0 ? "-" : year > 9999 ? "+" : ""}${digits}${monthAndDay}`
}

const timeText = (micros: bigint): string => {
  const whole = new Date(Number(micros / 1000n)).toISOString().slice(11, 19)
  const fraction = micros % 1_000_000n
  return fraction === 0n ? whole : `${whole}.${String(fraction).padStart(6, "0")}`
}

const dateTimeText = (micros: bigint): string => {
  const ofDay = ((micros % microsPerDay) + microsPerDay) % microsPerDay
  return `${dateText(Number((micros - ofDay) / microsPerDay))}T${timeText(ofDay)}`
}

/** The rows of a table of one column, `c`. */
const valuesOf = (column: Written, values?: Values) =>
  Effect.map(read(tableOf([column]), { values }), ({ error, rows }) => {
    assert.isUndefined(error)
    return rows.map((row) => row["c"])
  })

/** Why a table of these batches cannot be read, and how many rows came before. */
const failureOf = (served: Served, options: Parameters<typeof read>[1] = {}) =>
  Effect.map(read(served, options), ({ error, rows }) => {
    assert.isDefined(error)
    return { error: error!, rows: rows.length }
  })

const sampled = <A>(arbitrary: fc.Arbitrary<A>, count: number): Array<A> =>
  fc.sample(arbitrary, { numRuns: count, seed: 20_261_124 })

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

describe("dates", () => {
  it("are right on every day from 0001-01-01 to 9999-12-31", () => {
    const first = -719_162
    const last = 2_932_896
    const reader = new StreamReader({})
    const days = Int32Array.from({ length: last - first + 1 }, (_, index) => first + index)
    const column = { nulls: 0, buffers: [new Uint8Array(0), new Uint8Array(days.buffer)] }
    const [batch] = reader.push(
      W.concat(W.schema([W.fields.date("c", 0)]), W.recordBatch(days.length, [column]), W.end)
    )
    const copy = copyFor("date", {})
    const texts: Array<unknown> = []
    let [year, month, day] = [1, 1, 1]
    let wrong = 0
    for (let from = 0; from < days.length; from += 1000) {
      const to = Math.min(days.length, from + 1000)
      copy(batch!.columns[0]!, from, to, texts)
      for (let row = from; row < to; row++) {
        const expected = `${String(year).padStart(4, "0")}-${month < 10 ? "0" : ""}${month}-${
          day < 10 ? "0" : ""
        }${day}`
        if (texts[row - from] !== expected) wrong++
        const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
        const length = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
        if (++day > length) {
          day = 1
          if (++month > 12) {
            month = 1
            year++
          }
        }
      }
    }
    assert.deepStrictEqual({ wrong, year, month, day }, { wrong: 0, year: 10_000, month: 1, day: 1 })
  })

  it.effect("have a sign and six digits or more beyond four digits, over all days that 32 bits hold", () =>
    Effect.gen(function*() {
      const days = [
        -719_529,
        -719_528,
        2_932_896,
        2_932_897,
        -366_000_000,
        365_000_000,
        2 ** 31 - 1,
        -(2 ** 31),
        ...sampled(int32, 5000)
      ]
      const texts = yield* valuesOf(columns.date("c", days))
      assert.deepStrictEqual(texts, days.map(dateText))
      assert.deepStrictEqual(texts.slice(0, 4), ["-000001-12-31", "0000-01-01", "9999-12-31", "+010000-01-01"])
    }))

  it.effect("are days where that is chosen", () =>
    Effect.gen(function*() {
      const days = [0, null, -1, 2 ** 31 - 1]
      assert.deepStrictEqual(yield* valuesOf(columns.date("c", days), { date: "days" }), days)
    }))
})

describe("times of day", () => {
  it.effect("have six digits of a second or none", () =>
    Effect.gen(function*() {
      const known = [0n, 1n, 1_000_000n, 11_045_678_901n, 86_399_000_000n, 86_399_999_999n]
      const micros = [...known, ...sampled(fc.bigInt({ min: 0n, max: microsPerDay - 1n }), 5000)]
      const texts = yield* valuesOf(columns.time("c", micros))
      assert.deepStrictEqual(texts, micros.map(timeText))
      assert.deepStrictEqual(texts.slice(0, 6), [
        "00:00:00",
        "00:00:00.000001",
        "00:00:01",
        "03:04:05.678901",
        "23:59:59",
        "23:59:59.999999"
      ])
    }))

  for (const micros of [-1n, microsPerDay, -(2n ** 63n), 2n ** 63n - 1n]) {
    it.effect(`are no time of day at ${micros} microseconds`, () =>
      Effect.gen(function*() {
        const { error, rows } = yield* failureOf(tableOf([columns.time("c", [0n, null, micros])]))
        assert.deepInclude(error, {
          _tag: "CoercionError",
          column: "c",
          row: 2,
          value: String(micros),
          expected: "a time of day",
          operation: "readSessions.getStream",
          status: 200
        })
        assert.strictEqual(rows, 2)
      }))
  }

  it.effect("are microseconds where that is chosen, whatever they are", () =>
    Effect.gen(function*() {
      const micros = [0n, null, -1n, microsPerDay]
      assert.deepStrictEqual(yield* valuesOf(columns.time("c", micros), { time: "micros" }), micros)
    }))
})

describe("dates with times", () => {
  it.effect("are exact over all microseconds that 64 bits hold", () =>
    Effect.gen(function*() {
      const border = 2n ** 53n
      const known = [
        1_577_934_245_678_901n,
        0n,
        -1n,
        -microsPerDay,
        -microsPerDay - 1n,
        border - 1n,
        border,
        border + 1n,
        -border,
        -border - 1n,
        -border + 1n,
        2n ** 63n - 1n,
        -(2n ** 63n)
      ]
      const near = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })
      const micros = [...known, ...sampled(near, 3000), ...sampled(int64, 3000)]
      const texts = yield* valuesOf(columns.dateTime("c", micros))
      assert.deepStrictEqual(texts, micros.map(dateTimeText))
      assert.deepStrictEqual(texts.slice(0, 8), [
        "2020-01-02T03:04:05.678901",
        "1970-01-01T00:00:00",
        "1969-12-31T23:59:59.999999",
        "1969-12-31T00:00:00",
        "1969-12-30T23:59:59.999999",
        "2255-06-05T23:47:34.740991",
        "2255-06-05T23:47:34.740992",
        "2255-06-05T23:47:34.740993"
      ])
    }))

  it.effect("are microseconds where that is chosen", () =>
    Effect.gen(function*() {
      const micros = [0n, null, -1n, 2n ** 63n - 1n]
      assert.deepStrictEqual(yield* valuesOf(columns.dateTime("c", micros), { dateTime: "micros" }), micros)
    }))
})

/** `Temporal` as it is here; the types of the tests do not have it. */
const temporal = Reflect.get(globalThis, "Temporal") as
  | Record<"PlainDate" | "PlainTime" | "PlainDateTime", { readonly from: (text: string) => { toString(): string } }>
  | undefined

describe.runIf(temporal !== undefined)("values of Temporal", () => {
  const { PlainDate, PlainDateTime, PlainTime } = temporal ?? (undefined as never) // runs only where it is there
  const texts = (values: ReadonlyArray<unknown>): unknown => JSON.parse(JSON.stringify(values))

  it.effect("are plain dates, as far as they reach", () =>
    Effect.gen(function*() {
      const days = [0, null, -1, 18_263, 100_000_000, -100_000_001]
      const dates = yield* valuesOf(columns.date("c", days), { date: "temporal" })
      assert.deepStrictEqual(texts(dates), [
        "1970-01-01",
        null,
        "1969-12-31",
        "2020-01-02",
        "+275760-09-13",
        "-271821-04-19"
      ])
      assert.isTrue(dates.every((date) =>
        date === null || Object.getPrototypeOf(date) === Object.getPrototypeOf(PlainDate.from("2020-01-02"))
      ))
      for (const day of [100_000_001, -100_000_002]) {
        const { error } = yield* failureOf(tableOf([columns.date("c", [day])]), { values: { date: "temporal" } })
        assert.deepInclude(error, { _tag: "CoercionError", column: "c", row: 0, value: String(day) })
      }
    }))

  it.effect("are plain times with their microseconds", () =>
    Effect.gen(function*() {
      const micros = [0n, null, 11_045_678_901n, 86_399_999_999n]
      const times = yield* valuesOf(columns.time("c", micros), { time: "temporal" })
      assert.deepStrictEqual(texts(times), ["00:00:00", null, "03:04:05.678901", "23:59:59.999999"])
      assert.strictEqual(Object.getPrototypeOf(times[0]), Object.getPrototypeOf(PlainTime.from("00:00")))
      const { error } = yield* failureOf(tableOf([columns.time("c", [-1n])]), { values: { time: "temporal" } })
      assert.deepInclude(error, { _tag: "CoercionError", expected: "a time of day" })
    }))

  it.effect("are plain dates with times, exact over all that Temporal reaches", () =>
    Effect.gen(function*() {
      const end = 100_000_001n * microsPerDay
      const near = sampled(fc.bigInt({ min: -end + 1n, max: end - 1n }), 500)
      const micros = [1_577_934_245_678_901n, null, -1n, end - 1n, -end + 1n, ...near]
      const found = yield* valuesOf(columns.dateTime("c", micros), { dateTime: "temporal" })
      assert.deepStrictEqual(
        texts(found),
        micros.map((value) => value === null ? null : PlainDateTime.from(dateTimeText(value)).toString())
      )
      assert.strictEqual(
        Object.getPrototypeOf(found[0]),
        Object.getPrototypeOf(PlainDateTime.from("2020-01-02T03:04:05"))
      )
      for (const far of [end, -end, 2n ** 63n - 1n, -(2n ** 63n)]) {
        const { error } = yield* failureOf(tableOf([columns.dateTime("c", [0n, far])]), {
          values: { dateTime: "temporal" }
        })
        assert.deepInclude(error, { _tag: "CoercionError", column: "c", row: 1, value: String(far) })
      }
    }))
})

it.effect("values of Temporal are refused before a request where the runtime lacks it", () =>
  Effect.gen(function*() {
    Reflect.deleteProperty(globalThis, "Temporal")
    const { error, sent } = yield* read(tableOf([columns.date("c", [0])]), { values: { date: "temporal" } })
    assert.deepInclude(error, { _tag: "InvalidInput", field: "values" })
    assert.deepStrictEqual(sent, [])
  }).pipe(Effect.ensuring(Effect.sync(() => {
    if (temporal !== undefined) Reflect.set(globalThis, "Temporal", temporal)
  }))))

describe("dates with times of Effect", () => {
  it.effect("are in UTC, and hold whole milliseconds as far as dates reach", () =>
    Effect.gen(function*() {
      const end = 8_640_000_000_000_000_000n
      const micros = [1_577_934_245_678_000n, null, -1000n, end, -end]
      const found = yield* valuesOf(columns.dateTime("c", micros), { dateTime: "dateTime" })
      assert.deepStrictEqual(
        found.map((value) => DateTime.isDateTime(value) && DateTime.isUtc(value) ? DateTime.formatIso(value) : value),
        micros.map((value) => value === null ? null : new Date(Number(value / 1000n)).toISOString())
      )
    }))

  for (const micros of [1n, -1n, 1_577_934_245_678_901n, 8_640_000_000_000_001_000n, -8_640_000_000_000_001_000n]) {
    it.effect(`lose nothing: ${micros} microseconds are an error`, () =>
      Effect.gen(function*() {
        const { error, rows } = yield* failureOf(tableOf([columns.dateTime("c", [0n, micros])]), {
          values: { dateTime: "dateTime" }
        })
        assert.deepInclude(error, { _tag: "CoercionError", column: "c", row: 1, value: String(micros) })
        assert.strictEqual(rows, 1)
      }))
  }
})

describe("integers", () => {
  const largest = 2n ** 53n - 1n

  it.effect("are numbers as long as a number holds them", () =>
    Effect.gen(function*() {
      const safe = sampled(fc.bigInt({ min: -largest, max: largest }), 5000)
      const integers = [largest, -largest, 0n, -1n, 2n ** 32n, -(2n ** 32n), 4_294_967_295n, ...safe]
      assert.deepStrictEqual(yield* valuesOf(columns.integer("c", integers)), integers.map(Number))
    }))

  for (const integer of [2n ** 53n, -(2n ** 53n), 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    it.effect(`do not become another number: ${integer}`, () =>
      Effect.gen(function*() {
        const { error } = yield* failureOf(tableOf([columns.integer("c", [1n, integer])]))
        assert.deepInclude(error, { _tag: "CoercionError", column: "c", row: 1, value: String(integer) })
        assert.match(error.message, /bigint/)
      }))
  }

  it.effect("are exact as bigint where that is chosen", () =>
    Effect.gen(function*() {
      const integers = [2n ** 63n - 1n, null, -(2n ** 63n), ...sampled(int64, 1000)]
      assert.deepStrictEqual(yield* valuesOf(columns.integer("c", integers), { integer: "bigint" }), integers)
    }))

  it.effect("are numbers where that is chosen", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* valuesOf(columns.integer("c", [5n]), { integer: "number" }), [5])
    }))
})

describe("other values", () => {
  it.effect("of floats keep NaN, infinities, the negative zero and null apart", () =>
    Effect.gen(function*() {
      const floats = [Number.NaN, null, Infinity, -Infinity, -0, 0, 5e-324, 1.7976931348623157e308]
      assert.deepStrictEqual(yield* valuesOf(columns.float("c", floats)), floats)
    }))

  it.effect("are as they are stored", () =>
    Effect.gen(function*() {
      const texts = ["", null, "é", "𝄞", "a\u0000b", "﻿x", "x".repeat(70_000)]
      assert.deepStrictEqual(yield* valuesOf(columns.string("c", texts)), texts)
      assert.deepStrictEqual(yield* valuesOf(columns.geography("c", ["POINT(1 2)", null])), ["POINT(1 2)", null])
      assert.deepStrictEqual(yield* valuesOf(columns.boolean("c", [true, null, false])), [true, null, false])
    }))

  it.effect("of a type that is not known yet are handed on as they are stored", () =>
    Effect.gen(function*() {
      const column = { ...columns.integer("c", [1n, null, 2n ** 60n]), type: "duration" }
      assert.deepStrictEqual(yield* valuesOf(column), [1n, null, 2n ** 60n])
    }))

  it.effect("are null wherever a column says so, in every type", () =>
    Effect.gen(function*() {
      const nulls = Array.from({ length: 1100 }, () => null)
      const all = [
        columns.integer("integer", nulls),
        columns.float("float", nulls),
        columns.boolean("boolean", nulls),
        columns.string("string", nulls),
        columns.geography("geography", nulls),
        columns.date("date", nulls),
        columns.time("time", nulls),
        columns.dateTime("dateTime", nulls)
      ]
      const { error, rows } = yield* read(tableOf(all))
      assert.isUndefined(error)
      assert.strictEqual(rows.length, 1100)
      const names = all.map(({ name }) => name)
      assert.deepStrictEqual(rows[1099], Object.fromEntries(names.map((name) => [name, null])))
      assert.deepStrictEqual(new Set(rows.flatMap((row) => Object.values(row))), new Set([null]))
    }))
})

describe("a row", () => {
  const names = ["z", "__proto__", "toString", "constructor", "a", "", "hasOwnProperty", "valueOf", "then", "ü", "Z2"]

  it.effect("is an ordinary object whose keys are the variables in order, whatever they are called", () =>
    Effect.gen(function*() {
      const { error, rows } = yield* read(tableOf(names.map((name, index) => columns.string(name, [`value ${index}`]))))
      assert.isUndefined(error)
      const row = rows[0]!
      assert.deepStrictEqual(Object.keys(row), names)
      assert.deepStrictEqual(Object.values(row), names.map((_, index) => `value ${index}`))
      assert.strictEqual(Object.getPrototypeOf(row), Object.prototype)
      for (const name of names) {
        assert.deepInclude(Object.getOwnPropertyDescriptor(row, name), {
          enumerable: true,
          configurable: true,
          writable: true
        })
      }
      assert.deepStrictEqual(Object.entries({ ...row }), Object.entries(row))
    }))

  it.effect("has names that are whole numbers first, as JavaScript has it", () =>
    Effect.gen(function*() {
      const { rows } = yield* read(tableOf(["b", "2", "1"].map((name) => columns.string(name, [name]))))
      assert.deepStrictEqual(Object.entries(rows[0]!), [["1", "1"], ["2", "2"], ["b", "b"]])
    }))

  it.effect("is its own: a change to one changes no other", () =>
    Effect.gen(function*() {
      const { rows } = yield* read(tableOf([columns.string("c", ["x", "y"])]))
      Object.assign(rows[0]!, { c: "changed" })
      assert.deepStrictEqual(rows, [{ c: "changed" }, { c: "y" }])
    }))

  it("has many keys", () => {
    const wide = Array.from({ length: 3000 }, (_, index) => columns.integer(`c${index}`, [BigInt(index)]))
    const [batch] = new StreamReader({}).push(streamOf(wide))
    const selected = wide.map(({ name }) => ({ name, type: "integer" as const }))
    const rows = makeRows(selected, {})(batch!.columns, 0, 1)
    assert.deepStrictEqual(rows, [Object.fromEntries(wide.map(({ name }, index) => [name, index]))])
  })
})

/** Names for batches whose values tell which row they are of. */
const batchesOf = (sizes: ReadonlyArray<number>): Array<ReadonlyArray<Written>> => {
  let first = 0
  return sizes.map((size) => {
    const numbers = Array.from({ length: size }, (_, index) => first + index)
    first += size
    return [
      columns.integer("id", numbers.map((number) => number % 7 === 3 ? null : BigInt(number))),
      columns.string(
        "text",
        numbers.map((number) => number % 5 === 2 ? null : `row ${number} ${"é".repeat(number % 40)}`)
      ),
      columns.dateTime("at", numbers.map((number) => BigInt(number) * 1_000_001n))
    ]
  })
}

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, number) => ({
    id: number % 7 === 3 ? null : number,
    text: number % 5 === 2 ? null : `row ${number} ${"é".repeat(number % 40)}`,
    at: dateTimeText(BigInt(number) * 1_000_001n)
  }))

describe("the rows of batches", () => {
  for (const sizes of [[1], [511, 513], [512, 512, 1], [3000], [700, 2000, 90, 1500], [0, 5, 0, 5], [0], []]) {
    it.effect(`of ${sizes.join(", ") || "no batch"} are each handed on once, in order, and stay as they were`, () =>
      Effect.gen(function*() {
        const batches = batchesOf(sizes)
        const served = sizes.length === 0
          ? { ...tableOf(...batchesOf([0])), numRows: 0, streams: [] }
          : tableOf(...batches)
        const { error, rows } = yield* read(served)
        assert.isUndefined(error)
        // after the last batch has come: none of the rows before looks at memory that serves again
        assert.deepStrictEqual(rows, rowsOf(served.numRows))
      }))
  }

  it.effect("of several streams follow one another", () =>
    Effect.gen(function*() {
      const [one, two, three] = batchesOf([10, 600, 3])
      const served = { ...tableOf(one!, two!, three!), streams: [streamOf(one!, two!), streamOf(three!)] }
      const { error, rows } = yield* read(served)
      assert.isUndefined(error)
      assert.deepStrictEqual(rows, rowsOf(613))
    }))

  it.effect("come until the one that does not fit, whose place is counted over all batches", () =>
    Effect.gen(function*() {
      const served = tableOf(
        [columns.integer("c", Array.from({ length: 100 }, () => 1n))],
        [columns.integer("c", Array.from({ length: 1200 }, (_, row) => row === 1100 ? 2n ** 60n : 1n))]
      )
      const { error, rows } = yield* failureOf(served)
      assert.deepInclude(error, { _tag: "CoercionError", row: 1200, column: "c" })
      assert.strictEqual(rows, 1200)
    }))

  it.effect("in fewer or more rows than the session has are an error after those that came", () =>
    Effect.gen(function*() {
      for (const numRows of [9, 11]) {
        const { error, rows } = yield* failureOf({ ...tableOf(...batchesOf([10])), numRows })
        assert.deepInclude(error, { _tag: "IntegrityError", reason: "RowCount" })
        assert.strictEqual(rows, 10 > numRows ? numRows : 10)
      }
    }))
})

describe("maxResults", () => {
  for (const most of [0, 1, 511, 512, 513, 699, 700, 701, 1300, 5000]) {
    it.effect(`of ${most} gives so many of 1300 rows, although the server sends all`, () =>
      Effect.gen(function*() {
        const served = tableOf(...batchesOf([700, 600]))
        const { error, rows, sent } = yield* read({ ...served, numRows: Math.min(most, 1300) }, { maxResults: most })
        assert.isUndefined(error)
        assert.deepStrictEqual(rows, rowsOf(Math.min(most, 1300)))
        assert.deepStrictEqual(sent, [{ format: "arrow", maxResults: most, requestedStreamCount: 1 }])
      }))
  }

  it.effect("is no reason to take fewer rows than the session has", () =>
    Effect.gen(function*() {
      const served = { ...tableOf(...batchesOf([10])), numRows: 20 }
      const { error } = yield* failureOf(served, { maxResults: 20 })
      assert.deepInclude(error, { _tag: "IntegrityError", reason: "RowCount" })
    }))
})

describe("variables", () => {
  const table = tableOf([columns.string("One", ["1"]), columns.string("two", ["2"]), columns.string("THREE", ["3"])])

  it.effect("come in the order that is asked for, by the table's spelling, whatever the stream's order and case", () =>
    Effect.gen(function*() {
      const streams = [streamOf([columns.string("ONE", ["1"]), columns.string("three", ["3"])])]
      const { error, rows, sent } = yield* read({ ...table, streams }, { variables: ["three", "one"] })
      assert.isUndefined(error)
      assert.deepStrictEqual(Object.entries(rows[0]!), [["THREE", "3"], ["One", "1"]])
      assert.deepStrictEqual(sent, [
        { format: "arrow", selectedVariables: ["THREE", "One"], requestedStreamCount: 1 }
      ])
    }))

  for (
    const [variables, reason] of [
      [[], /names no variable/],
      [["one", "for"], /"for", which is none of the table's; nearest are One/],
      [["one", "ONE"], /names "ONE" twice/]
    ] as const
  ) {
    it.effect(`are refused before a session is made: ${JSON.stringify(variables)}`, () =>
      Effect.gen(function*() {
        const { error, sent } = yield* read(table, { variables })
        assert.deepInclude(error, { _tag: "InvalidInput", field: "variables" })
        assert.match(error!.message, reason)
        assert.deepStrictEqual(sent, [])
      }))
  }

  const streams: ReadonlyArray<
    readonly [name: string, columns: ReadonlyArray<Written>, column: string, expected: RegExp]
  > = [
    [
      "a column more",
      ["one", "two", "three", "Four"].map((name) => columns.string(name, [name])),
      "four",
      /^one of the variables/
    ],
    [
      "a column twice",
      ["one", "two", "three", "Two"].map((name) => columns.string(name, [name])),
      "Two",
      /^a column that is there once/
    ]
  ]
  for (const [name, stream, column, expected] of streams) {
    it.effect(`refuse a stream that has ${name}`, () =>
      Effect.gen(function*() {
        const { error, rows } = yield* failureOf({ ...table, streams: [streamOf(stream)] })
        assert.deepInclude(error, { _tag: "CoercionError", column, operation: "readSessions.getStream" })
        if (error._tag === "CoercionError") assert.match(error.expected, expected)
        assert.strictEqual(rows, 0)
      }))
  }

  it.effect("hold each stream to themselves, not the first one alone", () =>
    Effect.gen(function*() {
      const second = streamOf(["one", "two", "five"].map((name) => columns.string(name, ["x"])))
      const { error, rows } = yield* failureOf({ ...table, numRows: 2, streams: [...table.streams, second] })
      assert.deepInclude(error, { _tag: "CoercionError", column: "five" })
      assert.strictEqual(rows, 1)
    }))

  it.effect("that a stream lacks are null in its rows, of every type", () =>
    Effect.gen(function*() {
      const whole = [
        columns.string("text", ["a"]),
        columns.integer("integer", [1n]),
        columns.float("float", [1.5]),
        columns.boolean("boolean", [true]),
        columns.date("date", [0]),
        columns.time("time", [0n]),
        columns.dateTime("dateTime", [0n]),
        columns.geography("geography", ["POINT(1 2)"])
      ]
      const served = tableOf(whole)
      const streams = [streamOf([whole[0]!]), ...served.streams]
      const { error, rows } = yield* read({ ...served, numRows: 2, streams })
      assert.isUndefined(error)
      assert.deepStrictEqual(Object.values(rows[0]!), ["a", null, null, null, null, null, null, null])
      assert.deepStrictEqual(Object.keys(rows[0]!), whole.map(({ name }) => name))
      assert.deepStrictEqual(rows[1], {
        text: "a",
        integer: 1,
        float: 1.5,
        boolean: true,
        date: "1970-01-01",
        time: "00:00:00",
        dateTime: "1970-01-01T00:00:00",
        geography: "POINT(1 2)"
      })
    }))
})
