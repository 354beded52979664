import { query as contract } from "@effect-redivis/core/Contract"
import * as Query from "@effect-redivis/core/Query"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, matches } from "../cases/assert.ts"
import { type Proof, prove } from "./Proof.ts"
import { absentRows, afterSpending, asStranger, keptRows, shownRows } from "./state.ts"

const countOf = (table: string): string => `select count(*) as n from \`${table}\``

const counted = Effect.flatMap(keptRows, (table) => Query.run(countOf(table)))

export const queries: ReadonlyArray<Proof> = [
  prove(contract.post, {
    success: Effect.gen(function*() {
      const query = yield* Query.run(countOf(yield* keptRows))
      equal(yield* Stream.runCollect(Query.rows(query)), [{ n: 2 }])
    }),
    call: Effect.map(keptRows, (table) => Query.create(countOf(table))),
    refused: Query.create("x".repeat(262_145)),
    failures: {
      QuotaExceeded: afterSpending("spentOnQueries", Effect.succeed, (table) => Query.create(countOf(table))),
      Forbidden: Effect.map(shownRows, (table) => Query.create(countOf(table))),
      NotFound: Effect.map(absentRows, (table) => Query.create(countOf(table)))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      matches(yield* Query.get((yield* counted).id), { status: "completed", outputNumRows: 1 })
    }),
    call: Effect.map(counted, (query) => Query.get(query)),
    refused: Query.get(""),
    failures: { NotFound: Effect.flatMap(counted, (query) => asStranger(Query.get(query))) }
  })
]
