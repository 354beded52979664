/** Writes a table into a file: the reference, the path, the format. */
import * as NodeFiles from "@effect-redivis/node/NodeFiles"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

const [table = "", path = "", format = ""] = process.argv.slice(2)

await NodeFiles.toFile(table, path, { format: format as "csv" }).pipe(
  Effect.matchEffect({
    onFailure: (error) => Console.log(error._tag, error._tag === "PlatformError" ? error.reason._tag : error.message),
    onSuccess: () => Console.log("written")
  }),
  Effect.provide(NodeRedivis.layerConfig),
  Effect.runPromise
)
