import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { DuckDBConnection } from "@duckdb/node-api"
import * as Result from "effect/Result"
import * as FastCheck from "fast-check"
import { open, run, translate } from "./database.ts"

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await open()
  await connection.run("SET threads = 1")
})

const unit = 10n ** 9n
const most = 10n ** 38n - 1n

/** Thousand millionths as GoogleSQL writes a NUMERIC. */
const textOf = (scaled: bigint): string => {
  const size = scaled < 0n ? -scaled : scaled
  const fraction = String(size % unit).padStart(9, "0").replace(/0+$/, "")
  return `${scaled < 0n ? "-" : ""}${size / unit}${fraction === "" ? "" : `.${fraction}`}`
}

/** The quotient, halves away from zero. */
const divided = (left: bigint, right: bigint): bigint => {
  const negative = (left < 0n) !== (right < 0n)
  const [top, bottom] = [left < 0n ? -left : left, right < 0n ? -right : right]
  const whole = (2n * top + bottom) / (2n * bottom)
  return negative ? -whole : whole
}

/** What the bits of a float say, in thousand millionths. */
const scaledOf = (float: number): bigint => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, float)
  const bits = view.getBigUint64(0)
  const exponent = Number(bits >> 52n & 0x7ffn)
  const fraction = bits & (1n << 52n) - 1n
  const mantissa = (exponent === 0 ? fraction : fraction | 1n << 52n) * (bits >> 63n === 1n ? -1n : 1n)
  const power = Math.max(exponent, 1) - 1075
  return power >= 0 ? mantissa * unit << BigInt(power) : divided(mantissa * unit, 1n << BigInt(-power))
}

const edges = [
  "0",
  "1",
  "0.1",
  "0.000000001",
  "9007199254740993",
  "9223372036854775807.5",
  "12345678901234567.123456789"
]
  .flatMap((text) => {
    const [whole = "", fraction = ""] = text.split(".")
    const scaled = BigInt(whole + fraction.padEnd(9, "0"))
    return [scaled, -scaled]
  })

const scaled = FastCheck.oneof(
  FastCheck.constantFrom(...edges, most, -most),
  FastCheck.bigInt({ min: -most, max: most }),
  FastCheck.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
  FastCheck.bigInt({ min: -(10n ** 12n), max: 10n ** 12n })
)

/** Each expression as text, in one query, or alone where one of them fails. */
const texts = async (expressions: ReadonlyArray<string>, from = ""): Promise<ReadonlyArray<string | null>> => {
  const sql = `select ${expressions.map((each, index) => `cast(${each} as string) as a${index}`).join(", ")} ${from}`
  return (await run(connection, Result.getOrThrow(translate(sql))))[0] as ReadonlyArray<string | null>
}

const column = (value: bigint): string => `(select cast('${textOf(value)}' as numeric) as x)`

