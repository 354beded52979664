/** Parquet files. */
import * as Effect from "effect/Effect"
import type { DuckFault, Session } from "../Database.ts"
import * as Decode from "../decode.ts"
import { quoteName } from "../identifiers.ts"
import type { ImportFailed } from "../StoreError.ts"
import { conversionsOf } from "./columnsOfResult.ts"
import { explain, failed, type ImportPlan, pathLiteral } from "./ImportPlan.ts"
import { variableNames } from "./names.ts"
import { readParquet } from "./parquetFile.ts"
import { reading } from "./rowsFile.ts"

export const plan = (session: Session, path: string): Effect.Effect<ImportPlan, ImportFailed | DuckFault> =>
  Effect.gen(function*() {
    const file = yield* reading((signal) => readParquet(path, signal))
    const from = `read_parquet(${pathLiteral(path)}, hive_partitioning = false)`
    const described = yield* session.rows(`DESCRIBE SELECT * FROM ${from}`).pipe(
      Effect.mapError((fault) => failed(`The file is not parquet, or it is damaged: ${explain(fault, path).message}`))
    )
    const fields = described.map((row) => ({
      name: Decode.text(row, "column_name"),
      duckType: Decode.text(row, "column_type")
    }))
    if (fields.length === 0) return yield* failed("The file has no columns")
    const conversions = yield* conversionsOf(session, from, fields, { isFile: true })
    // DuckDB has renamed what is empty or there twice; the file's own names are renamed as those of any file are.
    const names = variableNames(
      file.names.length === fields.length ? file.names : fields.map(({ name }) => name)
    )
    return {
      columns: names.map((name, index) => ({ name, type: conversions[index]!.type })),
      select: `SELECT ${
        fields.map(({ name }, index) =>
          `${conversions[index]!.convert(quoteName(name))} AS ${quoteName(names[index]!)}`
        )
          .join(", ")
      } FROM ${from}`,
      numRows: file.numRows,
      badRecords: 0
    }
  })
