/** Variables, the columns of tables and results: `…/variables`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { filled, openLiterals, openStruct, optional, page, paging } from "./schema.ts"

/** The eight types of the API. */
export const variableTypes = [
  "string",
  "integer",
  "float",
  "boolean",
  "date",
  "dateTime",
  "time",
  "geography"
] as const

export const VariableType = openLiterals(variableTypes)

/** A variable. In a listing `description` and `valueLabels` may be missing. */
export const Variable = openStruct({
  kind: optional(Schema.Literal("variable")),
  uri: optional(Schema.String),
  url: optional(Schema.String),
  /** Unique in its table, whatever its letters' case. */
  name: Schema.String,
  type: VariableType,
  /** Whether its values are ids of files. */
  isFileId: optional(Schema.Boolean),
  /** Counted from 0. */
  index: optional(Schema.Number),
  label: optional(Schema.String),
  description: optional(Schema.String),
  valueLabels: optional(Schema.Array(openStruct({
    value: optional(Schema.String),
    label: optional(Schema.String)
  })))
})
export interface Variable extends Schema.Schema.Type<typeof Variable> {}

const ListQuery = Schema.Struct({ ...paging, type: Schema.optionalKey(filled) })

export const listByTable = Operation.make({
  name: "variables.listByTable",
  method: "GET",
  path: "/tables/:table/variables",
  query: ListQuery,
  success: page(Variable),
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"],
  anonymous: true,
  paging: true
})

export const listByQuery = Operation.make({
  name: "variables.listByQuery",
  method: "GET",
  path: "/queries/:query/variables",
  query: ListQuery,
  success: page(Variable),
  failures: [BadRequest, NotFound],
  scopes: ["data.data"],
  paging: true
})

export type VariablePage = Operation.Success<typeof listByTable>
export type VariableType = Variable["type"]
