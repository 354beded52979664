import { assert, describe, it } from "@effect/vitest"
import * as Apache from "apache-arrow"
import type { Batch } from "../../src/data/Arrow.ts"
import { allocatedBy, bound } from "./allocating.ts"
import { columnValues, exact, type Outcome, readAll } from "./reading.ts"
import { emptyStreams, flatStreams, mixedStreams, type NamedStream } from "./wholeStreams.ts"

const damages = [0xff, 0x01, 0x80]
const moreDamages = [...damages, 0x08, 0x40, 0x03, 0x10]

interface Place {
  readonly kind: "schema" | "dictionary" | "batch" | "end"
  /** The batch or dictionary, counted apart. */
  readonly index: number
  readonly start: number
  readonly bodyStart: number
  readonly end: number
}

/** The messages of a well-formed stream, found by another reader. */
const messagesOf = (bytes: Uint8Array): ReadonlyArray<Place> => {
  const places: Array<Place> = []
  const counts = { schema: 0, dictionary: 0, batch: 0, end: 0 }
  const reader = new Apache.MessageReader(bytes)
  let at = 0
  for (const message of reader) {
    const kind = message.isSchema() ? "schema" : message.isDictionaryBatch() ? "dictionary" : "batch"
    const metadataLength = new DataView(bytes.buffer, bytes.byteOffset).getInt32(at + 4, true)
    const bodyStart = at + 8 + metadataLength
    const end = bodyStart + message.bodyLength
    places.push({ kind, index: counts[kind]++, start: at, bodyStart, end })
    reader.readMessageBody(message.bodyLength)
    at = end
  }
  places.push({ kind: "end", index: 0, start: at, bodyStart: bytes.length, end: bytes.length })
  assert.strictEqual(at + 8, bytes.length)
  return places
}

/** Which column's buffer a byte of a batch's body belongs to; undefined for padding. */
const columnAt = (batch: Batch, offset: number): number | undefined => {
  const found = batch.columns.findIndex(({ offsets, validity, values }) =>
    [validity, values, offsets].some((memory) =>
      memory !== undefined && memory.buffer.byteLength > 0 && offset >= memory.byteOffset &&
      offset < memory.byteOffset + memory.byteLength
    )
  )
  return found === -1 ? undefined : found
}

const shown = (batch: Batch): Array<string> => batch.columns.map((_, i) => columnValues(batch, i).map(exact).join())

const shape = (batch: Batch): Array<string> =>
  batch.schema.fields.map((field) =>
    JSON.stringify(field, (_, value: unknown) => typeof value === "bigint" ? `${value}n` : value)
  )

const different = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): Array<number> =>
  left.flatMap((item, i) => item === right[i] ? [] : [i])

const streams: ReadonlyArray<NamedStream> = [...mixedStreams, ...emptyStreams, ...flatStreams]

/** The stream inside a pool whose other bytes are a secret, as Node hands bytes on. */
const inPool = (bytes: Uint8Array): Uint8Array => {
  const pool = new Uint8Array(bytes.length + 8192).fill(0x53)
  pool.set(bytes, 4096)
  return pool.subarray(4096, 4096 + bytes.length)
}

interface Whole {
  readonly bytes: Uint8Array
  readonly sentinel: boolean
  readonly batches: ReadonlyArray<Batch>
  readonly shape: ReadonlyArray<string>
  readonly shown: ReadonlyArray<ReadonlyArray<string>>
}

/** What is wrong with the outcome of damage at one byte; undefined if nothing is. */
const judge = (whole: Whole, { batches, failure }: Outcome, place: Place, at: number): string | undefined => {
  if (batches.length > whole.batches.length) return "more batches"
  if (failure === undefined && batches.length < whole.batches.length) return "a batch is missing without an error"
  const changed = new Set<number>()
  for (const [i, batch] of batches.entries()) {
    if (batch.numRows !== whole.batches[i]!.numRows) return "another count of rows"
    const changedFields = different(shape(batch), whole.shape)
    if (batch.columns.length !== whole.shape.length) return "another count of columns"
    if (changedFields.length > 0 && place.kind !== "schema") return "another schema"
    const changedColumns = different(shown(batch), whole.shown[i]!)
    if (changedColumns.length > 0 && place.kind === "batch" && i !== place.index) return "another batch changed"
    for (const column of [...changedFields, ...changedColumns]) changed.add(column)
  }
  if (changed.size > 1) return `columns ${[...changed].join()} changed`
  if (changed.size === 0 || place.kind === "schema" || place.kind === "dictionary") return undefined
  if (place.kind === "end") return "the end changed a column"
  if (failure !== undefined) return "a wrong batch came before the error"
  const hit = at < place.bodyStart ? undefined : columnAt(whole.batches[place.index]!, at - place.bodyStart)
  return at < place.bodyStart || changed.has(hit ?? -1)
    ? undefined
    : `column ${[...changed].join()} changed, not ${hit}`
}

describe("a stream damaged at any byte", () => {
  for (const [name, bytes, sentinel] of streams) {
    const values = name.includes("written by") ? damages : moreDamages
    it(`${name}: a typed error, or a change where the damage is`, { timeout: 60_000 }, () => {
      const { batches, failure } = readAll([bytes], { sentinel })
      assert.strictEqual(failure, undefined)
      const whole: Whole = { bytes, sentinel, batches, shape: shape(batches[0]!), shown: batches.map(shown) }
      const places = messagesOf(bytes)
      const damaged = inPool(bytes)
      for (let at = 0; at < bytes.length; at++) {
        const place = places.find(({ end, start }) => at >= start && at < end)!
        for (const damage of values) {
          damaged[at]! ^= damage
          const wrong = judge(whole, readAll([damaged], { sentinel }), place, at)
          damaged[at]! ^= damage
          if (wrong !== undefined) assert.fail(`byte ${at} (${place.kind} ${place.index}) ^ ${damage}: ${wrong}`)
        }
      }
    })
  }
})

describe("a damaged stream's memory", () => {
  for (const [name, bytes, sentinel] of [...mixedStreams, ...emptyStreams]) {
    it(`${name}: at most four times what was received and 1 MiB`, { timeout: 60_000 }, () => {
      const damaged = bytes.slice()
      for (let at = 0; at < bytes.length; at++) {
        for (const damage of [0xff, 0x80]) {
          damaged[at]! ^= damage
          const allocated = allocatedBy(() => readAll([damaged], { sentinel }))
          damaged[at]! ^= damage
          assert.isAtMost(allocated, bound(bytes.length), `byte ${at} ^ ${damage}`)
        }
      }
    })
  }
})
