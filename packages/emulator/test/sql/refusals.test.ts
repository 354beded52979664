import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Sql from "../../src/sql/Sql.ts"
import { refusal, translate } from "./database.ts"

/** A query, the construct that is named (or `undefined`), and a part of the message. */
type Row = readonly [sql: string, construct: string | undefined, message: string]

const statements: ReadonlyArray<Row> = [
  ["insert into t values (1)", "statement INSERT", "a query only reads"],
  ["update t set a = 1 where true", "statement UPDATE", "a query only reads"],
  ["delete from t where true", "statement DELETE", "a query only reads"],
  ["merge into t using u on true when matched then delete", "statement MERGE", "a query only reads"],
  ["truncate table t", "statement TRUNCATE", "a query only reads"],
  ["create table x as select 1", "statement CREATE", "a query only reads"],
  ["create temp function f(x int64) as (x + 1); select f(2)", "statement CREATE", "a query only reads"],
  ["drop table t", "statement DROP", "a query only reads"],
  ["alter table t add column a int64", "statement ALTER", "a query only reads"],
  ["export data options () as select 1", "statement EXPORT", "a query only reads"],
  ["copy birds to 'x.csv'", "statement COPY", "a query only reads"],
  ["attach 'x.db' as x", "statement ATTACH", "a query only reads"],
  ["install httpfs", "statement INSTALL", "a query only reads"],
  ["load httpfs", "statement LOAD", "a query only reads"],
  ["pragma database_list", "statement PRAGMA", "a query only reads"],
  ["use memory", "statement USE", "a query only reads"],
  ["call p()", "statement CALL", "a query only reads"],
  ["begin select 1; end", "statement BEGIN", "DECLARE and SET"],
  ["execute immediate 'select 1'", "statement EXECUTE", "DECLARE and SET"],
  ["if true then select 1; end if", "statement IF", "DECLARE and SET"],
  ["explain select 1", "statement EXPLAIN", "DECLARE and SET"],
  ["set @@time_zone = 'UTC'; select 1", "statement SET of a setting", "cannot be set"],
  ["set threads = 1; select 1", undefined, "The variable threads is not declared"],
  ["select 1; select 2", undefined, "Only one query"],
  ["select 1; drop table birds", undefined, "Only one query"],
  ["select 1; ; declare x int64", undefined, "Only one query"],
  ["declare x int64", undefined, "no query behind DECLARE"],
  ["declare x int64; declare x int64; select 1", undefined, "declared twice"],
  ["declare x int64 default 1; set x = 'a'; select x", undefined, "is INT64 and takes no STRING"],
  ["set x = 1; declare x int64; select 1", undefined, "DECLARE comes before"],
  ["", undefined, "no query"],
  ["  -- nothing\n", undefined, "no query"],
  [";", undefined, "no query"],
  ["values (1)", "clause VALUES", "begin with SELECT"],
  ["from birds select 1", "pipe syntax", "begin with SELECT"],
  ["select n from birds |> where n > 1", "pipe syntax", "Pipe syntax"]
]

const sources: ReadonlyArray<Row> = [
  ["select * from 'file.parquet'", undefined, "between backticks"],
  ["select * from \"file.csv\"", undefined, "between backticks"],
  ["select * from read_csv('x')", "table function READ_CSV", "not supported"],
  ["select * from read_text('/etc/passwd')", "table function READ_TEXT", "not supported"],
  ["select * from duckdb_settings()", "table function DUCKDB_SETTINGS", "not supported"],
  ["select * from pragma_database_list()", "table function PRAGMA_DATABASE_LIST", "not supported"],
  ["select * from glob('*')", "table function GLOB", "not supported"],
  ["select * from range(5)", undefined, "keyword RANGE"],
  ["select * from generate_series(1, 3)", "table function GENERATE_SERIES", "not supported"],
  ["select * from query('drop table birds')", "table function QUERY", "not supported"],
  ["select * from (values (1)) x", "table function VALUES", "not supported"],
  ["select * from birds tablesample system (10 percent)", "clause TABLESAMPLE", "RAND()"],
  ["select * from birds for system_time as of current_timestamp()", "clause FOR SYSTEM_TIME", "version"],
  ["select * from birds, lateral (select 1)", "clause LATERAL", "not supported"],
  ["select * from birds natural join birds b", "clause NATURAL JOIN", "USING"],
  ["select * from demo.d.t_*", "wildcard table", "Wildcard"],
  ["select * from birds b join birds b on true", undefined, "Duplicate table alias b"],
  ["select * from birds a join birds b", undefined, "ON or USING"],
  ["select * from birds a, birds b right join birds c on true", undefined, "needs parentheses"],
  ["with recursive r as (select 1) select * from r", "clause WITH RECURSIVE", "not supported"],
  ["with a as (select 1), a as (select 2) select 1", undefined, "in WITH twice"]
]

