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

/** The known members of an enumeration, and whatever a newer server adds to them. */
export type Open<Known extends string> = Known | (string & {})

/** An enumeration of an answer: unknown members are accepted, and typed as strings. */
export const openLiterals = <const Known extends ReadonlyArray<string>>(
  known: Known
): Schema.Codec<Open<Known[number]>> =>
  // every string is a member of the open enumeration
  Schema.String.annotate({ examples: known }) as unknown as Schema.Codec<Open<Known[number]>>

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

/** The page size of a listing, which the API calls `maxResults`. */
export const pageSize = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))

/** A number of rows. */
export const rowCount = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** What every listing takes. */
export const paging = {
  maxResults: Schema.optionalKey(pageSize),
  pageToken: Schema.optionalKey(PageToken)
}

/** Text that is not empty. */
export const filled = Schema.String.check(Schema.isMinLength(1))
