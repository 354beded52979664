/** The table of cases in Deno, each as a test of Deno's own that may leave nothing open. */
import * as DenoRedivis from "@effect-redivis/deno/DenoRedivis"
import * as Effect from "effect/Effect"
import { cases } from "../cases/index.ts"
import { runErrandWith } from "../cases/errand.ts"
import { type Assignment, stepsOf } from "../cases/runCases.ts"

declare const Deno: {
  readonly args: ReadonlyArray<string>
  readonly version: { readonly deno: string }
  readonly test: (test: {
    readonly name: string
    readonly sanitizeResources: boolean
    readonly sanitizeOps: boolean
    readonly sanitizeExit: boolean
    readonly fn: () => Promise<unknown>
  }) => void
}

const assignment: Assignment = JSON.parse(Deno.args[0] ?? "")

for (
  const { name, run } of stepsOf({
    cases,
    assignment,
    version: `Deno ${Deno.version.deno}`,
    clients: {
      layer: DenoRedivis.layer,
      layerConfig: DenoRedivis.layerConfig,
      runErrand: runErrandWith(DenoRedivis.layer)
    },
    print: (line) => console.log(line)
  })
) {
  Deno.test({
    name,
    sanitizeResources: true,
    sanitizeOps: true,
    sanitizeExit: true,
    fn: () => Effect.runPromise(run)
  })
}
