/** Parquet files. */
import * as Effect from "effect/Effect"
import type { DuckFault, Session } from "../Database.ts"
import * as Decode from "../decode.ts"
import { quoteName } from "../identifiers.ts"
import type { ImportFailed } from "../StoreError.ts"
import { type Conversion, conversionOf } from "./columnsOfResult.ts"
import { explain, failed, type ImportPlan, pathLiteral } from "./ImportPlan.ts"
import { variableNames } from "./names.ts"

/** SQL for whether a value of a type that is wider than ours fits ours, where that is not certain. */
const fits: { readonly [duckType: string]: (value: string) => string } = {
  UBIGINT: (value) => `${value} <= 9223372036854775807`,
  HUGEINT: (value) => `TRY_CAST(${value} AS BIGINT) IS NOT NULL`,
  UHUGEINT: (value) => `TRY_CAST(${value} AS BIGINT) IS NOT NULL`,
  TIMESTAMP_NS: (value) => `epoch_ns(${value}) % 1000 = 0`,
  TIME_NS: (value) => `nanosecond(${value}) % 1000 = 0`,
  // Frames of geometries are sent as well-known binary.
  BLOB: (value) => `TRY(ST_GeomFromWKB(${value})) IS NOT NULL`
}

const whenFitting = (duckType: string): Conversion =>
  duckType === "BLOB"
    ? { type: "geography", convert: (value) => `CAST(ST_GeomFromWKB(${value}) AS VARCHAR)` }
    : conversionOf(duckType)

const whenNot = (duckType: string): Conversion => {
  switch (duckType) {
    case "TIMESTAMP_NS":
      // Nanoseconds have no place in a date-time: they come as the integer that they are.
      return { type: "integer", convert: (value) => `epoch_ns(${value})` }
    case "BLOB":
      return { type: "string", convert: (value) => `coalesce(TRY(decode(${value})), to_base64(${value}))` }
    default:
      return { type: "string", convert: (value) => `CAST(${value} AS VARCHAR)` }
  }
}

export const plan = (session: Session, path: string): Effect.Effect<ImportPlan, ImportFailed | DuckFault> =>
  Effect.gen(function*() {
    const from = `read_parquet(${pathLiteral(path)})`
    const described = yield* session.rows(`DESCRIBE SELECT * FROM ${from}`).pipe(
      Effect.mapError((fault) => failed(`The file is not parquet: ${explain(fault, path).message}`))
    )
    const fields = described.map((row) => ({
      name: Decode.text(row, "column_name"),
      duckType: Decode.text(row, "column_type")
    }))
    if (fields.length === 0) return yield* failed("The file has no columns")
    const uncertain = fields.flatMap(({ name, duckType }, index) => {
      const test = fits[duckType]
      return test === undefined
        ? []
        : [`coalesce(bool_and(${test(quoteName(name))}), ${duckType !== "BLOB"}) AS f${index}`]
    })
    const [row] = uncertain.length === 0 ? [] : yield* session.rows(`SELECT ${uncertain.join(", ")} FROM ${from}`)
    const conversions = fields.map(({ duckType }, index) =>
      fits[duckType] === undefined || Decode.boolean(row!, `f${index}`) ? whenFitting(duckType) : whenNot(duckType)
    )
    const names = variableNames(fields.map(({ name }) => name))
    return {
      columns: names.map((name, index) => ({ name, type: conversions[index]!.type })),
      select: `SELECT ${
        fields.map(({ name }, index) =>
          `${conversions[index]!.convert(quoteName(name))} AS ${quoteName(names[index]!)}`
        )
          .join(", ")
      } FROM ${from}`,
      badRecords: Effect.succeed(0)
    }
  })
