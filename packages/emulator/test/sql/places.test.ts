/** Each row of the allow-list with a column in place of each of its literals, and with NULL there. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { DuckDBConnection } from "@duckdb/node-api"
import * as Result from "effect/Result"
import { type Cell } from "../../src/sql/constructs/Construct.ts"
import { constructs } from "../../src/sql/constructs/index.ts"
import { type Token, tokenAt } from "../../src/sql/lexer.ts"
import { explain } from "../../src/sql/runtimeErrors.ts"
import { times } from "../times.ts"
import { open, run, translate } from "./database.ts"

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await open()
  await connection.run("SET threads = 1")
})

const types: Partial<Readonly<Record<Token["kind"], string>>> = {
  integer: "INT64",
  float: "FLOAT64",
  string: "STRING",
  bytes: "BYTES"
}

/** A name before a literal that makes one literal of both: `date '2020-01-01'`. */
const prefixes = new Set(["DATE", "DATETIME", "TIME", "TIMESTAMP", "NUMERIC", "DECIMAL", "INTERVAL", "AS"])

interface Place {
  readonly sql: string
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
  readonly literal: Token
  readonly type: string
}

/** Where an expression stands that is a literal: not an ordinal, nor a part of another literal. */
const places: ReadonlyArray<Place> = constructs.flatMap(({ rows, sql }) => {
  const found: Array<Place> = []
  let before = ""
  for (let token = tokenAt(sql, 0); token.kind !== "end"; token = tokenAt(sql, token.end)) {
    const type = types[token.kind]
    const isOrdinal = token.kind === "integer" &&
      /\bby\s+(?:\d+(?:\s+(?:asc|desc))?\s*,\s*)*$/i.test(sql.slice(0, token.start))
    const isTotal = /@|declare|set /i.test(sql)
    if (type !== undefined && !prefixes.has(before) && !isOrdinal && !isTotal) {
      found.push({ sql, rows, literal: token, type })
    }
    before = token.upper
  }
  return found
})

const put = ({ literal, sql }: Place, text: string): string =>
  `${sql.slice(0, literal.start)}${text}${sql.slice(literal.end)}`

const columnOf = (text: string): string => `(select own.c from (select ${text} as c) as own)`

/** The rows, a refusal of the translation, or a failure. */
const outcome = async (sql: string) => {
  const translation = translate(sql)
  if (Result.isFailure(translation)) return { refused: translation.failure.message }
  return run(connection, translation.success).then(
    (rows) => ({ rows }),
    (cause: Error) => ({ failed: explain(cause.message) })
  )
}

/** What `explain` says where it knows nothing better. */
const unexplained = explain("Binder Error: nobody knows")

describe("a row of the allow-list", () => {
  it("gives the same with a column in place of each literal, or refuses it", async () => {
    const wrong: Array<unknown> = []
    const counts = { same: 0, refused: 0 }
    for (const place of places) {
      const sql = put(place, columnOf(place.sql.slice(place.literal.start, place.literal.end)))
      const found = await outcome(sql)
      if ("refused" in found) counts.refused++
      else if ("rows" in found && JSON.stringify(found.rows, plain) === JSON.stringify(place.rows, plain)) counts.same++
      else wrong.push([sql, found])
    }
    console.log(`  ${places.length} literals: ${JSON.stringify(counts)}`)
    assert.deepStrictEqual(wrong, [])
    assert.isAbove(counts.same, places.length * 0.5)
  }, 120_000)

  it("gives one result for NULL in place of each literal, however it is written", async () => {
    const wrong: Array<unknown> = []
    let compared = 0
    // every other one, unless there is time
    const some = places.filter((_, index) => times > 1 || index % 2 === 0)
    for (const place of some) {
      const typed = `cast(null as ${place.type})`
      const outcomes = await Promise.all(["null", typed, columnOf(typed)].map((text) => outcome(put(place, text))))
      const ran = outcomes.filter((each) => !("refused" in each))
      if (ran.length > 1) compared++
      const different = new Set(ran.map((each) => JSON.stringify(each, plain)))
      if (different.size > 1 || different.has(JSON.stringify({ failed: unexplained }))) {
        wrong.push([put(place, "NULL"), ...outcomes])
      }
    }
    assert.deepStrictEqual(wrong, [])
    assert.isAbove(compared, some.length * 0.5)
  }, 120_000)
})

const plain = (_: string, value: unknown): unknown => typeof value === "bigint" ? String(value) : value
