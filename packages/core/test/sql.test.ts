import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as FastCheck from "fast-check"
import { read, wordThatWrites } from "../src/client/sql/reader.ts"
import * as Reference from "../src/contract/Reference.ts"
import * as Query from "../src/resources/Query.ts"

const built = <A, E extends Error>(result: Result.Result<A, E>): A => Result.getOrThrowWith(result, (error) => error)

const text = (sql: Query.Sql): string => built(Query.toText(sql))

/** The field and the reason of a refusal, as one line. */
const refused = (sql: Query.Sql): string => {
  const result = Query.toText(sql)
  if (Result.isSuccess(result)) assert.fail(`accepted: ${result.success}`)
  assert.strictEqual(result.failure._tag, "InvalidInput")
  return `${result.failure.field} ${result.failure.reason}`
}

/** What a program in JavaScript may give, whatever the types say. */
const anything = (value: unknown): Query.Value => value as Query.Value

const tagged = (tag: string, iso: string) => anything({ [Symbol.toStringTag]: tag, toString: () => iso })

const table = built(Reference.table({ container: "demo.My birds:v1.0", name: "a`b.c" }))

describe("a value in SQL", () => {
  it.each<[name: string, value: Query.Value, literal: string]>([
    ["text", "Adelie", "'Adelie'"],
    ["no text", "", "''"],
    ["text with quotes", `it's "so"`, `'it\\'s "so"'`],
    ["text with a backslash at its end", "\\", "'\\\\'"],
    ["text with backticks", "`a`", "'\\`a\\`'"],
    ["text of many lines", "a\nb\r\nc\td", "'a\\nb\\r\\nc\\td'"],
    ["text with characters that nobody sees", "\0\u0007\u001b\u007f", "'\\x00\\x07\\x1b\\x7f'"],
    ["text beyond ASCII", "é😀\u2028", "'é😀\u2028'"],
    ["a whole number", 5, "5"],
    ["a number below zero", -5, "(-5)"],
    ["minus zero", -0, "(-0.0)"],
    ["a fraction", 0.1, "0.1"],
    ["a small number", 5e-324, "5e-324"],
    ["a large number", -1e300, "(-1e+300)"],
    ["the largest integer that is exact", 2 ** 53 - 1, "9007199254740991"],
    ["a number that stands for several integers", 2 ** 53, "9007199254740992.0"],
    ["not a number", Number.NaN, "CAST('NaN' AS FLOAT64)"],
    ["infinity", Number.POSITIVE_INFINITY, "CAST('inf' AS FLOAT64)"],
    ["infinity below zero", Number.NEGATIVE_INFINITY, "CAST('-inf' AS FLOAT64)"],
    ["a bigint", 9223372036854775807n, "9223372036854775807"],
    ["the smallest bigint", -(2n ** 63n), "(-9223372036854775808)"],
    ["true", true, "TRUE"],
    ["false", false, "FALSE"],
    ["null", null, "NULL"],
    ["a Date", new Date(Date.UTC(2020, 0, 2, 3, 4, 5, 60)), "DATETIME '2020-01-02T03:04:05.060'"],
    ["a Date without a fraction", new Date(0), "DATETIME '1970-01-01T00:00:00'"],
    ["a DateTime", DateTime.makeUnsafe("2020-01-02T03:04:05Z"), "DATETIME '2020-01-02T03:04:05'"],
    [
      "a DateTime with a zone, in UTC",
      DateTime.makeZonedUnsafe("2020-01-02T03:04:05Z", { timeZone: "Asia/Tokyo" }),
      "DATETIME '2020-01-02T03:04:05'"
    ],
    ["a plain date", tagged("Temporal.PlainDate", "2020-01-02"), "DATE '2020-01-02'"],
    ["a date of another calendar", tagged("Temporal.PlainDate", "2020-01-02[u-ca=hebrew]"), "DATE '2020-01-02'"],
    ["a plain time", tagged("Temporal.PlainTime", "03:04:05.678901"), "TIME '03:04:05.678901'"],
    [
      "a plain date with a time",
      tagged("Temporal.PlainDateTime", "2020-01-02T03:04:05.000001"),
      "DATETIME '2020-01-02T03:04:05.000001'"
    ],
    ["an instant", tagged("Temporal.Instant", "2020-01-02T03:04:05Z"), "DATETIME '2020-01-02T03:04:05'"],
    ["an array", ["a", null, "b"], "['a', NULL, 'b']"],
    ["an array of numbers of several kinds", [1, -2, 0.5, 3n], "[1, (-2), 0.5, 3]"],
    ["an empty array", [], "[]"],
    ["a reference", table, "`demo.My birds:v1.0.a_b_c`"],
    ["a name", Query.identifier("demo.penguins.birds"), "`demo.penguins.birds`"],
    ["a name with a backtick", Query.identifier("a`b\\"), "`a\\`b\\\\`"],
    ["a part", Query.sql`lower(${"A"})`, "lower('A')"]
  ])("is written as what it is: %s", (_, value, literal) => {
    assert.strictEqual(text(Query.sql`(${value})`), `(${literal})`)
  })

  it.each<[name: string, value: unknown, refusal: string]>([
    ["undefined", undefined, "sql.values[1] is undefined; give null for NULL"],
    ["a symbol", Symbol("a"), "sql.values[1] is a symbol"],
    ["a function", () => 1, "sql.values[1] is a function"],
    ["an object", { toString: () => "1; drop table a" }, "sql.values[1] is an object"],
    ["an object without a prototype", Object.create(null), "sql.values[1] is an object"],
    ["text in an object", new String("a"), "sql.values[1] is an object"],
    ["a secret", Redacted.make("a"), "sql.values[1] is an object"],
    ["bytes", new Uint8Array(2), "sql.values[1] is an object"],
    ["an invalid date", new Date(Number.NaN), "sql.values[1] is an invalid date"],
    ["a year above 9999", new Date(Date.UTC(10000, 0, 1)), "sql.values[1] is a time that DATETIME has not"],
    ["a year below 1", new Date("0000-12-31T00:00:00Z"), "sql.values[1] is a time that DATETIME has not"],
    ["a thousandth of a microsecond", tagged("Temporal.Instant", "2020-01-02T03:04:05.0000001Z"), "sql.values[1] is a"],
    ["a forged date", tagged("Temporal.PlainDate", "2020-01-02' or '1"), "sql.values[1] is a date that DATE has not"],
    ["a forged time", tagged("Temporal.PlainTime", "03:04:05'--"), "sql.values[1] is a time that TIME has not"],
    ["a forged DateTime", { "~effect/DateTime": 1, epochMilliseconds: "' or '" }, "sql.values[1] is an invalid date"],
    ["an integer beyond 64 bits", 2n ** 63n, "sql.values[1] is an integer beyond 64 bits"],
    ["half a character", "a\ud800", "sql.values[1] holds half of a surrogate pair"],
    ["the other half first", "\udc00\ud800", "sql.values[1] holds half of a surrogate pair"],
    ["half a character in an array", ["a", "\udc00"], "sql.values[1][1] holds half of a surrogate pair"],
    ["an array in an array", [[1]], "sql.values[1][0] is an array in an array"],
    ["an array with a hole", Array(2), "sql.values[1][0] is undefined"],
    ["an array of several types", [null, 1, "a"], "sql.values[1][2] has another type"],
    ["a name in an array", ["a", Query.identifier("b")], "sql.values[1][1] is a name"],
    ["no name", Query.identifier(""), "sql.values[1] is an empty name"],
    ["a name with the character 0", Query.identifier("\0"), "sql.values[1] holds the character U+0000"],
    ["a part that is wrong", Query.sql`a = ${anything(undefined)}`, "sql.values[1].values[0] is undefined"],
    ["a part that ends in quotes", Query.sql`'a`, "sql.values[1] is a part of SQL that ends in quotes"],
    [
      "a part that ends in a comment",
      Query.sql`/* a`,
      "sql.values[1] is a part of SQL that ends in quotes or in a comm"
    ]
  ])("is refused with its place: %s", (_, value, refusal) => {
    const reason = refused(Query.sql`select ${1}, ${anything(value)}`)
    assert.isTrue(reason.startsWith(refusal), reason)
  })

  it("is refused where the template has quotes or a comment around it", () => {
    const value = "' or 1 = 1 --"
    for (
      const sql of [
        Query.sql`select '${value}'`,
        Query.sql`select "${value}"`,
        Query.sql`select '''it's ${value}'''`,
        Query.sql`select r"\\${value}"`,
        Query.sql`select 'it\\'s ${value}'`,
        Query.sql`select * from \`demo.penguins.${value}\``,
        Query.sql`select 1 /* ${value} */`,
        Query.sql`select 1 -- ${value}`,
        Query.sql`select 1 # it is ${value}`
      ]
    ) {
      assert.match(refused(sql), /^sql\.values\[0\] stands in (quotes|backticks|a comment)/)
    }
    const fine = Query.sql`select 'it\\'s', "--", r'\\', '''a'b''', \`/*\` -- what's this\n, /* it's " \` */ ${value}`
    assert.isTrue(text(fine).endsWith("'\\' or 1 = 1 --'"))
  })

  it("stays apart from what stands around it", () => {
    assert.strictEqual(text(Query.sql`select 1-${-1}, 2${3}4, ${1}.5, r${"a"}`), "select 1-(-1), 2 3 4, 1 .5, r 'a'")
    assert.strictEqual(text(Query.sql`select ${""}${"a"}${""}`), "select '' 'a' ''")
    const minus = Query.sql`-${1}`
    assert.strictEqual(text(Query.sql`select 1-${minus}, (${minus})`), "select 1- -1, (-1)")
    assert.strictEqual(text(Query.sql`select t.${Query.identifier("a")}, 1`), "select t.`a`, 1")
  })

  it("is no name and no SQL because data from elsewhere says so", () => {
    const identifier = { ...Query.identifier("password") }
    assert.match(refused(Query.sql`select ${anything(JSON.parse(JSON.stringify(identifier)))}`), /is an object/)
    const part = { ...Query.sql`true` }
    assert.match(refused(Query.sql`select ${anything(JSON.parse(JSON.stringify(part)))}`), /is an object/)
    const birds = built(Reference.table({ name: "birds" }))
    assert.match(refused(Query.sql`select * from a where a.b = ${birds}`), /behind FROM and JOIN alone/)
    assert.strictEqual(
      text(Query.sql`select * from ${birds} join ${birds} using (a)`),
      "select * from `birds` join `birds` using (a)"
    )
    for (
      const odd of [{ kind: "table" }, { kind: "table", name: "a", container: null }, { kind: "table", name: "a`" }]
    ) {
      assert.match(refused(Query.sql`select * from ${anything(odd)}`), /is an object/)
    }
  })

  it("is a part within a part within a query", () => {
    const mass = Query.sql`body_mass_g > ${4000}`
    const both = Query.sql`(${mass} and species in unnest(${["a'b"]}))`
    assert.strictEqual(
      text(Query.sql`select * from ${table} where ${both} or ${mass}`),
      "select * from `demo.My birds:v1.0.a_b_c` where (body_mass_g > 4000 and species in unnest(['a\\'b'])) or body_mass_g > 4000"
    )
    const commented = Query.sql`${mass} -- heavy ones`
    assert.strictEqual(
      text(Query.sql`select * from t where ${commented} and true`),
      "select * from t where body_mass_g > 4000 -- heavy ones\n and true"
    )
  })

  it("is refused with a backslash that JavaScript cannot read", () => {
    assert.match(refused(Query.sql`select '\u00'`), /^sql\.strings\[0\] has a backslash/)
  })

  it("never throws, whatever it is", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.anything({ withBigInt: true, withDate: true, withSparseArray: true }), (value) => {
        const result = Query.toText(Query.sql`select ${anything(value)}`)
        if (Result.isFailure(result)) assert.strictEqual(result.failure.field.startsWith("sql.values[0]"), true)
        else assert.strictEqual(read(result.success).ending, "plain")
      }),
      { numRuns: 2000 }
    )
  })
})

