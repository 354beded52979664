/** What a reference is, as data. */
import type * as Brand from "effect/Brand"
import * as Schema from "effect/Schema"
import { type Component, isId, isName, isTagTogether, namePattern, tagPattern, wordPattern } from "./part.ts"

const word = Schema.String.check(Schema.isPattern(wordPattern))

const id = word.check(Schema.makeFilter(isId, { expected: "an id that is neither a version's tag nor `sample`" }))

const name = Schema.String.check(
  Schema.isPattern(namePattern),
  Schema.makeFilter(isName, { expected: "a name that is not blank" })
)

const workflowFields = {
  /** The user or organization. Absent in a scoped reference. */
  owner: Schema.optionalKey(word),
  /** The name as written: spaces and capitals are kept, the server compares its normal form. */
  name,
  /** The id that stays when the name changes. */
  id: Schema.optionalKey(id)
}

const datasetFields = {
  ...workflowFields,
  /** A version's tag (`v1.0`, `v1_0`), `next` or `current`. Absent: the server's choice. */
  version: Schema.optionalKey(Schema.String.check(Schema.isPattern(tagPattern))),
  /** Whether the 1 % sample is meant. */
  sample: Schema.optionalKey(Schema.Literal(true))
}

const itemFields = {
  /** Absent in a reference that is scoped to a dataset or workflow. */
  container: Schema.optionalKey(Schema.Struct(datasetFields)),
  name,
  id: Schema.optionalKey(id)
}

const isToldApart = Schema.makeFilter<Component & { readonly container?: Component }>(
  (item) => item.container === undefined || !isTagTogether(item.container, item),
  { expected: "a container whose id does not read as a tag together with the name" }
)

/**
 * A dataset: `owner.name:id:version:sample`. Made by `Reference.dataset` and
 * `Reference.parseDataset` alone.
 *
 * @category models
 * @since 0.1.0
 */
export const DatasetReference = Schema.Struct({ kind: Schema.Literal("dataset"), ...datasetFields }).pipe(
  Schema.brand("@effect-redivis/core/DatasetReference")
)
/**
 * @category models
 * @since 0.1.0
 */
export interface DatasetReference extends Schema.Schema.Type<typeof DatasetReference> {}

/**
 * A workflow: `owner.name:id`. Made by `Reference.workflow` and
 * `Reference.parseWorkflow` alone.
 *
 * @category models
 * @since 0.1.0
 */
export const WorkflowReference = Schema.Struct({ kind: Schema.Literal("workflow"), ...workflowFields }).pipe(
  Schema.brand("@effect-redivis/core/WorkflowReference")
)
/**
 * @category models
 * @since 0.1.0
 */
export interface WorkflowReference extends Schema.Schema.Type<typeof WorkflowReference> {}

/**
 * A table: `container.name:id:sample`. Its container is a dataset where it has
 * a version or a sample; else it may as well be a workflow, which no text
 * tells. Made by `Reference.table` and `Reference.parseTable` alone.
 *
 * @category models
 * @since 0.1.0
 */
export const TableReference = Schema.Struct({
  kind: Schema.Literal("table"),
  ...itemFields,
  /** Whether the 1 % sample is meant. */
  sample: Schema.optionalKey(Schema.Literal(true))
}).check(isToldApart).pipe(Schema.brand("@effect-redivis/core/TableReference"))
/**
 * @category models
 * @since 0.1.0
 */
export interface TableReference extends Schema.Schema.Type<typeof TableReference> {}

/**
 * A notebook or a transform, which no text tells apart: `container.name:id`.
 * Made by `Reference.node` and `Reference.parseNode` alone.
 *
 * @category models
 * @since 0.1.0
 */
export const NodeReference = Schema.Struct({ kind: Schema.Literal("node"), ...itemFields }).check(isToldApart).pipe(
  Schema.brand("@effect-redivis/core/NodeReference")
)
/**
 * @category models
 * @since 0.1.0
 */
export interface NodeReference extends Schema.Schema.Type<typeof NodeReference> {}

/**
 * Any reference.
 *
 * @category models
 * @since 0.1.0
 */
export type Reference = DatasetReference | WorkflowReference | TableReference | NodeReference

/**
 * What `Reference.format` gives: text that parses to the reference it came from.
 *
 * @category models
 * @since 0.1.0
 */
export type Text = string & Brand.Brand<"@effect-redivis/core/Reference">

/**
 * What a workflow is built from.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkflowParts {
  /** Letters a to z, digits and underscores. Without it the reference is scoped. */
  readonly owner?: string | undefined
  /** Any text of one line. `.`, `:` and backticks are written as `_`, which the server takes as equal. */
  readonly name: string
  readonly id?: string | undefined
}

/**
 * What a dataset is built from.
 *
 * @category models
 * @since 0.1.0
 */
export interface DatasetParts extends WorkflowParts {
  /** `v1.0` or `v1_0`, in any case, `next` or `current`. */
  readonly version?: string | undefined
  readonly sample?: boolean | undefined
}

/**
 * What a notebook or a transform is built from.
 *
 * @category models
 * @since 0.1.0
 */
export interface NodeParts {
  /** The dataset or workflow: a reference, its parts, or its text. Without it the reference is scoped. */
  readonly container?: string | DatasetParts | undefined
  /** Any text of one line. `.`, `:` and backticks are written as `_`, which the server takes as equal. */
  readonly name: string
  readonly id?: string | undefined
}

/**
 * What a table is built from.
 *
 * @category models
 * @since 0.1.0
 */
export interface TableParts extends NodeParts {
  readonly sample?: boolean | undefined
}
