import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as FastCheck from "fast-check"
import type { Batch, Value } from "../../src/data/Arrow.ts"
import * as Columns from "../../src/data/Columns.ts"
import { exact, readAll, valuesOf } from "./reading.ts"
import { flatCases, handWritten, mixedStream } from "./streams.ts"
import * as W from "./writing.ts"

const columnsOf = <const V extends Columns.Values = {}>(
  batches: ReadonlyArray<Batch>,
  options?: Columns.Options<V>
) => Columns.fromBatches(Stream.fromIterable(batches), options)

const batchesOf = (...parts: ReadonlyArray<Uint8Array>): ReadonlyArray<Batch> =>
  readAll([W.concat(...parts, W.end)]).batches

/** What a column says of a row, blanks taken for what the row's null is. */
const read = (column: Columns.Column<Columns.Values>, row: number): unknown => {
  if (column.nulls?.[row] === 1) return null
  const value = column.values[row]
  return column.type === "boolean" ? value === 1 : value
}

const blankOf = (values: Columns.Column<Columns.Values>["values"]): unknown =>
  values instanceof Float64Array ? Number.NaN : values instanceof BigInt64Array ? 0n : Array.isArray(values) ? null : 0

const micros = { second: 1_000_000n, millisecond: 1000n, microsecond: 1n, nanosecond: 0n }

/** The values in the units of columns; nanoseconds that no microseconds hold are left to another test. */
const expected = (batch: Batch, index: number, value: Value): unknown => {
  const field = batch.schema.fields[index]!.type
  const type = field._tag === "Dictionary" ? field.values : field
  if (value === null) return null
  if (type._tag === "Int") return BigInt(value as bigint)
  if (type._tag === "Date") return type.unit === "day" ? value : Number(value) / 86_400_000
  if (type._tag === "Time" || type._tag === "Timestamp") {
    return type.unit === "nanosecond" ? BigInt(value) / 1000n : BigInt(value) * micros[type.unit]
  }
  return value
}

const assertHolds = (
  { columns, names, numRows }: Columns.Columns<Columns.Values>,
  batches: ReadonlyArray<Batch>
): void => {
  assert.deepStrictEqual(names, batches[0]!.schema.fields.map(({ name }) => name))
  assert.deepStrictEqual([...names].toSorted(), Object.keys(columns).toSorted())
  valuesOf(batches).forEach((values, index) => {
    const column = columns[names[index]!]!
    assert.strictEqual(numRows, values.length)
    assert.strictEqual(column.values.length, values.length)
    assert.deepStrictEqual(
      values.map((_, row) => exact(read(column, row) as Value)),
      values.map((value) => exact(expected(batches[0]!, index, value) as Value))
    )
    assert.strictEqual(column.nullCount, values.filter((_, row) => read(column, row) === null).length)
    assert.strictEqual(column.nulls === undefined, column.nullCount === 0)
    column.nulls?.forEach((isNull, row) => {
      if (isNull === 1) assert.isTrue(Object.is(column.values[row], blankOf(column.values)))
    })
  })
}

const exactForms = { integer: "bigint" } as const

