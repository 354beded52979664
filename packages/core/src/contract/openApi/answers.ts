/** What operations can answer: their own successes, and the errors that they share. */
import type * as Operation from "../Operation.ts"
import type { Json, Printed } from "./schemas.ts"

const reference = (group: string, name: string): Json => ({ $ref: `#/components/${group}/${name}` })

const header = (description: string, type: string): Json => ({ description, schema: { type } })

/** Headers that several answers have. */
export const headers: Json = {
  RateLimitLimit: header("Requests allowed in one window of a minute.", "integer"),
  RateLimitRemaining: header("Requests left in the current window.", "integer"),
  RateLimitReset: header(
    "When the window ends, since the epoch: documented in milliseconds (from 1e11 on), recorded in seconds (below it).",
    "integer"
  ),
  RetryAfter: header(
    "When to ask again: documented as a point in time in milliseconds since the epoch (from 1e11 on). Where the window's end is in seconds, expect seconds here: since the epoch (from 1e9 on), or from the answer on (below it).",
    "integer"
  ),
  ContentRange: header("Which bytes these are, and of how many.", "string"),
  Warning: header("What a person should read.", "string"),
  ErrorPayload: header("The error of a HEAD, which has no body: its JSON, percent-encoded.", "string")
}

const common: Json = {
  "X-RateLimit-Limit": reference("headers", "RateLimitLimit"),
  "X-RateLimit-Remaining": reference("headers", "RateLimitRemaining"),
  "X-RateLimit-Reset": reference("headers", "RateLimitReset"),
  "X-Redivis-Warning": reference("headers", "Warning")
}

/** The body of every error. */
export const errorSchema: Json = {
  type: "object",
  properties: {
    status: { type: "integer" },
    error: { type: "string", examples: ["invalid_request", "not_found", "insufficient_scope"] },
    error_description: { type: "string" },
    scope: { type: "string", description: "With insufficient_scope: the scopes of which one is missing." },
    amr_values: {
      type: "array",
      items: { type: "string" },
      description: "With insufficient_scope: the authentication methods that are asked for."
    }
  },
  required: ["status", "error"]
}

interface Failure {
  readonly status: string
  readonly name: string
  readonly description: string
  readonly isOf: (operation: Operation.Any) => boolean
}

const always = (): boolean => true

const has = (...tags: ReadonlyArray<string>) => (operation: Operation.Any): boolean =>
  operation.failures.some((failure) => tags.includes(failure.fields._tag.schema.literal))

const failures: ReadonlyArray<Failure> = [
  {
    status: "400",
    name: "BadRequest",
    description: "The request is malformed, or not allowed in the resource's present state, or exceeds a limit.",
    isOf: has("BadRequest", "QuotaExceeded")
  },
  {
    status: "401",
    name: "Unauthorized",
    description: "The token is missing, expired or malformed.",
    isOf: always
  },
  {
    status: "403",
    name: "Forbidden",
    description: "The account may not do this, or the token's scopes do not allow it (insufficient_scope).",
    isOf: (operation) => operation.scopes.length > 0 || has("Forbidden")(operation)
  },
  {
    status: "404",
    name: "NotFound",
    description: "There is no such thing, or this token may not know of it.",
    isOf: has("NotFound")
  },
  {
    status: "429",
    name: "TooManyRequests",
    description: "The rate limit is used up, or too many requests are made at once.",
    isOf: always
  },
  { status: "500", name: "InternalServerError", description: "The service failed.", isOf: always },
  { status: "503", name: "ServiceUnavailable", description: "The service is not available.", isOf: always }
]

const response = ({ description, name }: Failure, ofHead: boolean): Json => ({
  description,
  headers: {
    ...common,
    ...(name === "TooManyRequests" ? { "Retry-After": reference("headers", "RetryAfter") } : {}),
    ...(ofHead ? { "X-Redivis-Error-Payload": reference("headers", "ErrorPayload") } : {})
  },
  ...(ofHead ? {} : { content: { "application/json": { schema: reference("schemas", "Error") } } })
})

const nameOf = ({ name }: Failure, ofHead: boolean): string => ofHead ? `${name}OfHead` : name

/** The errors that these operations share, by their names. */
export const sharedResponses = (operations: ReadonlyArray<Operation.Any>): Json => {
  const shared: Record<string, Json> = {}
  for (const ofHead of [false, true]) {
    for (const failure of failures) {
      if (operations.some((operation) => (operation.method === "HEAD") === ofHead && failure.isOf(operation))) {
        shared[nameOf(failure, ofHead)] = response(failure, ofHead)
      }
    }
  }
  return shared
}

const media: Readonly<Record<Exclude<Operation.Kind, "json" | "none">, string>> = {
  text: "text/plain",
  bytes: "application/octet-stream",
  arrow: "application/vnd.apache.arrow.stream"
}

const content = (operation: Operation.Any, printed: Printed): Json => {
  const { kind, method, success } = operation
  if (method === "HEAD") return {}
  if (kind === "none") return { content: { "text/plain": { schema: { type: "string", examples: ["OK"] } } } }
  if (kind !== "json") return { content: { [media[kind]]: kind === "text" ? { schema: { type: "string" } } : {} } }
  return { content: { "application/json": { schema: success === undefined ? {} : printed.of(success.ast) } } }
}

const meaning: Readonly<Record<Operation.Kind, string>> = {
  json: "It is done, or this is it.",
  text: "The text.",
  bytes: "The bytes.",
  arrow: "The rows, as an Arrow IPC stream.",
  none: "It is done, or it is there."
}

/** Successes beside 200. */
const besides: Readonly<Record<201 | 206 | 304 | 308, (whole: Json) => Json>> = {
  201: (whole) => ({ ...whole, description: "It is made." }),
  206: (whole) => ({
    ...whole,
    description: "The part that was asked for.",
    headers: { ...common, "Content-Range": reference("headers", "ContentRange") }
  }),
  304: () => ({ description: "It has not changed since.", headers: common }),
  308: () => ({ description: "More is to come.", headers: common })
}

/** All answers of an operation, by status. */
export const answersOf = (operation: Operation.Any, printed: Printed): Json => {
  const ofHead = operation.method === "HEAD"
  const whole = { description: meaning[operation.kind], headers: common, ...content(operation, printed) }
  return {
    200: whole,
    ...Object.fromEntries(operation.statuses.map((status) => [status, besides[status](whole)])),
    ...Object.fromEntries(
      failures.filter((failure) => failure.isOf(operation)).map((failure) => [
        failure.status,
        reference("responses", nameOf(failure, ofHead))
      ])
    )
  }
}
