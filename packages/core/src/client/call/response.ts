/** From a status and an error's body to a typed error. */
import * as Result from "effect/Result"
import type * as Operation from "../../contract/Operation.ts"
import {
  type BadRequest,
  type Forbidden,
  InsufficientScope,
  InternalServerError,
  type NotFound,
  type QuotaExceeded,
  type RateLimitSnapshot,
  ServiceUnavailable,
  TooManyRequests,
  Unauthorized,
  UnexpectedStatus
} from "../../contract/RedivisError.ts"
import { defined } from "../defined.ts"
import { resumesAt } from "../pacing.ts"

/** An error that a status stands for. */
export type StatusError =
  | BadRequest
  | QuotaExceeded
  | Unauthorized
  | Forbidden
  | InsufficientScope
  | NotFound
  | TooManyRequests
  | InternalServerError
  | ServiceUnavailable
  | UnexpectedStatus

/** What an error's body says. */
export interface ErrorBody {
  /** Whether it is the API's own error, and not a proxy's page. */
  readonly fromApi: boolean
  readonly error?: string
  readonly errorDescription?: string
  readonly scope: ReadonlyArray<string>
  readonly amrValues: ReadonlyArray<string>
}

const nothing: ErrorBody = { fromApi: false, scope: [], amrValues: [] }

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const words = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string"
    ? value.split(" ").filter((word) => word !== "")
    : Array.isArray(value)
    ? value.filter((item) => typeof item === "string")
    : []

/** What is said in it is shown, so the token is taken out of each text, whatever way it was written. Reads both shapes, `{ error, error_description }` and `{ error: { message } }`; anything else says nothing. */
export const parseErrorBody = (text: string, redact: (text: string) => string): ErrorBody => {
  const filled = (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" ? redact(value) : undefined
  const parsed = Result.try((): unknown => JSON.parse(text))
  if (Result.isFailure(parsed) || !isRecord(parsed.success)) return nothing
  const body = parsed.success
  const inner = isRecord(body.error) ? body.error : undefined
  const error = filled(body.error) ?? filled(inner?.error)
  const errorDescription = filled(body.error_description) ?? filled(inner?.message) ?? filled(body.message)
  return defined({
    fromApi: error !== undefined || errorDescription !== undefined,
    error,
    errorDescription,
    scope: words(body.scope).map(redact),
    amrValues: words(body.amr_values).map(redact)
  })
}

/** What is said in whatever form: the beginning of it. */
export const parseText = (text: string, redact: (text: string) => string): ErrorBody =>
  text === "" ? nothing : { ...nothing, errorDescription: redact(text).slice(0, 300) }

/** The body of a failed `HEAD`, which travels percent-encoded in a header. */
export const parseErrorPayload = (header: string | undefined, redact: (text: string) => string): ErrorBody => {
  if (header === undefined) return nothing
  return parseErrorBody(Result.getOrElse(Result.try(() => decodeURIComponent(header)), () => header), redact)
}

/**
 * The words with which the service was seen, or is documented, to say that a
 * limit of the account is reached. No part of it repeats without a bound, so
 * that no text takes longer than its length asks for.
 */
export const quota = /cannot export more than|within a \d{1,4}[- ]day period|slot[- ]seconds/i

/** What of a response an error carries. */
export interface Answer {
  readonly operation: string
  readonly method: string
  /** As it may be shown. */
  readonly url: string
  readonly status: number
  readonly warnings: ReadonlyArray<string>
  readonly rateLimit: RateLimitSnapshot
}

/** What a status is called where an operation has it among its failures. */
const tags: { readonly [status: number]: string } = {
  400: "BadRequest",
  403: "Forbidden",
  404: "NotFound",
  // a range that a file does not have
  416: "BadRequest"
}

/** The error that the status stands for in this operation. */
export const statusError = (operation: Operation.Any, answer: Answer, body: ErrorBody): StatusError => {
  const { status } = answer
  const fields = defined({ ...answer, error: body.error, errorDescription: body.errorDescription })
  // storage asks for no token
  if (status === 401 && operation.path !== "") return new Unauthorized(fields)
  if (status === 403 && body.error === "insufficient_scope") {
    return new InsufficientScope({ ...fields, scope: body.scope, amrValues: body.amrValues })
  }
  if (status === 429) return new TooManyRequests(defined({ ...fields, retryAt: resumesAt(answer.rateLimit) }))
  if (status === 500) return new InternalServerError(fields)
  if (status === 503) return new ServiceUnavailable(fields)
  const own = (tag: string | undefined) =>
    operation.failures.find((failure) => failure.fields._tag.schema.literal === tag)
  const isQuota = tags[status] === "BadRequest" && quota.test(body.errorDescription ?? body.error ?? "")
  const Failure = (isQuota ? own("QuotaExceeded") : undefined) ?? own(tags[status]) ?? UnexpectedStatus
  return new Failure(fields)
}
