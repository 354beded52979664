/**
 * Functions of JSON in texts, and of places on the globe.
 *
 * @since 0.1.0
 */
import { floatText } from "../casts.ts"
import { type Context, type Definition, of, scalar } from "../Function.ts"
import { refuse } from "../SqlError.ts"
import type { Expression } from "../syntax.ts"
import { constantText, once, quoteText } from "../Value.ts"

/** `$.a.b[0]` and `$['a']`, with every key quoted for DuckDB. */
const readPath = (node: Expression | undefined, name: string): string => {
  if (node === undefined) return quoteText("$")
  const text = constantText(node)
  if (text === undefined) {
    return refuse(`The path of ${name} has to be a text that is written out`, node.at, "computed JSON path")
  }
  const step = /\.([A-Za-z_][\w-]*)|\."([^"\\]+)"|\['([^'\\]+)'\]|\[(\d+)\]/y
  let path = "$"
  let at = 1
  if (!text.startsWith("$")) refuse(`A JSON path begins with $, not with ${JSON.stringify(text.slice(0, 10))}`, node.at)
  while (at < text.length) {
    step.lastIndex = at
    const found = step.exec(text)
    if (found === null) return refuse(`The JSON path ${JSON.stringify(text)} is not supported`, node.at, "JSON path")
    const key = found[1] ?? found[2] ?? found[3]
    if (key?.includes("\"") === true || key?.includes("*") === true) {
      return refuse(`The JSON path ${JSON.stringify(text)} is not supported`, node.at, "JSON path")
    }
    path += key === undefined ? `[${found[4]}]` : `."${key}"`
    at = step.lastIndex
  }
  return quoteText(path)
}

/** A scalar of a document as text. A number that DuckDB would print in another way fails. */
const jsonValue = ([text]: ReadonlyArray<string>, context: Context): string => {
  const path = readPath(context.node.arguments[1], context.node.name)
  // GoogleSQL reads a broken document as far as it goes
  const document = once(
    text!,
    (bound) =>
      `CASE WHEN json_valid(${bound}) THEN ${bound} WHEN ${bound} IS NOT NULL THEN ${
        context.fail(`${context.node.name} of a text that is no JSON`)
      } END`
  )
  return once(
    document,
    (bound) =>
      `CASE WHEN json_type(${bound}, ${path}) IN ('VARCHAR', 'BOOLEAN', 'BIGINT', 'UBIGINT') THEN json_extract_string(${bound}, ${path})` +
      ` WHEN json_type(${bound}, ${path}) IN ('DOUBLE', 'HUGEINT') THEN CASE WHEN regexp_matches(${bound}, concat('(^|[^0-9.eE+-])', regexp_escape(json_extract_string(${bound}, ${path})), '($|[^0-9.eE+-])'))` +
      ` THEN json_extract_string(${bound}, ${path}) ELSE ${
        context.fail(`${context.node.name} of a number that is written in an unusual way`)
      } END END`
  )
}

const value: Definition = scalar(of("STRING -> STRING", jsonValue), of("STRING, raw -> STRING", jsonValue))

export const documents: Readonly<Record<string, Definition>> = {
  JSON_VALUE: value,
  ST_GEOGPOINT: scalar(
    of(
      "FLOAT64, FLOAT64 -> GEOGRAPHY",
      ([longitude, latitude], { fail }) =>
        once(
          longitude!,
          (x) =>
            once(latitude!, (y) =>
              `CASE WHEN ${x} IS NULL OR ${y} IS NULL THEN NULL WHEN ${x} BETWEEN -180 AND 180 AND ${y} BETWEEN -90 AND 90` +
              ` THEN concat('POINT(', ${floatText(x)}, ' ', ${floatText(y)}, ')') ELSE ${
                fail("ST_GEOGPOINT: this is no longitude and latitude")
              } END`)
        )
    )
  )
}
