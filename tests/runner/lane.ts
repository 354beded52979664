/**
 * Some runtimes, one after the other, with an emulator of their own: a program
 * that `tests/run.ts` starts, since the emulators of all lanes in one thread
 * would wait for each other.
 */
import { chromiumEngine } from "../browsers/chromium.ts"
import { firefoxEngine } from "../browsers/firefox.ts"
import { openPages } from "../browsers/pages.ts"
import { startBrowser } from "../browsers/start.ts"
import { webkitEngine } from "../browsers/webkit.ts"
import { startBun } from "../bun/start.ts"
import { cases } from "../cases/index.ts"
import { isFor, type Runtime } from "../cases/Case.ts"
import { startDeno } from "../deno/start.ts"
import { startNode } from "../node/start.ts"
import { startWorkerd } from "../workerd/start.ts"
import { withCoverage } from "./coverage.ts"
import { startElsewhere } from "./elsewhere.ts"
import { absent } from "./report.ts"
import { startService } from "./service.ts"
import type { Errand } from "./lanes.ts"
import type { Start } from "./start.ts"
import { collect, type Suite } from "./suite.ts"

const starts: Record<Runtime, Start> = {
  node22: startNode("node22"),
  node26: startNode("node26"),
  deno: startDeno,
  bun: startBun,
  workerd: startWorkerd,
  chromium: startBrowser(chromiumEngine),
  firefox: startBrowser(firefoxEngine),
  webkit: startBrowser(webkitEngine)
}

/** One runtime after the other: they share the emulator, whose faults and clock a case may set. */
const runLane = async (chosen: ReadonlyArray<Runtime>, only: string | undefined): Promise<ReadonlyArray<Suite>> => {
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

process.on("message", ({ chosen, only }: Errand) => {
  void runLane(chosen, only).then((suites) => process.send?.(suites))
})
// whoever wanted it is gone
process.on("disconnect", () => process.exit())
