/** Workflows, which were called projects: `/workflows`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { Owner } from "./owner.ts"
import { BadRequest, NotFound } from "./RedivisError.ts"
import { openLiterals, openStruct, optional, page, paging } from "./schema.ts"

const base = {
  kind: optional(Schema.Literal("workflow")),
  id: optional(Schema.String),
  /** With its owner and its id, as `demo.climate:a1b2`. */
  qualifiedReference: Schema.String,
  /** The same without the owner. */
  scopedReference: Schema.String,
  referenceId: optional(Schema.String),
  name: Schema.String,
  url: optional(Schema.String),
  /** Relative to the API's base URL. */
  uri: Schema.String,
  owner: optional(Owner)
}

/** A workflow as it stands in other resources. */
export const WorkflowBase = openStruct({ ...base, uri: optional(Schema.String) })
export interface WorkflowBase extends Schema.Schema.Type<typeof WorkflowBase> {}

const listed = {
  ...base,
  /** Milliseconds since the epoch. */
  createdAt: optional(Schema.Number),
  publicAccessLevel: optional(openLiterals(["none", "view"])),
  /** What members of its study may do; null without a study. */
  studyAccessLevel: optional(openLiterals(["none", "view"])),
  /** What the account may do, whatever its token's scopes are. */
  accessLevel: optional(openLiterals(["view", "edit"])),
  study: optional(openStruct({ kind: optional(Schema.Literal("study")), name: optional(Schema.String) }))
}

/** A workflow as it stands in a listing. */
export const WorkflowListItem = openStruct(listed)
export interface WorkflowListItem extends Schema.Schema.Type<typeof WorkflowListItem> {}

/** A workflow whole. */
export const Workflow = openStruct({
  ...listed,
  /** Milliseconds since the epoch. */
  lastActive: optional(Schema.Number),
  tableCount: optional(Schema.Number),
  transformCount: optional(Schema.Number),
  notebookCount: optional(Schema.Number),
  description: optional(Schema.String)
})
export interface Workflow extends Schema.Schema.Type<typeof Workflow> {}

export const listByUser = Operation.make({
  name: "workflows.listByUser",
  method: "GET",
  path: "/users/:user/workflows",
  query: Schema.Struct(paging),
  success: page(WorkflowListItem),
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"],
  paging: true
})

export const listByOrganization = Operation.make({
  name: "workflows.listByOrganization",
  method: "GET",
  path: "/organizations/:organization/workflows",
  query: Schema.Struct(paging),
  success: page(WorkflowListItem),
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"],
  paging: true
})

export const get = Operation.make({
  name: "workflows.get",
  method: "GET",
  path: "/workflows/:workflow",
  success: Workflow,
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"]
})

export const head = Operation.make({
  name: "workflows.head",
  method: "HEAD",
  path: "/workflows/:workflow",
  kind: "none",
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"]
})

export type WorkflowPage = Operation.Success<typeof listByUser>
