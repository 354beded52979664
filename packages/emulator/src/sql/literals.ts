/**
 * Translates literals.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { momentLiteral, numericLiteral } from "./coercion.ts"
import { refuse } from "./SqlError.ts"
import type { Expression } from "./syntax.ts"
import * as Types from "./types.ts"
import { nullOf, quoteText, type Value, value } from "./Value.ts"

type Of<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>

const largest = 9223372036854775807n

export const integer = (text: string, isNegative: boolean, at: number): Value => {
  const magnitude = BigInt(text)
  if (magnitude > largest + (isNegative ? 1n : 0n)) refuse(`The integer ${text} does not fit INT64`, at)
  const written = `${isNegative ? "-" : ""}${magnitude}`
  return {
    ...value(`CAST(${isNegative ? `'${written}'` : written} AS BIGINT)`, Types.int64, at, {
      isNumber: true,
      isTotal: true,
      isPresent: true
    }),
    literal: { type: "INT64", text: written }
  }
}

export const float = (text: string, isNegative: boolean, at: number): Value => {
  if (!Number.isFinite(Number(text))) refuse(`The number ${text} does not fit FLOAT64`, at)
  const written = `${isNegative ? "-" : ""}${text}`
  return {
    ...value(`CAST('${written}' AS DOUBLE)`, Types.float64, at, { isNumber: true, isTotal: true, isPresent: true }),
    literal: { type: "FLOAT64", text: written }
  }
}

export const literal = (node: Of<"literal">): Value => {
  const { at } = node
  switch (node.type) {
    case "INT64":
      allow("literal INT64", at)
      return integer(node.value, false, at)
    case "FLOAT64":
      allow("literal FLOAT64", at)
      return float(node.value, false, at)
    case "STRING":
      allow("literal STRING", at)
      return {
        ...value(quoteText(node.value), Types.string, at, { isTotal: true, isPresent: true }),
        literal: { type: "STRING", text: node.value }
      }
    case "BYTES": {
      allow("literal BYTES", at)
      const bytes = [...node.value].map((unit) =>
        `\\x${unit.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`
      )
      return {
        ...value(`CAST('${bytes.join("")}' AS BLOB)`, Types.bytes, at, { isTotal: true, isPresent: true }),
        literal: { type: "BYTES", text: "" }
      }
    }
    case "BOOL":
      allow("literal BOOL", at)
      return {
        ...value(node.value, Types.bool, at, { isTotal: true, isPresent: true }),
        literal: { type: "BOOL", text: node.value }
      }
    case "NULL":
      allow("literal NULL", at)
      return value(nullOf(Types.unknown), Types.unknown, at, { isNumber: true, isTotal: true })
  }
}

export const typed = (node: Of<"typed">): Value => {
  const name = node.type === "DECIMAL" ? "NUMERIC" : node.type
  if (name === "NUMERIC") {
    allow("type NUMERIC", node.at)
    return numericLiteral(node.value, node.at)
  }
  if (name !== "DATE" && name !== "DATETIME" && name !== "TIME" && name !== "TIMESTAMP") {
    return refuse(`The type ${node.type} is not supported`, node.at, `type ${node.type}`)
  }
  allow(`literal ${name}`, node.at)
  return momentLiteral(node.value, name, node.at)
}
