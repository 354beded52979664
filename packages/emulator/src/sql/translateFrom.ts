/**
 * Translates what stands behind `FROM`. Every table becomes a subquery with
 * names of our own, so that no name of the user's reaches DuckDB's resolution.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { unify } from "./coercion.ts"
import { type Env, plain, type Relation, type Rows, type VariableType } from "./Env.ts"
import * as Operators from "./operators.ts"
import { type Column, FromScope, type Range, same } from "./Scope.ts"
import { ownName } from "./references.ts"
import { refuse } from "./SqlError.ts"
import { suggest } from "./suggest.ts"
import type { Expression, From, Name, TablePath } from "./syntax.ts"
import { isAggregate, isCollecting, translateAggregate } from "./translateCall.ts"
import { packed } from "./translateCollections.ts"
import { condition, translate } from "./translateExpression.ts"
import * as Types from "./types.ts"
import { castTo, constantInteger, constantText, quoteName, quoteText, type Value, value } from "./Value.ts"

export interface Source {
  readonly sql: string
  readonly columns: ReadonlyArray<Column>
  readonly ranges: ReadonlyArray<Range>
  /** May stand only where DuckDB sees the tables before it. */
  readonly isLateral?: boolean | undefined
  /** Its own name, of one that is lateral. */
  readonly name?: string | undefined
  /** What numbers its rows, where that is wanted. */
  readonly positions: ReadonlyArray<string>
  /** Whether DuckDB gives its rows in another order each time. */
  readonly isLoose?: boolean | undefined
}

type Of<K extends From["kind"]> = Extract<From, { readonly kind: K }>

/** `before`: the tables to the left, which an array may come from. */
export const translateFrom = (node: From, env: Env, before?: Source | undefined): Source => {
  switch (node.kind) {
    case "table":
      return table(node, env, before)
    case "query": {
      allow("clause FROM of a query", node.at)
      return ofRows(env.shared.query(node.query, plain(env, "a subquery")), node.alias, env, node.at)
    }
    case "unnest":
      allow("clause UNNEST", node.at)
      return unnest(translate(node.array, plain(scoped(env, before), "UNNEST")), node, env)
    case "join":
      return join(node, env, before)
    case "pivot":
      return pivot(node, env, before)
    case "unpivot":
      return unpivot(node, env, before)
  }
}

const scoped = (env: Env, source: Source | undefined): Env =>
  source === undefined ? env : { ...env, scope: new FromScope(source.columns, source.ranges, env.scope) }

const typeOf: Readonly<Record<VariableType, Types.Type>> = {
  string: Types.string,
  integer: Types.int64,
  float: Types.float64,
  boolean: Types.bool,
  date: Types.date,
  dateTime: Types.datetime,
  time: Types.time,
  geography: Types.geography
}

const table = (node: TablePath, env: Env, before: Source | undefined): Source => {
  const [first, ...rest] = node.names
  if (rest.length === 0 && node.offset === undefined) {
    const common = env.tables.get(first!.name.toLowerCase())
    if (common !== undefined) {
      allow("clause WITH", node.at)
      const renamed: Rows = { ...common.rows, sql: `SELECT ${common.name}.* FROM ${common.name}` }
      return ofRows(renamed, node.alias ?? first, env, node.at)
    }
  }
  if (env.shared.isArray(node)) {
    const array = scoped(env, before).scope.resolve(node.names)
    if (array === undefined) return refuse(`Unrecognized name: ${node.text}`, node.at)
    allow("clause UNNEST", node.at)
    const alias = node.alias ?? rest.at(-1)
    return unnest(array, {
      at: node.at,
      array: { kind: "path", at: node.at, names: node.names },
      alias,
      offset: node.offset
    }, env)
  }
  if (node.offset !== undefined) refuse("WITH OFFSET stands behind arrays only", node.at)
  allow("clause FROM", node.at)
  return ofRelation(env.shared.table(node), node.alias?.name ?? ownName(node), env, node.at)
}

const ofRelation = (relation: Relation, alias: string, env: Env, at: number): Source => {
  const name = env.shared.name("t")
  const columns = relation.columns.map((column, index): Column => ({
    name: column.name,
    value: value(`${name}.c${index}`, typeOf[column.type], at, { isTotal: true })
  }))
  const selected = relation.columns.map((column, index) => `${quoteName(column.name)} AS c${index}`)
  if (env.wantsPositions) selected.push("row_number() OVER () AS n")
  return {
    sql: `(SELECT ${selected.length === 0 ? "1" : selected.join(", ")} FROM ${relation.sql}) AS ${name}`,
    columns,
    ranges: [{ name: alias, columns, value: undefined }],
    positions: positionsOf(name, env)
  }
}

