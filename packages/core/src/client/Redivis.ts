/**
 * The client: its configuration, its layers, and what changes the calls of a
 * region.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import type * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Operation from "../contract/Operation.ts"
import { type Common, InvalidInput } from "../contract/RedivisError.ts"
import * as Credentials from "./Credentials.ts"
import type { Sending } from "./call/attempt.ts"
import type { Configuration } from "./call/configuration.ts"
import { CurrentPlatform, type Platform } from "./Platform.ts"
import { type Bytes, makeExecutor } from "./call/execute.ts"
import { type Fetch, fetchTransport } from "./call/fetch.ts"
import { freeRequest, type RequestError, type RequestOptions } from "./freeRequest.ts"
import { httpClientTransport } from "./call/httpClient.ts"
import type { Transport } from "./call/transport.ts"
import { CurrentWarnings } from "./Warnings.ts"
import * as RateLimit from "./RateLimit.ts"
import { CurrentHeaders, CurrentRecorder, CurrentTimeout, type Exchange, type Recorder } from "./region.ts"

export type { RequestError, RequestOptions } from "./freeRequest.ts"
export type { Exchange, ExchangeAttempt, Recorder } from "./region.ts"

/**
 * Where the service is.
 *
 * @category configuration
 * @since 0.1.0
 */
export const defaultEndpoint = "https://redivis.com/api/v1"

/**
 * Completes references that name less than all: with a default owner,
 * `penguins` is a dataset; with a default dataset, `birds` is a table.
 *
 * @category configuration
 * @since 0.1.0
 */
export interface Defaults {
  readonly user?: string | undefined
  readonly organization?: string | undefined
  readonly dataset?: string | undefined
  readonly workflow?: string | undefined
}

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
   * The most requests at a time.
   *
   * @default 32
   */
  readonly maxConcurrent?: number | undefined
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
 * The client that every function of the library asks for. Programs provide it
 * by a layer and do not call it themselves.
 *
 * @category services
 * @since 0.1.0
 */
export class Redivis extends Context.Service<Redivis, {
  /** The base URL, without a slash at its end. */
  readonly endpoint: string
  /** What completes scoped references. */
  readonly defaults: Defaults
  /** What the calls share; for the library's own modules. */
  readonly sending: Sending
  /** Sends one operation and gives its decoded answer. */
  readonly execute: <Op extends Operation.Any>(
    operation: Op,
    input: Operation.Input<Op>
  ) => Effect.Effect<Operation.Success<Op>, Common | Operation.Failure<Op>>
  /** Sends one operation and gives its answer's bytes to be pulled, until the scope closes. */
  readonly open: <Op extends Operation.Any>(
    operation: Op,
    input: Operation.Input<Op>
  ) => Effect.Effect<Bytes, Common | Operation.Failure<Op>, Scope.Scope>
}>()("@effect-redivis/core/Redivis") {}

const invalid = (field: string, reason: string): InvalidInput => new InvalidInput({ field, reason })

const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host)

/** The base URL without a slash at its end, or why it is none. */
const parseEndpoint = (endpoint: string): Effect.Effect<URL, InvalidInput> => {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    return Effect.fail(
      invalid("endpoint", "is no URL with https:// or http:// at its start, as https://redivis.com/api/v1")
    )
  }
  if (url.username !== "" || url.password !== "") {
    return Effect.fail(invalid("endpoint", "contains credentials; pass them as token"))
  }
  if (url.search !== "" || url.hash !== "") {
    return Effect.fail(invalid("endpoint", "has a query or a fragment; it is the base that paths are appended to"))
  }
  return Effect.succeed(url)
}

const positive = (
  field: string,
  input: Duration.Input | undefined,
  otherwise: number
): Effect.Effect<number, InvalidInput> => {
  if (input === undefined) return Effect.succeed(otherwise)
  const duration = Duration.fromInput(input)
  return Option.isSome(duration) && Duration.toMillis(duration.value) > 0
    ? Effect.succeed(Duration.toMillis(duration.value))
    : Effect.fail(invalid(field, "must be a duration above zero, as \"30 seconds\""))
}

