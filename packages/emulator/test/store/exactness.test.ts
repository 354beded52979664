/** A value of a wider type in a narrower one: the very value, or the column says what it cannot be. */
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as FastCheck from "fast-check"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { parquetOf } from "../parquetFile.ts"
import { translate } from "../sql/database.ts"
import { imported, read, typesOf, unique } from "./fixtures.ts"

/** A number that is written out, as one text for each number: the digits, and where the point is. */
const canonical = (text: string): string => {
  const [, sign, whole, fraction = "", exponent = "0"] = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/.exec(text) ??
    assert.fail(`no number: ${text}`)
  const digits = (whole! + fraction).replace(/^0+/, "")
  const kept = digits.replace(/0+$/, "")
  const point = Number(exponent) - fraction.length + digits.length - kept.length
  return kept === "" ? "0" : `${sign === "-" ? "-" : ""}${kept}e${point}`
}

const integersOf = (type: string, least: bigint, most: bigint) => ({
  type,
  edges: [
    least,
    least + 1n,
    -(2n ** 53n) - 1n,
    -1n,
    0n,
    1n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    2n ** 63n,
    most - 1n,
    most
  ].filter((each) => each >= least && each <= most).map(String),
  random: FastCheck.bigInt({ min: least, max: most }).map(String)
})

const decimalOf = (width: number, scale: number) => {
  const most = 10n ** BigInt(width) - 1n
  const write = (scaled: bigint): string => {
    const digits = String(scaled < 0n ? -scaled : scaled).padStart(scale + 1, "0")
    const point = digits.length - scale
    return `${scaled < 0n ? "-" : ""}${digits.slice(0, point)}${scale === 0 ? "" : `.${digits.slice(point)}`}`
  }
  return {
    type: `DECIMAL(${width}, ${scale})`,
    edges: [most, -most, most - 1n, 1n, 0n].map(write),
    random: FastCheck.bigInt({ min: -most, max: most }).map(write)
  }
}

const types = [
  integersOf("TINYINT", -128n, 127n),
  integersOf("SMALLINT", -32_768n, 32_767n),
  integersOf("INTEGER", -(2n ** 31n), 2n ** 31n - 1n),
  integersOf("BIGINT", -(2n ** 63n), 2n ** 63n - 1n),
  integersOf("UTINYINT", 0n, 255n),
  integersOf("USMALLINT", 0n, 65_535n),
  integersOf("UINTEGER", 0n, 2n ** 32n - 1n),
  integersOf("UBIGINT", 0n, 2n ** 64n - 1n),
  ...[1, 15, 16, 18, 19, 38].flatMap((width) =>
    [0, 9, width].flatMap((scale) => scale <= width ? [decimalOf(width, scale)] : [])
  )
]

/** Not what DuckDB writes into a file as it is. */
const wide = [
  integersOf("HUGEINT", -(2n ** 127n) + 1n, 2n ** 127n - 1n),
  integersOf("UHUGEINT", 0n, 2n ** 128n - 1n),
  integersOf("BIGNUM", -(10n ** 60n), 10n ** 60n)
]

/** Columns of one type: each edge by itself, all of them, and some others. */
const columnsOf = ({ edges, random, type }: (typeof types)[number]) =>
  [
    ...edges.map((edge) => [edge]),
    edges,
    ...FastCheck.sample(FastCheck.array(random, { maxLength: 4 }), {
      numRuns: 2,
      seed: 11
    })
  ].map((values) => ({ type, values }))

type Column = ReturnType<typeof columnsOf>[number]

const sqlOf = (columns: ReadonlyArray<Column>): string => {
  const height = Math.max(...columns.map(({ values }) => values.length))
  return Array.from(
    { length: height },
    (_, row) =>
      `SELECT ${
        columns.map(({ type, values }, index) =>
          `CAST(${values[row] === undefined ? "NULL" : `'${values[row]}'`} AS ${type}) AS c${index}`
        ).join(", ")
      }`
  ).join(" UNION ALL ")
}

/** Those whose values came back as others. */
const changed = (columns: ReadonlyArray<Column>, csv: string): ReadonlyArray<string> => {
  const rows = csv.trim().split("\n").slice(1).map((row) => row.split(","))
  return columns.flatMap(({ type, values }, index) =>
    values.flatMap((value, row) => {
      const found = rows[row]![index]!
      return canonical(found) === canonical(value) ? [] : [`${value} of ${type} became ${found}`]
    })
  )
}

const query = (sql: string, columnTypes?: Readonly<Record<string, "integer" | "float" | "string">>) =>
  Effect.gen(function*() {
    const store = yield* Store
    const made = yield* store.queries.create({ owner: "someone", sql: "as written" })
    const source = { kind: "query", queryId: made.id } as const
    return { query: yield* store.queries.execute(made.id, { sql, relations: [], columnTypes }), source }
  })

