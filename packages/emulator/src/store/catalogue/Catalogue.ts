/**
 * The tables of the catalogue in memory, where all reads of them are answered.
 *
 * A transaction makes tables of its own from those that it began with, and they
 * take the place of these when it commits: who reads meanwhile sees all of what
 * it wrote or nothing. What it wrote is kept as statements too, which make the
 * same of the tables that DuckDB keeps in a folder.
 *
 * @since 0.1.0
 */
import type { Row } from "../Database.ts"
import { type Columns, compile, type Compiled, completed, type Moment } from "./compile.ts"
import { parse } from "./parse.ts"

type Tables = ReadonlyMap<string, ReadonlyArray<Row>>

/** What a transaction did to a table of the catalogue. */
export type Change =
  | { readonly kind: "rows"; readonly table: string; readonly rows: ReadonlyArray<Row> }
  | { readonly kind: "statement"; readonly sql: string; readonly parameters: ReadonlyArray<unknown> }

/** The catalogue as one reader or writer sees it. */
export interface View {
  readonly execute: (sql: string, parameters?: ReadonlyArray<unknown>) => ReadonlyArray<Row>
}

export interface Draft extends View {
  readonly insert: (table: string, rows: ReadonlyArray<Row>) => void
  /** What it has done so far, in order. */
  readonly changes: ReadonlyArray<Change>
  /** Shows everyone what it wrote. Only one draft is open at a time. */
  readonly publish: () => void
}

export interface Catalogue {
  readonly columns: Columns
  /** As it is at each moment. */
  readonly current: View
  /** As it is now, also later. */
  readonly snapshot: () => View
  readonly draft: () => Draft
  /** Takes over what a folder holds. */
  readonly load: (tables: Tables) => void
}

/** Statements with lists of ids in them come once: what is kept of them has an end. */
const mostStatements = 2000

const readOnly = (sql: string): never => {
  throw new Error(`Only a transaction writes: ${sql}`)
}

export const make = (columns: Columns): Catalogue => {
  const compiled = new Map<string, Compiled>()
  let tables: Tables = new Map()
  let position = 0

  const nextPosition = (): number => ++position

  const prepare = (sql: string): Compiled => {
    const known = compiled.get(sql)
    if (known !== undefined) return known
    if (compiled.size >= mostStatements) compiled.clear()
    const made = compile(parse(sql), columns)
    compiled.set(sql, made)
    return made
  }

  const momentOf = (rows: Moment["rows"], parameters: ReadonlyArray<unknown> = []): Moment => ({
    rows,
    parameters,
    nextPosition
  })

  const viewOf = (tables: () => Tables): View => ({
    execute: (sql, parameters) => {
      const statement = prepare(sql)
      return statement.kind === "read"
        ? statement.run(momentOf((table) => tables().get(table) ?? [], parameters))
        : readOnly(sql)
    }
  })

  return {
    columns,
    current: viewOf(() => tables),
    snapshot: () => {
      const now = tables
      return viewOf(() => now)
    },
    draft: () => {
      const own = new Map<string, ReadonlyArray<Row>>()
      const changes: Array<Change> = []
      const rowsOf = (table: string): ReadonlyArray<Row> => own.get(table) ?? tables.get(table) ?? []
      const add = (table: string, rows: ReadonlyArray<Row>): void => {
        if (rows.length === 0) return
        own.set(table, [...rowsOf(table), ...rows])
        changes.push({ kind: "rows", table, rows })
      }
      return {
        changes,
        insert: (table, rows) => add(table, rows.map((row) => completed(columns[table]!, row, nextPosition))),
        execute: (sql, parameters = []) => {
          const statement = prepare(sql)
          const moment = momentOf(rowsOf, parameters)
          switch (statement.kind) {
            case "read":
              return statement.run(moment)
            case "insert":
              add(statement.table, statement.run(moment))
              return []
            case "change": {
              const { returned, rows } = statement.run(moment)
              if (rows !== undefined) {
                own.set(statement.table, rows)
                changes.push({ kind: "statement", sql, parameters })
              }
              return returned
            }
          }
        },
        publish: () => {
          if (own.size > 0) tables = new Map([...tables, ...own])
        }
      }
    },
    load: (found) => {
      tables = found
      for (const rows of found.values()) {
        for (const row of rows) {
          if (typeof row["position"] === "number") position = Math.max(position, row["position"])
        }
      }
    }
  }
}
