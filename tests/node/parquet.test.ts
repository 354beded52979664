/** Parquet files of ours, read by DuckDB. */
import { DuckDBInstance } from "@duckdb/node-api"
import * as Parquet from "@effect-redivis/core/Parquet"
import * as Table from "@effect-redivis/core/Table"
import * as Variable from "@effect-redivis/core/Variable"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as FastCheck from "fast-check"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-parquet-"))
let duckdb: DuckDBInstance

beforeAll(async () => void (duckdb = await DuckDBInstance.create(":memory:")))
afterAll(() => {
  duckdb.closeSync()
  Fs.rmSync(folder, { recursive: true })
})

let files = 0

const written = <E, R>(rows: Stream.Stream<object, E, R>, options: Parquet.Options) =>
  Effect.gen(function*() {
    const file = Path.join(folder, `${++files}.parquet`)
    const parts = yield* Stream.runCollect(Parquet.fromRows(rows, options))
    Fs.writeFileSync(file, Buffer.concat(parts))
    return file
  })

/** The names, the types and the values of a file's columns, those of time as their counts. */
const readByDuckdb = async (file: string) => {
  const connection = await duckdb.connect()
  try {
    const result = await connection.runAndReadAll(`select * from read_parquet('${file}')`)
    return {
      types: result.columnTypes().map(String),
      rows: result.getRows().map((row) =>
        row.map((value) =>
          typeof value !== "object" || value === null
            ? value
            : "micros" in value
            ? value.micros
            : "days" in value
            ? value.days
            : String(value)
        )
      )
    }
  } finally {
    connection.closeSync()
  }
}

const exact = (value: unknown): string => Object.is(value, -0) ? "-0" : `${typeof value} ${String(value)}`

/** Per type: values in the form in which they are stored, and what DuckDB calls them. */
const types: Record<string, readonly [values: FastCheck.Arbitrary<unknown>, duckdb: string]> = {
  string: [FastCheck.string({ unit: "grapheme" }).filter((text) => text.isWellFormed()), "VARCHAR"],
  geography: [FastCheck.constantFrom("POINT(1 2)", "LINESTRING(0 0, 1 1)"), "VARCHAR"],
  integer: [FastCheck.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), "BIGINT"],
  float: [FastCheck.oneof(FastCheck.double(), FastCheck.constantFrom(0, -0, NaN, Infinity)), "DOUBLE"],
  boolean: [FastCheck.boolean(), "BOOLEAN"],
  date: [FastCheck.integer({ min: -700_000, max: 2_000_000 }), "DATE"],
  time: [FastCheck.bigInt({ min: 0n, max: 86_399_999_999n }), "TIME"],
  dateTime: [FastCheck.bigInt({ min: -(10n ** 16n), max: 10n ** 17n }), "TIMESTAMP"]
}

const tables = FastCheck.array(FastCheck.constantFrom(...Object.keys(types)), { minLength: 1, maxLength: 8 })
  .chain((chosen) =>
    FastCheck.record({
      variables: FastCheck.constant(chosen.map((type, index) => ({ name: `v${index}`, type }))),
      rows: FastCheck.array(
        FastCheck.tuple(...chosen.map((type) => FastCheck.option(types[type]![0], { freq: 9 }))),
        { maxLength: 80 }
      )
    })
  )

describe("a file by Parquet.fromRows", () => {
  it("holds for DuckDB the rows that were written, in their types", { timeout: 120_000 }, () =>
    FastCheck.assert(
      FastCheck.asyncProperty(tables, FastCheck.integer({ min: 1, max: 90 }), async (table, rowGroupSize) => {
        const objects = table.rows.map((row) => Object.fromEntries(row.map((value, index) => [`v${index}`, value])))
        const file = await Effect.runPromise(
          written(Stream.fromIterable(objects), { variables: table.variables, rowGroupSize })
        )
        const found = await readByDuckdb(file)
        assert.deepStrictEqual(found.types, table.variables.map(({ type }) => types[type]![1]))
        assert.deepStrictEqual(found.rows.map((row) => row.map(exact)), table.rows.map((row) => row.map(exact)))
      }),
      { numRuns: 100 }
    ))

  it.effect("is the table that was read, whichever way its values were given", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed({
        organizations: [{ name: "demo" }],
        datasets: [{
          owner: "demo",
          name: "moments",
          publicAccessLevel: "data",
          tables: [{
            name: "all",
            variables: Object.keys(types).map((type) => ({ name: type, type: type as "string" })), // a type each
            rows: [
              {
                string: "é",
                geography: "POINT(1 2)",
                integer: 42,
                float: -0.5,
                boolean: false,
                date: "1969-12-31",
                time: "03:04:05.000006",
                dateTime: "1600-02-29T23:59:59.999999"
              },
              Object.fromEntries(Object.keys(types).map((type) => [type, null]))
            ]
          }]
        }]
      })
      const variables = yield* Stream.runCollect(Variable.list({ table: "demo.moments.all" }))
      const choices: ReadonlyArray<Table.Values> = [
        {},
        { integer: "bigint", date: "days", time: "micros", dateTime: "micros" }
      ]
      for (const values of choices) {
        const file = yield* written(Table.rows("demo.moments.all", { values }), { variables })
        const { rows } = yield* Effect.promise(() => readByDuckdb(file))
        const at = BigInt(Date.UTC(1600, 1, 29, 23, 59, 59)) * 1000n + 999_999n
        assert.sameDeepMembers(rows.map((row) => row.map(exact)), [
          ["é", "POINT(1 2)", 42n, -0.5, false, -1, 11_045_000_006n, at].map(exact),
          variables.map(() => exact(null))
        ])
      }
    }).pipe(Effect.provide(Emulator.layerTest)))
})
