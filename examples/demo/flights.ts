/**
 * The data: 200,000 flights in the United States, by the Bureau of
 * Transportation Statistics, as the package `vega-datasets` brings them.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { makeTally, type Tally } from "./tally.ts"

const Flights = Schema.fromJsonString(Schema.Array(Schema.Struct({
  /** Of the arrival, in minutes. */
  delay: Schema.Int,
  /** In miles. */
  distance: Schema.Int,
  /** Of the departure, in hours. */
  time: Schema.Number
})))

export interface Source {
  readonly name: string
  readonly path: string
  readonly bytes: number
  /** What the file itself says, for all that comes later to be held against. */
  readonly tally: Tally
}

export const readSource: Effect.Effect<
  Source,
  Effect.Error<ReturnType<FileSystem.FileSystem["readFile"]>> | Schema.SchemaError,
  FileSystem.FileSystem | Path.Path
> = Effect.gen(function*() {
  const fileSystem = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const name = "flights-200k.json"
  const file = path.join(path.dirname(new URL(import.meta.resolve("vega-datasets")).pathname), "..", "data", name)
  const text = yield* fileSystem.readFileString(file)
  const tally = makeTally()
  for (const { delay, time } of yield* Schema.decodeEffect(Flights)(text)) tally.add(Math.floor(time), delay)
  return { name, path: file, bytes: Number((yield* fileSystem.stat(file)).size), tally }
})
