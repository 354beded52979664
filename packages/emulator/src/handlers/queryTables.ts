/** The tables that a query names: found, with the rights of who asks, and read with their columns. */
import { Reference } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Malformed } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import type * as Sql from "../sql/Sql.ts"
import { SqlError } from "../sql/Sql.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import type { StoreNotFound } from "../store/StoreError.ts"
import type { Call } from "./handler.ts"
import { datasetLookup, parse, workflowLookup } from "./reference.ts"

/** Where names without a dataset are looked for. */
export interface Defaults {
  readonly defaultDataset?: string | undefined
  readonly defaultWorkflow?: string | undefined
}

/** A workflow's comes first: it may have taken the dataset's place in an environment that still has both. */
export const defaultContainer = (
  defaults: Defaults,
  options: Model.LookupOptions
): Result.Result<Model.DatasetLookup | undefined, Malformed> => {
  if (defaults.defaultWorkflow !== undefined) {
    return Result.mapError(
      workflowLookup(defaults.defaultWorkflow, options),
      ({ description }) => new Malformed({ description: `"defaultWorkflow": ${description}` })
    )
  }
  if (defaults.defaultDataset === undefined) return Result.succeed(undefined)
  return Result.mapError(
    datasetLookup(defaults.defaultDataset, options),
    ({ description }) => new Malformed({ description: `"defaultDataset": ${description}` })
  )
}

const misplaced = (reference: Sql.TableReference, message: string): SqlError =>
  new SqlError({
    message: `${message} at [${reference.line}:${reference.column}]`,
    line: reference.line,
    column: reference.column
  })

/** The table that a name in the query means; a name that says too little is the query's fault. */
const lookupOf = (
  reference: Sql.TableReference,
  container: Model.DatasetLookup | undefined,
  options: Model.LookupOptions
): Result.Result<Model.TableLookup, SqlError> => {
  const parsed = parse(reference.text, (text) => Reference.parseTable(text), options)
  if (Result.isFailure(parsed)) {
    const { reason } = parsed.failure
    return Result.fail(misplaced(reference, `\`${reference.text}\` is no reference of a table: it ${reason}`))
  }
  const table = parsed.success
  if (table.container?.owner !== undefined) return Result.succeed(table)
  if (container === undefined) {
    return Result.fail(misplaced(
      reference,
      `Table ${reference.text} must be named in full, as \`owner.dataset.table\`, or the query must have a default dataset`
    ))
  }
  return Result.succeed({
    ...table,
    container: table.container === undefined ? container : { ...table.container, owner: container.owner }
  })
}

export interface Found {
  readonly table: Model.Table
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: Model.VariableType }>
}

type Failed = SqlError | Access.Denied | StoreNotFound

/** Each table that is named, by the text that names it. */
export const findTables: (
  references: ReadonlyArray<Sql.TableReference>,
  container: Model.DatasetLookup | undefined,
  call: Call
) => Effect.Effect<ReadonlyMap<string, Found>, Failed, Store> = Effect.fnUntraced(
  function*(references, container, call) {
    const store = yield* Store
    const found = new Map<string, Found>()
    for (const reference of references) {
      if (found.has(reference.text)) continue
      const lookup = yield* Effect.fromResult(lookupOf(reference, container, call.lookup))
      const table = yield* store.tables.get(lookup, call.lookup).pipe(
        Effect.catchTag("StoreNotFound", () => Effect.fail(Access.hidden("table", reference.text))),
        // `lookupOf` has completed it
        Effect.catchTag("StoreInvalid", Effect.die)
      )
      yield* Access.requireTable(table, call.caller, "data", reference.text)
      const variables = yield* Effect.catchTag(
        store.variables.list({ kind: "table", table }),
        // only a query that has not ended has none yet
        "StoreConflict",
        Effect.die
      )
      found.set(reference.text, { table, columns: variables.map(({ name, type }) => ({ name, type })) })
    }
    return found
  }
)
