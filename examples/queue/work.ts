/**
 * Takes streams from the queue until it is stopped, and writes the rows of each
 * as lines of JSON.
 *
 * The queue delivers at least once: where a worker is killed, another gets its
 * stream. So rows are written under a temporary name, which becomes the
 * stream's id when all are there, and only then is the stream acknowledged. A
 * file that is named by an id is whole, whoever wrote it and however often.
 *
 * `DATABASE_URL=… node examples/queue/work.ts out`
 */
import * as ReadSession from "@effect-redivis/core/ReadSession"
import { NodeRedivis } from "@effect-redivis/node"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Layer, Path, Stream } from "effect"
import { layer, streams } from "./streams.ts"

const [directory = "out"] = process.argv.slice(2)

const toLines = (rows: ReadonlyArray<object>): Uint8Array =>
  new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(""))

const write = (descriptor: ReadSession.StreamDescriptor) =>
  Effect.scoped(Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    // beside the file that it becomes: renaming is one step within a file system alone
    const temporary = yield* fileSystem.makeTempFileScoped({ directory, prefix: `${descriptor.id}.part-` })
    const file = yield* fileSystem.open(temporary, { flag: "w" })
    let written = 0
    yield* ReadSession.readStream(descriptor).pipe(
      Stream.runForEachArray((rows) =>
        Effect.gen(function*() {
          yield* file.writeAll(toLines(rows))
          written += rows.length
          yield* Console.log(`${descriptor.id}: ${written} rows`)
        })
      )
    )
    yield* file.sync
    yield* fileSystem.rename(temporary, path.join(directory, descriptor.id))
  })).pipe(Effect.andThen(Console.log(`${descriptor.id}: whole`)))

const program = Effect.gen(function*() {
  const fileSystem = yield* FileSystem.FileSystem
  yield* fileSystem.makeDirectory(directory, { recursive: true })
  const queue = yield* streams
  yield* Effect.forever(
    queue.take(write).pipe(
      // the stream comes again, a little later; without its queue a worker has nothing to do
      Effect.catchIf((error) => error._tag !== "PersistedQueueError", (error) => Console.error(error.message))
    )
  )
})

program.pipe(
  Effect.provide(Layer.mergeAll(NodeRedivis.layerConfig, NodeServices.layer, layer)),
  NodeRuntime.runMain
)
