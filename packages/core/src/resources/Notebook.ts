/**
 * Notebooks of workflows, and the tables that their code gives out.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import * as jobs from "../client/jobs.ts"
import * as nodeJobs from "../client/nodeJobs.ts"
import * as pages from "../client/pages.ts"
import { type Executor, executor, type Redivis } from "../client/service.ts"
import * as contract from "../contract/notebook.ts"
import type * as Operation from "../contract/Operation.ts"
import { type Common, InvalidInput, type NotFound } from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import type { Table as ContractTable } from "../contract/table.ts"
import * as Transfer from "../data/Transfer.ts"
import { defined } from "../client/defined.ts"
import { exists as answers } from "./exists.ts"
import { idOf, onNotebook, onWorkflow } from "../client/resolve.ts"

export type { JobError, WaitOptions } from "../client/jobs.ts"
export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"
export type { Source } from "../data/Transfer.ts"

/**
 * A notebook whole. While it runs it is the handle of that job, which stands in
 * `currentJob`, and in `lastRunJob` once it has ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Notebook extends contract.Notebook {}
/**
 * The handle as data: it travels as JSON to another process, which waits on.
 *
 * @category models
 * @since 0.1.0
 */
export const Notebook: Schema.Codec<Notebook> = contract.Notebook

/**
 * A notebook as it stands in a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface NotebookListItem extends contract.NotebookListItem {}

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
export type UpdateError = Common | Operation.Failure<typeof contract.patch>
/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = Common | Operation.Failure<typeof contract.list>
/**
 * @category errors
 * @since 0.1.0
 */
export type WaitError = GetError | jobs.JobError
/**
 * @category errors
 * @since 0.1.0
 */
export type RunError = Common | Operation.Failure<typeof contract.run> | WaitError
/**
 * @category errors
 * @since 0.1.0
 */
export type StopError = Common | Operation.Failure<typeof contract.stop>
/**
 * @category errors
 * @since 0.1.0
 */
export type OutputTableError =
  | Common
  | Operation.Failure<typeof contract.createTempUploads>
  | Operation.Failure<typeof contract.putOutputTable>
  | Transfer.TransferError

/**
 * The table that a notebook gives out.
 *
 * @category models
 * @since 0.1.0
 */
export interface Table extends ContractTable {}

/**
 * Reads one notebook.
 *
 * **Details**
 *
 * `GET /notebooks/:notebook`. Needs the scope `workflow.read` unless its workflow
 * is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such notebook, or the token may not see it
 *
 * **Example** (What it makes)
 *
 * ```ts
 * import * as Notebook from "@effect-redivis/core/Notebook"
 * import * as Effect from "effect/Effect"
 *
 * const output = Notebook.get("demo.climate.model").pipe(Effect.map((notebook) => notebook.outputTable))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (reference: Reference.NodeInput): Effect.Effect<Notebook, GetError, Redivis> =>
  onNotebook(reference, (redivis, notebook) => redivis.execute(contract.get, { params: { notebook } }))

/**
 * Whether the notebook is there and the token may see it.
 *
 * **Details**
 *
 * `HEAD /notebooks/:notebook`. Only a 404 is `false`.
 *
 * **Failures**
 *
 * - `InsufficientScope`: the token has not the scope `workflow.read`
 *
 * **Example** (Look before running)
 *
 * ```ts
 * import * as Notebook from "@effect-redivis/core/Notebook"
 *
 * const there = Notebook.exists("demo.climate.model")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (reference: Reference.NodeInput): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(onNotebook(reference, (redivis, notebook) => redivis.execute(contract.head, { params: { notebook } })))

/**
 * What {@link update} changes; what is not given stays.
 *
 * @category models
 * @since 0.1.0
 */
export interface UpdateOptions {
  readonly name?: string | undefined
  /** A table of the workflow or of one of its data sources. */
  readonly sourceTable?: Reference.TableInput | undefined
}

