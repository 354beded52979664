/**
 * Variables: the columns of tables and of query results.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { unlessOtherName } from "../client/given.ts"
import * as jobs from "../client/jobs.ts"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/service.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as Reference from "../contract/Reference.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import { get as getUpload } from "../contract/upload.ts"
import * as contract from "../contract/variable.ts"
import { defined } from "../client/defined.ts"
import { onDataset, onSource, onTable, onWorkflow, type Source } from "../client/resolve.ts"
import { exists as answers } from "./exists.ts"

export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"
export type { JobError, WaitOptions } from "../client/jobs.ts"
export type { Source } from "../client/resolve.ts"

/**
 * A variable.
 *
 * @category models
 * @since 0.1.0
 */
export interface Variable extends contract.Variable {}

/**
 * @category errors
 * @since 0.1.0
 */
export type UpdateAllError = RedivisError.Common | Operation.Failure<typeof contract.bulkPatchByTable>
/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = RedivisError.Common | Operation.Failure<typeof contract.listByTable>

/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = RedivisError.Common | Operation.Failure<typeof contract.getByUpload>
/**
 * @category errors
 * @since 0.1.0
 */
export type ExistsError = Exclude<GetError, RedivisError.NotFound>
/**
 * @category errors
 * @since 0.1.0
 */
export type UpdateError = RedivisError.Common | Operation.Failure<typeof contract.patchByUpload>
/**
 * @category errors
 * @since 0.1.0
 */
export type StatisticsError = GetError | jobs.JobError

/**
 * What is counted of a variable's values.
 *
 * @category models
 * @since 0.1.0
 */
export interface Statistics extends contract.Statistics {}

/**
 * Reads one variable, with its description, the labels of its values, and the
 * statistics as far as they are counted already.
 *
 * **Details**
 *
 * `GET /tables/:table/variables/:variable`,
 * `GET /tables/:table/uploads/:upload/variables/:variable` or
 * `GET /queries/:query/variables/:variable`. The name's letters may have any
 * case. Needs the scope `data.metadata` unless the table is public.
 *
 * **Failures**
 *
 * - `BadRequest`: the upload or the query has not ended
 * - `Forbidden`: the account may see the table but not its variables
 * - `NotFound`: there is no such variable, or the token may not see it
 *
 * **Example** (Its type)
 *
 * ```ts
 * import * as Variable from "@effect-redivis/core/Variable"
 * import * as Effect from "effect/Effect"
 *
 * const type = Variable.get({ table: "demo.penguins.birds" }, "species").pipe(Effect.map((variable) => variable.type))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (source: Source, variable: string): Effect.Effect<Variable, GetError, Redivis> =>
  onSource<Variable, GetError>(source, {
    table: (redivis, params) => redivis.execute(contract.getByTable, { params: { ...params, variable } }),
    upload: (redivis, params) => redivis.execute(contract.getByUpload, { params: { ...params, variable } }),
    query: (redivis, params) => redivis.execute(contract.getByQuery, { params: { ...params, variable } })
  })

/**
 * Whether there is a variable of that name, and the token may see it.
 *
 * **Details**
 *
 * `HEAD /tables/:table/variables/:variable`,
 * `HEAD /tables/:table/uploads/:upload/variables/:variable` or
 * `HEAD /queries/:query/variables/:variable`. Only a 404 is `false`; every other
 * failure stays one.
 *
 * **Failures**
 *
 * - `BadRequest`: the upload or the query has not ended
 * - `Forbidden`: the account may see the table but not its variables
 *
 * **Example** (Of a query's result)
 *
 * ```ts
 * import * as Variable from "@effect-redivis/core/Variable"
 *
 * const there = Variable.exists({ query: "1234" }, "species")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (source: Source, variable: string): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(onSource<void, GetError>(source, {
    table: (redivis, params) => redivis.execute(contract.headByTable, { params: { ...params, variable } }),
    upload: (redivis, params) => redivis.execute(contract.headByUpload, { params: { ...params, variable } }),
    query: (redivis, params) => redivis.execute(contract.headByQuery, { params: { ...params, variable } })
  }))

/**
 * What {@link update} notes of a variable; what is not given stays, null takes
 * it away.
 *
 * @category models
 * @since 0.1.0
 */
export interface UpdateOptions {
  /** At most 256 characters. */
  readonly label?: string | null | undefined
  /** As long as the server lets it be: 5,000 characters by its documentation. */
  readonly description?: string | null | undefined
  /** All of them: those that are not among them are taken away. */
  readonly valueLabels?: ReadonlyArray<{ readonly value: string; readonly label: string }> | null | undefined
}

