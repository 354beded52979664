/** That no operation of the contract is left out: of the functions, the documents, the emulator or the proofs. */
import { operations } from "@effect-redivis/core/Contract"
import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import { handlers } from "../../packages/emulator/src/handlers/index.ts"
import { proofs } from "../operations/index.ts"
import { functionOf, wire } from "./wireTable.ts"

const names: ReadonlyArray<string> = operations.map(({ name }) => name)

const named = operations.map((operation) => ({ name: operation.name, operation }))

const folder = new URL("../../packages/core/src/resources/", import.meta.url)

/** The docstrings of the public functions. */
const docstrings = Fs.readdirSync(folder)
  .flatMap((file) =>
    Fs.readFileSync(new URL(file, folder), "utf8").match(/\/\*\*(?:(?!\*\/).)*\*\/\nexport const /gs) ?? []
  )

describe("the contract", () => {
  it("gives each operation a name and a place of its own", () => {
    assert.strictEqual(new Set(names).size, names.length)
    assert.strictEqual(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size, names.length)
  })

  it("has every combination of verb and path that the API documents or its clients send", () => {
    assert.strictEqual(names.length, 111)
  })

  it("has a proof for each operation, and for nothing else", () => {
    assert.sameMembers(proofs.map(({ operation }) => operation.name), [...names])
  })

  it("has no handler for anything else", () => {
    assert.sameMembers(Object.keys(handlers), [...names])
  })
})

describe("an operation", () => {
  it.each(named)("has a public function: $name", ({ name }) => {
    const rows = wire.rows.filter((row) => row.operation === name)
    assert.isAbove(rows.length, 0)
    for (const row of rows) assert.isFunction(functionOf(row.call.function))
  })

  it.each(named)("has a handler of its own in the emulator: $name", ({ name, operation }) => {
    assert.strictEqual(handlers[name].operation, operation)
  })

  it.each(named)("is named with its verb and path in a docstring: $name", ({ operation: { method, path } }) => {
    assert.isTrue(docstrings.some((text) => text.includes(`\`${method} ${path}\``)), `${method} ${path}`)
  })

  it.each(named)("is proved with each error of its union: $name", ({ name, operation }) => {
    const proof = proofs.find((proof) => proof.operation === operation)
    assert.sameMembers(
      [...proof?.failures ?? [name]],
      operation.failures.map((failure) => String(failure.fields._tag.ast.literal))
    )
  })
})
