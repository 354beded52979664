import { ByteQueue } from "./byteQueue.ts"
import type { Batch, Dictionary } from "./column.ts"
import type { Flatbuffer, FlatTable } from "./flatbuffer.ts"
import type { Layout } from "./layout.ts"
import { readLayout } from "./layout.ts"
import { readMessage, recordBatchSizes } from "./message.ts"
import { emptyColumns, readColumns } from "./recordBatch.ts"
import type { Refusal } from "./refusal.ts"
import { isRefusal, isShortfall, refuse, Shortfall } from "./refusal.ts"
import type { Field, Schema } from "./schema.ts"
import { readSchema } from "./schema.ts"

export interface ReaderOptions {
  /** Whether the stream must end in a batch of zero rows. */
  readonly sentinel?: boolean | undefined
  /** How many rows there are to come: a batch that no bytes vouch for may not claim more. */
  readonly maxRows?: number | undefined
  /** Whether each batch is done with when the next one is asked for, so that its memory serves again. */
  readonly reusesMemory?: boolean | undefined
}

/** A record batch or a dictionary whose body is still to come. */
interface Pending {
  readonly bodyLength: number
  readonly layout: Layout
  readonly dictionary: { readonly id: bigint; readonly values: Field } | undefined
  /** Whether so much padding follows the metadata that a damaged length may have moved the body. */
  readonly mayHaveMoved: boolean
}

const prefixLength = 8

/** Rows of columns of nulls, or of none, that a stream may have: what costs its sender nothing may cost us little. */
const mostBareRows = 1_048_576

/**
 * Reads an Arrow stream from bytes as they come. It throws `Refusal` and
 * `Shortfall`, the same again on each later call; what it returned before is
 * right.
 */
export class StreamReader {
  readonly #options: ReaderOptions
  readonly #queue = new ByteQueue()
  readonly #dictionaries = new Map<bigint, Dictionary>()
  #schema: Schema | undefined
  #messages = 0
  #batches = 0
  #rows = 0
  /** Rows that had no bytes. */
  #bareRows = 0
  /** The length of the metadata that comes next, once its prefix was read. */
  #metadataLength: number | undefined
  #pending: Pending | undefined
  /** The body that was read last, where memory is reused. */
  #spare: ArrayBuffer | undefined
  /**
   * A batch that is handed on when the next message is known: one of zero
   * rows, which may be the sentinel, and one whose body may have moved.
   */
  #held: Batch | undefined
  #hasEnded = false
  #hasSentinel = false
  #failure: Refusal | Shortfall | undefined

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /**
   * Takes the next bytes of the stream, which must not change afterwards, and
   * returns the batches that are whole now.
   */
  push(bytes: Uint8Array): Array<Batch> {
    this.feed(bytes)
    const batches: Array<Batch> = []
    try {
      for (let batch = this.next(); batch !== undefined; batch = this.next()) {
        batches.push(batch)
      }
    } catch (error) {
      // the next call throws it again
      if (batches.length === 0) {
        throw error
      }
    }
    return batches
  }

  /** Takes the next bytes of the stream, which must not change afterwards. */
  feed(bytes: Uint8Array): void {
    this.#queue.push(bytes)
  }

  /** The next batch; undefined if more bytes are wanted, or the stream is over. */
  next(): Batch | undefined {
    if (this.#failure !== undefined) {
      throw this.#failure
    }
    try {
      return this.#advance()
    } catch (error) {
      if (isRefusal(error)) {
        error.placeIn(`message ${this.#messages}`)
      }
      if (isRefusal(error) || isShortfall(error)) {
        this.#failure = error
      }
      throw error
    }
  }

