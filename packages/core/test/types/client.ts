/** The types of layers, and of what changes the calls of a region. */
import * as Credentials from "@effect-redivis/core/Credentials"
import type * as Dataset from "@effect-redivis/core/Dataset"
import * as Redivis from "@effect-redivis/core/Redivis"
import type {
  BadRequest,
  Common,
  Forbidden,
  InvalidInput,
  NotFound,
  QuotaExceeded,
  TransportError,
  Unauthorized
} from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { flow, pipe } from "effect/Function"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { All, Equal, Fits, Not } from "./equal.ts"

export type Layers = All<[
  Equal<ReturnType<typeof Redivis.layer>, Layer.Layer<Redivis.Redivis, InvalidInput, HttpClient.HttpClient>>,
  Equal<
    typeof Redivis.layerConfig,
    Layer.Layer<Redivis.Redivis, Config.ConfigError | InvalidInput, HttpClient.HttpClient>
  >,
  Equal<ReturnType<typeof Redivis.layerFetch>, Layer.Layer<Redivis.Redivis, InvalidInput>>,
  Equal<typeof Redivis.layerFetchConfig, Layer.Layer<Redivis.Redivis, Config.ConfigError | InvalidInput>>,
  Equal<ReturnType<typeof Redivis.layerMock>, Layer.Layer<Redivis.Redivis>>,
  Equal<
    ReturnType<typeof Redivis.make>,
    Effect.Effect<Redivis.Redivis["Service"], InvalidInput, HttpClient.HttpClient>
  >
]>

export type OptionsOfAClient = All<[
  Fits<{}, Redivis.Options>,
  Fits<{ readonly token: Redacted.Redacted<string> }, Redivis.Options>,
  // a token in plain text could be printed by whoever holds the options
  Not<Fits<{ readonly token: string }, Redivis.Options>>,
  Not<Fits<{ readonly decoding: "loose" }, Redivis.Options>>,
  Fits<{ readonly timeout: "30 seconds" }, Redivis.Options>,
  Fits<{ readonly timeout: number }, Redivis.Options>,
  Not<Fits<{ readonly timeout: "soon" }, Redivis.Options>>,
  Equal<
    Credentials.Source,
    Effect.Effect<Redacted.Redacted<string> | undefined, InvalidInput | Unauthorized | TransportError>
  >
]>

const me = User.me()
type Me = typeof me

const rows = Table.rows("o.d.t")
type Rows = typeof rows

const timeoutFirst = [Redivis.withTimeout(me, "1 second"), Redivis.withTimeout(rows, "1 second")] as const
const timeoutPiped = [me.pipe(Redivis.withTimeout("1 second")), rows.pipe(Redivis.withTimeout("1 second"))] as const
const timeoutPipe = [pipe(me, Redivis.withTimeout("1 second")), pipe(rows, Redivis.withTimeout("1 second"))] as const
const timeoutFlow = [
  flow(() => me, Redivis.withTimeout("1 second"))(),
  flow(() => rows, Redivis.withTimeout("1 second"))()
] as const
const headersFirst = [Redivis.withHeaders(me, { "x-a": "1" }), Redivis.withHeaders(rows, { "x-a": "1" })] as const
const headersPiped = [
  me.pipe(Redivis.withHeaders({ "x-a": "1" })),
  rows.pipe(Redivis.withHeaders({ "x-a": "1" }))
] as const
const headersPipe = [
  pipe(me, Redivis.withHeaders({ "x-a": "1" })),
  pipe(rows, Redivis.withHeaders({ "x-a": "1" }))
] as const
const headersFlow = [
  flow(() => me, Redivis.withHeaders({ "x-a": "1" }))(),
  flow(() => rows, Redivis.withHeaders({ "x-a": "1" }))()
] as const
const credentialsFirst = [
  Redivis.withCredentials(me, Credentials.anonymous),
  Redivis.withCredentials(rows, Credentials.anonymous)
] as const
const credentialsPiped = [
  me.pipe(Redivis.withCredentials(Credentials.anonymous)),
  rows.pipe(Redivis.withCredentials(Credentials.anonymous))
] as const
const credentialsPipe = [
  pipe(me, Redivis.withCredentials(Credentials.anonymous)),
  pipe(rows, Redivis.withCredentials(Credentials.anonymous))
] as const
const credentialsFlow = [
  flow(() => me, Redivis.withCredentials(Credentials.anonymous))(),
  flow(() => rows, Redivis.withCredentials(Credentials.anonymous))()
] as const
const tapFirst = [Redivis.tapResponses(me, () => Effect.void), Redivis.tapResponses(rows, () => Effect.void)] as const
const tapPiped = [
  me.pipe(Redivis.tapResponses(() => Effect.void)),
  rows.pipe(Redivis.tapResponses(() => Effect.void))
] as const
const tapPipe = [
  pipe(me, Redivis.tapResponses(() => Effect.void)),
  pipe(rows, Redivis.tapResponses(() => Effect.void))
] as const
const tapFlow = [
  flow(() => me, Redivis.tapResponses(() => Effect.void))(),
  flow(() => rows, Redivis.tapResponses(() => Effect.void))()
] as const
const policyFirst = [Retry.withPolicy(me, { maxAttempts: 1 }), Retry.withPolicy(rows, { maxAttempts: 1 })] as const
const policyPiped = [
  me.pipe(Retry.withPolicy({ maxAttempts: 1 })),
  rows.pipe(Retry.withPolicy({ maxAttempts: 1 }))
] as const
const policyPipe = [
  pipe(me, Retry.withPolicy({ maxAttempts: 1 })),
  pipe(rows, Retry.withPolicy({ maxAttempts: 1 }))
] as const
const policyFlow = [
  flow(() => me, Retry.withPolicy({ maxAttempts: 1 }))(),
  flow(() => rows, Retry.withPolicy({ maxAttempts: 1 }))()
] as const
const retryFirst = [Retry.onRetry(me, () => Effect.void), Retry.onRetry(rows, () => Effect.void)] as const
const retryPiped = [me.pipe(Retry.onRetry(() => Effect.void)), rows.pipe(Retry.onRetry(() => Effect.void))] as const
const retryPipe = [pipe(me, Retry.onRetry(() => Effect.void)), pipe(rows, Retry.onRetry(() => Effect.void))] as const
const retryFlow = [
  flow(() => me, Retry.onRetry(() => Effect.void))(),
  flow(() => rows, Retry.onRetry(() => Effect.void))()
] as const

