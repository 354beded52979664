/** Rows that do not come as they should: fewer, more, broken, corrupt. */
import * as Arrow from "@effect-redivis/core/Arrow"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "./assert.ts"
import { type Case, Place, unseenEnds } from "./Case.ts"
import { during, fault, open, setRowOrder, until } from "./control.ts"
import { organization, shared } from "./seeds.ts"

/** Rows of a batch, as the emulator makes them. */
const batchRows = 10_240

const count = 2 * batchRows + 1000

const table = shared(Effect.map(
  organization("faults", [{
    name: "Faults",
    tables: [
      {
        name: "long",
        text: `n,text\n${Array.from({ length: count }, (_, n) => `${n},t`).join("\n")}`,
        type: "delimited"
      },
      { name: "short", rows: Array.from({ length: 300 }, (_, n) => ({ n })) },
      { name: "bare", rows: [] }
    ]
  }]),
  (owner) => `${owner}.faults`
))

const once = Retry.withPolicy(Retry.never)
const soon = Retry.withPolicy({ maxAttempts: 5, baseDelay: 1 })

const concat = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** All bytes, or those until the failure. */
const bytesUntil = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) => {
  const chunks: Array<Uint8Array> = []
  return stream.pipe(
    Stream.runForEach((chunk) => Effect.sync(() => void chunks.push(chunk))),
    Effect.match({ onFailure: (error) => error, onSuccess: () => undefined }),
    Effect.map((error) => ({ error, bytes: concat(chunks) }))
  )
}

const nothingOpen = until(
  open,
  ({ openStreams, unfinishedResponses }) => openStreams === 0 && unfinishedResponses === 0
)

const numbers = (rows: ReadonlyArray<Table.Row>) => rows.map(({ n }) => Number(n))

const range = (length: number) => Array.from({ length }, (_, n) => n)

