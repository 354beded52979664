/** Headers of answers, as the service was seen to send them, and what pages may send and see. */
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, callUrl, json, penguins } from "./harness.ts"

/** As every recorded answer has it. */
const allowed =
  "User-Agent,Cache-Control,Content-Type,Accept,Accept-Encoding,Authorization,X-Redivis-Client,X-Redivis-Client-Version,X-Requested-With"

const everywhere: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": allowed,
  "access-control-max-age": "1728000",
  "x-content-type-options": "nosniff",
  "referrer-policy": "origin-when-cross-origin",
  "cross-origin-opener-policy": "same-origin-allow-popups",
  "x-robots-tag": "noindex"
}

const birds = "/tables/demo.penguins_.birds"

layer(Emulator.layer({ seed: penguins() }), { excludeTestServices: true })("headers", (it) => {
  it.effect("are those of the service on successes, errors, rows and refused calls alike", () =>
    Effect.gen(function*() {
      for (
        const [path, options] of [
          ["/users/me", {}],
          ["/datasets/demo.nothing", {}],
          ["/nothing", {}],
          ["/users/me", { token: null }],
          ["/users/me", { token: "unknown" }],
          [`${birds}/rows`, {}],
          [birds, { method: "HEAD" }]
        ] as const
      ) {
        const { headers } = yield* call(path, options)
        for (const [name, value] of Object.entries(everywhere)) assert.strictEqual(headers.get(name), value, path)
        assert.isNull(headers.get("access-control-expose-headers"), path)
      }
    }))

  it.effect("have a weak ETag of length and hash, which is another where the body is", () =>
    Effect.gen(function*() {
      // as the service's framework writes it for the text OK, which many have printed
      const made = yield* json("/users/researcher/datasets", {
        method: "POST",
        json: { name: "x", publicAccessLevel: "none" }
      })
      const removed = yield* call(made.uri, { method: "DELETE" })
      assert.deepStrictEqual([removed.text, removed.headers.get("etag")], ["OK", "W/\"2-nOO9QiTIwXgNtWtBJezz8kv3SLc\""])
      const first = yield* call(birds)
      const again = yield* call(birds)
      const other = yield* call("/datasets/demo.penguins_/versions")
      assert.match(first.headers.get("etag")!, new RegExp(`^W/"${first.bytes.length.toString(16)}-[\\w+/]{27}"$`))
      assert.strictEqual(again.headers.get("etag"), first.headers.get("etag"))
      assert.notStrictEqual(other.headers.get("etag"), first.headers.get("etag"))
      assert.match((yield* call("/nothing")).headers.get("etag")!, /^W\//)
    }))

  it.effect("have a Last-Modified on a dataset that is no date, and on nothing else", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* call("/datasets/demo.penguins_")).headers.get("last-modified"), "Invalid Date")
      for (const path of ["/datasets/demo.nothing", birds, "/users/me", "/datasets/demo.penguins_/tables"]) {
        assert.isNull((yield* call(path)).headers.get("last-modified"), path)
      }
    }))

  it.effect("warn of datasets and tables that are named without their ids", () =>
    Effect.gen(function*() {
      const ofDataset =
        "No reference id was provided for the dataset, which may cause your code to break if the name changes. " +
        "Consider using the qualified reference \"penguins:peng\""
      const ofTable = ofDataset.replace("the dataset", "the table").replace("penguins:peng", "birds:brds")
      const warnings: ReadonlyArray<readonly [path: string, expected: ReadonlyArray<string>]> = [
        ["/datasets/demo.Penguins", [ofDataset]],
        ["/datasets/demo.penguins/tables", [ofDataset]],
        ["/datasets/demo.penguins:peng", []],
        ["/tables/demo.penguins.birds", [ofDataset, ofTable]],
        ["/tables/demo.penguins:peng.birds", [ofTable]],
        ["/tables/demo.penguins.birds:brds/rows", [ofDataset]],
        ["/tables/demo.penguins:peng:v1_0.birds:brds/variables", []],
        ["/datasets/demo.nothing", []],
        ["/users/me", []]
      ]
      for (const [path, expected] of warnings) {
        const { headers } = yield* call(path)
        assert.strictEqual(headers.get("x-redivis-warning"), expected.length === 0 ? null : expected.join(", "), path)
      }
    }).pipe(Effect.provide(Emulator.layer({
      seed: {
        users: [{ name: "demo" }],
        datasets: [{
          owner: "demo",
          name: "Penguins",
          referenceId: "peng",
          publicAccessLevel: "data",
          tables: [{ name: "Birds", referenceId: "brds", rows: [{ species: "Adelie" }] }]
        }]
      }
    }))))

  it.effect("let pages ask the API for what the service lets them, and the storage for anything", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const before = (yield* emulator.requests).length
      const asked = "authorization,if-modified-since,traceparent,x-goog-resumable"
      for (
        const [url, expected, maxAge] of [
          [`${emulator.baseUrl}/users/me`, allowed, "1728000"],
          [`${emulator.storageUrl}/temp/x`, asked, "600"]
        ] as const
      ) {
        const { headers, status } = yield* callUrl(url, {
          method: "OPTIONS",
          headers: { "access-control-request-headers": asked }
        })
        assert.strictEqual(status, 204)
        assert.deepStrictEqual(
          ["origin", "headers"].map((name) => headers.get(`access-control-allow-${name}`)),
          ["*", expected],
          url
        )
        assert.strictEqual(headers.get("access-control-max-age"), maxAge, url)
        assert.include(headers.get("access-control-allow-methods"), "PATCH")
      }
      assert.strictEqual((yield* emulator.requests).length, before)
      const ofStorage = (yield* callUrl(`${emulator.storageUrl}/temp/x`)).headers
      assert.strictEqual(ofStorage.get("access-control-expose-headers"), "location, range")
      assert.isNull(ofStorage.get("access-control-allow-headers"))
    }))

  it.effect("show pages more where a test wants it, until it does not", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.setExposeHeaders(true)
      const exposed = (yield* call("/users/me")).headers.get("access-control-expose-headers")
      for (const name of ["x-ratelimit-remaining", "retry-after", "date", "x-redivis-warning", "digest"]) {
        assert.include(exposed, name)
      }
      yield* emulator.setExposeHeaders(false)
      assert.isNull((yield* call("/users/me")).headers.get("access-control-expose-headers"))
    }))
})
