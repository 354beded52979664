/** Read sessions and their streams: `…/readSessions`, `/readStreams`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound, QuotaExceeded } from "./RedivisError.ts"
import { filled, openStruct, optional, rowCount, rowNames, wholeNumber } from "./schema.ts"

export const ReadStream = openStruct({
  kind: optional(Schema.String),
  id: Schema.String,
  estimatedRows: optional(Schema.Number)
})
export interface ReadStream extends Schema.Schema.Type<typeof ReadStream> {}

export const ReadSession = openStruct({
  kind: optional(Schema.String),
  id: optional(Schema.String),
  /** The rows of all streams together. */
  numRows: Schema.Number,
  streams: Schema.Array(ReadStream)
})
export interface ReadSession extends Schema.Schema.Type<typeof ReadSession> {}

export const ReadSessionPost = Schema.Struct({
  format: Schema.optionalKey(Schema.Literals(["arrow", "csv", "jsonl"])),
  selectedVariables: Schema.optionalKey(Schema.Array(filled)),
  maxResults: Schema.optionalKey(rowCount),
  /** At most so many streams. */
  requestedStreamCount: Schema.optionalKey(wholeNumber(1)),
  allowAnonymousAccess: Schema.optionalKey(Schema.Boolean)
})
export interface ReadSessionPost extends Schema.Schema.Type<typeof ReadSessionPost> {}

export const postByTable = Operation.make({
  name: "readSessions.postByTable",
  method: "POST",
  path: "/tables/:table/readSessions",
  body: ReadSessionPost,
  success: ReadSession,
  failures: [BadRequest, Forbidden, NotFound, QuotaExceeded],
  scopes: ["data.data"],
  repeatable: "always",
  names: rowNames,
  documentation: "readsessions/post"
})

export const postByUpload = Operation.make({
  name: "readSessions.postByUpload",
  method: "POST",
  path: "/tables/:table/uploads/:upload/readSessions",
  body: ReadSessionPost,
  success: ReadSession,
  failures: [BadRequest, Forbidden, NotFound, QuotaExceeded],
  scopes: ["data.data"],
  repeatable: "always",
  names: rowNames,
  documentation: "readsessions/post"
})

export const postByQuery = Operation.make({
  name: "readSessions.postByQuery",
  method: "POST",
  path: "/queries/:query/readSessions",
  body: ReadSessionPost,
  success: ReadSession,
  failures: [BadRequest, NotFound, QuotaExceeded],
  scopes: ["data.data"],
  repeatable: "always",
  names: rowNames,
  documentation: "readsessions/post"
})

export const getStream = Operation.make({
  name: "readSessions.getStream",
  method: "GET",
  path: "/readStreams/:stream",
  query: Schema.Struct({
    /** The row to begin at. */
    offset: Schema.optionalKey(rowCount),
    /** Whether the server ends the rows with a batch of none, which proves the end. */
    eosSentinel: Schema.optionalKey(Schema.Boolean)
  }),
  kind: "arrow",
  failures: [BadRequest, NotFound, QuotaExceeded],
  scopes: ["data.data"],
  documentation: "readsessions/get"
})
