import { assert, describe, it } from "@effect/vitest"
import { Flatbuffer } from "../../src/data/arrow/flatbuffer.ts"
import { isRefusal } from "../../src/data/arrow/refusal.ts"
import * as W from "./writing.ts"

/** Two fields of one byte each; both stand behind a list of fields that begins at byte 8. */
const bytes = (first: number, second: number): Uint8Array => W.flatbuffer(W.table(W.u8(first), W.u8(second)))

const refusalOf = (buffer: Uint8Array): string | undefined => {
  try {
    new Flatbuffer(buffer).root([1, 1], "root")
    return undefined
  } catch (error) {
    if (isRefusal(error)) return error.expected
    throw error
  }
}

describe("a table of a flatbuffer", () => {
  const list = new DataView(bytes(0, 0).buffer).getUint32(0, true) - 8

  it("is read where its fields stand apart", () => {
    const buffer = new Flatbuffer(bytes(3, 4))
    const table = buffer.root([1, 1], "root")
    assert.deepStrictEqual([buffer.uint8(table, 0, 9), buffer.uint8(table, 1, 9), buffer.uint8(table, 2, 9)], [3, 4, 9])
  })

  it("is refused where two fields stand in the same place", () => {
    const buffer = bytes(3, 0)
    buffer[list + 6] = buffer[list + 4]!
    assert.strictEqual(refusalOf(buffer), "fields that do not overlap")
  })

  it("is refused where something stands that belongs to no field", () => {
    const buffer = bytes(3, 4)
    buffer[list + 6] = 0
    assert.strictEqual(refusalOf(buffer), "zeros between the fields of a table")
  })

  it("may have fields of a later version, which are not looked at", () => {
    const buffer = new Flatbuffer(W.flatbuffer(W.table(W.u8(1), W.u8(2), W.i64(7))))
    buffer.root([1, 1], "root")
    assert.isTrue(buffer.hasUnknownFields)
  })

  it("is refused where a field stands outside it", () => {
    for (const place of [1, 3, 6, 200, 255]) {
      const buffer = bytes(0, 0)
      buffer[list + 4] = place
      assert.strictEqual(refusalOf(buffer), "1 aligned bytes inside their table", `at ${place}`)
    }
  })
})
