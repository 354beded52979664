/** What the calls of a region are changed by: references that `Redivis.with…` sets. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { RateLimitSnapshot, RedivisError } from "../contract/RedivisError.ts"

/**
 * One attempt of a request.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExchangeAttempt {
  /** Absent where no answer came. */
  readonly status?: number | undefined
  /** The response's headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly error?: RedivisError | undefined
}

/**
 * A request and what came of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Exchange {
  readonly operation: string
  readonly method: string
  /** Without credentials. */
  readonly url: string
  /** Of the last attempt. */
  readonly status?: number | undefined
  readonly rateLimit: RateLimitSnapshot
  readonly warnings: ReadonlyArray<string>
  readonly attempts: ReadonlyArray<ExchangeAttempt>
}

export const CurrentTimeout = Context.Reference<number | undefined>("@effect-redivis/core/Redivis/CurrentTimeout", {
  defaultValue: () => undefined
})

export const CurrentHeaders = Context.Reference<Readonly<Record<string, string>>>(
  "@effect-redivis/core/Redivis/CurrentHeaders",
  { defaultValue: () => ({}) }
)

/** Whether answers have to fit their schemas although the client is lenient. */
export const CurrentStrictness = Context.Reference<boolean>("@effect-redivis/core/Redivis/CurrentStrictness", {
  defaultValue: () => false
})

/** For what decides, compares or writes by what was answered: nothing odd goes into it. */
export const strictly = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, CurrentStrictness, true)

/**
 * What is done with each request, and the text of its last answer where that
 * was read whole: not that of a method that gives bytes, nor of a secret.
 *
 * @category models
 * @since 0.1.0
 */
export type Recorder = (exchange: Exchange, body: string | undefined) => Effect.Effect<void>

export const CurrentRecorder = Context.Reference<Recorder | undefined>(
  "@effect-redivis/core/Redivis/CurrentRecorder",
  { defaultValue: () => undefined }
)
