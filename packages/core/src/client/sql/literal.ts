/** Values and names as GoogleSQL writes them: one literal each, whatever is in them. */
import * as DateTime from "effect/DateTime"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Reference from "../../contract/Reference.ts"

// a symbol, which no JSON holds: data from elsewhere must not pass for a name
const NameTypeId: unique symbol = /*#__PURE__*/ Symbol.for("@effect-redivis/core/Query/Identifier")

/**
 * A name, to be written in backticks as a whole. Made by `Query.identifier`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Identifier {
  readonly [NameTypeId]: typeof NameTypeId
  readonly name: string
}

/**
 * Marks a text as a name: of a table, a column, or what else SQL has names for.
 *
 * **Details**
 *
 * It is written in backticks, whole: `demo.penguins.birds` is the name of a
 * table, and no path of a column in a table.
 *
 * **Example** (A column that is chosen later)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 *
 * const counts = (column: string) =>
 *   Query.sql`select ${Query.identifier(column)}, count(*) from \`demo.penguins.birds\` group by 1`
 * ```
 *
 * @category SQL
 * @since 0.1.0
 */
export const identifier = (name: string): Identifier => ({ [NameTypeId]: NameTypeId, name })

export const isIdentifier = (value: unknown): value is Identifier => Predicate.hasProperty(value, NameTypeId)

/**
 * A date or time of `Temporal`, where the runtime has it. Its calendar is not
 * looked at: GoogleSQL has the ISO calendar alone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Temporal {
  readonly [Symbol.toStringTag]:
    | "Temporal.PlainDate"
    | "Temporal.PlainTime"
    | "Temporal.PlainDateTime"
    | "Temporal.Instant"
  readonly toString: () => string
}

/**
 * A single value that a query may hold as a literal.
 *
 * @category models
 * @since 0.1.0
 */
export type Scalar = string | number | bigint | boolean | null | Date | DateTime.DateTime | Temporal

/** What a literal is to GoogleSQL, as far as the elements of an array must agree. */
type Kind = "STRING" | "number" | "BOOL" | "DATE" | "TIME" | "DATETIME" | "NULL"

export type Written =
  | { readonly text: string; readonly kind: Kind | "ARRAY" | "name" | "unqualifiedName" }
  /** Where in the value, as `[3]`, and why. */
  | { readonly at: string; readonly refusal: string }

const refuse = (refusal: string, at = ""): Written => ({ at, refusal })

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  "`": "\\`",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t"
}

/** The character's own escape, else its number in hexadecimal digits. */
const escaped = (character: string): string =>
  escapes[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`

/** Without what ends or breaks the quotes, and without characters that nobody sees. */
// oxlint-disable-next-line no-control-regex -- they are what is escaped
const escape = (text: string): string => text.replace(/[\\'`\u0000-\u001f\u007f]/g, escaped)

/** A lone surrogate is no character: UTF-8 would put another one in its place. */
// oxlint-disable-next-line no-misleading-character-class -- halves are what is looked for
const hasHalf = (text: string): boolean => /[\ud800-\udfff]/u.test(text)

const half = "holds half of a surrogate pair, which is not a character"

export const writeText = (text: string): Written =>
  hasHalf(text) ? refuse(half) : { text: `'${escape(text)}'`, kind: "STRING" }

export const writeName = (name: string): Written => {
  if (name === "") return refuse("is an empty name")
  if (name.includes("\0")) return refuse("holds the character U+0000, which no name has")
  return hasHalf(name) ? refuse(half) : { text: `\`${escape(name)}\``, kind: "name" }
}

/** In parentheses, since two minus signs in a row begin a comment. */
const writeSigned = (text: string): Written => ({ text: text.startsWith("-") ? `(${text})` : text, kind: "number" })

const writeNumber = (value: number): Written => {
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf"
    return { text: `CAST('${name}' AS FLOAT64)`, kind: "number" }
  }
  if (Object.is(value, -0)) return writeSigned("-0.0")
  if (Number.isSafeInteger(value)) return writeSigned(String(value))
  const text = String(value)
  // beyond 2^53 a number stands for more than one integer, and is written as the float that it is
  return writeSigned(/[.e]/.test(text) ? text : `${text}.0`)
}

const writeBigint = (value: bigint): Written =>
  BigInt.asIntN(64, value) === value
    ? writeSigned(String(value))
    : refuse("is an integer beyond 64 bits; write it as text and cast it in SQL")

const dateTimePattern = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,6})0*)?Z?$/

