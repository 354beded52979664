/** One HTTP request: headers by origin, redirects by hand. */
import * as Effect from "effect/Effect"
import type { TransportError } from "../../contract/RedivisError.ts"
import type { Attempt } from "./attempt.ts"
import { readBeginning, urlIn } from "./bounds.ts"
import { transportError } from "./failure.ts"
import type { Body, TransportResponse } from "./transport.ts"
import { version } from "./version.ts"

/** A request on its way: the first one, or where a redirect led. */
interface Leg {
  readonly method: string
  readonly url: string
  readonly body: Body | undefined
  readonly redirects: number
  /** Whether another origin led here, which must not choose what is asked for with the token. */
  readonly isStrayed: boolean
}

/**
 * The token goes to the API's own origin, and from storage to origins that the
 * caller trusts; what a caller adds to the API's alone; which part is wanted
 * goes along everywhere.
 */
const headersFor = ({ authorization, call }: Attempt, { isStrayed }: Leg): Readonly<Record<string, string>> => {
  const { prepared, sending } = call
  const { platform } = sending.configuration
  const headers: Record<string, string> = { ...prepared.headers }
  if (platform.userAgent) headers["user-agent"] = `effect-redivis/${version}`
  const { place } = prepared
  // the first URL is the API's own, or of a place that was looked at, and a redirect that does not stray stays there
  if (isStrayed || place?.getsToken === false) return headers
  if (!place) {
    for (const name in call.headers) headers[name.toLowerCase()] = call.headers[name] ?? ""
    headers["x-redivis-client"] = "effect-redivis"
    headers["x-redivis-client-version"] = version
  }
  if (authorization !== undefined) headers.authorization = authorization
  return headers
}

const mostRedirects = 5

const redirects = [301, 302, 303, 307, 308]

const beginning = ({ call: { operation, prepared } }: Attempt): Leg => ({
  method: operation.method,
  url: prepared.url,
  body: prepared.body,
  redirects: 0,
  isStrayed: prepared.place?.isStrayed === true
})

/** Where a redirect leads, unless it leads nowhere that may be followed: a body goes to its own origin alone. */
const follow = ({ call }: Attempt, leg: Leg, status: number, location: string): Leg | undefined => {
  const next = urlIn(location, leg.url)
  if (next === undefined || leg.redirects === mostRedirects) return undefined
  const isElsewhere = next.origin !== new URL(leg.url).origin
  const isAnswerThere = status === 303 && leg.method !== "HEAD"
  // bytes are stored by who was sent them, and nobody else can say so
  if (isAnswerThere && call.prepared.place) return undefined
  const body = isAnswerThere ? undefined : leg.body
  if (isElsewhere && (body || call.prepared.place) || body?.kind === "stream") return undefined
  return {
    method: isAnswerThere ? "GET" : leg.method,
    url: next.href,
    body,
    redirects: leg.redirects + 1,
    isStrayed: leg.isStrayed || isElsewhere
  }
}

/**
 * Sends, follows up to 5 redirects, and gives the first response that is none.
 * Each has the method of the one before, but for a 303, which says where the
 * answer is.
 */
export const send = (
  attempt: Attempt,
  leg: Leg = beginning(attempt)
): Effect.Effect<TransportResponse, TransportError> => {
  const { body, method, url } = leg
  const request = { method, url, headers: headersFor(attempt, leg), body }
  const sent = Effect.mapError(
    attempt.call.sending.transport.send(request, attempt.controller.signal),
    (failure) => transportError(attempt, "Connection", { failure, url })
  )
  return Effect.flatMap(sent, (response): Effect.Effect<TransportResponse, TransportError> => {
    const { headers, status } = response
    const location = redirects.includes(status) ? headers.location : undefined
    // a browser hides where a redirect that it does not follow leads
    if (location === undefined && status !== 0) return Effect.succeed(response)
    const next = location === undefined ? undefined : follow(attempt, leg, status, location)
    const refused = Effect.suspend(() =>
      Effect.fail(transportError(attempt, "Redirect", { status: status || undefined, url }))
    )
    // reading what there is frees the socket before the next request
    return next === undefined ? refused : Effect.flatMap(readBeginning(response), ({ isWhole }) => {
      if (!isWhole) return refused
      attempt.isStrayed = next.isStrayed
      attempt.isDone ||= next.method !== leg.method
      return send(attempt, next)
    })
  })
}
