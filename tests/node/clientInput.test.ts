/** What is refused before any request, and the field that the refusal names. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as RedivisError from "@effect-redivis/core/RedivisError"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as User from "@effect-redivis/core/User"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { against, clientOf } from "./scriptedClient.ts"
import { inTurn, serve } from "./scriptedServer.ts"
import { exampleOf } from "./wireTable.ts"

type Call = Effect.Effect<unknown, RedivisError.RedivisError, Redivis.Redivis>

const drain = <A>(stream: Stream.Stream<A, RedivisError.RedivisError, Redivis.Redivis>): Call => Stream.runDrain(stream)

/** What a caller without types could pass. */
const wrong = <A>(value: unknown): A => value as A

const source = { table: "o.d.t" }
const bytes = new Uint8Array([1])

const refused: ReadonlyArray<readonly [name: string, call: Call, field: RegExp]> = [
  ["a reference of nothing", Dataset.get(""), /^dataset/],
  ["a reference of one part without a default owner", Dataset.get("penguins"), /^dataset\.owner$/],
  ["a reference of too many parts", Dataset.get("a.b.c"), /^dataset/],
  ["a reference with an empty name", Dataset.get("o."), /^dataset\.name$/],
  ["a reference with an empty owner", Dataset.get(".d"), /^dataset\.owner$/],
  ["an owner that no account can be", Dataset.get("o o.d"), /^dataset\.owner$/],
  ["a reference with two versions", Dataset.get("o.d:v1_0:v2_0"), /^dataset/],
  ["an existence of a wrong reference", Dataset.exists("o"), /^dataset/],
  ["a removal of a wrong reference", Dataset.remove("../users"), /^dataset/],
  ["a table of one part", Table.get("t"), /^table\.container$/],
  ["a table with an empty name", Table.get("o.d."), /^table\.name$/],
  ["a table of two parts", Table.get("o.t"), /^table\.container\.owner$/],
  ["the uri of another kind", Dataset.get({ uri: "/tables/o.d.t" }), /^dataset\.uri$/],
  ["a uri with a host", Dataset.get({ uri: "https://elsewhere.example/datasets/o.d" }), /^dataset\.uri$/],
  ["a uri of another host's", Dataset.get({ uri: "//elsewhere.example/datasets" }), /^dataset\.uri$/],
  ["a uri that climbs", Dataset.get({ uri: "/datasets/.." }), /^dataset\.uri/],
  ["a uri that climbs when decoded", Dataset.get({ uri: "/datasets/%2e%2e" }), /^dataset\.uri/],
  ["a uri with a query", Dataset.get({ uri: "/datasets/o.d?x=1" }), /^dataset\.uri$/],
  ["a version tag of nothing", Version.get("o.d", ""), /^tag$/],
  ["a version tag that is a step", Version.get("o.d", ".."), /^tag$/],
  ["a version tag that is a step, too", Version.get("o.d", "."), /^tag$/],
  ["an upload's name of nothing", Upload.get("o.d.t", ""), /^upload$/],
  ["a query's id of nothing", Query.get(""), /^query$/],
  ["a query's id that is a step", Query.get(".."), /^query$/],
  ["half of a character", Query.get("\ud800"), /^query$/],
  ["a read stream of nothing", drain(ReadSession.bytes("")), /^stream$/],
  ["a read stream that is a step", drain(ReadSession.bytes({ id: "." })), /^stream$/],
  ["an owner of nothing", Dataset.listPage({ user: "" }), /^user$/],
  ["an owner that is a step", Dataset.listPage({ organization: ".." }), /^organization$/],
  ["an owner with a slash", Dataset.listPage({ organization: "a/b" }), /^organization$/],
  ["no owner and no default one", drain(Dataset.list()), /^owner$/],
  ["a dataset's empty name", Dataset.create({ user: "u" }, { name: "" }), /^name$/],
  [
    "an access level that is none",
    Dataset.create({ user: "u" }, { name: "d", publicAccessLevel: wrong("edit") }),
    /^publicAccessLevel$/
  ],
  ["a label with a space", Dataset.update("o.d", { labels: ["a", "b c"] }), /^labels\[1\]$/],
  ["a label with two colons", Dataset.update("o.d", { labels: ["a:b:c"] }), /^labels\[0\]$/],
  ["a table's empty name", Table.create("o.d", { name: "" }), /^name$/],
  [
    "a merge strategy that is none",
    Table.create("o.d", { name: "t", uploadMergeStrategy: wrong("upsert") }),
    /^uploadMergeStrategy$/
  ],
  ["an upload's empty name", Upload.create("o.d.t", { name: "", data: bytes }), /name$/],
  ["an upload's type that is none", Upload.create("o.d.t", { name: "a", data: bytes, type: wrong("docx") }), /type$/],
  [
    "an upload of a stream without a size",
    Upload.create("o.d.t", { name: "a", data: { stream: Stream.empty, size: -1 } }),
    /^data\.size$/
  ],
  [
    "an upload of a stream of half a byte",
    Upload.create("o.d.t", { name: "a", data: { stream: Stream.empty, size: 0.5 } }),
    /^data\.size$/
  ],
  ...[0, -1, 1001, 1.5, Number.NaN, Number.POSITIVE_INFINITY].flatMap((pageSize) =>
    ([
      ["datasets", Dataset.listPage({ user: "u" }, { pageSize })],
      ["datasets as a stream", drain(Dataset.list({ organization: "o" }, { pageSize }))],
      ["tables", Table.listPage("o.d", { pageSize })],
      ["versions", Version.listPage("o.d", { pageSize })],
      // which come in larger pages than others
      ["variables", Variable.listPage(source, { pageSize: pageSize === 1001 ? 10_001 : pageSize })],
      ["a query's variables", Variable.listPage({ query: "1" }, { pageSize: pageSize === 1001 ? 10_001 : pageSize })]
    ] as const).map(([of, call]) => [`a page size of ${pageSize} for ${of}`, call, /^pageSize$/] as const)
  ),
  ...[-1, 1.5, Number.NaN].flatMap((maxResults) => [
    [`${maxResults} rows of csv`, drain(Table.csv("o.d.t", { maxResults })), /^maxResults$/] as const,
    [`${maxResults} rows of a session`, ReadSession.create(source, { maxResults }), /^maxResults$/] as const,
    [`${maxResults} rows of a table`, drain(Table.rows("o.d.t", { maxResults })), /^maxResults$/] as const
  ]),
  ["no stream of a session", ReadSession.create(source, { streams: 0 }), /^streams$/],
  ["a negative offset", drain(ReadSession.bytes("1", { offset: -1 })), /^offset$/],
  ["a session's empty variable", ReadSession.create(source, { variables: ["a", ""] }), /^variables\[1]$/],
  ["a variable with a comma", drain(Table.csv("o.d.t", { variables: ["a", "b,c"] })), /^variables$/],
  ["an empty variable", drain(Table.csv("o.d.t", { variables: [""] })), /^variables\[0]$/],
  ["a label with a comma", Dataset.listPage({ user: "u" }, { labels: ["a,b"] }), /^labels$/],
  ["no SQL", Query.create(""), /^query$/],
  ["no SQL, to be run", Query.run(""), /^query$/],
  [
    "two default scopes of a query",
    Query.create("select 1", { defaultDataset: "o.d", defaultWorkflow: "o.w" }),
    /^defaultDataset$/
  ],
  ["a wrong default scope of a query", Query.create("select 1", { defaultDataset: "o.d.t" }), /^defaultDataset/],
  [
    "a caller's Authorization",
    Redivis.withHeaders(User.me(), { Authorization: "Bearer mine" }),
    /^headers\.Authorization$/
  ],
  ["a caller's cookie", User.me().pipe(Redivis.withHeaders({ cookie: "a=b" })), /^headers\.cookie$/],
  [
    "a stream with a caller's cookie",
    drain(Table.csv("o.d.t")).pipe(Redivis.withHeaders({ COOKIE: "a=b" })),
    /^headers\.COOKIE$/
  ],
  ["a header with a line break", User.me().pipe(Redivis.withHeaders({ "x-a": "planted\r\nx-b: 2" })), /^headers\.x-a$/],
  [
    "a header with a letter that none can carry",
    User.me().pipe(Redivis.withHeaders({ "x-a": "planted \u2713" })),
    /^headers\.x-a$/
  ],
  ["a time limit of nothing", User.me().pipe(Redivis.withTimeout(0)), /^timeout$/],
  ["a time limit that is no number", User.me().pipe(Redivis.withTimeout(Number.NaN)), /^timeout$/],
  ["a header's name that is none", User.me().pipe(Redivis.withHeaders({ "x a": "1" })), /^headers\.x a$/]
]

