/** What a dataset says of itself, read once: what citations, codebooks and JSON-LD are made from. */
import * as Effect from "effect/Effect"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/Redivis.ts"
import { strictly } from "../client/region.ts"
import type * as Reference from "../contract/Reference.ts"
import type * as Dataset from "../resources/Dataset.ts"
import { pin, type PinError } from "../resources/pin.ts"
import * as Table from "../resources/Table.ts"
import * as Variable from "../resources/Variable.ts"

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

export type DescriptionError = PinError | Table.ListError | Variable.ListError

/** Everything at one version: the dataset, a listing of tables, and one of variables for each table. */
export const read = (reference: Reference.DatasetInput): Effect.Effect<Description, DescriptionError, Redivis> =>
  Effect.gen(function*() {
    const pinned = yield* pin(reference)
    const tables = yield* pages.collect("tables.list", (page) => Table.listPage(pinned.reference, page))
    const described = yield* Effect.forEach(
      tables,
      (table) =>
        Effect.map(
          pages.collect("variables.list", (page) => Variable.listPage({ table }, page)),
          (variables) => ({ table, variables })
        ),
      { concurrency: 8 }
    )
    return { dataset: pinned.dataset, tables: described }
  }).pipe(strictly)
