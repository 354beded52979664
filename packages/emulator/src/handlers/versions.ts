/** `/datasets/:dataset/versions`. */
import { version } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { notFound } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { newestFirst, page } from "./paging.ts"
import { findDataset, type FoundDataset } from "./reference.ts"
import * as Render from "./render.ts"

const whole = Effect.fnUntraced(function*(found: FoundDataset, shown: Model.Version, call: Call) {
  const store = yield* Store
  const { urls } = yield* Server
  const canRelease = shown.isReleased ? false : yield* store.versions.canRelease(shown.id)
  return Render.versionWhole(found.at.dataset, shown, canRelease, Access.seesDraft(found.level, call.caller), urls)
})

export const list: Handler<typeof version.list> = handler(
  version.list,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { at, level } = yield* findDataset(input.params.dataset, call, "overview")
    const all = yield* store.versions.list(at.dataset.id)
    const seen = all.filter(({ isReleased }) => isReleased || Access.seesDraft(level, call.caller))
    const shown = yield* page("versionList", seen, input.query, newestFirst)
    return { ...shown, results: shown.results.map((item) => Render.versionListItem(at.dataset, item, urls)) }
  })
)

/** A version that the caller may see. */
const find = Effect.fnUntraced(function*(params: { readonly dataset: string; readonly tag: string }, call: Call) {
  const store = yield* Store
  const found = yield* findDataset(params.dataset, call, "overview")
  const shown = yield* store.versions.get(found.at.dataset.id, params.tag)
  if (!shown.isReleased && !Access.seesDraft(found.level, call.caller)) {
    return yield* notFound("version", params.tag)
  }
  return { found, shown }
})

export const get: Handler<typeof version.get> = handler(
  version.get,
  Effect.fnUntraced(function*(input, call) {
    const { found, shown } = yield* find(input.params, call)
    return yield* whole(found, shown, call)
  })
)

export const head: Handler<typeof version.head> = handler(
  version.head,
  (input, call) => Effect.asVoid(find(input.params, call))
)

export const post: Handler<typeof version.post> = handler(
  version.post,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findDataset(input.params.dataset, call, "edit")
    return yield* whole(found, yield* store.versions.createNext(found.at.dataset.id), call)
  })
)

export const release: Handler<typeof version.release> = handler(
  version.release,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findDataset(input.params.dataset, call, "edit")
    const released = yield* store.versions.release(found.at.dataset.id, {
      ...(input.body?.releaseNotes === undefined ? undefined : { releaseNotes: input.body.releaseNotes })
    })
    return yield* whole(found, released, call)
  })
)

export const patch: Handler<typeof version.patch> = handler(
  version.patch,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findDataset(input.params.dataset, call, "edit")
    const { id } = yield* store.versions.get(found.at.dataset.id, input.params.tag)
    return yield* whole(found, yield* store.versions.update(id, input.body ?? {}), call)
  })
)

export const unrelease: Handler<typeof version.unrelease> = handler(
  version.unrelease,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findDataset(input.params.dataset, call, "edit")
    return yield* whole(found, yield* store.versions.unrelease(found.at.dataset.id), call)
  })
)

export const remove: Handler<typeof version.delete> = handler(
  version.delete,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findDataset(input.params.dataset, call, "edit")
    const marked = yield* store.versions.remove(found.at.dataset.id, input.params.tag)
    return marked === undefined ? undefined : yield* whole(found, marked, call)
  })
)

export const undelete: Handler<typeof version.undelete> = handler(
  version.undelete,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const found = yield* findDataset(input.params.dataset, call, "edit")
    return yield* whole(found, yield* store.versions.undelete(found.at.dataset.id, input.params.tag), call)
  })
)
