/**
 * Everything that a call of the API can fail with: one tagged class a status,
 * and classes for what happens before, beside and after an answer.
 *
 * Each error is data (a Schema class, so that it travels through RPC and
 * logs), says in its message what to do next, and carries neither a token, nor
 * a header, nor a body.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { heldConnections } from "./connections.ts"
import { harmless } from "./harmless.ts"
import type { Position } from "./position.ts"
import type { PlanOutdated, VerificationFailed } from "./publishingErrors.ts"

/**
 * What an answer's headers said of the rate limit. Every field may be missing:
 * browsers hide these headers unless the server exposes them.
 *
 * @category models
 * @since 0.1.0
 */
export const RateLimitSnapshot = Schema.Struct({
  /** Requests allowed in one window. */
  limit: Schema.optionalKey(Schema.Number),
  /** Requests left in the current window. */
  remaining: Schema.optionalKey(Schema.Number),
  /** When the window ends, in milliseconds since the epoch on the server's clock. */
  resetAt: Schema.optionalKey(Schema.Number),
  /** When requests may be resumed, in milliseconds since the epoch on the server's clock. */
  retryAt: Schema.optionalKey(Schema.Number),
  /** The server's clock when it answered (the `Date` header), in milliseconds since the epoch. */
  date: Schema.optionalKey(Schema.Number),
  /** Whether `resetAt` or `retryAt` was told in whole seconds: what is meant may be up to a second later. */
  isRounded: Schema.optionalKey(Schema.Boolean)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface RateLimitSnapshot extends Schema.Schema.Type<typeof RateLimitSnapshot> {}

/**
 * Where a listing that failed goes on: pass the token to the page-wise form.
 *
 * @category models
 * @since 0.1.0
 */
export const PageResume = Schema.Struct({
  pageToken: Schema.NullOr(Schema.Union([Schema.String, Schema.Number]))
})
/**
 * @category models
 * @since 0.1.0
 */
export interface PageResume extends Schema.Schema.Type<typeof PageResume> {}

/**
 * Where a listing or a reading of rows goes on that broke: a `pageToken`, or a
 * position with its `streams`.
 *
 * @category models
 * @since 0.1.0
 */
export type Resume =
  | PageResume & { readonly [Key in keyof Position]?: undefined }
  | Position & { readonly [Key in keyof PageResume]?: undefined }

// made here and read by nobody else; `PageResume` and `Position` check it where it is used again
const Resume = Schema.Unknown as unknown as Schema.Codec<Resume>

const sent = {
  /** The operation's name, as `datasets.get`. */
  operation: Schema.String,
  method: Schema.String,
  /** The URL without credentials. */
  url: Schema.String,
  /** Where a listing or a reading of rows goes on that broke here. */
  resume: Schema.optionalKey(Resume)
}

const answered = {
  ...sent,
  status: Schema.Number,
  /** The error type that the server names, as `invalid_request`. */
  error: Schema.optionalKey(Schema.String),
  /** The server's description. */
  errorDescription: Schema.optionalKey(Schema.String),
  /** What the server wants a person to read (`X-Redivis-Warning`). */
  warnings: Schema.Array(Schema.String),
  rateLimit: Schema.optionalKey(RateLimitSnapshot)
}

/** A part of somebody's data, which stays on the object: nothing that an error is written as has it. */
const unwritten = /*#__PURE__*/ Schema.optionalKey(Schema.String).pipe(
  Schema.encodeTo(Schema.optionalKey(Schema.Never), {
    decode: SchemaGetter.omit(),
    encode: SchemaGetter.omit()
  })
)

/** What is known of the request where the failure is found below the level of requests. */
const located = {
  operation: Schema.optionalKey(Schema.String),
  method: Schema.optionalKey(Schema.String),
  url: Schema.optionalKey(Schema.String),
  status: Schema.optionalKey(Schema.Number),
  resume: Schema.optionalKey(Resume)
}

const serverSays = (self: { readonly error?: string; readonly errorDescription?: string }): string => {
  const text = self.errorDescription ?? self.error
  return text === undefined || text === "" ? "" : ` The server says: ${text}`
}

const at = (self: { readonly operation?: string; readonly method?: string; readonly url?: string }): string =>
  self.operation === undefined
    ? ""
    : `${self.operation}${self.url === undefined ? "" : ` (${self.method ?? "GET"} ${self.url})`}: `

const said = (
  self: {
    readonly operation?: string
    readonly method?: string
    readonly url?: string
    readonly error?: string
    readonly errorDescription?: string
  },
  text: string
): string => harmless(at(self) + text + serverSays(self))

/**
 * An input that cannot be sent as it is: no request was made.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidInput
  extends Schema.TaggedError<InvalidInput>("@effect-redivis/core/InvalidInput")("InvalidInput", {
    /** The option, parameter or field, as `pageSize` or `body.name`. */
    field: Schema.String,
    /** What is wrong with it and what would be right. */
    reason: Schema.String,
    operation: Schema.optionalKey(Schema.String),
    resume: Schema.optionalKey(Resume)
  })
{
  override get message(): string {
    return harmless(`${at(this)}${this.field} ${this.reason}. Nothing was sent.`)
  }
}

