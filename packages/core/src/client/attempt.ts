/** One attempt of a call: credentials, budget, request, and the answer as a success or a typed error. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import type * as Operation from "../contract/Operation.ts"
import { DecodeError, type RedivisError } from "../contract/RedivisError.ts"
import type { Configuration } from "./configuration.ts"
import * as Credentials from "./Credentials.ts"
import type { Platform } from "./Platform.ts"
import * as RateLimit from "./RateLimit.ts"
import type { ExchangeAttempt } from "./region.ts"
import type { Prepared } from "./request.ts"
import { parseErrorBody, parseErrorPayload, readErrorText, redactUrl, statusError } from "./response.ts"
import type * as Retry from "./Retry.ts"
import { headers, send, transportError } from "./send.ts"
import { misfit, shortened } from "./validate.ts"
import { version } from "./version.ts"
import * as Warnings from "./Warnings.ts"

/** A call of an operation, the same through all its attempts. */
export interface Call {
  readonly operation: Operation.Any
  readonly prepared: Prepared
  readonly url: string
  readonly platform: Platform
  readonly headers: Readonly<Record<string, string>>
  /** In milliseconds. */
  readonly timeout: number
  readonly policy: Retry.Policy
  readonly warnings: Warnings.Warnings
  readonly span: Tracer.Span | undefined
  /** Kept where somebody asks for them. */
  readonly attempts: Array<ExchangeAttempt> | undefined
}

/** A failure, with what decides whether another attempt follows. */
export interface Failed {
  readonly error: RedivisError
  /** Whether the body was the API's own error. */
  readonly answeredByApi: boolean
  /** The credentials that were sent. */
  readonly authorization: string | undefined
}

/** What is done with a success, inside the time limit. */
export type Consume<A> = (
  call: Call,
  response: HttpClientResponse.HttpClientResponse
) => Effect.Effect<A, RedivisError>

/** A request of a refused token would be refused again. */
export interface Refused {
  readonly authorization: string
  readonly error: RedivisError
}

export type Client = HttpClient.HttpClient.With<HttpClientError.HttpClientError, Scope.Scope>

const outgoing = (call: Call) => ({
  operation: call.operation.name,
  method: call.operation.method,
  url: call.url,
  platform: call.platform
})

/** The token, and what a caller adds, go to the API's own origin alone. */
const headersFor = (configuration: Configuration, call: Call, authorization: string | undefined) => (url: string) => {
  const pairs: Record<string, string> = {}
  // the first URL begins with the endpoint; only a redirect's has to be parsed
  if (url === call.url || new URL(url).origin === configuration.origin) {
    for (const name in call.headers) {
      pairs[name.toLowerCase()] = call.headers[name] ?? ""
    }
    pairs["x-redivis-client"] = "effect-redivis"
    pairs["x-redivis-client-version"] = version
    if (authorization !== undefined) pairs.authorization = authorization
  }
  if (call.platform.userAgent) pairs["user-agent"] = `effect-redivis/${version}`
  return headers(pairs)
}

const failed = (error: RedivisError, authorization?: string, answeredByApi = false): Failed => ({
  error,
  answeredByApi,
  authorization
})

const decodeError = (call: Call, status: number, path: string, expected: string, value: unknown): DecodeError =>
  new DecodeError({
    operation: call.operation.name,
    method: call.operation.method,
    url: redactUrl(call.url),
    status,
    path,
    expected,
    ...(call.operation.sensitive ? {} : { value: shortened(value) })
  })

const decode = (configuration: Configuration, call: Call, status: number, text: string) => {
  const { kind, name, success } = call.operation
  if (kind === "none") return Effect.void
  if (kind === "text" || success === undefined) return Effect.succeed(text)
  const parsed = Result.try((): unknown => JSON.parse(text))
  if (Result.isFailure(parsed)) return Effect.fail(decodeError(call, status, "", "JSON", text))
  const wrong = misfit(success, parsed.success, call.platform.compile)
  if (wrong === undefined) return Effect.succeed(parsed.success)
  const expected = wrong.message.replace(/^Expected /, "")
  return configuration.lenient
    ? Effect.as(
      call.warnings.warn({ text: `an answer does not fit at ${wrong.path}: expected ${expected}`, operation: name }),
      parsed.success
    )
    : Effect.fail(decodeError(call, status, wrong.path, expected, wrong.value))
}

