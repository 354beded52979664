/** What an account may use in a moving window: bytes that it reads, and time that its queries take. */
import * as Effect from "effect/Effect"
import { QuotaExceeded } from "../http/Refusal.ts"

export interface Quota {
  /** Refuses who has used it up. */
  readonly require: (account: string, now: number) => Effect.Effect<void, QuotaExceeded>
  readonly use: (account: string, now: number, amount: number) => void
  /** What the account has used in the window that ends now. */
  readonly set: (account: string, now: number, amount: number) => void
  readonly reset: () => void
}

interface Use {
  readonly at: number
  amount: number
}

/** Uses closer together than this are one. */
const grain = 60_000

export const make = (options: {
  readonly limit: number
  readonly windowMillis: number
  readonly describe: (used: number) => string
}): Quota => {
  const uses = new Map<string, Array<Use>>()
  const current = (account: string, now: number): Array<Use> => {
    const kept = (uses.get(account) ?? []).filter(({ at }) => at > now - options.windowMillis)
    uses.set(account, kept)
    return kept
  }
  return {
    require: (account, now) =>
      Effect.suspend(() => {
        const used = current(account, now).reduce((sum, { amount }) => sum + amount, 0)
        return used < options.limit
          ? Effect.void
          : Effect.fail(new QuotaExceeded({ description: options.describe(used) }))
      }),
    use: (account, now, amount) => {
      const kept = uses.get(account) ?? []
      const last = kept.at(-1)
      if (last !== undefined && now - last.at < grain) last.amount += amount
      else kept.push({ at: now, amount })
      uses.set(account, kept)
    },
    set: (account, now, amount) => {
      uses.set(account, [{ at: now, amount }])
    },
    reset: () => uses.clear()
  }
}

const day = 24 * 60 * 60 * 1000

/** Of bytes that rows are read in. */
export const ofReading = (limit: number): Quota =>
  make({
    limit,
    windowMillis: 30 * day,
    describe: (used) =>
      `Cannot export more than ${limit / 1e9}GB within a 30 day period. You have exported ${
        Math.floor(used / 1e9)
      }GB in the past 30 days`
  })

/** Of seconds that queries run. */
export const ofQueries = (limit: number): Quota =>
  make({
    limit,
    windowMillis: day,
    describe: () => `The limit of ${limit} slot-seconds in 24 hours is exceeded`
  })
