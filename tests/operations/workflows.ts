import { table as tableContract, workflow as contract } from "@effect-redivis/core/Contract"
import * as Table from "@effect-redivis/core/Table"
import * as Workflow from "@effect-redivis/core/Workflow"
import * as Effect from "effect/Effect"
import { equal, isTrue, matches } from "../cases/assert.ts"
import { Place } from "../cases/Case.ts"
import { withToken } from "../cases/clients.ts"
import { seed } from "../cases/control.ts"
import { stranger, user } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"
import { asStranger, foreignPage, own, unqualified } from "./state.ts"
import { absentWork, shownWork, work } from "./workflowState.ts"

/** An account name that nobody has. */
const nobody = Effect.map(Place, ({ run }) => `${run}_nobody`)

export const workflows: ReadonlyArray<Proof> = [
  prove(contract.listByUser, {
    success: Effect.gen(function*() {
      const { run } = yield* Place
      yield* seed({ workflows: [{ owner: user, name: `${run} listed` }] })
      const page = yield* Workflow.listPage({ user }, { pageSize: 1000 })
      isTrue(page.results.some(({ accessLevel, name }) => name === `${run} listed` && accessLevel === "edit"), "it is")
      // what is not public is there for nobody else
      const keeper = (yield* shownWork).split(".")[0] ?? ""
      const asOther = withToken((yield* stranger("workflowsReader")).token)
      equal((yield* asOther(Workflow.listPage({ user: keeper }))).results.map(({ name }) => name), ["Shown work"])
      equal((yield* asOther(Workflow.listPage({ user }))).results, [])
    }),
    call: Effect.succeed(Workflow.listPage({ user })),
    refused: Workflow.listPage({ user: "a/b" }),
    listsPublic: true,
    failures: {
      BadRequest: Effect.succeed(Workflow.listPage({ user }, foreignPage)),
      NotFound: Effect.map(nobody, (name) => Workflow.listPage({ user: name }))
    }
  }),
  prove(contract.listByOrganization, {
    success: Effect.gen(function*() {
      yield* work
      const page = yield* Workflow.listPage({ organization: yield* own })
      isTrue(page.results.some(({ name }) => name === "Work"), "it is listed")
    }),
    call: Effect.map(own, (organization) => Workflow.listPage({ organization })),
    refused: Workflow.listPage({ organization: "a" }, { pageSize: 1001 }),
    listsPublic: true,
    failures: {
      BadRequest: Effect.map(own, (organization) => Workflow.listPage({ organization }, foreignPage)),
      NotFound: Effect.map(nobody, (organization) => Workflow.listPage({ organization }))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      matches(yield* Workflow.get(yield* work), {
        name: "Work",
        description: "Of proofs.",
        publicAccessLevel: "none",
        accessLevel: "edit",
        transformCount: 1,
        notebookCount: 1
      })
      matches(yield* Workflow.get(yield* shownWork), { publicAccessLevel: "view", accessLevel: "view" })
    }),
    call: Effect.map(work, (workflow) => Workflow.get(workflow)),
    refused: Workflow.get("demo.work:next"),
    failures: {
      BadRequest: Effect.succeed(Workflow.get(unqualified.workflow)),
      NotFound: Effect.flatMap(work, (workflow) => asStranger(Workflow.get(workflow)))
    }
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      equal(yield* Workflow.exists(yield* work), true)
    }),
    call: Effect.map(work, (workflow) => Workflow.exists(workflow)),
    refused: Workflow.exists(""),
    failures: {
      BadRequest: Effect.succeed(Workflow.exists(unqualified.workflow)),
      NotFound: Effect.map(absentWork, (workflow) => Workflow.exists(workflow))
    }
  })
]

export const workflowTables: ReadonlyArray<Proof> = [
  prove(tableContract.listByWorkflow, {
    success: Effect.gen(function*() {
      const { results } = yield* Table.listPage({ workflow: yield* work })
      equal(results.map(({ name, numRows }) => [name, numRows]), [["made", 3]])
    }),
    call: Effect.map(work, (workflow) => Table.listPage({ workflow })),
    refused: Table.listPage({ workflow: "a.b:next" }),
    failures: {
      BadRequest: Effect.map(work, (workflow) => Table.listPage({ workflow }, foreignPage)),
      NotFound: Effect.map(absentWork, (workflow) => Table.listPage({ workflow }))
    }
  })
]
