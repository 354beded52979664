/**
 * Variables: the columns of tables and of query results.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/Redivis.ts"
import type * as Operation from "../contract/Operation.ts"
import type * as RedivisError from "../contract/RedivisError.ts"
import * as contract from "../contract/variable.ts"
import { defined } from "../client/defined.ts"
import { onSource, type Source } from "../client/resolve.ts"

export type { ListOptions, Page, PageOptions, PageToken } from "../client/pages.ts"
export type { Source } from "../client/resolve.ts"

/**
 * A variable.
 *
 * @category models
 * @since 0.1.0
 */
export interface Variable extends contract.Variable {}

/**
 * @category errors
 * @since 0.1.0
 */
export type ListError = RedivisError.Common | Operation.Failure<typeof contract.listByTable>

/**
 * Which variables are listed.
 *
 * @category models
 * @since 0.1.0
 */
export interface FilterOptions {
  /** Only variables of this type. */
  readonly type?: typeof contract.variableTypes[number] | undefined
}

/**
 * One page of the variables of a table or a query, in the order of the columns.
 *
 * **Details**
 *
 * `GET /tables/:table/variables` or `GET /queries/:query/variables`. Needs the
 * scope `data.metadata` unless the table is public.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such table or query, or the token may not see it
 * - `Forbidden`: the account may see the table but not its variables
 * - `BadRequest`: the query has not ended, or the page token is not the server's
 *
 * **Example** (Of a table)
 *
 * ```ts
 * import * as Variable from "@effect-redivis/core/Variable"
 *
 * const page = Variable.listPage({ table: "demo.penguins.birds" }, { pageSize: 1000 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listPage = (
  source: Source,
  options?: pages.PageOptions & FilterOptions
): Effect.Effect<pages.Page<Variable>, ListError, Redivis> => {
  const query = defined({ ...pages.pageQuery(options), type: options?.type })
  return Effect.map(
    onSource<contract.VariablePage, ListError>(source, {
      table: (redivis, table) => redivis.execute(contract.listByTable, { params: { table }, query }),
      query: (redivis, id) => redivis.execute(contract.listByQuery, { params: { query: id }, query })
    }),
    (page) => pages.pageOf(page)
  )
}

/**
 * All variables of a table or a query, in the order of the columns.
 *
 * **Details**
 *
 * See {@link listPage}.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such table or query, or the token may not see it
 * - `Forbidden`: the account may see the table but not its variables
 * - `BadRequest`: the query has not ended
 *
 * **Example** (Their names)
 *
 * ```ts
 * import * as Variable from "@effect-redivis/core/Variable"
 * import * as Stream from "effect/Stream"
 *
 * const names = Variable.list({ table: "demo.penguins.birds" }).pipe(
 *   Stream.map((variable) => variable.name),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const list = (
  source: Source,
  options?: pages.ListOptions & FilterOptions
): Stream.Stream<Variable, ListError, Redivis> =>
  pages.all("variables.list", options, (page) => listPage(source, { ...options, ...page }))