/**
 * Notes a label, a description or the labels of values.
 *
 * **Details**
 *
 * `PATCH /tables/:table/variables/:variable`,
 * `PATCH /tables/:table/uploads/:upload/variables/:variable` or
 * `PATCH /queries/:query/variables/:variable`, behind a `GET` of the upload where
 * one is named. Needs the scope `data.edit`, for a query `data.data`.
 *
 * **Failures**
 *
 * - `InvalidInput`: the label is too long
 * - `BadRequest`: the description is too long, the upload or the query has not
 *   ended, or the server keeps no notes on its variables
 * - `Forbidden`: the account may not edit the dataset
 * - `NotFound`: there is no such variable, or the token may not see it
 *
 * **Example** (What the codes mean)
 *
 * ```ts
 * import * as Variable from "@effect-redivis/core/Variable"
 *
 * const labelled = Variable.update({ table: "demo.penguins:next.birds" }, "sex", {
 *   valueLabels: [{ value: "f", label: "female" }, { value: "m", label: "male" }]
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const update = (
  source: Source,
  variable: string,
  options: UpdateOptions
): Effect.Effect<Variable, UpdateError, Redivis> => {
  const { description, label, valueLabels } = options
  const body = defined({ label, description, valueLabels })
  return onSource<Variable, UpdateError>(source, {
    table: (redivis, params) => redivis.execute(contract.patchByTable, { params: { ...params, variable }, body }),
    upload: (redivis, params) => {
      const input = { params: { ...params, variable }, body }
      const patched = redivis.execute(contract.patchByUpload, input)
      if (!("upload" in source) || typeof source.upload !== "string") return patched
      const found = redivis.execute(getUpload, { params })
      return Effect.andThen(unlessOtherName(found, redivis, contract.patchByUpload, input, source.upload), patched)
    },
    query: (redivis, params) => redivis.execute(contract.patchByQuery, { params: { ...params, variable }, body })
  })
}

/**
 * Counts a variable's values, or gives what was counted, and waits for it.
 *
 * **Details**
 *
 * `GET /tables/:table/variables/:variable/statistics`,
 * `GET /tables/:table/uploads/:upload/variables/:variable/statistics` or
 * `GET /queries/:query/variables/:variable/statistics`, with longer and longer
 * pauses while they are being counted; `wait: false` asks once. Needs the scope
 * `data.metadata` unless the table is public.
 *
 * **Failures**
 *
 * - `BadRequest`: the upload or the query has not ended
 * - `Forbidden`: the account may see the table but not its variables
 * - `JobFailed`: they could not be counted
 * - `DeadlineExceeded`: `deadline` came first
 * - `NotFound`: there is no such variable, or the token may not see it
 *
 * **Example** (The heaviest bird)
 *
 * ```ts
 * import * as Variable from "@effect-redivis/core/Variable"
 * import * as Effect from "effect/Effect"
 *
 * const heaviest = Variable.statistics({ table: "demo.penguins.birds" }, "body_mass_g").pipe(
 *   Effect.map((statistics) => statistics.max)
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const statistics = (
  source: Source,
  variable: string,
  options?: jobs.WaitOptions<Statistics> & { readonly wait?: boolean | undefined }
): Effect.Effect<Statistics, StatisticsError, Redivis> => {
  const ask = onSource<Statistics, GetError>(source, {
    table: (redivis, params) => redivis.execute(contract.statisticsByTable, { params: { ...params, variable } }),
    upload: (redivis, params) => redivis.execute(contract.statisticsByUpload, { params: { ...params, variable } }),
    query: (redivis, params) => redivis.execute(contract.statisticsByQuery, { params: { ...params, variable } })
  })
  return options?.wait === false ? ask : jobs.wait<Statistics, GetError, Redivis>(
    {
      kind: "statistics",
      id: variable,
      status: (state) => state.status,
      errorMessage: (state) => state.errorMessage
    },
    undefined,
    ask,
    options
  )
}

/**
 * Which variables are listed.
 *
 * @category models
 * @since 0.1.0
 */
export interface FilterOptions {
  /** Only variables of this type. */
  readonly type?: typeof contract.variableTypes[number] | undefined
}

