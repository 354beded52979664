/**
 * Everything that the emulator knows, kept in DuckDB: the catalogue (accounts,
 * tokens, datasets, versions, tables, uploads, queries, sessions), the rows,
 * and the files that uploads arrive in.
 *
 * The store holds what is true, not who may see it: access is decided by the
 * server, on records that a lookup gave. Lookups take structures
 * (`DatasetLookup`), not text. What goes wrong for a reason that a caller can
 * be told is a typed error; a broken disk is a defect.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type * as Model from "./model.ts"
import type { ImportFailed, QueryFailed, StoreConflict, StoreInvalid, StoreNotFound } from "./StoreError.ts"

/** Users and organizations. */
export interface Accounts {
  /** Makes the user, or changes the one of that name. An organization of that name is a conflict. */
  readonly putUser: (user: {
    readonly name: string
    readonly fullName?: string | undefined
    readonly contactEmail?: string | null | undefined
    readonly orcid?: string | null | undefined
  }) => Effect.Effect<Model.User, StoreConflict | StoreInvalid>
  readonly putOrganization: (organization: {
    readonly name: string
    readonly fullName?: string | undefined
    readonly ror?: string | null | undefined
    readonly doiPrefix?: string | null | undefined
  }) => Effect.Effect<Model.Organization, StoreConflict | StoreInvalid>
  /** Either, by its name without regard to case. */
  readonly get: (name: string) => Effect.Effect<Model.Account, StoreNotFound>
  readonly getUser: (name: string) => Effect.Effect<Model.User, StoreNotFound>
  readonly getOrganization: (name: string) => Effect.Effect<Model.Organization, StoreNotFound>
  readonly list: Effect.Effect<ReadonlyArray<Model.Account>>
}

/** Members of organizations. */
export interface Members {
  /** Makes the membership, or changes the fields that are given. */
  readonly put: (organization: string, user: string, change: {
    readonly status?: Model.Member["status"] | undefined
    readonly isAdmin?: boolean | undefined
    readonly labels?: ReadonlyArray<string> | undefined
  }) => Effect.Effect<Model.Member, StoreNotFound>
  readonly get: (organization: string, user: string) => Effect.Effect<Model.Member, StoreNotFound>
  /** In the order in which they came. A label `a` fits `a` and `a:b`; each list is an "or". */
  readonly list: (organization: string, filter?: {
    readonly statuses?: ReadonlyArray<string> | undefined
    readonly labels?: ReadonlyArray<string> | undefined
  }) => Effect.Effect<ReadonlyArray<Model.Member>, StoreNotFound>
  /** Organizations that the user is an approved member of. */
  readonly ofUser: (user: string) => Effect.Effect<ReadonlyArray<Model.Member>>
  readonly addComment: (
    organization: string,
    user: string,
    comment: { readonly author: string; readonly text: string }
  ) => Effect.Effect<void, StoreNotFound>
  readonly comments: (organization: string, user: string) => Effect.Effect<
    ReadonlyArray<{ readonly author: string; readonly text: string; readonly createdAt: number }>,
    StoreNotFound
  >
}

/** Tokens, kept as SHA-256 of their text. */
export interface Tokens {
  /** A text that is known already is changed. */
  readonly put: (token: {
    readonly text: string
    readonly user: string
    readonly scopes: ReadonlyArray<string>
    readonly expiresAt?: number | null | undefined
  }) => Effect.Effect<Model.Token, StoreNotFound>
  /** Also when it has expired. */
  readonly find: (text: string) => Effect.Effect<Model.Token, StoreNotFound>
  readonly remove: (id: string) => Effect.Effect<void>
}

/** What a user was granted on a dataset beyond what everyone may. */
export interface Grants {
  /** `none` takes the grant away. */
  readonly put: (datasetId: string, user: string, level: Model.AccessLevel) => Effect.Effect<void, StoreNotFound>
  /** `none` where there is no grant. */
  readonly get: (datasetId: string, user: string) => Effect.Effect<Model.AccessLevel>
  readonly list: (datasetId: string) => Effect.Effect<
    ReadonlyArray<{ readonly user: string; readonly level: Model.AccessLevel }>
  >
}

