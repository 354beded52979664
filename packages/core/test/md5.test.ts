import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { createHash } from "node:crypto"
import { makeMd5 } from "../src/data/md5.ts"

const hexOf = (...chunks: ReadonlyArray<Uint8Array>): string => {
  const md5 = makeMd5()
  for (const chunk of chunks) md5.update(chunk)
  return Buffer.from(md5.digest()).toString("hex")
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

describe("md5", () => {
  it.each([
    ["", "d41d8cd98f00b204e9800998ecf8427e"],
    ["abc", "900150983cd24fb0d6963f7d28e17f72"],
    ["abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"],
    ["1234567890".repeat(8), "57edf4a22be3c955ac49da2e2107b67a"]
  ])("is what RFC 1321 says of %j", (text, expected) => {
    assert.strictEqual(hexOf(bytesOf(text)), expected)
  })

  it("is the same however the bytes come", () => {
    fc.assert(fc.property(
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }),
      (chunks) => {
        const whole = Buffer.concat(chunks)
        assert.strictEqual(hexOf(...chunks), createHash("md5").update(whole).digest("hex"))
      }
    ))
  })

  it("is right around the ends of blocks", () => {
    for (let length = 50; length < 140; length++) {
      const bytes = new Uint8Array(length).fill(length)
      assert.strictEqual(hexOf(bytes), createHash("md5").update(bytes).digest("hex"))
    }
  })
})
