import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, callUrl, failure, json } from "./harness.ts"

layer(Emulator.layer({ seed: { users: [{ name: "me" }] } }), { excludeTestServices: true })("the router", (it) => {
  it.effect("answers JSON errors where nothing is", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const origin = new URL(emulator.baseUrl).origin
      for (
        const url of [
          `${origin}/`,
          `${origin}/api/v1`,
          `${emulator.baseUrl}/nothing`,
          `${emulator.baseUrl}/users/me/x/y`
        ]
      ) {
        const reply = yield* callUrl(url)
        assert.deepStrictEqual({ ...failure(reply), description: "" }, {
          status: 404,
          error: "not_found",
          description: ""
        }, url)
        assert.strictEqual(JSON.parse(reply.text).status, 404)
      }
    }))

  it.effect("tells paths apart by the case of their letters and by their verb", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* call("/users/me")).status, 200)
      assert.strictEqual((yield* call("/Users/me")).status, 404)
      assert.strictEqual((yield* call("/users/me", { method: "DELETE" })).status, 404)
      assert.strictEqual((yield* call("/datasets/")).status, 404)
    }))

  it.effect("prefers a literal segment to a parameter", () =>
    Effect.gen(function*() {
      const mine = yield* json("/users/me/datasets")
      assert.deepStrictEqual(mine, { kind: "datasetList", results: [], nextPageToken: null })
    }))

  it.effect("refuses malformed percent escapes with 400", () =>
    Effect.gen(function*() {
      const { status, error } = failure(yield* call("/datasets/%zz"))
      assert.deepStrictEqual([status, error], [400, "invalid_request"])
    }))

  it.effect("decodes parameters once, up to 4096 characters", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* call("/datasets/researcher.a%2525b")
      const known = (yield* emulator.requests).at(-1)
      assert.strictEqual(known?.operation, "datasets.get")
      assert.include(failure(yield* call("/datasets/researcher.a%2525b")).description, "a%25b")
      const long = "a".repeat(4000)
      assert.include(failure(yield* call(`/datasets/researcher.${long}`)).description, `Not found: ${long}`)
      assert.include(
        failure(yield* call(`/datasets/researcher.${"a".repeat(4100)}`)).description,
        "Invalid API endpoint"
      )
    }))

  it.effect("sends errors of HEAD in a header, percent-encoded", () =>
    Effect.gen(function*() {
      const reply = yield* call("/datasets/researcher.nothing", { method: "HEAD" })
      assert.strictEqual(reply.status, 404)
      assert.strictEqual(reply.text, "")
      const payload = reply.headers.get("x-redivis-error-payload")!
      assert.notInclude(payload, " ")
      assert.strictEqual(JSON.parse(decodeURIComponent(payload)).error, "not_found")
    }))

  it.effect("takes a HEAD of what is only there to GET", () =>
    Effect.gen(function*() {
      const reply = yield* call("/users/researcher/datasets?maxResults=1", { method: "HEAD" })
      assert.deepStrictEqual([reply.status, reply.text], [200, ""])
      assert.strictEqual((yield* call("/users/nobody/datasets", { method: "HEAD" })).status, 404)
    }))

  it.effect("refuses queries and bodies that do not fit, by their field", () =>
    Effect.gen(function*() {
      const path = "/users/researcher/datasets"
      const refusals = [
        [call(`${path}?maxResults=0`), "maxResults"],
        [call(`${path}?maxResults=many`), "maxResults"],
        [call(`${path}?maxResults=1001`), "maxResults"],
        [call(`${path}?pageToken=nonsense`), "pageToken"],
        [call(path, { method: "POST", json: { publicAccessLevel: "none" } }), "name"],
        [call(path, { method: "POST", json: { name: "", publicAccessLevel: "none" } }), "name"],
        [call(path, { method: "POST", json: { name: "x", publicAccessLevel: "much" } }), "publicAccessLevel"],
        [call(path, { method: "POST", body: "{" }), "JSON"]
      ] as const
      for (const [request, field] of refusals) {
        const { description, error, status } = failure(yield* request)
        assert.deepStrictEqual([status, error], [400, "invalid_request"], field)
        assert.include(description, field)
      }
    }))

  it.effect("tolerates what official clients send", () =>
    Effect.gen(function*() {
      const path = "/users/researcher/datasets"
      // explicit nulls, unknown properties, a method in lower case as httr sends it
      const made = yield* json(path, {
        method: "POST",
        json: { name: "Quirks", publicAccessLevel: "none", description: null, surprise: 1 }
      })
      // an empty list for an empty object, no body at all, POST for PATCH, one label instead of a list
      assert.strictEqual((yield* json(made.uri, { method: "PATCH", json: [] })).name, "Quirks")
      assert.strictEqual((yield* json(made.uri, { method: "PATCH" })).name, "Quirks")
      assert.strictEqual((yield* json(made.uri, { method: "POST", json: { name: "Quirks 2" } })).name, "Quirks 2")
      assert.deepStrictEqual((yield* json(made.uri, { method: "PATCH", json: { labels: "a" } })).labels, ["a"])
      assert.deepStrictEqual((yield* json(made.uri, { method: "PATCH", json: { labels: null } })).labels, ["a"])
      // lists as repeated keys and comma-joined
      yield* json(made.uri, { method: "PATCH", json: { labels: ["a", "b:c"] } })
      for (const query of ["labels=x&labels=b:c", "labels=x,b:c", "labels=b", "labels=a&maxResults=10&pageToken="]) {
        assert.strictEqual((yield* json(`${path}?${query}`)).results.length, 1, query)
      }
      assert.strictEqual((yield* json(`${path}?labels=x`)).results.length, 0)
    }))
})

layer(Emulator.layer({ deleteAnswer: "empty" }), { excludeTestServices: true })(
  "options",
  (it) => {
    it.effect("can answer DELETE with nothing", () =>
      Effect.gen(function*() {
        const made = yield* json("/users/researcher/datasets", {
          method: "POST",
          json: { name: "x", publicAccessLevel: "none" }
        })
        const reply = yield* call(made.uri, { method: "DELETE" })
        assert.deepStrictEqual([reply.status, reply.text], [200, ""])
      }))
  }
)
