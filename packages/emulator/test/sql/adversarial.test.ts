import type { DuckDBConnection } from "@duckdb/node-api"
import { assert, beforeAll, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { constructs } from "../../src/sql/constructs/index.ts"
import * as Sql from "../../src/sql/Sql.ts"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { birds, open, options, run, translate } from "./database.ts"

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await open()
})

const rows = async (sql: string, how: Sql.Options = options) => run(connection, Result.getOrThrow(translate(sql, how)))

/** A text as GoogleSQL writes it. */
const quote = (text: string): string =>
  `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}'`

const name = (text: string): string =>
  `\`${text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}\``

const text = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0"))
const dangerous = fc.array(
  fc.constantFrom(
    "'",
    "\"",
    "`",
    "\\",
    ";",
    "--",
    "/*",
    "*/",
    "$$",
    "$1",
    "?",
    "E'",
    "''",
    "\n",
    "select",
    "1",
    " ",
    "{",
    "\u2028",
    "😀",
    ")"
  ),
  { minLength: 1, maxLength: 12 }
).map((parts) => parts.join(""))

describe("what a user writes", () => {
  it("as text stays that text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, dangerous), async (value) => {
        assert.deepStrictEqual(await rows(`select ${quote(value)} as a`), [[value]])
      }),
      { numRuns: 150 }
    )
  })

  it("as the name of a column stays that name", async () => {
    const written = fc.oneof(text, dangerous).filter((value) => value !== "")
    await fc.assert(
      fc.asyncProperty(written, async (value) => {
        const { columns, sql } = Result.getOrThrow(translate(`select ${name(value)} from (select 5 as ${name(value)})`))
        assert.deepStrictEqual(columns, [{ name: value, type: "integer" }])
        const reader = await connection.runAndReadAll(sql)
        assert.deepStrictEqual([reader.columnNames(), reader.getRowsJson()], [[value], [["5"]]])
      }),
      { numRuns: 150 }
    )
  })

  it("in every place of a text stays there", async () => {
    const evil = "'; drop table birds; --"
    const written = quote(evil)
    assert.deepStrictEqual(
      await rows(
        `select concat(${written}, 'x'), replace(${written}, 'drop', 'keep'), split(${written}, ';')[offset(0)], ` +
          `format('%s', ${written}), case when ${written} = ${written} then ${written} end, ` +
          `(select max(v) from unnest([${written}]) as v), regexp_replace('a', 'a', ${quote("';--")}) ` +
          `from birds where species not like ${written} and species <> ${written} limit 1`
      ),
      [[`${evil}x`, evil.replace("drop", "keep"), "'", evil, evil, evil, "';--"]]
    )
    assert.deepStrictEqual(await rows(`select format_date(${quote("%Y'--")}, d) from birds where n = 1`), [["2020'--"]])
    assert.deepStrictEqual(await rows(`select json_value(${quote("{\"a'b\": 1}")}, ${quote("$.\"a'b\"")})`), [["1"]])
    assert.deepStrictEqual(await rows("select count(*) from birds"), [[4]])
  })

  it("as a name of a table goes to the one who resolves, and no further", () => {
    for (
      const written of [
        "`x\"; drop table birds; --`",
        "`information_schema.tables`",
        "duckdb_tables",
        "`pg_catalog`.pg_class",
        "sqlite_master",
        "`/etc/passwd`",
        "`file.parquet`"
      ]
    ) {
      const asked: Array<string> = []
      const resolve = (reference: Sql.TableReference): Sql.Relation => {
        asked.push(reference.text)
        return birds
      }
      const { sql } = Result.getOrThrow(translate(`select n from ${written}`, { resolve, now: 0 }))
      assert.strictEqual(asked.length, 1)
      assert.notInclude(sql, asked[0])
    }
  })

  it("as names of WITH, aliases and windows never reaches DuckDB", () => {
    const { sql } = Result.getOrThrow(translate(
      "with evil_table as (select n as evil_column from birds evil_alias) " +
        "select evil_column as ok, rank() over evil_window as r from evil_table window evil_window as (order by evil_column)"
    ))
    assert.notInclude(sql, "evil")
  })

  it("that is no query at all never throws anything else", () => {
    const words = fc.array(
      fc.oneof(
        fc.constantFrom(
          ..."select from where group by order having qualify window with as ( ) , * . [ ] + - / = < > || and or not in is null case when then else end cast ( int64 array struct < > 1 1.5 'a' `b` n species birds date interval day unnest offset join on using union all distinct over partition exists between like if sum ( count ( * ) declare set ; @p # -- /* \\ ' \" \n"
            .split(" ")
        ),
        text
      ),
      { maxLength: 40 }
    ).map((parts) => parts.join(" "))
    fc.assert(
      fc.property(words, (sql) => {
        const result = translate(sql)
        assert.isTrue(Result.isSuccess(result) || result.failure._tag === "SqlError")
      }),
      { numRuns: 2000 }
    )
  })

  it("cut off anywhere never throws anything else", () => {
    for (const { sql } of constructs) {
      for (let length = 0; length < sql.length; length += 11) {
        const result = Effect.runSync(Effect.result(Sql.analyze(sql.slice(0, length))))
        if (Result.isSuccess(result)) Sql.translate(result.success, options)
      }
    }
  })
})

/** As the store calls its relations. */
const stored: Sql.Relation = { ...birds, sql: "content.\"r_0a\"" }

layer(StoreDuckDB.layer())("the store's own check", (it) => {
  it.effect("lets every row of the allow-list through, and its table alone", () =>
    Effect.gen(function*() {
      const { queries } = yield* Store
      for (const row of constructs) {
        const { sql } = Result.getOrThrow(translate(row.sql, { ...options, resolve: () => stored }))
        yield* queries.check({ sql, relations: [stored.sql] })
      }
    }))
})
