/** What of a reading travels to another process: where it goes on that broke, and streams of its session. */
import * as Schema from "effect/Schema"

/** What rows are of: a table's reference, an upload of it, or a query's id. */
const source = Schema.Union([
  Schema.Struct({ table: Schema.String, upload: Schema.optionalKey(Schema.String) }),
  Schema.Struct({ query: Schema.String })
])

/** The variables that are read, in their order. */
const variables = Schema.Array(Schema.Struct({ name: Schema.String, type: Schema.String }))

/**
 * How far rows were read: everything that another process needs to go on from
 * the first row that was not handed on, but credentials.
 *
 * @category models
 * @since 0.1.0
 */
export const Position = Schema.Struct({
  /** What the rows are of: a table's reference, an upload of it, or a query's id. */
  source,
  /** The variables that are read, in their order. */
  variables,
  /** How integers, dates and times are given: the option `values` of the reading. */
  values: Schema.Record(Schema.String, Schema.String),
  /** Whether the streams are read one after the other. */
  ordered: Schema.Boolean,
  /** Rows that the session has. */
  numRows: Schema.Number,
  /** Rows that the session was asked for at most. */
  maxResults: Schema.optionalKey(Schema.Number),
  /** Rows that arrived. */
  arrived: Schema.Number,
  /** Rows that are still wanted. */
  remaining: Schema.Number,
  /** When the session was made, in milliseconds since the epoch: it lives for 6 hours. */
  createdAt: Schema.Number,
  /** Whether the streams are not all of the session, so that the rows of these are fewer. */
  partial: Schema.optionalKey(Schema.Boolean),
  /** The session's streams, and the rows that were handed on of each. */
  streams: Schema.Array(Schema.Struct({
    id: Schema.String,
    offset: Schema.Number,
    done: Schema.Boolean,
    estimatedRows: Schema.optionalKey(Schema.Number)
  }))
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Position extends Schema.Schema.Type<typeof Position> {}

/**
 * One stream of a session, and all that another process needs to read it, but
 * credentials.
 *
 * @category models
 * @since 0.1.0
 */
export const StreamDescriptor = Schema.Struct({
  id: Schema.String,
  /** What its bytes are; Arrow where it is not said. */
  format: Schema.optionalKey(Schema.Literals(["csv", "jsonl"])),
  /** The rows of this stream, as the server expects them. */
  estimatedRows: Schema.optionalKey(Schema.Number),
  /** What the rows are of: a table's reference, an upload of it, or a query's id. */
  source,
  /** The variables that are read, in their order. */
  variables,
  /** Rows that all streams of the session have together. */
  numRows: Schema.Number,
  /** Rows that the session was asked for at most. */
  maxResults: Schema.optionalKey(Schema.Number),
  /** When the session was made, in milliseconds since the epoch: it lives for 6 hours. */
  createdAt: Schema.Number
})
/**
 * @category models
 * @since 0.1.0
 */
export interface StreamDescriptor extends Schema.Schema.Type<typeof StreamDescriptor> {}
