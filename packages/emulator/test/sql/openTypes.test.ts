import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { DuckDBConnection } from "@duckdb/node-api"
import * as Result from "effect/Result"
import { open, run, translate } from "./database.ts"

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await open()
  await connection.run("SET threads = 1")
})

/** A literal of each type, and the type of its column. */
const typed: ReadonlyArray<readonly [literal: string, type: string]> = [
  ["'a'", "string"],
  ["1", "integer"],
  ["1.5", "float"],
  ["numeric '1.5'", "float"],
  ["true", "boolean"],
  ["date '2020-01-31'", "date"],
  ["datetime '2020-01-31 10:00:00'", "dateTime"],
  ["timestamp '2020-01-31 10:00:00'", "dateTime"],
  ["time '10:00:00'", "time"],
  ["st_geogpoint(1, 2)", "geography"]
]

/** Places in which NULL takes the type of what stands beside it: each gives one row of NULL, or none. */
const places: Readonly<Record<string, (literal: string) => string>> = {
  "UNION ALL, second": (literal) => `select ${literal} as x union all select null`,
  "UNION ALL, first": (literal) => `select null as x union all select ${literal}`,
  "UNION ALL of three": (literal) => `select null as x union all select null union all select ${literal}`,
  "UNION ALL of a subquery": (literal) => `select x from (select null as x) union all (select ${literal} limit 1)`,
  "UNION ALL of WITH": (literal) => `with t as (select null as x) select x from t union all select ${literal}`,
  "UNION ALL of WITH of WITH": (literal) =>
    `with t as (select null as x), u as (select x from t union all select null) select x from u union all select ${literal}`,
  "UNION ALL of CASE": (literal) => `select case when true then null end as x union all select ${literal}`,
  "UNION ALL of COALESCE": (literal) => `select coalesce(null, null) as x union all select ${literal}`,
  "UNION ALL of IF": (literal) => `select if(true, null, null) as x union all select ${literal}`,
  "UNION ALL of a query in parentheses": (literal) => `select (select null) as x union all select ${literal}`,
  "UNION ALL of UNNEST": (literal) => `select x from unnest([null]) as x union all select ${literal}`,
  "UNION ALL of a struct's field": (literal) => `select struct(null as f).f as x union all select ${literal}`,
  "UNION ALL of an array's element": (literal) => `select [null][offset(0)] as x union all select ${literal}`,
  "UNION ALL of MAX": (literal) => `select max(null) as x union all select ${literal}`,
  "UNION ALL of a LEFT JOIN": (literal) =>
    `select b.x from (select 1 as k) as a left join (select 2 as k, null as x) as b using (k) union all select ${literal}`,
  "COALESCE of a column": (literal) => `select coalesce(x, ${literal}) as x from (select null as x)`,
  "CASE of a column": (literal) => `select case when true then x else ${literal} end as x from (select null as x)`,
  "an array of a column": (literal) => `select e as x from (select null as c), unnest([c, ${literal}]) as e`,
  "a struct of a column": (literal) =>
    `select s.b as x from (select null as c), unnest([struct(1 as a, c as b), (2, ${literal})]) as s`,
  "an array beside another": (literal) => `select e as x from unnest(array_concat([null], [${literal}])) as e`,
  "an array of structs beside another": (literal) =>
    `select s.b as x from unnest(array_concat([struct(1 as a, null as b)], [struct(2 as a, ${literal} as b)])) as s`
}

/** Sets tell values apart, which places on the globe do not let them. */
const sets: Readonly<Record<string, (literal: string) => string>> = {
  "UNION DISTINCT": (literal) => `select null as x union distinct select ${literal}`,
  "INTERSECT": (literal) => `select null as x intersect distinct select ${literal}`,
  "EXCEPT": (literal) => `select null as x except distinct select ${literal}`,
  "IN": (literal) => `select ${literal} as x from (select null as y) where ${literal} in (y, ${literal})`,
  "IN of a query": (literal) =>
    `select ${literal} as x from (select null as y) where ${literal} in (select y union all select ${literal})`,
  "JOIN USING": (literal) => `select x from (select null as x) as a full join (select ${literal} as x) as b using (x)`,
  "NULLIF": (literal) => `select nullif(${literal}, y) as x from (select null as y)`
}

describe("a NULL without a type", () => {
  for (const [kind, all] of Object.entries({ places, sets })) {
    for (const [name, place] of Object.entries(all)) {
      it(`takes the one beside it, of ${kind}: ${name}`, async () => {
        for (const [literal, type] of typed) {
          if (kind === "sets" && type === "geography") continue
          const { columns, sql } = Result.getOrThrow(translate(place(literal)))
          assert.deepStrictEqual(columns.map((column) => column.type), [type], literal)
          await connection.run(`create or replace temp table kept as ${sql}`)
        }
      })
    }
  }

  it("gives the rows that a typed one would", async () => {
    const rows = async (sql: string) => run(connection, Result.getOrThrow(translate(sql)))
    assert.deepStrictEqual(await rows("select 'a' as x union all select null"), [["a"], [null]])
    assert.deepStrictEqual(await rows("select 'a' as x intersect distinct (select null union all select 'a')"), [["a"]])
    assert.deepStrictEqual(await rows("select 'a' as x except distinct select null"), [["a"]])
    assert.deepStrictEqual(
      await rows(
        "with t as (select 1 as id, null as d union all select 2, date '2020-01-01') select id, d from t order by d desc"
      ),
      [[2, "2020-01-01"], [1, null]]
    )
    assert.deepStrictEqual(await rows("select s.a, s.b from unnest([struct(null as a, 'b' as b), ('a', null)]) as s"), [
      [null, "b"],
      ["a", null]
    ])
  })

  it("is an integer where nothing says more", () => {
    for (
      const sql of ["select null as x", "select x from (select null as x)", "select null as x union all select null"]
    ) {
      assert.deepStrictEqual(Result.getOrThrow(translate(sql)).columns, [{ name: "x", type: "integer" }])
    }
  })

  it("does not hide types that do differ", () => {
    const result = translate("select null union all select 'a' union all select 1")
    assert.match(Result.isFailure(result) ? result.failure.message : "", /No common type .* STRING, INT64/)
  })
})
