/** What each public function succeeds with, fails with and requires: nothing more and nothing less. */
import type { Batch } from "@effect-redivis/core/Arrow"
import type * as Access from "@effect-redivis/core/Access"
import type * as Columns from "@effect-redivis/core/Columns"
import type * as Dataset from "@effect-redivis/core/Dataset"
import type * as DataSource from "@effect-redivis/core/DataSource"
import type * as Member from "@effect-redivis/core/Member"
import type * as Organization from "@effect-redivis/core/Organization"
import type * as Notebook from "@effect-redivis/core/Notebook"
import type * as Parameter from "@effect-redivis/core/Parameter"
import type * as Export from "@effect-redivis/core/Export"
import type * as Query from "@effect-redivis/core/Query"
import type * as RawFile from "@effect-redivis/core/RawFile"
import type * as ReadSession from "@effect-redivis/core/ReadSession"
import type { Redivis } from "@effect-redivis/core/Redivis"
import type {
  BadRequest,
  CoercionError,
  DeadlineExceeded,
  DecodeError,
  Forbidden,
  InsufficientScope,
  IntegrityError,
  InternalServerError,
  InvalidInput,
  JobCancelled,
  JobFailed,
  NotFound,
  QuotaExceeded,
  ServiceUnavailable,
  TooManyRequests,
  TransportError,
  Unauthorized,
  UnexpectedStatus
} from "@effect-redivis/core/RedivisError"
import type * as Secret from "@effect-redivis/core/Secret"
import type * as Script from "@effect-redivis/core/Script"
import type * as Table from "@effect-redivis/core/Table"
import type * as Transform from "@effect-redivis/core/Transform"
import type * as Upload from "@effect-redivis/core/Upload"
import type * as User from "@effect-redivis/core/User"
import type * as Variable from "@effect-redivis/core/Variable"
import type * as Version from "@effect-redivis/core/Version"
import type * as Workflow from "@effect-redivis/core/Workflow"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { All, Equal } from "./equal.ts"

type Common =
  | InvalidInput
  | Unauthorized
  | InsufficientScope
  | TooManyRequests
  | InternalServerError
  | ServiceUnavailable
  | UnexpectedStatus
  | TransportError
  | DecodeError

type Job = JobFailed | JobCancelled | DeadlineExceeded

type EffectIs<F extends (...parameters: never) => unknown, A, E> = Equal<
  ReturnType<F>,
  Effect.Effect<A, E, Redivis>
>

type StreamIs<F extends (...parameters: never) => unknown, A, E> = Equal<
  ReturnType<F>,
  Stream.Stream<A, E, Redivis>
>

type PageIs<F extends (...parameters: never) => unknown, A, E> = EffectIs<F, Dataset.Page<A>, E>

/** A page, whatever it is a page of. */
export type Pages = All<[
  Equal<Dataset.Page<"item">["results"], ReadonlyArray<"item">>,
  Equal<Dataset.Page<"item">["nextPageToken"], string | number | undefined>,
  Equal<keyof Dataset.Page<"item">, "results" | "nextPageToken">
]>

export type UserFunctions = All<[EffectIs<typeof User.me, User.User, Common>]>

type OnDataset = Common | BadRequest | Forbidden | NotFound

export type DatasetFunctions = All<[
  EffectIs<typeof Dataset.get, Dataset.Dataset, Common | BadRequest | NotFound>,
  EffectIs<typeof Dataset.exists, boolean, Common | BadRequest>,
  EffectIs<typeof Dataset.create, Dataset.Dataset, OnDataset>,
  EffectIs<typeof Dataset.createIfNotExists, Dataset.Dataset, OnDataset>,
  EffectIs<typeof Dataset.update, Dataset.Dataset, OnDataset>,
  EffectIs<typeof Dataset.addLabels, Dataset.Dataset, OnDataset>,
  EffectIs<typeof Dataset.removeLabels, Dataset.Dataset, OnDataset>,
  EffectIs<typeof Dataset.remove, void, Common | BadRequest | Forbidden | NotFound>,
  PageIs<typeof Dataset.listPage, Dataset.DatasetListItem, Common | BadRequest | NotFound>,
  StreamIs<typeof Dataset.list, Dataset.DatasetListItem, Common | BadRequest | NotFound>
]>

