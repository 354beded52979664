/**
 * An edge function that answers `/demo.penguins.birds?rows=10` with rows as
 * JSON, and `/demo.penguins.birds?format=csv` with all of them as they come: the
 * bytes are handed on by the runtime, and a visitor who leaves ends the request
 * behind them. Only flat paths are imported: a bundler drops all that is not used.
 *
 * `esbuild examples/edge/worker.ts --bundle --format=esm --outfile=worker.js`
 */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

interface Environment {
  readonly REDIVIS_API_TOKEN: string
  readonly REDIVIS_API_ENDPOINT?: string
}

const rows = (reference: string, maxResults: number) =>
  Effect.map(Stream.runCollect(Table.rows(reference, { maxResults })), (rows) => Response.json(rows))

const answer = (url: URL) => {
  const reference = url.pathname.slice(1)
  const format = url.searchParams.get("format")
  return format === "csv" || format === "jsonl"
    ? Table.response(reference, { format })
    : rows(reference, Number(url.searchParams.get("rows") ?? 10))
}

export default {
  fetch: (request: Request, environment: Environment): Promise<Response> => {
    const redivis = Redivis.layerFetch({
      token: Redacted.make(environment.REDIVIS_API_TOKEN),
      endpoint: environment.REDIVIS_API_ENDPOINT
    })
    return answer(new URL(request.url)).pipe(
      Effect.catchTags({
        NotFound: () => Effect.succeed(Response.json({ error: "no such table" }, { status: 404 })),
        InvalidInput: (error) => Effect.succeed(Response.json({ error: error.message }, { status: 400 }))
      }),
      Effect.provide(redivis),
      (effect) => Effect.runPromise(effect, { signal: request.signal })
    )
  }
}
