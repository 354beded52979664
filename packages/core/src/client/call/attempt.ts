/** One attempt of a call: credentials, budget, request, and the answer as a success or a typed error. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type * as Redacted from "effect/Redacted"
import type * as Tracer from "effect/Tracer"
import type * as Operation from "../../contract/Operation.ts"
import { NotFound, type RedivisError } from "../../contract/RedivisError.ts"
import { readBeginning, readText } from "./bounds.ts"
import { mismatch, placeOf, transportError } from "./failure.ts"
import { tellWhenHeldUp } from "./openBodies.ts"
import { otherVersion } from "./askedVersion.ts"
import type { Configuration } from "./configuration.ts"
import * as Credentials from "../Credentials.ts"
import { silenceMillis } from "../presence.ts"
import * as RateLimit from "../RateLimit.ts"
import { CurrentSettings } from "../region.ts"
import type { Prepared } from "./request.ts"
import { parseErrorBody, parseErrorPayload, statusError } from "./response.ts"
import { send } from "./send.ts"
import { withoutToken } from "./shown.ts"
import { orWhenLate, withinTime } from "./time.ts"
import type { Transport, TransportResponse } from "./transport.ts"
import { isWalkable, misfit } from "./validate.ts"
import * as Warnings from "../Warnings.ts"

/** What the attempts of a client share. */
export interface Sending {
  readonly configuration: Configuration
  readonly transport: Transport
  /** Finds the budget of an account, which has `before`'s where it has taken its place. */
  readonly budgetFor: (account: RateLimit.Account, before?: RateLimit.Account) => RateLimit.Budget
  /** Whether somebody was told that answers which are being read may hold up others. */
  isHeldUp: boolean
}

/** What came of an attempt. */
export interface Made {
  readonly response: TransportResponse | undefined
  readonly error: RedivisError | undefined
}

/** A call of an operation, the same through all its attempts. */
export interface Call {
  readonly sending: Sending
  /** Those of storage, which the API counts for nothing; absent where the account's turns are waited for. */
  readonly budget: RateLimit.Budget | undefined
  /** Where its tokens come from. */
  readonly credentials: Credentials.Source
  readonly operation: Operation.Any
  readonly prepared: Prepared
  /** Those of the region, for the API alone. */
  readonly headers: Readonly<Record<string, string>> | undefined
  /** In milliseconds. */
  readonly timeout: number
  readonly warnings: Warnings.Warnings
  readonly span: Tracer.Span | undefined
  /** Kept where somebody asks for them. */
  readonly attempts: Array<Made> | undefined
  /** The text of the last answer, for who keeps the attempts. */
  body?: string | undefined
  /** When the first answer came: what a call waits for its turn before counts against no bound of its retries. */
  firstAnsweredAt: number | undefined
  /** What the last attempt's answer said. */
  rateLimit: RateLimit.Snapshot
  /** Takes the tokens that were sent out of what a server says, and what stands behind the paths of foreign URLs. */
  redact: (text: string) => string
}

/** One attempt of a call: what it is sent with, and what became known of it. */
export interface Attempt {
  readonly call: Call
  /** Ends the request, whatever it is doing. */
  readonly controller: AbortController
  /** Absent while it is not there yet, and without one. */
  token?: Redacted.Redacted<string> | undefined
  /** The value of the header. */
  authorization?: string | undefined
  response?: TransportResponse | undefined
  /** Whether a failure was the API's own answer. */
  isSaidByApi?: boolean
  /** Whether a redirect led to another origin, whose word on limits and warnings is not the API's. */
  isStrayed?: boolean
  /** Whether the server has said where the answer is: what was asked for is done. */
  isDone?: boolean
}

/** A request of a refused token would be refused again. */
export interface Refused {
  readonly token: Redacted.Redacted<string>
  readonly error: RedivisError
}

/** What is done with a success, inside the time limit. */
export type Consume<A, R = never> = (
  attempt: Attempt,
  response: TransportResponse
) => Effect.Effect<A, RedivisError, R>

