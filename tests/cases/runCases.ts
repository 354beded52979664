/** Runs the table of cases in whatever runtime this is loaded by. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type Case, type CaseContext, type Clients, isFor, Place, type Surroundings } from "./Case.ts"

/** What a runtime is told when it starts. */
export interface Assignment extends Surroundings {
  /** Run only the cases whose name contains this. */
  readonly only?: string | undefined
}

/** One line of JSON on its way to the runner. */
export type Line =
  | { readonly kind: "started"; readonly version: string }
  | {
    readonly kind: "case"
    readonly name: string
    readonly outcome: "passed" | "failed" | "skipped"
    /** Why it was skipped, or how it failed. */
    readonly message?: string
    readonly milliseconds: number
  }
  | { readonly kind: "finished" }

const runOne = (
  { name, run, skip }: Case,
  layer: Layer.Layer<CaseContext, unknown>,
  surroundings: Surroundings
): Effect.Effect<Line> =>
  Effect.gen(function*() {
    const reason = skip?.[surroundings.runtime]
    if (reason !== undefined) return { kind: "case", name, outcome: "skipped", message: reason, milliseconds: 0 }
    const begin = performance.now()
    const exit = yield* run.pipe(
      Effect.provide(layer),
      // the runtimes and vitest share the cores
      Effect.timeout("60 seconds"),
      Effect.exit
    )
    const milliseconds = Math.round(performance.now() - begin)
    return Exit.isSuccess(exit)
      ? { kind: "case", name, outcome: "passed", milliseconds }
      : { kind: "case", name, outcome: "failed", message: Cause.pretty(exit.cause), milliseconds }
  })

interface Options {
  readonly cases: ReadonlyArray<Case>
  readonly assignment: Assignment
  /** Of the runtime, as it names itself. */
  readonly version: string
  readonly clients: Clients
  readonly print: (line: string) => void
}

/** What prints one line: of the start, of a case, or of the end. */
export interface Step {
  /** The case's, or what is begun or ended. */
  readonly name: string
  readonly run: Effect.Effect<Line>
}

/** Steps in their order. The layer is built anew for each case, so that what one leaves open does not carry over. */
export const stepsOf = (options: Options): ReadonlyArray<Step> => {
  const { only, ...surroundings } = options.assignment
  const { clients } = options
  const { endpoint, token } = surroundings
  const place = Place.of({
    ...surroundings,
    client: (changed) => Layer.orDie(clients.layer({ endpoint, token: Redacted.make(token), ...changed })),
    clientConfig: Layer.orDie(clients.layerConfig),
    runErrand: clients.runErrand
  })
  const layer = Layer.mergeAll(place.client(), FetchHttpClient.layer, Layer.succeed(Place, place))
  const step = (name: string, run: Effect.Effect<Line>): Step => ({
    name,
    run: Effect.tap(run, (line) => Effect.sync(() => options.print(JSON.stringify(line))))
  })
  return [
    step("the start", Effect.succeed({ kind: "started", version: options.version })),
    ...options.cases
      .filter((one) => isFor(one, surroundings.runtime) && (only === undefined || one.name.includes(only)))
      .map((one) => step(one.name, runOne(one, layer, surroundings))),
    step("the end", Effect.succeed({ kind: "finished" }))
  ]
}

export const runCases = (options: Options): Effect.Effect<void> =>
  Effect.forEach(stepsOf(options), ({ run }) => run, { discard: true })
