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
  /** Never NULL. */
  readonly isPresent?: boolean | undefined
  /** What it was computed from, where the sum of several operators is checked once. */
  readonly unchecked?: Unchecked | undefined
}

/** Arithmetic of floats whose result may be beyond the range. */
export interface Unchecked {
  readonly operands: ReadonlyArray<Value>
  readonly build: (operands: ReadonlyArray<string>) => string
}

/** Beyond this the SQL of one expression is a mistake or an attack. */
const longest = 4_000_000

export const value = (
  sql: string,
  type: Types.Type,
  at: number,
  more?: Partial<Pick<Value, "isNumber" | "isTotal" | "isPresent" | "unchecked">>
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

/** Begins what a query says itself, so that no other word of DuckDB's passes for it. */
export const spoken = "\u0002"

/** Whether what is translated gives NULL where it would fail. */
let isSafe = false

/** Behind `SAFE.` a call gives NULL where it would fail; DuckDB's own `TRY` takes no call that only fails. */
export const withoutFailing = <A>(body: () => A): A => {
  const before = isSafe
  isSafe = true
  try {
    return body()
  } finally {
    isSafe = before
  }
}

/** Fails the query while it runs, where GoogleSQL does. */
export const fail = (message: string): string => isSafe ? "NULL" : `error(${quoteText(spoken + message)})`

/** The same with values in the message: texts of SQL, joined. */
export const failWith = (...parts: ReadonlyArray<string>): string =>
  isSafe ? "NULL" : `error(concat(${[quoteText(spoken), ...parts].join(", ")}))`

/** Fails while the query runs unless the condition holds. */
export const ensure = (condition: string, sql: string, message: string): string =>
  `CASE WHEN ${condition} THEN ${sql} ELSE ${fail(message)} END`

let depth = 0

/** Shorter ones are written again, which costs less than binding them. */
const shortest = 60

const isVolatile = (sql: string): boolean => sql.includes("random()") || sql.includes("uuid()")

/** Whether the SQL holds what DuckDB takes in no lambda: a query, or a window. */
const isOpen = (sql: string): boolean =>
  /SELECT | OVER \(/.test(sql) && /SELECT | OVER \(/.test(sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ""))

/**
 * Uses values several times and computes each once: long ones are bound by a
 * lambda, since copies of copies would grow without end.
 */
export const onceEach = (
  values: ReadonlyArray<string>,
  body: (values: ReadonlyArray<string>) => string
): string => {
  const isLong = values.map((sql) => sql.length > shortest || isVolatile(sql))
  if (!isLong.includes(true)) return body(values)
  // beside a long one, what stands in no lambda has to be bound too
  const bound = values.flatMap((sql, index) => isLong[index] || isOpen(sql) ? [index] : [])
  const name = `v${depth}`
  depth++
  let inner: string
  try {
    inner = body(
      values.map((sql, index) =>
        !bound.includes(index) ? sql : bound.length === 1 ? name : `struct_extract(${name}, 'f${index}')`
      )
    )
  } finally {
    depth--
  }
  if (isOpen(inner)) return body(values)
  const item = bound.length === 1
    ? values[bound[0]!]!
    : `{${bound.map((index) => `'f${index}': ${values[index]}`).join(", ")}}`
  return `list_extract(list_transform([${item}], lambda ${name}: ${inner}), 1)`
}

/** The same with one value, which is computed outside of the body: DuckDB's `TRY` takes no query. */
export const outside = (sql: string, body: (sql: string) => string): string => {
  const name = `v${depth}`
  depth++
  try {
    return `list_extract(list_transform([${sql}], lambda ${name}: ${body(name)}), 1)`
  } finally {
    depth--
  }
}

/** As `onceEach`, with one value. */
export const once = (sql: string, body: (sql: string) => string): string => onceEach([sql], ([bound]) => body(bound!))

export const castTo = (sql: string, type: Types.Type): string => `CAST(${sql} AS ${Types.duck(type)})`

export const nullOf = (type: Types.Type): string => castTo("NULL", type)

/** Whether the SQL reads no column, and so says the same for every row. */
export const isConstant = (sql: string): boolean => !/\b[tgr]\d*\.[a-z]/.test(sql.replace(/'(?:[^']|'')*'/g, ""))

/** The texts of a list that are not NULL, one behind the other; DuckDB's own takes no separator that is computed. */
export const joined = (list: string, separator: string): string =>
  /^'[^']*'$/.test(separator)
    ? `array_to_string(${list}, ${separator})`
    : onceEach([list, separator], ([items, between]) =>
      `array_to_string(list_transform(list_filter(${items}, lambda item: item IS NOT NULL), lambda item, i: CASE WHEN i = 1 THEN item ELSE concat(${between}, item) END), '')`)

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
