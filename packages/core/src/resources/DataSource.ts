/**
 * Data sources of workflows: the datasets and workflows whose tables a workflow
 * reads.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import * as pages from "../client/pages.ts"
import type { Executor, Redivis } from "../client/service.ts"
import * as contract from "../contract/dataSource.ts"
import type * as Operation from "../contract/Operation.ts"
import { type Common, InvalidInput, type NotFound } from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import { defined } from "../client/defined.ts"
import { exists as answers } from "./exists.ts"
import { onWorkflow } from "../client/resolve.ts"

export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"

/**
 * A data source whole.
 *
 * @category models
 * @since 0.1.0
 */
export interface DataSource extends contract.DataSource {}

/**
 * A data source as it stands in a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface DataSourceListItem extends contract.DataSourceListItem {}

/**
 * Which data source of a workflow is meant: the reference of its dataset or
 * workflow, a data source that was read, or its id. A text without a dot is an
 * id.
 *
 * @category models
 * @since 0.1.0
 */
export type Source = string | Reference.DatasetReference | Reference.WorkflowReference | { readonly id: string }

/**
 * What a data source takes its tables from: exactly one of the two. The
 * reference of a dataset may say a version and `:sample`.
 *
 * @category models
 * @since 0.1.0
 */
export type Origin =
  | { readonly sourceDataset: Reference.DatasetInput; readonly sourceWorkflow?: undefined }
  | { readonly sourceWorkflow: Reference.WorkflowInput; readonly sourceDataset?: undefined }

/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = Common | Operation.Failure<typeof contract.get>
/**
 * @category errors
 * @since 0.1.0
 */
export type ExistsError = Exclude<Common | Operation.Failure<typeof contract.head>, NotFound>
/**
 * @category errors
 * @since 0.1.0
 */
export type CreateError = Common | Operation.Failure<typeof contract.post>
/**
 * @category errors
 * @since 0.1.0
 */
export type UpdateError = Common | Operation.Failure<typeof contract.patch>
/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = Common | Operation.Failure<typeof contract.list>

/** Runs a call on a data source of a workflow. */
const onSource = <A, E>(
  workflow: Reference.WorkflowInput,
  source: Source,
  call: (
    redivis: Executor,
    params: { readonly workflow: string; readonly source: string }
  ) => Effect.Effect<A, E>
): Effect.Effect<A, E | InvalidInput, Redivis> =>
  onWorkflow<A, E | InvalidInput>(workflow, (redivis, workflow) => {
    const text = segmentOf(source, redivis.defaults)
    return Result.isFailure(text) ? Effect.fail(text.failure) : call(redivis, { workflow, source: text.success })
  })

const segmentOf = (source: Source, defaults: Reference.Defaults): Result.Result<string, InvalidInput> => {
  // a workflow's reference reads as a dataset's without a version
  if (typeof source === "string") {
    return source.includes(".") ? Reference.resolveDataset(source, defaults, "source") : Result.succeed(source)
  }
  if (!("kind" in source)) return Result.succeed(source.id)
  return source.kind === "dataset"
    ? Reference.resolveDataset(source, defaults, "source")
    : source.kind === "workflow"
    ? Reference.resolveWorkflow(source, defaults, "source")
    // the schema knows no kinds but these; what is left is a data source that was read
    : Result.succeed((source as { readonly id: string }).id)
}

const originOf = (
  redivis: Executor,
  { sourceDataset, sourceWorkflow }: Origin
): Result.Result<{ readonly sourceDataset?: string; readonly sourceWorkflow?: string }, InvalidInput> => {
  if ((sourceDataset === undefined) === (sourceWorkflow === undefined)) {
    return Result.fail(
      new InvalidInput({
        field: "sourceDataset",
        reason: sourceDataset === undefined
          ? "is missing, and so is sourceWorkflow; give one of the two"
          : "stands beside sourceWorkflow; give one of the two"
      })
    )
  }
  if (sourceDataset !== undefined) {
    return Result.map(
      Reference.resolveDataset(sourceDataset, redivis.defaults, "sourceDataset"),
      (sourceDataset) => ({ sourceDataset })
    )
  }
  return Result.map(
    Reference.resolveWorkflow(sourceWorkflow!, redivis.defaults, "sourceWorkflow"),
    (sourceWorkflow) => ({ sourceWorkflow })
  )
}

