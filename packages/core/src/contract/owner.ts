/** Who owns datasets and workflows: a user or an organization. */
import * as Schema from "effect/Schema"
import { openLiterals, openStruct, optional } from "./schema.ts"

export const User = openStruct({
  kind: optional(Schema.Literal("user")),
  name: Schema.String,
  fullName: optional(Schema.String),
  contactEmail: optional(Schema.String),
  orcid: optional(Schema.String)
})
export interface User extends Schema.Schema.Type<typeof User> {}

export const Organization = openStruct({
  kind: optional(Schema.Literal("organization")),
  name: Schema.String,
  fullName: optional(Schema.String),
  ror: optional(Schema.String)
})
export interface Organization extends Schema.Schema.Type<typeof Organization> {}

/** The owner as it stands in a dataset or a workflow: `kind` tells which of the two it is. */
export const Owner = openStruct({
  kind: openLiterals(["user", "organization"]),
  name: optional(Schema.String),
  fullName: optional(Schema.String),
  contactEmail: optional(Schema.String),
  orcid: optional(Schema.String),
  ror: optional(Schema.String)
})
export interface Owner extends Schema.Schema.Type<typeof Owner> {}
