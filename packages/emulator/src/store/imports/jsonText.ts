/** JSON as it stands in a text: what is not looked into keeps its digits, and what is nested its text. */
import { deepestNesting } from "./limits.ts"

const quote = 0x22
const backslash = 0x5c

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

/** Where a string ends that begins at a place: behind its last quote. */
const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf("\"", start + 1);; at = text.indexOf("\"", at + 1)) {
    let before = at - 1
    while (text.charCodeAt(before) === backslash) before--
    if ((at - before) % 2 === 1) return at + 1
  }
}

/** Where a value ends, of a text that is JSON. */
const endOfValue = (text: string, start: number): number => {
  const first = text.charCodeAt(start)
  if (first === quote) return endOfString(text, start)
  let at = start
  if (first !== 0x7b && first !== 0x5b) {
    for (;; at++) {
      const code = text.charCodeAt(at)
      if (Number.isNaN(code) || code === 0x2c || code === 0x7d || code === 0x5d || isBlank(code)) return at
    }
  }
  for (let depth = 0;;) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = endOfString(text, at)
      continue
    }
    if (code === 0x7b || code === 0x5b) depth++
    else if ((code === 0x7d || code === 0x5d) && --depth === 0) return at + 1
    at++
  }
}

const skipBlanks = (text: string, from: number): number => {
  let at = from
  while (isBlank(text.charCodeAt(at))) at++
  return at
}

/** Calls back for each member of an object, with the text of its value; the text is JSON. */
export const forEachMember = (text: string, each: (key: string, value: string) => void): void => {
  let at = skipBlanks(text, skipBlanks(text, 0) + 1)
  while (text.charCodeAt(at) === quote) {
    const keyEnd = endOfString(text, at)
    const key = stringOf(text.slice(at, keyEnd))
    const start = skipBlanks(text, skipBlanks(text, keyEnd) + 1)
    const end = endOfValue(text, start)
    each(key, text.slice(start, end))
    // behind the comma, or the object's end
    at = skipBlanks(text, skipBlanks(text, end) + 1)
  }
}

/** The texts of the elements of an array; the text is JSON. */
export const elementsOf = (text: string): ReadonlyArray<string> => {
  const elements: Array<string> = []
  let at = skipBlanks(text, skipBlanks(text, 0) + 1)
  while (at < text.length && text.charCodeAt(at) !== 0x5d) {
    const end = endOfValue(text, at)
    elements.push(text.slice(at, end))
    at = skipBlanks(text, end)
    if (text.charCodeAt(at) !== 0x2c) break
    at = skipBlanks(text, at + 1)
  }
  return elements
}

/** What a string says. */
export const stringOf = (text: string): string => text.includes("\\") ? JSON.parse(text) as string : text.slice(1, -1)

/** The text without blanks between its parts. */
export const compact = (text: string): string => {
  if (!/[ \n\r\t]/.test(text)) return text
  let compacted = ""
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at)
    const end = code === quote ? endOfString(text, at) : at + 1
    if (!isBlank(code)) compacted += text.slice(at, end)
    at = end
  }
  return compacted
}

/** Whether something is nested deeper than is read, be the text JSON or not. */
export const isTooDeep = (bytes: Uint8Array, start: number, end: number): boolean => {
  let depth = 0
  let isString = false
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (isString) {
      if (byte === backslash) at++
      else if (byte === quote) isString = false
    } else if (byte === quote) isString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > deepestNesting) return true
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return false
}