/**
 * Changes a notebook.
 *
 * **Details**
 *
 * `PATCH /notebooks/:notebook`. Needs the scope `workflow.write`.
 *
 * **Failures**
 *
 * - `InvalidInput`: the new name is empty, or the source table no reference
 * - `BadRequest`: the new name is another notebook's, or the source table is none of the workflow's
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such notebook, or the token may not see it
 *
 * **Example** (Another table to begin with)
 *
 * ```ts
 * import * as Notebook from "@effect-redivis/core/Notebook"
 *
 * const moved = Notebook.update("demo.climate.model", { sourceTable: "demo.climate.heavy_birds_output" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const update = (
  reference: Reference.NodeInput,
  options: UpdateOptions
): Effect.Effect<Notebook, UpdateError, Redivis> =>
  onNotebook<Notebook, UpdateError>(reference, (redivis, notebook) => {
    const table = options.sourceTable === undefined
      ? Result.succeed(undefined)
      : Reference.resolveTable(options.sourceTable, redivis.defaults, "sourceTable")
    return Result.isFailure(table)
      ? Effect.fail(table.failure)
      : redivis.execute(contract.patch, {
        params: { notebook },
        body: defined({ name: options.name, sourceTable: table.success })
      })
  })

const waitFrom = (
  redivis: Executor,
  notebook: string,
  started: Notebook | undefined,
  options: jobs.WaitOptions<Notebook> | undefined
): Effect.Effect<Notebook, WaitError> =>
  nodeJobs.wait("notebook", notebook, started, redivis.execute(contract.get, { params: { notebook } }), options)

/**
 * Waits until the run of a notebook has ended.
 *
 * **Details**
 *
 * `GET /notebooks/:notebook`, with longer and longer pauses. The run is the one
 * that is under way when the wait begins, else the last one. Interrupting it
 * stops asking; the run goes on.
 *
 * **Failures**
 *
 * - `JobFailed`: the run failed; its message says why
 * - `JobCancelled`: it was stopped
 * - `DeadlineExceeded`: `deadline` came first
 * - `InvalidInput`: it has never been run
 * - `NotFound`: there is no such notebook, or the token may not see it
 *
 * **Example** (Go on in another process)
 *
 * ```ts
 * import * as Notebook from "@effect-redivis/core/Notebook"
 *
 * const done = Notebook.wait("demo.climate.model", { deadline: "10 minutes" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const wait = (
  reference: Reference.NodeInput,
  options?: jobs.WaitOptions<Notebook>
): Effect.Effect<Notebook, WaitError, Redivis> =>
  onNotebook(reference, (redivis, notebook) => waitFrom(redivis, notebook, undefined, options))

/**
 * How a notebook is run.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunOptions extends jobs.WaitOptions<Notebook> {
  /**
   * `false` returns as soon as the run has begun.
   *
   * @default true
   */
  readonly wait?: boolean | undefined
}

/**
 * Runs a notebook to its end.
 *
 * **Details**
 *
 * `POST /notebooks/:notebook/run`, then {@link wait}. Needs the scope
 * `workflow.write`. A request whose answer was lost is not repeated: look with
 * {@link get}.
 *
 * **Failures**
 *
 * - `BadRequest`: it runs already
 * - `JobFailed`: the run failed; its message says why
 * - `JobCancelled`: it was stopped
 * - `DeadlineExceeded`: `deadline` came first
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such notebook, or the token may not see it
 *
 * **Example** (Its rows)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Notebook from "@effect-redivis/core/Notebook"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const rows = Notebook.run("demo.climate.model").pipe(
 *   Effect.flatMap(() => Stream.runCollect(Table.rows("demo.climate.model_output")))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const run = (
  reference: Reference.NodeInput,
  options?: RunOptions
): Effect.Effect<Notebook, RunError, Redivis> =>
  onNotebook(reference, (redivis, notebook): Effect.Effect<Notebook, RunError> =>
    Effect.flatMap(
      Effect.andThen(
        jobs.checkTime("deadline", options?.deadline),
        redivis.execute(contract.run, { params: { notebook } })
      ),
      (started): Effect.Effect<Notebook, WaitError> =>
        options?.wait === false ? Effect.succeed(started) : waitFrom(redivis, notebook, started, options)
    ))

/**
 * Stops the run of a notebook that is under way.
 *
 * **Details**
 *
 * `POST /notebooks/:notebook/stop`. Needs the scope `workflow.write`. The answer tells of
 * the run in `lastRunJob` once it has stopped.
 *
 * **Failures**
 *
 * - `BadRequest`: it does not run
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such notebook, or the token may not see it
 *
 * **Example** (After a minute)
 *
 * ```ts
 * import * as Notebook from "@effect-redivis/core/Notebook"
 * import * as Effect from "effect/Effect"
 *
 * const impatient = Notebook.run("demo.climate.model", { deadline: "1 minute" }).pipe(
 *   Effect.catchTag("DeadlineExceeded", () => Notebook.stop("demo.climate.model"))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const stop = (reference: Reference.NodeInput): Effect.Effect<Notebook, StopError, Redivis> =>
  onNotebook(reference, (redivis, notebook) => redivis.execute(contract.stop, { params: { notebook } }))

/**
 * What an output table is made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface OutputTableOptions<E = never, R = never> {
  /**
   * Parquet: the bytes of the file, a stream of them with their number, or the
   * id of a temporary upload of the job that has them already.
   */
  readonly data: Transfer.Source<E, R> | { readonly tempUploadId: string }
  /**
   * @default the server's choice
   */
  readonly name?: string | null | undefined
  /**
   * Whether the rows are added to those of the output table that is there.
   *
   * @default false
   */
  readonly append?: boolean | undefined
  /**
   * Columns of well-known text that are geographies.
   *
   * @default found out by the server
   */
  readonly geographyVariables?: ReadonlyArray<string> | null | undefined
}

