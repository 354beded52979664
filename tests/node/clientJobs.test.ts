/** Waiting for what the service does in the background. */
import type * as Dataset from "@effect-redivis/core/Dataset"
import * as Export from "@effect-redivis/core/Export"
import * as Notebook from "@effect-redivis/core/Notebook"
import * as Query from "@effect-redivis/core/Query"
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Transform from "@effect-redivis/core/Transform"
import type { RedivisError } from "@effect-redivis/core/RedivisError"
import * as Upload from "@effect-redivis/core/Upload"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { clientOf, onTestClock } from "./scriptedClient.ts"
import { type Answer, inTurn, type Received, type Reply, type Scripted, serve } from "./scriptedServer.ts"
import { exampleOf } from "./wireTable.ts"

const query = (status: string, more: object = {}): Answer => ({
  body: { id: "q1", kind: "query", uri: "/queries/q1", status, ...more }
})

const upload = (status: string, more: object = {}): Answer => ({
  body: {
    ...exampleOf("uploads.get").answer.body as object,
    uri: "/tables/o.d:next.t/uploads/a%2Fb_csv",
    status,
    ...more
  }
})

interface Ran<A, E> {
  readonly result: { readonly _tag: "Success"; readonly success: A } | { readonly _tag: "Failure"; readonly failure: E }
  readonly server: Scripted
  /** When each request came, on the test clock. */
  readonly at: ReadonlyArray<number>
}

const run = <A, E>(
  answers: ReadonlyArray<Answer> | ((received: Received, index: number) => Answer),
  call: Effect.Effect<A, E, Redivis.Redivis>
): Effect.Effect<Ran<A, E>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const at: Array<number> = []
    const reply = typeof answers === "function" ? answers : inTurn(...answers)
    const server = yield* serve((request, index) => {
      at.push(clock.currentTimeMillisUnsafe())
      return reply(request, index)
    })
    const result = yield* onTestClock(Effect.result(Effect.provide(call, clientOf(server))))
    return { result, server, at }
  })

const paths = (server: Scripted) =>
  server.received.map(({ method, target }) => `${method} ${target.replace("/api/v1", "")}`)

/** How a call that fails has failed, and after how many milliseconds of the test clock. */
const timed = <A, E, R>(call: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const startedAt = yield* Clock.currentTimeMillis
    const error = yield* Effect.flip(call)
    return { error, after: (yield* Clock.currentTimeMillis) - startedAt }
  })

interface Failed {
  readonly _tag: string
  readonly message: string
}

const assertLate = (
  result: Ran<{ readonly error: Failed; readonly after: number }, unknown>["result"],
  deadline: number,
  fields: object
): Failed | undefined => {
  assert.strictEqual(result._tag, "Success")
  if (result._tag !== "Success") return undefined
  const { after, error } = result.success
  assert.deepInclude(error, { _tag: "DeadlineExceeded", ...fields })
  assert.isAtLeast(after, deadline)
  assert.isAtMost(after, deadline + 100)
  return error
}

