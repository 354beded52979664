/** JSON: an array of objects, or an object a line. */
import * as Effect from "effect/Effect"
import type { DuckFault, Session } from "../Database.ts"
import * as Decode from "../decode.ts"
import { quoteName } from "../identifiers.ts"
import type { VariableType } from "../model.ts"
import type { ImportFailed } from "../StoreError.ts"
import { failed, type ImportPlan, isTooLong, pathLiteral } from "./ImportPlan.ts"
import { infer, valueOf } from "./inference.ts"
import { variableNames } from "./names.ts"

const largestObject = 256 * 1024 * 1024

/** JSON says itself what is a number or a boolean: text is one of these never. */
const candidatesOf = (kinds: ReadonlyArray<string>): ReadonlyArray<VariableType> => {
  const isOnly = (...allowed: ReadonlyArray<string>) =>
    kinds.length > 0 && kinds.every((kind) => allowed.includes(kind))
  if (isOnly("BOOLEAN")) return ["boolean"]
  if (isOnly("BIGINT", "UBIGINT")) return ["integer"]
  if (isOnly("BIGINT", "UBIGINT", "DOUBLE")) return ["float"]
  if (isOnly("VARCHAR")) return ["date", "dateTime", "time", "geography"]
  return []
}

export const plan = (
  session: Session,
  path: string,
  format: "array" | "newline_delimited"
): Effect.Effect<ImportPlan, ImportFailed | DuckFault> =>
  Effect.gen(function*() {
    const source = (objectSize: number | undefined) =>
      `read_json(${pathLiteral(path)}, format = '${format}', maximum_depth = 1, sample_size = -1, records = true${
        objectSize === undefined ? "" : `, maximum_object_size = ${objectSize}`
      })`
    const describe = (from: string) =>
      Effect.map(session.rows(`DESCRIBE SELECT * FROM ${from}`), (rows) => ({
        from,
        keys: rows.map((row) => Decode.text(row, "column_name"))
      }))
    const { from, keys } = yield* describe(source(undefined)).pipe(
      Effect.catchIf(isTooLong, () => describe(source(largestObject))),
      Effect.catch((fault) => {
        if (/format='array'|non-record/.test(fault.message)) {
          return Effect.fail(
            failed(`The file is not ${format === "array" ? "an array of objects" : "an object a line"}`)
          )
        }
        // In an array, what DuckDB calls a line is none.
        const reason = /at byte \d+ in [^:]*: (.*)/.exec(fault.message)?.[1]
        return Effect.fail(
          format === "array" && reason !== undefined ? failed(`The file is not JSON: ${reason}`) : fault
        )
      })
    )
    if (keys.length === 0) return yield* failed("The file has no objects")
    const [row] = yield* session.rows(
      `SELECT ${
        keys.map((key, index) => `to_json(list(DISTINCT json_type(${quoteName(key)}))) AS k${index}`).join(", ")
      } FROM ${from}`
    )
    const columns = keys.map((key, index) => {
      const value = quoteName(key)
      const kinds = row![`k${index}`] === null
        ? []
        : Decode.json<ReadonlyArray<string | null>>(row!, `k${index}`).filter((kind) => kind !== null)
      return {
        text: `(CASE json_type(${value}) WHEN 'VARCHAR' THEN ${value} ->> '$' WHEN 'NULL' THEN NULL ` +
          `ELSE CAST(${value} AS VARCHAR) END)`,
        candidates: candidatesOf(kinds)
      }
    })
    const types = yield* infer(session, from, columns)
    const names = variableNames(keys)
    return {
      columns: names.map((name, index) => ({ name, type: types[index]! })),
      select: `SELECT ${
        names.map((name, index) => `${valueOf(types[index]!, columns[index]!.text)} AS ${quoteName(name)}`).join(", ")
      } FROM ${from}`,
      badRecords: Effect.succeed(0)
    }
  })
