import { refuse } from "./refusal.ts"

/** A table of a flatbuffer whose place and field list were checked. */
export interface FlatTable {
  readonly at: number
  readonly size: number
  readonly fieldList: number
  readonly fieldListSize: number
}

/** The elements of a vector, checked to lie inside the buffer. */
export interface FlatVector {
  readonly at: number
  readonly length: number
}

/** Writers pad a flatbuffer to 8 bytes and its message to 8 or 64. */
const longestTail = 72

const isZero = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) {
    if (bytes[i] !== 0) {
      return false
    }
  }
  return true
}

const decoder = /*#__PURE__*/ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * Reads a flatbuffer that nobody vouches for: each place, size and alignment
 * is checked before it is followed, and what is followed is added up, so that
 * tables that point to the same bytes again and again cannot make more of them
 * than was received.
 */
export class Flatbuffer {
  readonly bytes: Uint8Array
  private readonly view: DataView
  /** Where the part ends that was looked at so far. */
  end = 4
  /** Whether a table has fields of a later version, whose content is not looked at. */
  hasUnknownFields = false
  private followed = 0
  private early: Array<number> = []
  private watched = Number.POSITIVE_INFINITY
  private nextStart = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  private region(at: number, size: number, alignment: number, what: string): void {
    if (at % alignment !== 0 || at + size > this.bytes.length) {
      refuse(what, `${size} aligned bytes inside the ${this.bytes.length} of the metadata`, at)
    }
    if (at + size > this.end) {
      this.end = at + size
    }
    if (this.watched === Number.POSITIVE_INFINITY) {
      this.early.push(at)
    } else if (at >= this.watched && at < this.nextStart) {
      this.nextStart = at
    }
  }

  private follow(size: number, what: string): void {
    this.followed += size
    if (this.followed > 2 * this.bytes.length) {
      refuse(what, "metadata whose parts do not overlap")
    }
  }

  private target(at: number, what: string): number {
    const distance = this.view.getUint32(at, true)
    if (distance === 0) {
      refuse(what, "a reference to another place", 0)
    }
    return at + distance
  }

  /** The table that the buffer begins with. */
  root(knownFields: number, what: string): FlatTable {
    this.region(0, 4, 4, what)
    return this.table(this.target(0, what), knownFields, what)
  }

  private table(at: number, knownFields: number, what: string): FlatTable {
    this.region(at, 4, 4, what)
    const fieldList = at - this.view.getInt32(at, true)
    if (fieldList < 0) {
      refuse(what, "a list of fields inside the metadata", fieldList)
    }
    this.region(fieldList, 4, 2, what)
    const fieldListSize = this.view.getUint16(fieldList, true)
    const size = this.view.getUint16(fieldList + 2, true)
    if (fieldListSize < 4 || fieldListSize % 2 !== 0 || size < 4) {
      refuse(what, "a list of fields", `${fieldListSize}, ${size}`)
    }
    this.region(fieldList, fieldListSize, 2, what)
    this.region(at, size, 4, what)
    this.follow(size, what)
    for (let entry = 4 + 2 * knownFields; entry < fieldListSize; entry += 2) {
      if (this.view.getUint16(fieldList + entry, true) !== 0) {
        this.hasUnknownFields = true
      }
    }
    return { at, size, fieldList, fieldListSize }
  }

  /** Where field `index` of the table stands; 0 if it is left out and has its default. */
  private field(table: FlatTable, index: number, size: number, what: string): number {
    const entry = 4 + 2 * index
    if (entry >= table.fieldListSize) {
      return 0
    }
    const offset = this.view.getUint16(table.fieldList + entry, true)
    if (offset === 0) {
      return 0
    }
    const at = table.at + offset
    if (offset < 4 || offset + size > table.size || at % size !== 0) {
      refuse(what, `${size} aligned bytes inside their table`, offset)
    }
    return at
  }

  uint8(table: FlatTable, index: number, ifAbsent: number, what: string): number {
    const at = this.field(table, index, 1, what)
    return at === 0 ? ifAbsent : this.view.getUint8(at)
  }

  boolean(table: FlatTable, index: number, what: string): boolean {
    const value = this.uint8(table, index, 0, what)
    if (value > 1) {
      refuse(what, "0 or 1", value)
    }
    return value === 1
  }

