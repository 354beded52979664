/** What a request says of its sender, and what an answer says to a person. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as User from "@effect-redivis/core/User"
import * as Warnings from "@effect-redivis/core/Warnings"
import * as Effect from "effect/Effect"
import { equal, failsWith, isTrue } from "./assert.ts"
import { type Case, inBrowsers } from "./Case.ts"
import { during, exposeHeaders, fault } from "./control.ts"
import { organization, user } from "./seeds.ts"

export const headers: ReadonlyArray<Case> = [
  {
    name: "requests name the client, and carry no trace",
    run: Effect.gen(function*() {
      const { requests } = yield* during(User.me().pipe(Effect.withSpan("outer")))
      const sent = requests[0]?.headers ?? {}
      equal([sent["x-redivis-client"], sent["authorization"]], ["effect-redivis", `Bearer <${user}>`])
      isTrue(sent["x-redivis-client-version"] !== undefined, "the version is named")
      equal(["traceparent", "b3", "cookie"].filter((name) => name in sent), [])
    })
  },
  {
    name: "requests name the client in User-Agent",
    skip: inBrowsers("a page may not set it"),
    run: Effect.gen(function*() {
      const { requests } = yield* during(User.me())
      isTrue(requests[0]?.headers["user-agent"]?.startsWith("effect-redivis/") === true, "the client is named")
    })
  },
  {
    name: "a caller's headers go along",
    run: Effect.gen(function*() {
      const { requests } = yield* during(User.me().pipe(Redivis.withHeaders({ "X-Requested-With": "birds" })))
      equal(requests[0]?.headers["x-requested-with"], "birds")
    })
  },
  {
    name: "warnings of successes and of failures reach who takes them",
    run: Effect.gen(function*() {
      const owner = yield* organization("warned")
      yield* exposeHeaders
      yield* fault({ match: "users.me", do: { warnings: ["users.me will change, soon"] } })
      yield* fault({ match: "datasets.*", do: { warnings: ["old", "older"], status: 404 } })
      const heard: Array<string> = []
      yield* Effect.gen(function*() {
        yield* User.me()
        yield* User.me()
        const failure = yield* failsWith(Dataset.get(`${owner}.x`), "NotFound")
        equal(failure.warnings, ["old, older"])
      }).pipe(
        Retry.withPolicy({ maxAttempts: 1 }),
        Effect.provideService(Warnings.CurrentWarnings, {
          warn: ({ operation, text }) => Effect.sync(() => heard.push(`${operation}: ${text}`))
        })
      )
      equal(heard, [
        "users.me: users.me will change, soon",
        "users.me: users.me will change, soon",
        "datasets.get: old, older"
      ])
    }).pipe(Effect.scoped)
  }
]
