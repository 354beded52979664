/**
 * Reads through a row cache in files, as a process of its own.
 *
 * - `node rowCacheProcess.ts DIRECTORY TABLE` reads a table
 * - `… stall` stops in the middle of it, and waits
 * - `… move` reads it from another directory than the one it was started in
 * - `… churn BYTES` reads many selections of it by turns, within so many bytes
 */
import * as RowCache from "@effect-redivis/core/RowCache"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as NodeRowCache from "@effect-redivis/node/NodeRowCache"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Os from "node:os"

const [directory = "", table = "", mode, maxBytes] = process.argv.slice(2)

const stallsAfter = 50_000

const read = (options?: RowCache.RowsOptions) =>
  Effect.gen(function*() {
    let rows = 0
    let sum = 0
    yield* Stream.runForEach(RowCache.rows(table, options), (row) => {
      rows++
      sum += Number(row["n"])
      // what was read by then has blocks on the disk
      return mode === "stall" && rows === stallsAfter
        ? Effect.andThen(Console.log("stalled"), Effect.never)
        : Effect.void
    })
    return { rows, sum }
  })

/** Ten selections in an order in which each is now kept and now gone. */
const churn = Effect.gen(function*() {
  let right = 0
  for (let turn = 0; turn < 40; turn++) {
    const maxResults = 400 + (turn * turn) % 10
    const { rows, sum } = yield* read({ maxResults })
    if (rows === maxResults && sum === rows * (rows - 1) / 2) right++
  }
  yield* Console.log(`${right} of 40`)
})

const move = Effect.sync(() => process.chdir(Os.tmpdir()))

const program = mode === "churn"
  ? churn
  : Effect.flatMap(
    mode === "move" ? Effect.andThen(move, read()) : read(),
    ({ rows, sum }) => Console.log(`${rows} rows ${sum}`)
  )

program.pipe(
  Effect.provide(NodeRowCache.layer({ directory, maxBytes: maxBytes === undefined ? undefined : Number(maxBytes) })),
  Effect.provide(NodeRedivis.layerConfig),
  NodeRuntime.runMain
)
