/** The types of what is sent and what is answered: misspelt names do not compile, and newer servers do. */
import type {
  dataset,
  member,
  Operation,
  OperationName,
  query,
  readSession,
  table,
  upload,
  user,
  variable,
  version
} from "@effect-redivis/core/Contract"
import type * as Access from "@effect-redivis/core/Access"
import type * as Dataset from "@effect-redivis/core/Dataset"
import type * as Member from "@effect-redivis/core/Member"
import type * as Query from "@effect-redivis/core/Query"
import type * as Reference from "@effect-redivis/core/Reference"
import type * as Table from "@effect-redivis/core/Table"
import type * as Upload from "@effect-redivis/core/Upload"
import type * as User from "@effect-redivis/core/User"
import type * as Variable from "@effect-redivis/core/Variable"
import type { All, Equal, Fits, Not } from "./equal.ts"

/** Intersections flattened, so that they can be compared. */
type Flat<A> = A extends object ? { [K in keyof A]: A[K] } : A

type InputOf<Op extends Operation.Any> = Flat<Operation.Input<Op>>

/** An operation takes what its path, query and body have, and nothing else. */
export type Inputs = All<[
  Equal<InputOf<typeof user.me>, unknown>,
  Equal<InputOf<typeof dataset.get>, { readonly params: { readonly dataset: string } }>,
  Equal<InputOf<typeof dataset.head>, { readonly params: { readonly dataset: string } }>,
  Equal<InputOf<typeof dataset.delete>, { readonly params: { readonly dataset: string } }>,
  Equal<InputOf<typeof version.get>, { readonly params: { readonly dataset: string; readonly tag: string } }>,
  Equal<InputOf<typeof upload.get>, { readonly params: { readonly table: string; readonly upload: string } }>,
  Equal<InputOf<typeof query.post>, { readonly body: query.QueryPost }>,
  Equal<
    InputOf<typeof dataset.postByUser>,
    { readonly params: { readonly user: string }; readonly body: dataset.DatasetPost }
  >,
  Equal<keyof InputOf<typeof dataset.listByUser>, "params" | "query">,
  Equal<keyof InputOf<typeof readSession.postByTable>, "params" | "body">,
  Equal<keyof InputOf<typeof readSession.getStream>, "params" | "query">,
  Equal<keyof InputOf<typeof upload.post>, "params" | "body">
]>

/** A query or a body of which nothing is required may be left out whole; others may not. */
export type Required = All<[
  Fits<{ readonly params: { readonly user: string } }, Operation.Input<typeof dataset.listByUser>>,
  Fits<{ readonly params: { readonly table: string } }, Operation.Input<typeof table.listRows>>,
  Fits<{ readonly params: { readonly dataset: string } }, Operation.Input<typeof version.release>>,
  Not<Fits<{ readonly params: { readonly user: string } }, Operation.Input<typeof dataset.postByUser>>>,
  Not<Fits<{ readonly body: dataset.DatasetPost }, Operation.Input<typeof dataset.postByUser>>>,
  Not<Fits<{}, Operation.Input<typeof dataset.get>>>,
  Not<Fits<{ readonly params: { readonly datset: string } }, Operation.Input<typeof dataset.get>>>,
  Not<Fits<{ readonly params: { readonly dataset: number } }, Operation.Input<typeof dataset.get>>>
]>

/** What an operation of each kind succeeds with. */
export type Successes = All<[
  Equal<Operation.Success<typeof dataset.head>, void>,
  Equal<Operation.Success<typeof dataset.delete>, void>,
  Equal<Operation.Success<typeof version.delete>, version.Version | undefined>,
  Equal<Operation.Success<typeof member.comment>, void>,
  Equal<Operation.Success<typeof table.listRows>, Uint8Array>,
  Equal<Operation.Success<typeof readSession.getStream>, Uint8Array>,
  Fits<Operation.Success<typeof dataset.get>, Dataset.Dataset>,
  Fits<Operation.Success<typeof variable.listByQuery>, variable.VariablePage>
]>

/** A path's parameters come from its text. */
export type Paths = All<[
  Equal<keyof Operation.Params<"/a/:one/b/:two">, "one" | "two">,
  Equal<keyof Operation.Params<"/a/:one">, "one">,
  Equal<keyof Operation.Params<"/a">, never>,
  Equal<OperationName extends string ? string extends OperationName ? false : true : false, true>
]>

// ---------------------------------------------------------------------------------------------------------------------

