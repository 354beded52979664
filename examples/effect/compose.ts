/**
 * Calls are Effects, and what can go wrong is in their types: `describe` has no
 * `NotFound` any more once it is caught, and `overview` fails as one dataset does.
 *
 * `node examples/effect/compose.ts demo.penguins demo.whales`
 */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as RedivisError from "@effect-redivis/core/RedivisError"
import * as Table from "@effect-redivis/core/Table"
import { NodeRedivis } from "@effect-redivis/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"

/** One line for a dataset and one for each of its tables. */
export const describe = (reference: string) =>
  Effect.gen(function*() {
    const dataset = yield* Dataset.get(reference)
    const tables = yield* Table.list(reference).pipe(
      Stream.map((table) => `  ${table.name}: ${table.numRows ?? 0} rows`),
      Stream.runCollect
    )
    return [dataset.name, ...tables].join("\n")
  }).pipe(
    Effect.catchTag("NotFound", () => Effect.succeed(`${reference}: there is none, or this token may not see it`)),
    RedivisError.catchNetwork((error) => Effect.succeed(`${reference}: ${error.message}`))
  )

/** Four at a time; the client keeps within the rate limit by itself. */
export const overview = (references: ReadonlyArray<string>) => Effect.forEach(references, describe, { concurrency: 4 })

if (import.meta.main) {
  overview(process.argv.slice(2)).pipe(
    Effect.flatMap((texts) => Console.log(texts.join("\n"))),
    Effect.provide(NodeRedivis.layerConfig),
    NodeRuntime.runMain
  )
}
