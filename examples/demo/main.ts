/**
 * The main job on real data: `pnpm demo`, or `pnpm demo --live` with a token in
 * REDIVIS_API_TOKEN.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Prompt from "effect/cli/Prompt"
import { TerminalCapabilities } from "effect/cli/TerminalCapabilities"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { journey } from "./journey.ts"
import { emulator, live } from "./place.ts"

class NobodyToAsk extends Data.TaggedError("NobodyToAsk")<{}> {
  override get message(): string {
    return "--live asks before it makes anything: run it in a terminal."
  }
}

const ask = (plan: string) =>
  Effect.gen(function*() {
    yield* Console.log(plan)
    const { canPrompt } = yield* TerminalCapabilities
    return canPrompt ? yield* Prompt.Confirm({ message: "Go on?" }) : yield* new NobodyToAsk()
  })

const command = Command.make("demo", {
  live: Flag.Boolean("live").pipe(
    Flag.withDescription("Work on the live service, with the token in REDIVIS_API_TOKEN; asks first"),
    Flag.withDefault(false)
  ),
  out: Flag.String("out").pipe(
    Flag.withDescription("The folder that flights.csv is written to"),
    Flag.withDefault(join(tmpdir(), "effect-redivis-demo"))
  )
}, ({ live: isLive, out }) =>
  Effect.gen(function*() {
    if (isLive) yield* journey({ directory: out, confirm: ask }).pipe(Effect.provide(live))
    else yield* journey({ directory: out, confirm: () => Effect.succeed(true) }).pipe(Effect.provide(emulator))
  }).pipe(
    // what a person can put right needs no trace
    Effect.catch((failure) =>
      Effect.andThen(
        Console.error(failure._tag === "QuitError" ? "Nothing was made." : failure.message),
        Effect.sync(() => {
          process.exitCode = 1
        })
      )
    )
  )).pipe(
    Command.withDescription("Uploads, releases, queries, reads and charts 200,000 flights, in an emulator of Redivis")
  )

command.pipe(
  Command.run({ version: "0.0.0" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
