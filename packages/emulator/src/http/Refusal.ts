/**
 * Why the server refuses a request. The tags are those of the client's errors,
 * so that a handler's failures can be held against its operation.
 */
import * as Data from "effect/Data"
import { type Answer, answer, json } from "./message.ts"

export class BadRequest extends Data.TaggedError("BadRequest")<{
  readonly description: string
}> {}

/** A reference that names nothing. Whatever takes one lists `BadRequest`, as which it leaves. */
export class Malformed extends Data.TaggedError("Malformed")<{
  readonly description: string
}> {}

/** A range of which a file has no byte. */
export class RangeNotSatisfiable extends Data.TaggedError("RangeNotSatisfiable")<{
  readonly description: string
  /** Of the file, in bytes. */
  readonly size: number
}> {}

/** A 400 whose text tells of a limit. */
export class QuotaExceeded extends Data.TaggedError("QuotaExceeded")<{
  readonly description: string
}> {}

export class Unauthorized extends Data.TaggedError("Unauthorized")<{
  readonly description: string
  /** `invalid_token` if absent. */
  readonly error?: "access_denied"
}> {}

export class Forbidden extends Data.TaggedError("Forbidden")<{
  readonly description: string
}> {}

export class InsufficientScope extends Data.TaggedError("InsufficientScope")<{
  /** What the token lacks. */
  readonly scopes: ReadonlyArray<string>
}> {}

export class NotFound extends Data.TaggedError("NotFound")<{
  readonly description: string
}> {}

export class TooManyRequests extends Data.TaggedError("TooManyRequests")<{
  /** The header that says when to come again, where that is known. */
  readonly retryAfter?: readonly [string, string]
}> {}

export class InternalServerError extends Data.TaggedError("InternalServerError")<{
  readonly description: string
}> {}

/** What every operation may be refused with. */
export type Common =
  | Malformed
  | RangeNotSatisfiable
  | Unauthorized
  | InsufficientScope
  | TooManyRequests
  | InternalServerError

export type Any = Common | BadRequest | QuotaExceeded | Forbidden | NotFound

interface ErrorBody {
  readonly status: number
  readonly error: string
  readonly error_description: string
  readonly scope?: string
  readonly amr_values?: ReadonlyArray<string>
}

const bodyOf = (refusal: Any): ErrorBody => {
  switch (refusal._tag) {
    case "BadRequest":
    case "Malformed":
    case "QuotaExceeded":
      return { status: 400, error: "invalid_request", error_description: refusal.description }
    case "RangeNotSatisfiable":
      return { status: 416, error: "invalid_request", error_description: refusal.description }
    case "Unauthorized":
      return { status: 401, error: refusal.error ?? "invalid_token", error_description: refusal.description }
    case "Forbidden":
      return { status: 403, error: "forbidden", error_description: refusal.description }
    case "InsufficientScope":
      return {
        status: 403,
        error: "insufficient_scope",
        error_description:
          `You have access to the underlying resource, but your current credentials are missing the required scope(s): ${
            refusal.scopes.join(", ")
          }`,
        scope: refusal.scopes.join(" "),
        amr_values: []
      }
    case "NotFound":
      return { status: 404, error: "not_found", error_description: refusal.description }
    case "TooManyRequests":
      return {
        status: 429,
        error: "too_many_requests",
        error_description: "Too many requests, please try again later."
      }
    case "InternalServerError":
      return { status: 500, error: "internal_error", error_description: refusal.description }
  }
}

/** The error as HEAD sends it, which can have no body: percent-encoded JSON in a header. */
export const payloadHeader = (body: unknown): readonly [string, string] => [
  "x-redivis-error-payload",
  encodeURIComponent(JSON.stringify(body))
]

export const toAnswer = (refusal: Any, method: string): Answer => {
  const body = bodyOf(refusal)
  const headers: ReadonlyArray<readonly [string, string]> =
    refusal._tag === "TooManyRequests" && refusal.retryAfter !== undefined
      ? [refusal.retryAfter]
      : refusal._tag === "RangeNotSatisfiable"
      ? [["content-range", `bytes */${refusal.size}`]]
      : []
  return method === "HEAD"
    ? answer(body.status, [...headers, payloadHeader(body)])
    : json(body.status, body, headers)
}

export const noSuchPath = new NotFound({ description: "Invalid API endpoint" })

const owned: ReadonlySet<string> = new Set(["dataset", "table", "workflow", "transform", "notebook"])

/** What is not there, or not for the caller, by its reference without the owner. */
export const notFound = (kind: string, reference: string): NotFound =>
  new NotFound({
    description: `Not found: ${owned.has(kind) ? reference.slice(reference.indexOf(".") + 1) : reference}`
  })
