/**
 * `CAST` and `SAFE_CAST`. DuckDB's own casts take texts that GoogleSQL refuses
 * (`'1.5'` as an integer, `'yes'` as a boolean) and round to even, so each pair
 * of types is spelled out.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { datetimeText, timestampText, timeText } from "./dateText.ts"
import { inRange } from "./ranges.ts"
import { refuse } from "./SqlError.ts"
import * as Types from "./types.ts"
import { castTo, failWith, nullOf, once, outside, quoteText, type Value, value, withoutFailing } from "./Value.ts"

interface How {
  readonly isSafe: boolean
  readonly at: number
}

export const castValue = (from: Value, to: Types.Type, how: How): Value => {
  if (from.type.kind === "unknown") return value(nullOf(to), to, how.at, { isTotal: true })
  if (Types.isSame(from.type, to)) return { ...from, type: to, at: how.at }
  const { type } = from
  if (type.kind === "array" && to.kind === "array") {
    if (from.sql === "[]") return value(castTo(from.sql, to), to, how.at, { isTotal: true, isPresent: true })
    if (how.isSafe && type.element.kind !== "unknown") {
      refuse("SAFE_CAST of arrays is not supported", how.at, "cast of ARRAY")
    }
    const element = castValue(value("element", type.element, how.at), to.element, how)
    const isPresent = from.isPresent
    return value(`list_transform(${from.sql}, lambda element: ${element.sql})`, to, how.at, { isPresent })
  }
  if (type.kind === "struct" && to.kind === "struct" && type.fields.length === to.fields.length && !how.isSafe) {
    return value(
      once(from.sql, (sql) => {
        const fields = type.fields.map((field, index) => {
          const name = Types.fieldName(index)
          const cast = castValue(
            value(`struct_extract(${sql}, '${name}')`, field.type, how.at),
            to.fields[index]!.type,
            how
          )
          return `'${name}': ${cast.sql}`
        })
        return `CASE WHEN ${sql} IS NOT NULL THEN {${fields.join(", ")}} END`
      }),
      to,
      how.at
    )
  }
  if (type.kind !== "scalar" || to.kind !== "scalar") {
    return refuse(`A value of type ${Types.show(type)} cannot be cast to ${Types.show(to)}`, how.at)
  }
  const pair = `${type.name} to ${to.name}`
  const cast = casts[pair]
  if (cast === undefined) {
    return refuse(`A value of type ${type.name} cannot be cast to ${to.name}`, how.at, `cast ${pair}`)
  }
  allow(`cast ${pair}`, how.at)
  const isNumber = to.name !== "FLOAT64" || type.name === "INT64" || type.name === "NUMERIC"
  const write = (): string => inRange(cast(from.sql, how.isSafe), to)
  return value(how.isSafe ? withoutFailing(write) : write(), to, how.at, {
    isNumber,
    isTotal: how.isSafe && from.isTotal,
    isPresent: !how.isSafe && from.isPresent
  })
}

type Cast = (sql: string, isSafe: boolean) => string

const simple = (to: Types.Type): Cast => (sql, isSafe) =>
  isSafe ? `TRY_CAST(${sql} AS ${Types.duck(to)})` : castTo(sql, to)

const total = (to: Types.Type): Cast => (sql) => castTo(sql, to)

/** What becomes of a text that is no value of the type. */
const otherwise = (sql: string, name: string, isSafe: boolean): string =>
  isSafe ? "" : ` WHEN ${sql} IS NOT NULL THEN ${failWith(quoteText(`Invalid ${name} value: `), sql)}`

/** From a text that the pattern fits; `read` may still fail for it (`'2020-02-30'`). */
const text = (to: Types.Type, pattern: string, read?: ((sql: string) => string) | undefined): Cast => (sql, isSafe) =>
  once(sql, (bound) => {
    const inner = read?.(bound) ?? bound
    const parsed = isSafe ? `TRY_CAST(${inner} AS ${Types.duck(to)})` : castTo(inner, to)
    return `CASE WHEN regexp_full_match(${bound}, ${quoteText(pattern)}) THEN ${parsed}${
      otherwise(bound, Types.show(to), isSafe)
    } END`
  })

