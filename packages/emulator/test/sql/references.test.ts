import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { analyze, birds, translate } from "./database.ts"

const texts = (sql: string): ReadonlyArray<string> => analyze(sql).references.map((reference) => reference.text)

describe("table references", () => {
  const cases: ReadonlyArray<readonly [string, string, ReadonlyArray<string>]> = [
    ["between backticks as a whole", "select * from `demo.penguins.birds`", ["demo.penguins.birds"]],
    ["between backticks in parts", "select * from `demo`.`penguins`.`birds`", ["demo.penguins.birds"]],
    ["between backticks in part", "select * from `demo.penguins`.birds", ["demo.penguins.birds"]],
    ["plain", "select * from demo.penguins.birds", ["demo.penguins.birds"]],
    ["with a version", "select * from `owner.dataset:next.table`", ["owner.dataset:next.table"]],
    ["with a version, plain", "select * from owner.dataset:next.table", ["owner.dataset:next.table"]],
    ["with a version of two numbers", "select * from `o.d:v1.0.t`, o.d:v2.10.u", ["o.d:v1.0.t", "o.d:v2.10.u"]],
    [
      "with ids",
      "select * from demo.us_forest_service_fires:5k9t:v1_1.us_fire_perimeters:9r58 as p where p.x > 1",
      ["demo.us_forest_service_fires:5k9t:v1_1.us_fire_perimeters:9r58"]
    ],
    ["with a sample", "select * from demo.d.t:sample limit 1", ["demo.d.t:sample"]],
    ["with dashes", "select * from my-owner.my-data.t", ["my-owner.my-data.t"]],
    ["with spaces between backticks", "select * from `demo.Novel Corona Virus.Cases by day`", [
      "demo.Novel Corona Virus.Cases by day"
    ]],
    ["by its name alone", "select * from birds", ["birds"]],
    ["each time that it is named", "select * from a join b using (x) join a as c using (x)", ["a", "b", "a"]],
    ["after commas", "select * from a, b as x, (select * from c)", ["a", "b", "c"]],
    ["in parentheses", "select * from ((a join (b cross join c) using (x)))", ["a", "b", "c"]],
    [
      "in queries of expressions",
      "select (select 1 from a), x in (select y from b), array(select z from c), exists(select 1 from d) from e",
      ["e", "a", "b", "c", "d"]
    ],
    [
      "in every clause",
      "select 1 from a where x = (select 1 from b) group by (select 1 from c) having (select true from d) qualify (select true from e) order by (select 1 from f)",
      ["a", "b", "d", "e", "c", "f"]
    ],
    [
      "in arguments, windows and CASE",
      "select f(case when (select true from a) then 1 end) over (partition by (select 1 from b) order by (select 1 from c))",
      ["a", "b", "c"]
    ],
    ["in joins' conditions", "select 1 from a join b on a.x = (select max(x) from c)", ["a", "b", "c"]],
    [
      "in set operations",
      "(select 1 from a) union all select 2 from b union all (select 3 from c order by (select 1 from d))",
      ["a", "b", "c", "d"]
    ],
    ["in scripts", "declare x int64 default (select 1 from a); set x = (select 2 from b); select x from c", [
      "a",
      "b",
      "c"
    ]],
    ["in pivots", "select * from a pivot (sum(x) for y in ('p', 'q'))", ["a"]],
    ["but not WITH's own", "with a as (select * from b), c as (select * from a) select * from a join c using (x)", [
      "b"
    ]],
    ["but WITH's body sees the table of its name", "with a as (select * from a) select * from a", ["a"]],
    ["but not beyond the query of WITH", "select * from (with a as (select 1) select * from a) join a using (x)", [
      "a"
    ]],
    ["but a whole reference is none of WITH's", "with birds as (select 1) select * from `demo.d.birds`", [
      "demo.d.birds"
    ]],
    ["but not arrays of tables before them", "select * from t, t.items, t.items.parts as p", ["t"]],
    ["but not arrays of outer tables", "select (select count(*) from t.items) from t", ["t"]],
    ["but not texts", "select '`a.b.c`', \"from d.e.f\", r'`x`', '''from `g.h.i`''' from t", ["t"]],
    ["but not comments", "select 1 -- from `a.b.c`\n# from d\n/* from `e.f.g` */ from t", ["t"]],
    ["but not columns", "select `a.b.c`, from_ from t where `d` = 1", ["t"]],
    ["without FROM", "select 1", []]
  ]
  for (const [name, sql, expected] of cases) {
    it(`are found ${name}`, () => assert.deepStrictEqual(texts(sql), expected))
  }

  it("have their places", () => {
    const [first, second] = analyze("select *\nfrom a\n  join `o.d.t` using (x)").references
    assert.deepStrictEqual([first?.line, first?.column, first?.offset], [2, 6, 14])
    assert.deepStrictEqual([second?.line, second?.column], [3, 8])
  })

  it("are each asked for once, by their place", () => {
    const asked: Array<string> = []
    const resolve = (reference: { readonly text: string; readonly offset: number }) => {
      asked.push(`${reference.text}@${reference.offset}`)
      return birds
    }
    const sql = "select a.n from birds a join birds b on a.n = b.n where a.n in (select n from `x.y.z`)"
    assert.isTrue(Result.isSuccess(translate(sql, { resolve, now: 0 })))
    assert.deepStrictEqual(asked, ["birds@16", "birds@29", "x.y.z@78"])
  })

  it("stand in the translation as they were resolved, and nowhere else", () => {
    const relation = { sql: "\"s 1\".\"t\"\"x\"", columns: [{ name: "a\"b", type: "integer" as const }] }
    const { columns, sql } = Result.getOrThrow(
      translate("select `a\"b`, 'birds' as c from birds", { resolve: () => relation, now: 0 })
    )
    assert.include(sql, "FROM \"s 1\".\"t\"\"x\"")
    assert.include(sql, "\"a\"\"b\"")
    assert.deepStrictEqual(columns, [{ name: "a\"b", type: "integer" }, { name: "c", type: "string" }])
  })
})
