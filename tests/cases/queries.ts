/** SQL over the tables that the token may read. */
import * as Query from "@effect-redivis/core/Query"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Variable from "@effect-redivis/core/Variable"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "./assert.ts"
import type { Case } from "./Case.ts"
import { within, withToken } from "./clients.ts"
import { during } from "./control.ts"
import { organization, shared, stranger } from "./seeds.ts"

const birds = shared(organization("queried", [{
  name: "Penguins",
  tables: [{
    name: "birds",
    rows: [
      { species: "Adelie", mass: 3750, wing: 181.5 },
      { species: "Adelie", mass: 3800, wing: 186 },
      { species: "Gentoo", mass: 5000, wing: 217.25 },
      { species: "Gentoo", mass: null, wing: null }
    ]
  }]
}]))

export const queries: ReadonlyArray<Case> = [
  {
    name: "a query runs, and its rows and variables are read",
    run: Effect.gen(function*() {
      const owner = yield* birds
      const { requests, value: query } = yield* during(Query.run(
        `select species, count(*) as n, avg(mass) as mean from \`${owner}.penguins.birds\` group by species order by species`
      ))
      matches(query, { status: "completed", outputNumRows: 2 })
      equal(query.outputSchema?.map(({ name, type }) => [name, type]), [
        ["species", "string"],
        ["n", "integer"],
        ["mean", "float"]
      ])
      equal(requests[0]?.operation, "queries.post")
      equal(yield* Stream.runCollect(Query.rows(query)), [
        { species: "Adelie", n: 2, mean: 3775 },
        { species: "Gentoo", n: 2, mean: 5000 }
      ])
      const big = yield* Stream.runCollect(Query.rows(query.id, { variables: ["n"], values: { integer: "bigint" } }))
      equal(big, [{ n: 2n }, { n: 2n }])
      const variables = yield* Stream.runCollect(Variable.list({ query }))
      equal(variables.map(({ name, type }) => [name, type]), [["species", "string"], ["n", "integer"], [
        "mean",
        "float"
      ]])
      equal((yield* ReadSession.create({ query }, { maxResults: 1 })).numRows, 1)
    })
  },
  {
    name: "a query is its own handle: it is started, asked for and waited for by its id",
    run: Effect.gen(function*() {
      const owner = yield* birds
      const states: Array<string> = []
      const handle = yield* Query.create("select max(mass) as heaviest from birds", {
        defaultDataset: `${owner}.penguins`
      })
      const done = yield* Query.wait(handle.id, {
        deadline: "10 seconds",
        onProgress: ({ status }) => Effect.sync(() => states.push(status))
      })
      equal([done.id, states.at(-1)], [handle.id, "completed"])
      equal(yield* Query.get(handle), done)
      equal(yield* Stream.runCollect(Query.rows(done)), [{ heaviest: 5000 }])
      const other = yield* stranger("asker")
      yield* failsWith(Query.get(done).pipe(withToken(other.token)), "NotFound")
      const scoped = yield* Query.run("select count(*) as n from birds").pipe(
        within({ defaults: { dataset: `${owner}.penguins` } })
      )
      equal(yield* Stream.runCollect(Query.rows(scoped)), [{ n: 4 }])
    })
  },
  {
    name: "a query that fails is a JobFailed that says why",
    run: Effect.gen(function*() {
      const owner = yield* birds
      const failure = yield* failsWith(Query.run(`select nothing from \`${owner}.penguins.birds\``), "JobFailed")
      equal(failure.kind, "query")
      isTrue(failure.errorMessage?.includes("nothing") === true, "it names what is wrong")
    })
  },
  {
    name: "100,000 rows of a query come whole",
    run: Effect.gen(function*() {
      const query = yield* Query.run("select n, n * n as square from unnest(generate_array(1, 100000)) as n order by n")
      let next = 1
      yield* Stream.runForEachArray(Query.rows(query), (rows) =>
        Effect.sync(() => {
          for (const row of rows) {
            isTrue(row["n"] === next && row["square"] === next * next, `row ${next} is ${JSON.stringify(row)}`)
            next++
          }
        }))
      equal(next, 100_001)
    })
  }
]
