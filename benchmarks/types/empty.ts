/** A program of Effect alone. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export const program = Effect.gen(function*() {
  return yield* Stream.runCollect(Stream.make(1))
})