const functions: ReadonlyArray<Row> = [
  ["select getenv('HOME')", "function GETENV", "GETENV is not supported"],
  ["select current_setting('threads')", "function CURRENT_SETTING", "not supported"],
  ["select version()", "function VERSION", "not supported"],
  ["select read_text('x')", "function READ_TEXT", "not supported"],
  ["select session_user()", "function SESSION_USER", "not supported"],
  ["select soundex('a')", "function SOUNDEX", "not supported"],
  ["select lenght('a')", "function LENGHT", "did you mean LENGTH?"],
  ["select `printf`('%d', 1)", "function PRINTF", "not supported"],
  ["select list_transform([1], x -> x)", "lambda", "Lambda"],
  ["select net.host('x')", "function NET.HOST", "not supported"],
  ["select main.upper('x')", "function MAIN.UPPER", "not supported"],
  ["select safe.sum(n) from birds", "SAFE. of an aggregate", "SAFE."],
  ["select safe.substr(upper('a'), 1, -1)", "SAFE. of an expression", "SAFE_CAST"],
  ["select farm_fingerprint('a')", "function FARM_FINGERPRINT", "not supported"],
  ["select json_query('{}', '$')", "function JSON_QUERY", "not supported"],
  ["select st_distance(st_geogpoint(1, 2), st_geogpoint(3, 4))", "function ST_DISTANCE", "not supported"],
  ["select approx_top_count(n, 2) from birds", "function APPROX_TOP_COUNT", "not supported"],
  ["select ml.predict(1)", "function ML.PREDICT", "not supported"],
  ["select constructor('a')", "function CONSTRUCTOR", "not supported"],
  ["select `__proto__`('a')", "function __PROTO__", "not supported"],
  ["select upper(str => 'a')", "named argument", "Named arguments"],
  ["select upper('a', 'b')", undefined, "it takes UPPER(STRING)"],
  ["select upper(distinct 'a')", "DISTINCT in UPPER", "DISTINCT is not supported in a call of UPPER"],
  ["select upper('a') over ()", undefined, "not a window function"],
  ["select array_agg(n limit 0) from birds", undefined, "LIMIT 0"],
  ["select array_agg(n limit n) from birds", undefined, "written out"],
  ["select rank() over () from birds", undefined, "needs ORDER BY"],
  ["select rank() from birds", undefined, "needs OVER"],
  ["select percentile_cont(n, 0.5) over (order by n) from birds", undefined, "takes no ORDER BY"],
  [
    "select sum(n) over (order by n range between interval 1 day preceding and current row) from birds",
    undefined,
    "written out"
  ],
  [
    "select sum(n) over (order by n range between 1 preceding and 2 preceding) from birds",
    "empty frame",
    "always be empty"
  ],
  ["select safe.error('x')", "SAFE. of ERROR", "SAFE."],
  ["select instr('a', 'b', -1)", undefined, "positive number"],
  ["select n from birds where row_number() over () = 1", undefined, "not allowed in WHERE"],
  ["select n from birds where sum(n) > 1", undefined, "not allowed in WHERE"],
  ["select sum(sum(n)) from birds", undefined, "not allowed in the arguments of SUM"],
  ["select (select sum(b.n)) from birds b", "aggregate of an outer query", "outer query"],
  ["select regexp_contains('a', species) from birds", "computed regular expression", "written out"],
  ["select regexp_extract('a', '(a)(b)')", undefined, "capture one group"],
  ["select regexp_extract('a', '(a)?b')", "optional group in a regular expression", "leave out"],
  ["select regexp_extract('a', '(?:x|(a))b')", "optional group in a regular expression", "leave out"],
  ["select regexp_replace('a', 'a', r'\\1')", undefined, "names no group"],
  ["select format(species, 1) from birds", "computed format", "written out"],
  ["select format('%T', 1)", "format %T of FORMAT", "not supported"],
  ["select format_date('%E5Y', d) from birds", "format %E5", "not supported"],
  ["select parse_date('%A', 'Monday')", "format %A in reading", "not supported"],
  ["select format_date('%H', d) from birds", "format %H", "not supported for a DATE"],
  ["select cast(d as string format 'MONTH') from birds", "format MONTH of CAST", "not supported"],
  ["select cast('x' as date format 'YYYY')", "CAST with FORMAT", "only for printing"]
]

