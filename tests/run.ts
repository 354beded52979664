/**
 * Every test: `pnpm test`.
 *
 * - `pnpm test unit` runs vitest alone, and gives it what follows:
 *   `pnpm test unit packages/core -t "a page"`
 * - `pnpm test deno firefox` runs the table of cases in these runtimes alone,
 *   `--only TEXT` those cases whose name contains the text
 */
import * as Path from "node:path"
import { parseArgs } from "node:util"
import { cases } from "./cases/index.ts"
import { runtimes } from "./cases/Case.ts"
import { runRuntimes } from "./runner/lanes.ts"
import { root } from "./runner/places.ts"
import { add, reportFailures, reportSlowest, reportSuites } from "./runner/report.ts"
import { type Counts, runUnit } from "./runner/unit.ts"

const describe = ({ failed, passed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

const main = async (): Promise<Counts> => {
  const [first, ...rest] = process.argv.slice(2)
  if (first === "unit") {
    const unit = await runUnit(rest)
    reportSlowest(unit)
    reportFailures(unit)
    return unit.counts
  }
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: "string" } } })
  const unknown = positionals.find((name) => !runtimes.some((runtime) => runtime === name))
  if (unknown !== undefined) throw new Error(`There is no runtime ${unknown}: choose from ${runtimes.join(", ")}.`)
  const chosen = runtimes.filter((runtime) => positionals.length === 0 || positionals.includes(runtime))
  const all = positionals.length === 0 && values.only === undefined
  // beside each other: who waits leaves the core to the other, and the runtimes print when all is done
  const [unit, suites] = await Promise.all([all ? runUnit([]) : undefined, runRuntimes(chosen, values.only)])
  const inRuntimes = reportSuites(suites, cases)
  if (unit === undefined) {
    console.log(`\ncases     ${describe(inRuntimes)}`)
    return inRuntimes
  }
  reportSlowest(unit)
  reportFailures(unit)
  console.log(`\nvitest    ${describe(unit.counts)}\ncases     ${describe(inRuntimes)}`)
  return add(unit.counts, inRuntimes)
}

// half of what a process costs that only makes a few calls: dozens are started, all with the same modules
process.env["NODE_COMPILE_CACHE"] ??= Path.join(root, "node_modules", ".cache", "node")

const begin = performance.now()
const { failed, passed, skipped } = await main()
console.log(`\n${((performance.now() - begin) / 1000).toFixed(1)} s, ${skipped} skipped`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
