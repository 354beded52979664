/**
 * Fields of rows that DuckDB gave, as the types that the store's own statements
 * make them: a field of another type is a defect.
 *
 * @since 0.1.0
 */
import type { Row } from "./Database.ts"

const wrong = (row: Row, name: string, expected: string): never => {
  throw new TypeError(`column ${name} of the catalogue is ${typeof row[name]}, not ${expected}`)
}

export const text = (row: Row, name: string): string => {
  const value = row[name]
  return typeof value === "string" ? value : wrong(row, name, "text")
}

export const textOrNull = (row: Row, name: string): string | null => row[name] === null ? null : text(row, name)

export const number = (row: Row, name: string): number => {
  const value = row[name]
  return typeof value === "number" ? value : wrong(row, name, "a number")
}

export const numberOrNull = (row: Row, name: string): number | null => row[name] === null ? null : number(row, name)

export const boolean = (row: Row, name: string): boolean => {
  const value = row[name]
  return typeof value === "boolean" ? value : wrong(row, name, "a boolean")
}

/**
 * A text column that holds one of a few words, or JSON, which only the store
 * wrote: what it wrote is what it reads.
 */
export const word = <A extends string>(row: Row, name: string): A => text(row, name) as A

export const wordOrNull = <A extends string>(row: Row, name: string): A | null => textOrNull(row, name) as A | null

/** Sorts by a column of numbers, which takes DuckDB longer than all the rest of a small query. */
export const inOrder = (rows: ReadonlyArray<Row>, name: string): ReadonlyArray<Row> =>
  rows.toSorted((left, right) => number(left, name) - number(right, name))

export const json = <A>(row: Row, name: string): A => JSON.parse(text(row, name)) as A
