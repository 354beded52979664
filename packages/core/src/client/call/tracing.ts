/** The span of a call. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { ranks } from "./log.ts"

/**
 * The tracer that a call opens its span with: asked in one place, so that a
 * build can leave tracing out. Without one that the program has set there is
 * none: Effect's own keeps what it is told to itself, and only a span that is
 * handed on could be looked at.
 */
export const tracerOf = ({ cache }: Fiber.Fiber<unknown, unknown>): Tracer.Tracer | undefined =>
  cache.tracerEnabled ? cache.tracer : undefined

/** The nearest span that others may be children of. */
const parentOf = (span: Tracer.AnySpan | undefined): Option.Option<Tracer.AnySpan> =>
  span === undefined
    ? Option.none()
    : !Context.get(span.annotations, Tracer.DisablePropagation)
    ? Option.some(span)
    : parentOf(span._tag === "Span" ? Option.getOrUndefined(span.parent) : undefined)

/**
 * Runs under a span of its own, as `Effect.useSpan` does. That one brings
 * Effect's own tracer with it, which weighs a kilobyte in a worker that has
 * another or none.
 */
export const useSpan = <A, E, R>(
  fiber: Fiber.Fiber<unknown, unknown>,
  tracer: Tracer.Tracer,
  name: string,
  attributes: Readonly<Record<string, unknown>>,
  run: (span: Tracer.Span) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  const clock = fiber.getRef(Clock.Clock)
  const isTimed = fiber.getRef(References.TracerTimingEnabled)
  const time = (): bigint => isTimed ? clock.currentTimeNanosUnsafe() : 0n
  const parent = parentOf(fiber.cache.span)
  const span = tracer.span({
    name,
    parent,
    annotations: Context.empty(),
    links: [...fiber.getRef(References.TracerSpanLinks)],
    startTime: time(),
    kind: "client",
    root: false,
    sampled: Option.getOrUndefined(parent)?.sampled !== false &&
      ranks.indexOf(fiber.getRef(Tracer.MinimumTraceLevel)) <=
        ranks.indexOf(fiber.getRef(Tracer.CurrentTraceLevel))
  })
  const all = { ...fiber.getRef(References.TracerSpanAnnotations), ...attributes }
  for (const key in all) span.attribute(key, all[key])
  return Effect.onExitPrimitive(run(span), (exit) => {
    // what was answered is nobody's who looks at spans
    span.end(time(), Exit.isSuccess(exit) ? Exit.void : exit)
    return undefined
  })
}
