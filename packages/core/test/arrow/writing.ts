/**
 * Writes Arrow streams by hand, as the format's specification says and with
 * nothing of the reader's: for what no library writes, such as big-endian
 * schemas, sentinels and lengths that lie.
 */

/** One field of a flatbuffer table; undefined leaves it out. */
export type Slot =
  | { readonly size: 1 | 2 | 4; readonly value: number }
  | { readonly size: 8; readonly value: bigint }
  | { readonly to: Node }
  | undefined

export type Node =
  | { readonly kind: "table"; readonly slots: ReadonlyArray<Slot> }
  | { readonly kind: "tables"; readonly elements: ReadonlyArray<Node> }
  | { readonly kind: "structs"; readonly words: ReadonlyArray<bigint>; readonly length: number }
  | { readonly kind: "string"; readonly bytes: Uint8Array }

export const table = (...slots: ReadonlyArray<Slot>): Node => ({ kind: "table", slots })
export const u8 = (value: number): Slot => ({ size: 1, value })
export const i16 = (value: number): Slot => ({ size: 2, value })
export const i32 = (value: number): Slot => ({ size: 4, value })
export const i64 = (value: bigint | number): Slot => ({ size: 8, value: BigInt(value) })
export const to = (node: Node): Slot => ({ to: node })
export const text = (value: string): Slot => to({ kind: "string", bytes: new TextEncoder().encode(value) })
export const tables = (...elements: ReadonlyArray<Node>): Slot => to({ kind: "tables", elements })
export const structs = (length: number, words: ReadonlyArray<bigint | number>): Slot =>
  to({ kind: "structs", length, words: words.map(BigInt) })

export const flatbuffer = (root: Node): Uint8Array => {
  let bytes = new Uint8Array(256)
  let view = new DataView(bytes.buffer)
  let used = 0
  const reserve = (count: number, alignment: number, shift = 0): number => {
    while ((used + shift) % alignment !== 0) used++
    const at = used
    used += count
    while (used > bytes.length) {
      const larger = new Uint8Array(bytes.length * 2)
      larger.set(bytes)
      bytes = larger
      view = new DataView(bytes.buffer)
    }
    return at
  }
  const write = (node: Node): number => {
    switch (node.kind) {
      case "string": {
        const at = reserve(4 + node.bytes.length + 1, 4)
        view.setUint32(at, node.bytes.length, true)
        bytes.set(node.bytes, at + 4)
        return at
      }
      case "structs": {
        const at = reserve(4, 8, 4)
        view.setUint32(at, node.length, true)
        for (const word of node.words) {
          const place = reserve(8, 8)
          view.setBigInt64(place, word, true)
        }
        return at
      }
      case "tables": {
        const at = reserve(4 + 4 * node.elements.length, 4)
        view.setUint32(at, node.elements.length, true)
        node.elements.forEach((element, i) => {
          const place = at + 4 + 4 * i
          const target = write(element)
          view.setUint32(place, target - place, true)
        })
        return at
      }
      case "table": {
        const list = reserve(4 + 2 * node.slots.length, 8, 4 + 2 * node.slots.length)
        const at = reserve(4, 8)
        view.setInt32(at, at - list, true)
        view.setUint16(list, 4 + 2 * node.slots.length, true)
        const references: Array<readonly [number, Node]> = []
        for (const size of [8, 4, 2, 1]) {
          node.slots.forEach((slot, i) => {
            if (slot === undefined || ("to" in slot ? 4 : slot.size) !== size) return
            const place = reserve(size, size)
            view.setUint16(list + 4 + 2 * i, place - at, true)
            if ("to" in slot) references.push([place, slot.to])
            else if (slot.size === 8) view.setBigInt64(place, slot.value, true)
            else if (slot.size === 4) view.setInt32(place, slot.value, true)
            else if (slot.size === 2) view.setInt16(place, slot.value, true)
            else view.setUint8(place, slot.value)
          })
        }
        view.setUint16(list + 2, used - at, true)
        for (const [place, target] of references) {
          const there = write(target)
          view.setUint32(place, there - place, true)
        }
        return at
      }
    }
  }
  reserve(4, 4)
  const at = write(root)
  view.setUint32(0, at, true)
  return bytes.slice(0, used)
}

