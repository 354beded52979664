/** What the handlers and the policy share beside the store. */
import * as Context from "effect/Context"
import type * as Deferred from "effect/Deferred"
import type * as Effect from "effect/Effect"
import type * as Semaphore from "effect/Semaphore"
import type { MovableClock } from "./clock.ts"
import type { FaultList } from "./Faults.ts"
import type { Door } from "./http/door.ts"
import type { AnonymousAccess } from "./policy/anonymous.ts"
import type { Callers } from "./policy/caller.ts"
import type { Quota } from "./policy/quota.ts"
import type { Attendance, Form, RateLimit } from "./policy/rateLimit.ts"
import type { RequestLog } from "./requestLog.ts"
import type { Store } from "./store/Store.ts"

/** Under which path of its origin the API is. */
export const basePath = "/api/v1"

export interface Settings {
  /** Tests change it. */
  exposeHeaders: boolean
  readonly deleteAnswer: "text" | "empty" | "json"
  readonly anonymousAccess: AnonymousAccess
  /** Whether each reference is taken as with `strictReferences` in its query. */
  readonly strictReferences: boolean
  /** Bytes of the largest table whose rows are given to who does not sign in. */
  readonly anonymousBytes: number
  /** Bytes of the rows of a query's result that are given in one answer at most. */
  readonly resultBytes: number
  /** Bytes of rows that one file of an export has at most. */
  readonly exportPartBytes: number
  /** Milliseconds that a query may run. */
  readonly queryTimeout: number
  readonly rateLimitHeaders: Form
  /** Requests of one caller that are answered at a time. */
  readonly concurrencyLimit: number
  /** Tables that a dataset has at most. */
  readonly mostTables: number
}

/** In which order rows of `/rows` come: each request draws a seed, or has the one that was set. */
export interface RowOrder {
  readonly next: () => number | undefined
  readonly set: (order: RowOrderSetting) => void
  readonly reset: () => void
}

/** `any`: another one for each request; `stored`: that of the uploads; a number: that of this seed. */
export type RowOrderSetting = "any" | "stored" | number

/** Drawn seeds count from 1, so that a run of requests can be had again. */
export const makeRowOrder = (initial: RowOrderSetting): RowOrder => {
  let setting = initial
  let drawn = 0
  return {
    next: () => setting === "stored" ? undefined : setting === "any" ? ++drawn : setting,
    set: (order) => {
      setting = order
    },
    reset: () => {
      setting = initial
      drawn = 0
    }
  }
}

export interface Urls {
  /** As `http://127.0.0.1:8080`. */
  readonly origin: string
  readonly storage: string
}

/** A run that can be stopped, and that tells when it has ended. */
export interface RunningJob {
  readonly stop: Deferred.Deferred<void>
  readonly ended: Deferred.Deferred<void>
}

export class Server extends Context.Service<Server, {
  readonly settings: Settings
  readonly urls: Urls
  readonly door: Door
  readonly clock: MovableClock
  readonly log: RequestLog
  readonly faults: FaultList
  readonly rateLimit: RateLimit
  readonly attendance: Attendance
  readonly callers: Callers
  readonly readQuota: Quota
  readonly queryQuota: Quota
  readonly rowOrder: RowOrder
  /** Runs while the emulator does. */
  readonly inBackground: (work: Effect.Effect<unknown, never, Store | Server>) => void
  /** Queries that run at a time; others are queued. */
  readonly queryPermits: Semaphore.Semaphore
  /** Runs of transforms that have not ended, by the ids of their jobs. */
  readonly runningJobs: Map<string, RunningJob>
}>()("@effect-redivis/emulator/Server") {}
