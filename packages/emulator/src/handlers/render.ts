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
      ...(owner.ror === null ? undefined : { ror: owner.ror })
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

interface References {
  readonly qualified: string
  readonly scoped: string
}

const datasetReferences = (data: Model.Dataset, tag: string, isSample: boolean): References => {
  const scoped = `${Reference.normalizeName(data.name)}:${data.referenceId}:${tagInReference(tag)}${
    isSample ? ":sample" : ""
  }`
  return { scoped, qualified: `${data.owner.name}.${scoped}` }
}

const versionBase = (data: Model.Dataset, tag: string, known: Model.Version | undefined, urls: Urls) => {
  const { qualified } = datasetReferences(data, tag, false)
  const unversioned = qualified.slice(0, qualified.lastIndexOf(":"))
  return {
    kind: "version" as const,
    tag,
    ...(known === undefined ? undefined : { index: known.index, label: known.label }),
    url: `${urls.origin}/datasets/${qualified}`,
    uri: `/datasets/${unversioned}/versions/${tag}`,
    datasetUri: `/datasets/${qualified}`,
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
    url: `${urls.origin}/datasets/${qualified}`,
    uri: `/datasets/${qualified}`,
    ...(data.doi === null ? undefined : { doi: data.doi }),
    owner: account(data.owner)
  }
}

// documentation fields are stored without being read, so their types are those that a seed was checked for
const documented = <A>(value: Model.Json): A => value as A

export const datasetListItem = (
  at: Model.DatasetAtVersion,
  level: Model.AccessLevel,
  urls: Urls
): dataset.DatasetListItem => {
  const { dataset: data } = at
  return {
    ...datasetBase(at, urls),
    description: data.description,
    ...(level === "edit" ? { labels: data.labels } : undefined),
    accessLevel: level,
    publicAccessLevel: data.publicAccessLevel,
    createdAt: data.createdAt,
    updatedAt: data.updatedAt,
    tableCount: at.tableCount,
    numBytes: at.numBytes,
    totalNumBytes: data.totalNumBytes,
    totalActiveTabularBytes: 0,
    totalInactiveTabularBytes: data.totalNumBytes,
    totalRawFileBytes: 0,
    temporalRange: data.temporalRange,
    temporalPrecision: data.temporalPrecision,
    geoBBox: documented<NonNullable<dataset.DatasetListItem["geoBBox"]> | null>(data.geoBBox),
    sampleConfiguration: data.sampleConfiguration
  }
}

export const datasetWhole = (
  at: Model.DatasetAtVersion,
  level: Model.AccessLevel,
  caller: Caller,
  urls: Urls
): dataset.Dataset => {
  const { dataset: data } = at
  const draft = Access.seesDraft(level, caller) ? data.nextVersion : null
  return {
    ...datasetListItem(at, level, urls),
    owner: account(data.owner),
    methodologyMarkdown: data.methodologyMarkdown,
    usageMarkdown: data.usageMarkdown,
    contactInfo: data.contactInfo,
    links: data.links,
    supportingFiles: documented<NonNullable<dataset.Dataset["supportingFiles"]>>(data.supportingFiles),
    customDocumentationSections: documented<NonNullable<dataset.Dataset["customDocumentationSections"]>>(
      data.customDocumentationSections
    ),
    version: versionBase(data, at.version.tag, at.version, urls),
    nextVersion: draft === null ? null : versionBase(data, draft.tag, draft, urls)
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
  return { scoped, qualified: `${workflow.owner.name}.${scoped}` }
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
    url: `${urls.origin}/workflows/${qualified}`,
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

export const tableBase = (shown: Model.Table, urls: Urls) => {
  const container = containerOf(shown, urls)
  // the sample is told by the table where its dataset does not tell it already
  const isSample = shown.isSample && !container.scopedReference.endsWith(":sample")
  const scoped = `${Reference.normalizeName(shown.name)}:${shown.referenceId}${isSample ? ":sample" : ""}`
  const qualified = `${container.qualifiedReference}.${scoped}`
  return {
    kind: "table" as const,
    uri: `/tables/${qualified}`,
    id: shown.id,
    url: `${urls.origin}/tables/${qualified}`,
    qualifiedReference: qualified,
    scopedReference: scoped,
    referenceId: shown.referenceId,
    name: shown.name,
    hash: shown.hash,
    isSample: shown.isSample,
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
    temporalRange: data?.temporalRange ?? null,
    temporalPrecision: data?.temporalPrecision ?? null,
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

/** `source`: the path of the table, upload or query below the base. */
export const variableWhole = (shown: Model.Variable, source: string, urls: Urls): variable.Variable => {
  const uri = `${source}/variables/${encodeURIComponent(shown.name)}`
  return {
    kind: "variable",
    uri,
    url: urls.origin + uri,
    name: shown.name,
    type: shown.type,
    isFileId: shown.isFileId,
    index: shown.index,
    label: shown.label,
    description: shown.description,
    valueLabels: shown.valueLabels
  }
}

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