export interface Datasets {
  /** Makes the dataset with an empty draft. */
  readonly create: (owner: string, dataset: {
    readonly name: string
    readonly publicAccessLevel?: Model.AccessLevel | undefined
    readonly description?: string | null | undefined
    readonly labels?: ReadonlyArray<string> | undefined
    /** For seeds; else it is drawn. */
    readonly referenceId?: string | undefined
    readonly documentation?: Partial<Model.DatasetDocumentation> | undefined
  }) => Effect.Effect<Model.DatasetAtVersion, StoreNotFound | StoreConflict | StoreInvalid>
  /**
   * The dataset at the version that is asked for. `current`, and no version,
   * mean the newest released one, and the draft before the first release.
   */
  readonly get: (
    lookup: Model.DatasetLookup,
    options?: Model.LookupOptions
  ) => Effect.Effect<Model.DatasetAtVersion, StoreNotFound | StoreInvalid>
  /** By its id, at `current`. */
  readonly getById: (id: string) => Effect.Effect<Model.DatasetAtVersion, StoreNotFound>
  /** All of an owner, at `current`, in the order in which they were made. */
  readonly list: (owner: string, filter?: {
    readonly labels?: ReadonlyArray<string> | undefined
  }) => Effect.Effect<ReadonlyArray<Model.DatasetAtVersion>, StoreNotFound>
  readonly update: (id: string, change: {
    readonly name?: string | undefined
    readonly publicAccessLevel?: Model.AccessLevel | undefined
    readonly description?: string | null | undefined
    readonly labels?: ReadonlyArray<string> | undefined
    readonly doi?: string | null | undefined
    readonly documentation?: Partial<Model.DatasetDocumentation> | undefined
  }) => Effect.Effect<Model.DatasetAtVersion, StoreNotFound | StoreConflict | StoreInvalid>
  /** Of each of these datasets. */
  readonly usage: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, Model.Usage>>
  /** With all its contents. */
  readonly remove: (id: string) => Effect.Effect<void, StoreNotFound>
}

export interface Versions {
  /** Newest first, the draft before all; deleted ones are among them. */
  readonly list: (datasetId: string) => Effect.Effect<ReadonlyArray<Model.Version>, StoreNotFound>
  /** `tag`: `v1.0`, `v1_0`, `current` or `next`. */
  readonly get: (datasetId: string, tag: string) => Effect.Effect<Model.Version, StoreNotFound>
  /** False when nothing changed since the last release, or when uploads are unfinished or failed. */
  readonly canRelease: (versionId: string) => Effect.Effect<boolean, StoreNotFound>
  /** Starts a draft that inherits the tables, rows and variables of the current version. */
  readonly createNext: (datasetId: string) => Effect.Effect<Model.Version, StoreNotFound | StoreConflict>
  readonly update: (versionId: string, change: {
    readonly label?: string | null | undefined
    readonly releaseNotes?: string | null | undefined
  }) => Effect.Effect<Model.Version, StoreNotFound>
  /**
   * Makes the draft immutable. The tag is the next minor one, or the next major
   * one where a table or a variable is gone or has another type.
   */
  readonly release: (datasetId: string, options?: {
    readonly releaseNotes?: string | null | undefined
    readonly label?: string | null | undefined
  }) => Effect.Effect<Model.Version, StoreNotFound | StoreConflict>
  /** Within 7 days of the release, of the current version, while there is no draft. */
  readonly unrelease: (datasetId: string) => Effect.Effect<Model.Version, StoreNotFound | StoreConflict>
  /** A draft vanishes (`undefined`); a historic version is marked and given. Current: `StoreConflict`. */
  readonly remove: (
    datasetId: string,
    tag: string
  ) => Effect.Effect<Model.Version | undefined, StoreNotFound | StoreConflict>
  readonly undelete: (datasetId: string, tag: string) => Effect.Effect<Model.Version, StoreNotFound | StoreConflict>
}

