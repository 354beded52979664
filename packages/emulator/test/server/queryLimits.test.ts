import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, json, penguins, until } from "./harness.ts"

/** Does not end before the sun has burnt out. */
const endless =
  "select count(*) as n from unnest(generate_array(1, 1000000)) as a, unnest(generate_array(1, 1000000)) as b, unnest(generate_array(1, 1000000)) as c where mod(a + b + c, 7) = 8"

const start = (sql: string) => json("/queries", { method: "POST", json: { query: sql, timeoutMs: 0 } })

const statusOf = ({ id }: { readonly id: string }) =>
  Effect.map(json(`/queries/${id}`), ({ status }) => status as string)

layer(Emulator.layer({ seed: penguins(), rateLimit: 100_000, queryTimeout: "1 hour" }), { excludeTestServices: true })(
  "queries that do not end",
  (it) => {
    it.effect(
      "run five at a time, and the others are queued while the rest of the API goes on",
      () =>
        Effect.gen(function*() {
          const emulator = yield* Emulator.Emulator
          const five = yield* Effect.forEach([1, 2, 3, 4, 5], () => start(endless))
          yield* until(Effect.forEach(five, statusOf), (all) => all.every((status: string) => status === "running"))
          const waiting = yield* Effect.forEach([6, 7], () => start("select 1 as a"))
          assert.strictEqual((yield* json("/tables/demo.penguins_.birds")).name, "Birds")
          assert.deepStrictEqual(yield* Effect.forEach([...five, ...waiting], statusOf), [
            ...Array.from({ length: 5 }, () => "running"),
            "queued",
            "queued"
          ])
          assert.strictEqual((yield* call(`/queries/${waiting[0].id}/readSessions`, { method: "POST" })).status, 400)
          yield* emulator.reset
        }),
      60_000
    )
  }
)

layer(Emulator.layer({ seed: penguins(), queryTimeout: "500 millis" }), { excludeTestServices: true })(
  "a query that runs longer than it may",
  (it) => {
    it.effect("fails in the words of the service, and makes room for the next", () =>
      Effect.gen(function*() {
        const failed = yield* json("/queries", { method: "POST", json: { query: endless, timeoutMs: 60_000 } })
        assert.strictEqual(failed.status, "failed")
        assert.match(failed.errorMessage, /^Operation timed out after 0\.5 seconds\. Consider reducing/)
        const next = yield* start("select count(*) as n from `demo.penguins_.birds`")
        yield* until(statusOf(next), (status) => status === "completed")
      }), 60_000)
  }
)
