/** The constructors: a reference that exists is right. */
import * as Result from "effect/Result"
import type { InvalidInput } from "../RedivisError.ts"
import type {
  DatasetParts,
  DatasetReference,
  NodeParts,
  NodeReference,
  TableParts,
  TableReference,
  WorkflowParts,
  WorkflowReference
} from "./model.ts"
import { type Barred, component, isTagTogether, type Kind, readContainer, refuse, show } from "./part.ts"

// the one place where the brands are given: `component` has held every part against the schema's own rule
const branded = <R extends { readonly kind: Kind }>(kind: R["kind"], parts: object): R => ({ kind, ...parts }) as R

const versionOf = (noun: string): string => `must be left out: a ${noun} has no versions, only datasets have`

const sampleOf = (noun: string): string => `must be left out: a ${noun} has no sample, only datasets and tables have`

const ofWorkflows: Barred = { version: versionOf("workflow"), sample: sampleOf("workflow") }

const ownerOfItem = "belongs to the container"

const ofTables: Barred = { owner: ownerOfItem, version: versionOf("table") }

const ofNodes: Barred = {
  owner: ownerOfItem,
  version: versionOf("notebook or transform"),
  sample: sampleOf("notebook or transform")
}

/**
 * Builds the reference of a dataset.
 *
 * **Details**
 *
 * In the name `.`, `:` and backticks are written as `_`, which the server takes
 * as equal; no version is added.
 *
 * **Failures**
 *
 * `InvalidInput` with the part as its field:
 *
 * - `dataset.owner`: characters other than letters a to z, digits and `_`
 * - `dataset.name`: empty or blank, `.` or `..`, a control character or line
 *   break, a lone surrogate
 * - `dataset.id`: the same characters as in the owner only, and nothing that
 *   could be a tag (`v1_0`, `next`, `current`) or is `sample`
 * - `dataset.version`: not a tag
 *
 * **Example** (The unreleased version of a dataset)
 *
 * ```ts
 * import * as Reference from "@effect-redivis/core/Reference"
 * import * as Result from "effect/Result"
 *
 * const text = Reference.dataset({ owner: "demo", name: "St. Louis", version: "next" }).pipe(
 *   Result.map(Reference.format) // demo.St_ Louis:next
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const dataset = (parts: DatasetParts, field = "dataset"): Result.Result<DatasetReference, InvalidInput> =>
  Result.map(component({}, parts, field), (parts) => branded<DatasetReference>("dataset", parts))

/**
 * Builds the reference of a workflow, which has neither version nor sample.
 * Its parts are held to the rules of {@link dataset}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const workflow = (parts: WorkflowParts, field = "workflow"): Result.Result<WorkflowReference, InvalidInput> =>
  Result.map(component(ofWorkflows, parts, field), (parts) => branded<WorkflowReference>("workflow", parts))

const item = (barred: Barred, parts: TableParts, field: string): Result.Result<object, InvalidInput> => {
  const own = component(barred, parts, field)
  if (Result.isFailure(own) || parts.container === undefined) return own
  const within = `${field}.container`
  const read = typeof parts.container === "string" ? readContainer(parts.container, within) : parts.container
  if (Result.isResult(read) && Result.isFailure(read)) return read
  const container = component({}, Result.isResult(read) ? read.success : read, within)
  if (Result.isFailure(container)) return container
  return isTagTogether(container.success, own.success)
    ? refuse(
      `${within}.id`,
      `reads as the tag ${show(`${container.success.id}.${own.success.name}`)} together with the name: ` +
        "add a version, as current, or leave the id out"
    )
    : Result.succeed({ container: container.success, ...own.success })
}

/**
 * Builds the reference of a table. Its parts and its container's are held to
 * the rules of {@link dataset}; the version belongs to the container.
 *
 * **Example** (A table whose name has a dot)
 *
 * ```ts
 * import * as Reference from "@effect-redivis/core/Reference"
 * import * as Result from "effect/Result"
 *
 * const text = Reference.table({ container: "demo.penguins:v1.0", name: "birds.csv" }).pipe(
 *   Result.map(Reference.format) // demo.penguins:v1.0.birds_csv
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const table = (parts: TableParts, field = "table"): Result.Result<TableReference, InvalidInput> =>
  Result.map(item(ofTables, parts, field), (parts) => branded<TableReference>("table", parts))

/**
 * Builds the reference of a notebook or a transform. Its parts and its
 * container's are held to the rules of {@link dataset}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const node = (parts: NodeParts, field = "node"): Result.Result<NodeReference, InvalidInput> =>
  Result.map(item(ofNodes, parts, field), (parts) => branded<NodeReference>("node", parts))
