/** Schemas for the rows of tables that are there, as text. */
import * as Effect from "effect/Effect"
import { onDataset, onTable } from "../client/resolve.ts"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/service.ts"
import { strictly } from "../client/region.ts"
import type * as Operation from "../contract/Operation.ts"
import type { Common } from "../contract/RedivisError.ts"
import type * as Reference from "../contract/Reference.ts"
import * as table from "../contract/table.ts"
import type * as variable from "../contract/variable.ts"
import { type Described, type SchemaSourceOptions, sourceOf } from "../data/schemaSource/source.ts"

import { whole } from "./wholeVariables.ts"

export type { SchemaSourceOptions } from "../data/schemaSource/source.ts"

/**
 * What making a module of schemas fails with.
 *
 * @category errors
 * @since 0.1.0
 */
export type SchemaSourceError =
  | Common
  | Operation.Failure<typeof table.get>
  | Operation.Failure<typeof table.listByDataset>
  | Operation.Failure<typeof variable.listByTable>
  | Operation.Failure<typeof variable.getByTable>

/** Tables of a dataset whose variables are asked for at a time. */
const tablesAtOnce = 4

const describe = (
  reference: Reference.TableInput,
  about: Pick<table.TableListItem, "description" | "name" | "qualifiedReference">
): Effect.Effect<Described, SchemaSourceError, Redivis> =>
  Effect.map(whole({ table: reference }), (variables) => ({
    reference: about.qualifiedReference,
    name: about.name,
    description: about.description,
    variables
  }))

/**
 * A TypeScript module, as text, with an Effect Schema and the type of the
 * table's rows, made from its variables.
 *
 * **Details**
 *
 * `GET /tables/:table`, `GET /tables/:table/variables`, and
 * `GET /tables/:table/variables/:variable` for each variable whose listing leaves
 * out description and labels of values, as the service's does. Labels and
 * descriptions become comments. `values` is what the rows will be read with; the option
 * `schema` of `Table.rows` takes what the module exports.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such table, or the token may not see it
 * - `Forbidden`: the account may see the table but not its variables
 *
 * **Example** (For rows that are read with bigint)
 *
 * ```ts
 * import * as Table from "@effect-redivis/core/Table"
 *
 * const source = Table.schemaSource("demo.penguins.birds", { values: { integer: "bigint" } })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const ofTable = (
  reference: Reference.TableInput,
  options?: SchemaSourceOptions
): Effect.Effect<string, SchemaSourceError, Redivis> =>
  onTable(reference, (redivis, reference) => redivis.execute(table.get, { params: { table: reference } })).pipe(
    Effect.flatMap((found) => describe(reference, found)),
    strictly,
    Effect.map((described) => sourceOf([described], options))
  )

/**
 * A TypeScript module, as text, with an Effect Schema and the type of a row for
 * each table of a dataset, made from their variables.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/tables`, then for each of them
 * `GET /tables/:table/variables`, and `GET /tables/:table/variables/:variable` for
 * each variable whose listing leaves out description and labels of values, as
 * the service's does. Labels and descriptions become comments. `values` is what the rows will be read with.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such dataset, or the token may not see it
 * - `Forbidden`: the account may see a table but not its variables
 *
 * **Example** (The module of a dataset)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 *
 * const source = Dataset.schemaSource("demo.penguins:v1.0")
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const ofDataset = (
  reference: Reference.DatasetInput,
  options?: SchemaSourceOptions
): Effect.Effect<string, SchemaSourceError, Redivis> =>
  pages.collect("tables.list", (options) =>
    Effect.map(
      onDataset(
        reference,
        (redivis, dataset) =>
          redivis.execute(table.listByDataset, { params: { dataset }, query: pages.pageQuery(options) })
      ),
      (page) => pages.pageOf(page)
    )).pipe(
      Effect.flatMap((tables) =>
        Effect.forEach(tables, (found) => describe({ uri: found.uri }, found), { concurrency: tablesAtOnce })
      ),
      strictly,
      Effect.map((tables) => sourceOf(tables, options))
    )
