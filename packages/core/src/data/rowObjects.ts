/** Rows as objects, from the columns of a batch. */
import type { Column } from "./arrow/column.ts"
import type { Variable } from "../contract/variable.ts"
import type { MisfitInColumn } from "./rows/arrange.ts"
import { type Copy, copyFor, type Values } from "./rowValues.ts"

/**
 * An object with all keys in order. Rows begin as copies of it, so that all have
 * one shape. It is defined key by key, so that `__proto__` is a property as any other.
 */
const templateOf = (variables: ReadonlyArray<Pick<Variable, "name" | "type">>): Record<string, unknown> => {
  const template: Record<string, unknown> = {}
  for (const { name } of variables) {
    Object.defineProperty(template, name, { value: null, enumerable: true, configurable: true, writable: true })
  }
  return template
}

/** Makes objects of rows `from` to (not with) `to` of the batches of one stream, whose columns are those of the variables. */
export const makeRows = (
  variables: ReadonlyArray<Pick<Variable, "name" | "type">>,
  values: Values
): (
  columns: ReadonlyArray<Column>,
  from: number,
  to: number
) => ReadonlyArray<Record<string, unknown>> | MisfitInColumn => {
  const template = templateOf(variables)
  const copies: ReadonlyArray<Copy> = variables.map(({ type }) => copyFor(type, values))
  const cells: Array<unknown> = []
  return (columns, from, to) => {
    const rows: Array<Record<string, unknown>> = []
    for (let row = from; row < to; row++) {
      rows.push({ ...template })
    }
    for (let index = 0; index < variables.length; index++) {
      const { name } = variables[index]!
      const misfit = copies[index]!(columns[index]!, from, to, cells)
      if (misfit !== undefined) return { ...misfit, column: name }
      for (let row = 0; row < rows.length; row++) {
        rows[row]![name] = cells[row]
      }
    }
    return rows
  }
}
