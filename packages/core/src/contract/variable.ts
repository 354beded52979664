/** Variables, the columns of tables and results: `…/variables`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { filled, openLiterals, openStruct, optional, page, paging, text, wholeNumber } from "./schema.ts"

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

const listed = {
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
  /** Null where no value has one. */
  valueLabels: optional(Schema.Array(openStruct({
    value: optional(Schema.String),
    label: optional(Schema.String)
  })))
}

/** A variable as it stands in a listing, which leaves out `description` and `valueLabels`. */
export const VariableListItem = openStruct(listed)
export interface VariableListItem extends Schema.Schema.Type<typeof VariableListItem> {}

/** What is counted of a variable's values. While it is being counted there is only its status. */
export const Statistics = openStruct({
  kind: optional(Schema.String),
  status: openLiterals(["queued", "running", "completed", "failed"]),
  /** Of which variable they are, where they come by themselves. */
  variable: optional(openStruct({ name: optional(Schema.String), type: optional(VariableType) })),
  /** Values that are not null. */
  count: optional(Schema.Number),
  numDistinct: optional(Schema.Number),
  /**
   * A number: of dates and times the milliseconds since the epoch, of text its
   * length. Older answers had dates and times as text.
   */
  min: optional(Schema.Union([Schema.Number, Schema.String])),
  max: optional(Schema.Union([Schema.Number, Schema.String])),
  mean: optional(Schema.Union([Schema.Number, Schema.String])),
  approxMedian: optional(Schema.Union([Schema.Number, Schema.String])),
  stdDev: optional(Schema.Number),
  /** Of geographies. */
  geoBBox: optional(openStruct({
    westLongitude: Schema.Number,
    eastLongitude: Schema.Number,
    northLatitude: Schema.Number,
    southLatitude: Schema.Number
  })),
  errorMessage: optional(Schema.String)
})
export interface Statistics extends Schema.Schema.Type<typeof Statistics> {}

/** A variable whole. */
export const Variable = openStruct({
  ...listed,
  /** As far as they are counted already. */
  statistics: optional(Statistics)
})
export interface Variable extends Schema.Schema.Type<typeof Variable> {}

/** The service takes more variables a page than it takes of anything else. */
const pageSize = Schema.optionalKey(wholeNumber(1, 10_000))

const ListQuery = Schema.Struct({ ...paging, maxResults: pageSize, type: Schema.optionalKey(filled) })

export const listByTable = Operation.make({
  name: "variables.listByTable",
  method: "GET",
  path: "/tables/:table/variables",
  query: ListQuery,
  success: page(VariableListItem),
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"],
  paging: true
})

export const listByUpload = Operation.make({
  name: "variables.listByUpload",
  method: "GET",
  path: "/tables/:table/uploads/:upload/variables",
  query: ListQuery,
  success: page(VariableListItem),
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"],
  paging: true
})

export const listByQuery = Operation.make({
  name: "variables.listByQuery",
  method: "GET",
  path: "/queries/:query/variables",
  query: ListQuery,
  success: page(VariableListItem),
  failures: [BadRequest, NotFound],
  scopes: ["data.data"],
  paging: true
})

/** What is noted of a variable; null takes it away. */
const noted = {
  label: Schema.optionalKey(Schema.NullOr(text(0, 256))),
  description: Schema.optionalKey(Schema.NullOr(Schema.String)),
  valueLabels: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Struct({
    value: Schema.String,
    label: Schema.String
  }))))
}

/** What is changed of variables, each by its name in any case. */
export const VariablesPatch = Schema.Struct({ variables: Schema.Array(Schema.Struct({ name: filled, ...noted })) })
export interface VariablesPatch extends Schema.Schema.Type<typeof VariablesPatch> {}

export const VariablePatch = Schema.Struct(noted)
export interface VariablePatch extends Schema.Schema.Type<typeof VariablePatch> {}

export const getByTable = Operation.make({
  name: "variables.getByTable",
  method: "GET",
  path: "/tables/:table/variables/:variable",
  success: Variable,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"]
})

export const headByTable = Operation.make({
  name: "variables.headByTable",
  method: "HEAD",
  path: "/tables/:table/variables/:variable",
  kind: "none",
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"]
})

export const patchByTable = Operation.make({
  name: "variables.patchByTable",
  method: "PATCH",
  path: "/tables/:table/variables/:variable",
  body: VariablePatch,
  success: Variable,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "variables/patch"
})

export const statisticsByTable = Operation.make({
  name: "variables.statisticsByTable",
  method: "GET",
  path: "/tables/:table/variables/:variable/statistics",
  success: Statistics,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"]
})

export const getByUpload = Operation.make({
  name: "variables.getByUpload",
  method: "GET",
  path: "/tables/:table/uploads/:upload/variables/:variable",
  success: Variable,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"]
})

export const headByUpload = Operation.make({
  name: "variables.headByUpload",
  method: "HEAD",
  path: "/tables/:table/uploads/:upload/variables/:variable",
  kind: "none",
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"]
})

export const patchByUpload = Operation.make({
  name: "variables.patchByUpload",
  method: "PATCH",
  path: "/tables/:table/uploads/:upload/variables/:variable",
  body: VariablePatch,
  success: Variable,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "variables/patch"
})

export const statisticsByUpload = Operation.make({
  name: "variables.statisticsByUpload",
  method: "GET",
  path: "/tables/:table/uploads/:upload/variables/:variable/statistics",
  success: Statistics,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"]
})

export const getByQuery = Operation.make({
  name: "variables.getByQuery",
  method: "GET",
  path: "/queries/:query/variables/:variable",
  success: Variable,
  failures: [BadRequest, NotFound],
  scopes: ["data.data"]
})

export const headByQuery = Operation.make({
  name: "variables.headByQuery",
  method: "HEAD",
  path: "/queries/:query/variables/:variable",
  kind: "none",
  failures: [BadRequest, NotFound],
  scopes: ["data.data"]
})

export const patchByQuery = Operation.make({
  name: "variables.patchByQuery",
  method: "PATCH",
  path: "/queries/:query/variables/:variable",
  body: VariablePatch,
  success: Variable,
  failures: [BadRequest, NotFound],
  scopes: ["data.data"],
  documentation: "variables/patch"
})

export const statisticsByQuery = Operation.make({
  name: "variables.statisticsByQuery",
  method: "GET",
  path: "/queries/:query/variables/:variable/statistics",
  success: Statistics,
  failures: [BadRequest, NotFound],
  scopes: ["data.data"]
})

export const bulkPatchByTable = Operation.make({
  name: "variables.bulkPatchByTable",
  method: "PATCH",
  path: "/tables/:table/variables",
  body: VariablesPatch,
  kind: "none",
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "variables/bulkpatch"
})

export const bulkPatchByDataset = Operation.make({
  name: "variables.bulkPatchByDataset",
  method: "PATCH",
  path: "/datasets/:dataset/variables",
  body: VariablesPatch,
  kind: "none",
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "variables/bulkpatch"
})

export const bulkPatchByWorkflow = Operation.make({
  name: "variables.bulkPatchByWorkflow",
  method: "PATCH",
  path: "/workflows/:workflow/variables",
  body: VariablesPatch,
  kind: "none",
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["workflow.write"],
  documentation: "variables/bulkpatch"
})

export type VariablePage = Operation.Success<typeof listByTable>
export type VariableType = Variable["type"]
