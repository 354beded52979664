/** The API's origin: one request, from its first line to the answer that is to be sent. */
import { harmless, type Operation } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Control from "./control.ts"
import type { Effects } from "./Faults.ts"
import { counted, respond, unrecorded } from "./exchange.ts"
import { type AnyHandler, type Call, toRefusal } from "./handlers/handler.ts"
import { handlers } from "./handlers/index.ts"
import { bodyInput, renamed, renamedQuery } from "./http/body.ts"
import * as Cors from "./http/cors.ts"
import * as Door from "./http/door.ts"
import { decodeBody, decodeQuery, type Query, splitTarget, type Target } from "./http/input.ts"
import { type Answer, answer, type Exchange, json, type ServerRequest, text, withHeader } from "./http/message.ts"
import * as Recorded from "./http/recorded.ts"
import * as Refusal from "./http/Refusal.ts"
import * as Route from "./http/route.ts"
import { isOpen, noCredentials } from "./policy/anonymous.ts"
import { anonymous, type Caller } from "./policy/caller.ts"
import * as RateLimit from "./policy/rateLimit.ts"
import * as OpenApi from "./openApi.ts"
import type { OpenRecord } from "./requestLog.ts"
import { basePath, Server } from "./server.ts"
import type { Store } from "./store/Store.ts"

/** Header values that are safe to log: whose token it is, not the token. */
const redacted = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  headers["authorization"] === undefined ? headers : { ...headers, authorization: "Bearer <unknown>" }

const isSet = (query: Query, name: string): boolean =>
  Object.hasOwn(query, name) && query[name]!.at(-1)?.toLowerCase() !== "false"

const render = (match: Route.Match, outcome: unknown, deleteAnswer: "text" | "empty" | "json"): Answer => {
  const { kind, method, statuses }: Operation.Any = match.operation
  if (kind === "json" && !(method === "DELETE" && outcome === undefined)) {
    const status = statuses.includes(201) ? 201 : 200
    return match.withoutBody
      ? answer(status, [["content-type", "application/json; charset=utf-8"]])
      : json(status, outcome)
  }
  if (kind === "text") return text(200, outcome as string) // so is the handler typed
  if (kind !== "none" && kind !== "json") return outcome as Answer // handlers of bytes give the answer itself
  if (method === "HEAD") return outcome === undefined ? answer(200) : outcome as Answer // where it has headers to show
  if (outcome !== undefined) return json(200, outcome)
  return deleteAnswer === "text" ? text(200, "OK") : deleteAnswer === "json" ? json(200, {}) : answer(200)
}

const run: (
  match: Route.Match,
  request: ServerRequest,
  query: Query,
  caller: Caller,
  record: OpenRecord,
  beside: Pick<Call, "overrun" | "warn">
) => Effect.Effect<Answer, Refusal.Any, Store | Server> = Effect.fnUntraced(
  function*(match, request, query, caller, record, beside) {
    const { settings } = yield* Server
    const { alias, params } = match
    const operation: Route.AnyOperation & Operation.Any = match.operation
    if (caller.kind === "anonymous" && !isOpen(operation, settings.anonymousAccess)) return yield* noCredentials
    const decoded = operation.query === undefined
      ? Result.succeed(undefined)
      : decodeQuery(operation.query, renamedQuery(operation.name, query))
    if (Result.isFailure(decoded)) return yield* new Refusal.BadRequest({ description: decoded.failure })
    let body: unknown
    if (operation.body !== undefined) {
      const raw = alias?.bodyOf === undefined
        ? renamed(operation.name, yield* bodyInput(operation.body.kind, request, query, record))
        : alias.bodyOf(query)
      const fitting = decodeBody(operation.body.schema, raw)
      if (Result.isFailure(fitting)) return yield* new Refusal.BadRequest({ description: fitting.failure })
      body = fitting.success
    }
    const call: Call = {
      caller,
      lookup: {
        strict: settings.strictReferences || isSet(query, "strictReferences"),
        exact: isSet(query, "exactReferences")
      },
      ...beside
    }
    const headers = Object.fromEntries(
      operation.headers.flatMap((name) => request.headers[name] === undefined ? [] : [[name, request.headers[name]]])
    )
    const handler: AnyHandler = handlers[operation.name]
    // the input was decoded by the schemas that the handler's type comes from
    const outcome = yield* handler.handle({ params, query: decoded.success, body, headers } as never, call).pipe(
      Effect.mapError(toRefusal)
    )
    const whole = alias?.answerOf === undefined
      ? render(match, outcome, settings.deleteAnswer)
      : json(200, alias.answerOf(outcome as never)) // of the operation that the alias is of
    return { ...whole, headers: [...whole.headers, ...Recorded.ofSuccess[operation.name] ?? []] }
  }
)

