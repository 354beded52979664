/** MD5, which no runtime's own cryptography offers and every storage tells of its files. */

export interface Md5 {
  readonly update: (bytes: Uint8Array) => void
  /** The 16 bytes of the hash of all that came. Nothing may come afterwards. */
  readonly digest: () => Uint8Array<ArrayBuffer>
}

const shifts = /*#__PURE__*/ Int32Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21)

const constants = /*#__PURE__*/ Int32Array.from({ length: 64 }, (_, index) => 2 ** 32 * Math.abs(Math.sin(index + 1)))

const blockSize = 64

const words = 16

export const makeMd5 = (): Md5 => {
  let a = 0x67452301
  let b = 0xefcdab89 | 0
  let c = 0x98badcfe | 0
  let d = 0x10325476
  let length = 0
  /** What does not fill a block yet. */
  const pending = new Uint8Array(blockSize)
  let filled = 0
  const message = new Int32Array(words)

  const takeBlock = (bytes: Uint8Array, from: number): void => {
    for (let word = 0, at = from; word < words; word++, at += 4) {
      message[word] = bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24
    }
    let [p, q, r, s] = [a, b, c, d]
    for (let step = 0; step < 64; step++) {
      const round = step >> 4
      const mixed = round === 0
        ? (q & r) | (~q & s)
        : round === 1
        ? (q & s) | (r & ~s)
        : round === 2
        ? q ^ r ^ s
        : r ^ (q | ~s)
      const word = round === 0 ? step : round === 1 ? 5 * step + 1 : round === 2 ? 3 * step + 5 : 7 * step
      const sum = (p + mixed + constants[step]! + message[word & 15]!) | 0
      const shift = shifts[(round << 2) | (step & 3)]!
      p = s
      s = r
      r = q
      q = (q + (sum << shift | sum >>> (32 - shift))) | 0
    }
    a = (a + p) | 0
    b = (b + q) | 0
    c = (c + r) | 0
    d = (d + s) | 0
  }

  const update = (bytes: Uint8Array): void => {
    length += bytes.length
    let at = 0
    if (filled > 0) {
      at = Math.min(blockSize - filled, bytes.length)
      pending.set(bytes.subarray(0, at), filled)
      filled += at
      if (filled < blockSize) return
      takeBlock(pending, 0)
    }
    for (; at + blockSize <= bytes.length; at += blockSize) takeBlock(bytes, at)
    pending.set(bytes.subarray(at))
    filled = bytes.length - at
  }

  return {
    update,
    digest: () => {
      const bits = length * 8
      update(Uint8Array.of(0x80))
      update(new Uint8Array((blockSize + 56 - filled) % blockSize))
      const end = new DataView(new ArrayBuffer(8))
      end.setUint32(0, bits % 2 ** 32, true)
      end.setUint32(4, Math.floor(bits / 2 ** 32), true)
      update(new Uint8Array(end.buffer))
      const digest = new DataView(new ArrayBuffer(16))
      for (const [index, word] of [a, b, c, d].entries()) digest.setInt32(index * 4, word, true)
      return new Uint8Array(digest.buffer)
    }
  }
}
