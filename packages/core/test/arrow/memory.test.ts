import { assert, describe, it } from "@effect/vitest"
import { isRefusal } from "../../src/data/arrow/refusal.ts"
import { StreamReader } from "../../src/data/arrow/streamReader.ts"
import { failureOf, readAll } from "./reading.ts"
import * as W from "./writing.ts"

const f = W.fields
const huge = 2n ** 40n
const schema = W.schema([f.int("n", 32), f.utf8("t")])
const column = W.columns.numbers([1, 2])
const text = W.columns.texts(["a", "b"])

/** Bytes of array buffers that are alive more after `run` than before it, at most. */
const memoryOf = (run: () => unknown): number => {
  const before = process.memoryUsage()
  const kept = run()
  const after = process.memoryUsage()
  assert.isDefined(kept)
  return after.arrayBuffers - before.arrayBuffers + Math.max(0, after.external - before.external)
}

describe("a length that claims more than was received", () => {
  const body = (
    length: bigint
  ): ReadonlyArray<readonly [bigint, bigint]> => [[0n, 0n], [0n, 8n], [8n, 0n], [8n, 12n], [24n, length]]
  const claims: ReadonlyArray<readonly [name: string, bytes: Uint8Array, failure: string]> = [
    ["metadata of 2^31 - 8 bytes", W.message(1, W.table(), undefined, { metadataLength: 2 ** 31 - 8 }), "MissingEnd"],
    [
      "a body of 2^40 bytes that its buffers do not fill",
      W.concat(schema, W.recordBatch(2, [column, text], { bodyLength: huge })),
      "message 2: body"
    ],
    [
      "a body of 2^40 bytes in which one buffer fills it",
      W.concat(schema, W.recordBatch(2, [column, text], { bodyLength: huge, regions: body(huge - 24n) })),
      "MissingEnd"
    ],
    [
      "a buffer of 2^40 bytes",
      W.concat(schema, W.recordBatch(2, [column, text], { regions: body(huge) })),
      "message 2: buffer 4"
    ],
    [
      "a buffer of 2^63 - 1 bytes",
      W.concat(schema, W.recordBatch(2, [column, text], { regions: body(2n ** 63n - 1n) })),
      "message 2: buffers"
    ],
    [
      "2^31 - 1 rows",
      W.concat(
        schema,
        W.recordBatch(2, [column, text], { length: 2n ** 31n - 1n, nodes: [[2 ** 31 - 1, 0], [2 ** 31 - 1, 0]] })
      ),
      "message 2: column \"n\": values"
    ],
    [
      "2^31 - 1 rows of nulls, which have no bytes",
      W.concat(
        W.schema([f.null("a"), f.null("b")]),
        W.recordBatch(2 ** 31 - 1, [W.columns.null(2 ** 31 - 1), W.columns.null(2 ** 31 - 1)])
      ),
      "message 2: length"
    ],
    ["2^31 - 1 rows of no column", W.concat(W.schema([]), W.recordBatch(2 ** 31 - 1, [])), "message 2: length"],
    [
      "a dictionary of 2^31 - 1 texts",
      W.concat(
        W.schema([f.dictionary(f.utf8("t"), 0)]),
        W.dictionaryBatch(0, 2, text, { length: 2n ** 31n - 1n, nodes: [[2 ** 31 - 1, 0]] })
      ),
      "message 2: column \"t\": offsets"
    ]
  ]
  for (const [name, bytes, failure] of claims) {
    it(`${name}: nothing is allocated for it`, () => {
      const allocated = memoryOf(() => {
        const outcome = readAll([bytes])
        assert.isTrue(failureOf(outcome).startsWith(failure), failureOf(outcome))
        return outcome
      })
      assert.isBelow(allocated, 2 ** 20)
    })
  }

  it("a vector of more fields than there are bytes is refused", () => {
    const bytes = schema.slice()
    const count = bytes.findIndex((_, i) => new DataView(bytes.buffer).getUint32(i, true) === 2 && i > 40)
    assert.isAbove(count, 0)
    new DataView(bytes.buffer).setUint32(count, 2 ** 30, true)
    assert.isTrue(isRefusal(readAll([bytes]).failure))
  })

  it("fields that all stand in the same place are refused before they are many", { timeout: 60_000 }, () => {
    const elements = 20_000
    const last = W.table(
      W.i16(0),
      W.tables(W.fieldTable(f.int("n", 32)), ...Array.from({ length: elements - 1 }, () => W.table()))
    )
    const metadata = W.padded(W.flatbuffer(W.table(W.i16(4), W.u8(1), W.to(last), W.i64(0))))
    const view = new DataView(metadata.buffer)
    let vector = 0
    while (view.getUint32(vector, true) !== elements) vector += 4
    // each element refers to the first one's table
    const target = vector + 4 + view.getUint32(vector + 4, true)
    for (let i = 0; i < elements; i++) view.setUint32(vector + 4 + 4 * i, target - vector - 4 - 4 * i, true)
    const prefix = new Uint8Array(8)
    new DataView(prefix.buffer).setUint32(0, 0xffffffff, true)
    new DataView(prefix.buffer).setInt32(4, metadata.length, true)
    const outcome = readAll([W.concat(prefix, metadata)])
    assert.include(failureOf(outcome), "metadata whose parts do not overlap")
  })
})

describe("memory while a body arrives", () => {
  const values = Array.from({ length: 200_000 }, (_, i) => `row ${i}`)
  const bytes = W.concat(W.schema([f.utf8("t")]), W.recordBatch(values.length, [W.columns.texts(values)]), W.end)

  for (const size of [1, 100, 5_000, 65_536]) {
    it(`in pieces of ${size} bytes: at most four times what was received and 1 MiB`, { timeout: 60_000 }, () => {
      const length = size === 1 ? 200_000 : bytes.length
      const allocated = memoryOf(() => {
        const reader = new StreamReader({})
        const batches = []
        for (let at = 0; at < length; at += size) {
          batches.push(...reader.push(bytes.slice(at, Math.min(length, at + size))))
        }
        return [reader, batches]
      })
      // the pieces themselves are among what is counted, and may not have been collected yet
      assert.isBelow(allocated, 2 * (length + 4 * length + 2 ** 20))
    })
  }

  it("small pieces are gathered, so that none is kept alone", { timeout: 60_000 }, () => {
    const reader = new StreamReader({})
    const heap = process.memoryUsage().heapUsed
    for (let at = 0; at < 1_000_000; at++) reader.push(bytes.subarray(at, at + 1))
    // a view each would take about 100 MB
    assert.isBelow(process.memoryUsage().heapUsed - heap, 4 * 1_000_000 + 50 * 2 ** 20)
  })
})

it("a cell of 100 MB of text is one string", { timeout: 60_000 }, () => {
  const size = 100_000_000
  const none = new Uint8Array(0)
  const reader = new StreamReader({})
  reader.push(W.schema([f.utf8("t")]))
  reader.push(W.recordBatch(2, [{ nulls: 0, buffers: [none, none, none] }], {
    bodyLength: 16 + size,
    regions: [[0, 0], [0, 12], [16, size]]
  }))
  reader.push(W.padded(new Uint8Array(Int32Array.of(0, size, size).buffer)))
  const [batch] = reader.push(new Uint8Array(size).fill(97))
  assert.strictEqual((batch!.columns[0]!.at(0) as string).length, size)
  assert.strictEqual(batch!.columns[0]!.at(1), "")
})
