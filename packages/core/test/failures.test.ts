/** What every operation of a kind says of itself. */
import { operations } from "@effect-redivis/core/Contract"
import { assert, describe, it } from "@effect/vitest"

const tagsOf = ({ failures }: typeof operations[number]): ReadonlyArray<string> =>
  failures.map((failure) => failure.fields._tag.schema.literal)

const names = (chosen: (operation: typeof operations[number]) => boolean): ReadonlyArray<string> =>
  operations.filter(chosen).map(({ name }) => name)

describe("an operation", () => {
  it("that takes a reference can be told that it names nothing, with a 400", () => {
    const references = /:(dataset|table|workflow|transform|notebook)\b/
    assert.deepStrictEqual(
      names((operation) => references.test(operation.path) && !tagsOf(operation).includes("BadRequest")),
      []
    )
  })

  it("that reads bytes of the account's can be told that it has read too many", () => {
    assert.sameMembers([...names((operation) => tagsOf(operation).includes("QuotaExceeded"))], [
      "tables.listRows",
      "queries.post",
      "queries.listRows",
      "readSessions.postByTable",
      "readSessions.postByUpload",
      "readSessions.postByQuery",
      "readSessions.getStream",
      "exports.postByTable",
      "exports.postByUpload",
      "exports.postByQuery",
      "exports.download",
      "rawFiles.listByTable",
      "rawFiles.listByQuery",
      "rawFiles.get"
    ])
  })

  it("is answered without a token where it was seen to be: rows of tables", () => {
    assert.deepStrictEqual(names(({ anonymous }) => anonymous), ["tables.listRows"])
  })
})
