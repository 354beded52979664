import { assert, describe, it } from "@effect/vitest"
import * as Flechette from "@uwdata/flechette"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as FastCheck from "fast-check"
import * as ArrowTable from "../../src/data/ArrowTable.ts"
import type { Batch, Value } from "../../src/data/Arrow.ts"
import { exact, readAll, valuesOf } from "./reading.ts"
import { flatCases, handWritten, mixedByApache, mixedByFlechette, mixedStream } from "./streams.ts"
import * as W from "./writing.ts"

const tableOf = (batches: ReadonlyArray<Batch>, options?: ArrowTable.Options) =>
  ArrowTable.fromBatches(Stream.fromIterable(batches), options)

const batchesOf = (bytes: Uint8Array): ReadonlyArray<Batch> => readAll([bytes]).batches

/** Flechette gives dates as the milliseconds of their day, whatever they are stored as. */
const asFlechette = (batch: Batch | undefined, index: number, value: Value): Value => {
  const type = batch?.schema.fields[index]?.type
  return type?._tag !== "Date" || value === null ? value : Number(value) * (type.unit === "day" ? 86_400_000 : 1)
}

/** The same values by each way that a column gives them. */
const assertHolds = (table: Flechette.Table, batches: ReadonlyArray<Batch>): void => {
  valuesOf(batches).forEach((values, index) => {
    const expected = values.map((value) => exact(asFlechette(batches[0], index, value)))
    const column = table.getChildAt(index)
    assert.deepStrictEqual(values.map((_, row) => exact(column.at(row) as Value)), expected)
    assert.deepStrictEqual([...column].map((value) => exact(value as Value)), expected)
    assert.deepStrictEqual(Array.from(column.toArray(), (value) => exact(value as Value)), expected)
  })
}

