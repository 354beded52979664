/** What a dataset says of itself, read once: what citations, codebooks and JSON-LD are made from. */
import * as Effect from "effect/Effect"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/service.ts"
import { strictly } from "../client/region.ts"
import type * as Reference from "../contract/Reference.ts"
import type * as Dataset from "../resources/Dataset.ts"
import { pin, type PinError } from "../resources/pin.ts"
import * as Table from "../resources/Table.ts"
import type * as Variable from "../resources/Variable.ts"
import * as variables from "../resources/wholeVariables.ts"

/** A table and its variables. */
export interface TableDescription {
  readonly table: Table.TableListItem
  readonly variables: ReadonlyArray<Variable.Variable>
}

/** A dataset at one version, its tables, and their variables. */
export interface Description {
  readonly dataset: Dataset.Dataset
  readonly tables: ReadonlyArray<TableDescription>
}

/**
 * How much is read.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReadOptions {
  /**
   * `whole` asks for each variable whose listing leaves out descriptions, labels
   * of values and statistics, as the service's does: a request a variable.
   * `listed` is content with names, types and labels.
   *
   * @default "whole"
   */
  readonly variables?: "whole" | "listed" | undefined
}

export type DescriptionError = PinError | Table.ListError | Variable.ListError | Variable.GetError

/** How many tables are asked for their variables at once. */
const tablesAtOnce = 4

/** Everything at one version: the dataset, a listing of tables, and the variables of each table. */
export const read = (
  reference: Reference.DatasetInput,
  options?: ReadOptions
): Effect.Effect<Description, DescriptionError, Redivis> =>
  Effect.gen(function*() {
    const pinned = yield* pin(reference)
    const tables = yield* pages.collect("tables.list", (page) => Table.listPage(pinned.reference, page))
    const variablesOf = options?.variables === "listed" ? variables.listed : variables.whole
    const described = yield* Effect.forEach(
      tables,
      (table) => Effect.map(variablesOf({ table }), (variables) => ({ table, variables })),
      { concurrency: tablesAtOnce }
    )
    return { dataset: pinned.dataset, tables: described }
  }).pipe(strictly)