const configure = Effect.fnUntraced(function*(
  options: Options,
  platform: Platform
): Effect.fn.Return<Configuration, InvalidInput> {
  if (options.credentials !== undefined && options.token !== undefined) {
    return yield* invalid("credentials", "stands beside token; give one of the two")
  }
  if (options.defaults?.user !== undefined && options.defaults.organization !== undefined) {
    return yield* invalid("defaults", "names a user and an organization; an owner is one of the two")
  }
  const maxConcurrent = options.maxConcurrent ?? 32
  if (!Number.isInteger(maxConcurrent) || maxConcurrent < 1) {
    return yield* invalid("maxConcurrent", "must be a whole number from 1 on")
  }
  if (options.token !== undefined) {
    const token = yield* Credentials.fromToken(options.token).pipe(
      Effect.mapError((error) => invalid("token", error.message))
    )
    const header = token === undefined ? undefined : Credentials.authorization(token)
    if (typeof header === "object") return yield* header
  }
  const endpoint = yield* parseEndpoint(options.endpoint ?? defaultEndpoint)
  const trusted: Array<string> = []
  for (const origin of options.trustedStorageOrigins ?? []) {
    const url = URL.canParse(origin) ? new URL(origin) : undefined
    if (url === undefined || (url.protocol !== "https:" && !isLoopback(url.hostname))) {
      return yield* invalid("trustedStorageOrigins", `has an item that is no https origin: ${origin}`)
    }
    trusted.push(url.origin)
  }
  return {
    endpoint: endpoint.href.replace(/(?<!\/)\/+$/, ""),
    origin: endpoint.origin,
    credentials: options.credentials ??
      (options.token === undefined ? Credentials.anonymous : Credentials.fromToken(options.token)),
    account: options.token ?? options.credentials,
    timeout: yield* positive("timeout", options.timeout, 120_000),
    idleTimeout: yield* positive("idleTimeout", options.idleTimeout, 60_000),
    maxConcurrent,
    lenient: options.decoding === "lenient",
    trustedStorageOrigins: trusted,
    debug: options.log === "debug",
    platform
  }
})

const makeOver = Effect.fnUntraced(function*(
  options: Options,
  transport: Transport
): Effect.fn.Return<Redivis["Service"], InvalidInput> {
  const platform = yield* CurrentPlatform
  const configuration = yield* configure(options, platform)
  const budgets = yield* RateLimit.CurrentBudgets
  const { endpoint, maxConcurrent } = configuration
  const budget = budgets.budgetFor(endpoint, configuration.account, { maxConcurrent })
  const sending: Sending = { configuration, transport, budget }
  const executor = makeExecutor(sending)
  return Redivis.of({
    endpoint,
    defaults: options.defaults ?? {},
    sending,
    // the executor holds every input and answer to the operation's own schemas and statuses
    execute: executor.execute as Redivis["Service"]["execute"],
    open: executor.open as Redivis["Service"]["open"]
  })
})

/**
 * Builds a client over the `HttpClient` that is provided.
 *
 * **Failures**
 *
 * - `InvalidInput`: an option cannot be meant so; it is named
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Effect.Effect<Redivis["Service"], InvalidInput, HttpClient.HttpClient> =>
  Effect.flatMap(HttpClient.HttpClient, (client) => makeOver(options, httpClientTransport(client)))

/** The client until the layer closes, with a last word of who takes its warnings. */
const toLayer = <E, R>(client: Effect.Effect<Redivis["Service"], E, R>) =>
  Layer.effect(
    Redivis,
    Effect.flatMap(Effect.scope, (scope) =>
      Effect.flatMap(CurrentWarnings, ({ close }) =>
        close === undefined ? client : Effect.andThen(Scope.addFinalizer(scope, close), client)))
  )

/**
 * A client over the `HttpClient` that is provided.
 *
 * **Example** (Over fetch)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as FetchHttpClient from "effect/http/FetchHttpClient"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * const live = Redivis.layer({ token: Redacted.make("a token") }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Redivis, InvalidInput, HttpClient.HttpClient> =>
  toLayer(make(options))

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

/**
 * A client over the `HttpClient` that is provided, set up by the environment:
 * see {@link options}.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<Redivis, Config.ConfigError | InvalidInput, HttpClient.HttpClient> =
  /*#__PURE__*/ toLayer(/*#__PURE__*/ Effect.flatMap(options, make))

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