describe("an input that cannot be meant", () => {
  it.live.each([...refused])("is refused before any request: %s", ([, call, field]) =>
    Effect.gen(function*() {
      const { received, result } = yield* against([{ status: 500 }], call)
      assert.strictEqual(received.length, 0)
      assert.strictEqual(result._tag, "Failure")
      if (result._tag !== "Failure" || result.failure._tag !== "InvalidInput") throw new Error(String(result))
      assert.match(result.failure.field, field)
      assert.match(result.failure.message, /Nothing was sent\.$/)
      assert.include(result.failure.message, result.failure.field)
      assert.isBelow(result.failure.message.length, 500, "it does not repeat what is too long")
      assert.notInclude(result.failure.message, "planted")
      assert.strictEqual(RedivisError.category(result.failure), "input")
    }))

  it.live("is not what lies at its bounds", () =>
    Effect.gen(function*() {
      const calls: ReadonlyArray<readonly [string, Call]> = [
        // whether a text is too long is the server's to say
        ["queries.post", Query.create("x".repeat(262_145))],
        ["queries.post", Query.create("x".repeat(1_000_000))],
        ["datasets.listByUser", Dataset.listPage({ user: "u" }, { pageSize: 1 })],
        ["datasets.listByUser", Dataset.listPage({ user: "u" }, { pageSize: 1000 })],
        ["readSessions.postByTable", ReadSession.create(source, { maxResults: 0, variables: ["a,b"] })],
        ["datasets.postByUser", Dataset.create({ user: "u" }, { name: "d", description: "x".repeat(10_000) })],
        ["datasets.patch", Dataset.update("o.d", { description: "x".repeat(10_000) })],
        ["tables.post", Table.create("o.d:next", { name: "t", description: "x".repeat(10_000) })],
        ["tables.patch", Table.update("o.d:next.t", { description: "x".repeat(10_000) })],
        ["variables.patchByTable", Variable.update({ table: "o.d.t" }, "v", { description: "x".repeat(10_000) })],
        ["datasets.patch", Dataset.update("o.d", { description: null, labels: [] })]
      ]
      for (const [operation, call] of calls) {
        const { received, result } = yield* against(
          [{ body: exampleOf(operation).answer.body }, { body: exampleOf("variables.listByTable").answer.body }],
          call
        )
        assert.strictEqual(result._tag, "Success", operation)
        // a session is followed by the variables, which its streams' descriptors hold
        assert.strictEqual(received.length, operation === "readSessions.postByTable" ? 2 : 1)
      }
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

const someToken = Redacted.make("some-token")

const refusedOptions: ReadonlyArray<readonly [name: string, options: Redivis.Options, field: string]> = [
  ["a token with a line break", { token: Redacted.make("abc\ndef") }, "token"],
  ["a token with a carriage return at its end", { token: Redacted.make("abc\r\n") }, "token"],
  ["a token with a space", { token: Redacted.make("abc def") }, "token"],
  ["a token with other letters", { token: Redacted.make("abcdé") }, "token"],
  ["an endpoint without a scheme", { endpoint: "redivis.com/api/v1" }, "endpoint"],
  ["an endpoint with another scheme", { endpoint: "ftp://redivis.com/api/v1" }, "endpoint"],
  ["an endpoint of nothing", { endpoint: "" }, "endpoint"],
  ["an endpoint with a password", { endpoint: "https://user:secret@redivis.com/api/v1" }, "endpoint"],
  ["an endpoint with a query", { endpoint: "https://redivis.com/api/v1?access_token=secret" }, "endpoint"],
  ["an endpoint with a fragment", { endpoint: "https://redivis.com/api/v1#x" }, "endpoint"],
  ["a token beside a source", { token: someToken, credentials: Effect.succeed(someToken) }, "credentials"],
  ["both default owners", { defaults: { user: "u", organization: "o" } }, "defaults"],
  ["no time", { timeout: 0 }, "timeout"],
  ["negative time", { timeout: -1 }, "timeout"],
  ["no idle time", { idleTimeout: 0 }, "idleTimeout"],
  ["no requests", { maxConcurrent: 0 }, "maxConcurrent"],
  ["half a request", { maxConcurrent: 1.5 }, "maxConcurrent"],
  ["an origin of storage that is none", { trustedStorageOrigins: ["storage"] }, "trustedStorageOrigins"],
  [
    "an origin of storage that is open to all",
    { trustedStorageOrigins: ["http://storage.example.org"] },
    "trustedStorageOrigins"
  ]
]

describe("an option that cannot be meant", () => {
  it.effect.each([...refusedOptions])(
    "is refused when the client is built: %s",
    ([, options, field]) =>
      Effect.gen(function*() {
        const failure = yield* Effect.flip(Layer.build(Redivis.layerFetch(options)))
        assert.deepInclude(failure, { _tag: "InvalidInput", field })
        for (const secret of ["abc", "some-token", "secret"]) assert.notInclude(failure.message, secret)
      })
  )

  it.live("is refused by each call where a source gives it", () =>
    Effect.gen(function*() {
      for (const call of [User.me(), drain(Table.csv("o.d.t"))]) {
        const { received, result } = yield* against([{}], call, {
          token: undefined,
          credentials: Effect.succeed(Redacted.make("abc\ndef"))
        })
        assert.strictEqual(received.length, 0)
        assert.strictEqual(result._tag, "Failure")
        if (result._tag !== "Failure") return
        assert.deepInclude(result.failure, { _tag: "InvalidInput", field: "token" })
        assert.match(result.failure.message, /line break/)
        assert.notInclude(result.failure.message, "abc")
      }
    }))

  it.effect("comes from the environment, too", () =>
    Effect.gen(function*() {
      for (
        const [environment, field] of [
          [{ REDIVIS_API_TOKEN: "abc\n" }, "token"],
          [{ REDIVIS_API_ENDPOINT: "redivis.com" }, "endpoint"],
          [{ REDIVIS_DEFAULT_USER: "u", REDIVIS_DEFAULT_ORGANIZATION: "o" }, "defaults"]
        ] as const
      ) {
        const failure = yield* Layer.build(Redivis.layerFetchConfig).pipe(
          Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: environment })),
          Effect.flip
        )
        assert.deepInclude(failure, { _tag: "InvalidInput", field })
      }
    }))
})

describe("the environment", () => {
  const user = { body: exampleOf("users.me").answer.body }

  const from = (environment: Readonly<Record<string, string>>, call: Call) =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(user))
      const result = yield* Effect.result(Effect.provide(call, Redivis.layerFetchConfig)).pipe(
        Effect.provideService(
          ConfigProvider.ConfigProvider,
          ConfigProvider.fromEnv({ env: { REDIVIS_API_ENDPOINT: server.endpoint, ...environment } })
        )
      )
      return { result, received: server.received }
    })

  it.live("gives the token and the endpoint", () =>
    Effect.gen(function*() {
      const { received } = yield* from({ REDIVIS_API_TOKEN: "from-the-environment" }, User.me())
      assert.strictEqual(received[0]?.headers.authorization, "Bearer from-the-environment")
    }))

  it.live.each([[{}], [{ REDIVIS_API_TOKEN: "" }]])(
    "without a token calls for nobody: %j",
    ([environment]) =>
      Effect.gen(function*() {
        const { received, result } = yield* from(environment, User.me())
        assert.strictEqual(result._tag, "Success")
        assert.notProperty(received[0]!.headers, "authorization")
      })
  )

  it.live("completes references", () =>
    Effect.gen(function*() {
      const owner = { REDIVIS_DEFAULT_ORGANIZATION: "demo" }
      const table = { ...owner, REDIVIS_DEFAULT_DATASET: "penguins" }
      const paths: ReadonlyArray<readonly [Readonly<Record<string, string>>, Call, string]> = [
        [owner, Dataset.get("penguins"), "/datasets/demo.penguins"],
        [
          { REDIVIS_DEFAULT_USER: "me", REDIVIS_DEFAULT_ORGANIZATION: "" },
          Dataset.get("penguins"),
          "/datasets/me.penguins"
        ],
        [table, Table.get("birds"), "/tables/demo.penguins.birds"],
        [owner, drain(Dataset.list()), "/organizations/demo/datasets?maxResults=100"],
        [{ REDIVIS_DEFAULT_USER: "me" }, drain(Dataset.list()), "/users/me/datasets?maxResults=100"],
        [owner, Dataset.create(undefined, { name: "d" }), "/organizations/demo/datasets"]
      ]
      for (const [environment, call, path] of paths) {
        const { received } = yield* from(environment, call)
        assert.strictEqual(received[0]?.target, `/api/v1${path}`)
      }
    }))

  it.live("names the nearer default scope of queries", () =>
    Effect.gen(function*() {
      const all = {
        REDIVIS_DEFAULT_ORGANIZATION: "demo",
        REDIVIS_DEFAULT_DATASET: "penguins",
        REDIVIS_DEFAULT_WORKFLOW: "flow"
      }
      const { REDIVIS_DEFAULT_WORKFLOW: _, ...dataset } = all
      for (
        const [environment, call, scope] of [
          [all, Query.create("select 1"), { defaultWorkflow: "demo.flow" }],
          [dataset, Query.create("select 1"), { defaultDataset: "demo.penguins" }],
          [all, Query.create("select 1", { defaultDataset: "o.d" }), { defaultDataset: "o.d" }],
          [{}, Query.create("select 1"), {}]
        ] as const
      ) {
        const { received } = yield* from(environment, call)
        assert.deepStrictEqual(JSON.parse(received[0]!.body.toString()), { query: "select 1", timeoutMs: 0, ...scope })
      }
    }))
})

describe("an endpoint", () => {
  it.live.each(["", "/", "///"])("is the base of every path, with %j at its end", (end) =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn({ body: exampleOf("users.me").answer.body }))
      yield* Effect.provide(User.me(), clientOf({ endpoint: server.endpoint + end }))
      assert.strictEqual(server.received[0]?.target, "/api/v1/users/me")
    }))
})
