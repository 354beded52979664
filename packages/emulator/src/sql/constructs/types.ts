/**
 * Casts between types. What each gives is stated in GoogleSQL's reference (the pages
 * conversion_functions, conversion_rules).
 *
 * @since 0.1.0
 */
import type { Construct } from "./Construct.ts"

export const types: ReadonlyArray<Construct> = [
  {
    constructs: ["cast STRING to INT64", "function SAFE_CAST"],
    sql:
      "select cast('12' as int64), cast(' -5 ' as int64), cast('0x1f' as int64), cast('-0x10' as int64), safe_cast('1.5' as int64), safe_cast('x' as int64), safe_cast('' as int64), safe_cast('9223372036854775808' as int64)",
    rows: [[12, -5, 31, -16, null, null, null, null]]
  },
  {
    constructs: ["cast FLOAT64 to INT64", "cast STRING to FLOAT64"],
    sql:
      "select cast(2.5 as int64), cast(-2.5 as int64), cast(1.5 as int64), cast(0.4 as int64), safe_cast(1e30 as int64), safe_cast(cast('nan' as float64) as int64)",
    rows: [[3, -3, 2, 0, null, null]]
  },
  {
    constructs: ["type FLOAT64", "cast STRING to FLOAT64", "function SAFE_CAST"],
    sql:
      "select cast('1.5' as float64), cast('1e3' as float64), cast('inf' as float64), cast('-Infinity' as float64), cast('NaN' as float64), safe_cast('1_000' as float64), safe_cast('abc' as float64)",
    rows: [[1.5, 1000, "Infinity", "-Infinity", "NaN", null, null]]
  },
  {
    constructs: ["cast BOOL to INT64", "type BOOL", "cast INT64 to BOOL"],
    sql: "select cast(5 as float64), cast(true as int64), cast(0 as bool), cast(-3 as bool)",
    rows: [[5, 1, false, true]]
  },
  {
    constructs: ["cast STRING to BOOL"],
    sql:
      "select cast('true' as bool), cast('FALSE' as bool), safe_cast('t' as bool), safe_cast('1' as bool), safe_cast('yes' as bool)",
    rows: [[true, false, null, null, null]]
  },
  {
    constructs: ["cast INT64 to STRING", "cast FLOAT64 to STRING"],
    sql:
      "select cast(5 as string), cast(1.5 as string), cast(1.0 as string), cast(0.1 as string), cast(1e20 as string), cast(123456789012345680.0 as string), cast(1e-7 as string), cast(-0.0 as string)",
    rows: [["5", "1.5", "1", "0.1", "1e+20", "1.2345678901234568e+17", "1e-07", "0"]]
  },
  {
    constructs: ["type STRING", "type FLOAT64", "cast STRING to FLOAT64", "cast FLOAT64 to STRING", "operator /"],
    sql: "select cast(cast('inf' as float64) as string), cast(cast('nan' as float64) as string), cast(1/3 as string)",
    rows: [["inf", "nan", "0.33333333333333331"]]
  },
  {
    constructs: ["cast BOOL to STRING", "cast DATE to STRING", "cast TIME to STRING"],
    sql:
      "select cast(true as string), cast(date '2020-01-02' as string), cast(time '01:02:03' as string), cast(time '01:02:03.5' as string)",
    rows: [["true", "2020-01-02", "01:02:03", "01:02:03.500"]]
  },
  {
    constructs: ["cast DATETIME to STRING", "cast TIMESTAMP to STRING"],
    sql:
      "select cast(datetime '2020-01-02 03:04:05' as string), cast(datetime '2020-01-02 03:04:05.000001' as string), cast(timestamp '2020-01-02 03:04:05.12+00' as string)",
    rows: [["2020-01-02 03:04:05", "2020-01-02 03:04:05.000001", "2020-01-02 03:04:05.120+00"]]
  },
  {
    constructs: ["type DATE", "cast STRING to DATE", "function SAFE_CAST"],
    sql:
      "select cast('2020-1-2' as date), safe_cast('2020-02-30' as date), safe_cast('2020/01/02' as date), safe_cast('2020-01-02 00:00:00' as date), safe_cast('20200102' as date), safe_cast('0000-01-01' as date)",
    rows: [["2020-01-02", null, null, null, null, null]]
  },
  {
    constructs: ["type DATETIME"],
    sql:
      "select cast('2020-01-02T03:04:05.678' as datetime), cast('2020-1-2' as datetime), cast('2020-01-02 3:4:5' as datetime), safe_cast('2020-01-02 25:00:00' as datetime), safe_cast('2020-01-02 03:04' as datetime)",
    rows: [["2020-01-02 03:04:05.678", "2020-01-02 00:00:00", "2020-01-02 03:04:05", null, null]]
  },
  {
    constructs: ["type TIME"],
    sql: "select cast('03:04:05.5' as time), safe_cast('24:00:00' as time), safe_cast('3' as time)",
    rows: [["03:04:05.5", null, null]]
  },
  {
    constructs: ["type TIMESTAMP"],
    sql:
      "select cast('2020-01-02 03:04:05+05:30' as timestamp), cast('2020-01-02 03:04:05' as timestamp), cast('2020-01-02T03:04:05Z' as timestamp), cast('2020-01-02 03:04:05-8' as timestamp), cast('2020-07-02 03:04:05 America/New_York' as timestamp), cast('2020-01-02' as timestamp), safe_cast('x' as timestamp)",
    rows: [[
      "2020-01-01 21:34:05",
      "2020-01-02 03:04:05",
      "2020-01-02 03:04:05",
      "2020-01-02 11:04:05",
      "2020-07-02 07:04:05",
      "2020-01-02 00:00:00",
      null
    ]]
  },
  {
    constructs: [
      "cast DATE to DATETIME",
      "cast DATE to TIMESTAMP",
      "cast DATETIME to DATE",
      "cast DATETIME to TIME",
      "cast DATETIME to TIMESTAMP"
    ],
    sql:
      "select cast(date '2020-01-02' as datetime), cast(date '2020-01-02' as timestamp), cast(datetime '2020-01-02 03:04:05' as date), cast(datetime '2020-01-02 03:04:05' as time), cast(datetime '2020-01-02 03:04:05' as timestamp)",
    rows: [["2020-01-02 00:00:00", "2020-01-02 00:00:00", "2020-01-02", "03:04:05", "2020-01-02 03:04:05"]]
  },
  {
    constructs: ["cast TIMESTAMP to DATE", "cast TIMESTAMP to TIME", "cast TIMESTAMP to DATETIME"],
    sql:
      "select cast(timestamp '2020-01-02 03:04:05' as date), cast(timestamp '2020-01-02 03:04:05' as time), cast(timestamp '2020-01-02 03:04:05' as datetime)",
    rows: [["2020-01-02", "03:04:05", "2020-01-02 03:04:05"]]
  },
  {
    constructs: [
      "cast INT64 to NUMERIC",
      "cast FLOAT64 to NUMERIC",
      "cast NUMERIC to INT64",
      "cast NUMERIC to FLOAT64",
      "cast NUMERIC to STRING"
    ],
    sql:
      "select cast(5 as numeric) + numeric '0.5', cast('1.25' as numeric), cast(1.5 as numeric), cast(numeric '2.5' as int64), cast(numeric '-2.5' as int64), cast(numeric '1.5' as float64), cast(numeric '1.50' as string), cast(numeric '100' as string)",
    rows: [[5.5, 1.25, 1.5, 3, -3, 1.5, "1.5", "100"]]
  },
  {
    constructs: ["type BYTES", "cast STRING to BYTES", "cast BYTES to STRING"],
    sql: "select to_hex(cast('é' as bytes)), cast(b'\\xc3\\xa9' as string), safe_cast(b'\\xff' as string)",
    rows: [["c3a9", "é", null]]
  },
  {
    constructs: [
      "type ARRAY",
      "type STRING",
      "cast INT64 to STRING",
      "operator [OFFSET]",
      "field of STRUCT",
      "type STRUCT",
      "type INT64",
      "expression STRUCT",
      "cast STRING to INT64"
    ],
    sql:
      "select cast([1, 2] as array<string>)[offset(1)], cast(struct(1, '2') as struct<a string, b int64>).b, cast(null as string)",
    rows: [["2", 2, null]]
  },
  {
    constructs: [
      "CAST with FORMAT",
      "format YYYY of CAST",
      "format MM of CAST",
      "format DD of CAST",
      "format YY of CAST",
      "format HH12 of CAST",
      "format MI of CAST",
      "format SS of CAST",
      "format HH24 of CAST",
      "format DDD of CAST"
    ],
    sql:
      "select cast(date '2020-01-02' as string format 'YYYY/MM/DD'), cast(datetime '2020-01-02 15:04:05' as string format 'DD.MM.YY HH12:MI:SS'), cast(time '15:04:05' as string format 'HH24:MI'), cast(date '2020-02-01' as string format 'DDD')",
    rows: [["2020/01/02", "02.01.20 03:04:05", "15:04", "032"]]
  }
]
