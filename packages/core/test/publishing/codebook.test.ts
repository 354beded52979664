import { assert, describe, it } from "@effect/vitest"
import * as Codebook from "../../src/publishing/Codebook.ts"
import { described } from "./describing.ts"

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

  it("of nothing is its header", () => {
    assert.strictEqual(Codebook.table([], { format: "csv" }).split("\r\n").length, 2)
  })
})
