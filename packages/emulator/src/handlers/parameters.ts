/** `/workflows/:workflow/parameters`. */
import { parameter } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Access from "../policy/access.ts"
import { Server } from "../server.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { byId, page } from "./paging.ts"
import { findWorkflow } from "./reference.ts"
import * as Render from "./renderWorkflows.ts"

const find = Effect.fnUntraced(function*<Needed extends Access.WorkflowLevel>(
  params: { readonly workflow: string; readonly parameter: string },
  call: Call,
  needed: Needed
) {
  const store = yield* Store
  const { workflow } = yield* findWorkflow(params.workflow, call, needed)
  const found = yield* store.parameters.get(workflow.id, params.parameter).pipe(
    Effect.mapError(() => Access.hidden("parameter", params.parameter))
  )
  return { workflow, found }
})

export const list: Handler<typeof parameter.list> = handler(
  parameter.list,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { workflow } = yield* findWorkflow(input.params.workflow, call, "view")
    const shown = yield* page("parameterList", yield* store.parameters.list(workflow.id), input.query, byId)
    return { ...shown, results: shown.results.map((item) => Render.parameterWhole(item, workflow, urls)) }
  })
)

export const post: Handler<typeof parameter.post> = handler(
  parameter.post,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { workflow } = yield* findWorkflow(input.params.workflow, call, "edit")
    return Render.parameterWhole(yield* store.parameters.create(workflow.id, input.body), workflow, urls)
  })
)

export const get: Handler<typeof parameter.get> = handler(
  parameter.get,
  Effect.fnUntraced(function*(input, call) {
    const { urls } = yield* Server
    const { found, workflow } = yield* find(input.params, call, "view")
    return Render.parameterWhole(found, workflow, urls)
  })
)

export const head: Handler<typeof parameter.head> = handler(
  parameter.head,
  (input, call) => Effect.asVoid(find(input.params, call, "view"))
)

export const patch: Handler<typeof parameter.patch> = handler(
  parameter.patch,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { found, workflow } = yield* find(input.params, call, "edit")
    return Render.parameterWhole(yield* store.parameters.update(found.id, input.body ?? {}), workflow, urls)
  })
)

export const remove: Handler<typeof parameter.delete> = handler(
  parameter.delete,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { found } = yield* find(input.params, call, "edit")
    yield* store.parameters.remove(found.id)
  })
)
