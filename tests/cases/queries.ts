/** SQL over the tables that the token may read. */
import * as Query from "@effect-redivis/core/Query"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Reference from "@effect-redivis/core/Reference"
import * as SqlClient from "@effect-redivis/core/SqlClient"
import * as Variable from "@effect-redivis/core/Variable"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Sql from "effect/sql/SqlClient"
import * as SqlSchema from "effect/sql/SqlSchema"
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
    name: "values in SQL stay values, and what cannot be one is refused before any request",
    run: Effect.gen(function*() {
      const owner = yield* birds
      const table = yield* Effect.fromResult(Reference.table({ container: `${owner}.penguins`, name: "birds" }))
      const hostile = "Adelie' or '1' = '1` -- \\"
      const asked = [hostile, "Gentoo"]
      const query = yield* Query.run(
        Query.sql`select mass, ${hostile} as text, ${-0.5} as number, ${new Date(0)} as day, ${null} as nothing
          from ${table} where species in unnest(${asked}) and ${Query.sql`mass > ${1000n}`}`
      )
      equal(yield* Stream.runCollect(Query.rows(query)), [
        { mass: 5000, text: hostile, number: -0.5, day: "1970-01-01T00:00:00", nothing: null }
      ])
      const { requests } = yield* during(
        failsWith(Query.run(Query.sql`select ${"a"} from ${table} where species = '${"b"}'`), "InvalidInput")
      )
      equal(requests, [])
      const failure = yield* failsWith(Query.run(Query.sql`select\n  nothing from ${table}`), "JobFailed")
      equal(failure.position, { line: 2, column: 3 })
    })
  },
  {
    name: "the SqlClient of Effect reads rows by a schema, streams them, and does not write",
    run: Effect.gen(function*() {
      const owner = yield* birds
      const sql = yield* Sql.SqlClient
      const name = sql(`${owner}.penguins.birds`)
      const find = SqlSchema.findAll({
        Request: Schema.String,
        Result: Schema.Struct({ mass: Schema.NullOr(Schema.Number) }),
        execute: (species) => sql`select mass from ${name} where species = ${species} order by mass`
      })
      equal(yield* find("Gentoo"), [{ mass: null }, { mass: 5000 }])
      const heavy = sql`select species from ${name} where mass > ${3750} order by mass`
      equal(yield* Stream.runCollect(heavy.stream), [{ species: "Adelie" }, { species: "Gentoo" }])
      const { requests } = yield* during(Effect.all([
        failsWith(sql`/* select */ delete from ${name} where true`, "SqlError"),
        failsWith(sql.unsafe("select ?", [1]), "SqlError"),
        failsWith(sql.withTransaction(heavy), "SqlError")
      ]))
      equal(requests, [])
    }).pipe(Effect.provide(SqlClient.layer({ timeout: "10 seconds" })))
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
