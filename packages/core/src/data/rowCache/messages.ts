/** The messages of an Arrow stream, one by one and byte for byte, as the bytes come. */
import { ByteQueue } from "../arrow/byteQueue.ts"
import { readMessage } from "../arrow/message.ts"
import { refuse } from "../arrow/refusal.ts"

export interface RawMessage {
  readonly kind: "schema" | "dictionary batch" | "record batch"
  /** Rows of a record batch. */
  readonly rows: number
  /** Its bytes, one part after the other. */
  readonly parts: ReadonlyArray<Uint8Array>
}

interface Begun extends RawMessage {
  readonly bodyLength: number
}

const prefixLength = 8

/** What stands at the end of a stream. */
export const endOfStream = /*#__PURE__*/ Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0)

/** Cuts a stream into its messages. It throws `Refusal` where there are none. */
export class MessageCutter {
  readonly #queue = new ByteQueue()
  #prefix: Uint8Array | undefined
  #begun: Begun | undefined
  /** Whether the stream's end came. */
  hasEnded = false

  /** Takes the next bytes, which must not change afterwards. */
  feed(bytes: Uint8Array): void {
    this.#queue.push(bytes)
  }

  /** The next message; undefined if more bytes are wanted, or the stream is over. */
  next(): RawMessage | undefined {
    if (this.hasEnded) return undefined
    if (this.#begun === undefined) {
      if (this.#prefix === undefined) {
        if (this.#queue.size < prefixLength) return undefined
        this.#prefix = this.#queue.take(prefixLength)
      }
      const length = lengthIn(this.#prefix)
      if (length === 0) {
        this.hasEnded = true
        return undefined
      }
      if (this.#queue.size < length) return undefined
      this.#begun = begin(this.#prefix, this.#queue.take(length))
    }
    const { bodyLength, kind, parts, rows } = this.#begun
    if (this.#queue.size < bodyLength) return undefined
    this.#prefix = undefined
    this.#begun = undefined
    return { kind, rows, parts: bodyLength === 0 ? parts : [...parts, this.#queue.take(bodyLength)] }
  }
}

const lengthIn = (prefix: Uint8Array): number => {
  const words = new DataView(prefix.buffer, prefix.byteOffset, prefixLength)
  const length = words.getInt32(4, true)
  return words.getUint32(0, true) === 0xffffffff && length >= 0
    ? length
    : refuse("", "the beginning of a message of an Arrow stream")
}

const begin = (prefix: Uint8Array, metadata: Uint8Array): Begun => {
  const { bodyLength, header, kind, metadata: read } = readMessage(metadata)
  const rows = kind === "record batch" ? read.size(header, 0, "length") : 0
  return { kind, rows, bodyLength, parts: [prefix, metadata] }
}
