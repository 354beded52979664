/** How many requests a caller may make: fixed windows, each of which starts at the first request. */

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
