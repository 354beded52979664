/**
 * Literals, operators and expressions. What each gives is stated in GoogleSQL's reference (the pages
 * lexical, operators).
 *
 * @since 0.1.0
 */
import type { Construct } from "./Construct.ts"

export const expressions: ReadonlyArray<Construct> = [
  {
    constructs: ["clause SELECT", "literal NULL", "literal BOOL", "literal INT64", "literal FLOAT64", "literal STRING"],
    sql: "select null, true, false, 12, 0x1F, 1.5, .5, 1e3, 'a', \"b\"",
    rows: [[null, true, false, 12, 31, 1.5, 0.5, 1000, "a", "b"]]
  },
  {
    constructs: ["clause SELECT", "literal STRING"],
    sql:
      "select 'it\\'s', \"a\\\"b\", 'tab\\tend', '\\x41\\101\\u00e9\\U0001F600', 'a\\\\b', r'a\\n', r'\\'', \"\"\"two\nlines \"x\" \"\"\", '''it's'''",
    rows: [["it's", "a\"b", "tab\tend", "AAé😀", "a\\b", "a\\n", "\\'", "two\nlines \"x\" ", "it's"]]
  },
  {
    constructs: ["operator +"],
    sql: "select 'a;b -- c', 'a`b.c`d' /* a `comment` */, 1 # and 'one'\n + 1 -- more",
    rows: [["a;b -- c", "a`b.c`d", 2]]
  },
  {
    constructs: ["function TO_HEX", "literal BYTES", "function LENGTH"],
    sql: "select to_hex(b'a\\xff'), to_hex(rb'\\x'), length(b'abc')",
    rows: [["61ff", "5c78", 3]]
  },
  {
    constructs: [
      "literal DATE",
      "cast STRING to DATE",
      "literal DATETIME",
      "cast STRING to DATETIME",
      "literal TIMESTAMP",
      "cast STRING to TIMESTAMP",
      "literal TIME",
      "cast STRING to TIME"
    ],
    sql:
      "select date '2020-01-02', datetime '2020-01-02 03:04:05', timestamp '2020-01-02 03:04:05+01', time '03:04:05.5'",
    rows: [["2020-01-02", "2020-01-02 03:04:05", "2020-01-02 02:04:05", "03:04:05.5"]]
  },
  {
    constructs: ["clause SELECT", "literal INT64"],
    sql: "select -9223372036854775808, 9223372036854775807",
    rows: [[-9223372036854775808n, 9223372036854775807n]]
  },
  {
    constructs: ["type NUMERIC", "cast STRING to NUMERIC", "operator ="],
    sql: "select numeric '1.5' + 1, cast('0.1' as numeric) + cast('0.2' as numeric) = cast('0.3' as numeric)",
    rows: [[2.5, true]]
  },
  {
    constructs: ["clause UNNEST", "expression ARRAY", "operator *", "function ROUND", "function SUM"],
    sql:
      "select numeric '1.5' * numeric '2.5', round(numeric '2.345', 2), sum(x) from unnest([numeric '0.1', numeric '0.2']) as x",
    rows: [[3.75, 2.35, 0.3]]
  },
  {
    constructs: ["operator -", "operator ||"],
    sql: "select 1 + 2, 5 - 7, 3 * 4, 1 + 2.5, 'a' || 'b' || 'c', -(5), +5",
    rows: [[3, -2, 12, 3.5, "abc", -5, 5]]
  },
  {
    constructs: ["operator /"],
    sql: "select 7 / 2, 6 / 3, -7 / 2, 1.0 / 4",
    rows: [[3.5, 2, -3.5, 0.25]]
  },
  {
    constructs: ["operator *", "operator +", "operator -", "operator /"],
    sql: "select 2 + 3 * 4, (2 + 3) * 4, 2 - 3 - 4, 8 / 4 / 2, -2 * -3",
    rows: [[14, 20, -5, 1, 6]]
  },
  {
    constructs: ["operator ||", "operator +"],
    sql: "select 'a' || null, 1 + null, null = null",
    rows: [[null, null, null]]
  },
  {
    constructs: ["operator &", "operator |", "operator ^", "operator ~"],
    sql: "select 5 & 3, 5 | 3, 5 ^ 3, ~5, 1 | 2 & 3",
    rows: [[1, 7, 6, -6, 3]]
  },
  {
    constructs: ["operator <>", "operator <", "operator <=", "operator >", "operator >="],
    sql: "select 1 = 1, 1 <> 2, 1 != 1, 1 < 2, 2 <= 1, 1 > 2, 2 >= 2, 1 = 1.0",
    rows: [[true, true, false, true, false, false, true, true]]
  },
  {
    constructs: ["operator <"],
    sql: "select 'a' < 'b', 'B' < 'a', 'a' = 'A', 'Z' < 'é', 'é' < '😀', 'a' < 'ab'",
    rows: [[true, true, false, true, true, true]]
  },
  {
    constructs: ["clause FROM", "clause WHERE", "operator IS NULL"],
    sql: "select mass = mass, mass <> mass, mass < 1, mass > 1, mass >= 1, mass <= 1 from birds where species is null",
    rows: [[false, true, false, false, false, false]]
  },
  {
    constructs: ["cast STRING to DATE", "operator >", "operator <", "cast STRING to DATETIME"],
    sql: "select d = '2020-01-01', d > '2019-12-31', dt < '2020-01-02' from birds where n = 1",
    rows: [[true, true, true]]
  },
  {
    constructs: ["operator AND", "operator OR", "operator NOT"],
    sql: "select true and null, false and null, true or null, false or null, not true, not null = 1",
    rows: [[null, false, true, null, false, null]]
  },
  {
    constructs: ["operator OR", "operator AND", "operator NOT"],
    sql: "select false or true and false, not false and false",
    rows: [[false, false]]
  },
  {
    constructs: ["operator IS TRUE", "operator IS FALSE"],
    sql:
      "select n is null, n is not null, ok is true, ok is not true, ok is false, ok is not false from birds where n = 3",
    rows: [[false, true, false, true, false, true]]
  },
  {
    constructs: ["operator IS DISTINCT FROM"],
    sql: "select null is distinct from 1, 1 is not distinct from 1, null is not distinct from null",
    rows: [[true, true, true]]
  },
  {
    constructs: ["operator BETWEEN"],
    sql:
      "select 2 between 1 and 3, 2 not between 1 and 3, null between 1 and 2, 3 between 1 and null, 0 between 1 and null",
    rows: [[true, false, null, null, false]]
  },
  {
    constructs: ["operator IN"],
    sql: "select 1 in (1, 2), 3 in (1, 2), 3 in (1, null), 1 not in (1, null), null in (1), 'a' in ('a')",
    rows: [[true, false, null, false, null, true]]
  },
  {
    constructs: ["operator IN of a query", "clause ORDER BY"],
    sql: "select n in (select n + 1 from birds where n is not null) from birds where n is not null order by n",
    rows: [[false], [true], [true]]
  },
  {
    constructs: ["operator IN of a query", "operator IS NULL"],
    sql: "select 5 in (select n from birds), 5 not in (select n from birds where n is not null)",
    rows: [[null, true]]
  },
  {
    constructs: ["operator IN of a query", "operator >", "operator IS NULL"],
    sql: "select 2.5 in (select mass from birds where mass > 2), 3.5 in (select mass from birds where n is not null)",
    rows: [[true, null]]
  },
  {
    constructs: ["operator IN UNNEST", "type ARRAY", "type INT64"],
    sql:
      "select 1 in unnest([1, 2]), 3 in unnest([1, null]), 3 in unnest([1, 2]), 1 in unnest(cast(null as array<int64>)), null in unnest([1])",
    rows: [[true, null, false, false, null]]
  },
  {
    constructs: ["operator IN UNNEST", "literal STRING", "literal DATE", "literal NULL"],
    sql:
      "select 'a' in unnest([]), 'a' not in unnest([]), date '2020-01-02' in unnest([]), 1.5 in unnest([]), null in unnest([])",
    rows: [[false, true, false, false, false]]
  },
  {
    constructs: ["operator LIKE"],
    sql:
      "select 'apple' like 'a%', 'apple' like '_pple', 'apple' not like 'b%', 'a%b' like 'a\\\\%b', 'axb' like 'a\\\\%b', 'Apple' like 'a%'",
    rows: [[true, true, true, true, false, false]]
  },
  {
    constructs: ["expression CASE"],
    sql:
      "select case when n = 1 then 'one' when n = 2 then 'two' else 'many' end from birds where n is not null order by n",
    rows: [["one"], ["two"], ["many"]]
  },
  {
    constructs: ["expression CASE of a value"],
    sql: "select case n when 1 then 'one' when 2 then 'two' end from birds where n is not null order by n",
    rows: [["one"], ["two"], [null]]
  },
  {
    constructs: ["expression CASE", "expression CASE of a value"],
    sql: "select case when true then 1 else 2.5 end, case null when null then 1 else 2 end",
    rows: [[1, 2]]
  },
  {
    constructs: ["function IF"],
    sql: "select if(false, 1 / 0, 5), case when 1 = 1 then 1 else 1 / 0 end",
    rows: [[5, 1]]
  },
  {
    constructs: ["operator [OFFSET]", "operator [ORDINAL]", "operator [SAFE_OFFSET]", "operator [SAFE_ORDINAL]"],
    sql:
      "select [1, 2, 3][offset(0)], [1, 2, 3][ordinal(3)], [1, 2][safe_offset(5)], [1, 2][safe_ordinal(0)], [7, 8][1]",
    rows: [[1, 3, null, null, 8]]
  },
  {
    constructs: ["type STRING", "function ARRAY_LENGTH", "type FLOAT64"],
    sql: "select array<string>['a', null][offset(1)], array_length(array<int64>[]), array<float64>[1, 2.5][offset(0)]",
    rows: [[null, 0, 1]]
  },
  {
    constructs: ["clause FROM of a query", "expression STRUCT", "field of STRUCT", "type STRUCT"],
    sql:
      "select struct(1 as a, 'x' as b).b, struct<x int64, y string>(1, 'z').y, s.a from (select struct(n as a) as s from birds where n = 2)",
    rows: [["x", "z", 2]]
  },
  {
    constructs: ["function MAX", "expression of a query"],
    sql: "select (select max(n) from birds), (select n from birds where n = 77)",
    rows: [[3, null]]
  },
  {
    constructs: ["function COUNT"],
    sql: "select (select count(*) from birds b where b.n <= a.n) from birds a where n is not null order by n",
    rows: [[1], [2], [3]]
  },
  {
    constructs: ["expression EXISTS"],
    sql: "select exists(select 1 from birds where n = 1), exists(select 1 from birds where n = 9)",
    rows: [[true, false]]
  },
  {
    constructs: ["function ARRAY_TO_STRING", "expression ARRAY of a query"],
    sql:
      "select array_to_string(array(select species from birds where n is not null order by n desc), '+'), array_length(array(select n from birds where n = 9))",
    rows: [["Adelie+Gentoo+Adelie", 0]]
  },
  {
    constructs: ["operator DATE + INT64", "interval DAY"],
    sql: "select d + 1, d - 1, 1 + d from birds where n = 1",
    rows: [["2020-01-02", "2019-12-31", "2020-01-02"]]
  },
  {
    constructs: ["operator + of INTERVAL", "interval MONTH", "interval MINUTE", "interval HOUR"],
    sql:
      "select d + interval 1 month, dt - interval 90 minute, timestamp '2020-01-01 00:00:00' + interval 36 hour from birds where n = 1",
    rows: [["2020-02-01 00:00:00", "2020-01-01 08:30:00", "2020-01-02 12:00:00"]]
  },
  {
    constructs: ["operator || of ARRAY"],
    sql: "select [1] || [2, 3] is null, array_length([1] || [2, 3]), array_length([1] || cast(null as array<int64>))",
    rows: [[false, 3, null]]
  },
  {
    constructs: ["operator LIKE ANY", "operator LIKE ALL"],
    sql: "select 'apple' like any ('b%', 'a%'), 'apple' like all ('a%', 'b%'), 'apple' like any ('x', null)",
    rows: [[true, false, null]]
  },
  {
    constructs: ["cast INT64 to FLOAT64"],
    sql: "select [struct(1 as a, 2.5 as b), (3, 4)][offset(1)].b",
    rows: [[4]]
  }
]
