/** Rows as objects, from the columns of a batch. */
import type { Batch } from "./arrow/column.ts"
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

/** Makes objects of rows `from` to (not with) `to` of the batches of one stream. */
export const makeRows = (
  columns: ReadonlyArray<Selected>,
  values: Values
): (batch: Batch, from: number, to: number) => ReadonlyArray<Record<string, unknown>> | MisfitInColumn => {
  const template = templateOf(columns)
  const copies: ReadonlyArray<Copy> = columns.map(({ type }) => copyFor(type, values))
  const cells: Array<unknown> = []
  return (batch, from, to) => {
    const rows: Array<Record<string, unknown>> = []
    for (let row = from; row < to; row++) {
      rows.push({ ...template })
    }
    for (let index = 0; index < columns.length; index++) {
      const { index: place, name } = columns[index]!
      const misfit = copies[index]!(batch.columns[place]!, from, to, cells)
      if (misfit !== undefined) return { ...misfit, column: name }
      for (let row = 0; row < rows.length; row++) {
        rows[row]![name] = cells[row]
      }
    }
    return rows
  }
}

export const isMisfit = (
  rows: ReadonlyArray<Record<string, unknown>> | MisfitInColumn
): rows is MisfitInColumn => !Array.isArray(rows)
