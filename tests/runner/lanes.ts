/** The runtimes beside each other, each lane of them in a process of its own. */
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { type Runtime, runtimes } from "../cases/Case.ts"
import type { Suite } from "./suite.ts"

/** What a lane is told when it starts. */
export interface Errand {
  readonly chosen: ReadonlyArray<Runtime>
  /** Run only the cases whose name contains this. */
  readonly only: string | undefined
}

/** Lanes that run beside each other: most of a case is waiting. */
const lanes = 3

const runLane = (errand: Errand): Promise<ReadonlyArray<Suite>> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("lane.ts", import.meta.url)))
    child.on("message", (suites) => {
      resolve(suites as ReadonlyArray<Suite>) // the only thing that a lane says
      child.disconnect()
    })
    child.on("error", reject)
    child.on("exit", (code, signal) =>
      reject(new Error(`The lane of ${errand.chosen.join(", ")} ended early: ${code ?? signal}.`)))
    child.send(errand)
  })

/** Runs the cases in these runtimes. */
export const runRuntimes = async (
  chosen: ReadonlyArray<Runtime>,
  only: string | undefined
): Promise<ReadonlyArray<Suite>> => {
  const shares = Array.from({ length: lanes }, (_, lane) => chosen.filter((_, index) => index % lanes === lane))
  const suites = await Promise.all(
    shares.filter((share) => share.length > 0).map((share) => runLane({ chosen: share, only }))
  )
  return suites.flat().toSorted((one, other) => runtimes.indexOf(one.runtime) - runtimes.indexOf(other.runtime))
}
