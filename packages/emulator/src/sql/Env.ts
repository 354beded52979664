/**
 * What surrounds an expression while it is translated.
 *
 * @since 0.1.0
 */
import type { Scope } from "./Scope.ts"
import { refuse } from "./SqlError.ts"
import type { Call, Expression, Query, TablePath, Window } from "./syntax.ts"
import type { Value } from "./Value.ts"

/** A type of a Redivis variable. */
export type VariableType = "string" | "integer" | "float" | "boolean" | "date" | "dateTime" | "time" | "geography"

/** A table that a query names: how its rows are read, and what they are. */
export interface Relation {
  /** Quoted for DuckDB. */
  readonly sql: string
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: VariableType }>
}

/** What the translation of one text shares. */
export interface Shared {
  readonly table: (path: TablePath) => Relation
  /** Whether the path names an array of a table before it, not a table. */
  readonly isArray: (path: TablePath) => boolean
  /** A name for a table inside the translation that nothing else has. */
  readonly name: (prefix: string) => string
  /** Microseconds since the epoch, for `CURRENT_TIMESTAMP`. */
  readonly now: bigint
  /**
   * Translates a query in an expression; here, so that expressions need not know
   * queries. `wantsPosition` asks for a column that tells the rows' order.
   */
  readonly query: (query: Query, env: Env, wantsPosition?: boolean | undefined) => Rows
}

export interface OutputColumn {
  readonly name: string | undefined
  readonly value: Value
}

/** A translated query: its SQL, whose columns are called as `columns[i].value.sql` says. */
export interface Rows {
  readonly sql: string
  readonly columns: ReadonlyArray<OutputColumn>
  /** `SELECT AS STRUCT`: each row is one value. */
  readonly isStruct: boolean
  /** Whether DuckDB gives them in another order each time: of DISTINCT and GROUP BY. */
  readonly isLoose: boolean
  /** The column that numbers the rows, if it was asked for. */
  readonly position?: string | undefined
}

export interface CommonTable {
  readonly name: string
  readonly sql: string
  readonly rows: Rows
}

export interface Env {
  readonly shared: Shared
  readonly scope: Scope
  /** `WITH`, by name in lower case. */
  readonly tables: ReadonlyMap<string, CommonTable>
  /** How many expressions' queries this is inside of. */
  readonly depth: number
  /** Where the expression stands, for messages. */
  readonly clause: string
  /** Takes an aggregate, where one may stand. */
  readonly aggregate: ((call: Call) => Value) | undefined
  /** Where window functions may stand: finds the named ones. */
  readonly windows: ((window: Window) => Window) | undefined
  /** Whether tables of FROM have to number their rows. */
  readonly wantsPositions: boolean
  /** What numbers the rows, where it was wanted: what gathers them without an order does so by these. */
  readonly positions: ReadonlyArray<string>
  /** The grouped expression that a node is, if it is one. */
  readonly key: ((node: Expression) => Value | undefined) | undefined
}

/** The same place, with neither aggregates nor window functions. */
export const plain = (env: Env, clause: string): Env => ({
  ...env,
  clause,
  aggregate: undefined,
  windows: undefined,
  key: undefined
})

/** Queries in expressions inside each other: DuckDB's time doubles with each. */
const deepest = 10

/** Inside a query of an expression. */
export const deeper = (env: Env, at: number): Env => {
  if (env.depth >= deepest) {
    refuse(`Queries in expressions are nested more than ${deepest} deep; take them out into WITH`, at)
  }
  return { ...plain(env, "a subquery"), depth: env.depth + 1 }
}

export const refuseAggregate = (name: string, env: Env, at: number): never =>
  refuse(`The aggregate function ${name} is not allowed in ${env.clause}`, at)
