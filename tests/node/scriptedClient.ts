/** A client of a scripted server, as the tests of the client set it up. */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { type Answer, inTurn, type Received, type Scripted, serve } from "./scriptedServer.ts"

/** A token that would be found wherever it went. */
export const token = "rdvs-5f1d0c55e2a97b-planted"

export const clientOf = (
  server: { readonly endpoint: string },
  options?: Redivis.Options
): Layer.Layer<Redivis.Redivis> =>
  // the options of the tests are right, or a test says otherwise by another way
  Redivis.layerFetch({ endpoint: server.endpoint, token: Redacted.make(token), ...options }) as Layer.Layer<
    Redivis.Redivis
  >

/** As by default, without the waits. */
export const quickly = Retry.withPolicy({ baseDelay: 1, maxDelay: 2 })

export interface Outcome<A, E> {
  readonly result: Result.Result<A, E>
  readonly server: Scripted
  readonly received: ReadonlyArray<Received>
}

/** Runs a call against a server that answers in turn, or as a function says, and gives what came of it. */
export const against = <A, E>(
  answers: ReadonlyArray<Answer> | ((received: Received, index: number) => Answer),
  call: Effect.Effect<A, E, Redivis.Redivis>,
  options?: Redivis.Options
): Effect.Effect<Outcome<A, E>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const server = yield* serve(typeof answers === "function" ? answers : inTurn(...answers))
    const result = yield* Effect.result(Effect.provide(call, clientOf(server, options)))
    return { result, server, received: server.received }
  })

/** The failure of a call that fails. */
export const failureOf = <A, E>(
  answers: ReadonlyArray<Answer> | ((received: Received, index: number) => Answer),
  call: Effect.Effect<A, E, Redivis.Redivis>,
  options?: Redivis.Options
): Effect.Effect<E, A, Scope.Scope> =>
  Effect.gen(function*() {
    const server = yield* serve(typeof answers === "function" ? answers : inTurn(...answers))
    return yield* Effect.flip(Effect.provide(call, clientOf(server, options)))
  })

/** The success of a call that succeeds. */
export const successOf = <A, E>(
  answers: ReadonlyArray<Answer> | ((received: Received, index: number) => Answer),
  call: Effect.Effect<A, E, Redivis.Redivis>,
  options?: Redivis.Options
): Effect.Effect<A, E, Scope.Scope> =>
  Effect.gen(function*() {
    const server = yield* serve(typeof answers === "function" ? answers : inTurn(...answers))
    return yield* Effect.provide(call, clientOf(server, options))
  })

/** Runs an effect on the test clock, which moves in steps while sockets do their work. */
export const onTestClock = <A, E, R>(effect: Effect.Effect<A, E, R>, step = 50): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust(step)
    }
    return yield* Fiber.join(fiber)
  })
