/**
 * Translates queries: `WITH`, set operations, order and limits.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { coerce, unify } from "./coercion.ts"
import { type CommonTable, type Env, plain, type Rows } from "./Env.ts"
import { type Column, FromScope } from "./Scope.ts"
import { refuse } from "./SqlError.ts"
import type { Body, Expression, Query, SetOperation } from "./syntax.ts"
import { translate } from "./translateExpression.ts"
import { translateSelect } from "./translateSelect.ts"
import { orderKeys } from "./translateWindow.ts"
import * as Types from "./types.ts"
import { constantInteger, value } from "./Value.ts"

/** A query before its last level: what is selected from, and in which order. */
export interface Unordered {
  /** What its `WITH` defines. */
  readonly with: ReadonlyArray<string>
  readonly sql: string
  readonly columns: ReadonlyArray<Column>
  readonly isStruct: boolean
  /** Whether DuckDB gives its rows in another order each time. */
  readonly isLoose: boolean
  /** Behind ORDER BY, of rows that are called `r`. */
  readonly order: ReadonlyArray<string>
  /** LIMIT and OFFSET. */
  readonly limits: string
}

/** What orders rows that come in no order of their own. */
const ownOrder = (columns: ReadonlyArray<Column>): ReadonlyArray<string> =>
  columns.map((column) => `r.${column.value.sql}`)

/**
 * What stands behind `SELECT ... FROM (...) AS r`. Rows of DISTINCT and the like
 * get an order where it is seen, so that every run gives the same.
 */
export const tailOf = (query: Unordered, isSeen: boolean): string => {
  const order = query.order.length > 0 || !query.isLoose || !(isSeen || query.limits !== "")
    ? query.order
    : ownOrder(query.columns)
  return `${order.length === 0 ? "" : ` ORDER BY ${order.join(", ")}`}${query.limits}`
}

export const translateUnordered = (query: Query, outer: Env): Unordered => {
  const tables = new Map(outer.tables)
  const own = new Set<string>()
  const written: Array<string> = []
  for (const { name, query: inner } of query.with) {
    allow("clause WITH", name.at)
    const key = name.name.toLowerCase()
    if (own.has(key)) refuse(`The name ${name.name} is in WITH twice`, name.at)
    own.add(key)
    const rows = translateQuery(inner, plain({ ...outer, tables: new Map(tables) }, "a subquery"))
    const common: CommonTable = { name: outer.shared.name("w"), sql: rows.sql, rows }
    written.push(`${common.name} AS (${rows.sql})`)
    tables.set(key, common)
  }
  const env: Env = { ...outer, tables }
  const body = translateBody(query.body, env, query)
  return {
    with: written,
    sql: body.sql,
    columns: body.columns,
    isStruct: body.isStruct,
    isLoose: body.isLoose,
    order: body.order,
    limits: limitOf(query)
  }
}

export const withClause = (written: ReadonlyArray<string>): string =>
  written.length === 0 ? "" : `WITH ${written.join(", ")} `

/** A query inside another, whose columns are `c0`, `c1`, … */
export const translateQuery = (query: Query, env: Env, wantsPosition = false): Rows => {
  const unordered = translateUnordered(query, env)
  const { columns, isLoose, isStruct, order, sql, with: written } = unordered
  const tables = withClause(written)
  const tail = tailOf(unordered, false)
  const names = columns.map((_, index) => `r.c${index}`)
  if (wantsPosition) {
    const by = order.length > 0 ? order : isLoose ? ownOrder(columns) : []
    names.push(`row_number() OVER (${by.length === 0 ? "" : `ORDER BY ${by.join(", ")}`}) AS n`)
  }
  return {
    sql: tail === "" && !wantsPosition
      ? `${tables}${sql}`
      : `${tables}SELECT ${names.join(", ")} FROM (${sql}) AS r${tail}`,
    columns,
    isStruct,
    isLoose: isLoose && order.length === 0 && tail === "",
    position: wantsPosition ? "n" : undefined
  }
}

type Translated = Pick<Unordered, "sql" | "columns" | "isStruct" | "isLoose" | "order">

