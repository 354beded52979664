/** Which texts of a 400 tell of a limit of the account. */
import { exports, rawFile } from "@effect-redivis/core/Contract"
import { assert, describe, it } from "@effect/vitest"
import { quota, statusError } from "../src/client/call/response.ts"

const errorOf = (errorDescription: string, operation: typeof rawFile.get | typeof exports.download = rawFile.get) =>
  statusError(
    operation,
    {
      operation: operation.name,
      method: operation.method,
      url: "http://x.example/api/v1/x",
      status: 400,
      warnings: [],
      rateLimit: {}
    },
    { fromApi: true, error: "invalid_request", errorDescription, scope: [], amrValues: [] }
  )._tag

describe("a limit of the account", () => {
  it.each([
    // as it was seen
    "Cannot export more than 200GB within a 30 day period. You have exported 204GB in the past 30 days",
    "cannot export more than 1TB",
    "More than is allowed within a 365 day period",
    // as the documentation counts queries
    "Used 100,000 slot-seconds in 24 hours",
    "Used 100,000 Slot Seconds in 24 hours"
  ])("is told by: %s", (text) => {
    assert.strictEqual(errorOf(text), "QuotaExceeded")
    assert.strictEqual(errorOf(text, exports.download), "QuotaExceeded")
  })

  it.each([
    "Query exceeds the maximum length",
    "Query exceeds the maximum length of 256k characters",
    "The value exceeds the limit of 60 characters",
    "description: the limit is 2000 characters, which is exceeded",
    "There is no variable quota",
    "Cannot upload more than 100MB",
    "too many concurrent requests",
    "The export within a day period"
  ])("is not told by: %s", (text) => {
    assert.strictEqual(errorOf(text), "BadRequest")
  })

  it("is looked for in steps that a text's length bounds", () => {
    // whatever a part may take is bounded, so each place of a text is left after so many steps at most
    assert.notMatch(quota.source.replaceAll(/\{\d+,\d+\}/g, ""), /[*+{]/)
    assert.notMatch(quota.source, /\\\d|\(\?/)
  })

  it("is not found slowly in long texts that almost tell of one", () => {
    const almost = [
      "within a 1",
      "slot ",
      "cannot export more tha",
      "1",
      " ",
      "exceed limit ",
      "limit exceed",
      "within a 12345"
    ]
    for (const part of almost) {
      for (const length of [65_536, 1_000_000]) {
        const text = part.repeat(Math.ceil(length / part.length))
        const startedAt = performance.now()
        assert.isFalse(quota.test(text), part)
        // a tenth of a second where it takes a hundredth of that; the words that these took the place of took hours
        assert.isBelow(performance.now() - startedAt, 1000, part)
      }
    }
  })
})
