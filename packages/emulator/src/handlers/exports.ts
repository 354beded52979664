/** `…/exports` and `/exports`. */
import { exports } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { BadRequest } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { requireScope } from "../policy/caller.ts"
import { Server } from "../server.ts"
import { normalName } from "../store/identifiers.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { fileAnswer } from "./fileAnswer.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { findQuery } from "./queries.ts"
import { findTable, tableLookup } from "./reference.ts"
import * as Render from "./render.ts"
import { countedAnswer, requireReading } from "./rowAnswer.ts"

/** The table, if it is there still. */
const tableOf = Effect.fnUntraced(function*(shown: Model.Export) {
  if (shown.table === null) return null
  const store = yield* Store
  const { urls } = yield* Server
  const found = yield* Effect.fromResult(tableLookup(shown.table)).pipe(
    Effect.flatMap((lookup) => store.tables.get(lookup)),
    Effect.option
  )
  return Option.getOrNull(Option.map(found, (table) => Render.tableBase(table, urls)))
})

const render = Effect.fnUntraced(function*(shown: Model.Export) {
  const isCompleted = shown.status === "completed"
  return {
    kind: "export",
    uri: `/exports/${shown.id}`,
    id: shown.id,
    createdAt: shown.createdAt,
    status: shown.status,
    errorMessage: shown.errorMessage,
    percentCompleted: shown.percentCompleted,
    format: shown.format,
    size: isCompleted ? shown.parts.reduce((sum, { size }) => sum + size, 0) : null,
    fileCount: isCompleted ? shown.parts.length : null,
    table: yield* tableOf(shown)
  }
})

/** Begins the export, which goes on beside the request. Its bytes count as they are downloaded. */
const start = Effect.fnUntraced(function*(
  source: Model.RowSource,
  of: { readonly name: string; readonly table: string | null },
  body: exports.ExportPost | undefined,
  call: Call
) {
  const store = yield* Store
  const server = yield* Server
  const { user } = yield* requireScope(call.caller, "data.data")
  yield* requireReading(call)
  const made = yield* store.exports.create(source, { owner: user.name, format: body?.format ?? "csv", ...of })
  server.inBackground(Effect.ignore(store.exports.run(made.id, server.settings.exportPartBytes)))
  return yield* render(made)
})

export const postByTable: Handler<typeof exports.postByTable> = handler(
  exports.postByTable,
  Effect.fnUntraced(function*(input, call) {
    const { urls } = yield* Server
    const { table } = yield* findTable(input.params.table, call, "data")
    const of = { name: table.name, table: Render.tableBase(table, urls).qualifiedReference }
    return yield* start({ kind: "table", table }, of, input.body, call).pipe(
      // a table that was found has its rows
      Effect.catchTag("StoreConflict", Effect.die)
    )
  })
)

export const postByUpload: Handler<typeof exports.postByUpload> = handler(
  exports.postByUpload,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { table } = yield* findTable(input.params.table, call, "data")
    const upload = yield* store.uploads.get(table, input.params.upload)
    return yield* start({ kind: "upload", uploadId: upload.id }, { name: upload.name, table: null }, input.body, call)
  })
)

export const postByQuery: Handler<typeof exports.postByQuery> = handler(
  exports.postByQuery,
  Effect.fnUntraced(function*(input, call) {
    const query = yield* findQuery(input.params.query, call)
    const name = `query_${new Date(query.finishedAt ?? query.createdAt).toISOString()}`
    return yield* start({ kind: "query", queryId: query.id }, { name, table: null }, input.body, call)
  })
)

/** An export is its maker's alone, while their access lasts. */
const find = Effect.fnUntraced(function*(id: string, call: Call) {
  const store = yield* Store
  const onHidden = Access.hidden("export", id)
  const caller = yield* requireScope(call.caller, "data.data")
  const found = yield* store.exports.get(id).pipe(Effect.mapError(() => onHidden))
  if (found.owner !== caller.user.name.toLowerCase()) return yield* onHidden
  if (found.datasetId !== null) {
    const { dataset } = yield* store.datasets.getById(found.datasetId).pipe(Effect.mapError(() => onHidden))
    if (!Access.reaches(yield* Access.levelOf(dataset, caller), "sample")) return yield* onHidden
  }
  return found
})

export const get: Handler<typeof exports.get> = handler(
  exports.get,
  Effect.fnUntraced(function*(input, call) {
    return yield* render(yield* find(input.params.export, call))
  })
)

/** As the official clients name what they download. */
const fileNameOf = ({ format, name, parts }: Model.Export, part: number): string =>
  parts.length === 1 ? `${normalName(name)}.${format}` : `${String(part).padStart(6, "0")}.${format}`

export const download: Handler<typeof exports.download> = handler(
  exports.download,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* find(input.params.export, call)
    if (found.status !== "completed") {
      return yield* new BadRequest({ description: `The export is ${found.status}: only a completed one has files` })
    }
    const part = input.query?.filePart ?? 0
    const file = found.parts[part]
    if (file === undefined) {
      return yield* new BadRequest({
        description: `"filePart": the export has ${found.parts.length} files, counted from 0, and no ${part}`
      })
    }
    yield* requireReading(call)
    const whole = yield* fileAnswer({
      name: fileNameOf(found, part),
      size: file.size,
      md5: Buffer.from(file.hash, "hex").toString("base64"),
      bytes: (range) => store.exports.bytes(found.id, part, range)
    }, input.headers?.range)
    return yield* countedAnswer(whole, call)
  })
)
