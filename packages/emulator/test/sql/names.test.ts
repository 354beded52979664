import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { DuckDBConnection } from "@duckdb/node-api"
import * as Result from "effect/Result"
import { constructs } from "../../src/sql/constructs/index.ts"
import type { Body, Select, SelectItem } from "../../src/sql/syntax.ts"
import * as Sql from "../../src/sql/Sql.ts"
import { analyze, open, options, run, translate } from "./database.ts"

/** As the translation itself calls columns, keys, tables, groups, aggregates, numbers of rows and values. */
const generated = [
  "c1",
  "s0",
  "c0",
  "r",
  "t0",
  "c3",
  "s1",
  "n",
  "c2",
  "t1",
  "g1",
  "k0",
  "a0",
  "v",
  "v0",
  "f0",
  "w1",
  "c4",
  "p",
  "u1"
]

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await open()
  await connection.run("SET threads = 1")
})

const rows = async (sql: string) => run(connection, Result.getOrThrow(translate(sql)))

const firstSelect = (body: Body): Select | undefined =>
  body.kind === "select" ? body : body.kind === "set" ? firstSelect(body.bodies[0]!) : firstSelect(body.query.body)

/** The analysis with the columns of the result called otherwise, wherever the query names them. */
const renamed = (analysis: Sql.Analysis): Sql.Analysis => {
  const { script } = analysis.tree
  const select = firstSelect(script.query.body)!
  const names = new Map<string, string>()
  const items = select.items.map((item, index): SelectItem => {
    if (item.kind !== "item") return item
    const name = generated[index]!
    if (item.alias !== undefined) names.set(item.alias.name.toLowerCase(), name)
    return { ...item, alias: { name, at: item.at } }
  })
  const inOrder = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(inOrder)
    if (typeof part !== "object" || part === null) return part
    const changed = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, inOrder(value)]))
    const path = changed as { readonly kind?: string; readonly names?: ReadonlyArray<{ readonly name: string }> }
    const name = path.kind === "path" && path.names!.length === 1
      ? names.get(path.names![0]!.name.toLowerCase())
      : undefined
    return name === undefined ? changed : { ...changed, names: [{ ...path.names![0]!, name }] }
  }
  const changedSelect: Select = {
    ...select,
    items,
    groupBy: inOrder(select.groupBy) as Select["groupBy"],
    having: inOrder(select.having) as Select["having"],
    qualify: inOrder(select.qualify) as Select["qualify"]
  }
  const within = (body: Body): Body =>
    body.kind === "select"
      ? changedSelect
      : body.kind === "set"
      ? { ...body, bodies: [within(body.bodies[0]!), ...body.bodies.slice(1)] }
      : { ...body, query: { ...body.query, body: within(body.query.body) } }
  const query = {
    ...script.query,
    body: within(script.query.body),
    orderBy: inOrder(script.query.orderBy) as typeof script.query.orderBy
  }
  return { ...analysis, tree: { ...analysis.tree, script: { ...script, query } } }
}

describe("names of the translation's own", () => {
  it("may be those of a result's columns in every row of the allow-list", async () => {
    let count = 0
    for (const row of constructs) {
      const analysis = analyze(row.sql)
      if (firstSelect(analysis.tree.script.query.body)!.items.length > generated.length) continue
      const translation = Result.getOrThrow(Sql.translate(renamed(analysis), options))
      assert.deepStrictEqual(await run(connection, translation), row.rows, row.sql)
      count++
    }
    assert.isAbove(count, constructs.length * 0.95)
  }, 60_000)

  const cases: ReadonlyArray<readonly [sql: string, rows: ReadonlyArray<ReadonlyArray<unknown>>]> = [
    [
      "select c1, c2, s1 from (select 1 as c1, 3 as c2, 0 as s1 union all select 0, 2, 0 union all select 1, 1, 0 union all select 1, 2, 0) order by c1, c2",
      [[0, 2, 0], [1, 1, 0], [1, 2, 0], [1, 3, 0]]
    ],
    ["select x as c1, y as c2 from (select 1 x, 3 y union all select 2, 1 union all select 3, 2) order by c2 limit 1", [
      [2, 1]
    ]],
    [
      "select x as c1, y as c2 from (select 1 x, 3 y union all select 2, 1 union all select 3, 2) order by y desc limit 1",
      [[1, 3]]
    ],
    ["select x as c1, -x as c0 from unnest([1, 2, 3]) as x order by x desc limit 1", [[3, -3]]],
    ["select x as a, x * 10 as s0 from unnest([1, 2, 3]) as x order by mod(x * 2, 3), a", [[3, 30], [2, 20], [1, 10]]],
    ["select 2 as c1, 1 as c0 union all select 1, 2 order by c1", [[1, 2], [2, 1]]],
    ["with w1 as (select 1 as c1, 2 as c0), t1 as (select c0 as c1, c1 as c0 from w1) select c1, c0 from t1", [[2, 1]]],
    [
      "select t2.c0, t1.c0 as c1 from unnest([1, 2]) as c0 cross join (select 5 as c0) as t1 join (select 7 as c0) as t2 on t1.c0 = 5 and t2.c0 = 7 where t1.c0 > 4 limit 1",
      [[7, 5]]
    ],
    [
      "select rank() over s0 as c1, c0 from (select x as c0 from unnest([3, 1]) as x) window s0 as (order by c0) order by c0",
      [[1, 1], [2, 3]]
    ],
    ["select s.f1, s.f0 from (select struct(1 as f1, 2 as f0) as s)", [[1, 2]]],
    ["select c1, c0 from (select 'a' as k0, 1 as c9) pivot (sum(c9) for k0 in ('a' as c1, 'b' as c0))", [[1, null]]],
    [
      "select element, v0 from (select 'b' as element, 'a' as v0) order by array_to_string([element, v0, null], '-', v0)",
      [["b", "a"]]
    ],
    ["select k0 as a0, count(*) as k0 from (select x as k0 from unnest([1, 1, 2]) as x) group by a0 order by k0", [[
      2,
      1
    ], [1, 2]]],
    ["declare v1 int64 default 3; select v1 as v, c0 as r from (select 4 as c0) where c0 > v1", [[3, 4]]],
    [
      "select array_to_string(array(select n from (select 'x' as n, 2 as c0 union all select 'y', 1) order by c0), ',') as n",
      [["y,x"]]
    ]
  ]
  for (const [sql, wanted] of cases) {
    it(`may be those of users: ${sql.slice(0, 90)}`, async () => assert.deepStrictEqual(await rows(sql), wanted))
  }

  it("tell whether a result is ordered", () => {
    const isOrdered = (sql: string) => Result.getOrThrow(translate(sql)).isOrdered
    assert.isTrue(isOrdered("select n from birds order by n limit 2"))
    assert.isTrue(isOrdered("(select n from birds) union all (select 1) order by 1"))
    assert.isFalse(isOrdered("select n from (select n from birds order by n)"))
    assert.isFalse(isOrdered("select distinct n from birds limit 2"))
  })
})
