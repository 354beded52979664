import { dataSource as contract } from "@effect-redivis/core/Contract"
import * as DataSource from "@effect-redivis/core/DataSource"
import * as Query from "@effect-redivis/core/Query"
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith, matches } from "../cases/assert.ts"
import type { CaseContext } from "../cases/Case.ts"
import { seed } from "../cases/control.ts"
import { type Proof, prove } from "./Proof.ts"
import { absent, foreignPage, kept, own, unqualified } from "./state.ts"
import { absentWork, shownWork, work, workflow } from "./workflowState.ts"

const reading = (name: string) =>
  workflow(name, (owner) => ({
    dataSources: [{ sourceDataset: `${owner}.kept` }],
    transforms: [{ name: "all", query: "select x from `rows`" }]
  }))

/** A dataset whose table has another name than that of `kept`, and other rows. */
const renamed = (name: string): Effect.Effect<string, unknown, CaseContext> =>
  Effect.gen(function*() {
    const owner = yield* own
    yield* seed({ datasets: [{ owner, name, tables: [{ name: "renamed", rows: [{ x: 7 }] }] }] })
    return `${owner}.${name}`
  })

const sumIn = (defaultWorkflow: string) =>
  Effect.flatMap(
    Query.run("select sum(x) as total from `rows`", { defaultWorkflow }),
    (query) => Stream.runCollect(Query.rows(query))
  )

export const dataSources: ReadonlyArray<Proof> = [
  prove(contract.list, {
    success: Effect.gen(function*() {
      const { results } = yield* DataSource.listPage(yield* work)
      equal(results.map(({ isSample, sourceDataset }) => [isSample, sourceDataset?.name]), [[false, "Kept"]])
    }),
    call: Effect.map(work, (workflow) => DataSource.listPage(workflow)),
    refused: DataSource.listPage("a.b", { pageSize: 0 }),
    failures: {
      BadRequest: Effect.map(work, (workflow) => DataSource.listPage(workflow, foreignPage)),
      NotFound: Effect.map(absentWork, (workflow) => DataSource.listPage(workflow))
    }
  }),
  prove(contract.post, {
    success: Effect.gen(function*() {
      const at = yield* workflow("sources made")
      yield* failsWith(Table.get(`${at}.rows`), "NotFound")
      matches(yield* DataSource.create(at, { sourceDataset: yield* kept }), { isSample: false, sourceWorkflow: null })
      // its tables are the workflow's to read
      equal((yield* Table.get(`${at}.rows`)).numRows, 2)
      equal(yield* sumIn(at), [{ total: 3 }])
      const { sourceWorkflow } = yield* DataSource.create(at, { sourceWorkflow: yield* work })
      equal(sourceWorkflow?.name, "Work")
      equal((yield* Table.get(`${at}.made`)).numRows, 3)
    }),
    call: Effect.gen(function*() {
      const at = yield* workflow("sources to make")
      const sourceDataset = yield* kept
      return DataSource.create(at, { sourceDataset })
    }),
    // what types forbid
    refused: DataSource.create("a.b", { sourceDataset: "a.c", sourceWorkflow: "a.d" } as never),
    failures: {
      BadRequest: Effect.gen(function*() {
        const [at, sourceDataset] = [yield* work, yield* kept]
        return DataSource.create(at, { sourceDataset })
      }),
      Forbidden: Effect.gen(function*() {
        const [at, sourceDataset] = [yield* shownWork, yield* kept]
        return DataSource.create(at, { sourceDataset })
      }),
      NotFound: Effect.gen(function*() {
        const [at, sourceDataset] = [yield* work, yield* absent]
        return DataSource.create(at, { sourceDataset })
      })
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      const [at, dataset] = [yield* work, yield* kept]
      const source = yield* DataSource.get(at, dataset)
      equal([source.sourceDataset?.name, source.workflow?.name], ["Kept", "Work"])
      equal((yield* DataSource.get(at, source)).uri, source.uri)
      equal((yield* DataSource.get(at, source.id)).uri, source.uri)
    }),
    call: Effect.gen(function*() {
      const [at, dataset] = [yield* work, yield* kept]
      return DataSource.get(at, dataset)
    }),
    refused: DataSource.get("a.b", "a.b.c"),
    failures: {
      BadRequest: Effect.succeed(DataSource.get(unqualified.workflow, "0123")),
      NotFound: Effect.map(work, (workflow) => DataSource.get(workflow, "0123"))
    }
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      const [at, dataset] = [yield* work, yield* kept]
      equal(yield* DataSource.exists(at, dataset), true)
    }),
    call: Effect.gen(function*() {
      const [at, dataset] = [yield* work, yield* kept]
      return DataSource.exists(at, dataset)
    }),
    refused: DataSource.exists("a.b", ""),
    failures: {
      BadRequest: Effect.succeed(DataSource.exists(unqualified.workflow, "0123")),
      NotFound: Effect.gen(function*() {
        const [at, dataset] = [yield* work, yield* absent]
        return DataSource.exists(at, dataset)
      })
    }
  }),
  prove(contract.patch, {
    success: Effect.gen(function*() {
      const [at, before] = [yield* reading("sources changed"), yield* kept]
      const sourceDataset = yield* renamed("taking over")
      // the transform reads a table that the new one has not
      yield* failsWith(DataSource.update(at, before, { sourceDataset }), "BadRequest")
      const changed = yield* DataSource.update(at, before, { sourceDataset, mappedTables: { rows: "renamed" } })
      equal(changed.sourceDataset?.name, "taking over")
      equal(yield* sumIn(at), [{ total: 7 }])
      equal(yield* DataSource.exists(at, before), false)
    }),
    call: Effect.gen(function*() {
      const [at, sourceDataset] = [yield* reading("sources to change"), yield* kept]
      return DataSource.update(at, sourceDataset, { sourceDataset })
    }),
    refused: DataSource.update("a.b", "a.c", {} as never),
    failures: {
      BadRequest: Effect.gen(function*() {
        const [at, sourceDataset] = [yield* work, yield* kept]
        return DataSource.update(at, sourceDataset, { sourceDataset, mappedTables: { "no such": "rows" } })
      }),
      Forbidden: Effect.gen(function*() {
        const [at, sourceDataset] = [yield* shownWork, yield* kept]
        return DataSource.update(at, `${at.split(".")[0]}.Source`, { sourceDataset })
      }),
      NotFound: Effect.gen(function*() {
        const [at, sourceDataset] = [yield* work, yield* kept]
        return DataSource.update(at, "0123", { sourceDataset })
      })
    }
  })
]
