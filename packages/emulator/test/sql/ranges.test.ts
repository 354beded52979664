import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { DuckDBConnection } from "@duckdb/node-api"
import * as Result from "effect/Result"
import { aliases } from "../../src/sql/functions/aliases.ts"
import { functions } from "../../src/sql/functions/index.ts"
import { explain } from "../../src/sql/runtimeErrors.ts"
import * as Types from "../../src/sql/types.ts"
import { type Cell } from "../../src/sql/constructs/Construct.ts"
import { open, run, translate } from "./database.ts"

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await open()
  await connection.run("SET threads = 1")
})

/** The value, or what the query fails with. */
const outcome = async (expression: string, from = ""): Promise<Cell | { readonly message: string }> => {
  const result = translate(`select ${expression} as a ${from}`)
  if (Result.isFailure(result)) return { message: result.failure.message }
  try {
    return (await run(connection, result.success))[0]![0]!
  } catch (thrown) {
    return { message: explain(thrown instanceof Error ? thrown.message : String(thrown)) }
  }
}

const big =
  "(select 1.1e308 as x, -1.1e308 as y, 1e-300 as s, 1e300 as l, 9223372036854775807 as i, -9223372036854775808 as j)"
const numerics = "unnest([numeric '99999999999999999999999999999', numeric '99999999999999999999999999999']) as x"
const early =
  "(select date '0001-01-01' as d, timestamp '0001-01-01 00:00:00' as t, datetime '0001-01-01 00:00:00' as m)"
const late =
  "(select date '9999-12-31' as d, timestamp '9999-12-31 23:59:59' as t, datetime '9999-12-31 23:59:59' as m)"

