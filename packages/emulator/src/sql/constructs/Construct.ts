/**
 * A row of the allow-list: a query, and what GoogleSQL's documentation says that
 * it gives. The tests run every row on DuckDB.
 *
 * @since 0.1.0
 */
import type { VariableType } from "../Env.ts"

/** A value of a result: dates and times as text, floats beyond numbers by name. */
export type Cell = null | boolean | number | bigint | string

export interface Construct {
  /** What the row lets through: `function SUBSTR`, `clause QUALIFY`, `cast STRING to DATE`, … */
  readonly constructs: ReadonlyArray<string>
  readonly sql: string
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
}

/** The table `birds`, which rows may read. Its time is 2020-01-02 03:04:05.678 UTC. */
export const input: {
  readonly now: number
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: VariableType }>
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
} = {
  now: 1_577_934_245_678,
  columns: [
    { name: "species", type: "string" },
    { name: "n", type: "integer" },
    { name: "mass", type: "float" },
    { name: "ok", type: "boolean" },
    { name: "d", type: "date" },
    { name: "dt", type: "dateTime" },
    { name: "tm", type: "time" },
    { name: "place", type: "geography" }
  ],
  rows: [
    ["Adelie", 1, 1.5, true, "2020-01-01", "2020-01-01 10:00:00", "10:00:00", null],
    ["Gentoo", 2, 2.5, false, "2020-02-01", "2020-02-01 11:00:00", "11:00:00", null],
    ["Adelie", 3, null, null, null, null, null, null],
    [null, null, "NaN", true, "2020-03-01", "2020-03-01 12:00:00", "12:00:00", null]
  ]
}
