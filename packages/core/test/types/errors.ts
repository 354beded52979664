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

type Of<Tags extends RedivisError.RedivisError["_tag"]> = Extract<RedivisError.RedivisError, { readonly _tag: Tags }>

/** A catcher takes its own errors out; its handler sees the whole category, and what is looked at by its value. */
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
  ...Case<typeof input, "InvalidInput" | "BadRequest" | "PlanOutdated", RedivisError.UnexpectedStatus>,
  ...Case<typeof quota, "QuotaExceeded">,
  ...Case<typeof decode, "DecodeError" | "CoercionError">,
  ...Case<typeof integrity, "IntegrityError" | "VerificationFailed">,
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

// ---------------------------------------------------------------------------------------------------------------------

const rows = Table.rows("o.d.t")
type Rows = Stream.Error<typeof rows>

const authDies = run.pipe(RedivisError.catchAuth(Effect.die))
const authLambda = run.pipe(RedivisError.catchAuth((error) => Effect.succeed(error._tag)))
const authKept = RedivisError.catchAuth((error) => Effect.succeed(error._tag))
const authOfKept = authKept(run)
const authIf = rows.pipe(Stream.catchIf(RedivisError.isAuth, () => Stream.empty))

const missingDies = run.pipe(RedivisError.catchMissing(Effect.die))
const missingLambda = run.pipe(RedivisError.catchMissing((error) => Effect.succeed(error._tag)))
const missingKept = RedivisError.catchMissing((error) => Effect.succeed(error._tag))
const missingOfKept = missingKept(run)
const missingIf = rows.pipe(Stream.catchIf(RedivisError.isMissing, () => Stream.empty))

const throttlingDies = run.pipe(RedivisError.catchThrottling(Effect.die))
const throttlingLambda = run.pipe(RedivisError.catchThrottling((error) => Effect.succeed(error._tag)))
const throttlingKept = RedivisError.catchThrottling((error) => Effect.succeed(error._tag))
const throttlingOfKept = throttlingKept(run)
const throttlingIf = rows.pipe(Stream.catchIf(RedivisError.isThrottling, () => Stream.empty))

const serverDies = run.pipe(RedivisError.catchServer(Effect.die))
const serverLambda = run.pipe(RedivisError.catchServer((error) => Effect.succeed(error._tag)))
const serverKept = RedivisError.catchServer((error) => Effect.succeed(error._tag))
const serverOfKept = serverKept(run)
const serverIf = rows.pipe(Stream.catchIf(RedivisError.isServer, () => Stream.empty))

const networkDies = run.pipe(RedivisError.catchNetwork(Effect.die))
const networkLambda = run.pipe(RedivisError.catchNetwork((error) => Effect.succeed(error._tag)))
const networkKept = RedivisError.catchNetwork((error) => Effect.succeed(error._tag))
const networkOfKept = networkKept(run)
const networkIf = rows.pipe(Stream.catchIf(RedivisError.isNetwork, () => Stream.empty))

const inputDies = run.pipe(RedivisError.catchInput(Effect.die))
const inputLambda = run.pipe(RedivisError.catchInput((error) => Effect.succeed(error._tag)))
const inputKept = RedivisError.catchInput((error) => Effect.succeed(error._tag))
const inputOfKept = inputKept(run)
const inputIf = rows.pipe(Stream.catchIf(RedivisError.isInput, () => Stream.empty))

const quotaDies = run.pipe(RedivisError.catchQuota(Effect.die))
const quotaLambda = run.pipe(RedivisError.catchQuota((error) => Effect.succeed(error._tag)))
const quotaKept = RedivisError.catchQuota((error) => Effect.succeed(error._tag))
const quotaOfKept = quotaKept(run)
const quotaIf = rows.pipe(Stream.catchIf(RedivisError.isQuota, () => Stream.empty))

const decodeDies = run.pipe(RedivisError.catchDecode(Effect.die))
const decodeLambda = run.pipe(RedivisError.catchDecode((error) => Effect.succeed(error._tag)))
const decodeKept = RedivisError.catchDecode((error) => Effect.succeed(error._tag))
const decodeOfKept = decodeKept(run)
const decodeIf = rows.pipe(Stream.catchIf(RedivisError.isDecode, () => Stream.empty))

const integrityDies = run.pipe(RedivisError.catchIntegrity(Effect.die))
const integrityLambda = run.pipe(RedivisError.catchIntegrity((error) => Effect.succeed(error._tag)))
const integrityKept = RedivisError.catchIntegrity((error) => Effect.succeed(error._tag))
const integrityOfKept = integrityKept(run)
const integrityIf = rows.pipe(Stream.catchIf(RedivisError.isIntegrity, () => Stream.empty))

const jobDies = run.pipe(RedivisError.catchJob(Effect.die))
const jobLambda = run.pipe(RedivisError.catchJob((error) => Effect.succeed(error._tag)))
const jobKept = RedivisError.catchJob((error) => Effect.succeed(error._tag))
const jobOfKept = jobKept(run)
const jobIf = rows.pipe(Stream.catchIf(RedivisError.isJob, () => Stream.empty))

/** What a catcher leaves is told by what it is given alone: a handler for anything, a lambda, a constant; and of a stream. */
type Leaves<
  Tags extends RedivisError.RedivisError["_tag"],
  Caught extends ReadonlyArray<Effect.Effect<unknown, unknown, unknown>>,
  Streamed extends Stream.Stream<unknown, unknown, unknown>
> = [
  Equal<Effect.Error<Caught[number]>, Left<Tags>>,
  Equal<Stream.Error<Streamed>, Exclude<Rows, { readonly _tag: Tags }>>
]

export type WhateverTheHandler = All<[
  ...Leaves<
    "Unauthorized" | "Forbidden" | "InsufficientScope",
    [typeof authDies, typeof authLambda, typeof authOfKept],
    typeof authIf
  >,
  ...Leaves<"NotFound", [typeof missingDies, typeof missingLambda, typeof missingOfKept], typeof missingIf>,
  ...Leaves<
    "TooManyRequests",
    [typeof throttlingDies, typeof throttlingLambda, typeof throttlingOfKept],
    typeof throttlingIf
  >,
  ...Leaves<
    "InternalServerError" | "ServiceUnavailable",
    [typeof serverDies, typeof serverLambda, typeof serverOfKept],
    typeof serverIf
  >,
  ...Leaves<"TransportError", [typeof networkDies, typeof networkLambda, typeof networkOfKept], typeof networkIf>,
  ...Leaves<
    "InvalidInput" | "BadRequest" | "PlanOutdated",
    [typeof inputDies, typeof inputLambda, typeof inputOfKept],
    typeof inputIf
  >,
  ...Leaves<"QuotaExceeded", [typeof quotaDies, typeof quotaLambda, typeof quotaOfKept], typeof quotaIf>,
  ...Leaves<
    "DecodeError" | "CoercionError",
    [typeof decodeDies, typeof decodeLambda, typeof decodeOfKept],
    typeof decodeIf
  >,
  ...Leaves<
    "IntegrityError" | "VerificationFailed",
    [typeof integrityDies, typeof integrityLambda, typeof integrityOfKept],
    typeof integrityIf
  >,
  ...Leaves<
    "JobFailed" | "JobCancelled" | "DeadlineExceeded",
    [typeof jobDies, typeof jobLambda, typeof jobOfKept],
    typeof jobIf
  >
]>
