/**
 * Counts the rows of a table by the values of one of its variables. The rows
 * are kept in a directory: the next run sends one small request.
 *
 * `node examples/node/cached.ts demo.penguins.birds species .redivis-rows`
 */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as RowCache from "@effect-redivis/core/RowCache"
import { NodeRedivis, NodeRowCache } from "@effect-redivis/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"

const [table = "", variable = "", directory = ".redivis-rows"] = process.argv.slice(2)

const counts = RowCache.rows(table, { variables: [variable] }).pipe(
  Stream.runFold(() => new Map<string, number>(), (counts, row) => {
    const [value] = Object.values(row)
    return counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
  })
)

const program = Effect.gen(function*() {
  const { responses, value } = yield* Redivis.withResponse(counts)
  for (const [name, count] of value) yield* Console.log(`${name}: ${count}`)
  yield* Console.log(`${responses.length} requests`)
})

program.pipe(
  Effect.provide([NodeRedivis.layerConfig, NodeRowCache.layer({ directory })]),
  NodeRuntime.runMain
)
