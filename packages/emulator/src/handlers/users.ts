/** `/users`. */
import { user } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { requireUser } from "../policy/caller.ts"
import { type Handler, handler } from "./handler.ts"
import * as Render from "./render.ts"

export const me: Handler<typeof user.me> = handler(
  user.me,
  (_input, call) => Effect.map(requireUser(call.caller), (caller) => Render.me(caller.user))
)
