/** `/datasets/:dataset/access`, and that of a member. */
import { access } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { Forbidden } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { requireScope } from "../policy/caller.ts"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { findMember } from "./members.ts"
import { byIdOf, byUser, type Order, page } from "./paging.ts"
import { datasetLookup } from "./reference.ts"
import { accessWhole } from "./renderMembers.ts"

/** The dataset, for one whose account may edit it; its data the token need not reach. */
const findEdited = Effect.fnUntraced(function*(text: string, call: Call) {
  const store = yield* Store
  const lookup = yield* Effect.fromResult(datasetLookup(text, call.lookup))
  const onHidden = Access.hidden("dataset", text)
  const at = yield* Effect.mapError(store.datasets.get(lookup, call.lookup), () => onHidden)
  const level = yield* Access.levelOf(at.dataset, call.caller)
  if (level !== "edit") {
    return yield* at.version.isReleased && Access.reaches(level, "overview")
      ? new Forbidden({ description: `Not authorized: this needs edit access, and you have ${level}` })
      : onHidden
  }
  yield* requireScope(call.caller, "organization.read")
  return at
})

/** All who have to do with a dataset: members of its organization, or its owner and whom it is shared with. */
const usersOf = Effect.fnUntraced(function*(dataset: Model.Dataset) {
  const store = yield* Store
  if (dataset.owner.kind === "organization") {
    const members = yield* store.members.list(dataset.owner.name, { statuses: ["approved"] })
    return members.map((member) => member.user)
  }
  const granted = yield* Effect.forEach(
    yield* store.grants.list(dataset.id),
    (grant) => store.accounts.getUser(grant.user)
  )
  return [dataset.owner, ...granted]
})

interface Standing {
  readonly at: Model.DatasetAtVersion
  readonly user: Model.User
}

const byDataset = byIdOf(({ at }: Standing) => at.dataset)

const shownPage = Effect.fnUntraced(function*(
  standings: ReadonlyArray<Standing>,
  query: access.AccessQuery | undefined,
  order: Order<Standing, string>
) {
  const { urls } = yield* Server
  const all = yield* Effect.forEach(
    standings,
    ({ at, user }) => Effect.map(Access.levelOfUser(at.dataset, user), (level) => ({ at, user, level }))
  )
  const wanted = all.filter(({ level }) => Access.reaches(level, query?.minAccessLevel ?? "none"))
  const shown = yield* page("accessList", wanted, query, order)
  return { ...shown, results: shown.results.map(({ at, level, user }) => accessWhole(at, user, level, urls)) }
})

export const listByDataset: Handler<typeof access.listByDataset> = handler(
  access.listByDataset,
  Effect.fnUntraced(function*(input, call) {
    const at = yield* findEdited(input.params.dataset, call)
    const users = yield* usersOf(at.dataset)
    return yield* shownPage(users.map((user) => ({ at, user })), input.query, byUser)
  })
)

export const listByMember: Handler<typeof access.listByMember> = handler(
  access.listByMember,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { found, organization } = yield* findMember(input.params, call, "organization.read")
    const datasets = yield* store.datasets.list(organization.name)
    return yield* shownPage(datasets.map((at) => ({ at, user: found.user })), input.query, byDataset)
  })
)

export const get: Handler<typeof access.get> = handler(
  access.get,
  Effect.fnUntraced(function*(input, call) {
    const { urls } = yield* Server
    const at = yield* findEdited(input.params.dataset, call)
    const users = yield* usersOf(at.dataset)
    const user = users.find(({ name }) => name.toLowerCase() === input.params.user.toLowerCase())
    if (user === undefined) return yield* Access.hidden("user of this dataset", input.params.user)
    return accessWhole(at, user, yield* Access.levelOfUser(at.dataset, user), urls)
  })
)
