import type * as Fiber from "effect/Fiber"
import * as References from "effect/References"

/** Whether a call opens a span: asked in one place, so that a build can leave tracing out. */
export const isTraced = (fiber: Fiber.Fiber<unknown, unknown>): boolean => fiber.getRef(References.TracerEnabled)
