/** A DuckDB of the tests' own, with the table that rows of `constructs/` read. */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Cell, input } from "../../src/sql/constructs/Construct.ts"
import * as Sql from "../../src/sql/Sql.ts"

const held = {
  string: "VARCHAR",
  integer: "BIGINT",
  float: "DOUBLE",
  boolean: "BOOLEAN",
  date: "DATE",
  dateTime: "TIMESTAMP",
  time: "TIME",
  geography: "VARCHAR"
}

const literal = (cell: Cell): string => cell === null ? "NULL" : typeof cell === "string" ? `'${cell}'` : String(cell)

export const birds: Sql.Relation = { sql: "\"stored birds\"", columns: input.columns }

export const open = async (): Promise<DuckDBConnection> => {
  const instance = await DuckDBInstance.create(":memory:", { enable_external_access: "false" })
  const connection = await instance.connect()
  const columns = input.columns.map((column) => `"${column.name}" ${held[column.type]}`)
  await connection.run(`CREATE TABLE ${birds.sql} (${columns.join(", ")})`)
  const rows = input.rows.map((row) => `(${row.map(literal).join(", ")})`)
  await connection.run(`INSERT INTO ${birds.sql} VALUES ${rows.join(", ")}`)
  return connection
}

export const options: Sql.Options = { resolve: () => birds, now: input.now }

export const analyze = (text: string): Sql.Analysis => Effect.runSync(Sql.analyze(text))

/** The translation, or the error of either step. */
export const translate = (text: string, how: Sql.Options = options): Result.Result<Sql.Translation, Sql.SqlError> =>
  Result.flatMap(Effect.runSync(Effect.result(Sql.analyze(text))), (analysis) => Sql.translate(analysis, how))

export const refusal = (text: string): Sql.SqlError => Result.getOrThrow(Result.flip(translate(text)))

/** A NUMERIC as DuckDB writes it, with all places behind the point. */
const numeric = /^-?\d+\.\d{9}$/

/** The rows, as `constructs/` writes them: a NUMERIC as the number of the same digits, else as its text. */
export const run = async (
  connection: DuckDBConnection,
  translation: Sql.Translation
): Promise<ReadonlyArray<ReadonlyArray<Cell>>> => {
  const reader = await connection.runAndReadAll(translation.sql)
  return reader.getRowsJson().map((row) =>
    row.map((cell, index): Cell => {
      if (cell === null || typeof cell === "boolean" || typeof cell === "number") return cell
      if (typeof cell !== "string") throw new Error(`Not a cell: ${JSON.stringify(cell)}`)
      const type = translation.columns[index]?.type
      if (type === "float" && numeric.test(cell)) {
        const text = cell.replace(/\.?0+$/, "")
        return String(Number(text)) === text ? Number(text) : text
      }
      if (type !== "integer") return cell
      const whole = BigInt(cell)
      return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole
    })
  )
}
