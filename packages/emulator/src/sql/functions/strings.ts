/**
 * Functions of texts and bytes. Positions count characters, not bytes.
 *
 * @since 0.1.0
 */
import { castValue } from "../casts.ts"
import { type Context, type Definition, looking, native, of, scalar, total } from "../Function.ts"
import { concatenate } from "../operators.ts"
import { refuse } from "../SqlError.ts"
import { formatCall } from "../formatCall.ts"
import * as Types from "../types.ts"
import { constantInteger, once, onceEach, quoteText } from "../Value.ts"

const whitespace = quoteText(
  " \t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)

const trim = (name: "trim" | "ltrim" | "rtrim"): Definition =>
  total(
    native("STRING -> STRING", ([text]) => `${name}(${text}, ${whitespace})`),
    native("STRING, STRING -> STRING", ([text, characters]) => `${name}(${text}, ${characters})`)
  )

/** A count that must not be below zero. */
const count = (sql: string, context: Context, index: number, what: string): string => {
  const constant = constantInteger(context.node.arguments[index]!)
  if (constant !== undefined && constant < 0 && !context.node.isSafe) refuse(`${what} is negative`, context.at)
  return constant !== undefined && constant >= 0
    ? String(Math.min(constant, farthest))
    : once(
      sql,
      (bound) => `CASE WHEN ${bound} < 0 THEN ${context.fail(`${what} is negative`)} ELSE ${nearby(bound)} END`
    )
}

/** DuckDB takes no position or length beyond 32 bits, which no text reaches. */
const farthest = 2_147_483_647

const nearby = (sql: string): string =>
  once(
    sql,
    (bound) =>
      `CASE WHEN ${bound} > ${farthest} THEN ${farthest} WHEN ${bound} < -${farthest} THEN -${farthest} ELSE ${bound} END`
  )

/** Characters that a call may make out of few, as in GoogleSQL. */
const longest = 1_048_576

/** A length of a result that is not beyond reason. */
const bounded = (sql: string, context: Context, index: number, what: string, factor = "1"): string =>
  once(
    count(sql, context, index, what),
    (bound) =>
      `CASE WHEN ${bound} > ${longest} // greatest(${factor}, 1) THEN ${
        context.fail(`${what} is too large`)
      } ELSE ${bound} END`
  )

const substring = (text: string, position: string, context: Context, length?: string | undefined): string => {
  const constant = constantInteger(context.node.arguments[1]!)
  const rest = length === undefined ? "" : `, ${count(length, context, 2, "The length in SUBSTR")}`
  if (constant !== undefined && constant >= 0) {
    return `substring(${text}, ${Math.min(Math.max(constant, 1), farthest)}${rest})`
  }
  return onceEach([text, nearby(position)], ([whole, at]) =>
    // from the end where it is negative, and never before the first character
    `substring(${whole}, CASE WHEN ${at} > 0 THEN ${at} WHEN ${at} = 0 THEN 1 ELSE greatest(length(${whole}) + ${at} + 1, 1) END${rest})`)
}

const pad = (name: "lpad" | "rpad", text: string, length: string, pattern: string, context: Context): string =>
  `${name}(${text}, CAST(${bounded(length, context, 1, `The length in ${name.toUpperCase()}`)} AS INTEGER), ${pattern})`

/** Letters that become several when their case changes, which DuckDB leaves as they are. */
const upperSpecial = "[ŉǰΐΰևẖ-ẚﬀ-ﬗᾀ-ᾯᾲ-ᾷᾼῂ-ῇῌῖ-ῗῢ-ῧῲ-ῷῼὐ-ὖ]"
const lowerSpecial = "[İΣ]"

const changeCase =
  (name: "upper" | "lower", special: string) => ([text]: ReadonlyArray<string>, context: Context): string =>
    once(
      text!,
      (bound) =>
        `CASE WHEN regexp_matches(${bound}, '${special}') THEN ${
          context.fail(`${name.toUpperCase()} of letters that become several is not supported`)
        }` +
        ` ELSE ${name === "upper" ? `upper(replace(${bound}, 'ß', 'SS'))` : `lower(${bound})`} END`
    )

const asText = (context: Context): string => {
  const { at, node, values } = context
  if (values.length === 0) refuse("CONCAT needs an argument", at)
  const isBytes = Types.isScalar(context.type, "BYTES")
  const parts = values.map((each) =>
    isBytes || each.type.kind === "unknown" || Types.isScalar(each.type, "STRING")
      ? each
      : castValue(each, Types.string, { isSafe: false, at: each.at })
  )
  if (values.some((each) => each.type.kind === "array")) refuse("CONCAT takes no arrays; use ARRAY_CONCAT", at)
  return node.arguments.length === 1 ? parts[0]!.sql : concatenate(parts, at).sql
}

/** The character of a code point; surrogates are none. */
const character = (code: string, fail: Context["fail"]): string =>
  `CASE WHEN ${code} BETWEEN 0 AND 55295 OR ${code} BETWEEN 57344 AND 1114111 THEN chr(CAST(${code} AS INTEGER)) WHEN ${code} IS NOT NULL THEN ${
    fail("Invalid codepoint")
  } END`

/** Where GoogleSQL's INITCAP starts a word. */
const wordBreaks = "[\\s\\[\\](){}/|<>!?@\"^#$&~_,.:;*%+-]"

const texts: Readonly<Record<string, Definition>> = {
  ASCII: scalar(
    of(
      "STRING -> INT64",
      ([text], { fail }) =>
        once(
          text!,
          (bound) =>
            `CASE WHEN ${bound} = '' THEN 0 WHEN unicode(${bound}) > 127 THEN ${
              fail("ASCII of a character that is not ASCII")
            } ELSE CAST(unicode(${bound}) AS BIGINT) END`
        )
    )
  ),
  BYTE_LENGTH: total(
    native("STRING -> INT64", ([text]) => `strlen(${text})`),
    native("BYTES -> INT64", ([bytes]) => `octet_length(${bytes})`)
  ),
  CHAR_LENGTH: total(native("STRING -> INT64", ([text]) => `length(${text})`)),
  CHR: scalar(
    native("INT64 -> STRING", ([code], { fail }) => once(code!, (bound) => character(bound, fail)))
  ),
  CODE_POINTS_TO_STRING: scalar(
    of(
      "INT64[] -> STRING",
      ([codes], { fail }) =>
        once(
          codes!,
          (bound) =>
            `CASE WHEN len(list_filter(${bound}, lambda code: code IS NULL)) > 0 THEN NULL ELSE array_to_string(list_transform(${bound}, lambda code: ${
              character("code", fail)
            }), '') END`
        )
    )
  ),
  ENDS_WITH: total(native("STRING, STRING -> BOOL", ([text, end]) => `ends_with(${text}, ${end})`)),
  FORMAT: scalar(looking("STRING, EACH... -> STRING", (_, context) => formatCall(context))),
  INITCAP: scalar(of("STRING -> STRING", ([text], context) => {
    const lower = changeCase("lower", lowerSpecial)([text!], context)
    return once(
      lower,
      (bound) =>
        `array_to_string(list_transform(range(1, length(${bound}) + 1), lambda i: CASE WHEN i = 1 OR regexp_matches(substring(${bound}, i - 1, 1), ${
          quoteText(wordBreaks)
        })` +
        ` THEN upper(substring(${bound}, i, 1)) ELSE substring(${bound}, i, 1) END), '')`
    )
  })),
  INSTR: scalar(
    native("STRING, STRING -> INT64", ([text, part]) => `instr(${text}, ${part})`),
    of("STRING, STRING, INT64 -> INT64", ([text, part], { at, node }) => {
      const written = constantInteger(node.arguments[2]!)
      if (written === undefined || written < 1) {
        return refuse("The position in INSTR is a positive number that is written out", at)
      }
      const from = Math.min(written, farthest)
      return once(
        text!,
        (whole) =>
          once(
            `instr(substring(${whole}, ${from}), ${part})`,
            (bound) =>
              `CASE WHEN ${bound} = 0 OR ${from} > length(${whole}) + 1 THEN CAST(0 AS BIGINT) ELSE ${bound} + ${
                from - 1
              } END`
          )
      )
    })
  ),
  LEFT: scalar(
    native(
      "STRING, INT64 -> STRING",
      ([text, length], context) => `left(${text}, ${count(length!, context, 1, "The length in LEFT")})`
    )
  ),
  LENGTH: total(
    native("STRING -> INT64", ([text]) => `length(${text})`),
    native("BYTES -> INT64", ([bytes]) => `octet_length(${bytes})`)
  ),
  LOWER: scalar(native("STRING -> STRING", changeCase("lower", lowerSpecial))),
  LPAD: scalar(
    of("STRING, INT64 -> STRING", ([text, length], context) => pad("lpad", text!, length!, "' '", context)),
    of(
      "STRING, INT64, STRING -> STRING",
      ([text, length, pattern], context) => pad("lpad", text!, length!, pattern!, context)
    )
  ),
  LTRIM: trim("ltrim"),
  NORMALIZE: scalar(
    native("STRING -> STRING", ([text]) => `nfc_normalize(${text})`),
    of("STRING, raw -> STRING", ([text], { node }) => {
      const mode = node.arguments[1]!
      const name = mode.kind === "path" ? mode.names[0]!.name.toUpperCase() : ""
      return name === "NFC"
        ? `nfc_normalize(${text})`
        : refuse(`NORMALIZE to ${name} is not supported, only to NFC`, mode.at, `normalization ${name}`)
    })
  ),
  REPEAT: scalar(
    of(
      "STRING, INT64 -> STRING",
      ([text, times], context) =>
        once(
          text!,
          (bound) => `repeat(${bound}, ${bounded(times!, context, 1, "The count in REPEAT", `strlen(${bound})`)})`
        )
    )
  ),
  REPLACE: total(native("STRING, STRING, STRING -> STRING", ([text, from, to]) => `replace(${text}, ${from}, ${to})`)),
  REVERSE: total(of("STRING -> STRING", ([text]) => `array_to_string(list_reverse(string_split(${text}, '')), '')`)),
  RIGHT: scalar(
    native(
      "STRING, INT64 -> STRING",
      ([text, length], context) => `right(${text}, ${count(length!, context, 1, "The length in RIGHT")})`
    )
  ),
  RPAD: scalar(
    of("STRING, INT64 -> STRING", ([text, length], context) => pad("rpad", text!, length!, "' '", context)),
    of(
      "STRING, INT64, STRING -> STRING",
      ([text, length, pattern], context) => pad("rpad", text!, length!, pattern!, context)
    )
  ),
  RTRIM: trim("rtrim"),
  SPLIT: total(
    of("STRING -> STRING[]", ([text]) => `string_split(${text}, ',')`),
    of("STRING, STRING -> STRING[]", ([text, delimiter]) => `string_split(${text}, ${delimiter})`)
  ),
  STARTS_WITH: total(native("STRING, STRING -> BOOL", ([text, start]) => `starts_with(${text}, ${start})`)),
  STRPOS: total(native("STRING, STRING -> INT64", ([text, part]) => `strpos(${text}, ${part})`)),
  SUBSTR: scalar(
    of("STRING, INT64 -> STRING", ([text, position], context) => substring(text!, position!, context)),
    of(
      "STRING, INT64, INT64 -> STRING",
      ([text, position, length], context) => substring(text!, position!, context, length)
    )
  ),
  TO_CODE_POINTS: total(
    of(
      "STRING -> INT64[]",
      ([text]) =>
        `list_transform(list_filter(string_split(${text}, ''), lambda c: c <> ''), lambda c: CAST(unicode(c) AS BIGINT))`
    )
  ),
  TRANSLATE: scalar(
    of(
      "STRING, STRING, STRING -> STRING",
      ([text, from, to], { fail }) =>
        once(
          from!,
          (bound) =>
            `CASE WHEN len(list_distinct(string_split(${bound}, ''))) < length(${bound}) THEN ${
              fail("TRANSLATE of the same character twice")
            } ELSE translate(${text}, ${bound}, ${to}) END`
        )
    )
  ),
  TRIM: trim("trim"),
  UNICODE: total(
    of(
      "STRING -> INT64",
      ([text]) => once(text!, (bound) => `CASE WHEN ${bound} = '' THEN 0 ELSE CAST(unicode(${bound}) AS BIGINT) END`)
    )
  ),
  UPPER: scalar(native("STRING -> STRING", changeCase("upper", upperSpecial))),
  CONCAT: scalar(
    native("BYTES... -> BYTES", (_, context) => asText(context)),
    native("EACH... -> STRING", (_, context) => asText(context))
  )
}

const blob = (sql: string): string => `encode(${sql})`

/** Digests of texts are those of their UTF-8. */
const digest = (name: string): Definition =>
  total(
    native("STRING -> BYTES", ([text]) => `unhex(${name}(${blob(text!)}))`),
    native("BYTES -> BYTES", ([bytes]) => `unhex(${name}(${bytes}))`)
  )

const bytes: Readonly<Record<string, Definition>> = {
  FROM_BASE64: scalar(native("STRING -> BYTES", ([text]) => `from_base64(${text})`)),
  FROM_HEX: scalar(native("STRING -> BYTES", ([text]) => `unhex(${text})`)),
  MD5: digest("md5"),
  SHA1: digest("sha1"),
  SHA256: digest("sha256"),
  TO_BASE64: total(native("BYTES -> STRING", ([bytes]) => `to_base64(${bytes})`)),
  TO_HEX: total(native("BYTES -> STRING", ([bytes]) => `lower(hex(${bytes}))`))
}

export const strings: Readonly<Record<string, Definition>> = { ...texts, ...bytes }