/**
 * Status 400: the server refuses the request as malformed or as not allowed in
 * the resource's present state. Also 416, for a part that a file does not have.
 *
 * @category errors
 * @since 0.1.0
 */
export class BadRequest
  extends Schema.TaggedError<BadRequest>("@effect-redivis/core/BadRequest")("BadRequest", answered)
{
  override get message(): string {
    return said(this, "the server refuses the request (400). Correct the parameters or the resource's state.")
  }
}

/**
 * Status 400 with the text of a limit: an export, query or read above what the
 * account may use. Repeating it does not help.
 *
 * @category errors
 * @since 0.1.0
 */
export class QuotaExceeded
  extends Schema.TaggedError<QuotaExceeded>("@effect-redivis/core/QuotaExceeded")("QuotaExceeded", answered)
{
  override get message(): string {
    return said(
      this,
      "a limit of the account is reached. Read less, aggregate in SQL, or wait until the limit moves on."
    )
  }
}

/**
 * Status 401: the token is missing, expired or malformed.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unauthorized
  extends Schema.TaggedError<Unauthorized>("@effect-redivis/core/Unauthorized")("Unauthorized", answered)
{
  override get message(): string {
    return said(this, "the server does not accept the credentials (401). Set a valid token, as REDIVIS_API_TOKEN.")
  }
}

/**
 * Status 403: the account may not do this.
 *
 * @category errors
 * @since 0.1.0
 */
export class Forbidden extends Schema.TaggedError<Forbidden>("@effect-redivis/core/Forbidden")("Forbidden", answered) {
  override get message(): string {
    return said(this, "this account may not do that (403). Ask an owner of the data for access.")
  }
}

/**
 * Status 403 with `insufficient_scope`: the token's scopes do not cover this.
 *
 * @category errors
 * @since 0.1.0
 */
export class InsufficientScope
  extends Schema.TaggedError<InsufficientScope>("@effect-redivis/core/InsufficientScope")("InsufficientScope", {
    ...answered,
    /** The scopes of which one is missing. */
    scope: Schema.Array(Schema.String),
    /** The authentication methods that the server asks for. */
    amrValues: Schema.Array(Schema.String)
  })
{
  override get message(): string {
    const scopes = this.scope === undefined || this.scope.length === 0
      ? "a wider scope"
      : `the scope ${this.scope.join(" or ")}`
    return said(this, `the token lacks ${scopes} (403). Make a token with it or sign in again.`)
  }
}

/**
 * Status 404: the resource does not exist, or this token may not know that it
 * does, since Redivis hides what a caller cannot see. Or the server gave
 * something else than what was asked for, as another version.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFound extends Schema.TaggedError<NotFound>("@effect-redivis/core/NotFound")("NotFound", {
  ...answered,
  /** What the server gave in place of what was asked for, as `the version v1.0`. */
  given: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return said(
      this,
      `nothing is there${this.given ? ` but ${this.given}` : ""}, or this token may not see it (404). ` +
        "Check the reference, then the token's scopes."
    )
  }
}

/**
 * Status 429: the rate limit is used up, or the server takes no more requests at
 * once, and the retries that the policy allows are spent.
 *
 * @category errors
 * @since 0.1.0
 */
export class TooManyRequests
  extends Schema.TaggedError<TooManyRequests>("@effect-redivis/core/TooManyRequests")("TooManyRequests", {
    ...answered,
    /**
     * When requests may be resumed, in milliseconds since the epoch on the
     * server's clock, whichever form the server named it in.
     */
    retryAt: Schema.optionalKey(Schema.Number)
  })
{
  override get message(): string {
    const { rateLimit, retryAt } = this
    // the schema takes any number, and a message never throws
    const until = Math.abs(retryAt ?? NaN) <= 8.64e15 ? ` until ${new Date(retryAt ?? 0).toISOString()}` : ""
    const what = rateLimit?.remaining ? "too many requests go at once" : "the rate limit is used up"
    return said(this, `${what} (429). Wait${until}, or retry with RateLimit.schedule.`)
  }
}

/**
 * Status 500: an error inside the service.
 *
 * @category errors
 * @since 0.1.0
 */
