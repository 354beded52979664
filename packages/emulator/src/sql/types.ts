/**
 * GoogleSQL's types, and how DuckDB holds their values.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { refuse } from "./SqlError.ts"
import type { TypeNode } from "./syntax.ts"

export type ScalarName =
  | "INT64"
  | "FLOAT64"
  | "NUMERIC"
  | "BOOL"
  | "STRING"
  | "BYTES"
  | "DATE"
  | "DATETIME"
  | "TIME"
  | "TIMESTAMP"
  | "INTERVAL"
  | "GEOGRAPHY"
  | "JSON"

export interface Field {
  readonly name: string | undefined
  readonly type: Type
}

export type Type =
  | { readonly kind: "scalar"; readonly name: ScalarName }
  | { readonly kind: "array"; readonly element: Type }
  | { readonly kind: "struct"; readonly fields: ReadonlyArray<Field> }
  /** Of `NULL` and `[]`, which take the type that is wanted. */
  | { readonly kind: "unknown" }

const scalar = (name: ScalarName): Type => ({ kind: "scalar", name })

export const int64 = scalar("INT64")
export const float64 = scalar("FLOAT64")
export const numeric = scalar("NUMERIC")
export const bool = scalar("BOOL")
export const string = scalar("STRING")
export const bytes = scalar("BYTES")
export const date = scalar("DATE")
export const datetime = scalar("DATETIME")
export const time = scalar("TIME")
export const timestamp = scalar("TIMESTAMP")
export const interval = scalar("INTERVAL")
export const geography = scalar("GEOGRAPHY")
export const json = scalar("JSON")
export const unknown: Type = { kind: "unknown" }
export const arrayOf = (element: Type): Type => ({ kind: "array", element })

const scalars: Readonly<Record<ScalarName, Type>> = {
  INT64: int64,
  FLOAT64: float64,
  NUMERIC: numeric,
  BOOL: bool,
  STRING: string,
  BYTES: bytes,
  DATE: date,
  DATETIME: datetime,
  TIME: time,
  TIMESTAMP: timestamp,
  INTERVAL: interval,
  GEOGRAPHY: geography,
  JSON: json
}

export const scalarNamed = (name: ScalarName): Type => scalars[name]

/** `TIMESTAMP`s are UTC without a zone, so that no setting of a connection changes what they mean. */
const held: Readonly<Record<ScalarName, string>> = {
  INT64: "BIGINT",
  FLOAT64: "DOUBLE",
  NUMERIC: "DECIMAL(38, 9)",
  BOOL: "BOOLEAN",
  STRING: "VARCHAR",
  BYTES: "BLOB",
  DATE: "DATE",
  DATETIME: "TIMESTAMP",
  TIME: "TIME",
  TIMESTAMP: "TIMESTAMP",
  INTERVAL: "INTERVAL",
  GEOGRAPHY: "VARCHAR",
  JSON: "JSON"
}

/** A struct's fields go by their place: GoogleSQL's may have no name, or the same one twice. */
export const fieldName = (index: number): string => `f${index}`

/** The type's name in DuckDB. */
export const duck = (type: Type): string => {
  switch (type.kind) {
    case "scalar":
      return held[type.name]
    case "array":
      return `${duck(type.element)}[]`
    case "struct":
      return `STRUCT(${type.fields.map((field, index) => `"${fieldName(index)}" ${duck(field.type)}`).join(", ")})`
    case "unknown":
      return held.INT64
  }
}

/** The type's name in GoogleSQL, for messages. */
export const show = (type: Type): string => {
  switch (type.kind) {
    case "scalar":
      return type.name
    case "array":
      return `ARRAY<${show(type.element)}>`
    case "struct": {
      const fields = type.fields.map((field) =>
        field.name === undefined ? show(field.type) : `${field.name} ${show(field.type)}`
      )
      return `STRUCT<${fields.join(", ")}>`
    }
    case "unknown":
      return "NULL"
  }
}

export const isScalar = (type: Type, ...names: ReadonlyArray<ScalarName>): boolean =>
  type.kind === "scalar" && names.includes(type.name)

export const isNumber = (type: Type): boolean => isScalar(type, "INT64", "FLOAT64", "NUMERIC")

