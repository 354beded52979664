/** Datasets: `/datasets`. */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import { Owner } from "./owner.ts"
import { AccessLevel, extent } from "./place.ts"
import { BadRequest, Forbidden, NotFound } from "./RedivisError.ts"
import { filled, openLiterals, openStruct, optional, page, paging } from "./schema.ts"

const base = {
  kind: optional(Schema.Literal("dataset")),
  id: optional(Schema.String),
  /** With its owner, its id and its version, as `demo.ghcn_daily_weather_data:7br5:v1_1`. */
  qualifiedReference: Schema.String,
  /** The same without the owner. */
  scopedReference: Schema.String,
  /** Four characters, unique in the owner, that survive a new name. */
  referenceId: optional(Schema.String),
  name: Schema.String,
  url: optional(Schema.String),
  /** Relative to the API's base URL. */
  uri: Schema.String,
  doi: optional(Schema.String)
}

/** A dataset as it stands in other resources. */
export const DatasetBase = openStruct({ ...base, owner: optional(Owner) })
export interface DatasetBase extends Schema.Schema.Type<typeof DatasetBase> {}

const listed = {
  ...base,
  /** The abstract. */
  description: optional(Schema.String),
  /** Only for administrators. */
  labels: optional(Schema.Array(Schema.String)),
  /** What the account may do, whatever its token's scopes are. */
  accessLevel: optional(AccessLevel),
  publicAccessLevel: optional(AccessLevel),
  scopedAccessLevel: optional(AccessLevel),
  /** Milliseconds since the epoch. */
  createdAt: optional(Schema.Number),
  /** Milliseconds since the epoch. */
  updatedAt: optional(Schema.Number),
  tableCount: optional(Schema.Number),
  /** Bytes of the tables of this version. */
  numBytes: optional(Schema.Number),
  /** Bytes across versions. */
  totalNumBytes: optional(Schema.Number),
  totalActiveTabularBytes: optional(Schema.Number),
  totalInactiveTabularBytes: optional(Schema.Number),
  totalRawFileBytes: optional(Schema.Number),
  ...extent,
  sampleConfiguration: optional(openStruct({
    variableName: optional(Schema.String),
    targetRatio: optional(Schema.Number)
  }))
}

/** A dataset as it stands in a listing. */
export const DatasetListItem = openStruct({ ...listed, owner: optional(Owner) })
export interface DatasetListItem extends Schema.Schema.Type<typeof DatasetListItem> {}

/** The version that a dataset is seen at, the newest that is released, and the one that is being prepared. */
const VersionOfDataset = openStruct({
  kind: optional(Schema.Literal("version")),
  tag: Schema.String,
  index: optional(Schema.Number),
  label: optional(Schema.String),
  url: optional(Schema.String),
  uri: optional(Schema.String),
  datasetUri: optional(Schema.String),
  isReleased: optional(Schema.Boolean),
  isDeleted: optional(Schema.Boolean)
})

const NextVersion = openStruct({ ...VersionOfDataset.fields, tag: optional(Schema.String) })

/** A dataset whole, as a single `get` answers it. */
export const Dataset = openStruct({
  ...listed,
  owner: Owner,
  methodologyMarkdown: optional(Schema.String),
  usageMarkdown: optional(Schema.String),
  contactInfo: optional(Schema.String),
  links: optional(Schema.Array(openStruct({ title: optional(Schema.String), url: optional(Schema.String) }))),
  supportingFiles: optional(Schema.Array(openStruct({
    name: optional(Schema.String),
    url: optional(Schema.String),
    accessLevel: optional(openLiterals(["overview", "metadata", "sample", "data"])),
    mimeType: optional(Schema.String),
    size: optional(Schema.Number)
  }))),
  customDocumentationSections: optional(Schema.Array(openStruct({
    title: optional(Schema.String),
    accessLevel: optional(AccessLevel),
    markdownContent: optional(Schema.String)
  }))),
  /** Words that whoever sees the dataset may read, with spaces too; `labels` are those of administrators. */
  tags: optional(Schema.Array(openStruct({ name: optional(Schema.String) }))),
  version: optional(VersionOfDataset),
  /** The newest that is released, whatever version was asked for. */
  currentVersion: optional(VersionOfDataset),
  /** The draft that is being prepared, if there is one that the account may see. */
  nextVersion: optional(NextVersion)
})
export interface Dataset extends Schema.Schema.Type<typeof Dataset> {}

/** What the public may be given. */
export const PublicAccessLevel = Schema.Literals(["none", "overview", "metadata", "sample", "data"])

// how long it may be is the server's to say: the documented length is exceeded by many that are there
const description = Schema.optionalKey(Schema.NullOr(Schema.String))

/** Without spaces and with one colon at most, as `category:value`. */
export const Label = Schema.String.check(Schema.isPattern(/^[^\s:]+(:[^\s:]+)?$/))

export const DatasetPost = Schema.Struct({
  name: filled,
  publicAccessLevel: PublicAccessLevel,
  description
})
export interface DatasetPost extends Schema.Schema.Type<typeof DatasetPost> {}

export const DatasetPatch = Schema.Struct({
  name: Schema.optionalKey(filled),
  publicAccessLevel: Schema.optionalKey(PublicAccessLevel),
  description,
  labels: Schema.optionalKey(Schema.Array(Label))
})
export interface DatasetPatch extends Schema.Schema.Type<typeof DatasetPatch> {}

const ListQuery = Schema.Struct({ ...paging, labels: Schema.optionalKey(Schema.Array(Schema.String)) })

export const listByUser = Operation.make({
  name: "datasets.listByUser",
  method: "GET",
  path: "/users/:user/datasets",
  query: ListQuery,
  success: page(DatasetListItem),
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"],
  paging: true
})

export const listByOrganization = Operation.make({
  name: "datasets.listByOrganization",
  method: "GET",
  path: "/organizations/:organization/datasets",
  query: ListQuery,
  success: page(DatasetListItem),
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"],
  paging: true
})

/** Whether there is such an organization: nothing else of it can be asked for. */
export const headByOrganization = Operation.make({
  name: "datasets.headByOrganization",
  method: "HEAD",
  path: "/organizations/:organization/datasets",
  query: Schema.Struct({ maxResults: paging.maxResults }),
  kind: "none",
  failures: [NotFound]
})

export const get = Operation.make({
  name: "datasets.get",
  method: "GET",
  path: "/datasets/:dataset",
  success: Dataset,
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"]
})

export const head = Operation.make({
  name: "datasets.head",
  method: "HEAD",
  path: "/datasets/:dataset",
  kind: "none",
  failures: [BadRequest, NotFound],
  scopes: ["data.overview"]
})

export const postByUser = Operation.make({
  name: "datasets.postByUser",
  method: "POST",
  path: "/users/:user/datasets",
  body: DatasetPost,
  success: Dataset,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "datasets/post"
})

export const postByOrganization = Operation.make({
  name: "datasets.postByOrganization",
  method: "POST",
  path: "/organizations/:organization/datasets",
  body: DatasetPost,
  success: Dataset,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "datasets/post"
})

export const patch = Operation.make({
  name: "datasets.patch",
  method: "PATCH",
  path: "/datasets/:dataset",
  body: DatasetPatch,
  success: Dataset,
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"],
  documentation: "datasets/patch"
})

const remove = Operation.make({
  name: "datasets.delete",
  method: "DELETE",
  path: "/datasets/:dataset",
  kind: "none",
  failures: [BadRequest, Forbidden, NotFound],
  scopes: ["data.edit"]
})

export { remove as delete }

export type DatasetPage = Operation.Success<typeof listByUser>
