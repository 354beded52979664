import { notebook as contract, table } from "@effect-redivis/core/Contract"
import * as Notebook from "@effect-redivis/core/Notebook"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as Transfer from "@effect-redivis/core/Transfer"
import * as Variable from "@effect-redivis/core/Variable"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "../cases/assert.ts"
import { until } from "../cases/control.ts"
import { type Proof, prove } from "./Proof.ts"
import { asStranger, foreignPage, kept, unqualified } from "./state.ts"
import { absentWork, shownWork, work, workflow } from "./workflowState.ts"

const model = Effect.map(work, (workflow) => `${workflow}.model`)

const absentModel = Effect.map(work, (workflow) => `${workflow}.absent`)

const shownModel = Effect.map(shownWork, (workflow) => `${workflow}.model`)

const data = new TextEncoder().encode("place,x\nPOINT(1 2),1\nPOINT(3 4),2\n")

/** A workflow of its own with a notebook. */
const withNotebook = (name: string) =>
  Effect.map(
    workflow(name, (owner) => ({
      dataSources: [{ sourceDataset: `${owner}.kept` }],
      notebooks: [{ name: "book" }]
    })),
    (workflow) => ({ workflow, book: `${workflow}.book` })
  )

/** A notebook that runs, and its job. */
const running = (name: string) =>
  Effect.gen(function*() {
    const made = yield* withNotebook(name)
    const { currentJob } = yield* Notebook.run(made.book, { wait: false })
    return { ...made, job: currentJob?.id ?? "" }
  })

/** The job of a notebook that was stopped. */
const stopped = (name: string) => Effect.tap(running(name), ({ book }) => Notebook.stop(book))

/** The job of a notebook that everybody may view. */
const shownJob = (name: string) =>
  Effect.gen(function*() {
    const at = yield* workflow(name, () => ({ publicAccessLevel: "view", notebooks: [{ name: "book" }] }))
    const { currentJob } = yield* Notebook.run(`${at}.book`, { wait: false })
    return currentJob?.id ?? ""
  })

const Places = Schema.Struct({ results: Schema.Array(table.TempUpload) })

/** A notebook that runs, and bytes in storage for its output. */
const sent = (name: string, bytes: Uint8Array) =>
  Effect.gen(function*() {
    const { job } = yield* running(name)
    const { results: [place] } = yield* Redivis.request(`/notebookJobs/${job}/tempUploads`, {
      method: "POST",
      body: { tempUploads: [{ size: bytes.byteLength }] },
      schema: Places
    })
    isTrue(place !== undefined, "there is a place")
    yield* Transfer.upload<never, never>(place, bytes)
    return { job, stored: { tempUploadId: place.id } }
  })

