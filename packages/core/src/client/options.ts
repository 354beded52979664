/** How a client is set up: the options, what is wrong with them, and what the environment says. */
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { InvalidInput } from "../contract/RedivisError.ts"
import { urlOf } from "./call/bounds.ts"
import type { Configuration } from "./call/configuration.ts"
import type { Fetch } from "./call/fetch.ts"
import type { Defaults } from "./Client.ts"
import * as Credentials from "./Credentials.ts"
import type { Platform } from "./Platform.ts"

/**
 * Where the service is.
 *
 * @category configuration
 * @since 0.1.0
 */
export const defaultEndpoint = "https://redivis.com/api/v1"

/**
 * How a client is set up.
 *
 * @category configuration
 * @since 0.1.0
 */
export interface Options {
  /** Where the token comes from, asked for each request. Not beside `token`. */
  readonly credentials?: Credentials.Source | undefined
  /**
   * One token that stays. Without it, or with an empty one, calls are anonymous:
   * the service then gives rows of public tables of up to 100 MB (`Table.csv`,
   * `Table.ndjson`, `Table.arrow`), and answers anything else `Unauthorized`.
   */
  readonly token?: Redacted.Redacted<string> | undefined
  /**
   * The base URL, `/api/v1` included.
   *
   * @default "https://redivis.com/api/v1"
   */
  readonly endpoint?: string | undefined
  /**
   * How long a JSON or text answer may take from the request to its last byte,
   * and any other answer to its headers.
   *
   * @default 120 seconds
   */
  readonly timeout?: Duration.Input | undefined
  /**
   * How long a consumer waits for the next bytes of a body before it is given
   * up. A slow consumer never times out.
   *
   * @default 60 seconds
   */
  readonly idleTimeout?: Duration.Input | undefined
  /**
   * The most requests that wait for an answer at a time. Answers that are being
   * read as bytes or rows are not counted.
   *
   * @default 32
   */
  readonly maxConcurrent?: number | undefined
  /**
   * The longest JSON or text answer that is read, in bytes, after inflation. A
   * longer one is a `DecodeError`, and its connection is closed.
   *
   * @default 64 MiB
   */
  readonly maxAnswerBytes?: number | undefined
  /**
   * `lenient` hands on an answer whose single values do not fit its schema, with
   * a warning. Where an object or a list is missing or another thing stands in
   * its place, and in what decides or compares by several answers (`Publish`,
   * `Lock`, `Metadata`, `Version.diff`, `Dataset.pin`, schema sources), it stays
   * a `DecodeError`.
   *
   * @default "strict"
   */
  readonly decoding?: "strict" | "lenient" | undefined
  /** Origins of storage that get the token too, as `https://storage.example.org`. */
  readonly trustedStorageOrigins?: ReadonlyArray<string> | undefined
  readonly defaults?: Defaults | undefined
  /** `debug` prints one line a request, without secrets. */
  readonly log?: "debug" | undefined
}

/**
 * What a client over `fetch` takes beside {@link Options}.
 *
 * @category configuration
 * @since 0.1.0
 */
export interface FetchOptions extends Options {
  /**
   * Another `fetch` than the runtime's own.
   *
   * @default globalThis.fetch
   */
  readonly fetch?: Fetch | undefined
}

const invalid = (field: string, reason: string): InvalidInput => new InvalidInput({ field, reason })

const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host)

/** What is wrong with the base URL. */
const endpointProblem = (url: URL | undefined): string | undefined =>
  url === undefined || !/^https?:$/.test(url.protocol)
    ? "is no URL with https:// or http:// at its start, as https://redivis.com/api/v1"
    : url.username !== "" || url.password !== ""
    ? "contains credentials; pass them as token"
    : url.search !== "" || url.hash !== ""
    ? "has a query or a fragment; it is the base that paths are appended to"
    : undefined

/** Bytes of a text that every runtime can hold. */
const longestText = 500_000_000

