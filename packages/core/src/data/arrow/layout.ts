import type { FlatTable, FlatVector } from "./flatbuffer.ts"
import { Flatbuffer } from "./flatbuffer.ts"
import { refuse } from "./refusal.ts"
import type { Field } from "./schema.ts"

/** Writers align buffers to 8 or to 64 bytes. */
const longestPadding = 63

/** How many buffers a column of the field's type has. */
const bufferCount = ({ type }: Field): number =>
  type._tag === "Null" ? 0 : type._tag === "Utf8" || type._tag === "LargeUtf8" ? 3 : 2

/** What a record batch's metadata says of its body, checked against the body's length. */
export interface Layout {
  readonly metadata: Flatbuffer
  readonly length: number
  readonly nodes: FlatVector
  readonly buffers: FlatVector
}

/**
 * Reads a record batch's header: its rows, and buffers that must lie in order,
 * apart, aligned and without gaps in the body, and fill it.
 */
export const readLayout = (
  metadata: Flatbuffer,
  table: FlatTable,
  bodyLength: number,
  fields: ReadonlyArray<Field>
): Layout => {
  const length = metadata.size(table, 0, "length")
  if (length > 0x7fffffff) {
    refuse("length", "at most 2147483647 rows", length)
  }
  const none: FlatVector = { at: 0, length: 0 }
  const nodes = metadata.vector(table, 1, 16, 8, "nodes") ?? none
  const buffers = metadata.vector(table, 2, 16, 8, "buffers") ?? none
  if (metadata.child(table, 3, [1, 1], "compression") !== undefined) {
    refuse("compression", "a body without compression")
  }
  const variadic = metadata.vector(table, 4, 8, 8, "buffers")
  if (variadic !== undefined && variadic.length > 0) {
    refuse("buffers", "columns with a fixed number of buffers", variadic.length)
  }
  if (nodes.length !== fields.length) {
    refuse("nodes", `one for each of ${fields.length} columns`, nodes.length)
  }
  const expected = fields.reduce((count, field) => count + bufferCount(field), 0)
  if (buffers.length !== expected) {
    refuse("buffers", `the ${expected} of the schema's columns`, buffers.length)
  }
  let end = 0
  for (let i = 0; i < buffers.length; i++) {
    const offset = metadata.sizeAt(buffers.at + 16 * i, "buffers")
    const size = metadata.sizeAt(buffers.at + 16 * i + 8, "buffers")
    if (offset % 8 !== 0 || offset < end || offset - end > longestPadding) {
      refuse(`buffer ${i}`, `an aligned beginning behind byte ${end} of the body`, offset)
    }
    end = offset + size
    if (end > bodyLength) {
      refuse(`buffer ${i}`, `an end inside the ${bodyLength} bytes of the body`, end)
    }
  }
  if (bodyLength > Math.ceil(end / 64) * 64) {
    refuse("body", `a length of ${end} bytes and padding`, bodyLength)
  }
  return { metadata, length, nodes, buffers }
}

/** The layout of a batch without rows and without a body. */
export const emptyLayout = (fields: ReadonlyArray<Field>): Layout => {
  const buffers = fields.reduce((count, field) => count + bufferCount(field), 0)
  // zeros say it all: no rows, no nulls, each buffer at 0 with 0 bytes
  const metadata = new Flatbuffer(new Uint8Array(16 * Math.max(fields.length, buffers)))
  return { metadata, length: 0, nodes: { at: 0, length: fields.length }, buffers: { at: 0, length: buffers } }
}
