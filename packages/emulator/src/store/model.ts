/**
 * What the emulator's store holds, as its callers see it. Times are
 * milliseconds since the epoch.
 *
 * @since 0.1.0
 */
import type * as Stream from "effect/Stream"

/** The types that a variable can have. */
export type VariableType = "string" | "integer" | "float" | "boolean" | "date" | "dateTime" | "time" | "geography"

export type AccessLevel = "none" | "overview" | "metadata" | "sample" | "data" | "edit"

export type JobStatus = "queued" | "running" | "completed" | "failed" | "cancelled"

export type MergeStrategy = "append" | "replace"

/** Plain JSON, for the documentation fields that the store keeps without reading them. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

export interface User {
  readonly kind: "user"
  readonly name: string
  readonly fullName: string
  readonly contactEmail: string | null
  readonly orcid: string | null
}

export interface Organization {
  readonly kind: "organization"
  readonly name: string
  readonly fullName: string
  readonly ror: string | null
  readonly doiPrefix: string | null
}

/** Users and organizations share one space of names, compared without case. */
export type Account = User | Organization

export interface Member {
  readonly organization: string
  readonly user: User
  readonly status: "pending" | "approved" | "rejected" | "left" | "revoked"
  readonly isAdmin: boolean
  readonly labels: ReadonlyArray<string>
  readonly createdAt: number
  readonly submittedAt: number
  readonly approvedAt: number | null
  readonly rejectedAt: number | null
  readonly leftAt: number | null
}

export interface Token {
  /** Not the text of the token, which the store never keeps. */
  readonly id: string
  readonly user: string
  readonly scopes: ReadonlyArray<string>
  readonly createdAt: number
  /** `null`: never. An expired token is still found, so that the server can say that it expired. */
  readonly expiresAt: number | null
}

/**
 * Which dataset is meant: the shape of core's `DatasetReference`. A reference
 * id wins over the name, unless `strict` asks for both to fit. A name finds the
 * very same one, then one that is the same in a normal form.
 */
export interface DatasetLookup {
  readonly owner?: string | undefined
  readonly name?: string | undefined
  readonly id?: string | undefined
  /** `v1.0` or `v1_0` in any case, `current`, `next`. Absent: `current`. */
  readonly version?: string | undefined
  readonly sample?: boolean | undefined
}

export interface WorkflowLookup {
  readonly owner?: string | undefined
  readonly name?: string | undefined
  readonly id?: string | undefined
}

/** A table of a dataset, or of a workflow where no dataset fits: the shape of core's `TableReference`. */
export interface TableLookup {
  readonly container?: DatasetLookup | undefined
  readonly name?: string | undefined
  readonly id?: string | undefined
  readonly sample?: boolean | undefined
}

export interface LookupOptions {
  /** Name and id, where both are given, must belong together. */
  readonly strict?: boolean | undefined
  /** Every part must bring its id. */
  readonly exact?: boolean | undefined
  /** Nothing is found whose name is another in a script beyond ASCII. */
  readonly nearest?: boolean | undefined
}

export interface Link {
  readonly title: string
  readonly url: string
}

/** Documentation of a dataset, which `datasets.update` sets and nothing else reads. */
export interface DatasetDocumentation {
  readonly methodologyMarkdown: string | null
  readonly usageMarkdown: string | null
  readonly contactInfo: string | null
  readonly links: ReadonlyArray<Link>
  readonly tags: ReadonlyArray<string>
  readonly supportingFiles: ReadonlyArray<Json>
  readonly customDocumentationSections: ReadonlyArray<Json>
  readonly temporalRange: readonly [number, number] | null
  readonly temporalPrecision: string | null
  readonly geoBBox: Json
  readonly sampleConfiguration: { readonly variableName: string | null; readonly targetRatio: number } | null
}

