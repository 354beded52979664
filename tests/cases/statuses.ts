/** The error of each status, from the emulator's own state where it has it. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "./assert.ts"
import { type Case, inBrowsers, Place } from "./Case.ts"
import { anonymously, within, withToken } from "./clients.ts"
import { during, exposeHeaders, fault, makeToken, setRateLimit } from "./control.ts"
import { organization, shared, stranger, user } from "./seeds.ts"

const rows = [{ x: 1 }]

const kept = shared(Effect.gen(function*() {
  const { name } = yield* stranger("keeper", [
    { name: "Shown", publicAccessLevel: "overview", tables: [{ name: "t", rows }] },
    { name: "Hidden", publicAccessLevel: "none", tables: [{ name: "t", rows }] }
  ])
  return name
}))

const resending =
  "its fetch sends a request again by itself where a kept connection closes before the answer, and tells nobody"

/** Without retries: what the first answer stands for. */
const once = Retry.withPolicy({ maxAttempts: 1 })

export const statuses: ReadonlyArray<Case> = [
  {
    name: "400 is BadRequest, with what the server says",
    run: Effect.gen(function*() {
      const owner = yield* organization("refused", [{ name: "Taken" }])
      const taken = yield* failsWith(Dataset.create({ organization: owner }, { name: "taken" }), "BadRequest")
      matches(taken, {
        operation: "datasets.postByOrganization",
        method: "POST",
        status: 400,
        error: "invalid_request"
      })
      isTrue((taken.errorDescription ?? "") !== "", "the server says why")
      yield* failsWith(Dataset.listPage({ organization: owner }, { pageToken: "nonsense" }), "BadRequest")
    })
  },
  {
    name: "400 with the text of a limit is QuotaExceeded",
    run: Effect.gen(function*() {
      const owner = yield* kept
      const body = {
        error: "invalid_request",
        error_description: "Cannot export more than 200GB within a 30 day period"
      }
      for (const match of ["readSessions.postByTable", "tables.listRows", "queries.post"]) {
        yield* fault({ match, times: 1, do: { status: 400, body } })
      }
      const table = `${owner}.shown.t`
      const failures = yield* Effect.all([
        failsWith(ReadSession.create({ table }), "QuotaExceeded"),
        failsWith(Stream.runDrain(Table.csv(table)), "QuotaExceeded"),
        failsWith(Query.create("select 1"), "QuotaExceeded")
      ])
      equal(new Set(failures.map(({ errorDescription }) => errorDescription)).size, 1)
      equal(failures[0]?.errorDescription, body.error_description)
    }).pipe(Effect.scoped)
  },
  {
    name: "401 is Unauthorized: without a token, with a wrong one, and with an old one",
    run: Effect.gen(function*() {
      const expired = yield* makeToken({ expiresAt: 1 })
      const failures = yield* Effect.all([
        failsWith(anonymously(User.me()), "Unauthorized"),
        failsWith(withToken("wrong")(User.me()), "Unauthorized"),
        failsWith(withToken(expired)(User.me()), "Unauthorized")
      ])
      equal(failures.map(({ error, status }) => [error, status]), [
        ["invalid_token", 401],
        ["invalid_token", 401],
        ["invalid_token", 401]
      ])
    })
  },
  {
    name: "401 asks the credentials once more, and another token is tried",
    run: Effect.gen(function*() {
      const { token } = yield* Place
      let asked = 0
      const credentials = Effect.sync(() => Redacted.make(asked++ === 0 ? "outdated" : token))
      const { requests, value } = yield* during(
        User.me().pipe(within({ token: undefined, credentials }))
      )
      equal([value.name, asked], [user, 2])
      equal(requests.map(({ status }) => status), [401, 200])
    })
  },
  {
    name: "403 is Forbidden where the account may not, InsufficientScope where the token may not",
    run: Effect.gen(function*() {
      const owner = yield* kept
      const forbidden = yield* failsWith(Stream.runDrain(Table.rows(`${owner}.shown.t`)), "Forbidden")
      matches(forbidden, { operation: "variables.listByTable", status: 403, error: "forbidden" })
      yield* failsWith(Dataset.create({ user: owner }, { name: "Mine" }), "Forbidden")
      const own = yield* organization("scopes", [{ name: "Private", tables: [{ name: "t", rows }] }])
      const narrow = withToken(yield* makeToken({ scopes: ["data.metadata"] }))
      equal((yield* narrow(Table.get(`${own}.private.t`))).numRows, 1)
      const data = yield* failsWith(narrow(ReadSession.create({ table: `${own}.private.t` })), "InsufficientScope")
      matches(data, { status: 403, scope: ["data.data"], amrValues: [] })
      const edit = yield* failsWith(narrow(Dataset.update(`${own}.private`, { name: "x" })), "InsufficientScope")
      equal(edit.scope, ["data.edit"])
    })
  },
  {
    name: "404 is NotFound for what is not there and for what may not be known",
    run: Effect.gen(function*() {
      const owner = yield* kept
      const failures = yield* Effect.all([
        failsWith(Dataset.get(`${owner}.hidden`), "NotFound"),
        failsWith(Dataset.get(`${owner}.nothing`), "NotFound"),
        failsWith(Table.get(`${owner}.hidden.t`), "NotFound"),
        failsWith(Version.get(`${owner}.shown`, "v9.0"), "NotFound"),
        failsWith(Dataset.listPage({ user: `${owner}_not` }), "NotFound"),
        failsWith(Query.get("nothing"), "NotFound")
      ])
      equal(new Set(failures.map(({ error, status }) => `${status} ${error}`)), new Set(["404 not_found"]))
      equal(yield* Table.exists(`${owner}.hidden.t`), false)
    })
  },
  {
    name: "429 is TooManyRequests once no attempt is left, and says when to come again",
    run: Effect.gen(function*() {
      const { endpoint } = yield* Place
      const token = yield* makeToken({})
      yield* exposeHeaders
      yield* setRateLimit(2)
      // beside the client, which would not exceed the limit by itself
      const beside = HttpClientRequest.get(`${endpoint}/users/me`).pipe(HttpClientRequest.bearerToken(token))
      for (let sent = 0; sent < 2; sent++) yield* (yield* HttpClient.execute(beside)).text
      const failure = yield* failsWith(once(User.me()).pipe(withToken(token)), "TooManyRequests")
      matches(failure, { status: 429, error: "too_many_requests" })
      const { date, limit, remaining, resetAt } = failure.rateLimit ?? {}
      equal([limit, remaining], [2, 0])
      isTrue(failure.retryAt !== undefined && failure.retryAt === resetAt, "retryAt is the window's end")
      isTrue(date !== undefined && failure.retryAt > date && failure.retryAt - date < 61_000, "it is a point in time")
    }).pipe(Effect.scoped, Effect.provideService(HttpClient.TracerPropagationEnabled, false))
  },
  {
    name: "500, 503 and statuses that no documentation has are errors of their own",
    run: Effect.gen(function*() {
      yield* fault({ match: "users.me", times: 1, do: { status: 500 } })
      matches(yield* failsWith(once(User.me()), "InternalServerError"), { status: 500, error: "internal_error" })
      yield* fault({ match: "users.me", times: 1, do: { status: 503, empty: true } })
      equal((yield* failsWith(once(User.me()), "ServiceUnavailable")).error, undefined)
      yield* fault({ match: "users.me", times: 1, do: { status: 502, html: true } })
      equal((yield* failsWith(once(User.me()), "UnexpectedStatus")).status, 502)
      yield* fault({ match: "users.me", times: 1, do: { status: 418, body: { error: { message: "A teapot" } } } })
      matches(yield* failsWith(once(User.me()), "UnexpectedStatus"), { status: 418, errorDescription: "A teapot" })
      yield* fault({ match: "users.me", times: 1, do: { status: 404 } })
      equal((yield* failsWith(once(User.me()), "UnexpectedStatus")).status, 404)
    }).pipe(Effect.scoped)
  },
  {
    name: "the error of a HEAD comes in a header",
    run: Effect.gen(function*() {
      const owner = yield* kept
      yield* exposeHeaders
      yield* fault({
        match: "tables.head",
        times: 1,
        do: { status: 401, body: { status: 401, error: "invalid_token", error_description: "Nö, 100 %" } }
      })
      matches(yield* failsWith(Table.exists(`${owner}.shown.t`).pipe(once), "Unauthorized"), {
        error: "invalid_token",
        errorDescription: "Nö, 100 %"
      })
    }).pipe(Effect.scoped)
  },
  {
    name: "what passes is tried again: 500, 502, 503 and a body that breaks off",
    run: Effect.gen(function*() {
      const failures = [{ status: 500 }, { html: true }, { status: 503, empty: true }, { cutAfter: 0 }]
      for (const effects of failures) yield* fault({ match: "users.me", times: 1, do: effects })
      const told: Array<string> = []
      const { requests, value } = yield* during(
        User.me().pipe(
          Retry.withPolicy({ maxAttempts: 5, baseDelay: 1 }),
          Retry.onRetry(({ attempt, error }) => Effect.sync(() => told.push(`${attempt} ${error._tag}`)))
        )
      )
      equal(value.name, user)
      equal(requests.map(({ status }) => status), [500, 502, 503, 200, 200])
      equal(told, ["1 InternalServerError", "2 UnexpectedStatus", "3 ServiceUnavailable", "4 TransportError"])
    }).pipe(Effect.scoped)
  },
  {
    name: "what was made is not made twice: a POST whose answer breaks off is not sent again",
    run: Effect.gen(function*() {
      const owner = yield* organization("lost")
      yield* fault({ match: "datasets.postByOrganization", times: 1, do: { cutAfter: 0 } })
      const { requests } = yield* during(
        failsWith(Dataset.create({ organization: owner }, { name: "Once" }), "TransportError")
      )
      equal(requests.length, 1)
      const made = yield* Dataset.listPage({ organization: owner })
      equal(made.results.map(({ name }) => name), ["Once"])
      // the API itself says that it did nothing
      yield* fault({ match: "datasets.postByOrganization", times: 1, do: { status: 503 } })
      yield* Dataset.create({ organization: owner }, { name: "Again" }).pipe(Retry.withPolicy({ baseDelay: 1 }))
      equal((yield* Dataset.listPage({ organization: owner })).results.length, 2)
    }).pipe(Effect.scoped)
  },
  {
    name: "a DELETE whose answer breaks off has succeeded where nothing is left",
    run: Effect.gen(function*() {
      const owner = yield* organization("removed", [{ name: "Gone" }])
      yield* fault({ match: "datasets.delete", times: 1, do: { cutAfter: 0 } })
      const { requests } = yield* during(Dataset.remove(`${owner}.gone`).pipe(Retry.withPolicy({ baseDelay: 1 })))
      equal(requests.map(({ status }) => status), [200, 404])
      yield* failsWith(Dataset.remove(`${owner}.gone`), "NotFound")
    }).pipe(Effect.scoped)
  },
  {
    name: "a POST whose kept connection closes without an answer is sent once",
    skip: inBrowsers(resending),
    run: Effect.gen(function*() {
      const owner = yield* organization("closed")
      yield* User.me()
      yield* fault({ match: "datasets.postByOrganization", times: 1, do: { drop: "answer" } })
      const { requests } = yield* during(
        failsWith(Dataset.create({ organization: owner }, { name: "Once" }), "TransportError")
      )
      equal(requests.length, 1)
    }).pipe(Effect.scoped)
  },
  {
    name: "a DELETE whose kept connection closes without an answer has succeeded",
    skip: { workerd: resending, ...inBrowsers(resending) },
    run: Effect.gen(function*() {
      const owner = yield* organization("closing", [{ name: "Gone" }])
      yield* User.me()
      yield* fault({ match: "datasets.delete", times: 1, do: { drop: "answer" } })
      yield* Dataset.remove(`${owner}.gone`).pipe(Retry.withPolicy({ baseDelay: 1 }))
      equal(yield* Dataset.exists(`${owner}.gone`), false)
    }).pipe(Effect.scoped)
  }
]
