/** What transforms and notebooks share: the nodes of a workflow. */
import * as Schema from "effect/Schema"
import { openLiterals, openStruct, optional } from "./schema.ts"
import { TableBase } from "./table.ts"
import { WorkflowBase } from "./workflow.ts"

/** One run of a node. */
export const NodeJob = openStruct({
  kind: optional(Schema.String),
  id: Schema.String,
  status: openLiterals(["queued", "running", "completed", "failed", "cancelled"]),
  errorMessage: optional(Schema.String),
  /** Milliseconds since the epoch. */
  createdAt: optional(Schema.Number),
  /** Milliseconds since the epoch. */
  finishedAt: optional(Schema.Number)
})
export interface NodeJob extends Schema.Schema.Type<typeof NodeJob> {}

export const listedNode = {
  kind: optional(Schema.String),
  id: optional(Schema.Union([Schema.String, Schema.Number])),
  uri: Schema.String,
  url: optional(Schema.String),
  name: Schema.String,
  qualifiedReference: optional(Schema.String),
  scopedReference: optional(Schema.String),
  referenceId: optional(Schema.Union([Schema.String, Schema.Number])),
  /** Milliseconds since the epoch. */
  createdAt: optional(Schema.Number),
  /** Milliseconds since the epoch. */
  updatedAt: optional(Schema.Number)
}

export const wholeNode = {
  ...listedNode,
  /** The tables that it reads. */
  referencedTables: optional(Schema.Array(TableBase)),
  sourceTable: optional(TableBase),
  /** The table that its last successful run made. */
  outputTable: optional(TableBase),
  /** The run that has not ended. */
  currentJob: optional(NodeJob),
  /** The newest run that has ended. */
  lastRunJob: optional(NodeJob),
  workflow: optional(WorkflowBase)
}
