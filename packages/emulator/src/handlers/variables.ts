/** `…/variables`. */
import { variable } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { BadRequest } from "../http/Refusal.ts"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { StoreConflict } from "../store/StoreError.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { requireLength } from "./lengths.ts"
import { byIndex, page, type PageQuery } from "./paging.ts"
import { findQuery } from "./queries.ts"
import { findDataset, findTable, findWorkflow } from "./reference.ts"
import * as Render from "./render.ts"
import { findUpload } from "./uploads.ts"

interface Found {
  readonly source: Model.RowSource
  readonly place: Render.Place
}

const list = Effect.fnUntraced(function*(
  { place, source }: Found,
  query: PageQuery & { readonly type?: string | undefined } | undefined
) {
  const store = yield* Store
  const all = yield* store.variables.list(source)
  const wanted = all.filter(({ type }) => query?.type === undefined || type.toLowerCase() === query.type.toLowerCase())
  const shown = yield* page("variableList", wanted, query, byIndex)
  return { ...shown, results: shown.results.map((item) => Render.variableListItem(item, place)) }
})

const ofTable = Effect.fnUntraced(function*<Needed extends "metadata" | "edit">(
  params: { readonly table: string },
  call: Call,
  needed: Needed
) {
  const { urls } = yield* Server
  const { table } = yield* findTable(params.table, call, needed)
  return { source: { kind: "table", table }, place: Render.tablePlace(table, urls) } as const
})

const ofUpload = Effect.fnUntraced(function*<Needed extends "metadata" | "edit">(
  params: { readonly table: string; readonly upload: string },
  call: Call,
  needed: Needed
) {
  const { urls } = yield* Server
  const { table, upload } = yield* findUpload(params, call, needed)
  return {
    source: { kind: "upload", uploadId: upload.id },
    place: Render.placeAt(`${Render.tableUri(table, urls)}/uploads/${upload.id}`, urls)
  } as const
})

const ofQuery = Effect.fnUntraced(function*(params: { readonly query: string }, call: Call) {
  const { urls } = yield* Server
  const query = yield* findQuery(params.query, call)
  return {
    source: { kind: "query", queryId: query.id },
    place: Render.placeAt(`/queries/${query.id}`, urls)
  } as const
})

export const listByTable: Handler<typeof variable.listByTable> = handler(
  variable.listByTable,
  Effect.fnUntraced(function*(input, call) {
    return yield* list(yield* ofTable(input.params, call, "metadata"), input.query)
  })
)

export const listByUpload: Handler<typeof variable.listByUpload> = handler(
  variable.listByUpload,
  Effect.fnUntraced(function*(input, call) {
    return yield* list(yield* ofUpload(input.params, call, "metadata"), input.query)
  })
)

export const listByQuery: Handler<typeof variable.listByQuery> = handler(
  variable.listByQuery,
  Effect.fnUntraced(function*(input, call) {
    return yield* list(yield* ofQuery(input.params, call), input.query)
  })
)

const requireVariable = Effect.fnUntraced(function*({ source }: Found, name: string) {
  const store = yield* Store
  yield* store.variables.get(source, name)
})

/** A variable whole. What is counted of its values comes with it, and is counted first where nobody asked yet. */
const one = Effect.fnUntraced(function*({ place, source }: Found, name: string) {
  const store = yield* Store
  const shown = yield* store.variables.get(source, name)
  const { count, statistics } = yield* store.variables.statistics(source, name)
  if (count === undefined) return Render.variableWhole(shown, statistics, place)
  yield* count
  const counted = yield* store.variables.statistics(source, name)
  return Render.variableWhole(shown, counted.statistics, place)
})

const statisticsOf = Effect.fnUntraced(function*({ place, source }: Found, name: string) {
  const store = yield* Store
  const server = yield* Server
  const variable = Render.variableBase(yield* store.variables.get(source, name), place)
  const { count, statistics } = yield* store.variables.statistics(source, name)
  if (count !== undefined) server.inBackground(count)
  return { variable, ...statistics }
})

const isConflict = Schema.is(StoreConflict)

/** A table always has its columns. */
const ended = <A, E, R>(self: Effect.Effect<A, E | StoreConflict, R>): Effect.Effect<A, E, R> =>
  Effect.catchIf(self, isConflict, Effect.die) as Effect.Effect<A, E, R> // what is left is no conflict

export const getByTable: Handler<typeof variable.getByTable> = handler(
  variable.getByTable,
  Effect.fnUntraced(function*(input, call) {
    return yield* ended(one(yield* ofTable(input.params, call, "metadata"), input.params.variable))
  })
)

