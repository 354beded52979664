/** What a call leaves behind: responses, spans, log lines, commands; and that no token is in any of them. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as RedivisError from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as Secret from "@effect-redivis/core/Secret"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as User from "@effect-redivis/core/User"
import * as Warnings from "@effect-redivis/core/Warnings"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { against, clientOf, quickly, successOf, token } from "./scriptedClient.ts"
import { type Answer, inTurn, nobody, type Reply, serve } from "./scriptedServer.ts"
import { exampleOf } from "./wireTable.ts"

const me: Reply = { body: exampleOf("users.me").answer.body }

const limits = {
  "date": "Thu, 01 Jan 2026 00:00:00 GMT",
  "x-ratelimit-limit": "1000",
  "x-ratelimit-remaining": "998",
  "x-ratelimit-reset": "1767225660000"
}

describe("withResponse", () => {
  it.live("gives the value and each request in order, its attempts inside", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(
        { status: 503, headers: { "x-a": "1" } },
        { ...me, headers: { ...limits, "x-redivis-warning": "Read this" } },
        { status: 204 }
      ))
      const { responses, value } = yield* Effect.all([User.me(), Dataset.exists("o.d")]).pipe(
        quickly,
        Effect.provideService(Warnings.CurrentWarnings, { warn: () => Effect.void }),
        Redivis.withResponse,
        Effect.provide(clientOf(server))
      )
      assert.deepStrictEqual<unknown>(value, [me.body, true])
      assert.strictEqual(responses.length, 2)
      const [first, second] = responses
      assert.deepInclude(first, {
        operation: "users.me",
        method: "GET",
        url: `${server.endpoint}/users/me`,
        status: 200,
        warnings: ["Read this"],
        rateLimit: { limit: 1000, remaining: 998, resetAt: 1767225660000, date: 1767225600000 }
      })
      assert.deepStrictEqual(first?.attempts.map(({ error, status }) => [status, error?._tag]), [
        [503, "ServiceUnavailable"],
        [200, undefined]
      ])
      assert.strictEqual(first?.attempts[0]?.headers["x-a"], "1")
      assert.deepInclude(second, { operation: "datasets.head", method: "HEAD", status: 204, warnings: [] })
      assert.strictEqual(second?.attempts.length, 1)
    }))

  it.live("has attempts that were never answered", () =>
    Effect.gen(function*() {
      const { responses } = yield* successOf(
        ["hangup", "silence", { body: "{", after: "cut" }, me],
        Redivis.withResponse(
          User.me().pipe(quickly, Redivis.withTimeout(500))
        )
      )
      assert.deepStrictEqual(
        responses[0]?.attempts.map(({ error, status }) => [
          status,
          error?._tag === "TransportError" ? error.reason : error?._tag
        ]),
        [[undefined, "Connection"], [undefined, "Timeout"], [200, "BodyBroken"], [200, undefined]]
      )
    }))

  it.live("tells an outer one too", () =>
    Effect.gen(function*() {
      const outer = yield* successOf(
        [me],
        Redivis.withResponse(Effect.all([User.me(), Redivis.withResponse(User.me()), User.me()]))
      )
      assert.strictEqual(outer.responses.length, 3)
      assert.strictEqual(outer.value[1].responses.length, 1)
    }))

  it.live("of no request is empty", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* successOf([me], Redivis.withResponse(Effect.succeed(1))), {
        value: 1,
        responses: []
      })
    }))
})

describe("tapResponses", () => {
  it.live("runs for each request of a stream, by both forms", () =>
    Effect.gen(function*() {
      const page = (index: number): Reply => ({ body: { results: [], nextPageToken: index < 2 ? index + 1 : null } })
      for (const form of ["first", "last"]) {
        const seen: Array<string> = []
        const note = (exchange: Redivis.Exchange) =>
          Effect.sync(() => void seen.push(`${exchange.operation} ${exchange.status}`))
        const list = Dataset.list({ user: "u" })
        yield* successOf(
          (_, index) => page(index),
          Stream.runDrain(form === "first" ? Redivis.tapResponses(list, note) : list.pipe(Redivis.tapResponses(note)))
        )
        assert.deepStrictEqual(seen, Array.from({ length: 3 }, () => "datasets.listByUser 200"))
      }
    }))

  it.live("hears of a stream of bytes and of a failure", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const { result } = yield* against(
        [{ body: "a\n" }, { status: 404 }],
        Stream.concat(Table.csv("o.d.t"), Table.csv("o.d.u")).pipe(
          Redivis.tapResponses(({ attempts, status }) => Effect.sync(() => void seen.push([status, attempts.length]))),
          Stream.runDrain
        )
      )
      assert.strictEqual(result._tag, "Failure")
      assert.deepStrictEqual(seen, [[200, 1], [404, 1]])
    }))
})

describe("the text of an answer", () => {
  const bodiesOf = (answers: ReadonlyArray<Answer>, call: Effect.Effect<unknown, unknown, Redivis.Redivis>) =>
    Effect.gen(function*() {
      const seen: Array<string | undefined> = []
      const tapped = Stream.fromEffect(call).pipe(
        Redivis.tapResponses((_, body) => Effect.sync(() => void seen.push(body))),
        Stream.runDrain,
        quickly
      )
      yield* against(answers, tapped)
      return seen
    })

  it.live("comes as it was sent, also that of an error and one that does not fit", () =>
    Effect.gen(function*() {
      for (const body of ["{\n  \"name\": \"ada\", \"new\": 9007199254740993 }", "{\"name\":7}", "no JSON"]) {
        assert.deepStrictEqual(yield* bodiesOf([{ body }], User.me()), [body])
        assert.deepStrictEqual(yield* bodiesOf([{ status: 400, body }], User.me()), [body])
      }
    }))

  it.live("is that of the last attempt, and none where no answer came", () =>
    Effect.gen(function*() {
      const body = "{\"name\":\"ada\"}"
      assert.deepStrictEqual(yield* bodiesOf([{ status: 503, body: "busy" }, { body }], User.me()), [body])
      const left: Array<Answer> = [{ status: 503, body: "busy" }, ...Array.from({ length: 9 }, () => "hangup" as const)]
      assert.deepStrictEqual(yield* bodiesOf(left, User.me()), [undefined])
    }))

  it.live("shows no token, no secret and no bytes", () =>
    Effect.gen(function*() {
      const [echoed = ""] = yield* bodiesOf([{ body: `{"name":"ada","echo":"${token}"}` }], User.me())
      assert.include(echoed, "ada")
      assert.notInclude(echoed, token)
      const secret = exampleOf("secrets.getByUser").answer.body
      assert.deepStrictEqual(yield* bodiesOf([{ body: secret }], Secret.get({ user: "researcher" }, "key")), [
        undefined
      ])
      assert.deepStrictEqual(yield* bodiesOf([{ body: "a\n1\n" }], Stream.runDrain(Table.csv("o.d.t"))), [undefined])
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

/** A tracer that keeps its spans. */
const traced = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const spans: Array<Tracer.NativeSpan> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    return Effect.map(Effect.result(Effect.withTracer(effect, tracer)), (result) => ({ result, spans }))
  })

