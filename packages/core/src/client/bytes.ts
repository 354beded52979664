/** The bytes of an answer as a stream. */
import * as Effect from "effect/Effect"
import * as Cause from "effect/Cause"
import * as Stream from "effect/Stream"
import type * as Operation from "../contract/Operation.ts"
import type { Common } from "../contract/RedivisError.ts"
import { type Executor, openBytes } from "./service.ts"

/** Sends one operation and gives the bytes of its answer as they come; the request ends with the stream. */
export const bytes = <Op extends Operation.Any>(
  redivis: Executor,
  operation: Op,
  input: Operation.Input<Op>
): Stream.Stream<Uint8Array, Common | Operation.Failure<Op>> =>
  Stream.unwrap(
    Effect.map(openBytes(redivis, operation, input), ({ pull }) =>
      Stream.fromPull(Effect.succeed(
        Effect.flatMap(pull, (chunk) => chunk === undefined ? Cause.done() : Effect.succeed([chunk] as const))
      )))
  )
