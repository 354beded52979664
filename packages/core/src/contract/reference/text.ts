/** References as text, and when two of them are the same. */
import * as Result from "effect/Result"
import type { InvalidInput } from "../RedivisError.ts"
import { dataset, node, table, workflow } from "./build.ts"
import type { DatasetReference, NodeReference, Reference, TableReference, Text, WorkflowReference } from "./model.ts"
import { isNamed, normalizeName } from "./name.ts"
import { type Component, readContainer, readItem } from "./part.ts"

/**
 * Parses `owner.name`, or `name` alone, each with `:id`, `:version` and
 * `:sample` after it in any order.
 *
 * **Details**
 *
 * A part after a colon that could be a tag is one: `v1.0`, `v1_0`, `next` or
 * `current`, in any case. No version is added. `field` names the input in the
 * failure.
 *
 * **Failures**
 *
 * `InvalidInput`, whose field is the part that is wrong, as `dataset.owner`:
 * for what {@link dataset} refuses, a part that stands twice, and more than two
 * parts between dots.
 *
 * **Example** (Which version a text asks for)
 *
 * ```ts
 * import * as Reference from "@effect-redivis/core/Reference"
 * import * as Result from "effect/Result"
 *
 * const version = Reference.parseDataset("demo.penguins:v1.0:5k9t").pipe(
 *   Result.map((dataset) => dataset.version ?? "not said") // v1.0
 * )
 * ```
 *
 * @category parsing
 * @since 0.1.0
 */
export const parseDataset = (text: string, field = "dataset"): Result.Result<DatasetReference, InvalidInput> =>
  Result.flatMap(readContainer(text, field), (parts) => dataset(parts, field))

/**
 * Parses `owner.name` or `name`, each with `:id` after it. A version or a
 * sample is refused: a workflow has none.
 *
 * @see {@link parseDataset} for what it fails with
 * @category parsing
 * @since 0.1.0
 */
export const parseWorkflow = (text: string, field = "workflow"): Result.Result<WorkflowReference, InvalidInput> =>
  Result.flatMap(readContainer(text, field), (parts) => workflow(parts, field))

/**
 * Parses `owner.container.name`, `container.name` or `name`.
 *
 * **Details**
 *
 * The container is a dataset with its `:id`, `:version` and `:sample`, or a
 * workflow with its `:id`; the table may have `:id` and `:sample`. A tag is
 * matched once, so that the next dot separates: `demo.births:v1.0.2020` is the
 * table `2020`.
 *
 * @see {@link parseDataset} for what it fails with
 * @category parsing
 * @since 0.1.0
 */
export const parseTable = (text: string, field = "table"): Result.Result<TableReference, InvalidInput> =>
  Result.flatMap(readItem(text, field), (parts) => table(parts, field))

/**
 * Parses the reference of a notebook or a transform: `owner.container.name`,
 * `container.name` or `name`, each with `:id` after it.
 *
 * @see {@link parseDataset} for what it fails with
 * @category parsing
 * @since 0.1.0
 */
export const parseNode = (text: string, field = "node"): Result.Result<NodeReference, InvalidInput> =>
  Result.flatMap(readItem(text, field), (parts) => node(parts, field))

const print = (component: Component & { readonly container?: Component }): string =>
  (component.container !== undefined
    ? `${print(component.container)}.`
    : component.owner !== undefined
    ? `${component.owner}.`
    : "") +
  component.name +
  (component.id === undefined ? "" : `:${component.id}`) +
  (component.version === undefined ? "" : `:${component.version}`) +
  (component.sample === undefined ? "" : ":sample")

/**
 * The text of a reference, which parses to the same reference: names and tags
 * as they were written, parts in the order id, version, sample.
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = (reference: Reference): Text =>
  // every part was held against its rule when the reference was built
  print(reference) as Text

const normalizeComponent = <C extends Component>(component: C): C => ({
  ...component,
  ...(component.owner === undefined ? undefined : { owner: component.owner.toLowerCase() }),
  name: normalizeName(component.name),
  ...(component.version === undefined ? undefined : { version: component.version.replace(".", "_").toLowerCase() })
})

/**
 * The reference in its normal form: names by {@link normalizeName}, owner and
 * tag in lower case, the tag with `_`. Ids stay as they are.
 *
 * @category equality
 * @since 0.1.0
 */
export const normalize = <R extends Reference>(reference: R): R => {
  const normal = normalizeComponent<Component & { readonly container?: Component }>(reference)
  // each part stays within its rule, so the result is as right as the input
  return (normal.container === undefined
    ? normal
    : { ...normal, container: normalizeComponent(normal.container) }) as typeof normal & R
}

const isOneName = (self: string, that: string): boolean => isNamed(self, that) || isNamed(that, self)

/** The reference in its normal form, but for its names. */
const nameless = (reference: Reference): string => {
  const normal: Component & { readonly container?: Component } = normalize(reference)
  const { container } = normal
  return print({
    ...normal,
    name: "",
    ...(container === undefined ? undefined : { container: { ...container, name: "" } })
  })
}

/**
 * Whether two references are written for the same thing: one kind, names of
 * which one names the other ({@link isNamed}), and all else of one normal form.
 *
 * **Details**
 *
 * Only the references are compared. That a dataset without a version is its
 * current one, or that an id belongs to a name, the server alone knows. Names
 * with letters beyond ASCII are told apart by these, although the service
 * writes the same for them: `日本` and `中国` are two, and `_` may be either.
 *
 * @category equality
 * @since 0.1.0
 */
export const equals = (self: Reference, that: Reference): boolean => {
  const [inside, thatInside] = [containerOf(self), containerOf(that)]
  return self.kind === that.kind && isOneName(self.name, that.name) && nameless(self) === nameless(that) &&
    (inside === undefined || thatInside === undefined || isOneName(inside.name, thatInside.name))
}

const containerOf = (reference: Reference): Component | undefined =>
  "container" in reference ? reference.container : undefined