export const headByTable: Handler<typeof variable.headByTable> = handler(
  variable.headByTable,
  Effect.fnUntraced(function*(input, call) {
    yield* ended(requireVariable(yield* ofTable(input.params, call, "metadata"), input.params.variable))
  })
)

/** Refuses a description that the service does not take. */
const requireNotes = (notes: { readonly description?: string | null | undefined } | undefined) =>
  requireLength("description", notes?.description, 5000)

export const patchByTable: Handler<typeof variable.patchByTable> = handler(
  variable.patchByTable,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* ofTable(input.params, call, "edit")
    yield* requireNotes(input.body)
    const name = input.params.variable
    yield* store.variables.update(found.source.table, [{ name, ...input.body }])
    return yield* ended(one(found, name))
  })
)

export const statisticsByTable: Handler<typeof variable.statisticsByTable> = handler(
  variable.statisticsByTable,
  Effect.fnUntraced(function*(input, call) {
    return yield* ended(statisticsOf(yield* ofTable(input.params, call, "metadata"), input.params.variable))
  })
)

export const getByUpload: Handler<typeof variable.getByUpload> = handler(
  variable.getByUpload,
  Effect.fnUntraced(function*(input, call) {
    return yield* one(yield* ofUpload(input.params, call, "metadata"), input.params.variable)
  })
)

export const headByUpload: Handler<typeof variable.headByUpload> = handler(
  variable.headByUpload,
  Effect.fnUntraced(function*(input, call) {
    yield* requireVariable(yield* ofUpload(input.params, call, "metadata"), input.params.variable)
  })
)

export const patchByUpload: Handler<typeof variable.patchByUpload> = handler(
  variable.patchByUpload,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* ofUpload(input.params, call, "edit")
    yield* requireNotes(input.body)
    const name = input.params.variable
    yield* store.variables.note(found.source, { name, ...input.body })
    return yield* one(found, name)
  })
)

export const statisticsByUpload: Handler<typeof variable.statisticsByUpload> = handler(
  variable.statisticsByUpload,
  Effect.fnUntraced(function*(input, call) {
    return yield* statisticsOf(yield* ofUpload(input.params, call, "metadata"), input.params.variable)
  })
)

export const getByQuery: Handler<typeof variable.getByQuery> = handler(
  variable.getByQuery,
  Effect.fnUntraced(function*(input, call) {
    return yield* one(yield* ofQuery(input.params, call), input.params.variable)
  })
)

export const headByQuery: Handler<typeof variable.headByQuery> = handler(
  variable.headByQuery,
  Effect.fnUntraced(function*(input, call) {
    yield* requireVariable(yield* ofQuery(input.params, call), input.params.variable)
  })
)

export const patchByQuery: Handler<typeof variable.patchByQuery> = handler(
  variable.patchByQuery,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* ofQuery(input.params, call)
    yield* requireNotes(input.body)
    const name = input.params.variable
    yield* store.variables.note(found.source, { name, ...input.body })
    return yield* one(found, name)
  })
)

export const statisticsByQuery: Handler<typeof variable.statisticsByQuery> = handler(
  variable.statisticsByQuery,
  Effect.fnUntraced(function*(input, call) {
    return yield* statisticsOf(yield* ofQuery(input.params, call), input.params.variable)
  })
)

export const bulkPatchByTable: Handler<typeof variable.bulkPatchByTable> = handler(
  variable.bulkPatchByTable,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { table } = yield* findTable(input.params.table, call, "edit")
    yield* Effect.forEach(input.body.variables, requireNotes, { discard: true })
    yield* store.variables.update(table, input.body.variables).pipe(
      Effect.catchTag("StoreNotFound", ({ reference }) =>
        Effect.fail(
          new BadRequest({
            description: `"variables": there is no variable ${JSON.stringify(reference)} in this table`
          })
        ))
    )
  })
)

export const bulkPatchByDataset: Handler<typeof variable.bulkPatchByDataset> = handler(
  variable.bulkPatchByDataset,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { at } = yield* findDataset(input.params.dataset, call, "edit")
    yield* Effect.forEach(input.body.variables, requireNotes, { discard: true })
    yield* store.variables.updateAll(at, input.body.variables)
  })
)

export const bulkPatchByWorkflow: Handler<typeof variable.bulkPatchByWorkflow> = handler(
  variable.bulkPatchByWorkflow,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { workflow } = yield* findWorkflow(input.params.workflow, call, "edit")
    yield* Effect.forEach(input.body.variables, requireNotes, { discard: true })
    yield* store.variables.updateAllOfWorkflow(workflow.id, input.body.variables)
  })
)