export const faults: ReadonlyArray<Case> = [
  {
    name: "rows as bytes that break off are a TransportError in every format, even behind their last byte",
    skip: { webkit: unseenEnds },
    run: Effect.gen(function*() {
      const { runtime } = yield* Place
      const reference = `${yield* table}.short`
      // so that what is cut can be held against what is whole
      yield* setRowOrder(7)
      for (const [format, rows] of [["csv", Table.csv], ["ndjson", Table.ndjson], ["arrow", Table.arrow]] as const) {
        const { bytes: whole, error } = yield* bytesUntil(rows(reference))
        equal(error, undefined)
        for (const cutAfter of [0, 1, Math.floor(whole.length / 2), whole.length - 1, whole.length]) {
          yield* fault({ match: "tables.listRows", times: 1, do: { cutAfter } })
          const cut = yield* once(bytesUntil(rows(reference)))
          isTrue(cut.error?._tag === "TransportError", `${format} cut after ${cutAfter} bytes fails`)
          // Firefox may learn of it before it has told of the headers
          const isEarly = runtime === "firefox" && cutAfter === 0
          matches(cut.error, isEarly ? { reason: cut.error.reason } : { reason: "BodyBroken", status: 200 })
          equal(cut.bytes, whole.slice(0, cut.bytes.length), `${format} until ${cutAfter}`)
          isTrue(cut.bytes.length <= cutAfter, "no more comes than was sent")
        }
      }
    }).pipe(Effect.scoped)
  },
  {
    name: "Arrow bytes hold a proof of their end, whatever cut them short",
    run: Effect.gen(function*() {
      const { bytes: whole } = yield* bytesUntil(Table.arrow(`${yield* table}.short`))
      const rowsIn = (bytes: Uint8Array) =>
        Arrow.readStream(Stream.make(bytes)).pipe(Stream.runFold(() => 0, (sum, { numRows }) => sum + numRows))
      equal(yield* rowsIn(whole), 300)
      for (const length of [0, Math.floor(whole.length / 2), whole.length - 8, whole.length - 1]) {
        matches(yield* failsWith(rowsIn(whole.slice(0, length)), "IntegrityError"), { reason: "MissingEnd" })
      }
    })
  },
  {
    name: "a batch that is corrupt is a DecodeError after the rows before it, of which none is missing",
    run: Effect.gen(function*() {
      const reference = `${yield* table}.long`
      const { streams: [stream] } = yield* ReadSession.create({ table: reference })
      isTrue(stream !== undefined, "there is a stream")
      const { bytes } = yield* bytesUntil(ReadSession.bytes(stream))
      // the last text of the last batch: a byte of its own no longer
      const at = bytes.lastIndexOf(0x74)
      isTrue(bytes.slice(at - 900, at).every((byte) => byte === 0x74), "there are texts before it")
      for (const options of [{}, { streams: 1, ordered: false }]) {
        yield* fault({ match: "readSessions.getStream", times: 1, do: { corrupt: { at, xor: 0x80 } } })
        const rows: Array<Table.Row> = []
        const failure = yield* failsWith(
          Stream.runForEach(Table.rows(reference, options), (row) => Effect.sync(() => void rows.push(row))),
          "DecodeError"
        )
        matches(failure, { operation: "readSessions.getStream", path: "message 4: column \"text\": values" })
        equal(numbers(rows), range(2 * batchRows))
        equal(failure.resume?.arrived, 2 * batchRows)
      }
      yield* fault({ match: "readSessions.getStream", times: 1, do: { corrupt: { at, xor: 0x80 } } })
      const sizes: Array<number> = []
      yield* failsWith(
        Stream.runForEach(Table.batches(reference), ({ numRows }) => Effect.sync(() => void sizes.push(numRows))),
        "DecodeError"
      )
      equal(sizes, [batchRows, batchRows])
      yield* nothingOpen
    }).pipe(Effect.scoped)
  },
  {
    name: "no more rows come than were asked for, although more are sent, over several streams and breaks",
    run: Effect.gen(function*() {
      const reference = `${yield* table}.long`
      const maxResults = batchRows + 5000
      for (const options of [{}, { streams: 3 }, { streams: 3, ordered: false }]) {
        for (const cutAfter of [undefined, 150_000]) {
          yield* Effect.gen(function*() {
            if (cutAfter !== undefined) {
              yield* fault({ match: "readSessions.getStream", times: 1, do: { overrun: 7, cutAfter } })
            }
            yield* fault({ match: "readSessions.getStream", do: { overrun: 7 } })
            const { requests, value: rows } = yield* during(
              Stream.runCollect(Table.rows(reference, { ...options, maxResults })).pipe(soon)
            )
            equal(rows.length, maxResults)
            if (!("ordered" in options)) equal(numbers(rows), range(maxResults))
            else equal(new Set(numbers(rows)).size, maxResults)
            const cut = requests.filter(({ outcome }) => outcome === "aborted")
            isTrue(cutAfter === undefined || cut.length > 0, "a connection broke")
            const batches = yield* Stream.runCollect(Table.batches(reference, { ...options, maxResults }))
            equal(batches.reduce((sum, { numRows }) => sum + numRows, 0), maxResults)
          }).pipe(Effect.scoped)
        }
      }
    })
  },
  {
    name: "rows that are sent beyond those that were asked for are no reason to ask behind the last, where it breaks",
    run: Effect.gen(function*() {
      const reference = `${yield* table}.short`
      const { bytes } = yield* bytesUntil(Table.arrow(reference, { maxResults: 107 }))
      // the connection breaks before the proof of the end comes
      yield* fault({ match: "readSessions.getStream", times: 1, do: { overrun: 7, cutAfter: bytes.length - 8 } })
      const { requests, value: rows } = yield* during(
        Stream.runCollect(Table.rows(reference, { maxResults: 100 })).pipe(soon)
      )
      equal(numbers(rows), range(100))
      // where a runtime throws away what came before the break, all is asked for again
      const offsets = requests.flatMap(({ query }) => query["offset"] ?? [])
      isTrue(offsets.length > 0 && offsets.every((offset) => offset === "0"), `${offsets.join()} are beginnings`)
    }).pipe(Effect.scoped)
  },
  {
    name: "a table without rows gives none, and no batch, and no error",
    run: Effect.gen(function*() {
      const reference = `${yield* table}.bare`
      for (const options of [{}, { streams: 3, ordered: false }]) {
        equal(yield* Stream.runCollect(Table.rows(reference, options)), [])
        equal(yield* Stream.runCollect(Table.batches(reference, options)), [])
      }
      const [batch] = yield* Stream.runCollect(Arrow.readStream(Table.arrow(reference)))
      equal([batch?.numRows, batch?.columns.length], [0, 0])
    })
  }
]
