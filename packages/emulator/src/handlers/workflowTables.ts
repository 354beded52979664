/** The tables that transforms and notebooks read, as their workflow finds them. */
import { Reference } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { BadRequest } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import * as Sql from "../sql/Sql.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import type { Call } from "./handler.ts"
import { parse } from "./reference.ts"

/** The name by which a transform's query reads its source table. */
export const sourceName = "_source_"

/** How a query of the workflow names it. */
export const containerOf = (workflow: Model.Workflow): Model.DatasetLookup => ({
  owner: workflow.owner.name,
  id: workflow.referenceId
})

/** The table that a text names in a workflow; nothing where it is no reference. */
export const lookupOf = (
  text: string,
  workflow: Model.Workflow,
  options?: Model.LookupOptions
): Model.TableLookup | undefined => {
  const parsed = parse(text, (text) => Reference.parseTable(text), options)
  if (Result.isFailure(parsed)) return undefined
  const table = parsed.success
  if (table.container === undefined) return { ...table, container: containerOf(workflow) }
  return table.container.owner === undefined
    ? { ...table, container: { ...table.container, owner: workflow.owner.name } }
    : table
}

/** The source table of a node; nothing where there is none, or it is gone. */
export const sourceTable: (
  node: Model.WorkflowNode
) => Effect.Effect<Model.Table | undefined, never, Store> = Effect.fnUntraced(function*(node) {
  const store = yield* Store
  if (node.source === null) return undefined
  const { dataSourceId, table } = node.source
  if (dataSourceId === null) {
    const own = yield* Effect.catch(store.tables.listOfWorkflow(node.workflow.id), () => Effect.succeed([]))
    return own.find(({ referenceId }) => referenceId === table.id)
  }
  const source = (yield* store.dataSources.list(node.workflow.id)).find(({ id }) => id === dataSourceId)
  if (source === undefined) return undefined
  return yield* store.dataSources.table(source, table).pipe(
    Effect.catch(() => store.dataSources.table(source, { name: table.name })),
    Effect.catch(() => Effect.succeed(undefined))
  )
})

/** Tables that the query of a node names, those that are there. */
const queried: (
  node: Model.WorkflowNode,
  call: Call
) => Effect.Effect<ReadonlyArray<Model.Table>, never, Store> = Effect.fnUntraced(function*(node, call) {
  const store = yield* Store
  if (node.query === null) return []
  const parameters = yield* store.parameters.list(node.workflow.id)
  const analysis = yield* Effect.option(Sql.analyze(node.query, parameters))
  if (analysis._tag === "None") return []
  const tables: Array<Model.Table> = []
  for (const { text } of analysis.value.references) {
    const lookup = lookupOf(text, node.workflow, call.lookup)
    if (lookup === undefined || text === sourceName) continue
    const found = yield* Effect.option(store.tables.get(lookup, call.lookup))
    if (found._tag === "Some") tables.push(found.value)
  }
  return tables
})

/** All tables that a node reads, each once. */
export const tablesOf: (
  node: Model.WorkflowNode,
  call: Call
) => Effect.Effect<
  { readonly source: Model.Table | undefined; readonly referenced: ReadonlyArray<Model.Table> },
  never,
  Store
> = Effect.fnUntraced(function*(node, call) {
  const source = yield* sourceTable(node)
  const all = [...(source === undefined ? [] : [source]), ...(yield* queried(node, call))]
  const byRelation = new Map(all.map((table) => [`${table.id} ${table.relationId}`, table]))
  return { source, referenced: [...byRelation.values()] }
})

const originHolds = (origin: Model.Origin, table: Model.Table): boolean =>
  table.container.kind === "dataset"
    ? origin.kind === "dataset" && origin.datasetId === table.container.at.dataset.id
    : origin.kind === "workflow" && origin.workflowId === table.container.workflow.id

interface Use {
  readonly node: Model.WorkflowNode
  readonly name: Model.TableName
}

/** The tables of a data source that nodes of the workflow read. */
export const tablesInUse: (
  source: Model.DataSource,
  workflow: Model.Workflow,
  call: Call
) => Effect.Effect<ReadonlyArray<Use>, never, Store> = Effect.fnUntraced(function*(source, workflow, call) {
  const store = yield* Store
  const nodes = [
    ...(yield* store.nodes.list(workflow.id, "transform")),
    ...(yield* store.nodes.list(workflow.id, "notebook"))
  ]
  const used: Array<Use> = []
  for (const node of nodes) {
    for (const table of (yield* tablesOf(node, call)).referenced) {
      if (!originHolds(source.origin, table)) continue
      if (used.some(({ name }) => name.id === table.referenceId)) continue
      used.push({ node, name: { name: table.name, id: table.referenceId } })
    }
  }
  return used
})

/** How a node keeps a table that it begins with; nothing where that is a stranger to the workflow. */
export const sourceFor: (
  table: Model.Table,
  workflow: Model.Workflow
) => Effect.Effect<Model.WorkflowNode["source"], never, Store> = Effect.fnUntraced(function*(table, workflow) {
  const store = yield* Store
  const name = { name: table.name, id: table.referenceId }
  if (table.container.kind === "workflow" && table.container.workflow.id === workflow.id) {
    return { dataSourceId: null, table: name }
  }
  const source = (yield* store.dataSources.list(workflow.id)).find(({ origin }) => originHolds(origin, table))
  return source === undefined ? null : { dataSourceId: source.id, table: name }
})

/** What a body calls the source table, as the node keeps it. */
export const sourceOf: (
  text: string,
  workflow: Model.Workflow,
  call: Call
) => Effect.Effect<
  Model.WorkflowNode["source"],
  BadRequest | Access.Denied<"overview">,
  Store
> = Effect.fnUntraced(function*(text, workflow, call) {
  const store = yield* Store
  const lookup = lookupOf(text, workflow, call.lookup)
  if (lookup === undefined) {
    return yield* new BadRequest({ description: `"sourceTable": ${JSON.stringify(text)} is no reference of a table` })
  }
  const table = yield* Effect.mapError(
    store.tables.get(lookup, call.lookup),
    () => Access.hidden("table", text)
  )
  yield* Access.requireTable(table, call.caller, "overview", text)
  return (yield* sourceFor(table, workflow)) ?? (yield* new BadRequest({
    description: `"sourceTable": ${text} is a table neither of the workflow nor of its data sources`
  }))
})
