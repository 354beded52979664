/** That a store closes in good order, whatever it does at that moment. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"

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
})
