/** An edge function that asks for one dataset. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

export default {
  fetch: (_request: Request, env: { readonly REDIVIS_API_TOKEN: string }): Promise<Response> =>
    Dataset.get("demo.penguins").pipe(
      Effect.map((dataset) => Response.json({ name: dataset.name })),
      Effect.provide(Redivis.layerFetch({ token: Redacted.make(env.REDIVIS_API_TOKEN) })),
      Effect.runPromise
    )
}
