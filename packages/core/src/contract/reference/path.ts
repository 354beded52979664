/** References in the paths of requests and answers. */
import * as Result from "effect/Result"
import type { Params } from "../Operation.ts"
import type { InvalidInput } from "../RedivisError.ts"
import { refuse, show } from "./part.ts"

/** Why a text cannot be one segment of a path. */
const problem = (text: string): string | undefined =>
  text === ""
    ? "is empty"
    : text === "." || text === ".."
    ? `must not be ${show(text)}, which is a step in a path`
    : /[\ud800-\udfff]/u.test(text) // with the flag u only halves of pairs match
    ? `must be whole characters, unlike ${show(text)}`
    : undefined

/**
 * Percent-encodes a text as exactly one segment of a path.
 *
 * **Failures**
 *
 * `InvalidInput` with `field` for what no encoding makes a segment: an empty
 * text, `.`, `..`, and half of a surrogate pair.
 *
 * @category paths
 * @since 0.1.0
 */
export const segment = (text: string, field = "path"): Result.Result<string, InvalidInput> => {
  const reason = problem(text)
  return reason === undefined
    ? Result.succeed(
      encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    )
    : refuse(field, reason)
}

/**
 * Reads the parameters of a path template from the `uri` of an answer.
 *
 * **Details**
 *
 * Each parameter is decoded once. A query, a fragment, the path of another
 * kind of resource and a whole URL are refused, so that what is sent never
 * depends on text that was only joined.
 *
 * **Example** (The table and the name of an upload)
 *
 * ```ts
 * import * as Reference from "@effect-redivis/core/Reference"
 *
 * const params = Reference.fromUri("/tables/:table/uploads/:upload", "/tables/demo.penguins.birds/uploads/a%2Fb_csv")
 * // Result of { table: "demo.penguins.birds", upload: "a/b_csv" }
 * ```
 *
 * @category paths
 * @since 0.1.0
 */
export const fromUri = <const Template extends string>(
  template: Template,
  given: string,
  field = "uri"
): Result.Result<Params<Template>, InvalidInput> => {
  // of an answer that was not held against its schema it may be no text
  const uri = `${given}`
  const wrong = refuse(field, `must be a path like ${template}, unlike ${show(uri)}`)
  const expected = template.split("/")
  const found = uri.split("/")
  if (found.length !== expected.length || /[?#]/.test(uri)) return wrong
  const params: Record<string, string> = {}
  for (let index = 0; index < expected.length; index++) {
    const part = expected[index]
    if (!part.startsWith(":")) {
      if (found[index] !== part) return wrong
      continue
    }
    const name = part.slice(1)
    const text = Result.try(() => decodeURIComponent(found[index]))
    if (Result.isFailure(text)) return refuse(field, `is not percent-encoded rightly in ${show(found[index])}`)
    const reason = problem(text.success)
    if (reason !== undefined) return refuse(`${field}.${name}`, reason)
    params[name] = text.success
  }
  // one entry was set for each parameter of the template
  return Result.succeed(params as Params<Template>)
}
