/** What transforms and notebooks have in common: how they are found, shown, listed and changed. */
import type { notebook, transform } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import type { BadRequest, Malformed } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import type { StoreConflict, StoreInvalid, StoreNotFound } from "../store/StoreError.ts"
import type { Call } from "./handler.ts"
import { byId, type Page, page, type PageQuery } from "./paging.ts"
import { findWorkflow } from "./reference.ts"
import { tableBase } from "./render.ts"
import * as Render from "./renderWorkflows.ts"
import { sourceOf, tablesOf } from "./workflowTables.ts"

/** A node whole, without tables that the caller may not know of. */
export const shownNode: (
  node: Model.WorkflowNode,
  call: Call
) => Effect.Effect<notebook.Notebook, never, Store | Server> = Effect.fnUntraced(
  function*(node: Model.WorkflowNode, call: Call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { referenced, source } = yield* tablesOf(node, call)
    const seen: Array<Model.Table> = []
    for (const table of referenced) {
      const level = yield* Effect.option(Access.requireTable(table, call.caller, "overview", table.name))
      if (level._tag === "Some") seen.push(table)
    }
    const own = yield* Effect.catch(
      store.tables.listOfWorkflow(node.workflow.id),
      () => Effect.succeed<ReadonlyArray<Model.Table>>([])
    )
    const output = own.find(({ id }) => id === node.outputTableId)
    return Render.nodeWhole(node, {
      referencedTables: seen.map((table) => tableBase(table, urls)),
      sourceTable: source !== undefined && seen.some(({ id }) => id === source.id) ? tableBase(source, urls) : null,
      outputTable: output === undefined ? null : tableBase(output, urls)
    }, urls)
  }
)

export const listNodes: (
  kind: Model.NodeKind,
  workflow: string,
  query: PageQuery | undefined,
  call: Call
) => Effect.Effect<
  Page<transform.TransformListItem & notebook.NotebookListItem>,
  BadRequest | Malformed | Access.WorkflowDenied<"view">,
  Store | Server
> = Effect.fnUntraced(function*(
  kind: Model.NodeKind,
  workflow: string,
  query: PageQuery | undefined,
  call: Call
) {
  const store = yield* Store
  const { urls } = yield* Server
  const found = yield* findWorkflow(workflow, call, "view")
  const shown = yield* page(`${kind}List`, yield* store.nodes.list(found.workflow.id, kind), query, byId)
  return { ...shown, results: shown.results.map((item) => Render.nodeListItem(item, urls)) }
})

/** Changes a node that the caller may edit. */
export const changeNode: (
  node: Model.WorkflowNode,
  change: {
    readonly name?: string | undefined
    readonly query?: string | undefined
    readonly sourceTable?: string | undefined
  },
  call: Call
) => Effect.Effect<
  Model.WorkflowNode,
  BadRequest | Access.Denied<"overview"> | StoreNotFound | StoreConflict | StoreInvalid,
  Store
> = Effect.fnUntraced(function*(node, { name, query, sourceTable }, call) {
  const store = yield* Store
  const source = sourceTable === undefined ? undefined : yield* sourceOf(sourceTable, node.workflow, call)
  return yield* store.nodes.update(node.id, { name, query, source })
})
