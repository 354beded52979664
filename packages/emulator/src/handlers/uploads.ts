/** `/tables/:table/uploads`. */
import { upload } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { BadRequest, notFound } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { byId, page } from "./paging.ts"
import { findTable } from "./reference.ts"
import * as Render from "./render.ts"

const changesOf = (metadata: upload.UploadPost["metadata"]): ReadonlyArray<Model.VariableChange> =>
  Object.entries(metadata ?? {}).map(([name, { description, label, valueLabels }]) => ({
    name,
    label,
    description,
    valueLabels: valueLabels === undefined || valueLabels === null
      ? valueLabels
      : Object.entries(valueLabels).map(([value, text]) => ({ value, label: text }))
  }))

const optionsOf = (body: upload.UploadPost): Model.UploadOptions => ({
  hasHeaderRow: body.hasHeaderRow,
  delimiter: body.delimiter,
  quoteCharacter: body.quoteCharacter,
  escapeCharacter: body.escapeCharacter,
  skipBadRecords: body.skipBadRecords,
  hasQuotedNewlines: body.hasQuotedNewlines,
  allowJaggedRows: body.allowJaggedRows,
  nullMarkers: body.nullMarkers
})

const contentOf = Effect.fnUntraced(function*(
  body: upload.UploadPost,
  data: Uint8Array | undefined,
  at: Model.Table
): Effect.fn.Return<Model.UploadContent, BadRequest, Store> {
  if (data !== undefined) return { kind: "bytes", bytes: Stream.make(data) }
  if (typeof body.tempUploadId === "string") {
    const store = yield* Store
    const id = body.tempUploadId
    const temp = yield* store.tempUploads.get(id).pipe(
      Effect.mapError(() =>
        new BadRequest({ description: `"tempUploadId": there is no temporary upload ${JSON.stringify(id)}` })
      )
    )
    if (temp.tableId !== at.id) {
      return yield* new BadRequest({
        description: "\"tempUploadId\": this temporary upload was made for another table"
      })
    }
    return { kind: "tempUpload", id }
  }
  if (body.type === "stream") return { kind: "stream", schema: body.schema ?? null }
  return yield* new BadRequest({
    description: body.transferSpecification === undefined || body.transferSpecification === null
      ? "An upload needs data: a multipart part \"data\", a \"tempUploadId\", or the type \"stream\""
      : "The emulator has no connected accounts to transfer from"
  })
})

export const list: Handler<typeof upload.list> = handler(
  upload.list,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const found = yield* findTable(input.params.table, call, "overview")
    const shown = yield* page("uploadList", yield* store.uploads.list(found.table), input.query, byId)
    return { ...shown, results: shown.results.map((item) => Render.uploadWhole(item, found.table, urls)) }
  })
)

export const post: Handler<typeof upload.post> = handler(
  upload.post,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const server = yield* Server
    const found = yield* findTable(input.params.table, call, "edit")
    const { data, metadata: body } = input.body
    const content = yield* contentOf(body, data, found.table)
    const created = yield* store.uploads.create(found.table, {
      name: body.name,
      type: body.type,
      options: optionsOf(body),
      metadata: changesOf(body.metadata),
      content
    })
    if (created.status === "queued") server.inBackground(Effect.ignore(store.uploads.run(created.id)))
    return Render.uploadWhole(created, found.table, server.urls)
  })
)

/** By its id alone, or with its name before it: who may not read its table is told that nothing is there. */
const findByReference = Effect.fnUntraced(function*(reference: string, call: Call, needed: Model.AccessLevel) {
  const store = yield* Store
  const hidden = Access.hidden("upload", reference)
  return yield* Effect.gen(function*() {
    const upload = yield* store.uploads.getById(reference.split(":").at(-1) ?? reference)
    const table = yield* store.uploads.tableOf(upload)
    yield* Access.requireTable(table, call.caller, needed, reference)
    return { table, upload }
  }).pipe(
    Effect.catchTags({ StoreNotFound: () => Effect.fail(hidden), Forbidden: () => Effect.fail(hidden) })
  )
})

/** The upload that is named, for a caller with the access that is needed on its table. */
export const findUpload = Effect.fnUntraced(function*<Needed extends Model.AccessLevel>(
  params: { readonly table: string; readonly upload: string },
  call: Call,
  needed: Needed
) {
  const store = yield* Store
  // an older path has no table
  if (!Object.hasOwn(params, "table")) return yield* findByReference(params.upload, call, needed)
  const { table } = yield* findTable(params.table, call, needed)
  const shown = yield* store.uploads.get(table, params.upload).pipe(
    Effect.mapError(() => notFound("upload", params.upload))
  )
  return { table, upload: shown }
})

export const get: Handler<typeof upload.get> = handler(
  upload.get,
  Effect.fnUntraced(function*(input, call) {
    const { urls } = yield* Server
    const found = yield* findUpload(input.params, call, "overview")
    return Render.uploadWhole(found.upload, found.table, urls)
  })
)

export const remove: Handler<typeof upload.delete> = handler(
  upload.delete,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findUpload(input.params, call, "edit")
    yield* store.uploads.remove(found.upload.id)
  })
)

export const head: Handler<typeof upload.head> = handler(
  upload.head,
  (input, call) => Effect.asVoid(findUpload(input.params, call, "overview"))
)

export const insertRows: Handler<typeof upload.insertRows> = handler(
  upload.insertRows,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findUpload(input.params, call, "edit")
    const { rows, updateVariables } = input.body
    const { addedVariables, rowsAdded, rowsSkipped, updatedVariables } = yield* store.uploads.insertRows(
      found.upload.id,
      rows,
      { updateVariables }
    )
    const schemaUpdates = addedVariables.length + updatedVariables.length === 0
      ? []
      : [{ updatedVariables, addedVariables }]
    return { kind: "insertRowsResponse", rowsAdded, rowsSkipped, schemaUpdates }
  })
)