/** What lies beyond the range of its type, and a part of what is said. */
const beyond: ReadonlyArray<readonly [expression: string, message: RegExp, from?: string]> = [
  ["1e300 / 1e-300", /double overflow/],
  ["1.1e308 * 10", /double overflow/],
  ["1.1e308 + 1.1e308", /double overflow/],
  ["-1.1e308 - 1.1e308", /double overflow/],
  ["x * 10", /double overflow/, `from ${big}`],
  ["x + x", /double overflow/, `from ${big}`],
  ["y - x", /double overflow/, `from ${big}`],
  ["l / s", /double overflow/, `from ${big}`],
  ["1 / (x * 10)", /double overflow/, `from ${big}`],
  ["(x + x) - (x + x) + 1", /double overflow/, `from ${big}`],
  ["1 / 0", /division by zero/],
  ["x / (s - s)", /division by zero/, `from ${big}`],
  ["sum(x)", /double overflow/, "from unnest([1.1e308, 1.1e308]) as x"],
  ["sum(x) over ()", /double overflow/, "from unnest([1.1e308, 1.1e308]) as x"],
  ["exp(1000)", /Floating point error/],
  ["pow(10, 400)", /Floating point error/],
  ["cosh(1000)", /Floating point error/],
  ["sqrt(-1)", /Floating point error/],
  ["ln(0)", /Floating point error/],
  ["acos(2)", /Floating point error/],
  ["round(1.7976931348623157e308, -308)", /Floating point error/],
  ["var_pop(x)", /Floating point error/, "from unnest([1e300, -1e300]) as x"],
  ["covar_pop(x, x)", /Floating point error/, "from unnest([1e300, -1e300]) as x"],
  ["9223372036854775807 + 1", /int64 overflow: 9223372036854775807 \+ 1/],
  ["j - 1", /int64 overflow: -9223372036854775808 - 1/, `from ${big}`],
  ["i * 2", /int64 overflow: 9223372036854775807 \* 2/, `from ${big}`],
  ["-j", /int64 overflow/, `from ${big}`],
  ["abs(j)", /int64 overflow/, `from ${big}`],
  ["div(j, -1)", /int64 overflow/, `from ${big}`],
  ["sum(x)", /int64/, "from unnest([9223372036854775807, 1]) as x"],
  ["cast(1e300 as int64)", /int64 out of range/],
  ["cast('9223372036854775808' as int64)", /Bad int64 value: 9223372036854775808/],
  ["sum(x)", /numeric overflow/, `from ${numerics}`],
  ["sum(x) over ()", /numeric overflow/, `from ${numerics}`],
  ["sum(x)", /numeric overflow/, "from unnest([numeric '99999999999999999999999999999', numeric '1']) as x"],
  ["x + x", /numeric overflow/, `from ${numerics} limit 1`],
  ["x * x", /numeric overflow/, `from ${numerics} limit 1`],
  ["- x - x", /numeric overflow/, `from ${numerics} limit 1`],
  ["round(x + numeric '0.9')", /numeric overflow/, `from ${numerics} limit 1`],
  ["cast(1e30 as numeric)", /numeric overflow/],
  ["cast('1e30' as numeric)", /numeric overflow/],
  ["date_add(d, interval 1 day)", /Date value out of range/, `from ${late}`],
  ["date_sub(d, interval 1 day)", /Date value out of range/, `from ${early}`],
  ["date_add(d, interval 1 month)", /Date value out of range/, `from ${late}`],
  ["date_add(d, interval 9223372036854775807 day)", /out of range|overflow/, `from ${late}`],
  ["d + 1", /Date value out of range/, `from ${late}`],
  ["d - 1", /Date value out of range/, `from ${early}`],
  ["date_trunc(d, week)", /Date value out of range/, `from ${early}`],
  [
    "date_trunc(d, isoweek)",
    /Date value out of range|^0001-01-01/,
    `from (select date '0001-01-06' as d) where false union all select date '0001-12-31' + 4000000`
  ],
  ["datetime_trunc(m, week)", /Datetime value out of range/, `from ${early}`],
  ["timestamp_trunc(t, week)", /Timestamp value out of range/, `from ${early}`],
  ["datetime_add(m, interval 1 hour)", /Datetime value out of range/, `from ${late}`],
  ["timestamp_add(t, interval 1 minute)", /Timestamp value out of range/, `from ${late}`],
  ["m + interval 1 day", /Datetime value out of range/, `from ${late}`],
  ["t - interval 1 day", /Timestamp value out of range/, `from ${early}`],
  ["last_day(d, week)", /Date value out of range/, `from ${late}`],
  ["extract(date from t at time zone '+01:00')", /Date value out of range/, `from ${late}`],
  ["extract(date from t at time zone 'America/New_York')", /Date value out of range/, `from ${early}`],
  ["date(t, '+01')", /Date value out of range/, `from ${late}`],
  ["datetime(t, '+01')", /Datetime value out of range/, `from ${late}`],
  ["timestamp('0001-01-01 00:00:00', '+01')", /Timestamp value out of range/],
  ["timestamp(m, '-01')", /Timestamp value out of range/, `from ${late}`],
  ["cast('9999-12-31 23:59:59-01' as timestamp)", /Timestamp value out of range/],
  ["timestamp_seconds(253402300800)", /Timestamp value out of range/],
  ["timestamp_micros(9223372036854775807)", /Timestamp value out of range/],
  ["date_from_unix_date(2932897)", /Date value out of range/],
  ["date(0, 1, 1)", /Date value out of range/],
  ["date(2021, 2, 29)", /Date value out of range: 2021-2-29/],
  ["date(10000, 1, 1)", /Date value out of range/],
  ["datetime(10000, 1, 1, 0, 0, 0)", /Datetime value out of range|Date value out of range/],
  ["time(24, 0, 0)", /Invalid TIME value|out of range/],
  ["parse_date('%Y', '0000')", /Date value out of range/],
  ["parse_date('%bch', 'march')", /does not fit the format/],
  ["parse_date('%Buary', 'January')", /does not fit the format/],
  ["date '2021-02-29'", /Invalid DATE value: "2021-02-29" at \[1:8\]/],
  ["time '24:00:00'", /Invalid TIME value/],
  ["timestamp '2020-01-01 00:00:00 Nowhere/Land'", /Invalid TIMESTAMP value/],
  ["cast('2021-02-29' as date)", /Invalid date or time: 2021-02-29/],
  ["cast('yes' as bool)", /Invalid BOOL value: yes/],
  ["'x' like 'x\\\\'", /LIKE pattern ends with a backslash/],
  ["'x' like p", /LIKE pattern ends with a backslash/, "from unnest(['a\\\\']) as p"],
  ["'x' like any ('y', 'x\\\\')", /LIKE pattern ends with a backslash/],
  ["chr(55296)", /Invalid codepoint/],
  ["chr(-1)", /Invalid codepoint/],
  ["code_points_to_string([1114112])", /Invalid codepoint/],
  ["[1][offset(1)]", /Array index is out of bounds/],
  ["(select x from unnest([1, 2]) as x)", /Scalar subquery produced more than one element/],
  ["error('of DuckDB')", /^of DuckDB$/],
  ["regexp_contains('a', '(')", /Cannot parse regular expression: missing \)/],
  ["from_base64('x') is null", /base64/],
  ["from_hex('x') is null", /hexadecimal/],
  ["repeat('abc', 1000000000)", /too large/]
]