const positionsOf = (name: string, env: Env): ReadonlyArray<string> => env.wantsPositions ? [`${name}.n`] : []

/** Rows with their numbers, in the order in which they come, or in one of their own. */
const numbered = (sql: string, columns: number, isLoose: boolean, env: Env): string => {
  if (!env.wantsPositions) return sql
  const order = isLoose ? `ORDER BY ${Array.from({ length: columns }, (_, index) => `r.c${index}`).join(", ")}` : ""
  return `SELECT r.*, row_number() OVER (${order}) AS n FROM (${sql}) AS r`
}

/** A query's rows as a table: `c0`, `c1`, … of it get the table's name before them. */
const ofRows = (rows: Rows, alias: Name | undefined, env: Env, at: number): Source => {
  const name = env.shared.name("t")
  const columns = rows.columns.map((column): Column => ({
    name: column.name,
    value: {
      ...value(`${name}.${column.value.sql}`, column.value.type, at, { isNumber: column.value.isNumber, isTotal: true })
    }
  }))
  const whole = rows.isStruct ? packed(columns, at) : undefined
  return {
    sql: `(${numbered(rows.sql, columns.length, rows.isLoose, env)}) AS ${name}`,
    columns,
    ranges: alias === undefined ? [] : [{ name: alias.name, columns, value: whole }],
    positions: positionsOf(name, env),
    isLoose: rows.isLoose
  }
}

const unnest = (
  array: Value,
  node: {
    readonly at: number
    readonly array: Expression
    readonly alias: Name | undefined
    readonly offset: Name | true | undefined
  },
  env: Env
): Source => {
  const { at } = node
  if (array.type.kind !== "array") return refuse(`UNNEST takes an array, not ${Types.show(array.type)}`, node.array.at)
  const { element } = array.type
  const list = element.kind === "unknown" ? { ...array, sql: castTo(array.sql, array.type) } : array
  const name = env.shared.name("t")
  const whole = value(`${name}.c0`, element, at, { isTotal: true })
  const selected = [`unnest(${list.sql}) AS c0`]
  const columns: Array<Column> = []
  const ranges: Array<Range> = []
  if (element.kind === "struct") {
    columns.push(...element.fields.map((field, index): Column => ({
      name: field.name,
      value: value(`struct_extract(${name}.c0, '${Types.fieldName(index)}')`, field.type, at, { isTotal: true })
    })))
  } else columns.push({ name: node.alias?.name, value: whole })
  if (node.alias !== undefined) {
    ranges.push({ name: node.alias.name, columns: element.kind === "struct" ? [...columns] : [], value: whole })
  }
  if (node.offset !== undefined) {
    allow("clause WITH OFFSET", at)
    selected.push(`generate_subscripts(${list.sql}, 1) - 1 AS c1`)
    const offset = value(`${name}.c1`, Types.int64, at, { isNumber: true, isTotal: true })
    const offsetName = node.offset === true ? "offset" : node.offset.name
    columns.push({ name: offsetName, value: offset })
    ranges.push({ name: offsetName, columns: [], value: offset })
  }
  if (env.wantsPositions) selected.push(`generate_subscripts(${list.sql}, 1) AS n`)
  const positions = positionsOf(name, env)
  return { sql: `(SELECT ${selected.join(", ")}) AS ${name}`, columns, ranges, isLateral: true, name, positions }
}

const join = (node: Of<"join">, env: Env, before: Source | undefined): Source => {
  const { at } = node
  const left = translateFrom(node.left, env, before)
  const both = before === undefined ? left : together(before, left)
  const right = translateFrom(node.right, env, both)
  allow(`clause ${node.join === "COMMA" ? "comma in FROM" : `${node.join} JOIN`}`, at)
  for (const range of right.ranges) {
    if (left.ranges.some((other) => same(other.name, range.name))) {
      refuse(`Duplicate table alias ${range.name} in the same FROM`, at)
    }
  }
  if (right.isLateral === true && (node.join === "RIGHT" || node.join === "FULL")) {
    refuse(`${node.join} JOIN with UNNEST is not supported`, at, `clause ${node.join} JOIN with UNNEST`)
  }
  if (node.using.length > 0) return using(node, left, right)
  const ranges = [...left.ranges, ...right.ranges]
  const columns = [...left.columns, ...right.columns]
  const positions = [...left.positions, ...right.positions]
  const isLoose = left.isLoose === true || right.isLoose === true
  const lateral = right.isLateral === true ? "LATERAL " : ""
  if (node.on === undefined) {
    const kind = node.join === "LEFT" ? "LEFT JOIN" : "CROSS JOIN"
    return {
      sql: `(${left.sql} ${kind} ${lateral}${right.sql}${node.join === "LEFT" ? " ON TRUE" : ""})`,
      columns,
      ranges,
      positions,
      isLoose
    }
  }
  const on = condition(node.on, plain({ ...env, scope: new FromScope(columns, ranges, env.scope) }, "ON"))
  if (node.join === "LEFT" && right.name !== undefined) {
    // beside what depends on the left side DuckDB takes few conditions, so it goes inside
    const inner = `(SELECT * FROM ${right.sql} WHERE ${on.sql}) AS ${right.name}`
    return { sql: `(${left.sql} LEFT JOIN LATERAL ${inner} ON TRUE)`, columns, ranges, positions, isLoose }
  }
  return {
    sql: `(${left.sql} ${node.join} JOIN ${lateral}${right.sql} ON ${on.sql})`,
    columns,
    ranges,
    positions,
    isLoose
  }
}