/** Reads the answer whole and decodes it. The bytes come first: a body that breaks off is no misfit. */
export const consumeWhole = (configuration: Configuration): Consume<unknown> => (call, response) =>
  Effect.matchEffect(response.text, {
    onFailure: (failure) => Effect.fail(transportError(outgoing(call), "BodyBroken", failure, response.status)),
    onSuccess: (text) => decode(configuration, call, response.status, text)
  })

/** Leaves the body to a stream. */
export const consumeHeaders: Consume<HttpClientResponse.HttpClientResponse> = (_, response) => Effect.succeed(response)

/** The error that a status outside 2xx stands for. */
const failStatus = (
  call: Call,
  response: HttpClientResponse.HttpClientResponse,
  warnings: ReadonlyArray<string>,
  rateLimit: RateLimit.Snapshot,
  authorization: string | undefined
): Effect.Effect<never, Failed> =>
  Effect.flatMap(
    call.operation.method === "HEAD"
      ? Effect.sync(() => parseErrorPayload(response.headers["x-redivis-error-payload"]))
      : Effect.map(readErrorText(response), parseErrorBody),
    (body) =>
      Effect.fail(failed(
        statusError(
          { operation: call.operation, url: call.url, status: response.status, warnings, rateLimit },
          body
        ),
        authorization,
        body.fromApi
      ))
  )

/** Sends once and consumes the answer. */
export const attempt = <A>(
  configuration: Configuration,
  client: Client,
  budget: RateLimit.Budget,
  call: Call,
  consume: Consume<A>,
  refused: Refused | undefined
): Effect.Effect<A, Failed, Scope.Scope> => {
  const exchange = (authorization: string | undefined) =>
    budget.use((settle) =>
      Effect.flatMap(
        Effect.mapError(
          send(client, {
            ...outgoing(call),
            body: call.prepared.body,
            headersFor: headersFor(configuration, call, authorization)
          }),
          (error) => failed(error, authorization)
        ),
        (response) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            const snapshot = RateLimit.fromHeaders(response.headers)
            settle(snapshot, response.status)
            call.span?.attribute("http.response.status_code", response.status)
            const warnings = Warnings.fromHeaders(response.headers)
            const consumed = response.status >= 200 && response.status < 300
              ? Effect.mapError(consume(call, response), (error) => failed(error, authorization))
              : failStatus(call, response, warnings, snapshot, authorization)
            const heard = warnings.length === 0 ? consumed : Effect.andThen(
              Effect.forEach(warnings, (text) => call.warnings.warn({ text, operation: call.operation.name })),
              consumed
            )
            return call.attempts === undefined ? heard : Effect.onExit(heard, (exit) =>
              Effect.sync(() => {
                const failure = exit._tag === "Failure" ? exit.cause.reasons.find((reason) => reason._tag === "Fail") : undefined
                call.attempts?.push({
                  status: response.status,
                  headers: { ...response.headers },
                  error: failure?.error.error
                })
              }))
          })
      ).pipe(Effect.timeoutOrElse({
        duration: call.timeout,
        orElse: () => Effect.fail(failed(transportError(outgoing(call), "Timeout"), authorization))
      }))
    )
  return Effect.matchEffect(configuration.credentials, {
    onFailure: (error) => Effect.fail(failed(error)),
    onSuccess: (token) => {
      const authorization = token === undefined ? undefined : Credentials.authorization(token)
      if (typeof authorization === "object") return Effect.fail(failed(authorization))
      return refused !== undefined && refused.authorization === authorization
        ? Effect.fail(failed(refused.error, authorization))
        : exchange(authorization)
    }
  })
}
