/**
 * Operators, with GoogleSQL's rules for types, NaN, overflow and NULL.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { coerce, common, unify } from "./coercion.ts"
import { addInterval, type Interval } from "./intervals.ts"
import { finite, inRange } from "./ranges.ts"
import { refuse } from "./SqlError.ts"
import * as Types from "./types.ts"
import { castTo, fail, nullOf, once, onceEach, type Unchecked, type Value, value } from "./Value.ts"

const noSignature = (operator: string, values: ReadonlyArray<Value>, at: number): never =>
  refuse(
    `No matching signature for the operator ${operator} for the types ${
      values.map((each) => Types.show(each.type)).join(", ")
    }`,
    at
  )

const mayBeNaN = (operand: Value): boolean => Types.isScalar(operand.type, "FLOAT64") && operand.isNumber !== true

/**
 * A comparison. To DuckDB NaN equals itself and is greater than all else, to
 * GoogleSQL it is unequal to everything.
 */
export const compare = (operator: string, left: Value, right: Value, at: number): Value => {
  allow(`operator ${operator}`, at)
  const type = common([left, right])
  if (type === undefined) return noSignature(operator, [left, right], at)
  if (!Types.isGroupable(type)) {
    return refuse(`Values of type ${Types.show(type)} cannot be compared with ${operator}`, at)
  }
  const [a, b] = type.kind === "unknown" ? [left, right] : [coerce(left, type), coerce(right, type)]
  const more = { isTotal: left.isTotal && right.isTotal }
  if (!mayBeNaN(a) && !mayBeNaN(b)) return value(`(${a.sql} ${operator} ${b.sql})`, Types.bool, at, more)
  return value(
    onceEach([a.sql, b.sql], ([x, y]) => comparedFloats(operator, { ...a, sql: x! }, { ...b, sql: y! })),
    Types.bool,
    at,
    more
  )
}

const comparedFloats = (operator: string, a: Value, b: Value): string => {
  const plain = `(${a.sql} ${operator} ${b.sql})`
  // true of any number, and of NaN beside NULL, where the comparison is NULL already
  const isNoNaN = (one: Value, other: Value): string => `(NOT isnan(${one.sql}) OR ${other.sql} IS NULL)`
  switch (operator) {
    case "<>":
      return mayBeNaN(a) && mayBeNaN(b) ? `(${plain} OR (isnan(${a.sql}) AND ${b.sql} IS NOT NULL))` : plain
    case "=":
      return mayBeNaN(a) && mayBeNaN(b) ? `(${plain} AND ${isNoNaN(a, b)})` : plain
    case ">":
    case ">=":
      return mayBeNaN(a) ? `(${plain} AND ${isNoNaN(a, b)})` : plain
    default:
      return mayBeNaN(b) ? `(${plain} AND ${isNoNaN(b, a)})` : plain
  }
}

/** `IS NOT DISTINCT FROM`: there NaN does equal itself, in both. */
export const isSame = (left: Value, right: Value, isNot: boolean, at: number): Value => {
  allow("operator IS DISTINCT FROM", at)
  const [type, [a, b]] = unify([left, right], "IS DISTINCT FROM", at)
  if (!Types.isGroupable(type)) refuse(`Values of type ${Types.show(type)} cannot be compared`, at)
  return value(`(${a!.sql} IS ${isNot ? "NOT " : ""}DISTINCT FROM ${b!.sql})`, Types.bool, at)
}

export const divisor = (sql: string): string =>
  /^CAST\('?-?[0.]*[1-9][0-9.]*'? AS (BIGINT|DOUBLE)\)$/.test(sql)
    ? sql
    : once(sql, (bound) => `CASE WHEN ${bound} = 0 THEN ${fail("division by zero")} ELSE ${bound} END`)

const arithmetic = (operator: string, left: Value, right: Value, at: number): Value => {
  let type = common([left, right])
  if (type === undefined) return noSignature(operator, [left, right], at)
  if (type.kind === "unknown") type = Types.int64
  if (!Types.isNumber(type)) return noSignature(operator, [left, right], at)
  if (operator === "/") {
    if (Types.isScalar(type, "NUMERIC")) {
      refuse("Division of NUMERIC is not supported; CAST one side AS FLOAT64", at, "operator / of NUMERIC")
    }
    type = Types.float64
  }
  const a = coerce(left, type)
  const b = coerce(right, type)
  if (Types.isScalar(type, "FLOAT64")) return ofFloats(operator, a, b, at)
  const sql = `(${a.sql} ${operator} ${b.sql})`
  if (Types.isScalar(type, "NUMERIC")) {
    return value(inRange(operator === "*" ? castTo(sql, type) : sql, type), type, at)
  }
  return value(sql, type, at)
}

/**
 * Sums and products that are part of others are checked with them: an infinity
 * inside makes what is around it infinite or NaN too, unless it divides.
 */
const ofFloats = (operator: string, left: Value, right: Value, at: number): Value => {
  const isDivision = operator === "/"
  const parts: readonly [Unchecked, Unchecked] = [open(left), isDivision ? closed(right) : open(right)]
  const count = parts[0].operands.length
  const operands = [...parts[0].operands, ...parts[1].operands]
  const build: Unchecked["build"] = (sqls) => {
    const divided = parts[1].build(sqls.slice(count))
    return `(${parts[0].build(sqls.slice(0, count))} ${operator} ${isDivision ? divisor(divided) : divided})`
  }
  return value(
    finite(operands, build, `double overflow: the result of ${operator} does not fit FLOAT64`),
    Types.float64,
    at,
    {
      isNumber: left.isNumber === true && right.isNumber === true,
      unchecked: operands.length <= mostOperands ? { operands, build } : undefined
    }
  )
}

