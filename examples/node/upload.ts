/**
 * Makes a version of a dataset out of a file, and releases it.
 *
 * `node examples/node/upload.ts demo.penguins birds birds.csv`
 */
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Version from "@effect-redivis/core/Version"
import { NodeRedivis } from "@effect-redivis/node"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Layer, Path } from "effect"

const [dataset = "", name = "", file = ""] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const fileSystem = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { size } = yield* fileSystem.stat(file)

  // a dataset that was released has no next version until one is made
  yield* Version.get(dataset, "next").pipe(Effect.catchTag("NotFound", () => Version.create(dataset)))
  const table = `${dataset}:next.${name}`
  if (!(yield* Table.exists(table))) yield* Table.create(`${dataset}:next`, { name })

  const upload = yield* Upload.create(table, {
    name: path.basename(file),
    // read while it is sent, never whole in memory
    data: { stream: fileSystem.stream(file), size: Number(size) }
  })
  const version = yield* Version.release(dataset, { releaseNotes: `Rows of ${upload.name}` })
  yield* Console.log(`${version.tag}: ${upload.numRows} rows of ${upload.name} are in ${name}`)
})

program.pipe(
  Effect.provide(Layer.merge(NodeRedivis.layerConfig, NodeServices.layer)),
  NodeRuntime.runMain
)