/** What lies within, and what GoogleSQL's reference gives. */
const within: ReadonlyArray<readonly [expression: string, value: Cell, from?: string]> = [
  ["cast('inf' as float64) + 1", "Infinity"],
  ["cast('inf' as float64) * 0", "NaN"],
  ["1 / cast('inf' as float64)", 0],
  ["sum(x)", "Infinity", "from unnest([1, cast('inf' as float64)]) as x"],
  ["sum(x)", 0, "from unnest([1.1e308, 1.1e308, -1.1e308, -1.1e308]) as x"],
  ["avg(x)", 1.1e308, "from unnest([1.1e308, 1.1e308]) as x"],
  ["is_nan(ieee_divide(0, 0)) and ieee_divide(0, 0) <> ieee_divide(0, 0)", true],
  ["round(1e-308, 308)", 1e-308],
  ["round(1.1125369292536007e-308, 311)", 1.113e-308],
  ["round(4.94e-324, 323)", 0],
  ["round(4.94e-324, 324)", 4.94e-324],
  ["trunc(1.1125369292536007e-308, 311)", 1.112e-308],
  ["trunc(4.94e-324, 323)", 0],
  ["trunc(1.7976931348623157e308, -308)", 1e308],
  ["round(3.1415925, 9223372036854775807)", 3.1415925],
  ["round(3.1415925, -9223372036854775808)", 0],
  ["stddev_samp(x)", null, "from unnest([cast('inf' as float64)]) as x"],
  ["var_samp(x)", null, "from unnest([cast('nan' as float64)]) as x"],
  ["covar_samp(x, 1)", null, "from unnest([cast('-inf' as float64)]) as x"],
  ["is_nan(stddev_samp(x))", true, "from unnest([cast('inf' as float64), 1]) as x"],
  ["is_nan(var_pop(x))", true, "from unnest([cast('inf' as float64)]) as x"],
  [
    "cast(sum(x) as string)",
    "99999999999999999999999999999",
    "from unnest([numeric '99999999999999999999999999998', numeric '1']) as x"
  ],
  ["date_trunc(d, month)", "9999-12-01", `from ${late}`],
  ["date_trunc(d, year)", "0001-01-01", `from ${early}`],
  ["array_length(generate_date_array(d, d, interval 1 month))", 1, `from ${late}`],
  ["safe.date_add(d, interval 1 day)", null, `from ${late}`],
  ["safe.date_trunc(timestamp '2020-01-31 10:00:00', day)", "2020-01-31 00:00:00"],
  ["safe_cast('9999-12-31 23:59:59-01' as timestamp)", null],
  ["safe.exp(1000)", null],
  ["parse_date('%b', 'march')", "1970-03-01"],
  ["parse_date('%B %Y', 'may 2020')", "2020-05-01"],
  ["parse_date('%bx', 'marx')", "1970-03-01"],
  ["length(chr(0))", 1],
  ["substr('abc', 9223372036854775807)", ""],
  ["substr('abc', x, 9223372036854775807)", "abc", "from unnest([-9223372036854775808]) as x"],
  ["left('abc', x)", "abc", "from unnest([9223372036854775807]) as x"],
  ["right('abc', 9223372036854775807)", "abc"],
  ["instr('abc', 'a', 9223372036854775807)", 0],
  ["'a\\\\' like 'a\\\\\\\\'", true],
  ["array_to_string(['a', null, 'b'], concat('-', x))", "a-+b", "from unnest(['+']) as x"],
  ["array_to_string(['a', null, 'b'], x, concat('?', x))", "a|?||b", "from unnest(['|']) as x"],
  ["array_to_string(cast([] as array<string>), x)", "", "from unnest(['|']) as x"],
  ["string_agg(x, concat('-', '+'))", "a-+b", "from unnest(['a', 'b']) as x"],
  ["string_agg(x, '-' || (select '+'))", "a-+b", "from unnest(['a', 'b']) as x"],
  ["split('a-+b', concat('-', x))[offset(1)]", "b", "from unnest(['+']) as x"],
  ["format('%t', regexp_extract_all('aabca', 'a*')[offset(1)])", ""],
  ["array_to_string(regexp_extract_all('aabca', 'a*'), ',')", "aa,,,a"],
  ["array_to_string(regexp_extract_all('abc', 'x*'), ',')", ",,"],
  ["array_length(regexp_extract_all('abc', '$'))", 1],
  ["array_length(regexp_extract_all('', 'x*'))", 1],
  ["array_length(regexp_extract_all('this_is__a___Test', '(.*?)(?:_|$)'))", 7],
  ["array_to_string(regexp_extract_all('this_is__a___Test', '(.*?)(?:_|$)'), ',')", "this,is,,a,,,Test"],
  ["array_length(regexp_extract_all(' ab', r'\\b'))", 2],
  ["array_to_string(regexp_extract_all('é1é2', '[0-9]?'), ',')", ",1,,2"],
  ["regexp_replace('aabca', 'a*', '-')", "-b-c-"],
  ["nullif(length(x), (select max(y) from unnest([3]) as y))", null, "from unnest(['abc']) as x"],
  [
    "case lower(concat(x, 'dddddddddddddddddddddddddddddddddddddddddddddddddddd')) when (select 'b') then 1 else (select 2) end",
    2,
    "from unnest(['abc']) as x"
  ],
  ["round(sum(x) over (), (select 1))", 0.3, "from unnest([0.1, 0.2]) as x limit 1"]
]

