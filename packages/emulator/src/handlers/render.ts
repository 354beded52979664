/** Records of the store as the API shows them. */
import {
  type dataset,
  Reference,
  type table,
  type upload,
  type user,
  type variable,
  type version
} from "@effect-redivis/core/Contract"
import type { Caller } from "../policy/caller.ts"
import * as Access from "../policy/access.ts"
import type { Urls } from "../server.ts"
import type * as Model from "../store/model.ts"

export const account = (owner: Model.Account) =>
  owner.kind === "user"
    ? {
      kind: owner.kind,
      name: owner.name,
      fullName: owner.fullName,
      ...(owner.contactEmail === null ? undefined : { contactEmail: owner.contactEmail }),
      ...(owner.orcid === null ? undefined : { orcid: owner.orcid })
    }
    : {
      kind: owner.kind,
      name: owner.name,
      fullName: owner.fullName,
      ror: owner.ror
    }

/** The caller's own account. */
export const me = (self: Model.User): user.User => ({
  kind: "user",
  name: self.name,
  fullName: self.fullName,
  contactEmail: self.contactEmail,
  ...(self.orcid === null ? undefined : { orcid: self.orcid })
})

/** `v1.0` as references write it, where a dot separates. */
const tagInReference = (tag: string): string => tag.replace(".", "_")

/** Names of owners keep their letters' case, references do not. */
const ownerInReference = ({ name }: Model.Account): string => name.toLowerCase()

interface References {
  readonly qualified: string
  readonly scoped: string
}

const datasetReferences = (data: Model.Dataset, tag: string, isSample: boolean): References => {
  const scoped = `${Reference.normalizeName(data.name)}:${data.referenceId}:${tagInReference(tag)}${
    isSample ? ":sample" : ""
  }`
  return { scoped, qualified: `${ownerInReference(data.owner)}.${scoped}` }
}

/** The page of a dataset at a version. */
const datasetUrl = (data: Model.Dataset, tag: string, urls: Urls): string =>
  `${urls.origin}/datasets/${data.id}?v=${tag.replace(/^v/, "")}`

const versionBase = (data: Model.Dataset, tag: string, known: Model.Version | undefined, urls: Urls) => {
  const { qualified } = datasetReferences(data, tag, false)
  const unversioned = qualified.slice(0, qualified.lastIndexOf(":"))
  return {
    kind: "version" as const,
    tag,
    ...(known === undefined ? undefined : { index: known.index, label: known.label }),
    url: datasetUrl(data, tag, urls),
    datasetUri: `/datasets/${qualified}`,
    uri: `/datasets/${unversioned}/versions/${tagInReference(tag)}`,
    ...(known === undefined ? undefined : { isReleased: known.isReleased, isDeleted: known.isDeleted })
  }
}

export const datasetBase = (at: Model.DatasetAtVersion, urls: Urls) => {
  const { dataset: data, version: shown } = at
  const { qualified, scoped } = datasetReferences(data, shown.tag, at.sample)
  return {
    kind: "dataset" as const,
    id: data.id,
    qualifiedReference: qualified,
    scopedReference: scoped,
    referenceId: data.referenceId,
    name: data.name,
    url: datasetUrl(data, shown.tag, urls),
    uri: `/datasets/${qualified}`,
    doi: data.doi,
    owner: account(data.owner)
  }
}

// documentation fields are stored without being read, so their types are those that a seed was checked for
const documented = <A>(value: Model.Json): A => value as A

const day = 24 * 60 * 60 * 1000

/** The last millisecond of the unit that a range ends with. */
const lastOf = (end: number, precision: string | null): number => {
  if (precision === "date") return Math.floor(end / day) * day + day - 1
  if (precision !== "year") return end
  const next = new Date(end)
  next.setUTCFullYear(next.getUTCFullYear() + 1, 0, 1)
  return next.setUTCHours(0, 0, 0, 0) - 1
}

const temporal = (data: Model.DatasetDocumentation) => ({
  temporalPrecision: data.temporalPrecision,
  temporalRange: data.temporalRange === null
    ? null
    : [data.temporalRange[0], lastOf(data.temporalRange[1], data.temporalPrecision)]
})

/** Of a dataset that holds nothing. */
export const noUsage: Model.Usage = { activeBytes: 0, inactiveBytes: 0, rawFileBytes: 0 }

