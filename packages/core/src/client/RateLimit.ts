/**
 * The rate limit of the API: what its headers say, a budget that paces requests
 * so that the limit is used to the full and not exceeded, and a schedule for
 * your own retries.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import type * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type { RateLimitSnapshot } from "../contract/RedivisError.ts"
import * as pacing from "./pacing.ts"
import * as Presence from "./presence.ts"

/**
 * What an answer's headers said of the rate limit.
 *
 * @category models
 * @since 0.1.0
 */
export type Snapshot = RateLimitSnapshot

/** The last moment that a `Date` can hold. */
const lastMoment = 8.64e15

const numberText = /^-?\d+(\.\d+)?$/

/** A count of requests. Proxies and repeated headers join values by commas: the smallest is safe, and no number spoils all. */
const countOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  let count = Infinity
  for (const part of text.split(",")) {
    const trimmed = part.trim()
    if (!numberText.test(trimmed)) return undefined
    count = Math.min(count, Math.floor(Number(trimmed)))
  }
  return count <= Number.MAX_SAFE_INTEGER ? Math.max(0, count) : undefined
}

/** From here on a number is a point in milliseconds since the epoch: 1973, as seconds the year 5138. */
const leastMillis = 1e11

/** From here on it is a point in seconds: 2001, as a wait 31 years. */
const leastSeconds = 1e9

/** What points in time of one answer are held against. */
interface Origin {
  /** Its `Date`, else the local clock's time where that is known. */
  readonly at: number | undefined
  readonly isDate: boolean
  isRounded?: true
}

/** The moment that a number names; negative where it names none. */
const momentOf = (value: number, origin: Origin, mayWait: boolean): number => {
  if (value >= leastMillis) return value
  const isPoint = value >= leastSeconds
  if (!isPoint && (!mayWait || value < 0)) return -1
  origin.isRounded = true
  const moment = isPoint ? 0 : origin.at ?? Clock.Clock.defaultValue().currentTimeMillisUnsafe()
  // a wait from no `Date` on ends with the second, as the server's own would
  return isPoint || origin.isDate ? moment + value * 1000 : Math.ceil(moment / 1000 + value) * 1000
}

/** Commas part values, but for the one in a date. */
const betweenValues = /,(?! \d\d \w{3} )/

/**
 * Reads a point in time, whichever form it has. By magnitude: from 1e11 on
 * milliseconds since the epoch, from 1e9 on seconds since the epoch, below it,
 * where `mayWait`, seconds from the origin; else a date as HTTP has it. Of
 * several the last, which is safe, and one that is none of these spoils all. A
 * point shortly before the origin is the origin: no answer sends its reader back
 * in time. What lies further back says nothing.
 */
const pointOf = (text: string | undefined, origin: Origin, mayWait: boolean): number | undefined => {
  if (text === undefined) return undefined
  const { at, isDate } = origin
  let point = -1
  for (const part of text.split(betweenValues)) {
    const value = part.trim()
    let moment: number | undefined
    if (numberText.test(value)) moment = momentOf(Number(value), origin, mayWait)
    else if ((moment = parseDate(value)) !== undefined) origin.isRounded = true
    else return undefined
    point = Math.max(point, Math.ceil(moment))
  }
  return point < 0 || point > lastMoment || (at !== undefined && at - point >= pacing.longestPast(isDate))
    ? undefined
    : Math.max(point, at ?? point)
}

/** The last text that was parsed and what it gave: answers of one second bring the same one. */
let parsedText = ""
let parsedMoment: number | undefined

const parseDate = (text: string | undefined): number | undefined => {
  if (text === undefined || text === "") return undefined
  if (text === parsedText) return parsedMoment
  parsedText = text
  parsedMoment = parseFixdate(text)
  return parsedMoment
}

/** A date as HTTP has it is exactly what `toUTCString` writes; engines take much else for dates too. */
const parseFixdate = (text: string): number | undefined => {
  const moment = Date.parse(text)
  return Number.isNaN(moment) || new Date(moment).toUTCString() !== text ? undefined : moment
}

