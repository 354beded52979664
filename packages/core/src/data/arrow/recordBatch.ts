import type { Column, Dictionary, Parts, Values } from "./column.ts"
import { BoolColumn, DictionaryColumn, HalfColumn, NullColumn, NumberColumn, TextColumn } from "./column.ts"
import type { Int, PlainType } from "./dataType.ts"
import type { Layout } from "./layout.ts"
import { emptyLayout } from "./layout.ts"
import { isRefusal, refuse } from "./refusal.ts"
import type { Field } from "./schema.ts"
import { longestText, Texts } from "./text.ts"

/** Finds each column's buffers in the body of a batch, in the order in which they are listed. */
interface Cursor {
  readonly layout: Layout
  readonly body: ArrayBuffer
  readonly dictionaries: ReadonlyMap<bigint, Dictionary>
  node: number
  buffer: number
}

interface Region {
  readonly offset: number
  readonly length: number
}

const nextRegion = (cursor: Cursor, what: string): Region => {
  const { buffers, metadata } = cursor.layout
  const at = buffers.at + 16 * cursor.buffer++
  return { offset: metadata.sizeAt(at, what), length: metadata.sizeAt(at + 8, what) }
}

const holds = ({ length }: Region, bytes: number, what: string): void => {
  if (length < bytes) {
    refuse(what, `at least ${bytes} bytes`, length)
  }
}

/** Where the next region begins, which has at least so many bytes. */
const neededRegion = (cursor: Cursor, bytes: number, what: string): number => {
  const region = nextRegion(cursor, what)
  holds(region, bytes, what)
  return region.offset
}

const countSetBits = (bytes: Uint8Array<ArrayBuffer>, length: number): number => {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, length >> 5)
  let count = 0
  for (let i = 0; i < words.length; i++) {
    let word = words[i]!
    if (word === -1) {
      count += 32
    } else {
      word -= (word >>> 1) & 0x55555555
      word = (word & 0x33333333) + ((word >>> 2) & 0x33333333)
      count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
    }
  }
  for (let row = words.length << 5; row < length; row++) {
    count += bytes[row >> 3]! >> (row & 7) & 1
  }
  return count
}

const readParts = (cursor: Cursor, name: string, type: Parts["type"], isNull: boolean): Parts => {
  const { length: rows, metadata, nodes } = cursor.layout
  const at = nodes.at + 16 * cursor.node++
  const length = metadata.sizeAt(at, "length")
  if (length !== rows) {
    refuse("length", `the ${rows} rows of the batch`, length)
  }
  const nullCount = metadata.sizeAt(at + 8, "null count")
  if (isNull) {
    return { name, type, length, nullCount: length, validity: undefined }
  }
  const region = nextRegion(cursor, "validity")
  if (region.length === 0 && nullCount === 0) {
    return { name, type, length, nullCount, validity: undefined }
  }
  const bytes = Math.ceil(length / 8)
  holds(region, bytes, "validity")
  const validity = new Uint8Array(cursor.body, region.offset, bytes)
  const found = length - countSetBits(validity, length)
  if (found !== nullCount) {
    refuse("validity", `${nullCount} nulls`, found)
  }
  return { name, type, length, nullCount, validity: nullCount === 0 ? undefined : validity }
}

const integerArrays = {
  8: [Int8Array, Uint8Array],
  16: [Int16Array, Uint16Array],
  32: [Int32Array, Uint32Array],
  64: [BigInt64Array, BigUint64Array]
} as const

type Width = Pick<Int, "bitWidth" | "signed">

const integers = (cursor: Cursor, { bitWidth, signed }: Width, what: string): Values => {
  const { body, layout: { length } } = cursor
  const [Signed, Unsigned] = integerArrays[bitWidth]
  return new (signed ? Signed : Unsigned)(body, neededRegion(cursor, length * (bitWidth / 8), what), length)
}

/** The starts of texts as 32-bit numbers. */
const narrow = (offsets: BigInt64Array<ArrayBuffer>, bytes: number): Int32Array => {
  if (bytes > 0x7fffffff) {
    refuse("values", "less than 2 GiB of text in one batch", bytes)
  }
  const halves = new Int32Array(offsets.buffer, offsets.byteOffset, offsets.length * 2)
  const starts = new Int32Array(offsets.length)
  for (let i = 0; i < starts.length; i++) {
    // what does not fit in 31 bits becomes negative, which is refused with the rest
    starts[i] = halves[2 * i + 1] === 0 ? halves[2 * i]! : -1
  }
  return starts
}

const checkStarts = (starts: Int32Array, bytes: number): void => {
  let last = 0
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i]!
    if (start < last || start - last > longestText && i > 0) {
      refuse(`row ${Math.max(0, i - 1)}`, `text that begins behind byte ${last} and fits in a string`, start)
    }
    last = start
  }
  if (last > bytes) {
    refuse(`row ${starts.length - 2}`, `text inside the column's ${bytes} bytes`, last)
  }
}

