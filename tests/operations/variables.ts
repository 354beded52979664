import { variable as contract } from "@effect-redivis/core/Contract"
import * as Query from "@effect-redivis/core/Query"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Variable from "@effect-redivis/core/Variable"
import * as Effect from "effect/Effect"
import { equal, failsWith, matches } from "../cases/assert.ts"
import { shared } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"
import {
  absent,
  absentRows,
  asStranger,
  draft,
  foreignPage,
  kept,
  keptRows,
  shown,
  shownRows,
  unqualified
} from "./state.ts"
import { failedUpload, uploaded } from "./uploads.ts"
import { absentWork, shownWork, work, workflow } from "./workflowState.ts"

const numbers = Effect.flatMap(keptRows, (table) => Query.run(`select x, x * 0.5 as half from \`${table}\` order by x`))

const data = new TextEncoder().encode("x\n1\n2\n")

/** A table of a draft of its own with the upload `a.csv`. */
const draftFilled = (name: string) =>
  Effect.gen(function*() {
    const table = `${yield* draft(name)}.rows`
    yield* Upload.create(table, { name: "a.csv", data })
    return table
  })

/** A table of a draft with an upload that could not be imported, `b.parquet`. */
const unreadable = shared(Effect.gen(function*() {
  const table = `${yield* draft("unreadable")}.rows`
  yield* failsWith(Upload.create(table, { name: "b.parquet", data, type: "parquet" }), "JobFailed")
  return table
}))

const ofTable = Effect.map(keptRows, (table) => ({ table }))

const ofUpload = Effect.map(uploaded, (table) => ({ table, upload: "a.csv" }))

const ofShown = Effect.map(shownRows, (table) => ({ table }))

const ofShownUpload = Effect.map(shownRows, (table) => ({ table, upload: "a.csv" }))

const ofFailedUpload = Effect.map(failedUpload, (table) => ({ table, upload: "bad.parquet" }))

