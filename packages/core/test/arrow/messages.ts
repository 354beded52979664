/** The messages of a well-formed stream, found without the reader. */

/** Where a field of a flatbuffer table stands; 0 where it is left out. */
const fieldOf = (view: DataView, table: number, index: number): number => {
  const list = table - view.getInt32(table, true)
  const entry = 4 + 2 * index
  const field = entry < view.getUint16(list, true) ? view.getUint16(list + entry, true) : 0
  return field === 0 ? 0 : table + field
}

const target = (view: DataView, at: number): number => at + view.getUint32(at, true)

/** Where a message says how long its body is: the fourth field of the table that its metadata begins with. */
export const bodyLengthAt = (view: DataView, at: number): number => fieldOf(view, target(view, at + 8), 3)

/** Where a batch says how long its last buffer is; 0 where there is none. */
export const lastLengthAt = (view: DataView): number => {
  const message = target(view, 8)
  const kind = view.getUint8(fieldOf(view, message, 1))
  const header = target(view, fieldOf(view, message, 2))
  if (kind < 2) return 0
  const buffers = fieldOf(view, kind === 2 ? target(view, fieldOf(view, header, 1)) : header, 2)
  const vector = buffers === 0 ? 0 : target(view, buffers)
  const length = vector === 0 ? 0 : view.getUint32(vector, true)
  return length === 0 ? 0 : vector + 4 + 16 * length - 8
}

/** The messages of a well-formed stream, its end among them. */
export const messagesOf = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const messages: Array<Uint8Array> = []
  for (let at = 0; at < bytes.length;) {
    const metadata = view.getInt32(at + 4, true)
    const length = metadata === 0 ? 0 : bodyLengthAt(view, at)
    const end = at + 8 + metadata + (length === 0 ? 0 : Number(view.getBigInt64(length, true)))
    messages.push(bytes.slice(at, end))
    at = end
  }
  return messages
}
