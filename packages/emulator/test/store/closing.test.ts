/** That a store closes in good order, whatever it does at that moment. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { pbkdf2 } from "node:crypto"
import { tmpdir } from "node:os"
import { promisify } from "node:util"
import * as Database from "../../src/store/Database.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"

const derived = promisify(pbkdf2)

/** Ten thousand million pairs: longer than any test waits. */
const endless = "SELECT sum(a.range * b.range) AS s FROM range(100000) AS a, range(100000) AS b"

describe("a store that closes", () => {
  it.live("stops a query that runs and that nobody has interrupted", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const store = yield* Scope.provide(StoreDuckDB.make(), scope)
      yield* store.accounts.putUser({ name: "somebody" })
      const { id } = yield* store.queries.create({ owner: "somebody", sql: "" })
      const running = Effect.runFork(store.queries.execute(id, { sql: endless, relations: [] }))
      while ((yield* store.queries.get(id)).status !== "running") yield* Effect.yieldNow
      // by the time that these have been answered the query is under way
      for (let asked = 0; asked < 20; asked++) yield* store.queries.check({ sql: "SELECT 1", relations: [] })
      yield* Scope.close(scope, Exit.void)
      const exit = yield* Fiber.await(running)
      assert.isTrue(Exit.isFailure(exit))
    }))
  for (const how of ["interrupted", "closed"] as const) {
    it.live(`stops a statement that waits for a thread yet: ${how}`, () =>
      Effect.gen(function*() {
        const scope = yield* Scope.make()
        const database = yield* Scope.provide(
          Database.open({ path: ":memory:", threads: 2, first: [], columns: {}, spillDirectory: tmpdir() }),
          scope
        )
        yield* database.rows("SELECT 1")
        // what DuckDB is asked next waits behind them, and forgets what it was told meanwhile
        const others = Array.from({ length: 8 }, () => derived("secret", "salt", 100_000, 64, "sha512"))
        const running = Effect.runFork(database.rows(endless))
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        if (how === "interrupted") yield* Fiber.interrupt(running)
        yield* Scope.close(scope, Exit.void)
        assert.isTrue(Exit.isFailure(yield* Fiber.await(running)))
        yield* Effect.promise(() => Promise.all(others))
      }), 20_000)
  }
})
