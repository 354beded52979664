import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { DuckDBConnection } from "@duckdb/node-api"
import * as Result from "effect/Result"
import { explain } from "../../src/sql/runtimeErrors.ts"
import { open, run, translate } from "./database.ts"

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await open()
  await connection.run("SET threads = 1")
})

/** The value, or the words that a query fails with. */
const outcome = async (expression: string) => {
  const result = translate(`select ${expression} as a`)
  if (Result.isFailure(result)) return `fails: ${result.failure.message}`
  return run(connection, result.success).then(
    (rows) => rows[0]![0]!,
    (cause: Error) => `fails: ${explain(cause.message)}`
  )
}

/** Texts that say themselves so many times, as the query builds them: none of them is in the query's own text. */
const nested = (open: string, close: string, inner: string, depth: number): string =>
  `concat(repeat('${open}', ${depth}), '${inner}', repeat('${close}', ${depth}))`

describe("a document that is nested without end", () => {
  const depths = [100, 1000, 100_000, 150_000]
  for (const depth of depths) {
    it(`of ${depth} levels gives its value, or is refused in words`, async () => {
      const arrays = nested("[", "]", "1", depth)
      const objects = nested("{\"a\":", "}", "1", depth)
      assert.strictEqual(await outcome(`json_value(concat('{"b":', ${arrays}, ',"a":"found"}'), '$.a')`), "found")
      assert.strictEqual(await outcome(`json_value(concat('{"b":', ${objects}, ',"a":7}'), '$.a')`), "7")
      assert.isNull(await outcome(`json_value(${arrays}, '$[0][0]')`))
      assert.isNull(await outcome(`json_value(${objects}, '$.a.a.a')`))
      assert.isNull(await outcome(`json_value(${objects}, '$.b')`))
      assert.isNull(await outcome(`json_extract_scalar(${arrays})`))
      for (const broken of [`repeat('[', ${depth})`, `repeat('{"a":', ${depth})`, `concat(${arrays}, ']')`]) {
        assert.match(
          String(await outcome(`json_value(${broken}, '$.a')`)),
          /^fails: JSON_VALUE of a text that is no JSON/
        )
      }
    }, 60_000)
  }

  it("of 1,000 levels is followed by a path as long, and a longer one is refused or finds nothing", async () => {
    for (const count of [100, 1000, 20_000]) {
      const found = await outcome(`json_value(${nested("[", "]", "\"deep\"", 1000)}, '$${"[0]".repeat(count)}')`)
      assert.include(count === 1000 ? ["deep"] : [null], found)
    }
  }, 60_000)

  it("of a long text and of a large number is read whole", async () => {
    const long = `concat('{"t":"', repeat('x', 900000), '","n":', repeat('9', 30), '}')`
    assert.strictEqual(await outcome(`length(json_value(${long}, '$.t'))`), 900_000)
    // or it says that it cannot
    assert.match(String(await outcome(`json_value(${long}, '$.n')`)), /^(9{30}|fails: JSON_VALUE of a number .*)$/)
  })
})