export const isSame = (left: Type, right: Type): boolean => {
  if (left === right) return true
  if (left.kind === "scalar" && right.kind === "scalar") return left.name === right.name
  if (left.kind === "array" && right.kind === "array") return isSame(left.element, right.element)
  if (left.kind === "struct" && right.kind === "struct") {
    return left.fields.length === right.fields.length &&
      left.fields.every((field, index) => isSame(field.type, right.fields[index]!.type))
  }
  return left.kind === right.kind && left.kind === "unknown"
}

/** Whether a value may take the other type without `CAST`, whatever it is. */
export const isImplicit = (from: Type, to: Type): boolean => {
  if (from.kind === "unknown" || isSame(from, to)) return true
  if (from.kind === "array" && to.kind === "array") return isOpenFor(from.element, to.element)
  if (from.kind === "struct" && to.kind === "struct") {
    return from.fields.length === to.fields.length &&
      from.fields.every((field, index) => isImplicit(field.type, to.fields[index]!.type))
  }
  if (from.kind !== "scalar" || to.kind !== "scalar") return false
  switch (from.name) {
    case "INT64":
      return to.name === "NUMERIC" || to.name === "FLOAT64"
    case "NUMERIC":
      return to.name === "FLOAT64"
    case "DATE":
      return to.name === "DATETIME"
    default:
      return false
  }
}

/** Whether the types differ only where the first is not known. */
const isOpenFor = (from: Type, to: Type): boolean => {
  if (from.kind === "unknown" || isSame(from, to)) return true
  if (from.kind === "array" && to.kind === "array") return isOpenFor(from.element, to.element)
  return from.kind === "struct" && to.kind === "struct" && from.fields.length === to.fields.length &&
    from.fields.every((field, index) => isOpenFor(field.type, to.fields[index]!.type))
}

/** What both are, where each may leave open what the other says. */
export const merge = (left: Type, right: Type): Type => {
  if (left.kind === "unknown") return right
  if (left.kind === "array" && right.kind === "array") return arrayOf(merge(left.element, right.element))
  if (left.kind !== "struct" || right.kind !== "struct") return left
  return {
    kind: "struct",
    fields: left.fields.map((field, index) => {
      const other = right.fields[index]
      return other === undefined ? field : { ...field, type: merge(field.type, other.type) }
    })
  }
}

/** Whether values of the type can be compared for equality, grouped and told apart. */
export const isGroupable = (type: Type): boolean =>
  type.kind === "unknown" ||
  (type.kind === "scalar" && type.name !== "JSON" && type.name !== "GEOGRAPHY" && type.name !== "INTERVAL")

const spelled: Readonly<Record<string, ScalarName>> = {
  INT64: "INT64",
  INT: "INT64",
  SMALLINT: "INT64",
  INTEGER: "INT64",
  BIGINT: "INT64",
  TINYINT: "INT64",
  BYTEINT: "INT64",
  FLOAT64: "FLOAT64",
  NUMERIC: "NUMERIC",
  DECIMAL: "NUMERIC",
  BOOL: "BOOL",
  BOOLEAN: "BOOL",
  STRING: "STRING",
  BYTES: "BYTES",
  DATE: "DATE",
  DATETIME: "DATETIME",
  TIME: "TIME",
  TIMESTAMP: "TIMESTAMP"
}

/** The type that is written. */
export const resolveType = (node: TypeNode): Type => {
  if (node.element !== undefined) {
    allow("type ARRAY", node.at)
    const element = resolveType(node.element)
    if (element.kind === "array") refuse("An array of arrays is not possible; put a struct between them", node.at)
    return arrayOf(element)
  }
  if (node.fields !== undefined) {
    allow("type STRUCT", node.at)
    return {
      kind: "struct",
      fields: node.fields.map((field) => ({ name: field.name, type: resolveType(field.type) }))
    }
  }
  const name = spelled[node.name]
  if (name === undefined) return refuse(`The type ${node.name} is not supported`, node.at, `type ${node.name}`)
  if (node.parameters.length > 0) {
    refuse(
      `Types with parameters such as ${node.name}(${
        node.parameters.join(", ")
      }) are not supported; use ROUND or SUBSTR`,
      node.at,
      `type ${node.name}(...)`
    )
  }
  allow(`type ${name}`, node.at)
  return scalarNamed(name)
}
