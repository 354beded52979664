/**
 * Every test: `pnpm test`.
 *
 * - `pnpm test unit` runs vitest alone, and gives it what follows:
 *   `pnpm test unit packages/core -t "a page"`
 * - `pnpm test deno chromium` runs the table of cases in these runtimes alone,
 *   `--only TEXT` those cases whose name contains the text
 */
import * as Path from "node:path"
import { parseArgs } from "node:util"
import { startBun } from "./bun/start.ts"
import { cases } from "./cases/index.ts"
import { isFor, type Runtime, runtimes } from "./cases/Case.ts"
import { openPages } from "./chromium/page.ts"
import { startChromium } from "./chromium/start.ts"
import { startDeno } from "./deno/start.ts"
import { startNode } from "./node/start.ts"
import { withCoverage } from "./runner/coverage.ts"
import { startElsewhere } from "./runner/elsewhere.ts"
import { root } from "./runner/places.ts"
import { absent, add, reportFailures, reportSlowest, reportSuites } from "./runner/report.ts"
import { startService } from "./runner/service.ts"
import type { Start } from "./runner/start.ts"
import { collect, type Suite } from "./runner/suite.ts"
import { type Counts, runUnit } from "./runner/unit.ts"
import { startWorkerd } from "./workerd/start.ts"

const starts: Record<Runtime, Start> = {
  node22: startNode("node22"),
  node26: startNode("node26"),
  deno: startDeno,
  bun: startBun,
  workerd: startWorkerd,
  chromium: startChromium
}

/** Runtimes that run beside each other: most of a case is waiting. */
const lanes = 3

/** One runtime after the other: they share the emulator, whose faults and clock a case may set. */
const runLane = async (chosen: ReadonlyArray<Runtime>, only: string | undefined): Promise<ReadonlyArray<Suite>> => {
  if (chosen.length === 0) return []
  const pages = await openPages()
  const service = await startService(pages.origin)
  const elsewhere = await startElsewhere()
  const suites: Array<Suite> = []
  for (const runtime of chosen) {
    const own = cases.filter((one) => isFor(one, runtime))
    const assignment = {
      runtime,
      run: `${runtime}${process.pid}`,
      endpoint: service.endpoint,
      control: service.control,
      token: await service.prepare(),
      elsewhere: elsewhere.url,
      origins: service.origins,
      only
    }
    const result = await starts[runtime].run(own, assignment, pages).catch((reason: unknown) =>
      collect(runtime, own, only).close(reason instanceof Error ? reason.stack : String(reason))
    )
    suites.push(
      typeof result === "string"
        ? absent(runtime, own, result)
        : only === undefined
        ? withCoverage(result, await service.operations())
        : result
    )
  }
  pages.close()
  await elsewhere.stop()
  await service.stop()
  return suites
}

const runRuntimes = async (
  chosen: ReadonlyArray<Runtime>,
  only: string | undefined
): Promise<ReadonlyArray<Suite>> => {
  const shares = Array.from({ length: lanes }, (_, lane) => chosen.filter((_, index) => index % lanes === lane))
  const suites = await Promise.all(shares.map((share) => runLane(share, only)))
  return suites.flat().toSorted((one, other) => runtimes.indexOf(one.runtime) - runtimes.indexOf(other.runtime))
}

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
