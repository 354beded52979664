/**
 * Functions of arrays. What each gives is stated in GoogleSQL's reference (the pages
 * array_functions).
 *
 * @since 0.1.0
 */
import type { Construct } from "./Construct.ts"

export const arrays: ReadonlyArray<Construct> = [
  {
    constructs: ["function ARRAY_LENGTH", "type ARRAY", "type INT64"],
    sql: "select array_length([1, 2, null]), array_length([]), array_length(cast(null as array<int64>))",
    rows: [[3, 0, null]]
  },
  {
    constructs: ["function ARRAY_TO_STRING"],
    sql:
      "select array_to_string(['a', null, 'b'], '-'), array_to_string(['a', null], ',', '?'), array_to_string([], ',')",
    rows: [["a-b", "a,?", ""]]
  },
  {
    constructs: ["function ARRAY_REVERSE", "function ARRAY_CONCAT", "function ARRAY_FIRST", "function ARRAY_LAST"],
    sql:
      "select array_reverse([1, 2, 3])[offset(0)], array_length(array_concat([1], [2, 3])), array_concat([1], cast(null as array<int64>)) is null, array_first([4, 5]), array_last([4, 5])",
    rows: [[3, 3, true, 4, 5]]
  },
  {
    constructs: ["function GENERATE_ARRAY"],
    sql:
      "select array_length(generate_array(1, 5)), generate_array(10, 1, -3)[offset(3)], array_length(generate_array(5, 1)), generate_array(1, null) is null",
    rows: [[5, 1, 0, true]]
  },
  {
    constructs: ["function GENERATE_DATE_ARRAY"],
    sql: "select x from unnest(generate_date_array('2020-01-30', '2020-02-01')) as x order by x",
    rows: [["2020-01-30"], ["2020-01-31"], ["2020-02-01"]]
  },
  {
    constructs: ["function GENERATE_DATE_ARRAY", "cast STRING to DATE", "interval MONTH"],
    sql: "select x from unnest(generate_date_array('2020-01-31', '2020-04-30', interval 1 month)) as x order by x",
    rows: [["2020-01-31"], ["2020-02-29"], ["2020-03-31"], ["2020-04-30"]]
  },
  {
    constructs: [
      "function ARRAY_LENGTH",
      "function GENERATE_DATE_ARRAY",
      "cast STRING to DATE",
      "interval DAY",
      "interval MONTH"
    ],
    sql:
      "select array_length(generate_date_array('2020-01-10', '2020-01-01', interval -3 day)), array_length(generate_date_array('2020-01-01', '2021-01-01', interval 1 quarter))",
    rows: [[4, 5]]
  },
  {
    constructs: ["function GENERATE_TIMESTAMP_ARRAY"],
    sql:
      "select x from unnest(generate_timestamp_array('2020-01-01 00:00:00', '2020-01-01 02:30:00', interval 1 hour)) as x order by x",
    rows: [["2020-01-01 00:00:00"], ["2020-01-01 01:00:00"], ["2020-01-01 02:00:00"]]
  },
  {
    constructs: ["function RANGE_BUCKET"],
    sql: "select range_bucket(20, [0, 10, 20, 30]), range_bucket(-1, [0, 10]), range_bucket(null, [1])",
    rows: [[3, 0, null]]
  }
]
