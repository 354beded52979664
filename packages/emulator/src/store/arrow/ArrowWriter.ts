/**
 * Writes an Arrow IPC stream from DuckDB's chunks, a batch at a time and
 * uncompressed. Nothing but the batch under way is held.
 *
 * @since 0.1.0
 */
import type { DuckDBDataChunk } from "@duckdb/node-api"
import duckdb from "@duckdb/node-bindings"
import * as Columns from "./columns.ts"
import * as Metadata from "./metadata.ts"
import { rowsWithin } from "./strings.ts"

export type { ArrowField, ArrowType } from "./metadata.ts"

/** Text that a column of a batch holds at most, unless a single string is longer: offsets have 31 bits. */
const largestText = 64 * 1024 * 1024

export interface ArrowWriter {
  /** The schema message, which comes first and once. */
  readonly schema: Uint8Array<ArrayBuffer>
  /** Takes in rows of a chunk whose columns are the fields, and gives the batches that are full. */
  readonly write: (
    chunk: DuckDBDataChunk,
    from: number,
    count: number
  ) => ReadonlyArray<Uint8Array<ArrayBuffer>>
  /** What is left over as a batch, if anything is. */
  readonly flush: () => ReadonlyArray<Uint8Array<ArrayBuffer>>
  /** A batch without rows. */
  readonly emptyBatch: () => Uint8Array<ArrayBuffer>
  /** The marker that ends a stream. */
  readonly end: Uint8Array<ArrayBuffer>
}

const padded = (length: number): number => Math.ceil(length / 8) * 8

const batchOf = (columns: ReadonlyArray<Columns.Column>, rows: number): Uint8Array<ArrayBuffer> => {
  const contents = columns.flatMap((column) => column.buffers())
  let bodyLength = 0
  const buffers = contents.map(({ length }) => {
    const region = { offset: bodyLength, length }
    bodyLength += padded(length)
    return region
  })
  const message = Metadata.recordBatchMessage({
    length: rows,
    nullCounts: columns.map(({ nullCount }) => nullCount),
    buffers,
    bodyLength
  })
  const body = message.length - bodyLength
  contents.forEach((content, index) => message.set(content, body + buffers[index]!.offset))
  return message
}

export const make = (fields: ReadonlyArray<Metadata.ArrowField>, options: {
  /** Rows in a batch, at most. */
  readonly batchRows: number
}): ArrowWriter => {
  const columns = fields.map(({ type }) => Columns.make(type))
  const texts = fields.flatMap(({ type }, index) => type === "utf8" ? [index] : [])
  let rows = 0

  const takeBatch = (): Uint8Array<ArrayBuffer> => {
    const batch = batchOf(columns, rows)
    for (const column of columns) column.clear()
    rows = 0
    return batch
  }

  /** How many of `wanted` rows the batch under way has room for. */
  const roomFor = (vectors: ReadonlyArray<duckdb.Vector>, size: number, from: number, wanted: number): number =>
    texts.reduce((fitting, index) => {
      const next = rowsWithin(vectors[index]!, size, from, fitting, largestText)
      return rows > 0 && columns[index]!.textBytes + next.bytes > largestText ? 0 : next.rows
    }, wanted)

  const write = (chunk: DuckDBDataChunk, from: number, count: number): ReadonlyArray<Uint8Array<ArrayBuffer>> => {
    const size = chunk.rowCount
    const vectors = columns.map((_, index) => duckdb.data_chunk_get_vector(chunk.chunk, index))
    const batches: Array<Uint8Array<ArrayBuffer>> = []
    let position = from
    while (position < from + count) {
      const taken = roomFor(vectors, size, position, Math.min(from + count - position, options.batchRows - rows))
      if (taken === 0) {
        batches.push(takeBatch())
        continue
      }
      columns.forEach((column, index) => column.append(vectors[index]!, size, position, taken))
      rows += taken
      position += taken
      if (rows >= options.batchRows) batches.push(takeBatch())
    }
    return batches
  }

  return {
    schema: Metadata.schemaMessage(fields),
    write,
    flush: () => rows === 0 ? [] : [takeBatch()],
    emptyBatch: () => batchOf(fields.map(({ type }) => Columns.make(type)), 0),
    end: Metadata.endMarker()
  }
}
