/**
 * A translated expression: DuckDB's SQL for it, and its GoogleSQL type.
 *
 * @since 0.1.0
 */
import { refuse } from "./SqlError.ts"
import type { Expression } from "./syntax.ts"
import * as Types from "./types.ts"

export interface Value {
  /** Needs no parentheses around it. */
  readonly sql: string
  readonly type: Types.Type
  readonly at: number
  /** What a literal says: it takes types that a computed value does not. */
  readonly literal?:
    | { readonly type: "INT64" | "FLOAT64" | "STRING" | "BOOL" | "BYTES"; readonly text: string }
    | undefined
  /** A float that cannot be NaN, whose comparison is then simpler. */
  readonly isNumber?: boolean | undefined
  /** A column, a literal, or what cannot fail for any input. */
  readonly isTotal?: boolean | undefined
}

/** Beyond this the SQL of one expression is a mistake or an attack. */
const longest = 4_000_000

export const value = (
  sql: string,
  type: Types.Type,
  at: number,
  more?: { readonly isNumber?: boolean | undefined; readonly isTotal?: boolean | undefined }
): Value => {
  if (sql.length > longest) refuse("This expression grows too large; take parts of it out into WITH", at)
  return { sql, type, at, ...more }
}

/**
 * A text as DuckDB's literal: without escapes, so that only the quote itself is
 * doubled. DuckDB's parser ends at a zero character, so that is put in by its number.
 */
export const quoteText = (text: string): string => {
  const parts = text.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`)
  return parts.length === 1 ? parts[0]! : `array_to_string([${parts.join(", ")}], chr(0))`
}

export const quoteName = (name: string): string => `"${name.replaceAll("\"", "\"\"")}"`

/** Fails the query while it runs, where GoogleSQL does. */
export const fail = (message: string): string => `error(${quoteText(message)})`

/** Fails while the query runs unless the condition holds. */
export const ensure = (condition: string, sql: string, message: string): string =>
  `CASE WHEN ${condition} THEN ${sql} ELSE ${fail(message)} END`

let depth = 0

/**
 * Uses a value several times and computes it once: a long one is bound by a
 * lambda, since copies of copies would grow without end.
 */
export const once = (sql: string, body: (sql: string) => string): string => {
  if (sql.length <= 60) return body(sql)
  const name = `v${depth}`
  depth++
  try {
    return `list_extract(list_transform([${sql}], lambda ${name}: ${body(name)}), 1)`
  } finally {
    depth--
  }
}

export const castTo = (sql: string, type: Types.Type): string => `CAST(${sql} AS ${Types.duck(type)})`

export const nullOf = (type: Types.Type): string => castTo("NULL", type)

/** The whole number that a literal states, also below zero. */
export const constantInteger = (expression: Expression): number | undefined => {
  if (expression.kind === "literal" && expression.type === "INT64") return Number(expression.value)
  if (expression.kind === "unary" && expression.operator === "-") {
    const positive = constantInteger(expression.of)
    return positive === undefined ? undefined : -positive
  }
  return undefined
}

/** The text that a literal states. */
export const constantText = (expression: Expression): string | undefined =>
  expression.kind === "literal" && expression.type === "STRING" ? expression.value : undefined