/** Overwrites what stands under nulls: it has no meaning, so it need not be text either. */
const blankNulls = (bytes: Uint8Array, starts: Int32Array, validity: Uint8Array): void => {
  for (let row = 0; row < starts.length - 1; row++) {
    if ((validity[row >> 3]! >> (row & 7) & 1) === 0) {
      bytes.fill(0, starts[row], starts[row + 1])
    }
  }
}

const readTexts = (cursor: Cursor, parts: Parts, isLarge: boolean): Column => {
  const { body, layout } = cursor
  const width = isLarge ? 8 : 4
  const region = nextRegion(cursor, "offsets")
  const isLeftOut = layout.length === 0 && region.length === 0
  if (!isLeftOut) {
    holds(region, (layout.length + 1) * width, "offsets")
  }
  const { length, offset } = nextRegion(cursor, "values")
  const bytes = new Uint8Array(body, offset, length)
  const offsets = new (isLarge ? BigInt64Array : Int32Array)(
    isLeftOut ? new ArrayBuffer(width) : body,
    isLeftOut ? 0 : region.offset,
    layout.length + 1
  )
  const starts = offsets instanceof Int32Array ? offsets : narrow(offsets, length)
  checkStarts(starts, length)
  let texts = Texts.prove(bytes, starts)
  if (texts === undefined && parts.validity !== undefined) {
    blankNulls(bytes, starts, parts.validity)
    texts = Texts.prove(bytes, starts)
  }
  return new TextColumn(parts, bytes, offsets, texts ?? refuse("values", "valid UTF-8 text"))
}

/** The integers that values of the type are. */
const widthOf = (type: Extract<PlainType, { _tag: "Int" | "Date" | "Time" | "Timestamp" }>): Width =>
  type._tag === "Int" ? type : {
    bitWidth: type._tag === "Time" ? type.bitWidth : type._tag === "Date" && type.unit === "day" ? 32 : 64,
    signed: true
  }

const readPlain = (cursor: Cursor, name: string, type: PlainType): Column => {
  const parts = readParts(cursor, name, type, type._tag === "Null")
  const { body, layout: { length } } = cursor
  switch (type._tag) {
    case "Null":
      return new NullColumn(parts, new Uint8Array(0))
    case "Bool": {
      const bytes = Math.ceil(length / 8)
      return new BoolColumn(parts, new Uint8Array(body, neededRegion(cursor, bytes, "values"), bytes))
    }
    case "Float": {
      const offset = neededRegion(cursor, length * (type.bitWidth / 8), "values")
      return type.bitWidth === 16
        ? new HalfColumn(parts, new Uint16Array(body, offset, length))
        : new NumberColumn(
          parts,
          new (type.bitWidth === 32 ? Float32Array : Float64Array)(body, offset, length)
        )
    }
    case "Utf8":
    case "LargeUtf8":
      return readTexts(cursor, parts, type._tag === "LargeUtf8")
    default:
      return new NumberColumn(parts, integers(cursor, widthOf(type), "values"))
  }
}

const checkIndices = (values: Values, validity: Uint8Array | undefined, size: number): void => {
  for (let row = 0; row < values.length; row++) {
    const index = values[row]!
    if ((index < 0 || index >= size) && (validity === undefined || (validity[row >> 3]! >> (row & 7) & 1) === 1)) {
      refuse(`row ${row}`, `an index of the dictionary's ${size} values`, index)
    }
  }
}

const readColumn = (cursor: Cursor, { name, type }: Field): Column => {
  if (type._tag !== "Dictionary") {
    return readPlain(cursor, name, type)
  }
  // where all rows are null, the dictionary may come later or never
  const dictionary = cursor.dictionaries.get(type.id) ?? emptyDictionary(name, type.values)
  const parts = readParts(cursor, name, type, false)
  const values = integers(cursor, type.indices, "indices")
  checkIndices(values, parts.validity, dictionary.column.length)
  return new DictionaryColumn(parts, values, dictionary)
}

/** Reads the columns of a batch, or the one of a dictionary, from a body that no one else has. */
export const readColumns = (
  layout: Layout,
  body: ArrayBuffer,
  fields: ReadonlyArray<Field>,
  dictionaries: ReadonlyMap<bigint, Dictionary>
): ReadonlyArray<Column> => {
  const cursor: Cursor = { layout, body, dictionaries, node: 0, buffer: 0 }
  const columns: Array<Column> = []
  try {
    for (const field of fields) {
      columns.push(readColumn(cursor, field))
    }
  } catch (error) {
    if (isRefusal(error)) {
      error.placeIn(`column ${JSON.stringify(fields[columns.length]?.name)}`)
    }
    throw error
  }
  return columns
}

/** The columns of a batch without rows. */
export const emptyColumns = (
  fields: ReadonlyArray<Field>,
  dictionaries: ReadonlyMap<bigint, Dictionary>
): ReadonlyArray<Column> => readColumns(emptyLayout(fields), new ArrayBuffer(0), fields, dictionaries)

const emptyDictionary = (name: string, type: PlainType): Dictionary => {
  const field: Field = { name, nullable: true, type }
  return { column: emptyColumns([field], new Map())[0]!, known: undefined } // one field makes one column
}
