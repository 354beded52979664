/**
 * Reads mutated streams for a while, in a thread of its own: `fuzz.test.ts`
 * watches it, so that a reading that never ends is found too.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as FastCheck from "fast-check"
import { isMainThread, parentPort, workerData } from "node:worker_threads"
import * as Arrow from "../../src/data/Arrow.ts"
import { pullBatches } from "../../src/data/arrow/pullBatches.ts"
import { makeRows } from "../../src/data/rowObjects.ts"
import type { Values } from "../../src/data/rowValues.ts"
import { makeArrange } from "../../src/data/rows/arrange.ts"
import { isMisfit } from "../../src/data/rows/reading.ts"
import { allocatedBy, bound } from "./allocating.ts"
import { type Fuzzed, fuzzed, streams } from "./mutations.ts"
import { exact } from "./reading.ts"

export interface Task {
  readonly seconds: number
  readonly seed: number
  readonly path: string | undefined
  /** How many runs have begun: its first number. */
  readonly progress: Int32Array<SharedArrayBuffer>
}

/** How often readings ended in what. */
export interface Done {
  readonly runs: number
  readonly endings: Readonly<Record<string, number>>
  /** Runs that gave batches before they failed. */
  readonly partial: number
  readonly failure: string | undefined
}

/** Rows of a batch that are looked at: one without bytes may claim any number of them. */
const mostRows = 100

/** Each text is as long as its bytes. */
const checkTexts = ({ name, offsets, values }: Arrow.Column, texts: ReadonlyArray<Arrow.Value>): void => {
  for (const [row, text] of texts.entries()) {
    const bytes = Number(offsets![row + 1]) - Number(offsets![row])
    if (Number(offsets![row + 1]) > values.length) throw new Error(`row ${row} of ${name} ends outside of its bytes`)
    if (typeof text === "string" && new TextEncoder().encode(text).length !== bytes) {
      throw new Error(`row ${row} of ${name} is not of ${bytes} bytes`)
    }
  }
}

const shownColumn = (column: Arrow.Column): string => {
  const rows = Math.min(column.length, mostRows)
  const copied: Array<Arrow.Value> = []
  column.copyTo(copied, 0, rows)
  const texts = copied.map(exact)
  for (let row = rows - 1; row >= 0; row--) {
    if (exact(column.at(row)) !== texts[row]) throw new Error(`row ${row} of ${column.name} has two values`)
  }
  const nulls = copied.filter((value) => value === null).length
  // a dictionary may have a null among its values
  if (column.dictionary === undefined && rows === column.length && nulls !== column.nullCount) {
    throw new Error(`${column.name} has ${nulls} nulls, not ${column.nullCount}`)
  }
  if (column.offsets !== undefined) checkTexts(column, copied)
  return column.dictionary === undefined ? texts.join() : `${texts.join()} of ${shownColumn(column.dictionary)}`
}

const shown = (batch: Arrow.Batch): string =>
  `${batch.numRows} rows: ${batch.columns.map((column) => `${column.name} ${shownColumn(column)}`).join(" | ")}`

const types = ["integer", "float", "boolean", "string", "geography", "date", "time", "dateTime"]

const forms: ReadonlyArray<Values> = [
  {},
  { integer: "bigint", date: "days", time: "micros", dateTime: "micros" },
  { dateTime: "dateTime" },
  ...("Temporal" in globalThis ? [{ date: "temporal", time: "temporal", dateTime: "temporal" } as const] : [])
]

/** As the rows of a table, whose variables are stored in another way more often than not: at most a value does not fit. */
const readRows = (batch: Arrow.Batch, first: number): void => {
  // a batch without bytes may claim any number of rows; a session's count holds it to fewer
  if (batch.numRows > 10_000) return
  const variables = batch.schema.fields.map(({ name }, index) => ({
    name,
    type: types[(first + index) % types.length]!
  }))
  const columns = makeArrange(variables, batch.schema)(batch, batch.numRows)
  if ("expected" in columns) return
  for (const values of forms) {
    const rows = makeRows(variables, values)(columns, 0, batch.numRows)
    if (!isMisfit(rows) && rows.length !== batch.numRows) throw new Error(`${rows.length} rows of ${batch.numRows}`)
  }
}

