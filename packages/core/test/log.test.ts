import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { log } from "../src/client/call/log.ts"

type Around = (effect: Effect.Effect<void>) => Effect.Effect<void>

/** What is printed, and what a span around it notes. */
const seen = (line: Effect.Effect<void>, around: Around = (effect) => effect) =>
  Effect.gen(function*() {
    const printed: Array<unknown> = []
    const console = { ...globalThis.console }
    console.log = (...parts) => printed.push("out", ...parts)
    console.error = (...parts) => printed.push("err", ...parts)
    const clock = yield* Clock.Clock
    const stopped = { ...clock, currentTimeMillisUnsafe: () => 7_000, currentTimeNanosUnsafe: () => 7_000_000_000n }
    const parent = new Tracer.NativeSpan({
      ...Tracer.externalSpan({ traceId: "1", spanId: "2" }),
      name: "around",
      parent: yield* Effect.option(Effect.fail("none")),
      links: [],
      startTime: 0n,
      kind: "internal"
    })
    yield* around(line).pipe(
      Effect.withParentSpan(parent),
      Effect.provideService(Console.Console, console),
      Effect.provideService(Clock.Clock, stopped)
    )
    return { printed, events: parent.events }
  })

const surroundings: Readonly<Record<string, Around>> = {
  "nothing around it": (effect) => effect,
  "annotations": Effect.annotateLogs({ operation: "datasets.get" }),
  "a log span": Effect.provideService(References.CurrentLogSpans, [["a part", 6_000]]),
  "standard error": Effect.provideService(References.LogToStderr, true),
  "a level below it": Effect.provideService(References.MinimumLogLevel, "Warn"),
  "a level above it": Effect.provideService(References.MinimumLogLevel, "Error"),
  "loggers of the program": Effect.provide(Logger.layer([Logger.formatLogFmt.pipe(Logger.withConsoleLog)])),
  "no loggers": Effect.provide(Logger.layer([]))
}

describe("a line of the log", () => {
  for (const [name, around] of Object.entries(surroundings)) {
    it.live(`is what Effect logs with ${name}`, () =>
      Effect.gen(function*() {
        const ours = yield* seen(log("Warn", "Redivis: a text"), around)
        assert.deepStrictEqual(ours, yield* seen(Effect.logWarning("Redivis: a text"), around))
      }))
  }

  it.live("is printed", () =>
    Effect.gen(function*() {
      const { events, printed } = yield* seen(log("Warn", "a text"))
      assert.match(String(printed[1]), /^\[\d\d:\d\d:\d\d\.000\] WARN \(#\d+\):$/)
      assert.strictEqual(printed[2], "a text")
      assert.strictEqual(events.length, 1)
    }))
})
