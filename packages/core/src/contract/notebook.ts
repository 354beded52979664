/** Notebooks of workflows, and the jobs that run them: `/notebooks`, `/notebookJobs`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { filled, openStruct, optional, page, paging, rowCount } from "./schema.ts"
import { Table, TempUpload } from "./table.ts"
import { listedNode, wholeNode } from "./workflowNode.ts"

/** A notebook as it stands in a listing. */
export const NotebookListItem = openStruct(listedNode)
export interface NotebookListItem extends Schema.Schema.Type<typeof NotebookListItem> {}

/** A notebook whole. While it runs it is the handle of that job. */
export const Notebook = openStruct(wholeNode)
export interface Notebook extends Schema.Schema.Type<typeof Notebook> {}

export const NotebookPatch = Schema.Struct({
  name: Schema.optionalKey(filled),
  /** The reference of a table. */
  sourceTable: Schema.optionalKey(filled)
})
export interface NotebookPatch extends Schema.Schema.Type<typeof NotebookPatch> {}

export const NotebookTempUploadsPost = Schema.Struct({
  tempUploads: Schema.Array(Schema.Struct({
    /** In bytes. */
    size: rowCount,
    resumable: Schema.optionalKey(Schema.Boolean)
  })).check(Schema.isMinLength(1), Schema.isMaxLength(1000))
})

export const OutputTablePut = Schema.Struct({
  /** The server's choice where it is null. */
  name: Schema.optionalKey(Schema.NullOr(filled)),
  /** Whether the rows are added to those that are there, in place of replacing them. */
  append: Schema.optionalKey(Schema.Boolean),
  /** Null: the server finds out. */
  geographyVariables: Schema.optionalKey(Schema.NullOr(Schema.Array(filled))),
  tempUploadId: filled
})
export interface OutputTablePut extends Schema.Schema.Type<typeof OutputTablePut> {}

export const list = Operation.make({
  name: "notebooks.list",
  method: "GET",
  path: "/workflows/:workflow/notebooks",
  query: Schema.Struct(paging),
  success: page(NotebookListItem),
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"],
  paging: true
})

export const get = Operation.make({
  name: "notebooks.get",
  method: "GET",
  path: "/notebooks/:notebook",
  success: Notebook,
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"]
})

export const head = Operation.make({
  name: "notebooks.head",
  method: "HEAD",
  path: "/notebooks/:notebook",
  kind: "none",
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"]
})

export const patch = Operation.make({
  name: "notebooks.patch",
  method: "PATCH",
  path: "/notebooks/:notebook",
  body: NotebookPatch,
  success: Notebook,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})

export const run = Operation.make({
  name: "notebooks.run",
  method: "POST",
  path: "/notebooks/:notebook/run",
  success: Notebook,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})

export const stop = Operation.make({
  name: "notebooks.stop",
  method: "POST",
  path: "/notebooks/:notebook/stop",
  success: Notebook,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})

export const createTempUploads = Operation.make({
  name: "notebookJobs.createTempUploads",
  method: "POST",
  path: "/notebookJobs/:job/tempUploads",
  body: NotebookTempUploadsPost,
  success: openStruct({ kind: optional(Schema.String), results: Schema.Array(TempUpload) }),
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})

export const putOutputTable = Operation.make({
  name: "notebookJobs.putOutputTable",
  method: "PUT",
  path: "/notebookJobs/:job/outputTable",
  body: OutputTablePut,
  success: Table,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"],
  // with `append` a second request would add the same rows again
  repeatable: "never"
})
