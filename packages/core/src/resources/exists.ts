import * as Effect from "effect/Effect"
import type { NotFound } from "../contract/RedivisError.ts"

/** The answer of a `HEAD` as a truth: only a 404 is `false`. */
export const exists = <E, R>(head: Effect.Effect<void, E, R>): Effect.Effect<boolean, Exclude<E, NotFound>, R> =>
  Effect.matchEffect(head, {
    onFailure: (error) => isNotFound(error) ? Effect.succeed(false) : Effect.fail(error as Exclude<E, NotFound>), // told by its tag
    onSuccess: () => Effect.succeed(true)
  })

const isNotFound = (error: unknown): error is NotFound =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "NotFound"