/** The bytes in pieces that lie in a pool among other bytes, as Node hands them on. */
const inPieces = (bytes: Uint8Array, lengths: ReadonlyArray<number>, others: number): Array<Uint8Array> => {
  const all: Array<Uint8Array> = []
  const step = lengths.reduce((sum, length) => sum + length, 0)
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const length = step === 0 ? bytes.length : lengths[index % lengths.length]!
    const piece = bytes.subarray(at, at + length)
    const pool = new Uint8Array(piece.length + 128).fill(others)
    pool.set(piece, 64)
    all.push(pool.subarray(64, 64 + piece.length))
    at += piece.length
  }
  return all
}

interface Ending {
  readonly tag: "whole" | "DecodeError" | "IntegrityError"
  readonly why: string
}

const endingOf = (result: Result.Result<void, { readonly _tag: string; readonly message: string }>): Ending => {
  if (Result.isSuccess(result)) return { tag: "whole", why: "" }
  const error = result.failure
  if (error._tag !== "DecodeError" && error._tag !== "IntegrityError") throw new Error(`it failed with ${error._tag}`)
  // how many bytes are there too many depends on how many came at a time
  return { tag: error._tag, why: error.message.replace(/\d+ bytes follow/, "bytes follow") }
}

interface Outcome {
  readonly batches: ReadonlyArray<string>
  readonly ending: Ending
}

/** As a user reads a stream: every batch is kept until the end. */
const read = ({ bytes, options, pieces, variable }: Fuzzed): Outcome => {
  const chunks = inPieces(bytes, pieces, 0x53)
  const batches: Array<Arrow.Batch> = []
  let ending: Ending | undefined
  const allocated = allocatedBy(() => {
    ending = endingOf(Effect.runSync(
      Arrow.readStream(Stream.fromIterable(chunks), options).pipe(
        Stream.runForEach((batch) => Effect.sync(() => void batches.push(batch))),
        Effect.result
      )
    ))
  })
  if (allocated > bound(bytes.length)) {
    throw new Error(`${allocated} bytes were allocated for the ${bytes.length} that came`)
  }
  for (const batch of batches) readRows(batch, variable)
  return { batches: batches.map(shown), ending: ending! }
}

/** As rows are read: the memory of each batch serves again, and so does that of a batch before it. */
const readAgain = ({ bytes, options, otherPieces }: Fuzzed): Outcome => {
  const chunks = inPieces(bytes, otherPieces, 0xac)
  const batches: Array<string> = []
  const next = pullBatches(Effect.sync(() => chunks.shift()), { ...options, reusesMemory: true })
  const all: Effect.Effect<void, Effect.Error<typeof next>> = Effect.flatMap(next, (batch) => {
    if (batch === undefined) return Effect.void
    batches.push(shown(batch))
    return all
  })
  return { batches, ending: endingOf(Effect.runSync(Effect.result(all))) }
}

const whole = new Map(
  streams.map(([name, bytes, sentinel]) => [
    name,
    read({
      name,
      bytes,
      isWhole: true,
      options: { sentinel, maxRows: undefined },
      pieces: [bytes.length],
      otherPieces: [bytes.length],
      variable: 0
    })
  ])
)

const fuzz = ({ path, progress, seconds, seed }: Task): Done => {
  const endings: Record<string, number> = {}
  let partial = 0
  let runs = 0
  const law = (input: Fuzzed): void => {
    Atomics.store(progress, 0, ++runs)
    const outcome = read(input)
    const again = readAgain(input)
    if (JSON.stringify(outcome) !== JSON.stringify(again)) {
      throw new Error(`two readings differ: ${JSON.stringify([outcome, again], undefined, 1)}`)
    }
    if (input.isWhole && JSON.stringify(outcome) !== JSON.stringify(whole.get(input.name))) {
      throw new Error(`in other pieces it is another stream: ${JSON.stringify(outcome, undefined, 1)}`)
    }
    const { tag } = outcome.ending
    endings[tag] = (endings[tag] ?? 0) + 1
    if (tag !== "whole" && outcome.batches.length > 0) partial++
  }
  const details = FastCheck.check(FastCheck.property(fuzzed, law), {
    seed,
    ...(path === undefined ? undefined : { path }),
    numRuns: Number.MAX_SAFE_INTEGER,
    plugins: [FastCheck.interruptAfterTimeLimit(seconds * 1000)]
  })
  return { runs, endings, partial, failure: details.failed ? FastCheck.defaultReportMessage(details) : undefined }
}

if (!isMainThread) parentPort?.postMessage(fuzz(workerData as Task)) // as fuzz.test.ts starts it
