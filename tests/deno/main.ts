/** The table of cases in Deno. */
import * as DenoRedivis from "@effect-redivis/deno/DenoRedivis"
import * as Effect from "effect/Effect"
import { cases } from "../cases/index.ts"
import { runErrandWith } from "../cases/errand.ts"
import { type Assignment, runCases } from "../cases/runCases.ts"

declare const Deno: { readonly args: ReadonlyArray<string>; readonly version: { readonly deno: string } }

const assignment: Assignment = JSON.parse(Deno.args[0] ?? "")

await Effect.runPromise(runCases({
  cases,
  assignment,
  version: `Deno ${Deno.version.deno}`,
  clients: {
    layer: DenoRedivis.layer,
    layerConfig: DenoRedivis.layerConfig,
    runErrand: runErrandWith(DenoRedivis.layer)
  },
  print: (line) => console.log(line)
}))
