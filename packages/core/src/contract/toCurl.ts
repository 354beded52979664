/** The request of an error, to repeat it by hand. */
import { harmless } from "./harmless.ts"
import type { RedivisError } from "./RedivisError.ts"

/** As one word of a shell; what a terminal would act on is percent-encoded, as it is in a URL that can be sent. */
const quoted = (text: string): string =>
  `'${text.replaceAll("'", `'\\''`).replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, encodeURIComponent)}'`

/**
 * Prints the request of an error as a `curl` command, to repeat it by hand.
 * The token and a body are placeholders (`$REDIVIS_API_TOKEN`, `@body.json`),
 * never values.
 *
 * **Example** (What was sent)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as RedivisError from "@effect-redivis/core/RedivisError"
 * import * as Effect from "effect/Effect"
 *
 * const dataset = Dataset.get("demo.penguins").pipe(
 *   Effect.tapError((error) => Effect.logError(RedivisError.toCurl(error)))
 * )
 * ```
 *
 * @category rendering
 * @since 0.1.0
 */
export const toCurl = (error: RedivisError): string => {
  // errors of jobs have none of these
  const { method = "GET", operation = "the call", url } = error as Partial<
    Readonly<Record<"method" | "operation" | "url", string>>
  >
  if (url === undefined) return harmless(`# ${operation} failed before a request was made`)
  const parts = [
    "curl",
    method === "HEAD" ? "--head" : `--request ${/^[A-Z]+$/.test(method) ? method : quoted(method)}`
  ]
  parts.push("--header \"Authorization: Bearer $REDIVIS_API_TOKEN\"")
  if (method === "POST" || method === "PATCH" || method === "PUT") {
    parts.push("--header 'Content-Type: application/json'", "--data @body.json")
  }
  parts.push(quoted(url))
  return parts.join(" ")
}
