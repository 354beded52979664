import { isRefusal, isShortfall, type Refusal, type Shortfall } from "../../src/data/arrow/refusal.ts"
import { type ReaderOptions, StreamReader } from "../../src/data/arrow/streamReader.ts"
import type { Batch, Value } from "../../src/data/Arrow.ts"

/** What reading gave: whole batches, then perhaps why there are no more. */
export interface Outcome {
  readonly batches: ReadonlyArray<Batch>
  readonly failure: Refusal | Shortfall | undefined
}

/** Reads chunks to their end; anything thrown that is no refusal goes through. */
export const readAll = (chunks: ReadonlyArray<Uint8Array>, options: ReaderOptions = {}): Outcome => {
  const reader = new StreamReader(options)
  const batches: Array<Batch> = []
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0 // what is thrown a hundred thousand times need not say from where
  try {
    for (const chunk of chunks) batches.push(...reader.push(chunk))
    reader.end()
  } catch (error) {
    if (isRefusal(error) || isShortfall(error)) return { batches, failure: error }
    throw error
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  return { batches, failure: undefined }
}

export const columnValues = (batch: Batch, index: number): Array<Value> => {
  const column = batch.columns[index]!
  return Array.from({ length: batch.numRows }, (_, row) => column.at(row))
}

/** The values of all batches, column by column. */
export const valuesOf = (batches: ReadonlyArray<Batch>): Array<Array<Value>> =>
  (batches[0]?.schema.fields ?? []).map((_, index) => batches.flatMap((batch) => columnValues(batch, index)))

/** A text by which two values are the same exactly if they are equal, NaN and -0 included. */
export const exact = (value: Value): string =>
  typeof value === "string"
    ? JSON.stringify(value)
    : Object.is(value, -0)
    ? "-0"
    : `${value}${typeof value === "bigint" ? "n" : ""}`

export const failureOf = (outcome: Outcome): string =>
  outcome.failure === undefined
    ? "none"
    : isShortfall(outcome.failure)
    ? outcome.failure.reason
    : `${outcome.failure.path}: ${outcome.failure.expected}`