export type VersionFunctions = All<[
  EffectIs<typeof Version.get, Version.Version, Common | BadRequest | NotFound>,
  EffectIs<typeof Version.exists, boolean, Common | BadRequest>,
  EffectIs<typeof Version.previous, Version.Version | undefined, Common | BadRequest | NotFound>,
  EffectIs<typeof Version.next, Version.Version | undefined, Common | BadRequest | NotFound>,
  EffectIs<typeof Version.create, Version.Version, OnDataset>,
  EffectIs<typeof Version.update, Version.Version, Common | BadRequest | Forbidden | NotFound>,
  EffectIs<typeof Version.unrelease, Version.Version, OnDataset>,
  EffectIs<typeof Version.remove, Version.Version | undefined, OnDataset>,
  EffectIs<typeof Version.undelete, Version.Version, OnDataset>,
  EffectIs<typeof Version.wait, Version.Version, Common | BadRequest | NotFound | Job>,
  EffectIs<typeof Version.release, Version.Version, OnDataset | Job>,
  PageIs<typeof Version.listPage, Version.VersionListItem, Common | BadRequest | NotFound>,
  StreamIs<typeof Version.list, Version.VersionListItem, Common | BadRequest | NotFound>
]>

export type AccountFunctions = All<[
  EffectIs<typeof Organization.exists, boolean, Common>,
  EffectIs<typeof Secret.get, Redacted.Redacted<string>, Common | NotFound>,
  EffectIs<typeof Member.get, Member.Member, Common | Forbidden | NotFound>,
  EffectIs<typeof Member.exists, boolean, Common | Forbidden>,
  EffectIs<typeof Member.update, Member.Member, Common | Forbidden | NotFound>,
  EffectIs<typeof Member.addLabels, Member.Member, Common | Forbidden | NotFound>,
  EffectIs<typeof Member.removeLabels, Member.Member, Common | Forbidden | NotFound>,
  EffectIs<typeof Member.addComment, void, Common | Forbidden | NotFound>,
  PageIs<typeof Member.listPage, Member.Member, OnDataset>,
  StreamIs<typeof Member.list, Member.Member, OnDataset>,
  EffectIs<typeof Access.get, Access.Access, Common | BadRequest | Forbidden | NotFound>,
  PageIs<typeof Access.listPage, Access.Access, OnDataset>,
  StreamIs<typeof Access.list, Access.Access, OnDataset>
]>

type OnTable = Common | BadRequest | Forbidden | NotFound
type OnRows = OnTable | QuotaExceeded

export type TableFunctions = All<[
  EffectIs<typeof Table.get, Table.Table, Common | BadRequest | NotFound>,
  EffectIs<typeof Table.exists, boolean, Common | BadRequest>,
  EffectIs<typeof Table.create, Table.Table, OnTable>,
  EffectIs<typeof Table.update, Table.Table, OnTable>,
  EffectIs<typeof Table.remove, void, OnTable>,
  PageIs<typeof Table.listPage, Table.TableListItem, Common | BadRequest | NotFound>,
  StreamIs<typeof Table.list, Table.TableListItem, Common | BadRequest | NotFound>,
  EffectIs<typeof Table.schemaSource, string, OnTable>,
  EffectIs<typeof Dataset.schemaSource, string, OnTable>,
  StreamIs<typeof Table.csv, Uint8Array, OnRows>,
  StreamIs<typeof Table.ndjson, Uint8Array, OnRows>,
  StreamIs<typeof Table.arrow, Uint8Array, OnRows>,
  StreamIs<typeof Table.rows<{}, "decoded">, "decoded", OnRows | CoercionError | IntegrityError>,
  EffectIs<typeof Table.estimate, Table.Estimate, Common | BadRequest | NotFound>,
  StreamIs<typeof Table.batches, Batch, OnRows | CoercionError | IntegrityError>,
  EffectIs<typeof Table.columns<{}>, Columns.Columns<{}>, OnRows | CoercionError | IntegrityError>,
  StreamIs<typeof Table.rows<{}>, Table.Row<{}>, OnRows | CoercionError | IntegrityError>
]>

export type VariableFunctions = All<[
  EffectIs<typeof Variable.get, Variable.Variable, OnTable>,
  EffectIs<typeof Variable.exists, boolean, Common | BadRequest | Forbidden>,
  EffectIs<typeof Variable.update, Variable.Variable, OnTable>,
  EffectIs<typeof Variable.statistics, Variable.Statistics, OnTable | Job>,
  PageIs<typeof Variable.listPage, Variable.Variable, OnTable>,
  StreamIs<typeof Variable.list, Variable.Variable, OnTable>,
  EffectIs<typeof Variable.get, Variable.Variable, OnTable>,
  EffectIs<typeof Variable.exists, boolean, Common | BadRequest | Forbidden>,
  EffectIs<typeof Variable.update, Variable.Variable, OnTable>,
  EffectIs<typeof Variable.updateAll, void, OnTable>,
  EffectIs<typeof Variable.statistics, Variable.Statistics, OnTable | Job>
]>

