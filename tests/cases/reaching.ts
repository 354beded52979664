/** That a runtime reaches the emulator at all. */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import { type Case, Place } from "./Case.ts"

export const reaching: ReadonlyArray<Case> = [
  {
    name: "the emulator answers on its socket",
    run: Effect.gen(function*() {
      const { endpoint } = yield* Place
      const response = yield* HttpClient.get(endpoint)
      if ((yield* response.text) === "") return yield* Effect.die(new Error("an empty answer"))
    }).pipe(Effect.scoped)
  }
]
