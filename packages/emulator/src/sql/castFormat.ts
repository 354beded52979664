/**
 * `CAST(d AS STRING FORMAT 'YYYY-MM-DD')`.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { nameOf } from "./extract.ts"
import { refuse } from "./SqlError.ts"
import type { Expression } from "./syntax.ts"
import * as Types from "./types.ts"
import { constantText, once, quoteText, type Value, value } from "./Value.ts"

const two = (sql: string): string => `printf('%02d', ${sql})`

/** Longest first, since `MON` begins `MONTH`. */
const printers: ReadonlyArray<readonly [string, "date" | "time", (sql: string) => string]> = [
  ["YYYY", "date", (sql) => `printf('%04d', year(${sql}))`],
  ["YY", "date", (sql) => two(`(year(${sql}) % 100)`)],
  ["HH24", "time", (sql) => two(`hour(${sql})`)],
  ["HH12", "time", (sql) => two(`((hour(${sql}) + 11) % 12 + 1)`)],
  ["DDD", "date", (sql) => `printf('%03d', dayofyear(${sql}))`],
  ["DD", "date", (sql) => two(`day(${sql})`)],
  ["MM", "date", (sql) => two(`month(${sql})`)],
  ["MI", "time", (sql) => two(`minute(${sql})`)],
  ["SS", "time", (sql) => two(`second(${sql})`)]
]

export const castFormat = (of: Value, to: Types.Type, node: Extract<Expression, { readonly kind: "cast" }>): Value => {
  const { at, format, zone } = node
  if (!Types.isScalar(to, "STRING") || node.isSafe || zone !== undefined) {
    refuse(
      "FORMAT in CAST is supported only for printing a date or time as STRING, without a time zone",
      at,
      "CAST with FORMAT"
    )
  }
  const name = nameOf(of.type)
  if (name === undefined) {
    return refuse(`CAST of ${Types.show(of.type)} with FORMAT is not supported`, at, "CAST with FORMAT")
  }
  const text = constantText(format!)
  if (text === undefined) {
    return refuse("The format has to be a text that is written out", format!.at, "computed format")
  }
  allow("CAST with FORMAT", at)
  return value(
    once(of.sql, (bound) => {
      const parts: Array<string> = []
      for (let rest = text; rest !== "";) {
        const upper = rest.toUpperCase()
        const found = printers.find(([element, kind]) =>
          upper.startsWith(element) && name !== (kind === "date" ? "TIME" : "DATE")
        )
        if (found !== undefined) {
          allow(`format ${found[0]} of CAST`, at)
          parts.push(found[2](bound))
          rest = rest.slice(found[0].length)
        } else if (/^[-./,';: ]/.test(rest)) {
          parts.push(quoteText(rest[0]!))
          rest = rest.slice(1)
        } else {
          const element = /^[A-Za-z0-9]+|^./s.exec(rest)![0]
          return refuse(`The format element ${element} is not supported here`, format!.at, `format ${element} of CAST`)
        }
      }
      return `CASE WHEN ${bound} IS NOT NULL THEN concat(${["''", ...parts].join(", ")}) END`
    }),
    Types.string,
    at
  )
}
