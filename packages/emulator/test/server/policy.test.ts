import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, type CallOptions, failure, json, penguins } from "./harness.ts"

const status = (path: string, options: CallOptions = {}) => Effect.map(call(path, options), (reply) => reply.status)

const levels = ["none", "overview", "metadata", "data"] as const

const seed = {
  users: [{ name: "demo" }, { name: "other" }, { name: "guest" }, { name: "boss" }, { name: "plain" }],
  organizations: [{
    name: "lab",
    members: [{ user: "boss", isAdmin: true }, { user: "plain" }, { user: "guest", isAdmin: true, status: "pending" }]
  }],
  datasets: [
    ...levels.map((level) => ({
      owner: "demo",
      name: `Open ${level}`,
      publicAccessLevel: level,
      access: [{ user: "guest", level: "metadata" }],
      versions: [{ tables: [{ name: "t", rows: [{ a: 1 }] }] }, {
        released: false,
        tables: [{ name: "u", rows: [{ b: 1 }] }]
      }]
    })),
    { owner: "demo", name: "Draft", publicAccessLevel: "data", tables: undefined, versions: [{ released: false }] },
    { owner: "lab", name: "Secret", labels: ["x"], tables: [{ name: "t", rows: [{ a: 1 }] }] }
  ].map(({ tables, ...dataset }: any) => tables === undefined ? dataset : { ...dataset, tables })
} as const

const lenient = Emulator.layer({ seed: seed as any, rateLimit: 100_000, anonymousAccess: "public" })

