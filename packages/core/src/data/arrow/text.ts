/** Proves text: a byte that is no UTF-8 throws. */
const prover = /*#__PURE__*/ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
/** Reads text that was proved. */
const decoder = /*#__PURE__*/ new TextDecoder("utf-8", { ignoreBOM: true })

/** About how many bytes are decoded at once: what one kept cell of a dropped batch can hold on to. */
const blockBytes = 32768
/** Above this a block of several rows would be too long for a string. */
const longestBlock = 1 << 26
/** What a string can hold in every runtime. */
export const longestText = 0x1fffffe8

/**
 * The texts of a column, proved to be UTF-8 once, when the batch is read. They
 * are decoded in blocks of as many rows as make about 32 KiB, from which cells
 * are cut: to decode each cell by itself takes several times as long. Only the
 * block that was used last is kept, so that a batch costs the memory of its
 * bytes.
 */
export class Texts {
  /** Where each text begins in `bytes`, and behind them where the last one ends. */
  readonly #starts: Int32Array
  readonly #bytes: Uint8Array
  /** A block has 2 to the power of this many rows. */
  readonly #shift: number
  #block = -1
  #blockText = ""
  /** Where the texts of the block begin in its string, and in `bytes` if it is ASCII. */
  #blockStarts: Int32Array
  /** What to subtract from a start in `blockStarts`, and which row its first is. */
  #blockOffset = 0
  #blockRow = 0
  /** The block in which a single text was wanted last. */
  #touched = -1

  private constructor(bytes: Uint8Array, starts: Int32Array, shift: number) {
    this.#bytes = bytes
    this.#starts = starts
    this.#shift = shift
    this.#blockStarts = starts
  }

  /** Texts whose starts ascend inside `bytes`; undefined if one is no valid UTF-8. */
  static prove(bytes: Uint8Array, starts: Int32Array): Texts | undefined {
    const texts = new Texts(bytes, starts, shiftFor(starts))
    const rows = starts.length - 1
    const step = 2 ** texts.#shift
    for (let from = 0; from < rows; from += step) {
      if (!isProved(bytes, starts, from, Math.min(rows, from + step))) {
        return undefined
      }
    }
    return texts
  }

  at(row: number): string {
    const block = row >> this.#shift
    if (block !== this.#block) {
      if (block !== this.#touched) {
        // perhaps no other text of this block is wanted
        this.#touched = block
        return decoder.decode(this.#bytes.subarray(this.#starts[row], this.#starts[row + 1]))
      }
      this.#load(block)
    }
    const starts = this.#blockStarts
    const at = row - this.#blockRow
    return this.#blockText.slice(starts[at]! - this.#blockOffset, starts[at + 1]! - this.#blockOffset)
  }

  /** Writes the texts of rows `from` to `to` into `out`, from its index 0. */
  copyTo(out: Array<unknown>, from: number, to: number): void {
    for (let row = from; row < to;) {
      const block = row >> this.#shift
      if (block !== this.#block) {
        this.#load(block)
      }
      const text = this.#blockText
      const starts = this.#blockStarts
      const offset = this.#blockOffset
      const first = this.#blockRow
      const end = Math.min(to, (block + 1) * 2 ** this.#shift)
      let start = starts[row - first]! - offset
      for (; row < end; row++) {
        const next = starts[row - first + 1]! - offset
        out[row - from] = text.slice(start, next)
        start = next
      }
    }
  }

  #load(block: number): void {
    const bytes = this.#bytes
    const starts = this.#starts
    const from = block << this.#shift
    const to = Math.min(starts.length - 1, from + 2 ** this.#shift)
    const start = starts[from]!
    const end = starts[to]!
    this.#block = block
    this.#blockText = decoder.decode(bytes.subarray(start, end))
    const isAscii = this.#blockText.length === end - start
    this.#blockStarts = isAscii ? starts : unitStarts(bytes, starts, from, to)
    this.#blockOffset = isAscii ? start : 0
    this.#blockRow = isAscii ? 0 : from
  }
}

/** How many rows a block has, as a power of 2. */
const shiftFor = (starts: Int32Array): number => {
  const rows = starts.length - 1
  const mean = (starts[rows]! - starts[0]!) / rows
  let shift = 0
  while (rows >> shift > 1 && mean * 2 ** (shift + 1) <= blockBytes) {
    shift++
  }
  const step = 2 ** shift
  for (let from = 0; shift > 0 && from < rows; from += step) {
    if (starts[Math.min(rows, from + step)]! - starts[from]! > longestBlock) {
      return 0
    }
  }
  return shift
}

/** Whether a block is UTF-8, and each text in it begins with a character. */
const isProved = (bytes: Uint8Array, starts: Int32Array, from: number, to: number): boolean => {
  const start = starts[from]!
  const end = starts[to]!
  if (start === end) {
    return true
  }
  let units = 0
  try {
    units = prover.decode(bytes.subarray(start, end)).length
  } catch {
    return false
  }
  // as many units as bytes: all is ASCII, and every byte begins a character
  for (let row = from; units !== end - start && row < to; row++) {
    if (starts[row]! < end && (bytes[starts[row]!]! & 0xc0) === 0x80) {
      return false
    }
  }
  return true
}

/** The starts of a block's texts in its string. */
const unitStarts = (bytes: Uint8Array, starts: Int32Array, from: number, to: number): Int32Array => {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  const found = new Int32Array(to - from + 1)
  let unit = 0
  for (let row = from; row < to; row++) {
    unit += countUnits(bytes, words, starts[row]!, starts[row + 1]!)
    found[row - from + 1] = unit
  }
  return found
}

/** How many UTF-16 units the character has that begins with this byte: none inside a character. */
const unitsOf = (byte: number): number => (byte & 0xc0) === 0x80 ? 0 : byte >= 0xf0 ? 2 : 1

/** How many UTF-16 units the valid UTF-8 between two places has. */
const countUnits = (bytes: Uint8Array, words: Int32Array, from: number, to: number): number => {
  let units = 0
  let i = from
  for (; i < to && (i & 3) !== 0; i++) {
    units += unitsOf(bytes[i]!)
  }
  for (; i + 4 <= to; i += 4) {
    units += 4
    const word = words[i >> 2]!
    if ((word & 0x80808080) !== 0) {
      // of four bytes at once: those inside a character (10......), and those that begin two units (1111....)
      const inside = (word >>> 7) & ~(word >>> 6) & 0x01010101
      const double = ((word & (word << 1) & (word << 2) & (word << 3)) >>> 7) & 0x01010101
      units += (Math.imul(double, 0x01010101) >>> 24) - (Math.imul(inside, 0x01010101) >>> 24)
    }
  }
  for (; i < to; i++) {
    units += unitsOf(bytes[i]!)
  }
  return units
}
