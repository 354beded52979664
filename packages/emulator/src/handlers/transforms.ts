/** `/transforms`, and those of a workflow. */
import { transform } from "@effect-redivis/core/Contract"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { BadRequest } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { Server } from "../server.ts"
import * as Sql from "../sql/Sql.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { changeNode, listNodes, shownNode } from "./nodes.ts"
import { findTables, type Found } from "./queryTables.ts"
import { findNode } from "./reference.ts"
import { containerOf, sourceName, sourceTable } from "./workflowTables.ts"

const shown = Effect.fnUntraced(function*(node: Model.WorkflowNode, call: Call) {
  return { ...(yield* shownNode(node, call)), query: node.query }
})

/** The source table as a query reads it, for a caller with the right to its rows. */
const foundSource = Effect.fnUntraced(function*(
  node: Model.WorkflowNode,
  reference: Sql.TableReference,
  call: Call
): Effect.fn.Return<Found, Sql.SqlError | Access.Denied, Store> {
  const store = yield* Store
  const table = yield* sourceTable(node)
  if (table === undefined) {
    return yield* new Sql.SqlError({
      message: `${sourceName} at [${reference.line}:${reference.column}] is nothing: the transform has no source table`,
      line: reference.line,
      column: reference.column
    })
  }
  yield* Access.requireTable(table, call.caller, "data", table.name)
  // a table that was found has variables
  const variables = yield* Effect.orDie(store.variables.list({ kind: "table", table }))
  return { table, columns: variables.map(({ name, type }) => ({ name, type })) }
})

/** Reads and translates a transform's query, with the rights of who runs it. */
const prepare = Effect.fnUntraced(function*(node: Model.WorkflowNode, query: string, call: Call) {
  const store = yield* Store
  const parameters = yield* store.parameters.list(node.workflow.id)
  const analysis = yield* Sql.analyze(query, parameters)
  const named = analysis.references.filter(({ text }) => text !== sourceName)
  const tables = new Map(yield* findTables(named, containerOf(node.workflow), call))
  const source = analysis.references.find(({ text }) => text === sourceName)
  if (source !== undefined) tables.set(sourceName, yield* foundSource(node, source, call))
  const translation = yield* Effect.fromResult(Sql.translate(analysis, {
    now: yield* Clock.currentTimeMillis,
    parameters,
    resolve: (reference) => {
      const { columns, table } = tables.get(reference.text)!
      return { sql: table.relation, columns }
    }
  }))
  return {
    sql: translation.sql,
    relations: [...tables.values()].map(({ table }) => table.relation),
    columnTypes: Object.fromEntries(translation.columns.map(({ name, type }) => [name, type]))
  }
})

/** What is wrong with the query, or with the rights of who runs it, fails the run, not the request. */
const perform = Effect.fnUntraced(function*(jobId: string, node: Model.WorkflowNode, query: string, call: Call) {
  const store = yield* Store
  const { queryPermits, settings } = yield* Server
  yield* prepare(node, query, call).pipe(
    Effect.matchEffect({
      onSuccess: (translated) => Effect.ignore(store.nodes.execute(jobId, translated, settings.queryTimeout)),
      onFailure: (failure) =>
        store.nodes.end(
          jobId,
          "failed",
          "description" in failure
            ? failure.description
            : "scopes" in failure
            ? `The token needs the scope ${failure.scopes.join(" ")}`
            : failure.message
        )
    }),
    Semaphore.withPermit(queryPermits),
    // it may have been waiting still
    Effect.onInterrupt(() => store.nodes.end(jobId, "cancelled"))
  )
})

export const list: Handler<typeof transform.list> = handler(
  transform.list,
  (input, call) => listNodes("transform", input.params.workflow, input.query, call)
)

export const get: Handler<typeof transform.get> = handler(
  transform.get,
  (input, call) =>
    Effect.flatMap(findNode("transform", input.params.transform, call, "view"), (node) => shown(node, call))
)

export const head: Handler<typeof transform.head> = handler(
  transform.head,
  (input, call) => Effect.asVoid(findNode("transform", input.params.transform, call, "view"))
)

export const patch: Handler<typeof transform.patch> = handler(
  transform.patch,
  Effect.fnUntraced(function*(input, call) {
    const node = yield* findNode("transform", input.params.transform, call, "edit")
    return yield* shown(yield* changeNode(node, input.body ?? {}, call), call)
  })
)

export const run: Handler<typeof transform.run> = handler(
  transform.run,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const server = yield* Server
    const node = yield* findNode("transform", input.params.transform, call, "edit")
    const { query } = node
    if (query === null) return yield* new BadRequest({ description: "The transform has no query" })
    const job = yield* store.nodes.start(node.id)
    const running = { stop: yield* Deferred.make<void>(), ended: yield* Deferred.make<void>() }
    server.runningJobs.set(job.id, running)
    // as it begins: a job may have ended before anything else is read
    const begun = yield* shown(yield* store.nodes.getById(node.id), call)
    server.inBackground(
      Effect.raceFirst(perform(job.id, node, query, call), Deferred.await(running.stop)).pipe(
        Effect.ensuring(Effect.suspend(() => {
          server.runningJobs.delete(job.id)
          return Deferred.succeed(running.ended, undefined)
        }))
      )
    )
    return begun
  })
)

export const cancel: Handler<typeof transform.cancel> = handler(
  transform.cancel,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const server = yield* Server
    const node = yield* findNode("transform", input.params.transform, call, "edit")
    if (node.currentJob === null) return yield* new BadRequest({ description: "The transform is not running" })
    const running = server.runningJobs.get(node.currentJob.id)
    if (running !== undefined) {
      yield* Deferred.succeed(running.stop, undefined)
      yield* Deferred.await(running.ended)
    }
    yield* store.nodes.end(node.currentJob.id, "cancelled")
    return yield* shown(yield* store.nodes.getById(node.id), call)
  })
)
