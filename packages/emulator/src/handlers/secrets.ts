/** Secrets of users and organizations. */
import { secret } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Access from "../policy/access.ts"
import { requireScope } from "../policy/caller.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { findOwner } from "./datasets.ts"
import { type Call, type Handler, handler } from "./handler.ts"

/** Nobody but the owner learns which secrets there are. */
const get = Effect.fnUntraced(function*(kind: Model.Account["kind"], owner: string, name: string, call: Call) {
  const store = yield* Store
  const caller = yield* requireScope(call.caller, "workflow.read")
  const account = yield* findOwner(kind, owner)
  const onHidden = Access.hidden("secret", name)
  if (!(yield* Access.administers(caller, account))) return yield* onHidden
  const found = yield* Effect.mapError(store.secrets.get(account.name, name), () => onHidden)
  return { kind: "secret", name: found.name, value: found.value }
})

export const getByUser: Handler<typeof secret.getByUser> = handler(
  secret.getByUser,
  (input, call) => get("user", input.params.user, input.params.secret, call)
)

export const getByOrganization: Handler<typeof secret.getByOrganization> = handler(
  secret.getByOrganization,
  (input, call) => get("organization", input.params.organization, input.params.secret, call)
)
