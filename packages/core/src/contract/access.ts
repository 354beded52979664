/** Who may do what with datasets. The documentation calls these methods a beta. */
import * as Schema from "effect/Schema"
import { DatasetBase } from "./dataset.ts"
import * as Operation from "./Operation.ts"
import { User } from "./owner.ts"
import { AccessLevel } from "./place.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { openStruct, optional, page, paging } from "./schema.ts"

export const Access = openStruct({
  kind: optional(Schema.Literal("access")),
  accessLevel: optional(AccessLevel),
  dataset: optional(DatasetBase),
  user: optional(User)
})
export interface Access extends Schema.Schema.Type<typeof Access> {}

const ListQuery = Schema.Struct({
  ...paging,
  minAccessLevel: Schema.optionalKey(Schema.Literals(["none", "overview", "metadata", "sample", "data", "edit"]))
})

export interface AccessQuery extends Schema.Schema.Type<typeof ListQuery> {}

export const listByDataset = Operation.make({
  name: "access.listByDataset",
  method: "GET",
  path: "/datasets/:dataset/access",
  query: ListQuery,
  success: page(Access),
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["organization.read"],
  paging: true,
  stage: "beta",
  documentation: "access/list-1"
})

export const listByMember = Operation.make({
  name: "access.listByMember",
  method: "GET",
  path: "/organizations/:organization/members/:member/access",
  query: ListQuery,
  success: page(Access),
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["organization.read"],
  paging: true,
  stage: "beta",
  documentation: "access/list-1"
})

export const get = Operation.make({
  name: "access.get",
  method: "GET",
  path: "/datasets/:dataset/access/:user",
  success: Access,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["organization.read"],
  stage: "beta"
})

export type AccessPage = Operation.Success<typeof listByDataset>