export const datasetListItem = (
  at: Model.DatasetAtVersion,
  usage: Model.Usage,
  level: Model.AccessLevel,
  urls: Urls
): dataset.DatasetListItem => {
  const { dataset: data } = at
  return {
    ...datasetBase(at, urls),
    // a draft is a copy, and as old as its newest upload
    createdAt: at.version.isReleased ? data.createdAt : at.version.createdAt,
    updatedAt: data.updatedAt,
    accessLevel: level,
    publicAccessLevel: data.publicAccessLevel,
    description: data.description,
    ...(level === "edit" ? { labels: data.labels } : undefined),
    tableCount: at.tableCount,
    numBytes: at.numBytes,
    totalNumBytes: usage.activeBytes + usage.inactiveBytes + usage.rawFileBytes,
    totalActiveTabularBytes: usage.activeBytes,
    totalInactiveTabularBytes: usage.inactiveBytes,
    totalRawFileBytes: usage.rawFileBytes,
    ...temporal(data),
    geoBBox: documented<NonNullable<dataset.DatasetListItem["geoBBox"]> | null>(data.geoBBox),
    sampleConfiguration: data.sampleConfiguration
  }
}

export const datasetWhole = (
  at: Model.DatasetAtVersion,
  usage: Model.Usage,
  level: Model.AccessLevel,
  caller: Caller,
  urls: Urls
): dataset.Dataset => {
  const { dataset: data } = at
  const { currentVersion, nextVersion } = data
  return {
    ...datasetListItem(at, usage, level, urls),
    owner: account(data.owner),
    methodologyMarkdown: data.methodologyMarkdown,
    usageMarkdown: data.usageMarkdown,
    links: data.links,
    customDocumentationSections: documented<NonNullable<dataset.Dataset["customDocumentationSections"]>>(
      data.customDocumentationSections
    ),
    tags: data.tags.map((name) => ({ name })),
    ...(level === "edit"
      ? {
        contactInfo: data.contactInfo,
        supportingFiles: documented<NonNullable<dataset.Dataset["supportingFiles"]>>(data.supportingFiles)
      }
      : undefined),
    version: versionBase(data, at.version.tag, at.version, urls),
    currentVersion: currentVersion === null ? null : versionBase(data, currentVersion.tag, currentVersion, urls),
    ...(Access.seesDraft(level, caller)
      ? { nextVersion: nextVersion === null ? null : versionBase(data, nextVersion.tag, nextVersion, urls) }
      : undefined)
  }
}

// ---------------------------------------------------------------------------------------------------------------------

export const versionListItem = (data: Model.Dataset, shown: Model.Version, urls: Urls): version.VersionListItem => ({
  ...versionBase(data, shown.tag, shown, urls),
  createdAt: shown.createdAt,
  updatedAt: shown.updatedAt,
  releasedAt: shown.releasedAt
})

export const versionWhole = (
  data: Model.Dataset,
  shown: Model.Version,
  canRelease: boolean,
  seesDraft: boolean,
  urls: Urls
): version.Version => ({
  ...versionListItem(data, shown, urls),
  releaseNotes: shown.releaseNotes,
  canRelease,
  previousVersion: shown.previousVersionTag === null
    ? null
    : versionBase(data, shown.previousVersionTag, undefined, urls),
  nextVersion: shown.nextVersionTag === null || (shown.nextVersionTag === "next" && !seesDraft)
    ? null
    : versionBase(data, shown.nextVersionTag, undefined, urls),
  status: shown.status,
  releaseErrorMessage: shown.releaseErrorMessage
})

// ---------------------------------------------------------------------------------------------------------------------

const workflowReferences = (workflow: Model.Workflow): References => {
  const scoped = `${Reference.normalizeName(workflow.name)}:${workflow.referenceId}`
  return { scoped, qualified: `${ownerInReference(workflow.owner)}.${scoped}` }
}

export const workflowBase = (workflow: Model.Workflow, urls: Urls) => {
  const { qualified, scoped } = workflowReferences(workflow)
  return {
    kind: "workflow" as const,
    id: workflow.id,
    qualifiedReference: qualified,
    scopedReference: scoped,
    referenceId: workflow.referenceId,
    name: workflow.name,
    url: `${urls.origin}/workflows/${workflow.id}`,
    uri: `/workflows/${qualified}`,
    owner: account(workflow.owner)
  }
}

const containerOf = (shown: Model.Table, urls: Urls) =>
  shown.container.kind === "dataset"
    ? datasetBase(shown.container.at, urls)
    : workflowBase(shown.container.workflow, urls)

/** The table's path below the base, which its variables and uploads begin with. */
export const tableUri = (shown: Model.Table, urls: Urls): string => tableBase(shown, urls).uri

/** The page of a table: that of what holds it, with the table's id before the version. */
const tableUrl = (shown: Model.Table, containerUrl: string): string => {
  const [page, query] = containerUrl.split("?")
  return `${page}/tables/${shown.id}${query === undefined ? "" : `?${query}`}`
}