export type UploadFunctions = All<[
  EffectIs<typeof Upload.get, Upload.Upload, Common | BadRequest | NotFound>,
  PageIs<typeof Upload.listPage, Upload.Upload, Common | BadRequest | NotFound>,
  StreamIs<typeof Upload.list, Upload.Upload, Common | BadRequest | NotFound>,
  EffectIs<typeof Upload.remove, void, OnTable>,
  EffectIs<typeof Upload.exists, boolean, Common | BadRequest>,
  EffectIs<typeof Upload.insertRows, Upload.InsertedRows, OnTable>,
  StreamIs<typeof Upload.batches, Batch, OnRows | CoercionError | IntegrityError>,
  StreamIs<typeof Upload.rows<{}>, Upload.Row<{}>, OnRows | CoercionError | IntegrityError>,
  EffectIs<typeof Upload.wait, Upload.Upload, Common | BadRequest | NotFound | Job>,
  EffectIs<typeof Upload.create<never, never>, Upload.Upload, OnTable | Job | IntegrityError>
]>

/** A source's own failures and requirements come through. */
export type UploadOfAStream = All<[
  Equal<
    ReturnType<typeof Upload.create<"the file is gone", "a disk">>,
    Effect.Effect<Upload.Upload, OnTable | Job | IntegrityError | "the file is gone", Redivis | "a disk">
  >
]>

type OnQuery = Common | NotFound

export type QueryFunctions = All<[
  EffectIs<typeof Query.create, Query.Query, OnQuery | BadRequest | Forbidden | QuotaExceeded>,
  EffectIs<typeof Query.get, Query.Query, OnQuery>,
  EffectIs<typeof Query.wait, Query.Query, OnQuery | Job>,
  EffectIs<typeof Query.run, Query.Query, OnQuery | BadRequest | Forbidden | QuotaExceeded | Job>,
  StreamIs<typeof Query.csv, Uint8Array, OnQuery | BadRequest | QuotaExceeded>,
  StreamIs<typeof Query.ndjson, Uint8Array, OnQuery | BadRequest | QuotaExceeded>,
  StreamIs<typeof Query.arrow, Uint8Array, OnQuery | BadRequest | QuotaExceeded>,
  StreamIs<typeof Query.batches, Batch, OnRows | CoercionError | IntegrityError>,
  EffectIs<typeof Query.columns<{}>, Columns.Columns<{}>, OnRows | CoercionError | IntegrityError>,
  StreamIs<typeof Query.rows<{}>, Query.Row<{}>, OnRows | CoercionError | IntegrityError>
]>

export type ReadSessionFunctions = All<[
  EffectIs<typeof ReadSession.create, ReadSession.ReadSession, OnRows>,
  EffectIs<typeof ReadSession.renew, ReadSession.Position, OnRows | CoercionError | IntegrityError>,
  StreamIs<typeof ReadSession.readStream<{}>, Table.Row<{}>, OnRows | CoercionError | IntegrityError>,
  StreamIs<typeof ReadSession.readStream<{}, "decoded">, "decoded", OnRows | CoercionError | IntegrityError>,
  StreamIs<typeof ReadSession.streamBatches, Batch, OnRows | CoercionError | IntegrityError>,
  StreamIs<typeof ReadSession.resume<"decoded">, "decoded", OnRows | CoercionError | IntegrityError>,
  StreamIs<
    typeof ReadSession.resume<Table.Row<Table.Values>>,
    Table.Row<Table.Values>,
    OnRows | CoercionError | IntegrityError
  >,
  StreamIs<typeof ReadSession.bytes, Uint8Array, Common | BadRequest | NotFound | QuotaExceeded>
]>

export type ExportFunctions = All<[
  EffectIs<typeof Export.create, Export.Export, OnRows>,
  EffectIs<typeof Export.get, Export.Export, Common | NotFound>,
  EffectIs<typeof Export.wait, Export.Export, Common | NotFound | Job>,
  EffectIs<typeof Export.run, Export.Export, OnRows | Job>,
  StreamIs<typeof Export.download, Uint8Array, Common | BadRequest | NotFound | QuotaExceeded | IntegrityError>
]>

export type RawFileFunctions = All<[
  StreamIs<typeof RawFile.list, RawFile.RawFileListItem, OnRows | CoercionError | IntegrityError>,
  EffectIs<
    typeof RawFile.listIfModified,
    ReadonlyArray<RawFile.RawFileListItem> | undefined,
    OnRows | CoercionError | IntegrityError
  >,
  EffectIs<typeof RawFile.get, RawFile.Metadata, Common | BadRequest | Forbidden | NotFound>,
  EffectIs<typeof RawFile.exists, boolean, Common | BadRequest | Forbidden>,
  StreamIs<typeof RawFile.bytes, Uint8Array, OnRows | IntegrityError>,
  EffectIs<typeof RawFile.register, ReadonlyArray<RawFile.RawFile>, OnTable>,
  EffectIs<typeof RawFile.create<never, never>, RawFile.RawFile, OnTable | IntegrityError>,
  EffectIs<typeof RawFile.createAll<never, never>, ReadonlyArray<RawFile.RawFile>, OnTable | IntegrityError>
]>