export const notebooks: ReadonlyArray<Proof> = [
  prove(contract.list, {
    success: Effect.gen(function*() {
      equal((yield* Notebook.listPage(yield* work)).results.map(({ name }) => name), ["model"])
    }),
    call: Effect.map(work, (workflow) => Notebook.listPage(workflow)),
    refused: Notebook.listPage("a.b", { pageSize: 0 }),
    failures: {
      BadRequest: Effect.map(work, (workflow) => Notebook.listPage(workflow, foreignPage)),
      NotFound: Effect.map(absentWork, (workflow) => Notebook.listPage(workflow))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      const notebook = yield* Notebook.get(yield* model)
      matches(notebook, { name: "model", outputTable: null, currentJob: null, lastRunJob: null })
      equal(notebook.referencedTables?.map(({ name }) => name), ["rows"])
    }),
    call: Effect.map(model, (notebook) => Notebook.get(notebook)),
    refused: Notebook.get("a.b.c.d"),
    failures: {
      BadRequest: Effect.succeed(Notebook.get(unqualified.notebook)),
      NotFound: Effect.flatMap(model, (notebook) => asStranger(Notebook.get(notebook)))
    }
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      equal(yield* Notebook.exists(yield* model), true)
    }),
    call: Effect.map(model, (notebook) => Notebook.exists(notebook)),
    refused: Notebook.exists(""),
    failures: {
      BadRequest: Effect.succeed(Notebook.exists(unqualified.notebook)),
      NotFound: Effect.map(absentModel, (notebook) => Notebook.exists(notebook))
    }
  }),
  prove(contract.patch, {
    success: Effect.gen(function*() {
      const { book, workflow } = yield* withNotebook("notebooks changed")
      yield* Notebook.update(book, { name: "diary", sourceTable: `${yield* kept}.rows` })
      const changed = yield* Notebook.get(`${workflow}.diary`)
      equal([changed.name, changed.sourceTable?.name], ["diary", "rows"])
      equal(yield* Notebook.exists(book), false)
    }),
    call: Effect.map(withNotebook("notebooks to change"), ({ book }) => Notebook.update(book, { name: "other" })),
    refused: Notebook.update("a.b.c", { sourceTable: "" }),
    failures: {
      BadRequest: Effect.gen(function*() {
        const { book } = yield* withNotebook("notebooks apart")
        const sourceTable = `${yield* work}.made`
        return Notebook.update(book, { sourceTable })
      }),
      Forbidden: Effect.map(shownModel, (notebook) => Notebook.update(notebook, { name: "mine" })),
      NotFound: Effect.map(absentModel, (notebook) => Notebook.update(notebook, { name: "mine" }))
    }
  }),
  prove(contract.run, {
    success: Effect.gen(function*() {
      const { book } = yield* withNotebook("notebooks run")
      const run = yield* Effect.forkChild(Notebook.run(book))
      const { currentJob } = yield* until(Notebook.get(book), ({ currentJob }) => currentJob?.status === "running")
      // what its code would do
      yield* Notebook.createOutputTable(currentJob?.id ?? "", { data })
      const done = yield* Fiber.join(run)
      equal([done.currentJob, done.lastRunJob?.status, done.outputTable?.name], [null, "completed", "book_output"])
    }),
    call: Effect.map(withNotebook("notebooks to run"), ({ book }) => Notebook.run(book, { wait: false })),
    refused: Notebook.run("a.b.c.d"),
    failures: {
      BadRequest: Effect.map(running("notebooks that run"), ({ book }) => Notebook.run(book)),
      Forbidden: Effect.map(shownModel, (notebook) => Notebook.run(notebook)),
      NotFound: Effect.map(absentModel, (notebook) => Notebook.run(notebook))
    }
  }),
  prove(contract.stop, {
    success: Effect.gen(function*() {
      const { book } = yield* running("notebooks stopped")
      const notebook = yield* Notebook.stop(book)
      equal([notebook.currentJob, notebook.lastRunJob?.status, notebook.outputTable], [null, "cancelled", null])
      yield* failsWith(Notebook.wait(book), "JobCancelled")
    }),
    call: Effect.map(running("notebooks to stop"), ({ book }) => Notebook.stop(book)),
    refused: Notebook.stop("c"),
    failures: {
      BadRequest: Effect.map(model, (notebook) => Notebook.stop(notebook)),
      Forbidden: Effect.map(shownModel, (notebook) => Notebook.stop(notebook)),
      NotFound: Effect.map(absentModel, (notebook) => Notebook.stop(notebook))
    }
  }),
  prove(contract.createTempUploads, {
    success: Effect.gen(function*() {
      const { job } = yield* running("outputs sent")
      yield* Notebook.createOutputTable(job, { data })
    }),
    call: Effect.map(running("outputs to send"), ({ job }) => Notebook.createOutputTable(job, { data })),
    refused: Notebook.createOutputTable("..", { data }),
    failures: {
      BadRequest: Effect.map(stopped("outputs too late"), ({ job }) => Notebook.createOutputTable(job, { data })),
      Forbidden: Effect.flatMap(
        shownJob("outputs sent by others"),
        (job) => asStranger(Notebook.createOutputTable(job, { data }))
      ),
      NotFound: Effect.succeed(Notebook.createOutputTable("no such job", { data }))
    }
  }),
  prove(contract.putOutputTable, {
    success: Effect.gen(function*() {
      const { book, job, workflow } = yield* running("outputs made")
      const made = yield* Notebook.createOutputTable(job, { data, name: "places" })
      matches(made, { name: "places", numRows: 2, variableCount: 2 })
      const output = `${workflow}.places`
      const types = (yield* Variable.listPage({ table: output })).results.map(({ name, type }) => [name, type])
      equal(types, [["place", "geography"], ["x", "integer"]])
      // more rows for the same table, then others in their place
      equal((yield* Notebook.createOutputTable(job, { data, append: true })).numRows, 4)
      const other = new TextEncoder().encode("x\n9\n")
      matches(yield* Notebook.createOutputTable(job, { data: other }), { name: "places", numRows: 1 })
      equal(yield* Stream.runCollect(Table.rows(output)), [{ x: 9 }])
      equal((yield* Notebook.get(book)).lastRunJob?.status, "completed")
      const wrong = yield* failsWith(
        Notebook.createOutputTable(job, { data, geographyVariables: ["x"] }),
        "BadRequest"
      )
      isTrue(wrong.errorDescription?.includes("geographyVariables") === true, "it names the field")
    }),
    call: Effect.map(
      sent("outputs to make", data),
      ({ job, stored }) => Notebook.createOutputTable(job, { data: stored })
    ),
    refused: Notebook.createOutputTable("job", { data, name: "" }),
    failures: {
      BadRequest: Effect.map(
        sent("outputs that are none", new TextEncoder().encode("PAR1 and no more")),
        ({ job, stored }) => Notebook.createOutputTable(job, { data: stored })
      ),
      Forbidden: Effect.flatMap(
        shownJob("outputs made by others"),
        (job) => asStranger(Notebook.createOutputTable(job, { data: { tempUploadId: "any" } }))
      ),
      NotFound: Effect.succeed(Notebook.createOutputTable("no such job", { data: { tempUploadId: "any" } }))
    }
  })
]