describe("a query that is run", () => {
  it.effect("is made, and asked for with longer and longer pauses until it is completed", () =>
    Effect.gen(function*() {
      const states = ["queued", "running", "running", "running", "something new", "running", "completed"]
      const told: Array<string> = []
      const { at, result, server } = yield* run(
        states.map((status) => query(status, { outputNumRows: 3 })),
        Query.run("select 1", { onProgress: ({ status }) => Effect.sync(() => void told.push(status)) })
      )
      assert.strictEqual(result._tag, "Success")
      if (result._tag === "Success") {
        assert.deepInclude(result.success, { id: "q1", status: "completed", outputNumRows: 3 })
      }
      assert.deepStrictEqual(paths(server), [
        "POST /queries",
        ...Array.from({ length: 6 }, () => "GET /queries/q1")
      ])
      assert.deepStrictEqual(told, states)
      const pauses = at.slice(1).map((time, index) => time - at[index]!)
      for (const [index, pause] of pauses.entries()) {
        const asked = Math.min(50 * 1.5 ** index, 5000)
        assert.isAtLeast(pause, asked)
        assert.isAtMost(pause, asked + 500)
      }
    }))

  it.effect("is asked for no more often than every five seconds in the end", () =>
    Effect.gen(function*() {
      const { at } = yield* run(
        (_, index) => query(index < 15 ? "running" : "completed"),
        Query.run("select 1")
      )
      const last = at.slice(-3)
      assert.isAtLeast(last[2]! - last[1]!, 5000)
      assert.isAtMost(last[2]! - last[1]!, 5500)
    }))

  it.effect("that is completed at once is not asked for", () =>
    Effect.gen(function*() {
      const { server } = yield* run([query("completed")], Query.run("select 1"))
      assert.strictEqual(server.received.length, 1)
    }))

  it.effect("that failed is a JobFailed with the server's message", () =>
    Effect.gen(function*() {
      const { result } = yield* run(
        [query("running"), query("failed", { errorMessage: "Unrecognized name: x at [1:8]" })],
        Query.run("select x")
      )
      assert.strictEqual(result._tag, "Failure")
      if (result._tag !== "Failure") return
      assert.deepInclude(result.failure, {
        _tag: "JobFailed",
        kind: "query",
        id: "q1",
        errorMessage: "Unrecognized name: x at [1:8]",
        position: { line: 1, column: 8 }
      })
      assert.match(result.failure.message, /Unrecognized name.*start it anew/)
    }))

  it.effect("that failed has a position where its message ends in one, whatever the message quotes", () =>
    Effect.gen(function*() {
      const quoting = "Could not cast literal \"at [9:9] at [8:8]\" to type DATE at [12:345]"
      for (
        const [errorMessage, position] of [
          [quoting, { line: 12, column: 345 }],
          ["Resources exceeded", undefined],
          ["Unexpected [1:8]", undefined]
        ] as const
      ) {
        const { result } = yield* run([query("failed", { errorMessage })], Query.run("select x"))
        assert.strictEqual(result._tag, "Failure")
        if (result._tag !== "Failure" || result.failure._tag !== "JobFailed") return assert.fail("it failed otherwise")
        assert.deepStrictEqual(result.failure.position, position)
      }
    }))

  it.effect("that failed without a message is a JobFailed that says so", () =>
    Effect.gen(function*() {
      const { result } = yield* run([query("failed", { errorMessage: null })], Query.run("select x"))
      assert.isTrue(
        result._tag === "Failure" && result.failure._tag === "JobFailed" && result.failure.errorMessage === undefined
      )
      if (result._tag === "Failure") assert.match(result.failure.message, /no reason/)
    }))

  it.effect("that was cancelled is a JobCancelled", () =>
    Effect.gen(function*() {
      const { result } = yield* run([query("queued"), query("cancelled")], Query.run("select 1"))
      assert.isTrue(result._tag === "Failure" && result.failure._tag === "JobCancelled" && result.failure.id === "q1")
    }))

  it.effect("goes on after the deadline, which says how to wait again", () =>
    Effect.gen(function*() {
      const { at, result } = yield* run([query("running")], Query.run("select 1", { deadline: "3 seconds" }))
      assert.strictEqual(result._tag, "Failure")
      if (result._tag !== "Failure") return
      assert.deepInclude(result.failure, { _tag: "DeadlineExceeded", kind: "query", id: "q1", status: "running" })
      assert.match(result.failure.message, /wait again with its id/)
      assert.isAtMost(at.at(-1)! - at[0]!, 3500)
    }))

  it.effect("has a deadline that counts from its start, what the server holds back its answer included", () =>
    Effect.gen(function*() {
      const bodies: Array<unknown> = []
      const { result } = yield* run((request) => {
        if (request.method === "POST") bodies.push(JSON.parse(request.body.toString()))
        return query("running")
      }, Query.run("select 1", { timeout: "10 seconds", deadline: "3 seconds" }))
      assert.isTrue(result._tag === "Failure" && result.failure._tag === "DeadlineExceeded")
      // soon enough for the answer to tell the id before the deadline
      assert.deepStrictEqual(bodies, [{ query: "select 1", timeoutMs: 2500 }])
    }))

  it.effect("has its deadline whatever the service does: answers nothing, only a part, or that it is down", () =>
    Effect.gen(function*() {
      const stalled: Answer = { ...query("completed") as Reply, after: "stall" }
      const down: Answer = { status: 503 }
      for (const held of ["silence", stalled, down] as const) {
        const asked = yield* run(
          (_, index) => index === 0 ? query("queued") : held,
          timed(Query.run("select 1", { deadline: "1 second" }))
        )
        assertLate(asked.result, 1000, { kind: "query", id: "q1", status: "queued" })
        const firstAsked = yield* run(() => held, timed(Query.wait("q1", { deadline: "1 second" })))
        assertLate(firstAsked.result, 1000, { kind: "query", id: "q1", status: "unknown" })
      }
    }))

  it.effect("that is not answered before the deadline is started once, and its id is not known", () =>
    Effect.gen(function*() {
      for (const held of ["silence", { ...query("completed") as Reply, after: "stall" }] as const) {
        const { result, server } = yield* run(
          () => held,
          timed(Query.run("select 1", { deadline: "1 second" })).pipe(Effect.tap(() => Effect.sleep("1 minute")))
        )
        const error = assertLate(result, 1000, { kind: "query", status: "unknown" })
        assert.notProperty(error, "id")
        assert.match(error?.message ?? "", /may run all the same/)
        assert.deepStrictEqual(paths(server), ["POST /queries"])
        yield* Effect.promise(() => server.received[0]!.closed)
      }
    }))

  it.effect("is asked once more so early before the deadline that the answer can come", () =>
    Effect.gen(function*() {
      const { at, result } = yield* run(
        (_, index) => query(index < 6 ? "running" : "completed"),
        Query.run("select 1", { deadline: "4 seconds" })
      )
      assert.strictEqual(result._tag, "Success")
      assert.isAtMost(at.at(-1)! - at[0]!, 3900)
    }))

  it.effect("is known to be completed although no time is left to ask", () =>
    Effect.gen(function*() {
      const handle = { id: "q1", status: "completed" }
      const { result } = yield* run([query("completed")], Query.wait(handle, { deadline: 0 }))
      assert.strictEqual(result._tag, "Success")
    }))

  it.effect("is waited for by the server as long as its timeout says, at most a minute", () =>
    Effect.gen(function*() {
      for (const [options, timeoutMs] of [[{}, 0], [{ timeout: "1 minute" }, 60_000]] as const) {
        const { result, server } = yield* run([query("completed")], Query.run("select 1", options))
        assert.strictEqual(result._tag, "Success")
        assert.deepStrictEqual(JSON.parse(server.received[0]!.body.toString()), { query: "select 1", timeoutMs })
      }
      const { result, server } = yield* run([query("completed")], Query.run("select 1", { timeout: "61 seconds" }))
      assert.isTrue(
        result._tag === "Failure" && result.failure._tag === "InvalidInput" && result.failure.field === "timeout"
      )
      assert.strictEqual(server.received.length, 0)
    }))

  it.effect("is not asked for any more after an interruption", () =>
    Effect.gen(function*() {
      const { at, result } = yield* run(
        [query("running")],
        Query.run("select 1").pipe(
          Effect.timeoutOption("2 seconds"),
          Effect.tap(() => Effect.sleep("1 minute"))
        )
      )
      assert.isTrue(result._tag === "Success" && result.success._tag === "None")
      assert.isAbove(at.length, 2)
      assert.isAtMost(at.at(-1)! - at[0]!, 2000)
    }))

  it.effect("is not waited for where nobody wants to", () =>
    Effect.gen(function*() {
      const { result, server } = yield* run([query("queued")], Query.run("select 1", { wait: false }))
      assert.isTrue(result._tag === "Success" && result.success.status === "queued")
      assert.strictEqual(server.received.length, 1)
    }))

  it.effect("is waited for by its id, its handle, or what is known of it", () =>
    Effect.gen(function*() {
      const handle = { id: "q1", status: "running" }
      for (
        const [given, requests] of [["q1", 1], [handle, 1], [{ ...handle, status: "completed" }, 0]] as const
      ) {
        const { server } = yield* run([query("completed")], Query.wait(given))
        assert.strictEqual(server.received.length, requests)
      }
    }))

  it.effect("is found again through a fault of the service", () =>
    Effect.gen(function*() {
      const { result } = yield* run(
        [query("running"), { status: 503 }, "hangup", query("completed")],
        Query.run("select 1")
      )
      assert.strictEqual(result._tag, "Success")
    }))
})

