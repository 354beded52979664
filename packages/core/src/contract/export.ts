/** Exports: tables, uploads and results of queries as files: `/exports`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound, QuotaExceeded } from "./RedivisError.ts"
import { openLiterals, openStruct, optional, wholeNumber } from "./schema.ts"
import { TableBase } from "./table.ts"

export const exportFormats = ["csv", "parquet", "ndjson", "avro", "dta", "sav"] as const

/** An export, which is its own handle: its `id` serves to wait for it and to download its files. */
export const Export = openStruct({
  kind: optional(Schema.String),
  uri: optional(Schema.String),
  id: Schema.String,
  /** Milliseconds since the epoch. */
  createdAt: optional(Schema.Number),
  status: openLiterals(["queued", "running", "completed", "failed", "cancelled"]),
  errorMessage: optional(Schema.String),
  /** From 0 to 100. */
  percentCompleted: optional(Schema.Number),
  format: optional(openLiterals(exportFormats)),
  /** Bytes of all its files. Null until it is completed. */
  size: optional(Schema.Number),
  /** A large export has several. Null until it is completed. */
  fileCount: optional(Schema.Number),
  /** Null where it is not of a table, or the table is gone. */
  table: optional(TableBase)
})
export interface Export extends Schema.Schema.Type<typeof Export> {}

export const ExportPost = Schema.Struct({ format: Schema.optionalKey(Schema.Literals(exportFormats)) })
export interface ExportPost extends Schema.Schema.Type<typeof ExportPost> {}

export const postByTable = Operation.make({
  name: "exports.postByTable",
  method: "POST",
  path: "/tables/:table/exports",
  body: ExportPost,
  success: Export,
  failures: [BadRequest, QuotaExceeded, Forbidden, NotFound],
  scopes: ["data.data"]
})

export const postByUpload = Operation.make({
  name: "exports.postByUpload",
  method: "POST",
  path: "/tables/:table/uploads/:upload/exports",
  body: ExportPost,
  success: Export,
  failures: [BadRequest, QuotaExceeded, Forbidden, NotFound],
  scopes: ["data.data"]
})

export const postByQuery = Operation.make({
  name: "exports.postByQuery",
  method: "POST",
  path: "/queries/:query/exports",
  body: ExportPost,
  success: Export,
  failures: [BadRequest, QuotaExceeded, NotFound],
  scopes: ["data.data"]
})

export const get = Operation.make({
  name: "exports.get",
  method: "GET",
  path: "/exports/:export",
  success: Export,
  failures: [NotFound],
  scopes: ["data.data"]
})

export const download = Operation.make({
  name: "exports.download",
  method: "GET",
  path: "/exports/:export/download",
  /** Which of its files, from 0 on. */
  query: Schema.Struct({ filePart: Schema.optionalKey(wholeNumber(0)) }),
  headers: ["range"],
  kind: "bytes",
  statuses: [206],
  failures: [BadRequest, NotFound, QuotaExceeded],
  scopes: ["data.data"],
  documentation: "exports/download"
})
