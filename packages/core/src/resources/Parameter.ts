/**
 * Parameters of workflows: lists of values that transforms and notebooks use
 * by name.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import { otherName, unlessOther, unlessOtherName } from "../client/given.ts"
import * as pages from "../client/pages.ts"
import { type Executor, type Redivis, withExecutor } from "../client/service.ts"
import type * as Operation from "../contract/Operation.ts"
import * as contract from "../contract/parameter.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import { defined } from "../client/defined.ts"
import { exists as answers } from "./exists.ts"
import { onWorkflow } from "../client/resolve.ts"

export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"
export type { ParameterValue as Value } from "../contract/parameter.ts"

/**
 * A parameter whole.
 *
 * @category models
 * @since 0.1.0
 */
export interface Parameter extends contract.Parameter {}

/**
 * A parameter as it stands in a listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface ParameterListItem extends contract.ParameterListItem {}

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
export type CreateError = RedivisError.Common | Operation.Failure<typeof contract.post>
/**
 * @category errors
 * @since 0.1.0
 */
export type UpdateError = RedivisError.Common | Operation.Failure<typeof contract.patch>
/**
 * @category errors
 * @since 0.1.0
 */
export type RemoveError = RedivisError.Common | Operation.Failure<typeof contract.delete>
/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = RedivisError.Common | Operation.Failure<typeof contract.list>

/**
 * A parameter of a workflow: its name, or the `uri` that a listing gave for it.
 *
 * @category models
 * @since 0.1.0
 */
export type ParameterInput = string | Reference.Uri

type Params = Readonly<Record<"workflow" | "parameter", string>>

const onParameter = <A, E>(
  workflow: Reference.WorkflowInput,
  parameter: ParameterInput,
  call: (redivis: Executor, params: Params) => Effect.Effect<A, E>
): Effect.Effect<A, E | RedivisError.InvalidInput, Redivis> => {
  if (typeof parameter === "string") {
    return onWorkflow(workflow, (redivis, workflow) => call(redivis, { workflow, parameter }))
  }
  const params = Reference.fromUri("/workflows/:workflow/parameters/:parameter", parameter.uri, "parameter.uri")
  return Result.isFailure(params)
    ? Effect.fail(params.failure)
    : withExecutor((redivis) => call(redivis, params.success))
}

/** Runs a call that touches a parameter, unless it was named and what is found has another name. */
const touching = <Op extends typeof contract.patch | typeof contract.delete>(
  workflow: Reference.WorkflowInput,
  parameter: ParameterInput,
  operation: Op,
  body?: Operation.Input<typeof contract.patch>["body"]
): Effect.Effect<Operation.Success<Op>, RedivisError.Common | Operation.Failure<Op> | GetError, Redivis> =>
  onParameter(workflow, parameter, (redivis, params) => {
    // both have these parameters, and a body exactly where one is given
    const input = defined({ params, body }) as Operation.Input<Op>
    const call = redivis.execute(operation, input)
    return typeof parameter === "string"
      ? Effect.andThen(
        unlessOtherName(redivis.execute(contract.get, { params }), redivis, operation, { params, body }, parameter),
        call
      )
      : call
  })

/**
 * Reads one parameter of a workflow.
 *
 * **Details**
 *
 * `GET /workflows/:workflow/parameters/:parameter`. Needs the scope
 * `workflow.read` unless the workflow is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such parameter or workflow, the token may not see it,
 *   or what is found has another name, which the message tells
 *
 * **Example** (Its values)
 *
 * ```ts
 * import * as Parameter from "@effect-redivis/core/Parameter"
 * import * as Effect from "effect/Effect"
 *
 * const species = Parameter.get("demo.climate", "species").pipe(Effect.map((parameter) => parameter.values))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const get = (
  workflow: Reference.WorkflowInput,
  parameter: ParameterInput
): Effect.Effect<Parameter, GetError, Redivis> =>
  onParameter(workflow, parameter, (redivis, params): Effect.Effect<Parameter, GetError> => {
    const answer = redivis.execute(contract.get, { params })
    return typeof parameter === "string"
      ? unlessOther(answer, redivis, contract.get, params, (found) => otherName(parameter, found))
      : answer
  })

/**
 * Whether the service finds a parameter by that name.
 *
 * **Details**
 *
 * `HEAD /workflows/:workflow/parameters/:parameter`. Only a 404 is `false`. The
 * answer has no name: what is found may have another one, which {@link get}
 * tells.
 *
 * **Failures**
 *
 * - `InsufficientScope`: the token has not the scope `workflow.read`
 *
 * **Example** (Look before making)
 *
 * ```ts
 * import * as Parameter from "@effect-redivis/core/Parameter"
 *
 * const there = Parameter.exists("demo.climate", "species")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exists = (
  workflow: Reference.WorkflowInput,
  parameter: ParameterInput
): Effect.Effect<boolean, ExistsError, Redivis> =>
  answers(onParameter(workflow, parameter, (redivis, params) => redivis.execute(contract.head, { params })))

/**
 * What a new parameter is given.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateOptions {
  /** Unique in its workflow. */
  readonly name: string
  readonly values: ReadonlyArray<contract.ParameterValue>
  /**
   * @default what the values have in common
   */
  readonly type?: contract.ParameterPost["type"] | undefined
}