  int16(table: FlatTable, index: number, ifAbsent: number, what: string): number {
    const at = this.field(table, index, 2, what)
    return at === 0 ? ifAbsent : this.view.getInt16(at, true)
  }

  int32(table: FlatTable, index: number, ifAbsent: number, what: string): number {
    const at = this.field(table, index, 4, what)
    return at === 0 ? ifAbsent : this.view.getInt32(at, true)
  }

  int64(table: FlatTable, index: number, what: string): bigint {
    const at = this.field(table, index, 8, what)
    return at === 0 ? 0n : this.view.getBigInt64(at, true)
  }

  /** A length or an offset: a whole number that a JavaScript number holds exactly. */
  size(table: FlatTable, index: number, what: string): number {
    const at = this.field(table, index, 8, what)
    return at === 0 ? 0 : this.sizeAt(at, what)
  }

  sizeAt(at: number, what: string): number {
    const high = this.view.getUint32(at + 4, true)
    if (high > 0x1fffff) {
      refuse(what, "a whole number from 0 to 2^53 - 1", this.view.getBigInt64(at, true))
    }
    return high * 0x1_0000_0000 + this.view.getUint32(at, true)
  }

  /** The table that a field refers to. */
  child(table: FlatTable, index: number, knownFields: number, what: string): FlatTable | undefined {
    const at = this.field(table, index, 4, what)
    return at === 0 ? undefined : this.table(this.target(at, what), knownFields, what)
  }

  vector(
    table: FlatTable,
    index: number,
    elementSize: number,
    alignment: number,
    what: string
  ): FlatVector | undefined {
    const field = this.field(table, index, 4, what)
    if (field === 0) {
      return undefined
    }
    const at = this.target(field, what)
    this.region(at, 4, 4, what)
    const length = this.view.getUint32(at, true)
    if (length > 0) {
      this.region(at + 4, length * elementSize, alignment, what)
    }
    this.follow(4 + length * elementSize, what)
    return { at: at + 4, length }
  }

  /** The table that element `index` of a vector of tables refers to. */
  element(vector: FlatVector, index: number, knownFields: number, what: string): FlatTable {
    return this.table(this.target(vector.at + 4 * index, what), knownFields, what)
  }

  private stringRegion(table: FlatTable, index: number, what: string): FlatVector | undefined {
    const text = this.vector(table, index, 1, 1, what)
    if (text !== undefined) {
      this.region(text.at + text.length, 1, 1, what)
      if (this.bytes[text.at + text.length] !== 0) {
        refuse(what, "text that ends in a zero byte")
      }
    }
    return text
  }

  string(table: FlatTable, index: number, what: string): string | undefined {
    const text = this.stringRegion(table, index, what)
    if (text === undefined) {
      return undefined
    }
    try {
      return decoder.decode(this.bytes.subarray(text.at, text.at + text.length))
    } catch {
      return refuse(what, "valid UTF-8 text")
    }
  }

  /** Looks at pairs of texts that a writer attached, without reading them. */
  skipPairs(table: FlatTable, index: number, what: string): void {
    const pairs = this.vector(table, index, 4, 4, what)
    for (let i = 0; pairs !== undefined && i < pairs.length; i++) {
      const pair = this.element(pairs, i, 2, what)
      this.stringRegion(pair, 0, what)
      this.stringRegion(pair, 1, what)
    }
  }

  /** Begins to look for the first object that stands behind the vector. */
  watchBehind(vector: FlatVector, elementSize: number): void {
    this.watched = vector.at + vector.length * elementSize
    this.nextStart = this.early.reduce(
      (next, start) => start >= this.watched && start < next ? start : next,
      this.bytes.length
    )
  }

  /**
   * Whether the watched vector reaches to the next object that was looked at,
   * but for padding. If not, its length is less than what was written.
   */
  get reachesNext(): boolean {
    const gap = this.nextStart - this.watched
    return (gap < 8 || this.nextStart === this.bytes.length && gap < longestTail) &&
      isZero(this.bytes, this.watched, this.nextStart)
  }

  /** How many bytes of padding follow the last object. */
  get tail(): number {
    return this.bytes.length - this.end
  }

  /** Whether the buffer goes on behind its last object with more than padding. */
  get isOverlong(): boolean {
    return !this.hasUnknownFields && this.tail >= longestTail
  }
}
