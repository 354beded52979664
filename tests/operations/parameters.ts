import { parameter as contract } from "@effect-redivis/core/Contract"
import * as Parameter from "@effect-redivis/core/Parameter"
import * as Effect from "effect/Effect"
import { equal, failsWith, matches } from "../cases/assert.ts"
import { type Proof, prove } from "./Proof.ts"
import { foreignPage, unqualified } from "./state.ts"
import { absentWork, shownWork, work, workflow } from "./workflowState.ts"

const withOne = (name: string) => workflow(name, () => ({ parameters: [{ name: "wanted", values: [1, 2] }] }))

export const parameters: ReadonlyArray<Proof> = [
  prove(contract.list, {
    success: Effect.gen(function*() {
      const { results } = yield* Parameter.listPage(yield* work)
      equal(results.map(({ name, type, values }) => [name, type, values]), [["wanted", "integer", [2, 3]]])
    }),
    call: Effect.map(work, (workflow) => Parameter.listPage(workflow)),
    refused: Parameter.listPage("a.b", { pageSize: 0 }),
    failures: {
      BadRequest: Effect.map(work, (workflow) => Parameter.listPage(workflow, foreignPage)),
      NotFound: Effect.map(absentWork, (workflow) => Parameter.listPage(workflow))
    }
  }),
  prove(contract.post, {
    success: Effect.gen(function*() {
      const at = yield* workflow("parameters made")
      matches(yield* Parameter.create(at, { name: "share", values: [0.5, 1] }), { type: "float", values: [0.5, 1] })
      matches(yield* Parameter.create(at, { name: "since", type: "date", values: ["2020-01-02"] }), { type: "date" })
      matches(yield* Parameter.get(at, "share"), { name: "share", type: "float", values: [0.5, 1] })
      yield* failsWith(Parameter.create(at, { name: "broken", type: "integer", values: [1, "two"] }), "BadRequest")
    }),
    call: Effect.map(
      workflow("parameters to make"),
      (workflow) => Parameter.create(workflow, { name: "one", values: ["a"] })
    ),
    refused: Parameter.create("a.b", { name: "", values: [] }),
    failures: {
      BadRequest: Effect.map(work, (workflow) => Parameter.create(workflow, { name: "WANTED", values: [] })),
      Forbidden: Effect.map(shownWork, (workflow) => Parameter.create(workflow, { name: "mine", values: [] })),
      NotFound: Effect.map(absentWork, (workflow) => Parameter.create(workflow, { name: "mine", values: [] }))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      matches(yield* Parameter.get(yield* work, "wanted"), { name: "wanted", type: "integer", values: [2, 3] })
    }),
    call: Effect.map(work, (workflow) => Parameter.get(workflow, "wanted")),
    refused: Parameter.get("a.b", ".."),
    failures: {
      BadRequest: Effect.succeed(Parameter.get(unqualified.workflow, "wanted")),
      NotFound: Effect.map(work, (workflow) => Parameter.get(workflow, "absent"))
    }
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      equal(yield* Parameter.exists(yield* work, "wanted"), true)
    }),
    call: Effect.map(work, (workflow) => Parameter.exists(workflow, "wanted")),
    refused: Parameter.exists("a.b", ""),
    failures: {
      BadRequest: Effect.succeed(Parameter.exists(unqualified.workflow, "wanted")),
      NotFound: Effect.map(work, (workflow) => Parameter.exists(workflow, "absent"))
    }
  }),
  prove(contract.patch, {
    success: Effect.gen(function*() {
      const at = yield* withOne("parameters changed")
      matches(yield* Parameter.update(at, "wanted", { values: [3] }), { name: "wanted", type: "integer", values: [3] })
      yield* Parameter.update(at, "wanted", { name: "chosen", type: "string", values: ["a", "b"] })
      matches(yield* Parameter.get(at, "chosen"), { name: "chosen", type: "string", values: ["a", "b"] })
      equal(yield* Parameter.exists(at, "wanted"), false)
    }),
    call: Effect.map(
      withOne("parameters to change"),
      (workflow) => Parameter.update(workflow, "wanted", { values: [9] })
    ),
    refused: Parameter.update("a.b", "wanted", { name: "" }),
    failures: {
      BadRequest: Effect.map(work, (workflow) => Parameter.update(workflow, "wanted", { values: ["no number"] })),
      Forbidden: Effect.map(shownWork, (workflow) => Parameter.update(workflow, "wanted", { values: [] })),
      NotFound: Effect.map(work, (workflow) => Parameter.update(workflow, "absent", { values: [] }))
    }
  }),
  prove(contract.delete, {
    success: Effect.gen(function*() {
      const at = yield* withOne("parameters removed")
      yield* Parameter.remove(at, "wanted")
      equal(yield* Parameter.exists(at, "wanted"), false)
      equal((yield* Parameter.listPage(at)).results, [])
    }),
    call: Effect.map(withOne("parameters to remove"), (workflow) => Parameter.remove(workflow, "wanted")),
    refused: Parameter.remove("a.b", "."),
    failures: {
      BadRequest: Effect.succeed(
        Parameter.remove(unqualified.workflow, { uri: `${unqualified.workflow.uri}/parameters/wanted` })
      ),
      Forbidden: Effect.map(shownWork, (workflow) => Parameter.remove(workflow, "wanted")),
      NotFound: Effect.map(work, (workflow) => Parameter.remove(workflow, "absent"))
    }
  })
]