/** DuckDB has a year 0 and the years before it, GoogleSQL begins with 1. */
const year = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
const day = `${year}-[0-9]{1,2}-[0-9]{1,2}`
const clock = "([01]?[0-9]|2[0-3]):[0-5]?[0-9]:[0-5]?[0-9](\\.[0-9]{0,6})?"
const zone = "[zZ]|[+-][0-9]{1,2}(?::[0-9]{2})?|[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*"
const moment = `^(${day.replace("(", "(?:")})(?:[ Tt](${clock.replaceAll(/\((?!\?)/g, "(?:")}))? ?(${zone})?$`

/** A timestamp's text is UTC unless it says otherwise, and is put in the one form that DuckDB reads. */
const toTimestamp: Cast = (sql, isSafe) =>
  once(sql, (bound) => {
    const group = (index: number): string => `regexp_extract(${bound}, ${quoteText(moment)}, ${index})`
    const offset =
      `CASE WHEN ${group(3)} IN ('', 'z', 'Z') THEN '+00' WHEN regexp_matches(${group(3)}, '^[+-][0-9]($|:)')` +
      ` THEN concat(left(${group(3)}, 1), '0', substr(${group(3)}, 2)) WHEN regexp_matches(${group(3)}, '^[+-]') THEN ${
        group(3)
      }` +
      ` ELSE concat(' ', ${group(3)}) END`
    const spelled = `concat(${group(1)}, ' ', CASE WHEN ${group(2)} = '' THEN '00:00:00' ELSE ${
      group(2)
    } END, ${offset})`
    const read = isSafe ? `TRY_CAST(${spelled} AS TIMESTAMPTZ)` : `CAST(${spelled} AS TIMESTAMPTZ)`
    return `CASE WHEN regexp_matches(${bound}, ${quoteText(moment)}) THEN timezone('UTC', ${read})${
      otherwise(bound, "TIMESTAMP", isSafe)
    } END`
  })

/** Halves go away from zero, and what is no finite number of the range fails. */
const roundToInteger: Cast = (sql, isSafe) => simple(Types.int64)(`round(${sql})`, isSafe)

/** As few digits as tell the number apart, in the way of C's `%g`. */
export const floatText = (sql: string): string =>
  once(
    sql,
    (bound) =>
      `CASE WHEN ${bound} IS NULL THEN NULL WHEN isnan(${bound}) THEN 'nan' WHEN isinf(${bound}) THEN CASE WHEN ${bound} > 0 THEN 'inf' ELSE '-inf' END` +
      ` WHEN ${bound} = 0 THEN '0' WHEN CAST(printf('%.15g', ${bound}) AS DOUBLE) = ${bound} THEN printf('%.15g', ${bound}) ELSE printf('%.17g', ${bound}) END`
  )

const numericText: Cast = (sql) =>
  `regexp_replace(regexp_replace(CAST(${sql} AS VARCHAR), '(\\.[0-9]*?)0+$', '\\1'), '\\.$', '')`

const stripped = (sql: string): string => `trim(${sql}, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))`

/** DuckDB reads hexadecimal digits behind 0x, but no sign before it. */
const toInteger: Cast = (sql, isSafe) =>
  once(sql, (bound) => {
    const parsed = text(Types.int64, "\\s*([+-]?[0-9]+|0[xX][0-9a-fA-F]+)\\s*", stripped)(bound, isSafe)
    const digits = `regexp_extract(${bound}, '0[xX][0-9a-fA-F]+')`
    const hexadecimal = isSafe ? `TRY_CAST(${digits} AS BIGINT)` : castTo(digits, Types.int64)
    return `CASE WHEN regexp_full_match(${bound}, '\\s*[+-]0[xX][0-9a-fA-F]+\\s*') THEN CASE WHEN contains(${bound}, '-') THEN - ${hexadecimal} ELSE ${hexadecimal} END ELSE ${parsed} END`
  })

/** Through text, which is exact: DuckDB's own cast of a decimal divides, and rounds twice. */
const numericToFloat: Cast = (sql) => castTo(castTo(sql, Types.string), Types.float64)