export type ScriptFunctions = All<[
  EffectIs<typeof Script.sas, string, OnTable>,
  EffectIs<typeof Script.stata, string, OnTable>
]>

type Listed = Common | BadRequest | NotFound
type Written = Common | BadRequest | Forbidden | NotFound

export type WorkflowFunctions = All<[
  EffectIs<typeof Workflow.get, Workflow.Workflow, Common | BadRequest | NotFound>,
  EffectIs<typeof Workflow.exists, boolean, Common | BadRequest>,
  PageIs<typeof Workflow.listPage, Workflow.WorkflowListItem, Listed>,
  StreamIs<typeof Workflow.list, Workflow.WorkflowListItem, Listed>
]>

export type ParameterFunctions = All<[
  EffectIs<typeof Parameter.get, Parameter.Parameter, Common | BadRequest | NotFound>,
  EffectIs<typeof Parameter.exists, boolean, Common | BadRequest>,
  EffectIs<typeof Parameter.create, Parameter.Parameter, Written>,
  EffectIs<typeof Parameter.update, Parameter.Parameter, Written>,
  EffectIs<typeof Parameter.remove, void, Common | BadRequest | Forbidden | NotFound>,
  PageIs<typeof Parameter.listPage, Parameter.ParameterListItem, Listed>,
  StreamIs<typeof Parameter.list, Parameter.ParameterListItem, Listed>
]>

export type DataSourceFunctions = All<[
  EffectIs<typeof DataSource.get, DataSource.DataSource, Common | BadRequest | NotFound>,
  EffectIs<typeof DataSource.exists, boolean, Common | BadRequest>,
  EffectIs<typeof DataSource.create, DataSource.DataSource, Written>,
  EffectIs<typeof DataSource.update, DataSource.DataSource, Written>,
  PageIs<typeof DataSource.listPage, DataSource.DataSourceListItem, Listed>,
  StreamIs<typeof DataSource.list, DataSource.DataSourceListItem, Listed>
]>

export type TransformFunctions = All<[
  EffectIs<typeof Transform.get, Transform.Transform, Common | BadRequest | NotFound>,
  EffectIs<typeof Transform.exists, boolean, Common | BadRequest>,
  EffectIs<typeof Transform.update, Transform.Transform, Written>,
  EffectIs<typeof Transform.run, Transform.Transform, Written | Job>,
  EffectIs<typeof Transform.wait, Transform.Transform, Common | BadRequest | NotFound | Job>,
  EffectIs<typeof Transform.cancel, Transform.Transform, Written>,
  PageIs<typeof Transform.listPage, Transform.TransformListItem, Listed>,
  StreamIs<typeof Transform.list, Transform.TransformListItem, Listed>
]>

export type NotebookFunctions = All<[
  EffectIs<typeof Notebook.get, Notebook.Notebook, Common | BadRequest | NotFound>,
  EffectIs<typeof Notebook.exists, boolean, Common | BadRequest>,
  EffectIs<typeof Notebook.update, Notebook.Notebook, Written>,
  EffectIs<typeof Notebook.run, Notebook.Notebook, Written | Job>,
  EffectIs<typeof Notebook.wait, Notebook.Notebook, Common | BadRequest | NotFound | Job>,
  EffectIs<typeof Notebook.stop, Notebook.Notebook, Written>,
  EffectIs<typeof Notebook.createOutputTable<never, never>, Notebook.Table, Written | IntegrityError>,
  PageIs<typeof Notebook.listPage, Notebook.NotebookListItem, Listed>,
  StreamIs<typeof Notebook.list, Notebook.NotebookListItem, Listed>
]>

/** Rows as their values are chosen. */
export type Rows = All<[
  Equal<Table.Row<{}>, { readonly [name: string]: string | number | boolean | null }>,
  Equal<
    Table.Row<{ readonly integer: "bigint" }>,
    { readonly [name: string]: string | number | bigint | boolean | null }
  >,
  Equal<Table.Row<{ readonly time: "micros" }>, { readonly [name: string]: string | number | bigint | boolean | null }>,
  Equal<
    Table.Row<{ readonly dateTime: "micros" }>,
    { readonly [name: string]: string | number | bigint | boolean | null }
  >,
  Equal<Table.Row<{ readonly date: "days" }>, { readonly [name: string]: string | number | boolean | null }>,
  Equal<
    Stream.Success<ReturnType<typeof Table.rows<{ readonly integer: "bigint" }>>>,
    Table.Row<{ readonly integer: "bigint" }>
  >
]>
