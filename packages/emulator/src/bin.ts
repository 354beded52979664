#!/usr/bin/env node
/** The command: an emulator that runs until it is stopped. */
import { harmless } from "@effect-redivis/core/Contract"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { flags } from "./flags.ts"
import { Emulator, layer, type Options } from "./service.ts"

const serve = (options: Options) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator
    yield* Console.log(`effect-redivis-emulator serves ${emulator.baseUrl} with the token ${emulator.token}`)
    return yield* Effect.never
  }).pipe(Effect.provide(layer(options)))

const command = Command.make(
  "effect-redivis-emulator",
  flags,
  (options) =>
    serve(options).pipe(
      // what is the user's to put right needs no trace
      Effect.catch((failure) =>
        Effect.andThen(
          Console.error(harmless(failure.message)),
          Effect.sync(() => {
            process.exitCode = 1
          })
        )
      )
    )
).pipe(Command.withDescription("An emulator of the Redivis API"))

// what is kept is its owner's, whoever writes the file
process.umask(0o077)

command.pipe(
  Command.run({ version: "0.0.0" }),
  Effect.provide(NodeServices.layer),
  Effect.provideService(Logger.LogToStderr, true),
  NodeRuntime.runMain
)
