/** From what a caller names to what the path takes: checked, completed by the client's defaults, in canonical form. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Executor, type Redivis, withExecutor } from "./service.ts"
import { InvalidInput } from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"

type Client = Executor

/**
 * Who owns datasets and workflows.
 *
 * @category models
 * @since 0.1.0
 */
export type Owner = { readonly organization: string } | { readonly user: string }

/** Runs a call on the owner that is named, else on the client's default one. */
export const onOwner = <A, E>(
  owner: Owner | undefined,
  calls: {
    readonly user: (redivis: Client, user: string) => Effect.Effect<A, E>
    readonly organization: (redivis: Client, organization: string) => Effect.Effect<A, E>
  }
): Effect.Effect<A, E | InvalidInput, Redivis> =>
  withExecutor((redivis): Effect.Effect<A, E | InvalidInput> => {
    const { organization, user } = owner === undefined
      ? redivis.defaults
      : "user" in owner
      ? { user: owner.user, organization: undefined }
      : { user: undefined, organization: owner.organization }
    const name = user ?? organization
    if (name === undefined) {
      return Effect.fail(
        new InvalidInput({
          field: "owner",
          reason: "is missing: name a user or an organization, or set a default one in the layer"
        })
      )
    }
    if (!/^[A-Za-z0-9_]+$/.test(name)) {
      return Effect.fail(
        new InvalidInput({
          field: user === undefined ? "organization" : "user",
          reason: `is no account name: ${JSON.stringify(name)} has other characters than letters, digits and _`
        })
      )
    }
    return user === undefined ? calls.organization(redivis, name) : calls.user(redivis, name)
  })

/** Runs a call on the organization that is named, else on the client's default one. */
export const onOrganization = <A, E>(
  organization: string | undefined,
  call: (redivis: Client, organization: string) => Effect.Effect<A, E>
): Effect.Effect<A, E | InvalidInput, Redivis> => {
  const owner = organization === undefined ? undefined : { organization }
  return onOwner<A, E | InvalidInput>(owner, {
    user: () =>
      Effect.fail(
        new InvalidInput({
          field: "organization",
          reason: "is missing: name one, since the client's default owner is a user"
        })
      ),
    organization: call
  })
}

/** Runs a call on what a text, a reference or a path comes to. */
const resolving = <P, A, E>(
  resolve: (defaults: Client["defaults"]) => Result.Result<P, InvalidInput>,
  call: (redivis: Client, resolved: P) => Effect.Effect<A, E>
): Effect.Effect<A, E | InvalidInput, Redivis> =>
  withExecutor((redivis): Effect.Effect<A, E | InvalidInput> => {
    const resolved = resolve(redivis.defaults)
    return Result.isFailure(resolved) ? Effect.fail(resolved.failure) : call(redivis, resolved.success)
  })

/** Runs a call on a dataset. */
export const onDataset = <A, E>(
  input: Reference.DatasetInput,
  call: (redivis: Client, dataset: string) => Effect.Effect<A, E>
): Effect.Effect<A, E | InvalidInput, Redivis> =>
  resolving((defaults) => Reference.resolveDataset(input, defaults), call)

/** Runs a call on a table. */
export const onTable = <A, E>(
  input: Reference.TableInput,
  call: (redivis: Client, table: string) => Effect.Effect<A, E>
): Effect.Effect<A, E | InvalidInput, Redivis> => resolving((defaults) => Reference.resolveTable(input, defaults), call)

/** Runs a call on a workflow. */
export const onWorkflow = <A, E>(
  input: Reference.WorkflowInput,
  call: (redivis: Client, workflow: string) => Effect.Effect<A, E>
): Effect.Effect<A, E | InvalidInput, Redivis> =>
  resolving((defaults) => Reference.resolveWorkflow(input, defaults), call)

/** Runs a call on a transform. */
export const onTransform = <A, E>(
  input: Reference.NodeInput,
  call: (redivis: Client, transform: string) => Effect.Effect<A, E>
): Effect.Effect<A, E | InvalidInput, Redivis> =>
  resolving((defaults) => Reference.resolveTransform(input, defaults), call)

/** Runs a call on a notebook. */
export const onNotebook = <A, E>(
  input: Reference.NodeInput,
  call: (redivis: Client, notebook: string) => Effect.Effect<A, E>
): Effect.Effect<A, E | InvalidInput, Redivis> =>
  resolving((defaults) => Reference.resolveNotebook(input, defaults), call)

