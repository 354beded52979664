/**
 * Counts the values of a variable in several threads: each is given descriptors
 * of streams and reads them with a client of its own, so that decoding takes
 * all cores.
 *
 * `node examples/threads/main.ts demo.penguins.birds species 4`
 */
import * as ReadSession from "@effect-redivis/core/ReadSession"
import { NodeRedivis } from "@effect-redivis/node"
import { NodeRuntime, NodeWorker } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { RpcClient } from "effect/rpc"
import { Worker } from "node:worker_threads"
import { Tally } from "./tally.ts"

const [table = "", variable = "", count = "4"] = process.argv.slice(2)
const threads = Number(count)

const program = Effect.gen(function*() {
  // more streams than threads: who is done early takes another
  const session = yield* ReadSession.create({ table }, { variables: [variable], streams: 2 * threads })
  const client = yield* RpcClient.make(Tally)
  const tallies = yield* Effect.forEach(session.streams, (stream) => client.Count(stream), { concurrency: "unbounded" })

  const sums = new Map<string, number>()
  for (const [value, times] of tallies.flatMap(({ values }) => values)) sums.set(value, (sums.get(value) ?? 0) + times)
  const used = new Set(tallies.map(({ thread }) => thread)).size
  const counted = [...sums.values()].reduce((sum, times) => sum + times, 0)
  yield* Console.log(
    `${counted} of ${session.numRows} rows in ${session.streams.length} streams, counted by ${used} threads`
  )
  for (const [value, times] of sums) yield* Console.log(`${value}: ${times}`)
})

const workers = RpcClient.layerProtocolWorker({ size: threads }).pipe(
  Layer.provide(NodeWorker.layer(() => new Worker(new URL("./worker.ts", import.meta.url))))
)

program.pipe(
  Effect.scoped,
  Effect.provide(Layer.merge(NodeRedivis.layerConfig, workers)),
  NodeRuntime.runMain
)
