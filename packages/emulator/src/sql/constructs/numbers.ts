/**
 * Functions of numbers, and those that choose. What each gives is stated in GoogleSQL's reference (the pages
 * mathematical_functions, conditional_expressions).
 *
 * @since 0.1.0
 */
import type { Construct } from "./Construct.ts"

export const numbers: ReadonlyArray<Construct> = [
  {
    constructs: ["function ABS", "function SIGN"],
    sql: "select abs(-5), abs(-1.5), sign(-3), sign(2.5), sign(0), abs(numeric '-1.5')",
    rows: [[5, 1.5, -1, 1, 0, 1.5]]
  },
  {
    constructs: ["function ROUND", "type NUMERIC"],
    sql:
      "select round(2.5), round(-2.5), round(2.4), round(123.456, 1), round(123.456, -1), round(5), round(1.25, 1), round(numeric '2.5')",
    rows: [[3, -3, 2, 123.5, 120, 5, 1.3, 3]]
  },
  {
    constructs: ["function TRUNC", "function CEIL", "function CEILING", "function FLOOR"],
    sql: "select trunc(2.7), trunc(-2.7), trunc(123.456, 1), ceil(2.1), ceiling(-2.1), floor(2.9), floor(-2.1)",
    rows: [[2, -2, 123.4, 3, -2, 2, -3]]
  },
  {
    constructs: ["function DIV", "function MOD"],
    sql: "select div(7, 2), div(-7, 2), div(7, -2), mod(7, 3), mod(-7, 3), mod(7, -3), div(null, 2)",
    rows: [[3, -3, -3, 1, -1, 1, null]]
  },
  {
    constructs: [
      "function SQRT",
      "function POW",
      "function POWER",
      "function EXP",
      "function LN",
      "function LOG",
      "function LOG10",
      "function CBRT"
    ],
    sql: "select sqrt(9), pow(2, 10), power(2, 0.5), exp(0), ln(1), log(8, 2), log(1), log10(1000), cbrt(8)",
    rows: [[3, 1024, 1.4142135623730951, 1, 0, 3, 0, 3, 2]]
  },
  {
    constructs: [
      "function SIN",
      "function COS",
      "function TAN",
      "function ASIN",
      "function ACOS",
      "function ATAN",
      "function ATAN2",
      "function SINH",
      "function COSH",
      "function TANH"
    ],
    sql: "select sin(0), cos(0), tan(0), asin(0), acos(1), atan(0), atan2(0, 1), sinh(0), cosh(0), tanh(0)",
    rows: [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0]]
  },
  {
    constructs: ["function SAFE_DIVIDE", "function IEEE_DIVIDE"],
    sql: "select safe_divide(6, 4), safe_divide(1, 0), safe_divide(null, 1), ieee_divide(1, 0), ieee_divide(0, 0)",
    rows: [[1.5, null, null, "Infinity", "NaN"]]
  },
  {
    constructs: ["function SAFE_ADD", "function SAFE_SUBTRACT", "function SAFE_MULTIPLY", "function SAFE_NEGATE"],
    sql:
      "select safe_add(9223372036854775807, 1), safe_add(1, 2), safe_subtract(1, 2), safe_multiply(9223372036854775807, 2), safe_multiply(1.5, 2), safe_negate(-9223372036854775808), safe_negate(5)",
    rows: [[null, 3, -1, null, 3, null, -5]]
  },
  {
    constructs: ["function IS_NAN", "function IS_INF"],
    sql: "select is_nan(mass), is_inf(mass) from birds order by n",
    rows: [[true, false], [false, false], [false, false], [null, null]]
  },
  {
    constructs: ["function GREATEST", "function LEAST"],
    sql: "select greatest(1, 3, 2), least(1, 3, 2), greatest(1, null), least('b', 'a'), greatest(1, 2.5)",
    rows: [[3, 1, null, "a", 2.5]]
  },
  {
    constructs: ["operator IS NULL", "function IS_NAN", "function GREATEST", "function LEAST"],
    sql: "select is_nan(greatest(mass, 1)), is_nan(least(mass, 1)) from birds where species is null",
    rows: [[true, true]]
  },
  {
    constructs: ["function BIT_COUNT", "function RAND", "function GENERATE_UUID"],
    sql: "select bit_count(7), rand() < 1, rand() >= 0, length(generate_uuid())",
    rows: [[3, true, true, 36]]
  },
  {
    constructs: ["prefix SAFE.", "function PARSE_DATE", "format %Y in reading"],
    sql: "select safe.substr('abc', 1, -1), safe.div(1, 0), safe.sqrt(-1), safe.parse_date('%Y', 'x'), safe.ln(0)",
    rows: [[null, null, null, null, null]]
  },
  {
    constructs: ["function COALESCE", "function IFNULL", "function NULLIF"],
    sql:
      "select coalesce(null, 2, 3), ifnull(null, 'a'), nullif(1, 1), nullif(1, 2), if(true, 'a', 'b'), if(null, 1, 2)",
    rows: [[2, "a", null, 1, "a", 2]]
  },
  {
    constructs: ["function ERROR"],
    sql: "select if(n > 2, error('no'), n) from birds where n = 1",
    rows: [[1]]
  },
  {
    constructs: [
      "function IS_NAN",
      "function SIN",
      "type FLOAT64",
      "cast STRING to FLOAT64",
      "function SAFE_DIVIDE",
      "function SAFE_ADD"
    ],
    sql: "select is_nan(sin(cast('inf' as float64))), safe_divide(1e300, 1e-300), safe_add(1e308, 1e308)",
    rows: [[true, null, null]]
  }
]