describe("Columns.fromBatches", () => {
  // columns of 64 unsigned bits and of odd nanoseconds have tests of their own
  const fitting = flatCases.filter(({ name }) => !/uint64|nanosecond|dictionary of integers/.test(name))

  it.effect.each(fitting.map((flat) => [flat.name, flat] as const))(
    "gives the values of %s",
    ([, flat]) =>
      Effect.gen(function*() {
        const batches = batchesOf(handWritten(flat).slice(0, -8))
        const twice = [...batches, ...batchesOf(handWritten(flat).slice(0, -8))]
        assertHolds(yield* columnsOf(batches, { values: exactForms }), batches)
        assertHolds(yield* columnsOf(twice, { values: exactForms }), twice)
      })
  )

  it.effect("gives columns of each type, several batches in one array", () =>
    Effect.gen(function*() {
      const { batches } = readAll([mixedStream()])
      const found = yield* columnsOf(batches, { values: exactForms })
      assertHolds(found, batches)
      assert.deepStrictEqual(Object.values(found.columns).map(({ type }) => type), [
        "integer",
        "float",
        "string",
        "boolean",
        "date",
        "string",
        "string",
        "string"
      ])
    }))

  it("gives any values of any batches as the batches do", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.array(
          FastCheck.array(
            FastCheck.record({
              integer: FastCheck.option(FastCheck.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
              float: FastCheck.option(FastCheck.double()),
              boolean: FastCheck.option(FastCheck.boolean()),
              date: FastCheck.option(FastCheck.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
              dateTime: FastCheck.option(FastCheck.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
              string: FastCheck.option(FastCheck.string({ unit: "grapheme" }))
            }),
            { maxLength: 20 }
          ),
          { minLength: 1, maxLength: 5 }
        ),
        async (parts) => {
          const batches = batchesOf(
            W.schema([
              W.fields.int("integer", 64),
              W.fields.float("float", 2),
              W.fields.bool("boolean"),
              W.fields.date("date", 0),
              W.fields.timestamp("dateTime", 2),
              W.fields.utf8("string")
            ]),
            ...parts.map((rows) =>
              W.recordBatch(rows.length, [
                W.columns.bigints(rows.map(({ integer }) => integer)),
                W.columns.numbers(rows.map(({ float }) => float), Float64Array),
                W.columns.bool(rows.map(({ boolean }) => boolean)),
                W.columns.numbers(rows.map(({ date }) => date)),
                W.columns.bigints(rows.map(({ dateTime }) => dateTime)),
                W.columns.texts(rows.map(({ string }) => string))
              ])
            )
          )
          assertHolds(await Effect.runPromise(columnsOf(batches, { values: exactForms })), batches)
        }
      ),
      { numRuns: 200 }
    ))

  const integers = (...batches: ReadonlyArray<ReadonlyArray<bigint | null>>): ReadonlyArray<Batch> =>
    batchesOf(
      W.schema([W.fields.int("n", 64)]),
      ...batches.map((values) => W.recordBatch(values.length, [W.columns.bigints(values)]))
    )

  it.effect("gives integers in the array that was chosen, a number by default", () =>
    Effect.gen(function*() {
      const most = 2n ** 53n - 1n
      const batches = integers([1n, null, -1n], [0n, 2n ** 31n - 1n, -(2n ** 31n)])
      const values = [1, NaN, -1, 0, 2 ** 31 - 1, -(2 ** 31)]
      assert.deepStrictEqual((yield* columnsOf(batches)).columns["n"]!.values, Float64Array.from(values))
      assert.deepStrictEqual(
        (yield* columnsOf(batches, { values: { integer: "int32" } })).columns["n"]!.values,
        Int32Array.from(values)
      )
      const edge = yield* columnsOf(integers([most, -most]))
      assert.deepStrictEqual(edge.columns["n"]!.values, Float64Array.of(2 ** 53 - 1, -(2 ** 53 - 1)))
    }))

  it.effect.each(
    [
      ["a number", 2n ** 53n, "number"],
      ["a number", -(2n ** 53n), "number"],
      ["a number", 2n ** 63n - 1n, "number"],
      ["32 bits", 2n ** 31n, "int32"],
      ["32 bits", -(2n ** 31n) - 1n, "int32"]
    ] as const
  )("refuses an integer that does not fit %s: %s", ([, value, integer]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(columnsOf(integers([1n, null], [2n, value]), { values: { integer } }))
      assert.deepInclude({ ...error }, { _tag: "CoercionError", row: 3, column: "n", value: String(value) })
    }))

  it.effect("refuses 64 unsigned bits that signed ones do not hold, and takes those that they do", () =>
    Effect.gen(function*() {
      const unsigned = (value: bigint) =>
        columnsOf(
          batchesOf(
            W.schema([W.fields.int("n", 64, false)]),
            W.recordBatch(1, [W.columns.bigints([value], BigUint64Array)])
          ),
          { values: exactForms }
        )
      assert.deepStrictEqual((yield* unsigned(2n ** 63n - 1n)).columns["n"]!.values, BigInt64Array.of(2n ** 63n - 1n))
      assert.strictEqual((yield* Effect.flip(unsigned(2n ** 63n)))._tag, "CoercionError")
    }))

  it.effect("gives times in whole microseconds, and refuses what they do not hold", () =>
    Effect.gen(function*() {
      const timed = (nanos: bigint) =>
        batchesOf(
          W.schema([W.fields.timestamp("at", 3), W.fields.time("time", 2, 64)]),
          W.recordBatch(1, [W.columns.bigints([nanos]), W.columns.bigints([7n])])
        )
      const found = yield* columnsOf(timed(-5000n), { values: { dateTime: "number", time: "number" } })
      assert.deepStrictEqual(found.columns["at"]!.values, Float64Array.of(-5))
      assert.deepStrictEqual(found.columns["time"]!.values, Float64Array.of(7))
      assert.deepStrictEqual((yield* columnsOf(timed(5000n))).columns["at"]!.values, BigInt64Array.of(5n))
      const error = yield* Effect.flip(columnsOf(timed(5001n)))
      assert.deepInclude({ ...error }, { _tag: "CoercionError", row: 0, column: "at", value: "5001" })
    }))

  it.effect("takes a column that is null at first for what it is later, or for what its variable is", () =>
    Effect.gen(function*() {
      const nulls = batchesOf(W.schema([W.fields.null("n")]), W.recordBatch(2, [W.columns.null(2)]))
      const later = yield* columnsOf([...nulls, ...integers([5n]), ...nulls])
      assert.deepStrictEqual(later.columns["n"]!.values, Float64Array.of(NaN, NaN, 5, NaN, NaN))
      assert.deepStrictEqual(later.columns["n"]!.nulls, Uint8Array.of(1, 1, 0, 1, 1))
      const alone = yield* columnsOf(nulls)
      assert.deepStrictEqual(alone.columns["n"], {
        name: "n",
        type: "string",
        values: [null, null],
        nulls: Uint8Array.of(1, 1),
        nullCount: 2
      })
      const told = yield* columnsOf(nulls, { variables: [{ name: "n", type: "date" }] })
      assert.deepInclude({ ...told.columns["n"] }, { type: "date", values: Int32Array.of(0, 0), nullCount: 2 })
    }))

  it.effect("has the columns of the variables where there is no batch, and none without them", () =>
    Effect.gen(function*() {
      const variables = [{ name: "b", type: "float" }, { name: "1", type: "integer" }, { name: "g", type: "geography" }]
      const empty = yield* columnsOf([], { variables })
      assert.deepStrictEqual([empty.numRows, empty.names], [0, ["b", "1", "g"]])
      assert.deepStrictEqual(empty.columns["b"]!.values, new Float64Array(0))
      assert.deepStrictEqual(empty.columns["g"], { name: "g", type: "geography", values: [], nullCount: 0 })
      assert.deepStrictEqual(yield* columnsOf([]), { numRows: 0, names: [], columns: {} })
    }))

  it.effect("refuses batches of other columns, and one name twice", () =>
    Effect.gen(function*() {
      const float = batchesOf(W.schema([W.fields.float("n", 2)]))
      const renamed = batchesOf(W.schema([W.fields.int("m", 64)]))
      const more = batchesOf(W.schema([W.fields.int("n", 64), W.fields.bool("c")]))
      const twice = batchesOf(W.schema([W.fields.int("n", 64), W.fields.bool("n")]))
      const refused = [[float, "n"], [renamed, "n"], [more, "c"], [twice, "n"]] as const
      for (const [batches, column] of refused) {
        const error = yield* Effect.flip(columnsOf([...integers([1n]), ...batches]))
        assert.deepInclude({ ...error }, { _tag: "CoercionError", column })
      }
    }))

  it.effect("keeps nothing of a batch's memory, which may be used again", () =>
    Effect.gen(function*() {
      const { batches } = readAll([mixedStream()])
      const found = yield* Columns.fromBatches(
        Stream.fromIterable(batches).pipe(Stream.rechunk(1)),
        { values: exactForms }
      )
      const copy = readAll([mixedStream()]).batches
      for (const { columns } of batches) for (const { values } of columns) new Uint8Array(values.buffer).fill(0xaa)
      assertHolds(found, copy)
    }))

  it.effect("hands on the failure of the batches", () =>
    Effect.gen(function*() {
      const broken = Stream.concat(Stream.fromIterable(integers([1n])), Stream.fail("broken" as const))
      assert.strictEqual(yield* Effect.flip(Columns.fromBatches(broken)), "broken")
    }))
})
