/**
 * The order of vitest's files: the longest begin first, so that no core has
 * nothing to do while another is at a long one. Vitest orders by size where it
 * has no durations of an earlier run, as on a fresh machine.
 */
import * as Path from "node:path"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import { root } from "./places.ts"

/** The longest of `The slowest of vitest` at the end of a run, in their order. */
const longest: ReadonlyArray<string> = [
  "tests/node/budget.test.ts",
  "packages/core/test/rowCache.test.ts",
  "packages/core/test/resumption.test.ts",
  "tests/node/rowCache.test.ts",
  "packages/core/test/rateLimitBudget.test.ts",
  "tests/node/distributed.test.ts",
  "packages/core/test/arrow/fuzz.test.ts"
]

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = longest.indexOf(Path.relative(root, moduleId).split(Path.sep).join("/"))
  return place === -1 ? longest.length : place
}

export default class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    return (await super.sort(files)).toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}
