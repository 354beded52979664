/** The request of an error, to repeat it by hand. */
import type { RedivisError } from "./RedivisError.ts"

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

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
  if (url === undefined) return `# ${operation} failed before a request was made`
  const parts = ["curl", method === "HEAD" ? "--head" : `--request ${method}`]
  parts.push("--header \"Authorization: Bearer $REDIVIS_API_TOKEN\"")
  if (method === "POST" || method === "PATCH" || method === "PUT") {
    parts.push("--header 'Content-Type: application/json'", "--data @body.json")
  }
  parts.push(quoted(url))
  return parts.join(" ")
}
