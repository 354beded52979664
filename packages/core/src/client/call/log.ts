/** Lines in the program's log. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Logger from "effect/Logger"
import type * as LogLevel from "effect/LogLevel"
import * as References from "effect/References"
import { harmless } from "../../contract/harmless.ts"

interface Log {
  readonly log: (options: Logger.Options<ReadonlyArray<unknown>>) => unknown
}

/** Prints a line, and notes it in the span around it, as Effect's default loggers do. */
const plain: Log = {
  log: ({ date, fiber, logLevel, message }) => {
    const console = fiber.getRef(Console.Console)
    const annotations = fiber.getRef(References.CurrentLogAnnotations)
    const level = logLevel.toUpperCase()
    let head = `[${date.toTimeString().slice(0, 8)}.${
      String(date.getMilliseconds()).padStart(3, "0")
    }] ${level} (#${fiber.id})`
    for (const [label, startedAt] of fiber.getRef(References.CurrentLogSpans)) {
      head += ` ${label.replace(/[\s="]/g, "_")}=${date.getTime() - startedAt}ms`
    }
    const print = fiber.getRef(References.LogToStderr) ? console.error : console.log
    print(`${head}:`, ...message, ...(Object.keys(annotations).length === 0 ? [] : [annotations]))
    const { span } = fiber.cache
    if (span?._tag === "Span" && span.status._tag !== "Ended") {
      span.event(message.join(" "), fiber.getRef(Clock.Clock).currentTimeNanosUnsafe(), {
        ...annotations,
        "effect.fiberId": fiber.id,
        "effect.logLevel": level
      })
    }
  }
}

// The key is Effect's own, so that the loggers of a program are found. Effect's reference brings its own loggers with
// it, which weigh two kilobytes in a worker that has others or none.
const Loggers = Context.Reference<ReadonlySet<Log>>(
  "effect/Logger/CurrentLoggers",
  { defaultValue: () => new Set([plain]) }
)

/** The levels from the lowest on. */
export const ranks = "All Trace Debug Info Warn Error Fatal None"

/** Logs a text, as `Effect.log` does. */
export const log = (logLevel: LogLevel.LogLevel, text: string): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    if (ranks.indexOf(fiber.cache.minimumLogLevel) <= ranks.indexOf(logLevel)) {
      const date = new Date(fiber.getRef(Clock.Clock).currentTimeMillisUnsafe())
      const options = { cause: Cause.empty, fiber, date, logLevel, message: [harmless(text)] }
      for (const logger of fiber.getRef(Loggers)) logger.log(options)
    }
    return Effect.void
  })

/** Logs a text on standard error: what a program prints is its own. */
export const aside = (logLevel: LogLevel.LogLevel, text: string): Effect.Effect<void> =>
  Effect.provideService(log(logLevel, text), References.LogToStderr, true)
