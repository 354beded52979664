/** How a case steers the emulator from inside its runtime, over HTTP. */
import type { MemberComment, OpenSockets, RequestRecord, TokenOptions, Usage } from "@effect-redivis/emulator/Emulator"
import type { Fault } from "@effect-redivis/emulator/Faults"
import type { Seed } from "@effect-redivis/emulator/Seed"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpMethod from "effect/http/HttpMethod"
import type * as Scope from "effect/Scope"
import { Place } from "./Case.ts"

type Steering = HttpClient.HttpClient | Place

/** Outside of the case's own spans, and without their headers. */
const ask = <A>(
  method: HttpMethod.HttpMethod,
  path: string,
  body?: unknown
): Effect.Effect<A, HttpClientError, Steering> =>
  Effect.gen(function*() {
    const { control } = yield* Place
    const empty = HttpClientRequest.make(method)(control + path)
    const request = method === "GET" ? empty : HttpClientRequest.bodyJsonUnsafe(empty, body ?? {})
    const response = yield* HttpClient.execute(request)
    const text = yield* response.text
    if (response.status !== 200) return yield* Effect.die(new Error(`${method} ${path}: ${response.status} ${text}`))
    return JSON.parse(text) as A // as packages/emulator/src/control.ts answers
  }).pipe(Effect.scoped, Effect.provideService(HttpClient.TracerPropagationEnabled, false))

/** Adds accounts, datasets and rows. Names have to differ in each run: see `Place.run`. */
export const seed = (value: Seed): Effect.Effect<void, HttpClientError, Steering> => ask("POST", "/seed", value)

/** The number of the newest request that went over the wire. */
export const lastRequest: Effect.Effect<number, HttpClientError, Steering> = Effect.map(
  ask<ReadonlyArray<RequestRecord>>("GET", "/requests?last=1"),
  ([record]) => record?.index ?? 0
)

/** What went over the wire after a request, oldest first. */
export const requestsAfter = (
  index: number
): Effect.Effect<ReadonlyArray<RequestRecord>, HttpClientError, Steering> => ask("GET", `/requests?after=${index}`)

/** What went over the wire while `effect` ran. */
export const during = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<
  { readonly value: A; readonly requests: ReadonlyArray<RequestRecord> },
  E | HttpClientError,
  R | Steering
> =>
  Effect.gen(function*() {
    const before = yield* lastRequest
    const value = yield* effect
    return { value, requests: yield* requestsAfter(before) }
  })

/** Makes something go wrong until the scope closes. */
export const fault = (value: Fault): Effect.Effect<void, HttpClientError, Steering | Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    ask<{ readonly id: number }>("POST", "/faults", value),
    ({ id }) => Effect.ignore(ask("DELETE", `/faults/${id}`))
  ))

/** What is open right now. */
export const open: Effect.Effect<
  OpenSockets & { readonly openStreams: number; readonly unfinishedResponses: number },
  HttpClientError,
  Steering
> = ask("GET", "/sockets")

/** Asks again and again until it is so, for what the emulator learns of a little later. */
export const until = <A, E, R>(
  ask: Effect.Effect<A, E, R>,
  isSo: (value: A) => boolean
): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    for (let asked = 0; asked < 300; asked++) {
      const value = yield* ask
      if (isSo(value)) return value
      yield* Effect.sleep(20)
    }
    return yield* Effect.die(new Error(`it did not come about: ${JSON.stringify(yield* ask)}`))
  })

/** Moves the emulator's clock until the scope closes. */
export const moveClock = (milliseconds: number): Effect.Effect<void, HttpClientError, Steering | Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    ask("POST", "/clock", { adjust: milliseconds }),
    () => Effect.ignore(ask("POST", "/clock", { adjust: -milliseconds }))
  ))

/** Another limit for windows that begin from now on, until the scope closes. */
export const setRateLimit = (limit: number): Effect.Effect<void, HttpClientError, Steering | Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    ask("POST", "/rateLimit", { limit, from: "nextWindow" }),
    () => Effect.ignore(ask("POST", "/rateLimit", { limit: 1000, from: "nextWindow" }))
  ))

/** Lets pages read, until the scope closes, what the service hides from them. */
export const exposeHeaders: Effect.Effect<void, HttpClientError, Steering | Scope.Scope> = Effect.asVoid(
  Effect.acquireRelease(
    ask("POST", "/cors", { exposeHeaders: true }),
    () => Effect.ignore(ask("POST", "/cors", { exposeHeaders: false }))
  )
)

/** Rows of `/rows` in the order of this seed, and of no other, until the scope closes. */
export const setRowOrder = (seed: number): Effect.Effect<void, HttpClientError, Steering | Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    ask("POST", "/rowOrder", { order: seed }),
    () => Effect.ignore(ask("POST", "/rowOrder", { order: "any" }))
  ))

/** A token for another user, for fewer scopes, or one that has expired. */
export const makeToken = (options: TokenOptions): Effect.Effect<string, HttpClientError, Steering> =>
  Effect.map(ask<{ readonly token: string }>("POST", "/tokens", options), ({ token }) => token)

/** What was written about a member of an organization. */
export const commentsOf = (
  organization: string,
  user: string
): Effect.Effect<ReadonlyArray<MemberComment>, HttpClientError, Steering> =>
  ask("GET", `/comments?${new URLSearchParams({ organization, user })}`)

/** What an account has used of its quotas. */
export const setUsage = (usage: Usage): Effect.Effect<void, HttpClientError, Steering> => ask("POST", "/usage", usage)

/** What the other origin was asked. */
export const requestsElsewhere: Effect.Effect<
  ReadonlyArray<{
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }>,
  HttpClientError,
  Steering
> = Effect.gen(function*() {
  const { elsewhere } = yield* Place
  const response = yield* HttpClient.get(`${elsewhere}/_requests`)
  return JSON.parse(yield* response.text)
}).pipe(Effect.scoped, Effect.provideService(HttpClient.TracerPropagationEnabled, false))
