/** Parquet files as another program writes them. */
import { DuckDBInstance } from "@duckdb/node-api"
import * as Effect from "effect/Effect"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The bytes of a parquet file of a query. */
export const parquetOf = (sql: string): Effect.Effect<Uint8Array<ArrayBuffer>> =>
  Effect.promise(async () => {
    const directory = await mkdtemp(join(tmpdir(), "parquet-"))
    const instance = await DuckDBInstance.create(":memory:")
    const connection = await instance.connect()
    await connection.run(`COPY (${sql}) TO '${join(directory, "file")}' (FORMAT parquet)`)
    connection.closeSync()
    instance.closeSync()
    const bytes = await readFile(join(directory, "file"))
    await rm(directory, { recursive: true })
    return new Uint8Array(bytes)
  })
