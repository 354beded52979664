import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { bytesOf, csvOf, imported, makeTable, read, reload, typesOf, unique, upload } from "./fixtures.ts"
import { parquetOf } from "../parquetFile.ts"

const lines = (...rows: ReadonlyArray<string>): string => joined(rows)

const joined = (rows: ReadonlyArray<string>): string => rows.map((row) => `${row}\n`).join("")

layer(StoreDuckDB.layer())("delimited text", (it) => {
  it.effect("finds each type where it holds for every value", () =>
    Effect.gen(function*() {
      const { source, upload } = yield* imported(lines(
        "i,f,b,d,dt,t,g,s",
        "1,1.5,true,2020-01-02,2020-01-02T03:04:05.678901,01:02:03.000004,POINT(1 2),x",
        "-9223372036854775808,1e3,FALSE,1999-1-9,2020-01-02 03:04:05,23:59:59,\"POLYGON((0 0, 1 1))\",1",
        "9223372036854775807,-inf,True,0001-01-01,9999-12-31 23:59:59.999999,1:2:3.5,LINESTRING EMPTY,2020-01-01"
      ))
      assert.deepStrictEqual([upload.status, upload.numRows, upload.errorMessage], ["completed", 3, null])
      assert.deepStrictEqual(yield* typesOf(source), [
        "i: integer",
        "f: float",
        "b: boolean",
        "d: date",
        "dt: dateTime",
        "t: time",
        "g: geography",
        "s: string"
      ])
      assert.strictEqual(
        yield* read(source, "csv"),
        lines(
          "i,f,b,d,dt,t,g,s",
          "1,1.5,true,2020-01-02,2020-01-02 03:04:05.678901,01:02:03.000004,POINT(1 2),x",
          "-9223372036854775808,1000.0,false,1999-01-09,2020-01-02 03:04:05,23:59:59,\"POLYGON((0 0, 1 1))\",1",
          "9223372036854775807,-Infinity,true,0001-01-01,9999-12-31 23:59:59.999999,01:02:03.500000,LINESTRING EMPTY,2020-01-01"
        )
      )
    }))

  it.effect("leaves as text what a narrower type would change", () =>
    Effect.gen(function*() {
      const { source } = yield* imported(lines(
        "zip,big,mixed,huge,day,moment,clock,finer,word,spaced",
        "00501,9223372036854775808,1.5,1e999,2020-02-30,2020-01-01T00:00:00Z,24:00:00,2020-01-01 00:00:00.1234567,nan, 5",
        "10001,1,9007199254740993,1,2020-01-01,2020-01-01T00:00:00,12:00:00,2020-01-01 00:00:00.1,nan,6"
      ))
      assert.deepStrictEqual(
        (yield* typesOf(source)).map((variable) => variable.split(": ")[1]),
        Array.from({ length: 10 }, () => "string")
      )
      assert.strictEqual(
        (yield* read(source, "csv")).split("\n")[1],
        "00501,9223372036854775808,1.5,1e999,2020-02-30,2020-01-01T00:00:00Z,24:00:00,2020-01-01 00:00:00.1234567,nan, 5"
      )
    }))

  it.effect("looks at every row, not at the first ones", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 30_000 }, (_, index) =>
        `${index},${index < 29_999 ? index : "x"},${index < 25_000 ? "" : "1.5"}`)
      const { source, upload } = yield* imported(joined(["a,b,c", ...rows]))
      assert.strictEqual(upload.numRows, 30_000)
      assert.deepStrictEqual(yield* typesOf(source), ["a: integer", "b: string", "c: float"])
    }))

  it.effect("finds the types of thousands of columns", () =>
    Effect.gen(function*() {
      const kinds = [
        ["integer", "1", "", "-20"],
        ["string", "1", "x", "2"],
        ["float", "1", "2.5", "nan"],
        ["date", "2020-01-02", "", "1999-1-9"],
        ["dateTime", "2020-01-02", "2020-01-02T03:04:05", ""],
        ["boolean", "true", "FALSE", ""],
        ["time", "", "", "01:02:03"],
        ["geography", "", "POINT(1 2)", ""],
        ["string", "", "", ""]
      ] as const
      const columns = Array.from({ length: 2000 }, (_, index) => kinds[index % kinds.length]!)
      const rows = [1, 2, 3].map((row) => columns.map((column) => column[row]!).join(","))
      const { source, upload } = yield* imported(joined([columns.map((_, index) => `c${index}`).join(","), ...rows]))
      assert.deepStrictEqual([upload.status, upload.numRows], ["completed", 3])
      assert.deepStrictEqual(yield* typesOf(source), columns.map(([type], index) => `c${index}: ${type}`))
      assert.deepStrictEqual(
        (yield* read(source, "ndjson")).split("\n").slice(0, 3).map((line) => JSON.parse(line).length),
        [2000, 2000, 2000]
      )
    }))

  it.effect("tells empty text from null", () =>
    Effect.gen(function*() {
      const { source } = yield* imported(lines("a,b,n", ",\"\",", "x,y,1"))
      assert.strictEqual(yield* read(source, "ndjson"), lines("[null,\"\",null]", "[\"x\",\"y\",\"1\"]"))
    }))

  it.effect("takes null markers in place of empty text", () =>
    Effect.gen(function*() {
      const { source } = yield* imported(lines("a,n", "NA,1", ",.", "\"NA\",3"), { nullMarkers: ["NA", "."] })
      assert.strictEqual(yield* read(source, "ndjson"), lines("[null,\"1\"]", "[\"\",null]", "[\"NA\",\"3\"]"))
    }))

  for (const [name, delimiter] of [["commas", ","], ["tabs", "\t"], ["bars", "|"], ["semicolons", ";"]] as const) {
    it.effect(`finds ${name} as delimiter`, () =>
      Effect.gen(function*() {
        const { source } = yield* imported(lines(
          ["a", "\"b, ; | \t\"", "c"].join(delimiter),
          ["1", "\"x,y;z|u\tv\"", "2020-01-01"].join(delimiter)
        ))
        assert.deepStrictEqual(
          yield* typesOf(source),
          ["a: integer", "b, ; | \t: string", "c: date"].map((text) => text.replace("b, ; | \t", "b, ; |"))
        )
      }))
  }

  it.effect("takes the delimiter, the quote and the escape that are given", () =>
    Effect.gen(function*() {
      const { source } = yield* imported(lines("a:b", "'x:\\'y':1", "'z':2"), {
        delimiter: ":",
        quoteCharacter: "'",
        escapeCharacter: "\\"
      })
      assert.strictEqual(yield* read(source, "ndjson"), lines("[\"x:'y\",\"1\"]", "[\"z\",\"2\"]"))
    }))

  it.effect("takes quotes for text where there is no quote character", () =>
    Effect.gen(function*() {
      const { source } = yield* imported(lines("a,b", "\"x,1", "y\",2"), { quoteCharacter: "" })
      assert.strictEqual(yield* read(source, "ndjson"), lines("[\"\\\"x\",\"1\"]", "[\"y\\\"\",\"2\"]"))
    }))

  it.effect("reads line breaks within quotes, doubled quotes, CRLF and a last line without an end", () =>
    Effect.gen(function*() {
      const { source } = yield* imported("a,b\r\n\"one\ntwo\",\"say \"\"so\"\"\"\r\nlast,1")
      assert.strictEqual(yield* read(source, "ndjson"), lines("[\"one\\ntwo\",\"say \\\"so\\\"\"]", "[\"last\",\"1\"]"))
    }))

  it.effect("skips the byte order mark", () =>
    Effect.gen(function*() {
      const { source } = yield* imported("\ufeffa,b\n1,é\n")
      assert.deepStrictEqual(yield* typesOf(source), ["a: integer", "b: string"])
    }))

  it.effect("names columns without a header, and renames what is empty or twice there", () =>
    Effect.gen(function*() {
      const bare = yield* imported(lines("1,x", "2,y"), { hasHeaderRow: false })
      assert.deepStrictEqual(yield* typesOf(bare.source), ["var1: integer", "var2: string"])
      assert.strictEqual(bare.upload.numRows, 2)
      const odd = yield* imported(lines("a,A,,a b", "1,2,3,4"))
      assert.deepStrictEqual(yield* typesOf(odd.source), [
        "a: integer",
        "A_2: integer",
        "var3: integer",
        "a b: integer"
      ])
    }))

  it.effect("keeps names that SQL or JavaScript find hard", () =>
    Effect.gen(function*() {
      const { source } = yield* imported(lines("__proto__,\"quo\"\"te\",toString,select,日本", "1,2,3,4,5"))
      assert.deepStrictEqual(yield* typesOf(source), [
        "__proto__: integer",
        "quo\"te: integer",
        "toString: integer",
        "select: integer",
        "日本: integer"
      ])
      assert.strictEqual(
        yield* read(source, "jsonl"),
        "{\"__proto__\":1,\"quo\\\"te\":2,\"toString\":3,\"select\":4,\"日本\":5}\n"
      )
    }))

  it.effect("accepts a header alone", () =>
    Effect.gen(function*() {
      const { source, upload } = yield* imported("a,b\n")
      assert.deepStrictEqual([upload.status, upload.numRows, upload.numBytes], ["completed", 0, 0])
      assert.deepStrictEqual(yield* typesOf(source), ["a: string", "b: string"])
    }))

  it.effect("reads one column, blank lines among its values being nulls or nothing", () =>
    Effect.gen(function*() {
      const { source } = yield* imported(lines("a", "1", "2", "3"))
      assert.strictEqual(yield* read(source, "csv"), lines("a", "1", "2", "3"))
    }))

  it.effect("reads a value of many megabytes", () =>
    Effect.gen(function*() {
      const long = "x".repeat(5_000_000)
      const { source, upload } = yield* imported(lines("a,b", `1,${long}`, "2,y"))
      assert.strictEqual(upload.errorMessage, null)
      assert.strictEqual((yield* read(source, "csv")).length, 4 + 2 + long.length + 1 + 4)
    }))

  it.effect("says which line is short, and why", () =>
    Effect.gen(function*() {
      const { upload } = yield* imported(lines("a,b", "1,2", "3", "4,5"))
      assert.strictEqual(upload.status, "failed")
      assert.match(upload.errorMessage!, /^Line 3 has 1 value, and 2 are expected/)
      assert.strictEqual(upload.numRows, null)
    }))

  it.effect("says which line is long, not UTF-8, or has a quote that is not closed", () =>
    Effect.gen(function*() {
      const long = yield* imported(lines("a,b", "1,2,3"))
      assert.match(long.upload.errorMessage!, /^Line 2 has 3 values, and 2 are expected/)
      const latin = yield* imported(new Uint8Array([...Buffer.from("a,b\n1,"), 0xe9, 0x0a, ...Buffer.from("2,x\n")]))
      assert.match(latin.upload.errorMessage!, /^Line 2 is not valid UTF-8/)
      const open = yield* imported(lines("a,b", "1,\"x", "2,y"))
      assert.match(open.upload.errorMessage!, /^Line 2 has a quote that is never closed/)
    }))

  it.effect("says that a file is empty, or UTF-16", () =>
    Effect.gen(function*() {
      const empty = yield* imported("")
      assert.strictEqual(empty.upload.errorMessage, "The file is empty")
      const wide = yield* imported(new Uint8Array(Buffer.from("\ufeffa,b\n1,2\n", "utf16le")))
      assert.match(wide.upload.errorMessage!, /UTF-16/)
    }))

  it.effect("skips bad records where it may, and counts them", () =>
    Effect.gen(function*() {
      const { source, upload } = yield* imported(lines("a,b", "1,2", "3", "4,5,6", "7,8"), { skipBadRecords: true })
      assert.deepStrictEqual([upload.status, upload.numRows, upload.badRecordsCount], ["completed", 2, 2])
      assert.strictEqual(yield* read(source, "csv"), lines("a,b", "1,2", "7,8"))
    }))

  it.effect("fills short records with null where it may", () =>
    Effect.gen(function*() {
      const { source, upload } = yield* imported(lines("a,b,c", "1,2", "3", "4,\"x\ny\",6"), { allowJaggedRows: true })
      assert.strictEqual(upload.errorMessage, null)
      assert.strictEqual(
        yield* read(source, "ndjson"),
        lines("[\"1\",\"2\",null]", "[\"3\",null,null]", "[\"4\",\"x\\ny\",\"6\"]")
      )
    }))

  it.effect("keeps the order of rows of a large file", () =>
    Effect.gen(function*() {
      const count = 200_000
      const { source } = yield* imported(
        joined(["n,text", ...Array.from({ length: count }, (_, index) => `${index},row ${index}`)])
      )
      const text = yield* read(source, "csv", { variables: ["n"] })
      assert.strictEqual(text, joined(["n", ...Array.from({ length: count }, (_, index) => String(index))]))
    }))

  it.effect("knows the md5 and the size of the file", () =>
    Effect.gen(function*() {
      const { upload } = yield* imported("a\n1\n")
      assert.deepStrictEqual([upload.hash, upload.size], [createHash("md5").update("a\n1\n").digest("hex"), 4])
    }))
})