/** The options, checked and complete. */
export const configure = Effect.fnUntraced(function*(
  options: Options,
  platform: Platform
): Effect.fn.Return<Configuration, InvalidInput> {
  const { credentials, defaults, token, trustedStorageOrigins } = options
  const need = (holds: boolean, field: string, reason: string): Effect.Effect<void, InvalidInput> =>
    holds ? Effect.void : Effect.fail(invalid(field, reason))
  yield* need(
    credentials === undefined || token === undefined,
    "credentials",
    "stands beside token; give one of the two"
  )
  yield* need(
    defaults?.user === undefined || defaults.organization === undefined,
    "defaults",
    "names a user and an organization; an owner is one of the two"
  )
  const count = (field: "maxConcurrent" | "maxAnswerBytes", otherwise: number) => {
    const value = options[field] ?? otherwise
    const isCount = Number.isInteger(value) && value > 0 && value <= longestText
    return Effect.as(need(isCount, field, `must be a whole number from 1 to ${longestText}`), value)
  }
  const positive = (field: "timeout" | "idleTimeout", otherwise: number) => {
    const millis = Result.getOrElse(Result.try(() => Duration.toMillis(options[field] ?? otherwise)), () => 0)
    return Effect.as(need(millis > 0, field, "must be a duration above zero, as \"30 seconds\""), millis)
  }
  const header = Credentials.authorization(token)
  if (typeof header === "object") return yield* header
  const url = urlOf(options.endpoint ?? defaultEndpoint)
  const wrong = endpointProblem(url)
  if (url === undefined || wrong !== undefined) return yield* invalid("endpoint", wrong ?? "")
  const trusted: Array<string> = []
  for (const text of trustedStorageOrigins ?? []) {
    const origin = urlOf(text)
    if (origin === undefined || (origin.protocol !== "https:" && !isLoopback(origin.hostname))) {
      return yield* invalid("trustedStorageOrigins", `has an item that is no https origin: ${text}`)
    }
    trusted.push(origin.origin)
  }
  return {
    endpoint: url.href.replace(/(?<!\/)\/+$/, ""),
    origin: url.origin,
    credentials: credentials ?? (token === undefined ? Credentials.anonymous : Credentials.fromToken(token)),
    timeout: yield* positive("timeout", 120_000),
    idleTimeout: yield* positive("idleTimeout", 60_000),
    maxConcurrent: yield* count("maxConcurrent", 32),
    maxAnswerBytes: yield* count("maxAnswerBytes", 67_108_864),
    lenient: options.decoding === "lenient",
    trustedStorageOrigins: trusted,
    debug: options.log === "debug",
    platform
  }
})

/** An unset or empty variable is the same. */
const variable = (name: string): Config.Config<string | undefined> =>
  Config.String(name).pipe(
    Config.option,
    Config.map((value) => Option.isSome(value) && value.value !== "" ? value.value : undefined)
  )

/**
 * The options that the environment gives: `REDIVIS_API_TOKEN`,
 * `REDIVIS_API_ENDPOINT`, `REDIVIS_DEFAULT_USER`, `REDIVIS_DEFAULT_ORGANIZATION`,
 * `REDIVIS_DEFAULT_DATASET`, `REDIVIS_DEFAULT_WORKFLOW`, `REDIVIS_LOG=debug`. An
 * empty variable is an unset one.
 *
 * @category configuration
 * @since 0.1.0
 */
export const options: Config.Config<Options> = /*#__PURE__*/ Config.map(
  Config.all({
    token: Config.option(Config.Redacted("REDIVIS_API_TOKEN")),
    endpoint: variable("REDIVIS_API_ENDPOINT"),
    user: variable("REDIVIS_DEFAULT_USER"),
    organization: variable("REDIVIS_DEFAULT_ORGANIZATION"),
    dataset: variable("REDIVIS_DEFAULT_DATASET"),
    workflow: variable("REDIVIS_DEFAULT_WORKFLOW"),
    log: variable("REDIVIS_LOG")
  }),
  ({ dataset, endpoint, log, organization, token, user, workflow }) => ({
    token: Option.getOrUndefined(token),
    endpoint,
    defaults: { user, organization, dataset, workflow },
    log: log === "debug" ? "debug" as const : undefined
  })
)