const expressions: ReadonlyArray<Row> = [
  ["select @p", "parameter @p", "DECLARE a variable"],
  ["select @@version", "parameter @@version", "no value"],
  ["select ?", "parameter ?", "no value"],
  ["select n << 1 from birds", "operator <<", "Operator << is not supported"],
  ["select 1 >> 2", "operator >>", "not supported"],
  ["select interval 1 day", "type INTERVAL", "DATE_ADD"],
  ["select d - d from birds", "type INTERVAL", "DATE_DIFF"],
  ["select timestamp_add(timestamp '2020-01-01', interval 1 month)", "part MONTH of TIMESTAMP", "cannot be added"],
  ["select date_add(d, interval 1 hour) from birds", "part HOUR of DATE", "cannot be added"],
  ["select date_trunc(d, hour) from birds", "part HOUR", "cannot be cut"],
  ["select extract(hour from d) from birds", "part HOUR", "not possible"],
  ["select extract(epoch from dt) from birds", "part EPOCH", "not supported"],
  ["select timestamp(dt, species) from birds", "computed time zone", "written out"],
  ["select timestamp(dt, 'New York') from birds", undefined, "is not a time zone"],
  ["select numeric '1' / 3", "operator / of NUMERIC", "FLOAT64"],
  ["select avg(numeric '1')", undefined, "No matching signature"],
  ["select bignumeric '1'", "type BIGNUMERIC", "not supported"],
  ["select cast(1 as bignumeric)", "type BIGNUMERIC", "not supported"],
  ["select cast(1 as numeric(10, 2))", "type NUMERIC(...)", "ROUND"],
  ["select cast(1 as json)", "type JSON", "not supported"],
  ["select json '{}'", "type JSON", "not supported"],
  ["select cast(1 as hugeint)", "type HUGEINT", "not supported"],
  ["select cast(1 as date)", "cast INT64 to DATE", "cannot be cast"],
  ["select n::string from birds", undefined, "expected the end of the statement"],
  ["select 'a' = 1", undefined, "types STRING, INT64"],
  ["select 'a' + 1", undefined, "types STRING, INT64"],
  ["select n || 'a' from birds", undefined, "types INT64, STRING"],
  ["select if(1, 2, 3)", undefined, "No matching signature"],
  ["select case when 1 then 2 end", undefined, "Expected a BOOL"],
  ["select n from birds where n", undefined, "Expected a BOOL in WHERE"],
  ["select [1, 'a']", undefined, "No common type"],
  ["select [[1]]", undefined, "array of arrays"],
  ["select 1 = 1 = 1", undefined, "do not chain"],
  ["select 1 < n < 3 from birds", undefined, "do not chain"],
  ["select 9223372036854775808", undefined, "does not fit INT64"],
  ["select 1e999", undefined, "does not fit FLOAT64"],
  ["select date '2020-01-01' = 'x' || 'y'", undefined, "types DATE, STRING"],
  ["select (1, 2) = (1, 2)", undefined, "cannot be compared"],
  ["select (1, 2) in ((1, 2))", undefined, "cannot be compared"],
  ["select * from birds where (select 1, 2) = 1", undefined, "has to give one column"],
  ["select 'a' not like any ('a', 'b')", "operator NOT LIKE ANY", "put NOT before"],
  ["select new x(1)", "expression NEW", "not supported"],
  ["select a[0] from (select 1 as a)", "operator [ ]", "Only arrays"],
  ["select (select 1).x", undefined, "Cannot access the field x"],
  ["select case 1 when 'a' then 1 end", undefined, "types INT64, STRING"]
]