/**
 * Makes a parameter.
 *
 * **Details**
 *
 * `POST /workflows/:workflow/parameters`. Needs the scope `workflow.write`. A
 * request whose answer was lost is not repeated: look with {@link exists}.
 *
 * **Failures**
 *
 * - `InvalidInput`: the name is empty, or the type none that a variable can have
 * - `BadRequest`: there is a parameter of that name, or a value does not fit the type
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such workflow, or the token may not see it
 *
 * **Example** (Two names)
 *
 * ```ts
 * import * as Parameter from "@effect-redivis/core/Parameter"
 *
 * const species = Parameter.create("demo.climate", { name: "species", values: ["Adelie", "Gentoo"] })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const create = (
  workflow: Reference.WorkflowInput,
  options: CreateOptions
): Effect.Effect<Parameter, CreateError, Redivis> =>
  onWorkflow(workflow, (redivis, workflow) =>
    redivis.execute(contract.post, {
      params: { workflow },
      body: defined({ name: options.name, type: options.type, values: options.values })
    }))

/**
 * What {@link update} changes; what is not given stays.
 *
 * @category models
 * @since 0.1.0
 */
export interface UpdateOptions {
  readonly name?: string | undefined
  readonly type?: contract.ParameterPatch["type"] | undefined
  /** All values; those that are not among them are taken away. */
  readonly values?: ReadonlyArray<contract.ParameterValue> | undefined
}

/**
 * Changes a parameter.
 *
 * **Details**
 *
 * `PATCH /workflows/:workflow/parameters/:parameter`, behind a `GET` where it is
 * named: what is found under another name stays as it is. Needs the scope
 * `workflow.write`.
 *
 * **Failures**
 *
 * - `InvalidInput`: the new name is empty, or the type none that a variable can have
 * - `BadRequest`: the new name is another parameter's, or a value does not fit the type
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such parameter or workflow, or the token may not see it
 *
 * **Example** (Other values)
 *
 * ```ts
 * import * as Parameter from "@effect-redivis/core/Parameter"
 *
 * const one = Parameter.update("demo.climate", "species", { values: ["Chinstrap"] })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const update = (
  workflow: Reference.WorkflowInput,
  parameter: ParameterInput,
  options: UpdateOptions
): Effect.Effect<Parameter, UpdateError, Redivis> =>
  touching(
    workflow,
    parameter,
    contract.patch,
    defined({ name: options.name, type: options.type, values: options.values })
  )

/**
 * Takes a parameter away.
 *
 * **Details**
 *
 * `DELETE /workflows/:workflow/parameters/:parameter`, behind a `GET` where it is
 * named: what is found under another name stays. Needs the scope
 * `workflow.write`. A repeat that finds nothing more is a success.
 *
 * **Failures**
 *
 * - `Forbidden`: the account may not edit the workflow
 * - `NotFound`: there is no such parameter or workflow, the token may not see it,
 *   or what is found has another name, which the message tells
 *
 * **Example** (Take it away)
 *
 * ```ts
 * import * as Parameter from "@effect-redivis/core/Parameter"
 *
 * const gone = Parameter.remove("demo.climate", "species")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const remove = (
  workflow: Reference.WorkflowInput,
  parameter: ParameterInput
): Effect.Effect<void, RemoveError, Redivis> => touching(workflow, parameter, contract.delete)

/**
 * One page of a workflow's parameters.
 *
 * **Details**
 *
 * `GET /workflows/:workflow/parameters`. Needs the scope `workflow.read` unless
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
 * import * as Parameter from "@effect-redivis/core/Parameter"
 *
 * const page = Parameter.listPage("demo.climate", { pageSize: 10 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  workflow: Reference.WorkflowInput,
  options?: pages.PageOptions
): Effect.Effect<pages.Page<ParameterListItem>, ListError, Redivis> =>
  Effect.map(
    onWorkflow(
      workflow,
      (redivis, workflow) => redivis.execute(contract.list, { params: { workflow }, query: pages.pageQuery(options) })
    ),
    (page) => pages.pageOf(page)
  )

/**
 * All parameters of a workflow, page after page as they are wanted.
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
 * import * as Parameter from "@effect-redivis/core/Parameter"
 * import * as Stream from "effect/Stream"
 *
 * const names = Parameter.list("demo.climate").pipe(Stream.map((parameter) => parameter.name), Stream.runCollect)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  workflow: Reference.WorkflowInput,
  options?: pages.ListOptions
): Stream.Stream<ParameterListItem, ListError, Redivis> =>
  pages.all("parameters.list", options, (page) => listPage(workflow, page))
