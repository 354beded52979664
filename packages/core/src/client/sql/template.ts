/** SQL put together from the text of its author and values that stay values. */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import { InvalidInput } from "../../contract/RedivisError.ts"
import type * as Reference from "../../contract/Reference.ts"
import { type Identifier, type Scalar, write } from "./literal.ts"
import { type Ending, read } from "./reader.ts"

// a symbol, which no JSON holds: data from elsewhere must not pass for SQL
const TypeId: unique symbol = /*#__PURE__*/ Symbol.for("@effect-redivis/core/Query/Sql")

/**
 * The text of a query, or a part of one. Made by `Query.sql`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sql {
  readonly [TypeId]: typeof TypeId
  /** With every value in its place, or what is wrong with one of them. */
  readonly text: Result.Result<string, InvalidInput>
}

/**
 * What may stand in the braces of `Query.sql`.
 *
 * @category models
 * @since 0.1.0
 */
export type Value = Scalar | ReadonlyArray<Scalar> | Identifier | Reference.Reference | Sql

export const isSql = (value: unknown): value is Sql => Predicate.hasProperty(value, TypeId)

const within: Record<Exclude<Ending, "plain">, string> = {
  comment: "stands in a comment; take it out",
  blockComment: "stands in a comment; take it out",
  text: "stands in quotes; take them away, a value brings its own",
  name: "stands in backticks; take them away, a name brings its own"
}

const isSpace = (character: string | undefined): boolean => character === undefined || character.trim() === ""

/** Whether a literal next to it would be read together with it. */
const growsTogether = (character: string | undefined): boolean =>
  !isSpace(character) && /[\w'"`.@$\\\u0080-\uffff]/.test(character!)

/** Puts a text together so that each value in it stays a token of its own. */
export interface Writer {
  readonly addText: (text: string) => void
  /** Gives what is wrong, if anything is. */
  readonly addValue: (value: unknown, field: string) => InvalidInput | undefined
  readonly finish: () => string
}

export const makeWriter = (): Writer => {
  let whole = ""
  /** The author's text behind the last value, where nothing is quoted at the beginning. */
  let chunk = ""
  let last: "literal" | "name" | "fragment" | undefined
  const addText = (text: string): void => {
    if (text === "") return
    if (chunk === "" && last !== undefined) {
      const next = text[0]
      const apart = last === "fragment"
        ? !isSpace(next) && !/[)\],;]/.test(next!)
        : last === "literal" && growsTogether(next)
      if (apart) whole += " "
    }
    chunk += text
    whole += text
  }
  const addPiece = (text: string, kind: "literal" | "name" | "fragment"): void => {
    const before = whole.at(-1)
    const apart = kind === "fragment"
      ? !isSpace(before) && !/[([,]/.test(before!)
      : kind === "literal" && growsTogether(before)
    whole += (apart ? " " : "") + text
    chunk = ""
    last = kind
  }
  const refused = (field: string, reason: string): InvalidInput => new InvalidInput({ field, reason })
  return {
    addText,
    addValue: (value, field) => {
      const { ending, tokens } = read(chunk)
      if (ending !== "plain") return refused(field, within[ending])
      if (isSql(value)) {
        if (Result.isFailure(value.text)) {
          const { field: inner, reason } = value.text.failure
          return refused(inner.replace(/^sql/, field), reason)
        }
        const text = value.text.success
        const { ending } = read(text)
        if (ending === "plain") addPiece(text, "fragment")
        // what follows is no part of the fragment's last comment
        else if (ending === "comment") addPiece(`${text}\n`, "fragment")
        else return refused(field, "is a part of SQL that ends in quotes or in a comment; close them in it")
        return undefined
      }
      const written = write(value)
      if ("refusal" in written) return refused(field + written.at, written.refusal)
      if (written.kind === "unqualifiedName") {
        const before = tokens.at(-1)
        if (before !== "FROM" && before !== "JOIN") {
          return refused(field, "is a reference without its container, which may stand behind FROM and JOIN alone")
        }
      }
      addPiece(written.text, written.kind === "name" || written.kind === "unqualifiedName" ? "name" : "literal")
      return undefined
    },
    finish: () => whole
  }
}

const textOf = (
  strings: ReadonlyArray<string | undefined>,
  values: ReadonlyArray<unknown>
): Result.Result<string, InvalidInput> => {
  const writer = makeWriter()
  for (const [index, text] of strings.entries()) {
    if (text === undefined) {
      return Result.fail(
        new InvalidInput({
          field: `sql.strings[${index}]`,
          reason: "has a backslash that JavaScript cannot read; write two of them"
        })
      )
    }
    writer.addText(text)
    if (index < values.length) {
      const problem = writer.addValue(values[index], `sql.values[${index}]`)
      if (problem !== undefined) return Result.fail(problem)
    }
  }
  return Result.succeed(writer.finish())
}

/**
 * SQL with values in it, each quoted by its type, so that none of them can end
 * its literal or add to the query.
 *
 * **Details**
 *
 * What stands in braces:
 *
 * - text, booleans and `null` as `'…'`, `TRUE`, `FALSE`, `NULL`
 * - whole numbers within ±(2^53 - 1) and `bigint` within 64 bits as `INT64`,
 *   other numbers as `FLOAT64`, `NaN` and the infinities among them
 * - `Date`, `DateTime` and `Temporal.Instant` as `DATETIME` in UTC, since the
 *   service's times have no zone; plain types of `Temporal` as what they are
 * - arrays of these, of one type, as `[…]`: `where id in unnest(${ids})`
 * - references that `Reference` made, and {@link identifier}, in backticks, whole
 * - another `Query.sql` as the part that it is
 *
 * Quotes around the braces are refused: a value brings its own. As everywhere
 * in JavaScript a backslash in the template is written twice.
 *
 * **Failures**
 *
 * Nothing fails here: `Query.run` and `Query.create` fail with `InvalidInput`
 * before any request, its field the place of the value, counted from 0
 * (`sql.values[1]`, `sql.values[0][3]` in an array, `sql.values[0].values[1]` in
 * a part). {@link toText} tells it without running.
 *
 * **Example** (Values, a table and a part)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 * import * as Reference from "@effect-redivis/core/Reference"
 * import * as Effect from "effect/Effect"
 *
 * const heavier = (mass: number, species: ReadonlyArray<string>) =>
 *   Effect.gen(function*() {
 *     const birds = yield* Effect.fromResult(Reference.parseTable("demo.penguins.birds"))
 *     const chosen = species.length === 0 ? Query.sql`true` : Query.sql`species in unnest(${species})`
 *     return yield* Query.run(Query.sql`select * from ${birds} where body_mass_g > ${mass} and ${chosen}`)
 *   })
 * ```
 *
 * @category SQL
 * @since 0.1.0
 */
export const sql = (strings: TemplateStringsArray, ...values: ReadonlyArray<Value>): Sql => ({
  [TypeId]: TypeId,
  text: textOf(strings, values)
})

/**
 * The text of a query with every value in its place, as it is sent.
 *
 * **Failures**
 *
 * `InvalidInput`: a value cannot be quoted, or stands in quotes or a comment
 *
 * **Example** (What is sent)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 *
 * const text = Query.toText(Query.sql`select ${"it's"} as word`) // select 'it\'s' as word
 * ```
 *
 * @category SQL
 * @since 0.1.0
 */
export const toText = (sql: Sql): Result.Result<string, InvalidInput> => sql.text
