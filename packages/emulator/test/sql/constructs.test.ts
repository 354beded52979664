import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { DuckDBConnection } from "@duckdb/node-api"
import * as Result from "effect/Result"
import { allowed, recording } from "../../src/sql/allow.ts"
import { constructs } from "../../src/sql/constructs/index.ts"
import { functions } from "../../src/sql/functions/index.ts"
import { open, run, translate } from "./database.ts"

describe("the allow-list", () => {
  let connection: DuckDBConnection
  beforeAll(async () => {
    connection = await open()
  })

  for (const [index, row] of constructs.entries()) {
    it(`row ${index + 1}: ${row.sql.slice(0, 100)}`, async () => {
      const { used, value } = recording(() => translate(row.sql))
      const translation = Result.getOrThrow(value)
      assert.deepStrictEqual(
        row.constructs.filter((construct) => !used.has(construct)),
        [],
        "constructs it does not use"
      )
      assert.deepStrictEqual(await run(connection, translation), row.rows)
    })
  }

  it("has results of the types that it says, which nothing has to narrow", async () => {
    const held = {
      integer: ["BIGINT"],
      // a NUMERIC is one where all its values are
      float: ["DOUBLE", "DECIMAL(38,9)"],
      boolean: ["BOOLEAN"],
      string: ["VARCHAR"],
      geography: ["VARCHAR"],
      date: ["DATE"],
      dateTime: ["TIMESTAMP"],
      time: ["TIME"]
    }
    const wrong: Array<string> = []
    for (const { sql } of constructs) {
      const translation = Result.getOrThrow(translate(sql))
      const described = await connection.runAndReadAll(`DESCRIBE ${translation.sql}`)
      for (const [index, row] of described.getRowObjectsJson().entries()) {
        const { name, type } = translation.columns[index]!
        const found = row["column_type"] as string // DESCRIBE gives texts
        if (!held[type].includes(found)) wrong.push(`${name} of ${sql} is ${found}, and is told to be ${type}`)
      }
    }
    assert.deepStrictEqual(wrong, [])
  })

  it("names every function that has a translation", () => {
    assert.deepStrictEqual(Object.keys(functions).filter((name) => !allowed.has(`function ${name}`)), [])
  })

  it("names no function that has none", () => {
    const named = [...allowed].filter((construct) =>
      construct.startsWith("function ") && !construct.endsWith(" with OVER")
    )
    const special = ["function EXTRACT", "function SAFE_CAST"]
    assert.deepStrictEqual(
      named.filter((construct) => !special.includes(construct) && !(construct.slice(9) in functions)),
      []
    )
  })
})
