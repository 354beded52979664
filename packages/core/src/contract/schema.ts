/**
 * The few schema shapes that the whole contract is written with.
 */
import * as Schema from "effect/Schema"

/** A property that the server may leave out or send as null. */
export const optional = <S extends Schema.Top>(schema: S): Schema.optionalKey<Schema.NullOr<S>> =>
  Schema.optionalKey(Schema.NullOr(schema))

/**
 * A struct of an answer. Answers are validated in place, so properties that the
 * contract does not know stay in the value; they have no type, since an index
 * signature would let a misspelt property compile.
 */
export const openStruct = <const Fields extends Schema.Struct.Fields>(fields: Fields): Schema.Struct<Fields> =>
  Schema.Struct(fields)

/**
 * An enumeration of an answer: the known members, and whatever a newer server
 * adds to them, typed as strings. The union has no name, which declarations of
 * users' own code could not reach.
 */
export const openLiterals = <const Known extends ReadonlyArray<string>>(
  known: Known
): Schema.Codec<Known[number] | (string & {})> =>
  // every string is a member of the open enumeration
  Schema.String.annotate({ examples: known }) as unknown as Schema.Codec<Known[number] | (string & {})>

/** Where the next page begins: opaque, text or a number; null or absent at the end. */
export const PageToken = Schema.Union([Schema.String, Schema.Number])
export type PageToken = string | number

/** One page of a listing. An absent list is an empty one. */
export const page = <S extends Schema.Top>(item: S) =>
  openStruct({
    kind: optional(Schema.String),
    results: optional(Schema.Array(item)),
    nextPageToken: optional(PageToken)
  })

/**
 * A whole number in a range. Effect's own checks carry code for generators,
 * documents and programs, which weighs a kilobyte in a worker that has no use for it.
 */
export const wholeNumber = (minimum: number, maximum?: number) =>
  Schema.Number.check(Schema.makeFilter(
    (value: number) => Number.isSafeInteger(value) && value >= minimum && (maximum === undefined || value <= maximum),
    {
      expected: `a whole number from ${minimum} ${maximum === undefined ? "on" : `to ${maximum}`}`,
      toJsonSchema: () => maximum === undefined ? { multipleOf: 1, minimum } : { multipleOf: 1, minimum, maximum }
    }
  ))

/** Text of a length in UTF-16 units. */
export const text = (minLength: number, maxLength?: number) =>
  Schema.String.check(Schema.makeFilter(
    (value: string) => value.length >= minLength && (maxLength === undefined || value.length <= maxLength),
    {
      expected: maxLength === undefined ? "text that is not empty" : `text of ${minLength} to ${maxLength} characters`,
      toJsonSchema: () => maxLength === undefined ? { minLength } : { minLength, maxLength }
    }
  ))

/** The page size of a listing, which the API calls `maxResults`. */
export const pageSize = /*#__PURE__*/ wholeNumber(1, 1000)

/** A number of rows. */
export const rowCount = /*#__PURE__*/ wholeNumber(0)

/**
 * What rows come as in one answer: CSV with a header; lines of JSON, each an
 * object by the names of the variables; an Arrow IPC stream; and the older
 * lines, each an array of texts.
 */
export const rowFormat = /*#__PURE__*/ Schema.Literals(["csv", "jsonl", "arrow", "ndjson"])

/** What every listing takes. */
export const paging = {
  maxResults: Schema.optionalKey(pageSize),
  pageToken: Schema.optionalKey(PageToken)
}

/** What callers know of rows under other names than the wire's. */
export const rowNames = { selectedVariables: "variables", requestedStreamCount: "streams" }

/** Text that is not empty. */
export const filled = /*#__PURE__*/ text(1)
