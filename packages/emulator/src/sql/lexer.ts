/**
 * Cuts GoogleSQL into tokens: comments, quoting and escapes as the language
 * defines them, each token with its place in the text.
 *
 * @since 0.1.0
 */
import { refuse } from "./SqlError.ts"

export type TokenKind =
  | "name"
  | "quotedName"
  | "integer"
  | "float"
  | "string"
  | "bytes"
  | "parameter"
  | "symbol"
  | "end"

export interface Token {
  readonly kind: TokenKind
  /**
   * What it stands for: a name without its backticks, a string with its escapes
   * resolved, a number as written, a symbol. Bytes are kept one a character.
   */
  readonly text: string
  /** A name in upper case, for comparing with keywords; else as `text`. */
  readonly upper: string
  readonly start: number
  readonly end: number
}

const symbols = ["|>", "<=", ">=", "!=", "<>", "||", "<<", "=>", "->", "@@", "+=", "-="]
const singles = new Set("()[]{},.;:+-*/%&|^~=<>?!$")

const space = /[\s\u00a0\u200b\ufeff]*/y
const name = /[\p{L}_][\p{L}\p{N}_]*/uy
const hexadecimal = /0[xX][0-9a-fA-F]+/y
const decimal = /(?:[0-9]+(\.[0-9]*)?|(\.[0-9]+))([eE][+-]?[0-9]+)?/y
const parameter = /@@?[A-Za-z_][\w.]*|\?/y
const prefix = /(?:[rR][bB]?|[bB][rR]?)?(?="|')/y

const match = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Where the next token starts: behind white space and comments. */
const skip = (text: string, from: number): number => {
  let at = from
  for (;;) {
    at += match(space, text, at)?.length ?? 0
    const two = text.slice(at, at + 2)
    if (text[at] === "#" || two === "--") {
      while (at < text.length && text[at] !== "\n" && text[at] !== "\r") at++
    } else if (two === "/*") {
      const close = text.indexOf("*/", at + 2)
      if (close < 0) refuse("Syntax error: this comment is never closed with */", at)
      at = close + 2
    } else return at
  }
}

const single: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "?": "?",
  "\"": "\"",
  "'": "'",
  "`": "`"
}

/** Resolves the escape whose backslash is at `at`: its text, and where the text goes on. */
const escape = (text: string, at: number, isBytes: boolean): readonly [string, number] => {
  const letter = text[at + 1] ?? ""
  const plain = single[letter]
  if (plain !== undefined) return [plain, at + 2]
  const digits = (pattern: RegExp, from: number): string =>
    match(pattern, text, from) ??
      refuse(`Syntax error: ${JSON.stringify(text.slice(at, at + 4))} is not an escape sequence`, at)
  if (letter === "x" || letter === "X") {
    const code = digits(/[0-9a-fA-F]{2}/y, at + 2)
    return [character(Number.parseInt(code, 16), at, isBytes), at + 4]
  }
  if (letter >= "0" && letter <= "3") {
    const code = digits(/[0-3][0-7]{2}/y, at + 1)
    return [character(Number.parseInt(code, 8), at, isBytes), at + 4]
  }
  if ((letter === "u" || letter === "U") && !isBytes) {
    const length = letter === "u" ? 4 : 8
    const code = digits(letter === "u" ? /[0-9a-fA-F]{4}/y : /[0-9a-fA-F]{8}/y, at + 2)
    return [character(Number.parseInt(code, 16), at, isBytes), at + 2 + length]
  }
  return refuse(
    `Syntax error: \\${letter} is not an escape sequence. Write \\\\ for a backslash, or r'...' for a text without escapes`,
    at
  )
}

