/** What reading would cost, from what the API knows of a table or a result. */
import * as Effect from "effect/Effect"
import type { Redivis } from "../client/Redivis.ts"
import { onSource, type Source } from "../client/resolve.ts"
import type * as Operation from "../contract/Operation.ts"
import * as query from "../contract/query.ts"
import type { Common } from "../contract/RedivisError.ts"
import * as table from "../contract/table.ts"
import * as upload from "../contract/upload.ts"
import { rowsAStream } from "./rows/reading.ts"

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

export const estimate = (
  source: Source,
  options?: { readonly maxResults?: number | undefined }
): Effect.Effect<Estimate, EstimateError, Redivis> =>
  Effect.map(
    onSource<{ readonly rows: number; readonly bytes: number }, EstimateError>(source, {
      table: (redivis, params) =>
        Effect.map(
          redivis.execute(table.get, { params }),
          ({ numBytes, numRows }) => ({ rows: numRows ?? 0, bytes: numBytes ?? 0 })
        ),
      upload: (redivis, params) =>
        Effect.map(
          redivis.execute(upload.get, { params }),
          ({ numBytes, numRows }) => ({ rows: numRows ?? 0, bytes: numBytes ?? 0 })
        ),
      query: (redivis, params) =>
        Effect.map(
          redivis.execute(query.get, { params }),
          ({ outputNumBytes, outputNumRows }) => ({ rows: outputNumRows ?? 0, bytes: outputNumBytes ?? 0 })
        )
    }),
    (whole) => {
      const rows = Math.min(whole.rows, options?.maxResults ?? whole.rows)
      return {
        rows,
        bytes: whole.rows === 0 ? 0 : Math.ceil(whole.bytes * (rows / whole.rows)),
        streams: Math.max(1, Math.min(4, Math.ceil(rows / rowsAStream)))
      }
    }
  )