const together = (left: Source, right: Source): Source => ({
  sql: "",
  columns: [...left.columns, ...right.columns],
  ranges: [...left.ranges, ...right.ranges],
  positions: []
})

/** USING: the columns are there once, before all others. */
const using = (node: Of<"join">, left: Source, right: Source): Source => {
  allow("clause USING", node.at)
  const find = (source: Source, name: Name, side: string): Column => {
    const found = source.columns.filter((column) => same(column.name, name.name))
    if (found.length === 0) {
      const known = source.columns.flatMap((column) => column.name === undefined ? [] : [column.name])
      return refuse(
        `The column ${name.name} in USING is not on the ${side} side of the join${suggest(name.name, known)}`,
        name.at
      )
    }
    if (found.length > 1) {
      refuse(`The column ${name.name} in USING is ambiguous on the ${side} side of the join`, name.at)
    }
    return found[0]!
  }
  const merged: Array<Column> = []
  const tests: Array<string> = []
  const taken = new Set<Column>()
  for (const name of node.using) {
    const a = find(left, name, "left")
    const b = find(right, name, "right")
    if (taken.has(a) || taken.has(b)) refuse(`The column ${name.name} is in USING twice`, name.at)
    taken.add(a).add(b)
    tests.push(Operators.compare("=", a.value, b.value, name.at).sql)
    const [type, [one, other]] = unify([a.value, b.value], "USING", name.at)
    const kept = node.join === "FULL"
      ? value(`coalesce(${one!.sql}, ${other!.sql})`, type, name.at)
      : node.join === "RIGHT"
      ? b.value
      : a.value
    merged.push({ name: a.name, value: kept })
  }
  const rest = [...left.columns, ...right.columns].filter((column) => !taken.has(column))
  const lateral = right.isLateral === true ? "LATERAL " : ""
  return {
    sql: `(${left.sql} ${node.join} JOIN ${lateral}${right.sql} ON ${tests.join(" AND ")})`,
    columns: [...merged, ...rest],
    ranges: [...left.ranges, ...right.ranges],
    positions: [...left.positions, ...right.positions],
    isLoose: left.isLoose === true || right.isLoose === true
  }
}

// ---------------------------------------------------------------------------------------------------------------------

const mostPivoted = 200

/** The part of a column's name that a value gives it. */
const pivotName = (written: Expression, found: Value): string => {
  if (found.literal?.type === "STRING") return found.literal.text
  const integer = constantInteger(written)
  if (integer !== undefined) return integer < 0 ? `minus_${-integer}` : String(integer)
  return refuse("Give this value of PIVOT a name with AS", written.at)
}