  /** Says that no more bytes come: refused if the stream has not ended. */
  end(): void {
    if (this.#failure === undefined && !this.#hasEnded) {
      this.#failure = new Shortfall(
        "MissingEnd",
        this.#messages === 0 && this.#queue.size === 0
          ? "no bytes came, not even an end-of-stream marker"
          : `the bytes end after ${this.#batches} whole batches (${this.#rows} rows) without an end-of-stream marker`
      )
    }
    if (this.#failure !== undefined) {
      throw this.#failure
    }
  }

  #advance(): Batch | undefined {
    for (;;) {
      if (this.#hasEnded) {
        return this.#checkEnd()
      }
      if (this.#pending !== undefined) {
        const { bodyLength } = this.#pending
        if (this.#queue.size < bodyLength) {
          return undefined
        }
        const batch = this.#readBody(this.#pending, this.#takeBody(this.#pending))
        this.#pending = undefined
        if (batch !== undefined) {
          return batch
        }
      } else if (this.#metadataLength !== undefined) {
        if (this.#queue.size < this.#metadataLength) {
          return undefined
        }
        this.#pending = this.#readMetadata(this.#queue.take(this.#metadataLength))
        this.#metadataLength = undefined
        const batch = this.#release()
        if (batch !== undefined) {
          return batch
        }
      } else {
        if (this.#queue.size < prefixLength) {
          return undefined
        }
        this.#readPrefix(this.#queue.take(prefixLength))
        const batch = this.#hasEnded ? this.#release() : undefined
        if (batch !== undefined) {
          return batch
        }
      }
    }
  }

  #readPrefix(prefix: Uint8Array): void {
    this.#messages++
    const words = new DataView(prefix.buffer)
    if (words.getUint32(0, true) !== 0xffffffff) {
      const bytes = Array.from(prefix, (byte) => byte.toString(16).padStart(2, "0")).join(" ")
      refuse("", "the beginning of a message of an Arrow stream", bytes)
    }
    const length = words.getInt32(4, true)
    if (length < 0 || length % 8 !== 0) {
      refuse("length", "a length of metadata that 8 divides", length)
    }
    if (length > 0) {
      this.#metadataLength = length
    } else if (this.#schema === undefined) {
      refuse("", "a schema", "the end of the stream")
    } else {
      this.#hasEnded = true
    }
  }

  /** The batch that waited for what has come now: the next message, or the end. */
  #release(): Batch | undefined {
    const batch = this.#held
    this.#held = undefined
    if (!this.#hasEnded) {
      return batch
    }
    this.#hasSentinel = batch?.numRows === 0
    if (batch !== undefined && !this.#hasSentinel) {
      return batch
    }
    const isOnly = this.#batches === (batch === undefined ? 0 : 1)
    if (!isOnly || this.#isSentinelMissing) {
      return undefined
    }
    const schema = this.#schema! // an end before the schema was refused
    return batch ?? { schema, numRows: 0, columns: emptyColumns(schema.fields, this.#dictionaries) }
  }

  get #isSentinelMissing(): boolean {
    return this.#options.sentinel === true && !this.#hasSentinel
  }

  #checkEnd(): undefined {
    if (this.#isSentinelMissing) {
      throw new Shortfall("MissingSentinel", `the stream ends after ${this.#rows} rows without a batch of zero rows`)
    }
    if (this.#queue.size > 0) {
      throw new Shortfall("BytesAfterEnd", `${this.#queue.size} bytes follow the end of the stream`)
    }
    return undefined
  }

  #readMetadata(bytes: Uint8Array): Pending | undefined {
    const { bodyLength, header, kind, metadata } = readMessage(bytes)
    if (kind === "schema") {
      if (this.#schema !== undefined) {
        refuse("", "one schema in a stream", "a second schema")
      }
      if (bodyLength > 0) {
        refuse("body", "no body of a schema", bodyLength)
      }
      this.#schema = readSchema(metadata, header)
      checkTail(metadata)
      return undefined
    }
    const schema = this.#schema ?? refuse("", "a schema before everything else", kind)
    if (kind === "record batch") {
      const layout = readLayout(metadata, header, bodyLength, schema.fields)
      checkTail(metadata)
      this.#checkClaim(layout.length, bodyLength)
      return { bodyLength, layout, dictionary: undefined, mayHaveMoved: metadata.tail >= 8 }
    }
    const { batch, id, values } = readDictionaryHeader(metadata, header, schema)
    const layout = readLayout(metadata, batch, bodyLength, [values])
    checkTail(metadata)
    return { bodyLength, layout, dictionary: { id, values }, mayHaveMoved: false }
  }

  #checkClaim(claimed: number, bodyLength: number): void {
    // a server may have sent a few more already
    const left = Math.max(0, (this.#options.maxRows ?? Number.POSITIVE_INFINITY) - this.#rows)
    if (bodyLength === 0 && claimed > left) {
      throw new Shortfall("RowCount", `a batch without bytes claims ${claimed} rows where ${left} are left`)
    }
  }

  #takeBody({ bodyLength, dictionary }: Pending): ArrayBuffer {
    const isReused = this.#options.reusesMemory === true && dictionary === undefined
    const body = this.#queue.take(bodyLength, isReused ? this.#spare : undefined).buffer
    if (isReused) {
      this.#spare = body
    }
    return body
  }

  #readBody(pending: Pending, body: ArrayBuffer): Batch | undefined {
    const { dictionary, layout } = pending
    if (dictionary !== undefined) {
      const column = readColumns(layout, body, [dictionary.values], this.#dictionaries)[0]! // one field, one column
      this.#dictionaries.set(dictionary.id, { column, known: undefined })
      return undefined
    }
    const schema = this.#schema! // a batch before the schema was refused
    const columns = readColumns(layout, body, schema.fields, this.#dictionaries)
    if (layout.length > 8 * body.byteLength && (this.#bareRows += layout.length) > mostBareRows) {
      refuse("length", `at most ${mostBareRows} rows`, this.#bareRows)
    }
    const batch: Batch = { schema, numRows: layout.length, columns }
    this.#batches++
    this.#rows += batch.numRows
    if (batch.numRows > 0 && !pending.mayHaveMoved) {
      return batch
    }
    this.#held = batch
    return undefined
  }
}

/** A damaged length of metadata may have swallowed what follows it. */
const checkTail = (metadata: Flatbuffer): void => {
  if (metadata.isOverlong) {
    refuse("length", `metadata of ${metadata.end} bytes and padding`, metadata.bytes.length)
  }
}

const readDictionaryHeader = (
  metadata: Flatbuffer,
  header: FlatTable,
  schema: Schema
): { readonly id: bigint; readonly values: Field; readonly batch: FlatTable } => {
  const id = metadata.int64(header, 0)
  if (metadata.boolean(header, 2, "dictionary")) {
    refuse("dictionary", "whole dictionaries", "a delta")
  }
  for (const { name, type } of schema.fields) {
    if (type._tag === "Dictionary" && type.id === id) {
      const batch = metadata.child(header, 1, recordBatchSizes, "dictionary") ?? refuse("dictionary", "its values")
      return { id, batch, values: { name, nullable: true, type: type.values } }
    }
  }
  return refuse("dictionary", "a dictionary that the schema has", id)
}