export interface Tables {
  /** In the draft of a dataset: `StoreConflict` on a released version. */
  readonly create: (at: Model.DatasetAtVersion, table: {
    readonly name: string
    readonly description?: string | null | undefined
    readonly uploadMergeStrategy?: Model.MergeStrategy | undefined
    readonly isFileIndex?: boolean | undefined
    readonly referenceId?: string | undefined
    /** How many tables the dataset may have with it. */
    readonly mostTables?: number | undefined
  }) => Effect.Effect<Model.Table, StoreNotFound | StoreConflict | StoreInvalid>
  readonly get: (
    lookup: Model.TableLookup,
    options?: Model.LookupOptions
  ) => Effect.Effect<Model.Table, StoreNotFound | StoreInvalid>
  /** Of a dataset at a version, in the order in which they were made. */
  readonly list: (at: Model.DatasetAtVersion) => Effect.Effect<ReadonlyArray<Model.Table>>
  readonly listOfWorkflow: (workflowId: string) => Effect.Effect<ReadonlyArray<Model.Table>, StoreNotFound>
  /**
   * Name and description may change on any version, the strategy on a draft
   * only. Setting `replace` empties what the draft inherited, `append` brings it
   * back.
   */
  readonly update: (table: Model.Table, change: {
    readonly name?: string | undefined
    readonly description?: string | null | undefined
    readonly uploadMergeStrategy?: Model.MergeStrategy | undefined
    readonly isFileIndex?: boolean | undefined
  }) => Effect.Effect<Model.Table, StoreNotFound | StoreConflict | StoreInvalid>
  /** From the draft only; released versions keep it. */
  readonly remove: (table: Model.Table) => Effect.Effect<void, StoreNotFound | StoreConflict>
}

export interface Variables {
  /** In the order of the columns; `StoreConflict` for a query or an upload that is not completed. */
  readonly list: (
    source: Model.RowSource
  ) => Effect.Effect<ReadonlyArray<Model.Variable>, StoreNotFound | StoreConflict>
  /** By its name without regard to case. */
  readonly get: (
    source: Model.RowSource,
    name: string
  ) => Effect.Effect<Model.Variable, StoreNotFound | StoreConflict>
  /** All or none: a name that the table does not have is `StoreNotFound`. */
  readonly update: (
    table: Model.Table,
    changes: ReadonlyArray<Model.VariableChange>
  ) => Effect.Effect<void, StoreNotFound>
  /** What is noted of a variable of an upload or of a query's result. */
  readonly note: (
    source: Exclude<Model.RowSource, { readonly kind: "table" }>,
    change: Model.VariableChange
  ) => Effect.Effect<void, StoreNotFound | StoreConflict>
  /**
   * What was counted of the rows as they are; `count` is there where nobody
   * counts yet, and is to be run beside the request.
   */
  readonly statistics: (source: Model.RowSource, name: string) => Effect.Effect<
    { readonly statistics: Model.Statistics; readonly count: Effect.Effect<void> | undefined },
    StoreNotFound | StoreConflict
  >
  /** In all tables of a version where the names fit. */
  readonly updateAll: (
    at: Model.DatasetAtVersion,
    changes: ReadonlyArray<Model.VariableChange>
  ) => Effect.Effect<void>
  /** In all tables of a workflow's own where the names fit. */
  readonly updateAllOfWorkflow: (
    workflowId: string,
    changes: ReadonlyArray<Model.VariableChange>
  ) => Effect.Effect<void, StoreNotFound>
}

export interface UploadRequest<E = never, R = never> {
  readonly name?: string | undefined
  /** Else by the end of the name. */
  readonly type?: string | null | undefined
  readonly options?: Model.UploadOptions | undefined
  /** Labels and descriptions that the variables get once the rows are in. */
  readonly metadata?: ReadonlyArray<Model.VariableChange> | undefined
  readonly content: Model.UploadContent<E, R>
}