/**
 * Reads one data source of a workflow.
 *
 * **Details**
 *
 * `GET /workflows/:workflow/dataSources/:source`. Needs the scope
 * `workflow.read` unless the workflow is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such data source or workflow, or the token may not see it
 *
 * **Example** (Which version is used)
 *
 * ```ts
 * import * as DataSource from "@effect-redivis/core/DataSource"
 * import * as Effect from "effect/Effect"
 *
 * const used = DataSource.get("demo.climate", "demo.penguins").pipe(
 *   Effect.map((source) => source.sourceDataset?.qualifiedReference)
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (
  workflow: Reference.WorkflowInput,
  source: Source
): Effect.Effect<DataSource, GetError, Redivis> =>
  onSource(workflow, source, (redivis, params) => redivis.execute(contract.get, { params }))

/**
 * Whether a workflow has the data source.
 *
 * **Details**
 *
 * `HEAD /workflows/:workflow/dataSources/:source`. Only a 404 is `false`.
 *
 * **Failures**
 *
 * - `InsufficientScope`: the token has not the scope `workflow.read`
 *
 * **Example** (Look before adding)
 *
 * ```ts
 * import * as DataSource from "@effect-redivis/core/DataSource"
 *
 * const there = DataSource.exists("demo.climate", "demo.penguins")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (
  workflow: Reference.WorkflowInput,
  source: Source
): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(onSource(workflow, source, (redivis, params) => redivis.execute(contract.head, { params })))

/**
 * Adds a dataset or another workflow to the data sources of a workflow.
 *
 * **Details**
 *
 * `POST /workflows/:workflow/dataSources`. Needs the scope `workflow.write`. A
 * request whose answer was lost is not repeated: look with {@link exists}.
 *
 * **Failures**
 *
 * - `InvalidInput`: neither or both of `sourceDataset` and `sourceWorkflow` are given
 * - `BadRequest`: it is a data source of the workflow already
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such workflow or source, or the token may not see it
 *
 * **Example** (The sample of a version)
 *
 * ```ts
 * import * as DataSource from "@effect-redivis/core/DataSource"
 *
 * const source = DataSource.create("demo.climate", { sourceDataset: "demo.penguins:v1.0:sample" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const create = (
  workflow: Reference.WorkflowInput,
  origin: Origin
): Effect.Effect<DataSource, CreateError, Redivis> =>
  onWorkflow<DataSource, CreateError>(workflow, (redivis, workflow) => {
    const body = originOf(redivis, origin)
    return Result.isFailure(body)
      ? Effect.fail(body.failure)
      : redivis.execute(contract.post, { params: { workflow }, body: body.success })
  })

/**
 * What takes the place of a data source.
 *
 * @category models
 * @since 0.1.0
 */
export type UpdateOptions = Origin & {
  /**
   * From names of tables of the old source to those of the new one, each with
   * its `:id` if wanted. Only tables that are used and that their names do not
   * match need to be told.
   */
  readonly mappedTables?: Readonly<Record<string, string>> | undefined
}

/**
 * Puts another dataset or workflow, or another version or the sample of the
 * same one, in the place of a data source.
 *
 * **Details**
 *
 * `PATCH /workflows/:workflow/dataSources/:source`. Needs the scope
 * `workflow.write`.
 *
 * **Failures**
 *
 * - `InvalidInput`: neither or both of `sourceDataset` and `sourceWorkflow` are given
 * - `BadRequest`: a table that is used has no match in the new source
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such data source, workflow or new source, or the token may not see it
 *
 * **Example** (A newer version)
 *
 * ```ts
 * import * as DataSource from "@effect-redivis/core/DataSource"
 *
 * const newer = DataSource.update("demo.climate", "demo.penguins", {
 *   sourceDataset: "demo.penguins:v2.0",
 *   mappedTables: { birds: "all_birds" }
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const update = (
  workflow: Reference.WorkflowInput,
  source: Source,
  options: UpdateOptions
): Effect.Effect<DataSource, UpdateError, Redivis> =>
  onSource<DataSource, UpdateError>(workflow, source, (redivis, params) => {
    const body = originOf(redivis, options)
    return Result.isFailure(body)
      ? Effect.fail(body.failure)
      : redivis.execute(contract.patch, {
        params,
        body: { ...body.success, ...defined({ mappedTables: options.mappedTables }) }
      })
  })

/**
 * One page of a workflow's data sources.
 *
 * **Details**
 *
 * `GET /workflows/:workflow/dataSources`. Needs the scope `workflow.read`
 * unless the workflow is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such workflow, or the token may not see it
 * - `BadRequest`: the page token is not the server's
 *
 * **Example** (The first ten)
 *
 * ```ts
 * import * as DataSource from "@effect-redivis/core/DataSource"
 *
 * const page = DataSource.listPage("demo.climate", { pageSize: 10 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  workflow: Reference.WorkflowInput,
  options?: pages.PageOptions
): Effect.Effect<pages.Page<DataSourceListItem>, ListError, Redivis> =>
  Effect.map(
    onWorkflow(
      workflow,
      (redivis, workflow) => redivis.execute(contract.list, { params: { workflow }, query: pages.pageQuery(options) })
    ),
    (page) => pages.pageOf(page)
  )

/**
 * All data sources of a workflow, page after page as they are wanted.
 *
 * **Details**
 *
 * See {@link listPage}.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such workflow, or the token may not see it
 *
 * **Example** (How many there are)
 *
 * ```ts
 * import * as DataSource from "@effect-redivis/core/DataSource"
 * import * as Stream from "effect/Stream"
 *
 * const count = DataSource.list("demo.climate").pipe(Stream.runCount)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  workflow: Reference.WorkflowInput,
  options?: pages.ListOptions
): Stream.Stream<DataSourceListItem, ListError, Redivis> =>
  pages.all("dataSources.list", options, (page) => listPage(workflow, page))
