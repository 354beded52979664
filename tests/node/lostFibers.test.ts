/** What calls held that a worker's requests left behind, in workerd itself. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { bundle } from "../runner/bundle.ts"
import { serveWorker } from "../workerd/serve.ts"
import { type Scripted, serve } from "./scriptedServer.ts"

const maxConcurrent = 32

/** Within which the next call begins. */
const soon = 2000

const code = bundle("tests/workerd/lost.ts", { platform: "neutral", conditions: ["workerd", "worker", "browser"] })

interface Setting {
  readonly server: Scripted
  /** Whether calls are answered; at first they are. */
  readonly answerCalls: (isAnswered: boolean) => void
  readonly ask: (path: string) => Effect.Effect<string>
}

/** A worker, and a server that answers calls or leaves them waiting; bodies of rows stand still after some bytes. */
const setting: Effect.Effect<Setting, never, Scope.Scope> = Effect.gen(function*() {
  let isAnswered = true
  const server = yield* serve(({ target }) =>
    target.includes("/rows")
      ? { body: "a,b\n", headers: { "content-length": "100" }, after: "stall" }
      : isAnswered
      ? { body: { kind: "user", name: "u" } }
      : "silence"
  )
  const worker = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const served = serveWorker(await code, { ENDPOINT: server.endpoint })
      if (served === undefined) throw new Error("the package workerd is not installed")
      return served
    }),
    ({ stop }) => Effect.promise(stop)
  )
  return {
    server,
    answerCalls: (answered) => {
      isAnswered = answered
    },
    ask: (path) => Effect.promise(async () => (await worker.fetch(path)).text())
  }
})

/** Has answered many calls, and answers no more. */
const ready = Effect.tap(
  setting,
  ({ answerCalls, ask }) => Effect.andThen(ask("/calls?count=200"), Effect.sync(() => answerCalls(false)))
)

/** How long the next call of the isolate takes to arrive. */
const next = ({ answerCalls, ask }: Setting): Effect.Effect<number> =>
  Effect.suspend(() => {
    answerCalls(true)
    const begin = performance.now()
    return Effect.map(ask("/calls"), (answers) => {
      assert.strictEqual(answers, "[\"answered\"]")
      return performance.now() - begin
    })
  })

describe("a worker whose requests left calls behind", () => {
  for (const way of ["raced", "forgotten", "thrown away after the answer", "lost by a throw"]) {
    it.live(`begins the next one within two seconds: 200 that were ${way}`, () =>
      Effect.gen(function*() {
        const set = yield* ready
        const { ask, server } = set
        const before = server.received.length
        yield* Effect.all([1, 2, 3, 4].map(() => ask(`/${encodeURIComponent(way)}?count=50`)), {
          concurrency: "unbounded"
        })
        assert.isAtLeast(server.received.length - before, 10)
        assert.isBelow(yield* next(set), soon)
      }).pipe(Effect.scoped), 30_000)
  }

  it.live("begins it as soon where nothing was ever answered", () =>
    Effect.gen(function*() {
      const set = yield* setting
      set.answerCalls(false)
      yield* set.ask("/raced?count=200")
      assert.isBelow(yield* next(set), soon)
    }).pipe(Effect.scoped), 30_000)

  it.live(
    "gives no place away of those that live: of 60 in one request, and one of another, 32 arrive at most",
    () =>
      Effect.gen(function*() {
        const set = yield* ready
        const { ask, server } = set
        const before = server.received.length
        // more than twice as long as it takes to notice who is gone
        yield* Effect.all([ask("/raced?count=60&millis=3500"), ask("/raced?millis=3500")], { concurrency: "unbounded" })
        assert.isAtLeast(server.received.length - before, 10)
        assert.isAtMost(server.received.length - before, maxConcurrent)
        assert.isBelow(yield* next(set), soon)
      }).pipe(Effect.scoped),
    30_000
  )

  it.live("counts no body as being read that was left behind", () =>
    Effect.gen(function*() {
      const set = yield* ready
      yield* set.ask("/streams?count=7")
      assert.notInclude(yield* set.ask("/calls?timeout=3000"), "being read")
    }).pipe(Effect.scoped), 30_000)
})
