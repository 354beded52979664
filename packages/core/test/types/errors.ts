/** What catching takes out of an error's type: exactly what it handles. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as RedivisError from "@effect-redivis/core/RedivisError"
import * as Table from "@effect-redivis/core/Table"
import type * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { All, Equal, Fits, Not } from "./equal.ts"

const nothing = () => Effect.succeed(undefined)

const get = Dataset.remove("o.d")
type Get = Effect.Error<typeof get>

const withoutMissing = Effect.catchTag(get, "NotFound", nothing)
const withoutBoth = Effect.catchTags(get, { NotFound: nothing, Forbidden: nothing })
const ofStream = Stream.catchTag(Table.csv("o.d.t"), "QuotaExceeded", () => Stream.empty)

export type Tags = All<[
  Equal<Effect.Error<typeof withoutMissing>, Exclude<Get, RedivisError.NotFound>>,
  Equal<Effect.Success<typeof withoutMissing>, void | undefined>,
  Equal<Effect.Error<typeof withoutBoth>, Exclude<Get, RedivisError.NotFound | RedivisError.Forbidden>>,
  Equal<Stream.Error<typeof ofStream>, Exclude<Table.BytesError, RedivisError.QuotaExceeded>>
]>

/** A current user is always there, and may always be asked for. */
export type Me = All<[
  Equal<
    Extract<Effect.Error<ReturnType<typeof User.me>>, { readonly _tag: "NotFound" | "Forbidden" | "BadRequest" }>,
    never
  >,
  Equal<Extract<Effect.Error<ReturnType<typeof Dataset.exists>>, { readonly _tag: "NotFound" }>, never>
]>

/** The name of each class is its tag, and a bare word. */
export type Names = All<[
  Equal<
    RedivisError.RedivisError["_tag"],
    | "InvalidInput"
    | "BadRequest"
    | "QuotaExceeded"
    | "Unauthorized"
    | "Forbidden"
    | "InsufficientScope"
    | "NotFound"
    | "TooManyRequests"
    | "InternalServerError"
    | "ServiceUnavailable"
    | "UnexpectedStatus"
    | "TransportError"
    | "DecodeError"
    | "CoercionError"
    | "IntegrityError"
    | "JobFailed"
    | "JobCancelled"
    | "DeadlineExceeded"
    | "VerificationFailed"
    | "PlanOutdated"
  >,
  Equal<
    Common,
    | "InvalidInput"
    | "Unauthorized"
    | "InsufficientScope"
    | "TooManyRequests"
    | "InternalServerError"
    | "ServiceUnavailable"
    | "UnexpectedStatus"
    | "TransportError"
    | "DecodeError"
  >
]>
type Common = RedivisError.Common["_tag"]

// ---------------------------------------------------------------------------------------------------------------------

const run = Query.run("select 1")
type Run = Effect.Error<typeof run>

/** What is left of all that running a query can fail with. */
type Left<Caught extends RedivisError.RedivisError["_tag"]> = Exclude<Run, { readonly _tag: Caught }>

const auth = RedivisError.catchAuth(run, (caught) => Effect.succeed({ caught } as const))
const missing = RedivisError.catchMissing(run, (caught) => Effect.succeed({ caught } as const))
const throttling = RedivisError.catchThrottling(run, (caught) => Effect.succeed({ caught } as const))
const server = RedivisError.catchServer(run, (caught) => Effect.succeed({ caught } as const))
const network = RedivisError.catchNetwork(run, (caught) => Effect.succeed({ caught } as const))
const input = RedivisError.catchInput(run, (caught) => Effect.succeed({ caught } as const))
const quota = RedivisError.catchQuota(run, (caught) => Effect.succeed({ caught } as const))
const decode = RedivisError.catchDecode(run, (caught) => Effect.succeed({ caught } as const))
const integrity = RedivisError.catchIntegrity(run, (caught) => Effect.succeed({ caught } as const))
const job = RedivisError.catchJob(run, (caught) => Effect.succeed({ caught } as const))

type Of<Tags extends RedivisError.RedivisError["_tag"]> = Extract<Run, { readonly _tag: Tags }>

/** A catcher takes its own errors out, and sees those beside them that it looks at by their value. */
type Case<
  Caught extends Effect.Effect<unknown, unknown, unknown>,
  Tags extends RedivisError.RedivisError["_tag"],
  Seen = never
> = [
  Equal<Effect.Error<Caught>, Left<Tags>>,
  Equal<Effect.Success<Caught>, Query.Query | { readonly caught: Of<Tags> | Seen }>
]

export type Categories = All<[
  ...Case<typeof auth, "Unauthorized" | "Forbidden" | "InsufficientScope">,
  ...Case<typeof missing, "NotFound">,
  ...Case<typeof throttling, "TooManyRequests">,
  ...Case<typeof server, "InternalServerError" | "ServiceUnavailable", RedivisError.UnexpectedStatus>,
  ...Case<typeof network, "TransportError">,
  ...Case<typeof input, "InvalidInput" | "BadRequest", RedivisError.UnexpectedStatus>,
  ...Case<typeof quota, "QuotaExceeded">,
  ...Case<typeof decode, "DecodeError">,
  ...Case<typeof integrity, never>,
  ...Case<typeof job, "JobFailed" | "JobCancelled" | "DeadlineExceeded">
]>

const piped = run.pipe(RedivisError.catchMissing((error) => Effect.fail(error.status)))

/** The piped form is the same, and what a handler does is added. */
export type Piped = All<[
  Equal<Effect.Error<typeof piped>, Left<"NotFound"> | number>,
  Equal<Effect.Success<typeof piped>, Query.Query>
]>

/** Every tag has its category. */
export type Whole = All<[
  Equal<
    RedivisError.Categories[RedivisError.Category],
    Exclude<RedivisError.RedivisError["_tag"], "UnexpectedStatus">
  >
]>

// ---------------------------------------------------------------------------------------------------------------------

/** What an error tells: fields of a status, of a break, of a misfit. */
export type Fields = All<[
  Equal<RedivisError.NotFound["status"], number>,
  Equal<RedivisError.NotFound["operation"], string>,
  Equal<RedivisError.NotFound["warnings"], ReadonlyArray<string>>,
  Equal<RedivisError.InsufficientScope["scope"], ReadonlyArray<string>>,
  Equal<RedivisError.InsufficientScope["amrValues"], ReadonlyArray<string>>,
  Equal<RedivisError.TooManyRequests["retryAt"], number | undefined>,
  Equal<
    RedivisError.TransportError["reason"],
    "Connection" | "Misconfigured" | "Timeout" | "IdleTimeout" | "BodyBroken" | "Redirect"
  >,
  Equal<RedivisError.DecodeError["path"], string>,
  Equal<RedivisError.DecodeError["operation"], string | undefined>,
  Fits<RedivisError.IntegrityError["reason"], string>,
  Not<Fits<string, RedivisError.IntegrityError["reason"]>>,
  Not<Fits<"headers", keyof RedivisError.NotFound>>,
  Not<Fits<"body", keyof RedivisError.NotFound>>
]>
