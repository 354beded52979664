/** The rate limit: what is told of it, and how a 429 is waited for. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, isTrue } from "./assert.ts"
import { type Case, isBrowser, Place } from "./Case.ts"
import { apart } from "./clients.ts"
import { during, exposeHeaders, fault, makeToken, moveClock } from "./control.ts"

/** The window's end is a point on the server's clock, of which `Date` gives whole seconds. */
const mostTooLate = 2500

/** A call that is told to come again 200 ms later; all by the emulator's clock. */
const comesAgain = Effect.gen(function*() {
  yield* exposeHeaders
  yield* fault({ match: "users.me", times: 1, do: { status: 429, retryAfter: 200 } })
  const told: Array<number | undefined> = []
  const { requests } = yield* during(
    apart()(
      User.me().pipe(Retry.onRetry(({ error }) =>
        Effect.sync(() => {
          told.push(error._tag === "TooManyRequests" ? error.retryAt : undefined)
        })
      ))
    )
  )
  equal(requests.map(({ status }) => status), [429, 200])
  const [retryAt] = told
  const startedAt = requests[1]?.startedAt
  isTrue(retryAt !== undefined && startedAt !== undefined, "it was told when to come again")
  isTrue(startedAt >= retryAt, `it came ${retryAt - startedAt} ms too early`)
  isTrue(startedAt - retryAt < mostTooLate, `it came ${startedAt - retryAt} ms too late`)
})

export const throttling: ReadonlyArray<Case> = [
  {
    name: "a 429 is waited for until Retry-After, with the server's clock ten minutes ahead",
    run: Effect.andThen(moveClock(600_000), comesAgain).pipe(Effect.scoped)
  },
  {
    name: "a 429 is waited for until Retry-After, with the server's clock ten minutes behind",
    run: Effect.andThen(moveClock(-600_000), comesAgain).pipe(Effect.scoped)
  },
  {
    name: "a 429 without a word on when to come again is waited for all the same",
    run: Effect.gen(function*() {
      const silent = {
        "retry-after": null,
        "x-ratelimit-limit": null,
        "x-ratelimit-remaining": null,
        "x-ratelimit-reset": null,
        date: null
      }
      yield* fault({ match: "users.me", times: 1, do: { status: 429, headers: silent } })
      const { requests } = yield* during(apart()(User.me()))
      equal(requests.map(({ status }) => status), [429, 200])
      isTrue(requests[1]!.startedAt - requests[0]!.startedAt >= 200, "it waited")
    }).pipe(Effect.scoped)
  },
  {
    name: "of 100 calls that queue behind a 429 none slips through",
    run: Effect.gen(function*() {
      yield* exposeHeaders
      yield* fault({ match: "users.me", times: 4, do: { status: 429, retryAfter: 300, delay: 30 } })
      const points: Array<number> = []
      const { requests } = yield* during(
        apart({ maxConcurrent: 4 })(
          Effect.forEach(Array.from({ length: 100 }), () => User.me(), { concurrency: "unbounded" }).pipe(
            Retry.onRetry(({ error }) =>
              Effect.sync(() => {
                if (error._tag === "TooManyRequests" && error.retryAt !== undefined) points.push(error.retryAt)
              })
            )
          )
        )
      )
      const refused = requests.filter(({ status }) => status === 429)
      equal([requests.length, refused.length, points.length], [104, 4, 4])
      const opensAt = Math.max(...points)
      const early = requests.filter(({ startedAt, status }) => status === 200 && startedAt < opensAt)
      equal(early.length, 0, "the number of those that slipped through")
    }).pipe(Effect.scoped)
  },
  {
    name: "two requests at once share one budget, and neither hangs",
    run: Effect.gen(function*() {
      const { endpoint, runErrand } = yield* Place
      const token = yield* makeToken({})
      yield* fault({ match: "users.me", after: 10, times: 1, do: { status: 429, retryAfter: 300 } })
      const errand = Effect.promise(() => runErrand({ endpoint, token, calls: 30, maxConcurrent: 2 }))
      const { requests, value } = yield* during(Effect.all([errand, errand, errand], { concurrency: "unbounded" }))
      equal(value, [30, 30, 30])
      const refused = requests.filter(({ status }) => status === 429)
      equal([requests.length, refused.length], [91, 1])
      const { index, startedAt } = refused[0]!
      const early = requests.filter((request) => request.index > index && request.startedAt < startedAt + 300)
      // what was under way before the answer was read
      isTrue(early.length <= 6, `${early.length} requests did not wait for what another was told`)
    }).pipe(Effect.scoped)
  },
  {
    name: "what the server tells of its limit is handed on, and what it hides from pages is not asked for",
    run: Effect.gen(function*() {
      const { runtime } = yield* Place
      yield* apart()(Effect.gen(function*() {
        const exposed = Effect.scoped(Effect.andThen(exposeHeaders, Redivis.withResponse(User.me())))
        const { limit, remaining } = (yield* exposed).responses[0]?.rateLimit ?? {}
        equal([limit, remaining], [1000, 999])
        const second = yield* Redivis.withResponse(User.me())
        equal(second.responses[0]?.rateLimit.remaining, isBrowser(runtime) ? undefined : 998)
        const many = yield* Effect.forEach(Array.from({ length: 50 }), () => User.me(), { concurrency: "unbounded" })
        equal(many.length, 50)
      }))
    }).pipe(Effect.scoped)
  },
  {
    name: "responses tell of every attempt",
    run: Effect.gen(function*() {
      const { run, token } = yield* Place
      yield* fault({ match: "users.me", times: 1, do: { status: 500 } })
      const { responses } = yield* Redivis.withResponse(
        User.me().pipe(Retry.withPolicy({ baseDelay: 1 }))
      )
      equal(responses.map(({ method, operation, status }) => [operation, method, status]), [["users.me", "GET", 200]])
      equal(responses[0]?.attempts.map(({ error, status }) => [status, error?._tag]), [
        [500, "InternalServerError"],
        [200, undefined]
      ])
      isTrue(responses[0]?.attempts[1]?.headers["content-type"]?.startsWith("application/json") === true, "headers")
      isTrue(!JSON.stringify(responses).includes(token), "the token is not shown")
      const seen: Array<number | undefined> = []
      yield* Dataset.list({ organization: `${run}_none` }).pipe(
        Redivis.tapResponses(({ status }) => Effect.sync(() => seen.push(status))),
        Stream.runDrain,
        Effect.ignore
      )
      equal(seen, [404])
    }).pipe(Effect.scoped)
  }
]