layer(StoreDuckDB.layer())("JSON", (it) => {
  it.effect("reads an object a line, by what JSON says and what text holds", () =>
    Effect.gen(function*() {
      const { source, upload } = yield* imported(
        lines(
          "{\"i\":9223372036854775807,\"f\":1,\"b\":true,\"s\":\"007\",\"d\":\"2020-01-02\",\"t\":\"2020-01-02T03:04:05.6\",\"o\":{\"k\":[1,2]},\"m\":1}",
          "{\"i\":-5,\"f\":1.25,\"b\":false,\"s\":\"é\",\"d\":null,\"o\":[],\"m\":\"x\",\"late\":3}"
        ),
        { name: unique("rows") + ".ndjson" }
      )
      assert.strictEqual(upload.errorMessage, null)
      assert.strictEqual(upload.type, "ndjson")
      assert.deepStrictEqual(yield* typesOf(source), [
        "i: integer",
        "f: float",
        "b: boolean",
        "s: string",
        "d: date",
        "t: dateTime",
        "o: string",
        "m: string",
        "late: integer"
      ])
      assert.strictEqual(
        yield* read(source, "jsonl"),
        lines(
          "{\"i\":9223372036854775807,\"f\":1.0,\"b\":true,\"s\":\"007\",\"d\":\"2020-01-02\",\"t\":\"2020-01-02 03:04:05.600000\",\"o\":\"{\\\"k\\\":[1,2]}\",\"m\":\"1\",\"late\":null}",
          "{\"i\":-5,\"f\":1.25,\"b\":false,\"s\":\"é\",\"d\":null,\"t\":null,\"o\":\"[]\",\"m\":\"x\",\"late\":3}"
        )
      )
    }))

  it.effect("reads an array of objects", () =>
    Effect.gen(function*() {
      const { source } = yield* imported("[{\"a\":1},\n {\"a\":2}]", { name: unique("rows") + ".json" })
      assert.strictEqual(yield* read(source, "csv"), lines("a", "1", "2"))
    }))

  it.effect("keeps integers that no number holds as text", () =>
    Effect.gen(function*() {
      const { source } = yield* imported("{\"a\":12345678901234567890123}\n{\"a\":1}\n", {
        name: unique("rows") + ".jsonl"
      })
      assert.deepStrictEqual(yield* typesOf(source), ["a: string"])
      assert.strictEqual(yield* read(source, "csv"), lines("a", "12345678901234567890123", "1"))
    }))

  it.effect("says which line is no JSON", () =>
    Effect.gen(function*() {
      const { upload } = yield* imported("{\"a\":1}\n{\"a\":}\n", { name: unique("rows") + ".ndjson" })
      assert.strictEqual(upload.status, "failed")
      assert.match(upload.errorMessage!, /^Line 2 is not JSON/)
    }))

  it.effect("reads GeoJSON as properties and well-known text", () =>
    Effect.gen(function*() {
      const { source, upload } = yield* imported(
        JSON.stringify({
          type: "FeatureCollection",
          features: [
            { type: "Feature", properties: { name: "a", n: 1 }, geometry: { type: "Point", coordinates: [1.5, -2] } },
            {
              type: "Feature",
              properties: { name: "b", n: 2 },
              geometry: { type: "Polygon", coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] }
            },
            { type: "Feature", properties: { name: "c", n: null }, geometry: null }
          ]
        }),
        { name: unique("shapes") + ".geojson" }
      )
      assert.strictEqual(upload.errorMessage, null)
      assert.deepStrictEqual(yield* typesOf(source), ["name: string", "n: integer", "geometry: geography"])
      assert.strictEqual(
        yield* read(source, "csv"),
        lines("name,n,geometry", "a,1,POINT(1.5 -2)", "b,2,\"POLYGON((0 0,1 0,1 1,0 0))\"", "c,,")
      )
    }))
})