/**
 * One page of the variables of a table, an upload or a query, in the order of the columns.
 *
 * **Details**
 *
 * `GET /tables/:table/variables`, `GET /tables/:table/uploads/:upload/variables`
 * or `GET /queries/:query/variables`, with a `pageSize` of up to 10,000. Needs
 * the scope `data.metadata` unless the table is public. Descriptions, labels of
 * values and statistics are left out: {@link get} has them.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such source, or the token may not see it
 * - `Forbidden`: the account may see the table but not its variables
 * - `BadRequest`: the upload or the query has not ended, or the page token is not the server's
 *
 * **Example** (Of a table)
 *
 * ```ts
 * import * as Variable from "@effect-redivis/core/Variable"
 *
 * const page = Variable.listPage({ table: "demo.penguins.birds" }, { pageSize: 1000 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  source: Source,
  options?: pages.PageOptions & FilterOptions
): Effect.Effect<pages.Page<Variable>, ListError, Redivis> => {
  const query = defined({ ...pages.pageQuery(options), type: options?.type })
  return Effect.map(
    onSource<contract.VariablePage, ListError>(source, {
      table: (redivis, params) => redivis.execute(contract.listByTable, { params, query }),
      upload: (redivis, params) => redivis.execute(contract.listByUpload, { params, query }),
      query: (redivis, params) => redivis.execute(contract.listByQuery, { params, query })
    }),
    (page) => pages.pageOf(page)
  )
}

/**
 * All variables of a table, an upload or a query, in the order of the columns,
 * without descriptions, labels of values and statistics.
 *
 * **Details**
 *
 * See {@link listPage}; {@link get} has what a listing leaves out.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such source, or the token may not see it
 * - `Forbidden`: the account may see the table but not its variables
 * - `BadRequest`: the upload or the query has not ended
 *
 * **Example** (Their names)
 *
 * ```ts
 * import * as Variable from "@effect-redivis/core/Variable"
 * import * as Stream from "effect/Stream"
 *
 * const names = Variable.list({ table: "demo.penguins.birds" }).pipe(
 *   Stream.map((variable) => variable.name),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  source: Source,
  options?: pages.ListOptions & FilterOptions
): Stream.Stream<Variable, ListError, Redivis> =>
  pages.all("variables.list", options, (page) => listPage(source, { ...options, ...page }))

/**
 * Whose variables are changed together: those of one table, or of all tables of
 * a dataset or a workflow.
 *
 * @category models
 * @since 0.1.0
 */
export type Container =
  | { readonly table: Reference.TableInput }
  | { readonly dataset: Reference.DatasetInput }
  | { readonly workflow: Reference.WorkflowInput }

/**
 * Changes what is noted about several variables at once.
 *
 * **Details**
 *
 * `PATCH /tables/:table/variables`, `PATCH /datasets/:dataset/variables` or
 * `PATCH /workflows/:workflow/variables`. In a table all are changed or none; in
 * a dataset or a workflow each table that has a variable of the name. Needs the
 * scope `data.edit`, for a workflow `workflow.write`.
 *
 * **Failures**
 *
 * - `InvalidInput`: a name is empty or a label too long
 * - `BadRequest`: the table has no variable of a name, or a description is too long
 * - `Forbidden`: the account may not edit the dataset or the workflow
 * - `NotFound`: there is no such table, dataset or workflow, or the token may not see it
 *
 * **Example** (In all tables)
 *
 * ```ts
 * import * as Variable from "@effect-redivis/core/Variable"
 *
 * const labelled = Variable.updateAll({ dataset: "demo.penguins:next" }, [
 *   { name: "species", label: "Species" },
 *   { name: "sex", valueLabels: [{ value: "f", label: "female" }, { value: "m", label: "male" }] }
 * ])
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const updateAll = (
  container: Container,
  changes: ReadonlyArray<UpdateOptions & { readonly name: string }>
): Effect.Effect<void, UpdateAllError, Redivis> => {
  const body = {
    variables: changes.map((
      change
    ) => (defined({
      name: change.name,
      label: change.label,
      description: change.description,
      valueLabels: change.valueLabels
    })))
  }
  if ("table" in container) {
    return onTable(
      container.table,
      (redivis, table) => redivis.execute(contract.bulkPatchByTable, { params: { table }, body })
    )
  }
  return "dataset" in container
    ? onDataset(
      container.dataset,
      (redivis, dataset) => redivis.execute(contract.bulkPatchByDataset, { params: { dataset }, body })
    )
    : onWorkflow(
      container.workflow,
      (redivis, workflow) => redivis.execute(contract.bulkPatchByWorkflow, { params: { workflow }, body })
    )
}