/**
 * Reads the headers of an answer, whose names are in lower case. What is missing
 * or makes no sense is left out.
 *
 * **Details**
 *
 * `X-RateLimit-Reset` and `Retry-After` are documented as milliseconds since the
 * epoch; the service was seen to answer in seconds, and proxies answer as HTTP
 * has it. So both are read in any form and given as milliseconds since the
 * epoch: a number from 1e11 on is one of milliseconds, a number from 1e9 on one
 * of seconds, a smaller one in `Retry-After` is how many seconds to wait from
 * the answer's `Date` on, or from the local clock where it has none. Dates of
 * HTTP are read too. A point shortly before the answer is the answer's own time,
 * and one long before it is left out.
 *
 * `now` is the local clock's time in milliseconds. Without it, where there is no
 * `Date` either, waits count from the system's clock, and no point is too old.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromHeaders = (headers: Readonly<Record<string, string | undefined>>, now?: number): Snapshot => {
  const snapshot: { -readonly [Key in keyof Snapshot]: Snapshot[Key] } = {}
  const limit = countOf(headers["x-ratelimit-limit"])
  if (limit !== undefined && limit > 0) snapshot.limit = limit
  const remaining = countOf(headers["x-ratelimit-remaining"])
  if (remaining !== undefined) snapshot.remaining = remaining
  const date = parseDate(headers["date"])
  const origin: Origin = { at: date ?? now, isDate: date !== undefined }
  const resetAt = pointOf(headers["x-ratelimit-reset"], origin, false)
  if (resetAt !== undefined) snapshot.resetAt = resetAt
  const retryAt = pointOf(headers["retry-after"], origin, true)
  if (retryAt !== undefined) snapshot.retryAt = retryAt
  if (origin.isRounded) snapshot.isRounded = true
  if (date !== undefined) snapshot.date = date
  return snapshot
}

/**
 * How long to wait from the answer on: until `Retry-After`, else until
 * `X-RateLimit-Reset`, in milliseconds, from 0 to two windows of a minute. An
 * answer that names no `Retry-After` and says that the window has requests left
 * asks for no wait.
 *
 * **Details**
 *
 * Both are points on the server's clock, so the wait is the difference to the
 * same answer's `Date`; without one, to the local clock `now`. `Date` leaves out
 * the fraction of its second, so a wait is up to a second longer than it must be
 * and never shorter. For a point that was told in whole seconds, which may have
 * been rounded down, it is a second more.
 *
 * @category destructors
 * @since 0.1.0
 */
export const waitMillis = (snapshot: Snapshot, now: number): number => {
  const point = pacing.resumesAt(snapshot)
  return point === undefined
    ? 0
    : Math.min(Math.max(point - (snapshot.date ?? now), 0) + pacing.slackOf(point, snapshot), pacing.longestWait)
}

/**
 * Tells the budget what a request was answered. Only the first telling counts.
 *
 * @category models
 * @since 0.1.0
 */
export type Settle = (snapshot: Snapshot, status: number) => void

/**
 * Tells the budget that the request is on its way yet, by a timer of the context
 * that sent it: whose context has ended tells it no more.
 *
 * @category models
 * @since 0.1.0
 */
export type Alive = () => void

/**
 * Paces the requests of one account.
 *
 * **Details**
 *
 * A budget that many processes share implements this interface: it asks its
 * store before `send`, and gives it what `settle` noted once `send` has ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Budget {
  /**
   * Waits until a request may go, then runs `send`, which sends one and settles
   * it as soon as the answer's headers are there. A request that ends without
   * having settled was not answered.
   *
   * The wait is interruptible, and an interruption gives the place back. After
   * an answer of 429 that was settled, nothing goes before its `Retry-After`. A
   * 429 while the window has requests left halves how many may be on their way
   * together, which then grows again slowly.
   */
  readonly use: <A, E, R>(
    send: (settle: Settle, alive?: Alive) => Effect.Effect<A, E, R>,
    /**
     * Milliseconds after which a request that is neither settled nor said to be
     * alive has lost its fiber, as in a worker whose answer was sent. Its place
     * is then given to the next, and it stays counted. Only the time counts in
     * which somebody waits.
     *
     * @default 150000
     */
    lease?: number
  ) => Effect.Effect<A, E, R>
}