const makeFetch = (options: FetchOptions): Effect.Effect<Redivis["Service"], InvalidInput> =>
  makeOver(options, fetchTransport(options.fetch ?? ((url, init) => globalThis.fetch(url, init))))

/**
 * A client over the runtime's own `fetch`, complete.
 *
 * **Example** (In an edge function)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const name = (token: string) =>
 *   Dataset.get("demo.penguins").pipe(
 *     Effect.map((dataset) => dataset.name),
 *     Effect.provide(Redivis.layerFetch({ token: Redacted.make(token) }))
 *   )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFetch = (options: FetchOptions): Layer.Layer<Redivis, InvalidInput> => toLayer(makeFetch(options))

/**
 * A client over the runtime's own `fetch`, complete, set up by the environment:
 * see {@link options}.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFetchConfig: Layer.Layer<Redivis, Config.ConfigError | InvalidInput> = /*#__PURE__*/ toLayer(
  /*#__PURE__*/ Effect.flatMap(options, makeFetch)
)

/**
 * The handlers of a client without a server, by the names of operations.
 *
 * @category testing
 * @since 0.1.0
 */
export type MockHandlers = {
  readonly [operation: string]: (input: never) => Effect.Effect<unknown, unknown> | Stream.Stream<Uint8Array, unknown>
}

/**
 * A client for unit tests of your own code: each operation is answered by the
 * handler of its name. An operation without a handler is a defect that names it.
 *
 * **Example** (A dataset that is not there)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Effect from "effect/Effect"
 *
 * const mock = Redivis.layerMock({
 *   "users.me": () => Effect.succeed({ name: "researcher" })
 * })
 * ```
 *
 * @category testing
 * @since 0.1.0
 */
export const layerMock = (handlers: MockHandlers): Layer.Layer<Redivis> => {
  const handler = (operation: Operation.Any, input: unknown) => {
    const handle = handlers[operation.name]
    return handle === undefined
      ? Effect.die(new Error(`Redivis.layerMock has no handler for ${operation.name}`))
      : handle(input as never) // the handler's own type of its input
  }
  const storage: Transport = {
    send: (request) => {
      const handle = handlers.storage
      return handle === undefined
        ? Effect.die(new Error("Redivis.layerMock has no handler for storage"))
        : Effect.map(handle(request as never) as Effect.Effect<unknown>, () => ({
          url: request.url,
          status: 200,
          headers: {},
          text: Effect.succeed(""),
          pull: Effect.succeed(undefined)
        }))
    }
  }
  return Layer.effect(
    Redivis,
    Effect.map(Effect.orDie(makeOver({}, storage)), (redivis) =>
      Redivis.of({
        ...redivis,
        execute: (operation, input) => handler(operation, input) as Effect.Effect<never>, // typed by the operation, as the handler promises
        open: (operation, input) =>
          Effect.gen(function*() {
            const answer = handler(operation, input)
            const bytes = Stream.isStream(answer) ? answer : Stream.fromEffect(answer)
            const pull = yield* Stream.toPull(Stream.rechunk(bytes as Stream.Stream<Uint8Array>, 1)) // as the handler promises
            return {
              url: defaultEndpoint,
              status: 200,
              headers: {},
              pull: Pull.catchDone(Effect.map(pull, ([chunk]) => chunk), () => Effect.succeed(undefined))
            }
          })
      }))
  )
}

