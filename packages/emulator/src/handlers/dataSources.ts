/** `/workflows/:workflow/dataSources`. */
import { dataSource, Reference } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { BadRequest } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { byId, page } from "./paging.ts"
import { datasetLookup, findDataset, findWorkflow } from "./reference.ts"
import { datasetBase, workflowBase } from "./render.ts"
import * as Render from "./renderWorkflows.ts"
import { tablesInUse } from "./workflowTables.ts"

/** A source that the caller may not see is not shown. */
const shownOrigin = Effect.fnUntraced(function*(origin: Model.Origin, call: Call) {
  const store = yield* Store
  const { urls } = yield* Server
  if (origin.kind === "workflow") {
    const workflow = yield* store.workflows.getById(origin.workflowId).pipe(
      Effect.tap((found) => Access.requireWorkflow(found, call.caller, "view", Access.hidden("workflow", found.name))),
      Effect.option
    )
    return {
      sourceDataset: null,
      sourceWorkflow: workflow._tag === "Some" ? workflowBase(workflow.value, urls) : null
    }
  }
  const dataset = yield* store.dataSources.dataset(origin).pipe(
    Effect.tap((at) => Access.requireDataset(at, call.caller, "overview", at.dataset.name)),
    Effect.option
  )
  return { sourceDataset: dataset._tag === "Some" ? datasetBase(dataset.value, urls) : null, sourceWorkflow: null }
})

const whole = Effect.fnUntraced(function*(shown: Model.DataSource, of: Model.Workflow, call: Call) {
  const { urls } = yield* Server
  return {
    ...Render.dataSourceListItem(shown, yield* shownOrigin(shown.origin, call), of, urls),
    workflow: workflowBase(of, urls)
  }
})

/** Whether a reference names what the source takes its tables from. */
const isNamed = Effect.fnUntraced(function*(source: Model.DataSource, lookup: Model.DatasetLookup, call: Call) {
  const store = yield* Store
  const { origin } = source
  if (origin.kind === "workflow") {
    const named = yield* Effect.option(store.workflows.get(lookup, call.lookup))
    return named._tag === "Some" && named.value.id === origin.workflowId
  }
  // the version is not compared: a source is one whichever it has
  const named = yield* Effect.option(store.datasets.get({ ...lookup, version: undefined }, call.lookup))
  return named._tag === "Some" && named.value.dataset.id === origin.datasetId
})

/** By its id, or by the reference of its dataset or workflow. */
const find = Effect.fnUntraced(function*<Needed extends Access.WorkflowLevel>(
  params: { readonly workflow: string; readonly source: string },
  call: Call,
  needed: Needed
) {
  const store = yield* Store
  const { workflow } = yield* findWorkflow(params.workflow, call, needed)
  const all = yield* store.dataSources.list(workflow.id)
  const byId = all.find(({ id }) => id === params.source)
  if (byId !== undefined) return { workflow, found: byId }
  const lookup = datasetLookup(params.source, call.lookup)
  if (Result.isSuccess(lookup)) {
    for (const source of all) {
      if (yield* isNamed(source, lookup.success, call)) return { workflow, found: source }
    }
  }
  return yield* Access.hidden("data source", params.source)
})

/** What a body asks for, as far as the caller may see it. */
const originOf = Effect.fnUntraced(function*(body: dataSource.DataSourcePost, call: Call) {
  if (typeof body.sourceDataset === "string") {
    const { at } = yield* findDataset(body.sourceDataset, call, "overview")
    return { kind: "dataset", datasetId: at.dataset.id, versionId: at.version.id, sample: at.sample } as const
  }
  // one of the two is there: the schema asks for it
  const { workflow } = yield* findWorkflow(body.sourceWorkflow ?? "", call, "view")
  return { kind: "workflow", workflowId: workflow.id } as const
})