/** Whether a resource has a property that is written so. */
type Has<A, Name extends string> = Name extends keyof A ? true : false

/** Answers keep what the contract does not know, but give it no type: a misspelt name does not compile. */
export type Names = All<[
  Has<Dataset.Dataset, "name">,
  Not<Has<Dataset.Dataset, "nmae">>,
  Not<Has<Dataset.DatasetListItem, "methodologyMarkdown">>,
  Not<Has<Table.Table, "numrows">>,
  Not<Has<Variable.Variable, "valuelabels">>,
  Not<Has<Query.Query, "outputRows">>,
  Not<Has<Upload.Upload, "tempUploadId">>,
  Not<Has<User.User, "email">>,
  Not<Fits<string, keyof Dataset.Dataset>>
]>

/** What only documentation promises may be missing or null; what every client reads is there. */
export type Optional = All<[
  Equal<Dataset.Dataset["description"], string | null | undefined>,
  Equal<Dataset.Dataset["createdAt"], number | null | undefined>,
  Equal<Dataset.Dataset["name"], string>,
  Equal<Dataset.Dataset["uri"], string>,
  Equal<Dataset.Dataset["owner"]["kind"], "user" | "organization" | (string & {})>,
  Equal<
    Dataset.DatasetListItem["owner"] extends undefined | null | infer Owner ? Owner : never,
    Dataset.Dataset["owner"]
  >,
  Equal<Table.Table["numRows"], number>,
  Equal<Table.TableListItem["numRows"], number | null | undefined>,
  Equal<Query.Query["id"], string>,
  Equal<User.User["name"], string>
]>

/** Members that a newer server adds to an enumeration are texts; the known ones stay to be completed. */
export type Open = All<[
  Fits<"something new", NonNullable<Dataset.Dataset["accessLevel"]>>,
  Fits<"edit", NonNullable<Dataset.Dataset["accessLevel"]>>,
  Fits<"paused", Query.Query["status"]>,
  Fits<"struct", Variable.Variable["type"]>,
  Fits<"invited", NonNullable<Member.Member["status"]>>,
  Fits<"own", NonNullable<Access.Access["accessLevel"]>>,
  Fits<"consortium", Dataset.Dataset["owner"]["kind"]>,
  Not<Fits<number, Query.Query["status"]>>
]>

/** What is sent is only what the API knows. */
export type Closed = All<[
  Equal<
    Dataset.CreateOptions["publicAccessLevel"],
    "none" | "overview" | "metadata" | "sample" | "data" | undefined
  >,
  Not<Fits<"edit", Dataset.CreateOptions["publicAccessLevel"]>>,
  Equal<Table.CreateOptions["uploadMergeStrategy"], "append" | "replace" | undefined>,
  Equal<Member.UpdateOptions["status"], "approved" | "rejected" | undefined>,
  Equal<Member.Status, "pending" | "approved" | "rejected" | "left" | "revoked">,
  Equal<Access.Level, "none" | "overview" | "metadata" | "sample" | "data" | "edit">,
  Not<Fits<"docx", Upload.CreateOptions["type"]>>,
  Not<Fits<"struct", Variable.FilterOptions["type"]>>,
  Equal<Variable.FilterOptions["type"], typeof variable.variableTypes[number] | undefined>,
  Equal<
    NonNullable<NonNullable<Operation.Input<typeof table.listRows>["query"]>["format"]>,
    "csv" | "jsonl" | "arrow" | "ndjson"
  >,
  Equal<
    NonNullable<NonNullable<Operation.Input<typeof readSession.postByTable>["body"]>["format"]>,
    "arrow" | "csv" | "jsonl"
  >
]>

/** What takes a reference takes text, a reference of that kind, and whatever has a uri. */
export type References = All<[
  Fits<string, Parameters<typeof Dataset.get>[0]>,
  Fits<Reference.DatasetReference, Parameters<typeof Dataset.get>[0]>,
  Fits<Dataset.Dataset, Parameters<typeof Dataset.get>[0]>,
  Fits<Dataset.DatasetListItem, Parameters<typeof Table.list>[0]>,
  Fits<Table.TableListItem, Parameters<typeof Table.rows>[0]>,
  Not<Fits<Reference.TableReference, Parameters<typeof Dataset.get>[0]>>,
  Not<Fits<Reference.DatasetReference, Parameters<typeof Table.get>[0]>>,
  Not<Fits<{ readonly owner: string; readonly name: string }, Parameters<typeof Dataset.get>[0]>>
]>