/** The answer without what every answer has. */
const handle = (
  found: Result.Result<Route.Match | undefined, string>,
  request: ServerRequest,
  target: Target,
  caller: Result.Result<Caller, Refusal.Unauthorized>,
  record: OpenRecord,
  overrun: number
): Effect.Effect<Answer, never, Store | Server> => {
  // each text is told once
  const warnings = new Set<string>()
  const beside = { overrun, warn: (text: string) => void warnings.add(text) }
  return Effect.gen(function*() {
    if (Result.isFailure(found)) return yield* new Refusal.BadRequest({ description: found.failure })
    if (found.success === undefined) return yield* Refusal.noSuchPath
    const known = yield* Effect.fromResult(caller)
    return yield* run(found.success, request, target.query, known, record, beside)
  }).pipe(
    Effect.catch((refusal) => Effect.succeed(Refusal.toAnswer(refusal, request.method))),
    Effect.catchDefect((defect) =>
      Effect.as(
        Effect.logError(harmless(`${request.method} ${target.path} failed`), defect),
        Refusal.toAnswer(
          new Refusal.InternalServerError({ description: "An unexpected internal error has occurred" }),
          request.method
        )
      )
    ),
    Effect.map((whole) => ({
      ...whole,
      headers: [...whole.headers, ...[...warnings].map((text) => ["x-redivis-warning", text] as const)]
    }))
  )
}

const serveApi = Effect.fnUntraced(function*(request: ServerRequest, target: Target) {
  const server = yield* Server
  const arrivedAt = server.clock.nowUnsafe()
  const isBelow = target.path.startsWith(`${basePath}/`)
  const path = isBelow ? target.path.slice(basePath.length) : target.path
  const found = isBelow ? Route.match(request.method, path) : Result.succeed(undefined)
  const operation = Result.isSuccess(found) ? found.success?.operation.name : undefined
  const record = server.log.open({
    origin: "api",
    method: request.method,
    path,
    query: target.query,
    headers: redacted(request.headers),
    startedAt: arrivedAt
  })
  record.described(operation)
  return yield* Effect.gen(function*() {
    const caller = yield* Effect.result(server.callers.resolve(request.headers["authorization"], arrivedAt))
    const user = Result.isSuccess(caller) && caller.success.kind === "user" ? caller.success : undefined
    record.authenticated(user?.user.name ?? null, user === undefined ? undefined : `Bearer <${user.user.name}>`)
    const standing = server.rateLimit.take(user?.tokenId ?? anonymous.kind, server.clock.nowUnsafe())
    const subject = { operation, path }
    const chosen = standing.allowed ? server.faults.take(subject) : server.faults.look(subject)
    const form = chosen?.rateLimitHeaders ?? server.settings.rateLimitHeaders
    const refused = (retryAt?: number) =>
      Effect.succeed(Refusal.toAnswer(
        new Refusal.TooManyRequests(
          retryAt === undefined
            ? {}
            : { retryAfter: RateLimit.retryAfterOf({ form, now: server.clock.nowUnsafe(), retryAt }) }
        ),
        request.method
      ))
    const respondBy = (handled: ReturnType<typeof handle>, faults?: Effects) =>
      respond({
        request,
        record,
        faults,
        handle: Effect.map(handled, Recorded.tagged),
        headers: [
          ...Recorded.always,
          ...Cors.headersOfApi(server.settings.exposeHeaders),
          ...RateLimit.headersOf(standing, form)
        ],
        windowEnd: standing.resetAt
      })
    if (!standing.allowed) return yield* respondBy(refused(standing.resetAt))
    // one caller's requests, or where a fault limits them, those that it happens to
    const isFaulty = chosen?.concurrencyLimit !== undefined
    const group = isFaulty ? chosen : user?.tokenId ?? anonymous.kind
    const most = isFaulty ? chosen.concurrencyLimit : server.settings.concurrencyLimit
    if (!server.attendance.enter(group, most)) return yield* respondBy(refused())
    return yield* respondBy(
      handle(found, counted(request, record), target, caller, record, chosen?.overrun ?? 0),
      chosen
    ).pipe(Effect.ensuring(Effect.sync(() => server.attendance.leave(group))))
  }).pipe(Effect.onInterrupt(() => Effect.sync(() => record.ended("aborted"))))
})

/** What pages of any origin may ask for, as they may ask the service itself. */
const servePublic = (request: ServerRequest, target: Target): Effect.Effect<Exchange, never, Store | Server> => {
  if (Cors.isPreflight(request.method)) return Effect.succeed(unrecorded(Cors.preflightOfApi))
  return Effect.flatMap(Server, ({ urls }) => {
    const document = OpenApi.answerOf(request.method, target.path, urls)
    return document === undefined ? serveApi(request, target) : Effect.succeed(unrecorded({
      ...document,
      headers: withHeader(document.headers, "access-control-allow-origin", "*")
    }))
  })
}

export const serve: (
  request: ServerRequest
) => Effect.Effect<Exchange, never, Store | Server | Control.Controls> = Effect.fnUntraced(function*(request) {
  const { door } = yield* Server
  const unserved = door.refuseHost(request)
  if (unserved !== undefined) return unrecorded(Door.refused(403, unserved))
  const target = splitTarget(request.target)
  return target.path === Control.path || target.path.startsWith(`${Control.path}/`)
    ? unrecorded(yield* Control.serve(request, target.path, door))
    : yield* servePublic(request, target)
})