/** `name`, `name:id`. */
const tableName = (text: string): { readonly name: string; readonly id?: string | undefined } => {
  const parsed = Reference.parseTable(text)
  return Result.isSuccess(parsed) ? parsed.success : { name: text }
}

/** What the tables that are used become: told by the caller, else those of the same id or name. */
const mapTables = Effect.fnUntraced(function*(
  source: Model.DataSource,
  origin: Model.Origin,
  of: Model.Workflow,
  mapped: Readonly<Record<string, string>>,
  call: Call
) {
  const store = yield* Store
  const next: Model.DataSource = { ...source, origin, mappedTables: [] }
  const told: Array<Model.DataSource["mappedTables"][number]> = []
  for (const [before, after] of Object.entries(mapped)) {
    const from = yield* store.dataSources.table(source, tableName(before)).pipe(
      Effect.mapError(() => new BadRequest({ description: `"mappedTables": the source has no table ${before}` }))
    )
    const to = yield* store.dataSources.table(next, tableName(after)).pipe(
      Effect.mapError(() => new BadRequest({ description: `"mappedTables": the new source has no table ${after}` }))
    )
    told.push({
      from: { name: from.name, id: from.referenceId },
      to: { name: to.name, id: to.referenceId }
    })
  }
  /** The table of the new source for one of the old one's. */
  const successor = (name: Model.TableName) =>
    store.dataSources.table({ ...next, mappedTables: told }, name).pipe(
      Effect.catch(() => store.dataSources.table(next, { name: name.name })),
      Effect.map((to) => ({ name: to.name, id: to.referenceId }))
    )
  const entries: Array<Model.DataSource["mappedTables"][number]> = [...told]
  // names that had a meaning in the old source by what came before it
  for (const { from, to } of source.mappedTables) {
    const now = yield* Effect.option(successor(to))
    if (now._tag === "Some") entries.push({ from, to: now.value })
  }
  for (const { name, node } of yield* tablesInUse(source, of, call)) {
    const to = yield* successor(name).pipe(
      Effect.mapError(() =>
        new BadRequest({
          description: `The ${node.kind} ${node.name} uses the table ${name.name}, which the new source has not: ` +
            "name its successor in \"mappedTables\""
        })
      )
    )
    if (!entries.some(({ from }) => from.id === name.id)) entries.push({ from: name, to })
  }
  return entries
})

export const list: Handler<typeof dataSource.list> = handler(
  dataSource.list,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { workflow } = yield* findWorkflow(input.params.workflow, call, "view")
    const shown = yield* page("dataSourceList", yield* store.dataSources.list(workflow.id), input.query, byId)
    const results = yield* Effect.forEach(
      shown.results,
      (item) =>
        Effect.map(shownOrigin(item.origin, call), (origin) => Render.dataSourceListItem(item, origin, workflow, urls))
    )
    return { ...shown, results }
  })
)

export const post: Handler<typeof dataSource.post> = handler(
  dataSource.post,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { workflow } = yield* findWorkflow(input.params.workflow, call, "edit")
    const origin = yield* originOf(input.body ?? {}, call)
    return yield* whole(yield* store.dataSources.create(workflow.id, origin), workflow, call)
  })
)

export const get: Handler<typeof dataSource.get> = handler(
  dataSource.get,
  Effect.fnUntraced(function*(input, call) {
    const { found, workflow } = yield* find(input.params, call, "view")
    return yield* whole(found, workflow, call)
  })
)

export const head: Handler<typeof dataSource.head> = handler(
  dataSource.head,
  (input, call) => Effect.asVoid(find(input.params, call, "view"))
)

export const patch: Handler<typeof dataSource.patch> = handler(
  dataSource.patch,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { found, workflow } = yield* find(input.params, call, "edit")
    const origin = yield* originOf(input.body ?? {}, call)
    const mapped = yield* mapTables(found, origin, workflow, input.body?.mappedTables ?? {}, call)
    return yield* whole(yield* store.dataSources.update(found.id, origin, mapped), workflow, call)
  })
)
