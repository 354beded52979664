import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { DuckDBConnection } from "@duckdb/node-api"
import * as Result from "effect/Result"
import type { Signature } from "../../src/sql/Function.ts"
import { functions } from "../../src/sql/functions/index.ts"
import * as Types from "../../src/sql/types.ts"
import { open, run, translate } from "./database.ts"

/** A value of each type that every function takes. */
const samples: Readonly<Record<string, string>> = {
  INT64: "1",
  FLOAT64: "0.5",
  NUMERIC: "numeric '1.5'",
  BOOL: "true",
  STRING: "'a'",
  BYTES: "b'a'",
  DATE: "date '2020-01-31'",
  DATETIME: "datetime '2020-01-31 10:00:00'",
  TIME: "time '10:00:00'",
  TIMESTAMP: "timestamp '2020-01-31 10:00:00'",
  GEOGRAPHY: "st_geogpoint(1, 2)"
}

/** Where a function wants something else of that type: what stands at each place. */
const particular: Readonly<Record<string, ReadonlyArray<string | undefined>>> = {
  CURRENT_DATE: ["'UTC'"],
  CURRENT_DATETIME: ["'UTC'"],
  CURRENT_TIME: ["'UTC'"],
  DATE: [undefined, "'UTC'"],
  DATETIME: [undefined, "'UTC'"],
  TIME: [undefined, "'UTC'"],
  TIMESTAMP: [undefined, "'UTC'"],
  DATE_ADD: [undefined, "interval 1 day"],
  DATE_SUB: [undefined, "interval 1 day"],
  DATETIME_ADD: [undefined, "interval 1 day"],
  DATETIME_SUB: [undefined, "interval 1 day"],
  TIMESTAMP_ADD: [undefined, "interval 1 day"],
  TIMESTAMP_SUB: [undefined, "interval 1 day"],
  TIME_ADD: [undefined, "interval 1 hour"],
  TIME_SUB: [undefined, "interval 1 hour"],
  DATE_DIFF: [undefined, undefined, "day"],
  DATETIME_DIFF: [undefined, undefined, "day"],
  TIMESTAMP_DIFF: [undefined, undefined, "hour"],
  TIME_DIFF: [undefined, undefined, "hour"],
  DATE_TRUNC: [undefined, "day", "'UTC'"],
  DATETIME_TRUNC: [undefined, "day", "'UTC'"],
  TIMESTAMP_TRUNC: [undefined, "day", "'UTC'"],
  TIME_TRUNC: [undefined, "hour"],
  LAST_DAY: [undefined, "month"],
  FORMAT_DATE: ["'%Y'"],
  FORMAT_DATETIME: ["'%Y'"],
  FORMAT_TIME: ["'%H'"],
  FORMAT_TIMESTAMP: ["'%Y'", undefined, "'UTC'"],
  PARSE_DATE: ["'%Y'", "'2020'"],
  PARSE_DATETIME: ["'%Y'", "'2020'"],
  PARSE_TIME: ["'%H'", "'10'"],
  PARSE_TIMESTAMP: ["'%Y'", "'2020'", "'UTC'"],
  GENERATE_DATE_ARRAY: [undefined, undefined, "interval 1 day"],
  GENERATE_TIMESTAMP_ARRAY: [undefined, undefined, "interval 1 hour"],
  NORMALIZE: [undefined, "nfc"],
  JSON_VALUE: ["'{}'", "'$'"],
  JSON_EXTRACT_SCALAR: ["'{}'", "'$'"]
}

/** What GoogleSQL's reference says of those that do not give NULL for it. */
const looking = ["ARRAY_TO_STRING", "COALESCE", "ERROR", "FORMAT", "IF", "IFNULL", "NULLIF"]

/** What has to be written out, so that no column stands there. */
const written = /written out|the same for all rows/

const columns = Object.keys(samples).filter((name) => name !== "GEOGRAPHY")
const source = `(select ${
  columns.map((name) => `cast(null as ${name}) as null_${name}, cast(null as array<${name}>) as nulls_${name}`).join(
    ", "
  )
})`

const typeOf = (parameter: Signature["parameters"][number]): string =>
  parameter.kind === "of"
    ? Types.show(parameter.type)
    : parameter.kind === "anyArray"
    ? "ARRAY<INT64>"
    : parameter.kind === "each"
    ? "STRING"
    : "INT64"

const arrayOf = /^ARRAY<(.*)>$/

const sampleOf = (type: string): string => {
  const element = arrayOf.exec(type)?.[1]
  return element === undefined ? samples[type]! : `[${samples[element]}]`
}

/** A NULL of the type: bare, as the result of a cast, and as a column. */
const nulls: Readonly<Record<string, (type: string) => string>> = {
  "that is bare": () => "null",
  "of its type": (type) => `cast(null as ${type})`,
  "of a column": (type) => {
    const element = arrayOf.exec(type)?.[1]
    return element === undefined ? `null_${type}` : `nulls_${element}`
  }
}

