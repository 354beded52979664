/**
 * A text file as blocks of bytes, inflated where it is a gzip, and the file of
 * rows that is made of it.
 *
 * DuckDB's own readers of text leave out rows, rename columns and guess; what
 * they guess changes with the file. So each format is read here, strictly, and
 * written anew in one dialect that leaves nothing to guess: a line feed after
 * each record, nothing for null, and in quotes whatever is not plain.
 */
import { pipeline } from "node:stream"
import { createReadStream } from "node:fs"
import { type FileHandle, open, stat } from "node:fs/promises"
import { createGunzip } from "node:zlib"
import type { ImportFailed } from "../StoreError.ts"
import { failed } from "./ImportPlan.ts"
import { alwaysInflated, longestRecord, mostInflation } from "./limits.ts"

const blockLength = 1024 * 1024

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

const codeOf = (cause: unknown): unknown =>
  typeof cause === "object" && cause !== null ? Reflect.get(cause, "code") : ""

/** The bytes of the file, one block after another. Throws `ImportFailed` where a gzip is damaged or gives too many. */
const inflated = async function*(path: string): AsyncGenerator<Buffer> {
  const { size } = await stat(path)
  const most = Math.max(alwaysInflated, size * mostInflation)
  let length = 0
  const stream = pipeline(
    createReadStream(path, { highWaterMark: blockLength }),
    createGunzip({ chunkSize: blockLength }),
    () => {}
  )
  try {
    for await (const block of stream) {
      yield block as Buffer // no encoding is set
      length += (block as Buffer).length
      if (length > most) break
    }
  } catch (cause) {
    throw String(codeOf(cause)).startsWith("Z_")
      ? failed("The gzip is damaged, or it breaks off. Compress the file again.")
      : cause
  }
  if (length > most) {
    throw failed(`The gzip gives more than ${most} bytes for its ${size}. Upload the file as it is, or in parts.`)
  }
}

const plain = async function*(path: string): AsyncGenerator<Buffer> {
  // most files are small, and memory for a block that none fills costs more than reading them
  const { size } = await stat(path)
  yield* createReadStream(path, { highWaterMark: Math.min(size + 1, blockLength) }) as AsyncIterable<Buffer> // as above
}

const blocksOf = (path: string, isCompressed: boolean): AsyncIterable<Buffer> =>
  isCompressed ? inflated(path) : plain(path)

export const readStart = async (path: string, length: number): Promise<Buffer> => {
  await using file = await open(path)
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, 0)
  return buffer.subarray(0, bytesRead)
}

export interface Start {
  readonly bytes: Buffer
  readonly isWhole: boolean
  readonly isCompressed: boolean
}

/** The first bytes of the text. */
export const startOf = async (path: string, length: number): Promise<Start> => {
  const isCompressed = isGzip(await readStart(path, 2))
  const blocks: Array<Buffer> = []
  let known = 0
  for await (const block of blocksOf(path, isCompressed)) {
    blocks.push(block)
    known += block.length
    if (known > length) break
  }
  const bytes = Buffer.concat(blocks)
  return { bytes: bytes.subarray(0, length), isWhole: bytes.length <= length, isCompressed }
}

/** What turns bytes into rows. */
export interface BlockReader {
  /** How many bytes of the block it has done with; the others come again, before those that follow. */
  readonly read: (block: Buffer, isLast: boolean) => number
  /** The line at which the bytes begin that it has not done with. */
  readonly line: () => number
  /** Throws where the text breaks off. */
  readonly finish?: () => void
}

/** Gives a reader the whole file. What it throws, this throws. */
export const readBlocks = async (
  source: { readonly path: string; readonly isCompressed: boolean },
  reader: BlockReader,
  signal: AbortSignal,
  afterBlock: () => Promise<void>
): Promise<void> => {
  let parts: Array<Buffer> = []
  let length = 0
  let wanted = 0
  for await (const part of blocksOf(source.path, source.isCompressed)) {
    signal.throwIfAborted()
    parts.push(part)
    length += part.length
    if (length < wanted) continue
    const block = parts.length === 1 ? parts[0]! : Buffer.concat(parts, length)
    const rest = block.subarray(reader.read(block, false))
    if (rest.length > longestRecord) throw tooLong(reader.line())
    await afterBlock()
    // twice as much each time, or a long record would be read again with each block
    wanted = rest.length * 2
    parts = rest.length === 0 ? [] : [rest]
    length = rest.length
  }
  reader.read(Buffer.concat(parts, length), true)
  reader.finish?.()
  await afterBlock()
}

export const tooLong = (line: number): ImportFailed =>
  failed(
    `Line ${line}: the record that begins there is longer than ${longestRecord} bytes. ` +
      "Check the quotes before it, or divide the file.",
    line
  )

const quoteByte = 0x22
const lineFeed = 0x0a

/** Rows in the one dialect, gathered until they are written. */
export class RowText {
  readonly delimiter: string
  private bytes = Buffer.allocUnsafe(16 * 1024)
  private length = 0
  private started = 0
  /** Bytes of the longest row. */
  longest = 0
  /** Whether a value has a line break. */
  hasLineBreaks = false
  numRows = 0

  constructor(delimiter: string) {
    this.delimiter = delimiter
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + more))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  /** Bytes as they are. */
  copy(from: Buffer, start: number, end: number): void {
    this.reserve(end - start)
    if (end - start > 48) from.copy(this.bytes, this.length, start, end)
    else for (let at = start, to = this.length; at < end; at++, to++) this.bytes[to] = from[at]!
    this.length += end - start
  }

  /** A value in quotes. */
  quoted(from: Buffer, start: number, end: number): void {
    this.reserve(2 * (end - start) + 2)
    this.bytes[this.length++] = quoteByte
    for (let at = start; at < end; at++) {
      const byte = from[at]!
      if (byte === quoteByte) this.bytes[this.length++] = quoteByte
      else if (byte === lineFeed || byte === 0x0d) this.hasLineBreaks = true
      this.bytes[this.length++] = byte
    }
    this.bytes[this.length++] = quoteByte
  }

  /** A row of texts, of which those that are absent are null. */
  row(values: ReadonlyArray<string | undefined>): void {
    let text = ""
    for (let index = 0; index < values.length; index++) {
      if (index > 0) text += this.delimiter
      const value = values[index]
      if (value === undefined) continue
      text += value.includes("\"") ? `"${value.replaceAll("\"", "\"\"")}"` : `"${value}"`
      this.hasLineBreaks ||= value.includes("\n") || value.includes("\r")
    }
    this.reserve(3 * text.length)
    this.length += this.bytes.write(text, this.length)
    this.endRow()
  }

  endRow(): void {
    this.byte(lineFeed)
    this.numRows++
    this.longest = Math.max(this.longest, this.length - this.started)
    this.started = this.length
  }

  /** Writes whole rows, and forgets them. */
  async flush(file: FileHandle): Promise<void> {
    let written = 0
    while (written < this.length) {
      written += (await file.write(this.bytes, written, this.length - written)).bytesWritten
    }
    this.length = 0
    this.started = 0
  }
}
