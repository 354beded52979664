/** One HTTP request: headers by origin, redirects by hand, failures of the transport as ours. */
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import type * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as UrlParams from "effect/http/UrlParams"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { TransportError } from "../contract/RedivisError.ts"
import type { Platform } from "./Platform.ts"
import { readErrorText, redactUrl } from "./response.ts"

/** What is sent where. */
export interface Outgoing {
  /** The operation's name, for errors. */
  readonly operation: string
  readonly method: string
  readonly url: string
  readonly body: HttpBody.HttpBody
  /** The headers for a URL; it is asked anew for each redirect, so that the token stays on its origin. */
  readonly headersFor: (url: string) => Headers.Headers
  readonly platform: Platform
}

/** A sentence of the runtime's, without what a URL in it could carry. */
const describe = (cause: unknown): string | undefined => {
  if (!(cause instanceof Error)) return undefined
  const inner = cause.cause instanceof Error && cause.cause.message !== cause.message ? `: ${cause.cause.message}` : ""
  const text = `${cause.message}${inner}`
  return text === "" ? undefined : text.replaceAll(/https?:\/\/\S+/g, (url) => redactUrl(url))
}

/** The failure of a transport as ours. */
export const transportError = (
  outgoing: Pick<Outgoing, "operation" | "method" | "url" | "platform">,
  reason: TransportError["reason"],
  failure?: HttpClientError.HttpClientError,
  status?: number
): TransportError => {
  // the wrapper holds the request and its headers; what the runtime said is inside
  const cause = failure !== undefined && "cause" in failure.reason ? failure.reason.cause : undefined
  const description = describe(cause)
  return new TransportError({
    operation: outgoing.operation,
    method: outgoing.method,
    url: redactUrl(outgoing.url),
    reason,
    beforeSending: reason === "Connection" && outgoing.platform.failedBeforeSending(cause),
    ...(status === undefined ? {} : { status }),
    ...(description === undefined ? {} : { description }),
    ...(cause === undefined ? {} : { cause })
  })
}

const mostRedirects = 5

const isRedirect = (status: number): boolean =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308

/** Where a redirect leads, unless it leads nowhere that may be followed. */
const target = (location: string, from: string): URL | undefined => {
  const url = URL.canParse(location, from) ? new URL(location, from) : undefined
  return url !== undefined && (url.protocol === "https:" || url.protocol === "http:") &&
      url.username === "" && url.password === ""
    ? url
    : undefined
}

/** Sends, follows up to 5 redirects with the same method, and gives the first response that is none. */
export const send = (
  client: HttpClient.HttpClient.With<HttpClientError.HttpClientError, Scope.Scope>,
  outgoing: Outgoing,
  redirects = 0
): Effect.Effect<HttpClientResponse.HttpClientResponse, TransportError, Scope.Scope> => {
  const request = HttpClientRequest.makeWith(
    outgoing.method,
    outgoing.url,
    UrlParams.empty,
    Option.none(),
    outgoing.headersFor(outgoing.url),
    outgoing.body
  )
  return Effect.matchEffect(
    client.execute(outgoing.body._tag === "Empty" ? request : HttpClientRequest.setBody(request, outgoing.body)),
    {
      onFailure: (failure) => Effect.fail(transportError(outgoing, "Connection", failure)),
      onSuccess: (response) => {
        // a browser hides where a redirect that it does not follow leads
        if (response.status === 0) return Effect.fail(transportError(outgoing, "Redirect"))
        const location = isRedirect(response.status) ? response.headers.location : undefined
        if (location === undefined) return Effect.succeed(response)
        const next = target(location, outgoing.url)
        if (next === undefined || redirects === mostRedirects || outgoing.body._tag === "Stream") {
          return Effect.fail(transportError(outgoing, "Redirect", undefined, response.status))
        }
        // reading what there is frees the socket before the next request
        return Effect.andThen(
          readErrorText(response),
          Effect.suspend(() => send(client, { ...outgoing, url: next.href }, redirects + 1))
        )
      }
    }
  )
}

/** A set of headers from plain pairs, names in lower case. */
export const headers = (pairs: Record<string, string>): Headers.Headers => Headers.fromRecordUnsafe(pairs)
