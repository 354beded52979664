/** Versions of a dataset: `/datasets/:dataset/versions`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { openLiterals, openStruct, optional, page, paging } from "./schema.ts"

const base = {
  kind: optional(Schema.Literal("version")),
  /** As `v1.0`; `next` while it is not released. */
  tag: Schema.String,
  /** Counted from 0. */
  index: optional(Schema.Number),
  label: optional(Schema.String),
  url: optional(Schema.String),
  uri: optional(Schema.String),
  /** The dataset at this version, relative to the API's base URL. */
  datasetUri: optional(Schema.String),
  isReleased: optional(Schema.Boolean),
  isDeleted: optional(Schema.Boolean)
}

/** A version as it stands in other resources. */
export const VersionBase = openStruct(base)
export interface VersionBase extends Schema.Schema.Type<typeof VersionBase> {}

const listed = {
  ...base,
  /** Milliseconds since the epoch. */
  createdAt: optional(Schema.Number),
  /** Milliseconds since the epoch. */
  updatedAt: optional(Schema.Number),
  /** Milliseconds since the epoch. */
  releasedAt: optional(Schema.Number)
}

/** A version as it stands in a listing. */
export const VersionListItem = openStruct(listed)
export interface VersionListItem extends Schema.Schema.Type<typeof VersionListItem> {}

/** A version whole. */
export const Version = openStruct({
  ...listed,
  releaseNotes: optional(Schema.String),
  /** False where nothing changed, or an upload is running or failed. */
  canRelease: optional(Schema.Boolean),
  previousVersion: optional(VersionBase),
  nextVersion: optional(VersionBase),
  /** Where a release stands that was asked for. */
  status: optional(openLiterals(["queued", "running", "completed", "failed"])),
  releaseErrorMessage: optional(Schema.String)
})
export interface Version extends Schema.Schema.Type<typeof Version> {}

export const VersionRelease = Schema.Struct({ releaseNotes: Schema.optionalKey(Schema.NullOr(Schema.String)) })
export interface VersionRelease extends Schema.Schema.Type<typeof VersionRelease> {}

export const list = Operation.make({
  name: "versions.list",
  method: "GET",
  path: "/datasets/:dataset/versions",
  query: Schema.Struct(paging),
  success: page(VersionListItem),
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"],
  paging: true,
  documentation: "versions/listversions"
})

export const get = Operation.make({
  name: "versions.get",
  method: "GET",
  path: "/datasets/:dataset/versions/:tag",
  success: Version,
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"],
  documentation: "versions/getrelease"
})

export const post = Operation.make({
  name: "versions.post",
  method: "POST",
  path: "/datasets/:dataset/versions",
  success: Version,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "versions/post"
})

export const release = Operation.make({
  name: "versions.release",
  method: "POST",
  path: "/datasets/:dataset/versions/next/release",
  body: VersionRelease,
  success: Version,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"]
})

export const head = Operation.make({
  name: "versions.head",
  method: "HEAD",
  path: "/datasets/:dataset/versions/:tag",
  kind: "none",
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"]
})

/** Null takes what was there away. */
export const VersionPatch = Schema.Struct({
  label: Schema.optionalKey(Schema.NullOr(Schema.String)),
  releaseNotes: Schema.optionalKey(Schema.NullOr(Schema.String))
})
export interface VersionPatch extends Schema.Schema.Type<typeof VersionPatch> {}

export const patch = Operation.make({
  name: "versions.patch",
  method: "PATCH",
  path: "/datasets/:dataset/versions/:tag",
  body: VersionPatch,
  success: Version,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"]
})

export const unrelease = Operation.make({
  name: "versions.unrelease",
  method: "POST",
  path: "/datasets/:dataset/versions/current/unrelease",
  success: Version,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "versions/releaseversion-1"
})

const remove = Operation.make({
  name: "versions.delete",
  method: "DELETE",
  path: "/datasets/:dataset/versions/:tag",
  // of a draft nothing is left to answer with, which the client sees before it asks the schema
  success: Version as unknown as Schema.Codec<Version | undefined>,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "versions/delete"
})

export { remove as delete }

export const undelete = Operation.make({
  name: "versions.undelete",
  method: "POST",
  path: "/datasets/:dataset/versions/:tag/undelete",
  success: Version,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"]
})
