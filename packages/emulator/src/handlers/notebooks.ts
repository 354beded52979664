/** `/notebooks`, those of a workflow, and `/notebookJobs`. A notebook's code does not run here. */
import { notebook } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { BadRequest } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { Server } from "../server.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { changeNode, listNodes, shownNode } from "./nodes.ts"
import { findNode } from "./reference.ts"
import * as Render from "./render.ts"

export const list: Handler<typeof notebook.list> = handler(
  notebook.list,
  (input, call) => listNodes("notebook", input.params.workflow, input.query, call)
)

export const get: Handler<typeof notebook.get> = handler(
  notebook.get,
  (input, call) =>
    Effect.flatMap(findNode("notebook", input.params.notebook, call, "view"), (node) => shownNode(node, call))
)

export const head: Handler<typeof notebook.head> = handler(
  notebook.head,
  (input, call) => Effect.asVoid(findNode("notebook", input.params.notebook, call, "view"))
)

export const patch: Handler<typeof notebook.patch> = handler(
  notebook.patch,
  Effect.fnUntraced(function*(input, call) {
    const node = yield* findNode("notebook", input.params.notebook, call, "edit")
    return yield* shownNode(yield* changeNode(node, input.body ?? {}, call), call)
  })
)

export const run: Handler<typeof notebook.run> = handler(
  notebook.run,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const node = yield* findNode("notebook", input.params.notebook, call, "edit")
    yield* store.nodes.start(node.id)
    return yield* shownNode(yield* store.nodes.getById(node.id), call)
  })
)

export const stop: Handler<typeof notebook.stop> = handler(
  notebook.stop,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const node = yield* findNode("notebook", input.params.notebook, call, "edit")
    if (node.currentJob === null) return yield* new BadRequest({ description: "The notebook is not running" })
    yield* store.nodes.end(node.currentJob.id, "cancelled")
    return yield* shownNode(yield* store.nodes.getById(node.id), call)
  })
)

/** The job of a notebook, for a caller who may edit its workflow. */
const findJob = Effect.fnUntraced(function*(id: string, call: Call) {
  const store = yield* Store
  const onHidden = Access.hidden("notebook job", id)
  const { job, node } = yield* Effect.mapError(store.nodes.job(id), () => onHidden)
  if (job.kind !== "notebook") return yield* onHidden
  yield* Access.requireWorkflow(node.workflow, call.caller, "edit", onHidden)
  return job
})

export const createTempUploads: Handler<typeof notebook.createTempUploads> = handler(
  notebook.createTempUploads,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const job = yield* findJob(input.params.job, call)
    if (job.status !== "running" && job.status !== "completed") {
      return yield* new BadRequest({ description: `This run of the notebook is ${job.status}` })
    }
    const user = call.caller.kind === "user" ? call.caller.user.name : null
    const results = yield* Effect.forEach(
      input.body.tempUploads,
      ({ resumable, size }) => store.tempUploads.create(job, { size, resumable, user })
    )
    return { kind: "tempUploadList", results: results.map((made) => Render.tempUpload(made, urls)) }
  })
)

export const putOutputTable: Handler<typeof notebook.putOutputTable> = handler(
  notebook.putOutputTable,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const job = yield* findJob(input.params.job, call)
    return Render.tableWhole(yield* store.nodes.putOutput(job.id, input.body), "edit", urls)
  })
)
