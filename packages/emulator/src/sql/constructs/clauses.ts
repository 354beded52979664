/**
 * Clauses of queries, and scripts. What each gives is stated in GoogleSQL's reference (the pages
 * query-syntax, procedural-language).
 *
 * @since 0.1.0
 */
import type { Construct } from "./Construct.ts"

export const clauses: ReadonlyArray<Construct> = [
  {
    constructs: ["clause SELECT", "literal INT64", "literal STRING"],
    sql: "select 1, 'x' as b",
    rows: [[1, "x"]]
  },
  {
    constructs: ["clause SELECT", "clause FROM", "clause WHERE", "literal INT64", "operator ="],
    sql: "select species, n from birds where n = 2",
    rows: [["Gentoo", 2]]
  },
  {
    constructs: ["clause *"],
    sql: "select * from birds where n = 1",
    rows: [["Adelie", 1, 1.5, true, "2020-01-01", "2020-01-01 10:00:00", "10:00:00", null]]
  },
  {
    constructs: ["clause * EXCEPT"],
    sql: "select * except (ok, D, dt, tm, place) from birds where n = 1",
    rows: [["Adelie", 1, 1.5]]
  },
  {
    constructs: ["clause * REPLACE", "function UPPER"],
    sql: "select * replace (n + 1 as n, upper(species) as species) from (select species, n from birds) where n = 2",
    rows: [["GENTOO", 3]]
  },
  {
    constructs: [
      "clause SELECT",
      "clause FROM",
      "clause WHERE",
      "literal INT64",
      "operator =",
      "clause *",
      "clause * EXCEPT"
    ],
    sql: "select b.* except (mass, ok, d, dt, tm, place), 5 as five from birds as b where b.n = 1",
    rows: [["Adelie", 1, 5]]
  },
  {
    constructs: ["clause SELECT", "clause FROM", "clause WHERE", "literal INT64", "operator ="],
    sql: "select n, from birds where n = 1",
    rows: [[1]]
  },
  {
    constructs: ["clause SELECT", "clause FROM", "clause ORDER BY"],
    sql: "select n from birds order by n",
    rows: [[null], [1], [2], [3]]
  },
  {
    constructs: ["clause SELECT", "clause FROM", "clause ORDER BY"],
    sql: "select n from birds order by n desc",
    rows: [[3], [2], [1], [null]]
  },
  {
    constructs: ["clause NULLS LAST"],
    sql: "select n from birds order by n asc nulls last",
    rows: [[1], [2], [3], [null]]
  },
  {
    constructs: ["clause NULLS FIRST"],
    sql: "select n from birds order by n desc nulls first",
    rows: [[null], [3], [2], [1]]
  },
  {
    constructs: ["clause SELECT", "clause FROM", "clause ORDER BY"],
    sql: "select mass from birds order by mass",
    rows: [[null], ["NaN"], [1.5], [2.5]]
  },
  {
    constructs: ["clause SELECT", "clause FROM", "clause ORDER BY"],
    sql: "select mass from birds order by mass desc",
    rows: [[2.5], [1.5], ["NaN"], [null]]
  },
  {
    constructs: ["clause SELECT", "clause FROM", "clause ORDER BY"],
    sql: "select n, species from birds order by 2 desc, 1 desc",
    rows: [[2, "Gentoo"], [3, "Adelie"], [1, "Adelie"], [null, null]]
  },
  {
    constructs: ["operator IS NULL", "function UPPER"],
    sql: "select upper(species) as species from birds where n is not null order by species, n desc",
    rows: [["ADELIE"], ["ADELIE"], ["GENTOO"]]
  },
  {
    constructs: ["operator IS NULL", "operator -"],
    sql: "select n from birds where n is not null order by -n",
    rows: [[3], [2], [1]]
  },
  {
    constructs: ["clause LIMIT"],
    sql: "select n from birds where n is not null order by n limit 2",
    rows: [[1], [2]]
  },
  {
    constructs: ["clause OFFSET"],
    sql: "select n from birds where n is not null order by n limit 1 offset 1",
    rows: [[2]]
  },
  {
    constructs: ["clause SELECT DISTINCT"],
    sql: "select distinct species from birds order by species",
    rows: [[null], ["Adelie"], ["Gentoo"]]
  },
  {
    constructs: ["clause GROUP BY"],
    sql: "select species, count(*) from birds group by species order by species",
    rows: [[null, 1], ["Adelie", 2], ["Gentoo", 1]]
  },
  {
    constructs: ["clause GROUP BY", "function COUNT"],
    sql: "select species as kind, count(*) as n from birds group by kind order by kind",
    rows: [[null, 1], ["Adelie", 2], ["Gentoo", 1]]
  },
  {
    constructs: ["function DATE_TRUNC"],
    sql: "select date_trunc(d, year) as d, count(*) from birds where d is not null group by d",
    rows: [["2020-01-01", 3]]
  },
  {
    constructs: ["operator IS NULL", "clause GROUP BY", "function UPPER", "function SUM", "operator +"],
    sql: "select upper(species), sum(n) + 1 from birds where n is not null group by upper(species) order by 1",
    rows: [["ADELIE", 5], ["GENTOO", 3]]
  },
  {
    constructs: ["clause HAVING"],
    sql: "select species, count(*) from birds group by 1 having count(*) > 1",
    rows: [["Adelie", 2]]
  },
  {
    constructs: ["clause GROUP BY", "function COUNT", "clause HAVING", "operator AND", "operator IS NULL"],
    sql: "select species, count(*) as c from birds group by species having c = 1 and species is not null",
    rows: [["Gentoo", 1]]
  },
  {
    constructs: ["function MAX", "clause HAVING", "function COUNT", "operator >"],
    sql: "select max(n) from birds having count(*) > 100",
    rows: []
  },
  {
    constructs: ["clause GROUP BY"],
    sql: "select 'x' from birds group by ()",
    rows: [["x"]]
  },
  {
    constructs: ["clause GROUP BY ALL"],
    sql: "select species, ok, count(*) from birds where n < 3 group by all order by 1",
    rows: [["Adelie", true, 1], ["Gentoo", false, 1]]
  },
  {
    constructs: ["clause ROLLUP"],
    sql: "select species, count(*) from birds where n is not null group by rollup(species) order by species",
    rows: [[null, 3], ["Adelie", 2], ["Gentoo", 1]]
  },
  {
    constructs: ["clause CUBE"],
    sql: "select species, ok, count(*) from birds where n < 3 group by cube(species, ok) order by 1, 2",
    rows: [[null, null, 2], [null, false, 1], [null, true, 1], ["Adelie", null, 1], ["Adelie", true, 1], [
      "Gentoo",
      null,
      1
    ], ["Gentoo", false, 1]]
  },
  {
    constructs: ["clause GROUPING SETS"],
    sql:
      "select species, ok, count(*) from birds where n < 3 group by grouping sets ((species, ok), ok, ()) order by 1, 2",
    rows: [[null, null, 2], [null, false, 1], [null, true, 1], ["Adelie", true, 1], ["Gentoo", false, 1]]
  },
  {
    constructs: ["clause QUALIFY", "function ROW_NUMBER", "function ROW_NUMBER with OVER"],
    sql: "select n from birds qualify row_number() over (partition by species order by n desc) = 1 order by n",
    rows: [[null], [2], [3]]
  },
  {
    constructs: ["function RANK", "function RANK with OVER"],
    sql: "select n, rank() over (order by n desc) as r from birds where n is not null qualify r <= 2 order by r",
    rows: [[3, 1], [2, 2]]
  },
  {
    constructs: ["function SUM with OVER", "clause WINDOW", "clause ROWS"],
    sql:
      "select n, sum(n) over w, sum(n) over (w rows unbounded preceding) from birds where n is not null window w as (partition by species order by n) order by n",
    rows: [[1, 1, 1], [2, 2, 2], [3, 4, 4]]
  },
  {
    constructs: ["operator +"],
    sql: "select x.a from (select n + 1 as a from birds where n = 1) as x",
    rows: [[2]]
  },
  {
    constructs: ["clause WITH", "clause CROSS JOIN"],
    sql:
      "with a as (select n from birds where n > 1), b as (select n * 10 as n from a) select a.n, b.n as m from a cross join b order by 1, 2",
    rows: [[2, 20], [2, 30], [3, 20], [3, 30]]
  },
  {
    constructs: ["clause WITH"],
    sql: "with birds as (select 7 as n) select n from birds",
    rows: [[7]]
  },
  {
    constructs: ["clause WITH", "expression of a query"],
    sql: "with a as (select 1 as x) select (with a as (select 2 as x) select x from a), x from a",
    rows: [[2, 1]]
  },
  {
    constructs: ["clause comma in FROM"],
    sql: "select a.x, b.y from (select 1 as x) as a, (select 2 as y) as b",
    rows: [[1, 2]]
  },
  {
    constructs: ["clause CROSS JOIN"],
    sql: "select a.x, b.y from (select 1 as x) as a cross join (select 2 as y) as b",
    rows: [[1, 2]]
  },
  {
    constructs: ["clause INNER JOIN"],
    sql: "select a.n, b.n as m from birds as a join birds as b on b.n = a.n + 1 order by 1",
    rows: [[1, 2], [2, 3]]
  },
  {
    constructs: ["clause LEFT JOIN"],
    sql: "select a.n, b.n as m from birds as a left join birds as b on b.n = a.n + 1 order by 1",
    rows: [[null, null], [1, 2], [2, 3], [3, null]]
  },
  {
    constructs: ["clause RIGHT JOIN"],
    sql: "select a.n, b.n as m from birds as a right outer join birds as b on b.n = a.n + 1 order by 2",
    rows: [[null, null], [null, 1], [1, 2], [2, 3]]
  },
  {
    constructs: ["clause FULL JOIN"],
    sql:
      "select a.n, b.n as m from birds as a full outer join birds as b on b.n = a.n + 2 where a.n is not null or b.n is not null order by 1, 2",
    rows: [[null, 1], [null, 2], [1, 3], [2, null], [3, null]]
  },
  {
    constructs: ["clause USING"],
    sql: "select * from (select 1 as k, 'a' as x) join (select 1 as k, 'b' as y) using (k)",
    rows: [[1, "a", "b"]]
  },
  {
    constructs: ["clause FULL JOIN", "clause USING"],
    sql: "select k, x, y from (select 1 as k, 'a' as x) full join (select 2 as k, 'b' as y) using (k) order by k",
    rows: [[1, "a", null], [2, null, "b"]]
  },
  {
    constructs: ["clause RIGHT JOIN", "clause USING"],
    sql: "select k from (select 1 as k) a right join (select 2 as k) b using (k)",
    rows: [[2]]
  },
  {
    constructs: ["clause LEFT JOIN", "clause USING"],
    sql: "select a.k, b.k as l from (select 1 as k) a left join (select 2 as k) b using (k)",
    rows: [[1, null]]
  },
  {
    constructs: ["clause INNER JOIN"],
    sql: "select x from ((select 1 as x) as a join (select 1 as y) as b on a.x = b.y)",
    rows: [[1]]
  },
  {
    constructs: ["clause SELECT", "clause UNNEST", "expression ARRAY", "literal INT64", "clause ORDER BY"],
    sql: "select x from unnest([3, 1, 2]) as x order by x",
    rows: [[1], [2], [3]]
  },
  {
    constructs: ["clause WITH OFFSET"],
    sql: "select x, o from unnest(['a', 'b']) as x with offset as o order by o",
    rows: [["a", 0], ["b", 1]]
  },
  {
    constructs: ["clause WITH OFFSET"],
    sql: "select x, offset from unnest(['a', 'b']) as x with offset order by offset desc",
    rows: [["b", 1], ["a", 0]]
  },
  {
    constructs: ["set operation UNION ALL"],
    sql:
      "select t.id, x from (select 1 as id, [10, 20] as xs union all select 2, []) as t, unnest(t.xs) as x order by x",
    rows: [[1, 10], [1, 20]]
  },
  {
    constructs: ["set operation UNION ALL", "clause LEFT JOIN"],
    sql:
      "select t.id, x from (select 1 as id, [10, 20] as xs union all select 2, []) as t left join unnest(t.xs) as x order by id, x",
    rows: [[1, 10], [1, 20], [2, null]]
  },
  {
    constructs: ["clause WITH OFFSET", "clause comma in FROM"],
    sql: "select id, x from (select 1 as id, [10, 20] as xs) as t, t.xs as x with offset as o where o = 1",
    rows: [[1, 20]]
  },
  {
    constructs: ["expression STRUCT", "field of STRUCT"],
    sql: "select p.a, b from unnest([struct(1 as a, 'x' as b), (2, 'y')]) as p order by a",
    rows: [[1, "x"], [2, "y"]]
  },
  {
    constructs: ["set operation UNION ALL"],
    sql: "select 1 as a union all select 1 union all select 2.5",
    rows: [[1], [1], [2.5]]
  },
  {
    constructs: ["set operation UNION DISTINCT"],
    sql: "select n from birds where n = 1 union distinct select 1",
    rows: [[1]]
  },
  {
    constructs: ["set operation INTERSECT DISTINCT"],
    sql: "select 1 as x intersect distinct select 1",
    rows: [[1]]
  },
  {
    constructs: ["set operation EXCEPT DISTINCT"],
    sql: "(select 1 as x union all select 2) except distinct select 1",
    rows: [[2]]
  },
  {
    constructs: ["set operation UNION ALL", "clause LIMIT"],
    sql: "select 1 as x union all (select n from birds order by n desc limit 1) order by x desc",
    rows: [[3], [1]]
  },
  {
    constructs: ["set operation UNION ALL", "clause LIMIT"],
    sql: "(select 2 as x) union all (select 1) order by x limit 1",
    rows: [[1]]
  },
  {
    constructs: ["clause PIVOT"],
    sql:
      "select * from (select species, n from birds where n is not null) pivot (sum(n) for species in ('Adelie', 'Gentoo' as g))",
    rows: [[4, 2]]
  },
  {
    constructs: ["clause PIVOT", "operator <", "operator IS DISTINCT FROM"],
    sql:
      "select * from (select species, ok, n from birds where n < 3) pivot (count(*) as c, max(n) as m for species in ('Adelie', 'Gentoo')) order by ok",
    rows: [[false, 0, null, 1, 2], [true, 1, 1, 0, null]]
  },
  {
    constructs: ["clause UNPIVOT"],
    sql:
      "select * from (select 1 as id, 10 as a, 20 as b, cast(null as int64) as c) unpivot (v for k in (a, b as 'bee', c)) order by k",
    rows: [[1, 10, "a"], [1, 20, "bee"]]
  },
  {
    constructs: ["clause UNPIVOT", "type INT64"],
    sql:
      "select v, k from (select 10 as a, cast(null as int64) as c) unpivot include nulls (v for k in (a, c)) order by k",
    rows: [[10, "a"], [null, "c"]]
  },
  {
    constructs: ["type INT64", "operator >="],
    sql: "declare least int64 default 2; select n from birds where n >= least order by n",
    rows: [[2], [3]]
  },
  {
    constructs: ["type INT64", "function MAX", "expression of a query", "operator +"],
    sql: "declare a, b int64; declare c default 'x'; set a = (select max(n) from birds); set b = a + 1; select a, b, c",
    rows: [[3, 4, "x"]]
  },
  {
    constructs: ["type DATE"],
    sql: "declare since date default '2020-02-01'; select n from birds where d >= since order by n",
    rows: [[null], [2]]
  },
  {
    constructs: ["clause SELECT AS STRUCT"],
    sql: "select array_length(array(select as struct n, species from birds))",
    rows: [[4]]
  },
  {
    constructs: ["expression ARRAY of a query", "field of STRUCT"],
    sql: "select s.species from unnest(array(select as struct n, species from birds where n = 2)) as s",
    rows: [["Gentoo"]]
  },
  {
    constructs: ["set operation EXCEPT DISTINCT", "set operation UNION ALL"],
    sql: "(select 1 as x union all select 2 union all select 3) except distinct select 1 except distinct select 3",
    rows: [[2]]
  },
  {
    constructs: [
      "expression STRUCT",
      "field of STRUCT",
      "clause WITH OFFSET",
      "clause LEFT JOIN",
      "operator AND",
      "operator >"
    ],
    sql:
      "select id, x from unnest([struct(1 as id, [3, 5] as xs), (2, [7])]) as t left join unnest(t.xs) as x with offset as o on id = 1 and x > 3 order by id, x",
    rows: [[1, 5], [2, null]]
  },
  {
    constructs: ["clause PIVOT", "operator IS NULL", "operator IS DISTINCT FROM"],
    sql: "select _1, _2 from (select species, n from birds where n is not null) pivot (count(species) for n in (1, 2))",
    rows: [[1, 1]]
  },
  {
    constructs: ["clause PIVOT", "operator IS NULL", "operator IS DISTINCT FROM"],
    sql:
      "select c_1, m_x from (select species, n from birds where n is not null) pivot (count(*) as c, max(species) as m for n in (1, 2 as x))",
    rows: [[1, "Gentoo"]]
  }
]