describe("NUMERIC", () => {
  const pairs = FastCheck.sample(FastCheck.tuple(scaled, scaled), { numRuns: 40, seed: 7 })

  it("is computed to the last digit by operators and functions", async () => {
    const wanted: Array<readonly [expression: string, value: bigint]> = pairs.flatMap(([a, b]) => {
      const [x, y] = [`numeric '${textOf(a)}'`, `numeric '${textOf(b)}'`]
      const floor = a - (a % unit + unit) % unit
      const rounded = divided(a, unit) * unit
      const all: ReadonlyArray<readonly [string, bigint]> = [
        [`${x} + ${y}`, a + b],
        [`${x} - ${y}`, a - b],
        // what DuckDB multiplies in 128 bits has to fit there with 18 places
        ...(a * b < most && a * b > -most ? [[`${x} * ${y}`, divided(a * b, unit)] as const] : []),
        ...(b === 0n ? [] : [[`mod(${x}, ${y})`, a % b] as const]),
        [`- ${x}`, -a],
        [`abs(${x})`, a < 0n ? -a : a],
        [`round(${x})`, rounded],
        [`round(${x}, 2)`, divided(a, 10n ** 7n) * 10n ** 7n],
        [`trunc(${x})`, a / unit * unit],
        [`floor(${x})`, floor],
        [`ceil(${x})`, a % unit === 0n ? a : floor + unit],
        [`greatest(${x}, ${y})`, a > b ? a : b],
        [`if(${x} < ${y}, ${x}, ${y})`, a < b ? a : b],
        [`coalesce(cast(null as numeric), ${x})`, a]
      ]
      return all.filter(([, value]) => value <= most && value >= -most)
    })
    for (let start = 0; start < wanted.length; start += 100) {
      const some = wanted.slice(start, start + 100)
      const found = await texts(some.map(([expression]) => expression))
      assert.deepStrictEqual(
        some.map(([expression], index) => [expression, found[index]]),
        some.map(([expression, value]) => [expression, textOf(value)])
      )
    }
  }, 60_000)

  it("is gathered to the last digit", async () => {
    const values = pairs.map(([, b]) => b).filter((b) => b < most / 200n && b > -most / 200n)
    const sorted = values.toSorted((a, b) => a < b ? -1 : 1)
    const sum = values.reduce((a, b) => a + b)
    const from = `from unnest([${values.map((each) => `numeric '${textOf(each)}'`).join(", ")}]) as x`
    assert.deepStrictEqual(
      await texts(["sum(x)", "sum(distinct x)", "min(x)", "max(x)", "max_by(x, x)", "array_agg(x)[offset(1)]"], from),
      [
        sum,
        [...new Set(values)].reduce((a, b) => a + b),
        sorted[0]!,
        sorted.at(-1)!,
        sorted.at(-1)!,
        values[1]!
      ].map(textOf)
    )
  })

  it("of a FLOAT64 has the digits of that float, and of none beyond the range", async () => {
    const floats = [
      ...[
        "1e20",
        "1e28",
        "123456789.1234567891",
        "12345678901234567890",
        "5e-10",
        "1.5e-9",
        "2.5e-9",
        "-5e-10",
        "1e-300"
      ]
        .map(Number),
      0.1,
      -0,
      ...FastCheck.sample(FastCheck.double({ noNaN: true, min: -1e28, max: 1e28 }), { numRuns: 80, seed: 7 }),
      ...FastCheck.sample(FastCheck.double({ noNaN: true, min: -1e6, max: 1e6 }), { numRuns: 80, seed: 7 })
    ]
    const written = floats.map((each) => `cast(cast('${each}' as float64) as numeric)`)
    for (let start = 0; start < floats.length; start += 100) {
      assert.deepStrictEqual(
        await texts(written.slice(start, start + 100)),
        floats.slice(start, start + 100).map((each) => textOf(scaledOf(each)))
      )
    }
    assert.deepStrictEqual(
      await texts(
        ["1e30", "-1e300", "cast('inf' as float64)", "cast('nan' as float64)"].map((each) =>
          `safe_cast(${each} as numeric)`
        )
      ),
      [null, null, null, null]
    )
  })

  it("of a text has the digits that are written, whatever its exponent", async () => {
    const written = [
      "5e-11",
      "9e-38",
      "4.5e-10",
      "5e-10",
      "-5E-10",
      "0.45e-9",
      "44444.6e-13",
      "1.23456789012345e3",
      "+7e+3",
      "0e999",
      "1e28",
      "123456789012345678901234567890e-5",
      ".5e1",
      "5.e-1",
      "1e-999999999999",
      "0012e-2",
      "99.5e0",
      ...FastCheck.sample(
        FastCheck.tuple(
          FastCheck.constantFrom("", "-", "+"),
          FastCheck.stringMatching(/^[0-9]{1,12}$/),
          FastCheck.stringMatching(/^[0-9]{0,12}$/),
          FastCheck.integer({ min: -30, max: 15 })
        ),
        { numRuns: 30, seed: 7 }
      ).map(([sign, whole, fraction, exponent]) => `${sign}${whole}.${fraction}e${exponent}`)
    ]
    const wanted = written.map((text) => {
      const [, sign, whole, fraction = "", exponent] = /^([+-]?)(\d*)\.?(\d*)[eE]([+-]?\d+)$/.exec(text)!
      const power = Math.max(Math.min(Number(exponent), 40), -60) + 9 - fraction.length
      const digits = BigInt(`0${whole}${fraction}`) * (sign === "-" ? -1n : 1n)
      return textOf(power >= 0 ? digits * 10n ** BigInt(power) : divided(digits, 10n ** BigInt(-power)))
    })
    assert.deepStrictEqual(await texts(written.map((text) => `numeric '${text}'`)), wanted)
    assert.deepStrictEqual(await texts(written.map((text) => `cast('${text}' as numeric)`)), wanted)
    const from = `from unnest([${written.map((text) => `' ${text} '`).join(", ")}]) as x`
    assert.deepStrictEqual(
      await run(connection, Result.getOrThrow(translate(`select cast(cast(x as numeric) as string) as a ${from}`))),
      wanted.map((text) => [text])
    )
    assert.deepStrictEqual(
      await texts(["1e30", "1e999999999999", "-1e29"].map((text) => `safe_cast('${text}' as numeric)`)),
      [
        null,
        null,
        null
      ]
    )
  })

  it("is the nearest float where it becomes one, also beside one", async () => {
    const values = pairs.map(([a]) => a)
    const found = await run(
      connection,
      Result.getOrThrow(translate(
        `select ${
          values.map((each, index) =>
            `cast(numeric '${textOf(each)}' as float64) as a${index}, numeric '${
              textOf(each)
            }' + cast('0' as float64) as b${index}`
          ).join(", ")
        }`
      ))
    )
    assert.deepStrictEqual(found[0], values.flatMap((each) => [Number(textOf(each)), Number(textOf(each))]))
  })

  it("is an INT64 by its halves away from zero, and none that does not fit", async () => {
    for (const [a] of pairs.slice(0, 15)) {
      const whole = divided(a, unit)
      const fits = whole <= 2n ** 63n - 1n && whole >= -(2n ** 63n)
      assert.deepStrictEqual(await texts(["safe_cast(x as int64)"], `from ${column(a)}`), [fits ? String(whole) : null])
    }
  })
})
