import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { constructs } from "../../src/sql/constructs/index.ts"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { birds, options, translate } from "../sql/database.ts"
import { makeTable } from "./fixtures.ts"

layer(StoreDuckDB.layer())("what the translation makes", (it) => {
  it.effect(
    "of every construct is let through by the check of what runs, for its own table alone",
    () =>
      Effect.gen(function*() {
        const store = yield* Store
        const { relation } = yield* makeTable()
        const refused = yield* Effect.forEach(constructs, ({ sql }) =>
          Effect.gen(function*() {
            const translated = Result.getOrThrow(
              translate(sql, { ...options, resolve: () => ({ ...birds, sql: relation }) })
            )
            const result = yield* Effect.result(store.queries.check({ sql: translated.sql, relations: [relation] }))
            const names = translated.sql.includes(relation)
            const unlisted = yield* Effect.result(store.queries.check({ sql: translated.sql, relations: [] }))
            return [
              ...(result._tag === "Failure" ? [`${sql}: ${result.failure.message}`] : []),
              ...(names && unlisted._tag === "Success" ? [`${sql}: let through without its table`] : [])
            ]
          }), { concurrency: 4 })
        assert.deepStrictEqual(refused.flat(), [])
        assert.isAbove(constructs.length, 100)
      }),
    60_000
  )
})