/** What a DELETE answers that has nothing to give. */
const leavesNothing = (text: string): boolean => text === "" || text === "OK" || text === "{}"

const decode = (attempt: Attempt, status: number, text: string): Effect.Effect<unknown, RedivisError> => {
  const { call } = attempt
  const { kind, method, name, success } = call.operation
  const { lenient, platform } = call.sending.configuration
  if (kind === "none" || (method === "DELETE" && leavesNothing(text))) return Effect.void
  if (kind === "text" || success === undefined) return Effect.succeed(text)
  const parsed = Result.try((): unknown => JSON.parse(text))
  if (Result.isFailure(parsed)) {
    return Effect.fail(mismatch(attempt, status, { path: "", message: "JSON", value: text }))
  }
  const given = otherVersion(call.prepared.asked, parsed.success)
  if (given) return Effect.fail(new NotFound({ ...placeOf(call), status: 404, warnings: [], given }))
  const wrong = misfit(success, parsed.success, platform.compile)
  if (wrong === undefined) return Effect.succeed(parsed.success)
  const error = mismatch(attempt, status, wrong)
  return lenient && isWalkable(success.ast, parsed.success)
    ? Effect.flatMap(CurrentSettings, ({ isStrict }) =>
      isStrict ? Effect.fail(error) : Effect.as(
        call.warnings.warn({
          text: `an answer does not fit at ${error.path}: expected ${error.expected}`,
          operation: name
        }),
        parsed.success
      ))
    : Effect.fail(error)
}

/** Keeps the text of an answer where somebody asks for it. */
const keep = ({ call }: Attempt, text: string): void => {
  if (call.attempts !== undefined && !call.operation.sensitive) call.body = call.redact(text)
}

/** Reads the answer whole and decodes it. The bytes come first: a body that breaks off is no misfit. */
export const consumeWhole: Consume<unknown> = (attempt, response) => {
  const { status } = response
  const { configuration } = attempt.call.sending
  const whole = Effect.mapError(
    // of a HEAD there is none, whatever its headers say of the resource
    attempt.call.operation.method === "HEAD" ? Effect.succeed("") : readText(response, configuration),
    (failure) => transportError(attempt, "BodyBroken", { failure, status })
  )
  return Effect.flatMap(whole, (text): Effect.Effect<unknown, RedivisError> => {
    if (text === undefined) {
      const message = `at most ${configuration.maxAnswerBytes} bytes (maxAnswerBytes)`
      return Effect.fail(mismatch(attempt, status, { path: "", message, value: undefined }))
    }
    keep(attempt, text)
    return decode(attempt, status, text)
  })
}

/** The error that a status outside 2xx stands for. */
const failStatus = (
  attempt: Attempt,
  response: TransportResponse,
  warnings: ReadonlyArray<string>
): Effect.Effect<never, RedivisError> => {
  const { call } = attempt
  const { operation, prepared, rateLimit, redact } = call
  return Effect.flatMap(
    operation.method === "HEAD"
      ? Effect.sync(() => parseErrorPayload(response.headers["x-redivis-error-payload"], redact))
      : Effect.map(readBeginning(response), ({ text }) => {
        keep(attempt, text)
        return (prepared.place?.read ?? parseErrorBody)(text, redact)
      }),
    (body) => {
      attempt.isSaidByApi = body.fromApi && !attempt.isStrayed
      return Effect.fail(
        statusError(operation, { ...placeOf(call), status: response.status, warnings, rateLimit }, body)
      )
    }
  )
}

/** Notes what came of the attempt, for who wants to know. */
const record = ({ call, response }: Attempt, exit: Exit.Exit<unknown, RedivisError>): void => {
  const failure = Exit.isFailure(exit) ? exit.cause.reasons.find((reason) => reason._tag === "Fail") : undefined
  call.attempts?.push({ response, error: failure?.error })
}

