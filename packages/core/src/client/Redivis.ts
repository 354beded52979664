/**
 * The client: its configuration, its layers, and what changes the calls of a
 * region.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type { InvalidInput } from "../contract/RedivisError.ts"
import { fetchTransport } from "./call/fetch.ts"
import { httpClientTransport } from "./call/httpClient.ts"
import { isTime } from "./call/time.ts"
import type { Transport } from "./call/transport.ts"
import { headerProblem } from "./callerHeaders.ts"
import type * as Credentials from "./Credentials.ts"
import { exchangeOf } from "./exchange.ts"
import { freeRequest, type RequestError, type RequestOptions } from "./freeRequest.ts"
import { type FetchOptions, type Options, options } from "./options.ts"
import type { Exchange, Recorder } from "./region.ts"
import type { Region } from "./Client.ts"
import { set } from "./regional.ts"
import { type Client, makeOver, Redivis, withExecutor } from "./service.ts"
import { CurrentWarnings } from "./Warnings.ts"

export { type Fetch, fetchTransport } from "./call/fetch.ts"
export type { Body, Transport, TransportFailure, TransportRequest, TransportResponse } from "./call/transport.ts"
export type { RequestError, RequestOptions } from "./freeRequest.ts"
export { layerMock, type MockHandlers } from "./layerMock.ts"
export { defaultEndpoint, type FetchOptions, type Options, options } from "./options.ts"
export type { Exchange, ExchangeAttempt, Recorder } from "./region.ts"
export { type Client, type Defaults, Redivis, type Region } from "./Client.ts"

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
export const make = (options: Options): Effect.Effect<Client, InvalidInput, HttpClient.HttpClient> =>
  Effect.flatMap(HttpClient.HttpClient, (client) => makeOver(options, httpClientTransport(client)))

/** The client until the layer closes, with a last word of who takes its warnings. */
const toLayer = <E, R>(client: Effect.Effect<Client, E, R>) =>
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

/**
 * A client over the `HttpClient` that is provided, set up by the environment:
 * see {@link options}.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<Redivis, Config.ConfigError | InvalidInput, HttpClient.HttpClient> =
  /*#__PURE__*/ toLayer(/*#__PURE__*/ Effect.flatMap(options, make))

const makeFetch = (options: FetchOptions): Effect.Effect<Client, InvalidInput> =>
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
 * A client over another way to get requests onto the wire, for packages of a
 * platform. `HttpClient` of Effect is one for users: see {@link layer}.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTransport = (options: Options, transport: Transport): Layer.Layer<Redivis, InvalidInput> =>
  toLayer(makeOver(options, transport))

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
  withExecutor((redivis) => freeRequest(redivis, path, options ?? {}) as Effect.Effect<A, RequestError>)

/**
 * Changes the time limit of all calls in an effect or a stream. One that is not
 * longer than 0 is refused by the calls (`InvalidInput`).
 *
 * **Example** (Of a stream)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Table from "@effect-redivis/core/Table"
 *
 * const rows = Table.rows("demo.penguins.birds").pipe(Redivis.withTimeout("10 seconds"))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withTimeout: {
  (timeout: Duration.Input): <S extends Region>(self: S) => S
  <S extends Region>(self: S, timeout: Duration.Input): S
} = dual(2, <S extends Region>(self: S, timeout: Duration.Input): S => {
  const millis = isTime(timeout) ? Duration.toMillis(timeout) : 0
  return set(self, () => ({ timeout: millis }), {
    timeout: millis > 0 ? undefined : "is not a duration longer than 0"
  })
})

/**
 * Adds headers to all requests to the API in an effect or a stream, beside those
 * that are added around it. `authorization` and `cookie` are refused by the calls
 * (`InvalidInput`): credentials come from the layer or {@link withCredentials}.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withHeaders: {
  (headers: Readonly<Record<string, string>>): <S extends Region>(self: S) => S
  <S extends Region>(self: S, headers: Readonly<Record<string, string>>): S
} = dual(
  2,
  <S extends Region>(self: S, headers: Readonly<Record<string, string>>): S =>
    set(
      self,
      (outer) => ({ headers: { ...outer.headers, ...headers } }),
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [`headers.${name}`, headerProblem(name, value)])
      )
    )
)

/**
 * Makes all calls in an effect or a stream with the tokens of another source,
 * and with the budget of its account, so that what one account is refused holds
 * no other back.
 *
 * **Example** (A server that calls as its callers)
 *
 * ```ts
 * import * as Credentials from "@effect-redivis/core/Credentials"
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import type * as Redacted from "effect/Redacted"
 *
 * const asCaller = (token: Redacted.Redacted<string>) =>
 *   Dataset.get("demo.penguins").pipe(Redivis.withCredentials(Credentials.fromToken(token)))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withCredentials: {
  (source: Credentials.Source): <S extends Region>(self: S) => S
  <S extends Region>(self: S, source: Credentials.Source): S
} = dual(2, <S extends Region>(self: S, credentials: Credentials.Source): S => set(self, () => ({ credentials })))

/**
 * Succeeds with the value and with what was exchanged for it: one entry a
 * request in order, its attempts inside. No entry shows the request's headers.
 *
 * **Details**
 *
 * It fails as the effect does. To see what was exchanged for a failure as well,
 * give it `Effect.result` of the call: the value then tells which it was.
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
 * **Example** (What a call that fails was answered)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Effect from "effect/Effect"
 *
 * const statuses = Redivis.withResponse(Effect.result(Dataset.get("demo.nothing"))).pipe(
 *   Effect.map(({ responses }) => responses.map(({ status }) => status))
 * )
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withResponse = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<{ readonly value: A; readonly responses: ReadonlyArray<Exchange> }, E, R> =>
  Effect.suspend(() => {
    const responses: Array<Exchange> = []
    return set(self, ({ recorder }) => ({
      recorder: (call) => {
        responses.push(exchangeOf(call))
        return recorder === undefined ? Effect.void : recorder(call)
      }
    })).pipe(Effect.map((value) => ({ value, responses })))
  })

/**
 * Runs an effect for each request that an effect or a stream makes, after its
 * last attempt, whatever came of it.
 *
 * **Details**
 *
 * `body` is the text of the last answer, as it came, without the token; there is
 * none of a method that gives bytes or secrets, and of a request without an
 * answer.
 *
 * **Example** (What the server answers, kept in memory)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as Effect from "effect/Effect"
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
  (f: Recorder): <S extends Region>(self: S) => S
  <S extends Region>(self: S, f: Recorder): S
} = dual(
  2,
  <S extends Region>(self: S, f: Recorder): S =>
    set(self, () => ({ recorder: (call) => f(exchangeOf(call), call.body) }))
)