/** Puts the bytes into storage, and gives the id by which they are found there. */
const send = Effect.fnUntraced(function*<E, R>(
  redivis: Executor,
  params: { readonly job: string },
  data: Transfer.Source<E, R>
) {
  const refused = Transfer.refusedSource(data)
  if (refused !== undefined) return yield* refused
  const size = Transfer.sizeOf(data)
  const made = yield* redivis.execute(contract.createTempUploads, {
    params,
    body: { tempUploads: [{ size, resumable: Transfer.wantsResumable(data) }] }
  })
  const place = made.results[0]
  if (place === undefined) {
    return yield* Transfer.missingPlace(contract.createTempUploads.name, 0)
  }
  yield* Transfer.upload(place, data)
  return place.id
})

/**
 * Makes the output table of a notebook that runs, or adds to it: what the code
 * of the notebook does itself.
 *
 * **Details**
 *
 * `POST /notebookJobs/:job/tempUploads`, the bytes to storage, then
 * `PUT /notebookJobs/:job/outputTable`. The job is the `currentJob` of the
 * notebook. Needs the scope `workflow.write`. A last request whose answer was
 * lost is not repeated, since it could add rows twice.
 *
 * **Failures**
 *
 * - `InvalidInput`: the size of a stream is no whole number, or the name is empty
 * - `BadRequest`: the job was stopped, the file cannot be read, or a geography variable is none of its columns
 * - `IntegrityError`: a stream gave another number of bytes than it said
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such job, or the token may not see it
 *
 * **Example** (Of the run that is under way)
 *
 * ```ts
 * import * as Notebook from "@effect-redivis/core/Notebook"
 * import * as Effect from "effect/Effect"
 *
 * const publish = (parquet: Uint8Array) =>
 *   Notebook.get("demo.climate.model").pipe(
 *     Effect.flatMap(({ currentJob }) =>
 *       currentJob ? Notebook.createOutputTable(currentJob, { data: parquet }) : Effect.void
 *     )
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const createOutputTable = <E = never, R = never>(
  job: string | { readonly id: string },
  options: OutputTableOptions<E, R>
): Effect.Effect<Table, OutputTableError | E, Redivis | R> =>
  Effect.gen(function*() {
    const { data } = options
    if (options.name === "") return yield* new InvalidInput({ field: "name", reason: "is empty" })
    const redivis = yield* executor
    const params = { job: idOf(job) }
    const tempUploadId = typeof data === "object" && data !== null && "tempUploadId" in data
      ? data.tempUploadId
      : yield* send(redivis, params, data)
    return yield* redivis.execute(contract.putOutputTable, {
      params,
      body: {
        name: options.name ?? null,
        append: options.append ?? false,
        geographyVariables: options.geographyVariables ?? null,
        tempUploadId
      }
    })
  })

/**
 * One page of a workflow's notebooks.
 *
 * **Details**
 *
 * `GET /workflows/:workflow/notebooks`. Needs the scope `workflow.read` unless
 * the workflow is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such workflow, or the token may not see it
 * - `BadRequest`: the page token is not the server's
 *
 * **Example** (The first ten)
 *
 * ```ts
 * import * as Notebook from "@effect-redivis/core/Notebook"
 *
 * const page = Notebook.listPage("demo.climate", { pageSize: 10 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  workflow: Reference.WorkflowInput,
  options?: pages.PageOptions
): Effect.Effect<pages.Page<NotebookListItem>, ListError, Redivis> =>
  Effect.map(
    onWorkflow(
      workflow,
      (redivis, workflow) => redivis.execute(contract.list, { params: { workflow }, query: pages.pageQuery(options) })
    ),
    (page) => pages.pageOf(page)
  )

/**
 * All notebooks of a workflow, page after page as they are wanted.
 *
 * **Details**
 *
 * See {@link listPage}.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such workflow, or the token may not see it
 *
 * **Example** (Their names)
 *
 * ```ts
 * import * as Notebook from "@effect-redivis/core/Notebook"
 * import * as Stream from "effect/Stream"
 *
 * const names = Notebook.list("demo.climate").pipe(Stream.map((notebook) => notebook.name), Stream.runCollect)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  workflow: Reference.WorkflowInput,
  options?: pages.ListOptions
): Stream.Stream<NotebookListItem, ListError, Redivis> =>
  pages.all("notebooks.list", options, (page) => listPage(workflow, page))
