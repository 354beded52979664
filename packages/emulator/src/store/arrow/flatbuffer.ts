/**
 * The part of the FlatBuffers format that Arrow's messages need, written
 * forwards: a table, then what it points to.
 *
 * @since 0.1.0
 */

/** What a slot of a table can hold. `structs` is a vector of structs of 64-bit integers. */
export type Value =
  | { readonly kind: "uint8" | "int16" | "int32" | "int64"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | Table
  | { readonly kind: "tables"; readonly items: ReadonlyArray<Table> }
  | { readonly kind: "structs"; readonly length: number; readonly values: ReadonlyArray<number> }

export interface Table {
  readonly kind: "table"
  /** By slot number; `undefined` leaves the slot at its default. */
  readonly slots: ReadonlyArray<Value | undefined>
}

export const uint8 = (value: number): Value => ({ kind: "uint8", value })
export const int16 = (value: number): Value => ({ kind: "int16", value })
export const int32 = (value: number): Value => ({ kind: "int32", value })
export const int64 = (value: number): Value => ({ kind: "int64", value })
export const string = (value: string): Value => ({ kind: "string", value })
export const table = (...slots: ReadonlyArray<Value | undefined>): Table => ({ kind: "table", slots })
export const tables = (items: ReadonlyArray<Table>): Value => ({ kind: "tables", items })
export const structs = (length: number, values: ReadonlyArray<number>): Value => ({ kind: "structs", length, values })

const textEncoder = new TextEncoder()

const inlineSize = (value: Value): number => {
  switch (value.kind) {
    case "uint8":
      return 1
    case "int16":
      return 2
    case "int64":
      return 8
    default:
      return 4
  }
}

/** Bytes of a buffer with this root table, in whole words of 8 bytes. */
export const encode = (root: Table): Uint8Array<ArrayBuffer> => {
  let bytes = new Uint8Array(1024)
  let view = new DataView(bytes.buffer)
  let end = 0

  /** Moves to the next position that is `remainder` beyond a multiple of `alignment`, and takes `size` bytes there. */
  const take = (size: number, alignment: number, remainder = 0): number => {
    const position = end + ((((remainder - end) % alignment) + alignment) % alignment)
    end = position + size
    if (end > bytes.length) {
      const grown = new Uint8Array(Math.max(end, bytes.length * 2))
      grown.set(bytes)
      bytes = grown
      view = new DataView(bytes.buffer)
    }
    return position
  }

  const pointTo = (position: number, target: number): void => view.setUint32(position, target - position, true)

  const writeTable = (value: Table): number => {
    const slots = value.slots
    const order = slots
      .map((slot, index) => ({ index, size: slot === undefined ? 0 : inlineSize(slot) }))
      .filter(({ size }) => size > 0)
      .sort((left, right) => right.size - left.size)
    const offsets = new Map<number, number>()
    let tableSize = 4
    for (const { index, size } of order) {
      const offset = Math.ceil(tableSize / size) * size
      offsets.set(index, offset)
      tableSize = offset + size
    }
    const vtableSize = 4 + 2 * slots.length
    const vtable = take(vtableSize, 2)
    const start = take(tableSize, 8)
    view.setInt32(start, start - vtable, true)
    view.setUint16(vtable, vtableSize, true)
    view.setUint16(vtable + 2, tableSize, true)
    slots.forEach((slot, index) => {
      const offset = offsets.get(index)
      if (slot === undefined || offset === undefined) return
      view.setUint16(vtable + 4 + 2 * index, offset, true)
      const position = start + offset
      switch (slot.kind) {
        case "uint8":
          return view.setUint8(position, slot.value)
        case "int16":
          return view.setInt16(position, slot.value, true)
        case "int32":
          return view.setInt32(position, slot.value, true)
        case "int64":
          return view.setBigInt64(position, BigInt(slot.value), true)
        default:
          return pointTo(position, write(slot))
      }
    })
    return start
  }

  const write = (value: Exclude<Value, { readonly kind: "uint8" | "int16" | "int32" | "int64" }>): number => {
    switch (value.kind) {
      case "table":
        return writeTable(value)
      case "string": {
        const text = textEncoder.encode(value.value)
        const start = take(4 + text.length + 1, 4)
        view.setUint32(start, text.length, true)
        bytes.set(text, start + 4)
        return start
      }
      case "tables": {
        const start = take(4 + 4 * value.items.length, 4)
        view.setUint32(start, value.items.length, true)
        value.items.forEach((item, index) => pointTo(start + 4 + 4 * index, writeTable(item)))
        return start
      }
      case "structs": {
        const start = take(4 + 8 * value.values.length, 8, 4)
        view.setUint32(start, value.length, true)
        value.values.forEach((item, index) => view.setBigInt64(start + 4 + 8 * index, BigInt(item), true))
        return start
      }
    }
  }

  take(4, 4)
  pointTo(0, writeTable(root))
  take(0, 8)
  return bytes.slice(0, end)
}
