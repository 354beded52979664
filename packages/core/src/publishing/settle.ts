/** A lost answer is settled by looking at what is there, never by asking for it again. */
import * as Effect from "effect/Effect"

/** Whether a failure leaves open if the request took effect. */
export const isUncertain = (error: unknown): boolean => {
  if (typeof error !== "object" || error === null || !("_tag" in error)) return false
  switch (error._tag) {
    case "TransportError":
      return !("beforeSending" in error && error.beforeSending === true)
    case "UnexpectedStatus":
      return "status" in error && typeof error.status === "number" && error.status >= 500
    case "InternalServerError":
    case "ServiceUnavailable":
    case "DecodeError":
      return true
    default:
      return false
  }
}

/** How often it is looked for what may come about a little later than its answer was lost. */
const looks = 3

/**
 * Runs a request once. Where its answer is lost, `look` says what became of it;
 * the failure itself stands where nothing did.
 */
export const settle = <A, E, R, E2, R2>(
  request: Effect.Effect<A, E, R>,
  look: Effect.Effect<A | undefined, E2, R2>
): Effect.Effect<A, E | E2, R | R2> =>
  Effect.catch(request, (error): Effect.Effect<A, E | E2, R2> => {
    if (!isUncertain(error)) return Effect.fail(error)
    const from = (left: number): Effect.Effect<A, E | E2, R2> =>
      Effect.flatMap(look, (found): Effect.Effect<A, E | E2, R2> =>
        found !== undefined
          ? Effect.succeed(found)
          : left === 0
          ? Effect.fail(error)
          : Effect.andThen(Effect.sleep("500 millis"), from(left - 1)))
    return from(looks - 1)
  })
