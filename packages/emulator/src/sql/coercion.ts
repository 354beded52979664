/**
 * Which types a value takes without being asked, and the one that several have
 * in common.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { castValue } from "./casts.ts"
import { momentOf } from "./moments.ts"
import { refuse } from "./SqlError.ts"
import * as Types from "./types.ts"
import { castTo, nullOf, type Value, value } from "./Value.ts"

/** 0: as it is; 1: any value of its type; 2: because it is a literal. */
export const cost = (from: Value, to: Types.Type): 0 | 1 | 2 | undefined => {
  if (from.type.kind === "unknown") return 0
  if (Types.isSame(from.type, to)) return 0
  if (Types.isImplicit(from.type, to)) return 1
  if (from.literal?.type === "STRING" && Types.isScalar(to, "DATE", "DATETIME", "TIMESTAMP", "TIME")) return 2
  if (from.literal?.type === "FLOAT64" && Types.isScalar(to, "NUMERIC")) return 2
  return undefined
}

/** The value in another type that `cost` said it takes. */
export const coerce = (from: Value, to: Types.Type): Value => {
  if (from.type.kind === "unknown") return { ...value(nullOf(to), to, from.at, { isTotal: true }), literal: undefined }
  if (Types.isSame(from.type, to)) return from
  if (from.type.kind === "struct") return castValue(from, to, { isSafe: false, at: from.at })
  if (from.type.kind === "array") {
    return { ...castValue(from, to, { isSafe: false, at: from.at }), isTotal: from.isTotal }
  }
  if (from.literal?.type === "STRING" && to.kind === "scalar") return momentLiteral(from.literal.text, to.name, from.at)
  if (from.literal !== undefined && Types.isScalar(to, "NUMERIC")) return numericLiteral(from.literal.text, from.at)
  const isRounded = Types.isScalar(from.type, "NUMERIC") && Types.isScalar(to, "FLOAT64")
  return value(castTo(isRounded ? castTo(from.sql, Types.string) : from.sql, to), to, from.at, {
    isNumber: Types.isScalar(from.type, "INT64", "NUMERIC"),
    isTotal: from.isTotal,
    isPresent: from.isPresent
  })
}

/** What is no date or time is refused here, so that nothing fails while the query runs. */
export const momentLiteral = (text: string, name: Types.ScalarName, at: number): Value => {
  allow(`cast STRING to ${name}`, at)
  const sql = momentOf(text, name) ?? refuse(`Invalid ${name} value: ${JSON.stringify(text)}`, at)
  return value(sql, Types.scalarNamed(name), at, { isTotal: true, isPresent: true })
}

/** A number of up to 29 digits before the point and 9 behind it. */
export const numericLiteral = (text: string, at: number): Value => {
  const match = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?$/.exec(text) ??
    refuse(`${JSON.stringify(text)} is not a NUMERIC`, at)
  const [, sign = "", number = "", exponent] = match
  const written = exponent === undefined ? number : withoutExponent(number, Number(exponent))
  return value(castTo(`'${sign}${written}'`, Types.numeric), Types.numeric, at, { isTotal: true, isPresent: true })
}

/** The same number with its point where the exponent says; DuckDB rounds `5e-11` twice. */
const withoutExponent = (number: string, exponent: number): string => {
  const [whole = "", fraction = ""] = number.split(".")
  const digits = whole + fraction
  // beyond this it is nothing, or more than the type holds
  const point = Math.min(Math.max(whole.length + exponent, -50), digits.length + 50)
  return point <= 0
    ? `0.${"0".repeat(-point)}${digits}`
    : `${digits.slice(0, point).padEnd(point, "0")}.${digits.slice(point)}`
}

/** The type that all take, or nothing. */
export const common = (values: ReadonlyArray<Value>): Types.Type | undefined => {
  const typed = values.filter((candidate) => candidate.type.kind !== "unknown")
  if (typed.length === 0) return values.length === 0 ? undefined : Types.unknown
  // what was computed decides before literals do
  const candidates = [...typed.filter((each) => each.literal === undefined), ...typed].map((each) => each.type)
  // fields are called as the first calls them
  if (candidates[0]!.kind !== "scalar") candidates.unshift(typed.map((each) => each.type).reduce(Types.merge))
  if (typed.some((each) => Types.isScalar(each.type, "NUMERIC"))) candidates.push(Types.numeric)
  if (typed.some((each) => Types.isScalar(each.type, "FLOAT64"))) candidates.push(Types.float64)
  return candidates.find((type) => typed.every((each) => cost(each, type) !== undefined))
}

/** The same for values that must agree, with a message when they do not. */
export const unify = (
  values: ReadonlyArray<Value>,
  what: string,
  at: number
): readonly [Types.Type, ReadonlyArray<Value>] => {
  const type = common(values)
  if (type === undefined) {
    const types = [...new Set(values.map((each) => Types.show(each.type)))].join(", ")
    return refuse(`No common type for ${what} of the types ${types}; use CAST`, at)
  }
  return [type, type.kind === "unknown" ? values : values.map((each) => coerce(each, type))]
}

/** The value in a type that it has to have, with a message when it does not. */
export const coerceTo = (from: Value, type: Types.Type, what: string): Value => {
  if (from.type.kind !== "unknown" && !Types.isImplicit(from.type, type)) {
    refuse(`${what} has to be ${Types.show(type)}, not ${Types.show(from.type)}`, from.at)
  }
  return coerce(from, type)
}
