import { assert, describe, it } from "@effect/vitest"
import * as Codebook from "../../src/publishing/Codebook.ts"
import { described, table, variable } from "./describing.ts"

describe("a codebook", () => {
  it("is Markdown whose cells are text, whatever they hold", () => {
    assert.strictEqual(
      Codebook.table(described.tables, { format: "markdown" }),
      [
        "| table | variable | type | label | description | values |",
        "| ----- | -------- | ---- | ----- | ----------- | ------ |",
        "| birds | species | string | Species | Seen \\| counted,<br>\"twice\" | a = Adelie; g = Gentoo |",
        "| birds | body_mass_g | integer | Body mass |  |  |",
        "| birds | seen at | dateTime |  |  |  |",
        "| nests \\<old\\> | where | geography |  |  |  |",
        ""
      ].join("\n")
    )
  })

  it("is CSV with quotes where a cell needs them", () => {
    assert.strictEqual(
      Codebook.table(described.tables, { format: "csv" }),
      [
        "table,variable,type,label,description,values",
        "birds,species,string,Species,\"Seen | counted,\n\"\"twice\"\"\",a = Adelie; g = Gentoo",
        "birds,body_mass_g,integer,Body mass,,",
        "birds,seen at,dateTime,,,",
        "nests <old>,where,geography,,,",
        ""
      ].join("\r\n")
    )
  })

  it("has what variables carry of their values, moments as rows have them, in the newer form and the older", () => {
    const whole = (type: string, statistics: object) =>
      variable(type, type, { statistics: { status: "completed", ...statistics } })
    const at = Date.UTC(2020, 0, 2, 3, 4, 5, 678)
    const variables = [
      whole("integer", { count: 3, numDistinct: 2, min: 1, max: 7, mean: 4.5, approxMedian: 4, stdDev: 0.5 }),
      whole("date", { count: 2, min: Date.UTC(1899, 11, 31), max: at }),
      whole("dateTime", { count: null, min: Date.UTC(2020, 0, 2), max: at }),
      whole("time", { min: 1500, max: 43_200_000 }),
      // as lengths
      whole("string", { count: 9, min: 1, max: 12 }),
      whole("geography", {
        count: 1,
        geoBBox: { westLongitude: 1, eastLongitude: 1, northLatitude: 1, southLatitude: 1 }
      }),
      // what was answered before, and what no calendar has
      whole("dateTime", { count: 1, min: "2020-01-01 00:00:00", max: null, mean: null }),
      whole("date", { count: 1, min: 1e300, max: -8.64e15 - 1 }),
      whole("float", { min: "1.5", mean: "2" }),
      variable("a", "date", { statistics: { status: "running" } }),
      variable("b", "date", { statistics: null }),
      variable("c", "a newer type", { statistics: { status: "completed", min: 1 } })
    ]
    const lines = Codebook.table([{ table: table("t"), variables }], { format: "csv" }).trimEnd().split("\r\n")
    assert.strictEqual(
      lines[0],
      "table,variable,type,label,description,values,count,distinct,min,max,mean,median,deviation"
    )
    assert.deepStrictEqual(lines.slice(1).map((line) => line.split(",").slice(6).join(",")), [
      "3,2,1,7,4.5,4,0.5",
      "2,,1899-12-31,2020-01-02,,,",
      ",,2020-01-02T00:00:00,2020-01-02T03:04:05.678000,,,",
      ",,00:00:01.500000,12:00:00,,,",
      "9,,,,,,",
      "1,,,,,,",
      "1,,2020-01-01 00:00:00,,,,",
      "1,,1e+300,-8640000000000001,,,",
      ",,1.5,,2,,",
      ",,,,,,",
      ",,,,,,",
      ",,,,,,"
    ])
    const plain = Codebook.table([{ table: table("t"), variables }], { format: "csv", statistics: false })
    assert.isTrue(plain.startsWith("table,variable,type,label,description,values\r\n"))
  })

  it("of nothing is its header", () => {
    assert.strictEqual(Codebook.table([], { format: "csv" }).split("\r\n").length, 2)
  })
})
