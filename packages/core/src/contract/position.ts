/** Where reading rows goes on that broke. */
import * as Schema from "effect/Schema"

/**
 * How far rows were read: everything that another process needs to go on from
 * the first row that was not handed on, but credentials.
 *
 * @category models
 * @since 0.1.0
 */
export const Position = Schema.Struct({
  /** What the rows are of: a table's reference, an upload of it, or a query's id. */
  source: Schema.Union([
    Schema.Struct({ table: Schema.String, upload: Schema.optionalKey(Schema.String) }),
    Schema.Struct({ query: Schema.String })
  ]),
  /** The variables that are read, in their order. */
  variables: Schema.Array(Schema.Struct({ name: Schema.String, type: Schema.String })),
  /** How integers, dates and times are given: the option `values` of the reading. */
  values: Schema.Record(Schema.String, Schema.String),
  /** Whether the streams are read one after the other. */
  ordered: Schema.Boolean,
  /** Rows that the session has. */
  numRows: Schema.Number,
  /** Rows that arrived. */
  arrived: Schema.Number,
  /** Rows that are still wanted. */
  remaining: Schema.Number,
  /** When the session was made, in milliseconds since the epoch: it lives for 6 hours. */
  createdAt: Schema.Number,
  /** The session's streams, and the rows that were handed on of each. */
  streams: Schema.Array(Schema.Struct({ id: Schema.String, offset: Schema.Number, done: Schema.Boolean }))
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Position extends Schema.Schema.Type<typeof Position> {}
