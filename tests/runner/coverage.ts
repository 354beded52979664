/** That the table leaves out no operation of the contract. */
import { type Operation, operations } from "@effect-redivis/core/Contract"
import type { Runtime } from "../cases/Case.ts"
import type { Suite } from "./suite.ts"

const name = "every read of the contract arrives at the emulator, and from Node and Deno every write"

const isExpected = (runtime: Runtime, method: Operation.Method): boolean =>
  method === "GET" || method === "HEAD" || runtime.startsWith("node") || runtime === "deno"

/** A whole run's last line. */
export const withCoverage = (suite: Suite, arrived: ReadonlySet<string>): Suite => {
  const missing = operations
    .filter((operation) => isExpected(suite.runtime, operation.method) && !arrived.has(operation.name))
    .map((operation) => operation.name)
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
