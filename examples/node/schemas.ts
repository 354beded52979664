/**
 * Prints a TypeScript module with a schema for the rows of each table of a dataset.
 *
 * `node examples/node/schemas.ts demo.penguins > penguins.ts`, then
 * `Table.rows("demo.penguins.birds", { schema: Penguins.Birds })`
 */
import * as Dataset from "@effect-redivis/core/Dataset"
import { NodeRedivis } from "@effect-redivis/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"

const [reference = ""] = process.argv.slice(2)

Dataset.schemaSource(reference).pipe(
  Effect.flatMap(Console.log),
  Effect.provide(NodeRedivis.layerConfig),
  NodeRuntime.runMain
)