describe("a handle", () => {
  const travelled = <A>(schema: Schema.Codec<A>, handle: A): A =>
    Schema.decodeUnknownSync(schema)(JSON.parse(JSON.stringify(Schema.encodeSync(schema)(handle))))

  it.effect("that travelled as JSON is waited for as the one that was made", () =>
    Effect.gen(function*() {
      const made = yield* run([query("running")], Query.create("select 1"))
      assert.strictEqual(made.result._tag, "Success")
      if (made.result._tag !== "Success") return
      const handle = travelled(Query.Query, made.result.success)
      assert.deepStrictEqual(handle, made.result.success)
      const { result, server } = yield* run([query("completed")], Query.wait(handle))
      assert.strictEqual(result._tag, "Success")
      assert.deepStrictEqual(server.received.map(({ target }) => target), ["/api/v1/queries/q1"])
      const file = { ...exampleOf("uploads.get").answer.body as Upload.Upload, status: "running" }
      assert.deepStrictEqual(travelled(Upload.Upload, file), file)
      assert.throws(() => Schema.decodeUnknownSync(Upload.Upload)({ ...file, uri: 1 }))
    }))
})

describe("an upload", () => {
  it.effect("is waited for by the path that the server gave it", () =>
    Effect.gen(function*() {
      const { result, server } = yield* run(
        [upload("queued"), upload("running"), upload("completed", { numRows: 2 })],
        Upload.create("o.d:next.t", { name: "a/b.csv", data: new Uint8Array(3) })
      )
      assert.isTrue(result._tag === "Success" && result.success.numRows === 2)
      assert.deepStrictEqual(paths(server), [
        "POST /tables/o.d%3Anext.t/uploads",
        "GET /tables/o.d%3Anext.t/uploads/a%2Fb_csv",
        "GET /tables/o.d%3Anext.t/uploads/a%2Fb_csv"
      ])
    }))

  it.effect("that cannot be imported is a JobFailed", () =>
    Effect.gen(function*() {
      const { result } = yield* run(
        [upload("queued"), upload("failed", { errorMessage: "Row 3 has 4 columns" })],
        Upload.create("o.d:next.t", { name: "a/b.csv", data: new Uint8Array(3) })
      )
      assert.isTrue(
        result._tag === "Failure" && result.failure._tag === "JobFailed" && result.failure.kind === "upload"
      )
      if (result._tag === "Failure") assert.include(result.failure.message, "Row 3 has 4 columns")
    }))

  it.effect("is never waited for at a path of another kind", () =>
    Effect.gen(function*() {
      for (const uri of ["https://elsewhere.example/tables/a.b.c/uploads/d", "/users/me", "/tables/a.b.c/uploads/.."]) {
        const { result, server } = yield* run([upload("completed")], Upload.wait({ uri }))
        assert.isTrue(result._tag === "Failure" && result.failure._tag === "InvalidInput")
        assert.strictEqual(server.received.length, 0)
      }
    }))
})

