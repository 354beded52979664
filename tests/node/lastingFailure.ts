/** What calls fail with at endpoints, and after how many retries, as lines of JSON: in any runtime. */
import * as Query from "@effect-redivis/core/Query"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as User from "@effect-redivis/core/User"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

/** Of a call that may be repeated, and of one that may not. */
const lastingFailure = (layer: Layer.Layer<Redivis.Redivis, unknown>, limit: Duration.Input) =>
  Effect.gen(function*() {
    const failures: Array<object> = []
    const calls: ReadonlyArray<Effect.Effect<unknown, User.MeError | Query.CreateError, Redivis.Redivis>> = [
      User.me(),
      Query.create("select 1")
    ]
    for (const call of calls) {
      let retries = 0
      const failure = yield* Effect.flip(
        Retry.onRetry(call, () => Effect.sync(() => void retries++)).pipe(
          Retry.withPolicy({ baseDelay: 1 }),
          Redivis.withTimeout(limit)
        )
      )
      const { advice, beforeSending, description, message, reason } = failure as Partial<
        Record<"advice" | "beforeSending" | "description" | "message" | "reason", unknown> // by its tag
      >
      failures.push({ tag: failure._tag, advice, beforeSending, description, message, reason, retries })
    }
    return { failures }
  }).pipe(Effect.provide(layer))

/** A mistake in a program, as a `fetch` or a dispatcher of its own may make it. */
const mistaken = (): never => {
  const stream: { readonly pipe?: () => void } = {}
  return stream.pipe!() as never // undefined, whatever its type says
}

type Make = (endpoint: string) => Layer.Layer<Redivis.Redivis, unknown>

/** A client of the runtime's own package, or over another way to send. */
const layerFor = async (way: string): Promise<Make> => {
  switch (way) {
    case "core":
      return (endpoint) => Redivis.layerFetch({ endpoint })
    case "deno": {
      const { layer } = await import("@effect-redivis/deno/DenoRedivis")
      return (endpoint) => layer({ endpoint })
    }
    case "fetch": {
      const { layer } = await import("@effect-redivis/node/NodeRedivis")
      return (endpoint) => layer({ endpoint, fetch: (url, init) => globalThis.fetch(url, init) })
    }
    case "over": {
      const { layerOver } = await import("@effect-redivis/node/NodeRedivis")
      const { layerUndici } = await import("@effect/platform-node/NodeHttpClient")
      return (endpoint) => Layer.provide(layerOver({ endpoint }), layerUndici)
    }
    default: {
      const { layer } = await import("@effect-redivis/node/NodeRedivis")
      return (endpoint) => layer({ endpoint })
    }
  }
}

/** A client over what makes a mistake. */
const mistakenFor = async (way: string, layer: Make) => {
  globalThis.fetch = mistaken
  if (way !== "over" && (way !== "node" || "bun" in process.versions)) return layer("http://127.0.0.1/api/v1")
  const { layerOver, ...NodeRedivis } = await import("@effect-redivis/node/NodeRedivis")
  return way === "over"
    ? Layer.provide(layerOver({}), FetchHttpClient.layer)
    : NodeRedivis.layer({ dispatcher: { dispatch: mistaken } })
}

if (import.meta.main) {
  const [way = "", ...endpoints] = process.argv.slice(2)
  const layer = await layerFor(way)
  for (const one of endpoints) {
    const [endpoint = "", limit = "10000"] = one.split("#")
    const client = endpoint === "mistake:" ? await mistakenFor(way, layer) : layer(`${endpoint}/api/v1`)
    console.log(JSON.stringify(await Effect.runPromise(lastingFailure(client, Number(limit)))))
  }
}
