/**
 * What shows that an operation works: one value for each, without a test
 * framework, so that every runtime can run it. `prove` makes two cases of it,
 * which run over a socket:
 *
 * - `<operation> does what it says`: `success` calls the public function on
 *   state of its own and checks what it gives and what the server then holds
 * - `<operation> fails as its type says`: each error of the operation's own
 *   union (`failures`) comes from real state; a token that has expired, one
 *   without scopes and an input that no request should carry are tried; what a
 *   server only gives when it is in trouble (429, 500, 503, statuses that are
 *   not documented, a connection that breaks, an answer that cannot be read) is
 *   injected. The call works once nothing is in its way.
 *
 * Reads run in every runtime, writes in Node, and what they say in Deno too,
 * whose sanitizers see what stays open. An operation without a
 * proof fails `tests/node/coverage.test.ts`, and one whose `failures` are not
 * exactly those of its contract does not compile.
 */
import type { Operation } from "@effect-redivis/core/Contract"
import * as Retry from "@effect-redivis/core/Retry"
import type { Effects } from "@effect-redivis/emulator/Faults"
import * as Effect from "effect/Effect"
import { equal, failsWith, isTrue, matches } from "../cases/assert.ts"
import { type Case, type CaseContext, Place, type Runtime, seesEnds } from "../cases/Case.ts"
import { apart, withToken } from "../cases/clients.ts"
import { during, exposeHeaders, fault, makeToken } from "../cases/control.ts"

interface Tagged {
  readonly _tag: string
}

/** A call of the public function that sends the operation. A stream is drained. */
export type Call = Effect.Effect<unknown, Tagged, CaseContext>

/** State that a call needs, and the call. */
export type Prepared = Effect.Effect<Call, unknown, CaseContext>

export interface Options<Op extends Operation.Any> {
  readonly success: Effect.Effect<void, unknown, CaseContext>
  /**
   * A call on something that is not public, by its owner: it succeeds, and
   * fails for a token that has expired or has no scopes. Only the last of
   * several attempts is let through.
   */
  readonly call: Prepared
  /** The same function with an input that is refused before any request. */
  readonly refused: Call
  /** Without scopes it lists nothing, in place of failing: a listing shows everyone what is public. */
  readonly listsPublic?: true | undefined
  /** For each error of the operation's own a call that fails with it. A `HEAD` of nothing gives `false`. */
  readonly failures: { readonly [Tag in Operation.Failure<Op>["_tag"]]: Prepared }
}

export interface Proof {
  readonly operation: Operation.Any
  /** The tags that real state was found for. */
  readonly failures: ReadonlyArray<string>
  readonly cases: ReadonlyArray<Case>
}

const once = Retry.withPolicy({ maxAttempts: 1 })

const statuses: Readonly<Record<string, ReadonlyArray<number>>> = {
  // 416: a range that the file does not have
  BadRequest: [400, 416],
  QuotaExceeded: [400],
  Forbidden: [403],
  NotFound: [404]
}

/** What goes wrong in the server or on the way, and what it becomes. */
const trouble = (operation: Operation.Any, runtime: Runtime): ReadonlyArray<readonly [string, Effects]> => [
  ["TooManyRequests", { status: 429, retryAfter: 1 }],
  ["InternalServerError", { status: 500 }],
  ["ServiceUnavailable", { status: 503 }],
  ["UnexpectedStatus", { html: true }],
  ["UnexpectedStatus", { status: 418 }],
  ["TransportError", { drop: "request" }],
  ...operation.kind === "json" ? [["DecodeError", { status: 200, body: "no JSON" }] as const] : [],
  ...(operation.kind === "bytes" || operation.kind === "arrow") && seesEnds(runtime)
    ? [["TransportError", { cutAfter: 1 }] as const]
    : []
]

/** Told by its own operation: another request of the same function could have failed. */
const failsOf = (operation: Operation.Any, call: Call, tag: string): Effect.Effect<object, never, CaseContext> =>
  Effect.map(failsWith(once(call), tag), (error) => {
    equal("operation" in error ? error.operation : undefined, operation.name, `the operation of ${tag}`)
    return error
  })

const fromState = Effect.fnUntraced(function*(operation: Operation.Any, tag: string, prepared: Prepared) {
  const call = yield* prepared
  if (operation.method === "HEAD" && tag === "NotFound") return equal(yield* call, false)
  const error = yield* failsOf(operation, call, tag)
  const status: unknown = "status" in error ? error.status : undefined
  isTrue(statuses[tag]?.some((one) => one === status) === true, `${String(status)} is the status of ${tag}`)
})

const withoutScopes = Effect.fnUntraced(function*(
  operation: Operation.Any,
  options: Options<Operation.Any>,
  call: Call
) {
  const without = withToken(yield* makeToken({ scopes: [] }))(call)
  if (options.listsPublic === true) return matches(yield* without as Effect.Effect<object>, { results: [] })
  const error = yield* failsOf(operation, without, "InsufficientScope")
  const scope: unknown = "scope" in error ? error.scope : undefined
  isTrue(
    Array.isArray(scope) && scope.length > 0 && scope.every((one) => operation.scopes.includes(one)),
    `the scope that is missed, ${JSON.stringify(scope)}, is one of ${operation.scopes.join(", ")}`
  )
})

const failing = Effect.fnUntraced(function*(operation: Operation.Any, options: Options<Operation.Any>) {
  // the error of a HEAD is in a header, which pages see where it is exposed
  if (operation.method === "HEAD") yield* exposeHeaders
  for (const [tag, prepared] of Object.entries(options.failures)) yield* fromState(operation, tag, prepared)
  const refused = yield* during(failsWith(options.refused, "InvalidInput"))
  equal(refused.requests, [], "what is sent of an input that is refused")
  const call = yield* options.call
  yield* failsOf(operation, withToken(yield* makeToken({ expiresAt: 1 }))(call), "Unauthorized")
  if (operation.scopes.length > 0) yield* withoutScopes(operation, options, call)
  const { runtime } = yield* Place
  for (const [tag, effects] of trouble(operation, runtime)) {
    // a limit that is used up blocks the calls of its token for a while, which nothing here should wait for
    const tried = tag === "TooManyRequests" ? withToken(yield* makeToken({}))(call) : call
    yield* Effect.scoped(
      Effect.andThen(fault({ match: operation.name, do: effects }), failsOf(operation, tried, tag))
    )
  }
  yield* call
})

const everywhere: ReadonlyArray<Runtime> | undefined = undefined

const inNode: ReadonlyArray<Runtime> = ["node22", "node26"]

/** Deno tells what an operation leaves open. */
const withSanitizers: ReadonlyArray<Runtime> = [...inNode, "deno"]

export const prove = <Op extends Operation.Any>(operation: Op, options: Options<Op>): Proof => {
  const isRead = operation.method === "GET" || operation.method === "HEAD"
  return {
    operation,
    failures: Object.keys(options.failures),
    cases: [
      {
        name: `${operation.name} does what it says`,
        runtimes: isRead ? everywhere : withSanitizers,
        run: Effect.gen(function*() {
          const { requests } = yield* during(options.success)
          isTrue(
            requests.some((request) => request.operation === operation.name && (request.status ?? 500) < 400),
            `${operation.name} is sent and succeeds`
          )
        }).pipe(apart())
      },
      {
        name: `${operation.name} fails as its type says`,
        runtimes: isRead ? everywhere : inNode,
        run: Effect.scoped(failing(operation, options)).pipe(apart())
      }
    ]
  }
}
