/**
 * Window functions. What each gives is stated in GoogleSQL's reference (the pages
 * window-function-calls, navigation_functions, numbering_functions).
 *
 * @since 0.1.0
 */
import type { Construct } from "./Construct.ts"

export const windows: ReadonlyArray<Construct> = [
  {
    constructs: ["operator IS NULL", "function ROW_NUMBER", "function ROW_NUMBER with OVER"],
    sql: "select n, row_number() over (order by n desc) from birds where n is not null order by n",
    rows: [[1, 3], [2, 2], [3, 1]]
  },
  {
    constructs: [
      "function DENSE_RANK",
      "function DENSE_RANK with OVER",
      "function PERCENT_RANK",
      "function PERCENT_RANK with OVER",
      "function CUME_DIST",
      "function CUME_DIST with OVER",
      "function NTILE",
      "function NTILE with OVER"
    ],
    sql:
      "select x, rank() over (order by x), dense_rank() over (order by x), percent_rank() over (order by x), cume_dist() over (order by x), ntile(2) over (order by x) from unnest([1, 1, 2, 3]) as x order by x",
    rows: [[1, 1, 1, 0, 0.5, 1], [1, 1, 1, 0, 0.5, 1], [2, 3, 2, 0.6666666666666666, 0.75, 2], [3, 4, 3, 1, 1, 2]]
  },
  {
    constructs: ["function LAG", "function LAG with OVER", "function LEAD", "function LEAD with OVER"],
    sql:
      "select n, lag(n) over (order by n), lead(n) over (order by n), lag(n, 2) over (order by n), lead(n, 1, 99) over (order by n) from birds where n is not null order by n",
    rows: [[1, null, 2, null, 2], [2, 1, 3, null, 3], [3, 2, null, 1, 99]]
  },
  {
    constructs: [
      "function FIRST_VALUE",
      "function FIRST_VALUE with OVER",
      "function LAST_VALUE",
      "function LAST_VALUE with OVER",
      "function NTH_VALUE",
      "function NTH_VALUE with OVER"
    ],
    sql:
      "select n, first_value(n) over (order by n), last_value(n) over (order by n), last_value(n) over (order by n rows between unbounded preceding and unbounded following), nth_value(n, 2) over (order by n rows between unbounded preceding and unbounded following) from birds where n is not null order by n",
    rows: [[1, 1, 1, 3, 2], [2, 1, 2, 3, 2], [3, 1, 3, 3, 2]]
  },
  {
    constructs: [
      "operator OR",
      "operator IS NULL",
      "function FIRST_VALUE",
      "function FIRST_VALUE with OVER",
      "clause IGNORE NULLS in a call",
      "clause ROWS",
      "function LAST_VALUE",
      "function LAST_VALUE with OVER",
      "clause RESPECT NULLS in a call",
      "clause LIMIT"
    ],
    sql:
      "select first_value(n ignore nulls) over (order by n rows between unbounded preceding and unbounded following), last_value(mass ignore nulls) over (order by n rows between unbounded preceding and unbounded following), first_value(n respect nulls) over (order by n) from birds where n = 3 or n is null limit 1",
    rows: [[3, "NaN", null]]
  },
  {
    constructs: ["function AVG with OVER", "function COUNT with OVER"],
    sql:
      "select n, sum(n) over (order by n), sum(n) over (), sum(n) over (partition by species), avg(n) over (order by n rows between 1 preceding and 1 following), count(*) over (order by n rows unbounded preceding) from birds where n is not null order by n",
    rows: [[1, 1, 6, 4, 1.5, 1], [2, 3, 6, 2, 2, 2], [3, 6, 6, 4, 2.5, 3]]
  },
  {
    constructs: ["clause RANGE"],
    sql:
      "select x, sum(x) over (order by x range between 1 preceding and current row), count(*) over (order by x range between unbounded preceding and current row) from unnest([1, 2, 2, 5]) as x order by x",
    rows: [[1, 1, 1], [2, 5, 3], [2, 5, 3], [5, 5, 4]]
  },
  {
    constructs: ["function MIN with OVER", "function MAX with OVER", "function COUNTIF with OVER"],
    sql:
      "select n, min(n) over (order by n desc), max(species) over (partition by ok), countif(ok) over (), count(distinct species) over () from birds where n < 3 order by n",
    rows: [[1, 1, "Adelie", 1, 2], [2, 2, "Gentoo", 1, 2]]
  },
  {
    constructs: [
      "function PERCENTILE_CONT",
      "function PERCENTILE_CONT with OVER",
      "function PERCENTILE_DISC",
      "function PERCENTILE_DISC with OVER"
    ],
    sql:
      "select percentile_cont(x, 0.5) over (), percentile_disc(x, 0.5) over (), percentile_cont(x, 0) over () from unnest([1, 2, 3, 10]) as x limit 1",
    rows: [[2.5, 2, 1]]
  },
  {
    constructs: ["operator IS NULL", "function PERCENTILE_CONT", "function PERCENTILE_CONT with OVER"],
    sql:
      "select distinct species, percentile_cont(n, 0.5) over (partition by species) from birds where n is not null order by species",
    rows: [["Adelie", 2], ["Gentoo", 2]]
  },
  {
    constructs: [
      "function ANY_VALUE with OVER",
      "function LOGICAL_OR with OVER",
      "function LOGICAL_AND with OVER",
      "function STRING_AGG with OVER",
      "function ARRAY_AGG with OVER"
    ],
    sql:
      "select any_value(species) over (), logical_or(ok) over (), logical_and(ok) over (), string_agg(species) over (order by n), array_length(array_agg(n) over (order by n)) from birds where n = 2",
    rows: [["Gentoo", false, false, "Gentoo", 1]]
  },
  {
    constructs: ["function STDDEV with OVER", "function VARIANCE with OVER", "function STDDEV_POP with OVER"],
    sql: "select stddev(n) over (), variance(n) over (), stddev_pop(n) over () from birds where n < 3 limit 1",
    rows: [[0.7071067811865476, 0.5, 0.5]]
  },
  {
    constructs: ["function COUNT", "function COUNT with OVER", "clause RANGE"],
    sql:
      "select x, count(*) over (order by x range between 0.5 preceding and 0.5 following) from unnest([1.0, 1.5, 3]) as x order by x",
    rows: [[1, 2], [1.5, 2], [3, 1]]
  }
]
