import { Dialect, parse } from "@polyglot-sql/sdk"
import { assert, describe, it } from "@effect/vitest"
import { constructs } from "../../src/sql/constructs/index.ts"
import { analyze } from "./database.ts"

type Node = { readonly [key: string]: unknown }

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null

const nameOf = (part: unknown): ReadonlyArray<string> =>
  isNode(part) && typeof part["name"] === "string" ? [part["name"]] : []

/** The tables of another parser's tree, those of WITH and arrays of tables left out. */
const tablesOf = (tree: unknown): ReadonlyArray<string> => {
  const common = new Set<string>()
  const aliases = new Set<string>()
  const tables: Array<string> = []
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const each of node) visit(each)
      return
    }
    if (!isNode(node)) return
    for (const each of isNode(node["with"]) && Array.isArray(node["with"]["ctes"]) ? node["with"]["ctes"] : []) {
      for (const name of nameOf(each.alias)) common.add(name)
    }
    for (const name of nameOf(node["alias"])) aliases.add(name)
    const { table } = node
    if (isNode(table) && isNode(table["name"])) {
      const names = [...nameOf(table["catalog"]), ...nameOf(table["schema"]), ...nameOf(table["name"])]
      const isArray = names.length > 1 && aliases.has(names[0]!)
      if (!isArray && !(names.length === 1 && common.has(names[0]!))) tables.push(names.join("."))
    }
    for (const each of Object.values(node)) visit(each)
  }
  visit(tree)
  return tables.sort()
}

describe("a second reader of GoogleSQL", () => {
  it("finds the tables that ours does", () => {
    let compared = 0
    for (const { sql } of constructs) {
      // it takes no account of scopes, and so a name of WITH for one everywhere
      if (sql.startsWith("with birds as")) continue
      const other = parse(sql, Dialect.BigQuery)
      if (!other.success) continue
      compared++
      assert.deepStrictEqual(
        analyze(sql).references.map((reference) => reference.text).sort(),
        tablesOf(other.ast),
        sql
      )
    }
    assert.isAbove(compared, constructs.length * 0.9)
  })
})