/** What an answer's headers say comes first: the budget, the span and the warnings hear of it whatever the body is. */
const answered = <A, R>(
  attempt: Attempt,
  settle: RateLimit.Settle,
  response: TransportResponse,
  consume: Consume<A, R>
): Effect.Effect<A, RedivisError, R> =>
  Effect.withFiber((fiber) => {
    const { call, isStrayed } = attempt
    const { operation, redact, span } = call
    const { headers, status } = response
    const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
    attempt.response = response
    call.firstAnsweredAt ??= now
    // another origin tells nothing of the API's limits
    if (!isStrayed) call.rateLimit = RateLimit.fromHeaders(headers, now)
    settle(call.rateLimit, isStrayed ? 200 : status)
    span?.attribute("http.response.status_code", status)
    const warnings = isStrayed ? [] : Warnings.fromHeaders(headers).map(redact)
    const consumed = (status >= 200 && status < 300) || operation.statuses.includes(status as 304) // a lookup, whatever it is
      ? consume(attempt, response)
      : failStatus(attempt, response, warnings)
    return warnings.length === 0 ? consumed : Effect.andThen(
      Effect.forEach(warnings, (text) => call.warnings.warn({ text, operation: operation.name })),
      consumed
    )
  })

/** Sends and consumes the answer. The signal is aborted by the time limit; `run` aborts it on any other end but success. */
const exchange = <A, R>(
  attempt: Attempt,
  consume: Consume<A, R>,
  before: RateLimit.Account
): Effect.Effect<A, RedivisError, R> => {
  const { call, controller, token } = attempt
  const account = Credentials.accountOf(call.credentials) ?? token
  const budget = call.budget ?? call.sending.budgetFor(account, before)
  return budget.use((settle, alive) => {
    call.body = undefined
    call.rateLimit = {}
    const limited = withinTime(
      Effect.flatMap(send(attempt), (response) => answered(attempt, settle, response, consume)),
      call.timeout,
      controller,
      () => transportError(attempt, "Timeout"),
      (left, now) => {
        alive?.()
        return tellWhenHeldUp(attempt, call.timeout - left, now)
      }
    )
    return call.attempts === undefined
      ? limited
      : Effect.onExit(limited, (exit) => Effect.sync(() => record(attempt, exit)))
  }, silenceMillis)
}

const noToken = /*#__PURE__*/ new Error("no token in time")

/** The token, within the call's time where it has to be waited for. */
const tokenFor = (attempt: Attempt): Effect.Effect<Redacted.Redacted<string> | undefined, RedivisError> => {
  const { credentials, prepared, timeout } = attempt.call
  if (prepared.place?.getsToken === false) return Effect.succeed(undefined)
  return Exit.isExit(credentials) ?
    credentials :
    orWhenLate<Redacted.Redacted<string> | undefined, RedivisError, never>(
      credentials,
      timeout,
      () => Effect.fail(transportError(attempt, "Timeout", { failure: { cause: noToken } }))
    )
}

/** An attempt before anything is done. */
export const begin = (call: Call): Attempt => ({
  call,
  controller: new AbortController()
})

/** Sends once and consumes the answer. Whatever ends it but success aborts the request. */
export const run = <A, R>(
  attempt: Attempt,
  consume: Consume<A, R>,
  refused: Refused | undefined
): Effect.Effect<A, RedivisError, R> =>
  Effect.onExitPrimitive(
    Effect.flatMap(tokenFor(attempt), (token) => {
      const authorization = Credentials.authorization(token)
      if (typeof authorization === "object") return Effect.fail(authorization)
      attempt.token = token
      attempt.authorization = authorization
      // a server may say again what an earlier attempt was sent
      const { call } = attempt
      const { redact } = call
      const own = withoutToken(Credentials.tokenOf(authorization))
      call.redact = (text) => own(redact(text))
      return refused && Equal.equals(refused.token, token)
        ? Effect.fail(refused.error)
        : exchange(attempt, consume, refused?.token)
    }),
    (exit) => Exit.isFailure(exit) ? Effect.sync(() => attempt.controller.abort()) : undefined
  )
