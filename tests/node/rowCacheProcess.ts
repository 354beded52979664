/** Reads a table through a row cache in files, as a process of its own: `node rowCacheProcess.ts DIRECTORY TABLE [stall]`. */
import * as RowCache from "@effect-redivis/core/RowCache"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as NodeRowCache from "@effect-redivis/node/NodeRowCache"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const [directory = "", table = "", mode] = process.argv.slice(2)

const stallsAfter = 50_000

const read = Effect.gen(function*() {
  let rows = 0
  let sum = 0
  yield* Stream.runForEach(RowCache.rows(table), (row) => {
    rows++
    sum += Number(row["n"])
    // what was read by then has blocks on the disk
    return mode === "stall" && rows === stallsAfter
      ? Effect.andThen(Console.log("stalled"), Effect.never)
      : Effect.void
  })
  yield* Console.log(`${rows} rows ${sum}`)
})

read.pipe(
  Effect.provide(NodeRowCache.layer({ directory })),
  Effect.provide(NodeRedivis.layerConfig),
  NodeRuntime.runMain
)
