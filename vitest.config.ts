import { defineConfig } from "vitest/config"
import LongestFirst from "./tests/runner/longestFirst.ts"

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "tests/**/*.test.ts", "examples/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    // the files share their modules and all cores: half the time, and each test makes its own state anyhow
    isolate: false,
    maxWorkers: "100%",
    // the cores have tests to run: what collects beside them takes from them, and few collections of much cost least
    execArgv: ["--single-threaded-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"],
    sequence: { sequencer: LongestFirst },
    // a machine under load is no failure: what hangs is found all the same
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
