/** Where the demo runs: an emulator of its own, or the live service. */
import { NodeRedivis } from "@effect-redivis/node"
import * as Config from "effect/Config"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { seconds } from "./quantities.ts"
import { step } from "./step.ts"

export class TokenMissing extends Data.TaggedError("TokenMissing")<{}> {
  override get message(): string {
    return "--live works on the account of a token: set REDIVIS_API_TOKEN to one with the scope data.edit, " +
      "or leave --live away to use the emulator."
  }
}

/** The layer stops it with its scope. DuckDB is loaded here and not where the demo is live. */
export const emulator = Layer.unwrap(Effect.gen(function*() {
  const started = Effect.gen(function*() {
    const { Emulator } = yield* Effect.promise(() => import("@effect-redivis/emulator"))
    return yield* Emulator.make()
  })
  const [duration, { baseUrl, token }] = yield* Effect.timed(started)
  yield* step("Emulator", `${baseUrl}, started in ${seconds(duration)}`)
  return NodeRedivis.layer({ endpoint: baseUrl, token: Redacted.make(token) })
}))

export const live = Layer.unwrap(Effect.gen(function*() {
  const token = yield* Config.option(Config.Redacted("REDIVIS_API_TOKEN"))
  if (Option.isNone(token) || Redacted.value(token.value) === "") return yield* new TokenMissing()
  return NodeRedivis.layerConfig
}))