export interface Dataset extends DatasetDocumentation {
  readonly id: string
  readonly referenceId: string
  readonly owner: Account
  readonly name: string
  readonly description: string | null
  readonly labels: ReadonlyArray<string>
  readonly publicAccessLevel: AccessLevel
  readonly doi: string | null
  readonly createdAt: number
  readonly updatedAt: number
  /** The newest version that is released and not deleted; `null` before the first release. */
  readonly currentVersion: Version | null
  /** The draft, of which there is one at most. */
  readonly nextVersion: Version | null
  /** Bytes of the rows of all versions, each segment once. */
  readonly totalNumBytes: number
}

/** Bytes that a dataset has across its versions. */
export interface Usage {
  /** Of rows that a query has read. */
  readonly activeBytes: number
  readonly inactiveBytes: number
  readonly rawFileBytes: number
}

/** A dataset as one of its versions shows it. */
export interface DatasetAtVersion {
  readonly dataset: Dataset
  readonly version: Version
  /** The reference asked for the sample. */
  readonly sample: boolean
  /** The version as the reference named it, `undefined` where it named none. */
  readonly requestedVersion: string | undefined
  readonly tableCount: number
  readonly numBytes: number
}

export interface Version {
  readonly id: string
  readonly datasetId: string
  /** `v1.0`; `next` while it is a draft. */
  readonly tag: string
  /** Counts from 0 in the order of the versions. */
  readonly index: number
  readonly label: string | null
  readonly releaseNotes: string | null
  readonly isReleased: boolean
  readonly isDeleted: boolean
  /** Of the release; `null` before one is asked for. */
  readonly status: JobStatus | null
  readonly releaseErrorMessage: string | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly releasedAt: number | null
  readonly previousVersionTag: string | null
  readonly nextVersionTag: string | null
}

/** A table as one version of its dataset shows it, or a table of a workflow. */
export interface Table {
  readonly id: string
  readonly referenceId: string
  readonly name: string
  readonly description: string | null
  readonly isFileIndex: boolean
  /** `null` on tables of workflows. */
  readonly uploadMergeStrategy: MergeStrategy | null
  readonly container:
    | { readonly kind: "dataset"; readonly at: DatasetAtVersion }
    | { readonly kind: "workflow"; readonly workflow: Workflow }
  readonly isSample: boolean
  readonly numRows: number
  readonly numBytes: number
  readonly variableCount: number
  /** Changes exactly when the rows or the schema do. */
  readonly hash: string
  readonly createdAt: number
  readonly updatedAt: number
  /** Of the rows that it shows: another id may show the same rows, but one id never shows others. */
  readonly relationId: string
  /**
   * Quoted name of the relation by which translated SQL reads these rows. Hand
   * it to `queries.execute`, where a relation that is not listed is refused.
   */
  readonly relation: string
}

export interface ValueLabel {
  readonly value: string
  readonly label: string
}

export interface Variable {
  readonly name: string
  readonly type: VariableType
  readonly index: number
  readonly label: string | null
  readonly description: string | null
  readonly valueLabels: ReadonlyArray<ValueLabel>
  readonly isFileId: boolean
}

/**
 * What is counted of a variable's values; only the status until it is
 * completed. What has no meaning for the type, or no value, is absent.
 */
export interface Statistics {
  readonly status: JobStatus
  readonly count?: number
  readonly numDistinct?: number
  /** Of dates and times the milliseconds since the epoch, of text its length. */
  readonly min?: number
  readonly max?: number
  readonly mean?: number
  readonly approxMedian?: number
  readonly stdDev?: number
  readonly geoBBox?: {
    readonly westLongitude: number
    readonly eastLongitude: number
    readonly northLatitude: number
    readonly southLatitude: number
  }
}

/** What a variable of a table can be told; `null` unsets, absent leaves as it is. */
export interface VariableChange {
  readonly name: string
  readonly label?: string | null | undefined
  readonly description?: string | null | undefined
  readonly valueLabels?: ReadonlyArray<ValueLabel> | null | undefined
}

export interface SchemaField {
  readonly name: string
  readonly type: VariableType
}