describe("a span", () => {
  it.live("is one a call, with the operation, the reference, the status and the retries", () =>
    Effect.gen(function*() {
      const server = yield* serve(
        inTurn({ status: 503 }, { status: 503 }, { body: exampleOf("datasets.get").answer.body })
      )
      const { spans } = yield* traced(
        Dataset.get("demo.ghcn:7br5").pipe(quickly, Effect.provide(clientOf(server)))
      )
      assert.deepStrictEqual(spans.map(({ name }) => name), ["datasets.get"])
      const [span] = spans
      assert.strictEqual(span?.kind, "client")
      assert.deepStrictEqual(Object.fromEntries(span?.attributes ?? []), {
        "redivis.operation": "datasets.get",
        "redivis.reference": "demo.ghcn:7br5",
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "redivis.retries": 2
      })
      assert.isTrue(span?.status._tag === "Ended" && Exit.isSuccess(span.status.exit))
    }))

  it.live("of a failure ends with it", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn({ status: 404 }))
      const { spans } = yield* traced(Dataset.get("o.d").pipe(Effect.provide(clientOf(server))))
      assert.isTrue(spans[0]?.status._tag === "Ended" && Exit.isFailure(spans[0].status.exit))
      assert.strictEqual(spans[0]?.attributes.get("http.response.status_code"), 404)
    }))

  it.live("is a child of the caller's, and nothing of it goes along with the request", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(me))
      const { spans } = yield* traced(
        Effect.all([User.me(), Stream.runDrain(Table.csv("o.d.t"))]).pipe(
          Effect.provide(clientOf(server)),
          Effect.withSpan("outer")
        )
      )
      assert.deepStrictEqual(spans.map(({ name }) => name), ["outer", "users.me", "tables.listRows"])
      const [outer, ...inner] = spans
      for (const span of inner) {
        assert.strictEqual(span.parent._tag === "Some" ? span.parent.value.spanId : undefined, outer?.spanId)
      }
      for (const { headers } of server.received) {
        assert.notProperty(headers, "traceparent")
        assert.notProperty(headers, "b3")
      }
    }))

  it.live("has what the program says of all spans", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(me))
      const linked = Tracer.externalSpan({ traceId: "1", spanId: "2" })
      const above = Tracer.externalSpan({ traceId: "3", spanId: "4", sampled: false })
      const hidden = Tracer.externalSpan({
        traceId: "5",
        spanId: "6",
        annotations: Context.make(Tracer.DisablePropagation, true)
      })
      const call = User.me().pipe(Effect.provide(clientOf(server)))
      const { spans } = yield* traced(Effect.all([
        call.pipe(Effect.annotateSpans("part", "one"), Effect.linkSpans(linked)),
        Effect.withParentSpan(call, above),
        Effect.withParentSpan(call, hidden),
        Effect.provideService(call, Tracer.MinimumTraceLevel, "Error"),
        Effect.provideService(call, References.TracerTimingEnabled, false)
      ]))
      assert.strictEqual(spans[0]?.attributes.get("part"), "one")
      assert.deepStrictEqual(spans[0]?.links.map(({ span }) => span), [linked])
      assert.deepStrictEqual(spans.map(({ sampled }) => sampled), [true, false, true, false, true])
      assert.deepStrictEqual(spans.map(({ parent }) => parent._tag), ["None", "Some", "None", "None", "None"])
      assert.deepStrictEqual(spans.map(({ status }) => status.startTime === 0n), [false, false, false, false, true])
    }))

  it.live("is none where tracing is off", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(me))
      const { result, spans } = yield* traced(
        User.me().pipe(Effect.provide(clientOf(server)), Effect.provideService(References.TracerEnabled, false))
      )
      assert.strictEqual(result._tag, "Success")
      assert.strictEqual(spans.length, 0)
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

