import { executable, root } from "../runner/places.ts"
import { runProcess } from "../runner/suite.ts"
import type { Start } from "../runner/start.ts"

/** The Node that runs this file, and the oldest line that is supported. */
const find = (runtime: "node22" | "node26"): string | undefined =>
  runtime === "node26"
    ? process.execPath
    : executable(`node-22-${process.platform}-${process.arch}`, "bin/node")

export const startNode = (runtime: "node22" | "node26"): Start => ({
  runtime,
  run: async (cases, assignment) => {
    const command = find(runtime)
    if (command === undefined) return `there is no package of Node 22 for ${process.platform} ${process.arch}`
    return runProcess({ runtime, cases, assignment, command, parameters: ["tests/node/main.ts"], cwd: root })
  }
})
