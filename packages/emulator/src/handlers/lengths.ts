/** Lengths of texts that the service takes, in UTF-16 units. */
import * as Effect from "effect/Effect"
import { BadRequest } from "../http/Refusal.ts"

export const requireLength = (
  field: string,
  text: string | null | undefined,
  most: number
): Effect.Effect<void, BadRequest> =>
  (text ?? "").length <= most
    ? Effect.void
    : Effect.fail(
      new BadRequest({ description: `"${field}": must be at most ${most.toLocaleString("en")} characters` })
    )