/** How a file is to be read. Absent means: find out. */
export interface UploadOptions {
  readonly hasHeaderRow?: boolean | undefined
  readonly delimiter?: string | null | undefined
  readonly quoteCharacter?: string | null | undefined
  readonly escapeCharacter?: string | null | undefined
  readonly skipBadRecords?: boolean | undefined
  readonly hasQuotedNewlines?: boolean | null | undefined
  readonly allowJaggedRows?: boolean | undefined
  readonly nullMarkers?: ReadonlyArray<string> | null | undefined
}

export interface Upload {
  readonly id: string
  readonly tableId: string
  readonly versionId: string
  readonly name: string
  readonly type: string
  readonly status: JobStatus
  readonly errorMessage: string | null
  readonly options: UploadOptions
  /** MD5 of the file in lower case hexadecimal; `null` for streams. */
  readonly hash: string | null
  readonly size: number | null
  readonly numRows: number | null
  readonly numBytes: number | null
  readonly badRecordsCount: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** Where the content of an upload comes from. */
export type UploadContent<E = never, R = never> =
  | { readonly kind: "bytes"; readonly bytes: Stream.Stream<Uint8Array, E, R> }
  | { readonly kind: "tempUpload"; readonly id: string }
  /** Rows come later, through `uploads.insertRows`. */
  | { readonly kind: "stream"; readonly schema: ReadonlyArray<SchemaField> | null }

export interface InsertRowsResult {
  readonly rowsAdded: number
  readonly rowsSkipped: number
  readonly updatedVariables: ReadonlyArray<SchemaField & { readonly previousType: VariableType }>
  readonly addedVariables: ReadonlyArray<SchemaField>
}

export interface TempUpload {
  readonly id: string
  /** The table, or the job of a notebook, that it is meant for. */
  readonly tableId: string
  readonly user: string | null
  readonly name: string | null
  readonly size: number
  readonly resumable: boolean
  /** Bytes that are safely stored, from the first on. */
  readonly received: number
  readonly isComplete: boolean
  /** Whether its bytes have become an upload, after which it cannot be used again. */
  readonly isUsed: boolean
  readonly createdAt: number
  readonly expiresAt: number
}

/** A file of a file index. */
export interface RawFile {
  readonly id: string
  readonly datasetId: string
  readonly tableId: string
  /** The version whose draft it was added to. */
  readonly versionId: string
  readonly name: string
  readonly size: number
  /** MD5 of its bytes, in base64. */
  readonly md5Hash: string
  readonly addedAt: number
}

/** Rows as files. */
export interface Export {
  readonly id: string
  readonly owner: string
  readonly format: string
  /** Of what is exported, for the names of the files. */
  readonly name: string
  /** Reference of the table that is exported. */
  readonly table: string | null
  /** Where the rows are of one. */
  readonly datasetId: string | null
  readonly status: JobStatus
  readonly errorMessage: string | null
  readonly percentCompleted: number
  readonly createdAt: number
  /** Its files, once it is completed, with the MD5 of each in lower case hexadecimal. */
  readonly parts: ReadonlyArray<{ readonly size: number; readonly hash: string }>
}

/** Bytes `from` to, not with, `to`. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

export interface Query {
  readonly id: string
  readonly owner: string
  readonly sql: string
  readonly defaultDataset: string | null
  readonly defaultWorkflow: string | null
  readonly status: JobStatus
  readonly errorMessage: string | null
  readonly outputNumRows: number | null
  readonly outputNumBytes: number | null
  readonly outputSchema: ReadonlyArray<SchemaField> | null
  readonly createdAt: number
  readonly finishedAt: number | null
}

export interface Workflow {
  readonly id: string
  readonly referenceId: string
  readonly owner: Account
  readonly name: string
  readonly description: string | null
  readonly publicAccessLevel: "none" | "view"
  readonly studyAccessLevel: "none" | "view" | null
  readonly study: string | null
  readonly tableCount: number
  readonly transformCount: number
  readonly notebookCount: number
  readonly createdAt: number
  readonly lastActive: number
}

/** A named list of values that the queries of a workflow use. */
export interface Parameter {
  readonly id: string
  readonly workflowId: string
  readonly name: string
  readonly type: VariableType
  readonly values: ReadonlyArray<ParameterValue>
  readonly createdAt: number
  readonly updatedAt: number
}

export type ParameterValue = string | number | boolean

/** A table by its place in what holds it. */
export interface TableName {
  readonly name: string
  readonly id: string
}

/** What a data source takes its tables from. */
export type Origin =
  | { readonly kind: "dataset"; readonly datasetId: string; readonly versionId: string; readonly sample: boolean }
  | { readonly kind: "workflow"; readonly workflowId: string }

export interface DataSource {
  readonly id: string
  readonly workflowId: string
  readonly origin: Origin
  /** Names by which tables of an earlier origin go on to be found, and what they mean now. */
  readonly mappedTables: ReadonlyArray<{ readonly from: TableName; readonly to: TableName }>
  readonly createdAt: number
  readonly updatedAt: number
}

export type NodeKind = "transform" | "notebook"

/** One run of a transform or a notebook. */
export interface NodeJob {
  readonly id: string
  readonly nodeId: string
  readonly kind: NodeKind
  readonly status: JobStatus
  readonly errorMessage: string | null
  readonly createdAt: number
  readonly finishedAt: number | null
}

/** A transform or a notebook. */
export interface WorkflowNode {
  readonly id: string
  readonly kind: NodeKind
  readonly workflow: Workflow
  readonly referenceId: string
  readonly name: string
  /** Of transforms. */
  readonly query: string | null
  /** A table of the workflow itself where there is no data source. */
  readonly source: { readonly dataSourceId: string | null; readonly table: TableName } | null
  /** Made by the first run that gives out rows. */
  readonly outputTableId: string | null
  /** The run that has not ended. */
  readonly currentJob: NodeJob | null
  /** The newest run that has ended. */
  readonly lastRunJob: NodeJob | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface NodeLookup {
  readonly container?: WorkflowLookup | undefined
  readonly name?: string | undefined
  readonly id?: string | undefined
}

export interface Secret {
  readonly owner: string
  readonly name: string
  readonly value: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** Whose rows: a table as a lookup gave it, an upload, or the result of a query. */
export type RowSource =
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "upload"; readonly uploadId: string }
  | { readonly kind: "query"; readonly queryId: string }

export type RowFormat = "arrow" | "csv" | "ndjson" | "jsonl"

export interface RowSelection {
  /** Names in any case, in the order of the columns. Absent: all, in the order of the variables. */
  readonly variables?: ReadonlyArray<string> | undefined
  /** Rows to leave out at the beginning. */
  readonly offset?: number | undefined
  /** Rows at most. */
  readonly limit?: number | undefined
  /** Rows beyond the limit, as the service has sent them. */
  readonly overrun?: number | undefined
  /** A seed of the order in which rows come; that in which they are stored if absent. */
  readonly order?: number | undefined
}

export interface ReadOptions {
  /**
   * Rows in an Arrow batch, or in a chunk of text, at most.
   *
   * @default 10240
   */
  readonly batchRows?: number | undefined
  /** End an Arrow stream with a batch of no rows. */
  readonly eosSentinel?: boolean | undefined
}

export interface ReadStream {
  readonly id: string
  readonly sessionId: string
  readonly creator: string | null
  readonly allowAnonymousAccess: boolean
  readonly format: RowFormat
  readonly numRows: number
  readonly createdAt: number
  readonly expiresAt: number
  /** Dataset, if the rows are of one: for access checks at reading time. */
  readonly datasetId: string | null
}

export interface ReadSession {
  readonly id: string
  readonly numRows: number
  readonly format: RowFormat
  readonly streams: ReadonlyArray<ReadStream>
}
