/** Transforms, each a query that makes a table of a workflow: `/transforms`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { filled, openStruct, optional, page, paging } from "./schema.ts"
import { listedNode, wholeNode } from "./workflowNode.ts"

/** A transform as it stands in a listing. */
export const TransformListItem = openStruct(listedNode)
export interface TransformListItem extends Schema.Schema.Type<typeof TransformListItem> {}

/** A transform whole. While it runs it is the handle of that job. */
export const Transform = openStruct({ ...wholeNode, query: optional(Schema.String) })
export interface Transform extends Schema.Schema.Type<typeof Transform> {}

export const TransformPatch = Schema.Struct({
  name: Schema.optionalKey(filled),
  query: Schema.optionalKey(filled),
  /** The reference of a table. */
  sourceTable: Schema.optionalKey(filled)
})
export interface TransformPatch extends Schema.Schema.Type<typeof TransformPatch> {}

export const list = Operation.make({
  name: "transforms.list",
  method: "GET",
  path: "/workflows/:workflow/transforms",
  query: Schema.Struct(paging),
  success: page(TransformListItem),
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"],
  paging: true
})

export const get = Operation.make({
  name: "transforms.get",
  method: "GET",
  path: "/transforms/:transform",
  success: Transform,
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"]
})

export const head = Operation.make({
  name: "transforms.head",
  method: "HEAD",
  path: "/transforms/:transform",
  kind: "none",
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"]
})

export const patch = Operation.make({
  name: "transforms.patch",
  method: "PATCH",
  path: "/transforms/:transform",
  body: TransformPatch,
  success: Transform,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})

export const run = Operation.make({
  name: "transforms.run",
  method: "POST",
  path: "/transforms/:transform/run",
  success: Transform,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})

export const cancel = Operation.make({
  name: "transforms.cancel",
  method: "POST",
  path: "/transforms/:transform/cancel",
  success: Transform,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})
