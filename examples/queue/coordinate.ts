/**
 * Makes one session over a table and puts its streams into the queue, for as
 * many workers (`work.ts`) on as many machines as there are. They need a token
 * of the same account: only who made a session may read it. It lives for six
 * hours, so all of it has to be read by then.
 *
 * `DATABASE_URL=… node examples/queue/coordinate.ts demo.penguins.birds 8`
 */
import * as ReadSession from "@effect-redivis/core/ReadSession"
import { NodeRedivis } from "@effect-redivis/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { layer, streams } from "./streams.ts"

const [table = "", count = "8"] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const queue = yield* streams
  const session = yield* ReadSession.create({ table }, { streams: Number(count) })
  // by its id a stream is in the queue once, however often it is offered
  yield* Effect.forEach(session.streams, (stream) => queue.offer(stream, { id: stream.id }), { discard: true })
  yield* Console.log(`${session.numRows} rows in ${session.streams.length} streams`)
})

program.pipe(Effect.provide(Layer.merge(NodeRedivis.layerConfig, layer)), NodeRuntime.runMain)