/**
 * @category models
 * @since 0.1.0
 */
export interface BudgetOptions {
  /**
   * Requests of this client that may be without an answer at one time: at most,
   * since the budget goes below it where the server takes fewer.
   */
  readonly maxConcurrent: number
}

/**
 * Whose requests are counted together: the account's name where it is known,
 * else the token, which is compared by its value and never shown. Without
 * credentials there is none.
 *
 * @category models
 * @since 0.1.0
 */
export type Account = string | Redacted.Redacted<string> | undefined

/**
 * Finds the budget of an account.
 *
 * @category models
 * @since 0.1.0
 */
export interface Budgets {
  /**
   * Requests that go to one endpoint with one account have one budget. It is
   * asked for with each request. `before` is the token that the service has just
   * refused where `account` is the one that came in its place: the budget goes on.
   */
  readonly budgetFor: (endpoint: string, account: Account, options: BudgetOptions, before?: Account) => Budget
}

/**
 * Whose budgets clients use. The default ones are of this process.
 *
 * @category services
 * @since 0.1.0
 */
export const CurrentBudgets = Context.Reference<Budgets>("@effect-redivis/core/RateLimit/CurrentBudgets", {
  defaultValue: (): Budgets => ({ budgetFor })
})

const monotonicMillis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

/** A budget over a state, which several may share. */
const overState = (state: pacing.State, { maxConcurrent }: BudgetOptions): Budget => ({
  use: (send, lease) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.withFiber((fiber) => {
        const clock = fiber.getRef(Clock.Clock)
        const random = fiber.getRef(Random.Random)
        const turn: pacing.Turn = { ticket: 0, request: 0 }
        let isSettled = false
        const finish = (snapshot: Snapshot | undefined, status: number | undefined): void => {
          if (isSettled) return
          isSettled = true
          state.hear(turn)
          state.settle(turn.request, snapshot, status, monotonicMillis(clock), clock.currentTimeMillisUnsafe())
        }
        const leave = (exit: Exit.Exit<void>) => Exit.isFailure(exit) ? Effect.sync(() => state.leave(turn)) : undefined
        const ended = Effect.sync(() => finish(undefined, undefined))
        const alive = (): void => {
          if (!isSettled) state.hear(turn)
        }
        const whenFree = (): ReturnType<typeof send> => {
          const wait = state.ask(turn, monotonicMillis(clock), maxConcurrent, random.nextDoubleUnsafe(), lease)
          return wait === 0
            ? Effect.onExit(restore(Effect.suspend(() => send(finish, alive))), () => ended)
            : Effect.flatMap(Effect.onExitPrimitive(restore(clock.sleep(Duration.millis(wait))), leave), whenFree)
        }
        return whenFree()
      })
    )
})

/**
 * A budget that nothing else shares.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeBudget = (options: BudgetOptions): Budget => overState(pacing.make(), options)

/** How often who waits for a place looks again: by a timer of its own, which no other request's fiber has to live for. */
const lookAgain = 20

/**
 * Bounds how many requests are on their way, where nobody counts them by the
 * minute: whatever they are answered changes nothing.
 */
export const makeWidth = (most: number): Budget => {
  const places = Presence.make()
  return {
    use: (send, lease = Infinity) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.withFiber((fiber) => {
          const clock = fiber.getRef(Clock.Clock)
          const place = { heardAt: 0, lease }
          const alive = (): void => Presence.hear(places, place, place)
          const leave = Effect.sync(() => places.holders.delete(place))
          const whenFree = (): ReturnType<typeof send> => {
            if (places.holders.size >= most) {
              return Effect.flatMap(restore(clock.sleep(Duration.millis(lookAgain))), () => {
                Presence.look(places, monotonicMillis(clock))
                return whenFree()
              })
            }
            alive()
            return Effect.onExit(restore(Effect.suspend(() => send(() => {}, alive))), () => leave)
          }
          return whenFree()
        })
      )
  }
}

