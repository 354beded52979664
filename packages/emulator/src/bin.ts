#!/usr/bin/env node
/** The command: an emulator that runs until it is stopped. */
import { harmless } from "@effect-redivis/core/Contract"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import { Emulator, layer, type Options } from "./service.ts"

const port = (name: string) =>
  Flag.Int(name).pipe(
    Flag.filter((value) => value >= 0 && value <= 65_535, (value) => `${value} is no port: 0 to 65535`),
    Flag.withDefault(0)
  )

const flags = {
  port: port("port").pipe(Flag.withDescription("The port of the API; 0 is any free one")),
  storagePort: port("storage-port").pipe(
    Flag.withDescription("The port that files are uploaded to; 0 is any free one")
  ),
  host: Flag.String("host").pipe(
    Flag.withDescription("The address to listen at"),
    Flag.withDefault("127.0.0.1")
  ),
  allowHosts: Flag.String("allow-host").pipe(
    Flag.withDescription(
      "A name by which requests may reach it, as `emulator` in a network of containers; may be given several times"
    ),
    Flag.atLeast(0)
  ),
  controlOrigins: Flag.String("control-origin").pipe(
    Flag.withDescription(
      "The origin of pages that may steer it, as `http://localhost:5173` for tests; may be given several times"
    ),
    Flag.atLeast(0)
  ),
  data: Flag.String("data").pipe(
    Flag.withDescription("The folder in which everything is kept; in memory without it"),
    Flag.optional
  ),
  seed: Flag.String("seed").pipe(
    Flag.withDescription("A JSON file of accounts, tokens, datasets and the rest to start with"),
    Flag.optional
  ),
  token: Flag.String("token").pipe(
    Flag.withDescription("The token of the user `researcher`, who may do everything; random without it"),
    Flag.optional
  ),
  tokens: Flag.String("tokens").pipe(
    Flag.withDescription("A JSON file of further tokens: [{ \"text\", \"user\", \"scopes\", \"expiresAt\" }, …]"),
    Flag.optional
  ),
  rateLimit: Flag.Int("rate-limit").pipe(
    Flag.withDescription("Requests a minute"),
    Flag.filter((value) => value >= 1, (value) => `${value} is no limit: 1 or more`),
    Flag.withDefault(1000)
  ),
  rateLimitHeaders: Flag.Literals("rate-limit-headers", ["milliseconds", "seconds"]).pipe(
    Flag.withDescription("How the rate limit's points in time are told: as documented, or in seconds as recorded"),
    Flag.withDefault("milliseconds")
  ),
  concurrencyLimit: Flag.Int("concurrency-limit").pipe(
    Flag.withDescription("Requests of a token that are answered at a time, more being refused; no limit without it"),
    Flag.filter((value) => value >= 1, (value) => `${value} is no limit: 1 or more`),
    Flag.optional
  ),
  queryTimeout: Flag.Int("query-timeout").pipe(
    Flag.withDescription("Seconds that a query may run before it fails"),
    Flag.filter((value) => value >= 1, (value) => `${value} is no limit: 1 or more`),
    Flag.withDefault(600)
  ),
  strictReferences: Flag.Boolean("strict-references").pipe(
    Flag.withDescription("Refuse references of which a part is not known, in place of ignoring it as the service does"),
    Flag.withDefault(false)
  ),
  anonymousAccess: Flag.Literals("anonymous-access", ["rows", "public"]).pipe(
    Flag.withDescription(
      "What is answered without a token: rows of public tables alone, as the service does it, or whatever is public"
    ),
    Flag.withDefault("rows")
  ),
  exposeHeaders: Flag.Boolean("expose-headers").pipe(
    Flag.withDescription("Lets pages read the headers that the service hides from them"),
    Flag.withDefault(false)
  )
}

const serve = (options: Options) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator
    yield* Console.log(`effect-redivis-emulator serves ${emulator.baseUrl} with the token ${emulator.token}`)
    return yield* Effect.never
  }).pipe(Effect.provide(layer(options)))

const command = Command.make(
  "effect-redivis-emulator",
  flags,
  ({ concurrencyLimit, data, queryTimeout, seed, token, tokens, ...options }) =>
    serve({
      ...options,
      concurrencyLimit: Option.getOrUndefined(concurrencyLimit),
      queryTimeout: Duration.seconds(queryTimeout),
      data: Option.getOrUndefined(data),
      seed: Option.getOrUndefined(seed),
      token: Option.getOrUndefined(token),
      tokens: Option.getOrUndefined(tokens)
    }).pipe(
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
