/** That a runtime reaches the emulator at all, both by the client and beside it. */
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import { type Case } from "./Case.ts"
import { during } from "./control.ts"

export const reaching: ReadonlyArray<Case> = [
  {
    name: "a call goes over a socket once, with the token of its user",
    run: Effect.gen(function*() {
      const { requests, value } = yield* during(User.me())
      const seen = requests.filter(({ operation }) => operation === "users.me")
      if (seen.length !== 1) return yield* Effect.die(new Error(`${seen.length} requests`))
      if (seen[0]?.user !== value.name) return yield* Effect.die(new Error(`${seen[0]?.user} is not ${value.name}`))
    })
  }
]
