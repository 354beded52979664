import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { DuckDBConnection } from "@duckdb/node-api"
import * as Result from "effect/Result"
import { functions } from "../../src/sql/functions/index.ts"
import * as Types from "../../src/sql/types.ts"
import { open, run, translate } from "./database.ts"

/** With several threads, which make the order of DuckDB's rows another each time. */
let connection: DuckDBConnection
beforeAll(async () => {
  connection = await open()
  await connection.run("SET threads = 4")
})

const rows = async (sql: string) => run(connection, Result.getOrThrow(translate(sql)))

const four = "(select 2 as x, 'b' as s union all select 1, 'a' union all select -2, 'b' union all select 3, 'c')"
const many = "(select mod(i * 7919, 5000) as x from unnest(generate_array(0, 20000)) as i)"

/** What comes without an order comes as its rows do, or in its own order where each comes once. */
const cases: ReadonlyArray<readonly [sql: string, rows: ReadonlyArray<ReadonlyArray<unknown>>]> = [
  [`select string_agg(cast(x as string)) as a from ${four}`, [["2,1,-2,3"]]],
  [`select array_to_string(array_agg(s), ',') as a from ${four}`, [["b,a,b,c"]]],
  [`select string_agg(distinct s) as a from ${four}`, [["a,b,c"]]],
  [`select array_to_string(array_agg(distinct s), ',') as a from ${four}`, [["a,b,c"]]],
  [`select array_to_string(array_agg(s limit 2), ',') as a from ${four}`, [["b,a"]]],
  [`select array_to_string(array_agg(s) over (), ',') as a from ${four} limit 1`, [["b,a,b,c"]]],
  [`select string_agg(s) over (partition by mod(x, 2)) as a from ${four} order by a`, [["a,c"], ["a,c"], ["b,b"], [
    "b,b"
  ]]],
  [`select mod(x, 2) as k, string_agg(s) as a from ${four} group by k order by k`, [[0, "b,b"], [1, "a,c"]]],
  [`select s, string_agg(cast(x as string)) as a from ${four} group by s`, [["a", "1"], ["b", "2,-2"], ["c", "3"]]],
  [`select string_agg(concat(l.s, r.s)) as a from ${four} as l join ${four} as r on l.x = r.x`, [["bb,aa,bb,cc"]]],
  [`select string_agg(l.s) as a from ${four} as l cross join unnest([1, 2])`, [["b,b,a,a,b,b,c,c"]]],
  [`with t as (select x, s from ${four}) select string_agg(s) as a from t`, [["b,a,b,c"]]],
  [`select string_agg(s) as a from (select distinct s from ${four})`, [["a,b,c"]]],
  [`select string_agg(s) as a from (select s from ${four} order by x)`, [["b,a,b,c"]]],
  [`select array_to_string(array(select s from ${four}), ',') as a`, [["b,a,b,c"]]],
  [`select array_to_string(array(select distinct s from ${four}), ',') as a`, [["a,b,c"]]],
  [`select array_to_string(array(select s from ${four} order by x desc), ',') as a`, [["c,b,a,b"]]],
  [`select a from ${four} pivot (string_agg(cast(x as string)) for s in ('b' as a))`, [["2,-2"]]],
  [`select string_agg(v) as a from (select 'p' as y, 'q' as z) unpivot (v for n in (y, z))`, [["p,q"]]],
  [`select distinct s from ${four}`, [["a"], ["b"], ["c"]]],
  [`select distinct s from ${four} limit 2`, [["a"], ["b"]]],
  [`select s, count(*) as n from ${four} group by s`, [["a", 1], ["b", 2], ["c", 1]]],
  [`select s from ${four} union distinct select 'd'`, [["a"], ["b"], ["c"], ["d"]]],
  [`select s from ${four} except distinct select 'a'`, [["b"], ["c"]]],
  [`select x from ${four}`, [[2], [1], [-2], [3]]],
  [`select s from (select distinct s from ${four}) where s <> 'b'`, [["a"], ["c"]]]
]

describe("without ORDER BY", () => {
  for (const [sql, wanted] of cases) {
    it(`every run gives the same: ${sql.slice(0, 100)}`, async () => {
      for (let count = 0; count < 6; count++) assert.deepStrictEqual(await rows(sql), wanted)
    })
  }

  it("every run gives the same of many rows too", async () => {
    for (
      const sql of [
        `select to_hex(md5(string_agg(cast(x as string)))) as a from ${many}`,
        `select to_hex(md5(string_agg(distinct cast(x as string)))) as a from ${many}`,
        `select to_hex(md5(array_to_string(array(select cast(x as string) from (select distinct x from ${many})), ','))) as a`
      ]
    ) {
      const first = await rows(sql)
      for (let count = 0; count < 4; count++) assert.deepStrictEqual(await rows(sql), first)
    }
  })

  it("what is random is so each time that it is written", async () => {
    const sql =
      "select a, b, c from (select 1 as k union all select 2) pivot (sum(rand()) for k in (1 as a, 1 as b, 2 as c))"
    const [[a, b, c]] = await rows(sql) as [[number, number, number]]
    assert.strictEqual(new Set([a, b, c]).size, 3)
    const [row] = await rows(
      "select sum(rand()) as a, sum(rand()) as b, rand() as c, rand() as d, generate_uuid() as e, generate_uuid() as f from birds group by rand() < 2"
    )
    assert.strictEqual(new Set(row).size, 6)
  })
})

describe("OVER", () => {
  const arguments_: Readonly<Record<string, string>> = {
    FLOAT64: "cast(n as float64)",
    NUMERIC: "cast(n as numeric)",
    INT64: "n",
    STRING: "species",
    BOOL: "ok",
    DATE: "d",
    DATETIME: "dt",
    TIMESTAMP: "cast(dt as timestamp)",
    TIME: "tm"
  }
  for (const [name, definition] of Object.entries(functions)) {
    if (definition.kind !== "aggregate") continue
    it(`may stand behind ${name}, as behind every function that gathers rows`, async () => {
      for (const { parameters } of definition.signatures) {
        if (parameters.length === 0) continue
        const given = parameters.map((parameter, place) =>
          place === 1 && name === "APPROX_QUANTILES"
            ? "2"
            : place === 1 && name === "STRING_AGG"
            ? "'-'"
            : arguments_[parameter.kind === "of" ? Types.show(parameter.type) : "INT64"]
        )
        const call = `${name}(${given.join(", ")})`
        const isArray = name === "ARRAY_AGG" || name === "APPROX_QUANTILES"
        const shown = (text: string): string => isArray ? `${text}[offset(0)]` : text
        const [plain] = await rows(`select ${shown(call)} as a from birds where n is not null`)
        assert.deepStrictEqual(
          await rows(`select ${shown(`${call} over ()`)} as a from birds where n is not null`),
          [plain, plain, plain],
          call
        )
        assert.strictEqual(
          (await rows(`select ${shown(`${call} over (partition by species order by n)`)} as a from birds`)).length,
          4
        )
      }
    })
  }
})
