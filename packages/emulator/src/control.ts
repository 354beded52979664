/**
 * What tests steer an emulator by from another process: `/_emulator`. Nothing
 * here is counted, limited or recorded.
 */
import { harmless } from "@effect-redivis/core/Contract"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { EmulatorClock } from "./clock.ts"
import { Fault, type FaultRefused, type Known } from "./Faults.ts"
import * as ExactJson from "./http/exactJson.ts"
import { gather, largestBody } from "./http/body.ts"
import type { Door } from "./http/door.ts"
import { splitTarget } from "./http/input.ts"
import { type Answer, json, type ServerRequest, text } from "./http/message.ts"
import type { RequestRecord } from "./requestLog.ts"
import type { SeedRefused } from "./Seed.ts"
import type { RowOrderSetting } from "./server.ts"

export const path = "/_emulator"

/**
 * A token to be made.
 *
 * @category models
 * @since 0.1.0
 */
export interface TokenOptions {
  /** The default user if absent. */
  readonly user?: string | undefined
  /** All if absent. */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** In milliseconds since the epoch; never if absent. */
  readonly expiresAt?: number | null | undefined
  /** Drawn if absent. */
  readonly text?: string | undefined
}

/**
 * How much of its quotas an account has used.
 *
 * @category models
 * @since 0.1.0
 */
export interface Usage {
  /** The default user if absent. */
  readonly user?: string | undefined
  /** Bytes of rows in the last 30 days. */
  readonly readBytes?: number | undefined
  /** Seconds of queries in the last 24 hours. */
  readonly querySeconds?: number | undefined
}

/**
 * Connections that are open.
 *
 * @category models
 * @since 0.1.0
 */
export interface OpenSockets {
  readonly api: number
  readonly storage: number
}

/**
 * What an administrator wrote about a member.
 *
 * @category models
 * @since 0.1.0
 */
export interface MemberComment {
  readonly author: string
  readonly text: string
  /** In milliseconds since the epoch. */
  readonly createdAt: number
}

/** The user of a token that is to be made is unknown. */
export class UnknownUser
  extends Schema.TaggedError<UnknownUser>("@effect-redivis/emulator/UnknownUser")("UnknownUser", {
    user: Schema.String
  })
{
  override get message(): string {
    return `There is no user ${JSON.stringify(this.user)}: seed it first.`
  }
}

export interface ControlsShape {
  readonly baseUrl: string
  readonly storageUrl: string
  readonly token: string
  readonly seed: (seed: unknown) => Effect.Effect<void, SeedRefused>
  readonly requests: Effect.Effect<ReadonlyArray<RequestRecord>>
  readonly clearRequests: Effect.Effect<void>
  readonly clock: EmulatorClock
  readonly faults: {
    readonly add: (fault: Fault) => Effect.Effect<number, FaultRefused>
    readonly remove: (id: number) => Effect.Effect<void>
    readonly clear: Effect.Effect<void>
    readonly list: Effect.Effect<ReadonlyArray<Known>>
  }
  /** Whether pages may read what the service hides from them. */
  readonly setExposeHeaders: (exposeHeaders: boolean) => Effect.Effect<void>
  readonly setRateLimit: (limit: number, from?: "now" | "nextWindow") => Effect.Effect<void>
  readonly sockets: Effect.Effect<OpenSockets>
  readonly openStreams: Effect.Effect<number>
  readonly unfinishedResponses: Effect.Effect<number>
  readonly setUsage: (usage: Usage) => Effect.Effect<void>
  /** The order of rows in answers of `/rows`, until `reset`. */
  readonly setRowOrder: (order: RowOrderSetting) => Effect.Effect<void>
  /** What was written about a member, which the API itself never shows; empty where there is no such member. */
  readonly comments: (organization: string, user: string) => Effect.Effect<ReadonlyArray<MemberComment>>
  readonly makeToken: (options?: TokenOptions) => Effect.Effect<string, UnknownUser>
  readonly reset: Effect.Effect<void>
}

