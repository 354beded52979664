/** That the table leaves out no operation of the contract. */
import { operations } from "@effect-redivis/core/Contract"
import type { Suite } from "./suite.ts"

const name = "every operation of the contract arrives at the emulator"

/** A whole run's last line. */
export const withCoverage = (suite: Suite, arrived: ReadonlySet<string>): Suite => {
  const missing = operations.filter((operation) => !arrived.has(operation.name)).map((operation) => operation.name)
  return {
    ...suite,
    results: [...suite.results, {
      kind: "case",
      name,
      outcome: missing.length === 0 ? "passed" : "failed",
      message: `not a request of ${missing.join(", ")}`,
      milliseconds: 0
    }]
  }
}
