/** Members of organizations: `/organizations/:organization/members`. */
import * as Schema from "effect/Schema"
import { Label } from "./dataset.ts"
import * as Operation from "./Operation.ts"
import { User } from "./owner.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { filled, openLiterals, openStruct, optional, page, paging } from "./schema.ts"

const statuses = ["pending", "approved", "rejected", "left", "revoked"] as const

/** Listings and single members have one shape. */
export const Member = openStruct({
  kind: optional(Schema.Literal("member")),
  uri: Schema.String,
  url: optional(Schema.String),
  user: User,
  status: optional(openLiterals(statuses)),
  isAdmin: optional(Schema.Boolean),
  labels: optional(Schema.Array(Schema.String)),
  /** Milliseconds since the epoch, as are those below. */
  createdAt: optional(Schema.Number),
  submittedAt: optional(Schema.Number),
  approvedAt: optional(Schema.Number),
  rejectedAt: optional(Schema.Number),
  leftAt: optional(Schema.Number),
  /** How the member signs in. */
  authentication: optional(openStruct({
    kind: optional(Schema.String),
    type: optional(openLiterals(["saml", "google", "email"])),
    identifier: optional(Schema.String),
    email: optional(Schema.String),
    /** In milliseconds since the epoch, or as text. */
    lastLogin: optional(Schema.Union([Schema.Number, Schema.String])),
    affiliations: optional(Schema.Array(Schema.String)),
    identityProvider: optional(Schema.Union([Schema.String, openStruct({ name: optional(Schema.String) })]))
  }))
})
export interface Member extends Schema.Schema.Type<typeof Member> {}

/** What a listing can be narrowed to. */
export const MemberStatus = Schema.Literals(statuses)

export const MemberPatch = Schema.Struct({
  /** Pending is what a user is before, and to leave is theirs. */
  status: Schema.optionalKey(Schema.Literals(["approved", "rejected"])),
  labels: Schema.optionalKey(Schema.Array(Label))
})
export interface MemberPatch extends Schema.Schema.Type<typeof MemberPatch> {}

export const MemberComment = Schema.Struct({ text: filled })
export interface MemberComment extends Schema.Schema.Type<typeof MemberComment> {}

export const list = Operation.make({
  name: "members.list",
  method: "GET",
  path: "/organizations/:organization/members",
  query: Schema.Struct({
    ...paging,
    labels: Schema.optionalKey(Schema.Array(Schema.String)),
    statuses: Schema.optionalKey(Schema.Array(MemberStatus))
  }),
  success: page(Member),
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["organization.read"],
  paging: true
})

export const get = Operation.make({
  name: "members.get",
  method: "GET",
  path: "/organizations/:organization/members/:member",
  success: Member,
  failures: [Forbidden, NotFound],
  scopes: ["organization.read"]
})

export const head = Operation.make({
  name: "members.head",
  method: "HEAD",
  path: "/organizations/:organization/members/:member",
  kind: "none",
  failures: [Forbidden, NotFound],
  scopes: ["organization.read"]
})

export const patch = Operation.make({
  name: "members.patch",
  method: "PATCH",
  path: "/organizations/:organization/members/:member",
  body: MemberPatch,
  success: Member,
  failures: [Forbidden, NotFound],
  scopes: ["organization.write"],
  documentation: "members/patch"
})

export const comment = Operation.make({
  name: "members.postComment",
  method: "POST",
  path: "/organizations/:organization/members/:member/comments",
  body: MemberComment,
  kind: "none",
  failures: [Forbidden, NotFound],
  scopes: ["organization.write"]
})