export const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => joined(parts)

const joined = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export const padded = (bytes: Uint8Array, alignment = 8): Uint8Array =>
  concat(bytes, new Uint8Array((alignment - bytes.length % alignment) % alignment))

export interface MessageOptions {
  readonly version?: number
  readonly headerType?: number
  readonly bodyLength?: bigint | number
  readonly metadataLength?: number
  readonly continuation?: number
  /** To what the metadata is padded, with its prefix. */
  readonly alignment?: number
  readonly customMetadata?: ReadonlyArray<readonly [string, string]>
}

export const message = (
  headerType: number,
  header: Node,
  body: Uint8Array = new Uint8Array(0),
  options: MessageOptions = {}
): Uint8Array => {
  const metadata = flatbuffer(table(
    i16(options.version ?? 4),
    u8(options.headerType ?? headerType),
    to(header),
    i64(options.bodyLength ?? body.length),
    options.customMetadata === undefined
      ? undefined
      : tables(...options.customMetadata.map(([key, value]) => table(text(key), text(value))))
  ))
  const prefix = new Uint8Array(8)
  const { alignment = 8 } = options
  const whole = padded(concat(prefix, metadata), alignment)
  const view = new DataView(whole.buffer)
  view.setUint32(0, options.continuation ?? 0xffffffff, true)
  view.setInt32(4, options.metadataLength ?? whole.length - 8, true)
  return concat(whole, body)
}

export interface FieldSpec {
  readonly name: string
  readonly type: number
  readonly typeTable?: Node
  readonly nullable?: boolean
  readonly dictionary?: Node
  readonly children?: ReadonlyArray<FieldSpec>
  readonly customMetadata?: ReadonlyArray<readonly [string, string]>
}

export const fieldTable = (spec: FieldSpec): Node =>
  table(
    text(spec.name),
    u8(spec.nullable === false ? 0 : 1),
    u8(spec.type),
    to(spec.typeTable ?? table()),
    spec.dictionary === undefined ? undefined : to(spec.dictionary),
    tables(...(spec.children ?? []).map(fieldTable)),
    spec.customMetadata === undefined
      ? undefined
      : tables(...spec.customMetadata.map(([key, value]) => table(text(key), text(value))))
  )

export const int = (bitWidth: number, signed = true): Node => table(i32(bitWidth), u8(signed ? 1 : 0))

export const fields = {
  null: (name: string): FieldSpec => ({ name, type: 1 }),
  int: (name: string, bitWidth: number, signed = true): FieldSpec => ({
    name,
    type: 2,
    typeTable: int(bitWidth, signed)
  }),
  float: (name: string, precision: number): FieldSpec => ({ name, type: 3, typeTable: table(i16(precision)) }),
  utf8: (name: string): FieldSpec => ({ name, type: 5 }),
  bool: (name: string): FieldSpec => ({ name, type: 6 }),
  date: (name: string, unit: number): FieldSpec => ({ name, type: 8, typeTable: table(i16(unit)) }),
  time: (name: string, unit: number, bitWidth: number): FieldSpec => ({
    name,
    type: 9,
    typeTable: table(i16(unit), i32(bitWidth))
  }),
  timestamp: (name: string, unit: number, timezone?: string): FieldSpec => ({
    name,
    type: 10,
    typeTable: table(i16(unit), timezone === undefined ? undefined : text(timezone))
  }),
  largeUtf8: (name: string): FieldSpec => ({ name, type: 20 }),
  dictionary: (values: FieldSpec, id: number, index: Node | undefined = int(8), kind = 0): FieldSpec => ({
    ...values,
    dictionary: table(i64(id), index === undefined ? undefined : to(index), u8(0), i16(kind))
  })
}

export const schema = (
  specs: ReadonlyArray<FieldSpec>,
  options: MessageOptions & {
    readonly endianness?: number
    readonly pairs?: ReadonlyArray<readonly [string, string]>
  } = {}
): Uint8Array =>
  message(
    1,
    table(
      i16(options.endianness ?? 0),
      tables(...specs.map(fieldTable)),
      options.pairs === undefined
        ? undefined
        : tables(...options.pairs.map(([key, value]) => table(text(key), text(value))))
    ),
    undefined,
    options
  )

