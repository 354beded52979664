/** Parameters of workflows: `/workflows/:workflow/parameters`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { filled, openStruct, optional, page, paging } from "./schema.ts"
import { VariableType, variableTypes } from "./variable.ts"

export const ParameterValue = Schema.Union([Schema.String, Schema.Number, Schema.Boolean])
/**
 * One of a parameter's values.
 *
 * @category models
 * @since 0.1.0
 */
export type ParameterValue = string | number | boolean

const listed = {
  kind: optional(Schema.String),
  uri: optional(Schema.String),
  url: optional(Schema.String),
  id: optional(Schema.Union([Schema.String, Schema.Number])),
  /** Unique in its workflow. */
  name: Schema.String,
  type: optional(VariableType),
  /** Milliseconds since the epoch. */
  createdAt: optional(Schema.Number),
  /** Milliseconds since the epoch. */
  updatedAt: optional(Schema.Number)
}

/** A parameter as it stands in a listing. */
export const ParameterListItem = openStruct({
  ...listed,
  values: optional(Schema.Array(Schema.NullOr(ParameterValue)))
})
export interface ParameterListItem extends Schema.Schema.Type<typeof ParameterListItem> {}

/** A parameter whole. */
export const Parameter = openStruct({ ...listed, values: Schema.Array(Schema.NullOr(ParameterValue)) })
export interface Parameter extends Schema.Schema.Type<typeof Parameter> {}

const ParameterType = Schema.Literals(variableTypes)

export const ParameterPost = Schema.Struct({
  name: filled,
  /** Found in the values where it is not given. */
  type: Schema.optionalKey(Schema.NullOr(ParameterType)),
  values: Schema.Array(ParameterValue)
})
export interface ParameterPost extends Schema.Schema.Type<typeof ParameterPost> {}

export const ParameterPatch = Schema.Struct({
  name: Schema.optionalKey(filled),
  type: Schema.optionalKey(ParameterType),
  values: Schema.optionalKey(Schema.Array(ParameterValue))
})
export interface ParameterPatch extends Schema.Schema.Type<typeof ParameterPatch> {}

export const list = Operation.make({
  name: "parameters.list",
  method: "GET",
  path: "/workflows/:workflow/parameters",
  query: Schema.Struct(paging),
  success: page(ParameterListItem),
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"],
  paging: true
})

export const post = Operation.make({
  name: "parameters.post",
  method: "POST",
  path: "/workflows/:workflow/parameters",
  body: ParameterPost,
  success: Parameter,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})

export const get = Operation.make({
  name: "parameters.get",
  method: "GET",
  path: "/workflows/:workflow/parameters/:parameter",
  success: Parameter,
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"]
})

export const head = Operation.make({
  name: "parameters.head",
  method: "HEAD",
  path: "/workflows/:workflow/parameters/:parameter",
  kind: "none",
  failures: [BadRequest, NotFound],
  scopes: ["workflow.read"]
})

export const patch = Operation.make({
  name: "parameters.patch",
  method: "PATCH",
  path: "/workflows/:workflow/parameters/:parameter",
  body: ParameterPatch,
  success: Parameter,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})

const remove = Operation.make({
  name: "parameters.delete",
  method: "DELETE",
  path: "/workflows/:workflow/parameters/:parameter",
  kind: "none",
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"]
})

export { remove as delete }