export class InternalServerError
  extends Schema.TaggedError<InternalServerError>("@effect-redivis/core/InternalServerError")(
    "InternalServerError",
    answered
  )
{
  override get message(): string {
    return said(this, "the service failed (500). Try again later; if it stays, tell Redivis support.")
  }
}

/**
 * Status 503: the service is not available for the moment.
 *
 * @category errors
 * @since 0.1.0
 */
export class ServiceUnavailable
  extends Schema.TaggedError<ServiceUnavailable>("@effect-redivis/core/ServiceUnavailable")(
    "ServiceUnavailable",
    answered
  )
{
  override get message(): string {
    return said(this, "the service is not available (503). Try again in a minute.")
  }
}

/**
 * A status that the operation's documentation does not have: 502 and 504 of a
 * proxy among them.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnexpectedStatus
  extends Schema.TaggedError<UnexpectedStatus>("@effect-redivis/core/UnexpectedStatus")("UnexpectedStatus", answered)
{
  override get message(): string {
    const advice = this.status >= 500
      ? "Try again later"
      : this.status >= 300 && this.status < 400
      ? "Check the endpoint: it redirects where the API does not"
      : "Check the endpoint and the request"
    return said(this, `status ${this.status} is not one that this method answers. ${advice}.`)
  }
}

/**
 * No whole answer: the connection, TLS or a time limit failed, or a body broke
 * off.
 *
 * @category errors
 * @since 0.1.0
 */
export class TransportError
  extends Schema.TaggedError<TransportError>("@effect-redivis/core/TransportError")("TransportError", {
    ...sent,
    /** Known when the answer had begun. */
    status: Schema.optionalKey(Schema.Number),
    /** What failed. `Misconfigured` lasts until somebody changes what `advice` says, and is not repeated. */
    reason: Schema.Literals(["Connection", "Misconfigured", "Timeout", "IdleTimeout", "BodyBroken", "Redirect"]),
    /** Whether the failure is known to come before any byte was sent, so that a repeat is safe. */
    beforeSending: Schema.Boolean,
    /** A sentence of the runtime's, whose own error is in `cause`. */
    description: Schema.optionalKey(Schema.String),
    /** Answers that this client was reading when a call's time was over: over HTTP/1.1 each holds a connection. */
    openBodies: Schema.optionalKey(Schema.Number),
    /** What to do, where a repeat would fail as well. */
    advice: Schema.optionalKey(Schema.String)
  })
{
  override get message(): string {
    const what = {
      Connection: "the connection failed",
      Misconfigured: "no connection can be made as things are set up",
      Timeout: "no whole answer came in time",
      IdleTimeout: "the body stood still for too long",
      BodyBroken: "the body broke off",
      Redirect: "a redirect cannot be followed"
    }[this.reason]
    const said = this.description === undefined ? "" : ` (${this.description})`
    const advice = this.advice ?? (this.openBodies === undefined
      ? "Check the network and the endpoint, then try again."
      : heldConnections(this.openBodies))
    return harmless(`${at(this)}${what}${said}. ${advice}`)
  }
}

/**
 * A body that was read whole and is not what the operation answers.
 *
 * @category errors
 * @since 0.1.0
 */
export class DecodeError extends Schema.TaggedError<DecodeError>("@effect-redivis/core/DecodeError")("DecodeError", {
  ...located,
  /** Where in the body, as `results[3].name`, or in which part of a binary message. */
  path: Schema.String,
  expected: Schema.String,
  /** At most 40 characters of what was there; absent where the operation's answers are secret. Never logged. */
  value: unwritten
}) {
  override get message(): string {
    return harmless(
      `${at(this)}the answer does not fit at ${
        this.path === "" ? "its root" : this.path
      }: expected ${this.expected}. ` +
        "If the API changed, use decoding: \"lenient\" and report it."
    )
  }
  /** The value stays on the object: an answer may be data that no log should have. */
  override toJSON(): unknown {
    const { value: _, ...fields } = this
    return { ...fields, message: this.message }
  }
}

/**
 * A value that does not fit its variable's type.
 *
 * @category errors
 * @since 0.1.0
 */
export class CoercionError
  extends Schema.TaggedError<CoercionError>("@effect-redivis/core/CoercionError")("CoercionError", {
    ...located,
    /** The row, counted from 0 over all rows of the read; absent where a whole column does not fit. */
    row: Schema.optionalKey(Schema.Number),
    column: Schema.String,
    /** At most 40 characters of it. Never logged. */
    value: unwritten,
    expected: Schema.String
  })
{
  override get message(): string {
    const where = this.row === undefined ? "" : ` in row ${this.row}`
    return harmless(
      `${
        at(this)
      }column ${this.column}${where} is not ${this.expected}. Choose another representation of its type, or read it as text.`
    )
  }
  /** The value stays on the object: it is somebody's data. */
  override toJSON(): unknown {
    const { value: _, ...fields } = this
    return { ...fields, message: this.message }
  }
}