/** Of longer sums parts are checked by themselves. */
const mostOperands = 8

const closed = (operand: Value): Unchecked => ({ operands: [operand], build: ([sql]) => sql! })

const open = (operand: Value): Unchecked => operand.unchecked ?? closed(operand)

const isDays = (left: Value, right: Value): boolean =>
  Types.isScalar(left.type, "DATE") && Types.isScalar(right.type, "INT64")

const isMoment = ({ type }: Value): boolean => Types.isScalar(type, "DATE", "DATETIME", "TIMESTAMP")

export const binary = (operator: string, left: Value, right: Value, at: number): Value => {
  if (["=", "<>", "<", "<=", ">", ">="].includes(operator)) return compare(operator, left, right, at)
  allow(`operator ${operator}`, at)
  switch (operator) {
    case "+":
    case "-": {
      if (isMoment(left) && right.type.kind === "unknown") return value(nullOf(left.type), left.type, at)
      if (operator === "+" && isMoment(right) && left.type.kind === "unknown") {
        return value(nullOf(right.type), right.type, at)
      }
      const days = operator === "+" && isDays(right, left) ? [right, left] as const : [left, right] as const
      if (isDays(...days)) {
        allow("operator DATE + INT64", at)
        const moved = addInterval(days[0].sql, "DATE", { part: "DAY", amount: days[1].sql, at }, operator === "-")
        return value(inRange(moved, Types.date), Types.date, at)
      }
      if (Types.isScalar(left.type, "DATE", "DATETIME", "TIMESTAMP") && Types.isSame(left.type, right.type)) {
        const name = Types.show(left.type)
        refuse(
          `The difference of two values of type ${name} is an INTERVAL, which is not supported; use ${name}_DIFF`,
          at,
          "type INTERVAL"
        )
      }
      return arithmetic(operator, left, right, at)
    }
    case "*":
    case "/":
      return arithmetic(operator, left, right, at)
    case "||":
      return concatenate([left, right], at)
    case "&":
    case "|":
    case "^": {
      const [type, [a, b]] = unify([left, right], `the operator ${operator}`, at)
      if (!Types.isScalar(type, "INT64") && type.kind !== "unknown") return noSignature(operator, [left, right], at)
      return value(
        operator === "^" ? `xor(${a!.sql}, ${b!.sql})` : `(${a!.sql} ${operator} ${b!.sql})`,
        Types.int64,
        at
      )
    }
    default:
      return refuse(`The operator ${operator} is not supported`, at, `operator ${operator}`)
  }
}

/** As a balanced tree, since DuckDB's time grows with the square of the depth. */
const joined = (parts: ReadonlyArray<string>): string =>
  parts.length === 1
    ? parts[0]!
    : `(${joined(parts.slice(0, parts.length >> 1))} || ${joined(parts.slice(parts.length >> 1))})`

/** `CONCAT` and `||`: NULL where any part is. */
export const concatenate = (parts: ReadonlyArray<Value>, at: number): Value => {
  const type = common(parts) ?? noSignature("||", parts, at)
  const operands = type.kind === "unknown" ? parts : parts.map((part) => coerce(part, type))
  if (type.kind === "array") {
    allow("operator || of ARRAY", at)
    return value(
      operands.map((operand) => operand.sql).reduce((a, b) =>
        onceEach([a, b], ([x, y]) => `CASE WHEN ${x} IS NOT NULL AND ${y} IS NOT NULL THEN list_concat(${x}, ${y}) END`)
      ),
      type,
      at
    )
  }
  if (type.kind !== "unknown" && !Types.isScalar(type, "STRING", "BYTES")) return noSignature("||", parts, at)
  const result = type.kind === "unknown" ? Types.string : type
  const sql = joined(operands.map((operand) => operand.sql))
  return value(
    // of a NULL that is written there, DuckDB makes one without a type
    operands.some((operand) => operand.sql === nullOf(operand.type)) ? castTo(sql, result) : sql,
    result,
    at,
    { isTotal: operands.every((operand) => operand.isTotal === true) }
  )
}

/** A date or time moved by an interval that is written beside it. */
export const shift = (of: Value, by: Interval, isBack: boolean, at: number): Value => {
  allow("operator + of INTERVAL", at)
  const moved = (sql: string, name: "DATETIME" | "TIMESTAMP"): Value => {
    const type = Types.scalarNamed(name)
    return value(inRange(addInterval(sql, name, by, isBack), type), type, at)
  }
  if (Types.isScalar(of.type, "DATE")) return moved(`CAST(${of.sql} AS TIMESTAMP)`, "DATETIME")
  if (Types.isScalar(of.type, "DATETIME")) return moved(of.sql, "DATETIME")
  if (Types.isScalar(of.type, "TIMESTAMP")) return moved(of.sql, "TIMESTAMP")
  if (of.type.kind === "unknown") return value(nullOf(of.type), of.type, at)
  return refuse(`An INTERVAL cannot be added to a value of type ${Types.show(of.type)}`, at)
}

export const negate = (of: Value, at: number): Value => {
  if (of.type.kind === "unknown") return of
  if (!Types.isNumber(of.type)) return noSignature("-", [of], at)
  allow("operator -", at)
  return value(`(- ${of.sql})`, of.type, at, { isNumber: of.isNumber })
}