const character = (code: number, at: number, isBytes: boolean): string =>
  !isBytes && (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    ? refuse(`Syntax error: U+${code.toString(16).toUpperCase()} is not a character`, at)
    : String.fromCodePoint(code)

/** What stands between quotes, from `from` up to `close`, and where the text goes on behind it. */
const quoted = (
  text: string,
  start: number,
  from: number,
  close: string,
  how: { readonly isRaw: boolean; readonly isBytes: boolean }
): readonly [string, number] => {
  const isTriple = close.length === 3
  let value = ""
  let at = from
  for (;;) {
    const unit = text[at]
    if (unit === undefined || (!isTriple && (unit === "\n" || unit === "\r"))) {
      return refuse(`Syntax error: this ${close === "`" ? "name" : "text"} is never closed with ${close}`, start)
    }
    if (text.startsWith(close, at)) return [value, at + close.length]
    if (unit === "\\") {
      if (how.isRaw) {
        if (text[at + 1] === undefined) return refuse(`Syntax error: this text is never closed with ${close}`, start)
        value += text.slice(at, at + 2)
        at += 2
      } else {
        const [resolved, next] = escape(text, at, how.isBytes)
        value += resolved
        at = next
      }
    } else if (isTriple && unit === "\r") {
      value += "\n"
      at += text[at + 1] === "\n" ? 2 : 1
    } else {
      value += unit
      at++
    }
  }
}

/** Each character of a bytes literal is one byte; those outside ASCII are their UTF-8. */
const toBytes = (text: string, start: number, end: number, source: string): string => {
  for (let index = start; index < end; index++) {
    if (source.charCodeAt(index) > 127) refuse("Bytes literals hold ASCII and escapes such as \\xff only", index)
  }
  return text
}

/** The token at or behind `from`. */
export const tokenAt = (text: string, from: number): Token => {
  const start = skip(text, from)
  const token = (kind: TokenKind, value: string, end: number): Token => ({
    kind,
    text: value,
    upper: kind === "name" ? value.toUpperCase() : value,
    start,
    end
  })
  const first = text[start]
  if (first === undefined) return token("end", "the end of the query", start)
  const letters = match(prefix, text, start)
  if (letters !== undefined) {
    const open = start + letters.length
    const quote = text[open] ?? ""
    const close = text.startsWith(quote.repeat(3), open) ? quote.repeat(3) : quote
    const flags = letters.toLowerCase()
    const how = { isRaw: flags.includes("r"), isBytes: flags.includes("b") }
    const [value, end] = quoted(text, start, open + close.length, close, how)
    return how.isBytes
      ? token("bytes", toBytes(value, open, end, text), end)
      : token("string", checked(value, start), end)
  }
  if (first === "`") {
    const [value, end] = quoted(text, start, start + 1, "`", { isRaw: false, isBytes: false })
    if (value === "") refuse("Syntax error: there is no name between these backticks", start)
    if (value.includes("\0")) refuse("The character U+0000 is not supported in a name", start, "character U+0000")
    return token("quotedName", checked(value, start), end)
  }
  const word = match(name, text, start)
  if (word !== undefined) return token("name", word, start + word.length)
  const number = match(hexadecimal, text, start) ?? match(decimal, text, start)
  if (number !== undefined) {
    const end = start + number.length
    const next = match(name, text, end)
    if (next !== undefined) {
      refuse(`Syntax error: there is no space between the number ${number} and ${JSON.stringify(next)}`, end)
    }
    return token(/^0[xX]/.test(number) || /^[0-9]+$/.test(number) ? "integer" : "float", number, end)
  }
  const named = match(parameter, text, start)
  if (named !== undefined) return token("parameter", named, start + named.length)
  for (const symbol of symbols) {
    if (text.startsWith(symbol, start)) return token("symbol", symbol, start + symbol.length)
  }
  if (singles.has(first)) return token("symbol", first, start + 1)
  return refuse(
    `Syntax error: unexpected character ${JSON.stringify(String.fromCodePoint(text.codePointAt(start) ?? 0))}`,
    start
  )
}

/** Half a surrogate pair is not text. */
const checked = (value: string, start: number): string => {
  if (!value.isWellFormed()) refuse("This text holds half of a surrogate pair, which is not a character", start)
  return value
}
