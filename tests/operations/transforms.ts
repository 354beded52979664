import { transform as contract } from "@effect-redivis/core/Contract"
import * as Parameter from "@effect-redivis/core/Parameter"
import * as Query from "@effect-redivis/core/Query"
import * as Table from "@effect-redivis/core/Table"
import * as Transform from "@effect-redivis/core/Transform"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "../cases/assert.ts"
import { withToken } from "../cases/clients.ts"
import { makeToken, until } from "../cases/control.ts"
import { type Proof, prove } from "./Proof.ts"
import { asStranger, foreignPage, kept, unqualified } from "./state.ts"
import { absentWork, shownWork, work, workflow } from "./workflowState.ts"

const large = Effect.map(work, (workflow) => `${workflow}.large`)

const absentLarge = Effect.map(work, (workflow) => `${workflow}.absent`)

const shownLarge = Effect.map(shownWork, (workflow) => `${workflow}.large`)

/** A query that runs for longer than any proof. */
const endless =
  "select sum(a * b) as total from unnest(generate_array(1, 1000000)) a, unnest(generate_array(1, 1000000)) b"

/** A workflow of its own with the dataset `kept`, the values 2 and 3 of `wanted`, and a transform. */
const withTransform = (name: string, query: string) =>
  Effect.map(
    workflow(name, (owner) => ({
      dataSources: [{ sourceDataset: `${owner}.kept` }],
      parameters: [{ name: "wanted", values: [2, 3] }],
      transforms: [{ name: "step", query, sourceTable: "rows" }]
    })),
    (workflow) => ({ workflow, step: `${workflow}.step` })
  )

/** A transform that runs on. */
const running = (name: string) =>
  Effect.tap(withTransform(name, endless), ({ step }) => Transform.run(step, { wait: false }))

