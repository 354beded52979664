/** Parameters of workflows. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Database, Row } from "./Database.ts"
import * as Decode from "./decode.ts"
import { makeId, variableKey } from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { WorkflowParameters } from "./Store.ts"
import { StoreConflict, StoreInvalid, StoreNotFound } from "./StoreError.ts"

const toParameter = (row: Row): Model.Parameter => ({
  id: Decode.text(row, "id"),
  workflowId: Decode.text(row, "workflow_id"),
  name: Decode.text(row, "name"),
  type: Decode.word(row, "type"),
  values: Decode.json(row, "listed"),
  createdAt: Decode.number(row, "created_at"),
  updatedAt: Decode.number(row, "updated_at")
})

/** The type that all values have; text where they have none in common. */
const typeOf = (values: ReadonlyArray<Model.ParameterValue>): Model.VariableType => {
  if (values.length === 0) return "string"
  if (values.every((value) => typeof value === "boolean")) return "boolean"
  if (values.every((value) => Number.isSafeInteger(value))) return "integer"
  return values.every((value) => typeof value === "number") ? "float" : "string"
}

const patterns: { readonly [Type in Model.VariableType]?: RegExp } = {
  integer: /^[+-]?\d{1,19}$/,
  float: /^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$/,
  boolean: /^(true|false)$/i,
  date: /^\d{4}-\d{1,2}-\d{1,2}$/,
  dateTime: /^\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{1,2}:\d{1,2}(\.\d{1,6})?)?$/,
  time: /^\d{1,2}:\d{1,2}:\d{1,2}(\.\d{1,6})?$/
}

const check = (
  type: Model.VariableType,
  values: ReadonlyArray<Model.ParameterValue>
): Effect.Effect<void, StoreInvalid> => {
  const wrong = values.findIndex((value) => !(patterns[type]?.test(String(value)) ?? true))
  return wrong < 0
    ? Effect.void
    : Effect.fail(
      new StoreInvalid({ field: `values[${wrong}]`, message: `${JSON.stringify(values[wrong])} is no ${type}` })
    )
}

const checkName = (name: string): Effect.Effect<void, StoreInvalid> =>
  /^[A-Za-z_]\w{0,59}$/.test(name) ? Effect.void : Effect.fail(
    new StoreInvalid({
      field: "name",
      message: "must be at most 60 letters, digits and underscores, and begin with no digit"
    })
  )

export const makeParameters = (database: Database): WorkflowParameters => {
  const list: WorkflowParameters["list"] = (workflowId) =>
    Effect.map(
      database.rows("SELECT * FROM registry.parameters WHERE workflow_id = $1", [workflowId]),
      (rows) => Decode.inOrder(rows, "position").map(toParameter)
    )

  const getById = (id: string): Effect.Effect<Model.Parameter, StoreNotFound> =>
    Effect.flatMap(database.rows("SELECT * FROM registry.parameters WHERE id = $1", [id]), ([row]) =>
      row === undefined
        ? Effect.fail(new StoreNotFound({ kind: "parameter", reference: id }))
        : Effect.succeed(toParameter(row)))

  const requireFree = Effect.fnUntraced(function*(workflowId: string, name: string, except: string | undefined) {
    yield* checkName(name)
    const taken = (yield* list(workflowId)).some((known) =>
      known.id !== except && variableKey(known.name) === variableKey(name)
    )
    if (taken) {
      return yield* new StoreConflict({
        reason: "nameTaken",
        message: `There is a parameter named ${name} already`
      })
    }
  })

  return {
    list,
    get: (workflowId, name) =>
      Effect.flatMap(list(workflowId), (all) => {
        const found = all.find((parameter) => parameter.name === name) ??
          all.find((parameter) => variableKey(parameter.name) === variableKey(name))
        return found === undefined
          ? Effect.fail(new StoreNotFound({ kind: "parameter", reference: name }))
          : Effect.succeed(found)
      }),
    create: (workflowId, parameter) =>
      database.write(Effect.gen(function*() {
        yield* requireFree(workflowId, parameter.name, undefined)
        const type = parameter.type ?? typeOf(parameter.values)
        yield* check(type, parameter.values)
        const id = makeId()
        yield* database.run(
          `INSERT INTO registry.parameters (id, workflow_id, name, type, listed, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $6)`,
          [id, workflowId, parameter.name, type, JSON.stringify(parameter.values), yield* Clock.currentTimeMillis]
        )
        return yield* getById(id)
      })),
    update: (id, change) =>
      database.write(Effect.gen(function*() {
        const known = yield* getById(id)
        const { name = known.name, type = known.type, values = known.values } = change
        if (name !== known.name) yield* requireFree(known.workflowId, name, id)
        yield* check(type, values)
        yield* database.run(
          "UPDATE registry.parameters SET name = $2, type = $3, listed = $4, updated_at = $5 WHERE id = $1",
          [id, name, type, JSON.stringify(values), yield* Clock.currentTimeMillis]
        )
        return yield* getById(id)
      })),
    remove: (id) => database.write(database.run("DELETE FROM registry.parameters WHERE id = $1", [id]))
  }
}