describe("ArrowTable.fromBatches", () => {
  it.effect.each(flatCases.map((flat) => [flat.name, flat] as const))(
    "gives the exact values of %s",
    ([, flat]) =>
      Effect.gen(function*() {
        const batches = batchesOf(handWritten(flat))
        const table = yield* tableOf(batches)
        assertHolds(table, batches)
        assert.strictEqual(table.numRows, flat.values.length)
        assert.strictEqual(table.getChildAt(0).nullCount, batches[0]!.columns[0]!.nullCount)
      })
  )

  it.effect.each(
    [["by hand", mixedStream], ["by apache-arrow", mixedByApache], ["by flechette", mixedByFlechette]] as const
  )("gives many columns of several batches, written %s", ([, write]) =>
    Effect.gen(function*() {
      const batches = batchesOf(write())
      const table = yield* tableOf(batches)
      assert.deepStrictEqual(
        table.schema.fields.map(({ name }) => name),
        batches[0]!.schema.fields.map(({ name }) => name)
      )
      assertHolds(table, batches)
    }))

  it.effect("copies nothing", () =>
    Effect.gen(function*() {
      const batches = batchesOf(mixedStream())
      const table = yield* tableOf(batches)
      const own = new Set(batches.flatMap(({ columns }) => columns.map(({ values }) => values.buffer)))
      for (const { data } of table.children) {
        assert.strictEqual(data.length, batches.length)
        for (const { length, values } of data) {
          // a null column has no memory
          if (length > 0 && values !== undefined && values.length > 0) {
            assert.isTrue(own.has(values.buffer as ArrayBuffer))
          }
        }
      }
      const [batch] = batches
      assert.strictEqual(
        (yield* tableOf([batch!])).getChild("weight").data[0]!.values.buffer,
        batch!.columns[1]!.values.buffer
      )
    }))

  it.effect("gives numbers and dates where they are asked for", () =>
    Effect.gen(function*() {
      const batches = batchesOf(W.concat(
        W.schema([W.fields.int("n", 64), W.fields.date("day", 0), W.fields.timestamp("at", 2)]),
        W.recordBatch(1, [W.columns.bigints([7n]), W.columns.numbers([1]), W.columns.bigints([1_500_000n])]),
        W.end
      ))
      const first = (options: ArrowTable.Options) =>
        Effect.map(tableOf(batches, options), (table) => ({ ...table.at(0) }))
      assert.deepStrictEqual(yield* first({}), { n: 7n, day: 86_400_000, at: 1_500_000n })
      assert.deepStrictEqual(yield* first({ useBigInt: false, useBigIntTimestamp: false }), {
        n: 7,
        day: 86_400_000,
        at: 1500
      })
      assert.deepStrictEqual(yield* first({ useDate: true }), { n: 7n, day: new Date(86_400_000), at: new Date(1500) })
      const proxy = (yield* tableOf(batches, { useProxy: true })).at(0)
      assert.strictEqual((proxy as { readonly n: bigint }).n, 7n)
    }))

  it("is a table that flechette writes, and that reads as the batches did", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.array(
          FastCheck.array(
            FastCheck.record({
              n: FastCheck.option(FastCheck.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
              x: FastCheck.option(FastCheck.double()),
              t: FastCheck.option(FastCheck.string({ unit: "grapheme" }))
            }),
            { maxLength: 20 }
          ),
          { minLength: 1, maxLength: 4 }
        ),
        async (parts) => {
          const batches = batchesOf(W.concat(
            W.schema([W.fields.int("n", 64), W.fields.float("x", 2), W.fields.utf8("t")]),
            ...parts.map((rows) =>
              W.recordBatch(rows.length, [
                W.columns.bigints(rows.map(({ n }) => n)),
                W.columns.numbers(rows.map(({ x }) => x), Float64Array),
                W.columns.texts(rows.map(({ t }) => t))
              ])
            ),
            W.end
          ))
          const table = await Effect.runPromise(tableOf(batches))
          assertHolds(table, batches)
          const again = batchesOf(Flechette.tableToIPC(table, { format: "stream" })!)
          assert.deepStrictEqual(
            valuesOf(again).map((values) => values.map(exact)),
            valuesOf(batches).map((values) => values.map(exact))
          )
        }
      ),
      { numRuns: 100 }
    ))

  it.effect("joins dictionaries that differ, each batch with its own", () =>
    Effect.gen(function*() {
      const batch = (id: number, texts: ReadonlyArray<string>): ReadonlyArray<Batch> =>
        batchesOf(W.concat(
          W.schema([W.fields.dictionary(W.fields.utf8("kind"), id)]),
          W.dictionaryBatch(id, texts.length, W.columns.texts(texts)),
          W.recordBatch(2, [W.columns.numbers([1, 0], Int8Array)]),
          W.end
        ))
      const table = yield* tableOf([...batch(1, ["a", "b"]), ...batch(2, ["c", "d"])])
      assert.deepStrictEqual([...table.getChild("kind")], ["b", "a", "d", "c"])
    }))

  it.effect("has the columns but no rows of a stream without rows, and nothing of one without batches", () =>
    Effect.gen(function*() {
      const batches = batchesOf(W.concat(W.schema([W.fields.utf8("t")]), W.end))
      const table = yield* tableOf(batches)
      assert.deepStrictEqual([table.numRows, table.names, [...table.getChildAt(0)]], [0, ["t"], []])
      assert.deepStrictEqual((yield* tableOf([])).numCols, 0)
    }))

  it.effect.each(
    [
      ["another type", [W.fields.float("a", 2)], "a"],
      ["another name", [W.fields.int("b", 64)], "a"],
      ["a column more", [W.fields.int("a", 64), W.fields.bool("c")], "c"],
      ["a column less", [], "a"],
      ["a dictionary", [W.fields.dictionary(W.fields.int("a", 64), 1)], "a"]
    ] as const
  )("refuses batches of which one has %s", ([, fields, column]) =>
    Effect.gen(function*() {
      const other = W.concat(W.schema(fields), W.end)
      const one = W.concat(W.schema([W.fields.int("a", 64)]), W.end)
      const error = yield* Effect.flip(tableOf([...batchesOf(one), ...batchesOf(other)]))
      assert.deepInclude({ ...error }, { _tag: "CoercionError", column })
    }))

  it.effect("hands on the failure of the batches", () =>
    Effect.gen(function*() {
      const broken = Stream.concat(Stream.fromIterable(batchesOf(mixedStream())), Stream.fail("broken" as const))
      assert.strictEqual(yield* Effect.flip(ArrowTable.fromBatches(broken)), "broken")
    }))
})
