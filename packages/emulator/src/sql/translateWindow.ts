/**
 * Translates the order and the frame of a window, and orders in general.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import type { Env } from "./Env.ts"
import { refuse } from "./SqlError.ts"
import type { Bound, OrderItem, Window } from "./syntax.ts"
import { translate } from "./translateExpression.ts"
import * as Types from "./types.ts"
import { constantInteger, fail, once, type Value } from "./Value.ts"

/**
 * Keys of an ORDER BY. NULL comes first, or last where the order descends, and
 * NaN before every number, behind NULL. DuckDB has NaN as the greatest.
 */
export const orderKeys = (item: OrderItem, key: Value): ReadonlyArray<string> => {
  if (!Types.isGroupable(key.type)) {
    refuse(`ORDER BY values of type ${Types.show(key.type)} is not possible`, item.expression.at)
  }
  const nulls = item.nulls ?? (item.isDescending ? "last" : "first")
  allow(item.nulls === undefined ? "clause ORDER BY" : `clause NULLS ${nulls.toUpperCase()}`, item.expression.at)
  const direction = `${item.isDescending ? "DESC" : "ASC"} NULLS ${nulls.toUpperCase()}`
  return Types.isScalar(key.type, "FLOAT64") && key.isNumber !== true
    // true is greater than false, so NaN's own key goes the other way
    ? [
      `isnan(${key.sql}) ${item.isDescending ? "ASC" : "DESC"} NULLS ${nulls.toUpperCase()}`,
      `${key.sql} ${direction}`
    ]
    : [`${key.sql} ${direction}`]
}

/** `isSingle`: a RANGE in numbers has one key only, so none is left to put NaN first with. */
export const translateOrder = (items: ReadonlyArray<OrderItem>, env: Env, isSingle = false): ReadonlyArray<string> =>
  items.flatMap((item) => {
    const constant = item.expression.kind === "literal"
    if (constant) refuse("ORDER BY a literal has no meaning here", item.expression.at)
    const key = translate(item.expression, env)
    if (!isSingle || !Types.isScalar(key.type, "FLOAT64") || key.isNumber === true) return orderKeys(item, key)
    const sql = once(
      key.sql,
      (bound) =>
        `CASE WHEN isnan(${bound}) THEN CAST(${fail("A frame over NaN is not supported")} AS DOUBLE) ELSE ${bound} END`
    )
    return orderKeys(item, { ...key, sql, isNumber: true })
  })

export const translateFrame = (
  frame: NonNullable<Window["frame"]>,
  orderBy: ReadonlyArray<OrderItem>,
  env: Env
): string => {
  allow(`clause ${frame.unit}`, frame.at)
  if (frame.unit === "ROWS" && orderBy.length === 0) refuse("ROWS needs ORDER BY before it", frame.at)
  const offset = (bound: Extract<Bound, { readonly kind: "offset" }>): string => {
    if (frame.unit === "ROWS") {
      const rows = constantInteger(bound.value)
      if (rows === undefined || rows < 0) {
        return refuse("A number of rows in a frame is written out and not negative", bound.value.at)
      }
      return String(rows)
    }
    if (orderBy.length !== 1) refuse("RANGE with a number needs exactly one ORDER BY", frame.at)
    const key = translate(orderBy[0]!.expression, env)
    if (!Types.isNumber(key.type)) {
      refuse(
        `RANGE with a number needs ORDER BY a number, not ${Types.show(key.type)}; UNIX_DATE and UNIX_SECONDS give one`,
        frame.at
      )
    }
    if (bound.value.kind !== "literal") refuse("A number in a frame has to be written out", bound.value.at)
    const found = translate(bound.value, env)
    if (!Types.isImplicit(found.type, key.type)) {
      refuse(`A frame over ${Types.show(key.type)} takes no ${Types.show(found.type)}`, bound.value.at)
    }
    return `CAST(${found.sql} AS ${Types.duck(key.type)})`
  }
  const show = (bound: Bound): string =>
    bound.kind === "current"
      ? "CURRENT ROW"
      : bound.kind === "unbounded"
      ? `UNBOUNDED ${bound.side}`
      : `${offset(bound)} ${bound.side}`
  const start = show(frame.start)
  if (frame.end === undefined) {
    if (frame.start.kind !== "current" && frame.start.side === "FOLLOWING") {
      refuse("A frame that ends at the current row starts before it", frame.at)
    }
    return `${frame.unit} BETWEEN ${start} AND CURRENT ROW`
  }
  if (isEmpty(frame.start, frame.end)) refuse("This frame would always be empty", frame.at, "empty frame")
  if (frame.start.kind === "unbounded" && frame.start.side === "FOLLOWING") {
    refuse("A frame cannot start at UNBOUNDED FOLLOWING", frame.at)
  }
  if (frame.end.kind === "unbounded" && frame.end.side === "PRECEDING") {
    refuse("A frame cannot end at UNBOUNDED PRECEDING", frame.at)
  }
  return `${frame.unit} BETWEEN ${start} AND ${show(frame.end)}`
}

/** Whether a frame ends before it starts, for which DuckDB counts rows below zero. */
const isEmpty = (start: Bound, end: Bound): boolean => {
  const place = (bound: Bound): number => {
    if (bound.kind === "current") return 0
    const size = bound.kind === "unbounded"
      ? Number.POSITIVE_INFINITY
      : bound.value.kind === "literal"
      ? Number(bound.value.value)
      : Number.NaN
    return bound.side === "PRECEDING" ? -size : size
  }
  return place(start) > place(end)
}
