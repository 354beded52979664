/**
 * The references that name datasets, workflows, tables, notebooks and
 * transforms: read from text, built from parts, written as text, compared,
 * completed, and taken from the paths of answers.
 *
 * Two laws hold: `parse(format(r))` equals `r` for every `r` that was built,
 * and parse, format, parse is parse.
 *
 * @since 0.1.0
 */
export { dataset, node, table, workflow } from "./reference/build.ts"
export {
  complete,
  type DatasetInput,
  type Defaults,
  type NodeInput,
  resolveDataset,
  resolveNotebook,
  resolveTable,
  resolveTransform,
  resolveWorkflow,
  type TableInput,
  type Uri,
  type WorkflowInput
} from "./reference/complete.ts"
export {
  type DatasetParts,
  DatasetReference,
  type NodeParts,
  NodeReference,
  type Reference,
  type TableParts,
  TableReference,
  type Text,
  type WorkflowParts,
  WorkflowReference
} from "./reference/model.ts"
export { findNamed, isNamed, isSameName, nameKey, normalizeName } from "./reference/name.ts"
export { fromUri, segment } from "./reference/path.ts"
export { equals, format, normalize, parseDataset, parseNode, parseTable, parseWorkflow } from "./reference/text.ts"