export interface Uploads {
  /**
   * Stores the content and the record, `queued`; `uploads.run` imports it. A
   * name that the table has already is changed (`rows.csv`, `rows_1.csv`). A
   * stream is `completed` at once.
   */
  readonly create: <E = never, R = never>(
    table: Model.Table,
    upload: UploadRequest<E, R>
  ) => Effect.Effect<Model.Upload, StoreNotFound | StoreConflict | StoreInvalid | E, R>
  /** The same for a stream whose first rows are there already: as `create` and then `insertRows`, at half the cost. */
  readonly createWithRows: <E = never, R = never>(
    table: Model.Table,
    upload: UploadRequest<E, R>,
    rows: ReadonlyArray<{ readonly [name: string]: unknown }>
  ) => Effect.Effect<Model.Upload, StoreNotFound | StoreConflict | StoreInvalid | ImportFailed | E, R>
  /**
   * Imports a queued upload. A file that cannot be read leaves the upload
   * `failed` with a message; the effect itself succeeds. Interrupting it leaves
   * the upload queued.
   */
  readonly run: (id: string) => Effect.Effect<Model.Upload, StoreNotFound>
  /** Ids of uploads that wait for `run`, those among them that a restart broke off. */
  readonly pending: Effect.Effect<ReadonlyArray<string>>
  /** By its name in normal form (so `rows_csv` finds `rows.csv`), or by its id. */
  readonly get: (table: Model.Table, name: string) => Effect.Effect<Model.Upload, StoreNotFound>
  readonly getById: (id: string) => Effect.Effect<Model.Upload, StoreNotFound>
  /** The table that an upload was made into, at its version. */
  readonly tableOf: (upload: Model.Upload) => Effect.Effect<Model.Table, StoreNotFound>
  /** Those made in this version, not those whose rows it inherited. */
  readonly list: (table: Model.Table) => Effect.Effect<ReadonlyArray<Model.Upload>>
  /** In a draft only. Takes its rows out of the table. */
  readonly remove: (id: string) => Effect.Effect<void, StoreNotFound | StoreConflict>
  /**
   * Adds rows to an upload of type `stream`, all or none. Values are JSON; text
   * is taken for dates, times, strings and geographies only.
   */
  readonly insertRows: (
    id: string,
    rows: ReadonlyArray<{ readonly [name: string]: unknown }>,
    options?: { readonly updateVariables?: boolean | undefined }
  ) => Effect.Effect<Model.InsertRowsResult, StoreNotFound | StoreConflict | ImportFailed>
}

export interface TempUploads {
  /** For a table, or for the job of a notebook. */
  readonly create: (target: { readonly id: string }, request: {
    readonly size: number
    readonly name?: string | null | undefined
    readonly resumable?: boolean | undefined
    readonly user?: string | null | undefined
  }) => Effect.Effect<Model.TempUpload>
  readonly get: (id: string) => Effect.Effect<Model.TempUpload, StoreNotFound>
  /**
   * Writes bytes to disk as they come, from byte `at` on. `at` beyond what was
   * received is `StoreConflict`, as are more bytes than its size; `at` before
   * that writes over it. When the stream fails or the effect is interrupted,
   * what came until then counts as received. The upload is complete when its
   * size is reached.
   */
  readonly write: <E, R>(
    id: string,
    at: number,
    bytes: Stream.Stream<Uint8Array, E, R>
  ) => Effect.Effect<Model.TempUpload, StoreNotFound | StoreConflict | E, R>
  readonly remove: (id: string) => Effect.Effect<void>
}

/** Files of file indexes. */
export interface RawFiles {
  /**
   * Makes files of temporary uploads, and rows of them in a draft's file index:
   * `file_id`, `file_name`, `size`, `md5_hash`. One of the same name is replaced, also where it is inherited.
   */
  readonly add: (
    table: Model.Table,
    files: ReadonlyArray<{ readonly name: string; readonly tempUploadId: string }>
  ) => Effect.Effect<ReadonlyArray<Model.RawFile>, StoreNotFound | StoreConflict | StoreInvalid>
  readonly get: (id: string) => Effect.Effect<Model.RawFile, StoreNotFound>
  /** Whether a table has a row of the file. */
  readonly isIn: (table: Model.Table, id: string) => Effect.Effect<boolean>
  /** The datasets whose files the rows name. */
  readonly datasetsOf: (source: Model.RowSource, selection: {
    readonly fileIdVariable?: string | undefined
  }) => Effect.Effect<ReadonlyArray<string>, StoreNotFound | StoreConflict | StoreInvalid>
  /** The files that the rows name, as far as they are of these datasets, as an Arrow stream. */
  readonly list: (source: Model.RowSource, selection: {
    readonly fileIdVariable?: string | undefined
    readonly fileNameVariable?: string | undefined
    readonly datasets: ReadonlyArray<string>
  }) => Effect.Effect<Stream.Stream<Uint8Array>, StoreNotFound | StoreConflict | StoreInvalid>
  /** When the rows last changed; `null` where they have not come yet. */
  readonly modifiedAt: (source: Model.RowSource) => Effect.Effect<number | null>
  readonly bytes: (file: Model.RawFile, range?: Model.ByteRange) => Stream.Stream<Uint8Array>
}

