/** `…/rawFiles` and `/rawFiles`. */
import { rawFile } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { answer, type HeaderList } from "../http/message.ts"
import * as Access from "../policy/access.ts"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { fileAnswer, fileHead, type ServedFile } from "./fileAnswer.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { findQuery } from "./queries.ts"
import { findTable, findWorkflow } from "./reference.ts"
import { countedAnswer, requireReading } from "./rowAnswer.ts"

type Listing = Pick<Parameters<typeof listByTable.handle>[0], "query" | "headers">

/** Of the files that rows name, those whose datasets the caller may know; ids alone give no access. */
const answerListing = Effect.fnUntraced(function*(source: Model.RowSource, { headers, query }: Listing, call: Call) {
  const store = yield* Store
  const modifiedAt = yield* store.rawFiles.modifiedAt(source)
  const found = yield* store.rawFiles.datasetsOf(source, { fileIdVariable: query?.fileIdVariable })
  const datasets: Array<string> = []
  for (const id of found) {
    const { dataset } = yield* store.datasets.getById(id)
    if (Access.reaches(yield* Access.levelOf(dataset, call.caller), "metadata")) datasets.push(id)
  }
  const lastModified: HeaderList = modifiedAt === null ? [] : [["last-modified", new Date(modifiedAt).toUTCString()]]
  const since = Date.parse(headers?.["if-modified-since"] ?? "")
  // not cut to seconds: what changed later in the second of the question must not be missed
  if (modifiedAt !== null && modifiedAt <= since) return answer(304, lastModified)
  yield* requireReading(call)
  const stream = yield* store.rawFiles.list(source, {
    fileIdVariable: query?.fileIdVariable,
    fileNameVariable: query?.fileNameVariable,
    datasets
  })
  const listing = answer(200, [["content-type", "application/vnd.apache.arrow.stream"], ...lastModified], {
    kind: "stream",
    stream
  })
  return yield* countedAnswer(listing, call)
})

export const listByTable: Handler<typeof rawFile.listByTable> = handler(
  rawFile.listByTable,
  Effect.fnUntraced(function*(input, call) {
    const { table } = yield* findTable(input.params.table, call, "data")
    return yield* answerListing({ kind: "table", table }, input, call)
  })
)

export const listByQuery: Handler<typeof rawFile.listByQuery> = handler(
  rawFile.listByQuery,
  Effect.fnUntraced(function*(input, call) {
    const query = yield* findQuery(input.params.query, call)
    return yield* answerListing({ kind: "query", queryId: query.id }, input, call)
  })
)

export const post: Handler<typeof rawFile.post> = handler(
  rawFile.post,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { table } = yield* findTable(input.params.table, call, "edit")
    const made = yield* store.rawFiles.add(table, input.body.files)
    return {
      kind: "rawFileList",
      results: made.map(({ id, md5Hash, name, size }) => ({
        kind: "rawFile",
        id,
        uri: `/rawFiles/${id}`,
        url: `${urls.origin}/rawFiles/${id}`,
        name,
        md5Hash,
        size
      })),
      nextPageToken: null
    }
  })
)

interface Context {
  readonly workflow?: string | undefined
  readonly table?: string | undefined
  readonly version?: string | undefined
}

/** Whether a version of the file's dataset has it. */
const isInVersion = Effect.fnUntraced(function*(file: Model.RawFile, dataset: Model.Dataset, version: string) {
  const store = yield* Store
  const at = yield* store.datasets.get({ owner: dataset.owner.name, id: dataset.referenceId, version })
  const table = (yield* store.tables.list(at)).find(({ id }) => id === file.tableId)
  return table !== undefined && (yield* store.rawFiles.isIn(table, file.id))
})

/** The file, for who may read its dataset: a table, workflow or version in which it is used must show it too. */
const find = Effect.fnUntraced(function*<Needed extends "metadata" | "data">(
  id: string,
  context: Context | undefined,
  call: Call,
  needed: Needed
) {
  const store = yield* Store
  const onHidden = Access.hidden("file", id)
  const file = yield* store.rawFiles.get(id).pipe(Effect.mapError(() => onHidden))
  const current = yield* store.datasets.getById(file.datasetId).pipe(Effect.mapError(() => onHidden))
  const { dataset } = current
  const draft = dataset.nextVersion
  const at = draft?.id === file.versionId ? { ...current, version: draft } : current
  yield* Access.requireDataset(at, call.caller, needed, id).pipe(
    Effect.catchTag("NotFound", () => Effect.fail(onHidden))
  )
  if (context?.workflow !== undefined) yield* findWorkflow(context.workflow, call, "view")
  if (context?.table !== undefined) {
    const { table } = yield* findTable(context.table, call, needed)
    if (!(yield* store.rawFiles.isIn(table, id))) return yield* onHidden
  }
  if (context?.version !== undefined) {
    const isThere = yield* isInVersion(file, dataset, context.version).pipe(Effect.catch(() => Effect.succeed(false)))
    if (!isThere) return yield* onHidden
  }
  return file
})

const served = (file: Model.RawFile): Effect.Effect<ServedFile, never, Store> =>
  Effect.map(Store, (store) => ({
    name: file.name,
    size: file.size,
    md5: file.md5Hash,
    bytes: (range) => store.rawFiles.bytes(file, range)
  }))

export const get: Handler<typeof rawFile.get> = handler(
  rawFile.get,
  Effect.fnUntraced(function*(input, call) {
    const file = yield* find(input.params.file, input.query, call, "data")
    yield* requireReading(call)
    return yield* countedAnswer(yield* fileAnswer(yield* served(file), input.headers?.range), call)
  })
)

export const head: Handler<typeof rawFile.head> = handler(
  rawFile.head,
  Effect.fnUntraced(function*(input, call) {
    return fileHead(yield* served(yield* find(input.params.file, input.query, call, "metadata")))
  })
)
