/** The table of cases in Node. */
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as Effect from "effect/Effect"
import { cases } from "../cases/index.ts"
import { runErrandWith } from "../cases/errand.ts"
import { type Assignment, runCases } from "../cases/runCases.ts"

const assignment: Assignment = JSON.parse(process.argv[2] ?? "")

await Effect.runPromise(runCases({
  cases,
  assignment,
  version: `Node ${process.versions.node}`,
  clients: {
    layer: NodeRedivis.layer,
    layerConfig: NodeRedivis.layerConfig,
    runErrand: runErrandWith(NodeRedivis.layer)
  },
  print: (line) => console.log(line)
}))