const messageOf = (found: Awaited<ReturnType<typeof outcome>>): string =>
  typeof found === "object" && found !== null ? found.message : `the value ${found}`

describe("what lies beyond the range of its type fails", () => {
  for (const [expression, message, from] of beyond) {
    it(
      `${expression} ${from ?? ""}`.slice(0, 120),
      async () => assert.match(messageOf(await outcome(expression, from)), message)
    )
  }
})

describe("what lies within is given", () => {
  for (const [expression, wanted, from] of within) {
    it(
      `${expression} ${from ?? ""}`.slice(0, 120),
      async () => assert.deepStrictEqual(await outcome(expression, from), wanted)
    )
  }
})

/** Values at the edge of each type. */
const edges: Readonly<Record<string, ReadonlyArray<string>>> = {
  INT64: ["0", "-1", "9223372036854775807", "-9223372036854775808", "3000000000"],
  FLOAT64: [
    "0.0",
    "-1.5",
    "1.7e308",
    "-1.7e308",
    "5e-324",
    "cast('inf' as float64)",
    "cast('-inf' as float64)",
    "cast('nan' as float64)"
  ],
  NUMERIC: [
    "numeric '0'",
    "numeric '99999999999999999999999999999.999999999'",
    "numeric '-99999999999999999999999999999.999999999'"
  ],
  BOOL: ["false", "true"],
  STRING: ["''", "'\\\\'", "'('", "'%'", "'é'", "chr(0)", "'0000-00-00'", "'UTC'", "'[1'", "'99999999999999999999'"],
  BYTES: ["b''", "b'\\xff'"],
  DATE: ["date '0001-01-01'", "date '9999-12-31'"],
  DATETIME: ["datetime '0001-01-01 00:00:00'", "datetime '9999-12-31 23:59:59.999999'"],
  TIME: ["time '00:00:00'", "time '23:59:59.999999'"],
  TIMESTAMP: ["timestamp '0001-01-01 00:00:00'", "timestamp '9999-12-31 23:59:59.999999'"],
  "ARRAY<INT64>": ["cast([] as array<int64>)", "[-1, 9223372036854775807, null]"],
  "ARRAY<STRING>": ["cast([] as array<string>)", "['', null]"]
}

