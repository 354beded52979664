/** A request that no operation of the contract describes: an operation is made of it as it is asked for. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Operation from "../contract/Operation.ts"
import {
  BadRequest,
  type Common,
  DecodeError,
  Forbidden,
  InvalidInput,
  NotFound,
  QuotaExceeded
} from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import type { Executor } from "./service.ts"
import { shownUrl } from "./call/shown.ts"
import { misfit } from "./call/validate.ts"

type Scalar = string | number | boolean

/**
 * What a request takes that is written by hand.
 *
 * @category models
 * @since 0.1.0
 */
export interface RequestOptions {
  /**
   * The verb.
   *
   * @default "GET"
   */
  readonly method?: Operation.Method | undefined
  /** The query's parameters, not encoded. A list is sent as one comma-joined value. */
  readonly query?: Readonly<Record<string, Scalar | ReadonlyArray<Scalar> | null | undefined>> | undefined
  /** What is sent as JSON. */
  readonly body?: unknown
  /**
   * Whether the request may be sent again after a failure that leaves open
   * whether the first one took effect.
   *
   * @default "never" for POST, "always" for all other verbs
   */
  readonly repeatable?: "always" | "never" | undefined
}

/**
 * How a request ends that is written by hand.
 *
 * @category errors
 * @since 0.1.0
 */
export type RequestError = Common | BadRequest | QuotaExceeded | Forbidden | NotFound

const methods: ReadonlyArray<string> = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]

const operationName = "request"

const refuse = (field: string, reason: string): InvalidInput =>
  new InvalidInput({ operation: operationName, field, reason })

// oxlint-disable-next-line no-control-regex -- which are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f]/

/** The path, each segment decoded and encoded once, so that none can climb or end the path. */
const pathOf = (path: string): Result.Result<string, InvalidInput> => {
  const wrong = (reason: string): Result.Result<never, InvalidInput> => Result.fail(refuse("path", reason))
  if (/^[a-z][a-z\d+.-]*:/i.test(path) || path.startsWith("//")) {
    return wrong("names a host; it begins after the endpoint, as /users/me")
  }
  if (!path.startsWith("/")) return wrong("does not begin with a slash, as /users/me does")
  if (/[?#]/.test(path)) return wrong("has a ? or #; parameters go into query, and in a name they are %3F and %23")
  let encoded = ""
  for (const part of path.slice(1).split("/")) {
    const text = Result.try(() => decodeURIComponent(part))
    if (Result.isFailure(text)) return wrong("is not percent-encoded rightly; a percent sign itself is %25")
    if (control.test(text.success)) return wrong("has a control character")
    const segment = Reference.segment(text.success)
    if (Result.isFailure(segment)) return wrong(`has a segment that ${segment.failure.reason}`)
    encoded += `/${segment.success}`
  }
  return Result.succeed(encoded)
}

const Scalar = Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])

const Query = Schema.Record(
  Schema.String,
  Schema.Union([Scalar, Schema.Array(Scalar), Schema.Null, Schema.Undefined])
)

/** What is wrong with the options, where a compiler did not say it before. */
const problem = ({ body, method = "GET" }: RequestOptions): InvalidInput | undefined => {
  if (!methods.includes(method)) return refuse("method", `is none of ${methods.join(", ")}`)
  if (body === undefined) return undefined
  if (method === "GET" || method === "HEAD") return refuse("body", `cannot go with ${method}`)
  const text = Result.try((): unknown => JSON.stringify(body))
  return Result.isSuccess(text) && text.success !== undefined
    ? undefined
    : refuse("body", "cannot be written as JSON")
}

const operationOf = (path: string, { method = "GET", repeatable }: RequestOptions) =>
  Operation.make({
    name: operationName,
    method,
    path,
    query: Query,
    body: Schema.Unknown,
    kind: method === "HEAD" ? "none" : "text",
    failures: [BadRequest, QuotaExceeded, Forbidden, NotFound],
    ...(repeatable === undefined ? {} : { repeatable })
  })

/** The whole answer as JSON; nothing where nothing came, or the word that means it. */
const parse = (answer: unknown): Result.Result<unknown, unknown> =>
  typeof answer !== "string"
    ? Result.succeed(answer)
    : answer === "" || answer === "OK"
    ? Result.succeed(undefined)
    : Result.try((): unknown => JSON.parse(answer))

/** Sends it with all that the client does for its own operations. */
export const freeRequest = (
  redivis: Executor,
  path: string,
  options: RequestOptions & { readonly schema?: Schema.Codec<unknown, unknown> | undefined }
): Effect.Effect<unknown, RequestError> =>
  Effect.gen(function*() {
    const wrong = problem(options)
    if (wrong !== undefined) return yield* wrong
    const operation = operationOf(yield* Effect.fromResult(pathOf(path)), options)
    const misfitting = (where: string, expected: string): DecodeError =>
      new DecodeError({
        operation: operation.name,
        method: operation.method,
        url: shownUrl(redivis.endpoint + operation.path, redivis.sending.configuration.origin),
        path: where,
        expected
      })
    const parsed = parse(
      yield* redivis.execute(operation, { query: options.query ?? {}, body: options.body })
    )
    if (Result.isFailure(parsed)) return yield* misfitting("", "JSON")
    const { schema } = options
    if (schema === undefined) return parsed.success
    const decoded = Schema.decodeUnknownResult(schema)(parsed.success)
    if (Result.isSuccess(decoded)) return decoded.success
    const found = misfit(schema, parsed.success, () => {})
    return yield* misfitting(found?.path ?? "", (found?.message ?? "another value").replace(/^Expected /, ""))
  })
