/**
 * What a reader of GoogleSQL needs to know of a text to put something into it,
 * or to see what its statements do: where comments, texts and quoted names
 * begin and end.
 */

/** What the end of a text stands in. */
export type Ending = "plain" | "comment" | "blockComment" | "text" | "name"

export interface Reading {
  readonly ending: Ending
  /** Words and symbols outside of comments, texts and quoted names, words in upper case; a text or quoted name is `""`. */
  readonly tokens: ReadonlyArray<string>
}

const lineComment = /(?:#|--)[^\n\r]*/y
const word = /[\p{L}_][\p{L}\p{N}_]*/uy
const opening = /(?:[rR][bB]?|[bB][rR]?)?('''|"""|'|")/y

/** Where what is quoted ends, from behind its opening; nowhere is `undefined`. A backslash takes the next character along. */
const closing = (text: string, from: number, close: string): number | undefined => {
  let at = from
  while (at < text.length) {
    if (text.startsWith(close, at)) return at + close.length
    at += text[at] === "\\" ? 2 : 1
  }
  return undefined
}

const match = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}

export const read = (text: string): Reading => {
  const tokens: Array<string> = []
  let at = 0
  while (at < text.length) {
    const comment = match(lineComment, text, at)
    if (comment !== null) {
      at += comment[0].length
      if (at === text.length) return { ending: "comment", tokens }
      continue
    }
    if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2)
      if (end < 0) return { ending: "blockComment", tokens }
      at = end + 2
      continue
    }
    const open = match(opening, text, at)
    if (open !== null || text[at] === "`") {
      const close = open?.[1] ?? "`"
      const end = closing(text, at + (open?.[0].length ?? 1), close)
      if (end === undefined) return { ending: open === null ? "name" : "text", tokens }
      tokens.push("")
      at = end
      continue
    }
    const name = match(word, text, at)
    if (name !== null) {
      tokens.push(name[0].toUpperCase())
      at += name[0].length
      continue
    }
    if (text[at]!.trim() !== "") tokens.push(text[at]!)
    at++
  }
  return { ending: "plain", tokens }
}

/** What a statement that only reads begins with. */
const reading = new Set(["SELECT", "WITH", "FROM", "(", "DECLARE", "SET"])

/** What a query may not end in behind its `WITH`, or behind `|>`. */
const writing = new Set([
  "INSERT",
  "UPDATE",
  "DELETE",
  "MERGE",
  "CREATE",
  "DROP",
  "ALTER",
  "TRUNCATE",
  "EXPORT",
  "LOAD"
])
/** What the query behind the list of a `WITH` begins with: from there on it only reads. */
const query = new Set(["SELECT", "FROM", "("])
const writingPipes = new Set(["INSERT", "CREATE", "EXPORT"])

/** The word by which a text does more than read; `undefined` where it only reads. */
export const wordThatWrites = (text: string): string | undefined => {
  const { tokens } = read(text)
  let depth = 0
  let isStart = true
  let isWith = false
  for (const [index, token] of tokens.entries()) {
    if (token === ";") {
      isStart = true
      depth = 0
      continue
    }
    if (isStart) {
      if (!reading.has(token)) return token === "" ? "a quoted name" : token
      isStart = false
      isWith = token === "WITH"
    } else {
      // a name may be any of these words, but no name stands behind the parenthesis that ends a list of WITH
      if (isWith && depth === 0 && tokens[index - 1] === ")") {
        if (writing.has(token)) return token
        isWith = !query.has(token)
      }
      if (tokens[index - 2] === "|" && tokens[index - 1] === ">" && writingPipes.has(token)) return token
    }
    if (token === "(") depth++
    if (token === ")") depth--
  }
  return undefined
}
