/** What is told of a call to who records it. */
import { type Call, type Made } from "./call/attempt.ts"
import { placeOf } from "./call/failure.ts"
import type { Exchange, ExchangeAttempt } from "./region.ts"
import * as Warnings from "./Warnings.ts"

/** The headers of an answer without what is secret. */
const shownHeaders = ({ redact }: Call, { response }: Made): Readonly<Record<string, string>> => {
  const shown: Record<string, string> = {}
  for (const name in response?.headers) {
    // where a session of storage is says who may write to it
    if (name !== "location") shown[name] = redact(response.headers[name] ?? "")
  }
  return shown
}

/** A call after its last attempt. */
export const exchangeOf = (call: Call): Exchange => {
  const attempts = (call.attempts ?? []).map((made): ExchangeAttempt => ({
    status: made.response?.status,
    headers: shownHeaders(call, made),
    error: made.error
  }))
  const last = attempts.at(-1)
  return {
    ...placeOf(call),
    status: last?.status,
    rateLimit: call.rateLimit,
    warnings: Warnings.fromHeaders(last?.headers ?? {}),
    attempts
  }
}
