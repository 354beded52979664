/**
 * A server with the rate limit that the API documents, as the tests of the
 * budget see it, and a driver that sends many calls to it. The driver takes any
 * server of this shape.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as RateLimit from "../src/client/RateLimit.ts"

export const windowMillis = 60_000

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface Server {
  /** Sends one request; ends when the headers of its answer have arrived. */
  readonly request: Effect.Effect<Answer>
}

/** What a server has seen. */
export interface Seen {
  /** On the server's clock. */
  readonly at: number
  readonly status: number
  /** The window that the request fell into, from 1. */
  readonly window: number
  /** Milliseconds since that window began. */
  readonly into: number
  /** Where this request came from. */
  readonly from: "us" | "others"
}

/** How a server tells points in time. */
export interface Forms {
  readonly reset: "milliseconds" | "seconds"
  /** `wait` is a number of seconds from the answer on. */
  readonly retryAfter: "milliseconds" | "seconds" | "wait" | "date"
  /** How seconds are made whole. */
  readonly round: (seconds: number) => number
}

export const documented: Forms = { reset: "milliseconds", retryAfter: "milliseconds", round: Math.ceil }

const pointText = (form: Forms["retryAfter"], point: number, now: number, round: Forms["round"]): string => {
  switch (form) {
    case "milliseconds":
      return String(point)
    case "seconds":
      return String(round(point / 1000))
    case "wait":
      return String(round((point - now) / 1000))
    case "date":
      return new Date(round(point / 1000) * 1000).toUTCString()
  }
}

export interface SimulatedOptions {
  /** Requests a minute: in the window of this number, at this time since it began. */
  readonly limit: (window: number, into: number) => number
  /** The server's clock less the local one. */
  readonly clockOffset?: number | undefined
  /** Bounds of each way's time. */
  readonly latency?: readonly [number, number] | undefined
  /** Headers that a browser would not show. */
  readonly hidden?: ReadonlyArray<string> | undefined
  /** Answers 429 to the request of this number, from 1, until so many milliseconds later. */
  readonly forced?: { readonly request: number; readonly millis: number } | undefined
  /** Another client's requests in each ten that the server counts. */
  readonly othersInTen?: number | undefined
  /** How the answer of this number tells points in time; as documented if absent. */
  readonly forms?: ((answer: number) => Forms) | undefined
  /** Requests that are taken at once, at this time on the server's clock; more are refused. */
  readonly atOnce?: ((now: number) => number) | undefined
  /** What a refusal of more at once names as `Retry-After`, in milliseconds from then; nothing if absent. */
  readonly atOnceAfter?: number | undefined
}

/** How long a request is worked on where only so many are taken at once. */
const workMillis = 50

export interface SimulatedServer extends Server {
  readonly seen: Array<Seen>
  /** Counts a request of another client, without latency. */
  readonly takeByOthers: Effect.Effect<void>
}

/** Fixed windows that start at the first request. */
export const simulate = (options: SimulatedOptions): SimulatedServer => {
  const [least, most] = options.latency ?? [10, 100]
  const seen: Array<Seen> = []
  let window = 0
  let startedAt = -Infinity
  let used = 0
  let blockedUntil = -Infinity
  let ours = 0
  let turn = 0
  let atWork = 0

  const count = (from: "us" | "others", now: number): Answer => {
    if (now >= startedAt + windowMillis) {
      startedAt = now
      used = 0
      window++
    }
    const limit = options.limit(window, now - startedAt)
    if (from === "us" && ++ours === options.forced?.request) blockedUntil = now + options.forced.millis
    const isForced = now < blockedUntil
    const isTooMuch = options.atOnce !== undefined && atWork >= options.atOnce(now)
    const status = isForced || isTooMuch || used >= limit ? 429 : 200
    if (status === 200) used++
    const { reset, retryAfter, round } = options.forms?.(seen.length + 1) ?? documented
    seen.push({ at: now, status, window, into: now - startedAt, from })
    const headers: Record<string, string> = {
      date: new Date(Math.floor(now / 1000) * 1000).toUTCString(),
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(Math.max(0, limit - used)),
      "x-ratelimit-reset": pointText(reset, startedAt + windowMillis, now, round)
    }
    const retryAt = isForced
      ? blockedUntil
      : used >= limit
      ? startedAt + windowMillis
      : options.atOnceAfter === undefined
      ? undefined
      : now + options.atOnceAfter
    if (status === 429 && retryAt !== undefined) headers["retry-after"] = pointText(retryAfter, retryAt, now, round)
    for (const name of options.hidden ?? []) delete headers[name]
    return { status, headers }
  }

  const now = Effect.map(Clock.currentTimeMillis, (local) => local + (options.clockOffset ?? 0))
  const way = Effect.flatMap(Random.nextIntBetween(least, most + 1), (millis) => Effect.sleep(millis))
  return {
    seen,
    takeByOthers: Effect.map(now, (at) => {
      count("others", at)
    }),
    request: Effect.gen(function*() {
      yield* way
      const at = yield* now
      if (options.othersInTen !== undefined) {
        // evenly in each ten, not three at once
        while (turn % 10 >= 10 - options.othersInTen) {
          count("others", at)
          turn++
        }
        turn++
      }
      const answer = count("us", at)
      if (options.atOnce !== undefined && answer.status === 200) {
        atWork++
        yield* Effect.sleep(workMillis)
        atWork--
      }
      yield* way
      return answer
    })
  }
}

export interface Figures {
  /** Virtual time from the first call to the last answer. */
  readonly millis: number
  /** Answers of 429. */
  readonly refused: number
  /** Most requests that were on their way together. */
  readonly together: number
}

/** One call: sends until it is not refused, as the client does. */
export const call = (budget: RateLimit.Budget, server: Server): Effect.Effect<number> =>
  Effect.gen(function*() {
    for (let refused = 0;; refused++) {
      const answer = yield* budget.use((settle) =>
        Effect.tap(server.request, ({ headers, status }) =>
          Effect.map(Clock.currentTimeMillis, (now) =>
            settle(RateLimit.fromHeaders(headers, now), status)))
      )
      if (answer.status !== 429) {
        return refused
      }
    }
  })

/** Sends so many calls at once through the budget. */
export const drive = (budget: RateLimit.Budget, server: Server, calls: number): Effect.Effect<Figures> =>
  Effect.gen(function*() {
    let inFlight = 0
    let together = 0
    const counted: Server = {
      request: Effect.ensuring(
        Effect.suspend(() => {
          together = Math.max(together, ++inFlight)
          return server.request
        }),
        Effect.sync(() => inFlight--)
      )
    }
    const startedAt = yield* Clock.currentTimeMillis
    const refused = yield* Effect.all(Array.from({ length: calls }, () => call(budget, counted)), {
      concurrency: "unbounded"
    })
    return {
      millis: (yield* Clock.currentTimeMillis) - startedAt,
      refused: refused.reduce((sum, one) => sum + one, 0),
      together
    }
  })

/**
 * The least time that so many requests can take: all but the last window of
 * those that they fill pass whole, and what comes in the last one takes no time.
 */
export const idealMillis = (calls: number, limit: (window: number) => number): number => {
  let windows = 0
  for (let sent = 0; sent < calls; sent += limit(windows)) windows++
  return (windows - 1) * windowMillis
}