/**
 * An upload of a table: its name, or what a listing or a creation gave, which is
 * found by its `uri` whatever its name is.
 *
 * @category models
 * @since 0.1.0
 */
export type UploadInput = string | Reference.Uri

/**
 * What variables, rows and read sessions hang on: a table, an upload of it, or a
 * query by its id.
 *
 * @category models
 * @since 0.1.0
 */
export type Source =
  | { readonly table: Reference.TableInput; readonly upload?: UploadInput | undefined }
  | { readonly query: string | { readonly id: string } }

/** Runs a call on an upload, in whose path `_` stands for a dot of its name. */
export const onUpload = <A, E>(
  table: Reference.TableInput,
  upload: UploadInput,
  call: (redivis: Client, params: { readonly table: string; readonly upload: string }) => Effect.Effect<A, E>
): Effect.Effect<A, E | InvalidInput, Redivis> =>
  typeof upload === "string"
    ? onTable(table, (redivis, table) => call(redivis, { table, upload: upload.replaceAll(".", "_") }))
    : resolving(() => Reference.fromUri("/tables/:table/uploads/:upload", upload.uri), call)

/** Runs a call on a table, an upload or a query. */
export const onSource = <A, E>(
  source: Source,
  calls: {
    readonly table: (redivis: Client, params: { readonly table: string }) => Effect.Effect<A, E>
    readonly upload: (
      redivis: Client,
      params: { readonly table: string; readonly upload: string }
    ) => Effect.Effect<A, E>
    readonly query: (redivis: Client, params: { readonly query: string }) => Effect.Effect<A, E>
  }
): Effect.Effect<A, E | InvalidInput, Redivis> => {
  if ("query" in source) return withExecutor((redivis) => calls.query(redivis, { query: idOf(source.query) }))
  const { table, upload } = source
  return upload === undefined
    ? onTable(table, (redivis, table) => calls.table(redivis, { table }))
    : onUpload(table, upload, calls.upload)
}

/**
 * What files hang on: a table, or a query by its id.
 *
 * @category models
 * @since 0.1.0
 */
export type TableOrQuery =
  | { readonly table: Reference.TableInput }
  | { readonly query: string | { readonly id: string } }

/** Runs a call on a table or a query. */
export const onTableOrQuery = <A, E>(
  source: TableOrQuery,
  calls: {
    readonly table: (redivis: Client, table: string) => Effect.Effect<A, E>
    readonly query: (redivis: Client, id: string) => Effect.Effect<A, E>
  }
): Effect.Effect<A, E | InvalidInput, Redivis> =>
  "table" in source
    ? onTable(source.table, calls.table)
    : withExecutor((redivis) => calls.query(redivis, idOf(source.query)))

/** The id of a handle, or the id itself. */
export const idOf = (handle: string | { readonly id: string }): string =>
  typeof handle === "string" ? handle : handle.id

/** Where a query's unqualified names are looked for: what the caller names, else the client's default. */
export const onScope = <A, E>(
  options: {
    readonly defaultDataset?: Reference.DatasetInput | undefined
    readonly defaultWorkflow?: Reference.WorkflowInput | undefined
  } | undefined,
  call: (
    redivis: Client,
    scope: { readonly defaultDataset?: string; readonly defaultWorkflow?: string }
  ) => Effect.Effect<A, E>
): Effect.Effect<A, E | InvalidInput, Redivis> =>
  withExecutor((redivis): Effect.Effect<A, E | InvalidInput> => {
    const named = options?.defaultDataset !== undefined || options?.defaultWorkflow !== undefined
    const { dataset, workflow } = named
      ? { dataset: options.defaultDataset, workflow: options.defaultWorkflow }
      // of the client's own, the workflow is the nearer one
      : redivis.defaults.workflow === undefined
      ? redivis.defaults
      : { dataset: undefined, workflow: redivis.defaults.workflow }
    if (dataset !== undefined && workflow !== undefined) {
      return Effect.fail(
        new InvalidInput({ field: "defaultDataset", reason: "stands beside defaultWorkflow; give one of the two" })
      )
    }
    if (dataset !== undefined) {
      return Effect.flatMap(
        Effect.fromResult(Reference.resolveDataset(dataset, redivis.defaults, "defaultDataset")),
        (defaultDataset) => call(redivis, { defaultDataset })
      )
    }
    return workflow === undefined ? call(redivis, {}) : Effect.flatMap(
      Effect.fromResult(Reference.resolveWorkflow(workflow, redivis.defaults, "defaultWorkflow")),
      (defaultWorkflow) => call(redivis, { defaultWorkflow })
    )
  })
