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

/** So that a server that counts in its texts cannot fill the memory. */
const forgetOldest = (seen: Set<string> | Map<string, unknown>): void => {
  if (seen.size < mostSeen) return
  for (const oldest of seen.keys()) {
    seen.delete(oldest)
    break
  }
}

/** On standard error: what a program prints is its own. */
const tell = ({ operation, text }: Warning): Effect.Effect<void> =>
  Effect.withFiber((fiber) =>
    log("Warn", `Redivis: ${text}`).pipe(
      Effect.provideService(References.LogToStderr, true),
      Effect.provideService(References.CurrentLogAnnotations, {
        ...fiber.getRef(References.CurrentLogAnnotations),
        operation
      })
    )
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
  const seen = new Set<string>()
  const kinds = new Map<string, Kind>()
  return {
    warn: (warning) =>
      Effect.suspend(() => {
        const { text } = warning
        if (seen.has(text)) return Effect.void
        forgetOldest(seen)
        seen.add(text)
        const name = text.replaceAll(/"[^"]*"/g, "")
        const known = kinds.get(name)
        // a text without a name that was forgotten is logged again
        if (known !== undefined && name !== text) {
          known.count += 1
          return Effect.void
        }
        forgetOldest(kinds)
        kinds.set(name, { first: warning, count: 1, told: 1 })
        return tell(warning)
      }),
    close: Effect.suspend(() =>
      Effect.forEach([...kinds.values()].filter(({ count, told }) => count >= 2 * told), (kind) => {
        kind.told = kind.count
        return tell({ ...kind.first, text: `of ${kind.count} names in all: ${kind.first.text}` })
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
