/** `/queries`. */
import { query } from "@effect-redivis/core/Contract"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { BadRequest, Malformed } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { requireScope, requireUser } from "../policy/caller.ts"
import { Server } from "../server.ts"
import * as Sql from "../sql/Sql.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { requireReading, rowAnswer } from "./rowAnswer.ts"
import { defaultContainer, findTables } from "./queryTables.ts"

const render = (shown: Model.Query): query.Query => ({
  kind: "query",
  uri: `/queries/${shown.id}`,
  id: shown.id,
  status: shown.status,
  errorMessage: shown.errorMessage,
  outputNumRows: shown.outputNumRows,
  outputNumBytes: shown.outputNumBytes,
  outputSchema: shown.outputSchema,
  finishedAt: shown.finishedAt
})

/** A query is its maker's alone. */
export const findQuery = Effect.fnUntraced(function*(id: string, call: Call) {
  const store = yield* Store
  const caller = yield* requireScope(call.caller, "data.data")
  const found = yield* store.queries.get(id).pipe(Effect.mapError(() => Access.hidden("query", id)))
  if (found.owner.toLowerCase() !== caller.user.name.toLowerCase()) return yield* Access.hidden("query", id)
  return found
})

interface Ready {
  readonly sql: string
  readonly relations: ReadonlyArray<string>
  readonly columnTypes: Readonly<Record<string, Model.VariableType>>
  readonly isOrdered: boolean
}

/** Reads and translates, with the rights of who asks. What is wrong with the text fails the query, not the request. */
const prepare = Effect.fnUntraced(function*(body: query.QueryPost, call: Call) {
  const container = yield* Effect.fromResult(defaultContainer(body, call.lookup))
  const analysis = yield* Sql.analyze(body.query)
  const tables = yield* findTables(analysis.references, container, call)
  const translation = yield* Effect.fromResult(Sql.translate(analysis, {
    now: yield* Clock.currentTimeMillis,
    resolve: (reference) => {
      const { columns, table } = tables.get(reference.text)!
      return { sql: table.relation, columns }
    }
  }))
  return {
    sql: translation.sql,
    relations: [...tables.values()].map(({ table }) => table.relation),
    isOrdered: translation.isOrdered,
    // a column may have any name, that of Object's prototype too
    columnTypes: Object.fromEntries(translation.columns.map(({ name, type }) => [name, type]))
  }
})

const defaultTimeout = 30_000

/** Longer texts than the documentation allows are taken. */
const longestQuery = 1_000_000

/** Runs beside the request, which waits for it as long as it was told to. */
const run = Effect.fnUntraced(function*(id: string, account: string, ready: Ready, timeoutMs: number) {
  const store = yield* Store
  const server = yield* Server
  const ended = yield* Deferred.make<void>()
  const measured = Effect.gen(function*() {
    const started = yield* Clock.currentTimeMillis
    yield* store.queries.execute(id, ready, server.settings.queryTimeout)
    const now = yield* Clock.currentTimeMillis
    server.queryQuota.use(account, now, Math.max(0, now - started) / 1000)
  })
  server.inBackground(
    measured.pipe(
      Semaphore.withPermit(server.queryPermits),
      Effect.ignore,
      Effect.ensuring(Deferred.succeed(ended, undefined))
    )
  )
  if (timeoutMs > 0) yield* Effect.timeoutOption(Deferred.await(ended), Duration.millis(timeoutMs))
  return yield* store.queries.get(id)
})

export const post: Handler<typeof query.post> = handler(
  query.post,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const caller = yield* requireUser(call.caller)
    const account = caller.user.name.toLowerCase()
    const { body } = input
    if (body.query.length > longestQuery) {
      return yield* new Malformed({
        description: `"query": must be at most ${longestQuery.toLocaleString("en")} characters`
      })
    }
    yield* (yield* Server).queryQuota.require(account, yield* Clock.currentTimeMillis)
    const ready = yield* prepare(body, call).pipe(
      Effect.catchTag("SqlError", (failure) => Effect.succeed({ message: failure.message }))
    )
    const made = yield* store.queries.create({
      owner: caller.user.name,
      sql: body.query,
      defaultDataset: body.defaultDataset,
      defaultWorkflow: body.defaultWorkflow
    })
    return render(
      "message" in ready
        ? yield* store.queries.fail(made.id, ready.message)
        : yield* run(made.id, account, ready, body.timeoutMs ?? defaultTimeout)
    )
  })
)

export const get: Handler<typeof query.get> = handler(
  query.get,
  (input, call) => Effect.map(findQuery(input.params.query, call), render)
)

/** The service refuses large results, and a part of one by its share. Nobody told by which status and in which words. */
const requireSmall = Effect.fnUntraced(function*(shown: Model.Query, maxResults: number | undefined) {
  const { settings } = yield* Server
  const rows = shown.outputNumRows ?? 0
  const share = rows === 0 ? 1 : Math.min(maxResults ?? rows, rows) / rows
  if ((shown.outputNumBytes ?? 0) * share <= settings.resultBytes) return
  return yield* new BadRequest({
    description: `Results larger than ${settings.resultBytes / 1e6}MB are not supported here: make a read session`
  })
})

export const listRows: Handler<typeof query.listRows> = handler(
  query.listRows,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findQuery(input.params.query, call)
    yield* requireReading(call)
    yield* requireSmall(found, input.query?.maxResults)
    const format = input.query?.format ?? "jsonl"
    const stream = yield* store.rows.read({ kind: "query", queryId: found.id }, format, {
      variables: input.query?.selectedVariables,
      limit: input.query?.maxResults,
      overrun: call.overrun
    })
    return yield* rowAnswer(stream, format, call)
  })
)