/** Every call with NULL in one place. */
const calls = (kind: string): ReadonlyArray<string> => {
  const make = nulls[kind]!
  return Object.entries(functions).flatMap(([name, definition]) =>
    definition.kind !== "scalar" ? [] : definition.signatures.flatMap((signature) => {
      if (signature.nulls === "own") return []
      const { isVariadic, parameters } = signature
      const all = isVariadic ? [...parameters, parameters.at(-1)!] : parameters
      return all.flatMap((parameter, place) => {
        if (parameter.kind === "raw") return []
        const given = all.map((each, index) =>
          index === place
            ? make(typeOf(each))
            : (each.kind === "raw" || typeOf(each) === "STRING" ? particular[name]?.[index] : undefined) ??
              sampleOf(typeOf(each))
        )
        return [`${name.toLowerCase()}(${given.join(", ")})`]
      })
    })
  )
}

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await open()
  await connection.run("SET threads = 1")
})

/** Those that are not NULL, and those that are refused with the reason. */
const check = async (expressions: ReadonlyArray<string>) => {
  const refused: Array<readonly [string, string]> = []
  const fine: Array<string> = []
  for (const expression of new Set(expressions)) {
    const result = translate(`select ${expression} is null as a from ${source}`)
    if (Result.isSuccess(result)) fine.push(expression)
    else refused.push([expression, result.failure.message])
  }
  const wrong: Array<string> = []
  for (let start = 0; start < fine.length; start += 40) {
    const some = fine.slice(start, start + 40)
    const sql = `select ${some.map((each, index) => `${each} is null as a${index}`).join(", ")} from ${source}`
    const [row] = await run(connection, Result.getOrThrow(translate(sql)))
    wrong.push(...some.filter((_, index) => row![index] !== true))
  }
  return { wrong, refused }
}

