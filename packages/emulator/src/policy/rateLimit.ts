/** How many requests a caller may make: fixed windows, each of which starts at the first request, and how many at once. */
import type { HeaderList } from "../http/message.ts"

/** How points in time are told: as documented, or in seconds as the service was recorded. */
export type Form = "milliseconds" | "seconds"

/** What every answer says. Seconds are rounded up, as they were recorded. */
export const headersOf = (standing: Standing, form: Form): HeaderList => [
  ["x-ratelimit-limit", String(standing.limit)],
  ["x-ratelimit-remaining", String(standing.remaining)],
  ["x-ratelimit-reset", String(form === "seconds" ? Math.ceil(standing.resetAt / 1000) : standing.resetAt)]
]

/** What a 429 says: the point in time, or how many seconds to wait. */
export const retryAfterOf = (
  { form, now, retryAt }: { readonly form: Form; readonly now: number; readonly retryAt: number }
): readonly [string, string] => [
  "retry-after",
  String(form === "seconds" ? Math.max(0, Math.ceil((retryAt - now) / 1000)) : retryAt)
]

/** Who is being answered now. */
export interface Attendance {
  /** Whether one more comes in where no more than so many may be. Who came in has to leave. */
  readonly enter: (key: unknown, most: number) => boolean
  readonly leave: (key: unknown) => void
}

export const makeAttendance = (): Attendance => {
  const present = new Map<unknown, number>()
  return {
    enter: (key, most) => {
      const others = present.get(key) ?? 0
      if (others >= most) return false
      present.set(key, others + 1)
      return true
    },
    leave: (key) => {
      const left = (present.get(key) ?? 0) - 1
      if (left > 0) present.set(key, left)
      else present.delete(key)
    }
  }
}

export interface Standing {
  readonly limit: number
  readonly remaining: number
  /** When the window ends, in milliseconds since the epoch. */
  readonly resetAt: number
  readonly allowed: boolean
}

export interface RateLimit {
  /** Counts a request of a caller. */
  readonly take: (key: string, now: number) => Standing
  /** The same without counting one. */
  readonly look: (key: string, now: number) => Standing
  /** Another limit, at once, or for each caller from their next window on. */
  readonly set: (limit: number, from: "now" | "nextWindow") => void
  readonly reset: () => void
}

interface Window {
  readonly startedAt: number
  limit: number
  used: number
}

export const make = (initial: number, windowMillis: number): RateLimit => {
  let limit = initial
  const windows = new Map<string, Window>()
  const windowOf = (key: string, now: number): Window => {
    const known = windows.get(key)
    if (known !== undefined && now >= known.startedAt && now < known.startedAt + windowMillis) return known
    const fresh = { startedAt: now, limit, used: 0 }
    windows.set(key, fresh)
    return fresh
  }
  const standing = (window: Window, allowed: boolean): Standing => ({
    limit: window.limit,
    remaining: Math.max(0, window.limit - window.used),
    resetAt: window.startedAt + windowMillis,
    allowed
  })
  return {
    take: (key, now) => {
      const window = windowOf(key, now)
      const allowed = window.used < window.limit
      if (allowed) window.used += 1
      return standing(window, allowed)
    },
    look: (key, now) => {
      const known = windows.get(key)
      return known !== undefined && now < known.startedAt + windowMillis
        ? standing(known, true)
        : { limit, remaining: limit, resetAt: now + windowMillis, allowed: true }
    },
    set: (next, from) => {
      limit = next
      if (from === "now") { for (const window of windows.values()) window.limit = next }
    },
    reset: () => {
      limit = initial
      windows.clear()
    }
  }
}
