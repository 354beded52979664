/** `…/variables`. */
import { variable } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { type Handler, handler } from "./handler.ts"
import { page, type PageQuery } from "./paging.ts"
import { findQuery } from "./queries.ts"
import { findTable } from "./reference.ts"
import * as Render from "./render.ts"

const list = Effect.fnUntraced(function*(
  source: Model.RowSource,
  uri: string,
  query: PageQuery & { readonly type?: string | undefined } | undefined
) {
  const store = yield* Store
  const { urls } = yield* Server
  const all = yield* store.variables.list(source)
  const wanted = all.filter(({ type }) => query?.type === undefined || type.toLowerCase() === query.type.toLowerCase())
  const shown = yield* page("variableList", wanted, query)
  return { ...shown, results: shown.results.map((item) => Render.variableWhole(item, uri, urls)) }
})

export const listByTable: Handler<typeof variable.listByTable> = handler(
  variable.listByTable,
  Effect.fnUntraced(function*(input, call) {
    const { urls } = yield* Server
    const found = yield* findTable(input.params.table, call, "metadata")
    return yield* list({ kind: "table", table: found.table }, Render.tableUri(found.table, urls), input.query)
  })
)

export const listByQuery: Handler<typeof variable.listByQuery> = handler(
  variable.listByQuery,
  Effect.fnUntraced(function*(input, call) {
    const query = yield* findQuery(input.params.query, call)
    return yield* list({ kind: "query", queryId: query.id }, `/queries/${query.id}`, input.query)
  })
)