interface Entry {
  readonly endpoint: string
  readonly account: Account
  readonly state: pacing.State
}

/** The budgets of accounts that are compared by value: layers that are built anew read the same token anew. */
const entries: Array<Entry> = []

const mostEntries = 256
const mostInUse = 1024

const entryOf = (endpoint: string, account: Account): Entry | undefined =>
  entries.find((entry) => entry.endpoint === endpoint && Equal.equals(entry.account, account))

const stateOf = (endpoint: string, account: Account, before: Account): pacing.State => {
  const known = entryOf(endpoint, account)
  if (known) return known.state
  if (entries.length >= mostEntries) {
    // a server that serves many accounts: the oldest that nobody uses now go, and learn anew when they come back
    const idle = entries.filter((entry) => entry.state.isIdle()).slice(-mostEntries / 2)
    entries.splice(0, entries.length, ...entries.filter((entry) => !idle.includes(entry)))
    // what was left behind by all of them would never be idle
    if (entries.length >= mostInUse) entries.pop()
  }
  const state = (before === undefined ? undefined : entryOf(endpoint, before)?.state) ?? pacing.make()
  // of who makes many clients, the last is the one that asks
  entries.unshift({ endpoint, account, state })
  return state
}

/**
 * The budget of an account in this process, whatever layers exist.
 *
 * **Details**
 *
 * Tokens and names of accounts are compared by value. Without either, what goes
 * to the endpoint without credentials has one budget.
 *
 * @category constructors
 * @since 0.1.0
 */
export const budgetFor = (
  endpoint: string,
  account: Account,
  options: BudgetOptions,
  before?: Account
): Budget => overState(stateOf(endpoint, account, before), options)

const throttled = (failure: unknown): Snapshot | undefined => {
  if (typeof failure !== "object" || failure === null || !("_tag" in failure) || failure._tag !== "TooManyRequests") {
    return undefined
  }
  const { rateLimit, retryAt } = failure as { readonly rateLimit?: Snapshot; readonly retryAt?: number } // by its tag
  return { ...rateLimit, ...(retryAt === undefined ? {} : { retryAt }) }
}

/** How far a wait is stretched at most, so that those who wait for the same moment do not come together. */
const longestJitter = 500

/**
 * Waits after a `TooManyRequests` until the server allows requests again, and
 * stops at any other failure.
 *
 * **Details**
 *
 * The wait is that of {@link waitMillis}, and up to half a second more. Where
 * the server names no time to come, it is a second, and twice as long each time
 * up to a minute. There is no end to it: bound it with `Schedule.upTo`.
 *
 * A client waits by itself already; this is for what goes on after its own
 * attempts, and for requests that you make without it.
 *
 * **Example** (Ten more times)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as RateLimit from "@effect-redivis/core/RateLimit"
 * import * as Effect from "effect/Effect"
 * import * as Schedule from "effect/Schedule"
 *
 * const dataset = Dataset.get("demo.penguins").pipe(
 *   Effect.retry(RateLimit.schedule.pipe(Schedule.upTo({ times: 10 })))
 * )
 * ```
 *
 * @category schedules
 * @since 0.1.0
 */
export const schedule: Schedule.Schedule<Duration.Duration, unknown> = Schedule.fromStepWithMetadata(
  Effect.succeed(({ attempt, input, now }: Schedule.InputMetadata<unknown>) => {
    const snapshot = throttled(input)
    if (snapshot === undefined) return Cause.done(Duration.zero)
    const told = waitMillis(snapshot, now)
    const wait = told > 0 ? told : Math.min(pacing.windowMillis, 1000 * 2 ** (attempt - 1))
    return Effect.map(Random.next, (random): [Duration.Duration, Duration.Duration] => {
      const stretched = Duration.millis(Math.ceil(wait + random * longestJitter))
      return [stretched, stretched]
    })
  })
)
