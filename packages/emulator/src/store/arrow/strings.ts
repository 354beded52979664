/**
 * Text out of DuckDB's vectors. A vector of strings is an array of 16-byte
 * entries: the length, then up to 12 bytes of text, or a pointer to it.
 *
 * Asking the binding for each string behind a pointer costs more than all the
 * rest of a batch. Strings of one vector mostly lie side by side, so what is
 * near together is fetched at once. A gap of less than a page between two
 * strings lies in their pages, so reading across it is safe; its bytes are not
 * copied on.
 *
 * @since 0.1.0
 */
import type { DuckDBDataChunk } from "@duckdb/node-api"
import duckdb from "@duckdb/node-bindings"

const inlined = 12
const largestGap = 4095
/** What a run may take in at most beyond the text that it is for. */
const largestRun = 1 << 20

const isNull = (validity: Uint8Array | null, row: number): boolean =>
  validity !== null && (validity[row >> 3]! & (1 << (row & 7))) === 0

/** Writes where each string ends to `offsets[rows + 1]` and on, counting from `offsets[rows]`, and gives the last. */
export const stringLengths = (
  source: Uint8Array,
  validity: Uint8Array | null,
  from: number,
  count: number,
  offsets: Int32Array,
  rows: number
): number => {
  const words = new DataView(source.buffer, source.byteOffset, source.byteLength)
  let end = rows === 0 ? 0 : offsets[rows]!
  offsets[rows] = end
  for (let index = 0; index < count; index++) {
    const row = from + index
    if (!isNull(validity, row)) end += words.getUint32(row * 16, true)
    offsets[rows + index + 1] = end
  }
  return end
}

/** Rows from `from` on whose text stays within `limit` bytes: at least one, so that a huge string passes alone. */
export const rowsWithin = (
  vector: duckdb.Vector,
  size: number,
  from: number,
  count: number,
  limit: number
): { readonly rows: number; readonly bytes: number } => {
  const source = duckdb.vector_get_data(vector, size * 16)
  // The binding's type says otherwise, but where nothing is null there is no map.
  const validity = duckdb.vector_get_validity(vector, Math.ceil(size / 64) * 8) as Uint8Array | null
  const words = new DataView(source.buffer, source.byteOffset, source.byteLength)
  let bytes = 0
  for (let index = 0; index < count; index++) {
    const row = from + index
    const length = isNull(validity, row) ? 0 : words.getUint32(row * 16, true)
    if (index > 0 && bytes + length > limit) return { rows: index, bytes }
    bytes += length
  }
  return { rows: count, bytes }
}

/** Copies the text of rows to where `stringLengths` has reserved its place. */
export const stringBytes = (
  source: Uint8Array,
  validity: Uint8Array | null,
  from: number,
  count: number,
  target: Uint8Array,
  offsets: Int32Array,
  rows: number
): void => {
  const words = new DataView(source.buffer, source.byteOffset, source.byteLength)
  // The binding gives a view of an ArrayBuffer, never of shared memory.
  const memory = source.buffer as ArrayBuffer
  let pending: Array<number> = []
  let low = 0
  let high = 0
  let lowRow = 0

  const addressOf = (row: number): number =>
    words.getUint32(row * 16 + 8, true) + words.getUint32(row * 16 + 12, true) * 4294967296

  const fetchPending = (): void => {
    const run = duckdb.get_data_from_pointer(memory, source.byteOffset + lowRow * 16 + 8, high - low)
    for (const row of pending) {
      const start = addressOf(row) - low
      const to = rows + row - from
      target.set(run.subarray(start, start + offsets[to + 1]! - offsets[to]!), offsets[to]!)
    }
    pending = []
  }

  for (let index = 0; index < count; index++) {
    const row = from + index
    const length = offsets[rows + index + 1]! - offsets[rows + index]!
    if (length === 0) continue
    if (length <= inlined) {
      const entry = row * 16 + 4
      const to = offsets[rows + index]!
      for (let byte = 0; byte < length; byte++) target[to + byte] = source[entry + byte]!
      continue
    }
    const start = addressOf(row)
    const stop = start + length
    if (pending.length > 0) {
      const isNear = start - high <= largestGap && low - stop <= largestGap
      if (!isNear || Math.max(high, stop) - Math.min(low, start) > Math.max(largestRun, high - low)) fetchPending()
    }
    if (pending.length === 0) {
      low = start
      high = stop
      lowRow = row
    } else {
      if (start < low) {
        low = start
        lowRow = row
      }
      if (stop > high) high = stop
    }
    pending.push(row)
  }
  if (pending.length > 0) fetchPending()
}

/** The text of a chunk's first column, which has no null, in one piece. */
export const linesOf = (chunk: DuckDBDataChunk): Uint8Array => {
  const size = chunk.rowCount
  const source = duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk.chunk, 0), size * 16)
  const offsets = new Int32Array(size + 1)
  const text = new Uint8Array(stringLengths(source, null, 0, size, offsets, 0))
  stringBytes(source, null, 0, size, text, offsets, 0)
  return text
}
