/**
 * Transforms of workflows: each is a query whose result is a table of the workflow.
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
import type { Executor, Redivis } from "../client/service.ts"
import * as contract from "../contract/transform.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import { defined } from "../client/defined.ts"
import { exists as answers } from "./exists.ts"
import { onTransform, onWorkflow } from "../client/resolve.ts"

export type { JobError, WaitOptions } from "../client/jobs.ts"
export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"

/**
 * A transform whole. While it runs it is the handle of that job, which stands in
 * `currentJob`, and in `lastRunJob` once it has ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Transform extends contract.Transform {}
/**
 * The handle as data: it travels as JSON to another process, which waits on.
 *
 * @category models
 * @since 0.1.0
 */
export const Transform: Schema.Codec<Transform> = contract.Transform

/**
 * A transform as it stands in a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface TransformListItem extends contract.TransformListItem {}

/**
 * @category errors
 * @since 0.1.0
 */
export type GetError = RedivisError.Common | Operation.Failure<typeof contract.get>
/**
 * @category errors
 * @since 0.1.0
 */
export type ExistsError = Exclude<RedivisError.Common | Operation.Failure<typeof contract.head>, RedivisError.NotFound>
/**
 * @category errors
 * @since 0.1.0
 */
export type UpdateError = RedivisError.Common | Operation.Failure<typeof contract.patch>
/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = RedivisError.Common | Operation.Failure<typeof contract.list>
/**
 * @category errors
 * @since 0.1.0
 */
export type WaitError = GetError | jobs.JobError
/**
 * @category errors
 * @since 0.1.0
 */
export type RunError = RedivisError.Common | Operation.Failure<typeof contract.run> | WaitError
/**
 * @category errors
 * @since 0.1.0
 */
export type CancelError = RedivisError.Common | Operation.Failure<typeof contract.cancel>

/**
 * Reads one transform.
 *
 * **Details**
 *
 * `GET /transforms/:transform`. Needs the scope `workflow.read` unless its workflow
 * is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such transform, or the token may not see it
 *
 * **Example** (What it makes)
 *
 * ```ts
 * import * as Transform from "@effect-redivis/core/Transform"
 * import * as Effect from "effect/Effect"
 *
 * const output = Transform.get("demo.climate.heavy_birds").pipe(Effect.map((transform) => transform.outputTable))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (reference: Reference.NodeInput): Effect.Effect<Transform, GetError, Redivis> =>
  onTransform(reference, (redivis, transform) => redivis.execute(contract.get, { params: { transform } }))

/**
 * Whether the transform is there and the token may see it.
 *
 * **Details**
 *
 * `HEAD /transforms/:transform`. Only a 404 is `false`.
 *
 * **Failures**
 *
 * - `InsufficientScope`: the token has not the scope `workflow.read`
 *
 * **Example** (Look before running)
 *
 * ```ts
 * import * as Transform from "@effect-redivis/core/Transform"
 *
 * const there = Transform.exists("demo.climate.heavy_birds")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (reference: Reference.NodeInput): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(onTransform(reference, (redivis, transform) => redivis.execute(contract.head, { params: { transform } })))

/**
 * What {@link update} changes; what is not given stays.
 *
 * @category models
 * @since 0.1.0
 */
export interface UpdateOptions {
  readonly name?: string | undefined
  /** GoogleSQL that reads tables of the workflow and of its data sources. */
  readonly query?: string | undefined
  /** A table of the workflow or of one of its data sources. */
  readonly sourceTable?: Reference.TableInput | undefined
}

/**
 * Changes a transform.
 *
 * **Details**
 *
 * `PATCH /transforms/:transform`. Needs the scope `workflow.write`.
 *
 * **Failures**
 *
 * - `InvalidInput`: the new name or the query is empty, or the query too long
 * - `BadRequest`: the new name is another transform's, or the source table is none of the workflow's,
 *   or it runs
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such transform, or the token may not see it
 *
 * **Example** (Another query)
 *
 * ```ts
 * import * as Transform from "@effect-redivis/core/Transform"
 *
 * const heavier = Transform.update("demo.climate.heavy_birds", {
 *   query: "select species from birds where body_mass_g > 6000"
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const update = (
  reference: Reference.NodeInput,
  options: UpdateOptions
): Effect.Effect<Transform, UpdateError, Redivis> =>
  onTransform<Transform, UpdateError>(reference, (redivis, transform) => {
    const table = options.sourceTable === undefined
      ? Result.succeed(undefined)
      : Reference.resolveTable(options.sourceTable, redivis.defaults, "sourceTable")
    return Result.isFailure(table)
      ? Effect.fail(table.failure)
      : redivis.execute(contract.patch, {
        params: { transform },
        body: defined({ name: options.name, query: options.query, sourceTable: table.success })
      })
  })

const waitFrom = (
  redivis: Executor,
  transform: string,
  started: Transform | undefined,
  options: jobs.WaitOptions<Transform> | undefined
): Effect.Effect<Transform, WaitError> =>
  nodeJobs.wait("transform", transform, started, redivis.execute(contract.get, { params: { transform } }), options)

/**
 * Waits until the run of a transform has ended.
 *
 * **Details**
 *
 * `GET /transforms/:transform`, with longer and longer pauses. The run is the one
 * that is under way when the wait begins, else the last one. Interrupting it
 * stops asking; the run goes on.
 *
 * **Failures**
 *
 * - `JobFailed`: the run failed; its message says why
 * - `JobCancelled`: it was cancelled
 * - `DeadlineExceeded`: `deadline` came first
 * - `InvalidInput`: it has never been run
 * - `NotFound`: there is no such transform, or the token may not see it
 *
 * **Example** (Go on in another process)
 *
 * ```ts
 * import * as Transform from "@effect-redivis/core/Transform"
 *
 * const done = Transform.wait("demo.climate.heavy_birds", { deadline: "10 minutes" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const wait = (
  reference: Reference.NodeInput,
  options?: jobs.WaitOptions<Transform>
): Effect.Effect<Transform, WaitError, Redivis> =>
  onTransform(reference, (redivis, transform) => waitFrom(redivis, transform, undefined, options))

/**
 * How a transform is run.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunOptions extends jobs.WaitOptions<Transform> {
  /**
   * `false` returns as soon as the run has begun.
   *
   * @default true
   */
  readonly wait?: boolean | undefined
}

