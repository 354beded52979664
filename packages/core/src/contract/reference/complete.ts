/** From what a caller gives to what a request names: scoped references completed, answers' paths read. */
import * as Result from "effect/Result"
import type { InvalidInput } from "../RedivisError.ts"
import { dataset, node, table, workflow } from "./build.ts"
import type { DatasetReference, NodeReference, Reference, TableReference, WorkflowReference } from "./model.ts"
import { type Component, type Parts, refuse, show } from "./part.ts"
import { fromUri } from "./path.ts"
import { format, parseDataset, parseNode, parseTable, parseWorkflow } from "./text.ts"

/**
 * What completes scoped references.
 *
 * @category models
 * @since 0.1.0
 */
export interface Defaults {
  /** The owner of datasets and workflows that name none. Not beside `organization`. */
  readonly user?: string | undefined
  /** The owner of datasets and workflows that name none. Not beside `user`. */
  readonly organization?: string | undefined
  /** The container of tables that name none, where no workflow is given. */
  readonly dataset?: string | DatasetReference | undefined
  /** The container of tables, notebooks and transforms that name none. */
  readonly workflow?: string | WorkflowReference | undefined
}

/**
 * A path that the API gave for a resource. Any resource that was read is one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Uri {
  readonly uri: string
}

/**
 * How a function takes a dataset.
 *
 * @category models
 * @since 0.1.0
 */
export type DatasetInput = string | DatasetReference | Uri

/**
 * How a function takes a workflow.
 *
 * @category models
 * @since 0.1.0
 */
export type WorkflowInput = string | WorkflowReference | Uri

/**
 * How a function takes a table.
 *
 * @category models
 * @since 0.1.0
 */
export type TableInput = string | TableReference | Uri

/**
 * How a function takes a notebook or a transform.
 *
 * @category models
 * @since 0.1.0
 */
export type NodeInput = string | NodeReference | Uri

const withOwner = <C extends Component>(
  container: C,
  defaults: Defaults,
  field: string
): Result.Result<C & Parts, InvalidInput> => {
  if (container.owner !== undefined) return Result.succeed(container)
  if (defaults.user !== undefined && defaults.organization !== undefined) {
    return refuse("defaults", "must have a user or an organization, not both")
  }
  const owner = defaults.user ?? defaults.organization
  return owner === undefined
    ? refuse(`${field}.owner`, `is missing: write it before ${show(container.name)} and a dot, or set a default owner`)
    : Result.succeed({ ...container, owner })
}

const defaultContainer = (
  kind: "table" | "node",
  defaults: Defaults
): Result.Result<Component | undefined, InvalidInput> => {
  if (defaults.workflow !== undefined) {
    return typeof defaults.workflow === "string"
      ? parseWorkflow(defaults.workflow, "defaults.workflow")
      : Result.succeed(defaults.workflow)
  }
  if (kind === "node" || defaults.dataset === undefined) return Result.succeed(undefined)
  return typeof defaults.dataset === "string"
    ? parseDataset(defaults.dataset, "defaults.dataset")
    : Result.succeed(defaults.dataset)
}

const withContainer = <I extends TableReference | NodeReference>(
  item: I,
  defaults: Defaults,
  field: string
): Result.Result<I & { readonly container: Parts }, InvalidInput> => {
  const found = item.container === undefined ? defaultContainer(item.kind, defaults) : Result.succeed(item.container)
  if (Result.isFailure(found)) return Result.fail(found.failure)
  if (found.success === undefined) {
    return refuse(
      `${field}.container`,
      item.kind === "table"
        ? `is missing: write the dataset or workflow before ${show(item.name)} and a dot, or set a default of either`
        : `is missing: write the workflow before ${show(item.name)} and a dot, or set a default workflow`
    )
  }
  return Result.map(
    withOwner(found.success, defaults, `${field}.container`),
    (container) => ({ ...item, container })
  )
}

const completeDataset = (reference: DatasetReference, defaults: Defaults, field: string) =>
  Result.flatMap(withOwner(reference, defaults, field), (parts) => dataset(parts, field))

const completeWorkflow = (reference: WorkflowReference, defaults: Defaults, field: string) =>
  Result.flatMap(withOwner(reference, defaults, field), (parts) => workflow(parts, field))

const completeTable = (reference: TableReference, defaults: Defaults, field: string) =>
  Result.flatMap(withContainer(reference, defaults, field), (parts) => table(parts, field))

const completeNode = (reference: NodeReference, defaults: Defaults, field: string) =>
  Result.flatMap(withContainer(reference, defaults, field), (parts) => node(parts, field))

/**
 * Adds what a scoped reference leaves out: the owner, and a table's,
 * notebook's or transform's container. What is there is never replaced.
 *
 * **Details**
 *
 * Tables take the default workflow before the default dataset, as the official
 * clients do; notebooks and transforms take the default workflow alone.
 *
 * **Failures**
 *
 * `InvalidInput`: there is no default for what is missing (its field is the
 * part, as `table.container`), or the default is not right (`defaults.dataset.name`).
 *
 * **Example** (A dataset of the caller's own)
 *
 * ```ts
 * import * as Reference from "@effect-redivis/core/Reference"
 * import * as Result from "effect/Result"
 *
 * const penguins = Reference.parseDataset("penguins").pipe(
 *   Result.flatMap((dataset) => Reference.complete(dataset, { user: "researcher" })),
 *   Result.map(Reference.format) // researcher.penguins
 * )
 * ```
 *
 * @category completing
 * @since 0.1.0
 */
