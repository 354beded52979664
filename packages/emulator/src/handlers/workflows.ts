/** `/workflows`, and those of an owner. */
import { workflow } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Access from "../policy/access.ts"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { findOwner } from "./datasets.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { byIdOf, page, type PageQuery } from "./paging.ts"
import { findWorkflow } from "./reference.ts"
import * as Render from "./renderWorkflows.ts"

const list = Effect.fnUntraced(function*(
  kind: Model.Account["kind"],
  name: string,
  query: PageQuery | undefined,
  call: Call
) {
  const store = yield* Store
  const { urls } = yield* Server
  const owner = yield* findOwner(kind, name)
  const visible: Array<{ readonly shown: Model.Workflow; readonly level: Access.WorkflowLevel }> = []
  for (const shown of yield* store.workflows.list(owner.name)) {
    const level = yield* Effect.option(
      Access.requireWorkflow(shown, call.caller, "view", Access.hidden("workflow", shown.name))
    )
    if (level._tag === "Some") visible.push({ shown, level: level.value })
  }
  const shown = yield* page("workflowList", visible, query, byIdOf(({ shown }) => shown))
  return { ...shown, results: shown.results.map(({ shown, level }) => Render.workflowListItem(shown, level, urls)) }
})

export const listByUser: Handler<typeof workflow.listByUser> = handler(
  workflow.listByUser,
  (input, call) => list("user", input.params.user, input.query, call)
)

export const listByOrganization: Handler<typeof workflow.listByOrganization> = handler(
  workflow.listByOrganization,
  (input, call) => list("organization", input.params.organization, input.query, call)
)

export const get: Handler<typeof workflow.get> = handler(
  workflow.get,
  Effect.fnUntraced(function*(input, call) {
    const { urls } = yield* Server
    const found = yield* findWorkflow(input.params.workflow, call, "view")
    return Render.workflowWhole(found.workflow, found.level, urls)
  })
)

export const head: Handler<typeof workflow.head> = handler(
  workflow.head,
  (input, call) => Effect.asVoid(findWorkflow(input.params.workflow, call, "view"))
)