/** Rows as files. */
export interface Exports {
  /** Makes the record, `queued`, of the rows as they are now. */
  readonly create: (source: Model.RowSource, request: {
    readonly owner: string
    readonly format: string
    readonly name: string
    readonly table: string | null
  }) => Effect.Effect<Model.Export, StoreNotFound | StoreConflict>
  readonly get: (id: string) => Effect.Effect<Model.Export, StoreNotFound>
  /**
   * Writes the files, each of about `partBytes` of the rows. A failure leaves the
   * export `failed` with the message; the effect itself succeeds. Interrupting it
   * leaves the export `cancelled`.
   */
  readonly run: (id: string, partBytes: number) => Effect.Effect<Model.Export, StoreNotFound>
  readonly bytes: (id: string, part: number, range?: Model.ByteRange) => Stream.Stream<Uint8Array>
}

/** SQL for DuckDB, and what it needs to be told of it. */
export interface Translated {
  readonly sql: string
  /** `Table.relation` of each table that the SQL reads. */
  readonly relations: ReadonlyArray<string>
  /** What DuckDB cannot know of a column: that its text is a `geography`. */
  readonly columnTypes?: Readonly<Record<string, Model.VariableType>> | undefined
  /** Whether the query ends in ORDER BY, so that its rows are read in one stream. */
  readonly isOrdered?: boolean | undefined
}

export interface Queries {
  /** Makes the record, `queued`. */
  readonly create: (query: {
    readonly owner: string
    readonly sql: string
    readonly defaultDataset?: string | null | undefined
    readonly defaultWorkflow?: string | null | undefined
  }) => Effect.Effect<Model.Query>
  readonly get: (id: string) => Effect.Effect<Model.Query, StoreNotFound>
  /**
   * Runs DuckDB SQL, one query that names no relation but those listed, and
   * keeps its rows as the result. A failure leaves the query `failed` with the
   * message; the effect itself succeeds. Interrupting it stops the query, which
   * is then `cancelled`. One that runs longer than so many milliseconds fails.
   */
  readonly execute: (
    id: string,
    translated: Translated,
    timeout?: number | undefined
  ) => Effect.Effect<Model.Query, StoreNotFound>
  /** For a query that failed before it could run. */
  readonly fail: (id: string, message: string) => Effect.Effect<Model.Query, StoreNotFound>
  readonly remove: (id: string) => Effect.Effect<void>
  /** Whether `execute` would take this SQL. */
  readonly check: (translated: {
    readonly sql: string
    readonly relations: ReadonlyArray<string>
  }) => Effect.Effect<void, QueryFailed>
}

export interface Rows {
  /** How many rows a selection has. */
  readonly count: (
    source: Model.RowSource,
    selection?: Model.RowSelection
  ) => Effect.Effect<number, StoreNotFound | StoreConflict | StoreInvalid>
  /**
   * Rows as bytes, as they are asked for: Arrow IPC stream; CSV with a header;
   * `ndjson`, an array a line in which numbers are text; `jsonl`, an object a
   * line. What fails, fails before the first byte, so that a status can say it.
   */
  readonly read: (
    source: Model.RowSource,
    format: Model.RowFormat,
    selection?: Model.RowSelection,
    options?: Model.ReadOptions
  ) => Effect.Effect<Stream.Stream<Uint8Array>, StoreNotFound | StoreConflict | StoreInvalid>
}

export interface Sessions {
  readonly create: (source: Model.RowSource, session: {
    /** `null`: nobody, for sessions made without credentials. */
    readonly creator: string | null
    readonly allowAnonymousAccess?: boolean | undefined
    readonly format?: "arrow" | "jsonl" | "csv" | undefined
    readonly variables?: ReadonlyArray<string> | undefined
    readonly maxResults?: number | undefined
    /** At most; there are no more streams than rows. No rows: no streams. */
    readonly requestedStreamCount?: number | undefined
  }) => Effect.Effect<Model.ReadSession, StoreNotFound | StoreConflict | StoreInvalid>
  /** Also when it has expired. */
  readonly getStream: (streamId: string) => Effect.Effect<Model.ReadStream, StoreNotFound>
  /** The rows as they were when the session was made, from `offset` on. */
  readonly read: (
    streamId: string,
    options?: Model.ReadOptions & Pick<Model.RowSelection, "offset" | "overrun">
  ) => Effect.Effect<Stream.Stream<Uint8Array>, StoreNotFound | StoreInvalid>
}