/**
 * Bytes or rows that arrived are not all, or not those, that were promised.
 *
 * @category errors
 * @since 0.1.0
 */
export class IntegrityError
  extends Schema.TaggedError<IntegrityError>("@effect-redivis/core/IntegrityError")("IntegrityError", {
    ...located,
    reason: Schema.Literals(["MissingEnd", "MissingSentinel", "RowCount", "Size", "Hash", "BytesAfterEnd"]),
    /** What was expected and what came. */
    detail: Schema.String
  })
{
  override get message(): string {
    const { detail, reason } = this
    // a count alone does not tell which rows are missing, or are there twice
    const isRightSoFar = reason === "MissingEnd" || reason === "MissingSentinel"
    return harmless(
      `${at(this)}the data is not whole: ${detail}. Read it again${
        isRightSoFar ? "; what came before this error is right." : "."
      }`
    )
  }
}

/**
 * A job (query, upload, export, release) that ended in failure.
 *
 * @category errors
 * @since 0.1.0
 */
export class JobFailed extends Schema.TaggedError<JobFailed>("@effect-redivis/core/JobFailed")("JobFailed", {
  /** As `query` or `upload`. */
  kind: Schema.String,
  id: Schema.String,
  /** The server's message. */
  errorMessage: Schema.optionalKey(Schema.String),
  /** Where in a query's text it went wrong, where the message says so: both counted from 1. */
  position: Schema.optionalKey(Schema.Struct({ line: Schema.Number, column: Schema.Number }))
}) {
  override get message(): string {
    return harmless(
      `The ${this.kind} ${this.id} failed: ${
        this.errorMessage ?? "the server gives no reason"
      }. Correct its input and start it anew.`
    )
  }
}

/**
 * A job that was cancelled.
 *
 * @category errors
 * @since 0.1.0
 */
export class JobCancelled
  extends Schema.TaggedError<JobCancelled>("@effect-redivis/core/JobCancelled")("JobCancelled", {
    kind: Schema.String,
    id: Schema.String
  })
{
  override get message(): string {
    return harmless(`The ${this.kind} ${this.id} was cancelled. Start it anew if its result is wanted.`)
  }
}

/**
 * A job that had not ended when the caller's deadline came. It goes on: wait
 * again with its id. A query whose start was not answered until then has no id
 * here, and may run all the same.
 *
 * @category errors
 * @since 0.1.0
 */
export class DeadlineExceeded
  extends Schema.TaggedError<DeadlineExceeded>("@effect-redivis/core/DeadlineExceeded")("DeadlineExceeded", {
    kind: Schema.String,
    /** Missing where the deadline came before the answer that would have told it. */
    id: Schema.optionalKey(Schema.String),
    status: Schema.String
  })
{
  override get message(): string {
    return harmless(
      this.id === undefined
        ? `The start of the ${this.kind} was not answered before the deadline. It may run all the same, and its id is not known: give it more time, or start it by create.`
        : this.status === "unknown"
        ? `How the ${this.kind} ${this.id} stands was not answered before the deadline. It goes on: wait again with its id.`
        : `The ${this.kind} ${this.id} is still ${this.status}. It goes on: wait again with its id.`
    )
  }
}

/**
 * What every operation can fail with.
 *
 * @category models
 * @since 0.1.0
 */
export type Common =
  | InvalidInput
  | Unauthorized
  | InsufficientScope
  | TooManyRequests
  | InternalServerError
  | ServiceUnavailable
  | UnexpectedStatus
  | TransportError
  | DecodeError

/**
 * Any error of this library.
 *
 * @category models
 * @since 0.1.0
 */
export type RedivisError =
  | Common
  | BadRequest
  | QuotaExceeded
  | Forbidden
  | NotFound
  | CoercionError
  | IntegrityError
  | JobFailed
  | JobCancelled
  | DeadlineExceeded
  | VerificationFailed
  | PlanOutdated

export {
  catchAuth,
  catchDecode,
  type Catcher,
  catchInput,
  catchIntegrity,
  catchJob,
  catchMissing,
  catchNetwork,
  catchQuota,
  catchServer,
  catchThrottling,
  type Categories,
  type Category,
  category,
  type InCategory,
  isAuth,
  isDecode,
  isInput,
  isIntegrity,
  isJob,
  isMissing,
  isNetwork,
  isQuota,
  isServer,
  isThrottling,
  type OfCategory,
  type Refinement,
  type Removed
} from "./errorCategories.ts"
export { PlanOutdated, PublishProgress, VerificationFailed } from "./publishingErrors.ts"
export { toCurl } from "./toCurl.ts"
