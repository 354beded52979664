/** One attempt of a call: credentials, budget, request, and the answer as a success or a typed error. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type * as Tracer from "effect/Tracer"
import type * as Operation from "../../contract/Operation.ts"
import { DecodeError, NotFound, type RedivisError } from "../../contract/RedivisError.ts"
import { otherVersion } from "./askedVersion.ts"
import type { Configuration } from "./configuration.ts"
import * as Credentials from "../Credentials.ts"
import { defined } from "../defined.ts"
import * as RateLimit from "../RateLimit.ts"
import { located } from "./redactUrl.ts"
import { CurrentStrictness, type ExchangeAttempt } from "../region.ts"
import type { Prepared } from "./request.ts"
import { parseErrorBody, parseErrorPayload, statusError } from "./response.ts"
import type * as Retry from "../Retry.ts"
import { readBounded, send, transportError } from "./send.ts"
import type { Transport, TransportResponse } from "./transport.ts"
import { isWalkable, misfit, shortened } from "./validate.ts"
import { version } from "./version.ts"
import * as Warnings from "../Warnings.ts"

/** A call of an operation, the same through all its attempts. */
export interface Call {
  readonly operation: Operation.Any
  readonly prepared: Prepared
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** In milliseconds. */
  readonly timeout: number
  readonly policy: Retry.Policy
  readonly warnings: Warnings.Warnings
  readonly span: Tracer.Span | undefined
  /** Kept where somebody asks for them. */
  readonly attempts: Array<ExchangeAttempt> | undefined
  /** The text of the last answer, for who keeps the attempts. */
  body?: string | undefined
  /** When the first answer came: what a call waits for its turn before counts against no bound of its retries. */
  firstAnsweredAt: number | undefined
  /** What the last attempt's answer said. */
  rateLimit: RateLimit.Snapshot
}

/** A failure, with what decides whether another attempt follows. */
export interface Failed {
  readonly error: RedivisError
  /** Whether the body was the API's own error. */
  readonly answeredByApi: boolean
  /** The credentials that were sent. */
  readonly authorization: string | undefined
}

/** A request of a refused token would be refused again. */
export interface Refused {
  readonly authorization: string
  readonly error: RedivisError
}

/** What the attempts of a client share. */
export interface Sending {
  readonly configuration: Configuration
  readonly transport: Transport
  readonly budget: RateLimit.Budget
}

/** What is done with a success, inside the time limit. */
export type Consume<A> = (
  sending: Sending,
  call: Call,
  response: TransportResponse,
  authorization: string | undefined
) => Effect.Effect<A, RedivisError>

const outgoing = ({ configuration }: Sending, call: Call) => ({
  operation: call.operation.name,
  method: call.operation.method,
  url: call.url,
  platform: configuration.platform
})

/** The token, and what a caller adds, go to the API's own origin alone; which part is wanted goes along everywhere. */
const headersFor = (
  configuration: Configuration,
  call: Call,
  authorization: string | undefined
) =>
(url: string, strayed: boolean) => {
  const headers: Record<string, string> = { ...call.prepared.headers }
  // the first URL begins with the endpoint; only a redirect's has to be parsed
  if (!strayed && (url === call.url || new URL(url).origin === configuration.origin)) {
    for (const name in call.headers) {
      headers[name.toLowerCase()] = call.headers[name] ?? ""
    }
    headers["x-redivis-client"] = "effect-redivis"
    headers["x-redivis-client-version"] = version
    if (authorization !== undefined) headers.authorization = authorization
  }
  if (configuration.platform.userAgent) headers["user-agent"] = `effect-redivis/${version}`
  return headers
}

const failed = (error: RedivisError, authorization?: string, answeredByApi = false): Failed => ({
  error,
  answeredByApi,
  authorization
})

interface Misfitting {
  readonly path: string
  readonly expected: string
  readonly value: unknown
}