/** What is logged, as each of Effect's formats prints it. */
const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const levels: Array<string> = []
    const keep = (format: Logger.Logger<unknown, unknown>) =>
      Logger.make((options) => {
        const line = format.log(options)
        lines.push(typeof line === "string" ? line : inspect(line, { depth: 10 }))
        levels.push(options.logLevel)
      })
    return Effect.map(
      Effect.provide(
        Effect.result(effect),
        Logger.layer([
          keep(Logger.formatSimple),
          keep(Logger.formatLogFmt),
          keep(Logger.formatJson),
          keep(Logger.formatStructured)
        ])
      ),
      (result) => ({ result, lines, levels })
    )
  })

describe("REDIVIS_LOG=debug", () => {
  const environment = (endpoint: string, log: string) =>
    ConfigProvider.fromEnv({ env: { REDIVIS_API_TOKEN: token, REDIVIS_API_ENDPOINT: endpoint, REDIVIS_LOG: log } })

  const calls = Effect.gen(function*() {
    yield* User.me()
    yield* Effect.ignore(Dataset.get("o.d"))
    yield* Stream.runDrain(Table.csv("o.d.t"))
  })

  it.live("prints one line a request, without secrets", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn({ status: 503 }, me, { status: 404 }, { body: "a\n" }))
      const { levels, lines } = yield* logged(
        calls.pipe(
          quickly,
          Effect.provide(Redivis.layerFetchConfig),
          Effect.provideService(ConfigProvider.ConfigProvider, environment(server.endpoint, "debug"))
        )
      )
      assert.strictEqual(lines.length, 3 * 4)
      assert.isTrue(levels.every((level) => level === "Debug"))
      assert.match(lines[0]!, /GET http:\/\/127\.0\.0\.1:\d+\/api\/v1\/users\/me 200 in \d+ ms, attempts: 2/)
      assert.match(lines[4]!, /GET \S+\/datasets\/o\.d 404 NotFound in \d+ ms, attempts: 1/)
      assert.match(lines[8]!, /GET \S+\/tables\/o\.d\.t\/rows\S* 200 in \d+ ms, attempts: 1/)
      for (const line of lines) assert.notInclude(line, token)
    }))

  it.live.each(["", "info", "1"])("is the only one that prints: %j", (log) =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(me))
      const { lines } = yield* logged(
        calls.pipe(
          Effect.provide(Redivis.layerFetchConfig),
          Effect.provideService(ConfigProvider.ConfigProvider, environment(server.endpoint, log)),
          Effect.provideService(References.MinimumLogLevel, "Trace")
        )
      )
      assert.deepStrictEqual(lines, [])
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

