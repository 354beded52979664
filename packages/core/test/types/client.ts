/** The types of layers, and of what changes the calls of a region. */
import type * as Credentials from "@effect-redivis/core/Credentials"
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

const timeoutFirst = Redivis.withTimeout(me, "1 second")
const timeoutLast = me.pipe(Redivis.withTimeout("1 second"))
const headersFirst = Redivis.withHeaders(me, { "x-a": "1" })
const headersLast = me.pipe(Redivis.withHeaders({ "x-a": "1" }))
const policyFirst = Retry.withPolicy(me, { maxAttempts: 1 })
const policyLast = me.pipe(Retry.withPolicy({ maxAttempts: 1 }))
const retryFirst = Retry.onRetry(me, () => Effect.void)
const retryLast = me.pipe(Retry.onRetry(() => Effect.void))

/** What changes a call leaves its type as it is, in both forms. */
export type Regions = All<[
  Equal<typeof timeoutFirst, Me>,
  Equal<typeof timeoutLast, Me>,
  Equal<typeof headersFirst, Me>,
  Equal<typeof headersLast, Me>,
  Equal<typeof policyFirst, Me>,
  Equal<typeof policyLast, Me>,
  Equal<typeof retryFirst, Me>,
  Equal<typeof retryLast, Me>
]>

const answered = Redivis.withResponse(me)
const rows = Table.rows("o.d.t")
const tapFirst = Redivis.tapResponses(rows, () => Effect.void)
const tapLast = rows.pipe(Redivis.tapResponses(() => Effect.void))

export type Responses = All<[
  Equal<
    typeof answered,
    Effect.Effect<
      { readonly value: User.User; readonly responses: ReadonlyArray<Redivis.Exchange> },
      User.MeError,
      Redivis.Redivis
    >
  >,
  Equal<typeof tapFirst, typeof rows>,
  Equal<typeof tapLast, typeof rows>
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
