/** The table of cases in Node. */
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { cases } from "../cases/index.ts"
import { type Assignment, runCases } from "../cases/runCases.ts"

const assignment: Assignment = JSON.parse(process.argv[2] ?? "")

await Effect.runPromise(runCases({
  cases,
  assignment,
  version: `Node ${process.versions.node}`,
  layer: NodeRedivis.layer({ endpoint: assignment.endpoint, token: Redacted.make(assignment.token) }),
  print: (line) => console.log(line)
}))