type Both = readonly [Me, Rows]

/** What changes a call leaves its type as it is: of effects and streams, given first, in a pipe and in a flow. */
export type Regions = All<[
  Equal<typeof timeoutFirst, Both>,
  Equal<typeof timeoutPiped, Both>,
  Equal<typeof timeoutPipe, Both>,
  Equal<typeof timeoutFlow, Both>,
  Equal<typeof headersFirst, Both>,
  Equal<typeof headersPiped, Both>,
  Equal<typeof headersPipe, Both>,
  Equal<typeof headersFlow, Both>,
  Equal<typeof credentialsFirst, Both>,
  Equal<typeof credentialsPiped, Both>,
  Equal<typeof credentialsPipe, Both>,
  Equal<typeof credentialsFlow, Both>,
  Equal<typeof tapFirst, Both>,
  Equal<typeof tapPiped, Both>,
  Equal<typeof tapPipe, Both>,
  Equal<typeof tapFlow, Both>,
  Equal<typeof policyFirst, Both>,
  Equal<typeof policyPiped, Both>,
  Equal<typeof policyPipe, Both>,
  Equal<typeof policyFlow, Both>,
  Equal<typeof retryFirst, Both>,
  Equal<typeof retryPiped, Both>,
  Equal<typeof retryPipe, Both>,
  Equal<typeof retryFlow, Both>
]>

const answered = Redivis.withResponse(me)

export type Responses = All<[
  Equal<
    typeof answered,
    Effect.Effect<
      { readonly value: User.User; readonly responses: ReadonlyArray<Redivis.Exchange> },
      User.MeError,
      Redivis.Redivis
    >
  >
]>

const exact = Table.rows("o.d.t", { values: { integer: "bigint" } })

/** The choice of values is kept as it is written. */
export type Values = All<[
  Equal<Stream.Success<typeof exact>, Table.Row<{ readonly integer: "bigint" }>>,
  Equal<Stream.Success<typeof rows>, Table.Row<{}>>
]>

/** Nothing runs without a client, and everything runs with one. */
export const program: Effect.Effect<User.User, User.MeError | InvalidInput> = me.pipe(
  Effect.provide(Redivis.layerFetch({}))
)

/** An owner is a user or an organization. */
type Owner = Parameters<typeof Dataset.list>[0]

export type Owners = All<[
  Fits<{ readonly user: string }, Owner>,
  Fits<{ readonly organization: string }, Owner>,
  Fits<undefined, Owner>,
  Not<Fits<string, Owner>>,
  Not<Fits<{ readonly name: string }, Owner>>
]>

const free = Redivis.request("/users/me")
const decoded = Redivis.request("/users/me", { method: "POST", schema: Schema.Struct({ n: Schema.NumberFromString }) })

/** A request by hand is unknown until a schema says what it is, and may fail as any call may. */
export type Requests = All<[
  Equal<
    Redivis.RequestError,
    Common | BadRequest | QuotaExceeded | Forbidden | NotFound
  >,
  Equal<typeof free, Effect.Effect<unknown, Redivis.RequestError, Redivis.Redivis>>,
  Equal<typeof decoded, Effect.Effect<{ readonly n: number }, Redivis.RequestError, Redivis.Redivis>>,
  Not<Fits<{ readonly method: "TRACE" }, Redivis.RequestOptions>>,
  Not<Fits<{ readonly query: { readonly x: {} } }, Redivis.RequestOptions>>,
  Not<Fits<{ readonly repeatable: "settle" }, Redivis.RequestOptions>>
]>