const decodeError = (
  call: Call,
  status: number,
  { expected, path, value }: Misfitting,
  authorization: string | undefined
): DecodeError =>
  new DecodeError(defined({
    ...located(call),
    status,
    path,
    expected,
    value: call.operation.sensitive
      ? undefined
      : shortened(value, (text) => Credentials.withoutToken(text, authorization))
  }))

/** What a DELETE answers that has nothing to give. */
const leavesNothing = (text: string): boolean => text === "" || text === "OK" || text === "{}"

const decode = (
  configuration: Configuration,
  call: Call,
  status: number,
  text: string,
  authorization: string | undefined
): Effect.Effect<unknown, RedivisError> => {
  const { kind, method, name, success } = call.operation
  if (kind === "none" || (method === "DELETE" && leavesNothing(text))) return Effect.void
  if (kind === "text" || success === undefined) return Effect.succeed(text)
  const parsed = Result.try((): unknown => JSON.parse(text))
  if (Result.isFailure(parsed)) {
    return Effect.fail(decodeError(call, status, { path: "", expected: "JSON", value: text }, authorization))
  }
  const given = otherVersion(call.prepared.asked, parsed.success)
  if (given) return Effect.fail(new NotFound({ ...located(call), status: 404, warnings: [], given }))
  const wrong = misfit(success, parsed.success, configuration.platform.compile)
  if (wrong === undefined) return Effect.succeed(parsed.success)
  const expected = wrong.message.replace(/^Expected /, "")
  const refusal = Effect.fail(
    decodeError(call, status, { path: wrong.path, expected, value: wrong.value }, authorization)
  )
  return configuration.lenient && isWalkable(success.ast, parsed.success)
    ? Effect.flatMap(CurrentStrictness, (isStrict) =>
      isStrict ? refusal : Effect.as(
        call.warnings.warn({ text: `an answer does not fit at ${wrong.path}: expected ${expected}`, operation: name }),
        parsed.success
      ))
    : refusal
}

/** Keeps the text of an answer where somebody asks for it. */
const keep = (call: Call, text: string, authorization: string | undefined): void => {
  if (call.attempts !== undefined && !call.operation.sensitive) {
    call.body = Credentials.withoutToken(text, authorization)
  }
}

/** Reads the answer whole and decodes it. The bytes come first: a body that breaks off is no misfit. */
export const consumeWhole: Consume<unknown> = (sending, call, response, authorization) =>
  Effect.matchEffect(response.text, {
    onFailure: (failure) =>
      Effect.fail(transportError(outgoing(sending, call), "BodyBroken", failure, response.status)),
    onSuccess: (text) => {
      keep(call, text, authorization)
      return decode(sending.configuration, call, response.status, text, authorization)
    }
  })

/** Leaves the body to whoever pulls it. */
export const consumeHeaders: Consume<TransportResponse> = (_, __, response) => Effect.succeed(response)

