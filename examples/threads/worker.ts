/** One thread: it has a client of its own, and counts the streams that it is given. */
import * as ReadSession from "@effect-redivis/core/ReadSession"
import { NodeRedivis } from "@effect-redivis/node"
import { NodeRuntime, NodeWorkerRunner } from "@effect/platform-node"
import { Effect, Layer, Stream } from "effect"
import { RpcServer } from "effect/rpc"
import { threadId } from "node:worker_threads"
import { StreamFailed, Tally } from "./tally.ts"

const handlers = Tally.toLayer({
  Count: (stream) =>
    ReadSession.readStream(stream).pipe(
      Stream.runFold(() => new Map<string, number>(), (counts, row) => {
        for (const value of Object.values(row)) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
        return counts
      }),
      Effect.map((counts) => ({ thread: threadId, values: [...counts] })),
      Effect.mapError((error) => new StreamFailed({ stream: stream.id, reason: error.message }))
    )
})

RpcServer.layer(Tally).pipe(
  Layer.provide(handlers),
  Layer.provide(NodeRedivis.layerConfig),
  Layer.provide(RpcServer.layerProtocolWorkerRunner),
  Layer.provide(NodeWorkerRunner.layer),
  Layer.launch,
  NodeRuntime.runMain
)
