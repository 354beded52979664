import { assert, describe, it } from "@effect/vitest"
import { columnValues, exact, failureOf, readAll } from "./reading.ts"
import { mixedByApache, mixedStream } from "./streams.ts"
import { flatStreams, mixedStreams } from "./wholeStreams.ts"

const streams = [...mixedStreams, ...flatStreams]

const shown = (batches: ReturnType<typeof readAll>["batches"]): Array<string> =>
  batches.map((batch) => batch.columns.map((_, i) => columnValues(batch, i).map(exact).join()).join(" | "))

describe("a stream cut at any byte", () => {
  for (const [name, bytes, sentinel] of streams) {
    it(`${name}: whole batches, then MissingEnd`, { timeout: 60_000 }, () => {
      const whole = readAll([bytes], { sentinel })
      assert.strictEqual(whole.failure, undefined)
      const expected = shown(whole.batches)
      for (let length = 0; length < bytes.length; length++) {
        const cut = readAll([bytes.slice(0, length)], { sentinel })
        assert.strictEqual(failureOf(cut), "MissingEnd", `at byte ${length}`)
        assert.deepStrictEqual(shown(cut.batches), expected.slice(0, cut.batches.length), `at byte ${length}`)
      }
    })
  }
})

describe("a stream in pieces", () => {
  for (const [name, bytes, sentinel] of mixedStreams) {
    it(`${name}: the same in pieces of any size, empty ones among them`, { timeout: 60_000 }, () => {
      const expected = shown(readAll([bytes], { sentinel }).batches)
      for (const size of [1, 2, 3, 7, 8, 13, 64, 100, 1023, 1024, 1025]) {
        const pieces: Array<Uint8Array> = [new Uint8Array(0)]
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size), new Uint8Array(0))
        const outcome = readAll(pieces, { sentinel })
        assert.strictEqual(failureOf(outcome), "none")
        assert.deepStrictEqual(shown(outcome.batches), expected, `pieces of ${size}`)
      }
    })
  }

  for (const [name, bytes] of [["hand", mixedStream()], ["apache-arrow", mixedByApache()]] as const) {
    it(`a batch written by ${name} is handed on with its last byte`, { timeout: 60_000 }, () => {
      const counts = Array.from(bytes, (_, i) => readAll([bytes.slice(0, i + 1)]).batches.length)
      const first = counts.indexOf(1)
      // the byte before belonged to the batch, and the next message has not begun
      assert.isBelow(first, bytes.length - 8)
      const next = new DataView(bytes.buffer, bytes.byteOffset).getUint32(first + 1, true)
      assert.strictEqual(next, 0xffffffff)
    })
  }
})