const pivot = (node: Of<"pivot">, env: Env, before: Source | undefined): Source => {
  const { at } = node
  allow("clause PIVOT", at)
  const wantsPositions = node.aggregates.some(({ call }) => isCollecting(call))
  const of = translateFrom(node.of, { ...env, wantsPositions }, before)
  const scope = new FromScope(of.columns, of.ranges, env.scope)
  const inner = plain({ ...env, scope, wantsPositions: false, positions: of.positions }, "PIVOT")
  const column = translate(node.column, inner)
  if (!Types.isGroupable(column.type)) refuse(`PIVOT by ${Types.show(column.type)} is not possible`, node.column.at)
  for (const { call } of node.aggregates) {
    if (!isAggregate(call)) refuse("PIVOT takes calls of aggregate functions", call.at)
    translateAggregate(call, inner)
  }
  // the rows are grouped by every column that neither names
  const kept = of.columns.filter((each) => !scope.seen.has(each))
  const name = env.shared.name("t")
  const columns: Array<Column> = []
  const selected: Array<string> = []
  const add = (columnName: string | undefined, found: Value): void => {
    columns.push({
      name: columnName,
      value: value(`${name}.c${selected.length}`, found.type, at, { isNumber: found.isNumber, isTotal: true })
    })
    selected.push(`${found.sql} AS c${selected.length}`)
  }
  for (const each of kept) {
    if (!Types.isGroupable(each.value.type)) {
      refuse(`PIVOT would group by ${each.name}, a ${Types.show(each.value.type)}; leave it out in a subquery`, at)
    }
    add(each.name, each.value)
  }
  if (node.aggregates.length > 1 && node.aggregates.some((each) => each.alias === undefined)) {
    refuse("With several aggregates PIVOT needs a name (AS) for each", at)
  }
  for (const each of node.values) {
    const wanted = translate(each.value, inner)
    if (wanted.literal === undefined && wanted.type.kind !== "unknown") {
      refuse("The values of PIVOT have to be written out", each.value.at)
    }
    const label = each.alias?.name ?? pivotName(each.value, wanted)
    const test = Operators.isSame(column, wanted, true, each.value.at)
    for (const { alias, call } of node.aggregates) {
      // a name by itself does not begin with a digit
      const own = /^\d|^minus_\d/.test(label) && each.alias === undefined ? `_${label}` : label
      add(alias === undefined ? own : `${alias.name}_${label}`, translateAggregate(call, inner, test.sql))
    }
  }
  if (selected.length - kept.length > mostPivoted) refuse(`PIVOT into more than ${mostPivoted} columns`, at)
  const groups = kept.map((_, index) => String(index + 1)).join(", ")
  const sql = `SELECT ${selected.join(", ")} FROM ${of.sql}${groups === "" ? "" : ` GROUP BY ${groups}`}`
  return {
    sql: `(${numbered(sql, selected.length, true, env)}) AS ${name}`,
    columns,
    positions: positionsOf(name, env),
    isLoose: true,
    ranges: node.alias === undefined ? [] : [{ name: node.alias.name, columns, value: undefined }]
  }
}

const unpivot = (node: Of<"unpivot">, env: Env, before: Source | undefined): Source => {
  const { at } = node
  allow("clause UNPIVOT", at)
  const of = translateFrom(node.of, { ...env, wantsPositions: false }, before)
  const scope = new FromScope(of.columns, of.ranges, env.scope)
  const found = node.columns.map(({ column }) =>
    of.columns.find((each) => same(each.name, column.name)) ??
      refuse(`Unrecognized name: ${column.name}${suggest(column.name, scope.names())}`, column.at)
  )
  const [type, values] = unify(found.map((each) => each.value), "the columns of UNPIVOT", at)
  const labels = node.columns.map(({ column, label }, index) => {
    const text = label === undefined ? found[index]!.name ?? column.name : constantText(label)
    return text ?? refuse("A label of UNPIVOT is a text that is written out", label!.at)
  })
  const kept = of.columns.filter((each) => !found.includes(each))
  const name = env.shared.name("t")
  const inner = env.shared.name("u")
  const pairs = values.map((each, index) => `{'v': ${each.sql}, 'n': ${quoteText(labels[index]!)}}`)
  const selected = [
    ...kept.map((each, index) => `${each.value.sql} AS c${index}`),
    `unnest([${pairs.join(", ")}]) AS p`
  ]
  const count = kept.length
  const columns: ReadonlyArray<Column> = [
    ...kept.map((each, index): Column => ({
      name: each.name,
      value: value(`${name}.c${index}`, each.value.type, at, { isNumber: each.value.isNumber, isTotal: true })
    })),
    { name: node.value.name, value: value(`${name}.c${count}`, type, at, { isTotal: true }) },
    { name: node.name.name, value: value(`${name}.c${count + 1}`, Types.string, at, { isTotal: true }) }
  ]
  const outer = [
    ...kept.map((_, index) => `c${index}`),
    `struct_extract(p, 'v') AS c${count}`,
    `struct_extract(p, 'n') AS c${count + 1}`
  ]
  const where = node.withNulls ? "" : " WHERE struct_extract(p, 'v') IS NOT NULL"
  const sql = `SELECT ${outer.join(", ")} FROM (SELECT ${selected.join(", ")} FROM ${of.sql}) AS ${inner}${where}`
  return {
    sql: `(${numbered(sql, outer.length, false, env)}) AS ${name}`,
    columns,
    positions: positionsOf(name, env),
    isLoose: of.isLoose,
    ranges: node.alias === undefined ? [] : [{ name: node.alias.name, columns, value: undefined }]
  }
}
