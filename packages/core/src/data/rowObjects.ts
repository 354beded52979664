/** Rows as objects, from the columns of a batch. */
import type { Batch, Column } from "./arrow/column.ts"
import { type Copy, copyFor, type Misfit, type Values } from "./rowValues.ts"
import type { VariableType } from "../contract/variable.ts"

/** A column of the rows that are wanted: its name there, and its place in the batch. */
export interface Selected {
  readonly name: string
  readonly type: VariableType
  readonly index: number
}

/** A value that does not fit, and in which column. */
export interface MisfitInColumn extends Misfit {
  readonly column: string
}

/** Few enough that a block's objects stay in the processor's cache while column after column is written into them. */
const blockRows = 256

/**
 * An object with all keys in order. Rows begin as copies of it, so that all have
 * one shape. It is defined key by key, so that `__proto__` is a property as any other.
 */
const templateOf = (columns: ReadonlyArray<Selected>): Record<string, unknown> => {
  const template: Record<string, unknown> = {}
  for (const { name } of columns) {
    Object.defineProperty(template, name, { value: null, enumerable: true, configurable: true, writable: true })
  }
  return template
}

/** Makes rows of the batches of one stream. */
export const makeRows = (
  columns: ReadonlyArray<Selected>,
  values: Values
): (batch: Batch, most: number) => ReadonlyArray<Record<string, unknown>> | MisfitInColumn => {
  const template = templateOf(columns)
  const copies: ReadonlyArray<Copy> = columns.map(({ type }) => copyFor(type, values))
  const block: Array<unknown> = []
  return (batch, most) => {
    const count = Math.min(batch.numRows, most)
    const rows = new Array<Record<string, unknown>>(count)
    for (let from = 0; from < count; from += blockRows) {
      const to = Math.min(from + blockRows, count)
      for (let row = from; row < to; row++) {
        rows[row] = { ...template }
      }
      for (let index = 0; index < columns.length; index++) {
        const { index: place, name } = columns[index]!
        const column: Column = batch.columns[place]!
        const misfit = copies[index]!(column, from, to, block)
        if (misfit !== undefined) return { ...misfit, column: name }
        for (let row = from; row < to; row++) {
          rows[row]![name] = block[row - from]
        }
      }
    }
    return rows
  }
}

export const isMisfit = (
  rows: ReadonlyArray<Record<string, unknown>> | MisfitInColumn
): rows is MisfitInColumn => !Array.isArray(rows)