describe("NULL", () => {
  for (const kind of Object.keys(nulls)) {
    it(`${kind} in any place of any function makes the result NULL`, async () => {
      const all = calls(kind)
      assert.isAbove(all.length, 200)
      const { refused, wrong } = await check(all)
      assert.deepStrictEqual(wrong, [])
      assert.deepStrictEqual(refused.filter(([, message]) => !written.test(message)), [])
    })
  }

  for (const kind of Object.keys(nulls)) {
    it(`${kind} leaves the result of every function its type`, async () => {
      const held = {
        integer: "BIGINT",
        float: "DOUBLE",
        boolean: "BOOLEAN",
        string: "VARCHAR",
        geography: "VARCHAR",
        date: "DATE",
        dateTime: "TIMESTAMP",
        time: "TIME"
      }
      const some = [...new Set(calls(kind))].filter((each) =>
        // neither an array nor bytes can be a column of a result
        Result.isSuccess(translate(`select ${each} as a from ${source}`))
      )
      assert.isAbove(some.length, 150)
      const wrong: Array<string> = []
      for (let start = 0; start < some.length; start += 40) {
        const part = some.slice(start, start + 40)
        const sql = `select ${part.map((each, index) => `${each} as a${index}`).join(", ")} from ${source}`
        const translation = Result.getOrThrow(translate(sql))
        const described = await connection.runAndReadAll(`DESCRIBE ${translation.sql}`)
        for (const [index, row] of described.getRowObjectsJson().entries()) {
          const found = (row["column_type"] as string).replace("DECIMAL(38,9)", "DOUBLE")
          const wanted = held[translation.columns[index]!.type]
          if (found !== wanted) wrong.push(`${part[index]} is ${found}, and is told to be ${wanted}`)
        }
      }
      assert.deepStrictEqual(wrong, [])
    })
  }

  it("of a column makes the result NULL behind SAFE. too", async () => {
    const all = calls("of a column").filter((each) => !/^(rand|generate_uuid|st_geogpoint)\(/.test(each))
    const { refused, wrong } = await check(all.map((each) => `safe.${each}`))
    assert.deepStrictEqual(wrong, [])
    assert.deepStrictEqual(refused.filter(([, message]) => !written.test(message)), [])
  })

  it("is looked at by these functions alone", () => {
    const found = Object.entries(functions).filter(([, { signatures }]) =>
      signatures.some(({ nulls }) => nulls === "own")
    )
    assert.deepStrictEqual(found.map(([name]) => name).sort(), looking)
  })

  it("is what those functions say that it is", async () => {
    const rows = await run(
      connection,
      Result.getOrThrow(translate(
        "select array_to_string(null_array, ',', 'x') is null, array_to_string(['a'], null_string, 'x') is null," +
          " array_to_string(['a', null, 'b'], ',', null_string), coalesce(null_string, 'b'), if(null_bool, 1, 2)," +
          " ifnull(null_string, 'c'), nullif(null_int64, 1) is null, nullif(1, null_int64), format('%t', null_int64)," +
          " format('%d', null_int64) is null, format(null, 1) is null" +
          " from (select cast(null as array<string>) as null_array, cast(null as string) as null_string," +
          " cast(null as bool) as null_bool, cast(null as int64) as null_int64)"
      ))
    )
    assert.deepStrictEqual(rows, [[true, true, "a,b", "b", 2, "c", true, 1, "NULL", true, true]])
  })

  it("in any place of any operator makes the result NULL", async () => {
    const operators: ReadonlyArray<readonly [template: string, ...types: ReadonlyArray<string>]> = [
      ...["+", "-", "*", "/", "=", "<>", "<", "<=", ">", ">="].flatMap((operator) =>
        ["INT64", "FLOAT64"].map((type) => [`(? ${operator} ?)`, type, type] as const)
      ),
      ...["+", "-", "*"].map((operator) => [`(? ${operator} ?)`, "NUMERIC", "NUMERIC"] as const),
      ...["&", "|", "^"].map((operator) => [`(? ${operator} ?)`, "INT64", "INT64"] as const),
      ...["=", "<", ">="].flatMap((operator) =>
        ["STRING", "DATE", "DATETIME", "TIMESTAMP", "TIME", "BOOL", "BYTES"].map((type) =>
          [`(? ${operator} ?)`, type, type] as const
        )
      ),
      ["(? || ?)", "STRING", "STRING"],
      ["(? || ?)", "ARRAY<INT64>", "ARRAY<INT64>"],
      ["(? + ?)", "DATE", "INT64"],
      ["(? - ?)", "DATE", "INT64"],
      ["(? + interval 1 day)", "DATE"],
      ["(? - interval 1 hour)", "DATETIME"],
      ["(? + interval 1 hour)", "TIMESTAMP"],
      ["(- ?)", "FLOAT64"],
      ["(~ ?)", "INT64"],
      ["(not ?)", "BOOL"],
      ["(? like ?)", "STRING", "STRING"],
      ["(? like any (?))", "STRING", "STRING"],
      ["(? between 0 and ?)", "INT64", "INT64"],
      ["(? in (0, ?))", "INT64", "INT64"],
      ["(? in unnest([0, ?]))", "INT64", "INT64"],
      ["(? in (select ?))", "FLOAT64", "FLOAT64"],
      ["?[offset(?)]", "ARRAY<INT64>", "INT64"],
      ["?[safe_ordinal(?)]", "ARRAY<INT64>", "INT64"],
      ["extract(day from ?)", "DATE"],
      ["extract(date from ? at time zone 'Asia/Tokyo')", "TIMESTAMP"]
    ]
    const all = Object.values(nulls).flatMap((make) =>
      operators.flatMap(([template, ...types]) =>
        types.map((_, place) => {
          const given = types.map((type, index) =>
            index === place ? make(type) : type.startsWith("ARRAY") ? sampleOf(type) : samples[type]!
          )
          return given.reduce((text, value) => text.replace("?", value), template)
        })
      )
    )
    const { refused, wrong } = await check(all)
    assert.deepStrictEqual(wrong, [])
    // a bare NULL is neither an array nor a date
    assert.deepStrictEqual(refused.map(([expression]) => expression).sort(), [
      "extract(date from null at time zone 'Asia/Tokyo')",
      "extract(day from null)",
      "null[offset(1)]",
      "null[safe_ordinal(1)]"
    ])
  })

  it("gathered with other values is passed over, and by itself gives NULL, or 0 where things are counted", async () => {
    const aggregates = Object.entries(functions).filter(([name, { kind }]) =>
      kind === "aggregate" && name !== "ARRAY_AGG" && name !== "APPROX_QUANTILES"
    )
    const expressions = aggregates.flatMap(([name, { signatures }]) =>
      signatures.filter(({ parameters }) =>
        parameters.length > 0 && !(name.endsWith("_BY") && typeOf(parameters[1]!) === "FLOAT64")
      ).map(({ parameters }) =>
        `${name}(${
          parameters.map((parameter, place) =>
            name === "STRING_AGG" && place === 1 ? "','" : `null_${typeOf(parameter)}`
          ).join(", ")
        })`
      )
    )
    const sql = `select ${expressions.map((each, index) => `${each} as a${index}`).join(", ")} from ${source}`
    const [row] = await run(connection, Result.getOrThrow(translate(sql)))
    assert.deepStrictEqual(
      expressions.filter((each, index) => row![index] !== (each.includes("COUNT") ? 0 : null)),
      []
    )
    for (const separator of ["null", "cast(null as string)"]) {
      const result = translate(`select string_agg(species, ${separator}) from birds`)
      const message = Result.isFailure(result)
        ? result.failure.message
        : await run(connection, result.success).then(() => "", (cause: Error) => cause.message)
      assert.include(message, "Illegal NULL separator in STRING_AGG")
    }
  })
})
