/** Headers that the service was seen to send, beside those of the rate limit and of CORS. */
import { createHash } from "node:crypto"
import { type Answer, type HeaderList, headerOf } from "./message.ts"

/** Of every answer. `Strict-Transport-Security` is for HTTPS alone. */
export const always: HeaderList = [
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "origin-when-cross-origin"],
  ["cross-origin-opener-policy", "same-origin-allow-popups"],
  ["content-security-policy", "frame-ancestors 'self'"],
  ["x-robots-tag", "noindex"]
]

/** Of an operation's successes: the service has no date to tell, and tells that. */
export const ofSuccess: Readonly<Record<string, HeaderList>> = {
  "datasets.get": [["last-modified", "Invalid Date"]]
}

/** A weak one, of the length and the SHA-1 of the body. */
const etagOf = (bytes: Uint8Array): string =>
  `W/"${bytes.length.toString(16)}-${createHash("sha1").update(bytes).digest("base64").slice(0, 27)}"`

/** The answer with its `ETag`, where its body is known before it is sent. */
export const tagged = (whole: Answer): Answer =>
  whole.body.kind !== "bytes" || headerOf(whole.headers, "etag") !== undefined
    ? whole
    : { ...whole, headers: [...whole.headers, ["etag", etagOf(whole.body.bytes)]] }
