/**
 * Functions of texts, bytes and regular expressions. What each gives is stated in GoogleSQL's reference (the pages
 * string_functions, hash_functions).
 *
 * @since 0.1.0
 */
import type { Construct } from "./Construct.ts"

export const strings: ReadonlyArray<Construct> = [
  {
    constructs: ["literal STRING", "function LENGTH", "operator ="],
    sql: "select length('a\\x00b'), 'a\\x00b' = 'a\\x00c', 'a\\x00b', '\\x00\\'\\x00'",
    rows: [[3, false, "a\0b", "\0'\0"]]
  },
  {
    constructs: ["function CHAR_LENGTH", "function CHARACTER_LENGTH"],
    sql: "select length('né'), length('😀'), char_length('ab'), character_length(''), length(cast(null as string))",
    rows: [[2, 1, 2, 0, null]]
  },
  {
    constructs: ["function BYTE_LENGTH", "function OCTET_LENGTH"],
    sql: "select byte_length('né'), octet_length('😀'), byte_length(b'\\xff')",
    rows: [[3, 4, 1]]
  },
  {
    constructs: ["function LOWER"],
    sql: "select upper('aé'), upper('straße'), lower('AÉ'), upper('ÿ')",
    rows: [["AÉ", "STRASSE", "aé", "Ÿ"]]
  },
  {
    constructs: ["function SUBSTR", "function SUBSTRING"],
    sql:
      "select substr('apple', 2), substr('apple', 2, 2), substr('apple', -2), substr('apple', -30), substr('apple', 0), substr('apple', 1, 0), substr('apple', 9), substr('né😀x', 3, 1), substring('abc', -2, 1)",
    rows: [["pple", "pp", "le", "apple", "apple", "", "", "😀", "b"]]
  },
  {
    constructs: ["operator IS NULL", "function SUBSTR", "operator -"],
    sql: "select substr(species, n - 2, 2) from birds where n is not null order by n",
    rows: [["e"], ["Ge"], ["Ad"]]
  },
  {
    constructs: ["function LEFT", "function RIGHT"],
    sql: "select left('né😀x', 3), left('a', 5), left('a', 0), right('né😀x', 2), right('abc', 5)",
    rows: [["né😀", "a", "", "😀x", "abc"]]
  },
  {
    constructs: ["function TRIM", "function LTRIM", "function RTRIM"],
    sql:
      "select trim('  a b  '), trim('\\t a\\n'), trim('xxaxx', 'x'), ltrim('  a '), ltrim('yxa', 'xy'), rtrim(' a  '), rtrim('axy', 'xy'), trim('\\u00a0a\\u2003')",
    rows: [["a b", "a", "a", "a ", "a", " a", "a", "a"]]
  },
  {
    constructs: ["function LPAD", "function RPAD"],
    sql: "select lpad('7', 3, '0'), lpad('abc', 2), rpad('a', 3), rpad('a', 4, 'xy'), lpad('é', 2, '😀')",
    rows: [["007", "ab", "a  ", "axyx", "😀é"]]
  },
  {
    constructs: ["function REPEAT", "function REVERSE"],
    sql: "select repeat('ab', 3), repeat('a', 0), reverse('né😀'), reverse('')",
    rows: [["ababab", "", "😀én", ""]]
  },
  {
    constructs: ["function REPLACE", "function TRANSLATE"],
    sql: "select replace('banana', 'a', 'o'), replace('abc', '', 'x'), translate('abca', 'ab', 'x')",
    rows: [["bonono", "abc", "xcx"]]
  },
  {
    constructs: ["function STARTS_WITH", "function ENDS_WITH"],
    sql: "select starts_with('abc', 'a'), starts_with('abc', ''), ends_with('abc', 'bc'), ends_with(null, 'a')",
    rows: [[true, true, true, null]]
  },
  {
    constructs: ["function STRPOS", "function INSTR"],
    sql: "select strpos('né😀x', 'x'), strpos('abc', 'z'), instr('banana', 'an')",
    rows: [[4, 0, 2]]
  },
  {
    constructs: ["function SPLIT"],
    sql:
      "select split('a,b,', ',')[offset(2)], array_length(split('a-b', '-')), split('', ',')[offset(0)], array_length(split('né', '')), split('a,b')[offset(1)]",
    rows: [["", 2, "", 2, "b"]]
  },
  {
    constructs: ["function CONCAT"],
    sql:
      "select concat('a', 'b', 'c'), concat('Summer', ' ', 1923), concat('a', null), concat('t', true, 1.5), concat('x', date '2020-01-02')",
    rows: [["abc", "Summer 1923", null, "ttrue1.5", "x2020-01-02"]]
  },
  {
    constructs: ["function INITCAP"],
    sql: "select initcap('hello wORLD-foo bar_baz'), initcap('éa')",
    rows: [["Hello World-Foo Bar_Baz", "Éa"]]
  },
  {
    constructs: ["function ASCII", "function UNICODE", "function CHR"],
    sql: "select ascii('abc'), ascii(''), unicode('é'), unicode(''), chr(233), chr(128512), chr(0)",
    rows: [[97, 0, 233, 0, "é", "😀", "\0"]]
  },
  {
    constructs: ["function TO_CODE_POINTS", "function CODE_POINTS_TO_STRING"],
    sql:
      "select to_code_points('a😀')[offset(1)], array_length(to_code_points('')), code_points_to_string([97, 233]), code_points_to_string([97, null])",
    rows: [[128512, 0, "aé", null]]
  },
  {
    constructs: ["function NORMALIZE"],
    sql: "select normalize('e\\u0301') = '\\u00e9', normalize('a', nfc)",
    rows: [[true, "a"]]
  },
  {
    constructs: ["function FROM_HEX", "function TO_BASE64", "function FROM_BASE64"],
    sql:
      "select to_hex(b'\\x01\\xab'), to_hex(from_hex('00ff')), to_base64(b'abc'), cast(from_base64('YWJj') as string)",
    rows: [["01ab", "00ff", "YWJj", "abc"]]
  },
  {
    constructs: ["function MD5", "function SHA1", "function SHA256"],
    sql: "select to_hex(md5('a')), to_hex(sha1('a')), to_hex(sha256(b'a'))",
    rows: [[
      "0cc175b9c0f1b6a831c399e269772661",
      "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8",
      "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    ]]
  },
  {
    constructs: ["function FORMAT", "format %d of FORMAT"],
    sql: "select format('%d|%5d|%-5d|%05d|%+d', 1, 2, 3, 4, 5)",
    rows: [["1|    2|3    |00004|+5"]]
  },
  {
    constructs: ["format %i of FORMAT"],
    sql: "select format('%i', 7)",
    rows: [["7"]]
  },
  {
    constructs: ["format %s of FORMAT"],
    sql: "select format('%s|%5s|%-5s|%.2s|%%', 'a', 'é', 'b', 'abc')",
    rows: [["a|    é|b    |ab|%"]]
  },
  {
    constructs: ["format %f of FORMAT"],
    sql: "select format('%f|%.2f|%8.3f|%.0f', 1.5, 2.675, 3.14159, 2.5)",
    rows: [["1.500000|2.67|   3.142|2"]]
  },
  {
    constructs: [
      "function FORMAT",
      "format %d of FORMAT",
      "format %f of FORMAT",
      "cast INT64 to FLOAT64",
      "type INT64"
    ],
    sql: "select format(\"%'d\", 1234567), format('%.1f', 2), format('%d', cast(null as int64))",
    rows: [["1,234,567", "2.0", null]]
  },
  {
    constructs: ["format %e of FORMAT"],
    sql: "select format('%e', 1234.5)",
    rows: [["1.234500e+03"]]
  },
  {
    constructs: ["format %t of FORMAT"],
    sql: "select format('%t %t %t', 'a', 5, date '2020-01-02')",
    rows: [["a 5 2020-01-02"]]
  },
  {
    constructs: ["function REGEXP_CONTAINS"],
    sql:
      "select regexp_contains('abc', r'b'), regexp_contains('abc', r'^b'), regexp_contains('a\\nb', r'a.b'), regexp_contains(null, 'a'), regexp_contains('foo@example.com', r'@[\\w.]+\\.com$')",
    rows: [[true, false, false, null, true]]
  },
  {
    constructs: ["function REGEXP_EXTRACT", "function REGEXP_SUBSTR"],
    sql:
      "select regexp_extract('abc', r'x'), regexp_extract('abc', r'b'), regexp_extract('abc', r'a(.)c'), regexp_extract('2020-05', r'(\\d+)$'), regexp_extract('x1y2', r'[a-z](\\d)', 2), regexp_substr('ab12', r'\\d+')",
    rows: [[null, "b", "b", "05", "2", "12"]]
  },
  {
    constructs: ["function REGEXP_EXTRACT_ALL"],
    sql:
      "select array_to_string(regexp_extract_all('a1b22', r'\\d+'), ','), array_to_string(regexp_extract_all('a1b2', r'([a-z])\\d'), ','), array_length(regexp_extract_all('a', r'x'))",
    rows: [["1,22", "a,b", 0]]
  },
  {
    constructs: ["function REGEXP_REPLACE"],
    sql:
      "select regexp_replace('a1b22', r'\\d+', '#'), regexp_replace('john smith', r'(\\w+) (\\w+)', r'\\2, \\1'), regexp_replace('abc', r'b', r'[\\0]')",
    rows: [["a#b#", "smith, john", "a[b]c"]]
  },
  {
    constructs: [
      "function INSTR",
      "operator IS NULL",
      "function REGEXP_EXTRACT",
      "function FORMAT",
      "format %d of FORMAT"
    ],
    sql:
      "select instr('banana', 'an', 3), instr('banana', 'x', 2), instr('banana', 'b', 2), regexp_extract('', '', 2) is null, format('%-05d|', 5)",
    rows: [[4, 0, 0, true, "5    |"]]
  }
]
