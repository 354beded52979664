import type { DataType } from "./dataType.ts"
import type { Schema } from "./schema.ts"
import type { Texts } from "./text.ts"

/**
 * One exact value of a column.
 *
 * @category models
 * @since 0.1.0
 */
export type Value = null | boolean | number | bigint | string

/**
 * The typed arrays that values, or indices into a dictionary, come in.
 *
 * @category models
 * @since 0.1.0
 */
export type Values =
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>

/**
 * One column of a batch: the memory that came over the wire, checked, and the
 * exact value of each row.
 *
 * @category models
 * @since 0.1.0
 */
export interface Column {
  readonly name: string
  readonly type: DataType
  /** Rows of the batch. */
  readonly length: number
  readonly nullCount: number
  /** One bit a row, lowest first, 0 for null; absent where nothing is null. */
  readonly validity?: Uint8Array<ArrayBuffer> | undefined
  /**
   * The values as they are on the wire: numbers and 64-bit integers in their
   * typed array, booleans one bit a row (lowest first), half floats as their
   * 16 bits, text as UTF-8 bytes (with `offsets`), indices of a dictionary. What
   * stands in a null row has no meaning.
   */
  readonly values: Values
  /** Where each text begins in `values`, and behind them where the last one ends. */
  readonly offsets?: Int32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> | undefined
  /** What the values are indices of. */
  readonly dictionary?: Column | undefined
  /**
   * The exact value of one row: integers of 64 bits, timestamps, times in
   * micro- or nanoseconds and dates in milliseconds as `bigint`, other numbers,
   * dates in days and shorter times as `number`, a dictionary's value, null.
   * A row outside the column is a defect (`RangeError`).
   */
  at(row: number): Value
  /** Writes the exact values of rows `from` to (not with) `to` into `out`, from its index 0. */
  copyTo(out: Array<Value>, from: number, to: number): void
}

/**
 * Some rows of a stream, column by column.
 *
 * @category models
 * @since 0.1.0
 */
export interface Batch {
  readonly schema: Schema
  readonly numRows: number
  readonly columns: ReadonlyArray<Column>
}

/** What all columns have; `Column` says what it means. */
export interface Parts {
  readonly name: string
  readonly type: DataType
  readonly length: number
  readonly nullCount: number
  readonly validity: Uint8Array<ArrayBuffer> | undefined
}

abstract class Base<V extends Values> implements Column {
  readonly name: string
  readonly type: DataType
  readonly length: number
  readonly nullCount: number
  readonly validity: Uint8Array<ArrayBuffer> | undefined
  readonly values: V
  constructor(parts: Parts, values: V) {
    this.name = parts.name
    this.type = parts.type
    this.length = parts.length
    this.nullCount = parts.nullCount
    this.validity = parts.validity
    this.values = values
  }

  protected abstract read(row: number): Value

  protected copyAll(out: Array<Value>, from: number, to: number): void {
    for (let row = from; row < to; row++) {
      out[row - from] = this.read(row)
    }
  }

  at(row: number): Value {
    if (row >>> 0 !== row || row >= this.length) {
      throw this.#outside(`row ${row} is`)
    }
    return this.validity !== undefined && (this.validity[row >> 3]! >> (row & 7) & 1) === 0 ? null : this.read(row)
  }

  #outside(rows: string): RangeError {
    return new RangeError(`${rows} not among the ${this.length} of column ${JSON.stringify(this.name)}`)
  }

  copyTo(out: Array<Value>, from: number, to: number): void {
    if (!(from >= 0 && from <= to && to <= this.length)) {
      throw this.#outside(`rows ${from} to ${to} are`)
    }
    this.copyAll(out, from, to)
    const { validity } = this
    if (validity !== undefined) {
      for (let row = from; row < to; row++) {
        if ((validity[row >> 3]! >> (row & 7) & 1) === 0) {
          out[row - from] = null
        }
      }
    }
  }
}

export class NullColumn extends Base<Uint8Array<ArrayBuffer>> {
  override at(row: number): Value {
    super.at(row)
    return null
  }
  protected read(): Value {
    return null
  }
}

export class BoolColumn extends Base<Uint8Array<ArrayBuffer>> {
  protected read(row: number): Value {
    return (this.values[row >> 3]! >> (row & 7) & 1) === 1
  }
  protected override copyAll(out: Array<Value>, from: number, to: number): void {
    const { values } = this
    for (let row = from; row < to; row++) {
      out[row - from] = (values[row >> 3]! >> (row & 7) & 1) === 1
    }
  }
}

/** Numbers and 64-bit integers that are what their typed array gives. */
export class NumberColumn extends Base<Values> {
  protected read(row: number): Value {
    return this.values[row]!
  }
  protected override copyAll(out: Array<Value>, from: number, to: number): void {
    const { values } = this
    for (let row = from; row < to; row++) {
      out[row - from] = values[row]!
    }
  }
}

const half = (bits: number): number => {
  const exponent = bits >> 10 & 0x1f
  const fraction = bits & 0x3ff
  const size = exponent === 0x1f
    ? (fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN)
    : exponent === 0
    ? fraction * 2 ** -24
    : (1 + fraction / 1024) * 2 ** (exponent - 15)
  return (bits & 0x8000) === 0 ? size : -size
}

export class HalfColumn extends Base<Uint16Array<ArrayBuffer>> {
  protected read(row: number): Value {
    return half(this.values[row]!)
  }
}

export class TextColumn extends Base<Uint8Array<ArrayBuffer>> {
  readonly offsets: Int32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>
  readonly #texts: Texts
  constructor(
    parts: Parts,
    values: Uint8Array<ArrayBuffer>,
    offsets: Int32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>,
    texts: Texts
  ) {
    super(parts, values)
    this.offsets = offsets
    this.#texts = texts
  }
  protected read(row: number): Value {
    return this.#texts.at(row)
  }
  protected override copyAll(out: Array<Value>, from: number, to: number): void {
    this.#texts.copyTo(out, from, to)
  }
}

/** The values that a stream's dictionary has now, and those of them that were read already. */
export interface Dictionary {
  readonly column: Column
  known: Array<Value | undefined> | undefined
}

export class DictionaryColumn extends Base<Values> {
  readonly #source: Dictionary
  constructor(parts: Parts, values: Values, dictionary: Dictionary) {
    super(parts, values)
    this.#source = dictionary
  }
  get dictionary(): Column {
    return this.#source.column
  }
  protected read(row: number): Value {
    const index = Number(this.values[row])
    const { column } = this.#source
    if (column.offsets === undefined) {
      return column.at(index)
    }
    // a text is cut once; the list is made when one is wanted, so that reading a stream costs no memory for it
    const known = this.#source.known ??= new Array<Value | undefined>(column.length)
    return known[index] ?? (known[index] = column.at(index))
  }
  protected override copyAll(out: Array<Value>, from: number, to: number): void {
    const { validity } = this
    for (let row = from; row < to; row++) {
      // the index of a null row may be anything
      if (validity === undefined || (validity[row >> 3]! >> (row & 7) & 1) === 1) {
        out[row - from] = this.read(row)
      }
    }
  }
}
