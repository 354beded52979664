/**
 * What is wrong with a query, said to the person who wrote it.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/**
 * The query cannot be run: it does not parse, names something that is not
 * there, mixes types, or uses a part of GoogleSQL that is not let through.
 *
 * @category errors
 * @since 0.1.0
 */
export class SqlError extends Schema.TaggedError<SqlError>("@effect-redivis/emulator/SqlError")("SqlError", {
  /** What is wrong, where, and what helps. */
  message: Schema.String,
  /** From 1 on. */
  line: Schema.Number,
  /** From 1 on, in UTF-16 units. */
  column: Schema.Number,
  /** What was not let through: `function SOUNDEX`, `clause TABLESAMPLE`, `type BIGNUMERIC`, … */
  construct: Schema.optionalKey(Schema.String)
}) {}

/**
 * Thrown from the depth of the parser and the translator, where a `Result` on
 * every step would cost more than it says. It never leaves `translate.ts`.
 */
export class Refusal extends Error {
  readonly _tag = "Refusal"
  /** Offset in the query's text. */
  readonly at: number
  readonly construct: string | undefined

  constructor(message: string, at: number, construct?: string | undefined) {
    super(message)
    this.at = at
    this.construct = construct
  }
}

export const isRefusal = (thrown: unknown): thrown is Refusal => Predicate.isTagged(thrown, "Refusal")

/** Ends the work on a query. */
export const refuse = (message: string, at: number, construct?: string | undefined): never => {
  throw new Refusal(message, at, construct)
}

/** Line and column of an offset, both from 1 on. */
export const position = (text: string, at: number): { readonly line: number; readonly column: number } => {
  let line = 1
  let start = 0
  for (let index = 0; index < at && index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit === 10 || (unit === 13 && text.charCodeAt(index + 1) !== 10)) {
      line++
      start = index + 1
    }
  }
  return { line, column: Math.max(at - start, 0) + 1 }
}

/** The error that a caller sees. */
export const fromRefusal = (text: string, refusal: Refusal): SqlError => {
  const { column, line } = position(text, refusal.at)
  return new SqlError({
    message: `${refusal.message} at [${line}:${column}]`,
    line,
    column,
    ...(refusal.construct === undefined ? {} : { construct: refusal.construct })
  })
}