/** All digits that the float has: DuckDB's own cast multiplies, and makes other numbers of large ones. */
const floatToNumeric: Cast = (sql, isSafe) => simple(Types.numeric)(`printf('%.40f', ${sql})`, isSafe)

/** A text of a number with its point where the exponent says: DuckDB rounds `5e-11` twice. */
const withoutExponent = (sql: string): string => {
  const part = (index: number): string =>
    `regexp_extract(${sql}, '([+-]?)([0-9]*)[.]?([0-9]*)[eE]([+-]?[0-9]+)', ${index})`
  // beyond this it is nothing, or more than the type holds
  const exponent = `least(greatest(coalesce(TRY_CAST(${part(4)} AS INTEGER), CASE WHEN contains(${
    part(4)
  }, '-') THEN -99 ELSE 99 END), -99 - strlen(${part(2)})), 99 + strlen(${part(3)}))`
  const moved = once(
    exponent,
    (by) =>
      `CASE WHEN ${by} >= 0 THEN concat(${part(1)}, ${part(2)}, rpad(${part(3)}, CAST(${by} AS INTEGER), '0'), '.', ` +
      `substr(${part(3)}, ${by} + 1)) ELSE concat(${part(1)}, '0', left(${part(2)}, greatest(strlen(${
        part(2)
      }) + ${by}, 0)), '.', ` +
      `right(concat(repeat('0', -(${by})), ${part(2)}), -(${by})), ${part(3)}) END`
  )
  return `CASE WHEN regexp_matches(${sql}, '[eE]') THEN ${moved} ELSE ${sql} END`
}

const numericPattern = "\\s*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*"

/** A float may be too large for a NUMERIC or no number at all. */
const casts: Readonly<Record<string, Cast>> = {
  "INT64 to FLOAT64": total(Types.float64),
  "INT64 to NUMERIC": total(Types.numeric),
  "INT64 to BOOL": (sql) => `(${sql} <> 0)`,
  "INT64 to STRING": total(Types.string),
  "NUMERIC to INT64": simple(Types.int64),
  "NUMERIC to FLOAT64": numericToFloat,
  "NUMERIC to STRING": numericText,
  "FLOAT64 to INT64": roundToInteger,
  "FLOAT64 to NUMERIC": floatToNumeric,
  "FLOAT64 to STRING": floatText,
  "BOOL to INT64": total(Types.int64),
  "BOOL to STRING": total(Types.string),
  "STRING to BOOL": text(Types.bool, "(?i)true|false"),
  "STRING to INT64": toInteger,
  "STRING to FLOAT64": text(
    Types.float64,
    `${numericPattern}|(?i)\\s*[+-]?(inf|infinity|nan)\\s*`,
    (sql) => `CASE WHEN regexp_matches(${sql}, '(?i)nan') THEN 'nan' ELSE ltrim(${stripped(sql)}, '+') END`
  ),
  "STRING to NUMERIC": text(Types.numeric, numericPattern, withoutExponent),
  "STRING to DATE": text(Types.date, day),
  "STRING to DATETIME": text(Types.datetime, `${day}([ Tt]${clock})?`, (sql) => `replace(${sql}, 't', 'T')`),
  "STRING to TIME": text(Types.time, clock),
  "STRING to TIMESTAMP": toTimestamp,
  "STRING to BYTES": (sql) => `encode(${sql})`,
  "BYTES to STRING": (sql, isSafe) => isSafe ? outside(sql, (bound) => `TRY(decode(${bound}))`) : `decode(${sql})`,
  "DATE to STRING": total(Types.string),
  "DATE to DATETIME": total(Types.datetime),
  "DATE to TIMESTAMP": total(Types.timestamp),
  "DATETIME to DATE": total(Types.date),
  "DATETIME to TIME": total(Types.time),
  "DATETIME to TIMESTAMP": (sql) => sql,
  "DATETIME to STRING": datetimeText,
  "TIME to STRING": timeText,
  "TIMESTAMP to DATE": total(Types.date),
  "TIMESTAMP to TIME": total(Types.time),
  "TIMESTAMP to DATETIME": (sql) => sql,
  "TIMESTAMP to STRING": timestampText
}