describe("a release", () => {
  const version = (more: object): Answer => ({ body: { tag: "next", ...more } })

  it.effect("that takes its time is waited for: first the next version, then the current one", () =>
    Effect.gen(function*() {
      const { result, server } = yield* run(
        (request, index) =>
          index === 0
            ? version({ isReleased: false, status: "queued" })
            : index === 1
            ? version({ isReleased: false, status: "running" })
            : request.target.endsWith("/next")
            ? { status: 404 }
            : version({ tag: "v1.0", isReleased: true, status: "completed" }),
        Version.release("o.d", { releaseNotes: "First" })
      )
      assert.isTrue(result._tag === "Success" && result.success.tag === "v1.0")
      assert.deepStrictEqual(paths(server), [
        "POST /datasets/o.d/versions/next/release",
        "GET /datasets/o.d/versions/next",
        "GET /datasets/o.d/versions/next",
        "GET /datasets/o.d/versions/current"
      ])
    }))

  it.effect("that the server does at once is not waited for", () =>
    Effect.gen(function*() {
      const { server } = yield* run([version({ tag: "v1.0", isReleased: true })], Version.release("o.d"))
      assert.strictEqual(server.received.length, 1)
      assert.strictEqual(server.received[0]?.body.toString(), "{}")
    }))

  it.effect("that failed is a JobFailed with the version's message", () =>
    Effect.gen(function*() {
      const { result } = yield* run(
        [
          version({ isReleased: false, status: "running" }),
          version({ status: "failed", releaseErrorMessage: "An upload failed" })
        ],
        Version.release("o.d")
      )
      assert.isTrue(
        result._tag === "Failure" && result.failure._tag === "JobFailed" &&
          result.failure.errorMessage === "An upload failed"
      )
    }))

  it.effect("of a dataset that was read goes by its path", () =>
    Effect.gen(function*() {
      const dataset = exampleOf("datasets.get").answer.body as Dataset.Dataset
      const { server } = yield* run([version({ tag: "v1.0", isReleased: true })], Version.release(dataset))
      assert.deepStrictEqual(paths(server), [
        "POST /datasets/demo.ghcn_daily_weather_data%3A7br5%3Av1_1/versions/next/release"
      ])
    }))
})