describe("toCurl", () => {
  it.live("prints the request with placeholders", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn({ status: 400 }, { status: 400 }, { status: 403 }))
      const layer = clientOf(server)
      const read = yield* Effect.flip(Dataset.get("o.it's")).pipe(Effect.provide(layer))
      assert.strictEqual(
        RedivisError.toCurl(read),
        `curl --request GET --header "Authorization: Bearer $REDIVIS_API_TOKEN" '${server.endpoint}/datasets/o.it%27s'`
      )
      const written = yield* Effect.flip(Query.create("select 'private'")).pipe(Effect.provide(layer))
      const command = RedivisError.toCurl(written)
      assert.include(command, "--request POST")
      assert.include(command, "--data @body.json")
      assert.notInclude(command, "private")
      const asked = yield* Effect.flip(Dataset.exists("o.d")).pipe(Effect.provide(layer))
      assert.include(RedivisError.toCurl(asked), "curl --head ")
    }))

  it.live("says so where nothing was sent", () =>
    Effect.gen(function*() {
      const { result } = yield* against([me], Query.create(""))
      if (result._tag === "Success") throw new Error("it fails")
      assert.strictEqual(RedivisError.toCurl(result.failure), "# queries.post failed before a request was made")
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

/** Everything that a value could show of itself. */
const shown = (value: unknown): string =>
  [
    inspect(value, {
      depth: Infinity,
      showHidden: true,
      getters: true,
      maxStringLength: Infinity,
      maxArrayLength: Infinity
    }),
    String(value),
    JSON.stringify(value, (_, item: unknown) => typeof item === "bigint" ? String(item) : item) ?? "",
    value instanceof Error ? `${value.message}\n${value.stack}` : ""
  ].join("\n")

/** A server that gives away whatever it was sent. */
const blabbing = (reply: Reply): Reply => ({
  ...reply,
  headers: {
    ...limits,
    "x-redivis-warning": `Your token ${token} is old`,
    "x-echo": `Bearer ${token}`,
    "x-redivis-error-payload": encodeURIComponent(JSON.stringify({ error: "e", error_description: `Bearer ${token}` })),
    // a 429 has nothing to wait for
    "retry-after": "1767225600000",
    ...reply.headers
  }
})

const blabbed = (status: number): Reply =>
  blabbing({
    status,
    body: { status, error: `e ${token}`, error_description: `The token ${token} may not`, scope: token }
  })

const everyAnswer: ReadonlyArray<readonly [string, Answer, next?: Answer]> = [
  ["a 429 that repeats it", blabbed(429), blabbing(me)],
  ...[400, 401, 403, 404, 409, 500, 502, 503].map((status) =>
    [`a ${status} that repeats it`, blabbed(status)] as const
  ),
  ["an answer that does not fit and repeats it", blabbing({ body: { name: [`Bearer ${token}`] } })],
  ["an answer that is no JSON and repeats it", blabbing({ body: `Bearer ${token}` })],
  ["a body that breaks off", blabbing({ body: `{"name":"${token}"`, after: "cut" })],
  ["a connection that closes", "hangup"],
  ["no answer in time", "silence"],
  ["a redirect to nowhere", blabbing({ status: 307, headers: { location: "file:///x" } })],
  ["a success", blabbing(me)]
]

describe("the token", () => {
  it.live.each([...everyAnswer])(
    "is nowhere but in its header: %s",
    ([, answer, next = answer]) =>
      Effect.gen(function*() {
        const server = yield* serve((_, index) => index % 2 === 0 ? answer : next)
        const heard: Array<unknown> = []
        const calls: ReadonlyArray<Effect.Effect<unknown, RedivisError.RedivisError, Redivis.Redivis>> = [
          User.me(),
          Dataset.exists("o.d"),
          Query.create("select 1"),
          Stream.runDrain(ReadSession.bytes("1"))
        ]
        const everything = yield* logged(traced(
          Effect.forEach(calls, (call) =>
            Redivis.withResponse(
              call.pipe(
                Effect.tapError((error) =>
                  Effect.gen(function*() {
                    heard.push(RedivisError.toCurl(error), Cause.pretty(Cause.fail(error)))
                    yield* Effect.logError("It failed", error)
                    yield* Effect.logError(Cause.fail(error))
                  })
                ),
                Effect.result,
                Retry.onRetry((attempt) => Effect.sync(() => void heard.push(attempt)))
              )
            ).pipe(Effect.tap((all) => Effect.sync(() => void heard.push(all))))).pipe(
              Retry.withPolicy({ maxAttempts: 2, baseDelay: 1, maxDelay: 1, maxElapsed: 5000 }),
              Redivis.withTimeout(150),
              Effect.provide(clientOf(server, { log: "debug", idleTimeout: 150 }))
            )
        ))
        assert.isAbove(server.received.length, 3)
        for (const { headers } of server.received) assert.strictEqual(headers.authorization, `Bearer ${token}`)
        const success = everything.result
        if (success._tag === "Failure") throw new Error("the calls keep their results")
        const spans = success.success.spans.flatMap((span) => [
          shown([span.name, [...span.attributes], span.events, span.annotations]),
          span.status._tag === "Ended" && Exit.isFailure(span.status.exit) ? shown(span.status.exit.cause) : ""
        ])
        assert.isAtLeast(spans.length, 2 * calls.length)
        for (const text of [...heard.map(shown), ...everything.lines, ...spans]) {
          assert.notInclude(text, token)
        }
      })
  )

  it.live("is not shown by what a client is made of", () =>
    Effect.gen(function*() {
      const redivis = yield* Effect.provide(Redivis.Redivis, clientOf({ endpoint: "http://127.0.0.1:1" }))
      assert.notInclude(shown(redivis), token)
      for (const part of Object.values(redivis)) assert.notInclude(shown(part), token)
    }))

  it.live("is not shown where there is no connection", () =>
    Effect.gen(function*() {
      const failure = yield* User.me().pipe(
        quickly,
        Effect.provide(clientOf({ endpoint: yield* nobody })),
        Effect.flip
      )
      assert.notInclude(shown(failure), token)
    }))

  it.live("does not go to storage on another origin, but goes to one that is trusted", () =>
    Effect.gen(function*() {
      const storage = yield* serve(inTurn({ status: 200 }))
      const large = new Uint8Array(1024 * 1024 + 1)
      const server = yield* serve((request) =>
        request.target.endsWith("/tempUploads")
          ? {
            body: {
              results: [{
                id: "1",
                url: `${storage.origin}/temp/1?Signature=planted&X-Goog-Signature=planted`,
                resumable: false
              }]
            }
          }
          : { body: exampleOf("uploads.post").answer.body }
      )
      const upload = Upload.create("o.d.t", { name: "a.csv", data: large, wait: false })
      yield* Effect.provide(upload, clientOf(server))
      assert.strictEqual(storage.received[0]?.method, "PUT")
      assert.strictEqual(storage.received[0]?.body.length, large.length)
      assert.notProperty(storage.received[0]?.headers, "authorization")
      assert.notInclude(JSON.stringify(storage.received[0]?.headers), token)
      yield* Effect.provide(upload, clientOf(server, { trustedStorageOrigins: [storage.origin] }))
      assert.strictEqual(storage.received[1]?.headers.authorization, `Bearer ${token}`)
    }))

  it.live("of storage, a signature in a URL, is in no error", () =>
    Effect.gen(function*() {
      const storage = yield* serve(inTurn({ status: 403, body: "no" }))
      const server = yield* serve(inTurn({
        body: {
          results: [{
            id: "1",
            url: `${storage.origin}/temp/1?Signature=planted&X-Goog-Signature=planted`,
            resumable: false
          }]
        }
      }))
      const failure = yield* Upload.create("o.d.t", { name: "a.csv", data: new Uint8Array(1024 * 1024 + 1) }).pipe(
        quickly,
        Effect.provide(clientOf(server)),
        Effect.flip
      )
      assert.strictEqual(failure._tag, "UnexpectedStatus")
      assert.notInclude(shown(failure), "planted")
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

describe("layerMock", () => {
  const mock = Redivis.layerMock({
    "users.me": () => Effect.succeed({ name: "somebody" }),
    "datasets.get": ({ params }: { readonly params: { readonly dataset: string } }) =>
      Effect.fail(
        new RedivisError.NotFound({
          operation: "datasets.get",
          method: "GET",
          url: params.dataset,
          status: 404,
          warnings: []
        })
      ),
    "tables.listRows": () => Stream.make(new TextEncoder().encode("a\n1\n"))
  })

  it.effect("answers by the handlers of a test, without a server", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* User.me()).name, "somebody")
      const failure = yield* Effect.flip(Dataset.get("o.d"))
      assert.deepInclude(failure, { _tag: "NotFound", url: "o.d" })
      const rows = yield* Stream.runCollect(Table.csv("o.d.t"))
      assert.strictEqual(Buffer.concat(rows).toString(), "a\n1\n")
    }).pipe(Effect.provide(mock)))

  it.effect("refuses what is wrong as a client does", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(Dataset.get(""))
      assert.strictEqual(failure._tag, "InvalidInput")
    }).pipe(Effect.provide(mock)))

  it.effect("dies of what it has no handler for, by name", () =>
    Effect.gen(function*() {
      const calls: ReadonlyArray<Effect.Effect<unknown, RedivisError.RedivisError, Redivis.Redivis>> = [
        Query.get("1"),
        Stream.runDrain(ReadSession.bytes("1"))
      ]
      for (const call of calls) {
        const exit = yield* Effect.exit(call)
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
        assert.match(
          Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "",
          /layerMock has no handler for (queries\.get|readSessions\.getStream)/
        )
      }
    }).pipe(Effect.provide(mock)))
})

describe("two clients", () => {
  it.live("are two accounts", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(me))
      const as = (text: string) => Effect.provide(User.me(), clientOf(server, { token: Redacted.make(text) }))
      yield* Effect.all([as("first-token"), as("second-token")])
      assert.deepStrictEqual(server.received.map(({ headers }) => headers.authorization), [
        "Bearer first-token",
        "Bearer second-token"
      ])
    }))
})
