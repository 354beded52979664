/** What reading would cost, from what the API knows of a table or a result. */
import * as Effect from "effect/Effect"
import { type Redivis, withExecutor } from "../client/service.ts"
import { idOf, onTable, onUpload, type UploadInput } from "../client/resolve.ts"
import type * as Operation from "../contract/Operation.ts"
import * as query from "../contract/query.ts"
import type { Common } from "../contract/RedivisError.ts"
import type * as Reference from "../contract/Reference.ts"
import * as table from "../contract/table.ts"
import * as upload from "../contract/upload.ts"
import { streamsFor } from "./rows/reading.ts"
import { checkCount } from "./rows/select.ts"

/**
 * What reading would cost.
 *
 * @category models
 * @since 0.1.0
 */
export interface Estimate {
  /** Rows that would come. */
  readonly rows: number
  /** Bytes that they take in the service, of all variables: those on the wire are about as many. */
  readonly bytes: number
  /** Streams that are worth their requests. */
  readonly streams: number
}

export type EstimateError = Common | Operation.Failure<typeof table.get> | Operation.Failure<typeof query.get>

/** What there is, and how large it is. */
export interface Size {
  readonly rows: number
  readonly bytes: number
  /** What SQL reads it from. */
  readonly from: string
}

export type SizeOf = Effect.Effect<Size, EstimateError, Redivis>

interface Counts {
  readonly numBytes?: number | null | undefined
  readonly numRows?: number | null | undefined
}

const sizeOf = (from: string) => ({ numBytes, numRows }: Counts): Size => ({
  rows: numRows ?? 0,
  bytes: numBytes ?? 0,
  from
})

/** As SQL names a table. */
export const quoted = (table: string): string => `\`${table}\``

/** What SQL would read in place of a result. */
export const itsTables = "the query's tables"

/** The size of a table. */
export const ofTable = (reference: Reference.TableInput): SizeOf =>
  onTable(
    reference,
    (redivis, reference) =>
      Effect.map(redivis.execute(table.get, { params: { table: reference } }), sizeOf(quoted(reference)))
  )

/** The size of an upload. */
export const ofUpload = (reference: Reference.TableInput, input: UploadInput): SizeOf =>
  onUpload(
    reference,
    input,
    (redivis, params) => Effect.map(redivis.execute(upload.get, { params }), sizeOf(quoted(params.table)))
  )

/** The size of a query's result. */
export const ofQuery = (input: string | { readonly id: string }): SizeOf =>
  withExecutor((redivis) =>
    Effect.map(
      redivis.execute(query.get, { params: { query: idOf(input) } }),
      ({ outputNumBytes, outputNumRows }) => sizeOf(itsTables)({ numBytes: outputNumBytes, numRows: outputNumRows })
    )
  )

/** What reading costs of something of that size, up to so many rows. */
export const estimateOf = (whole: Size, maxResults: number | undefined): Estimate => {
  const rows = Math.min(whole.rows, maxResults ?? whole.rows)
  return {
    rows,
    bytes: whole.rows === 0 ? 0 : Math.ceil(whole.bytes * (rows / whole.rows)),
    streams: streamsFor(rows)
  }
}

/** What reading would cost. */
export const estimate = (
  size: SizeOf,
  options?: { readonly maxResults?: number | undefined }
): Effect.Effect<Estimate, EstimateError, Redivis> =>
  Effect.andThen(
    checkCount("maxResults", options?.maxResults, 0),
    Effect.map(size, (size) => estimateOf(size, options?.maxResults))
  )