const translateBody = (body: Body, env: Env, query: Query): Translated => {
  switch (body.kind) {
    case "select":
      return translateSelect(body, env, query.orderBy)
    case "set":
      return ordered(translateSet(body, env), env, query)
    case "query": {
      const rows = translateQuery(body.query, env)
      return ordered({ ...rows, order: [] }, env, query)
    }
  }
}

const translateOperand = (body: Body, env: Env): Rows =>
  body.kind === "query"
    ? translateQuery(body.query, env)
    : translateQuery({ at: body.at, with: [], body, orderBy: [], limit: undefined, offset: undefined }, env)

const translateSet = (operation: SetOperation, env: Env): Translated => {
  const { at, operator } = operation
  allow(`set operation ${operator}`, at)
  const bodies = operation.bodies.map((body) => translateOperand(body, env))
  const [first] = bodies
  for (const [index, body] of bodies.entries()) {
    if (body.columns.length !== first!.columns.length) {
      refuse(
        `The queries of ${operator} have ${first!.columns.length} and ${body.columns.length} columns`,
        operation.bodies[index]!.at
      )
    }
  }
  const columns = first!.columns.map((column, index) => {
    // what an inner query computed as a literal is a column here
    const [type] = unify(bodies.map((body) => body.columns[index]!.value), `column ${index + 1} of ${operator}`, at)
    if (operator !== "UNION ALL" && !Types.isGroupable(type)) {
      refuse(`Column ${index + 1} of ${operator} is ${Types.show(type)}, which cannot be compared`, at)
    }
    const isNumber = bodies.every((body) => body.columns[index]!.value.isNumber === true)
    return { name: column.name, value: value(`c${index}`, type, at, { isNumber, isTotal: true }) }
  })
  const operands = bodies.map((body) => {
    const selected = columns.map((column, index) =>
      `${coerce(body.columns[index]!.value, column.value.type).sql} AS c${index}`
    )
    return `(SELECT ${selected.join(", ")} FROM (${body.sql}))`
  })
  const isAll = operator === "UNION ALL"
  const sql = operands.join(` ${isAll ? operator : operator.replace(" DISTINCT", "")} `)
  return { sql, columns, isStruct: false, isLoose: !isAll || bodies.some((body) => body.isLoose), order: [] }
}

/** The order of rows that are there already: by their own columns alone. */
const ordered = (body: Translated, env: Env, query: Query): Translated => {
  if (query.orderBy.length === 0) return body
  const name = env.shared.name("t")
  const columns = body.columns.map((column): Column => ({
    name: column.name,
    value: { ...column.value, sql: `${name}.${column.value.sql}` }
  }))
  const inner = plain({ ...env, scope: new FromScope(columns, [], env.scope) }, "ORDER BY")
  const keys: Array<string> = []
  const order = query.orderBy.flatMap((item) => {
    const position = constantInteger(item.expression)
    if (position === undefined && item.expression.kind === "literal") {
      refuse("ORDER BY a literal has no meaning", item.expression.at)
    }
    const found = position === undefined ? translate(item.expression, inner) : columns[position - 1]?.value
    if (found === undefined) {
      return refuse(`ORDER BY ${position} is out of range: there are ${columns.length} columns`, item.expression.at)
    }
    keys.push(`${found.sql} AS s${keys.length}`)
    return orderKeys(item, { ...found, sql: `r.s${keys.length - 1}` })
  })
  return { ...body, sql: `SELECT ${name}.*, ${keys.join(", ")} FROM (${body.sql}) AS ${name}`, order }
}

const limitOf = (query: Query): string => {
  const number = (node: Expression, clause: string): number => {
    const found = constantInteger(node)
    if (found === undefined) return refuse(`${clause} takes a number that is written out`, node.at)
    if (found < 0 || !Number.isSafeInteger(found)) return refuse(`${clause} ${found} is out of range`, node.at)
    allow(`clause ${clause}`, node.at)
    return found
  }
  const limit = query.limit === undefined ? "" : ` LIMIT ${number(query.limit, "LIMIT")}`
  return `${limit}${query.offset === undefined ? "" : ` OFFSET ${number(query.offset, "OFFSET")}`}`
}
