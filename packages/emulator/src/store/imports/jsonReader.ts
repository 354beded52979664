/** Finds the records of a JSON text: an object a line, the elements of an array, or the features of a collection. */
import { isUtf8 } from "node:buffer"
import { failed } from "./ImportPlan.ts"
import { isTooDeep } from "./jsonText.ts"
import { deepestNesting, longestRecord } from "./limits.ts"
import { type BlockReader, tooLong } from "./textFile.ts"

const lineFeed = 0x0a
const carriageReturn = 0x0d
const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === lineFeed || byte === carriageReturn || byte === 0x09

/** Takes the text of an object, and the line on which it begins. */
export type OnRecord = (text: string, line: number) => void

const notJson = (line: number, reason: string) => failed(`Line ${line} is not JSON: ${reason}`, line)

/** What of the text V8 says in its message is shown up to here. */
const longestReason = 200

const tooDeep = (line: number) =>
  failed(
    `Line ${line} has objects or arrays nested more than ${deepestNesting} levels deep. Make the file flatter.`,
    line
  )

/** Checks one record, and gives its text. */
const textOf = (block: Buffer, start: number, end: number, line: number): string => {
  if (end - start > longestRecord) throw tooLong(line)
  const bytes = block.subarray(start, end)
  if (!isUtf8(bytes)) throw failed(`Line ${line} is not valid UTF-8. Save the file as UTF-8.`, line)
  return bytes.toString("utf8")
}

const checkObject = (text: string, line: number): void => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw notJson(line, (cause as Error).message.slice(0, longestReason)) // JSON.parse throws a SyntaxError
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw failed(`Line ${line} has no object: each row is one, with its values by their names.`, line)
  }
}

const isLineEnd = (byte: number | undefined): boolean => byte === lineFeed || byte === carriageReturn

/** How many lines end in a part of a block. What follows the part is known not to be the end of a `\r\n`. */
const lineEnds = (block: Buffer, start: number, end: number): number => {
  let count = 0
  for (let at = start; at < end; at++) {
    const byte = block[at]
    if (byte === lineFeed || (byte === carriageReturn && block[at + 1] !== lineFeed)) count++
  }
  return count
}

const skipMark = (block: Buffer): number => block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0

/** A record a line. Blank lines are none. */
export const makeLineReader = (onRecord: OnRecord): BlockReader => {
  let line = 1
  let isFirst = true
  return {
    line: () => line,
    read: (block, isLast) => {
      if (isFirst && block.length < 3 && !isLast) return 0
      let at = isFirst ? skipMark(block) : 0
      isFirst = false
      while (at < block.length) {
        let end = at
        while (end < block.length && !isLineEnd(block[end])) end++
        if (end === block.length && !isLast) return at
        if (block[end] === carriageReturn && block[end + 1] === undefined && !isLast) return at
        let start = at
        // a record separator may begin a line of GeoJSON
        while (start < end && (isBlank(block[start]) || block[start] === 0x1e)) start++
        if (start < end) {
          if (block[start] === openBracket && line === 1) {
            throw failed("The file is an array, not an object a line. Upload it as type json.", 1)
          }
          const text = textOf(block, start, end, line)
          if (isTooDeep(block, start, end)) throw tooDeep(line)
          checkObject(text, line)
          onRecord(text, line)
        }
        if (end === block.length) return end
        line++
        at = block[end] === carriageReturn && block[end + 1] === lineFeed ? end + 2 : end + 1
      }
      return at
    }
  }
}

/**
 * The elements of an array: of the text itself, or of the property of this name
 * of the object that the text is.
 */