export class Controls extends Context.Service<Controls, ControlsShape>()("@effect-redivis/emulator/Controls") {}

const refusal = (status: number, error: string, description: string, more: object = {}): Answer =>
  json(status, { status, error, error_description: description, ...more })

const readBody = (request: ServerRequest): Effect.Effect<unknown, Answer> =>
  gather(request.body).pipe(
    Effect.mapError(({ isTooLarge }) =>
      isTooLarge
        ? refusal(413, "invalid_request", `The body is larger than ${largestBody / 1e6} MB: give it in parts`)
        : refusal(400, "invalid_request", "The body broke off")
    ),
    Effect.flatMap((bytes) =>
      Effect.try({
        try: (): unknown => {
          const content = Buffer.from(bytes).toString("utf8")
          return content === "" ? {} : ExactJson.parse(content)
        },
        catch: () => refusal(400, "invalid_request", "The body is not valid JSON")
      })
    )
  )

const decode = <A>(schema: Schema.Codec<A>, value: unknown): Effect.Effect<A, Answer> => {
  const decoded = Schema.decodeUnknownResult(schema)(value, { onExcessProperty: "error" })
  return Result.isSuccess(decoded)
    ? Effect.succeed(decoded.success)
    : Effect.fail(refusal(400, "invalid_request", String(decoded.failure)))
}

const TokenBody = Schema.Struct({
  user: Schema.optionalKey(Schema.String),
  scopes: Schema.optionalKey(Schema.Array(Schema.String)),
  expiresAt: Schema.optionalKey(Schema.NullOr(Schema.Number)),
  text: Schema.optionalKey(Schema.String)
})

const RowOrderBody = Schema.Struct({ order: Schema.Union([Schema.Literals(["any", "stored"]), Schema.Int]) })

const UsageBody = Schema.Struct({
  user: Schema.optionalKey(Schema.String),
  readBytes: Schema.optionalKey(Schema.Number),
  querySeconds: Schema.optionalKey(Schema.Number)
})

const ClockBody = Schema.Struct({
  set: Schema.optionalKey(Schema.Number),
  adjust: Schema.optionalKey(Schema.Number)
})

const RateLimitBody = Schema.Struct({
  limit: Schema.Int,
  from: Schema.optionalKey(Schema.Literals(["now", "nextWindow"]))
})

const CorsBody = Schema.Struct({ exposeHeaders: Schema.Boolean })

const moveClock = Effect.fnUntraced(
  function*(controls: ControlsShape, value: unknown): Effect.fn.Return<Answer, Answer> {
    const { adjust, set } = yield* decode(ClockBody, value)
    if (set !== undefined) yield* controls.clock.set(set)
    if (adjust !== undefined) yield* controls.clock.adjust(adjust)
    return json(200, { now: yield* controls.clock.now })
  }
)

const seed = (controls: ControlsShape, value: unknown): Effect.Effect<Answer, Answer> =>
  controls.seed(value).pipe(
    Effect.as(json(200, {})),
    Effect.mapError((failure) =>
      refusal(400, "invalid_request", failure.message, { path: failure.path, reason: failure.reason })
    )
  )

const makeToken = Effect.fnUntraced(
  function*(controls: ControlsShape, value: unknown): Effect.fn.Return<Answer, Answer> {
    const options = yield* decode(TokenBody, value)
    const token = yield* Effect.mapError(
      controls.makeToken(options),
      (failure) => refusal(400, "invalid_request", failure.message)
    )
    return json(200, { token })
  }
)

/** Of all requests those after an index, and of these the last ones: `?after=17&last=1`. */
const select = (all: ReadonlyArray<RequestRecord>, target: string): ReadonlyArray<RequestRecord> => {
  const { query } = splitTarget(target)
  const after = Number(query["after"]?.[0] ?? 0)
  const last = query["last"]?.[0]
  const later = all.filter(({ index }) => index > after)
  return last === undefined ? later : later.slice(Math.max(0, later.length - Number(last)))
}

