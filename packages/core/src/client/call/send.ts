/** One HTTP request: headers by origin, redirects by hand, failures of the transport as ours. */
import * as Effect from "effect/Effect"
import { TransportError } from "../../contract/RedivisError.ts"
import { defined } from "../defined.ts"
import type { Platform } from "../Platform.ts"
import { redactUrl } from "./redactUrl.ts"
import type { Body, Transport, TransportFailure, TransportResponse } from "./transport.ts"

/** What is sent where. */
export interface Outgoing {
  /** The operation's name, for errors. */
  readonly operation: string
  readonly method: string
  readonly url: string
  readonly body: Body | undefined
  /**
   * The headers for a URL; it is asked anew for each redirect, so that the token
   * stays on its origin. `strayed`: another origin led here, which must not
   * choose what is asked for with the token.
   */
  readonly headersFor: (url: string, strayed: boolean) => Readonly<Record<string, string>>
  readonly platform: Platform
}

/** A sentence of the runtime's, without what a URL in it could carry. */
const describe = (cause: unknown): string | undefined => {
  if (!(cause instanceof Error)) return undefined
  const inner = cause.cause instanceof Error && cause.cause.message !== cause.message ? `: ${cause.cause.message}` : ""
  const text = `${cause.message}${inner}`
  return text === "" ? undefined : text.replaceAll(/https?:\/\/\S+/g, redactUrl)
}

/** The failure of a transport as ours. */
export const transportError = (
  outgoing: Pick<Outgoing, "operation" | "method" | "url" | "platform">,
  reason: TransportError["reason"],
  failure?: TransportFailure,
  status?: number
): TransportError => {
  const cause = failure?.cause
  const error = new TransportError(defined({
    operation: outgoing.operation,
    method: outgoing.method,
    url: redactUrl(outgoing.url),
    reason,
    beforeSending: reason === "Connection" && outgoing.platform.failedBeforeSending(cause),
    status,
    description: describe(cause)
  }))
  // as `Error` has it, beside the fields: it is for those who debug, and no schema could carry every runtime's
  return cause === undefined
    ? error
    : Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true })
}

const mostErrorBytes = 65_536
const longestErrorRead = 5_000

/** The beginning of a body as text, up to a bound in size and time; what cannot be read is missing. */
export const readBounded = (response: TransportResponse): Effect.Effect<string> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let text = ""
    let room = mostErrorBytes
    const more: Effect.Effect<void, TransportFailure> = Effect.flatMap(response.pull, (chunk) => {
      if (chunk === undefined) return Effect.void
      text += decoder.decode(chunk.subarray(0, room), { stream: true })
      room -= chunk.length
      return room > 0 ? more : Effect.void
    })
    const shown = () => Effect.succeed(text)
    return Effect.matchEffect(Effect.timeoutOption(more, longestErrorRead), { onFailure: shown, onSuccess: shown })
  })

const mostRedirects = 5

const isRedirect = (status: number): boolean =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308

/** Where a redirect leads, unless it leads nowhere that may be followed. */
const target = (location: string, from: string): URL | undefined => {
  const url = URL.canParse(location, from) ? new URL(location, from) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === ""
    ? url
    : undefined
}

/** Sends, follows up to 5 redirects with the same method, and gives the first response that is none. */
export const send = (
  transport: Transport,
  outgoing: Outgoing,
  signal: AbortSignal,
  redirects = 0,
  strayed = false
): Effect.Effect<TransportResponse, TransportError> =>
  Effect.matchEffect(
    transport.send(
      {
        method: outgoing.method,
        url: outgoing.url,
        headers: outgoing.headersFor(outgoing.url, strayed),
        body: outgoing.body
      },
      signal
    ),
    {
      onFailure: (failure) => Effect.fail(transportError(outgoing, "Connection", failure)),
      onSuccess: (response) => {
        // a browser hides where a redirect that it does not follow leads
        if (response.status === 0) return Effect.fail(transportError(outgoing, "Redirect"))
        const location = isRedirect(response.status) ? response.headers.location : undefined
        if (location === undefined) return Effect.succeed(response)
        const next = target(location, outgoing.url)
        if (next === undefined || redirects === mostRedirects || outgoing.body?.kind === "stream") {
          return Effect.fail(transportError(outgoing, "Redirect", undefined, response.status))
        }
        // reading what there is frees the socket before the next request
        return Effect.andThen(
          readBounded(response),
          Effect.suspend(() =>
            send(
              transport,
              { ...outgoing, url: next.href },
              signal,
              redirects + 1,
              strayed || next.origin !== new URL(outgoing.url).origin
            )
          )
        )
      }
    }
  )