layer(StoreDuckDB.layer())("a wider value", (it) => {
  it.effect("of a parquet file is the same number, whatever its type", () =>
    Effect.gen(function*() {
      const columns = types.flatMap(columnsOf)
      const { source, upload } = yield* imported(yield* parquetOf(sqlOf(columns)), { name: unique("n") + ".parquet" })
      assert.strictEqual(upload.errorMessage, null)
      assert.deepStrictEqual(changed(columns, yield* read(source, "csv")), [])
      const found = yield* typesOf(source)
      assert.isAbove(found.filter((type) => type.endsWith(": integer")).length, 50)
      assert.isAbove(found.filter((type) => type.endsWith(": float")).length, 50)
    }))

  it.effect("of a result is the same number, whatever its type, or the column is named", () =>
    Effect.gen(function*() {
      const columns = types.flatMap(columnsOf)
      const { query: made, source } = yield* query(sqlOf(columns.filter(({ type }) => type !== "UBIGINT")))
      assert.strictEqual(made.errorMessage, null)
      assert.deepStrictEqual(
        changed(columns.filter(({ type }) => type !== "UBIGINT"), yield* read(source, "csv")),
        []
      )
      for (const column of [...wide, integersOf("UBIGINT", 0n, 2n ** 64n - 1n)].flatMap(columnsOf)) {
        const { query: made, source } = yield* query(sqlOf([column]))
        if (column.values.every((value) => BigInt.asIntN(64, BigInt(value)) === BigInt(value))) {
          assert.strictEqual(made.errorMessage, null, String(column.values))
          assert.deepStrictEqual(changed([column], yield* read(source, "csv")), [])
        } else {
          assert.strictEqual(made.errorMessage, "The column c0 has an integer that 64 bits do not hold")
        }
      }
    }))

  it.effect("within a list of a file keeps its digits", () =>
    Effect.gen(function*() {
      const columns = types.map(({ edges, type }) => ({ type, values: edges }))
      const lists = columns.map(({ type, values }, index) =>
        `[${values.map((value) => `CAST('${value}' AS ${type})`).join(", ")}] AS c${index}`
      )
      const { source, upload } = yield* imported(yield* parquetOf(`SELECT ${lists.join(", ")}`), {
        name: unique("n") + ".parquet"
      })
      assert.strictEqual(upload.errorMessage, null)
      const cells: ReadonlyArray<string> = JSON.parse((yield* read(source, "ndjson")).trim())
      const wrong = columns.flatMap(({ type, values }, index) => {
        const found = cells[index]!.replaceAll(/[[\]"]/g, "").split(",")
        return values.filter((value, place) => canonical(found[place]!) !== canonical(value)).map((value) =>
          `${value} of ${type} in ${cells[index]}`
        )
      })
      assert.deepStrictEqual(wrong, [])
    }))

  it.effect("of a NUMERIC is a float of the same digits, or fails its column with what to do", () =>
    Effect.gen(function*() {
      const isFloat = (text: string): boolean => canonical(String(Number(text))) === canonical(text)
      const decimals = decimalOf(38, 9)
      const columns: ReadonlyArray<ReadonlyArray<string>> = [
        ...decimals.edges,
        "0.1",
        "123456789.123456",
        "1e22",
        "9007199254740993",
        "9223372036854775807",
        "12345678901234567.89",
        ...FastCheck.sample(decimals.random, { numRuns: 5, seed: 3 }),
        ...FastCheck.sample(decimalOf(15, 9).random, { numRuns: 10, seed: 3 })
      ].map((value) => [value])
      for (const values of [...columns, ["0.5", "9007199254740993"], ["0.5", "0.000000001"]]) {
        const written = `select x as total from unnest([${values.map((each) => `numeric '${each}'`).join(", ")}]) as x`
        const { columns, sql } = Result.getOrThrow(translate(written))
        const { query: made, source } = yield* query(
          sql,
          Object.fromEntries(columns.map(({ name, type }) => [name, type as "float"]))
        )
        if (values.every(isFloat)) {
          assert.strictEqual(made.errorMessage, null)
          assert.deepStrictEqual(made.outputSchema, [{ name: "total", type: "float" }])
          assert.deepStrictEqual(
            (yield* read(source, "csv")).trim().split("\n").slice(1).map(canonical),
            values.map(canonical)
          )
        } else {
          assert.match(made.errorMessage!, /^The column total has a NUMERIC .* CAST it AS STRING .* FLOAT64/)
        }
      }
    }))

  it.effect("of a moment beyond microseconds or the range is the same moment, or the import says so", () =>
    Effect.gen(function*() {
      const texts = [
        "TIMESTAMP_S '0001-01-01 00:00:00'",
        "TIMESTAMP_S '9999-12-31 23:59:59'",
        "TIMESTAMP_MS '9999-12-31 23:59:59.999'",
        "TIMESTAMP_NS '2262-04-11 23:47:16.854775'",
        "TIMESTAMP '9999-12-31 23:59:59.999999'",
        "DATE '0001-01-01'",
        "DATE '9999-12-31'",
        "TIME '23:59:59.999999'"
      ]
      const { source, upload } = yield* imported(
        yield* parquetOf(`SELECT ${texts.map((text, index) => `${text} AS c${index}`).join(", ")}`),
        { name: unique("n") + ".parquet" }
      )
      assert.strictEqual(upload.errorMessage, null)
      assert.deepStrictEqual(
        (yield* read(source, "csv")).trim().split("\n")[1]!.split(",").map((each) => each.replace("T", " ")),
        texts.map((text) => text.slice(text.indexOf("'") + 1, -1)).map((text) => text.replace(/\.(\d{3})$/, ".$1000"))
      )
    }))
})
