/**
 * Translates one `SELECT`. A grouped one becomes two levels: the inner gathers
 * keys and aggregates, the outer computes with them.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { type Env, plain } from "./Env.ts"
import { Grouping, type Item } from "./Grouping.ts"
import { impliedName } from "./parsePrimary.ts"
import { type Column, FromScope, same } from "./Scope.ts"
import { aliasEnv, namedWindows } from "./selectNames.ts"
import { refuse } from "./SqlError.ts"
import { suggest } from "./suggest.ts"
import type { Expression, Name, OrderItem, Select, SelectItem } from "./syntax.ts"
import { isAggregate, isCollecting } from "./translateCall.ts"
import { condition, translate } from "./translateExpression.ts"
import { type Source, translateFrom } from "./translateFrom.ts"
import { orderKeys } from "./translateWindow.ts"
import * as Types from "./types.ts"
import { constantInteger, type Value, value } from "./Value.ts"
import { some } from "./walk.ts"

export interface Selected {
  /** Columns `c0`, `c1`, …, then the keys of the order `s0`, `s1`, … */
  readonly sql: string
  readonly columns: ReadonlyArray<Column>
  readonly isStruct: boolean
  /** Whether DuckDB gives its rows in another order each time. */
  readonly isLoose: boolean
  /** Behind ORDER BY, of rows that are called `r`. */
  readonly order: ReadonlyArray<string>
}

export const translateSelect = (select: Select, outer: Env, orderBy: ReadonlyArray<OrderItem>): Selected => {
  allow("clause SELECT", select.at)
  const wantsPositions = [
    ...select.items.flatMap((item) =>
      item.kind === "item" ? [item.expression] : item.replace.map(({ expression }) => expression)
    ),
    ...(select.having === undefined ? [] : [select.having]),
    ...(select.qualify === undefined ? [] : [select.qualify]),
    ...orderBy.map((item) => item.expression)
  ].some((expression) => some(expression, isCollecting))
  const source: Source | undefined = select.from === undefined
    ? undefined
    : translateFrom(select.from, { ...outer, wantsPositions })
  const scope = new FromScope(source?.columns ?? [], source?.ranges ?? [], outer.scope)
  const rows: Env = plain({ ...outer, scope, wantsPositions: false, positions: source?.positions ?? [] }, "this place")
  if (
    source === undefined && (select.where !== undefined || select.groupBy !== undefined || select.having !== undefined)
  ) {
    refuse("Without FROM there are no rows for WHERE, GROUP BY and HAVING", select.at)
  }
  const where = select.where === undefined ? undefined : whereOf(select.where, rows)
  const items = select.items.flatMap((item) => expand(item, scope, source !== undefined, rows))
  const windows = namedWindows(select)
  const gathers = [
    ...items.flatMap((item) => item.expression === undefined ? [] : [item.expression]),
    ...(select.having === undefined ? [] : [select.having]),
    ...(select.qualify === undefined ? [] : [select.qualify]),
    ...orderBy.map((item) => item.expression)
  ].some((expression) => some(expression, isAggregate))
  const isGrouped = select.groupBy !== undefined || gathers
  if (select.having !== undefined && !isGrouped) refuse("HAVING needs GROUP BY or an aggregate", select.having.at)

  const grouping = isGrouped ? new Grouping(rows, scope, outer, select, items) : undefined
  const env: Env = {
    ...rows,
    clause: "SELECT",
    windows,
    positions: grouping === undefined ? rows.positions : [],
    scope: grouping?.scope ?? scope,
    aggregate: grouping === undefined ? undefined : (call) => grouping.aggregate(call),
    key: grouping === undefined ? undefined : (node) => grouping.find(node)
  }
  const values = items.map((item) => {
    if (item.expression === undefined) {
      return grouping === undefined
        ? item.column!
        : grouping.column(item.column!, item.name, item.at)
    }
    return translate(item.expression, env)
  })
  const columns = items.map((item, index): Column => {
    const found = values[index]!
    return { name: item.name, value: { ...found, literal: undefined, unchecked: undefined } }
  })
  const aliased = aliasEnv(env, items, values, scope)
  const having = select.having === undefined ? undefined : havingOf(select.having, aliased)
  const qualify = select.qualify === undefined ? undefined : qualifyOf(select, aliased, items)
  const { keys, order } = orderOf(orderBy, aliased, columns, select.isDistinct)
  if (select.isDistinct) {
    allow("clause SELECT DISTINCT", select.at)
    for (const column of columns) {
      if (!Types.isGroupable(column.value.type)) {
        refuse(`SELECT DISTINCT of ${Types.show(column.value.type)} is not possible`, select.at)
      }
    }
  }
  if (select.as === "VALUE") refuse("SELECT AS VALUE is not supported", select.at, "clause SELECT AS VALUE")
  if (select.as === "STRUCT") allow("clause SELECT AS STRUCT", select.at)

  const list = [
    ...columns.map((column, index) => `${column.value.sql} AS c${index}`),
    ...keys.map((key, index) => `${key} AS s${index}`)
  ]
  const from = source === undefined ? "" : ` FROM ${source.sql}`
  const filter = where === undefined ? "" : ` WHERE ${where}`
  const body = grouping === undefined
    ? `${from}${filter}`
    : ` FROM (${grouping.sql(`${from}${filter}`)}) AS ${grouping.name}${having === undefined ? "" : ` WHERE ${having}`}`
  return {
    sql: `SELECT ${select.isDistinct ? "DISTINCT " : ""}${list.join(", ")}${body}${
      qualify === undefined ? "" : ` QUALIFY ${qualify}`
    }`,
    columns: columns.map((column, index) => ({
      name: column.name,
      value: value(`c${index}`, column.value.type, column.value.at, { isNumber: column.value.isNumber, isTotal: true })
    })),
    isStruct: select.as === "STRUCT",
    isLoose: select.isDistinct || (grouping === undefined ? source?.isLoose === true : select.groupBy !== undefined),
    order
  }
}

