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

const kinds = [
  undefined,
  { kind: "schema", knownFields: 4 },
  { kind: "dictionary batch", knownFields: 3 },
  { kind: "record batch", knownFields: 5 }
] as const

/** Reads what stands between a message's prefix and its body. */
export const readMessage = (bytes: Uint8Array): Message => {
  const metadata = new Flatbuffer(bytes)
  const table = metadata.root(5, "header")
  const version = metadata.int16(table, 0, 0, "version")
  if (version !== 3 && version !== 4) {
    refuse("version", "version 4 or 5 of the Arrow format", version + 1)
  }
  const type = metadata.uint8(table, 1, 0, "header")
  const { kind, knownFields } = kinds[type] ?? refuse("header", "a schema, a dictionary batch or a record batch", type)
  const header = metadata.child(table, 2, knownFields, "header") ?? refuse("header", `a ${kind}`)
  const bodyLength = metadata.size(table, 3, "body")
  if (bodyLength % 8 !== 0) {
    refuse("body", "a length that 8 divides", bodyLength)
  }
  metadata.skipPairs(table, 4, "metadata")
  return { kind, metadata, header, bodyLength }
}
