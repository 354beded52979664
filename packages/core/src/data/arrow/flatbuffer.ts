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

/** The sizes of a key and a value. */
const pairSizes = [4, 4]

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
  readonly #view: DataView
  /** Where the part ends that was looked at so far. */
  end = 4
  /** Whether a table has fields of a later version, whose content is not looked at. */
  hasUnknownFields = false
  #followed = 0
  readonly #taken = new Uint8Array(64)
  #early: Array<number> = []
  #watched = Number.POSITIVE_INFINITY
  #nextStart = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  #region(at: number, size: number, alignment: number, what: string): void {
    if (at % alignment !== 0 || at + size > this.bytes.length) {
      refuse(what, `${size} aligned bytes inside the ${this.bytes.length} of the metadata`, at)
    }
    if (at + size > this.end) {
      this.end = at + size
    }
    if (this.#watched === Number.POSITIVE_INFINITY) {
      this.#early.push(at)
    } else if (at >= this.#watched && at < this.#nextStart) {
      this.#nextStart = at
    }
  }

  #follow(size: number, what: string): void {
    this.#followed += size
    if (this.#followed > 2 * this.bytes.length) {
      refuse(what, "metadata whose parts do not overlap")
    }
  }

  #target(at: number, what: string): number {
    const distance = this.#view.getUint32(at, true)
    if (distance === 0) {
      refuse(what, "a reference to another place", 0)
    }
    return at + distance
  }

  /** The table that the buffer begins with. */
  root(sizes: ReadonlyArray<number>, what: string): FlatTable {
    this.#region(0, 4, 4, what)
    return this.#table(this.#target(0, what), sizes, what)
  }

  #table(at: number, sizes: ReadonlyArray<number>, what: string): FlatTable {
    this.#region(at, 4, 4, what)
    const fieldList = at - this.#view.getInt32(at, true)
    if (fieldList < 0) {
      refuse(what, "a list of fields inside the metadata", fieldList)
    }
    this.#region(fieldList, 4, 2, what)
    const fieldListSize = this.#view.getUint16(fieldList, true)
    const size = this.#view.getUint16(fieldList + 2, true)
    if (fieldListSize < 4 || fieldListSize % 2 !== 0 || size < 4) {
      refuse(what, "a list of fields", `${fieldListSize}, ${size}`)
    }
    this.#region(fieldList, fieldListSize, 2, what)
    this.#region(at, size, 4, what)
    this.#follow(size, what)
    const table = { at, size, fieldList, fieldListSize }
    this.#checkFields(table, sizes, what)
    return table
  }

  /**
   * Fields of a table lie inside it, aligned and apart, and nothing but zeros
   * between them. Tables share their lists of fields, so that damage to one
   * list could otherwise change many tables.
   */
  #checkFields(table: FlatTable, sizes: ReadonlyArray<number>, what: string): void {
    const taken = table.size <= this.#taken.length ? this.#taken.fill(0) : new Uint8Array(table.size)
    for (let index = 0; index < sizes.length; index++) {
      const at = this.#field(table, index)
      const size = sizes[index]!
      if (at === 0) {
        continue
      }
      if (at < table.at + 4 || at + size > table.at + table.size || at % size !== 0) {
        refuse(what, `${size} aligned bytes inside their table`, at - table.at)
      }
      for (let byte = at - table.at; byte < at - table.at + size; byte++) {
        if (taken[byte] === 1) {
          refuse(what, "fields that do not overlap", byte)
        }
        taken[byte] = 1
      }
    }
    for (let index = sizes.length; 4 + 2 * index < table.fieldListSize; index++) {
      if (this.#field(table, index) !== 0) {
        this.hasUnknownFields = true
        return
      }
    }
    for (let byte = 4; byte < table.size; byte++) {
      if (taken[byte] === 0 && this.bytes[table.at + byte] !== 0) {
        refuse(what, "zeros between the fields of a table", this.bytes[table.at + byte])
      }
    }
  }

  /** Where field `index` of the table stands; 0 if it is left out and has its default. */
  #field(table: FlatTable, index: number): number {
    const entry = 4 + 2 * index
    const offset = entry < table.fieldListSize ? this.#view.getUint16(table.fieldList + entry, true) : 0
    return offset === 0 ? 0 : table.at + offset
  }

  uint8(table: FlatTable, index: number, ifAbsent: number): number {
    const at = this.#field(table, index)
    return at === 0 ? ifAbsent : this.#view.getUint8(at)
  }

  boolean(table: FlatTable, index: number, what: string): boolean {
    const value = this.uint8(table, index, 0)
    if (value > 1) {
      refuse(what, "0 or 1", value)
    }
    return value === 1
  }

  int16(table: FlatTable, index: number, ifAbsent: number): number {
    const at = this.#field(table, index)
    return at === 0 ? ifAbsent : this.#view.getInt16(at, true)
  }

  int32(table: FlatTable, index: number, ifAbsent: number): number {
    const at = this.#field(table, index)
    return at === 0 ? ifAbsent : this.#view.getInt32(at, true)
  }

  int64(table: FlatTable, index: number): bigint {
    const at = this.#field(table, index)
    return at === 0 ? 0n : this.#view.getBigInt64(at, true)
  }

  /** A length or an offset: a whole number that a JavaScript number holds exactly. */
  size(table: FlatTable, index: number, what: string): number {
    const at = this.#field(table, index)
    return at === 0 ? 0 : this.sizeAt(at, what)
  }

  sizeAt(at: number, what: string): number {
    const high = this.#view.getUint32(at + 4, true)
    if (high > 0x1fffff) {
      refuse(what, "a whole number from 0 to 2^53 - 1", this.#view.getBigInt64(at, true))
    }
    return high * 0x1_0000_0000 + this.#view.getUint32(at, true)
  }

  /** The place that a field refers to, which is never 0. */
  #reference(table: FlatTable, index: number, what: string): number | undefined {
    const at = this.#field(table, index)
    return at === 0 ? undefined : this.#target(at, what)
  }

  /** The table that a field refers to. */
  child(table: FlatTable, index: number, sizes: ReadonlyArray<number>, what: string): FlatTable | undefined {
    const at = this.#reference(table, index, what)
    return at === undefined ? undefined : this.#table(at, sizes, what)
  }

  vector(
    table: FlatTable,
    index: number,
    elementSize: number,
    alignment: number,
    what: string
  ): FlatVector | undefined {
    const at = this.#reference(table, index, what)
    if (at === undefined) {
      return undefined
    }
    this.#region(at, 4, 4, what)
    const length = this.#view.getUint32(at, true)
    if (length > 0) {
      this.#region(at + 4, length * elementSize, alignment, what)
    }
    this.#follow(4 + length * elementSize, what)
    return { at: at + 4, length }
  }

  /** The table that element `index` of a vector of tables refers to. */
  element(vector: FlatVector, index: number, sizes: ReadonlyArray<number>, what: string): FlatTable {
    return this.#table(this.#target(vector.at + 4 * index, what), sizes, what)
  }

  #stringRegion(table: FlatTable, index: number, what: string): FlatVector | undefined {
    const text = this.vector(table, index, 1, 1, what)
    if (text !== undefined) {
      this.#region(text.at + text.length, 1, 1, what)
      if (this.bytes[text.at + text.length] !== 0) {
        refuse(what, "text that ends in a zero byte")
      }
    }
    return text
  }

  string(table: FlatTable, index: number, what: string): string | undefined {
    const text = this.#stringRegion(table, index, what)
    try {
      return text && decoder.decode(this.bytes.subarray(text.at, text.at + text.length))
    } catch {
      return refuse(what, "valid UTF-8 text")
    }
  }

  /** Looks at pairs of texts that a writer attached, without reading them. */
  skipPairs(table: FlatTable, index: number, what: string): void {
    const pairs = this.vector(table, index, 4, 4, what)
    for (let i = 0; pairs !== undefined && i < pairs.length; i++) {
      const pair = this.element(pairs, i, pairSizes, what)
      this.#stringRegion(pair, 0, what)
      this.#stringRegion(pair, 1, what)
    }
  }

  /** Begins to look for the first object that stands behind the vector. */
  watchBehind(vector: FlatVector, elementSize: number): void {
    this.#watched = vector.at + vector.length * elementSize
    this.#nextStart = this.#early.reduce(
      (next, start) => start >= this.#watched && start < next ? start : next,
      this.bytes.length
    )
  }

  /**
   * Whether the watched vector reaches to the next object that was looked at,
   * but for padding. If not, its length is less than what was written.
   */
  get reachesNext(): boolean {
    const gap = this.#nextStart - this.#watched
    return (gap < 8 || this.#nextStart === this.bytes.length && gap < longestTail) &&
      isZero(this.bytes, this.#watched, this.#nextStart)
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
