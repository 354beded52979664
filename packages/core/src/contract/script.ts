/** Scripts that read the rows of a table, an upload or a query in other programs. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { filled, rowNames } from "./schema.ts"

export const scriptTypes = ["sas", "stata"] as const

const query = Schema.Struct({
  type: Schema.Literals(scriptTypes),
  /** Where the script finds the rows, as a CSV file with a header. */
  filePath: Schema.optionalKey(filled),
  selectedVariables: Schema.optionalKey(Schema.Array(filled)),
  /** Of `sas` alone. */
  sasDatasetName: Schema.optionalKey(filled),
  /** How the file's lines end. Of `sas` alone. */
  termstr: Schema.optionalKey(filled),
  /** The longest text of a variable in bytes, each as `name:10`. Of `sas` alone. */
  stringVariableLengths: Schema.optionalKey(Schema.Array(filled))
})

export const byTable = Operation.make({
  name: "tables.script",
  method: "GET",
  path: "/tables/:table/script",
  query,
  kind: "text",
  names: rowNames,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"]
})

export const byUpload = Operation.make({
  name: "uploads.script",
  method: "GET",
  path: "/tables/:table/uploads/:upload/script",
  query,
  kind: "text",
  names: rowNames,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.metadata"]
})

export const byQuery = Operation.make({
  name: "queries.script",
  method: "GET",
  path: "/queries/:query/script",
  query,
  kind: "text",
  names: rowNames,
  failures: [BadRequest, NotFound],
  scopes: ["data.data"]
})