export const tableBase = (shown: Model.Table, urls: Urls) => {
  const container = containerOf(shown, urls)
  // the sample is told by the table where its dataset does not tell it already
  const isSample = shown.isSample && !container.scopedReference.endsWith(":sample")
  const scoped = `${Reference.normalizeName(shown.name)}:${shown.referenceId}${isSample ? ":sample" : ""}`
  const qualified = `${container.qualifiedReference}.${scoped}`
  return {
    kind: "table" as const,
    id: shown.id,
    qualifiedReference: qualified,
    scopedReference: scoped,
    referenceId: shown.referenceId,
    uri: `/tables/${qualified}`,
    url: tableUrl(shown, container.url),
    name: shown.name,
    isSample: shown.isSample,
    hash: shown.hash,
    isFileIndex: shown.isFileIndex
  }
}

export const tableListItem = (shown: Model.Table, urls: Urls) => ({
  ...tableBase(shown, urls),
  createdAt: shown.createdAt,
  updatedAt: shown.updatedAt,
  description: shown.description,
  numRows: shown.numRows,
  numBytes: shown.numBytes,
  variableCount: shown.variableCount,
  ...(shown.uploadMergeStrategy === null ? undefined : { uploadMergeStrategy: shown.uploadMergeStrategy })
})

/** Tables have no level of their own between metadata and data, nor above. */
const tableLevel = (level: Model.AccessLevel): Model.AccessLevel =>
  level === "edit" ? "data" : level === "sample" ? "metadata" : level

export const tableWhole = (shown: Model.Table, level: Model.AccessLevel, urls: Urls): table.Table => {
  const container = shown.container
  const data = container.kind === "dataset" ? container.at.dataset : undefined
  return {
    ...tableListItem(shown, urls),
    canDownload: Access.reaches(level, "data"),
    entity: { name: "row" },
    ...(data === undefined ? { temporalPrecision: null, temporalRange: null } : temporal(data)),
    geoBBox: data === undefined ? null : documented<NonNullable<table.Table["geoBBox"]> | null>(data.geoBBox),
    publicAccessLevel: data === undefined
      ? container.kind === "workflow" && container.workflow.publicAccessLevel === "view" ? "data" : "none"
      : tableLevel(data.publicAccessLevel),
    accessLevel: tableLevel(level),
    container: containerOf(shown, urls)
  }
}

export const tempUpload = (made: Model.TempUpload, urls: Urls): table.TempUpload => ({
  kind: "tempUpload",
  id: made.id,
  url: `${urls.storage}/temp/${made.id}`,
  name: made.name,
  size: String(made.size),
  resumable: made.resumable
})

/** Of a table, an upload or a query: its path below the base, and its page. */
export interface Place {
  readonly uri: string
  readonly url: string
}

export const tablePlace = (shown: Model.Table, urls: Urls): Place => tableBase(shown, urls)

export const placeAt = (uri: string, urls: Urls): Place => ({ uri, url: urls.origin + uri })

export const variableBase = (shown: Model.Variable, of: Place) => ({
  kind: "variable" as const,
  // names are equal whatever their letters' case, and paths tell them by the lower one
  uri: `${of.uri}/variables/${encodeURIComponent(shown.name.toLowerCase())}`,
  url: `${of.url}${of.url.includes("?") ? "&" : "?"}variable=${encodeURIComponent(shown.name)}`,
  name: shown.name,
  type: shown.type
})

export const variableListItem = (shown: Model.Variable, of: Place): variable.Variable => ({
  ...variableBase(shown, of),
  isFileId: shown.isFileId,
  index: shown.index,
  label: shown.label
})

export const variableWhole = (
  shown: Model.Variable,
  statistics: Model.Statistics,
  of: Place
): variable.Variable => ({
  ...variableListItem(shown, of),
  description: shown.description,
  valueLabels: shown.valueLabels.length === 0 ? null : shown.valueLabels,
  statistics
})

export const uploadWhole = (shown: Model.Upload, of: Model.Table, urls: Urls): upload.Upload => {
  const uri = `${tableUri(of, urls)}/uploads/${shown.id}`
  return {
    kind: "upload",
    uri,
    url: urls.origin + uri,
    name: shown.name,
    id: shown.id,
    status: shown.status,
    hash: shown.hash,
    size: shown.size,
    numRows: shown.numRows,
    numBytes: shown.numBytes,
    type: shown.type,
    hasHeaderRow: shown.options.hasHeaderRow ?? true,
    delimiter: shown.options.delimiter ?? null,
    quoteCharacter: shown.options.quoteCharacter ?? null,
    escapeCharacter: shown.options.escapeCharacter ?? null,
    skipBadRecords: shown.options.skipBadRecords ?? false,
    badRecordsCount: shown.badRecordsCount,
    hasQuotedNewlines: shown.options.hasQuotedNewlines ?? null,
    nullMarkers: shown.options.nullMarkers ?? [],
    errorMessage: shown.errorMessage
  }
}