/** A draft of its own with an upload of several types of values. */
const typed = (name: string) =>
  Effect.gen(function*() {
    const table = `${yield* draft(name)}.rows`
    yield* Upload.create(table, {
      name: "typed.csv",
      data: new TextEncoder().encode(
        "n,f,s,d,g\n1,0.5,a,2020-01-01,POINT (1 2)\n2,1.5,b,2020-01-03,POINT (-3.5 4)\n3,2.5,b,2020-01-02,\n4,,,,\n"
      )
    })
    return { table, upload: "typed.csv" }
  })

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
  prove(contract.listByUpload, {
    success: Effect.gen(function*() {
      const { table, upload } = yield* typed("listed")
      const page = yield* Variable.listPage({ table, upload })
      equal(page.results.map(({ name, type }) => [name, type]), [
        ["n", "integer"],
        ["f", "float"],
        ["s", "string"],
        ["d", "date"],
        ["g", "geography"]
      ])
    }),
    call: Effect.map(ofUpload, (source) => Variable.listPage(source)),
    refused: Variable.listPage({ table: "a.b.c", upload: "" }),
    failures: {
      BadRequest: Effect.map(ofFailedUpload, (source) => Variable.listPage(source)),
      Forbidden: Effect.map(ofShownUpload, (source) => Variable.listPage(source)),
      NotFound: Effect.map(uploaded, (table) => Variable.listPage({ table, upload: "b.csv" }))
    }
  }),
  prove(contract.listByQuery, {
    success: Effect.gen(function*() {
      const page = yield* Variable.listPage({ query: yield* numbers })
      equal(page.results.map(({ name, type }) => [name, type]), [["x", "integer"], ["half", "float"]])
    }),
    call: Effect.map(numbers, (query) => Variable.listPage({ query })),
    refused: Variable.listPage({ query: "" }),
    failures: {
      BadRequest: Effect.map(Query.create("select nothing"), (failed) => Variable.listPage({ query: failed })),
      NotFound: Effect.flatMap(numbers, (query) => asStranger(Variable.listPage({ query })))
    }
  }),
  prove(contract.getByTable, {
    success: Effect.gen(function*() {
      const table = yield* keptRows
      matches(yield* Variable.get({ table }, "X"), { name: "x", type: "integer", index: 0 })
    }),
    call: Effect.map(keptRows, (table) => Variable.get({ table }, "x")),
    refused: Variable.get({ table: "" }, "x"),
    failures: {
      BadRequest: Effect.succeed(Variable.get({ table: unqualified.table }, "x")),
      Forbidden: Effect.map(shownRows, (table) => Variable.get({ table }, "x")),
      NotFound: Effect.map(keptRows, (table) => Variable.get({ table }, "nothing"))
    }
  }),
  prove(contract.headByTable, {
    success: Effect.gen(function*() {
      const table = yield* keptRows
      equal(yield* Variable.exists({ table }, "x"), true)
    }),
    call: Effect.map(keptRows, (table) => Variable.exists({ table }, "x")),
    refused: Variable.exists({ table: "" }, "x"),
    failures: {
      BadRequest: Effect.succeed(Variable.exists({ table: unqualified.table }, "x")),
      Forbidden: Effect.map(shownRows, (table) => Variable.exists({ table }, "x")),
      NotFound: Effect.map(keptRows, (table) => Variable.exists({ table }, "nothing"))
    }
  }),
  prove(contract.patchByTable, {
    success: Effect.gen(function*() {
      const parent = yield* Effect.map(draftFilled("noted"), (table) => ({ table }))
      const valueLabels = [{ value: "1", label: "One" }]
      yield* Variable.update(parent, "X", { label: "A number", description: "Whole", valueLabels })
      matches(yield* Variable.get(parent, "x"), { label: "A number", description: "Whole", valueLabels })
      yield* Variable.update(parent, "x", { label: null })
      matches(yield* Variable.get(parent, "x"), { label: null, description: "Whole", valueLabels })
    }),
    call: Effect.map(keptRows, (table) => Variable.update({ table }, "x", { label: "X" })),
    refused: Variable.update({ table: "a.b.c" }, "x", { label: "x".repeat(257) }),
    failures: {
      BadRequest: Effect.succeed(Variable.update({ table: unqualified.table }, "x", { label: "X" })),
      Forbidden: Effect.map(shownRows, (table) => Variable.update({ table }, "x", { label: "X" })),
      NotFound: Effect.map(keptRows, (table) => Variable.update({ table }, "nothing", { label: "X" }))
    }
  }),
  prove(contract.statisticsByTable, {
    success: Effect.gen(function*() {
      const table = yield* keptRows
      matches(yield* Variable.statistics({ table }, "x"), {
        status: "completed",
        count: 2,
        numDistinct: 2,
        min: 1,
        max: 2,
        mean: 1.5,
        approxMedian: 1.5
      })
    }),
    call: Effect.map(keptRows, (table) => Variable.statistics({ table }, "x")),
    refused: Variable.statistics({ table: "" }, "x"),
    failures: {
      BadRequest: Effect.succeed(Variable.statistics({ table: unqualified.table }, "x")),
      Forbidden: Effect.map(shownRows, (table) => Variable.statistics({ table }, "x")),
      NotFound: Effect.map(keptRows, (table) => Variable.statistics({ table }, "nothing"))
    }
  }),
  prove(contract.getByUpload, {
    success: Effect.gen(function*() {
      const table = yield* uploaded
      matches(yield* Variable.get({ table, upload: "a.csv" }, "X"), { name: "x", type: "integer", index: 0 })
    }),
    call: Effect.map(uploaded, (table) => Variable.get({ table, upload: "a.csv" }, "x")),
    refused: Variable.get({ table: "a.b.c", upload: "" }, "x"),
    failures: {
      BadRequest: Effect.map(unreadable, (table) => Variable.get({ table, upload: "b.parquet" }, "x")),
      Forbidden: Effect.map(shownRows, (table) => Variable.get({ table, upload: "rows.csv" }, "x")),
      NotFound: Effect.map(uploaded, (table) => Variable.get({ table, upload: "a.csv" }, "nothing"))
    }
  }),
  prove(contract.headByUpload, {
    success: Effect.gen(function*() {
      const table = yield* uploaded
      equal(yield* Variable.exists({ table, upload: "a.csv" }, "x"), true)
    }),
    call: Effect.map(uploaded, (table) => Variable.exists({ table, upload: "a.csv" }, "x")),
    refused: Variable.exists({ table: "a.b.c", upload: "" }, "x"),
    failures: {
      BadRequest: Effect.map(unreadable, (table) => Variable.exists({ table, upload: "b.parquet" }, "x")),
      Forbidden: Effect.map(shownRows, (table) => Variable.exists({ table, upload: "rows.csv" }, "x")),
      NotFound: Effect.map(uploaded, (table) => Variable.exists({ table, upload: "a.csv" }, "nothing"))
    }
  }),
  prove(contract.patchByUpload, {
    success: Effect.gen(function*() {
      const parent = yield* Effect.map(draftFilled("uploadNoted"), (table) => ({ table, upload: "a.csv" }))
      const valueLabels = [{ value: "1", label: "One" }]
      yield* Variable.update(parent, "X", { label: "A number", description: "Whole", valueLabels })
      matches(yield* Variable.get(parent, "x"), { label: "A number", description: "Whole", valueLabels })
      yield* Variable.update(parent, "x", { label: null })
      matches(yield* Variable.get(parent, "x"), { label: null, description: "Whole", valueLabels })
    }),
    call: Effect.map(uploaded, (table) => Variable.update({ table, upload: "a.csv" }, "x", { label: "X" })),
    refused: Variable.update({ table: "a.b.c" }, "x", { label: "x".repeat(257) }),
    failures: {
      BadRequest: Effect.map(
        unreadable,
        (table) => Variable.update({ table, upload: "b.parquet" }, "x", { label: "X" })
      ),
      Forbidden: Effect.map(shownRows, (table) => Variable.update({ table, upload: "rows.csv" }, "x", { label: "X" })),
      NotFound: Effect.map(uploaded, (table) => Variable.update({ table, upload: "a.csv" }, "nothing", { label: "X" }))
    }
  }),
  prove(contract.statisticsByUpload, {
    success: Effect.gen(function*() {
      const table = yield* uploaded
      matches(yield* Variable.statistics({ table, upload: "a.csv" }, "x"), {
        status: "completed",
        count: 2,
        numDistinct: 2,
        min: 1,
        max: 2,
        mean: 1.5,
        approxMedian: 1.5
      })
    }),
    call: Effect.map(uploaded, (table) => Variable.statistics({ table, upload: "a.csv" }, "x")),
    refused: Variable.statistics({ table: "a.b.c", upload: "" }, "x"),
    failures: {
      BadRequest: Effect.map(unreadable, (table) => Variable.statistics({ table, upload: "b.parquet" }, "x")),
      Forbidden: Effect.map(shownRows, (table) => Variable.statistics({ table, upload: "rows.csv" }, "x")),
      NotFound: Effect.map(uploaded, (table) => Variable.statistics({ table, upload: "a.csv" }, "nothing"))
    }
  }),
  prove(contract.getByQuery, {
    success: Effect.gen(function*() {
      const query = yield* numbers
      matches(yield* Variable.get({ query }, "X"), { name: "x", type: "integer", index: 0 })
    }),
    call: Effect.map(numbers, (query) => Variable.get({ query }, "x")),
    refused: Variable.get({ query: "" }, "x"),
    failures: {
      BadRequest: Effect.map(Query.create("select nothing"), (failed) => Variable.get({ query: failed }, "x")),
      NotFound: Effect.map(numbers, (query) => Variable.get({ query }, "nothing"))
    }
  }),
  prove(contract.headByQuery, {
    success: Effect.gen(function*() {
      const query = yield* numbers
      equal(yield* Variable.exists({ query }, "x"), true)
    }),
    call: Effect.map(numbers, (query) => Variable.exists({ query }, "x")),
    refused: Variable.exists({ query: "" }, "x"),
    failures: {
      BadRequest: Effect.map(Query.create("select nothing"), (failed) => Variable.exists({ query: failed }, "x")),
      NotFound: Effect.map(numbers, (query) => Variable.exists({ query }, "nothing"))
    }
  }),
  prove(contract.patchByQuery, {
    success: Effect.gen(function*() {
      const parent = yield* Effect.map(numbers, (query) => ({ query }))
      const valueLabels = [{ value: "1", label: "One" }]
      yield* Variable.update(parent, "X", { label: "A number", description: "Whole", valueLabels })
      matches(yield* Variable.get(parent, "x"), { label: "A number", description: "Whole", valueLabels })
      yield* Variable.update(parent, "x", { label: null })
      matches(yield* Variable.get(parent, "x"), { label: null, description: "Whole", valueLabels })
    }),
    call: Effect.map(numbers, (query) => Variable.update({ query }, "x", { label: "X" })),
    refused: Variable.update({ query: "1" }, "x", { label: "x".repeat(257) }),
    failures: {
      BadRequest: Effect.map(
        Query.create("select nothing"),
        (failed) => Variable.update({ query: failed }, "x", { label: "X" })
      ),
      NotFound: Effect.map(numbers, (query) => Variable.update({ query }, "nothing", { label: "X" }))
    }
  }),
  prove(contract.statisticsByQuery, {
    success: Effect.gen(function*() {
      const query = yield* numbers
      matches(yield* Variable.statistics({ query }, "x"), {
        status: "completed",
        count: 2,
        numDistinct: 2,
        min: 1,
        max: 2,
        mean: 1.5,
        approxMedian: 1.5
      })
    }),
    call: Effect.map(numbers, (query) => Variable.statistics({ query }, "x")),
    refused: Variable.statistics({ query: "" }, "x"),
    failures: {
      BadRequest: Effect.map(Query.create("select nothing"), (failed) => Variable.statistics({ query: failed }, "x")),
      NotFound: Effect.map(numbers, (query) => Variable.statistics({ query }, "nothing"))
    }
  }),
  prove(contract.bulkPatchByTable, {
    success: Effect.gen(function*() {
      const { table } = yield* typed("severalNoted")
      yield* Variable.updateAll({ table }, [{ name: "N", label: "Number" }, { name: "s", description: "Text" }])
      const page = yield* Variable.listPage({ table })
      equal(page.results.slice(0, 3).map(({ label, name }) => [name, label]), [
        ["n", "Number"],
        ["f", null],
        ["s", null]
      ])
      equal((yield* Variable.get({ table }, "s")).description, "Text")
      equal((yield* Variable.get({ table }, "n")).description, null)
    }),
    call: Effect.map(ofTable, (source) => Variable.updateAll(source, [{ name: "x", label: "Kept" }])),
    refused: Variable.updateAll({ table: "a.b.c" }, [{ name: "x", label: "x".repeat(257) }]),
    failures: {
      BadRequest: Effect.map(ofTable, (source) => Variable.updateAll(source, [{ name: "nothing", label: "No" }])),
      Forbidden: Effect.map(ofShown, (source) => Variable.updateAll(source, [{ name: "x", label: "mine" }])),
      NotFound: Effect.map(absentRows, (table) => Variable.updateAll({ table }, [{ name: "x", label: "mine" }]))
    }
  }),
  prove(contract.bulkPatchByDataset, {
    success: Effect.gen(function*() {
      const { table } = yield* typed("allNoted")
      const dataset = table.slice(0, table.lastIndexOf("."))
      yield* Table.create(dataset, { name: "others" })
      yield* Upload.create(`${dataset}.others`, { name: "a.csv", data: new TextEncoder().encode("n\n1\n") })
      yield* Variable.updateAll({ dataset }, [{ name: "n", label: "Number" }, { name: "s", label: "Text" }])
      equal((yield* Variable.get({ table }, "n")).label, "Number")
      equal((yield* Variable.get({ table }, "s")).label, "Text")
      equal((yield* Variable.get({ table: `${dataset}.others` }, "n")).label, "Number")
    }),
    call: Effect.map(kept, (dataset) => Variable.updateAll({ dataset }, [{ name: "x", label: "Kept" }])),
    refused: Variable.updateAll({ dataset: "a.b" }, [{ name: "x", label: "x".repeat(257) }]),
    failures: {
      BadRequest: Effect.succeed(Variable.updateAll({ dataset: unqualified.dataset }, [{ name: "x", label: "mine" }])),
      Forbidden: Effect.map(shown, (dataset) => Variable.updateAll({ dataset }, [{ name: "x", label: "mine" }])),
      NotFound: Effect.map(absent, (dataset) => Variable.updateAll({ dataset }, [{ name: "x", label: "mine" }]))
    }
  }),
  prove(contract.bulkPatchByWorkflow, {
    success: Effect.gen(function*() {
      const made = yield* workflow(
        "Noted work",
        () => ({ tables: [{ name: "made", rows: [{ a: 1 }] }, { name: "b", rows: [{ c: 1 }] }] })
      )
      yield* Variable.updateAll({ workflow: made }, [{ name: "A", label: "Number" }, { name: "nothing", label: "No" }])
      matches(yield* Variable.get({ table: `${made}.made` }, "a"), { label: "Number", description: null })
    }),
    call: Effect.map(work, (workflow) => Variable.updateAll({ workflow }, [{ name: "a", label: "Kept" }])),
    refused: Variable.updateAll({ workflow: "a.b" }, [{ name: "x", label: "x".repeat(257) }]),
    failures: {
      BadRequest: Effect.succeed(
        Variable.updateAll({ workflow: unqualified.workflow }, [{ name: "a", label: "mine" }])
      ),
      Forbidden: Effect.map(shownWork, (workflow) => Variable.updateAll({ workflow }, [{ name: "a", label: "mine" }])),
      NotFound: Effect.map(absentWork, (workflow) => Variable.updateAll({ workflow }, [{ name: "a", label: "mine" }]))
    }
  })
]
