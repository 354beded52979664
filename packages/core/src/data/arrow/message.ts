import type { FlatTable } from "./flatbuffer.ts"
import { Flatbuffer } from "./flatbuffer.ts"
import { refuse } from "./refusal.ts"

/** A message whose metadata was read and whose body may still be on its way. */
export interface Message {
  readonly kind: "schema" | "dictionary batch" | "record batch"
  readonly metadata: Flatbuffer
  readonly header: FlatTable
  readonly bodyLength: number
}

/** The sizes of a record batch's fields. */
export const recordBatchSizes = [8, 4, 4, 4, 4] as const

const kinds = [
  undefined,
  { kind: "schema", sizes: [2, 4, 4, 4] },
  { kind: "dictionary batch", sizes: [8, 4, 1] },
  { kind: "record batch", sizes: recordBatchSizes }
] as const

/** Reads what stands between a message's prefix and its body. */
export const readMessage = (bytes: Uint8Array): Message => {
  const metadata = new Flatbuffer(bytes)
  const table = metadata.root([2, 1, 4, 8, 4], "header")
  const version = metadata.int16(table, 0, 0)
  if (version !== 3 && version !== 4) {
    refuse("version", "version 4 or 5 of the Arrow format", version + 1)
  }
  const type = metadata.uint8(table, 1, 0)
  const { kind, sizes } = kinds[type] ?? refuse("header", "a schema, a dictionary batch or a record batch", type)
  const header = metadata.child(table, 2, sizes, "header") ?? refuse("header", `a ${kind}`)
  const bodyLength = metadata.size(table, 3, "body")
  if (bodyLength % 8 !== 0) {
    refuse("body", "a length that 8 divides", bodyLength)
  }
  metadata.skipPairs(table, 4, "metadata")
  return { kind, metadata, header, bodyLength }
}
