/** `/organizations/:organization/members`, for administrators. */
import { member } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { Forbidden } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { requireScope } from "../policy/caller.ts"
import { Server } from "../server.ts"
import { Store } from "../store/Store.ts"
import { findOwner } from "./datasets.ts"
import { type Call, type Handler, handler } from "./handler.ts"
import { byUser, page } from "./paging.ts"
import * as Render from "./renderMembers.ts"

/** The organization, for one who administers it. */
export const findAdministered = Effect.fnUntraced(function*(
  name: string,
  call: Call,
  scope: "organization.read" | "organization.write"
) {
  const caller = yield* requireScope(call.caller, scope)
  const organization = yield* findOwner("organization", name)
  if (!(yield* Access.administers(caller, organization))) {
    return yield* new Forbidden({ description: `Not authorized: you do not administer ${organization.name}` })
  }
  return { caller, organization }
})

/** A member, of whatever status. */
export const findMember = Effect.fnUntraced(function*(
  params: { readonly organization: string; readonly member: string },
  call: Call,
  scope: "organization.read" | "organization.write"
) {
  const store = yield* Store
  const { caller, organization } = yield* findAdministered(params.organization, call, scope)
  return { caller, found: yield* store.members.get(organization.name, params.member), organization }
})

export const list: Handler<typeof member.list> = handler(
  member.list,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { organization } = yield* findAdministered(input.params.organization, call, "organization.read")
    const all = yield* store.members.list(organization.name, {
      labels: input.query?.labels,
      statuses: input.query?.statuses
    })
    const shown = yield* page("memberList", all, input.query, byUser)
    return { ...shown, results: shown.results.map((item) => Render.memberWhole(item, urls)) }
  })
)

export const get: Handler<typeof member.get> = handler(
  member.get,
  Effect.fnUntraced(function*(input, call) {
    const { urls } = yield* Server
    const { found } = yield* findMember(input.params, call, "organization.read")
    return Render.memberWhole(found, urls)
  })
)

export const head: Handler<typeof member.head> = handler(
  member.head,
  (input, call) => Effect.asVoid(findMember(input.params, call, "organization.read"))
)

export const patch: Handler<typeof member.patch> = handler(
  member.patch,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { urls } = yield* Server
    const { found, organization } = yield* findMember(input.params, call, "organization.write")
    return Render.memberWhole(yield* store.members.put(organization.name, found.user.name, input.body ?? {}), urls)
  })
)

export const comment: Handler<typeof member.comment> = handler(
  member.comment,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { caller, found, organization } = yield* findMember(input.params, call, "organization.write")
    yield* store.members.addComment(organization.name, found.user.name, {
      author: caller.user.name,
      text: input.body.text
    })
  })
)
