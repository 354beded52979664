/**
 * Columns of an Arrow batch, filled from the vectors of DuckDB's chunks. All of
 * DuckDB's memory is copied before a method returns: it is gone with its chunk.
 *
 * @since 0.1.0
 */
import duckdb from "@duckdb/node-bindings"
import { reserve } from "./bytes.ts"
import type { ArrowType } from "./metadata.ts"
import { stringBytes, stringLengths } from "./strings.ts"

export interface Column {
  readonly nullCount: number
  /** Bytes of text that it holds. */
  readonly textBytes: number
  /** Adds rows `from` to `from + count` of the first `size` of a vector. */
  append(vector: duckdb.Vector, size: number, from: number, count: number): void
  /** The buffers in the order of the format, the validity first, which is empty when nothing is null. */
  buffers(): ReadonlyArray<Uint8Array>
  clear(): void
}

const isSet = (bits: Uint8Array, index: number): boolean => (bits[index >> 3]! & (1 << (index & 7))) !== 0

const onesOf = (byte: number): number => {
  let ones = 0
  for (let rest = byte; rest !== 0; rest &= rest - 1) ones++
  return ones
}

const oneCounts = Uint8Array.from({ length: 256 }, (_, byte) => onesOf(byte))

/** Which rows are not null: a bit each, the lowest first, in DuckDB as in Arrow. */
class Validity {
  nullCount = 0
  private bits = new Uint8Array(256)
  private rows = 0

  /** `source` is `null` when all are valid. */
  append(source: Uint8Array | null, from: number, count: number): void {
    const start = this.rows
    this.rows += count
    this.bits = reserve(this.bits, (this.rows + 7) >> 3)
    if (source !== null && (start & 7) === 0 && (from & 7) === 0) {
      const whole = count >> 3
      const target = start >> 3
      this.bits.set(source.subarray(from >> 3, (from >> 3) + whole), target)
      let ones = 0
      for (let index = target; index < target + whole; index++) ones += oneCounts[this.bits[index]!]!
      this.nullCount += whole * 8 - ones
      this.appendBits(source, from + whole * 8, count - whole * 8, start + whole * 8)
    } else {
      this.appendBits(source, from, count, start)
    }
  }

  private appendBits(source: Uint8Array | null, from: number, count: number, start: number): void {
    const bits = this.bits
    for (let index = 0; index < count; index++) {
      const target = start + index
      if (source === null || isSet(source, from + index)) {
        bits[target >> 3]! |= 1 << (target & 7)
      } else {
        bits[target >> 3]! &= ~(1 << (target & 7))
        this.nullCount++
      }
    }
  }

  buffer(): Uint8Array {
    if (this.nullCount === 0) return this.bits.subarray(0, 0)
    const length = (this.rows + 7) >> 3
    if ((this.rows & 7) !== 0) this.bits[length - 1]! &= (1 << (this.rows & 7)) - 1
    return this.bits.subarray(0, length)
  }

  clear(): void {
    this.rows = 0
    this.nullCount = 0
    this.bits.fill(0)
  }
}

const readValidity = (vector: duckdb.Vector, size: number): Uint8Array | null =>
  // The binding's type says otherwise, but where nothing is null there is no map.
  duckdb.vector_get_validity(vector, Math.ceil(size / 64) * 8) as Uint8Array | null

/** Numbers of `width` bytes, which DuckDB keeps just as Arrow does. */
class FixedColumn implements Column {
  readonly textBytes = 0
  private readonly validity = new Validity()
  private data = new Uint8Array(2048 * 8)
  private rows = 0
  private readonly width: number

  constructor(width: number) {
    this.width = width
  }

  get nullCount(): number {
    return this.validity.nullCount
  }

  append(vector: duckdb.Vector, size: number, from: number, count: number): void {
    const { width } = this
    const source = duckdb.vector_get_data(vector, size * width)
    const validity = readValidity(vector, size)
    const start = this.rows * width
    this.rows += count
    this.data = reserve(this.data, this.rows * width)
    this.data.set(source.subarray(from * width, (from + count) * width), start)
    this.validity.append(validity, from, count)
    if (validity === null) return
    // What lies under a null is whatever the memory held before: it must not leave the process.
    for (let index = 0; index < count; index++) {
      if (!isSet(validity, from + index)) this.data.fill(0, start + index * width, start + (index + 1) * width)
    }
  }

  buffers(): ReadonlyArray<Uint8Array> {
    return [this.validity.buffer(), this.data.subarray(0, this.rows * this.width)]
  }

  clear(): void {
    this.rows = 0
    this.validity.clear()
  }
}

class BooleanColumn implements Column {
  readonly textBytes = 0
  private readonly validity = new Validity()
  private bits = new Uint8Array(256)
  private rows = 0

  get nullCount(): number {
    return this.validity.nullCount
  }

  append(vector: duckdb.Vector, size: number, from: number, count: number): void {
    const width = duckdb.sizeof_bool
    const source = duckdb.vector_get_data(vector, size * width)
    const validity = readValidity(vector, size)
    const start = this.rows
    this.rows += count
    this.bits = reserve(this.bits, (this.rows + 7) >> 3)
    const bits = this.bits
    for (let index = 0; index < count; index++) {
      if (source[(from + index) * width] !== 0 && (validity === null || isSet(validity, from + index))) {
        const target = start + index
        bits[target >> 3]! |= 1 << (target & 7)
      }
    }
    this.validity.append(validity, from, count)
  }

  buffers(): ReadonlyArray<Uint8Array> {
    return [this.validity.buffer(), this.bits.subarray(0, (this.rows + 7) >> 3)]
  }

  clear(): void {
    this.rows = 0
    this.bits.fill(0)
    this.validity.clear()
  }
}

class Utf8Column implements Column {
  private readonly validity = new Validity()
  private offsets = new Int32Array(2049)
  private data = new Uint8Array(64 * 1024)
  private rows = 0

  get nullCount(): number {
    return this.validity.nullCount
  }

  get textBytes(): number {
    return this.offsets[this.rows]!
  }

  append(vector: duckdb.Vector, size: number, from: number, count: number): void {
    const source = duckdb.vector_get_data(vector, size * 16)
    const validity = readValidity(vector, size)
    const { rows } = this
    if (rows + count + 1 > this.offsets.length) {
      const grown = new Int32Array(Math.max(rows + count + 1, this.offsets.length * 2))
      grown.set(this.offsets.subarray(0, rows + 1))
      this.offsets = grown
    }
    const end = stringLengths(source, validity, from, count, this.offsets, rows)
    this.data = reserve(this.data, end)
    stringBytes(source, validity, from, count, this.data, this.offsets, rows)
    this.validity.append(validity, from, count)
    this.rows += count
  }

  buffers(): ReadonlyArray<Uint8Array> {
    const offsets = new Uint8Array(this.offsets.buffer, 0, (this.rows + 1) * 4)
    return [this.validity.buffer(), offsets, this.data.subarray(0, this.offsets[this.rows]!)]
  }

  clear(): void {
    this.rows = 0
    this.validity.clear()
  }
}

export const make = (type: ArrowType): Column => {
  switch (type) {
    case "utf8":
      return new Utf8Column()
    case "bool":
      return new BooleanColumn()
    case "date32":
      return new FixedColumn(4)
    case "int64":
    case "float64":
    case "timestamp":
    case "time64":
      return new FixedColumn(8)
  }
}
