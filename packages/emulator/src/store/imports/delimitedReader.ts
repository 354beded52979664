/**
 * Delimited text as RFC 4180 has it, with the dialect's own characters and any
 * line ends: `\n`, `\r\n`, `\r`, and one after another. What can be read in two
 * ways is refused with its line.
 */
import { isUtf8 } from "node:buffer"
import { checkNames, failed } from "./ImportPlan.ts"
import { longestRecord } from "./limits.ts"
import type { Dialect } from "./records.ts"
import { type BlockReader, type RowText, tooLong } from "./textFile.ts"

const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const quotationMark = 0x22
const noBytes = Buffer.alloc(0)

export interface Settings {
  readonly dialect: Dialect
  readonly hasHeader: boolean
  readonly nullMarkers: ReadonlyArray<string>
  readonly skipsBadRecords: boolean
  readonly fillsShortRecords: boolean
}

export interface DelimitedReader extends BlockReader {
  /** The names of the first record, or an empty one for each of its values; `undefined` where there is no record. */
  readonly headers: () => ReadonlyArray<string> | undefined
  readonly badRecords: () => number
}

/** Where a character that takes several bytes, and is not whole, begins at the end of the block. */
const wholeCharacters = (block: Buffer): number => {
  for (let back = 1; back <= 3 && back <= block.length; back++) {
    const byte = block[block.length - back]!
    if (byte < 0x80) return block.length
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? block.length - back : block.length
  }
  return block.length
}

const values = (count: number): string => `${count} ${count === 1 ? "value" : "values"}`

/** What is wrong with a record. */
interface Fault {
  readonly reason: string
  readonly line: number
}

