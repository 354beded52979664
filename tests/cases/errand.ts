/** What is done beside a case: see `Errand`. */
import type { Options, Redivis } from "@effect-redivis/core/Redivis"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { Errand } from "./Case.ts"

/** Runs an errand from a root fiber of its own, with a client of its own. */
export const runErrandWith =
  (layer: (options: Options) => Layer.Layer<Redivis, unknown>) =>
  ({ calls, endpoint, maxConcurrent, token }: Errand): Promise<number> =>
    Effect.runPromise(
      Effect.forEach(Array.from({ length: calls }), () => User.me(), { concurrency: "unbounded" }).pipe(
        Effect.map((users) => users.length),
        Effect.provide(layer({ endpoint, maxConcurrent, token: Redacted.make(token) }))
      )
    )