layer(StoreDuckDB.layer())("parquet", (it) => {
  it.effect("maps its types, and keeps integers, microseconds and empty text", () =>
    Effect.gen(function*() {
      const bytes = yield* parquetOf(
        `SELECT 9223372036854775807::BIGINT AS i, 5::TINYINT AS tiny, 1.5::FLOAT AS f, 1.25::DECIMAL(9,2) AS dec, true AS b,
          DATE '2020-01-02' AS d, TIMESTAMP '2020-01-02 03:04:05.678901' AS t,
          TIMESTAMPTZ '2020-01-02 03:04:05.678901+02' AS z, TIME '01:02:03.000004' AS c, '' AS s, '12' AS n,
          [1, 2] AS l, {'k': 'v'} AS o, 18446744073709551615::UBIGINT AS u
         UNION ALL SELECT NULL, NULL, 'nan'::FLOAT, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'é', NULL, NULL, NULL`
      )
      const { source, upload } = yield* imported(bytes, { name: unique("rows") + ".parquet" })
      assert.strictEqual(upload.errorMessage, null)
      assert.deepStrictEqual(yield* typesOf(source), [
        "i: integer",
        "tiny: integer",
        "f: float",
        "dec: float",
        "b: boolean",
        "d: date",
        "t: dateTime",
        "z: dateTime",
        "c: time",
        "s: string",
        "n: string",
        "l: string",
        "o: string",
        "u: string"
      ])
      assert.strictEqual(
        yield* read(source, "ndjson"),
        lines(
          "[\"9223372036854775807\",\"5\",\"1.5\",\"1.25\",true,\"2020-01-02\",\"2020-01-02 03:04:05.678901\",\"2020-01-02 01:04:05.678901\",\"01:02:03.000004\",\"\",\"12\",\"[1,2]\",\"{\\\"k\\\":\\\"v\\\"}\",\"18446744073709551615\"]",
          "[null,null,\"NaN\",null,null,null,null,null,null,null,\"é\",null,null,null]"
        )
      )
    }))

  it.effect("keeps nanoseconds as the integers that they are, unless they are none", () =>
    Effect.gen(function*() {
      const bytes = yield* parquetOf(
        "SELECT TIMESTAMP_NS '2020-01-01 00:00:00.000000001' AS fine, TIMESTAMP_NS '2020-01-01 00:00:00.000001' AS coarse"
      )
      const { source } = yield* imported(bytes, { name: unique("rows") + ".parquet" })
      assert.deepStrictEqual(yield* typesOf(source), ["fine: integer", "coarse: dateTime"])
      assert.strictEqual(
        yield* read(source, "csv"),
        lines("fine,coarse", "1577836800000000001,2020-01-01 00:00:00.000001")
      )
    }))

  it.effect("reads well-known binary as geography, and other bytes as text", () =>
    Effect.gen(function*() {
      const bytes = yield* parquetOf(
        `SELECT '\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xF0\\x3F\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x40'::BLOB AS geometry,
          'abc'::BLOB AS raw, '\\xFF\\xFE'::BLOB AS odd`
      )
      const { source, upload } = yield* imported(bytes, { name: unique("rows") + ".parquet" })
      assert.strictEqual(upload.errorMessage, null)
      assert.deepStrictEqual(yield* typesOf(source), ["geometry: geography", "raw: string", "odd: string"])
      assert.strictEqual(yield* read(source, "csv"), lines("geometry,raw,odd", "POINT (1 2),abc,//4="))
    }))

  it.effect("says what is wrong with a file that is none", () =>
    Effect.gen(function*() {
      const { upload } = yield* imported("no parquet at all, but long enough", { name: unique("rows") + ".parquet" })
      assert.strictEqual(upload.status, "failed")
      assert.match(upload.errorMessage!, /[Pp]arquet/)
      assert.notMatch(upload.errorMessage!, /tmp|emulator-/)
    }))

  it.effect("says so where the emulator does not read a type", () =>
    Effect.gen(function*() {
      const { upload } = yield* imported("x", { name: unique("rows") + ".sav" })
      assert.deepStrictEqual([upload.type, upload.status], ["sav", "failed"])
      assert.match(upload.errorMessage!, /sav/)
    }))
})

