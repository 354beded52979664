import * as Arrow from "@effect-redivis/core/Arrow"
import { query as contract } from "@effect-redivis/core/Contract"
import * as Query from "@effect-redivis/core/Query"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, matches } from "../cases/assert.ts"
import { type Proof, prove } from "./Proof.ts"
import { absentRows, afterSpending, asStranger, keptRows, shownRows, unqualified } from "./state.ts"

const countOf = (table: string): string => `select count(*) as n from \`${table}\``

const counted = Effect.flatMap(keptRows, (table) => Query.run(countOf(table)))

export const queries: ReadonlyArray<Proof> = [
  prove(contract.post, {
    success: Effect.gen(function*() {
      const query = yield* Query.run(countOf(yield* keptRows))
      equal(yield* Stream.runCollect(Query.rows(query)), [{ n: 2 }])
    }),
    call: Effect.map(keptRows, (table) => Query.create(countOf(table))),
    refused: Query.create(""),
    failures: {
      BadRequest: Effect.succeed(Query.create("select 1", { defaultDataset: unqualified.dataset })),
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
  }),
  prove(contract.listRows, {
    success: Effect.gen(function*() {
      equal(yield* Stream.mkString(Stream.decodeText(Query.csv(yield* counted))), "n\n2\n")
      equal(yield* Stream.mkString(Stream.decodeText(Query.ndjson(yield* counted))), "{\"n\":2}\n")
      const batches = yield* Stream.runCollect(Arrow.readStream(Query.arrow(yield* counted)))
      equal(batches.map(({ numRows }) => numRows), [1])
    }),
    call: Effect.map(counted, (query) => Stream.runDrain(Query.csv(query))),
    refused: Stream.runDrain(Query.csv("1", { maxResults: -1 })),
    failures: {
      BadRequest: Effect.map(counted, (query) => Stream.runDrain(Query.csv(query, { variables: ["nothing"] }))),
      QuotaExceeded: afterSpending(
        "spentOnResultRows",
        (table) => Query.run(countOf(table)),
        (query) => Stream.runDrain(Query.csv(query))
      ),
      NotFound: Effect.flatMap(counted, (query) => asStranger(Stream.runDrain(Query.csv(query))))
    }
  })
]