export const makeArrayReader = (property: string | undefined, onRecord: OnRecord): BlockReader => {
  type State = "start" | "key" | "colon" | "value" | "afterValue" | "element" | "afterElement" | "end"
  let state: State = "start"
  let key = ""
  let line = 1
  let isFirst = true
  let isAfterComma = false
  let numElements = 0
  let isFound = false

  /** Where a value ends; -1 where more bytes are needed. */
  const endOf = (block: Buffer, start: number, isLast: boolean): number => {
    const first = block[start]
    if (first === quote) {
      for (let at = start + 1; at < block.length; at++) {
        if (block[at] === backslash) at++
        else if (block[at] === quote) return at + 1
      }
      return -1
    }
    if (first !== openBrace && first !== openBracket) {
      let at = start
      while (at < block.length) {
        const byte = block[at]
        if (byte === comma || byte === closeBrace || byte === closeBracket || isBlank(byte)) return at
        at++
      }
      return isLast ? at : -1
    }
    let depth = 0
    for (let at = start; at < block.length; at++) {
      const byte = block[at]!
      if (byte === quote) {
        for (at++; at < block.length && block[at] !== quote; at++) if (block[at] === backslash) at++
      } else if (byte === openBrace || byte === openBracket) {
        if (++depth > deepestNesting) throw tooDeep(line)
      } else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return at + 1
    }
    return -1
  }

  const unexpected = (block: Buffer, at: number, wanted: string): never => {
    const character = block.subarray(at, at + 4).toString("utf8").slice(0, 1)
    throw notJson(line, `${JSON.stringify(character)} stands where ${wanted} is expected`)
  }

  const open = (block: Buffer, at: number): void => {
    if (property === undefined) {
      if (block[at] !== openBracket) {
        throw failed(
          "The file is not an array of objects. Put its objects in an array, or upload an object a line as type ndjson.",
          line
        )
      }
      isFound = true
      state = "element"
    } else {
      if (block[at] !== openBrace) throw failed("The file is not a collection of features.", line)
      state = "key"
    }
  }

  /** Takes what begins at a place. Gives where it ends; -1 where more bytes are needed. */
  const step = (block: Buffer, at: number, isLast: boolean): number => {
    const byte = block[at]
    switch (state) {
      case "start":
        open(block, at)
        return at + 1
      case "key": {
        if (byte === closeBrace && !isAfterComma) {
          state = "end"
          return at + 1
        }
        if (byte !== quote) return unexpected(block, at, "a name in quotes")
        const end = endOf(block, at, isLast)
        if (end < 0) return -1
        const text = textOf(block, at, end, line)
        checkObject(`{${text}:0}`, line)
        key = JSON.parse(text) as string // it was checked to be a string
        state = "colon"
        return end
      }
      case "colon":
        if (byte !== colon) return unexpected(block, at, "a colon")
        state = "value"
        return at + 1
      case "value": {
        if (key === property && byte === openBracket) {
          if (isFound) throw failed(`Line ${line} has ${JSON.stringify(property)} a second time. Leave one.`, line)
          isFound = true
          isAfterComma = false
          state = "element"
          return at + 1
        }
        const end = endOf(block, at, isLast)
        if (end < 0) return -1
        checkObject(`{"value":${textOf(block, at, end, line)}}`, line)
        state = "afterValue"
        return end
      }
      case "afterValue":
        isAfterComma = byte === comma
        if (byte === comma) state = "key"
        else if (byte === closeBrace) state = "end"
        else return unexpected(block, at, "a comma or the end of the object")
        return at + 1
      case "element": {
        if (byte === closeBracket && !isAfterComma) {
          state = property === undefined ? "end" : "afterValue"
          return at + 1
        }
        if (byte === comma || byte === closeBracket) return unexpected(block, at, "an object")
        const end = endOf(block, at, isLast)
        if (end < 0) return -1
        const text = textOf(block, at, end, line)
        checkObject(text, line)
        onRecord(text, line)
        numElements++
        state = "afterElement"
        return end
      }
      case "afterElement":
        isAfterComma = byte === comma
        if (byte === comma) state = "element"
        else if (byte === closeBracket) state = property === undefined ? "end" : "afterValue"
        else return unexpected(block, at, "a comma or the end of the array")
        return at + 1
      case "end":
        return unexpected(block, at, "the end of the file")
    }
  }

  return {
    line: () => line,
    finish: () => {
      if (state === "start") throw failed("The file has no JSON: it is blank")
      if (state !== "end") {
        throw failed(
          `Line ${line} is not JSON: the file breaks off in what begins there${
            numElements === 0 ? "" : `, after ${numElements} objects`
          }. Upload it whole.`,
          line
        )
      }
      if (!isFound) throw failed(`The file has no ${JSON.stringify(property)}, which is an array of features`)
    },
    read: (block, isLast) => {
      if (isFirst && block.length < 3 && !isLast) return 0
      let at = isFirst ? skipMark(block) : 0
      isFirst = false
      while (at < block.length) {
        if (isBlank(block[at])) {
          if (block[at] === carriageReturn && block[at + 1] === undefined && !isLast) return at
          if (block[at] === lineFeed || (block[at] === carriageReturn && block[at + 1] !== lineFeed)) line++
          at++
          continue
        }
        const end = step(block, at, isLast)
        if (end < 0) return at
        line += lineEnds(block, at, end)
        at = end
      }
      return at
    }
  }
}