const writeDateTime = (iso: string): Written => {
  const [, date, time, fraction] = dateTimePattern.exec(iso) ?? []
  if (date === undefined || date.startsWith("0000")) {
    return refuse("is a time that DATETIME has not: years go from 1 to 9999, fractions to microseconds")
  }
  const rest = fraction === undefined || /^0*$/.test(fraction) ? "" : `.${fraction}`
  return { text: `DATETIME '${date}T${time}${rest}'`, kind: "DATETIME" }
}

const writeInstant = (epochMilliseconds: number): Written =>
  typeof epochMilliseconds === "number" && Math.abs(epochMilliseconds) <= 8.64e15
    ? writeDateTime(new Date(epochMilliseconds).toISOString())
    : refuse("is an invalid date")

const writeTemporal = (value: Temporal): Written => {
  // an annotation of the calendar may follow; the text is checked whole, whoever made the object
  const text = value.toString().replace(/\[u-ca=[a-z0-9-]+\]$/, "")
  switch (value[Symbol.toStringTag]) {
    case "Temporal.PlainDate":
      return /^\d{4}-\d\d-\d\d$/.test(text) && !text.startsWith("0000")
        ? { text: `DATE '${text}'`, kind: "DATE" }
        : refuse("is a date that DATE has not: years go from 1 to 9999")
    case "Temporal.PlainTime":
      return /^\d\d:\d\d:\d\d(\.\d{1,6})?$/.test(text)
        ? { text: `TIME '${text}'`, kind: "TIME" }
        : refuse("is a time that TIME has not: fractions go to microseconds")
    default:
      return writeDateTime(text)
  }
}

const temporals = new Set([
  "Temporal.PlainDate",
  "Temporal.PlainTime",
  "Temporal.PlainDateTime",
  "Temporal.Instant"
])

const isTemporal = (value: object): value is Temporal =>
  Symbol.toStringTag in value && temporals.has(value[Symbol.toStringTag] as string) // whatever it is, only these pass

const isReference = /*#__PURE__*/ Schema.is(
  /*#__PURE__*/ Schema.Union([
    Reference.TableReference,
    Reference.DatasetReference,
    Reference.WorkflowReference,
    Reference.NodeReference
  ])
)

/** References are data, and data from elsewhere may look like one: without a dot it would be the name of any column. */
const writeReference = (reference: Reference.Reference): Written => {
  const text = Reference.format(reference)
  const written = writeName(text)
  return "refusal" in written || text.includes(".") ? written : { ...written, kind: "unqualifiedName" }
}

const writeArray = (values: ReadonlyArray<unknown>): Written => {
  const texts: Array<string> = []
  let kind: Kind | undefined
  // by index: what is missing in a sparse array is refused too
  for (let index = 0; index < values.length; index++) {
    const at = `[${index}]`
    const value = values[index]
    if (Array.isArray(value)) return refuse("is an array in an array, which GoogleSQL has not", at)
    const written = write(value)
    if ("refusal" in written) return refuse(written.refusal, at + written.at)
    if (written.kind === "ARRAY" || written.kind === "name" || written.kind === "unqualifiedName") {
      return refuse("is a name in an array of values", at)
    }
    if (written.kind !== "NULL") {
      if (kind !== undefined && written.kind !== kind) {
        return refuse("has another type than the elements before it", at)
      }
      kind = written.kind
    }
    texts.push(written.text)
  }
  return { text: `[${texts.join(", ")}]`, kind: "ARRAY" }
}

/** The literal of a value, or the quoted name of a reference or an identifier. */
export const write = (value: unknown): Written => {
  switch (typeof value) {
    case "string":
      return writeText(value)
    case "number":
      return writeNumber(value)
    case "bigint":
      return writeBigint(value)
    case "boolean":
      return { text: value ? "TRUE" : "FALSE", kind: "BOOL" }
    case "undefined":
      return refuse("is undefined; give null for NULL")
    case "object":
      break
    default:
      return refuse(`is a ${typeof value}, which SQL has no literal for`)
  }
  if (value === null) return { text: "NULL", kind: "NULL" }
  if (Array.isArray(value)) return writeArray(value)
  if (isIdentifier(value)) return writeName(value.name)
  if (Predicate.isDate(value)) return writeInstant(value.getTime())
  if (DateTime.isDateTime(value)) return writeInstant(value.epochMilliseconds)
  if (isTemporal(value)) return writeTemporal(value)
  if (isReference(value)) return writeReference(value)
  return refuse("is an object, which SQL has no literal for; give its fields one by one")
}
