/** The rows of any source: as objects, or as batches of columns. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { decode, shortened } from "../../client/call/validate.ts"
import type { Redivis } from "../../client/Client.ts"
import { defined } from "../../client/defined.ts"
import type { Position } from "../../contract/position.ts"
import type { Batch, Column } from "../arrow/column.ts"
import type { SizeOf } from "../estimate.ts"
import { makeRows } from "../rowObjects.ts"
import type { BatchesOptions, RowsOptions, ShapeOptions } from "../Rows.ts"
import type { Row, Values } from "../rowValues.ts"
import type { MisfitInColumn } from "./arrange.ts"
import { arrangedBatches } from "./batches.ts"
import { begin, readOn } from "./begin.ts"
import { isMisfit, type Reading, type RowsError, type Shape, streamsFor } from "./reading.ts"
import type { RowSource } from "./source.ts"

/**
 * Rows that are handed on together: their objects stay in the processor's cache while column after column is written
 * into them, and are gone before the next are made where nobody keeps them.
 */
const defaultRowsAtOnce = 512

/** The rows as a schema decodes them, or the first that does not fit. */
const decodeAll = (
  rows: ReadonlyArray<unknown>,
  from: number,
  schema: Schema.Decoder<unknown>
): ReadonlyArray<unknown> | MisfitInColumn => {
  const values: Array<unknown> = []
  for (const row of rows) {
    const decoded = decode(schema, row)
    if (Result.isFailure(decoded)) {
      const { message, path, value } = decoded.failure
      return {
        row: from + values.length,
        column: path,
        value: shortened(value, (text) => text),
        expected: `what the schema takes (${message})`
      }
    }
    values.push(decoded.success)
  }
  return values
}

/** What rows become where they are wanted as objects. */
export const rowsOf =
  <A>(options: ShapeOptions<Values, A> | undefined) => (variables: Reading["variables"]): Shape<A> => ({
    reusesMemory: true,
    make: () => {
      const make = makeRows(variables, options?.values ?? {})
      const schema = options?.schema
      const shape = schema === undefined ? make : (columns: ReadonlyArray<Column>, from: number, to: number) => {
        const rows = make(columns, from, to)
        return isMisfit(rows) ? rows : decodeAll(rows, from, schema)
      }
      // the values are converted as V says, and then as the schema does
      return shape as ReturnType<Shape<A>["make"]>
    },
    rowsAtOnce: options?.batchSize ?? defaultRowsAtOnce
  })

/** How a reading goes on from its beginning. */
export const going = <O extends BatchesOptions>(position: Position, options: O | undefined) => ({
  streams: streamsFor(position.numRows),
  ...defined({ ...options })
})

/** The rows of a source as objects, wherever they come from. */
export const rowsFrom = <const V extends Values = {}, A = Row<V>>(
  source: RowSource,
  size: SizeOf,
  options?: RowsOptions<V, A>
): Stream.Stream<A, RowsError, Redivis> =>
  Stream.unwrap(
    Effect.flatMap(begin(source, size, options), (position) =>
      readOn(source, position, rowsOf<A>(options), going(position, options)))
  )

/** The rows of a source as batches of columns, wherever they come from. */
export const batchesFrom = (
  source: RowSource,
  size: SizeOf,
  options?: BatchesOptions
): Stream.Stream<Batch, RowsError, Redivis> =>
  Stream.unwrap(
    Effect.flatMap(begin(source, size, options), (position) =>
      readOn(source, position, arrangedBatches, going(position, options)))
  )
