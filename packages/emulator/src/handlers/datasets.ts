/** `/datasets`, and those of an owner. */
import { dataset } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { BadRequest, Forbidden, notFound } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { requireScope } from "../policy/caller.ts"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { byIdOf, page, type PageQuery } from "./paging.ts"
import { findDataset } from "./reference.ts"
import * as Render from "./render.ts"

/** The account that a path names by kind and name. */
export const findOwner = Effect.fnUntraced(function*(kind: Model.Account["kind"], name: string) {
  const store = yield* Store
  const find: Effect.Effect<Model.Account, unknown> = kind === "user"
    ? store.accounts.getUser(name)
    : store.accounts.getOrganization(name)
  return yield* Effect.mapError(
    find,
    () => notFound(kind, name)
  )
})

const list = Effect.fnUntraced(function*(
  kind: Model.Account["kind"],
  name: string,
  query: PageQuery & { readonly labels?: ReadonlyArray<string> | undefined } | undefined,
  call: Call
) {
  const store = yield* Store
  const { urls } = yield* Server
  const owner = yield* findOwner(kind, name)
  if (query?.labels !== undefined && !(yield* Access.administers(call.caller, owner))) {
    return yield* new BadRequest({ description: "Only administrators may filter by labels" })
  }
  const visible: Array<{ readonly at: Model.DatasetAtVersion; readonly level: Model.AccessLevel }> = []
  for (const at of yield* store.datasets.list(owner.name, { labels: query?.labels })) {
    const level = yield* Access.isListed(at, call.caller)
    if (level !== undefined) visible.push({ at, level })
  }
  const shown = yield* page("datasetList", visible, query, byIdOf(({ at }) => at.dataset))
  const usage = yield* store.datasets.usage(shown.results.map(({ at }) => at.dataset.id))
  return {
    ...shown,
    results: shown.results.map(({ at, level }) =>
      Render.datasetListItem(at, usage.get(at.dataset.id) ?? Render.noUsage, level, urls)
    )
  }
})

/** A dataset as its `get` answers it. */
const whole = Effect.fnUntraced(function*(at: Model.DatasetAtVersion, level: Model.AccessLevel, call: Call) {
  const store = yield* Store
  const { urls } = yield* Server
  const usage = yield* store.datasets.usage([at.dataset.id])
  return Render.datasetWhole(at, usage.get(at.dataset.id) ?? Render.noUsage, level, call.caller, urls)
})

const post = Effect.fnUntraced(function*(
  kind: Model.Account["kind"],
  name: string,
  body: dataset.DatasetPost,
  call: Call
) {
  const store = yield* Store
  const caller = yield* requireScope(call.caller, "data.edit")
  const owner = yield* findOwner(kind, name)
  if (!(yield* Access.administers(caller, owner))) {
    return yield* new Forbidden({ description: `Not authorized: you may not create datasets of ${owner.name}` })
  }
  const at = yield* store.datasets.create(owner.name, {
    name: body.name,
    publicAccessLevel: body.publicAccessLevel,
    description: body.description ?? null
  })
  return yield* whole(at, "edit", call)
})

export const listByUser: Handler<typeof dataset.listByUser> = handler(
  dataset.listByUser,
  (input, call) => list("user", input.params.user, input.query, call)
)

export const listByOrganization: Handler<typeof dataset.listByOrganization> = handler(
  dataset.listByOrganization,
  (input, call) => list("organization", input.params.organization, input.query, call)
)

export const headByOrganization: Handler<typeof dataset.headByOrganization> = handler(
  dataset.headByOrganization,
  (input) => Effect.asVoid(findOwner("organization", input.params.organization))
)

export const get: Handler<typeof dataset.get> = handler(
  dataset.get,
  Effect.fnUntraced(function*(input, call) {
    const { at, level } = yield* findDataset(input.params.dataset, call, "overview")
    return yield* whole(at, level, call)
  })
)

export const head: Handler<typeof dataset.head> = handler(
  dataset.head,
  (input, call) => Effect.asVoid(findDataset(input.params.dataset, call, "overview"))
)

export const postByUser: Handler<typeof dataset.postByUser> = handler(
  dataset.postByUser,
  (input, call) => post("user", input.params.user, input.body, call)
)

export const postByOrganization: Handler<typeof dataset.postByOrganization> = handler(
  dataset.postByOrganization,
  (input, call) => post("organization", input.params.organization, input.body, call)
)

export const patch: Handler<typeof dataset.patch> = handler(
  dataset.patch,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findDataset(input.params.dataset, call, "edit")
    const updated = yield* store.datasets.update(found.at.dataset.id, input.body ?? {})
    return yield* whole({ ...found.at, dataset: updated.dataset }, found.level, call)
  })
)

export const remove: Handler<typeof dataset.delete> = handler(
  dataset.delete,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { at } = yield* findDataset(input.params.dataset, call, "edit")
    yield* store.datasets.remove(at.dataset.id)
  })
)
