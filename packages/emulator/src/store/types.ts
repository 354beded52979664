/**
 * The eight types of variables: how DuckDB stores them, how Arrow carries them,
 * how they are written as text, and what they become where they meet.
 *
 * @since 0.1.0
 */
import type { ArrowType } from "./arrow/ArrowWriter.ts"
import type { SchemaField, VariableType } from "./model.ts"

const stored: { readonly [Type in VariableType]: readonly [duck: string, arrow: ArrowType] } = {
  string: ["VARCHAR", "utf8"],
  integer: ["BIGINT", "int64"],
  float: ["DOUBLE", "float64"],
  boolean: ["BOOLEAN", "bool"],
  date: ["DATE", "date32"],
  dateTime: ["TIMESTAMP", "timestamp"],
  time: ["TIME", "time64"],
  geography: ["VARCHAR", "utf8"]
}

export const duckTypeOf = (type: VariableType): string => stored[type][0]

export const arrowTypeOf = (type: VariableType): ArrowType => stored[type][1]

export const isVariableType = (text: string): text is VariableType => Object.hasOwn(stored, text)

/** SQL for a value as text, without loss. Of a time of day or a date-time the fraction has six digits or is absent. */
export const textOf = (type: VariableType, value: string): string => {
  switch (type) {
    case "string":
    case "geography":
      return value
    case "integer":
    case "boolean":
    case "date":
      return `CAST(${value} AS VARCHAR)`
    case "float":
      return `CASE WHEN isfinite(${value}) THEN CAST(${value} AS VARCHAR) WHEN isnan(${value}) THEN 'NaN' ` +
        `WHEN ${value} > 0 THEN 'Infinity' WHEN ${value} < 0 THEN '-Infinity' END`
    case "dateTime":
      return `CASE WHEN microsecond(${value}) % 1000000 = 0 THEN CAST(${value} AS VARCHAR) ELSE ` +
        `rpad(CAST(${value} AS VARCHAR), CAST(strlen(CAST(CAST(${value} AS DATE) AS VARCHAR)) + 16 AS INTEGER), '0') END`
    case "time":
      return `CASE WHEN microsecond(${value}) % 1000000 = 0 THEN CAST(${value} AS VARCHAR) ` +
        `ELSE rpad(CAST(${value} AS VARCHAR), 15, '0') END`
  }
}

/** SQL for a value of one type as another that `widen` gave. */
export const castTo = (from: VariableType, to: VariableType, value: string): string =>
  from === to ? value : to === "string" ? textOf(from, value) : `CAST(${value} AS ${duckTypeOf(to)})`

/** A column of a content. */
export interface ContentColumn extends SchemaField {
  /** False for integers that a float cannot hold. */
  readonly isExact: boolean
  /** True where the file has no value, so that its type says nothing. */
  readonly isVacant: boolean
}

const widen = (left: ContentColumn, right: ContentColumn): ContentColumn => {
  const types = new Set([left.type, right.type])
  if (right.isVacant) return left
  if (left.isVacant) return { ...right, name: left.name }
  const isExact = left.isExact && right.isExact
  const to = (type: VariableType): ContentColumn => ({ name: left.name, type, isExact, isVacant: false })
  if (types.size === 1) return to(left.type)
  const isOnly = (...allowed: ReadonlyArray<VariableType>) => [...types].every((type) => allowed.includes(type))
  if (isOnly("integer", "float") && isExact) return to("float")
  if (isOnly("date", "dateTime")) return to("dateTime")
  return to("string")
}

/**
 * Columns of uploads that are stacked: by name without regard to case, in the
 * order and with the spelling in which they first come, wide enough for all.
 */
export const stack = (uploads: ReadonlyArray<ReadonlyArray<ContentColumn>>): ReadonlyArray<SchemaField> => {
  const columns = new Map<string, ContentColumn>()
  for (const column of uploads.flat()) {
    const key = column.name.toLowerCase()
    const earlier = columns.get(key)
    columns.set(key, earlier === undefined ? column : widen(earlier, column))
  }
  return [...columns.values()].map(({ name, type }) => ({ name, type }))
}
