/** `/queries`. */
import { query } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { requireScope, requireUser } from "../policy/caller.ts"
import * as Access from "../policy/access.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"

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
  const caller = yield* requireUser(call.caller)
  const found = yield* store.queries.get(id).pipe(Effect.mapError(() => Access.hidden("query", id)))
  if (found.owner.toLowerCase() !== caller.user.name.toLowerCase()) return yield* Access.hidden("query", id)
  return found
})

export const post: Handler<typeof query.post> = handler(
  query.post,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const caller = yield* requireScope(call.caller, "data.data")
    const made = yield* store.queries.create({ owner: caller.user.name, sql: input.body.query })
    return render(yield* store.queries.fail(made.id, "SQL is not served yet"))
  })
)

export const get: Handler<typeof query.get> = handler(
  query.get,
  (input, call) => Effect.map(findQuery(input.params.query, call), render)
)
