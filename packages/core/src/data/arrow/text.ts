const decoder = /*#__PURE__*/ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** About how many bytes are decoded at once: what one kept cell of a dropped batch can hold on to. */
const blockBytes = 65536
/** Above this a block of several rows would be too long for a string. */
const longestBlock = 1 << 26
/** What a string can hold in every runtime. */
export const longestText = 0x1fffffe8

/**
 * The texts of a column, decoded and thereby proved to be UTF-8 when it is
 * made: in blocks of as many rows as make about 64 KiB, from which a cell is
 * cut when it is asked for. Decoding each cell by itself takes many times as
 * long.
 */
export interface Texts {
  /** Where each text begins in `bytes`, and where the last one ends. */
  readonly starts: Int32Array
  readonly bytes: Uint8Array
  /** A block has 2 to the power of this many rows. */
  readonly shift: number
  readonly blocks: ReadonlyArray<string>
  /** Where the texts of a block begin in its string; filled at first use where it is not ASCII. */
  readonly unitStarts: Array<Int32Array | undefined>
}

/** Whether each byte that `starts` points to in the block begins a character. */
const beginCharacters = (bytes: Uint8Array, starts: Int32Array, from: number, to: number): boolean => {
  const end = starts[to]!
  for (let row = from; row < to; row++) {
    const start = starts[row]!
    if (start < end && (bytes[start]! & 0xc0) === 0x80) {
      return false
    }
  }
  return true
}

/** Decodes all texts, whose starts ascend inside `bytes`; undefined if one is no valid UTF-8. */
export const decodeTexts = (bytes: Uint8Array, starts: Int32Array): Texts | undefined => {
  const rows = starts.length - 1
  const total = starts[rows]! - starts[0]!
  let shift = 0
  while (rows >> shift > 1 && (total / rows) * 2 ** (shift + 1) <= blockBytes) {
    shift++
  }
  if (shift > 0) {
    const step = 1 << shift
    for (let from = 0; from < rows; from += step) {
      if (starts[Math.min(rows, from + step)]! - starts[from]! > longestBlock) {
        shift = 0
        break
      }
    }
  }
  const step = 2 ** shift
  const blocks: Array<string> = []
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step)
    const start = starts[from]!
    const end = starts[to]!
    let block = ""
    if (end > start) {
      try {
        block = decoder.decode(bytes.subarray(start, end))
      } catch {
        return undefined
      }
      if (block.length !== end - start && !beginCharacters(bytes, starts, from, to)) {
        return undefined
      }
    }
    blocks.push(block)
  }
  return { starts, bytes, shift, blocks, unitStarts: [] }
}

/** How many UTF-16 units the valid UTF-8 between two places has. */
const countUnits = (bytes: Uint8Array, words: Int32Array, from: number, to: number): number => {
  let units = to - from
  let i = from
  const count = (): void => {
    const byte = bytes[i]!
    if ((byte & 0xc0) === 0x80) {
      units--
    } else if (byte >= 0xf0) {
      units++
    }
    i++
  }
  while (i < to && (i & 3) !== 0) {
    count()
  }
  // four bytes at once: subtract continuation bytes (10......), add leads of surrogate pairs (1111....)
  for (; i + 4 <= to; i += 4) {
    const word = words[i >> 2]!
    if ((word & 0x80808080) !== 0) {
      const continuations = (word >>> 7) & ~(word >>> 6) & 0x01010101
      const pairs = (word & (word << 1) & (word << 2) & (word << 3) & 0x80808080) >>> 7
      units += (Math.imul(pairs, 0x01010101) >>> 24) - (Math.imul(continuations, 0x01010101) >>> 24)
    }
  }
  while (i < to) {
    count()
  }
  return units
}

/** The starts of a block's texts in its string, for rows that are not all ASCII. */
const unitStartsOf = (texts: Texts, block: number): Int32Array => {
  const known = texts.unitStarts[block]
  if (known !== undefined) {
    return known
  }
  const { bytes, starts, shift } = texts
  const from = block << shift
  const to = Math.min(starts.length - 1, from + 2 ** shift)
  const found = new Int32Array(to - from + 1)
  if (texts.blocks[block]!.length === starts[to]! - starts[from]!) {
    const first = starts[from]!
    for (let row = from; row <= to; row++) {
      found[row - from] = starts[row]! - first
    }
  } else {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
    let unit = 0
    for (let row = from; row < to; row++) {
      unit += countUnits(bytes, words, starts[row]!, starts[row + 1]!)
      found[row - from + 1] = unit
    }
  }
  texts.unitStarts[block] = found
  return found
}

export const textAt = (texts: Texts, row: number): string => {
  const { starts, shift } = texts
  const block = row >> shift
  const first = block << shift
  const text = texts.blocks[block]!
  const end = Math.min(starts.length - 1, first + 2 ** shift)
  if (text.length === starts[end]! - starts[first]!) {
    return text.slice(starts[row]! - starts[first]!, starts[row + 1]! - starts[first]!)
  }
  const units = unitStartsOf(texts, block)
  return text.slice(units[row - first], units[row - first + 1])
}

/** Writes the texts of rows `from` to `to` into `out`, from its index 0. */
export const copyTexts = (texts: Texts, from: number, to: number, out: Array<unknown>): void => {
  const { starts, shift } = texts
  const step = 2 ** shift
  for (let row = from; row < to;) {
    const block = row >> shift
    const first = block << shift
    const end = Math.min(starts.length - 1, first + step)
    const last = Math.min(to, end)
    const text = texts.blocks[block]!
    if (text.length === starts[end]! - starts[first]!) {
      const base = starts[first]!
      let start = starts[row]! - base
      for (; row < last; row++) {
        const next = starts[row + 1]! - base
        out[row - from] = text.slice(start, next)
        start = next
      }
    } else {
      const units = unitStartsOf(texts, block)
      let start = units[row - first]!
      for (; row < last; row++) {
        const next = units[row - first + 1]!
        out[row - from] = text.slice(start, next)
        start = next
      }
    }
  }
}
