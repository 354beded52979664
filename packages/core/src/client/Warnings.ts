/**
 * What the server wants a person to read: the texts of `X-Redivis-Warning`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { aside } from "./call/log.ts"

/**
 * Takes the warnings of every answer.
 *
 * @category services
 * @since 0.1.0
 */
export interface Warnings {
  /** Called once for each text of each answer, whether the answer is a success or a failure. */
  readonly warn: (warning: Warning) => Effect.Effect<void>
  /** Run when a client's layer closes, for what is told of many answers at once. */
  readonly close?: Effect.Effect<void> | undefined
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

const tell = ({ operation, text }: Warning): Effect.Effect<void> =>
  Effect.withFiber((fiber) =>
    Effect.provideService(aside("Warn", `Redivis: ${text}`), References.CurrentLogAnnotations, {
      ...fiber.getRef(References.CurrentLogAnnotations),
      operation
    })
  )

/** Texts that differ in what stands in quotes alone. */
interface Kind {
  readonly first: Warning
  count: number
  /** The count as it was told last. */
  told: number
}

/**
 * Logs each text once, on standard error.
 *
 * **Details**
 *
 * Of texts that differ only in what stands in double quotes, which is a name,
 * the first alone is logged. How many there were is logged when a client's
 * layer closes, and again only once there are twice as many.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeLogOnce = (): Warnings => {
  /** By the texts, and by what they have beside names. */
  const seen = new Map<string, Kind>()
  return {
    warn: (warning) =>
      Effect.suspend(() => {
        const { text } = warning
        if (seen.has(text)) return Effect.void
        const rest = text.replace(/"[^"]*"/g, "")
        const known = seen.get(rest)
        const kind = known ?? { first: warning, count: 0, told: 1 }
        kind.count++
        for (const key of [rest, text]) {
          seen.delete(key)
          // the oldest is forgotten, so that a server that counts in its texts cannot fill the memory
          if (seen.size >= mostSeen) seen.delete(seen.keys().next().value!) // there is one
          seen.set(key, kind)
        }
        return known === undefined ? tell(warning) : Effect.void
      }),
    close: Effect.suspend(() =>
      Effect.forEach(new Set(seen.values()), (kind) => {
        const { count, first, told } = kind
        if (count < 2 * told) return Effect.void
        kind.told = count
        return tell({ ...first, text: `of ${count} names in all: ${first.text}` })
      }, { discard: true })
    )
  }
}

/**
 * Who takes the warnings. The default, one for the process, is of
 * {@link makeLogOnce}.
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