const raw: Readonly<Record<string, ReadonlyArray<string>>> = {
  ADD: ["interval 9223372036854775807 day", "interval -1 day", "interval 3000000000 month", "interval 1 microsecond"],
  SUB: ["interval 9223372036854775807 day", "interval -1 day", "interval -9223372036854775808 hour"],
  TRUNC: ["week", "isoyear", "quarter", "hour"],
  DIFF: ["microsecond", "week", "year"],
  DAY: ["week", "quarter", "isoweek"]
}

/** Of DuckDB and of the translation, none of which is GoogleSQL's. */
const foreign =
  /duckdb|binder|catalog|Error:|INT128|HUGEINT|BIGINT|VARCHAR|DECIMAL|DOUBLE|lambda|list_|struct_|LINE \d|::|explicit|TRY\(|SET |andidate/

describe("of every function, with values at the edges of their types", () => {
  it("no failure says a word of DuckDB's", async () => {
    const statements: Array<string> = []
    for (const [name, definition] of Object.entries(functions)) {
      // millions of days take long
      if (name in aliases || name === "ERROR" || name === "GENERATE_DATE_ARRAY" || definition.kind === "window") {
        continue
      }
      for (const { isVariadic, parameters } of definition.signatures) {
        const all = isVariadic ? [...parameters, parameters.at(-1)!] : parameters
        const values = all.map((parameter) =>
          parameter.kind === "raw"
            ? raw[name.split("_").at(-1)!] ?? ["'UTC'"]
            : parameter.kind === "of"
            ? edges[Types.show(parameter.type)] ?? ["null"]
            : parameter.kind === "anyArray"
            ? edges["ARRAY<INT64>"]!
            : edges["INT64"]!
        )
        const count = Math.max(1, ...values.map((each) => each.length))
        for (let index = 0; index < count; index++) {
          for (let shift = 0; shift < Math.min(all.length, 2); shift++) {
            const given = values.map((each, place) => each[(index + shift * place) % each.length]!)
            statements.push(`${name.toLowerCase()}(${given.join(", ")})`)
          }
        }
      }
    }
    const failed: Array<string> = []
    let count = 0
    for (const statement of new Set(statements)) {
      const result = translate(`select ${statement} is null as a from unnest([1, 2]) as one`)
      if (Result.isFailure(result)) continue
      count++
      try {
        await run(connection, result.success)
      } catch (thrown) {
        failed.push(`${statement}: ${explain(thrown instanceof Error ? thrown.message : String(thrown))}`)
      }
    }
    assert.isAbove(count, 500)
    assert.isAbove(failed.length, 50)
    // what the table of messages does not know points to a mistake of the translation's own
    assert.deepStrictEqual(failed.filter((each) => foreign.test(each) || each.includes("could not be computed")), [])
  }, 60_000)

  it("and what nobody foresaw is told without them", () => {
    for (
      const message of [
        "Binder Error: No function matches 'list_foo(VARCHAR)'",
        "INTERNAL Error: Attempted to dereference"
      ]
    ) {
      assert.notMatch(explain(message), foreign)
    }
    assert.strictEqual(explain("Invalid Input Error: \u0002my own words"), "my own words")
  })
})
