import { assert, describe, it } from "@effect/vitest"
import { compareTables, compareVariables, matchTables } from "../src/resources/versionDiff.ts"
import { table, variable } from "./publishing/describing.ts"

describe("tables of two versions", () => {
  it("are the same by their ids, else by names as the server compares them", () => {
    const { added, pairs, removed } = matchTables(
      [table("a", { referenceId: "1" }), table("Old Name"), table("gone", { referenceId: "2" })],
      [table("b", { referenceId: 1 }), table("old_name", { referenceId: "9" }), table("gone", { referenceId: "3" })]
    )
    assert.deepStrictEqual(pairs.map(({ from, to }) => [from.name, to.name]), [["a", "b"], ["Old Name", "old_name"]])
    // another table under the name of one that was removed
    assert.deepStrictEqual([added.map(({ name }) => name), removed.map(({ name }) => name)], [["gone"], ["gone"]])
  })

  it("differ in what is said of them, and null is the same as nothing", () => {
    const from = table("a", { numRows: 1, hash: "x", description: null })
    assert.isUndefined(compareTables({ from, to: table("a", { numRows: 1, hash: "x" }) }, undefined))
    const to = table("b", { numRows: 2, hash: "y", description: "New" })
    assert.deepStrictEqual(compareTables({ from, to }, undefined), {
      name: "b",
      from,
      to,
      renamed: { from: "a", to: "b" },
      description: { from: null, to: "New" },
      numRows: { from: 1, to: 2 },
      hash: { from: "x", to: "y" }
    })
  })
})

describe("variables of two versions", () => {
  it("are compared by name, whatever its letters' case", () => {
    assert.deepStrictEqual(
      compareVariables(
        [variable("A", "integer", { label: "One" }), variable("b", "string"), variable("c", "date")],
        [variable("a", "float", { description: "Two" }), variable("C", "date"), variable("d", "time")]
      ),
      {
        added: [variable("d", "time")],
        removed: [variable("b", "string")],
        changed: [{
          name: "a",
          type: { from: "integer", to: "float" },
          label: { from: "One", to: null },
          description: { from: null, to: "Two" }
        }]
      }
    )
  })

  it("differ in the labels of their values, and none is the same as null", () => {
    const labels = [{ value: "1", label: "One" }]
    const from = [variable("a", "integer", { valueLabels: labels }), variable("b", "integer", { valueLabels: [] })]
    const to = [variable("a", "integer", { valueLabels: null }), variable("b", "integer", { valueLabels: null })]
    assert.deepStrictEqual(compareVariables(from, to)?.changed, [{ name: "a", valueLabels: { from: labels, to: [] } }])
    assert.isUndefined(compareVariables(to, to))
  })

  it("that are the same differ in nothing", () => {
    assert.isUndefined(compareVariables([variable("a", "integer")], [variable("a", "integer", { label: null })]))
  })
})
