/** Secrets of users and organizations, which can only be read. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { NotFound } from "./RedivisError.ts"
import { openStruct, optional } from "./schema.ts"

export const Secret = openStruct({
  kind: optional(Schema.String),
  name: optional(Schema.String),
  value: Schema.String
})
export interface Secret extends Schema.Schema.Type<typeof Secret> {}

export const getByUser = Operation.make({
  name: "secrets.getByUser",
  method: "GET",
  path: "/users/:user/secrets/:secret",
  success: Secret,
  failures: [NotFound],
  scopes: ["workflow.read"],
  sensitive: true
})

export const getByOrganization = Operation.make({
  name: "secrets.getByOrganization",
  method: "GET",
  path: "/organizations/:organization/secrets/:secret",
  success: Secret,
  failures: [NotFound],
  scopes: ["workflow.read"],
  sensitive: true
})