export interface BatchOptions extends MessageOptions {
  readonly length?: bigint | number
  readonly nodes?: ReadonlyArray<readonly [length: number, nullCount: number]>
  /** Offset and length of each buffer; else they follow one another. */
  readonly regions?: ReadonlyArray<readonly [offset: bigint | number, length: bigint | number]>
  readonly compression?: Node
  readonly variadic?: number
  /** To what each buffer is padded. */
  readonly bufferAlignment?: number
}

/** A column's part of a batch: its nulls and its buffers, an absent one empty. */
export interface ColumnSpec {
  readonly nulls: number
  readonly buffers: ReadonlyArray<Uint8Array>
}

const batchTable = (rows: number, columns: ReadonlyArray<ColumnSpec>, options: BatchOptions): [Node, Uint8Array] => {
  const parts: Array<Uint8Array> = []
  const regions: Array<readonly [bigint | number, bigint | number]> = []
  let at = 0
  for (const bytes of columns.flatMap(({ buffers }) => buffers)) {
    regions.push([at, bytes.length])
    const part = padded(bytes, options.bufferAlignment ?? 8)
    parts.push(part)
    at += part.length
  }
  const nodes = options.nodes ?? columns.map(({ nulls }) => [rows, nulls] as const)
  const places = options.regions ?? regions
  return [
    table(
      i64(options.length ?? rows),
      structs(nodes.length, nodes.flat()),
      structs(places.length, places.flat()),
      options.compression === undefined ? undefined : to(options.compression),
      options.variadic === undefined ? undefined : structs(1, [options.variadic])
    ),
    joined(parts)
  ]
}

export const recordBatch = (
  rows: number,
  columns: ReadonlyArray<ColumnSpec>,
  options: BatchOptions = {}
): Uint8Array => {
  const [header, body] = batchTable(rows, columns, options)
  return message(3, header, body, options)
}

export const dictionaryBatch = (
  id: number,
  rows: number,
  column: ColumnSpec,
  options: BatchOptions & { readonly isDelta?: boolean } = {}
): Uint8Array => {
  const [data, body] = batchTable(rows, [column], options)
  return message(2, table(i64(id), to(data), u8(options.isDelta === true ? 1 : 0)), body, options)
}

export const end = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0)

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

export const bits = (flags: ReadonlyArray<boolean>): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil(flags.length / 8))
  flags.forEach((flag, i) => {
    if (flag) bytes[i >> 3]! |= 1 << (i & 7)
  })
  return bytes
}

const validity = (values: ReadonlyArray<unknown>): [number, Uint8Array] => {
  const flags = values.map((value) => value !== null)
  const nulls = flags.filter((flag) => !flag).length
  return [nulls, nulls === 0 ? new Uint8Array(0) : bits(flags)]
}

/** Columns from values. */
export const columns = {
  null: (rows: number): ColumnSpec => ({ nulls: rows, buffers: [] }),
  bool: (values: ReadonlyArray<boolean | null>): ColumnSpec => {
    const [nulls, valid] = validity(values)
    return { nulls, buffers: [valid, bits(values.map((value) => value === true))] }
  },
  numbers: (
    values: ReadonlyArray<number | null>,
    array: new(values: Array<number>) => ArrayBufferView = Int32Array
  ): ColumnSpec => {
    const [nulls, valid] = validity(values)
    return { nulls, buffers: [valid, bytesOf(new array(values.map((value) => value ?? 0)))] }
  },
  bigints: (
    values: ReadonlyArray<bigint | null>,
    array: new(values: Array<bigint>) => ArrayBufferView = BigInt64Array
  ): ColumnSpec => {
    const [nulls, valid] = validity(values)
    return { nulls, buffers: [valid, bytesOf(new array(values.map((value) => value ?? 0n)))] }
  },
  texts: (values: ReadonlyArray<string | null>, isLarge = false): ColumnSpec => {
    const [nulls, valid] = validity(values)
    const parts = values.map((value) => new TextEncoder().encode(value ?? ""))
    let at = 0
    const starts = [0, ...parts.map((part) => at += part.length)]
    const offsets = isLarge ? new BigInt64Array(starts.map(BigInt)) : new Int32Array(starts)
    return { nulls, buffers: [valid, bytesOf(offsets), joined(parts)] }
  }
}
