/** An edge function that reads the rows of a table. */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

export default {
  fetch: (_request: Request, env: { readonly REDIVIS_API_TOKEN: string }): Promise<Response> =>
    Table.rows("demo.penguins.birds").pipe(
      Stream.runCollect,
      Effect.map((rows) => Response.json(rows)),
      Effect.provide(Redivis.layerFetch({ token: Redacted.make(env.REDIVIS_API_TOKEN) })),
      Effect.runPromise
    )
}