/** The error that a status outside 2xx stands for. */
const failStatus = (
  call: Call,
  response: TransportResponse,
  warnings: ReadonlyArray<string>,
  rateLimit: RateLimit.Snapshot,
  authorization: string | undefined
): Effect.Effect<never, Failed> =>
  Effect.flatMap(
    call.operation.method === "HEAD"
      ? Effect.sync(() =>
        parseErrorPayload(Credentials.withoutToken(response.headers["x-redivis-error-payload"] ?? "", authorization))
      )
      : Effect.map(readBounded(response), (text) => {
        keep(call, text, authorization)
        return parseErrorBody(Credentials.withoutToken(text, authorization))
      }),
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

const record = (
  call: Call,
  response: TransportResponse | undefined,
  exit: Exit.Exit<unknown, Failed>,
  authorization: string | undefined
): void => {
  const failure = Exit.isFailure(exit) ? exit.cause.reasons.find((reason) => reason._tag === "Fail") : undefined
  const headers: Record<string, string> = {}
  for (const name in response?.headers) {
    headers[name] = Credentials.withoutToken(response.headers[name] ?? "", authorization)
  }
  call.attempts?.push({
    status: response?.status,
    headers,
    error: failure?.error.error
  })
}

/** What an answer's headers say comes first: the budget, the span and the warnings hear of it whatever the body is. */
const answered = <A>(
  sending: Sending,
  call: Call,
  settle: RateLimit.Settle,
  response: TransportResponse,
  consume: Consume<A>,
  authorization: string | undefined
): Effect.Effect<A, Failed> =>
  Effect.withFiber((fiber) => {
    const { headers, status } = response
    const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
    call.firstAnsweredAt ??= now
    const rateLimit = RateLimit.fromHeaders(headers, now)
    call.rateLimit = rateLimit
    settle(rateLimit, status)
    call.span?.attribute("http.response.status_code", status)
    const warnings = Warnings.fromHeaders(headers).map((text) => Credentials.withoutToken(text, authorization))
    const consumed = (status >= 200 && status < 300) || call.operation.statuses.includes(status as 304) // a lookup, whatever it is
      ? Effect.mapError(consume(sending, call, response, authorization), (error) => failed(error, authorization))
      : failStatus(call, response, warnings, rateLimit, authorization)
    return warnings.length === 0 ? consumed : Effect.andThen(
      Effect.forEach(warnings, (text) => call.warnings.warn({ text, operation: call.operation.name })),
      consumed
    )
  })

/**
 * Aborts the request when its time is over. The request itself stays in the
 * fiber of the call: to race it in one of its own would cost twice as much.
 */
export const withinTime = <A, E>(
  effect: Effect.Effect<A, E>,
  millis: number,
  controller: AbortController,
  late: () => E
): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    let isLate = false
    const expire = Effect.sync(() => {
      isLate = true
      controller.abort()
    })
    return Effect.flatMap(
      Effect.forkChild(Effect.delay(expire, millis)),
      (timer) =>
        Effect.onExitPrimitive(
          Effect.mapError(effect, (error) => isLate ? late() : error),
          () => {
            timer.interruptUnsafe()
            return undefined
          }
        )
    )
  })

/** Sends with these credentials. The signal is aborted by the time limit; `attempt` aborts it on any other end but success. */
const exchange = <A>(
  sending: Sending,
  call: Call,
  consume: Consume<A>,
  controller: AbortController,
  authorization: string | undefined
): Effect.Effect<A, Failed> =>
  sending.budget.use((settle) => {
    let response: TransportResponse | undefined
    call.body = undefined
    call.rateLimit = {}
    const sent = Effect.matchEffect(
      send(
        sending.transport,
        {
          ...outgoing(sending, call),
          body: call.prepared.body,
          headersFor: headersFor(sending.configuration, call, authorization)
        },
        controller.signal
      ),
      {
        onFailure: (error) => Effect.fail(failed(error, authorization)),
        onSuccess: (answer) => {
          response = answer
          return answered(sending, call, settle, answer, consume, authorization)
        }
      }
    )
    const limited = withinTime(
      sent,
      call.timeout,
      controller,
      () => failed(transportError(outgoing(sending, call), "Timeout"), authorization)
    )
    return call.attempts === undefined
      ? limited
      : Effect.onExit(limited, (exit) => Effect.sync(() => record(call, response, exit, authorization)))
  })

/** Sends once and consumes the answer. Whatever ends it but success aborts the request. */
export const attempt = <A>(
  sending: Sending,
  call: Call,
  consume: Consume<A>,
  refused: Refused | undefined,
  controller: AbortController
): Effect.Effect<A, Failed> =>
  Effect.onExitPrimitive(
    Effect.matchEffect(sending.configuration.credentials, {
      onFailure: (error) => Effect.fail(failed(error)),
      onSuccess: (token) => {
        const authorization = Credentials.authorization(token)
        if (typeof authorization === "object") return Effect.fail(failed(authorization))
        return refused !== undefined && refused.authorization === authorization
          ? Effect.fail(failed(refused.error, authorization))
          : exchange(sending, call, consume, controller, authorization)
      }
    }),
    (exit) => Exit.isFailure(exit) ? Effect.sync(() => controller.abort()) : undefined
  )
