/** What a call fails with at an endpoint, and after how many retries, as one line of JSON: in any runtime. */
import * as Query from "@effect-redivis/core/Query"
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

/** Of a call that may be repeated, and of one that may not. */
export const lastingFailure = (layer: Layer.Layer<Redivis.Redivis, unknown>) =>
  Effect.gen(function*() {
    let retries = 0
    const failures: Array<object> = []
    const calls: ReadonlyArray<Effect.Effect<unknown, User.MeError | Query.CreateError, Redivis.Redivis>> = [
      User.me(),
      Query.create("select 1")
    ]
    for (const call of calls) {
      const failure = yield* Effect.flip(
        Retry.onRetry(call, () => Effect.sync(() => void retries++)).pipe(Retry.withPolicy({ baseDelay: 1 }))
      )
      const { advice, beforeSending, description, message, reason } = failure as Partial<
        Record<"advice" | "beforeSending" | "description" | "message" | "reason", unknown> // by its tag
      >
      failures.push({ tag: failure._tag, advice, beforeSending, description, message, reason })
    }
    return { retries, failures }
  }).pipe(Effect.provide(layer))

if (import.meta.main) {
  const [runtime, endpoint = ""] = process.argv.slice(2)
  const { layer } = runtime === "deno"
    ? await import("@effect-redivis/deno/DenoRedivis")
    : await import("@effect-redivis/node/NodeRedivis")
  console.log(JSON.stringify(await Effect.runPromise(lastingFailure(layer({ endpoint })))))
}
