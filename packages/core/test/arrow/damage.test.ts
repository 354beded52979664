import { assert, describe, it } from "@effect/vitest"
import * as Apache from "apache-arrow"
import type { Batch } from "../../src/data/Arrow.ts"
import { columnValues, exact, type Outcome, readAll } from "./reading.ts"
import {
  byApache,
  byFlechette,
  flatCases,
  handWritten,
  mixedByApache,
  mixedByFlechette,
  mixedStream
} from "./streams.ts"
import * as W from "./writing.ts"

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

const streams: ReadonlyArray<readonly [name: string, bytes: Uint8Array, sentinel: boolean]> = [
  ["the mixed stream with a sentinel", mixedStream(), true],
  ["the mixed stream padded to 64 bytes", mixedStream({ alignment: 64, bufferAlignment: 64 }), true],
  ["apache-arrow's mixed stream", mixedByApache(), false],
  ["flechette's mixed stream", mixedByFlechette(), false],
  [
    "a stream without batches",
    W.concat(
      W.schema([W.fields.int("a", 64), W.fields.utf8("b"), W.fields.bool("c")], { pairs: [["key", "value"]] }),
      W.end
    ),
    false
  ],
  [
    "apache-arrow's stream without rows",
    Apache.tableToIPC(Apache.tableFromArrays({ a: new Float64Array(0) }), "stream"),
    false
  ],
  [
    "columns without bytes",
    W.concat(
      W.schema([W.fields.null("a"), W.fields.null("b")]),
      W.recordBatch(3, [W.columns.null(3), W.columns.null(3)]),
      W.end
    ),
    false
  ],
  ...flatCases.flatMap((flat) =>
    [handWritten(flat), byApache(flat), byFlechette(flat)].flatMap((bytes, writer) =>
      bytes === undefined
        ? []
        : [[`${flat.name}, written by ${["hand", "apache-arrow", "flechette"][writer]}`, bytes, false] as const]
    )
  )
]

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

/** Counts what typed arrays are made anew, while `run` runs. */
const allocatedBy = (run: () => void): number => {
  const names = ["Uint8Array", "Int32Array", "Uint32Array", "Float64Array", "BigInt64Array", "BigUint64Array"] as const
  const originals = names.map((name) => globalThis[name])
  let bytes = 0
  names.forEach((name, i) => {
    // a stand-in that counts and then makes what was asked for
    globalThis[name] = new Proxy(originals[i]!, {
      construct: (target, parameters: Array<unknown>, newTarget) => {
        const made = Reflect.construct(target, parameters, newTarget) as Uint8Array
        if (typeof parameters[0] === "number") bytes += made.byteLength
        return made
      }
    }) as never
  })
  try {
    run()
  } finally {
    names.forEach((name, i) => {
      globalThis[name] = originals[i] as never
    })
  }
  return bytes
}

describe("a damaged stream's memory", () => {
  for (const [name, bytes, sentinel] of streams.slice(0, 7)) {
    it(`${name}: at most four times what was received and 1 MiB`, { timeout: 60_000 }, () => {
      const damaged = bytes.slice()
      for (let at = 0; at < bytes.length; at++) {
        for (const damage of [0xff, 0x80]) {
          damaged[at]! ^= damage
          const allocated = allocatedBy(() => readAll([damaged], { sentinel }))
          damaged[at]! ^= damage
          assert.isAtMost(allocated, 4 * bytes.length + 2 ** 20, `byte ${at} ^ ${damage}`)
        }
      }
    })
  }
})