const names: ReadonlyArray<Row> = [
  ["select spcies from birds", undefined, "Unrecognized name: spcies; did you mean species?"],
  ["select b.spcies from birds b", undefined, "The name spcies is not found inside b; did you mean species?"],
  ["select x.n from birds b", undefined, "Unrecognized name: x"],
  ["select birds.n from birds b", undefined, "Unrecognized name: birds"],
  ["select n from birds a, birds b", undefined, "The column name n is ambiguous"],
  ["select a.n from birds a join birds b using (m)", undefined, "The column m in USING is not on the left side"],
  ["select rowid from birds", undefined, "Unrecognized name: rowid"],
  ["select c0 from birds", undefined, "Unrecognized name: c0"],
  ["select t1.c0 from birds", undefined, "Unrecognized name: t1"],
  ["select b from birds b", undefined, "b is a table here"],
  ["select n as a, a + 1 from birds", undefined, "Unrecognized name: a"],
  ["select n as a from birds where a > 1", undefined, "Unrecognized name: a"],
  ["select species, n from birds group by species", undefined, "n is neither grouped nor aggregated"],
  ["select n + 1 from birds group by n + 2", undefined, "n is neither grouped nor aggregated"],
  ["select * from birds group by n", undefined, "species is neither grouped nor aggregated"],
  ["select n from birds group by 2", undefined, "out of range"],
  ["select n from birds order by 2", undefined, "out of range"],
  ["select distinct species from birds order by n", undefined, "may only name columns of SELECT"],
  ["select sum(n) as n from birds having sum(n) > 1", "alias in an aggregate", "write the expression"],
  ["select n, n from birds", undefined, "Two columns of the result are called n"],
  ["select n as a, species as A from birds", undefined, "Two columns of the result are called A"],
  ["select * except (x) from birds", undefined, "The column x in EXCEPT is not among those of *"],
  ["select *", undefined, "SELECT * needs FROM"],
  ["select [1]", undefined, "ARRAY<INT64>, which a variable cannot be; take its elements with UNNEST"],
  ["select struct(1 as a)", undefined, "take its fields one by one"],
  ["select b'a'", undefined, "TO_HEX"],
  ["select 1 union all select 'a'", undefined, "No common type for column 1 of UNION ALL"],
  ["select 1, 2 union all select 1", undefined, "have 2 and 1 columns"],
  ["select 1 union select 1", undefined, "ALL or DISTINCT behind UNION"],
  ["select 1 union all select 2 intersect distinct select 3", undefined, "need parentheses"],
  ["select 1 except all select 2", "set operation EXCEPT ALL", "EXCEPT DISTINCT"],
  ["select 1 union all by name select 2", "set operation BY NAME", "by name"],
  ["select n from birds limit n", undefined, "written out"],
  ["select n from birds limit -1", undefined, "out of range"],
  ["select n from birds limit 1, 2", undefined, "OFFSET"],
  ["select from birds", undefined, "expected an expression but got the keyword from"],
  ["selec 1", undefined, "expected SELECT or WITH but got selec"],
  ["select 1 fro birds", undefined, "expected the end of the statement but got birds"],
  ["select (1", undefined, "expected \")\" but got the end of the query"],
  ["select 'a", undefined, "never closed with '"],
  ["select `a", undefined, "never closed with `"],
  ["select /* a", undefined, "never closed with */"],
  ["select 'a\\q'", undefined, "is not an escape sequence"],
  ["select '\\ud800'", undefined, "is not a character"],
  ["select 'a\\0b'", undefined, "is not an escape sequence"],
  ["select 1 as `a\\x00b`", "character U+0000", "U+0000"],
  ["select 12abc", undefined, "no space between the number 12"],
  ["select group from birds", undefined, "keyword group"],
  ["select 1 as from", undefined, "expected the name of the column but got the keyword FROM"],
  ["select n from birds group by n qualify true", undefined, "QUALIFY needs a window function"],
  ["select n from birds having n > 1", undefined, "HAVING needs GROUP BY"]
]

