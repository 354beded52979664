/** A client without a server, for unit tests of a program. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import type * as Operation from "../contract/Operation.ts"
import type { Transport } from "./call/transport.ts"
import { defaultEndpoint } from "./options.ts"
import { type Executor, makeOver, Redivis } from "./service.ts"

/**
 * The handlers of a client without a server, by the names of operations.
 *
 * @category testing
 * @since 0.1.0
 */
export type MockHandlers = {
  readonly [operation: string]: (input: never) => Effect.Effect<unknown, unknown> | Stream.Stream<Uint8Array, unknown>
}

/**
 * A client for unit tests of your own code: each operation is answered by the
 * handler of its name. An operation without a handler is a defect that names it.
 *
 * **Example** (A dataset that is not there)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Effect from "effect/Effect"
 *
 * const mock = Redivis.layerMock({
 *   "users.me": () => Effect.succeed({ name: "researcher" })
 * })
 * ```
 *
 * @category testing
 * @since 0.1.0
 */
export const layerMock = (handlers: MockHandlers): Layer.Layer<Redivis> => {
  const handler = (operation: Operation.Any, input: unknown) => {
    const handle = handlers[operation.name]
    return handle === undefined
      ? Effect.die(new Error(`Redivis.layerMock has no handler for ${operation.name}`))
      : handle(input as never) // the handler's own type of its input
  }
  const storage: Transport = {
    send: (request) => {
      const handle = handlers.storage
      return handle === undefined
        ? Effect.die(new Error("Redivis.layerMock has no handler for storage"))
        : Effect.map(handle(request as never) as Effect.Effect<unknown>, () => ({
          url: request.url,
          status: 200,
          headers: {},
          text: Effect.succeed(""),
          pull: Effect.succeed(undefined)
        }))
    }
  }
  return Layer.effect(
    Redivis,
    Effect.map(Effect.orDie(makeOver({}, storage)), (redivis): Executor => ({
      ...redivis,
      execute: (operation, input) => handler(operation, input) as Effect.Effect<never>, // typed by the operation, as the handler promises
      opened: (operation, input) =>
        Effect.gen(function*() {
          const answer = handler(operation, input)
          const bytes = Stream.isStream(answer) ? answer : Stream.fromEffect(answer)
          const pull = yield* Stream.toPull(Stream.rechunk(bytes as Stream.Stream<Uint8Array>, 1)) // as the handler promises
          return {
            url: defaultEndpoint,
            status: 200,
            headers: {},
            pull: Pull.catchDone(Effect.map(pull, ([chunk]) => chunk), () => Effect.succeed(undefined))
          }
        })
    }))
  )
}