describe("a transform", () => {
  const job = (id: string, status: string, more: object = {}) => ({ id, kind: "transformJob", status, ...more })
  const transform = (currentJob: object | null, lastRunJob: object | null): Answer => ({
    body: { name: "t", uri: "/transforms/o.w.t", currentJob, lastRunJob }
  })

  it.effect("that is run is waited for until its own run has ended", () =>
    Effect.gen(function*() {
      const before = job("j1", "completed")
      const { result, server } = yield* run(
        [
          transform(job("j2", "queued"), before),
          transform(job("j2", "running"), before),
          transform(null, job("j2", "completed"))
        ],
        Transform.run("o.w.t")
      )
      assert.strictEqual(result._tag, "Success")
      assert.deepStrictEqual(paths(server), [
        "POST /transforms/o.w.t/run",
        "GET /transforms/o.w.t",
        "GET /transforms/o.w.t"
      ])
    }))

  it.effect("whose answer has not its run yet is not taken for the run before", () =>
    Effect.gen(function*() {
      const before = job("j1", "completed")
      const { result, server } = yield* run(
        [
          transform(null, before),
          transform(null, before),
          transform(job("j2", "running"), before),
          transform(null, job("j2", "failed", { errorMessage: "no such column" }))
        ],
        Transform.run("o.w.t")
      )
      assert.strictEqual(result._tag, "Failure")
      if (result._tag === "Failure") {
        assert.deepInclude(result.failure, { _tag: "JobFailed", kind: "transform", errorMessage: "no such column" })
      }
      assert.strictEqual(server.received.length, 4)
    }))

  it.effect("that runs again meanwhile has given its own run's outcome all the same", () =>
    Effect.gen(function*() {
      const { result } = yield* run(
        [
          transform(job("j1", "running"), null),
          transform(job("j2", "running"), job("j1", "cancelled"))
        ],
        Transform.wait("o.w.t")
      )
      assert.strictEqual(result._tag, "Failure")
      if (result._tag === "Failure") assert.deepInclude(result.failure, { _tag: "JobCancelled", id: "j1" })
    }))

  it.effect.each<readonly [string, Answer]>([
    ["runs", transform(job("j2", "running"), job("j0", "completed"))],
    ["has ended", transform(null, job("j2", "completed"))]
  ])(
    "whose place another run has taken, which %s, has not ended as that one",
    ([, displaced]) =>
      Effect.gen(function*() {
        const { result, server } = yield* run(
          [transform(job("j1", "running"), job("j0", "completed")), displaced],
          Transform.run("o.w.t")
        )
        assert.strictEqual(result._tag, "Failure")
        if (result._tag === "Failure") {
          assert.deepInclude(result.failure, { _tag: "JobFailed", kind: "transform", id: "j1" })
          assert.include(result.failure.message, "j2")
        }
        assert.strictEqual(server.received.length, 2)
      })
  )

  it.effect("that was never run is nothing to wait for", () =>
    Effect.gen(function*() {
      const { result, server } = yield* run([transform(null, null)], Transform.wait("o.w.t"))
      assert.strictEqual(result._tag, "Failure")
      if (result._tag === "Failure") assert.deepInclude(result.failure, { _tag: "InvalidInput", field: "transform" })
      assert.strictEqual(server.received.length, 1)
    }))
})