for (const [kind, rows] of Object.entries({ statements, sources, functions, expressions, names })) {
  describe(`what is no query of ours: ${kind}`, () => {
    for (const [sql, construct, message] of rows) {
      it(sql === "" ? "nothing" : sql, () => {
        const error = refusal(sql)
        assert.include(error.message, message)
        assert.strictEqual(error.construct, construct)
        assert.include(error.message, ` at [${error.line}:${error.column}]`)
      })
    }
  })
}

describe("a refusal", () => {
  it("names the place of what is wrong", () => {
    const error = refusal("select n,\n  soundex(species)\nfrom birds")
    assert.deepStrictEqual([error._tag, error.line, error.column], ["SqlError", 2, 3])
    assert.strictEqual(error.message, "Function SOUNDEX is not supported at [2:3]")
  })

  it("is a typed failure of both steps", () => {
    assert.strictEqual(Effect.runSync(Effect.flip(Sql.analyze("select")))._tag, "SqlError")
    assert.isTrue(Result.isFailure(translate("select x")))
  })

  it("counts line breaks of every kind", () => {
    for (const [lines, line] of [["\n\n", 3], ["\r\n\r\n", 3], ["\r\r", 3], ["\n\r\n\r", 4]] as const) {
      assert.strictEqual(refusal(`select ${lines} x`).line, line)
    }
  })
})

describe("a query that is made to exhaust something", () => {
  const many = (text: string, count: number): string => text.repeat(count)
  const cases: Readonly<Record<string, string>> = {
    parentheses: `select ${many("(", 60_000)}1${many(")", 60_000)}`,
    calls: `select ${many("abs(", 40_000)}1${many(")", 40_000)}`,
    signs: `select ${many("- ", 100_000)}1`,
    NOT: `select ${many("not ", 60_000)}true`,
    CASE: `select ${many("case when true then ", 9000)}1${many(" end", 9000)}`,
    brackets: `select ${many("[", 200_000)}`,
    types: `select cast(null as ${many("array<", 20_000)}int64${many(">", 20_000)})`,
    additions: `select 1${many("+1", 100_000)}`,
    concatenations: `select 'a'${many("||'a'", 40_000)}`,
    fields: `select a${many(".a", 100_000)}`,
    subscripts: `select a${many("[0]", 60_000)}`,
    subqueries: `select ${many("(select ", 20_000)}1${many(")", 20_000)}`,
    "subqueries of 30 levels": `select ${many("(select ", 30)}1${many(")", 30)}`,
    tables: `select * from ${many("(", 100_000)}birds`,
    "queries in FROM": `select * from ${many("(select * from ", 15_000)}birds${many(")", 15_000)}`,
    unions: `select 1${many(" union all select 1", 12_000)}`,
    joins: `select 1 from birds${many(" cross join birds", 12_000)}`,
    commas: `select 1 from birds${many(", birds", 30_000)}`,
    WITH: many("with a as (", 20_000),
    arguments: `select concat('a'${many(", 'a'", 40_000)})`,
    statements: `${many("declare x int64;", 15_000)} select 1`
  }
  for (const [name, sql] of Object.entries(cases)) {
    it(`by ${name} is refused, not followed`, () => assert.strictEqual(refusal(sql)._tag, "SqlError"))
  }

  it("but a long condition is taken", () => {
    const sql = `select n from birds where n = 1${many(" or n = 2", 5000)} and n in (1${many(", 2", 5000)})`
    assert.isTrue(Result.isSuccess(translate(sql)))
  })
})
