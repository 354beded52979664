/** SQL queries: `/queries`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound, QuotaExceeded } from "./RedivisError.ts"
import { filled, openLiterals, openStruct, optional, rowCount, rowFormat, rowNames, wholeNumber } from "./schema.ts"
import { VariableType } from "./variable.ts"

/** A query, which is its own handle: its `id` serves to wait for it and to read its rows. */
export const Query = openStruct({
  kind: optional(Schema.String),
  uri: optional(Schema.String),
  id: Schema.String,
  status: openLiterals(["queued", "running", "completed", "failed", "cancelled"]),
  errorMessage: optional(Schema.String),
  /** Null until it is completed. */
  outputNumRows: optional(Schema.Number),
  /** Null until it is completed. */
  outputNumBytes: optional(Schema.Number),
  /** Null until it is completed. */
  outputSchema: optional(Schema.Array(openStruct({ name: Schema.String, type: VariableType }))),
  /** Milliseconds since the epoch. */
  finishedAt: optional(Schema.Number)
})
export interface Query extends Schema.Schema.Type<typeof Query> {}

export const QueryPost = Schema.Struct({
  query: filled,
  defaultDataset: Schema.optionalKey(filled),
  defaultWorkflow: Schema.optionalKey(filled),
  /** How long the server waits for the result before it answers, in milliseconds. */
  timeoutMs: Schema.optionalKey(wholeNumber(0, 60_000))
})
export interface QueryPost extends Schema.Schema.Type<typeof QueryPost> {}

export const post = Operation.make({
  name: "queries.post",
  method: "POST",
  path: "/queries",
  body: QueryPost,
  success: Query,
  failures: [BadRequest, Forbidden, NotFound, QuotaExceeded],
  scopes: ["data.data"],
  documentation: "queries/post"
})

export const get = Operation.make({
  name: "queries.get",
  method: "GET",
  path: "/queries/:query",
  success: Query,
  failures: [NotFound],
  scopes: ["data.data"]
})

/** The rows in one answer, as those of a table. */
export const listRows = Operation.make({
  name: "queries.listRows",
  method: "GET",
  path: "/queries/:query/rows",
  query: Schema.Struct({
    format: Schema.optionalKey(rowFormat),
    selectedVariables: Schema.optionalKey(Schema.Array(filled)),
    maxResults: Schema.optionalKey(rowCount)
  }),
  kind: "bytes",
  failures: [BadRequest, NotFound, QuotaExceeded],
  names: rowNames,
  scopes: ["data.data"]
})
