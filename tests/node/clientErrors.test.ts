/** What each status and body becomes. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import type { Redivis } from "@effect-redivis/core/Redivis"
import * as RedivisError from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as User from "@effect-redivis/core/User"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { against, failureOf, quickly, successOf } from "./scriptedClient.ts"
import type { Reply } from "./scriptedServer.ts"

const once = Retry.withPolicy({ maxAttempts: 1 })

const apiError = (status: number, error: string, description: string, more: object = {}): Reply => ({
  status,
  body: { status, error, error_description: description, ...more }
})

const html = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

interface Shape {
  readonly name: string
  readonly body: unknown
  readonly error?: string
  readonly errorDescription?: string
}

/** Bodies of errors: both shapes that the API has had, and everything else. */
const shapes: ReadonlyArray<Shape> = [
  {
    name: "today's",
    body: { status: 404, error: "not_found", error_description: "No such dataset" },
    error: "not_found",
    errorDescription: "No such dataset"
  },
  {
    name: "yesterday's",
    body: { error: { message: "No such dataset", status: 404 } },
    errorDescription: "No such dataset"
  },
  { name: "today's without a description", body: { status: 404, error: "not_found" }, error: "not_found" },
  { name: "null fields", body: { status: null, error: null, error_description: null } },
  { name: "fields of other types", body: { status: "404", error: 5, error_description: ["x"] } },
  { name: "an object of something else", body: { hello: "world" } },
  { name: "null", body: "null" },
  { name: "an array", body: [{ error: "not_found" }] },
  { name: "a text", body: "\"not_found\"" },
  { name: "a number", body: "404" },
  { name: "JSON that is cut off", body: "{\"status\":404,\"error\":\"not_fo" },
  { name: "the page of a proxy", body: html },
  { name: "nothing", body: "" },
  { name: "bytes that are no text", body: new Uint8Array([0xff, 0xfe, 0x00, 0x80]) }
]

