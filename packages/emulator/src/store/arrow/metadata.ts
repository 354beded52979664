/**
 * The messages of an Arrow IPC stream: schema, record batch, end.
 *
 * @since 0.1.0
 */
import * as Flatbuffer from "./flatbuffer.ts"

/** The physical types that the emulator sends. */
export type ArrowType = "utf8" | "int64" | "float64" | "bool" | "date32" | "timestamp" | "time64"

export interface ArrowField {
  readonly name: string
  readonly type: ArrowType
}

const version5 = 4
const header = { schema: 1, recordBatch: 3 } as const
const microsecond = 2

/** Number in the union `Type` of Arrow's schema, and the table that belongs to it. */
const types: { readonly [Type in ArrowType]: readonly [id: number, table: Flatbuffer.Table] } = {
  int64: [2, Flatbuffer.table(Flatbuffer.int32(64), Flatbuffer.uint8(1))],
  float64: [3, Flatbuffer.table(Flatbuffer.int16(2))],
  utf8: [5, Flatbuffer.table()],
  bool: [6, Flatbuffer.table()],
  // The default unit is the millisecond, so the day must be written although it is 0.
  date32: [8, Flatbuffer.table(Flatbuffer.int16(0))],
  time64: [9, Flatbuffer.table(Flatbuffer.int16(microsecond), Flatbuffer.int32(64))],
  timestamp: [10, Flatbuffer.table(Flatbuffer.int16(microsecond))]
}

const frame = (metadata: Uint8Array, bodyLength: number): Uint8Array<ArrayBuffer> => {
  const message = new Uint8Array(8 + metadata.length + bodyLength)
  const view = new DataView(message.buffer)
  view.setInt32(0, -1, true)
  view.setInt32(4, metadata.length, true)
  message.set(metadata, 8)
  return message
}

const message = (kind: number, content: Flatbuffer.Table, bodyLength: number): Uint8Array =>
  Flatbuffer.encode(
    Flatbuffer.table(
      Flatbuffer.int16(version5),
      Flatbuffer.uint8(kind),
      content,
      Flatbuffer.int64(bodyLength)
    )
  )

export const schemaMessage = (fields: ReadonlyArray<ArrowField>): Uint8Array<ArrayBuffer> =>
  frame(
    message(
      header.schema,
      Flatbuffer.table(
        Flatbuffer.int16(0), // little-endian
        Flatbuffer.tables(fields.map(({ name, type }) =>
          Flatbuffer.table(
            Flatbuffer.string(name),
            Flatbuffer.uint8(1), // nullable
            Flatbuffer.uint8(types[type][0]),
            types[type][1],
            undefined,
            Flatbuffer.tables([])
          )
        ))
      ),
      0
    ),
    0
  )

/** Where in the body a buffer lies, before padding. */
export interface BufferRegion {
  readonly offset: number
  readonly length: number
}

/** A framed record batch whose body, `bodyLength` bytes at the end, is still zero. */
export const recordBatchMessage = (batch: {
  readonly length: number
  readonly nullCounts: ReadonlyArray<number>
  readonly buffers: ReadonlyArray<BufferRegion>
  readonly bodyLength: number
}): Uint8Array<ArrayBuffer> =>
  frame(
    message(
      header.recordBatch,
      Flatbuffer.table(
        Flatbuffer.int64(batch.length),
        Flatbuffer.structs(
          batch.nullCounts.length,
          batch.nullCounts.flatMap((nullCount) => [batch.length, nullCount])
        ),
        Flatbuffer.structs(
          batch.buffers.length,
          batch.buffers.flatMap(({ offset, length }) => [offset, length])
        )
      ),
      batch.bodyLength
    ),
    batch.bodyLength
  )

export const endMarker = (): Uint8Array<ArrayBuffer> => new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
