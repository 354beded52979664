/** What the calls of a region are changed by: what `Redivis.with…` sets. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { RateLimitSnapshot, RedivisError } from "../contract/RedivisError.ts"
import type { Call } from "./call/attempt.ts"
import type * as Credentials from "./Credentials.ts"

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

/**
 * What is done with each request, and the text of its last answer where that
 * was read whole: not that of a method that gives bytes, nor of a secret.
 *
 * @category models
 * @since 0.1.0
 */
export type Recorder = (exchange: Exchange, body: string | undefined) => Effect.Effect<void>

/** What the calls of a region are changed by. */
export interface Settings {
  /** In milliseconds. */
  readonly timeout?: number
  /** Added to what goes to the API. */
  readonly headers?: Readonly<Record<string, string>>
  /** Where tokens come from, in place of the client's own source. */
  readonly credentials?: Credentials.Source
  /** Whether answers have to fit their schemas although the client is lenient. */
  readonly isStrict?: boolean
  /** Run after the last attempt of a call. */
  readonly recorder?: (call: Call) => Effect.Effect<void>
  /** What is wrong with them, by the names of fields. */
  readonly wrong?: Readonly<Record<string, string | undefined>>
}

export const CurrentSettings = Context.Reference<Settings>("@effect-redivis/core/Redivis/CurrentSettings", {
  defaultValue: () => ({})
})

/** For what decides, compares or writes by what was answered: nothing odd goes into it. */
export const strictly = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateService(effect, CurrentSettings, (outer) => ({ ...outer, isStrict: true }))