const counts = Effect.fnUntraced(function*(controls: ControlsShape): Effect.fn.Return<Answer> {
  return json(200, {
    ...(yield* controls.sockets),
    openStreams: yield* controls.openStreams,
    unfinishedResponses: yield* controls.unfinishedResponses
  })
})

const dispatch = Effect.fnUntraced(
  function*(request: ServerRequest, target: string): Effect.fn.Return<Answer, Answer, Controls> {
    const controls = yield* Controls
    const [, , place, id] = target.split("/")
    switch (`${request.method} ${place ?? ""}${id === undefined ? "" : "/:id"}`) {
      case "GET ":
        return json(200, { baseUrl: controls.baseUrl, storageUrl: controls.storageUrl, token: controls.token })
      case "POST seed":
        return yield* seed(controls, yield* readBody(request))
      case "GET requests":
        return json(200, select(yield* controls.requests, request.target))
      case "DELETE requests":
        yield* controls.clearRequests
        return json(200, {})
      case "GET faults":
        return json(200, yield* controls.faults.list)
      case "POST faults":
        return json(200, {
          id: yield* Effect.mapError(
            controls.faults.add(yield* decode(Fault, yield* readBody(request))),
            (failure) => refusal(400, "invalid_request", failure.message)
          )
        })
      case "DELETE faults":
        yield* controls.faults.clear
        return json(200, {})
      case "DELETE faults/:id":
        yield* controls.faults.remove(Number(id))
        return json(200, {})
      case "GET clock":
        return json(200, { now: yield* controls.clock.now })
      case "POST clock":
        return yield* moveClock(controls, yield* readBody(request))
      case "GET sockets":
        return yield* counts(controls)
      case "GET comments": {
        const { query } = splitTarget(request.target)
        return json(200, yield* controls.comments(query["organization"]?.[0] ?? "", query["user"]?.[0] ?? ""))
      }
      case "POST tokens":
        return yield* makeToken(controls, yield* readBody(request))
      case "POST rateLimit": {
        const { from, limit } = yield* decode(RateLimitBody, yield* readBody(request))
        yield* controls.setRateLimit(limit, from)
        return json(200, {})
      }
      case "POST cors":
        yield* controls.setExposeHeaders((yield* decode(CorsBody, yield* readBody(request))).exposeHeaders)
        return json(200, {})
      case "POST usage":
        yield* controls.setUsage(yield* decode(UsageBody, yield* readBody(request)))
        return json(200, {})
      case "POST rowOrder":
        yield* controls.setRowOrder((yield* decode(RowOrderBody, yield* readBody(request))).order)
        return json(200, {})
      case "POST reset":
        yield* controls.reset
        return json(200, { token: controls.token })
      default:
        return refusal(404, "not_found", `There is no ${request.method} ${target}`)
    }
  }
)

const answerTo = (request: ServerRequest, target: string): Effect.Effect<Answer, never, Controls> =>
  dispatch(request, target).pipe(
    Effect.catch(Effect.succeed),
    Effect.catchDefect((defect) =>
      Effect.as(
        Effect.logError(harmless(`${request.method} ${target} failed`), defect),
        text(500, `The emulator failed at ${request.method} ${harmless(target)}, and its log tells why.`)
      )
    )
  )

/** The answer to who may steer the emulator, and the refusal of all others. */
export const serve = (request: ServerRequest, target: string, door: Door): Effect.Effect<Answer, never, Controls> => {
  const refused = door.refuseControl(request)
  if (refused !== undefined) return Effect.succeed(refused)
  if (request.method === "OPTIONS") return Effect.succeed(door.controlPreflight(request))
  return Effect.map(answerTo(request, target), (reply) => ({
    ...reply,
    headers: [...reply.headers, ...door.controlHeaders(request)]
  }))
}
