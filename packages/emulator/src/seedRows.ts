/** Types of inline rows, found out from their values. */
import type * as Model from "./store/model.ts"

const typeOf = (value: unknown): Model.VariableType | undefined => {
  if (value === null || value === undefined) return undefined
  if (typeof value === "boolean") return "boolean"
  if (typeof value === "bigint") return "integer"
  if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "float"
  return "string"
}

const wider = (
  a: Model.VariableType | undefined,
  b: Model.VariableType | undefined
): Model.VariableType | undefined => {
  if (a === undefined || b === undefined || a === b) return a ?? b
  return (a === "integer" || a === "float") && (b === "integer" || b === "float") ? "float" : "string"
}

/** The columns in the order in which they come first. */
export const inferFields = (
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>
): ReadonlyArray<Model.SchemaField> => {
  const types = new Map<string, Model.VariableType | undefined>()
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) types.set(name, wider(types.get(name), typeOf(value)))
  }
  return [...types].map(([name, type]) => ({ name, type: type ?? "string" }))
}