/**
 * Runs a transform to its end.
 *
 * **Details**
 *
 * `POST /transforms/:transform/run`, then {@link wait}. Needs the scope
 * `workflow.write`. A request whose answer was lost is not repeated: look with
 * {@link get}.
 *
 * **Failures**
 *
 * - `BadRequest`: it runs already, or has no query
 * - `JobFailed`: the run failed; its message says why
 * - `JobCancelled`: it was cancelled
 * - `DeadlineExceeded`: `deadline` came first
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such transform, or the token may not see it
 *
 * **Example** (Its rows)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Transform from "@effect-redivis/core/Transform"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const rows = Transform.run("demo.climate.heavy_birds").pipe(
 *   Effect.flatMap(() => Stream.runCollect(Table.rows("demo.climate.heavy_birds_output")))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const run = (
  reference: Reference.NodeInput,
  options?: RunOptions
): Effect.Effect<Transform, RunError, Redivis> =>
  onTransform(reference, (redivis, transform): Effect.Effect<Transform, RunError> =>
    Effect.flatMap(
      Effect.andThen(
        jobs.checkTime("deadline", options?.deadline),
        redivis.execute(contract.run, { params: { transform } })
      ),
      (started): Effect.Effect<Transform, WaitError> =>
        options?.wait === false ? Effect.succeed(started) : waitFrom(redivis, transform, started, options)
    ))

/**
 * Cancels the run of a transform that is under way. The table that an earlier run
 * made stays.
 *
 * **Details**
 *
 * `POST /transforms/:transform/cancel`. Needs the scope `workflow.write`. The answer tells of
 * the run in `lastRunJob` once it has stopped.
 *
 * **Failures**
 *
 * - `BadRequest`: it does not run
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such transform, or the token may not see it
 *
 * **Example** (After a minute)
 *
 * ```ts
 * import * as Transform from "@effect-redivis/core/Transform"
 * import * as Effect from "effect/Effect"
 *
 * const impatient = Transform.run("demo.climate.heavy_birds", { deadline: "1 minute" }).pipe(
 *   Effect.catchTag("DeadlineExceeded", () => Transform.cancel("demo.climate.heavy_birds"))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const cancel = (reference: Reference.NodeInput): Effect.Effect<Transform, CancelError, Redivis> =>
  onTransform(reference, (redivis, transform) => redivis.execute(contract.cancel, { params: { transform } }))

/**
 * One page of a workflow's transforms.
 *
 * **Details**
 *
 * `GET /workflows/:workflow/transforms`. Needs the scope `workflow.read` unless
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
 * import * as Transform from "@effect-redivis/core/Transform"
 *
 * const page = Transform.listPage("demo.climate", { pageSize: 10 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  workflow: Reference.WorkflowInput,
  options?: pages.PageOptions
): Effect.Effect<pages.Page<TransformListItem>, ListError, Redivis> =>
  Effect.map(
    onWorkflow(
      workflow,
      (redivis, workflow) => redivis.execute(contract.list, { params: { workflow }, query: pages.pageQuery(options) })
    ),
    (page) => pages.pageOf(page)
  )

/**
 * All transforms of a workflow, page after page as they are wanted.
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
 * import * as Transform from "@effect-redivis/core/Transform"
 * import * as Stream from "effect/Stream"
 *
 * const names = Transform.list("demo.climate").pipe(Stream.map((transform) => transform.name), Stream.runCollect)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  workflow: Reference.WorkflowInput,
  options?: pages.ListOptions
): Stream.Stream<TransformListItem, ListError, Redivis> =>
  pages.all("transforms.list", options, (page) => listPage(workflow, page))
