/**
 * Functions that gather rows. What each gives is stated in GoogleSQL's reference (the pages
 * aggregate_functions, statistical_aggregate_functions, approximate_aggregate_functions).
 *
 * @since 0.1.0
 */
import type { Construct } from "./Construct.ts"

export const aggregates: ReadonlyArray<Construct> = [
  {
    constructs: ["clause DISTINCT in a call"],
    sql: "select count(*), count(n), count(distinct species), count(1) from birds",
    rows: [[4, 3, 2, 4]]
  },
  {
    constructs: ["function AVG", "function MIN"],
    sql: "select sum(n), sum(distinct n), avg(n), min(n), max(n), min(species), max(d) from birds",
    rows: [[6, 6, 2, 1, 3, "Adelie", "2020-03-01"]]
  },
  {
    constructs: [
      "function ARRAY_AGG",
      "function STRING_AGG",
      "function COUNTIF",
      "function LOGICAL_OR",
      "function ANY_VALUE"
    ],
    sql:
      "select count(*), sum(n), avg(n), min(n), array_agg(n) is null, string_agg(species), countif(ok), logical_or(ok), any_value(n) from birds where n > 10",
    rows: [[0, null, null, null, true, null, 0, null, null]]
  },
  {
    constructs: ["operator IS NULL", "function SUM", "function MIN", "function MAX"],
    sql: "select sum(mass), min(mass), max(mass) from birds where n is not null",
    rows: [[4, 1.5, 2.5]]
  },
  {
    constructs: ["function IS_NAN", "function MIN", "function MAX", "function SUM", "function AVG"],
    sql: "select is_nan(min(mass)), is_nan(max(mass)), is_nan(sum(mass)), is_nan(avg(mass)) from birds",
    rows: [[true, true, true, true]]
  },
  {
    constructs: ["function LOGICAL_AND"],
    sql: "select countif(ok), countif(n > 1), logical_and(ok), logical_or(ok) from birds",
    rows: [[2, 2, false, true]]
  },
  {
    constructs: ["function ANY_VALUE"],
    sql: "select any_value(species) from birds where n = 2",
    rows: [["Gentoo"]]
  },
  {
    constructs: ["clause HAVING in a call", "function MAX_BY", "function MIN_BY"],
    sql:
      "select any_value(species having max n), any_value(species having min n), max_by(species, n), min_by(n, d) from birds where n is not null",
    rows: [["Adelie", "Adelie", "Adelie", 1]]
  },
  {
    constructs: ["clause IGNORE NULLS in a call", "clause RESPECT NULLS in a call"],
    sql:
      "select array_length(array_agg(n)), array_length(array_agg(n ignore nulls)), array_length(array_agg(distinct species)), array_length(array_agg(n respect nulls)) from birds",
    rows: [[4, 3, 3, 4]]
  },
  {
    constructs: ["clause ORDER BY in a call", "clause LIMIT in a call"],
    sql:
      "select array_agg(n ignore nulls order by n desc limit 2)[offset(0)], array_length(array_agg(n order by n limit 2)), array_agg(n order by n)[offset(0)] from birds",
    rows: [[3, 2, null]]
  },
  {
    constructs: ["function STRING_AGG", "clause DISTINCT in a call", "clause LIMIT in a call"],
    sql:
      "select string_agg(species order by n), string_agg(species, '|' order by n desc), string_agg(distinct species, '-' order by species), string_agg(species, '' order by n limit 2) from birds",
    rows: [["Adelie,Gentoo,Adelie", "Adelie|Gentoo|Adelie", "Adelie-Gentoo", "AdelieGentoo"]]
  },
  {
    constructs: ["function BIT_AND", "function BIT_OR", "function BIT_XOR"],
    sql: "select bit_and(x), bit_or(x), bit_xor(x) from unnest([6, 3]) as x",
    rows: [[2, 7, 5]]
  },
  {
    constructs: [
      "function STDDEV",
      "function STDDEV_SAMP",
      "function STDDEV_POP",
      "function VARIANCE",
      "function VAR_SAMP",
      "function VAR_POP"
    ],
    sql:
      "select stddev(x), stddev_samp(x), stddev_pop(x), variance(x), var_samp(x), var_pop(x) from unnest([1, 3]) as x",
    rows: [[1.4142135623730951, 1.4142135623730951, 1, 2, 2, 1]]
  },
  {
    constructs: ["function STDDEV", "function VAR_POP"],
    sql: "select stddev(x), var_pop(x) from unnest([5]) as x",
    rows: [[null, 0]]
  },
  {
    constructs: ["function CORR", "function COVAR_POP", "function COVAR_SAMP"],
    sql: "select corr(x, y), covar_pop(x, y), covar_samp(x, y) from unnest([struct(1 as x, 2 as y), (2, 4), (3, 6)])",
    rows: [[1, 1.3333333333333333, 2]]
  },
  {
    constructs: ["expression STRUCT", "function CORR"],
    sql: "select corr(x, y) from unnest([struct(1 as x, 2 as y)])",
    rows: [[null]]
  },
  {
    constructs: ["function APPROX_COUNT_DISTINCT", "function APPROX_QUANTILES"],
    sql:
      "select approx_count_distinct(species), approx_quantiles(n, 2)[offset(0)], approx_quantiles(n, 2)[offset(1)], approx_quantiles(n, 2)[offset(2)] from birds",
    rows: [[2, 1, 2, 3]]
  },
  {
    constructs: ["function AVG", "clause DISTINCT in a call", "function SUM"],
    sql: "select avg(distinct x), sum(x) from unnest([1, 1, 4]) as x",
    rows: [[2.5, 6]]
  },
  {
    constructs: [
      "operator IS NULL",
      "clause GROUP BY",
      "function ROW_NUMBER",
      "function ROW_NUMBER with OVER",
      "function COUNT",
      "function SUM",
      "function SUM with OVER"
    ],
    sql:
      "select species, row_number() over (order by count(*) desc, species) as r, sum(count(*)) over () from birds where n is not null group by species order by r",
    rows: [["Adelie", 1, 3], ["Gentoo", 2, 3]]
  },
  {
    constructs: [
      "type FLOAT64",
      "cast STRING to FLOAT64",
      "function IS_NAN",
      "function STDDEV",
      "function VAR_POP",
      "function COVAR_SAMP"
    ],
    sql:
      "select is_nan(stddev(x)), is_nan(var_pop(x)), is_nan(covar_samp(x, 1)) from unnest([1, cast('inf' as float64)]) as x",
    rows: [[true, true, true]]
  }
]
