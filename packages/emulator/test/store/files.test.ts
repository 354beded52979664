/** Files as people have them: line ends, quotes, bytes, sizes; and what is said of those that cannot be read. */
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { gzipSync } from "node:zlib"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { imported, makeTable, read, reload, typesOf, unique, upload } from "./fixtures.ts"
import { parquetOf } from "../parquetFile.ts"

const named = (ending: string) => ({ name: `${unique("file")}.${ending}` })

layer(StoreDuckDB.layer())("a file", (it) => {
  it.effect("has all its rows, whatever its header and its line ends", () =>
    Effect.gen(function*() {
      const files = [
        ["\"Income\n(USD)\",\"Name\"\r\n1,x\r\n2,y\r\n", "\"Income\n(USD)\",Name\n1,x\n2,y\n"],
        ["a,b\r\n1,x\r\n2,y\n", "a,b\n1,x\n2,y\n"],
        ["a,b\r1,x\n", "a,b\n1,x\n"],
        ["a,b\r1,x\r2,y", "a,b\n1,x\n2,y\n"],
        ["\n\na,b\n\n1,x\n\r\n2,y\n\n", "a,b\n1,x\n2,y\n"],
        ["a, \"b, c\" ,d\n1, \"x\" ,5\" pipe\n", "a,\"b, c\",d\n1,x,\"5\"\" pipe\"\n"],
        ["a;b\nx\n", "a;b\nx\n"],
        ["a;b,c\n1;2,3\n", "a;b,c\n1;2,3\n"]
      ] as const
      for (const [file, expected] of files) {
        const { source, upload } = yield* imported(file)
        assert.deepStrictEqual([upload.status, upload.errorMessage], ["completed", null], file)
        assert.strictEqual(yield* read(source, "csv"), expected, file)
      }
    }))

  it.effect("that can be read in two ways is refused with its line", () =>
    Effect.gen(function*() {
      const bytes = (...parts: ReadonlyArray<string | number>) =>
        new Uint8Array(parts.flatMap((part) => typeof part === "number" ? [part] : [...Buffer.from(part)]))
      const files = [
        ["id,\"What is your \"best\" color?\"\n1,red\n2,blue\n", /^Line 1 has text behind a quoted value/],
        ["a,b\n1,\"x\"y\n", /^Line 2 has text behind a quoted value/],
        ["a,b\n1,\"x\n2,y\n3,z\n", /^Line 2 has a quote that is never closed/],
        [bytes("a", 0xf1, "o,n\n1,1\n"), /^Line 1 is not valid UTF-8/],
        [bytes("a,n\n1,1\n", "2,", 0xf1, "\n"), /^Line 3 is not valid UTF-8/],
        [`${"a,n\n".repeat(100_000)}a\0,n\n`, /^Line 100001 has a NUL byte/],
        [
          "a,b\n1,2,3\n",
          /^Line 2 has 3 values, and 2 are expected\. Check the delimiter and the quotes, or skip bad records\.$/
        ],
        [`${"x".repeat(1001)},b\n1,2\n`, /name of column 1 has 1001 characters/],
        [",".repeat(20_001), /more than 20000 columns/],
        ["\n \n".trim() + "\n\n", /blank/]
      ] as const
      for (const [file, message] of files) {
        const { upload } = yield* imported(file)
        assert.strictEqual(upload.status, "failed", String(message))
        assert.match(upload.errorMessage!, message)
        assert.notMatch(upload.errorMessage!, /\.\./)
      }
      const short = yield* imported("a,b\n1\n")
      assert.match(short.upload.errorMessage!, /^Line 2 has 1 value, and 2 are expected\..*allow jagged rows/)
      const skipped = yield* imported("a,b\n1,\"x\n2,y\n3,z\n", { skipBadRecords: true })
      assert.strictEqual(skipped.upload.status, "failed")
      for (
        const options of [{ delimiter: "" }, { delimiter: "\"" }, { quoteCharacter: "''" }, { escapeCharacter: "é" }]
      ) {
        assert.match((yield* imported("a\n1\n", options)).upload.errorMessage!, /^The option/)
      }
    }))

  it.effect("says what it is where it is no text", () =>
    Effect.gen(function*() {
      const parquet = yield* parquetOf("SELECT 1 AS a")
      const files: ReadonlyArray<readonly [string, Uint8Array, RegExp]> = [
        ["csv", parquet, /is not delimited text, but parquet\. Upload it as type parquet/],
        ["ndjson", gzipSync(parquet), /What the gzip holds is not JSON.*but parquet/],
        ["csv", Buffer.from("PK\x03\x04rest", "latin1"), /zip archive/],
        ["json", Buffer.from("ARROW1\0\0rest", "latin1"), /Arrow/],
        ["csv", Buffer.from("\ufeffa,b\n", "utf16le"), /UTF-16 text\. Save it as UTF-8/],
        ["csv", Buffer.from("a,b\n1,2\n", "utf16le"), /UTF-16/],
        ["csv", Buffer.from("a\0,b\n1,2\n"), /NUL/],
        ["parquet", Buffer.from("a,b\n1,2\n"), /not parquet, but text/],
        ["parquet", gzipSync(parquet), /not parquet, but gzip/],
        ["csv", gzipSync("a,b\n1,2\n").subarray(0, 20), /gzip is damaged, or it breaks off/],
        ["sav", Buffer.from("$FL2"), /type sav are not read/]
      ]
      for (const [ending, bytes, message] of files) {
        const { upload } = yield* imported(new Uint8Array(bytes), named(ending))
        assert.match(upload.errorMessage ?? "", message)
      }
    }))

  it.effect("of text is read as gzip, of several members too", () =>
    Effect.gen(function*() {
      const members = Buffer.concat([gzipSync("a,b\n1,x\n"), gzipSync("2,y\n")])
      for (
        const [ending, bytes] of [
          ["csv.gz", members],
          ["csv", members],
          ["ndjson.gz", gzipSync("{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n")],
          ["json.GZ", gzipSync("[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":\"y\"}]")]
        ] as const
      ) {
        const { source } = yield* imported(new Uint8Array(bytes), named(ending))
        assert.strictEqual(yield* read(source, "csv"), "a,b\n1,x\n2,y\n")
      }
      // many blank lines in few bytes
      const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, "\n"), { level: 1 })
      assert.match(
        (yield* imported(new Uint8Array(bomb), named("csv.gz"))).upload.errorMessage!,
        /gzip gives more than/
      )
    }), 60_000)

  it.effect("of objects has the columns that they have, many or sparse, in any order and case", () =>
    Effect.gen(function*() {
      const wide = `${
        JSON.stringify(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, index])))
      }\n`
      assert.strictEqual((yield* typesOf((yield* imported(wide, named("ndjson"))).source)).length, 200)
      const sparse = Array.from({ length: 10 }, (_, index) => `{"k${index}":${index}}\n`).join("")
      const { source } = yield* imported(sparse, named("ndjson"))
      assert.deepStrictEqual(yield* typesOf(source), Array.from({ length: 10 }, (_, index) => `k${index}: integer`))
      assert.strictEqual((yield* read(source, "csv")).split("\n")[2], ",1,,,,,,,,")
      const cases = [
        ["[{\"Name\":\"x\"},{\"name\":\"y\"}]", "Name\nx\ny\n"],
        ["[{\"a\":1},{\"A\":2,\"a\":3}]", "a,A_2\n1,\n3,2\n"],
        [
          "[{\"a\":1.50,\"b\":[1.50, {\"c\" : 12345678901234567890}]},{\"a\":\"x\"}]",
          "a,b\n1.50,\"[1.50,{\"\"c\"\":12345678901234567890}]\"\nx,\n"
        ],
        ["[{\"\":1,\" a \":2}]", "var1,a\n1,2\n"],
        ["[{\"__proto__\":1,\"b\":\"\\u0041\\n\"}]", "__proto__,b\n1,\"A\n\"\n"]
      ] as const
      for (const [file, expected] of cases) {
        const { source, upload } = yield* imported(file, named("json"))
        assert.isNull(upload.errorMessage)
        assert.strictEqual(yield* read(source, "csv"), expected)
      }
    }))

  it.effect("of JSON that is none is refused with its line", () =>
    Effect.gen(function*() {
      const files = [
        ["json", "[]", /no objects/],
        ["json", "[{}]", /nothing in them/],
        ["json", "{\"a\":1}", /not an array of objects/],
        ["json", "[{\"a\":1},\n {\"a\":2}", /^Line 2 is not JSON: the file breaks off/],
        ["json", "[{\"a\":1}\n {\"a\":2}]", /^Line 2 is not JSON/],
        ["json", "[{\"a\":1},]", /^Line 1 is not JSON/],
        ["json", "[{\"a\":NaN}]", /^Line 1 is not JSON/],
        ["json", "[1]", /^Line 1 has no object/],
        ["json", "[{\"a\":1,\"a\":2}]", /^Line 1 has the name "a" twice/],
        ["json", "[{\"a\":\"\\ud800\"}]", /^Line 1 has half of a surrogate pair/],
        ["json", "[{\"a\\u0000\":1}]", /column 1 has a NUL/],
        ["ndjson", "[{\"a\":1}]", /is an array/],
        ["ndjson", "{\"a\":1}\n\n{\"a\":\n2}\n", /^Line 3 is not JSON/],
        ["geojson", "{\"type\":\"FeatureCollection\"}", /no "features"/],
        ["geojsonl", "{\"type\":\"Point\",\"coordinates\":[1,2]}\n", /^Line 1 has no feature/]
      ] as const
      for (const [ending, file, message] of files) {
        assert.match((yield* imported(file, named(ending))).upload.errorMessage ?? "", message, file)
      }
    }))

  it.effect("that is nested without end is refused before native code reads it", () =>
    Effect.gen(function*() {
      const depth = 100_000
      for (
        const [ending, file] of [
          ["json", `[{"a":${"[".repeat(depth)}${"]".repeat(depth)}}]`],
          ["json", "[".repeat(depth)],
          ["json", `[${"{\"a\":".repeat(depth)}1${"}".repeat(depth)}]`],
          ["ndjson", `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}\n`],
          ["geojson", `{"type":"FeatureCollection","bbox":${"[".repeat(depth)}`],
          ["geojsonl", `{"type":"Feature","properties":{"a":${"{\"a\":".repeat(depth)}`]
        ] as const
      ) {
        assert.match(
          (yield* imported(file, named(ending))).upload.errorMessage ?? "",
          /nested|not JSON|no object/,
          file.slice(0, 30)
        )
      }
    }))

  it.effect("of shapes has each of them whole", () =>
    Effect.gen(function*() {
      const feature = (geometry: unknown, more: object = {}) => ({
        type: "Feature",
        properties: { n: 1 },
        geometry,
        ...more
      })
      const { source, upload } = yield* imported(
        JSON.stringify({
          type: "FeatureCollection",
          features: [
            feature({ type: "Point", coordinates: [] }, { id: "p" }),
            feature({ type: "Point", coordinates: [1, 2, 3] }),
            feature({ type: "MultiPolygon", coordinates: [] }),
            feature({ type: "GeometryCollection", geometries: [{ type: "Point", coordinates: [1, 2] }] })
          ]
        }),
        named("geojson")
      )
      assert.isNull(upload.errorMessage)
      assert.strictEqual(
        yield* read(source, "csv"),
        "id,n,geometry\np,1,POINT EMPTY\n,1,POINT Z(1 2 3)\n,1,MULTIPOLYGON EMPTY\n,1,GEOMETRYCOLLECTION(POINT(1 2))\n"
      )
    }))

  it.effect("of parquet keeps the digits of decimals, and its names as other files have them", () =>
    Effect.gen(function*() {
      const { source } = yield* imported(
        yield* parquetOf(`SELECT * FROM (VALUES
          (12345678901234567891::DECIMAL(38,0), 5::DECIMAL(38,0), 1.25::DECIMAL(9,2), 0.1::DECIMAL(38,9),
            12345678901234567.89::DECIMAL(38,2), 18446744073709551615::UBIGINT, 7::UBIGINT,
            [12345678901234567891::DECIMAL(38,0)]),
          (12345678901234567892::DECIMAL(38,0), 6::DECIMAL(38,0), 1.5::DECIMAL(9,2), 0.25::DECIMAL(38,9),
            2::DECIMAL(38,2), 1::UBIGINT, 8::UBIGINT, NULL)
        ) AS t("big", "Big_", "d", "e", "f", "h", "i", "l")`),
        named("parquet")
      )
      assert.deepStrictEqual((yield* typesOf(source)).map((text) => text.split(": ")[1]), [
        "string",
        "integer",
        "float",
        "float",
        "string",
        "string",
        "integer",
        "string"
      ])
      assert.strictEqual(
        (yield* read(source, "csv")).split("\n")[1],
        "12345678901234567891,5,1.25,0.1,12345678901234567.89,18446744073709551615,7,\"[\"\"12345678901234567891\"\"]\""
      )
    }))

  it.effect("without values in a column leaves its type to the others", () =>
    Effect.gen(function*() {
      for (
        const [first, second, type] of [
          ["a,b\n,1\n", "a,b\n5,2\n", "integer"],
          ["a,b\n2020-01-02,1\n", "a,b\n,2\n", "date"],
          ["a,b\n,1\n", "a,b\n,2\n", "string"],
          ["a,b\n\"\",1\n", "a,b\n5,2\n", "string"]
        ] as const
      ) {
        const table = yield* makeTable()
        yield* upload(table, first)
        yield* upload(table, second)
        const source = { kind: "table", table: yield* reload(table) } as const
        assert.strictEqual((yield* typesOf(source))[0], `a: ${type}`)
        const expected = [first, second].flatMap((file) => file.split("\n").slice(1, -1))
        assert.deepStrictEqual((yield* read(source, "csv")).split("\n").slice(1, -1), expected)
      }
    }))

  it.effect("with zones has its moments in UTC", () =>
    Effect.gen(function*() {
      const csv = yield* imported(
        "t,u\n2020-01-02T03:04:05Z,2020-01-02T03:04:05\n2020-01-02 03:04:05.5+05:30,2020-01-02T03:04:05Z\n"
      )
      assert.deepStrictEqual(yield* typesOf(csv.source), ["t: dateTime", "u: string"])
      assert.strictEqual(
        yield* read(csv.source, "csv", { variables: ["t"] }),
        "t\n2020-01-02 03:04:05\n2020-01-01 21:34:05.500000\n"
      )
      const json = yield* imported("[{\"t\":\"2020-01-02T03:04:05Z\"}]", named("json"))
      assert.deepStrictEqual(yield* typesOf(json.source), ["t: dateTime"])
      const store = yield* Store
      const table = yield* makeTable()
      const stream = yield* store.uploads.create(table, {
        content: { kind: "stream", schema: [{ name: "t", type: "dateTime" }] }
      })
      yield* store.uploads.insertRows(stream.id, [
        { t: new Date(0).toJSON() },
        { t: "2020-01-02T00:30:00.000001+01:00" }
      ])
      assert.strictEqual(
        yield* read({ kind: "upload", uploadId: stream.id }, "csv"),
        "t\n1970-01-01 00:00:00\n2020-01-01 23:30:00.000001\n"
      )
    }))

  it.effect("with integers that have a sign or zeros before them has text", () =>
    Effect.gen(function*() {
      const { source } = yield* imported("phone,zip,neg,mixed\n+4917012345,01234,-0,+1\n49,5,5,1.5\n")
      assert.deepStrictEqual(yield* typesOf(source), ["phone: string", "zip: string", "neg: float", "mixed: string"])
      assert.strictEqual(yield* read(source, "csv"), "phone,zip,neg,mixed\n+4917012345,01234,-0.0,+1\n49,5,5.0,1.5\n")
    }))
})