export const transforms: ReadonlyArray<Proof> = [
  prove(contract.list, {
    success: Effect.gen(function*() {
      equal((yield* Transform.listPage(yield* work)).results.map(({ name }) => name), ["large"])
    }),
    call: Effect.map(work, (workflow) => Transform.listPage(workflow)),
    refused: Transform.listPage("a.b", { pageSize: 0 }),
    failures: {
      BadRequest: Effect.map(work, (workflow) => Transform.listPage(workflow, foreignPage)),
      NotFound: Effect.map(absentWork, (workflow) => Transform.listPage(workflow))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      const transform = yield* Transform.get(yield* large)
      matches(transform, { name: "large", outputTable: null, currentJob: null, lastRunJob: null })
      equal(transform.sourceTable?.name, "made")
      equal(transform.referencedTables?.map(({ name }) => name), ["made", "rows"])
      isTrue(transform.query?.includes("@wanted") === true, "it has its query")
    }),
    call: Effect.map(large, (transform) => Transform.get(transform)),
    refused: Transform.get("a.b.c.d"),
    failures: {
      BadRequest: Effect.succeed(Transform.get(unqualified.transform)),
      NotFound: Effect.flatMap(large, (transform) => asStranger(Transform.get(transform)))
    }
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      equal(yield* Transform.exists(yield* large), true)
    }),
    call: Effect.map(large, (transform) => Transform.exists(transform)),
    refused: Transform.exists(""),
    failures: {
      BadRequest: Effect.succeed(Transform.exists(unqualified.transform)),
      NotFound: Effect.map(absentLarge, (transform) => Transform.exists(transform))
    }
  }),
  prove(contract.patch, {
    success: Effect.gen(function*() {
      const { step, workflow } = yield* withTransform("transforms changed", "select 1 as one")
      const query = "select max(x) as most from _source_"
      yield* Transform.update(step, { name: "stride", query, sourceTable: `${yield* kept}.rows` })
      const changed = yield* Transform.get(`${workflow}.stride`)
      equal([changed.name, changed.query, changed.sourceTable?.name], ["stride", query, "rows"])
      equal(yield* Transform.exists(step), false)
    }),
    call: Effect.map(
      withTransform("transforms to change", "select 1 as one"),
      ({ step }) => Transform.update(step, { query: "select 2 as two" })
    ),
    refused: Transform.update("a.b.c", { query: "" }),
    failures: {
      BadRequest: Effect.gen(function*() {
        const transform = yield* large
        const { workflow } = yield* withTransform("elsewhere", "select 1 as one")
        yield* Transform.run(`${workflow}.step`)
        // a table that is there, and not the workflow's
        return Transform.update(transform, { sourceTable: `${workflow}.step_output` })
      }),
      Forbidden: Effect.map(shownLarge, (transform) => Transform.update(transform, { name: "mine" })),
      NotFound: Effect.map(absentLarge, (transform) => Transform.update(transform, { name: "mine" }))
    }
  }),
  prove(contract.run, {
    success: Effect.gen(function*() {
      const { step, workflow } = yield* withTransform(
        "transforms run",
        "select x, x * 10 as tenfold from _source_ where x in unnest(@wanted) order by x"
      )
      const done = yield* Transform.run(step)
      equal([done.currentJob, done.lastRunJob?.status, done.outputTable?.name], [null, "completed", "step_output"])
      const output = `${workflow}.step_output`
      matches(yield* Table.get(output), { numRows: 1, variableCount: 2 })
      equal(yield* Stream.runCollect(Table.rows(output)), [{ x: 2, tenfold: 20 }])
      const query = yield* Query.run("select sum(tenfold) as total from step_output", { defaultWorkflow: workflow })
      equal(yield* Stream.runCollect(Query.rows(query)), [{ total: 20 }])
      // the same table with other rows
      const before = yield* Table.get(output)
      yield* Parameter.update(workflow, "wanted", { values: [1, 2] })
      yield* Transform.run(step)
      const after = yield* Table.get(output)
      equal([after.id, after.numRows, after.hash === before.hash], [before.id, 2, false])
      // what is wrong with a query is the run's failure, and takes nothing away
      yield* Transform.update(step, { query: "select no_such from _source_" })
      const { errorMessage } = yield* failsWith(Transform.run(step), "JobFailed")
      isTrue(errorMessage?.includes("no_such") === true, `the message says what is wrong: ${errorMessage}`)
      equal((yield* Transform.get(step)).lastRunJob?.status, "failed")
      equal((yield* Table.get(output)).numRows, 2)
      yield* failsWith(Transform.wait(step), "JobFailed")
      // with the rights of who runs it
      yield* Transform.update(step, { query: "select x from _source_" })
      const narrow = withToken(yield* makeToken({ scopes: ["workflow.write"] }))
      const refused = yield* failsWith(narrow(Transform.run(step)), "JobFailed")
      isTrue(refused.errorMessage?.includes("data.data") === true, `it names the scope: ${refused.errorMessage}`)
    }),
    call: Effect.map(withTransform("transforms to run", "select 1 as one"), ({ step }) => Transform.run(step)),
    refused: Transform.run("a.b.c.d"),
    failures: {
      BadRequest: Effect.gen(function*() {
        const { step } = yield* running("transforms that run")
        return Effect.ensuring(Transform.run(step), Effect.ignore(Transform.cancel(step)))
      }),
      Forbidden: Effect.map(shownLarge, (transform) => Transform.run(transform)),
      NotFound: Effect.map(absentLarge, (transform) => Transform.run(transform))
    }
  }),
  prove(contract.cancel, {
    success: Effect.gen(function*() {
      const { step } = yield* running("transforms cancelled")
      yield* until(Transform.get(step), ({ currentJob }) => currentJob?.status === "running")
      matches(yield* failsWith(Transform.wait(step, { deadline: "1 second" }), "DeadlineExceeded"), {
        status: "running"
      })
      const stopped = yield* Transform.cancel(step)
      equal([stopped.currentJob, stopped.lastRunJob?.status, stopped.outputTable], [null, "cancelled", null])
      yield* failsWith(Transform.wait(step), "JobCancelled")
      // and it runs again
      yield* Transform.update(step, { query: "select 1 as one" })
      equal((yield* Transform.run(step)).lastRunJob?.status, "completed")
    }),
    call: Effect.map(running("transforms to cancel"), ({ step }) => Transform.cancel(step)),
    refused: Transform.cancel("c"),
    failures: {
      BadRequest: Effect.map(large, (transform) => Transform.cancel(transform)),
      Forbidden: Effect.map(shownLarge, (transform) => Transform.cancel(transform)),
      NotFound: Effect.map(absentLarge, (transform) => Transform.cancel(transform))
    }
  })
]
