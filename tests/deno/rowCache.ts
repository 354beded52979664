/** Reads a table through a row cache in a directory: `deno run … tests/deno/rowCache.ts DIRECTORY TABLE`. */
import * as RowCache from "@effect-redivis/core/RowCache"
import * as DenoRedivis from "@effect-redivis/deno/DenoRedivis"
import * as DenoRowCache from "@effect-redivis/deno/DenoRowCache"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

declare const Deno: { readonly args: ReadonlyArray<string> }

const [directory = "", table = ""] = Deno.args

await RowCache.rows(table).pipe(
  Stream.runFold(() => 0, (sum, row) => sum + Number(row["n"])),
  Effect.provide(DenoRowCache.layer({ directory })),
  Effect.match({
    onFailure: (error) => console.log(error._tag),
    onSuccess: (sum) => console.log(sum)
  }),
  Effect.provide(DenoRedivis.layerConfig),
  Effect.runPromise
)