/**
 * Sends a request that this library has no function for: any verb and path,
 * with the credentials, headers, errors, retries, budget and warnings of the
 * client.
 *
 * **Details**
 *
 * The path begins after the endpoint, as `/users/me`. Each of its segments is
 * decoded and encoded once: `/tables/demo.penguins.birds` and the `uri` of an
 * answer are both right, and a slash or a percent sign in a name is written as
 * `%2F` or `%25`. The answer is its JSON; nothing (`undefined`) where it is
 * empty, as with `HEAD`, or the word `OK`, as with `DELETE`.
 * With a `schema` it is what the schema decodes, and what does not fit is a
 * `DecodeError` however lenient the client is.
 *
 * **Failures**
 *
 * - `InvalidInput`: the path names a host, climbs (`..`), or has an empty
 *   segment, a query or a control character; or the body is no JSON
 * - `BadRequest`, `QuotaExceeded`, `Forbidden`, `NotFound`: by the status, for
 *   any path
 *
 * **Example** (What no function reads)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Schema from "effect/Schema"
 *
 * const Collection = Schema.Struct({ results: Schema.Array(Schema.Struct({ name: Schema.String })) })
 *
 * const first = Redivis.request("/organizations/demo/collections", { query: { maxResults: 1 }, schema: Collection })
 *
 * const renamed = Redivis.request("/collections/demo.birds", { method: "PATCH", body: { name: "Birds" } })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const request: {
  <A, I>(
    path: string,
    options: RequestOptions & { readonly schema: Schema.Codec<A, I> }
  ): Effect.Effect<A, RequestError, Redivis>
  (path: string, options?: RequestOptions): Effect.Effect<unknown, RequestError, Redivis>
} = <A>(path: string, options?: RequestOptions): Effect.Effect<A, RequestError, Redivis> =>
  // what the schema decoded, or unknown where there is none
  Redivis.use((redivis) => freeRequest(redivis, path, options ?? {}) as Effect.Effect<A, RequestError>)

/**
 * Changes the time limit of all calls in an effect. One that is not longer than
 * 0 is refused by the calls (`InvalidInput`).
 *
 * @category combinators
 * @since 0.1.0
 */
export const withTimeout: {
  (timeout: Duration.Input): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, timeout: Duration.Input): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, timeout: Duration.Input): Effect.Effect<A, E, R> =>
    Effect.provideService(self, CurrentTimeout, Duration.toMillis(timeout))
)

/**
 * Adds headers to all requests to the API in an effect. `authorization` and
 * `cookie` are refused by the calls (`InvalidInput`): credentials come from the
 * layer.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withHeaders: {
  (headers: Readonly<Record<string, string>>): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, headers: Readonly<Record<string, string>>): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, headers: Readonly<Record<string, string>>): Effect.Effect<A, E, R> =>
    Effect.provideService(self, CurrentHeaders, headers)
)

/**
 * Succeeds with the value and with what was exchanged for it: one entry a
 * request in order, its attempts inside. No entry shows the request's headers.
 *
 * **Example** (How many requests are left)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as User from "@effect-redivis/core/User"
 * import * as Effect from "effect/Effect"
 *
 * const left = Redivis.withResponse(User.me()).pipe(
 *   Effect.map(({ responses }) => responses[0]?.rateLimit.remaining)
 * )
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withResponse = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<{ readonly value: A; readonly responses: ReadonlyArray<Exchange> }, E, R> =>
  Effect.flatMap(CurrentRecorder, (outer) => {
    const responses: Array<Exchange> = []
    return Effect.provideService(self, CurrentRecorder, (exchange, body) => {
      responses.push(exchange)
      return outer === undefined ? Effect.void : outer(exchange, body)
    }).pipe(Effect.map((value) => ({ value, responses })))
  })

/**
 * Runs an effect for each request that a stream makes, after its last attempt.
 *
 * **Details**
 *
 * `body` is the text of the last answer, as it came, without the token; there is
 * none of a method that gives bytes or secrets, and of a request without an
 * answer. A stream of one call is `Stream.fromEffect(call)`.
 *
 * **Example** (What the server answers, kept in memory)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const answers: Array<unknown> = []
 * const datasets = Dataset.list({ organization: "demo" }).pipe(
 *   Redivis.tapResponses((exchange, body) => Effect.sync(() => answers.push({ ...exchange, body })))
 * )
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const tapResponses: {
  (f: Recorder): <A, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  <A, E, R>(self: Stream.Stream<A, E, R>, f: Recorder): Stream.Stream<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Stream.Stream<A, E, R>, f: Recorder): Stream.Stream<A, E, R> =>
    Stream.provideService(self, CurrentRecorder, f)
)
