/** `Redivis.request`: what goes over the wire, what is refused before, and what comes of the answers. */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as RedivisError from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as Warnings from "@effect-redivis/core/Warnings"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { against, failureOf, quickly, successOf, token } from "./scriptedClient.ts"
import type { Answer } from "./scriptedServer.ts"

/** What a caller without types could pass. */
const wrong = <A>(value: unknown): A => value as A

const request = Redivis.request

describe("Redivis.request", () => {
  it.live.each<readonly [path: string, target: string]>([
    ["/users/me", "/users/me"],
    ["/datasets/demo.penguins:7br5:v1_0", "/datasets/demo.penguins%3A7br5%3Av1_0"],
    ["/datasets/demo.penguins%3A7br5", "/datasets/demo.penguins%3A7br5"],
    ["/tables/o.d.t/uploads/a%2Fb_csv", "/tables/o.d.t/uploads/a%2Fb_csv"],
    ["/tables/o.d.Größe und 100%25", "/tables/o.d.Gr%C3%B6%C3%9Fe%20und%20100%25"],
    ["/a/:b/c\\d", "/a/%3Ab/c%5Cd"],
    ["/a/...", "/a/..."]
  ])("encodes each segment of %s once", ([path, target]) =>
    Effect.gen(function*() {
      const { received } = yield* against([{ body: {} }], request(path))
      assert.deepStrictEqual(received.map((one) => [one.method, one.target]), [["GET", `/api/v1${target}`]])
    }))

  it.live.each<readonly [what: string, path: string]>([
    ["nothing", ""],
    ["no slash at its start", "users/me"],
    ["a host", "https://elsewhere.example/api/v1/users/me"],
    ["the endpoint's own host", "https://redivis.com/api/v1/users/me"],
    ["a host without a scheme", "//elsewhere.example/users/me"],
    ["another scheme", "javascript:alert(1)"],
    ["a step up", "/datasets/../users"],
    ["a step up at its end", "/datasets/.."],
    ["an encoded step up", "/datasets/%2e%2E/users"],
    ["a step in place", "/./users"],
    ["an empty segment", "/datasets//users"],
    ["an empty last segment", "/datasets/"],
    ["only a slash", "/"],
    ["a query", "/users/me?x=1"],
    ["a fragment", "/users/me#x"],
    ["a line break", "/users/me\r\nx-planted: 1"],
    ["an encoded line break", "/users/me%0d%0ax"],
    ["a zero", "/users/\u0000"],
    ["another control character", "/users/\u0085"],
    ["a percent sign alone", "/users/100%"],
    ["half of a character", "/users/\ud800"],
    ["bytes that are no text", "/users/%ff"]
  ])("refuses a path with %s before any request", ([, path]) =>
    Effect.gen(function*() {
      const { received, result } = yield* against([{ body: {} }], request(path))
      assert.strictEqual(received.length, 0)
      if (result._tag !== "Failure" || result.failure._tag !== "InvalidInput") throw new Error(String(result))
      assert.deepInclude(result.failure, { operation: "request", field: "path" })
      assert.match(result.failure.message, /Nothing was sent\.$/)
    }))

  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic

  it.live.each<readonly [what: string, options: Redivis.RequestOptions, field: string]>([
    ["a verb that is none", { method: wrong("TRACE") }, "method"],
    ["a verb in small letters", { method: wrong("get") }, "method"],
    ["a body with GET", { body: {} }, "body"],
    ["a body with HEAD", { method: "HEAD", body: {} }, "body"],
    ["a body that goes in a circle", { method: "POST", body: cyclic }, "body"],
    ["a body of a function", { method: "POST", body: () => 1 }, "body"],
    ["a body with a bigint", { method: "POST", body: { rows: 1n } }, "body"],
    ["a parameter that is an object", { query: { x: wrong({}) } }, "x"],
    ["a parameter that is no number", { query: { x: Number.NaN } }, "x"],
    ["a list with a comma in an item", { query: { x: ["a,b"] } }, "x"]
  ])("refuses %s before any request", ([, options, field]) =>
    Effect.gen(function*() {
      const { received, result } = yield* against([{ body: {} }], request("/x", options))
      assert.strictEqual(received.length, 0)
      if (result._tag !== "Failure" || result.failure._tag !== "InvalidInput") throw new Error(String(result))
      assert.strictEqual(result.failure.field, field)
    }))

  it.live("sends verb, query, JSON, credentials and the headers of the region", () =>
    Effect.gen(function*() {
      const call = request("/x", {
        method: "PATCH",
        query: { a: "b c&d", list: [1, "zwei"], flag: true, none: undefined, nothing: null },
        body: { name: "Birds", at: undefined }
      })
      const { received, result } = yield* against([{ body: [1] }], Redivis.withHeaders(call, { "x-study": "birds" }))
      assert.deepInclude(result, { _tag: "Success", success: [1] })
      const [one] = received
      assert.strictEqual(one?.target, "/api/v1/x?a=b%20c%26d&list=1%2Czwei&flag=true")
      assert.strictEqual(one.method, "PATCH")
      assert.strictEqual(one.body.toString(), "{\"name\":\"Birds\"}")
      assert.deepInclude(one.headers, {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "x-redivis-client": "effect-redivis",
        "x-study": "birds"
      })
    }))

  it.live.each<readonly [what: string, method: "GET" | "DELETE" | "HEAD", answer: Answer, value: unknown]>([
    ["its JSON", "GET", { body: { a: [1, null] } }, { a: [1, null] }],
    ["JSON that is null", "GET", { body: "null" }, null],
    ["nothing where it is empty", "DELETE", { status: 204 }, undefined],
    ["nothing where it is OK", "DELETE", { body: "OK" }, undefined],
    ["nothing after HEAD", "HEAD", { headers: { "content-type": "application/json" } }, undefined]
  ])("gives %s", ([, method, answer, value]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* successOf([answer], request("/x", { method })), value)
    }))

  it.live("gives what a schema decodes, and says where an answer does not fit", () =>
    Effect.gen(function*() {
      const schema = Schema.Struct({ count: Schema.NumberFromString, rows: Schema.Array(Schema.String) })
      const call = request("/x", { schema })
      assert.deepStrictEqual(yield* successOf([{ body: { count: "12", rows: ["a"] } }], call), {
        count: 12,
        rows: ["a"]
      })
      const failure = yield* failureOf([{ body: { count: "12", rows: ["a", 5] } }], call, { decoding: "lenient" })
      if (failure._tag !== "DecodeError") throw failure
      assert.deepInclude(failure, { operation: "request", method: "GET", path: "rows[1]", expected: "string" })
      assert.match(failure.url ?? "", /\/api\/v1\/x$/)
      const inner = yield* failureOf([{ body: { count: 12, rows: [] } }], call)
      assert.strictEqual(inner._tag, "DecodeError")
    }))

  it.live("takes no page of a proxy for an answer", () =>
    Effect.gen(function*() {
      const failure = yield* failureOf([{ body: "<html></html>" }], request("/x"))
      assert.deepInclude(failure, { _tag: "DecodeError", expected: "JSON" })
    }))

  it.live.each<readonly [status: number, tag: Redivis.RequestError["_tag"]]>([
    [400, "BadRequest"],
    [401, "Unauthorized"],
    [403, "Forbidden"],
    [404, "NotFound"],
    [409, "UnexpectedStatus"],
    [429, "TooManyRequests"],
    [500, "InternalServerError"],
    [503, "ServiceUnavailable"]
  ])("turns status %s into the error that it is for every function", ([status, tag]) =>
    Effect.gen(function*() {
      const failure = yield* failureOf(
        [{ status, body: { status, error: "an_error", error_description: "So it is" } }],
        request("/x").pipe(Retry.withPolicy({ maxAttempts: 1 }))
      )
      assert.deepInclude(failure, { _tag: tag, operation: "request", errorDescription: "So it is" })
    }))

  it.live("knows the limit of an account and a scope that is missing", () =>
    Effect.gen(function*() {
      const quota = { error: "invalid_request", error_description: "Cannot export more than 100GB in 30 days" }
      assert.strictEqual((yield* failureOf([{ status: 400, body: quota }], request("/x")))._tag, "QuotaExceeded")
      const scope = { error: "insufficient_scope", scope: "data.edit" }
      const failure = yield* failureOf([{ status: 403, body: scope }], request("/x"))
      assert.deepInclude(failure, { _tag: "InsufficientScope", scope: ["data.edit"] })
    }))

  it.live.each<readonly [what: string, options: Redivis.RequestOptions, requests: number]>([
    ["a GET again", {}, 2],
    ["a PUT again", { method: "PUT", body: {} }, 2],
    ["a POST not again", { method: "POST", body: {} }, 1],
    ["a POST again that may be repeated", { method: "POST", body: {}, repeatable: "always" }, 2],
    ["a GET not again that may not", { repeatable: "never" }, 1]
  ])("sends %s whose answer broke off", ([, options, requests]) =>
    Effect.gen(function*() {
      const { received } = yield* against(
        [{ body: "{", after: "cut" }, { body: {} }],
        quickly(request("/x", options))
      )
      assert.strictEqual(received.length, requests)
    }))

  it.live("hands on warnings, and names itself in records, mocks and curl", () =>
    Effect.gen(function*() {
      const heard: Array<string> = []
      const { result } = yield* against(
        [{ status: 404, body: { error: "not_found" }, headers: { "x-redivis-warning": "going away" } }],
        request("/x", { method: "POST", query: { access_token: "planted" } }).pipe(
          Effect.provideService(Warnings.CurrentWarnings, {
            warn: ({ operation, text }) => Effect.sync(() => heard.push(`${operation}: ${text}`))
          })
        )
      )
      assert.deepStrictEqual(heard, ["request: going away"])
      if (result._tag !== "Failure") throw new Error("it should fail")
      assert.match(RedivisError.toCurl(result.failure), /--request POST .*\/api\/v1\/x\?access_token=REDACTED'$/)
      const mock = Redivis.layerMock({ request: () => Effect.succeed({ name: "mocked" }) })
      assert.deepStrictEqual(yield* Effect.provide(request("/x"), mock), { name: "mocked" })
    }))
})
