/**
 * What the server wants a person to read: the texts of `X-Redivis-Warning`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { log } from "./log.ts"

/**
 * Takes the warnings of every answer.
 *
 * @category services
 * @since 0.1.0
 */
export interface Warnings {
  /** Called once for each text of each answer, whether the answer is a success or a failure. */
  readonly warn: (warning: Warning) => Effect.Effect<void>
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Warning {
  readonly text: string
  /** The operation that was answered, as `datasets.get`. */
  readonly operation: string
}

const mostSeen = 1000

/**
 * Logs each text once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeLogOnce = (): Warnings => {
  const seen = new Set<string>()
  return {
    warn: ({ operation, text }) =>
      Effect.withFiber((fiber) => {
        if (seen.has(text)) {
          return Effect.void
        }
        // the oldest is forgotten, so that a server that counts in its texts cannot fill the memory
        if (seen.size >= mostSeen) {
          for (const oldest of seen) {
            seen.delete(oldest)
            break
          }
        }
        seen.add(text)
        return Effect.provideService(log("Warn", `Redivis: ${text}`), References.CurrentLogAnnotations, {
          ...fiber.getRef(References.CurrentLogAnnotations),
          operation
        })
      })
  }
}

/**
 * Who takes the warnings. The default logs each text once in a process.
 *
 * **Example** (Collect them)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Warnings from "@effect-redivis/core/Warnings"
 * import * as Effect from "effect/Effect"
 *
 * const texts: Array<string> = []
 * const dataset = Dataset.get("demo.penguins").pipe(
 *   Effect.provideService(Warnings.CurrentWarnings, { warn: ({ text }) => Effect.sync(() => texts.push(text)) })
 * )
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export const CurrentWarnings = Context.Reference<Warnings>("@effect-redivis/core/Warnings/CurrentWarnings", {
  defaultValue: makeLogOnce
})

/** The texts of a response. Repeated headers arrive joined, so one text is one warning and is not split. */
export const fromHeaders = (headers: Readonly<Record<string, string | undefined>>): ReadonlyArray<string> => {
  const text = headers["x-redivis-warning"]
  return text === undefined || text === "" ? none : [text]
}

const none: ReadonlyArray<string> = []
