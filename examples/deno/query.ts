/**
 * Runs SQL and prints its rows as JSON, with no permission but these:
 *
 * `deno run --allow-net=redivis.com --allow-env=REDIVIS_API_TOKEN,REDIVIS_API_ENDPOINT examples/deno/query.ts "select …"`
 */
import * as Query from "@effect-redivis/core/Query"
import { DenoRedivis } from "@effect-redivis/deno"
import { Console, Effect, Stream } from "effect"

declare const Deno: { readonly args: ReadonlyArray<string>; exitCode: number }

const program = Effect.gen(function*() {
  const query = yield* Query.run(Deno.args[0] ?? "select 1 as one", { deadline: "10 minutes" })
  yield* Stream.runForEach(Query.rows(query), (row) => Console.log(JSON.stringify(row)))
}).pipe(
  // the message says where the SQL is wrong
  Effect.catchTag("JobFailed", (error) =>
    Effect.andThen(
      Console.error(error.message),
      Effect.sync(() => {
        Deno.exitCode = 1
      })
    ))
)

await Effect.runPromise(Effect.provide(program, DenoRedivis.layerConfig))