layer(StoreDuckDB.layer())("inserted rows", (it) => {
  const makeStream = Effect.gen(function*() {
    const store = yield* Store
    const table = yield* makeTable()
    const upload = yield* store.uploads.create(table, {
      name: unique("stream"),
      content: {
        kind: "stream",
        schema: [
          { name: "i", type: "integer" },
          { name: "f", type: "float" },
          { name: "b", type: "boolean" },
          { name: "d", type: "date" },
          { name: "t", type: "dateTime" },
          { name: "c", type: "time" },
          { name: "g", type: "geography" },
          { name: "S", type: "string" }
        ]
      }
    })
    return { table, upload }
  })

  it.effect("are in the table at once, each value as it came", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { table, upload } = yield* makeStream
      assert.strictEqual(upload.status, "completed")
      const result = yield* store.uploads.insertRows(upload.id, [
        {
          i: 9007199254740991,
          f: 1,
          b: false,
          d: "2020-1-2",
          t: "1970-01-01T00:00:00.001",
          c: "1:2:3.000004",
          g: "POINT(1 2)",
          s: ""
        },
        { i: null }
      ])
      assert.deepStrictEqual(result, { rowsAdded: 2, rowsSkipped: 0, addedVariables: [], updatedVariables: [] })
      yield* store.uploads.insertRows(upload.id, [{ i: -1, S: "later" }])
      assert.strictEqual(
        yield* csvOf(table),
        lines(
          "i,f,b,d,t,c,g,S",
          "9007199254740991,1.0,false,2020-01-02,1970-01-01 00:00:00.001000,01:02:03.000004,POINT(1 2),\"\"",
          ",,,,,,,",
          "-1,,,,,,,later"
        )
      )
      assert.strictEqual((yield* reload(table)).numRows, 3)
      assert.strictEqual((yield* store.uploads.getById(upload.id)).numRows, 3)
    }))

  for (
    const [what, row] of [
      ["text for a number", { i: "1" }],
      ["a fraction for an integer", { i: 1.5 }],
      ["an integer that lost digits on its way", { i: 2 ** 60 }],
      ["a date that is none", { d: "2020-02-30" }],
      ["an hour that is none", { c: "24:00:00" }],
      ["a zone that there is none of", { t: "2020-01-01T00:00:00+25:00" }],
      ["a float for an integer that it does not hold", { f: 9007199254740993n }],
      ["a number for text", { S: 1 }],
      ["a variable that is unknown", { nothing: 1 }]
    ] as const
  ) {
    it.effect(`are refused for ${what}, all of them`, () =>
      Effect.gen(function*() {
        const store = yield* Store
        const { table, upload } = yield* makeStream
        const error = yield* Effect.flip(store.uploads.insertRows(upload.id, [{ i: 1 }, row]))
        assert.strictEqual(error._tag, "ImportFailed")
        assert.match(error.message, /^Row 2: /)
        assert.strictEqual((yield* reload(table)).numRows, 0)
      }))
  }

  it.effect("widen the schema where they may, without touching what others see", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      const upload = yield* store.uploads.create(table, { content: { kind: "stream", schema: null } })
      assert.strictEqual(upload.name, "untitled_upload.stream")
      const first = yield* store.uploads.insertRows(upload.id, [{ a: 1 }], { updateVariables: true })
      assert.deepStrictEqual(first.addedVariables, [{ name: "a", type: "integer" }])
      const before = yield* reload(table)
      const second = yield* store.uploads.insertRows(upload.id, [{ A: 1.5, b: "2020-01-01" }, { a: "x" }], {
        updateVariables: true
      })
      assert.deepStrictEqual(second.updatedVariables, [{ name: "a", type: "string", previousType: "integer" }])
      assert.deepStrictEqual(second.addedVariables, [{ name: "b", type: "date" }])
      assert.strictEqual(yield* csvOf(table), lines("a,b", "1,", "1.5,2020-01-01", "x,"))
      assert.notStrictEqual((yield* reload(table)).hash, before.hash)
    }))

  it.effect("go into streams only", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { upload } = yield* imported("a\n1\n")
      const error = yield* Effect.flip(store.uploads.insertRows(upload.id, [{ a: 1 }]))
      assert.deepStrictEqual([error._tag, "reason" in error ? error.reason : ""], ["StoreConflict", "notStream"])
    }))
})