export const complete: {
  (reference: DatasetReference, defaults: Defaults, field?: string): Result.Result<DatasetReference, InvalidInput>
  (reference: WorkflowReference, defaults: Defaults, field?: string): Result.Result<WorkflowReference, InvalidInput>
  (reference: TableReference, defaults: Defaults, field?: string): Result.Result<TableReference, InvalidInput>
  (reference: NodeReference, defaults: Defaults, field?: string): Result.Result<NodeReference, InvalidInput>
} = <R extends Reference>(reference: R, defaults: Defaults, field: string = reference.kind) =>
  // each branch gives the kind that it got
  (reference.kind === "dataset"
    ? completeDataset(reference, defaults, field)
    : reference.kind === "workflow"
    ? completeWorkflow(reference, defaults, field)
    : reference.kind === "table"
    ? completeTable(reference, defaults, field)
    : completeNode(reference, defaults, field)) as never

const resolve = <R extends Reference>(
  input: string | R | Uri,
  fromPath: (uri: string) => Result.Result<string, InvalidInput>,
  parse: (text: string) => Result.Result<R, InvalidInput>,
  complete: (reference: R) => Result.Result<R, InvalidInput>
): Result.Result<string, InvalidInput> => {
  if (typeof input === "object" && "uri" in input) return fromPath(input.uri)
  const reference = typeof input === "string" ? parse(input) : Result.succeed(input)
  return Result.map(Result.flatMap(reference, complete), format)
}

/**
 * The path parameter that names a dataset, not yet encoded: text is parsed, a
 * scoped reference completed, a `uri` read by `/datasets/:dataset`.
 *
 * @category completing
 * @since 0.1.0
 */
export const resolveDataset = (
  input: DatasetInput,
  defaults: Defaults = {},
  field = "dataset"
): Result.Result<string, InvalidInput> =>
  resolve<DatasetReference>(
    input,
    (uri) => Result.map(fromUri("/datasets/:dataset", uri, `${field}.uri`), (params) => params.dataset),
    (text) => parseDataset(text, field),
    (reference) => completeDataset(reference, defaults, field)
  )

/**
 * The path parameter that names a workflow, not yet encoded: text is parsed, a
 * scoped reference completed, a `uri` read by `/workflows/:workflow`.
 *
 * @category completing
 * @since 0.1.0
 */
export const resolveWorkflow = (
  input: WorkflowInput,
  defaults: Defaults = {},
  field = "workflow"
): Result.Result<string, InvalidInput> =>
  resolve<WorkflowReference>(
    input,
    (uri) => Result.map(fromUri("/workflows/:workflow", uri, `${field}.uri`), (params) => params.workflow),
    (text) => parseWorkflow(text, field),
    (reference) => completeWorkflow(reference, defaults, field)
  )

/**
 * The path parameter that names a table, not yet encoded: text is parsed, a
 * scoped reference completed, a `uri` read by `/tables/:table`.
 *
 * @category completing
 * @since 0.1.0
 */
export const resolveTable = (
  input: TableInput,
  defaults: Defaults = {},
  field = "table"
): Result.Result<string, InvalidInput> =>
  resolve<TableReference>(
    input,
    (uri) => Result.map(fromUri("/tables/:table", uri, `${field}.uri`), (params) => params.table),
    (text) => parseTable(text, field),
    (reference) => completeTable(reference, defaults, field)
  )

const resolveNode = (
  input: NodeInput,
  fromPath: (uri: string) => Result.Result<string, InvalidInput>,
  defaults: Defaults,
  field: string
): Result.Result<string, InvalidInput> =>
  resolve<NodeReference>(
    input,
    fromPath,
    (text) => parseNode(text, field),
    (reference) => completeNode(reference, defaults, field)
  )

/**
 * The path parameter that names a notebook, not yet encoded: text is parsed, a
 * scoped reference completed, a `uri` read by `/notebooks/:notebook`.
 *
 * @category completing
 * @since 0.1.0
 */
export const resolveNotebook = (
  input: NodeInput,
  defaults: Defaults = {},
  field = "notebook"
): Result.Result<string, InvalidInput> =>
  resolveNode(
    input,
    (uri) => Result.map(fromUri("/notebooks/:notebook", uri, `${field}.uri`), (params) => params.notebook),
    defaults,
    field
  )

/**
 * The path parameter that names a transform, not yet encoded: text is parsed, a
 * scoped reference completed, a `uri` read by `/transforms/:transform`.
 *
 * @category completing
 * @since 0.1.0
 */
export const resolveTransform = (
  input: NodeInput,
  defaults: Defaults = {},
  field = "transform"
): Result.Result<string, InvalidInput> =>
  resolveNode(
    input,
    (uri) => Result.map(fromUri("/transforms/:transform", uri, `${field}.uri`), (params) => params.transform),
    defaults,
    field
  )
