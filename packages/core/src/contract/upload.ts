/** Uploads into a table: `/tables/:table/uploads`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { filled, openLiterals, openStruct, optional, page, paging } from "./schema.ts"
import { VariableType, variableTypes } from "./variable.ts"

export const uploadTypes = [
  "delimited",
  "stream",
  "avro",
  "ndjson",
  "parquet",
  "orc",
  "xls",
  "xlsx",
  "dta",
  "sas7bdat",
  "sav",
  "geojson",
  "geojsonl",
  "json",
  "shp",
  "shp.zip",
  "kml"
] as const

/** An upload. */
export const Upload = openStruct({
  kind: optional(Schema.String),
  uri: Schema.String,
  url: optional(Schema.String),
  name: Schema.String,
  id: optional(Schema.Union([Schema.String, Schema.Number])),
  status: openLiterals(["queued", "running", "completed", "failed"]),
  /** The md5 of the file. */
  hash: optional(Schema.String),
  /** Bytes of the file. */
  size: optional(Schema.Union([Schema.Number, Schema.String])),
  /** Null until the import is completed. */
  numRows: optional(Schema.Number),
  /** Bytes of the rows. */
  numBytes: optional(Schema.Number),
  type: optional(openLiterals(uploadTypes)),
  hasHeaderRow: optional(Schema.Boolean),
  /** Null: detected. */
  delimiter: optional(Schema.String),
  quoteCharacter: optional(Schema.String),
  escapeCharacter: optional(Schema.String),
  skipBadRecords: optional(Schema.Boolean),
  badRecordsCount: optional(Schema.Number),
  hasQuotedNewlines: optional(Schema.Boolean),
  nullMarkers: optional(Schema.Array(Schema.String)),
  /** Why the import failed. */
  errorMessage: optional(Schema.String),
  mergeStrategy: optional(openLiterals(["append", "replace"]))
})
export interface Upload extends Schema.Schema.Type<typeof Upload> {}

/** What is said of an upload when it is made. */
export const UploadPost = Schema.Struct({
  name: filled,
  type: Schema.optionalKey(Schema.NullOr(Schema.Literals(uploadTypes))),
  /** Only for the type `stream`. */
  schema: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Struct({
    name: filled,
    type: Schema.Literals(variableTypes)
  })))),
  /** Labels and descriptions by variable. */
  metadata: Schema.optionalKey(Schema.NullOr(Schema.Record(
    Schema.String,
    Schema.Struct({
      label: Schema.optionalKey(Schema.NullOr(Schema.String)),
      description: Schema.optionalKey(Schema.NullOr(Schema.String)),
      valueLabels: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.String)))
    })
  ))),
  hasHeaderRow: Schema.optionalKey(Schema.Boolean),
  skipBadRecords: Schema.optionalKey(Schema.Boolean),
  hasQuotedNewlines: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  allowJaggedRows: Schema.optionalKey(Schema.Boolean),
  quoteCharacter: Schema.optionalKey(Schema.NullOr(Schema.String)),
  escapeCharacter: Schema.optionalKey(Schema.NullOr(Schema.String)),
  nullMarkers: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
  delimiter: Schema.optionalKey(Schema.NullOr(Schema.String)),
  tempUploadId: Schema.optionalKey(Schema.NullOr(filled)),
  transferSpecification: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.String)))
})
export interface UploadPost extends Schema.Schema.Type<typeof UploadPost> {}

/** With `data` the request is a multipart form of its parts `metadata` and `data`; without, it is the JSON alone. */
export const UploadForm = Schema.Struct({
  metadata: UploadPost,
  data: Schema.optionalKey(Schema.Uint8Array)
})

export const list = Operation.make({
  name: "uploads.list",
  method: "GET",
  path: "/tables/:table/uploads",
  query: Schema.Struct(paging),
  success: page(Upload),
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"],
  paging: true
})

export const post = Operation.make({
  name: "uploads.post",
  method: "POST",
  path: "/tables/:table/uploads",
  multipart: UploadForm,
  success: Upload,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "uploads/post"
})

export const get = Operation.make({
  name: "uploads.get",
  method: "GET",
  path: "/tables/:table/uploads/:upload",
  success: Upload,
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"]
})

export const head = Operation.make({
  name: "uploads.head",
  method: "HEAD",
  path: "/tables/:table/uploads/:upload",
  kind: "none",
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"]
})

/** A row for a stream: what JSON has no value for, as a date, is text; a bigint is sent as the number that it is. */
const InsertedRow = Schema.Record(
  Schema.String,
  Schema.NullOr(Schema.Union([
    Schema.String,
    Schema.Number.check(Schema.makeFilter((value: number) => Number.isFinite(value), { expected: "a finite number" })),
    Schema.Boolean,
    Schema.BigInt
  ]))
)

export const InsertRowsPost = Schema.Struct({
  rows: Schema.Array(InsertedRow),
  updateVariables: Schema.optionalKey(Schema.Boolean)
})
export interface InsertRowsPost extends Schema.Schema.Type<typeof InsertRowsPost> {}

const field = { name: Schema.String, type: VariableType }

/** What became of rows that were inserted. */
export const InsertRowsResponse = openStruct({
  kind: optional(Schema.String),
  rowsAdded: optional(Schema.Number),
  rowsSkipped: optional(Schema.Number),
  schemaUpdates: optional(Schema.Array(openStruct({
    addedVariables: optional(Schema.Array(openStruct(field))),
    updatedVariables: optional(Schema.Array(openStruct({ ...field, previousType: optional(VariableType) })))
  })))
})
export interface InsertRowsResponse extends Schema.Schema.Type<typeof InsertRowsResponse> {}

export const insertRows = Operation.make({
  name: "uploads.insertRows",
  method: "POST",
  path: "/tables/:table/uploads/:upload/rows",
  body: InsertRowsPost,
  success: InsertRowsResponse,
  statuses: [201],
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "uploads/insertrows"
})

const remove = Operation.make({
  name: "uploads.delete",
  method: "DELETE",
  path: "/tables/:table/uploads/:upload",
  kind: "none",
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"]
})

export { remove as delete }