const whereOf = (node: Expression, rows: Env): string => {
  allow("clause WHERE", node.at)
  return condition(node, plain(rows, "WHERE")).sql
}

const havingOf = (node: Expression, env: Env): string => {
  allow("clause HAVING", node.at)
  return condition(node, { ...env, windows: undefined, clause: "HAVING" }).sql
}

const qualifyOf = (select: Select, env: Env, items: ReadonlyArray<Item>): string => {
  const node = select.qualify!
  allow("clause QUALIFY", node.at)
  const isWindow = (each: Expression): boolean => each.kind === "call" && each.over !== undefined
  if (
    !some(node, isWindow) && !items.some((item) => item.expression !== undefined && some(item.expression, isWindow))
  ) {
    refuse("QUALIFY needs a window function here or in SELECT", node.at)
  }
  return condition(node, { ...env, clause: "QUALIFY" }).sql
}

/** `*`, `t.*`, `s.*` with EXCEPT and REPLACE, or the item itself. */
const expand = (item: SelectItem, scope: FromScope, hasFrom: boolean, rows: Env): ReadonlyArray<Item> => {
  if (item.kind === "item") {
    const name = item.alias?.name ?? impliedName(item.expression)
    return [{ name, at: item.at, expression: item.expression, column: undefined }]
  }
  allow("clause *", item.at)
  const columns = starColumns(item, scope, hasFrom, rows)
  const known = columns.flatMap((column) => column.name === undefined ? [] : [column.name])
  const check = (name: Name, clause: string): void => {
    allow(`clause * ${clause}`, name.at)
    if (!known.some((each) => same(each, name.name))) {
      refuse(`The column ${name.name} in ${clause} is not among those of *${suggest(name.name, known)}`, name.at)
    }
  }
  for (const name of item.except) check(name, "EXCEPT")
  for (const { as } of item.replace) check(as, "REPLACE")
  const left = columns.filter((column) => !item.except.some((name) => same(name.name, column.name)))
  if (left.length === 0) refuse("SELECT * EXCEPT leaves no column", item.at)
  return left.map((column): Item => {
    const replaced = item.replace.find(({ as }) => same(as.name, column.name))
    return { name: column.name, at: item.at, expression: replaced?.expression, column: column.value }
  })
}

const starColumns = (
  item: Extract<SelectItem, { readonly kind: "star" }>,
  scope: FromScope,
  hasFrom: boolean,
  rows: Env
): ReadonlyArray<Column> => {
  if (item.of === undefined) return hasFrom ? scope.columns : refuse("SELECT * needs FROM", item.at)
  if (item.of.kind === "path" && item.of.names.length === 1) {
    const range = scope.range(item.of.names[0]!.name)
    if (range !== undefined) {
      return range.columns.length === 0 && range.value !== undefined
        ? notStruct(range.value, item.at)
        : range.columns
    }
  }
  const found = translate(item.of, rows)
  const { type } = found
  if (type.kind !== "struct") return notStruct(found, item.at)
  return type.fields.map((field, index) => ({
    name: field.name,
    value: value(`struct_extract(${found.sql}, '${Types.fieldName(index)}')`, field.type, item.at)
  }))
}

const notStruct = (found: Value, at: number): never =>
  refuse(`Only tables and structs have .*, not ${Types.show(found.type)}`, at)

const orderOf = (
  orderBy: ReadonlyArray<OrderItem>,
  env: Env,
  columns: ReadonlyArray<Column>,
  isDistinct: boolean
): { readonly keys: ReadonlyArray<string>; readonly order: ReadonlyArray<string> } => {
  const keys: Array<string> = []
  const order = orderBy.flatMap((item) => {
    const position = constantInteger(item.expression)
    let found: Value
    if (position === undefined) {
      if (item.expression.kind === "literal") refuse("ORDER BY a literal has no meaning", item.expression.at)
      found = translate(item.expression, { ...env, clause: "ORDER BY" })
    } else {
      const column = columns[position - 1]
      if (column === undefined) {
        return refuse(`ORDER BY ${position} is out of range: SELECT has ${columns.length} columns`, item.expression.at)
      }
      found = column.value
    }
    const index = columns.findIndex((column) => column.value.sql === found.sql)
    if (index >= 0) return orderKeys(item, { ...found, sql: `r.c${index}` })
    if (isDistinct) refuse("With SELECT DISTINCT, ORDER BY may only name columns of SELECT", item.expression.at)
    keys.push(found.sql)
    return orderKeys(item, { ...found, sql: `r.s${keys.length - 1}` })
  })
  return { keys, order }
}
