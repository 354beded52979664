/** Files of file-index tables: `/rawFiles`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound, QuotaExceeded } from "./RedivisError.ts"
import { filled, openStruct, optional, page } from "./schema.ts"

/** A file, as its making answers. */
export const RawFile = openStruct({
  kind: optional(Schema.String),
  id: Schema.String,
  uri: optional(Schema.String),
  url: optional(Schema.String),
  name: optional(Schema.String),
  /** The md5 of its bytes, in base64. */
  md5Hash: optional(Schema.String),
  /** In bytes. */
  size: optional(Schema.Union([Schema.Number, Schema.String]))
})
export interface RawFile extends Schema.Schema.Type<typeof RawFile> {}

export const RawFilesPost = Schema.Struct({
  files: Schema.Array(Schema.Struct({ name: filled, tempUploadId: filled }))
})
export interface RawFilesPost extends Schema.Schema.Type<typeof RawFilesPost> {}

const listing = Schema.Struct({
  format: Schema.optionalKey(Schema.Literals(["arrow"])),
  /** The variable whose values are ids of files; that of the index where it is not given. */
  fileIdVariable: Schema.optionalKey(filled),
  /** The variable whose values are the files' names. */
  fileNameVariable: Schema.optionalKey(filled)
})

export const listByTable = Operation.make({
  name: "rawFiles.listByTable",
  method: "GET",
  path: "/tables/:table/rawFiles",
  query: listing,
  headers: ["if-modified-since"],
  kind: "arrow",
  statuses: [304],
  failures: [BadRequest, Forbidden, NotFound, QuotaExceeded],
  scopes: ["data.data"]
})

export const listByQuery = Operation.make({
  name: "rawFiles.listByQuery",
  method: "GET",
  path: "/queries/:query/rawFiles",
  query: listing,
  headers: ["if-modified-since"],
  kind: "arrow",
  statuses: [304],
  failures: [BadRequest, NotFound, QuotaExceeded],
  scopes: ["data.data"]
})

export const post = Operation.make({
  name: "rawFiles.post",
  method: "POST",
  path: "/tables/:table/rawFiles",
  body: RawFilesPost,
  success: page(RawFile),
  statuses: [201],
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "files/post"
})

/** From where a file is used: a table that lists it, a workflow, a version of its dataset. */
const context = Schema.Struct({
  workflow: Schema.optionalKey(filled),
  table: Schema.optionalKey(filled),
  version: Schema.optionalKey(filled)
})

export const get = Operation.make({
  name: "rawFiles.get",
  method: "GET",
  path: "/rawFiles/:file",
  query: context,
  headers: ["range"],
  kind: "bytes",
  statuses: [206],
  failures: [BadRequest, Forbidden, NotFound, QuotaExceeded],
  scopes: ["data.data"],
  documentation: "files/get"
})

export const head = Operation.make({
  name: "rawFiles.head",
  method: "HEAD",
  path: "/rawFiles/:file",
  query: context,
  kind: "none",
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"],
  documentation: "files/head"
})