layer(lenient, { excludeTestServices: true })("policy", (it) => {
  describe("tokens", () => {
    it.effect("an unknown, malformed or expired token is 401 invalid_token", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const expired = yield* emulator.makeToken({ expiresAt: (yield* emulator.clock.now) - 1 })
        for (const token of ["unknown", expired]) {
          const { error, status } = failure(yield* call("/users/me", { token }))
          assert.deepStrictEqual([status, error], [401, "invalid_token"])
        }
        for (const authorization of ["Bearer", "Basic abc", "Bearer a b"]) {
          const reply = yield* call("/users/me", { token: null, headers: { authorization } })
          assert.strictEqual(reply.status, 401, authorization)
        }
        // also where nobody had to sign in
        assert.strictEqual(yield* status("/datasets/demo.open_data", { token: "unknown" }), 401)
      }))

    it.effect("a token ends when the clock passes its time", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const token = yield* emulator.makeToken({ expiresAt: (yield* emulator.clock.now) + 60_000 })
        assert.strictEqual(yield* status("/users/me", { token }), 200)
        yield* emulator.clock.adjust("2 minutes")
        assert.include(failure(yield* call("/users/me", { token })).description, "expired")
        yield* emulator.clock.adjust(-120_000)
        assert.strictEqual(yield* status("/users/me", { token }), 200)
      }))

    it.effect("users.me is the token's user, and nobody without one", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        assert.strictEqual((yield* json("/users/me")).name, "researcher")
        const token = yield* emulator.makeToken({ user: "guest", scopes: ["public"] })
        assert.strictEqual((yield* json("/users/me", { token })).name, "guest")
        assert.strictEqual(yield* status("/users/me", { token: null }), 401)
      }))
  })

  describe("access levels", () => {
    const needed = [
      ["overview", (name: string) => `/datasets/demo.${name}`],
      ["overview", (name: string) => `/datasets/demo.${name}/tables`],
      ["overview", (name: string) => `/datasets/demo.${name}/versions`],
      ["overview", (name: string) => `/tables/demo.${name}.t`],
      ["metadata", (name: string) => `/tables/demo.${name}.t/variables`],
      ["data", (name: string) => `/tables/demo.${name}.t/rows`]
    ] as const

    it.effect("anonymous calls get what is public: else 401 where it is seen, 404 where it is secret", () =>
      Effect.gen(function*() {
        for (const [position, level] of levels.entries()) {
          for (const [need, path] of needed) {
            const expected = levels.indexOf(need) <= position ? 200 : level === "none" ? 404 : 401
            assert.strictEqual(yield* status(path(`open_${level}`), { token: null }), expected, `${path(level)}`)
          }
        }
      }))

    it.effect("accounts without access get 403 where they see, 404 where they do not", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const other = yield* emulator.makeToken({ user: "other" })
        const guest = yield* emulator.makeToken({ user: "guest" })
        const owner = yield* emulator.makeToken({ user: "demo" })
        for (const [position, level] of levels.entries()) {
          for (const [need, path] of needed) {
            const at = path(`open_${level}`)
            const isPublic = levels.indexOf(need) <= position
            assert.strictEqual(yield* status(at, { token: other }), isPublic ? 200 : level === "none" ? 404 : 403, at)
            assert.strictEqual(yield* status(at, { token: guest }), isPublic || need !== "data" ? 200 : 403, at)
            assert.strictEqual(yield* status(at, { token: owner }), 200, at)
          }
        }
      }))

    it.effect("a hidden dataset is refused in the same words as one that is not there", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const token = yield* emulator.makeToken({ user: "other" })
        const hidden = failure(yield* call("/datasets/demo.open_none", { token }))
        const absent = failure(yield* call("/datasets/demo.open_nothing", { token }))
        assert.strictEqual(
          hidden.description.replace("open_none", "x"),
          absent.description.replace("open_nothing", "x")
        )
        // and so is its HEAD
        assert.strictEqual(yield* status("/datasets/demo.open_none", { token, method: "HEAD" }), 404)
      }))

    it.effect("administrators of an organization may do everything, other and pending members nothing", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const boss = yield* emulator.makeToken({ user: "boss" })
        const plain = yield* emulator.makeToken({ user: "plain" })
        const guest = yield* emulator.makeToken({ user: "guest" })
        const shown = yield* json("/datasets/lab.secret", { token: boss })
        assert.deepStrictEqual([shown.accessLevel, shown.owner.kind, shown.labels], ["edit", "organization", ["x"]])
        assert.strictEqual(yield* status("/datasets/lab.secret", { token: plain }), 404)
        assert.strictEqual(yield* status("/datasets/lab.secret", { token: guest }), 404)
        assert.strictEqual((yield* json("/organizations/lab/datasets", { token: boss })).results.length, 1)
        assert.strictEqual((yield* json("/organizations/lab/datasets", { token: plain })).results.length, 0)
        const body = { name: "New", publicAccessLevel: "none" }
        assert.strictEqual(
          yield* status("/organizations/lab/datasets", { method: "POST", json: body, token: boss }),
          200
        )
        assert.strictEqual(
          yield* status("/organizations/lab/datasets", { method: "POST", json: body, token: plain }),
          403
        )
        assert.strictEqual(
          yield* status("/organizations/no/datasets", { method: "POST", json: body, token: boss }),
          404
        )
        // kinds of owners are not mixed up
        assert.strictEqual(yield* status("/users/lab/datasets", { token: boss }), 404)
        assert.strictEqual(yield* status("/organizations/demo/datasets", { token: boss }), 404)
      }))

    it.effect("listings have what the caller sees", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const names = (token: string | null) =>
          Effect.map(json("/users/demo/datasets", { token }), ({ results }) => results.map((item: any) => item.name))
        const open = ["Open overview", "Open metadata", "Open data"]
        assert.sameMembers(yield* names(null), open)
        assert.sameMembers(yield* names(yield* emulator.makeToken({ user: "other" })), open)
        assert.sameMembers(yield* names(yield* emulator.makeToken({ user: "demo", scopes: ["public"] })), open)
        assert.sameMembers(yield* names(yield* emulator.makeToken({ user: "guest" })), ["Open none", ...open])
        assert.sameMembers(yield* names(yield* emulator.makeToken({ user: "demo" })), [
          "Open none",
          ...open,
          "Draft"
        ])
        assert.sameMembers(
          yield* names(yield* emulator.makeToken({ user: "demo", scopes: ["data.data"] })),
          ["Open none", ...open]
        )
      }))

    it.effect("drafts are seen by those who edit, and are a secret to others", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const owner = yield* emulator.makeToken({ user: "demo" })
        const reads = yield* emulator.makeToken({ user: "demo", scopes: ["data.data"] })
        const other = yield* emulator.makeToken({ user: "other" })
        for (const path of ["/datasets/demo.open_data:next", "/tables/demo.open_data:next.u", "/datasets/demo.draft"]) {
          assert.strictEqual(yield* status(path, { token: owner }), 200, path)
          assert.strictEqual(yield* status(path, { token: other }), 404, path)
          assert.strictEqual(yield* status(path, { token: null }), 404, path)
          assert.deepStrictEqual(
            { ...failure(yield* call(path, { token: reads })), description: "" },
            { status: 403, error: "insufficient_scope", description: "" }
          )
        }
        assert.isNotNull((yield* json("/datasets/demo.open_data", { token: owner })).nextVersion)
        assert.notProperty(yield* json("/datasets/demo.open_data", { token: reads }), "nextVersion")
        const tags = (token: string) =>
          Effect.map(json("/datasets/demo.open_data/versions", { token }), ({ results }) =>
            results.map((item: any) => item.tag))
        assert.deepStrictEqual(yield* tags(owner), ["next", "v1.0"])
        assert.deepStrictEqual(yield* tags(other), ["v1.0"])
        assert.strictEqual(yield* status("/datasets/demo.open_data/versions/next", { token: other }), 404)
      }))

    it.effect("labels are told to and filtered by administrators alone", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* emulator.seed({
          ...penguins(),
          users: [],
          datasets: [{ ...penguins().datasets[0], name: "Labelled", referenceId: "labl" }]
        })
        const owner = yield* emulator.makeToken({ user: "demo" })
        const filtered = yield* json("/users/demo/datasets?labels=where", { token: owner })
        assert.deepStrictEqual(filtered.results.map((item: any) => item.labels), [["animals", "where:south"]])
        const other = yield* emulator.makeToken({ user: "other" })
        assert.notProperty(yield* json("/datasets/demo.labelled", { token: other }), "labels")
        assert.strictEqual(yield* status("/users/demo/datasets?labels=where", { token: other }), 400)
      }))
  })

  describe("scopes", () => {
    it.effect("each data scope includes those below it", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const scopes = ["public", "data.overview", "data.metadata", "data.data", "data.edit"]
        const paths = [
          ["data.overview", "/datasets/demo.open_none", "GET"],
          ["data.overview", "/tables/demo.open_none.t", "HEAD"],
          ["data.metadata", "/tables/demo.open_none.t/variables", "GET"],
          ["data.data", "/tables/demo.open_none.t/rows", "GET"],
          ["data.edit", "/datasets/demo.open_none", "PATCH"]
        ] as const
        for (const [position, scope] of scopes.entries()) {
          const token = yield* emulator.makeToken({ user: "demo", scopes: [scope] })
          for (const [need, path, method] of paths) {
            const reply = yield* call(path, { token, method })
            const allowed = scopes.indexOf(need) <= position
            assert.strictEqual(reply.status, allowed ? 200 : 403, `${scope} ${method} ${path}`)
            if (!allowed) {
              const body = JSON.parse(
                method === "HEAD" ? decodeURIComponent(reply.headers.get("x-redivis-error-payload")!) : reply.text
              )
              assert.deepStrictEqual([body.error, body.scope, body.amr_values], ["insufficient_scope", need, []])
            }
          }
        }
      }))

    it.effect("what is public needs no scope", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const token = yield* emulator.makeToken({ user: "other", scopes: ["public"] })
        assert.strictEqual(yield* status("/tables/demo.open_data.t/rows", { token }), 200)
        assert.strictEqual(
          yield* status("/users/other/datasets", {
            token,
            method: "POST",
            json: { name: "x", publicAccessLevel: "none" }
          }),
          403
        )
      }))
  })
})