describe("the body of an error", () => {
  it.live.each([...shapes])(
    "is read where it says something, whatever else it is: $name",
    ({ body, error, errorDescription }) =>
      Effect.gen(function*() {
        const failure = yield* failureOf([{ status: 404, body }], Dataset.get("o.d"))
        assert.strictEqual(failure._tag, "NotFound")
        if (failure._tag !== "NotFound") return
        assert.strictEqual(failure.error, error)
        assert.strictEqual(failure.errorDescription, errorDescription)
        assert.deepInclude(failure, { operation: "datasets.get", method: "GET", status: 404, warnings: [] })
        assert.match(failure.url, /^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/datasets\/o\.d$/)
      })
  )

  it.live("is read up to a bound", () =>
    Effect.gen(function*() {
      const endless = `{"error":"not_found","error_description":"${"x".repeat(200_000)}"}`
      const failure = yield* failureOf([{ status: 404, body: endless }], Dataset.get("o.d"))
      assert.strictEqual(failure._tag, "NotFound")
      assert.isBelow(failure.message.length, 1000)
    }))

  it.live("that breaks off leaves the status its own error", () =>
    Effect.gen(function*() {
      const failure = yield* failureOf([{ status: 403, body: "{\"error\":", after: "cut" }], Dataset.remove("o.d"))
      assert.strictEqual(failure._tag, "Forbidden")
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

const get = Dataset.get("o.d")
const change = Dataset.update("o.d", { name: "x" })
const limited = "Cannot export more than 200GB of data in a 30 day period"

interface Status {
  readonly name: string
  readonly reply: Reply
  readonly call: Effect.Effect<unknown, RedivisError.RedivisError, Redivis>
  readonly tag: RedivisError.RedivisError["_tag"]
  readonly category: RedivisError.Category
  /** What its message tells a person to do. */
  readonly advice: RegExp
  readonly fields?: object
}

const rateLimited = {
  "x-ratelimit-limit": "1000",
  "x-ratelimit-remaining": "0",
  "x-ratelimit-reset": "1767225660000",
  "retry-after": "1767225660000",
  "date": "Thu, 01 Jan 2026 00:00:00 GMT"
}

const statuses: ReadonlyArray<Status> = [
  {
    name: "400",
    reply: apiError(400, "invalid_request", "The name is taken"),
    call: change,
    tag: "BadRequest",
    category: "input",
    advice: /correct|check|change/i,
    fields: { status: 400, error: "invalid_request", errorDescription: "The name is taken" }
  },
  {
    name: "400 of a method that has none",
    reply: apiError(400, "invalid_request", "No"),
    call: User.me(),
    tag: "UnexpectedStatus",
    category: "input",
    advice: /check the endpoint/i,
    fields: { status: 400 }
  },
  {
    name: "401",
    reply: apiError(401, "invalid_token", "Must provide a valid Authorization token"),
    call: get,
    tag: "Unauthorized",
    category: "auth",
    advice: /set a valid token/i,
    fields: { status: 401, error: "invalid_token" }
  },
  {
    name: "403",
    reply: apiError(403, "forbidden", "Not authorized"),
    call: change,
    tag: "Forbidden",
    category: "auth",
    advice: /ask an owner/i,
    fields: { status: 403, errorDescription: "Not authorized" }
  },
  {
    name: "403 of a method that has none",
    reply: apiError(403, "forbidden", "Not authorized"),
    call: User.me(),
    tag: "UnexpectedStatus",
    category: "input",
    advice: /check the endpoint/i,
    fields: { status: 403 }
  },
  {
    name: "403 for the token's scopes",
    reply: apiError(403, "insufficient_scope", "Insufficient scope", {
      scope: "data.data data.edit",
      amr_values: ["mfa"]
    }),
    call: get,
    tag: "InsufficientScope",
    category: "auth",
    advice: /data\.data or data\.edit.*sign in again/i,
    fields: { status: 403, scope: ["data.data", "data.edit"], amrValues: ["mfa"] }
  },
  {
    name: "403 for scopes that are not named, of a method that has no 403",
    reply: { status: 403, body: { error: "insufficient_scope" } },
    call: User.me(),
    tag: "InsufficientScope",
    category: "auth",
    advice: /wider scope/i,
    fields: { scope: [], amrValues: [] }
  },
  {
    name: "404",
    reply: apiError(404, "not_found", "Dataset not found"),
    call: get,
    tag: "NotFound",
    category: "missing",
    advice: /check the reference, then the token's scopes/i,
    fields: { status: 404, error: "not_found" }
  },
  {
    name: "404 of a method that has none",
    reply: apiError(404, "not_found", "No"),
    call: User.me(),
    tag: "UnexpectedStatus",
    category: "input",
    advice: /check the endpoint/i,
    fields: { status: 404 }
  },
  {
    name: "429",
    reply: { ...apiError(429, "too_many_requests", "Too many requests"), headers: rateLimited },
    call: get,
    tag: "TooManyRequests",
    category: "throttling",
    advice: /wait until 2026-01-01T00:01:00.000Z/i,
    fields: {
      status: 429,
      retryAt: 1767225660000,
      rateLimit: {
        limit: 1000,
        remaining: 0,
        resetAt: 1767225660000,
        retryAt: 1767225660000,
        date: 1767225600000
      }
    }
  },
  {
    name: "429 without headers",
    reply: apiError(429, "too_many_requests", "Too many requests"),
    call: get,
    tag: "TooManyRequests",
    category: "throttling",
    advice: /wait/i
  },
  {
    name: "500",
    reply: apiError(500, "internal_error", "Oh no"),
    call: get,
    tag: "InternalServerError",
    category: "server",
    advice: /try again later.*tell redivis support/i,
    fields: { status: 500, error: "internal_error" }
  },
  {
    name: "503",
    reply: apiError(503, "unavailable", "Down for maintenance"),
    call: get,
    tag: "ServiceUnavailable",
    category: "server",
    advice: /try again in a minute/i,
    fields: { status: 503, error: "unavailable" }
  },
  {
    name: "503 of a proxy",
    reply: { status: 503, headers: { "content-type": "text/html" }, body: html },
    call: get,
    tag: "ServiceUnavailable",
    category: "server",
    advice: /try again in a minute/i
  },
  {
    name: "500 with nothing",
    reply: { status: 500 },
    call: get,
    tag: "InternalServerError",
    category: "server",
    advice: /try again later/i
  },
  ...([501, 502, 504, 520] as const).map((status): Status => ({
    name: `${status} of a proxy`,
    reply: { status, headers: { "content-type": "text/html" }, body: html },
    call: get,
    tag: "UnexpectedStatus",
    category: "server",
    advice: /try again later/i,
    fields: { status }
  })),
  ...([402, 405, 409, 410, 413, 418, 422] as const).map((status): Status => ({
    name: String(status),
    reply: apiError(status, "odd", "Odd"),
    call: get,
    tag: "UnexpectedStatus",
    category: "input",
    advice: /check the endpoint and the request/i,
    fields: { status, error: "odd" }
  })),
  ...([300, 302, 304] as const).map((status): Status => ({
    name: `${status} without a place to go to`,
    reply: { status },
    call: get,
    tag: "UnexpectedStatus",
    category: "input",
    advice: /redirects where the API does not/i,
    fields: { status }
  })),
  {
    name: "400 with a limit's text, on a query",
    reply: apiError(400, "invalid_request", "Query exceeded the limit of 100,000 slot-seconds in 24 hours"),
    call: Query.create("select 1"),
    tag: "QuotaExceeded",
    category: "quota",
    advice: /read less, aggregate in sql, or wait/i,
    fields: { status: 400 }
  },
  {
    name: "400 with a limit's text, on a read session",
    reply: apiError(400, "invalid_request", limited),
    call: ReadSession.create({ table: "o.d.t" }),
    tag: "QuotaExceeded",
    category: "quota",
    advice: /read less/i
  },
  {
    name: "400 with a limit's text, on a read session of a query",
    reply: apiError(400, "invalid_request", limited),
    call: ReadSession.create({ query: "1" }),
    tag: "QuotaExceeded",
    category: "quota",
    advice: /read less/i
  },
  {
    name: "400 with a limit's text, on a read stream",
    reply: apiError(400, "invalid_request", limited),
    call: Stream.runDrain(ReadSession.bytes("1")),
    tag: "QuotaExceeded",
    category: "quota",
    advice: /read less/i
  },
  {
    name: "400 with a limit's text in yesterday's shape, on rows",
    reply: { status: 400, body: { error: { message: limited } } },
    call: Stream.runDrain(Table.csv("o.d.t")),
    tag: "QuotaExceeded",
    category: "quota",
    advice: /read less/i
  },
  {
    name: "400 for another reason, on a read session",
    reply: apiError(400, "invalid_request", "There is no variable limit"),
    call: ReadSession.create({ table: "o.d.t" }, { variables: ["limit"] }),
    tag: "BadRequest",
    category: "input",
    advice: /correct|check|change/i
  },
  ...([
    ["changing a dataset", change],
    ["creating a dataset", Dataset.create({ user: "u" }, { name: "d" })],
    ["listing tables", Table.listPage("o.d")],
    ["reading a query's variables", Variable.listPage({ query: "1" })],
    ["an upload", Upload.create("o.d.t", { name: "a.csv", data: new Uint8Array(1) })],
    ["a release", Version.release("o.d")]
  ] as const).map(([name, call]): Status => ({
    name: `400 with a limit's text, on ${name}`,
    reply: apiError(400, "invalid_request", limited),
    call,
    tag: "BadRequest",
    category: "input",
    advice: /correct|check|change/i
  }))
]

describe("a status", () => {
  it.live.each([...statuses])(
    "is an error of its own class that tells what to do next: $name",
    (row) =>
      Effect.gen(function*() {
        const failure = yield* failureOf([row.reply], once(row.call))
        assert.strictEqual(failure._tag, row.tag)
        assert.strictEqual(RedivisError.category(failure), row.category)
        assert.match(failure.message, row.advice)
        if (row.fields !== undefined) assert.deepInclude(failure, row.fields)
        if ("errorDescription" in failure && failure.errorDescription !== undefined) {
          assert.include(failure.message, failure.errorDescription)
        }
        if (!("operation" in failure) || !("url" in failure)) {
          throw new Error("an answered error says where it comes from")
        }
        assert.include(failure.message, failure.operation ?? "no operation")
        assert.include(failure.message, failure.url ?? "no URL")
      })
  )

  it.live.each([500, 502, 503, 504])(
    "%d with a proxy's page is tried again and then itself, never a DecodeError",
    (status) =>
      Effect.gen(function*() {
        const { received, result } = yield* against([{ status, body: html }], quickly(get))
        assert.strictEqual(received.length, 5)
        assert.strictEqual(result._tag, "Failure")
        if (result._tag === "Failure") assert.propertyVal(result.failure, "status", status)
      })
  )
})

// ---------------------------------------------------------------------------------------------------------------------

const payload = JSON.stringify({ status: 500, error: "internal_error", error_description: "Not today: 100 %" })

describe("the error of a HEAD", () => {
  const exists = once(Dataset.exists("o.d"))

  it.live.each([
    ["encoded", encodeURIComponent(payload), "Not today: 100 %"],
    ["not encoded", payload, "Not today: 100 %"],
    ["missing", undefined, undefined],
    ["empty", "", undefined],
    ["broken", "%7B%22status%22%3", undefined],
    ["of something else", "null", undefined]
  ])("comes from its header: %s", ([, header, description]) =>
    Effect.gen(function*() {
      const headers = header === undefined ? {} : { "x-redivis-error-payload": header }
      const failure = yield* failureOf([{ status: 500, headers }], exists)
      assert.strictEqual(failure._tag, "InternalServerError")
      if (failure._tag === "InternalServerError") assert.strictEqual(failure.errorDescription, description)
    }))

  it.live.each<readonly [string, Reply["headers"]]>([
    ["with", { "x-redivis-error-payload": encodeURIComponent("{\"error\":\"not_found\"}") }],
    ["without", {}]
  ])("is no error where nothing is there, %s a payload", ([, headers]) =>
    Effect.gen(function*() {
      assert.isFalse(yield* successOf([{ status: 404, headers }], exists))
    }))

  it.live.each([200, 204, 299])("does not come with %d", (status) =>
    Effect.gen(function*() {
      assert.isTrue(yield* successOf([{ status }], exists))
    }))

  it.live("tells of scopes", () =>
    Effect.gen(function*() {
      const body = JSON.stringify({ error: "insufficient_scope", scope: "data.overview" })
      const failure = yield* failureOf(
        [{ status: 403, headers: { "x-redivis-error-payload": encodeURIComponent(body) } }],
        exists
      )
      assert.strictEqual(failure._tag, "InsufficientScope")
      if (failure._tag === "InsufficientScope") assert.deepStrictEqual(failure.scope, ["data.overview"])
    }))

  it.live("of a server that is down is tried again", () =>
    Effect.gen(function*() {
      const { received, result } = yield* against([{ status: 503 }, { status: 200 }], quickly(Dataset.exists("o.d")))
      assert.strictEqual(received.length, 2)
      assert.deepInclude(result, { _tag: "Success", success: true })
    }))
})
