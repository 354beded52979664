/** Tables of datasets and workflows: `/tables`. */
import * as Schema from "effect/Schema"
import { DatasetBase } from "./dataset.ts"
import * as Operation from "./Operation.ts"
import { Owner } from "./owner.ts"
import { AccessLevel, extent } from "./place.ts"
import { BadRequest, Forbidden, NotFound, QuotaExceeded } from "./RedivisError.ts"
import { filled, openLiterals, openStruct, optional, page, paging, rowCount, rowFormat, rowNames } from "./schema.ts"

const base = {
  kind: optional(Schema.Literal("table")),
  uri: Schema.String,
  id: optional(Schema.Union([Schema.String, Schema.Number])),
  url: optional(Schema.String),
  qualifiedReference: Schema.String,
  scopedReference: Schema.String,
  /** Stable across the versions of its dataset. */
  referenceId: optional(Schema.Union([Schema.String, Schema.Number])),
  name: Schema.String,
  /** Changes exactly when the rows or their schema do, which no time of a table tells. */
  hash: optional(Schema.String),
  isSample: optional(Schema.Boolean),
  /** Whether its rows stand for files. */
  isFileIndex: optional(Schema.Boolean)
}

/** A table as it stands in other resources. */
export const TableBase = openStruct({ ...base, uri: optional(Schema.String) })
export interface TableBase extends Schema.Schema.Type<typeof TableBase> {}

const listed = {
  ...base,
  /** Milliseconds since the epoch; new for every table when a draft is opened. */
  createdAt: optional(Schema.Number),
  /** Milliseconds since the epoch; new for every table when a draft is opened, and when it is released. */
  updatedAt: optional(Schema.Number),
  description: optional(Schema.String),
  variableCount: optional(Schema.Number),
  /** What an upload does to the rows of the version before; only on tables of datasets. */
  uploadMergeStrategy: optional(openLiterals(["append", "replace"]))
}

/** A table as it stands in a listing. */
export const TableListItem = openStruct({
  ...listed,
  /** Of a draft it may lag behind its uploads. */
  numRows: optional(Schema.Number),
  numBytes: optional(Schema.Number)
})
export interface TableListItem extends Schema.Schema.Type<typeof TableListItem> {}

/** The dataset or workflow that holds a table; `kind` tells which. */
export const Container = openStruct({
  ...DatasetBase.fields,
  kind: openLiterals(["dataset", "workflow"]),
  qualifiedReference: optional(Schema.String),
  scopedReference: optional(Schema.String),
  name: optional(Schema.String),
  uri: optional(Schema.String),
  owner: optional(Owner)
})
export interface Container extends Schema.Schema.Type<typeof Container> {}

/** A table whole. */
export const Table = openStruct({
  ...listed,
  /** Of a draft it may lag behind its uploads: count with a query. */
  numRows: Schema.Number,
  numBytes: Schema.Number,
  canDownload: optional(Schema.Boolean),
  entity: optional(openStruct({ name: optional(Schema.String) })),
  ...extent,
  publicAccessLevel: optional(AccessLevel),
  accessLevel: optional(AccessLevel),
  scopedAccessLevel: optional(AccessLevel),
  container: Container
})
export interface Table extends Schema.Schema.Type<typeof Table> {}

export const UploadMergeStrategy = Schema.Literals(["append", "replace"])

export const TablePost = Schema.Struct({
  name: filled,
  uploadMergeStrategy: Schema.optionalKey(UploadMergeStrategy),
  isFileIndex: Schema.optionalKey(Schema.Boolean),
  description: Schema.optionalKey(Schema.NullOr(Schema.String))
})
export interface TablePost extends Schema.Schema.Type<typeof TablePost> {}

/** What is changed of a table; what is left out stays as it is. */
export const TablePatch = Schema.Struct({
  name: Schema.optionalKey(filled),
  uploadMergeStrategy: Schema.optionalKey(UploadMergeStrategy),
  /** Null takes it away. */
  description: Schema.optionalKey(Schema.NullOr(Schema.String))
})
export interface TablePatch extends Schema.Schema.Type<typeof TablePatch> {}

/** A place for bytes on the way to an upload. */
export const TempUpload = openStruct({
  kind: optional(Schema.Literal("tempUpload")),
  id: Schema.String,
  /** Absolute, and usually on another origin than the API. */
  url: Schema.String,
  name: optional(Schema.String),
  size: optional(Schema.Union([Schema.String, Schema.Number])),
  /** The server's choice of protocol, whatever was asked for. */
  resumable: Schema.Boolean
})
export interface TempUpload extends Schema.Schema.Type<typeof TempUpload> {}

export const TempUploadsPost = Schema.Struct({
  tempUploads: Schema.Array(Schema.Struct({
    /** In bytes. */
    size: rowCount,
    name: filled,
    resumable: Schema.optionalKey(Schema.Boolean)
  })).check(Schema.isMinLength(1), Schema.isMaxLength(1000))
})

export const listByDataset = Operation.make({
  name: "tables.listByDataset",
  method: "GET",
  path: "/datasets/:dataset/tables",
  query: Schema.Struct(paging),
  success: page(TableListItem),
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"],
  paging: true
})

export const listByWorkflow = Operation.make({
  name: "tables.listByWorkflow",
  method: "GET",
  path: "/workflows/:workflow/tables",
  query: Schema.Struct(paging),
  success: page(TableListItem),
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"],
  paging: true
})

export const get = Operation.make({
  name: "tables.get",
  method: "GET",
  path: "/tables/:table",
  success: Table,
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"]
})

export const head = Operation.make({
  name: "tables.head",
  method: "HEAD",
  path: "/tables/:table",
  kind: "none",
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"]
})

export const post = Operation.make({
  name: "tables.post",
  method: "POST",
  path: "/datasets/:dataset/tables",
  body: TablePost,
  success: Table,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "tables/post"
})

export const patch = Operation.make({
  name: "tables.patch",
  method: "PATCH",
  path: "/tables/:table",
  body: TablePatch,
  success: Table,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "tables/patch"
})

const remove = Operation.make({
  name: "tables.delete",
  method: "DELETE",
  path: "/tables/:table",
  kind: "none",
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"]
})

export { remove as delete }

export const createTempUploads = Operation.make({
  name: "tables.createTempUploads",
  method: "POST",
  path: "/tables/:table/tempUploads",
  body: TempUploadsPost,
  success: openStruct({ kind: optional(Schema.String), results: Schema.Array(TempUpload) }),
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "tables/createtempuploads"
})

/** The rows in one answer; without a format they are `jsonl`. */
export const listRows = Operation.make({
  name: "tables.listRows",
  method: "GET",
  path: "/tables/:table/rows",
  query: Schema.Struct({
    format: Schema.optionalKey(rowFormat),
    selectedVariables: Schema.optionalKey(Schema.Array(filled)),
    maxResults: Schema.optionalKey(rowCount)
  }),
  kind: "bytes",
  failures: [BadRequest, Forbidden, NotFound, QuotaExceeded],
  names: rowNames,
  scopes: ["data.data"],
  anonymous: true,
  documentation: "tables/listrows"
})
