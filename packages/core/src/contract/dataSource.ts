/** Data sources of workflows, each a dataset or another workflow: `/workflows/:workflow/dataSources`. */
import * as Schema from "effect/Schema"
import { DatasetBase } from "./dataset.ts"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { filled, openStruct, optional, page, paging } from "./schema.ts"
import { WorkflowBase } from "./workflow.ts"

/** What is not read of a source but its reference may be missing. */
const SourceDataset = openStruct({
  ...DatasetBase.fields,
  scopedReference: optional(Schema.String),
  name: optional(Schema.String),
  uri: optional(Schema.String)
})

const SourceWorkflow = openStruct({
  ...WorkflowBase.fields,
  scopedReference: optional(Schema.String),
  name: optional(Schema.String)
})

const listed = {
  /** The documentation writes it so. */
  kind: optional(Schema.Literal("datasource")),
  uri: optional(Schema.String),
  id: Schema.String,
  url: optional(Schema.String),
  /** Milliseconds since the epoch. */
  createdAt: optional(Schema.Number),
  /** Milliseconds since the epoch. */
  updatedAt: optional(Schema.Number),
  /** Whether only the sample of its dataset is used. */
  isSample: optional(Schema.Boolean),
  sourceDataset: optional(SourceDataset),
  sourceWorkflow: optional(SourceWorkflow)
}

/** A data source as it stands in a listing. */
export const DataSourceListItem = openStruct(listed)
export interface DataSourceListItem extends Schema.Schema.Type<typeof DataSourceListItem> {}

/** A data source whole. */
export const DataSource = openStruct({ ...listed, workflow: optional(WorkflowBase) })
export interface DataSource extends Schema.Schema.Type<typeof DataSource> {}

const isGiven = (value: string | null | undefined): boolean => value !== undefined && value !== null

const hasOneSource = Schema.makeFilter<
  { readonly sourceDataset?: string | null; readonly sourceWorkflow?: string | null }
>(
  ({ sourceDataset, sourceWorkflow }) => isGiven(sourceDataset) !== isGiven(sourceWorkflow),
  { expected: "exactly one of sourceDataset and sourceWorkflow" }
)

const source = {
  /** A reference, which may say a version and a sample. */
  sourceDataset: Schema.optionalKey(Schema.NullOr(filled)),
  sourceWorkflow: Schema.optionalKey(Schema.NullOr(filled))
}

export const DataSourcePost = Schema.Struct(source).check(hasOneSource)
export interface DataSourcePost extends Schema.Schema.Type<typeof DataSourcePost> {}

export const DataSourcePatch = Schema.Struct({
  ...source,
  /** From names of tables of the old source to those of the new one, where names do not tell. */
  mappedTables: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, filled)))
}).check(hasOneSource)
export interface DataSourcePatch extends Schema.Schema.Type<typeof DataSourcePatch> {}

export const list = Operation.make({
  name: "dataSources.list",
  method: "GET",
  path: "/workflows/:workflow/dataSources",
  query: Schema.Struct(paging),
  success: page(DataSourceListItem),
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"],
  paging: true
})

export const post = Operation.make({
  name: "dataSources.post",
  method: "POST",
  path: "/workflows/:workflow/dataSources",
  body: DataSourcePost,
  success: DataSource,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})

/** `:source` is the reference of its dataset or workflow, or its id. */
export const get = Operation.make({
  name: "dataSources.get",
  method: "GET",
  path: "/workflows/:workflow/dataSources/:source",
  success: DataSource,
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"]
})

export const head = Operation.make({
  name: "dataSources.head",
  method: "HEAD",
  path: "/workflows/:workflow/dataSources/:source",
  kind: "none",
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"]
})

export const patch = Operation.make({
  name: "dataSources.patch",
  method: "PATCH",
  path: "/workflows/:workflow/dataSources/:source",
  body: DataSourcePatch,
  success: DataSource,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"],
  documentation: "datasources/patch"
})