describe("a text that only reads", () => {
  it.each([
    "select 1",
    " \n-- insert into a\n# drop table a\n/* delete */ SELECT 1;",
    "with delete as (select 1 as update) select * from delete",
    "with a as (select 1), b as (select 2) (select * from a) union all (select * from b)",
    "with a as (select 1 as x) select sum(x) load from a",
    "with a as (select 1), b as (select 2) from a |> extend sum(x) over () update |> select max(x) insert",
    "with a as (select 1) (select 2) union all select (3) delete",
    "(select 1) union all (select 2)",
    "from `a.b.c` |> where insert > 1 |> drop x |> select drop",
    "declare x int64 default 1; set x = 2; select x",
    "select 'drop table a; insert', \"; delete\", `;drop`, r'\\';', '''a';drop'''",
    "-- nothing at all"
  ])("is told: %s", (text) => {
    assert.isUndefined(wordThatWrites(text))
  })

  it.each([
    ["insert into a values (1)", "INSERT"],
    ["/* select */ -- select\n# select\n Update a set b = 1", "UPDATE"],
    ["delete from a", "DELETE"],
    ["merge a using b on true when matched then delete", "MERGE"],
    ["create table a as select 1", "CREATE"],
    ["drop table a", "DROP"],
    ["alter table a add column b int64", "ALTER"],
    ["truncate table a", "TRUNCATE"],
    ["begin transaction", "BEGIN"],
    ["commit", "COMMIT"],
    ["call a()", "CALL"],
    ["execute immediate 'drop table a'", "EXECUTE"],
    ["export data options () as select 1", "EXPORT"],
    ["grant a on b to c", "GRANT"],
    ["select 1; drop table a", "DROP"],
    ["select ';'; /* ; */ drop table a", "DROP"],
    ["declare x int64; insert into a values (x)", "INSERT"],
    ["with a as (select 1) delete from b", "DELETE"],
    ["with a as (select ')') insert into b select * from a", "INSERT"],
    ["with a as (select sum(1) load), b as (select 2) delete from b", "DELETE"],
    ["with a(x) as (select 1) insert into b select * from a", "INSERT"],
    ["with recursive a(x) using key (x) as (select 1) update b set c = 1", "UPDATE"],
    ["with a as (select 1) select 2; with b as (select 3) insert into c select 4", "INSERT"],
    ["with a as (select 1) from a |> insert into b", "INSERT"],
    ["from a |> insert into b", "INSERT"],
    ["`insert` into a", "a quoted name"],
    ["if true then drop table a; end if", "IF"]
  ])("is told from one that does more: %s", (text, word) => {
    assert.strictEqual(wordThatWrites(text), word)
  })
})