export interface Secrets {
  readonly put: (owner: string, name: string, value: string) => Effect.Effect<Model.Secret, StoreNotFound>
  readonly get: (owner: string, name: string) => Effect.Effect<Model.Secret, StoreNotFound>
}

export interface Workflows {
  readonly create: (owner: string, workflow: {
    readonly name: string
    readonly description?: string | null | undefined
    readonly publicAccessLevel?: "none" | "view" | undefined
    readonly studyAccessLevel?: "none" | "view" | null | undefined
    readonly study?: string | null | undefined
    readonly referenceId?: string | undefined
  }) => Effect.Effect<Model.Workflow, StoreNotFound | StoreConflict | StoreInvalid>
  readonly get: (
    lookup: Model.WorkflowLookup,
    options?: Model.LookupOptions
  ) => Effect.Effect<Model.Workflow, StoreNotFound | StoreInvalid>
  readonly getById: (id: string) => Effect.Effect<Model.Workflow, StoreNotFound>
  readonly list: (owner: string) => Effect.Effect<ReadonlyArray<Model.Workflow>, StoreNotFound>
  readonly remove: (id: string) => Effect.Effect<void, StoreNotFound>
  /** A table of a workflow, with the rows of a file. */
  readonly putTable: <E = never, R = never>(workflowId: string, table: {
    readonly name: string
    readonly description?: string | null | undefined
    readonly referenceId?: string | undefined
    readonly fileName: string
    readonly type?: string | null | undefined
    readonly options?: Model.UploadOptions | undefined
    readonly bytes: Stream.Stream<Uint8Array, E, R>
  }) => Effect.Effect<Model.Table, StoreNotFound | StoreConflict | StoreInvalid | ImportFailed | E, R>
}

export interface WorkflowParameters {
  readonly list: (workflowId: string) => Effect.Effect<ReadonlyArray<Model.Parameter>>
  /** By its name without regard to case. */
  readonly get: (workflowId: string, name: string) => Effect.Effect<Model.Parameter, StoreNotFound>
  /** Without a type it is found in the values. */
  readonly create: (workflowId: string, parameter: {
    readonly name: string
    readonly type?: Model.VariableType | null | undefined
    readonly values: ReadonlyArray<Model.ParameterValue>
  }) => Effect.Effect<Model.Parameter, StoreNotFound | StoreConflict | StoreInvalid>
  readonly update: (id: string, change: {
    readonly name?: string | undefined
    readonly type?: Model.VariableType | undefined
    readonly values?: ReadonlyArray<Model.ParameterValue> | undefined
  }) => Effect.Effect<Model.Parameter, StoreNotFound | StoreConflict | StoreInvalid>
  readonly remove: (id: string) => Effect.Effect<void>
}

export interface DataSources {
  readonly list: (workflowId: string) => Effect.Effect<ReadonlyArray<Model.DataSource>>
  /** A dataset or a workflow that is a source already, and the workflow itself, are `StoreConflict`. */
  readonly create: (
    workflowId: string,
    origin: Model.Origin
  ) => Effect.Effect<Model.DataSource, StoreNotFound | StoreConflict>
  readonly update: (
    id: string,
    origin: Model.Origin,
    mappedTables: Model.DataSource["mappedTables"]
  ) => Effect.Effect<Model.DataSource, StoreNotFound | StoreConflict>
  /** The dataset of a source, at its version. */
  readonly dataset: (
    origin: Extract<Model.Origin, { readonly kind: "dataset" }>
  ) => Effect.Effect<Model.DatasetAtVersion, StoreNotFound>
  /** A table of a source, also by the name that it had in an earlier origin. */
  readonly table: (
    source: Model.DataSource,
    lookup: { readonly name?: string | undefined; readonly id?: string | undefined }
  ) => Effect.Effect<Model.Table, StoreNotFound>
}