/** Reads into rows of the one dialect, which have the delimiter that they are told. */
export const makeDelimitedReader = (settings: Settings, rows: RowText): DelimitedReader => {
  const { dialect, fillsShortRecords, hasHeader, nullMarkers, skipsBadRecords } = settings
  const delimiter = Buffer.from(dialect.delimiter)
  const firstDelimiter = delimiter[0]!
  const hasQuote = dialect.quote !== ""
  const quote = hasQuote ? dialect.quote.charCodeAt(0) : -1
  const escape = !hasQuote ? -1 : dialect.escape === "" ? quote : dialect.escape.charCodeAt(0)
  const hasEscape = escape !== quote
  /** Blanks around a quoted value are no part of it. */
  const skipsBlanks = hasQuote && quote !== space && firstDelimiter !== space
  const rowDelimiter = rows.delimiter.charCodeAt(0)
  const markers = nullMarkers.map((marker) => Buffer.from(marker))
  const isEmptyNull = nullMarkers.includes("")
  /** Whether a record that is sound is one of the one dialect as it stands. */
  const isPlain = dialect.delimiter === rows.delimiter && (!hasQuote || (quote === quotationMark && !hasEscape)) &&
    isEmptyNull && nullMarkers.length === 1

  const stopsUnquoted = new Uint8Array(256)
  const stopsQuoted = new Uint8Array(256)
  for (const byte of [firstDelimiter, lineFeed, carriageReturn, 0, quotationMark]) stopsUnquoted[byte] = 1
  for (const byte of [lineFeed, carriageReturn, 0]) stopsQuoted[byte] = 1
  for (const byte of hasQuote ? [quote, escape] : []) stopsUnquoted[byte] = stopsQuoted[byte] = 1

  let line = 1
  let headers: ReadonlyArray<string> | undefined
  let numColumns = 0
  let badRecords = 0
  /** Blank lines before the first record: in a file of one column each is a null. */
  let blankLines = 0
  let isFirstBlock = true

  // The record that is being read: where its values are in the block, without their quotes.
  let starts = new Int32Array(64)
  let ends = new Int32Array(64)
  /** 1: quoted, 2: quoted and with escapes. */
  let kinds = new Uint8Array(64)
  let count = 0
  let isVerbatim = true
  let lineBreaks = 0
  let recordEnd = 0
  let fault: Fault | undefined
  let isOpen = false

  const grow = (): void => {
    const larger = [new Int32Array(starts.length * 2), new Int32Array(starts.length * 2)] as const
    larger[0].set(starts)
    larger[1].set(ends)
    const largerKinds = new Uint8Array(kinds.length * 2)
    largerKinds.set(kinds)
    ;[starts, ends] = larger
    kinds = largerKinds
  }

  const isDelimiter = (block: Buffer, at: number): boolean => {
    if (block[at] !== firstDelimiter) return false
    for (let index = 1; index < delimiter.length; index++) if (block[at + index] !== delimiter[index]) return false
    return true
  }

  const wrong = (reason: string, where = line + lineBreaks): void => {
    fault ??= { reason, line: where }
  }

  /**
   * Reads a quoted value from behind its first quote. Gives where its last one
   * is; -1 where more bytes are needed.
   */
  const readQuoted = (block: Buffer, from: number, isLast: boolean): number => {
    const firstLine = line + lineBreaks
    let kind = 1
    let at = from
    for (;;) {
      while (stopsQuoted[block[at]!] === 0) at++
      if (at >= block.length) {
        if (isLast) {
          isOpen = true
          fault = {
            line: firstLine,
            reason: "has a quote that is never closed, or one within a value that is not doubled."
          }
        }
        return -1
      }
      const byte = block[at]!
      const next = block[at + 1]
      if ((byte === quote || byte === escape) && next === undefined && !isLast) return -1
      if (byte === lineFeed) lineBreaks++
      else if (byte === carriageReturn) {
        if (next === undefined && !isLast) return -1
        if (next !== lineFeed) lineBreaks++
      } else if (hasEscape && byte === escape) {
        if (next !== quote && next !== escape) {
          wrong("has the escape character before what is neither it nor a quote. Write it twice.")
        }
        kind = 2
        at++
      } else if (byte === quote) {
        if (next !== quote) {
          starts[count] = from
          ends[count] = at
          kinds[count] = kind
          return at
        }
        kind = 2
        at++
      } else if (byte === 0) wrong("has a NUL byte: it is no text.")
      at++
    }
  }

  /** Reads a value that is not quoted. Gives where it ends. */
  const readUnquoted = (block: Buffer, from: number): number => {
    let at = from
    for (;;) {
      while (stopsUnquoted[block[at]!] === 0) at++
      const byte = block[at]
      if (byte === undefined || byte === lineFeed || byte === carriageReturn || isDelimiter(block, at)) break
      if (byte === 0) wrong("has a NUL byte: it is no text.")
      if (byte === quotationMark) isVerbatim = false
      if (hasEscape && byte === escape) {
        const next = block[at + 1]
        if (
          next === escape || next === quote || next === lineFeed || next === carriageReturn ||
          isDelimiter(block, at + 1)
        ) wrong("has the escape character in a value without quotes, where it may stand for itself. Quote the value.")
      }
      at++
    }
    starts[count] = from
    ends[count] = at
    kinds[count] = 0
    return at
  }

  /** Reads one record. Gives where the next begins; -1 where more bytes are needed. */
  const readRecord = (block: Buffer, from: number, isLast: boolean): number => {
    count = 0
    isVerbatim = true
    lineBreaks = 0
    fault = undefined
    isOpen = false
    let at = from
    for (;;) {
      if (count === starts.length) grow()
      let start = at
      if (skipsBlanks) { while (block[start] === space) start++ }
      if (hasQuote && block[start] === quote) {
        if (start !== at) isVerbatim = false
        at = readQuoted(block, start + 1, isLast)
        if (at < 0) return isOpen ? block.length : -1
        at++
        const close = at
        if (skipsBlanks) { while (block[at] === space) at++ }
        if (at !== close) isVerbatim = false
        const byte = block[at]
        if (byte !== undefined && byte !== lineFeed && byte !== carriageReturn && !isDelimiter(block, at)) {
          wrong("has text behind a quoted value. Double the quotes within values.")
          while (block[at] !== undefined && block[at] !== lineFeed && block[at] !== carriageReturn) at++
          if (block[at] === undefined && !isLast) return -1
        }
      } else {
        at = readUnquoted(block, at)
      }
      if (at + delimiter.length > block.length && !isLast) return -1
      count++
      recordEnd = at
      const byte = block[at]
      if (byte === lineFeed) return at + 1
      if (byte === carriageReturn) {
        if (block[at + 1] === undefined && !isLast) return -1
        return block[at + 1] === lineFeed ? at + 2 : at + 1
      }
      if (byte === undefined) return isLast ? at : -1
      at += delimiter.length
    }
  }

  /** The bytes of a value, its escapes resolved. */
  const bytesOf = (block: Buffer, index: number): Buffer => {
    const raw = block.subarray(starts[index], ends[index])
    if (kinds[index] !== 2) return raw
    const resolved = Buffer.allocUnsafe(raw.length)
    let length = 0
    for (let at = 0; at < raw.length; at++) {
      const byte = raw[at]!
      // what stands behind either was seen to be right
      if (byte === quote || byte === escape) at++
      resolved[length++] = raw[at]!
    }
    return resolved.subarray(0, length)
  }

  const isNull = (bytes: Buffer): boolean =>
    bytes.length === 0 ? isEmptyNull : markers.some((marker) => marker.length === bytes.length && marker.equals(bytes))

  const write = (block: Buffer, from: number): void => {
    if (isPlain && isVerbatim && count === numColumns) {
      rows.copy(block, from, recordEnd)
      rows.hasLineBreaks ||= lineBreaks > 0
      return rows.endRow()
    }
    for (let index = 0; index < numColumns; index++) {
      if (index > 0) rows.byte(rowDelimiter)
      if (index >= count) continue
      const bytes = bytesOf(block, index)
      if (kinds[index] !== 0 || !isNull(bytes)) rows.quoted(bytes, 0, bytes.length)
    }
    rows.endRow()
  }

  const begin = (block: Buffer, from: number): void => {
    const given = Array.from({ length: count }, (_, index) => hasHeader ? bytesOf(block, index).toString("utf8") : "")
    const refused = checkNames(given)
    if (refused !== undefined) throw refused
    headers = given
    numColumns = count
    if (hasHeader) return
    if (count === 1) { for (; blankLines > 0; blankLines--) writeBlank() }
    write(block, from)
  }

  /** A line with nothing in it: in a file of one column a value that is missing, elsewhere no record. */
  const writeBlank = (): void => {
    if (!isEmptyNull) rows.quoted(noBytes, 0, 0)
    rows.endRow()
  }

  const lengthFault = (): string | undefined => {
    if (headers === undefined || count === numColumns || (count < numColumns && fillsShortRecords)) return undefined
    const advice = count > numColumns || fillsShortRecords
      ? "Check the delimiter and the quotes, or skip bad records."
      : "Check the delimiter and the quotes, allow jagged rows, or skip bad records."
    return `has ${values(count)}, and ${numColumns} are expected. ${advice}`
  }

  /** Throws, or counts a record that is left out: but not where it may have swallowed others, nor names. */
  const refuse = ({ line, reason }: Fault): void => {
    if (!skipsBadRecords || headers === undefined || isOpen) throw failed(`Line ${line} ${reason}`, line)
    badRecords++
  }

  const isLineEnd = (byte: number | undefined): boolean => byte === lineFeed || byte === carriageReturn

  const read = (block: Buffer, isLast: boolean): number => {
    let at = 0
    if (isFirstBlock) {
      if (block.length < 3 && !isLast) return 0
      isFirstBlock = false
      if (block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf) at = 3
    }
    const isText = isUtf8(isLast ? block : block.subarray(0, wholeCharacters(block)))
    while (at < block.length) {
      const first = block[at]
      if (isLineEnd(first)) {
        if (first === carriageReturn && block[at + 1] === undefined && !isLast) return at
        at += first === carriageReturn && block[at + 1] === lineFeed ? 2 : 1
        line++
        if (headers === undefined) blankLines++
        else if (numColumns === 1) writeBlank()
        continue
      }
      const next = readRecord(block, at, isLast)
      if (next < 0) return at
      if (next - at > longestRecord) throw tooLong(line)
      if (!isText && !isUtf8(block.subarray(at, next))) {
        wrong("is not valid UTF-8. Save the file as UTF-8, or skip bad records.", line)
      }
      const short = lengthFault()
      if (short !== undefined) wrong(short, line)
      if (fault !== undefined) refuse(fault)
      else if (headers === undefined) begin(block, at)
      else write(block, at)
      line += lineBreaks + (next > recordEnd ? 1 : 0)
      at = next
    }
    return at
  }

  return { read, line: () => line, headers: () => headers, badRecords: () => badRecords }
}
