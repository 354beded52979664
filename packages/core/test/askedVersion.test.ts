/** Which version a text names. */
import { assert, describe, it } from "@effect/vitest"
import { otherVersion, versionIn } from "../src/client/call/askedVersion.ts"

describe("a version in a text", () => {
  it.each([
    ["/datasets/demo.birds:v1_0", "1.0"],
    ["/datasets/demo.birds:5k9t:V12.34.nests", "12.34"],
    ["/datasets/demo.birds:v01_00", "1.0"],
    ["/datasets/demo.birds:next", undefined],
    ["/datasets/demo.birds:banana", undefined]
  ])("of %s is %s", (text, version) => {
    assert.strictEqual(versionIn(text), version)
  })

  it("is no other one where only its zeros are", () => {
    assert.isUndefined(otherVersion(versionIn("demo.birds:v01_0"), { version: { tag: "v1.0" } }))
    assert.include(otherVersion("1.0", { version: { tag: "v1.1" } }), "v1.1")
  })
})