/** Transforms and notebooks. */
export interface Nodes {
  readonly list: (workflowId: string, kind: Model.NodeKind) => Effect.Effect<ReadonlyArray<Model.WorkflowNode>>
  readonly get: (
    kind: Model.NodeKind,
    lookup: Model.NodeLookup,
    options?: Model.LookupOptions
  ) => Effect.Effect<Model.WorkflowNode, StoreNotFound | StoreInvalid>
  readonly getById: (id: string) => Effect.Effect<Model.WorkflowNode, StoreNotFound>
  /** For seeds: the API makes none. */
  readonly create: (workflowId: string, node: {
    readonly kind: Model.NodeKind
    readonly name: string
    readonly referenceId?: string | undefined
    readonly query?: string | null | undefined
    readonly source?: Model.WorkflowNode["source"] | undefined
    /** Of the table that it makes. */
    readonly outputName?: string | undefined
  }) => Effect.Effect<Model.WorkflowNode, StoreNotFound | StoreConflict | StoreInvalid>
  readonly update: (id: string, change: {
    readonly name?: string | undefined
    readonly query?: string | undefined
    readonly source?: Model.WorkflowNode["source"] | undefined
  }) => Effect.Effect<Model.WorkflowNode, StoreNotFound | StoreConflict | StoreInvalid>
  /** Makes a job; `StoreConflict` while there is one that has not ended. */
  readonly start: (id: string) => Effect.Effect<Model.NodeJob, StoreNotFound | StoreConflict>
  /** The job and its node. */
  readonly job: (jobId: string) => Effect.Effect<
    { readonly job: Model.NodeJob; readonly node: Model.WorkflowNode },
    StoreNotFound
  >
  /** Ends a job; one that has ended stays as it is. */
  readonly end: (jobId: string, status: "failed" | "cancelled", message?: string) => Effect.Effect<void>
  /**
   * Runs DuckDB SQL as `queries.execute` does, and shows its rows as the output
   * table. A failure leaves the job `failed` with the message, an interruption
   * `cancelled`; the output table is then what it was.
   */
  readonly execute: (
    jobId: string,
    translated: Translated,
    timeout?: number | undefined
  ) => Effect.Effect<void, StoreNotFound>
  /**
   * Shows the rows of a file, parquet or delimited text, as the output table,
   * or adds them to it, and completes the job. A completed job takes further
   * ones, one that was stopped does not.
   */
  readonly putOutput: (jobId: string, output: {
    readonly name?: string | null | undefined
    readonly append?: boolean | undefined
    /** Columns of text that are geographies; absent: found in the values. */
    readonly geographyVariables?: ReadonlyArray<string> | null | undefined
    readonly tempUploadId: string
  }) => Effect.Effect<Model.Table, StoreNotFound | StoreConflict | StoreInvalid | ImportFailed>
}

/**
 * The emulator's store.
 *
 * @category services
 * @since 0.1.0
 */
export class Store extends Context.Service<Store, {
  readonly accounts: Accounts
  readonly members: Members
  readonly tokens: Tokens
  readonly grants: Grants
  readonly datasets: Datasets
  readonly versions: Versions
  readonly tables: Tables
  readonly variables: Variables
  readonly uploads: Uploads
  readonly tempUploads: TempUploads
  readonly rawFiles: RawFiles
  readonly exports: Exports
  readonly queries: Queries
  readonly rows: Rows
  readonly sessions: Sessions
  readonly secrets: Secrets
  readonly workflows: Workflows
  readonly parameters: WorkflowParameters
  readonly dataSources: DataSources
  readonly nodes: Nodes
  /**
   * All or nothing: what the effect writes is there when it succeeds, and none
   * of it when it fails or is interrupted. For seeds: other writers wait.
   */
  readonly atomically: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}>()("@effect-redivis/emulator/Store") {}

/**
 * Options of the store's layer.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Kept there over restarts; without it everything is gone when the scope closes. */
  readonly directory?: string | undefined
  /** @default 10240 */
  readonly batchRows?: number | undefined
  /** @default "counted" */
  readonly draftRows?: "counted" | "late" | undefined
  /**
   * Rows that each stream of a session has at least where there are several.
   *
   * @default 50_000
   */
  readonly streamRows?: number | undefined
  /**
   * Threads of DuckDB for one query. More make queries over millions of rows
   * faster, and the small ones, of which there are many for each request,
   * slower.
   *
   * @default 1
   */
  readonly threads?: number | undefined
}
