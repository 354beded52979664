/** What errors leave behind on the emulator's side, which sees each answer's end and each connection. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import type { Redivis } from "@effect-redivis/core/Redivis"
import type { RedivisError } from "@effect-redivis/core/RedivisError"
import * as Table from "@effect-redivis/core/Table"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

const connections = 32

/** Much longer than what is read of an error. */
const page = "x".repeat(1_000_000)

/** Looks again and again for a second. */
const soon = (count: Effect.Effect<number>, isReached: (count: number) => boolean): Effect.Effect<number> =>
  Effect.gen(function*() {
    const startedAt = performance.now()
    for (;;) {
      const now = yield* count
      if (isReached(now) || performance.now() - startedAt > 1000) return now
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
  })

const calls: ReadonlyArray<Effect.Effect<unknown, RedivisError, Redivis>> = [
  Dataset.get("o.d"),
  Stream.runDrain(Table.csv("o.d.t")),
  Stream.runDrain(ReadSession.bytes("1")),
  Stream.runDrain(Table.rows("o.d.t"))
]

const numbered = (count: number) => Array.from({ length: count }, (_, index) => index)

describe("a thousand errors whose bodies nobody read", () => {
  for (const [name, body] of [["short", "gone"], ["longer than anybody reads", page]] as const) {
    it.live(
      `leave no answer unfinished and no socket beyond the pool, and none after the layer: ${name}`,
      () =>
        Effect.gen(function*() {
          const emulator = yield* Emulator.make({ rateLimit: 1_000_000 })
          yield* emulator.faults.add({ match: "**", do: { status: 404, html: body } })
          yield* Effect.gen(function*() {
            yield* Effect.forEach(numbered(1000), (index) => Effect.flip(calls[index % calls.length]!), {
              concurrency: 2 * connections,
              discard: true
            })
            assert.strictEqual((yield* emulator.requests).length, 1000)
            assert.strictEqual(yield* soon(emulator.unfinishedResponses, (count) => count === 0), 0)
            assert.strictEqual(yield* emulator.openStreams, 0)
            assert.isAtMost(yield* soon(emulator.openSockets, (count) => count <= connections), connections)
          }).pipe(
            Effect.provide(NodeRedivis.layer({ endpoint: emulator.baseUrl, token: Redacted.make(emulator.token) }))
          )
          assert.strictEqual(yield* soon(emulator.openSockets, (count) => count === 0), 0)
        }),
      60_000
    )
  }
})