describe("uploads", () => {
  layer(StoreDuckDB.layer())((it) => {
    it.effect("wait until they are run, and give what a temporary upload received", () =>
      Effect.gen(function*() {
        const store = yield* Store
        const table = yield* makeTable()
        const temporary = yield* store.tempUploads.create(table, { size: 8, name: "later.csv", resumable: true })
        const half = yield* store.tempUploads.write(temporary.id, 0, bytesOf("a,b\n"))
        assert.deepStrictEqual([half.received, half.isComplete], [4, false])
        const early = yield* Effect.flip(
          store.uploads.create(table, { content: { kind: "tempUpload", id: temporary.id } })
        )
        assert.strictEqual("reason" in early ? early.reason : "", "tempUpload")
        const ahead = yield* Effect.flip(store.tempUploads.write(temporary.id, 5, bytesOf("1")))
        assert.strictEqual("reason" in ahead ? ahead.reason : "", "offset")
        const over = yield* Effect.flip(store.tempUploads.write(temporary.id, 4, bytesOf("1,2,3\n")))
        assert.strictEqual("reason" in over ? over.reason : "", "tempUpload")
        const whole = yield* store.tempUploads.write(temporary.id, 4, bytesOf("1,2\n"))
        assert.deepStrictEqual([whole.received, whole.isComplete], [8, true])

        const upload = yield* store.uploads.create(table, { content: { kind: "tempUpload", id: temporary.id } })
        assert.deepStrictEqual([upload.name, upload.status, upload.size, upload.numRows], [
          "later.csv",
          "queued",
          8,
          null
        ])
        assert.include(yield* store.uploads.pending, upload.id)
        assert.strictEqual((yield* reload(table)).numRows, 0)
        const waiting = yield* Effect.flip(store.rows.count({ kind: "upload", uploadId: upload.id }))
        assert.strictEqual("reason" in waiting ? waiting.reason : "", "notCompleted")
        assert.strictEqual((yield* store.uploads.run(upload.id)).status, "completed")
        assert.notInclude(yield* store.uploads.pending, upload.id)
        assert.strictEqual(yield* csvOf(table), "a,b\n1,2\n")
        const again = yield* Effect.flip(
          store.uploads.create(table, { content: { kind: "tempUpload", id: temporary.id } })
        )
        assert.strictEqual("reason" in again ? again.reason : "", "tempUpload")
      }))

    it.effect("wait again when their import is interrupted", () =>
      Effect.gen(function*() {
        const store = yield* Store
        const table = yield* makeTable()
        const rows = Array.from({ length: 200_000 }, (_, index) => `${index},${index / 7},text ${index}`)
        const made = yield* store.uploads.create(table, {
          content: { kind: "bytes", bytes: bytesOf(joined(["a,b,c", ...rows])) }
        })
        const fiber = yield* Effect.forkChild(store.uploads.run(made.id))
        let { status } = made
        while (status === "queued") {
          yield* Effect.yieldNow
          status = (yield* store.uploads.getById(made.id)).status
        }
        assert.strictEqual(status, "running")
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* store.uploads.getById(made.id)).status, "queued")
        assert.strictEqual((yield* reload(table)).numRows, 0)
        assert.strictEqual((yield* store.uploads.run(made.id)).numRows, 200_000)
      }))

    it.effect("keep what came before their bytes broke off, and go on from there", () =>
      Effect.gen(function*() {
        const store = yield* Store
        const table = yield* makeTable()
        const { id } = yield* store.tempUploads.create(table, { size: 6, resumable: true })
        const broken = Stream.concat(bytesOf("a\n1"), Stream.fail("gone"))
        assert.strictEqual(yield* Effect.flip(store.tempUploads.write(id, 0, broken)), "gone")
        assert.strictEqual((yield* store.tempUploads.get(id)).received, 3)
        yield* store.tempUploads.write(id, 2, bytesOf("2\n3\n"))
        const upload = yield* store.uploads.create(table, { content: { kind: "tempUpload", id } })
        assert.strictEqual(upload.hash, createHash("md5").update("a\n2\n3\n").digest("hex"))
        yield* store.uploads.run(upload.id)
        assert.strictEqual(yield* csvOf(table), "a\n2\n3\n")
        yield* store.tempUploads.remove(id)
        assert.strictEqual((yield* Effect.flip(store.tempUploads.get(id)))._tag, "StoreNotFound")
      }))

    it.effect("get another name where the table has theirs, and are found by either form of it", () =>
      Effect.gen(function*() {
        const store = yield* Store
        const table = yield* makeTable()
        const first = yield* upload(table, "a\n1\n", { name: "my file.csv" })
        const second = yield* upload(table, "a\n2\n", { name: "My  file.csv" })
        assert.deepStrictEqual([first.name, second.name], ["my file.csv", "My  file_1.csv"])
        assert.strictEqual((yield* store.uploads.get(table, "my_file_csv")).id, first.id)
        assert.strictEqual((yield* store.uploads.get(table, second.id)).id, second.id)
        assert.strictEqual((yield* Effect.flip(store.uploads.get(table, "no")))._tag, "StoreNotFound")
        assert.deepStrictEqual((yield* store.uploads.list(table)).map(({ id }) => id), [first.id, second.id])
      }))

    it.effect("note what they say of their variables", () =>
      Effect.gen(function*() {
        const store = yield* Store
        const table = yield* makeTable()
        const made = yield* store.uploads.create(table, {
          name: "x.csv",
          metadata: [{ name: "A", label: "the first", valueLabels: [{ value: "1", label: "one" }] }],
          content: { kind: "bytes", bytes: bytesOf("a,b\n1,2\n") }
        })
        yield* store.uploads.run(made.id)
        const variable = yield* store.variables.get({ kind: "table", table: yield* reload(table) }, "a")
        assert.strictEqual(variable.label, "the first")
        assert.deepStrictEqual(variable.valueLabels, [{ value: "1", label: "one" }])
        assert.strictEqual((yield* store.variables.get({ kind: "upload", uploadId: made.id }, "a")).label, "the first")
      }))

    it.effect("leave nothing when their bytes break off", () =>
      Effect.gen(function*() {
        const store = yield* Store
        const table = yield* makeTable()
        const broken = Stream.concat(bytesOf("a\n1\n"), Stream.fail("gone"))
        const error = yield* Effect.flip(store.uploads.create(table, { content: { kind: "bytes", bytes: broken } }))
        assert.strictEqual(error, "gone")
        assert.deepStrictEqual(yield* store.uploads.list(table), [])
      }))
  })
})