describe("a time to wait", () => {
  const data = new Uint8Array(3)

  const waits = (deadline: Duration.Input) => ({
    "a query that is run": Query.run("select 1", { deadline }),
    "a query": Query.wait("q1", { deadline }),
    "an upload that is made": Upload.create("o.d:next.t", { name: "a.csv", data, deadline }),
    "an upload": Upload.wait({ uri: "/tables/o.d:next.t/uploads/a_csv" }, { deadline }),
    "an export that is made": Export.run({ table: "o.d.t" }, { format: "csv", deadline }),
    "an export": Export.wait("e1", { deadline }),
    "a release": Version.release("o.d", { deadline }),
    "a release that is under way": Version.wait("o.d", { deadline }),
    "a transform that is run": Transform.run("o.w.t", { deadline }),
    "a transform": Transform.wait("o.w.t", { deadline }),
    "a notebook that is run": Notebook.run("o.w.n", { deadline }),
    "a notebook": Notebook.wait("o.w.n", { deadline }),
    "statistics": Variable.statistics({ table: "o.d.t" }, "x", { deadline })
  })

  it.effect("that is negative or none is refused before any request, by the name that the caller gave it", () =>
    Effect.gen(function*() {
      // a time that is none can only come from a program without types
      const none = "soon" as Duration.Input
      for (const wrong of [-5, Number.NaN, "-1 second", { seconds: Number.NaN }, none] as const) {
        for (
          const [name, call] of Object.entries<Effect.Effect<unknown, RedivisError, Redivis.Redivis>>(waits(wrong))
        ) {
          const { result, server } = yield* run([{ status: 404 }], call)
          assert.strictEqual(result._tag, "Failure", name)
          if (result._tag === "Failure") {
            assert.deepInclude(result.failure, { _tag: "InvalidInput", field: "deadline" }, name)
          }
          assert.strictEqual(server.received.length, 0, name)
        }
        const { result, server } = yield* run([query("completed")], Query.run("select 1", { timeout: wrong }))
        assert.isTrue(
          result._tag === "Failure" && result.failure._tag === "InvalidInput" && result.failure.field === "timeout"
        )
        assert.strictEqual(server.received.length, 0)
      }
    }))

  it.effect("bounds the first request of each wait too", () =>
    Effect.gen(function*() {
      const calls = Object.entries<Effect.Effect<unknown, RedivisError, Redivis.Redivis>>(waits("1 second"))
      // what is made or run first is waited for only once that is answered
      for (const [name, call] of calls.filter(([name]) => !/ made$| run$|^a release$/.test(name))) {
        const { result } = yield* run(() => "silence", timed(call))
        assert.strictEqual(result._tag, "Success", name)
        assertLate(result, 1000, { status: "unknown" })
      }
    }))
})
