/** The errors of an attempt that no status stands for. */
import { DecodeError, TransportError } from "../../contract/RedivisError.ts"
import type { Attempt, Call } from "./attempt.ts"
import { defined } from "../defined.ts"
import { shownUrl } from "./shown.ts"
import type { TransportFailure } from "./transport.ts"
import { type Misfit, shortened } from "./validate.ts"

/** Where a call goes, as errors, spans and logs say it. */
export const placeOf = ({ operation, prepared, sending }: Call, url: string = prepared.url) => ({
  operation: operation.name,
  method: operation.method,
  url: shownUrl(url, sending.configuration.origin)
})

/** A sentence of the runtime's, without what a URL in it could carry. */
const describe = (cause: unknown, { call, redact }: Asking): string | undefined => {
  if (!(cause instanceof Error)) return undefined
  const inner = cause.cause instanceof Error && cause.cause.message !== cause.message ? `: ${cause.cause.message}` : ""
  const { origin } = call.sending.configuration
  const text = `${cause.message}${inner}`.replaceAll(/https?:\/\/\S+/g, (url) => shownUrl(url, origin))
  return text === "" ? undefined : redact(text)
}

type Asking = Pick<Attempt, "call" | "redact">

interface Circumstances {
  readonly failure?: TransportFailure | undefined
  readonly status?: number | undefined
  /** Where the request had got to by redirects. */
  readonly url?: string | undefined
}

/** The failure of a transport, or of a time limit, as ours. */
export const transportError = (
  asking: Asking,
  reason: TransportError["reason"],
  { failure, status, url }: Circumstances = {}
): TransportError => {
  const { call, redact } = asking
  const { configuration, openBodies } = call.sending
  const cause = failure?.cause
  const { adviceFor, failedBeforeSending } = configuration.platform
  const place = placeOf(call, url)
  const advice = reason === "Connection" ? adviceFor(cause) : undefined
  const error = new TransportError(defined({
    ...place,
    url: redact(place.url),
    reason: advice === undefined ? reason : "Misconfigured",
    advice,
    beforeSending: reason === "Connection" && failedBeforeSending(cause),
    status,
    description: describe(cause, asking),
    openBodies: reason === "Timeout" && openBodies > 0 ? openBodies : undefined
  }))
  // as `Error` has it, beside the fields: it is for those who debug, and no schema could carry every runtime's
  return cause === undefined
    ? error
    : Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true })
}

/** An answer that does not fit what the operation gives. */
export const mismatch = ({ call, redact }: Asking, status: number, { message, path, value }: Misfit): DecodeError =>
  new DecodeError(defined({
    ...placeOf(call),
    status,
    path,
    expected: message.replace(/^Expected /, ""),
    value: call.operation.sensitive ? undefined : shortened(value, redact)
  }))
