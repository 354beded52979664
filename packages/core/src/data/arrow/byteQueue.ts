const smallest = 1024
const blockSize = 16384
const nothing = /*#__PURE__*/ new Uint8Array(0)

/**
 * Bytes that were received and not read yet. What it holds is never more than
 * a small multiple of what was received: a large chunk is kept as it is, small
 * ones are gathered, and nothing is allocated for a length that was only
 * announced.
 */
export class ByteQueue {
  #segments: Array<Uint8Array> = []
  /** The first segment that is not read to its end, and how far it is read. */
  #head = 0
  #position = 0
  #block: Uint8Array = nothing
  #blockUsed = 0
  /** How many bytes are there to be read. */
  size = 0

  push(bytes: Uint8Array): void {
    this.size += bytes.length
    if (bytes.length >= smallest) {
      this.#segments.push(bytes)
      return
    }
    let from = 0
    while (from < bytes.length) {
      if (this.#blockUsed === this.#block.length) {
        this.#block = new Uint8Array(blockSize)
        this.#blockUsed = 0
      }
      const start = this.#blockUsed
      const count = Math.min(bytes.length - from, this.#block.length - start)
      this.#block.set(bytes.subarray(from, from + count), start)
      this.#blockUsed += count
      const last = this.#segments.at(-1)
      if (last !== undefined && last.buffer === this.#block.buffer && last.byteOffset + last.length === start) {
        this.#segments[this.#segments.length - 1] = this.#block.subarray(last.byteOffset, this.#blockUsed)
      } else {
        this.#segments.push(this.#block.subarray(start, this.#blockUsed))
      }
      from += count
    }
  }

  /** Moves the next `count` bytes, which must be there, to the beginning of `spare` if they fit, else of a new buffer. */
  take(count: number, spare?: ArrayBuffer): Uint8Array<ArrayBuffer> {
    const fits = spare !== undefined && spare.byteLength >= count
    const taken = fits ? new Uint8Array(spare, 0, count) : new Uint8Array(count)
    let filled = 0
    while (filled < count) {
      const segment = this.#segments[this.#head]! // `size` said that it is there
      const length = Math.min(count - filled, segment.length - this.#position)
      taken.set(
        length === segment.length ? segment : segment.subarray(this.#position, this.#position + length),
        filled
      )
      filled += length
      this.#position += length
      if (this.#position === segment.length) {
        this.#segments[this.#head] = nothing // lets the garbage collector have it
        this.#head++
        this.#position = 0
      }
    }
    if (this.#head === this.#segments.length) {
      this.#segments = []
      this.#head = 0
    } else if (this.#head > 64) {
      this.#segments = this.#segments.slice(this.#head)
      this.#head = 0
    }
    this.size -= count
    return taken
  }
}
