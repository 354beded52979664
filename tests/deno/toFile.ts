/** Writes a table into a file: the reference, the path, the format. */
import * as DenoFiles from "@effect-redivis/deno/DenoFiles"
import * as DenoRedivis from "@effect-redivis/deno/DenoRedivis"
import * as Effect from "effect/Effect"

declare const Deno: { readonly args: ReadonlyArray<string> }

const [table = "", path = "", format = ""] = Deno.args

await DenoFiles.toFile(table, path, { format: format as "csv" }).pipe(
  Effect.match({
    onFailure: (error) => console.log(error._tag, error._tag === "PlatformError" ? error.reason._tag : error.message),
    onSuccess: () => console.log("written")
  }),
  Effect.provide(DenoRedivis.layerConfig),
  Effect.runPromise
)
