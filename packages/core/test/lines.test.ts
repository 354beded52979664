import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "fast-check"
import { csvLine, jsonLine } from "../src/data/text/lines.ts"

const text = FastCheck.oneof(
  FastCheck.string({ unit: "binary" }),
  FastCheck.constantFrom("", " ", "a,b", "\"", "a\nb", "\r", "null", "\"\"")
)
const number = FastCheck.oneof(FastCheck.double(), FastCheck.constantFrom(0, -0, NaN, Infinity, -Infinity, 1e21))
const cell = FastCheck.oneof(text, number, FastCheck.bigInt(), FastCheck.boolean(), FastCheck.constant(null))
const cells = FastCheck.array(cell, { minLength: 1, maxLength: 6 })

/** Reads one record as RFC 4180 has it; what is not quoted and empty is null. */
const readCsv = (line: string): ReadonlyArray<string | null> => {
  const found: Array<string | null> = []
  let at = 0
  for (;;) {
    if (line[at] === "\"") {
      const [whole, inner = ""] = /^"((?:[^"]|"")*)"/.exec(line.slice(at))!
      found.push(inner.replaceAll("\"\"", "\""))
      at += whole.length
    } else {
      const [whole] = /^[^,\n]*/.exec(line.slice(at))!
      found.push(whole === "" ? null : whole)
      at += whole.length
    }
    if (line[at] === "\n" && at === line.length - 1) return found
    assert.strictEqual(line[at], ",")
    at++
  }
}

const asText = (value: null | boolean | number | bigint | string): string | null =>
  value === null ? null : Object.is(value, -0) ? "-0" : String(value)

describe("rows as lines", () => {
  it("of CSV hold each value as text, null apart from an empty one", () =>
    FastCheck.assert(FastCheck.property(cells, (cells) => {
      assert.deepStrictEqual(readCsv(csvLine(cells)), cells.map(asText))
    })))

  it("of CSV with one value are empty where it is null, and only there", () => {
    assert.deepStrictEqual(["", null, "a", 0].map((value) => csvLine([value])), ["\"\"\n", "\n", "a\n", "0\n"])
  })

  it("of JSON hold each value, integers with all their digits", () =>
    FastCheck.assert(
      FastCheck.property(cells, FastCheck.array(text, { minLength: 6, maxLength: 6 }), (cells, names) => {
        const keys = cells.map((_, index) => `k${index}${names[index]}`)
        const line = jsonLine(keys)(cells)
        assert.match(line, /^[^\n]*\n$/)
        const found = Object.values<unknown>(JSON.parse(line, (_, value, context?: { readonly source: string }) =>
          typeof value === "number" && context !== undefined ? { source: context.source } : value))
        assert.deepStrictEqual(
          found,
          cells.map((value) =>
            typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value))
              ? { source: asText(value) }
              : typeof value === "number"
              ? String(value)
              : value
          )
        )
        assert.deepStrictEqual(Object.keys(JSON.parse(line)), keys)
      })
    ))
})
