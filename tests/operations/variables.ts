import { variable as contract } from "@effect-redivis/core/Contract"
import * as Query from "@effect-redivis/core/Query"
import * as Variable from "@effect-redivis/core/Variable"
import * as Effect from "effect/Effect"
import { equal } from "../cases/assert.ts"
import { type Proof, prove } from "./Proof.ts"
import { absentRows, asStranger, foreignPage, keptRows, shownRows } from "./state.ts"

const query = Effect.flatMap(keptRows, (table) => Query.run(`select x, x * 0.5 as half from \`${table}\` order by x`))

export const variables: ReadonlyArray<Proof> = [
  prove(contract.listByTable, {
    success: Effect.gen(function*() {
      const page = yield* Variable.listPage({ table: yield* keptRows })
      equal(page.results.map(({ index, name, type }) => [index, name, type]), [[0, "x", "integer"]])
    }),
    call: Effect.map(keptRows, (table) => Variable.listPage({ table })),
    refused: Variable.listPage({ table: "" }),
    failures: {
      BadRequest: Effect.map(keptRows, (table) => Variable.listPage({ table }, foreignPage)),
      Forbidden: Effect.map(shownRows, (table) => Variable.listPage({ table })),
      NotFound: Effect.map(absentRows, (table) => Variable.listPage({ table }))
    }
  }),
  prove(contract.listByQuery, {
    success: Effect.gen(function*() {
      const page = yield* Variable.listPage({ query: yield* query })
      equal(page.results.map(({ name, type }) => [name, type]), [["x", "integer"], ["half", "float"]])
    }),
    call: Effect.map(query, (query) => Variable.listPage({ query })),
    refused: Variable.listPage({ query: "" }),
    failures: {
      BadRequest: Effect.map(Query.create("select nothing"), (failed) => Variable.listPage({ query: failed })),
      NotFound: Effect.flatMap(query, (query) => asStranger(Variable.listPage({ query })))
    }
  })
]
