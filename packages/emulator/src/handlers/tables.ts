/** `/tables`, and those of a dataset. */
import { table } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { BadRequest } from "../http/Refusal.ts"
import { Server } from "../server.ts"
import { Store } from "../store/Store.ts"
import { type Handler, handler } from "./handler.ts"
import { requireLength } from "./lengths.ts"
import { byId, page } from "./paging.ts"
import { findDataset, findTable, findWorkflow } from "./reference.ts"
import * as Render from "./render.ts"
import { requireRows, rowAnswer } from "./rowAnswer.ts"

export const listByDataset: Handler<typeof table.listByDataset> = handler(
  table.listByDataset,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { at } = yield* findDataset(input.params.dataset, call, "overview")
    const shown = yield* page("tableList", yield* store.tables.list(at), input.query, byId)
    return { ...shown, results: shown.results.map((item) => Render.tableListItem(item, urls)) }
  })
)

export const listByWorkflow: Handler<typeof table.listByWorkflow> = handler(
  table.listByWorkflow,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { workflow } = yield* findWorkflow(input.params.workflow, call, "view")
    const shown = yield* page("tableList", yield* store.tables.listOfWorkflow(workflow.id), input.query, byId)
    return { ...shown, results: shown.results.map((item) => Render.tableListItem(item, urls)) }
  })
)

export const get: Handler<typeof table.get> = handler(
  table.get,
  Effect.fnUntraced(function*(input, call) {
    const { urls } = yield* Server
    const found = yield* findTable(input.params.table, call, "overview")
    return Render.tableWhole(found.table, found.level, urls)
  })
)

export const head: Handler<typeof table.head> = handler(
  table.head,
  (input, call) => Effect.asVoid(findTable(input.params.table, call, "overview"))
)

/** Refuses a description that the service does not take. */
const requireDescription = (description: string | null | undefined): Effect.Effect<void, BadRequest> =>
  requireLength("description", description, 2000)

export const post: Handler<typeof table.post> = handler(
  table.post,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { at, level } = yield* findDataset(input.params.dataset, call, "edit")
    const { settings } = yield* Server
    const { name, description, isFileIndex, uploadMergeStrategy } = input.body
    yield* requireDescription(description)
    const created = yield* store.tables.create(at, {
      name,
      description,
      isFileIndex,
      uploadMergeStrategy,
      mostTables: settings.mostTables
    })
    return Render.tableWhole(created, level, urls)
  })
)

export const patch: Handler<typeof table.patch> = handler(
  table.patch,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const found = yield* findTable(input.params.table, call, "edit")
    yield* requireDescription(input.body?.description)
    return Render.tableWhole(yield* store.tables.update(found.table, input.body ?? {}), found.level, urls)
  })
)

export const remove: Handler<typeof table.delete> = handler(
  table.delete,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findTable(input.params.table, call, "edit")
    yield* store.tables.remove(found.table)
  })
)

export const createTempUploads: Handler<typeof table.createTempUploads> = handler(
  table.createTempUploads,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const found = yield* findTable(input.params.table, call, "edit")
    if (found.table.container.kind === "dataset" && found.table.container.at.version.isReleased) {
      return yield* new BadRequest({ description: "Uploads go to a table of an unreleased version, as in name:next" })
    }
    const user = call.caller.kind === "user" ? call.caller.user.name : null
    const results = yield* Effect.forEach(
      input.body.tempUploads,
      ({ name, resumable, size }) => store.tempUploads.create(found.table, { size, name, resumable, user })
    )
    return { kind: "tempUploadList", results: results.map((made) => Render.tempUpload(made, urls)) }
  })
)

export const listRows: Handler<typeof table.listRows> = handler(
  table.listRows,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findTable(input.params.table, call, "data")
    yield* requireRows(found.table, input.query?.maxResults, call)
    const format = input.query?.format ?? "jsonl"
    const stream = yield* store.rows.read({ kind: "table", table: found.table }, format, {
      order: (yield* Server).rowOrder.next(),
      variables: input.query?.selectedVariables,
      limit: input.query?.maxResults,
      overrun: call.overrun
    })
    return yield* rowAnswer(stream, format, call)
  })
)
