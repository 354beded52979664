/** The errors of an attempt that no status stands for. */
import { DecodeError, TransportError } from "../../contract/RedivisError.ts"
import type { Attempt, Call } from "./attempt.ts"
import { defined } from "../defined.ts"
import { shownUrl } from "./shown.ts"
import { openBodies } from "./openBodies.ts"
import type { TransportFailure } from "./transport.ts"
import { type Misfit, shortened } from "./validate.ts"

/** Where a call goes, as errors, spans and logs say it. */
export const placeOf = ({ operation, prepared, sending }: Call, url: string = prepared.url) => ({
  operation: operation.name,
  method: operation.method,
  url: shownUrl(url, sending.configuration.origin)
})

/** The runtime's own error, without what it holds of the request and the answer: runtimes put URLs and bytes there. */
const cleaned = (error: unknown, redact: (text: string) => string, cause?: Error): Error | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code, message, name } = error as Error & { readonly code?: string }
  return Object.assign(new Error(redact(message), cause && { cause }), { name }, code && { code })
}

/** Its sentence, and that of what caused it. */
const describe = ({ cause, message }: Error): string | undefined =>
  (cause instanceof Error && cause.message !== message ? `${message}: ${cause.message}` : message) || undefined

type Asking = Pick<Attempt, "call" | "isDone">

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
  const { call, isDone } = asking
  const { redact } = call
  const { configuration } = call.sending
  // runtimes wrap once, and an error may be its own cause
  const thrown = failure?.cause
  const cause = cleaned(thrown, redact, cleaned(Object(thrown).cause, redact))
  const { adviceFor, failedBeforeSending } = configuration.platform
  const place = placeOf(call, url)
  const advice = adviceFor(thrown, reason)
  const error = new TransportError(defined({
    ...place,
    url: redact(place.url),
    reason: advice ? "Misconfigured" : reason,
    advice,
    // where it was sent already, the connection to where it was led says nothing
    beforeSending: reason === "Connection" && !isDone && failedBeforeSending(thrown),
    status,
    description: cause && describe(cause),
    openBodies: reason === "Timeout" ? openBodies(call.prepared.url).holders.size || undefined : undefined
  }))
  // as `Error` has it, beside the fields: it is for those who debug, and no schema could carry every runtime's
  return cause === undefined
    ? error
    : Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true })
}

/** An answer that does not fit what the operation gives. */
export const mismatch = ({ call }: Asking, status: number, { message, path, value }: Misfit): DecodeError =>
  new DecodeError(defined({
    ...placeOf(call),
    status,
    path: call.redact(path),
    expected: message.replace(/^Expected /, ""),
    value: call.operation.sensitive ? undefined : shortened(value, call.redact)
  }))
