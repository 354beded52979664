/**
 * `FORMAT('%d of %s', n, name)`.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { castValue } from "./casts.ts"
import type { Context } from "./Function.ts"
import { refuse } from "./SqlError.ts"
import * as Types from "./types.ts"
import { constantText, nullOf, once, quoteText, type Value } from "./Value.ts"

const specifier = /%(%|([-+ 0#']*)((?:[1-9]\d*)?)(?:\.(\d+))?([a-zA-Z*]))|%$|[^%]+/g

export const formatCall = (context: Context): string => {
  const { at, node } = context
  const written = node.arguments[0]!
  if (written.kind === "literal" && written.type === "NULL") return nullOf(Types.string)
  const format = constantText(written)
  if (format === undefined) {
    return refuse("The format of FORMAT has to be a text that is written out", at, "computed format")
  }
  const values = context.values.slice(1)
  const parts: Array<string> = []
  let used = 0
  for (const match of format.matchAll(specifier)) {
    const [text, kind, flags = "", width = "", precision, letter = ""] = match
    if (kind === undefined) {
      if (text === "%") refuse("FORMAT ends in a single %", at)
      parts.push(quoteText(text))
    } else if (kind === "%") parts.push("'%'")
    else {
      const value = values[used++]
      if (value === undefined) return refuse(`FORMAT has no value for ${text}`, at)
      parts.push(one(value, { text, flags, width, precision, letter }, at))
    }
  }
  if (used < values.length) refuse("FORMAT has more values than its format takes", at)
  return parts.length === 0 ? "''" : `(${parts.join(" || ")})`
}

interface Specifier {
  readonly text: string
  readonly flags: string
  readonly width: string
  readonly precision: string | undefined
  readonly letter: string
}

const one = (value: Value, specifier: Specifier, at: number): string => {
  const { letter, precision, text, width } = specifier
  // what is filled on the right is not filled with zeros
  const flags = specifier.flags.includes("-") ? specifier.flags.replaceAll("0", "") : specifier.flags
  allow(`format %${letter} of FORMAT`, at)
  const wrong = (): never => refuse(`FORMAT: ${text} takes no ${Types.show(value.type)}`, at)
  if (letter === "d" || letter === "i") {
    if (!Types.isScalar(value.type, "INT64")) return wrong()
    if (precision !== undefined) return refuse(`FORMAT with ${text} is not supported`, at, `format ${text} of FORMAT`)
    if (flags.includes("'")) {
      if (flags !== "'" || width !== "") {
        return refuse(`FORMAT with ${text} is not supported`, at, `format ${text} of FORMAT`)
      }
      return `format('{:,}', ${value.sql})`
    }
    return `printf('%${flags}${width}d', ${value.sql})`
  }
  if (letter === "f" || letter === "F" || letter === "e" || letter === "E") {
    const number = Types.isScalar(value.type, "INT64")
      ? castValue(value, Types.float64, { isSafe: false, at }).sql
      : Types.isScalar(value.type, "FLOAT64")
      ? value.sql
      : wrong()
    const digits = precision ?? "6"
    if (Number(digits) > 30) return refuse(`FORMAT with ${text} is not supported`, at, `format ${text} of FORMAT`)
    if (flags.includes("'")) {
      if (flags !== "'" || width !== "" || letter !== "f") {
        return refuse(`FORMAT with ${text} is not supported`, at, `format ${text} of FORMAT`)
      }
      return `format('{:,.${digits}f}', (${number} + 0))`
    }
    // zero has no sign
    return `printf('%${flags}${width}.${digits}${letter}', (${number} + 0))`
  }
  if (letter === "s") {
    if (!Types.isScalar(value.type, "STRING")) return wrong()
    if (/[+ 0#']/.test(flags)) return refuse(`FORMAT with ${text} is not supported`, at, `format ${text} of FORMAT`)
    const cut = precision === undefined ? value.sql : `left(${value.sql}, ${precision})`
    if (width === "") return cut
    return once(cut, (bound) => {
      const length = `greatest(length(${bound}), ${Number(width)})`
      return `${flags.includes("-") ? "rpad" : "lpad"}(${bound}, CAST(${length} AS INTEGER), ' ')`
    })
  }
  if (letter === "t" && flags === "" && width === "" && precision === undefined) {
    if (Types.isScalar(value.type, "STRING")) return `coalesce(${value.sql}, 'NULL')`
    if (Types.isScalar(value.type, "INT64", "BOOL", "DATE", "DATETIME", "TIMESTAMP", "TIME")) {
      return `coalesce(${castValue(value, Types.string, { isSafe: false, at }).sql}, 'NULL')`
    }
    return wrong()
  }
  return refuse(`FORMAT with ${text} is not supported`, at, `format ${text} of FORMAT`)
}
